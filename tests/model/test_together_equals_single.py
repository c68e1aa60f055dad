"""Particulars taken over set by set and one by one leave the same database, to every hash: ids and clock are given."""

import asyncio
import itertools
import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.model.test_bulk_equals_single import HEADER, NOW, bulk, chunks, content, emptied, told, without_acts
from tests.store.test_intake_stages import person, write_csv

from dancu.infra import db
from dancu.infra.db import Database
from dancu.infra.keys import ring as key_ring
from dancu.intake import loader, loading, plan, sets
from dancu.intake.news import news
from dancu.kernel.codes import IdentifierScheme
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import DancuError
from dancu.register import commands, store
from dancu.register.bulk import Telling, Together, plain_histories, together
from dancu.register.genesis import genesis_payload
from dancu.register.kinds import EventKind
from dancu.register.payloads import IdentifierGiven, Payload
from dancu.register.sensitive import opened
from dancu.register.territory import locate

EXAMPLES = 400 if os.environ.get("DANCU_SOAK") else 25
LATER = NOW + timedelta(hours=1)
TODAY = PartialDate.on(date(2026, 11, 24))


@pytest.fixture(autouse=True)
def _the_same_nonce(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_ring, "_nonce", lambda: bytes(12))


def tellings_of(dsn: str, rows: list[dict[str, Any]], later: list[dict[str, Any]]) -> list[Telling]:
    """What further records tell of some persons that the register does not know."""
    found = []
    with psycopg.connect(dsn, autocommit=True, options="-c role=dancu_loader") as connection:
        histories = plain_histories(connection, [row["person_id"] for row in rows])
    for row, other in zip(rows, later, strict=False):
        life = histories[row["person_id"]].record
        assert life is not None
        links = {**other, "spouse_id": None, "spouse_given": None, "spouse_surname": None, "household_id": None}
        said = genesis_payload({**links, "unit_day": other["unit_day"] or NOW.date()}, source_record=other["record"])
        old = IdentifierGiven(IdentifierScheme.CMND9, f"07{row['record'] % 2:07}")
        fresh = news(opened(life, db.NO_KEYS), replace_identifiers(said, old)).told
        if fresh is not None:
            found.append(Telling(row["person_id"], fresh, TODAY))
    return found


def replace_identifiers(said: Payload, *identifiers: IdentifierGiven) -> Payload:
    fields = {name: getattr(said, name) for name in Payload.__struct_fields__}
    return Payload(**fields | {"identifiers": identifiers, "died": None, "membership": None, "marriage": None})


def told_together(dsn: str, tellings: list[Telling], patch: pytest.MonkeyPatch, *, at_once: bool) -> set[int]:
    groups = [tellings] if at_once else [[one] for one in tellings]
    left = set[int]()
    with psycopg.connect(dsn, autocommit=True, options="-c role=dancu_loader") as connection:
        for number, group in enumerate(groups):
            patch.setattr(together, "new_id", lambda number=number: 5000 + number)
            header = replace(HEADER, batch_id=None)
            writer = Together(connection, header=header, now=LATER, locate=locate, ring=db.NO_KEYS)
            with connection.transaction():
                ids = [one.person_id for one in group]
                assert writer.lock(ids) == dict.fromkeys(sorted(ids), 1)
                histories = plain_histories(connection, ids)
                left |= writer.update(
                    group, histories, kind=EventKind.PARTICULARS_UPDATED, request_id=UUID(int=5000 + number)
                )
    return left


async def told_singly(dsn: str, tellings: list[Telling], patch: pytest.MonkeyPatch, left: set[int]) -> None:
    async with Database(dsn, role="dancu_loader", size=1) as database:
        for number, one in enumerate(tellings):
            if one.person_id in left:
                continue
            ids = itertools.chain([5000 + number], itertools.count(10**9 * (number + 1)))
            patch.setattr(store, "new_id", ids.__next__)
            async with database.transaction(scope="nation") as tx:
                await commands.update_from_source(
                    tx,
                    header=replace(HEADER, request_id=UUID(int=5000 + number)),
                    person_id=one.person_id,
                    told=one.told,
                    valid_on=one.valid_on,
                    now=LATER,
                    locate=locate,
                )


