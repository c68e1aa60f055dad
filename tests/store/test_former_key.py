"""Second factors of the time before there was a ring of keys."""

import os
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dancu.access.former_key import adopt
from dancu.access.secrets import OFFERED, SecondFactors
from dancu.infra.keys import KeyMissing, ring_of
from dancu.infra.keys.custody import make_key

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def _formerly(key: bytes, officer_id: int) -> bytes:
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, SECRET.encode(), officer_id.to_bytes(8, "big"))


@pytest.fixture
def folder(tmp_path: Path, connection: psycopg.Connection) -> Path:
    folder = tmp_path / "keys"
    make_key(folder / "second-factors.key")
    key = (folder / "second-factors.key").read_bytes()
    for officer_id, offered in ((7, None), (8, _formerly(key, 8))):
        connection.execute(
            "INSERT INTO access.credential (officer_id, password_hash, totp_secret, totp_offered)"
            " VALUES (%s, '', %s, %s)",
            (officer_id, _formerly(key, officer_id), offered),
        )
    return folder


def _stored(connection: psycopg.Connection) -> list[tuple[int, bytes, bytes | None]]:
    return connection.execute(
        "SELECT officer_id, totp_secret, totp_offered FROM access.credential ORDER BY 1"
    ).fetchall()


@pytest.mark.parametrize("lost", ["away", "another"])
def test_without_the_former_key_nothing_is_changed(
    connection: psycopg.Connection, database_dsn: str, folder: Path, lost: str
) -> None:
    before = _stored(connection)
    (folder / "second-factors.key").unlink()
    if lost == "another":
        make_key(folder / "second-factors.key")
    with pytest.raises(KeyMissing):
        adopt(connection, folder, SecondFactors(ring_of(database_dsn, folder)))
    assert _stored(connection) == before


def test_former_secrets_are_sealed_anew_once(connection: psycopg.Connection, database_dsn: str, folder: Path) -> None:
    factors = SecondFactors(ring_of(database_dsn, folder))
    assert adopt(connection, folder, factors) == 2
    assert adopt(connection, folder, factors) == 0
    (_, of_seven, none), (_, of_eight, offered) = _stored(connection)
    assert [factors.open(7, of_seven), factors.open(8, of_eight)] == [SECRET, SECRET]
    assert none is None
    assert factors.open(8, offered or b"", column=OFFERED) == SECRET
