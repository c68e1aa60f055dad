"""`dancu work`: what must be done regularly, whoever is at the desk."""

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import structlog

from dancu.access.accounts import retire_idle
from dancu.audit.log import make_partitions
from dancu.audit.sealing import keep_sealed
from dancu.infra.db import Database, Transaction
from dancu.kernel.errors import Unavailable
from dancu.kernel.time import today
from dancu.register.feed import keep_sequencing
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


DUTIES = (
    Duty("make the coming partitions of the log", timedelta(hours=6), _partitions),
    Duty("disable idle accounts", timedelta(hours=1), retire_idle),
)


LOOPS: tuple[Callable[[str, threading.Event], None], ...] = (keep_sequencing, keep_counting)
"""Work that never ends, each on connections of its own, until the event is set."""


async def run(dsn: str, home: Path) -> None:
    """Do every duty at its time, and the loops, until told to stop; a duty that fails is tried again at its next time.

    A loop that ends by a mistake ends the worker, which tells so.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    database = Database(dsn, size=1, application_name="dancu work", patient=True)
    async with database, asyncio.TaskGroup() as group:
        for duty in DUTIES:
            group.create_task(_keep(database, duty, stop))
        for one in LOOPS:
            group.create_task(_loop(one, dsn, stop))
        group.create_task(_loop(partial(keep_sealed, home=home), dsn, stop))


async def _loop(one: Callable[[str, threading.Event], None], dsn: str, stop: asyncio.Event) -> None:
    told = threading.Event()
    running = asyncio.create_task(asyncio.to_thread(one, dsn, told))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((running, stopping), return_when=asyncio.FIRST_COMPLETED)
    told.set()
    await running
    stopping.cancel()


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
