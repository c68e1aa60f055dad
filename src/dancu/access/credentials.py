"""What proves that it is the officer, as it is stored: read for one account at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dancu.access import secrets
from dancu.access.secrets import RECOVERY_CODE_LENGTH, SecondFactors
from dancu.infra.db import Transaction
from dancu.infra.sql import Queries

SQL = Queries("dancu.access")


@dataclass(frozen=True)
class Credential:
    """The secrets of one account.

    Args:
        totp_step: the last time step whose code was used.
        totp_offered: a second factor that takes over once a code of it was shown.
    """

    officer_id: int
    password_hash: str
    totp_secret: bytes
    totp_step: int
    totp_offered: bytes | None


async def credential_of(tx: Transaction, officer_id: int) -> Credential:
    """Read the secrets of an account, and open them to the rest of this transaction.

    Raises:
        NotFound: the account has none.
    """
    tx.set_local(account=str(officer_id))
    return await tx.one(Credential, SQL.credential, {"officer_id": officer_id})


async def store_credential(tx: Transaction, officer_id: int, password: str, sealed: bytes) -> Sequence[str]:
    """Store the first secrets of an account and return its recovery codes."""
    tx.set_local(account=str(officer_id))
    row = {"officer_id": officer_id, "password_hash": secrets.hash_password(password), "totp_secret": sealed}
    await tx.execute(SQL.insert_credential, row)
    return await renew_recovery_codes(tx, officer_id)


async def former_passwords(tx: Transaction, held: Credential) -> list[str]:
    """List the hashes of the last ten passwords, the present one first."""
    rows = await tx.rows(SQL.former_passwords, {"officer_id": held.officer_id})
    return [held.password_hash, *(row[0] for row in rows)]


async def replace_password(
    tx: Transaction, held: Credential, password: str, now: datetime, *, must_change: bool
) -> None:
    """Store another password and keep the hash of the one before.

    Raises:
        Invalid: it is too short or too long.
    """
    wanted = secrets.hash_password(password)
    former = {"officer_id": held.officer_id, "now": now, "password_hash": held.password_hash}
    await tx.execute(SQL.insert_former_password, former)
    await tx.execute(SQL.set_password, {"officer_id": held.officer_id, "password_hash": wanted})
    await tx.execute(SQL.note_password, {"officer_id": held.officer_id, "now": now, "must_change": must_change})


async def replace_totp(tx: Transaction, officer_id: int, sealed: bytes, *, step: int = 0) -> Sequence[str]:
    """Store another second factor, of which codes up to a step are used up; return new recovery codes."""
    await tx.execute(SQL.set_totp, {"officer_id": officer_id, "totp_secret": sealed, "step": step})
    return await renew_recovery_codes(tx, officer_id)


async def renew_recovery_codes(tx: Transaction, officer_id: int) -> list[str]:
    """Replace the recovery codes and return the fresh ones, which nobody can read again."""
    await tx.execute(SQL.delete_recovery_codes, {"officer_id": officer_id})
    codes = secrets.draw_recovery_codes()
    for code in codes:
        await tx.execute(SQL.insert_recovery_code, {"officer_id": officer_id, "code_hash": secrets.digest(code)})
    return codes


async def use_second_factor(
    tx: Transaction, held: Credential, code: str, factors: SecondFactors, now: datetime
) -> bool:
    """Use up a one-time code or a recovery code; False if it is neither, or was used before.

    Raises:
        KeyMissing: the key of second factors isn't there; recovery codes don't need it.
    """
    code = code.strip().replace(" ", "")
    if len(code) == RECOVERY_CODE_LENGTH:
        row = {"officer_id": held.officer_id, "code_hash": secrets.digest(code), "now": now}
        return bool(await tx.execute(SQL.use_recovery_code, row))
    secret = factors.open(held.officer_id, bytes(held.totp_secret))
    step = secrets.matching_step(secret, code, now, after=held.totp_step)
    return step is not None and bool(await tx.execute(SQL.use_step, {"officer_id": held.officer_id, "step": step}))
