"""Officers act at once, at random, on one village, while the worker numbers and counts: feed and counts hold."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from tests.model.test_histories import LONG, officers
from tests.model.village import BEGIN

from dancu.register.feed import Sequencer, keep_sequencing, sequencer_dsn
from dancu.register.verify.feed import feed_differences
from dancu.stats import Base, count_all, keep_counting, population, recount

NOW = BEGIN + timedelta(days=30)


@contextmanager
def worker(dsn: str) -> Iterator[None]:
    stop = threading.Event()
    loops = [
        threading.Thread(target=keep_sequencing, args=(dsn, stop)),
        threading.Thread(target=keep_counting, args=(dsn, stop, lambda: NOW)),
    ]
    for loop in loops:
        loop.start()
    try:
        yield
    finally:
        stop.set()
        for loop in loops:
            loop.join()


@pytest.mark.parametrize("seed", range(30 if LONG else 2))
def test_feed_and_counts_hold_whatever_happens_in_a_village(database_dsn: str, seed: int) -> None:
    with worker(database_dsn):
        asyncio.run(officers(database_dsn, 1_000 + seed, 25))
    with psycopg.connect(sequencer_dsn(database_dsn), autocommit=True) as own:
        Sequencer(own).run()
    count_all(database_dsn, now=NOW)
    assert list(recount(database_dsn, now=NOW)) == []
    with psycopg.connect(database_dsn) as connection:
        assert list(feed_differences(connection)) == []
        living = connection.execute("SELECT count(*) FROM register.person WHERE status IN (1, 4)").fetchone()
        assert (sum(one.persons for one in population(connection, base=Base.ABODE)),) == living
