"""A batch is taken back whole: after other batches and events, after merges; what takes a clerk is listed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.store.test_intake_stages import loading, person, scalar, write_csv

from dancu.infra.db import Database
from dancu.intake.applying import header_of, request_id
from dancu.intake.loading import load
from dancu.intake.revert import AlreadyReverted, Reverted, left_standing, revert
from dancu.intake.undoing import OTHERS_REST_ON_IT, WHO_IS_MEANT
from dancu.kernel.dates import PartialDate
from dancu.register import commands
from dancu.register.decisions.civil import DeathDeclared
from dancu.register.territory import locate
from dancu.register.verify import verify

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
NUMBER = "Số định danh cá nhân"


async def taken_back(dsn: str, batch: int, **options: Any) -> Reverted:
    async with Database(dsn, role="dancu_loader", size=7, patient=True) as database:
        return await revert(database, batch, now=NOW + timedelta(hours=1), **options)


def id_of(dsn: str, number: str) -> int:
    found = scalar(dsn, "SELECT person_id FROM register.identifier WHERE value = %s", number)
    assert isinstance(found, int)
    return found


async def test_what_another_batch_told_later_stays_and_the_rest_falls(
    database_dsn: str, tmp_path: Path, connection: psycopg.Connection
) -> None:
    """The second source told more of one person, who can't fall without a clerk; the others fall."""
    rows = [person(n) for n in range(12)]
    first = await loading(database_dsn, write_csv(tmp_path / "first.csv", rows))
    told = rows[4] | {"Dân tộc": ""}
    born = "-".join(reversed(told["Ngày sinh"].split("/")))
    (tmp_path / "other.csv").write_text(
        "personal_number;surname;middle;given;born;sex;phone\n"
        f"{told[NUMBER]};{told['Họ và tên'].replace(' ', ';')};{born};1;0912345678\n",
        encoding="utf-8",
    )
    async with Database(database_dsn, role="dancu_loader", size=7, patient=True) as database:
        second = await load(database, tmp_path / "other.csv", source="khác", now=NOW + timedelta(minutes=5))
    assert (second.updated, second.created) == (1, 0)
    done = await taken_back(database_dsn, first.batch)
    assert [(one.person_id, one.reason) for one in done.left] == [
        (id_of(database_dsn, told[NUMBER]), OTHERS_REST_ON_IT)
    ]
    assert done.annulled == 11
    async with Database(database_dsn, role="dancu_loader", size=1) as database:
        assert tuple(await left_standing(database, first.batch)) == done.left
    with pytest.raises(AlreadyReverted):
        await taken_back(database_dsn, first.batch)
    statuses = connection.execute("SELECT status, count(*) FROM register.person GROUP BY 1 ORDER BY 1").fetchall()
    assert statuses == [(1, 1), (6, 11)]
    assert list(verify(database_dsn, workers=1)) == []


async def test_an_update_falls_also_after_later_events_and_a_death_keeps_who_died(
    database_dsn: str, tmp_path: Path
) -> None:
    rows = [person(n) | {"Dân tộc": ""} for n in range(3)]
    first = await loading(database_dsn, write_csv(tmp_path / "first.csv", rows))
    second = await loading(database_dsn, write_csv(tmp_path / "second.csv", [person(n) for n in range(4)]))
    assert (second.updated, second.created) == (3, 1)
    dead, newcomer = id_of(database_dsn, rows[0][NUMBER]), id_of(database_dsn, person(3)[NUMBER])
    async with Database(database_dsn, role="dancu_loader", size=1) as database:
        for one in (dead, newcomer):
            header = replace(
                header_of("hộ tịch", batch_id=0, request=request_id(0, one % 1000, "death")), batch_id=None
            )
            async with database.transaction(scope="nation") as tx:
                await commands.record_death(
                    tx,
                    header=header,
                    death=DeathDeclared(one, PartialDate(20261101)),
                    now=NOW + timedelta(minutes=9),
                    locate=locate,
                )
    done = await taken_back(database_dsn, second.batch)
    assert [(one.person_id, one.reason) for one in done.left] == [(newcomer, OTHERS_REST_ON_IT)]
    assert done.annulled == 3
    assert scalar(database_dsn, "SELECT ethnicity FROM register.person WHERE person_id = %s", dead) == 0
    assert scalar(database_dsn, "SELECT status FROM register.person WHERE person_id = %s", dead) == 2
    again = await taken_back(database_dsn, first.batch)
    assert {one.reason for one in again.left} == {OTHERS_REST_ON_IT}
    assert again.annulled == 2


async def test_records_that_a_batch_merged_are_two_again(database_dsn: str, tmp_path: Path) -> None:
    """What was filed while they were one, and no rule can tell whom it means, is a question for a clerk."""
    rows = [person(n) for n in (1, 2)]
    first = await loading(database_dsn, write_csv(tmp_path / "first.csv", rows[:1]))
    second = await loading(database_dsn, write_csv(tmp_path / "second.csv", rows[1:]))
    survivor, merged = (id_of(database_dsn, row[NUMBER]) for row in rows)
    async with Database(database_dsn, role="dancu_loader", size=1) as database:
        header = header_of("phường", batch_id=second.batch, request=request_id(second.batch, 1, "merge"))
        async with database.transaction(scope="nation") as tx:
            await commands.merge_records(
                tx,
                header=header,
                survivor_id=survivor,
                merged_id=merged,
                reason="same",
                now=NOW + timedelta(minutes=1),
                locate=locate,
            )
        async with database.transaction(scope="nation") as tx:
            header = replace(header, request_id=request_id(second.batch, 1, "death"), batch_id=None)
            await commands.record_death(
                tx,
                header=header,
                death=DeathDeclared(survivor, PartialDate(20261101)),
                now=NOW + timedelta(minutes=2),
                locate=locate,
            )
    assert scalar(database_dsn, "SELECT status FROM register.person WHERE person_id = %s", merged) == 5
    seen: list[int] = []
    done = await taken_back(database_dsn, second.batch, progress=seen.append)
    assert sum(seen) >= 2
    assert scalar(database_dsn, "SELECT status FROM register.person WHERE person_id = %s", merged) == 6
    assert scalar(database_dsn, "SELECT merged_into FROM register.person WHERE person_id = %s", merged) is None
    assert {(one.person_id, one.reason) for one in done.left} == {(survivor, WHO_IS_MEANT)}
    assert scalar(database_dsn, "SELECT state FROM intake.batch WHERE batch_id = %s", first.batch) == "reconciled"


async def test_a_taking_back_that_was_interrupted_goes_on(
    database_dsn: str, tmp_path: Path, connection: psycopg.Connection
) -> None:
    first = await loading(database_dsn, write_csv(tmp_path / "first.csv", [person(n) for n in range(20)]))

    class Stop(Exception):
        pass

    def stop(_: int) -> None:
        raise Stop

    with pytest.raises(ExceptionGroup):
        await taken_back(database_dsn, first.batch, progress=stop)
    fallen = connection.execute("SELECT count(*) FROM register.person WHERE status = 6").fetchone()
    assert fallen is not None
    assert 0 < fallen[0] < 20
    done = await taken_back(database_dsn, first.batch)
    assert done.annulled == 20 - fallen[0]
    assert connection.execute("SELECT count(*) FROM register.person WHERE status = 6").fetchone() == (20,)
    assert list(verify(database_dsn, workers=1)) == []
