"""What the feed tells to whom: an outsider can't see from it who was adopted or is protected."""

from typing import Any

import psycopg
import pytest
from tests.store.family import common, couple, person

from dancu.infra.db import Database
from dancu.kernel.codes import ProtectionGround, Sex
from dancu.kernel.dates import PartialDate
from dancu.register import commands
from dancu.register.commands import AdoptionDeclared
from dancu.register.feed import Blurred, Entry, Happened, Place, Reader, Sequencer, events_after, page, sequencer_dsn
from dancu.register.kinds import EventKind
from dancu.register.payloads import Payload

pytestmark = pytest.mark.anyio

Connection = psycopg.Connection[Any]


async def told_to(database: Database, dsn: str) -> dict[str, int]:
    """Let a child be adopted, somebody be protected, somebody be corrected and somebody marry."""
    async with database.transaction(scope="nation") as tx:
        father, mother = await couple(tx)
        child = await person(tx, Sex.MALE, 20180301, mother=await person(tx, Sex.FEMALE, 19900101))
        threatened, corrected = await person(tx), await person(tx)
        adoption = AdoptionDeclared(child, (father, mother), PartialDate(20200601))
        await commands.record_adoption(tx, adoption=adoption, **common())
        await commands.protect(
            tx, person_id=threatened, ground=ProtectionGround.WITNESS, reason="Quyết định 12", **common()
        )
        await commands.correct_particulars(tx, person_id=corrected, told=Payload(phone="0912345678"), **common())
    with psycopg.connect(sequencer_dsn(dsn), autocommit=True) as own:
        Sequencer(own).number_all()
    return {"child": child, "threatened": threatened, "corrected": corrected, "wife": mother}


def last_of(found: list[Entry] | list[Happened], person_id: int) -> Entry | Happened:
    return [one for one in found if one.person_id == person_id][-1]


@pytest.mark.parametrize("unfolded", [False, True])
async def test_an_outsider_cannot_tell_a_secret_kind_from_a_correction(
    database: Database, database_dsn: str, connection: Connection, *, unfolded: bool
) -> None:
    people = await told_to(database, database_dsn)
    found = events_after(connection, Place())[0] if unfolded else page(connection, after=0)
    looks = {
        (one.kind, one.act_id, one.survivor_id, one.known_at)
        for one in (last_of(found, people[name]) for name in ("child", "threatened", "corrected"))
    }
    (kind, act_id, survivor_id, known_at), *others = looks
    assert others == []
    assert (kind, act_id, survivor_id) == (Blurred.RECORD_CHANGED, None, None)
    assert (known_at.minute, known_at.second, known_at.microsecond) == (0, 0, 0)
    assert not {EventKind.ADOPTED, EventKind.PROTECTED, EventKind.PARTICULARS_CORRECTED} & {one.kind for one in found}
    assert EventKind.MARRIAGE_REGISTERED in {one.kind for one in found}


async def test_a_part_of_the_house_that_says_so_reads_the_plain_kinds(
    database: Database, database_dsn: str, connection: Connection
) -> None:
    people = await told_to(database, database_dsn)
    plain = page(connection, after=0, reader=Reader.DERIVED)
    events, _ = events_after(connection, Place(), reader=Reader.DERIVED)
    for found in (plain, events):
        assert last_of(found, people["child"]).kind is EventKind.ADOPTED
        assert last_of(found, people["threatened"]).kind is EventKind.PROTECTED
        assert last_of(found, people["child"]).act_id
    blurred = page(connection, after=0)
    assert [one.sequence for one in blurred] == list(range(1, len(plain) + 1))
    assert [(one.person_id, one.seq) for one in blurred] == [(one.person_id, one.seq) for one in plain]
