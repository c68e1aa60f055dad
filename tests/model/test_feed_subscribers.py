"""Subscribers that break, fall behind, or begin again from an extract end in the state of a fresh read."""

import asyncio
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import psycopg
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dancu.infra.db import Database
from dancu.kernel.codes import Authority, ResidenceKind, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Malformed, Unavailable
from dancu.register import commands
from dancu.register.act import ActHeader
from dancu.register.feed import Happened, Place, Pointer, Sequencer, advance, catch_up, sequencer_dsn
from dancu.register.feed.extract import extract
from dancu.register.payloads import Payload, ResidenceGiven
from dancu.register.territory import locate
from dancu.register.verify.feed import feed_differences
from dancu.stats import count_all, recount

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
EXAMPLES = 60 if os.environ.get("DANCU_SOAK") else 8

OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(1, 6)),
        st.tuples(st.just("abort"), st.integers(1, 2)),
        st.tuples(st.just("sequence"), st.integers(1, 5)),
        st.tuples(st.just("sequence and break"), st.integers(0, 4)),
        st.tuples(st.just("advance"), st.integers(1, 5)),
        st.tuples(st.just("advance and break"), st.integers(0, 2)),
        st.tuples(st.just("begin again from an extract"), st.integers(0, 1)),
        st.tuples(st.just("count"), st.just(0)),
    ),
    min_size=6,
    max_size=18,
)


class BrokenOnPurposeError(Exception):
    pass


class Mirror:
    """A subscriber that keeps a copy of each person, and how often it was told each event.

    It is told to break before it takes (0), before it moves (1) or before its transaction ends (2).
    """

    def __init__(self, name: str, breaks: int | None = None) -> None:
        self.name = name
        self.pointer = Pointer(("mirror", "place"), name)
        self.breaks = breaks

    def place(self, own: psycopg.Connection[Any]) -> Place:
        return self.pointer.locked(own)

    def take(self, own: psycopg.Connection[Any], events: Sequence[Happened]) -> None:
        self._break_at(0)
        for event in events:
            own.execute(
                "INSERT INTO mirror.told AS t VALUES (%s, %s, %s, 1)"
                " ON CONFLICT (subscriber, person_id, seq) DO UPDATE SET times = t.times + 1",
                (self.name, event.person_id, event.seq),
            )
        persons = [(self.name, event.person_id) for event in events]
        for person in persons:
            own.execute(
                "INSERT INTO mirror.person SELECT %s, p.person_id, p.version, p.status, p.died"
                "  FROM register.person p WHERE p.person_id = %s"
                " ON CONFLICT (subscriber, person_id) DO UPDATE"
                " SET version = excluded.version, status = excluded.status, died = excluded.died",
                person,
            )

    def move(self, own: psycopg.Connection[Any], to: Place) -> None:
        self._break_at(1)
        self.pointer.move(own, to)
        self._break_at(2)

    def begin_again(self, own: psycopg.Connection[Any], file: Path) -> None:
        """Forget everything, and begin with an extract."""
        sequence, rows = read(file)
        with own.transaction():
            own.execute("DELETE FROM mirror.person WHERE subscriber = %s", (self.name,))
            own.execute("DELETE FROM mirror.told WHERE subscriber = %s", (self.name,))
            for row in rows:
                values = (self.name, row["person_id"], row["version"], row["status"], row["died"])
                own.execute("INSERT INTO mirror.person VALUES (%s, %s, %s, %s, %s)", values)
                told = "INSERT INTO mirror.told SELECT %s, %s, n, 1 FROM generate_series(1, %s) AS n"
                own.execute(told, (self.name, row["person_id"], row["version"]))
            self.pointer.move(own, Place(sequence))

    def _break_at(self, step: int) -> None:
        if self.breaks == step:
            raise BrokenOnPurposeError


def read(file: Path) -> tuple[int, list[dict[str, Any]]]:
    if file.suffix == ".parquet":
        table = pq.read_table(file)
        return int(table.schema.metadata[b"dancu.sequence"]), table.to_pylist()
    first, *rest = file.read_text(encoding="utf-8").splitlines()
    return int(json.loads(first)["sequence"]), [json.loads(line) for line in rest]


