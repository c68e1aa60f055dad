"""The counts are those of the register, whatever comes, in whatever order; and what is tampered with is named."""

import asyncio
import sys
import threading
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from dancu.infra.db import Database, Transaction
from dancu.kernel.codes import Authority, Relation, ResidenceKind, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.time import today
from dancu.register import commands
from dancu.register.act import ActHeader
from dancu.register.commands import DeathDeclared, MoveDeclared
from dancu.register.commands.records import merge_records, unmerge_records
from dancu.register.feed import Place, Sequencer, advance, keep_sequencing, page, sequencer_dsn
from dancu.register.payloads import Payload, ResidenceGiven
from dancu.register.territory import locate
from dancu.stats import Base, Counter, count_all, keep_counting, population, recount, repair
from dancu.stats.keeping import counter_dsn

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
HERE, THERE = "06325", "26740"


def header() -> ActHeader:
    return ActHeader(Authority.CIVIL_REGISTRAR, HERE, uuid4(), "Luật Hộ tịch 60/2014/QH13")


def stay(kind: ResidenceKind, unit: str, since: date | None = None, until: date | None = None) -> ResidenceGiven:
    return ResidenceGiven(kind, unit, "Thôn 1", since or date(2010, 1, 1), until)


async def establish(tx: Transaction, sex: Sex, born: int | None, *stays: ResidenceGiven) -> int:
    told = Payload(name=("Lê", "Văn", "An"), born=born, sex=sex, residences=stays, unit_day=date(2026, 11, 1))
    return (await commands.establish_person(tx, header=header(), told=told, now=NOW, locate=locate)).person_id


async def couple(dsn: str) -> tuple[int, int]:
    """A man here; a woman registered here who lives there for a year."""
    async with Database(dsn, size=1) as database, database.transaction(scope="nation") as tx:
        man = await establish(tx, Sex.MALE, 19800101, stay(ResidenceKind.PERMANENT, HERE))
        woman = await establish(
            tx,
            Sex.FEMALE,
            19810000,
            stay(ResidenceKind.PERMANENT, HERE),
            stay(ResidenceKind.TEMPORARY, THERE, date(2026, 2, 1), date(2027, 2, 1)),
        )
    return man, woman


def sequence(dsn: str) -> None:
    with psycopg.connect(sequencer_dsn(dsn), autocommit=True) as connection:
        Sequencer(connection).run()


def counted(dsn: str, base: Base = Base.ABODE) -> dict[tuple[str, int, int], int]:
    with psycopg.connect(dsn) as connection:
        return {(one.unit, one.sex, one.born_year): one.persons for one in population(connection, base=base)}


def wrong(dsn: str, now: datetime = NOW) -> list[str]:
    return [one.what for one in recount(dsn, now=now)]


def up_to_date(dsn: str, now: datetime = NOW) -> None:
    sequence(dsn)
    count_all(dsn, now=now)


async def test_persons_count_where_they_live_and_in_each_layer(database_dsn: str) -> None:
    await couple(database_dsn)
    up_to_date(database_dsn)
    assert counted(database_dsn) == {(HERE, 1, 1980): 1, (THERE, 2, 1981): 1}
    assert counted(database_dsn, Base.PERMANENT) == {(HERE, 1, 1980): 1, (HERE, 2, 1981): 1}
    assert counted(database_dsn, Base.TEMPORARY) == {(THERE, 2, 1981): 1}
    assert wrong(database_dsn) == []


async def test_a_move_a_death_and_an_annulment_are_deltas(database_dsn: str) -> None:
    man, woman = await couple(database_dsn)
    up_to_date(database_dsn)
    async with Database(database_dsn, size=1) as database:
        async with database.transaction(scope="nation") as tx:
            move = MoveDeclared(((man, Relation.HEAD),), THERE, "Thôn 9", date(2026, 11, 20))
            await commands.record_move(tx, header=header(), move=move, now=NOW, locate=locate)
            death = DeathDeclared(woman, PartialDate(20261119))
            await commands.record_death(tx, header=header(), death=death, now=NOW, locate=locate)
        up_to_date(database_dsn)
        assert counted(database_dsn) == {(THERE, 1, 1980): 1}
        assert wrong(database_dsn) == []
        async with database.transaction(scope="nation") as tx:
            await commands.annul_event(tx, header=header(), person_id=man, seq=2, reason="x", now=NOW, locate=locate)
            await commands.annul_event(tx, header=header(), person_id=woman, seq=2, reason="x", now=NOW, locate=locate)
    up_to_date(database_dsn)
    assert counted(database_dsn) == {(HERE, 1, 1980): 1, (THERE, 2, 1981): 1}
    assert wrong(database_dsn) == []


