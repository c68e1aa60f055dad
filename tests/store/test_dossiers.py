"""A dossier opens persons to its own office, while it is open, and to nobody who guesses."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from dancu.access.cases import NoMatterOfYours, name_in_case, open_case, open_case_here, opened_with_case
from dancu.access.model import Assignment, Office, Officer
from dancu.access.policy import OpenDossier
from dancu.access.roles import ROLES, AccountClass
from dancu.access.work import NotAllowed, opened
from dancu.audit.entry import Operation
from dancu.dossiers.commands import (
    GUESSES_A_DAY,
    ApplicantAsked,
    DossierClosed,
    DossierUnknown,
    NobodyNamed,
    Opener,
    TooManyGuesses,
    dossier_of,
    dossiers_of,
    hold_open,
    name_person,
    overdue,
    persons_of,
    steps_of,
)
from dancu.dossiers.model import Dossier, Move, MoveOutOfPlace
from dancu.dossiers.moves import close, hand_over, take
from dancu.infra.db import Database
from dancu.kernel.codes import Authority
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Conflict, Invalid, NotFound, Stale
from dancu.kernel.time import today

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
REQUEST = UUID(int=9)
NUMBER, NAME, BORN = "001185012345", "Lê Thị Dung", PartialDate.of(1985, 3, 12)
REGISTRAR = Officer(
    7,
    "lan",
    "Nguyễn Thị Lan",
    AccountClass.OPERATOR,
    (Assignment(Office(1, Authority.CIVIL_REGISTRAR, "10273", "UBND xã Phú Xuyên"), ROLES["civil_registrar"]),),
)
POLICE = Officer(
    8,
    "huy",
    "Phạm Quang Huy",
    AccountClass.OPERATOR,
    (Assignment(Office(2, Authority.COMMUNE_POLICE, "10273", "Công an xã Phú Xuyên"), ROLES["commune_police"]),),
)


@pytest.fixture(autouse=True)
def _dung_lives_elsewhere(connection: psycopg.Connection) -> None:
    """Put two persons of another commune straight into the tables: the register's own tests tell how they get there."""
    establish(connection, 41, NUMBER, "le thi dung", BORN)
    establish(connection, 42, "001085054321", "tran van xa", PartialDate.of(1985))


def establish(connection: psycopg.Connection, person_id: int, number: str, name_key: str, born: PartialDate) -> None:
    for table, known in (
        (
            "person",
            {
                "person_id": person_id,
                "name_key": name_key,
                "born": born.number,
                "province_code": "79",
                "commune_code": "26740",
                "status": 1,
            },
        ),
        ("identifier", {"value": number, "scheme": 1, "person_id": person_id}),
    ):
        required = connection.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'register'"
            " AND table_name = %s AND is_nullable = 'NO' AND column_default IS NULL",
            (table,),
        ).fetchall()
        values: dict[str, object] = {}
        for column, kind in required:
            values[column] = b"" if kind == "bytea" else NOW if "timestamp" in kind else "" if kind == "text" else 1
        values |= known
        connection.execute(
            f"INSERT INTO register.{table} ({', '.join(values)}) VALUES ({', '.join(['%s'] * len(values))})".encode(),
            list(values.values()),
        )


async def open_for(
    database: Database,
    officer: Officer = REGISTRAR,
    *,
    matter: str = "1.000894",
    requester: str = "Lê Thị Dung",
    number: str = NUMBER,
    name: str = NAME,
    born: PartialDate = BORN,
    now: datetime = NOW,
) -> Dossier:
    return await open_case(
        database,
        officer,
        matter=matter,
        requester=requester,
        number=number,
        name=name,
        born=born,
        now=now,
        request_id=REQUEST,
    )


HAND = Opener(7, 1, "10273", "civil_registrar")


async def move(
    database: Database, dossier: Dossier, move: Move, *, now: datetime = NOW, reason: str = "why", law: str = "Điều 1"
) -> Dossier:
    async with database.transaction(offices="1") as tx:
        return await take(
            tx, dossier_id=dossier.dossier_id, move=move, by=HAND, now=now, reason=reason, legal_ground=law
        )


async def close_it(database: Database, dossier: Dossier) -> None:
    async with database.transaction(offices="1") as tx:
        await close(tx, dossier_id=dossier.dossier_id, by=HAND, now=NOW)


