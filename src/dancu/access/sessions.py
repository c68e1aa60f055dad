"""Signing in and staying signed in."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from dancu.access import secrets
from dancu.access.accounts import IDLE_DAYS, Account, as_name
from dancu.access.credentials import SQL, Credential, credential_of, use_second_factor
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
LOCKED_AT_MOST = timedelta(days=30)
IDLE = timedelta(minutes=15)
IDLE_OF_ADMINISTRATOR = timedelta(minutes=5)
LONGEST = timedelta(hours=12)
PASSWORD_OF_ADMINISTRATOR = timedelta(days=60)
_TOUCHED_EVERY = timedelta(seconds=30)
_HASHING = ThreadPoolExecutor(2, thread_name_prefix="password")  # a hash takes 64 MiB and a core


class NotSignedIn(Unauthenticated):
    """There is no such session, or it has ended."""


class WrongSignIn(Unauthenticated):
    """Name, password or code is wrong; which one is not told. `why` is for the log."""

    why = "wrong"


class LockedOut(Limited):
    """Too many wrong tries under this name, whether or not anybody has it; an administrator can unlock an account."""

    why = "locked"


async def sign_in(
    database: Database,
    *,
    name: str,
    password: str,
    code: str,
    factors: SecondFactors,
    now: datetime,
    request_id: UUID,
    channel: Channel = Channel.PORTAL,
) -> str:
    """Open a session and return its token.

    Args:
        code: of the authenticator app, or a recovery code.

    Raises:
        WrongSignIn: something is wrong; the account may not even exist.
        LockedOut: five tries in a row were wrong: for 12 hours, then twice as long each time, up to 30 days.

    Standard: TCVN 14423:2026, level 4, 6.6.
    """
    name = name.strip().lower()
    proof = await _prove(database, name, password)
    async with database.transaction(scope="none") as tx:
        account = await tx.first(Account, SQL.account_for_update, {"name": as_name(name)})
        answer = await _answer(tx, name, account, proof, code, factors, now)
        await record(tx, _entry(account, answer, now, request_id, channel))
    if isinstance(answer, str):
        return answer
    raise answer


async def confirm(
    database: Database,
    *,
    name: str,
    password: str,
    code: str,
    factors: SecondFactors,
    now: datetime,
    request_id: UUID,
    channel: Channel = Channel.PORTAL,
) -> None:
    """Let a signed-in officer prove once more that it is really them, before what protects the account changes.

    Raises:
        WrongSignIn: password or code is wrong; it counts like a wrong sign-in.
        LockedOut: five tries in a row were wrong.
    """
    proof = await _prove(database, name, password)
    async with database.transaction(scope="none") as tx:
        account = await tx.first(Account, SQL.account_for_update, {"name": as_name(name)})
        fault = await _fault(tx, name, account, proof, code, factors, now)
        await record(tx, _entry(account, fault, now, request_id, channel, purpose="confirm"))
    if fault:
        raise fault


async def _prove(database: Database, name: str, password: str) -> Credential | None:
    """Return the credential that the password fits; what takes long is done outside of transactions."""
    async with database.transaction(scope="none") as tx:
        account = await tx.first(Account, SQL.account, {"name": as_name(name)})
        held = await credential_of(tx, account.officer_id) if account else None
    stored = held.password_hash if held else None
    fits = await asyncio.get_running_loop().run_in_executor(_HASHING, secrets.password_fits, stored, password)
    return held if fits else None


async def _answer(
    tx: Transaction,
    name: str,
    account: Account | None,
    proof: Credential | None,
    code: str,
    factors: SecondFactors,
    now: datetime,
) -> str | WrongSignIn | LockedOut:
    """Return a token, or what to raise once the failure is written down."""
    if fault := await _fault(tx, name, account, proof, code, factors, now):
        return fault
    token = secrets.draw_token()
    session = {"token_hash": secrets.digest(token), "officer_id": account.officer_id if account else 0, "now": now}
    await tx.execute(SQL.insert_session, session)
    return token


async def _fault(
    tx: Transaction,
    name: str,
    account: Account | None,
    proof: Credential | None,
    code: str,
    factors: SecondFactors,
    now: datetime,
) -> WrongSignIn | LockedOut | None:
    """Use up the code, or count the failure and return what to raise."""
    tries = await _tries(tx, name, account)
    if tries.locked_until and now < tries.locked_until:
        return LockedOut("Too many wrong tries. The account is locked; an administrator can unlock it")
    if account and proof and in_service(account, now) and await _holds(tx, account, proof, code, factors, now):
        await tx.execute(SQL.note_success, {"officer_id": account.officer_id, "now": now})
        return None
    await _note_failure(tx, name, account, tries, now)
    return WrongSignIn("Name, password or code is wrong")


def in_service(account: Account, now: datetime) -> bool:
    """Tell whether an account may be used: it is not disabled, and was used within 45 days."""
    return account.disabled_at is None and (account.seen_at or account.created_at) >= now - timedelta(days=IDLE_DAYS)


async def _holds(
    tx: Transaction, account: Account, proof: Credential, code: str, factors: SecondFactors, now: datetime
) -> bool:
    """Use up the second factor, if the password is still the one that was proven."""
    held = await credential_of(tx, account.officer_id)
    return held.password_hash == proof.password_hash and await use_second_factor(tx, held, code, factors, now)


@dataclass(frozen=True)
class _Tries:
    failures: int
    lockouts: int
    locked_until: datetime | None


async def _tries(tx: Transaction, name: str, account: Account | None) -> _Tries:
    if account:
        return _Tries(account.failures, account.lockouts, account.locked_until)
    found = await tx.first(_Tries, SQL.tries_of_unknown, {"name_digest": secrets.digest(name)})
    return found or _Tries(0, 0, None)


async def _note_failure(tx: Transaction, name: str, account: Account | None, tries: _Tries, now: datetime) -> None:
    locks = tries.failures + 1 >= FAILURES
    row = {
        "failures": 0 if locks else tries.failures + 1,
        "lockouts": min(tries.lockouts + locks, 100),
        "locked_until": now + min(LOCKED_FOR * 2 ** min(tries.lockouts, 10), LOCKED_AT_MOST) if locks else None,
    }
    if account:
        await tx.execute(SQL.note_failure, {"officer_id": account.officer_id, **row})
    else:
        await tx.execute(SQL.note_unknown, {"name_digest": secrets.digest(name), "now": now, **row})


def _entry(
    account: Account | None,
    answer: str | WrongSignIn | LockedOut | None,
    now: datetime,
    request_id: UUID,
    channel: Channel,
    purpose: str = "sign_in",
) -> Entry:
    granted = answer is None or isinstance(answer, str)
    return Entry(
        logged_at=now,
        operation=Operation.SIGN_IN,
        outcome=Outcome.GRANTED if granted else Outcome.REFUSED,
        channel=channel,
        request_id=request_id,
        officer_id=account.officer_id if account else None,
        purpose=purpose,
        reason=answer.why if isinstance(answer, WrongSignIn | LockedOut) else None,
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
    password_changed_at: datetime

    @property
    def administrator(self) -> bool:
        return self.account_class == AccountClass.ADMINISTRATOR


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
            _must_change(session, now),
        )


async def officer_named(tx: Transaction, name: str, now: datetime) -> Officer:
    """Return an officer for the command line, where the operating system has let the operator in.

    Raises:
        NotSignedIn: there is no such officer in service.
    """
    account = await tx.first(Account, SQL.account, {"name": name})
    if account is None or not in_service(account, now):
        raise NotSignedIn(f"There is no officer {name} in service")
    held = await assignments(tx, account.officer_id, now)
    return Officer(account.officer_id, account.name, account.full_name, AccountClass(account.account_class), held)


async def assignments(tx: Transaction, officer_id: int, now: datetime) -> tuple[Assignment, ...]:
    """List the assignments of an officer in force today, those as a deputy last."""
    rows = await tx.rows(SQL.assignments_on, {"officer_id": officer_id, "day": today(now)})
    return tuple(
        Assignment(Office(*office), ROLES[role], deputy_of) for role, deputy_of, *office in rows if role in ROLES
    )


def _must_change(session: _Session, now: datetime) -> bool:
    old = now - session.password_changed_at > PASSWORD_OF_ADMINISTRATOR
    return session.must_change or (session.administrator and old)


def _ended(session: _Session, now: datetime) -> bool:
    idle = IDLE_OF_ADMINISTRATOR if session.administrator else IDLE
    return bool(session.disabled_at) or now - session.seen_at > idle or now - session.opened_at > LONGEST


async def sign_out(
    database: Database, *, token: str, now: datetime, request_id: UUID, channel: Channel = Channel.PORTAL
) -> None:
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
                channel=channel,
                request_id=request_id,
                officer_id=session.officer_id,
                purpose="sign_in",
            ),
        )
