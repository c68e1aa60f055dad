"""A first load and single events leave the same database, to every hash: ids and clock are given to both."""

import asyncio
import itertools
import os
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import psycopg
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dancu.infra import db
from dancu.infra.db import Database
from dancu.infra.keys import ring as key_ring
from dancu.intake.normal import NORMAL
from dancu.kernel.codes import Authority
from dancu.kernel.text import fold
from dancu.register import commands, store
from dancu.register.act import ActHeader, NewHousehold
from dancu.register.bulk import BulkLoad, Prepared, start_clocks
from dancu.register.genesis import genesis_payload
from dancu.register.territory import locate

NOW = datetime(2026, 11, 24, 2, 3, 4, 56_789, tzinfo=UTC)
EXAMPLES = 400 if os.environ.get("DANCU_SOAK") else 25

TOLD = pa.schema(
    [
        *NORMAL,
        *(pa.field(f"{role}_id", pa.int64()) for role in ("person", "father", "mother", "spouse", "household")),
        pa.field("cmnd9_ordinal", pa.int32()),
        pa.field("passport_ordinal", pa.int32()),
        pa.field("forms_household", pa.bool_()),
    ]
)

UNITS = st.sampled_from(["06325", "26740", "01", "79", "00001", "06978", "27028", "498", ""])
TEXTS = st.one_of(
    st.sampled_from(['Thôn 3, xã "Mới"', "12\\4 Lê Lợi", "Tổ 5, đường số 7/2", "Khu phố 3 – phường 1", "x\ty\nz"]),
    st.text(st.characters(exclude_categories=("Cs", "Cn", "Cc")), max_size=12),
)
NAMES = st.sampled_from(["Nguyễn", "Thị", "Hương", "Y Bđan", "H'Mai", "", "Đặng", "Ơ", "Niê Kđăm"])
BIRTHS = st.one_of(st.sampled_from([19580000, 19580900, 19790101, 20240229, 20261120]), st.none())
DAYS = st.one_of(st.none(), st.dates(date(1950, 1, 1), date(2026, 11, 24)))


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


@st.composite
def told(draw: st.DrawFn, record: int) -> dict[str, Any]:
    given_name = draw(NAMES.filter(bool))
    surname, middle = draw(NAMES), draw(NAMES)
    row: dict[str, Any] = dict.fromkeys(TOLD.names)
    row |= {
        "record": record,
        "first_line": record,
        "last_line": record,
        "kind": "persons",
        "surname": surname or None,
        "middle": middle or None,
        "given": given_name,
        "name_key": fold(f"{surname} {middle} {given_name}"),
        "person_id": draw(st.integers(1, 2**59)) * 8 + record,
        "personal_number": draw(optional(st.just(f"0201580{record:05}"))),
        "cmnd9": draw(optional(st.just(f"08{record:07}"))),
        "passport": draw(optional(st.just(f"C{record:07}"))),
        "born": draw(BIRTHS),
        "died_on": draw(st.one_of(st.none(), st.none(), st.sampled_from([20200000, 20261101, 20100315]))),
        "household_id": draw(optional(st.integers(1, 2**59).map(lambda one: one * 8 + record))),
        "forms_household": True,
        "household_no": f"HK{record}",
        "unit_day": draw(optional(st.sampled_from([date(2026, 11, 1), date(2024, 6, 30), date(2022, 10, 1)]))),
        "email": draw(optional(st.just("an@example.vn"))),
        "phone": draw(optional(st.just("0912345678"))),
        "nationality": draw(optional(st.just("VNM"))),
        "other_name": draw(optional(st.just("Ánh Tuyết"))),
        "married_on": draw(optional(st.sampled_from([19790000, 20010114]))),
    }
    for field in ("sex", "blood", "marital"):
        row[field] = draw(optional(st.integers(0, 2)))
    for field in ("ethnicity", "religion"):
        row[field] = draw(optional(st.integers(0, 150)))
    row["subject"] = draw(optional(st.sampled_from([1, 2, 3])))
    row["relation"] = draw(optional(st.integers(1, 11)))
    for relative in ("father", "mother"):
        row[f"{relative}_id"] = draw(optional(st.integers(1, 2**62)))
        row[f"{relative}_name"] = draw(optional(st.just("Trần Văn Ba")))
        row[f"{relative}_number"] = draw(optional(st.just("020058000001")))
    row["spouse_id"] = draw(optional(st.integers(1, 2**62)))
    row["spouse_given"] = draw(optional(NAMES))
    row["spouse_surname"] = draw(optional(NAMES))
    for layer in ("permanent", "temporary", "current"):
        row[f"{layer}_unit"] = draw(optional(UNITS))
        row[f"{layer}_address"] = draw(optional(TEXTS))
        row[f"{layer}_since"] = draw(DAYS)
    row["temporary_until"] = draw(DAYS)
    for place in ("birth_place", "origin"):
        row[f"{place}_unit"], row[f"{place}_text"] = draw(optional(UNITS)), draw(optional(TEXTS))
    row["birth_registration_unit"] = draw(optional(UNITS))
    if row["temporary_since"] and row["temporary_until"] and row["temporary_until"] <= row["temporary_since"]:
        row["temporary_until"] = None
    return row


