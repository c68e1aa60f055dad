"""`dancu work`: what must be done regularly, whoever is at the desk."""

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import structlog

from dancu.access.accounts import retire_idle
from dancu.audit.log import make_partitions
from dancu.audit.sealing import keep_sealed
from dancu.dossiers.documents.store import drop_due
from dancu.infra.db import Database, Transaction
from dancu.infra.settings import Settings
from dancu.intake.adjudication.carrying import keep_carrying_out
from dancu.intake.pushed import keep_answering
from dancu.intake.rejects import drop_originals
from dancu.intake.uploads import keep_loading
from dancu.kernel.errors import Unavailable
from dancu.kernel.time import today
from dancu.quality.keeping import keep_measuring
from dancu.register.expiry import end_expired_stays, end_ties_of_minors
from dancu.register.feed import keep_sequencing
from dancu.register.notices import drop_months, make_months
from dancu.register.territory import locate
from dancu.stats import keep_counting

_log = structlog.get_logger("dancu.work")


@dataclass(frozen=True)
class Duty:
    """A piece of regular work; doing it twice is harmless."""

    name: str
    every: timedelta
    do: Callable[[Transaction, datetime], Awaitable[int]]


async def _partitions(tx: Transaction, now: datetime) -> int:
    return await make_partitions(tx, today(now))


async def _stay_months(tx: Transaction, now: datetime) -> int:
    return await make_months(tx, today(now))


async def _expired_stays(tx: Transaction, now: datetime) -> int:
    return await end_expired_stays(tx, now=now, locate=locate)


async def _minors_of_age(tx: Transaction, now: datetime) -> int:
    return await end_ties_of_minors(tx, now=now, locate=locate)


DUTIES = (
    Duty("make the coming partitions of the log", timedelta(hours=6), _partitions),
    Duty("make the coming months of stays", timedelta(hours=6), _stay_months),
    Duty("end temporary residences that have expired", timedelta(minutes=10), _expired_stays),
    Duty("end guardianships of who has come of age", timedelta(hours=1), _minors_of_age),
    Duty("disable idle accounts", timedelta(hours=1), retire_idle),
    Duty("drop documents at the end of retention", timedelta(hours=1), drop_due),
    Duty("drop originals of rejected records at the end of retention", timedelta(hours=6), drop_originals),
)


Loop = Callable[[str, threading.Event], None]
LOOPS: tuple[Loop, ...] = (keep_sequencing, keep_counting, keep_measuring)
"""Work that never ends, each on connections of its own, until the event is set."""


def loops_of(home: Path) -> tuple[Loop, ...]:
    """Return all loops of an installation; each needs a thread of its own for as long as the worker runs."""
    at_home = (keep_sealed, keep_carrying_out, keep_loading, keep_answering)
    return (*LOOPS, *(partial(one, home=home) for one in at_home))


def stays_dropped(kept_months: int) -> Duty:
    """Return the duty that drops notices of stay at the end of retention."""

    async def drop(tx: Transaction, now: datetime) -> int:
        return await drop_months(tx, today(now), kept_months=kept_months)

    return Duty("drop notices of stay at the end of retention", timedelta(hours=6), drop)


async def run(dsn: str, settings: Settings) -> None:
    """Do every duty at its time, and the loops, until told to stop; a duty that fails is tried again at its next time.

    A loop that ends by a mistake is logged and begins again: the desk must not stand still for a count.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loops = loops_of(settings.home)
    database = Database(dsn, size=1, application_name="dancu work", patient=True)
    with ThreadPoolExecutor(len(loops), "loop") as threads:
        async with database, asyncio.TaskGroup() as group:
            for duty in (*DUTIES, stays_dropped(settings.stays_kept_months)):
                group.create_task(_keep(database, duty, stop))
            for one in loops:
                group.create_task(_loop(one, dsn, stop, threads))


async def _loop(one: Loop, dsn: str, stop: asyncio.Event, threads: ThreadPoolExecutor) -> None:
    told = threading.Event()
    running = asyncio.get_running_loop().run_in_executor(threads, again_and_again, one, dsn, told)
    await stop.wait()
    told.set()
    await running


def again_and_again(one: Loop, dsn: str, told: threading.Event, *, rest_s: float = 5.0) -> None:
    """Run a loop until it is told to stop, and begin it again after a rest when it ends by a mistake."""
    while not told.is_set():
        try:
            one(dsn, told)
        except Exception:  # noqa: BLE001 -- whatever it is, it is logged and the rest goes on
            _log.exception("a loop broke and begins again", loop=getattr(one, "__name__", repr(one)))
            told.wait(rest_s)


async def _keep(database: Database, duty: Duty, stop: asyncio.Event) -> None:
    while not stop.is_set():
        await perform(database, duty, datetime.now(UTC))
        try:
            await asyncio.wait_for(stop.wait(), duty.every.total_seconds())
        except TimeoutError:
            continue


async def perform(database: Database, duty: Duty, now: datetime) -> int | None:
    """Do a duty once; None when the database does not answer."""
    try:
        async with database.transaction(scope="none") as tx:
            done = await duty.do(tx, now)
    except Unavailable:
        _log.warning("the database does not answer", duty=duty.name)
        return None
    if done:
        _log.info("done", duty=duty.name, count=done)
    return done