class Play:
    """One random history, two subscribers of whom one breaks, and the counter."""

    def __init__(self, dsn: str, folder: Path) -> None:
        self.dsn = dsn
        self.folder = folder
        self.people: list[int] = []
        self.own = psycopg.connect(dsn, autocommit=True)
        self.own.execute("TRUNCATE register.act, register.request, register.event, register.person")
        self.own.execute("TRUNCATE register.residence, register.outbox, register.feed, stats.population, stats.counted")
        self.own.execute("UPDATE register.feed_head SET sequence = 0; UPDATE stats.place SET sequence = 0, within = 0")
        self.own.execute(
            "DROP SCHEMA IF EXISTS mirror CASCADE; CREATE SCHEMA mirror;"
            "CREATE TABLE mirror.place (subscriber text PRIMARY KEY, sequence bigint, within integer);"
            "CREATE TABLE mirror.person (subscriber text, person_id bigint, version integer, status smallint,"
            "    died integer, PRIMARY KEY (subscriber, person_id));"
            "CREATE TABLE mirror.told (subscriber text, person_id bigint, seq integer, times integer,"
            "    PRIMARY KEY (subscriber, person_id, seq))"
        )
        self.steady, self.shaky = Mirror("steady"), Mirror("shaky")
        for one in (self.steady, self.shaky):
            one.pointer.move(self.own, Place())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.own.close()

    def play(self, what: str, how: int) -> None:
        match what:
            case "write":
                asyncio.run(self._write(how, aborted=False))
            case "abort":
                with suppress(BrokenOnPurposeError):
                    asyncio.run(self._write(how, aborted=True))
            case "sequence":
                with psycopg.connect(sequencer_dsn(self.dsn), autocommit=True) as own:
                    Sequencer(own, most=how).step()
            case "sequence and break":
                self._break_sequencer(how)
            case "advance":
                advance(self.own, self.own, self.shaky, most=how)
            case "advance and break":
                with suppress(BrokenOnPurposeError):
                    advance(self.own, self.own, Mirror("shaky", how), most=2)
            case "begin again from an extract":
                file = self.folder / ("x.parquet" if how else "x.ndjson")
                extract(self.dsn, file)
                self.shaky.begin_again(self.own, file)
            case _:
                count_all(self.dsn, now=NOW)

    def _break_sequencer(self, after: int) -> None:
        """End the sequencer's server process after some statements of its transaction."""
        with (
            suppress(psycopg.OperationalError),
            psycopg.connect(sequencer_dsn(self.dsn), autocommit=True) as own,
            own.transaction(),
        ):
            for _ in range(after):
                Sequencer(own, most=1).number_all()
            self.own.execute("SELECT pg_terminate_backend(%s, 5000)", (own.info.backend_pid,))

    async def _write(self, count: int, *, aborted: bool) -> None:
        new = list[int]()
        async with Database(self.dsn, size=1) as database, database.transaction(scope="nation") as tx:
            for i in range(count):
                common: dict[str, Any] = {"header": header(), "now": NOW, "locate": locate}
                if i % 3 == 0 or not (known := [*self.people, *new]):
                    stay = ResidenceGiven(ResidenceKind.PERMANENT, "06325", "Thôn 1", date(2010, 1, 1))
                    told = Payload(
                        name=("Lê", "Văn", "An"),
                        born=19800101,
                        sex=Sex.MALE,
                        residences=(stay,),
                        unit_day=date(2026, 11, 1),
                    )
                    new.append((await commands.establish_person(tx, told=told, **common)).person_id)
                    continue
                on = PartialDate.on(date(2026, 11, 24))
                told = Payload(phone=f"09{i:08}")
                person = known[-1 - i % len(known)]
                await commands.update_from_source(tx, person_id=person, told=told, valid_on=on, **common)
            await tx.rows("SELECT 1")
            if aborted:
                raise BrokenOnPurposeError
        self.people += new

    def fresh(self) -> list[Any]:
        return self.own.execute(
            "SELECT p.person_id, p.version, p.status, p.died FROM register.person p ORDER BY p.person_id"
        ).fetchall()

    def mirrored(self, one: Mirror) -> list[Any]:
        return self.own.execute(
            "SELECT person_id, version, status, died FROM mirror.person WHERE subscriber = %s ORDER BY person_id",
            (one.name,),
        ).fetchall()

    def told(self, one: Mirror) -> list[Any]:
        return self.own.execute(
            "SELECT person_id, seq, times FROM mirror.told WHERE subscriber = %s ORDER BY person_id, seq", (one.name,)
        ).fetchall()


