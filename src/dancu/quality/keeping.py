"""Measuring every night, in `dancu work`."""

import threading
from datetime import UTC, datetime, timedelta

import psycopg
import structlog

from dancu.kernel.time import STATE_TIME
from dancu.quality.run import AlreadyMeasuring, run

_log = structlog.get_logger("dancu.quality")

HOUR = 2
"""From this hour on, in the time of the state, a day is measured."""
_REST_S = 300.0


def keep_measuring(dsn: str, stop: threading.Event) -> None:
    """Measure each night what of the day is not measured yet, until told to stop.

    What an interruption left is measured the next time; where somebody else measures, or the database does not
    answer, it is tried again later.
    """
    while not stop.wait(pause_s(datetime.now(UTC))):
        try:
            done = run(dsn, now=datetime.now(UTC))
        except AlreadyMeasuring:
            continue
        except psycopg.OperationalError as error:
            _log.warning("nothing is measured", reason=type(error).__name__)
            continue
        if done.measured:
            _log.info("measured", count=len(done.measured))


def pause_s(now: datetime) -> float:
    """Return how long to wait: until the hour, and then five minutes at a time."""
    here = now.astimezone(STATE_TIME)
    begins = here.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    if here >= begins:
        return _REST_S
    return max((begins - here) / timedelta(seconds=1), 1.0)