@given(rows=chunks(), later=st.lists(st.integers(1, 4).flatmap(told), min_size=1, max_size=4))
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_together_and_single_leave_the_same_database(
    database_dsn: str, monkeypatch: pytest.MonkeyPatch, rows: list[dict[str, Any]], later: list[dict[str, Any]]
) -> None:
    found, left = [], set[int]()
    for way in ("one act each", "one act", "single"):
        emptied(database_dsn)
        bulk(database_dsn, rows)
        tellings = tellings_of(database_dsn, rows, later)
        if way == "single":
            asyncio.run(told_singly(database_dsn, tellings, monkeypatch, left))
        else:
            left = told_together(database_dsn, tellings, monkeypatch, at_once=way == "one act")
        found.append(content(database_dsn))
    each, at_once, single = found
    for table in single:
        assert single[table] == each[table], table
    assert without_acts(at_once) == without_acts(each)


@pytest.mark.anyio
async def test_a_file_is_applied_alike_set_by_set_and_record_by_record(
    database_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """News of known people, newcomers, one person twice, doubts: decisions and facts are the same."""
    known = [person(n) | {"Dân tộc": ""} for n in range(40)]
    later = [person(n) for n in range(10, 60)] + [person(12), person(3) | {"Giới tính": "Nữ"}]
    answers = []
    for way in ("sets", "records"):
        emptied(database_dsn)
        with psycopg.connect(database_dsn) as connection:
            connection.execute("TRUNCATE intake.batch, intake.chunk, intake.queued, intake.finding, intake.stage")
        ids = itertools.count(1_000_000)
        monkeypatch.setattr(loader, "new_id", ids.__next__)
        monkeypatch.setattr(sets, "plain", plan_nothing if way == "records" else PLAIN)
        monkeypatch.setattr(loader, "plain", plan_nothing if way == "records" else PLAIN)
        async with Database(database_dsn, role="dancu_loader", size=7, patient=True) as database:
            options: dict[str, Any] = {"source": "phường", "now": NOW, "folder": tmp_path / way}
            await loading.load(database, write_csv(tmp_path / "known.csv", known), **options)
            done = await loading.load(database, write_csv(tmp_path / "later.csv", later), **options)
        with psycopg.connect(database_dsn) as connection:
            told_by = connection.execute(
                "SELECT c.decisions, c.reasons, c.persons FROM intake.chunk c WHERE c.batch_id = %s", (done.batch,)
            ).fetchall()
        answers.append((vars(done) | {"batch": 0}, told_by, without_acts(content(database_dsn))))
    assert answers[0] == answers[1]
    assert answers[0][0]["updated"] > 20


PLAIN = sets.plain


def plan_nothing(_: Any) -> list[plan.Planned]:
    """Leave every record to the single way."""
    return []


@pytest.mark.anyio
async def test_what_the_register_refuses_waits_for_a_clerk(
    database_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Never(DancuError):
        pass

    async def refuse(*_: object, **__: object) -> None:
        raise Never("no")

    monkeypatch.setattr(sets, "plain", plan_nothing)
    monkeypatch.setattr(loader, "plain", plan_nothing)
    monkeypatch.setattr(commands, "establish_person", refuse)
    async with Database(database_dsn, role="dancu_loader", size=7, patient=True) as database:
        path = write_csv(tmp_path / "known.csv", [person(1)])
        done = await loading.load(database, path, source="phường", now=NOW, folder=tmp_path)
    assert (done.queued, done.created) == (1, 0)
    with psycopg.connect(database_dsn) as connection:
        assert connection.execute("SELECT reason FROM intake.queued").fetchone() == (17,)