async def seen(
    database: Database, officer: Officer, dossier: Dossier, *, now: datetime = NOW, office: str = "1"
) -> list[int]:
    """List whom an officer sees with a dossier."""
    async with database.transaction(offices=office) as tx:
        found = await dossier_of(tx, dossier.dossier_id)
        persons = await persons_of(tx, dossier.dossier_id)
    as_policy_sees = OpenDossier(found.dossier_id, found.office_id, persons, found.opens(today(now)), found.matter)
    async with opened(
        database,
        officer,
        operation=Operation.READ,
        purpose="dossier",
        now=now,
        request_id=REQUEST,
        dossier=as_policy_sees,
    ) as work:
        rows = await work.tx.rows("SELECT person_id FROM register.person ORDER BY person_id")
        await work.log(persons=tuple(row[0] for row in rows))
    return [row[0] for row in rows]


def logged(connection: psycopg.Connection) -> list[tuple[object, ...]]:
    return connection.execute(
        "SELECT officer_id, operation, outcome, reason, person_id, dossier_id IS NOT NULL, legal_ground"
        " FROM audit.access_log ORDER BY log_id"
    ).fetchall()


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


async def test_all_three_open_the_person_to_the_office_and_are_logged(
    database: Database, connection: psycopg.Connection
) -> None:
    dossier = await open_for(database)
    assert logged(connection) == [(7, 9, 1, None, 41, True, "Luật Hộ tịch 60/2014/QH13, Điều 18")]
    assert await seen(database, REGISTRAR, dossier) == [41]


async def test_a_name_is_matched_without_diacritics_and_a_number_without_spaces_around(database: Database) -> None:
    dossier = await open_for(database, name="le thi  DUNG", number=f" {NUMBER} ")
    assert await seen(database, REGISTRAR, dossier) == [41]


async def test_a_dossier_opens_nobody_to_another_office(database: Database) -> None:
    dossier = await open_for(database)
    with pytest.raises(NotAllowed, match="Another office"):
        await seen(database, POLICE, dossier)


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


async def test_a_dossier_about_somebody_of_the_own_territory_needs_no_number(
    database: Database, connection: psycopg.Connection
) -> None:
    connection.execute("UPDATE register.person SET province_code = '01', commune_code = '10273' WHERE person_id = 42")

    async def open_here(person_id: int | None) -> Dossier:
        return await open_case_here(
            database,
            REGISTRAR,
            matter="1.000894",
            requester="Trần Văn Xa",
            person_id=person_id,
            now=NOW,
            request_id=REQUEST,
        )

    with pytest.raises(NobodyNamed):
        await open_here(41)
    assert await seen(database, REGISTRAR, await open_here(42)) == [42]
    assert await seen(database, REGISTRAR, await open_here(None)) == [42]
    assert [row[2:6] for row in logged(connection) if row[1] == 9] == [
        (2, "NobodyNamed", 41, False),
        (1, None, 42, True),
        (1, None, None, True),
    ]


async def test_an_act_in_the_own_territory_begins_a_dossier_of_its_own(
    database: Database, connection: psycopg.Connection
) -> None:
    async with opened_with_case(
        database, REGISTRAR, act="birth_registered", now=NOW, request_id=REQUEST, fields=1
    ) as case:
        assert await case.work.tx.rows("SELECT person_id FROM register.person") == []
        await case.receive(requester="Lê Thị Dung", subjects=(), established=(42,))
        await case.work.log(person_id=42)
    async with database.transaction(offices="1") as tx:
        (found,) = await dossiers_of(tx, [1])
        assert await persons_of(tx, found.dossier_id) == {42}
    assert (found.dossier_id, found.state, found.outcome) == (case.dossier_id, "decided", "granted")
    assert (found.requester, found.matter) == ("Lê Thị Dung", "1.001193")
    assert logged(connection)[-1] == (7, 6, 1, None, 42, True, "Luật Hộ tịch 60/2014/QH13, Điều 16")


