"""Keeping accounts: who may do what to whom, and that all of it is written down."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import psycopg
import pyotp
import pytest
from tests.rings import memory_ring

from dancu.access import accounts, second_factors, secrets, sessions
from dancu.access.accounts import (
    AdministratorNeeded,
    NameTaken,
    OfficerUnknown,
    OneselfForbidden,
    mark_as_demo,
)
from dancu.access.roles import AccountClass
from dancu.access.secrets import SecondFactors
from dancu.infra.db import Database, Transaction
from dancu.kernel.errors import Conflict, Forbidden, Invalid

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
TODAY = date(2026, 11, 24)
FACTORS = SecondFactors(memory_ring())
PASSWORD = "a long first password"
PHU_XUYEN, DAI_XUYEN = "10273", "10279"


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    from argon2 import PasswordHasher

    monkeypatch.setattr(secrets, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


async def open_account(
    database: Database,
    name: str,
    by: int | None,
    account_class: AccountClass = AccountClass.OPERATOR,
    password: str | None = PASSWORD,
) -> accounts.Opened:
    async with database.transaction() as tx:
        return await accounts.open_account(
            tx,
            name=name,
            full_name=name.title(),
            account_class=account_class,
            factors=FACTORS,
            by=by,
            now=NOW,
            password=password,
        )


@pytest.fixture
async def ids(database: Database) -> dict[str, int]:
    first = await open_account(database, "admin", None, AccountClass.ADMINISTRATOR)
    found = {"admin": first.officer_id}
    for name, account_class in (
        ("bao", AccountClass.ADMINISTRATOR),
        ("chi", AccountClass.ADMINISTRATOR),
        ("lan", AccountClass.OPERATOR),
        ("minh", AccountClass.OPERATOR),
    ):
        found[name] = (await open_account(database, name, first.officer_id, account_class)).officer_id
    return found


def noted(connection: psycopg.Connection) -> list[tuple[object, ...]]:
    return connection.execute(
        "SELECT officer_id, actor, split_part(reason, ':', 1) FROM audit.access_log WHERE operation = 11"
        " ORDER BY log_id DESC"
    ).fetchall()


async def test_the_first_account_is_opened_by_nobody_and_no_other(database: Database) -> None:
    await open_account(database, "admin", None, AccountClass.ADMINISTRATOR)
    with pytest.raises(Forbidden):
        await open_account(database, "second", None, AccountClass.ADMINISTRATOR)


async def test_two_first_administrators_at_once_become_one(database: Database) -> None:
    import asyncio

    answers = await asyncio.gather(
        *(open_account(database, name, None, AccountClass.ADMINISTRATOR) for name in ("one", "two")),
        return_exceptions=True,
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Forbidden", "Opened"]


@pytest.mark.parametrize("name", ["", "A", "a", "Lan", "lan ", "đào", "-lan", "l" * 64, "lan;"])
async def test_a_name_has_a_form(database: Database, name: str) -> None:
    with pytest.raises(Invalid):
        await open_account(database, name, None)


async def test_a_name_is_taken_once(database: Database, ids: dict[str, int]) -> None:
    with pytest.raises(NameTaken):
        await open_account(database, "lan", ids["admin"])


@pytest.mark.parametrize("password", ["short", "x" * 129])
async def test_a_password_has_8_to_128_characters(database: Database, password: str) -> None:
    with pytest.raises(Invalid):
        await open_account(database, "admin", None, password=password)


async def test_a_drawn_password_must_be_changed(database: Database) -> None:
    opened = await open_account(database, "admin", None, password=None)
    async with database.transaction() as tx:
        assert (await accounts.account(tx, "admin")).must_change
        await accounts.change_password(tx, name="admin", present=opened.password, wanted=PASSWORD, now=NOW)
        assert not (await accounts.account(tx, "admin")).must_change


Action = Callable[[Transaction, str, int | None], Awaitable[object]]
ACTIONS: dict[str, Action] = {
    "disable": lambda tx, name, by: accounts.disable(tx, name=name, by=by, now=NOW),
    "unlock": lambda tx, name, by: accounts.unlock(tx, name=name, by=by, now=NOW),
    "reset_password": lambda tx, name, by: accounts.reset_password(tx, name=name, by=by, now=NOW),
    "reset_totp": lambda tx, name, by: second_factors.reset_totp(tx, name=name, factors=FACTORS, by=by, now=NOW),
    "assign": lambda tx, name, by: accounts.assign(
        tx, name=name, role="civil_registrar", unit_code=PHU_XUYEN, by=by, now=NOW
    ),
}


@pytest.mark.parametrize("action", ACTIONS)
async def test_only_administrators_in_service_keep_accounts(
    database: Database, ids: dict[str, int], action: str
) -> None:
    async with database.transaction() as tx:
        await accounts.disable(tx, name="chi", by=ids["admin"], now=NOW)
    for by in (ids["minh"], ids["chi"], 12345):
        async with database.transaction() as tx:
            with pytest.raises(AdministratorNeeded):
                await ACTIONS[action](tx, "lan", by)


@pytest.mark.parametrize("action", ACTIONS)
async def test_nobody_does_it_for_oneself(database: Database, ids: dict[str, int], action: str) -> None:
    async with database.transaction() as tx:
        with pytest.raises(OneselfForbidden):
            await ACTIONS[action](tx, "admin", ids["admin"])


@pytest.mark.parametrize("action", ACTIONS)
async def test_an_unknown_officer_is_said(database: Database, ids: dict[str, int], action: str) -> None:
    async with database.transaction() as tx:
        with pytest.raises(OfficerUnknown):
            await ACTIONS[action](tx, "nobody", ids["admin"])


@pytest.mark.parametrize("action", ACTIONS)
async def test_every_change_is_written_down(
    database: Database, connection: psycopg.Connection, ids: dict[str, int], action: str
) -> None:
    async with database.transaction() as tx:
        await ACTIONS[action](tx, "lan", ids["admin"])
    assert noted(connection)[0] == (ids["admin"], 1, action)


async def test_whoever_holds_the_machine_may_break_the_glass_and_is_noted(
    database: Database, connection: psycopg.Connection, ids: dict[str, int]
) -> None:
    async with database.transaction() as tx:
        await accounts.unlock(tx, name="admin", by=None, now=NOW)
    assert noted(connection)[0] == (None, 4, "unlock")


async def test_an_administrators_second_factor_takes_two_others(database: Database, ids: dict[str, int]) -> None:
    async def ask(by: str, now: datetime = NOW) -> object:
        async with database.transaction() as tx:
            return await second_factors.reset_totp(tx, name="chi", factors=FACTORS, by=ids[by], now=now)

    assert await ask("admin") is None
    assert await ask("admin") is None
    assert await ask("bao", NOW + timedelta(hours=25)) is None
    assert await ask("admin", NOW + timedelta(hours=26)) is not None
    assert await ask("admin", NOW + timedelta(hours=26)) is None


async def test_a_reset_ends_sessions_and_what_was_known_before(database: Database, ids: dict[str, int]) -> None:
    async def sign_in(password: str, secret: str, now: datetime) -> str:
        return await sessions.sign_in(
            database,
            name="lan",
            password=password,
            code=pyotp.TOTP(secret).at(now),
            factors=FACTORS,
            now=now,
            request_id=uuid4(),
        )

    async with database.transaction() as tx:
        first = await second_factors.reset_totp(tx, name="lan", factors=FACTORS, by=ids["admin"], now=NOW)
    assert first is not None
    token = await sign_in(PASSWORD, pyotp.parse_uri(first.totp_uri).secret, NOW)
    async with database.transaction() as tx:
        drawn = await accounts.reset_password(tx, name="lan", by=ids["admin"], now=NOW)
        second = await second_factors.reset_totp(tx, name="lan", factors=FACTORS, by=ids["admin"], now=NOW)
    assert second is not None
    with pytest.raises(sessions.NotSignedIn):
        await sessions.officer_of(database, token=token, now=NOW)
    then = NOW + timedelta(minutes=2)
    with pytest.raises(sessions.WrongSignIn):
        await sign_in(PASSWORD, pyotp.parse_uri(second.totp_uri).secret, then)
    with pytest.raises(sessions.WrongSignIn):
        await sign_in(drawn, pyotp.parse_uri(first.totp_uri).secret, then)
    token = await sign_in(drawn, pyotp.parse_uri(second.totp_uri).secret, then)
    assert (await sessions.officer_of(database, token=token, now=then)).must_change_password


async def test_an_officer_takes_a_second_factor_of_the_own(database: Database, ids: dict[str, int]) -> None:
    async with database.transaction() as tx:
        with pytest.raises(Invalid):
            await second_factors.accept_totp(tx, name="lan", code="000000", factors=FACTORS, now=NOW)
        uri = await second_factors.offer_totp(tx, name="lan", factors=FACTORS)
        own = pyotp.TOTP(pyotp.parse_uri(uri).secret)
        with pytest.raises(Invalid):
            await second_factors.accept_totp(tx, name="lan", code="000000", factors=FACTORS, now=NOW)
        codes = await second_factors.accept_totp(tx, name="lan", code=own.at(NOW), factors=FACTORS, now=NOW)
    assert len(set(codes)) == 8


async def test_the_last_ten_passwords_may_not_come_back(database: Database, ids: dict[str, int]) -> None:
    async with database.transaction() as tx:
        present = PASSWORD
        for number in range(9):
            wanted = f"password number {number}"
            later = NOW + timedelta(minutes=number)
            await accounts.change_password(tx, name="lan", present=present, wanted=wanted, now=later)
            present = wanted
        for former in (PASSWORD, "password number 3", present):
            with pytest.raises(Invalid, match="last ten"):
                await accounts.change_password(tx, name="lan", present=present, wanted=former, now=NOW)
        later = NOW + timedelta(hours=1)
        await accounts.change_password(tx, name="lan", present=present, wanted="password number 9", now=later)
        later = NOW + timedelta(hours=2)
        await accounts.change_password(tx, name="lan", present="password number 9", wanted=PASSWORD, now=later)


async def test_a_password_is_changed_by_who_knows_it(database: Database, ids: dict[str, int]) -> None:
    async with database.transaction() as tx:
        with pytest.raises(Invalid, match="present"):
            await accounts.change_password(tx, name="lan", present="guess", wanted="another password", now=NOW)


async def assignments(database: Database, officer_id: int, day: date) -> list[tuple[str, str, int | None]]:
    now = datetime(day.year, day.month, day.day, 5, tzinfo=UTC)
    async with database.transaction() as tx:
        found = await sessions.assignments(tx, officer_id, now)
    return [(one.role.code, one.office.unit_code, one.deputy_of) for one in found]


async def test_an_officer_who_changes_office_loses_the_old_one_on_that_day(
    database: Database, ids: dict[str, int]
) -> None:
    async with database.transaction() as tx:
        for unit, since in ((PHU_XUYEN, TODAY), (DAI_XUYEN, date(2026, 12, 1))):
            await accounts.assign(
                tx, name="lan", role="civil_registrar", unit_code=unit, by=ids["admin"], now=NOW, since=since
            )
    assert await assignments(database, ids["lan"], date(2026, 11, 23)) == []
    assert await assignments(database, ids["lan"], TODAY) == [("civil_registrar", PHU_XUYEN, None)]
    assert await assignments(database, ids["lan"], date(2026, 11, 30)) == [("civil_registrar", PHU_XUYEN, None)]
    assert await assignments(database, ids["lan"], date(2026, 12, 1)) == [("civil_registrar", DAI_XUYEN, None)]


async def test_a_correction_on_the_same_day_leaves_one_office(database: Database, ids: dict[str, int]) -> None:
    async with database.transaction() as tx:
        for unit in (PHU_XUYEN, DAI_XUYEN):
            await accounts.assign(tx, name="lan", role="civil_registrar", unit_code=unit, by=ids["admin"], now=NOW)
    assert await assignments(database, ids["lan"], TODAY) == [("civil_registrar", DAI_XUYEN, None)]


async def test_a_deputy_stands_in_for_a_time_and_keeps_the_own_office(database: Database, ids: dict[str, int]) -> None:
    async with database.transaction() as tx:
        by = ids["admin"]
        await accounts.assign(tx, name="lan", role="civil_registrar", unit_code=PHU_XUYEN, by=by, now=NOW)
        await accounts.assign(tx, name="minh", role="civil_registrar", unit_code=DAI_XUYEN, by=by, now=NOW)
        await accounts.assign(
            tx,
            name="minh",
            role="civil_registrar",
            unit_code=PHU_XUYEN,
            by=by,
            now=NOW,
            since=date(2026, 12, 1),
            until=date(2026, 12, 8),
            deputy_of="lan",
        )
    own = ("civil_registrar", DAI_XUYEN, None)
    deputy = ("civil_registrar", PHU_XUYEN, ids["lan"])
    assert await assignments(database, ids["minh"], date(2026, 11, 30)) == [own]
    assert await assignments(database, ids["minh"], date(2026, 12, 1)) == [own, deputy]
    assert await assignments(database, ids["minh"], date(2026, 12, 7)) == [own, deputy]
    assert await assignments(database, ids["minh"], date(2026, 12, 8)) == [own]


@pytest.mark.parametrize(
    "change",
    [
        {"role": "emperor"},
        {"role": "administrator"},
        {"until": TODAY},
        {"deputy_of": "minh"},
        {"deputy_of": "minh", "until": date(2026, 12, 1)},
        {"deputy_of": "lan", "until": date(2026, 12, 1)},
    ],
)
async def test_an_assignment_that_makes_no_sense_is_refused(
    database: Database, ids: dict[str, int], change: dict[str, object]
) -> None:
    wanted = {"name": "lan", "role": "civil_registrar", "unit_code": PHU_XUYEN, "by": ids["admin"], "now": NOW}
    async with database.transaction() as tx:
        with pytest.raises(Invalid):
            await accounts.assign(tx, **(wanted | change))  # type: ignore[arg-type]


async def test_the_day_of_an_assignment_is_the_day_in_ha_noi(database: Database, ids: dict[str, int]) -> None:
    late = datetime(2026, 11, 24, 17, 30, tzinfo=UTC)
    async with database.transaction() as tx:
        await accounts.assign(tx, name="lan", role="civil_registrar", unit_code=PHU_XUYEN, by=ids["admin"], now=late)
        before = await sessions.assignments(tx, ids["lan"], datetime(2026, 11, 24, 16, 59, tzinfo=UTC))
        after = await sessions.assignments(tx, ids["lan"], datetime(2026, 11, 24, 17, 0, tzinfo=UTC))
    assert (len(before), len(after)) == (0, 1)


async def test_codes_are_shown_in_a_demo_only(
    database: Database, connection: psycopg.Connection, ids: dict[str, int]
) -> None:
    async with database.transaction() as tx:
        with pytest.raises(second_factors.NotADemo):
            await second_factors.code_of(tx, name="lan", factors=FACTORS, now=NOW)
    with pytest.raises(Conflict):
        mark_as_demo(connection)


async def test_the_code_of_a_demo_can_be_used_twice_a_step(database: Database, connection: psycopg.Connection) -> None:
    mark_as_demo(connection)
    await open_account(database, "admin", None, AccountClass.ADMINISTRATOR)
    mark_as_demo(connection)
    for _ in range(2):
        async with database.transaction() as tx:
            code = await second_factors.code_of(tx, name="admin", factors=FACTORS, now=NOW)
        await sessions.sign_in(
            database,
            name="admin",
            password=PASSWORD,
            code=code,
            factors=FACTORS,
            now=NOW,
            request_id=uuid4(),
        )


async def test_the_application_cannot_make_itself_a_demo(database: Database) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with database.transaction() as tx:
            await tx.execute("INSERT INTO access.installation (name, value) VALUES ('demo', 'yes')")
