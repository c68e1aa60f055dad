from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rings import memory_ring

from dancu.access.secrets import (
    HELD,
    OFFERED,
    SecondFactors,
    draw_password,
    draw_recovery_codes,
    draw_token,
    hash_password,
    matching_step,
    password_fits,
    totp_code,
)
from dancu.infra.keys import SealBroken

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_codes_are_those_of_the_standard(seconds: int, expected: str) -> None:
    """RFC 6238, appendix B, last six digits."""
    assert totp_code(SECRET, datetime.fromtimestamp(seconds, UTC)) == expected


@given(st.text("0123456789 abc", max_size=8))
def test_no_other_text_is_a_code(text: str) -> None:
    codes = {pyotp.TOTP(SECRET).at(NOW + timedelta(seconds=offset)) for offset in (-30, 0, 30)}
    assert (matching_step(SECRET, text, NOW, after=0) is not None) is (text in codes)


@pytest.mark.parametrize("code", ["２８７０８２", "é", "", "1" * 1000])
def test_a_code_of_strange_letters_is_only_wrong(code: str) -> None:
    assert matching_step(SECRET, code, NOW, after=0) is None


def test_a_password_is_kept_as_argon2id() -> None:
    stored = hash_password("a long first password")
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert password_fits(stored, "a long first password")
    assert not password_fits(stored, "a long first passworD")


def test_nobody_has_no_password() -> None:
    assert not password_fits(None, "")
    assert not password_fits("", "")
    assert not password_fits("plain text", "plain text")


def test_a_second_factor_opens_for_its_officer_and_column_only() -> None:
    factors = SecondFactors(memory_ring())
    sealed = factors.seal(7, SECRET)
    assert factors.open(7, sealed) == SECRET
    assert SECRET.encode() not in sealed
    for officer_id, column in ((8, HELD), (7, OFFERED)):
        with pytest.raises(SealBroken):
            factors.open(officer_id, sealed, column=column)


@pytest.mark.parametrize("sealed", [b"", b"short", b"x" * 60])
def test_a_damaged_second_factor_is_said(sealed: bytes) -> None:
    with pytest.raises(SealBroken):
        SecondFactors(memory_ring()).open(7, sealed)


def test_what_is_drawn_is_drawn_anew() -> None:
    assert len({draw_password() for _ in range(100)}) == 100
    assert len({draw_token() for _ in range(100)}) == 100
    assert len({code for _ in range(50) for code in draw_recovery_codes()}) == 400
