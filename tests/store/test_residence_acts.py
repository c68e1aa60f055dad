"""Temporary residence, deregistration, declared abode and absence: what the law lets happen, and what follows."""

from datetime import UTC, date, datetime

import psycopg
import pytest
from tests.store.register_office import TODAY, RegisterOffice, content, proved

from dancu.infra.db import Database
from dancu.kernel.codes import AbsenceCase, PermanentEnd, Relation, ResidenceKind, TemporaryEnd
from dancu.kernel.errors import Invalid, Refused
from dancu.register import commands
from dancu.register.commands import (
    AbodeDeclared,
    AbsenceDeclared,
    ExtensionDeclared,
    PermanentEndDeclared,
    ReturnDeclared,
    TemporaryDeclared,
    TemporaryEndDeclared,
)
from dancu.register.expiry import end_expired_stays
from dancu.register.territory import locate

pytestmark = pytest.mark.anyio

ELSEWHERE = ("26740", "12 Nguyễn Huệ")


@pytest.fixture
async def office(database: Database) -> RegisterOffice:
    return RegisterOffice(database)


def temporary(*persons: int, on: date = TODAY, until: date = date(2027, 11, 24)) -> TemporaryDeclared:
    return TemporaryDeclared(persons, *ELSEWHERE, on, until)


async def test_nobody_is_registered_by_an_empty_list(office: RegisterOffice) -> None:
    with pytest.raises(Invalid, match="at least one person"):
        await office.do(commands.register_temporary_residence, declared=temporary())


@pytest.mark.parametrize(
    ("declared", "rule"),
    [
        (("26740", "1 Lê Lợi", TODAY, date(2028, 11, 25)), "temporary.two_years"),
        (("26740", "1 Lê Lợi", TODAY, date(2026, 12, 20)), "temporary.from_30_days"),
        (("26740", "1 Lê Lợi", date(2026, 11, 25), date(2027, 11, 24)), "temporary.not_in_the_future"),
        (("06325", "Thôn khác", TODAY, date(2027, 11, 24)), "temporary.outside_own_commune"),
        (("26740", "1 Lê Lợi", date(2015, 3, 1), date(2017, 4, 1)), "temporary.24_months.2013"),
        (("06325", "Thôn 2010", date(2012, 3, 1), date(2013, 4, 1)), "temporary.not_where_permanent"),
    ],
)
async def test_the_law_refuses_a_temporary_residence(
    office: RegisterOffice, declared: tuple[str, str, date, date], rule: str
) -> None:
    person = await office.record()
    with pytest.raises(Refused) as refused:
        await office.do(commands.register_temporary_residence, declared=TemporaryDeclared((person,), *declared))
    assert refused.value.rule == rule


async def test_a_temporary_residence_counts_until_its_last_day(office: RegisterOffice, database_dsn: str) -> None:
    persons = [await office.record() for _ in range(3)]
    await office.do(commands.register_temporary_residence, declared=temporary(*persons))
    for person in persons:
        life = await office.life(person)
        abodes = [life.abode(day) for day in (date(2027, 11, 23), date(2027, 11, 24))]
        assert [abode.unit for abode in abodes if abode] == ["26740", "06325"]
    assert proved(database_dsn) == []


async def test_a_term_is_extended_in_its_last_days_by_a_term_of_its_own(
    office: RegisterOffice, database_dsn: str
) -> None:
    person = await office.record()
    await office.do(commands.register_temporary_residence, declared=temporary(person))
    extension = ExtensionDeclared((person,), date(2029, 11, 24))
    with pytest.raises(Refused, match="last_15_days"):
        await office.do(commands.extend_temporary_residence, declared=extension)
    office.now = datetime(2027, 11, 20, tzinfo=UTC)
    with pytest.raises(Refused, match="two_years"):
        await office.do(commands.extend_temporary_residence, declared=ExtensionDeclared((person,), date(2029, 11, 25)))
    await office.do(commands.extend_temporary_residence, declared=extension)
    terms = [r for r in (await office.life(person)).residences if r.kind is ResidenceKind.TEMPORARY]
    assert [(r.since, r.until) for r in terms] == [
        (TODAY, date(2027, 11, 24)),
        (date(2027, 11, 24), date(2029, 11, 24)),
    ]
    assert proved(database_dsn) == []
    office.now = datetime(2029, 12, 1, tzinfo=UTC)
    with pytest.raises(Refused, match="registration_lasts"):
        await office.do(commands.extend_temporary_residence, declared=ExtensionDeclared((person,), date(2030, 11, 24)))