async def test_a_merged_record_is_told_with_its_survivor_and_counts_no_more(
    database_dsn: str, connection: psycopg.Connection[Any]
) -> None:
    async with Database(database_dsn, size=1) as database:
        async with database.transaction(scope="nation") as tx:
            survivor = await establish(tx, Sex.MALE, 19800101, stay(ResidenceKind.PERMANENT, HERE))
            merged = await establish(tx, Sex.MALE, 19800101, stay(ResidenceKind.PERMANENT, THERE))
        up_to_date(database_dsn)
        common: dict[str, Any] = {"reason": "twice", "now": NOW, "locate": locate}
        async with database.transaction(scope="nation") as tx:
            await merge_records(tx, header=header(), survivor_id=survivor, merged_id=merged, **common)
        up_to_date(database_dsn)
        told = {one.person_id: one.survivor_id for one in page(connection, after=2)}
        assert told == {survivor: None, merged: survivor}
        assert sum(counted(database_dsn).values()) == 1
        assert wrong(database_dsn) == []
        async with database.transaction(scope="nation") as tx:
            await unmerge_records(tx, header=header(), merged_id=merged, **common)
    up_to_date(database_dsn)
    assert counted(database_dsn) == {(HERE, 1, 1980): 1, (THERE, 1, 1980): 1}
    assert wrong(database_dsn) == []


async def test_who_lives_nowhere_and_has_no_birth_is_counted_as_unknown(database_dsn: str) -> None:
    async with Database(database_dsn, size=1) as database, database.transaction(scope="nation") as tx:
        await establish(tx, Sex.UNKNOWN, None)
        await establish(tx, Sex.MALE, 19700000, stay(ResidenceKind.PERMANENT, HERE, until=date(2020, 1, 1)))
    up_to_date(database_dsn)
    assert counted(database_dsn) == {("", 0, 0): 1, ("", 1, 1970): 1}
    assert counted(database_dsn, Base.PERMANENT) == {}


async def test_a_stay_that_ends_by_itself_is_counted_from_that_day(database_dsn: str) -> None:
    await couple(database_dsn)
    up_to_date(database_dsn)
    later = datetime(2027, 1, 31, 17, tzinfo=UTC)  # midnight in Viet Nam
    assert today(later) == date(2027, 2, 1)
    assert wrong(database_dsn, later) == []  # known to be due
    with psycopg.connect(counter_dsn(database_dsn), autocommit=True) as own:
        assert Counter(lambda: later - timedelta(seconds=1)).count_due(own) == 0
        assert Counter(lambda: later).count_due(own) == 1
        assert Counter(lambda: later).count_due(own) == 0
    assert counted(database_dsn) == {(HERE, 1, 1980): 1, (HERE, 2, 1981): 1}
    assert counted(database_dsn, Base.TEMPORARY) == {}
    assert wrong(database_dsn, later) == []


async def test_reading_the_feed_again_changes_nothing(database_dsn: str, connection: psycopg.Connection[Any]) -> None:
    await couple(database_dsn)
    up_to_date(database_dsn)
    before = [counted(database_dsn, base) for base in Base]
    connection.execute("UPDATE stats.place SET sequence = 0")
    up_to_date(database_dsn)
    assert [counted(database_dsn, base) for base in Base] == before
    assert wrong(database_dsn) == []


async def test_several_processes_count_again_as_of_one_moment(
    database_dsn: str, connection: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["dancu.stats.recount"], "_PERSONS_A_SLICE", 1)
    await couple(database_dsn)
    up_to_date(database_dsn)
    assert list(recount(database_dsn, now=NOW, workers=2)) == []
    connection.execute("UPDATE stats.counted SET sex = 0")
    counted_twice = [0]
    found = list(recount(database_dsn, now=NOW, workers=2, progress=counted_twice.append))
    assert (sum(counted_twice), sum(one.person_id is not None for one in found)) == (2, 2)


async def motley(dsn: str) -> None:
    """People whose stays are past, future, of all layers, and of a commune that was split; and some who don't count."""
    now, old = date(2026, 11, 1), date(2024, 1, 1)
    layers = list(ResidenceKind)
    spans = [
        (None, None),
        (date(2020, 1, 1), None),
        (date(2020, 1, 1), date(2025, 1, 1)),
        (date(2026, 11, 24), None),
        (date(2026, 11, 25), None),
        (date(2026, 1, 1), date(2026, 11, 25)),
        (date(2026, 1, 1), date(2026, 11, 24)),
    ]
    places = [
        (HERE, "Thôn 1", now),
        ("00007", "12 phố Đội Cấn", old),
        ("00007", "phường Ngọc Hà", old),
        ("01", "", now),
    ]
    async with Database(dsn, size=1) as database, database.transaction(scope="nation") as tx:
        for i in range(60):
            unit, detail, unit_day = places[i % 4]
            stays = [
                ResidenceGiven(kind, unit, detail, *spans[(i + j * 3) % 7]) for j, kind in enumerate(layers[: i % 4])
            ]
            told = Payload(
                name=("Lê", "Văn", "An"),
                born=(None, 19800101, 19900000)[i % 3],
                sex=i % 3,
                residences=tuple(stays),
                unit_day=unit_day,
                died=20251231 if i % 11 == 0 else None,
            )
            await commands.establish_person(tx, header=header(), told=told, now=NOW, locate=locate)


