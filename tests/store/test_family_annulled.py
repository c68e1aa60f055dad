"""Acts of family that were mistaken: each falls as a whole, for everybody in it; and one-sided links are found."""

from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import pytest
from tests.store.family import common, couple, life_of, person
from tests.store.test_status_acts import declared

from dancu.infra.db import Database, Transaction
from dancu.kernel.codes import Capacity, ProtectionGround, Sex, TieKind
from dancu.kernel.dates import PartialDate
from dancu.register import commands, store
from dancu.register.commands import (
    AdoptionDeclared,
    DeathDeclared,
    MarriageEndDeclared,
    ParentDeclared,
    RecognitionDeclared,
    TieDeclared,
)
from dancu.register.kinds import EventKind
from dancu.register.ledger import chain_hash
from dancu.register.model import Life
from dancu.register.payloads import Payload
from dancu.register.verify import verify

pytestmark = pytest.mark.anyio

Act = Callable[[Transaction, dict[str, int]], Awaitable[commands.Recorded]]
DAY = PartialDate(20200601)


async def people(tx: Transaction) -> dict[str, int]:
    man, woman = await couple(tx)
    child = await person(tx, Sex.MALE, 20150301, mother=woman)
    ward, guardian = await person(tx, Sex.FEMALE, 20120301), await person(tx)
    return {"man": man, "woman": woman, "child": child, "ward": ward, "guardian": guardian}


def _divorce(tx: Transaction, of: dict[str, int]) -> Any:
    return commands.record_divorce(tx, divorce=MarriageEndDeclared(of["man"], DAY), **common())


def _annulled_marriage(tx: Transaction, of: dict[str, int]) -> Any:
    return commands.record_marriage_annulment(tx, annulment=MarriageEndDeclared(of["man"], DAY), **common())


def _adoption(tx: Transaction, of: dict[str, int]) -> Any:
    adoption = AdoptionDeclared(of["ward"], (of["man"], of["woman"]), DAY)
    return commands.record_adoption(tx, adoption=adoption, **common())


def _recognition(tx: Transaction, of: dict[str, int]) -> Any:
    told = RecognitionDeclared(of["child"], DAY, ParentDeclared("Lê An", of["man"]))
    return commands.record_recognition(tx, recognition=told, **common())


def _guardianship(tx: Transaction, of: dict[str, int]) -> Any:
    told = TieDeclared(of["ward"], (of["guardian"],), TieKind.GUARDIAN, DAY)
    return commands.establish_guardianship(tx, guardianship=told, **common())


def _representation(tx: Transaction, of: dict[str, int]) -> Any:
    told = TieDeclared(of["ward"], (of["guardian"],), TieKind.REPRESENTATIVE, DAY)
    return commands.establish_representation(tx, representation=told, **common())


def _declared_death(tx: Transaction, of: dict[str, int]) -> Any:
    return commands.declare_death(tx, death=declared(of["man"]), **common())


def _missing(tx: Transaction, of: dict[str, int]) -> Any:
    more = {"last_news": PartialDate.of(2015), "on": DAY.earliest}
    return commands.declare_missing(tx, person_id=of["man"], **more, **common())  # type: ignore[arg-type]


def _capacity(tx: Transaction, of: dict[str, int]) -> Any:
    return commands.change_capacity(tx, person_id=of["man"], capacity=Capacity.LOST, on=DAY.earliest, **common())


def _nationality(tx: Transaction, of: dict[str, int]) -> Any:
    return commands.change_nationality(tx, person_id=of["man"], nationality="DEU", on=DAY.earliest, **common())


def _change(tx: Transaction, of: dict[str, int]) -> Any:
    told = Payload(name=("Trần", "", "Mới"), sex=Sex.FEMALE)
    return commands.change_particulars(tx, person_id=of["guardian"], told=told, on=DAY.earliest, **common())


def _protection(tx: Transaction, of: dict[str, int]) -> Any:
    ground = ProtectionGround.WITNESS
    return commands.protect(tx, person_id=of["man"], ground=ground, reason="x", **common())


ACTS: list[Act] = [
    *(_divorce, _annulled_marriage, _adoption, _recognition, _guardianship, _representation, _declared_death),
    *(_missing, _capacity, _nationality, _change, _protection),
]


