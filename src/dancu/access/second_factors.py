"""Second factors: replaced when lost, exchanged for one's own, shown in a demo."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dancu.access import secrets
from dancu.access.accounts import Account, account, another, check_administrator, is_demo, note
from dancu.access.credentials import SQL, credential_of, replace_totp
from dancu.access.roles import AccountClass
from dancu.access.secrets import OFFERED, SecondFactors
from dancu.audit.entry import Channel
from dancu.infra.db import Transaction
from dancu.kernel.errors import FieldFault, Forbidden, Invalid

ASKED_FOR = timedelta(hours=24)


class NotADemo(Forbidden):
    """Codes are shown in a demo installation only."""


@dataclass(frozen=True)
class Renewed:
    """A new second factor, told once.

    Args:
        totp_uri: for the authenticator app.
        recovery_codes: each works once, in place of a code.
    """

    totp_uri: str
    recovery_codes: Sequence[str]


async def reset_totp(
    tx: Transaction, *, name: str, factors: SecondFactors, by: int | None, now: datetime
) -> Renewed | None:
    """Replace a lost second factor, and end all sessions.

    An administrator's takes two others: the first call only notes the wish and returns None,
    and a second administrator who calls within 24 hours does it.

    Args:
        by: the administrator; None breaks the glass: whoever holds the machine, when no administrator can sign in.

    Raises:
        AdministratorNeeded: who resets it is no administrator.
        OneselfForbidden: somebody else must vouch for the officer.
    """
    await check_administrator(tx, by)
    holder = await another(tx, name, by)
    if by is not None and await _needs_second(tx, holder, by, now):
        await note(tx, by, now, f"ask_reset_totp:{holder.officer_id}")
        return None
    secret = secrets.draw_totp()
    await credential_of(tx, holder.officer_id)
    codes = await replace_totp(tx, holder.officer_id, factors.seal(holder.officer_id, secret))
    await tx.execute(SQL.end_sessions_of, {"officer_id": holder.officer_id, "now": now})
    await note(tx, by, now, f"reset_totp:{holder.officer_id}")
    return Renewed(secrets.provisioning_uri(secret, name), codes)


async def _needs_second(tx: Transaction, holder: Account, by: int, now: datetime) -> bool:
    if holder.account_class != AccountClass.ADMINISTRATOR:
        return False
    wanted = {"officer_id": holder.officer_id, "action": "reset_totp"}
    if await tx.execute(SQL.take_asked, {**wanted, "by": by, "since": now - ASKED_FOR}):
        return False
    await tx.execute(SQL.ask, {**wanted, "asked_by": by, "now": now})
    return True


async def offer_totp(tx: Transaction, *, name: str, factors: SecondFactors) -> str:
    """Draw a second factor of the officer's own and return the address for the app; it counts once accepted."""
    holder = await account(tx, name)
    secret = secrets.draw_totp()
    await credential_of(tx, holder.officer_id)
    offered = factors.seal(holder.officer_id, secret, column=OFFERED)
    await tx.execute(SQL.offer_totp, {"officer_id": holder.officer_id, "totp_offered": offered})
    return secrets.provisioning_uri(secret, name)


async def accept_totp(
    tx: Transaction,
    *,
    name: str,
    code: str,
    factors: SecondFactors,
    now: datetime,
    channel: Channel = Channel.COMMAND_LINE,
    session: str = "",
) -> Sequence[str]:
    """Put the offered second factor in the place of the one before; return new recovery codes.

    Whoever else is signed in as the officer is so no longer: a factor is renewed because it may be in other hands.

    Args:
        session: token of the session in which it is renewed, which goes on.

    Raises:
        Invalid: it is not the code of what was offered.
    """
    holder = await account(tx, name)
    held = await credential_of(tx, holder.officer_id)
    offered = bytes(held.totp_offered or b"")
    secret = factors.open(holder.officer_id, offered, column=OFFERED) if offered else None
    step = secrets.matching_step(secret, code, now, after=0) if secret else None
    if secret is None or step is None:
        raise Invalid((FieldFault("/code", "This is not the code that the app shows now"),))
    codes = await replace_totp(tx, holder.officer_id, factors.seal(holder.officer_id, secret), step=step)
    kept = secrets.digest(session)
    await tx.execute(SQL.end_other_sessions_of, {"officer_id": holder.officer_id, "kept": kept, "now": now})
    await note(tx, holder.officer_id, now, f"accept_totp:{holder.officer_id}", channel=channel)
    return codes


async def code_of(tx: Transaction, *, name: str, factors: SecondFactors, now: datetime) -> str:
    """Return a one-time code of an officer of a demo installation that can be used now.

    Raises:
        NotADemo: the data are not synthetic.
        OfficerUnknown: there is none of this name.
    """
    if not await is_demo(tx):
        raise NotADemo("Codes are shown in a demo installation only")
    held = await credential_of(tx, (await account(tx, name)).officer_id)
    return secrets.totp_code(factors.open(held.officer_id, bytes(held.totp_secret)), now, after=held.totp_step)
