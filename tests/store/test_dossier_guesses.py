"""Who names a person wrongly learns nothing, and can't go on for long."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from tests.store.case_office import NOW, REGISTRAR, REQUEST, close_it, dung_lives_elsewhere, logged, open_for

from dancu.access.cases import name_in_case
from dancu.dossiers.commands import (
    GUESSES_A_DAY,
    DossierUnknown,
    NobodyNamed,
    TooManyGuesses,
)
from dancu.infra.db import Database
from dancu.kernel.dates import PartialDate

__all__ = ["dung_lives_elsewhere"]

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("dung_lives_elsewhere")]


@pytest.mark.parametrize(
    "change",
    [
        {"number": "001185012346"},
        {"number": ""},
        {"name": "Lê Thị Dũng Anh"},
        {"born": PartialDate.of(1985, 3, 13)},
        {"born": PartialDate.of(1985)},
    ],
)
async def test_whichever_of_the_three_is_wrong_the_answer_is_one(
    database: Database, connection: psycopg.Connection, change: dict[str, object]
) -> None:
    with pytest.raises(NobodyNamed, match="Check all three"):
        await open_for(database, **change)  # type: ignore[arg-type]
    assert logged(connection) == [(7, 9, 2, "NobodyNamed", None, False, "Luật Hộ tịch 60/2014/QH13, Điều 18")]
    assert connection.execute("SELECT count(*) FROM dossiers.dossier").fetchone() == (0,)


async def test_guessing_ends_after_twenty_tries_a_day(database: Database) -> None:
    for _ in range(GUESSES_A_DAY):
        with pytest.raises(NobodyNamed):
            await open_for(database, number="001185000000")
    with pytest.raises(TooManyGuesses):
        await open_for(database)
    await open_for(database, replace(REGISTRAR, officer_id=70))
    await open_for(database, now=NOW + timedelta(days=1, seconds=1))


async def test_who_keeps_trying_after_too_many_guesses_gets_out_the_next_day(database: Database) -> None:
    for _ in range(GUESSES_A_DAY):
        with pytest.raises(NobodyNamed):
            await open_for(database, number="001185000000")
    for hour in (1, 12, 23):
        with pytest.raises(TooManyGuesses):
            await open_for(database, now=NOW + timedelta(hours=hour))
    await open_for(database, now=NOW + timedelta(days=1, seconds=1))


async def test_many_guesses_at_once_are_no_more_than_twenty(database_dsn: str, connection: psycopg.Connection) -> None:
    async with Database(database_dsn, size=8) as wide:
        done = await asyncio.gather(
            *(open_for(wide, number=f"0011850{n:05}") for n in range(GUESSES_A_DAY * 2)), return_exceptions=True
        )
    counted = Counter(type(one).__name__ for one in done)
    assert counted == {"NobodyNamed": GUESSES_A_DAY, "TooManyGuesses": GUESSES_A_DAY}
    assert Counter(row[3] for row in logged(connection)) == counted


async def test_what_is_refused_for_another_reason_is_no_guess(database: Database) -> None:
    dossier = await open_for(database)
    await close_it(database, dossier)
    for _ in range(GUESSES_A_DAY + 1):
        with pytest.raises(DossierUnknown):
            await name_in_case(
                database,
                REGISTRAR,
                dossier=dossier,
                number="001085054321",
                name="Trần Văn Xa",
                born=PartialDate.of(1985),
                now=NOW,
                request_id=REQUEST,
            )
    await open_for(database)