async def test_an_act_that_fails_leaves_no_dossier(database: Database, connection: psycopg.Connection) -> None:
    async def record_and_fail() -> None:
        async with opened_with_case(
            database, REGISTRAR, act="birth_registered", now=NOW, request_id=REQUEST, fields=1
        ) as case:
            await case.receive(requester="", subjects=())
            raise NotFound

    with pytest.raises(NotFound):
        await record_and_fail()
    assert connection.execute("SELECT count(*) FROM dossiers.dossier").fetchone() == (0,)
    assert logged(connection)[-1][:4] == (7, 6, 2, "NotFound")


@pytest.mark.parametrize(("act", "matter"), [("permanent_residence_registered", None), ("birth_registered", "9")])
async def test_an_act_of_another_authority_begins_no_dossier(
    database: Database, connection: psycopg.Connection, act: str, matter: str | None
) -> None:
    with pytest.raises(NoMatterOfYours):
        async with opened_with_case(database, REGISTRAR, act=act, matter=matter, now=NOW, request_id=REQUEST, fields=1):
            pytest.fail("it was opened")
    assert logged(connection)[-1][:4] == (7, 9, 2, "act_of_no_matter")


async def test_a_matter_of_another_authority_is_refused_and_logged(
    database: Database, connection: psycopg.Connection
) -> None:
    with pytest.raises(NotAllowed):
        await open_for(database, POLICE)
    assert [row[:4] for row in logged(connection)] == [(8, 9, 2, "purpose_not_of_role")]


@pytest.mark.parametrize("change", [{"matter": "9.999999"}, {"requester": " "}])
async def test_a_matter_and_a_requester_are_needed(database: Database, change: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        await open_for(database, **change)  # type: ignore[arg-type]


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


async def test_a_further_person_is_named_by_all_three(database: Database, connection: psycopg.Connection) -> None:
    dossier = await open_for(database)

    async def name(officer: Officer, name: str) -> int:
        return await name_in_case(
            database,
            officer,
            dossier=dossier,
            number="001085054321",
            name=name,
            born=PartialDate.of(1985),
            now=NOW,
            request_id=REQUEST,
        )

    with pytest.raises(NobodyNamed):
        await name(REGISTRAR, "Trần Văn Gần")
    with pytest.raises(NotAllowed):
        await name(POLICE, "Trần Văn Xa")
    assert await name(REGISTRAR, "Trần Văn Xa") == 42
    assert await seen(database, REGISTRAR, dossier) == [41, 42]
    await close_it(database, dossier)
    with pytest.raises(DossierUnknown):
        await name(REGISTRAR, "Trần Văn Xa")


async def test_numbers_run_by_office_and_year_without_gaps_or_twins(database: Database) -> None:
    numbers = [one.number for one in await asyncio.gather(*(open_for(database) for _ in range(4)))]
    assert sorted(numbers) == [f"10273-HT-2026-0000{n}" for n in (1, 2, 3, 4)]
    police = await open_for(database, POLICE, matter="1.004222")
    new_year = await open_for(database, now=datetime(2026, 12, 31, 17, 0, tzinfo=UTC))
    assert (police.number, new_year.number) == ("10273-CA-2026-00001", "10273-HT-2027-00001")


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


@pytest.mark.parametrize("local", [{}, {"offices": ""}, {"offices": "2"}, {"scope": "nation"}])
async def test_another_office_sees_no_dossier_and_nobody_in_it(database: Database, local: dict[str, str]) -> None:
    dossier = await open_for(database)
    async with database.transaction(**local) as tx:
        assert await dossiers_of(tx, [1]) == []
        assert await persons_of(tx, dossier.dossier_id) == frozenset()
        with pytest.raises(DossierUnknown):
            await dossier_of(tx, dossier.dossier_id)
        with pytest.raises(DossierUnknown):
            await close(tx, dossier_id=dossier.dossier_id, by=HAND, now=NOW)


async def test_nobody_is_named_in_a_dossier_of_another_office(database: Database) -> None:
    dossier = await open_for(database)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with database.transaction(offices="2") as tx:
            await name_person(tx, dossier_id=dossier.dossier_id, person_id=42, now=NOW)


async def test_the_application_deletes_no_dossier(database: Database) -> None:
    for table in ("dossier", "named_person", "series", "step", "proposal"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with database.transaction() as tx:
                await tx.execute(f"DELETE FROM dossiers.{table}")