def content(life: Life) -> list[object]:
    return [getattr(life, name) for name in Life.__struct_fields__ if name not in {"version", "known_at"}]


async def contents(tx: Transaction, of: dict[str, int]) -> list[list[object]]:
    return [content(await life_of(tx, one)) for one in of.values()]


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__.strip("_"))
async def test_a_mistaken_act_leaves_everybody_as_before_and_stands_again_as_it_was(
    database: Database, database_dsn: str, act: Act
) -> None:
    async with database.transaction(scope="nation") as tx:
        of = await people(tx)
        before = await contents(tx, of)
        done = await act(tx, of)
        after = await contents(tx, of)
        seq = len((await store.history(tx, done.person_id)).events)
        await commands.annul_event(tx, person_id=done.person_id, seq=seq, reason="ghi nhầm", **common())
        assert await contents(tx, of) == before
        await commands.annul_event(tx, person_id=done.person_id, seq=seq + 1, reason="ghi đúng", **common())
        assert await contents(tx, of) == after != before
    assert list(verify(database_dsn, workers=1)) == []


async def test_an_end_that_was_mistaken_lets_a_guardianship_last_unless_the_guardian_has_died_since(
    database: Database, database_dsn: str
) -> None:
    async with database.transaction(scope="nation") as tx:
        of = await people(tx)
        await _guardianship(tx, of)
        await commands.end_guardianship(tx, ward_id=of["ward"], on=PartialDate(20210101), **common())
        death = DeathDeclared(of["guardian"], PartialDate(20220101))
        await commands.record_death(tx, death=death, **common())
        await commands.annul_event(tx, person_id=of["ward"], seq=3, reason="x", **common())
        lives = [await life_of(tx, of[one]) for one in ("ward", "guardian")]
    assert [life.ties[0].until for life in lives] == [PartialDate(20220101)] * 2
    assert list(verify(database_dsn, workers=1)) == []


async def test_a_death_that_was_mistaken_gives_the_ward_its_guardian_back(
    database: Database, database_dsn: str
) -> None:
    async with database.transaction(scope="nation") as tx:
        of = await people(tx)
        await _guardianship(tx, of)
        death = DeathDeclared(of["guardian"], PartialDate(20220101))
        done = await commands.record_death(tx, death=death, **common())
        seq = len((await store.history(tx, done.person_id)).events)
        await commands.annul_event(tx, person_id=done.person_id, seq=seq, reason="x", **common())
        lives = [await life_of(tx, of[one]) for one in ("ward", "guardian")]
    assert [life.ties[0].until for life in lives] == [None, None]
    assert list(verify(database_dsn, workers=1)) == []


@pytest.mark.parametrize(
    ("act", "whose", "said"),
    [
        (_divorce, "woman", "the end of a marriage stands in both records"),
        (_guardianship, "guardian", "guardianship and representation are mutual"),
    ],
)
async def test_an_event_that_was_taken_out_of_one_of_two_ledgers_is_found(
    database: Database, database_dsn: str, connection: psycopg.Connection, act: Act, whose: str, said: str
) -> None:
    async with database.transaction(scope="nation") as tx:
        of = await people(tx)
        await act(tx, of)
    forged(connection, of[whose])
    found = {one.what for one in verify(database_dsn, workers=1)}
    assert f"not so: {said}" in found


def forged(connection: psycopg.Connection, person_id: int) -> None:
    """Put another event in the place of the last one, with a chain that fits."""
    row = connection.execute(
        "SELECT seq, known_at, act_id, valid_on, (SELECT b.hash FROM register.event b"
        " WHERE b.person_id = e.person_id AND b.seq = e.seq - 1)"
        " FROM register.event e WHERE person_id = %s ORDER BY seq DESC LIMIT 1",
        (person_id,),
    ).fetchone()
    assert row is not None
    seq, known_at, act_id, valid_on, previous = row
    kind = int(EventKind.PARTICULARS_UPDATED)
    digest = chain_hash(
        bytes(previous),
        person_id=person_id,
        seq=seq,
        kind=kind,
        valid_on=valid_on,
        known_at=known_at,
        act_id=act_id,
        payload=b"{}",
    )
    connection.execute(
        "UPDATE register.event SET kind = %s, payload = '{}', hash = %s WHERE person_id = %s AND seq = %s",
        (kind, digest, person_id, seq),
    )
