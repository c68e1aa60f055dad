"""Stays of some nights: notified once, in time or late, seen by the commune and by who may see the guest."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from tests.store.register_office import NOW, TODAY, RegisterOffice

from dancu.cli.worker import perform, stays_dropped
from dancu.infra.db import Database
from dancu.kernel.codes import ProtectionGround
from dancu.kernel.errors import Invalid
from dancu.register import commands, notices
from dancu.register.notices import Stay, due_at
from dancu.register.territory import locate

pytestmark = pytest.mark.anyio

NUMBER = "001080000001"
STAY = Stay("Lê Văn An", NUMBER, NOW - timedelta(hours=2), TODAY + timedelta(days=2), "26740", "Khách sạn Bến Thành")


async def notify(database: Database, *stays: Stay, request_id: UUID | None = None, now: datetime = NOW) -> int:
    async with database.transaction(scope="commune:26740") as tx:
        return await notices.notify(tx, request_id=request_id or uuid4(), stays=stays, now=now, locate=locate)


@pytest.mark.parametrize(
    ("stay", "message"),
    [
        (replace(STAY, guest_name=" "), "A name is needed"),
        (replace(STAY, lodging=""), "The place of the stay"),
        (replace(STAY, arrived_at=NOW + timedelta(days=1)), "lies in the future"),
        (replace(STAY, until=TODAY), "end after it begins"),
        (replace(STAY, until=TODAY + timedelta(days=30)), "temporary residence"),
    ],
)
async def test_a_stay_that_can_not_be_is_refused(database: Database, stay: Stay, message: str) -> None:
    with pytest.raises(Invalid, match=message) as refused:
        await notify(database, STAY, stay)
    assert refused.value.faults[0].pointer.startswith("/stays/1/")


async def test_an_empty_list_is_refused(database: Database) -> None:
    with pytest.raises(Invalid, match="between 1"):
        await notify(database)


@pytest.mark.parametrize(
    ("arrived", "due"),
    [
        (datetime(2026, 11, 24, 5, tzinfo=UTC), datetime(2026, 11, 24, 16, tzinfo=UTC)),
        (datetime(2026, 11, 24, 15, 59, tzinfo=UTC), datetime(2026, 11, 24, 16, tzinfo=UTC)),
        (datetime(2026, 11, 24, 16, tzinfo=UTC), datetime(2026, 11, 25, 1, tzinfo=UTC)),
        (datetime(2026, 11, 24, 16, 30, tzinfo=UTC), datetime(2026, 11, 25, 1, tzinfo=UTC)),
        (datetime(2026, 11, 24, 18, tzinfo=UTC), datetime(2026, 11, 25, 16, tzinfo=UTC)),
    ],
)
def test_a_notice_is_due_by_23_hours_or_the_next_morning(arrived: datetime, due: datetime) -> None:
    assert due_at(arrived) == due


async def test_the_same_request_again_adds_nothing(database: Database, connection: psycopg.Connection) -> None:
    request_id = uuid4()
    assert await notify(database, STAY, STAY, request_id=request_id) == 2
    assert await notify(database, STAY, STAY, request_id=request_id) == 0
    assert connection.execute("SELECT count(*) FROM register.stay_notice").fetchone() == (2,)


async def test_the_commune_sees_its_guests_and_others_do_not(database: Database) -> None:
    await notify(database, STAY, replace(STAY, guest_name="John Smith", number="X123", nationality="USA"))
    for scope, seen in (("commune:26740", 2), ("commune:06325", 0), ("nation", 2), ("none", 0)):
        async with database.transaction(scope=scope) as tx:
            assert len(await notices.stays_in_commune(tx, "26740", on=TODAY)) == seen
    async with database.transaction(scope="nation") as tx:
        assert await notices.stays_in_commune(tx, "26740", on=TODAY + timedelta(days=2)) == []


async def test_the_notice_of_a_masked_guest_is_taken_like_any_other_and_shown_to_nobody(database: Database) -> None:
    office = RegisterOffice(database)
    hidden = await office.record(number=NUMBER)
    await office.do(commands.protect, person_id=hidden, ground=ProtectionGround.WITNESS, reason="Quyết định số 1")
    request_id, other = uuid4(), replace(STAY, guest_name="John Smith", number="X123", nationality="USA")
    assert await notify(database, STAY, other, request_id=request_id, now=office.now) == 2
    assert await notify(database, STAY, other, request_id=request_id, now=office.now) == 0
    for scope, unmasked, seen in (("commune:26740", "", 1), ("nation", "", 1), ("commune:26740", str(hidden), 2)):
        async with database.transaction(scope=scope, unmasked=unmasked) as tx:
            assert len(await notices.stays_in_commune(tx, "26740", on=TODAY)) == seen


async def test_a_guest_with_a_record_is_found_by_it_and_sees_late_notices(database: Database) -> None:
    person = await RegisterOffice(database).record(number=NUMBER)
    late = replace(STAY, arrived_at=NOW - timedelta(days=3), until=TODAY - timedelta(days=1))
    await notify(database, STAY, late)
    async with database.transaction(scope="nation") as tx:
        found = await notices.stays_of(tx, person, since=TODAY - timedelta(days=9), until=TODAY)
        assert [(stay.night, stay.late) for stay in found] == [(TODAY, False), (TODAY - timedelta(days=3), True)]
        assert await notices.stays_of(tx, person, since=date(2026, 1, 1), until=date(2026, 1, 31)) == []


async def test_a_night_is_loaded_by_copy_once(database: Database, connection: psycopg.Connection) -> None:
    person = await RegisterOffice(database).record(number=NUMBER)
    night = [replace(STAY, guest_name=f"Khách {i}", number=f"K{i}") for i in range(7_000)] + [STAY]
    request_id = uuid4()
    with connection.transaction():
        connection.execute("SET LOCAL ROLE dancu_loader")
        done = [notices.load(connection, request_id=request_id, stays=night, now=NOW, locate=locate) for _ in range(2)]
    assert done == [7_001, 0]
    tied = connection.execute("SELECT number FROM register.stay_notice WHERE person_id = %s", (person,)).fetchall()
    assert tied == [(NUMBER,)]


async def test_months_are_made_ahead_and_dropped_after_a_year(
    database: Database, connection: psycopg.Connection
) -> None:
    old = replace(STAY, arrived_at=datetime(2024, 3, 5, 5, tzinfo=UTC), until=date(2024, 3, 7))
    await notify(database, old)
    async with database.transaction(scope="none") as tx:
        assert await notices.make_months(tx, date(2024, 3, 1), months=1) == 1
        assert await notices.make_months(tx, date(2024, 3, 9), months=1) == 0
    assert connection.execute("SELECT count(*) FROM register.stay_notice_2024_03").fetchone() == (1,)
    with pytest.raises(psycopg.errors.InvalidParameterValue), connection.transaction():
        connection.execute("SELECT register.drop_stay_months(current_date - 300)")
    async with database.transaction(scope="none") as tx:
        assert await notices.drop_months(tx, date(2026, 3, 31), kept_months=24) == 0
        assert await notices.drop_months(tx, date(2026, 4, 2), kept_months=24) == 1
    assert connection.execute("SELECT count(*) FROM register.stay_notice").fetchone() == (0,)


async def test_notices_without_a_month_of_their_own_are_dropped_too(
    database: Database, connection: psycopg.Connection
) -> None:
    old = replace(STAY, arrived_at=datetime(2024, 3, 5, 5, tzinfo=UTC), until=date(2024, 3, 7))
    await notify(database, old, replace(STAY, number="X1"))
    duty = stays_dropped(12)
    assert await perform(database, duty, NOW) == 0
    rows = connection.execute("SELECT number FROM register.stay_notice").fetchall()
    assert rows == [("X1",)]


async def test_a_guest_is_found_by_number_or_by_a_part_of_the_name(database: Database) -> None:
    await notify(database, STAY, replace(STAY, guest_name="Nguyễn Thị Hương", number="X123"))
    async with database.transaction(scope="nation") as tx:
        for guest, seen in (("X123", 1), ("huong", 1), ("Lê Văn", 1), ("", 2), ("X12", 0), ("Trần", 0)):
            assert len(await notices.stays_in_commune(tx, "26740", on=TODAY, guest=guest)) == seen, guest
