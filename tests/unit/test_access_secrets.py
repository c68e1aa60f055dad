import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dancu.access.secrets import (
    KeyMissing,
    SecondFactors,
    draw_password,
    draw_recovery_codes,
    draw_token,
    hash_password,
    key_of,
    matching_step,
    password_fits,
    totp_code,
)

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


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    with ThreadPoolExecutor(8) as pool:
        keys = {factors.key for factors in pool.map(lambda _: key_of(folder), range(8))}
    assert len(keys) == 1
    assert [file.name for file in folder.iterdir()] == ["second-factors.key"]
    assert stat.S_IMODE((folder / "second-factors.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_damaged_key_is_said(tmp_path: Path) -> None:
    (tmp_path / "second-factors.key").write_bytes(b"short")
    with pytest.raises(KeyMissing):
        key_of(tmp_path)


@pytest.mark.parametrize(("officer_id", "key"), [(8, b"k"), (7, b"x")])
def test_a_second_factor_opens_with_its_key_for_its_officer_only(officer_id: int, key: bytes) -> None:
    sealed = SecondFactors(b"k" * 32).seal(7, SECRET)
    assert SecondFactors(b"k" * 32).open(7, sealed) == SECRET
    assert SECRET.encode() not in sealed
    with pytest.raises(KeyMissing):
        SecondFactors(key * 32).open(officer_id, sealed)


@pytest.mark.parametrize("sealed", [b"", b"short", b"x" * 12])
def test_a_damaged_second_factor_is_said(sealed: bytes) -> None:
    with pytest.raises(KeyMissing):
        SecondFactors(b"k" * 32).open(7, sealed)


def test_what_is_drawn_is_drawn_anew() -> None:
    assert len({draw_password() for _ in range(100)}) == 100
    assert len({draw_token() for _ in range(100)}) == 100
    assert len({code for _ in range(50) for code in draw_recovery_codes()}) == 400