async def test_temporary_residence_ends_on_a_ground(office: RegisterOffice, database_dsn: str) -> None:
    person = await office.record()
    end = TemporaryEndDeclared((person,), TemporaryEnd.LODGING_ENDED, TODAY)
    with pytest.raises(Refused, match=r"temporary_end\.registered"):
        await office.do(commands.end_temporary_residence, declared=end)
    await office.do(
        commands.register_temporary_residence, declared=temporary(person, on=date(2026, 3, 1), until=date(2027, 3, 1))
    )
    early = TemporaryEndDeclared((person,), TemporaryEnd.ABSENT_6_MONTHS, TODAY, since=date(2026, 9, 1))
    with pytest.raises(Refused, match="six_months"):
        await office.do(commands.end_temporary_residence, declared=early)
    await office.do(commands.end_temporary_residence, declared=end)
    life = await office.life(person)
    assert life.residence(ResidenceKind.TEMPORARY, TODAY) is None
    assert life.residence(ResidenceKind.TEMPORARY, date(2026, 11, 23)) is not None
    assert proved(database_dsn) == []


@pytest.mark.parametrize(
    ("end", "rule"),
    [
        ((PermanentEnd.ABSENT_12_MONTHS, TODAY, date(2026, 1, 1)), "deregistration.twelve_months"),
        ((PermanentEnd.DEAD_OR_MISSING, TODAY, None), "deregistration.dead_or_missing"),
        ((PermanentEnd.JOINED_FORCES, TODAY, None), "deregistration.joined_forces"),
        ((PermanentEnd.OWNER_REFUSES, date(2015, 5, 1), None), "deregistration.ground.2006"),
        ((PermanentEnd.SETTLED_ABROAD, date(2009, 5, 1), None), "deregistration.registered"),
        ((PermanentEnd.SETTLED_ABROAD, date(2026, 12, 1), None), "deregistration.not_in_the_future"),
    ],
)
async def test_the_law_refuses_a_deregistration(
    office: RegisterOffice, end: tuple[PermanentEnd, date, date | None], rule: str
) -> None:
    person = await office.record()
    with pytest.raises(Refused) as refused:
        await office.do(commands.end_permanent_residence, declared=PermanentEndDeclared((person,), *end))
    assert refused.value.rule == rule


async def test_who_declared_the_absence_is_not_struck_off_for_it(office: RegisterOffice) -> None:
    person = await office.record()
    absence = AbsenceDeclared((person,), AbsenceCase.LONG_ABSENCE, date(2025, 1, 1), destination=("", "Nhật Bản"))
    await office.do(commands.declare_absence, declared=absence)
    end = PermanentEndDeclared((person,), PermanentEnd.ABSENT_12_MONTHS, TODAY, since=date(2025, 1, 1))
    with pytest.raises(Refused, match="absence_not_declared"):
        await office.do(commands.end_permanent_residence, declared=end)
    await office.do(commands.end_absence, declared=ReturnDeclared((person,), date(2025, 6, 1)))
    await office.do(commands.end_permanent_residence, declared=end)
    assert (await office.life(person)).residence(ResidenceKind.PERMANENT, TODAY) is None


async def test_deregistering_the_head_leaves_the_household_a_clock(
    office: RegisterOffice, database_dsn: str, connection: psycopg.Connection
) -> None:
    household, (head, child) = await office.household(Relation.HEAD, Relation.CHILD)
    end = PermanentEndDeclared((head,), PermanentEnd.SETTLED_ABROAD, TODAY)
    await office.do(commands.end_permanent_residence, declared=end)
    assert (await office.life(head)).membership(TODAY) is None
    clocks = connection.execute("SELECT kind FROM register.clock WHERE household_id = %s", (household,)).fetchall()
    assert clocks == [("household_without_head",)]
    assert proved(database_dsn) == []
    await office.annul_last(head)
    assert (await office.life(head)).membership(TODAY) is not None
    assert (await office.life(child)).membership(TODAY) is not None
    assert proved(database_dsn) == []


async def test_who_has_no_place_counts_where_the_abode_is_declared(office: RegisterOffice, database_dsn: str) -> None:
    person = await office.record()
    await office.do(commands.declare_abode, declared=AbodeDeclared((person,), "00097", "Bến thuyền", TODAY))
    abode = (await office.life(person)).abode(TODAY)
    assert abode is not None
    assert abode.unit == "00097"
    with pytest.raises(Refused, match=r"abode\.not_in_the_future"):
        await office.do(commands.declare_abode, declared=AbodeDeclared((person,), "00097", "Bến", date(2026, 12, 1)))
    assert proved(database_dsn) == []


