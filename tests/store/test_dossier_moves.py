"""What becomes of a dossier: while it is worked on it opens the person, afterwards nobody, and terms run by law."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.store.case_office import HAND, NOW, REGISTRAR, close_it, dung_lives_elsewhere, move, open_for, seen

from dancu.access.model import Assignment, Office
from dancu.access.roles import ROLES
from dancu.access.work import NotAllowed
from dancu.dossiers.commands import (
    ApplicantAsked,
    DossierClosed,
    DossierUnknown,
    dossiers_of,
    hold_open,
    overdue,
    steps_of,
)
from dancu.dossiers.model import Dossier, Move, MoveOutOfPlace
from dancu.dossiers.moves import hand_over
from dancu.infra.db import Database
from dancu.kernel.codes import Authority
from dancu.kernel.errors import Conflict, Invalid, Stale

__all__ = ["dung_lives_elsewhere"]

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("dung_lives_elsewhere")]


async def test_a_closed_dossier_opens_nobody(database: Database) -> None:
    dossier = await open_for(database)
    await close_it(database, dossier)
    with pytest.raises(NotAllowed, match="closed"):
        await seen(database, REGISTRAR, dossier)
    with pytest.raises(MoveOutOfPlace):
        await close_it(database, dossier)
    await move(database, dossier, Move.REOPEN, reason="Khiếu nại")
    assert await seen(database, REGISTRAR, dossier) == [41]


async def test_a_decided_dossier_opens_nobody_and_nothing_is_done_on_it(database: Database) -> None:
    dossier = await open_for(database)
    await move(database, dossier, Move.GRANT)
    with pytest.raises(NotAllowed, match="closed"):
        await seen(database, REGISTRAR, dossier)
    async with database.transaction(offices="1") as tx:
        with pytest.raises(DossierClosed):
            await hold_open(tx, dossier.dossier_id)


async def test_a_dossier_that_nobody_touches_opens_nobody_in_the_end(database: Database) -> None:
    dossier = await open_for(database)
    assert dossier.deadline_on == date(2026, 11, 23)
    last = datetime(2026, 12, 23, 2, 0, tzinfo=UTC)
    assert await seen(database, REGISTRAR, dossier, now=last) == [41]
    late = last + timedelta(days=2)
    with pytest.raises(NotAllowed, match="closed"):
        await seen(database, REGISTRAR, dossier, now=late)
    await move(database, dossier, Move.PROLONG, now=late, reason="Chờ xác minh")
    assert await seen(database, REGISTRAR, dossier, now=late) == [41]


async def test_while_the_applicant_is_asked_the_person_stays_open_but_nothing_is_recorded(database: Database) -> None:
    dossier = await open_for(database)
    await move(database, dossier, Move.ASK_APPLICANT, reason="Thiếu giấy chứng sinh")
    assert await seen(database, REGISTRAR, dossier) == [41]
    async with database.transaction(offices="1") as tx:
        with pytest.raises(ApplicantAsked):
            await hold_open(tx, dossier.dossier_id)
    await move(database, dossier, Move.GO_ON)
    async with database.transaction(offices="1") as tx:
        await hold_open(tx, dossier.dossier_id)
        steps = await steps_of(tx, dossier.dossier_id)
    assert [(one.move, one.state) for one in steps] == [
        ("receive", "received"),
        ("ask_applicant", "waiting_applicant"),
        ("go_on", "in_work"),
    ]


async def test_a_dossier_handed_over_opens_the_person_to_the_other_office_alone(database: Database) -> None:
    dossier = await open_for(database)
    neighbour = Assignment(Office(3, Authority.CIVIL_REGISTRAR, "10279", "UBND xã Đại Xuyên"), ROLES["civil_registrar"])
    async with database.transaction(offices="1") as tx:
        await hand_over(tx, dossier_id=dossier.dossier_id, to_office_id=3, by=HAND, now=NOW, reason="Nơi có thẩm quyền")
    assert await seen(database, replace(REGISTRAR, assignments=(neighbour,)), dossier, office="3") == [41]
    with pytest.raises(NotAllowed, match="Another office"):
        await seen(database, REGISTRAR, dossier, office="3")
    with pytest.raises(DossierUnknown):
        await move(database, dossier, Move.GRANT)


async def test_two_officers_take_a_dossier_further_one_after_the_other(database: Database) -> None:
    dossier = await open_for(database)
    done = await asyncio.gather(
        move(database, dossier, Move.GRANT), move(database, dossier, Move.REFUSE), return_exceptions=True
    )
    assert sum(isinstance(one, Dossier) for one in done) == 1
    assert sum(isinstance(one, Conflict | Stale) for one in done) == 1
    async with database.transaction(offices="1") as tx:
        assert len(await steps_of(tx, dossier.dossier_id)) == 2


async def test_what_is_overdue_is_listed_the_longest_first(database: Database) -> None:
    slow = await open_for(database, matter="1.004859")
    quick = await open_for(database, matter="1.001193")
    await move(database, await open_for(database, matter="1.001193"), Move.GRANT)
    async with database.transaction(offices="1") as tx:
        assert await overdue(tx, [1], now=NOW) == []
        found = await overdue(tx, [1], now=NOW + timedelta(days=20))
    assert [one.dossier_id for one in found] == [quick.dossier_id, slow.dossier_id]


async def test_a_term_is_extended_once_and_only_where_the_law_does(database: Database) -> None:
    birth = await open_for(database, matter="1.000894")
    longer = await move(database, birth, Move.EXTEND)
    assert longer.deadline_on
    assert birth.deadline_on
    assert longer.deadline_on > birth.deadline_on
    with pytest.raises(Invalid, match="extended before"):
        await move(database, birth, Move.EXTEND)
    guardianship = await open_for(database, matter="civil.guardianship")
    with pytest.raises(Invalid, match="does not extend"):
        await move(database, guardianship, Move.EXTEND)


@pytest.mark.parametrize(
    ("matter", "expected"), [("1.001193", date(2026, 11, 23)), ("civil.decision", date(2026, 11, 30))]
)
async def test_a_deadline_counts_working_days(database: Database, matter: str, expected: date) -> None:
    assert (await open_for(database, matter=matter)).deadline_on in {expected, expected + timedelta(days=1)}


async def test_open_and_urgent_dossiers_come_first(database: Database) -> None:
    later = await open_for(database, matter="1.004859")
    urgent = await open_for(database, matter="1.001193")
    done = await open_for(database, matter="1.001193")
    await close_it(database, done)
    async with database.transaction(offices="1") as tx:
        found = await dossiers_of(tx, [1])
        assert [one.dossier_id for one in found] == [urgent.dossier_id, later.dossier_id, done.dossier_id]
        assert await dossiers_of(tx, [2]) == []
