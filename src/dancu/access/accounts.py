"""Accounts of officers: made, assigned, locked, restored. Every change is written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from dancu.access import secrets
from dancu.access.roles import ROLES, AccountClass
from dancu.access.secrets import SecondFactors
from dancu.audit.entry import Channel, Entry, Operation, Outcome
from dancu.audit.log import record
from dancu.infra.db import Transaction
from dancu.infra.sql import Queries
from dancu.kernel.codes import Authority
from dancu.kernel.errors import Conflict, FieldFault, Forbidden, Invalid, NotFound
from dancu.kernel.ids import new_id
from dancu.kernel.time import today

SQL = Queries("dancu.access")
IDLE_DAYS = 45


class OfficerUnknown(NotFound):
    """There is no officer of this name."""


class NameTaken(Conflict):
    """Another account has this name."""


class OneselfForbidden(Forbidden):
    """Somebody else must do it."""


class NotADemo(Forbidden):
    """Codes are shown in a demo installation only."""


@dataclass(frozen=True)
class Account:
    """An account as it is stored."""

    officer_id: int
    name: str
    full_name: str
    account_class: int
    password_hash: str
    password_changed_at: datetime
    totp_secret: bytes
    totp_step: int
    failures: int
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


async def account(tx: Transaction, name: str) -> Account:
    """Read an account.

    Raises:
        OfficerUnknown: there is none of this name.
    """
    found = await tx.first(Account, SQL.account, {"name": name})
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
        Forbidden: accounts exist, and nobody is named who opens this one.
        Invalid: the name or the password can't be used.
    """
    any_officer = await tx.row(SQL.any_officer)
    if by is None and any_officer and any_officer[0]:
        raise Forbidden("An administrator opens further accounts")
    if await tx.first(Account, SQL.account, {"name": name}):
        raise NameTaken(f"There is an officer {name} already")
    if not name.replace(".", "").replace("-", "").replace("_", "").isalnum() or name != name.lower() or len(name) < 2:
        raise Invalid((FieldFault("/name", "A name has small letters, digits, dots and hyphens"),))
    officer_id, first, secret = new_id(), password or secrets.draw_password(), secrets.draw_totp()
    await tx.execute(
        SQL.insert_officer,
        {
            "officer_id": officer_id,
            "now": now,
            "class": int(account_class),
            "must_change": password is None,
            "name": name,
            "full_name": full_name,
            "password_hash": secrets.hash_password(first),
            "totp_secret": factors.seal(officer_id, secret),
        },
    )
    codes = await _renew_recovery_codes(tx, officer_id)
    await _note(tx, by, now, f"open_account:{officer_id}")
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
        Invalid: there is no such role, the class of account can't have it, or a deputy's end is missing.
    """
    known = ROLES.get(role)
    if known is None:
        raise Invalid((FieldFault("/role", f"There is no role {role}; there are: {', '.join(ROLES)}"),))
    holder = await account(tx, name)
    if holder.account_class != known.account_class:
        raise Invalid((FieldFault("/role", "This class of account can't have that role"),))
    if deputy_of and until is None:
        raise Invalid((FieldFault("/until", "A deputy stands in until a day"),))
    principal = await account(tx, deputy_of) if deputy_of else None
    day = since or today(now)
    if principal is None:
        await tx.execute(SQL.end_assignments, {"officer_id": holder.officer_id, "day": day})
    office_id = await _office(tx, unit_code, known.authority or Authority.POPULATION_DATABASE, day, office_name)
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
    await _note(tx, by, now, f"assign:{holder.officer_id}:{role}:{unit_code}")
    return office_id


async def _office(tx: Transaction, unit_code: str, authority: Authority, day: date, name: str) -> int:
    found = await tx.row(SQL.office_of, {"unit_code": unit_code, "authority": int(authority)})
    if found:
        return int(found[0])
    office_id = new_id()
    row = {"office_id": office_id, "authority": int(authority), "unit_code": unit_code, "valid_from": day}
    await tx.execute(SQL.insert_office, {**row, "name": name})
    return office_id


async def officers(tx: Transaction) -> list[Listed]:
    """List all accounts."""
    return await tx.all(Listed, SQL.officers)


async def names_of(tx: Transaction, officer_ids: Sequence[int]) -> dict[int, str]:
    """Return full names by officer id."""
    rows = await tx.rows(SQL.names_of_officers, {"officer_ids": list(officer_ids)})
    return dict(rows)


async def disable(tx: Transaction, *, name: str, by: int | None, now: datetime) -> None:
    """Close an account: its sessions end at once."""
    holder = await account(tx, name)
    await tx.execute(SQL.disable, {"officer_id": holder.officer_id, "now": now})
    await tx.execute(SQL.end_sessions_of, {"officer_id": holder.officer_id, "now": now})
    await _note(tx, by, now, f"disable:{holder.officer_id}")


async def unlock(tx: Transaction, *, name: str, by: int | None, now: datetime) -> None:
    """Let an officer in again who was locked out or disabled.

    Raises:
        OneselfForbidden: an officer can't unlock the own account.
    """
    holder = await _another(tx, name, by)
    await tx.execute(SQL.unlock, {"officer_id": holder.officer_id})
    await tx.execute(SQL.enable, {"officer_id": holder.officer_id, "now": now})
    await _note(tx, by, now, f"unlock:{holder.officer_id}")


async def reset_password(tx: Transaction, *, name: str, by: int | None, now: datetime) -> str:
    """Draw a new first password, to be changed at the next sign-in, and end all sessions.

    Raises:
        OneselfForbidden: an officer changes the own password by signing in.
    """
    holder = await _another(tx, name, by)
    password = secrets.draw_password()
    await _set_password(tx, holder, password, now, must_change=True)
    await tx.execute(SQL.end_sessions_of, {"officer_id": holder.officer_id, "now": now})
    await _note(tx, by, now, f"reset_password:{holder.officer_id}")
    return password


async def reset_totp(
    tx: Transaction, *, name: str, factors: SecondFactors, by: int | None, now: datetime
) -> tuple[str, Sequence[str]]:
    """Replace a lost second factor; return the address for the app and new recovery codes.

    Raises:
        OneselfForbidden: somebody else must vouch for the officer.
    """
    holder = await _another(tx, name, by)
    secret = secrets.draw_totp()
    sealed = factors.seal(holder.officer_id, secret)
    await tx.execute(SQL.set_totp, {"officer_id": holder.officer_id, "totp_secret": sealed})
    await tx.execute(SQL.end_sessions_of, {"officer_id": holder.officer_id, "now": now})
    codes = await _renew_recovery_codes(tx, holder.officer_id)
    await _note(tx, by, now, f"reset_totp:{holder.officer_id}")
    return secrets.provisioning_uri(secret, name), codes


async def change_password(tx: Transaction, *, name: str, present: str, wanted: str, now: datetime) -> None:
    """Change the own password.

    Raises:
        Invalid: the present one is wrong, or the new one was used before or is too short.
    """
    holder = await account(tx, name)
    if not secrets.password_fits(holder.password_hash, present):
        raise Invalid((FieldFault("/present", "The present password is wrong"),))
    former = [row[0] for row in await tx.rows(SQL.former_passwords, {"officer_id": holder.officer_id})]
    if any(secrets.password_fits(one, wanted) for one in (holder.password_hash, *former)):
        raise Invalid((FieldFault("/wanted", "The last ten passwords may not come back"),))
    await _set_password(tx, holder, wanted, now, must_change=False)
    await _note(tx, holder.officer_id, now, f"change_password:{holder.officer_id}")


async def code_of(tx: Transaction, *, name: str, factors: SecondFactors, now: datetime) -> str:
    """Return the present one-time code of an officer of a demo installation.

    Raises:
        NotADemo: the data are not synthetic.
        OfficerUnknown: there is none of this name.
    """
    if not await is_demo(tx):
        raise NotADemo("Codes are shown in a demo installation only")
    holder = await account(tx, name)
    return secrets.totp_code(factors.open(holder.officer_id, bytes(holder.totp_secret)), now)


async def is_demo(tx: Transaction) -> bool:
    """Tell whether the data of this installation are synthetic."""
    row = await tx.row(SQL.installation, {"name": "demo"})
    return bool(row and row[0] == "yes")


async def retire_idle(tx: Transaction, now: datetime) -> int:
    """Disable accounts that nobody signed in to for 45 days; return how many."""
    return await tx.execute(SQL.disable_idle, {"now": now, "since": now - timedelta(days=IDLE_DAYS)})


async def _another(tx: Transaction, name: str, by: int | None) -> Account:
    holder = await account(tx, name)
    if holder.officer_id == by:
        raise OneselfForbidden("Another administrator must do this for you")
    return holder


async def _set_password(tx: Transaction, holder: Account, password: str, now: datetime, *, must_change: bool) -> None:
    kept = {"officer_id": holder.officer_id, "now": now, "password_hash": holder.password_hash}
    await tx.execute(SQL.insert_former_password, kept)
    changed = {"password_hash": secrets.hash_password(password), "must_change": must_change}
    await tx.execute(SQL.set_password, {"officer_id": holder.officer_id, "now": now, **changed})


async def _renew_recovery_codes(tx: Transaction, officer_id: int) -> list[str]:
    await tx.execute(SQL.delete_recovery_codes, {"officer_id": officer_id})
    codes = secrets.draw_recovery_codes()
    for code in codes:
        await tx.execute(SQL.insert_recovery_code, {"officer_id": officer_id, "code_hash": secrets.digest(code)})
    return codes


async def _note(tx: Transaction, by: int | None, now: datetime, what: str, request_id: UUID | None = None) -> None:
    await record(
        tx,
        Entry(
            logged_at=now,
            operation=Operation.ADMINISTER,
            outcome=Outcome.GRANTED,
            channel=Channel.COMMAND_LINE,
            request_id=request_id or uuid4(),
            officer_id=by,
            purpose="accounts",
            reason=what,
        ),
    )
