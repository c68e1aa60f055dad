"""Ties between records are proved in batches: as many statements for a thousand as for one, and nothing overlooked."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import psycopg
import pytest
from tests.store.family import common, couple, person

from dancu.infra.db import Database
from dancu.kernel.codes import Sex, TieKind
from dancu.kernel.dates import PartialDate
from dancu.register import commands
from dancu.register.commands import MarriageEndDeclared, TieDeclared
from dancu.register.verify import ties
from dancu.register.verify.merges import Survivors, in_batches
from dancu.register.verify.ties import tie_differences

pytestmark = pytest.mark.anyio

Connection = psycopg.Connection[Any]


async def bound(database: Database, times: int) -> list[tuple[int, int]]:
    """Divorce couples, and give wards their guardians; return who is bound to whom."""
    pairs = []
    async with database.transaction(scope="nation") as tx:
        for _ in range(times):
            man, woman = await couple(tx)
            ward, guardian = await person(tx, Sex.FEMALE, 20150101), await person(tx)
            await commands.record_divorce(tx, divorce=MarriageEndDeclared(man, PartialDate(20200101)), **common())
            told = TieDeclared(ward, (guardian,), TieKind.GUARDIAN, PartialDate(20200601))
            await commands.establish_guardianship(tx, guardianship=told, **common())
            pairs += [(man, woman), (ward, guardian)]
    return pairs


def statements_for(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> int:
    asked: list[object] = []
    execute = connection.execute

    def counted(statement: bytes, *arguments: Any) -> Any:
        asked.append(statement)
        return execute(statement, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(connection, "execute", counted)
        assert list(tie_differences(connection, Survivors(connection))) == []
    return len(asked)


def forgotten(connection: Connection, persons: Sequence[int]) -> None:
    """Take the last event away from persons."""
    for person_id in persons:
        connection.execute(
            "DELETE FROM register.event WHERE person_id = %(one)s"
            " AND seq = (SELECT max(seq) FROM register.event WHERE person_id = %(one)s)",
            {"one": person_id},
        )


@pytest.mark.parametrize("size", [1, 3, 1_000])
async def test_a_tie_that_one_side_forgot_is_found_in_whatever_batch_it_falls(
    database: Database, connection: Connection, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    pairs = await bound(database, 3)
    monkeypatch.setattr(ties, "in_batches", partial(in_batches, size=size))
    forgotten(connection, [pairs[2][1], pairs[5][1]])
    found = {one.person_id for one in tie_differences(connection, Survivors(connection))}
    assert found == {pairs[2][0], pairs[5][0]}


async def test_more_persons_take_no_more_statements(
    database: Database, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bound(database, 1)
    for_one = statements_for(connection, monkeypatch)
    await bound(database, 4)
    assert statements_for(connection, monkeypatch) == for_one
