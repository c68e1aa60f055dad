"""Passwords, one-time codes and session tokens: made, kept and checked."""

import hashlib
import hmac
import secrets
import string
from dataclasses import dataclass
from datetime import datetime

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from dancu.infra.keys import KeyRing, Place, Purpose
from dancu.kernel.errors import FieldFault, Invalid

PASSWORD_MIN = 8
PASSWORD_MAX = 128
RECOVERY_CODE_LENGTH = 10
HELD, OFFERED = "totp_secret", "totp_offered"
"""Columns of sealed secrets."""
_STEP_S = 30
_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash(secrets.token_urlsafe(16))


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password.

    Raises:
        Invalid: it is shorter than 8 or longer than 128 characters.

    Standard: TCVN 14423:2026, level 4, 6.6 (8 characters with a second factor).
    """
    if len(password) < PASSWORD_MIN:
        raise Invalid((FieldFault("/password", "A password has at least 8 characters"),))
    if len(password) > PASSWORD_MAX:
        raise Invalid((FieldFault("/password", "A password has at most 128 characters"),))
    return _HASHER.hash(password)


def password_fits(stored: str | None, password: str) -> bool:
    """Check a password; an unknown officer (None) costs as much time as a known one."""
    try:
        return _HASHER.verify(stored or _NOBODY, password[: PASSWORD_MAX + 1]) and stored is not None
    except (Argon2Error, InvalidHashError):
        return False


def draw_password() -> str:
    """Return a password for a first sign-in: 16 letters and digits in groups of four."""
    letters = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(16))
    return "-".join(letters[i : i + 4] for i in range(0, 16, 4))


def draw_token() -> str:
    """Return a session token of 256 random bits."""
    return secrets.token_urlsafe(32)


def draw_recovery_codes(count: int = 8) -> list[str]:
    """Return codes for the day on which the second factor is lost."""
    return [f"{secrets.randbelow(10**RECOVERY_CODE_LENGTH):0{RECOVERY_CODE_LENGTH}}" for _ in range(count)]


def digest(token: str) -> bytes:
    """Return the form in which a token or recovery code is stored."""
    return hashlib.sha256(token.encode()).digest()


@dataclass(frozen=True)
class SecondFactors:
    """Seals the secrets of second factors."""

    ring: KeyRing

    def seal(self, officer_id: int, secret: str, *, column: str = HELD) -> bytes:
        """Encrypt a secret, bound to its officer and column."""
        return self.ring.encrypt(Purpose.SECOND_FACTOR, secret.encode(), _place(officer_id, column))

    def open(self, officer_id: int, sealed: bytes, *, column: str = HELD) -> str:
        """Decrypt a secret.

        Raises:
            KeyMissing: its key isn't there.
            SealBroken: it was changed, or belongs to another officer.
        """
        return self.ring.decrypt(Purpose.SECOND_FACTOR, sealed, _place(officer_id, column)).decode()


def _place(officer_id: int, column: str) -> Place:
    return Place("access.credential", column, officer_id)


def draw_totp() -> str:
    """Return a new secret for an authenticator app."""
    return pyotp.random_base32()


def totp_code(secret: str, now: datetime, *, after: int = 0) -> str:
    """Return the code of a moment, or the next one where that of the moment was used already.

    Args:
        after: the last time step whose code was used.

    Standard: RFC 6238.
    """
    step = int(now.timestamp()) // _STEP_S
    return pyotp.TOTP(secret).generate_otp(max(step, min(after + 1, step + 1)))


def matching_step(secret: str, code: str, now: datetime, *, after: int) -> int | None:
    """Return the time step whose code this is: the present one or a neighbour, and later than the last one used.

    Standard: RFC 6238, 5.2: a code is accepted once.
    """
    if not code.isascii():
        return None
    present = int(now.timestamp()) // _STEP_S
    totp = pyotp.TOTP(secret)
    for step in (present, present - 1, present + 1):
        if step > after and hmac.compare_digest(totp.generate_otp(step), code):
            return step
    return None


def provisioning_uri(secret: str, name: str) -> str:
    """Return the address that an authenticator app scans."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name="Dancu")