@st.composite
def chunks(draw: st.DrawFn) -> list[dict[str, Any]]:
    return [draw(told(record)) for record in range(1, draw(st.integers(1, 4)) + 1)]


@pytest.fixture(autouse=True)
def _the_same_nonce(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sealed facts of the two ways can be compared where chance is left out."""
    monkeypatch.setattr(key_ring, "_nonce", lambda: bytes(12))


HEADER = ActHeader(Authority.POPULATION_DATABASE, "", UUID(int=1), "Luật Căn cước 26/2023/QH15, Điều 10", source="s")


def bulk_at_once(dsn: str, rows: list[dict[str, Any]]) -> None:
    with psycopg.connect(dsn, autocommit=True, options="-c role=dancu_loader") as connection:
        load = BulkLoad(connection, header=HEADER, now=NOW, locate=locate, ring=db.NO_KEYS)
        assert list(load.establish([Prepared(pa.Table.from_pylist(rows, schema=TOLD), 1, UUID(int=1))])) == [len(rows)]


def bulk(dsn: str, rows: list[dict[str, Any]]) -> None:
    with psycopg.connect(dsn, autocommit=True, options="-c role=dancu_loader") as connection:
        load = BulkLoad(connection, header=HEADER, now=NOW, locate=locate, ring=db.NO_KEYS)
        prepared = (
            Prepared(pa.Table.from_pylist([row], schema=TOLD), 1000 + row["record"], UUID(int=row["record"]))
            for row in rows
        )
        assert list(load.establish(prepared)) == [1] * len(rows)
        start_clocks(connection, NOW.date())


async def single(dsn: str, rows: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    async with Database(dsn, role="dancu_loader", size=1) as database:
        for row in rows:
            # The first id is of the act; a further one is of a clock.
            ids = itertools.chain([1000 + row["record"]], itertools.count(10**9 * row["record"]))
            monkeypatch.setattr(store, "new_id", ids.__next__)
            unit_day = row["unit_day"] or date(2026, 11, 24)
            household = NewHousehold(
                row["household_id"] or 0,
                row["household_no"],
                row["permanent_unit"] or "",
                row["permanent_address"] or "",
                unit_day,
                row["permanent_since"],
            )
            header = ActHeader(**{**vars(HEADER), "request_id": UUID(int=row["record"])})
            async with database.transaction(scope="nation") as tx:
                await commands.establish_person(
                    tx,
                    header=header,
                    told=genesis_payload({**row, "unit_day": unit_day}, source_record=row["record"]),
                    now=NOW,
                    locate=locate,
                    person_id=row["person_id"],
                    households=(household,) if row["household_id"] else (),
                )


TABLES = {
    "event": "person_id, seq",
    "person": "person_id",
    "identifier": "value, scheme",
    "residence": "person_id, row_no",
    "membership": "person_id, row_no",
    "former_name": "person_id, row_no",
    "household": "household_id",
    "act": "act_id",
    "request": "request_id",
}


def content(dsn: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    with psycopg.connect(dsn) as connection:
        for table, order in TABLES.items():
            rows = connection.execute(
                f"SELECT to_jsonb(t) - 'valid_on' FROM register.{table} t ORDER BY {order}"
                if table == "act"
                else f"SELECT to_jsonb(t) FROM register.{table} t ORDER BY {order}"
            ).fetchall()
            found[table] = [row[0] for row in rows]
        texts = connection.execute(
            "SELECT e.payload::text FROM register.event e ORDER BY e.person_id, e.seq"
        ).fetchall()
        found["payload"] = [row[0] for row in texts]
    return found


def clocks(dsn: str) -> list[Any]:
    with psycopg.connect(dsn) as connection:
        return connection.execute("SELECT household_id, kind FROM register.clock ORDER BY household_id").fetchall()


def emptied(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "TRUNCATE "
            + ", ".join(f"register.{table}" for table in TABLES)
            + ", register.outbox, register.number_block, register.clock"
        )


@given(rows=chunks())
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_bulk_and_single_leave_the_same_database(
    database_dsn: str, monkeypatch: pytest.MonkeyPatch, rows: list[dict[str, Any]]
) -> None:
    emptied(database_dsn)
    bulk(database_dsn, rows)
    of_bulk, clocks_of_bulk = content(database_dsn), clocks(database_dsn)
    emptied(database_dsn)
    asyncio.run(single(database_dsn, rows, monkeypatch))
    of_single = content(database_dsn)
    assert clocks(database_dsn) == clocks_of_bulk
    for table in of_single:
        assert of_single[table] == of_bulk[table], table


def without_acts(found: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """What does not depend on how persons are grouped into acts; a hash covers the act."""
    for event in found["event"]:
        del event["act_id"], event["hash"]
    return {name: rows for name, rows in found.items() if name not in {"act", "request"}}


@given(rows=chunks())
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_the_size_of_chunks_shows_in_acts_only(database_dsn: str, rows: list[dict[str, Any]]) -> None:
    emptied(database_dsn)
    bulk(database_dsn, rows)
    one_by_one = content(database_dsn)
    emptied(database_dsn)
    bulk_at_once(database_dsn, rows)
    at_once = content(database_dsn)
    assert at_once["act"][0]["persons"] == [row["person_id"] for row in rows]
    assert without_acts(at_once) == without_acts(one_by_one)