async def test_the_first_count_is_what_page_after_page_would_be(
    database_dsn: str, connection: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    await motley(database_dsn)
    up_to_date(database_dsn)
    told = "SELECT c.* FROM stats.counted c ORDER BY c.person_id"
    page_after_page = connection.execute(told.encode()).fetchall(), [counted(database_dsn, base) for base in Base]
    connection.execute("TRUNCATE stats.counted; UPDATE stats.place SET sequence = 0")
    monkeypatch.setattr(sys.modules["dancu.stats.fill"], "_FEW", 1)
    monkeypatch.setattr(Counter, "count_due", lambda *_: 0)
    monkeypatch.setattr(sys.modules["dancu.stats.keeping"], "advance", lambda *_, **__: False)
    up_to_date(database_dsn)
    assert (connection.execute(told.encode()).fetchall(), [counted(database_dsn, b) for b in Base]) == page_after_page
    assert wrong(database_dsn) == []
    assert connection.execute("SELECT sequence FROM stats.place").fetchone() == (60,)


async def test_the_counter_waits_while_a_first_load_goes_on(
    database_dsn: str, connection: psycopg.Connection[Any]
) -> None:
    connection.execute("INSERT INTO register.deferred_index VALUES ('an index')")
    await couple(database_dsn)
    up_to_date(database_dsn)
    assert counted(database_dsn) == {}
    connection.execute("DELETE FROM register.deferred_index")
    up_to_date(database_dsn)
    assert len(counted(database_dsn)) == 2


async def test_what_is_not_counted_yet_is_no_difference(database_dsn: str) -> None:
    await couple(database_dsn)
    assert wrong(database_dsn) == []
    sequence(database_dsn)
    assert wrong(database_dsn) == []


@pytest.mark.parametrize(
    ("tampering", "expected"),
    [
        ("UPDATE stats.population SET persons = persons + 1 WHERE base = 3", "it says 2 and should be 1"),
        ("DELETE FROM stats.population WHERE base = 2 AND sex = 1", "it says 0 and should be 1"),
        ("DELETE FROM stats.counted WHERE sex = 1", "the person is not counted"),
        ("UPDATE stats.counted SET sex = 2 WHERE sex = 1", "counted with another sex"),
        ("UPDATE stats.counted SET abode = '06325'", "counted with another abode"),
        ("INSERT INTO stats.counted (person_id, born_year, sex) VALUES (4711, 0, 0)", "has not"),
        ("UPDATE stats.counted SET due_on = NULL", "counted with another due_on"),
    ],
)
async def test_a_count_that_is_wrong_is_named_and_put_right(
    database_dsn: str, connection: psycopg.Connection[Any], tampering: str, expected: str
) -> None:
    await couple(database_dsn)
    up_to_date(database_dsn)
    right = [counted(database_dsn, base) for base in Base]
    connection.execute(tampering.encode())
    found = wrong(database_dsn)
    assert any(expected in what for what in found), found
    assert repair(database_dsn, recount(database_dsn, now=NOW), now=NOW) == len(found)
    assert wrong(database_dsn) == []
    assert [counted(database_dsn, base) for base in Base] == right


async def test_a_counter_that_breaks_amid_a_page_counts_it_once(
    database_dsn: str, connection: psycopg.Connection[Any]
) -> None:
    await couple(database_dsn)
    sequence(database_dsn)

    class Broken(Counter):
        def move(self, own: psycopg.Connection[Any], to: Place) -> None:
            connection.execute("SELECT pg_terminate_backend(%s, 5000)", (own.info.backend_pid,))
            super().move(own, to)

    with pytest.raises(psycopg.OperationalError), psycopg.connect(counter_dsn(database_dsn), autocommit=True) as own:
        advance(own, own, Broken(lambda: NOW))
    assert counted(database_dsn) == {}
    count_all(database_dsn, now=NOW)
    assert counted(database_dsn) == {(HERE, 1, 1980): 1, (THERE, 2, 1981): 1}


async def test_the_worker_counts_within_two_seconds(database_dsn: str) -> None:
    stop = threading.Event()
    loops = [
        threading.Thread(target=keep_sequencing, args=(database_dsn, stop)),
        threading.Thread(target=keep_counting, args=(database_dsn, stop, lambda: NOW)),
    ]
    for loop in loops:
        loop.start()
    await asyncio.sleep(1.0)
    await couple(database_dsn)
    begun = time.monotonic()
    while len(counted(database_dsn)) < 2:
        assert time.monotonic() - begun < 2.0
        await asyncio.sleep(0.05)
    stop.set()
    for loop in loops:
        loop.join()
