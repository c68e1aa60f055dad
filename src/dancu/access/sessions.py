"""Signing in and staying signed in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from dancu.access import secrets
from dancu.access.accounts import IDLE_DAYS, SQL, Account
from dancu.access.model import Assignment, Office, Officer
from dancu.access.roles import ROLES, AccountClass
from dancu.access.secrets import SecondFactors
from dancu.audit.entry import Channel, Entry, Operation, Outcome
from dancu.audit.log import record
from dancu.infra.db import Database, Transaction
from dancu.kernel.errors import Limited, Unauthenticated
from dancu.kernel.time import today

FAILURES = 5
LOCKED_FOR = timedelta(hours=12)
IDLE = timedelta(minutes=15)
IDLE_OF_ADMINISTRATOR = timedelta(minutes=5)
LONGEST = timedelta(hours=12)
_TOUCHED_EVERY = timedelta(seconds=30)


class NotSignedIn(Unauthenticated):
    """There is no such session, or it has ended."""


class WrongSignIn(Unauthenticated):
    """Name, password or code is wrong; which one is not told."""


class LockedOut(Limited):
    """Too many wrong tries; an administrator can unlock the account."""


async def sign_in(
    database: Database,
    *,
    name: str,
    password: str,
    code: str,
    factors: SecondFactors,
    now: datetime,
    request_id: UUID,
) -> str:
    """Open a session and return its token.

    Args:
        code: of the authenticator app, or a recovery code.

    Raises:
        WrongSignIn: something is wrong; the account may not even exist.
        LockedOut: five tries in a row were wrong, within the last 12 hours.

    Standard: TCVN 14423:2026, level 4, 6.6.
    """
    async with database.transaction(scope="none") as tx:
        account = await tx.first(Account, SQL.account_for_update, {"name": name.lower()})
        answer = await _check(tx, account, password, code, factors, now)
        await record(tx, _entry(account, answer, now, request_id))
    if isinstance(answer, str):
        return answer
    raise answer


async def _check(
    tx: Transaction,
    account: Account | None,
    password: str,
    code: str,
    factors: SecondFactors,
    now: datetime,
) -> str | WrongSignIn | LockedOut:
    """Return a token, or what to raise once the failure is written down."""
    fits = secrets.password_fits(account.password_hash if account else None, password)
    wrong = WrongSignIn("Name, password or code is wrong")
    if account is None:
        return wrong
    if account.locked_until and now < account.locked_until:
        return LockedOut("Too many wrong tries. The account is locked; an administrator can unlock it")
    if account.disabled_at or (account.seen_at or account.created_at) < now - timedelta(days=IDLE_DAYS):
        return wrong
    step = await _second_factor(tx, account, code, factors, now) if fits else None
    if step is None:
        failures = account.failures + 1
        locked_until = now + LOCKED_FOR if failures >= FAILURES else None
        row = {"officer_id": account.officer_id, "failures": failures % FAILURES, "locked_until": locked_until}
        await tx.execute(SQL.note_failure, row)
        return wrong
    await tx.execute(SQL.note_success, {"officer_id": account.officer_id, "totp_step": step, "now": now})
    token = secrets.draw_token()
    session = {"token_hash": secrets.digest(token), "officer_id": account.officer_id, "now": now}
    await tx.execute(SQL.insert_session, session)
    return token


async def _second_factor(
    tx: Transaction, account: Account, code: str, factors: SecondFactors, now: datetime
) -> int | None:
    """Return the step that was used up; a recovery code uses up none."""
    secret = factors.open(account.officer_id, bytes(account.totp_secret))
    step = secrets.matching_step(secret, code, now, after=account.totp_step)
    if step is not None:
        return step
    row = {"officer_id": account.officer_id, "code_hash": secrets.digest(code), "now": now}
    return account.totp_step if await tx.execute(SQL.use_recovery_code, row) else None


def _entry(account: Account | None, answer: str | Exception, now: datetime, request_id: UUID) -> Entry:
    granted = isinstance(answer, str)
    return Entry(
        logged_at=now,
        operation=Operation.SIGN_IN,
        outcome=Outcome.GRANTED if granted else Outcome.REFUSED,
        channel=Channel.PORTAL,
        request_id=request_id,
        officer_id=account.officer_id if account else None,
        purpose="sign_in",
        reason=None if granted else type(answer).__name__,
    )


@dataclass(frozen=True)
class _Session:
    opened_at: datetime
    seen_at: datetime
    officer_id: int
    name: str
    full_name: str
    account_class: int
    disabled_at: datetime | None
    must_change: bool


async def officer_of(database: Database, *, token: str, now: datetime) -> Officer:
    """Return who holds a session, with what he or she is today.

    Raises:
        NotSignedIn: it ended, was idle for too long, or never was.
    """
    token_hash = secrets.digest(token)
    async with database.transaction(scope="none") as tx:
        session = await tx.first(_Session, SQL.session, {"token_hash": token_hash})
        if session is None or _ended(session, now):
            raise NotSignedIn("Please sign in")
        if now - session.seen_at > _TOUCHED_EVERY:
            await tx.execute(SQL.touch_session, {"token_hash": token_hash, "now": now})
        return Officer(
            session.officer_id,
            session.name,
            session.full_name,
            AccountClass(session.account_class),
            await assignments(tx, session.officer_id, now),
            session.must_change,
        )


async def officer_named(tx: Transaction, name: str, now: datetime) -> Officer:
    """Return an officer for the command line, where the operating system has let the operator in.

    Raises:
        NotSignedIn: there is no such officer in service.
    """
    account = await tx.first(Account, SQL.account, {"name": name})
    if account is None or account.disabled_at:
        raise NotSignedIn(f"There is no officer {name} in service")
    held = await assignments(tx, account.officer_id, now)
    return Officer(account.officer_id, account.name, account.full_name, AccountClass(account.account_class), held)


async def assignments(tx: Transaction, officer_id: int, now: datetime) -> tuple[Assignment, ...]:
    """List the assignments of an officer in force today, those as a deputy last."""
    rows = await tx.rows(SQL.assignments_on, {"officer_id": officer_id, "day": today(now)})
    return tuple(
        Assignment(Office(*office), ROLES[role], deputy_of) for role, deputy_of, *office in rows if role in ROLES
    )


def _ended(session: _Session, now: datetime) -> bool:
    administrator = session.account_class == AccountClass.ADMINISTRATOR
    idle = IDLE_OF_ADMINISTRATOR if administrator else IDLE
    return bool(session.disabled_at) or now - session.seen_at > idle or now - session.opened_at > LONGEST


async def sign_out(database: Database, *, token: str, now: datetime, request_id: UUID) -> None:
    """End a session; ending one that has ended is harmless."""
    async with database.transaction(scope="none") as tx:
        token_hash = secrets.digest(token)
        session = await tx.first(_Session, SQL.session, {"token_hash": token_hash})
        if session is None:
            return
        await tx.execute(SQL.end_session, {"token_hash": token_hash, "now": now})
        await record(
            tx,
            Entry(
                logged_at=now,
                operation=Operation.SIGN_OUT,
                outcome=Outcome.GRANTED,
                channel=Channel.PORTAL,
                request_id=request_id,
                officer_id=session.officer_id,
                purpose="sign_in",
            ),
        )
