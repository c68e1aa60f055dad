"""Accounts of officers: made, assigned, locked, restored. Every change is written down."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import psycopg

from dancu.access import secrets
from dancu.access.credentials import (
    SQL,
    credential_of,
    former_passwords,
    replace_password,
    store_credential,
)
from dancu.access.roles import ROLES, AccountClass
from dancu.access.secrets import SecondFactors
from dancu.audit.entry import Actor, Channel, Entry, Operation, Outcome
from dancu.audit.log import record
from dancu.infra.db import Transaction
from dancu.kernel.codes import Authority
from dancu.kernel.errors import Conflict, FieldFault, Forbidden, Invalid, NotFound
from dancu.kernel.ids import new_id
from dancu.kernel.time import today
from dancu.reference.model import Kind

IDLE_DAYS = 45
FORGOTTEN_AFTER = timedelta(days=31)


_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}")


class OfficerUnknown(NotFound):
    """There is no officer of this name."""


class NameTaken(Conflict):
    """Another account has this name."""


class OneselfForbidden(Forbidden):
    """Somebody else must do it."""


class AdministratorNeeded(Forbidden):
    """Only an administrator in service does this."""


@dataclass(frozen=True)
class Account:
    """An account as it is stored."""

    officer_id: int
    name: str
    full_name: str
    account_class: int
    password_changed_at: datetime
    failures: int
    lockouts: int
    locked_until: datetime | None
    disabled_at: datetime | None
    seen_at: datetime | None
    created_at: datetime
    must_change: bool


@dataclass(frozen=True)
class Listed:
    """An account in a list."""

    officer_id: int
    name: str
    full_name: str
    account_class: int
    seen_at: datetime | None
    disabled_at: datetime | None
    locked_until: datetime | None


@dataclass(frozen=True)
class Opened:
    """A new account with what its officer must be given once, and nobody keeps.

    Args:
        totp_uri: for the authenticator app.
        recovery_codes: each works once, in place of a code.
    """

    officer_id: int
    name: str
    password: str
    totp_uri: str
    recovery_codes: Sequence[str]


def as_name(text: str) -> str:
    """Return a text that a name can be, or '', which no account has."""
    return text if _NAME.fullmatch(text) else ""


async def account(tx: Transaction, name: str) -> Account:
    """Read an account.

    Raises:
        OfficerUnknown: there is none of this name.
    """
    found = await tx.first(Account, SQL.account, {"name": as_name(name)})
    if found is None:
        raise OfficerUnknown(f"There is no officer {name}; list them with: dancu officer list")
    return found


async def open_account(
    tx: Transaction,
    *,
    name: str,
    full_name: str,
    account_class: AccountClass,
    factors: SecondFactors,
    by: int | None,
    now: datetime,
    password: str | None = None,
) -> Opened:
    """Open an account with a first password and a second factor.

    Args:
        by: the administrator; None for the first one, while there is no account at all.
        password: chosen beforehand; None: one is drawn, and must be changed at the first sign-in.

    Raises:
        NameTaken: another account has this name.
        AdministratorNeeded: who opens it is no administrator.
        Forbidden: accounts exist, and nobody is named who opens this one.
        Invalid: the name or the password can't be used.
    """
    if by is None:
        await tx.execute(SQL.lock_officers)
        any_officer = await tx.row(SQL.any_officer)
        if any_officer and any_officer[0]:
            raise Forbidden("An administrator opens further accounts")
    else:
        await check_administrator(tx, by)
    if not as_name(name):
        raise Invalid((FieldFault("/name", "A name has small letters, digits, dots and hyphens"),))
    if await tx.first(Account, SQL.account, {"name": name}):
        raise NameTaken(f"There is an officer {name} already")
    if not full_name.strip():
        raise Invalid((FieldFault("/full_name", "Say the officer's full name"),))
    officer_id, first, secret = new_id(), password or secrets.draw_password(), secrets.draw_totp()
    await tx.execute(
        SQL.insert_officer,
        {
            "officer_id": officer_id,
            "now": now,
            "class": int(account_class),
            "must_change": password is None,
            "name": name,
            "full_name": full_name.strip(),
        },
    )
    codes = await store_credential(tx, officer_id, first, factors.seal(officer_id, secret))
    await note(tx, by, now, f"open_account:{officer_id}")
    return Opened(officer_id, name, first, secrets.provisioning_uri(secret, name), codes)


async def assign(
    tx: Transaction,
    *,
    name: str,
    role: str,
    unit_code: str,
    by: int | None,
    now: datetime,
    since: date | None = None,
    until: date | None = None,
    deputy_of: str | None = None,
    office_name: str = "",
) -> int:
    """Give an officer a role at an office; it ends the one before, unless it is as a deputy.

    Args:
        unit_code: of the office; '' for the Center.
        deputy_of: name of the officer who is stood in for; then `until` is needed.

    Raises:
        OfficerUnknown: one of the names is not known.
        AdministratorNeeded: who assigns is no administrator.
        OneselfForbidden: nobody gives a role to oneself.
        Invalid: there is no such role, the class of account can't have it, the end is missing or too early,
            or the principal has no such role at that office.
    """
    await check_administrator(tx, by)
    known = ROLES.get(role)
    if known is None:
        raise Invalid((FieldFault("/role", f"There is no role {role}; there are: {', '.join(ROLES)}"),))
    holder = await another(tx, name, by)
    if holder.account_class != known.account_class:
        raise Invalid((FieldFault("/role", "This class of account can't have that role"),))
    if deputy_of and until is None:
        raise Invalid((FieldFault("/until", "A deputy stands in until a day"),))
    day = since or today(now)
    if until is not None and until <= day:
        raise Invalid((FieldFault("/until", "An assignment must end after it begins"),))
    principal = await account(tx, deputy_of) if deputy_of else None
    authority = known.authority or Authority.POPULATION_DATABASE
    office_id = await _office(tx, unit_code, authority, day, office_name)
    if principal is None:
        await tx.execute(SQL.drop_assignments, {"officer_id": holder.officer_id, "day": day})
        await tx.execute(SQL.end_assignments, {"officer_id": holder.officer_id, "day": day})
    elif principal.officer_id == holder.officer_id or not await _holds(tx, principal, role, office_id, day):
        raise Invalid((FieldFault("/deputy_of", "A deputy stands in for another officer who has that role there"),))
    await tx.execute(
        SQL.insert_assignment,
        {
            "officer_id": holder.officer_id,
            "assignment_id": new_id(),
            "office_id": office_id,
            "deputy_of": principal.officer_id if principal else None,
            "valid_from": day,
            "valid_to": until,
            "role": role,
        },
    )
    await note(tx, by, now, f"assign:{holder.officer_id}:{role}:{unit_code}")
    return office_id


async def _office(tx: Transaction, unit_code: str, authority: Authority, day: date, name: str) -> int:
    found = await tx.row(SQL.office_of, {"unit_code": unit_code, "authority": int(authority)})
    if found:
        return int(found[0])
    office_id = new_id()
    row = {"office_id": office_id, "authority": int(authority), "unit_code": unit_code, "valid_from": day}
    await tx.execute(SQL.insert_office, {**row, "name": name or await _office_name(tx, unit_code, authority)})
    return office_id


async def _office_name(tx: Transaction, unit_code: str, authority: Authority) -> str:
    if not unit_code:
        return "Trung tâm dữ liệu quốc gia về dân cư"
    row = await tx.row(SQL.unit_in_force, {"unit_code": unit_code})
    unit = f"{Kind(row[0]).word.lower()} {row[1]}" if row else unit_code
    if authority is Authority.COMMUNE_POLICE:
        return f"Công an {unit}"
    return f"Sở Tư pháp {unit}" if len(unit_code) == 2 else f"Ủy ban nhân dân {unit}"


async def _holds(tx: Transaction, principal: Account, role: str, office_id: int, day: date) -> bool:
    held = await tx.rows(SQL.assignments_on, {"officer_id": principal.officer_id, "day": day})
    return any(row[0] == role and row[1] is None and row[2] == office_id for row in held)


async def officers(tx: Transaction) -> list[Listed]:
    """List all accounts."""
    return await tx.all(Listed, SQL.officers)


async def names_of(tx: Transaction, officer_ids: Sequence[int]) -> dict[int, str]:
    """Return full names by officer id."""
    rows = await tx.rows(SQL.names_of_officers, {"officer_ids": list(officer_ids)})
    return dict(rows)


async def disable(tx: Transaction, *, name: str, by: int | None, now: datetime) -> None:
    """Close an account: its sessions end at once.

    Raises:
        AdministratorNeeded: who closes it is no administrator.
        OneselfForbidden: another administrator closes an administrator's account.
    """
    await check_administrator(tx, by)
    holder = await another(tx, name, by)
    await tx.execute(SQL.disable, {"officer_id": holder.officer_id, "now": now})
    await tx.execute(SQL.end_sessions_of, {"officer_id": holder.officer_id, "now": now})
    await note(tx, by, now, f"disable:{holder.officer_id}")


async def unlock(tx: Transaction, *, name: str, by: int | None, now: datetime) -> None:
    """Let an officer in again who was locked out or disabled.

    Args:
        by: the administrator; None breaks the glass: whoever holds the machine, when no administrator can sign in.

    Raises:
        AdministratorNeeded: who unlocks it is no administrator.
        OneselfForbidden: an officer can't unlock the own account.
    """
    await check_administrator(tx, by)
    holder = await another(tx, name, by)
    await tx.execute(SQL.unlock, {"officer_id": holder.officer_id})
    await tx.execute(SQL.enable, {"officer_id": holder.officer_id, "now": now})
    await note(tx, by, now, f"unlock:{holder.officer_id}")


async def reset_password(tx: Transaction, *, name: str, by: int | None, now: datetime) -> str:
    """Draw a new first password, to be changed at the next sign-in, and end all sessions.

    Raises:
        AdministratorNeeded: who resets it is no administrator.
        OneselfForbidden: an officer changes the own password by signing in.
    """
    await check_administrator(tx, by)
    holder = await another(tx, name, by)
    password = secrets.draw_password()
    await replace_password(tx, await credential_of(tx, holder.officer_id), password, now, must_change=True)
    await tx.execute(SQL.end_sessions_of, {"officer_id": holder.officer_id, "now": now})
    await note(tx, by, now, f"reset_password:{holder.officer_id}")
    return password


async def change_password(
    tx: Transaction,
    *,
    name: str,
    present: str,
    wanted: str,
    now: datetime,
    channel: Channel = Channel.COMMAND_LINE,
) -> None:
    """Change the own password.

    Raises:
        Invalid: the present one is wrong, or the new one was used before or is too short.
    """
    holder = await account(tx, name)
    held = await credential_of(tx, holder.officer_id)
    if not await asyncio.to_thread(secrets.password_fits, held.password_hash, present):
        raise Invalid((FieldFault("/present", "The present password is wrong"),))
    for former in await former_passwords(tx, held):
        if await asyncio.to_thread(secrets.password_fits, former, wanted):
            raise Invalid((FieldFault("/wanted", "The last ten passwords may not come back"),))
    await replace_password(tx, held, wanted, now, must_change=False)
    await note(tx, holder.officer_id, now, f"change_password:{holder.officer_id}", channel=channel)


def mark_as_demo(connection: psycopg.Connection) -> None:
    """Declare that all data of this installation are synthetic; it must be done while there is no account.

    Args:
        connection: of the owner of the tables.

    Raises:
        Conflict: there are accounts.
    """
    with connection.transaction():
        if connection.execute(SQL.any_officer.encode()).fetchone() == (True,) and not _marked(connection):
            raise Conflict("An installation with accounts can't become a demo")
        connection.execute(
            "INSERT INTO access.installation (name, value) VALUES ('demo', 'yes') ON CONFLICT (name) DO NOTHING"
        )


def _marked(connection: psycopg.Connection) -> bool:
    found = connection.execute("SELECT value FROM access.installation WHERE name = 'demo'").fetchone()
    return found == ("yes",)


async def is_demo(tx: Transaction) -> bool:
    """Tell whether the data of this installation are synthetic."""
    row = await tx.row(SQL.installation, {"name": "demo"})
    return bool(row and row[0] == "yes")


async def retire_idle(tx: Transaction, now: datetime) -> int:
    """Disable accounts that nobody signed in to for 45 days, and return how many.

    What is known of old sessions and of names that nobody has is forgotten after a month.
    """
    await tx.execute(SQL.forget_unknown, {"since": now - FORGOTTEN_AFTER})
    await tx.execute(SQL.forget_sessions, {"since": now - FORGOTTEN_AFTER})
    return await tx.execute(SQL.disable_idle, {"now": now, "since": now - timedelta(days=IDLE_DAYS)})


async def check_administrator(tx: Transaction, by: int | None) -> None:
    """Check who acts; None is whoever holds the machine.

    Raises:
        AdministratorNeeded: it is no administrator in service.
    """
    if by is None:
        return
    row = await tx.row(SQL.in_service, {"officer_id": by})
    if row is None or row[0] != AccountClass.ADMINISTRATOR:
        raise AdministratorNeeded("An administrator in service does this")


async def another(tx: Transaction, name: str, by: int | None) -> Account:
    """Read the account that an administrator changes.

    Raises:
        OneselfForbidden: it is the administrator's own.
        OfficerUnknown: there is none of this name.
    """
    holder = await account(tx, name)
    if holder.officer_id == by:
        raise OneselfForbidden("Another administrator must do this for you")
    return holder


async def note(
    tx: Transaction,
    by: int | None,
    now: datetime,
    what: str,
    request_id: UUID | None = None,
    channel: Channel = Channel.COMMAND_LINE,
) -> None:
    """Write down what was done to an account."""
    await record(
        tx,
        Entry(
            logged_at=now,
            operation=Operation.ADMINISTER,
            outcome=Outcome.GRANTED,
            channel=channel,
            request_id=request_id or uuid4(),
            officer_id=by,
            purpose="accounts",
            reason=what,
            actor=Actor.PROGRAM if by is None else Actor.OFFICER,
        ),
    )
