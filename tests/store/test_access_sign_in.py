"""Signing in: every way in which it must fail, and the one in which it works."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pyotp
import pytest
from tests.rings import memory_ring

from dancu.access import accounts, secrets, sessions
from dancu.access.model import Officer
from dancu.access.roles import AccountClass
from dancu.access.secrets import SecondFactors
from dancu.infra.db import Database
from dancu.infra.keys import KeyMissing, SealBroken

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
FACTORS = SecondFactors(memory_ring())
PASSWORD = "a long first password"


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    from argon2 import PasswordHasher

    monkeypatch.setattr(secrets, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@dataclass(frozen=True)
class Staff:
    database: Database
    totp: dict[str, pyotp.TOTP]
    recovery: dict[str, list[str]]
    ids: dict[str, int]

    async def sign_in(
        self,
        name: str = "lan",
        password: str = PASSWORD,
        code: str | None = None,
        *,
        now: datetime = NOW,
        factors: SecondFactors = FACTORS,
    ) -> str:
        return await sessions.sign_in(
            self.database,
            name=name,
            password=password,
            code=self.totp[name].at(now) if code is None and name in self.totp else code or "000000",
            factors=factors,
            now=now,
            request_id=UUID(int=1),
        )

    async def fails(self, name: str = "lan", *, times: int, now: datetime = NOW) -> None:
        for _ in range(times):
            with pytest.raises(sessions.WrongSignIn):
                await self.sign_in(name, "a wrong password", "000000", now=now)

    async def officer(self, token: str, now: datetime = NOW) -> Officer:
        return await sessions.officer_of(self.database, token=token, now=now)


@pytest.fixture
async def staff(database: Database) -> Staff:
    staff = Staff(database, {}, {}, {})
    async with database.transaction(scope="none") as tx:
        by: int | None = None
        for name, full_name, account_class in (
            ("admin", "Quản Trị Viên", AccountClass.ADMINISTRATOR),
            ("lan", "Nguyễn Thị Lan", AccountClass.OPERATOR),
        ):
            opened = await accounts.open_account(
                tx,
                name=name,
                full_name=full_name,
                account_class=account_class,
                factors=FACTORS,
                by=by,
                now=NOW - timedelta(days=3),
                password=PASSWORD,
            )
            by = by or opened.officer_id
            staff.totp[name] = pyotp.TOTP(pyotp.parse_uri(opened.totp_uri).secret)
            staff.recovery[name] = list(opened.recovery_codes)
            staff.ids[name] = opened.officer_id
    return staff


def outcomes(connection: psycopg.Connection) -> list[tuple[object, ...]]:
    return connection.execute(
        "SELECT officer_id, outcome, reason FROM audit.access_log WHERE operation = 1 ORDER BY log_id"
    ).fetchall()


async def test_name_password_and_code_open_a_session(staff: Staff, connection: psycopg.Connection) -> None:
    officer = await staff.officer(await staff.sign_in(" LAN ", code=staff.totp["lan"].at(NOW)))
    assert (officer.name, officer.full_name, officer.must_change_password) == ("lan", "Nguyễn Thị Lan", False)
    assert outcomes(connection) == [(staff.ids["lan"], 1, None)]


@pytest.mark.parametrize(
    ("name", "password", "code"),
    [
        ("lan", "another password", None),
        ("lan", PASSWORD, "000000"),
        ("lan", PASSWORD, ""),
        ("lan", "", None),
        ("lan", "x" * 100_000, None),
        ("nobody", PASSWORD, "000000"),
        ("", "", ""),
        ("lan'; --", PASSWORD, "000000"),
        ("lan\x00", PASSWORD, "000000"),
        ("lan", "\x00", "000000"),
        ("lan", PASSWORD, "mã số"),
    ],
)
async def test_what_is_wrong_is_not_told(
    staff: Staff, connection: psycopg.Connection, name: str, password: str, code: str | None
) -> None:
    with pytest.raises(sessions.WrongSignIn, match=r"^Name, password or code is wrong$"):
        await staff.sign_in(name, password, code)
    assert outcomes(connection) == [(staff.ids.get(name), 2, "wrong")]


async def test_a_code_works_once(staff: Staff) -> None:
    await staff.sign_in()
    with pytest.raises(sessions.WrongSignIn):
        await staff.sign_in()
    await staff.sign_in(now=NOW + timedelta(seconds=30))


@pytest.mark.parametrize(("seconds", "works"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
async def test_a_clock_may_be_one_step_off(staff: Staff, seconds: int, works: bool) -> None:
    code = staff.totp["lan"].at(NOW + timedelta(seconds=seconds))
    if works:
        assert await staff.sign_in(code=code)
    else:
        with pytest.raises(sessions.WrongSignIn):
            await staff.sign_in(code=code)


async def test_an_earlier_code_does_not_work_after_a_later_one(staff: Staff) -> None:
    await staff.sign_in(code=staff.totp["lan"].at(NOW + timedelta(seconds=30)))
    with pytest.raises(sessions.WrongSignIn):
        await staff.sign_in(code=staff.totp["lan"].at(NOW))


async def test_the_same_code_typed_twice_at_once_opens_one_session(staff: Staff) -> None:
    import asyncio

    answers = await asyncio.gather(staff.sign_in(), staff.sign_in(), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["WrongSignIn", "str"]


async def test_a_recovery_code_works_once(staff: Staff) -> None:
    code = staff.recovery["lan"][0]
    await staff.sign_in(code=code)
    with pytest.raises(sessions.WrongSignIn):
        await staff.sign_in(code=code)
    await staff.sign_in(code=staff.recovery["lan"][1])


async def test_the_recovery_code_of_another_officer_does_not_work(staff: Staff) -> None:
    with pytest.raises(sessions.WrongSignIn):
        await staff.sign_in(code=staff.recovery["admin"][0])


async def test_five_wrong_tries_lock_out_even_the_right_one(staff: Staff, connection: psycopg.Connection) -> None:
    await staff.fails(times=5)
    with pytest.raises(sessions.LockedOut):
        await staff.sign_in()
    assert outcomes(connection)[-1] == (staff.ids["lan"], 2, "locked")
    with pytest.raises(sessions.LockedOut):
        await staff.sign_in(now=NOW + timedelta(hours=11, minutes=59))
    await staff.sign_in(now=NOW + timedelta(hours=12))


async def test_a_name_that_nobody_has_locks_out_alike(staff: Staff) -> None:
    await staff.fails("nobody", times=5)
    with pytest.raises(sessions.LockedOut):
        await staff.sign_in("nobody")
    await staff.fails("nobody", times=1, now=NOW + timedelta(hours=12))


async def test_each_lock_out_lasts_twice_as_long_up_to_thirty_days(staff: Staff) -> None:
    now, lasted = NOW, []
    for _ in range(8):
        await staff.fails(times=5, now=now)
        row_until = await _locked_until(staff)
        lasted.append((row_until - now) / timedelta(hours=1))
        now = row_until
    assert lasted == [12, 24, 48, 96, 192, 384, 720, 720]


async def _locked_until(staff: Staff) -> datetime:
    async with staff.database.transaction() as tx:
        until = (await accounts.account(tx, "lan")).locked_until
    assert until is not None
    return until


async def test_a_success_in_between_starts_the_count_again(staff: Staff) -> None:
    await staff.fails(times=4)
    await staff.sign_in()
    await staff.fails(times=4)
    await staff.sign_in(now=NOW + timedelta(seconds=60))


async def test_failures_count_although_each_try_is_refused(staff: Staff) -> None:
    await staff.fails(times=2)
    async with staff.database.transaction() as tx:
        assert (await accounts.account(tx, "lan")).failures == 2


async def test_a_wrong_key_of_the_installation_is_said_and_not_counted(staff: Staff) -> None:
    with pytest.raises(KeyMissing):
        await staff.sign_in(factors=SecondFactors(memory_ring(b"x")))
    async with staff.database.transaction() as tx:
        assert (await accounts.account(tx, "lan")).failures == 0


async def test_a_recovery_code_works_without_the_key_of_the_installation(staff: Staff) -> None:
    assert await staff.sign_in(code=staff.recovery["lan"][0], factors=SecondFactors(memory_ring(b"x")))


@pytest.mark.parametrize(("days", "works"), [(44, True), (46, False)])
async def test_an_account_unused_for_45_days_is_closed(staff: Staff, days: int, works: bool) -> None:
    await staff.sign_in()
    then = NOW + timedelta(days=days)
    if works:
        assert await staff.sign_in(now=then)
    else:
        with pytest.raises(sessions.WrongSignIn):
            await staff.sign_in(now=then)


async def test_idle_accounts_are_disabled_by_the_worker_too(staff: Staff) -> None:
    await staff.sign_in(now=NOW + timedelta(days=40))
    async with staff.database.transaction() as tx:
        assert await accounts.retire_idle(tx, NOW + timedelta(days=46)) == 1
        assert [one.name for one in await accounts.officers(tx) if one.disabled_at] == ["admin"]


@pytest.mark.parametrize(("name", "minutes", "ended"), [("lan", 15, False), ("lan", 16, True), ("admin", 6, True)])
async def test_an_idle_session_ends(staff: Staff, name: str, minutes: int, ended: bool) -> None:
    token = await staff.sign_in(name)
    then = NOW + timedelta(minutes=minutes)
    if ended:
        with pytest.raises(sessions.NotSignedIn):
            await staff.officer(token, then)
    else:
        await staff.officer(token, then)


async def test_a_session_in_use_ends_after_twelve_hours(staff: Staff) -> None:
    token = await staff.sign_in()
    now = NOW
    while now < NOW + sessions.LONGEST:
        await staff.officer(token, now)
        now += timedelta(minutes=14)
    with pytest.raises(sessions.NotSignedIn):
        await staff.officer(token, now)


async def test_a_session_that_was_ended_or_never_was_is_none(staff: Staff) -> None:
    token = await staff.sign_in()
    await sessions.sign_out(staff.database, token=token, now=NOW, request_id=uuid4())
    await sessions.sign_out(staff.database, token=token, now=NOW, request_id=uuid4())
    for one in (token, "", "made up"):
        with pytest.raises(sessions.NotSignedIn):
            await staff.officer(one)


async def test_the_database_holds_neither_tokens_nor_secrets(staff: Staff, connection: psycopg.Connection) -> None:
    token = await staff.sign_in()
    held = str(connection.execute("SELECT s, c FROM access.session s, access.credential c").fetchall())
    held += str(connection.execute("SELECT c FROM access.recovery_code c").fetchall())
    for secret in (token, PASSWORD, staff.totp["lan"].secret, staff.recovery["lan"][0]):
        assert secret not in held


@pytest.mark.parametrize("table", ["credential", "former_password", "recovery_code"])
async def test_without_naming_an_account_no_secret_is_seen(staff: Staff, table: str) -> None:
    async with staff.database.transaction(scope="nation") as tx:
        assert await tx.rows(f"SELECT officer_id FROM access.{table}") == []
    async with staff.database.transaction(scope="nation", account=str(staff.ids["lan"])) as tx:
        rows = await tx.rows(f"SELECT officer_id FROM access.{table}")
    assert {row[0] for row in rows} <= {staff.ids["lan"]}


async def test_an_administrator_changes_the_password_every_sixty_days(staff: Staff) -> None:
    for name, expected in (("lan", False), ("admin", True)):
        await staff.sign_in(name, now=NOW + timedelta(days=30))
        then = NOW + timedelta(days=60)
        assert (await staff.officer(await staff.sign_in(name, now=then), then)).must_change_password is expected


async def test_a_second_factor_is_bound_to_its_officer(staff: Staff, connection: psycopg.Connection) -> None:
    connection.execute(
        "UPDATE access.credential SET totp_secret = (SELECT totp_secret FROM access.credential WHERE officer_id = %s)",
        (staff.ids["admin"],),
    )
    with pytest.raises(SealBroken):
        await staff.sign_in(code=staff.totp["admin"].at(NOW))