def header() -> ActHeader:
    return ActHeader(Authority.CIVIL_REGISTRAR, "06325", uuid4(), "Luật Hộ tịch 60/2014/QH13")


@given(operations=OPERATIONS)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_breaks_every_subscriber_ends_in_the_state_of_a_fresh_read(
    database_dsn: str, tmp_path: Path, operations: list[tuple[str, int]]
) -> None:
    with Play(database_dsn, tmp_path) as play:
        for what, how in operations:
            play.play(what, how)
        with psycopg.connect(sequencer_dsn(database_dsn), autocommit=True) as own:
            Sequencer(own).run()
        catch_up(play.own, play.own, play.steady)
        catch_up(play.own, play.own, play.shaky, most=3)
        count_all(database_dsn, now=NOW)
        assert list(feed_differences(play.own)) == []
        every = play.own.execute("SELECT person_id, seq, 1 FROM register.event ORDER BY person_id, seq").fetchall()
        for one in (play.steady, play.shaky):
            assert play.mirrored(one) == play.fresh()
            assert play.told(one) == every
        assert list(recount(database_dsn, now=NOW)) == []


def test_an_extract_tells_just_what_the_feed_has_told(database_dsn: str, tmp_path: Path) -> None:
    with Play(database_dsn, tmp_path) as play:
        play.play("write", 4)
        play.play("sequence", 1)
        play.play("write", 3)
        for name in ("x.parquet", "x.ndjson"):
            done = extract(database_dsn, tmp_path / name)
            sequence, rows = read(tmp_path / name)
            assert (sequence, len(rows)) == (7, len(play.people)) == (done.sequence, done.persons)
            assert [(row["person_id"], row["version"], row["status"], row["died"]) for row in rows] == play.fresh()
            assert rows[0]["residences"][0]["unit"] == "06325"
            assert rows[0]["identifiers"] == []
        with pytest.raises(Malformed):
            extract(database_dsn, tmp_path / "x.xls")


def test_an_empty_register_gives_an_empty_extract(database_dsn: str, tmp_path: Path) -> None:
    for name in ("x.parquet", "x.ndjson"):
        assert (extract(database_dsn, tmp_path / name).sequence, read(tmp_path / name)) == (0, (0, []))


def test_an_extract_amid_writers_and_a_sequencer_is_exact(database_dsn: str, tmp_path: Path) -> None:
    with Play(database_dsn, tmp_path) as play:
        play.play("write", 5)

        def write() -> None:
            with suppress(Unavailable):  # each other's rows, in a ring
                play.play("write", 6)

        async def both() -> None:
            writing = asyncio.gather(*(asyncio.to_thread(write) for _ in range(6)))
            while not writing.done():
                await asyncio.to_thread(play.play, "sequence", 2)
                await asyncio.to_thread(play.play, "begin again from an extract", 1)
                await asyncio.to_thread(advance, play.own, play.own, play.shaky)
            await writing

        asyncio.run(both())
        with psycopg.connect(sequencer_dsn(database_dsn), autocommit=True) as own:
            Sequencer(own).run()
        catch_up(play.own, play.own, play.shaky)
        every = play.own.execute("SELECT person_id, seq, 1 FROM register.event ORDER BY person_id, seq").fetchall()
        assert play.told(play.shaky) == every
        assert play.mirrored(play.shaky) == play.fresh()