async def test_a_short_absence_need_not_be_declared_but_may(office: RegisterOffice, database_dsn: str) -> None:
    person = await office.record()
    done = await office.do(
        commands.declare_absence,
        declared=AbsenceDeclared((person,), AbsenceCase.LONG_ABSENCE, TODAY, date(2027, 2, 1)),
    )
    assert [warned.rule for warned in done.warnings] == ["absence.twelve_months"]
    (absence,) = (await office.life(person)).absences
    assert (absence.since, absence.until) == (TODAY, date(2027, 2, 1))
    with pytest.raises(Refused, match=r"return\.absence_lasts"):
        await office.do(commands.end_absence, declared=ReturnDeclared((person,), date(2026, 1, 1)))
    backwards = AbsenceDeclared((person,), AbsenceCase.LONG_ABSENCE, TODAY, TODAY)
    with pytest.raises(Invalid, match="end after it begins"):
        await office.do(commands.declare_absence, declared=backwards)
    assert proved(database_dsn) == []


@pytest.mark.parametrize("kind", ["temporary", "temporary end", "permanent end", "abode", "absence", "return"])
async def test_each_act_can_be_annulled(office: RegisterOffice, database_dsn: str, kind: str) -> None:
    person = await office.record()
    await office.do(
        commands.register_temporary_residence, declared=temporary(person, on=date(2026, 3, 1), until=date(2027, 3, 1))
    )
    absence = AbsenceDeclared((person,), AbsenceCase.UNDER_MEASURES, date(2026, 5, 1), date(2027, 5, 1))
    await office.do(commands.declare_absence, declared=absence)
    before = await office.life(person)
    match kind:
        case "temporary":
            await office.do(commands.register_temporary_residence, declared=temporary(person))
        case "temporary end":
            end = TemporaryEndDeclared((person,), TemporaryEnd.DWELLING_GONE, TODAY)
            await office.do(commands.end_temporary_residence, declared=end)
        case "permanent end":
            gone = PermanentEndDeclared((person,), PermanentEnd.DWELLING_GONE, TODAY)
            await office.do(commands.end_permanent_residence, declared=gone)
        case "abode":
            await office.do(commands.declare_abode, declared=AbodeDeclared((person,), "00097", "Bến", TODAY))
        case "absence":
            later = AbsenceDeclared((person,), AbsenceCase.LONG_ABSENCE, TODAY)
            await office.do(commands.declare_absence, declared=later)
        case _:
            await office.do(commands.end_absence, declared=ReturnDeclared((person,), TODAY))
    assert content(await office.life(person)) != content(before)
    await office.annul_last(person)
    assert content(await office.life(person)) == content(before)
    assert proved(database_dsn) == []


async def test_an_expired_term_is_ended_once_and_the_person_counts_at_home_again(
    office: RegisterOffice, database: Database, database_dsn: str, connection: psycopg.Connection
) -> None:
    expired, extended, lasting = [await office.record() for _ in range(3)]
    await office.do(commands.register_temporary_residence, declared=temporary(expired, extended, lasting))
    office.now = datetime(2027, 11, 20, tzinfo=UTC)
    await office.do(commands.extend_temporary_residence, declared=ExtensionDeclared((extended,), date(2028, 11, 24)))
    await office.do(
        commands.end_temporary_residence,
        declared=TemporaryEndDeclared((lasting,), TemporaryEnd.LODGING_ENDED, date(2027, 11, 20)),
    )

    async def run(now: datetime) -> int:
        async with database.transaction(scope="none") as tx:
            return await end_expired_stays(tx, now=now, locate=locate)

    def communes() -> list[str]:
        rows: dict[int, str] = dict(
            connection.execute("SELECT person_id, commune_code FROM register.person").fetchall()
        )
        return [rows[one] for one in (expired, extended, lasting)]

    assert await run(datetime(2027, 11, 23, 16, tzinfo=UTC)) == 0
    assert communes() == ["26740", "26740", "06325"]
    done = [await run(datetime(2027, 11, 24, hour, tzinfo=UTC)) for hour in (1, 2)]
    assert done == [1, 0]
    assert communes() == ["06325", "26740", "06325"]
    logged = connection.execute("SELECT person_id, actor FROM audit.access_log").fetchall()
    assert logged == [(expired, 4)]
    connection.execute("UPDATE audit.acts_named SET since = '2027-11-23'")
    assert proved(database_dsn) == []
