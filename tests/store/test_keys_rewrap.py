"""Newer keys in the place of older ones, also when it is interrupted anywhere."""

import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from dancu.dossiers import proposals
from dancu.dossiers.documents import store as documents
from dancu.infra.keys import KeyMissing, Place, Purpose, Ring, SealBroken, key_id_of, ring_of
from dancu.infra.keys.rewrap import open_all, seal_anew, wrap_anew

OFFICERS = 60
REWRAP = """
import sys
from pathlib import Path
import psycopg
from dancu.infra.keys import ring_of, rewrap
rewrap._BATCH = 4
ring = ring_of(sys.argv[1], Path(sys.argv[2]))
with psycopg.connect(sys.argv[1], autocommit=True) as connection:
    if sys.argv[3] == "wrap":
        wrap = ring.custody.wrap
        ring.custody.wrap = lambda *told: print("step", flush=True) or wrap(*told)
        rewrap.wrap_anew(connection, ring)
    else:
        rewrap.seal_anew(connection, ring, lambda *told: print("step", flush=True))
"""


def _place(officer_id: int) -> Place:
    return Place("access.credential", "totp_secret", officer_id)


@pytest.fixture
def ring(database_dsn: str, connection: psycopg.Connection, tmp_path: Path) -> Ring:
    ring = ring_of(database_dsn, tmp_path / "keys")
    ring.make_missing()
    for officer_id in range(1, OFFICERS + 1):
        sealed = ring.encrypt(Purpose.SECOND_FACTOR, f"secret {officer_id}".encode(), _place(officer_id))
        connection.execute(
            "INSERT INTO access.credential (officer_id, password_hash, totp_secret) VALUES (%s, '', %s)",
            (officer_id, sealed),
        )
    told = ring.encrypt(Purpose.INTAKE_RECORD, b"{}", Place("intake.queued", "told", "3:14"))
    connection.execute("INSERT INTO intake.queued VALUES (3, 14, 1, '{}', %s)", (told,))
    return ring


def _key_ids(connection: psycopg.Connection) -> dict[int, int]:
    counts: dict[int, int] = {}
    for (sealed,) in connection.execute("SELECT totp_secret FROM access.credential").fetchall():
        counts[key_id_of(sealed)] = counts.get(key_id_of(sealed), 0) + 1
    return counts


def _kill(database_dsn: str, folder: Path, what: str, after: int) -> None:
    words = [sys.executable, "-c", REWRAP, database_dsn, str(folder), what]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for count, _ in enumerate(child.stdout, 1):
            if count == after:
                child.send_signal(signal.SIGKILL)
                break
        child.stdout.read()


def test_both_keys_open_until_all_is_sealed_anew(ring: Ring, connection: psycopg.Connection) -> None:
    newer = ring.rotate(Purpose.SECOND_FACTOR)
    assert open_all(connection, ring) == (OFFICERS + 1, [])
    assert newer not in _key_ids(connection)
    assert seal_anew(connection, ring) == (OFFICERS, [])
    assert _key_ids(connection) == {newer: OFFICERS}
    assert open_all(connection, ring) == (OFFICERS + 1, [])
    assert seal_anew(connection, ring) == (0, [])


@pytest.mark.parametrize("after", [1, 5, 12])
def test_sealing_anew_that_is_killed_goes_on(
    ring: Ring, connection: psycopg.Connection, database_dsn: str, tmp_path: Path, after: int
) -> None:
    newer = ring.rotate(Purpose.SECOND_FACTOR)
    _kill(database_dsn, tmp_path / "keys", "seal", after)
    moved = _key_ids(connection).get(newer, 0)
    assert 0 < moved < OFFICERS
    assert open_all(connection, ring) == (OFFICERS + 1, [])
    assert seal_anew(connection, ring) == (OFFICERS - moved, [])
    assert _key_ids(connection) == {newer: OFFICERS}


def test_wrapping_anew_that_is_killed_goes_on(
    ring: Ring, connection: psycopg.Connection, database_dsn: str, tmp_path: Path
) -> None:
    ring.custody.make(2)
    _kill(database_dsn, tmp_path / "keys", "wrap", 3)
    left = {key.wrapped_by for key in ring.shelf.all()}
    assert left == {1, 2}
    assert open_all(connection, ring_of(database_dsn, tmp_path / "keys")) == (OFFICERS + 1, [])
    wrap_anew(connection, ring)
    assert {key.wrapped_by for key in ring.shelf.all()} == {2}
    (tmp_path / "keys" / "kek-1.key").unlink()
    assert open_all(connection, ring_of(database_dsn, tmp_path / "keys")) == (OFFICERS + 1, [])


def test_a_value_that_was_changed_meanwhile_is_left(ring: Ring, connection: psycopg.Connection) -> None:
    """Somebody else writes between the reading and the writing: theirs stays."""
    ring.rotate(Purpose.SECOND_FACTOR)
    theirs = ring.encrypt(Purpose.SECOND_FACTOR, b"another", _place(7))
    decrypt = ring.decrypt

    def slow(purpose: Purpose, sealed: bytes, place: Place) -> bytes:
        if place == Place("access.credential", "totp_secret", "7"):
            with psycopg.connect(connection.info.dsn, password="", autocommit=True) as other:
                other.execute("UPDATE access.credential SET totp_secret = %s WHERE officer_id = 7", (theirs,))
        return decrypt(purpose, sealed, place)

    ring.decrypt = slow  # type: ignore[method-assign]
    assert seal_anew(connection, ring) == (OFFICERS - 1, [])
    (stored,) = connection.execute("SELECT totp_secret FROM access.credential WHERE officer_id = 7").fetchone() or (
        b"",
    )
    assert decrypt(Purpose.SECOND_FACTOR, stored, _place(7)) == b"another"


def test_swapped_rows_are_named_and_left_as_they_are(ring: Ring, connection: psycopg.Connection) -> None:
    connection.execute(
        "UPDATE access.credential SET totp_secret ="
        " (SELECT o.totp_secret FROM access.credential o WHERE o.officer_id = 8) WHERE officer_id = 7"
    )
    _, (found,) = open_all(connection, ring)
    assert (found.table, found.column, found.row) == ("access.credential", "totp_secret", "7")
    ring.rotate(Purpose.SECOND_FACTOR)
    done, (fault,) = seal_anew(connection, ring)
    assert (done, fault) == (OFFICERS - 1, found)


def test_a_destroyed_key_takes_what_it_sealed_with_it(
    ring: Ring, connection: psycopg.Connection, database_dsn: str, tmp_path: Path
) -> None:
    sealed = ring.encrypt(Purpose.DOCUMENT, b"page", Place("dossiers.document", "content", 1))
    connection.execute(
        "UPDATE keys.data_key SET wrapped = '', destroyed_at = now() WHERE key_id = %s", (key_id_of(sealed),)
    )
    fresh = ring_of(database_dsn, tmp_path / "keys")
    with pytest.raises(KeyMissing, match="destroyed"):
        fresh.decrypt(Purpose.DOCUMENT, sealed, Place("dossiers.document", "content", 1))
    with pytest.raises(KeyMissing, match="destroyed"):
        fresh.encrypt(Purpose.DOCUMENT, b"page", Place("dossiers.document", "content", 1))
    assert fresh.check() == []
    fresh.rotate(Purpose.DOCUMENT)
    again = fresh.encrypt(Purpose.DOCUMENT, b"page", Place("dossiers.document", "content", 1))
    assert fresh.decrypt(Purpose.DOCUMENT, again, Place("dossiers.document", "content", 1)) == b"page"


def test_a_key_of_another_purpose_opens_nothing(ring: Ring, connection: psycopg.Connection) -> None:
    (sealed,) = connection.execute("SELECT totp_secret FROM access.credential WHERE officer_id = 1").fetchone() or (
        b"",
    )
    with pytest.raises(SealBroken):
        ring.decrypt(Purpose.DOCUMENT, sealed, _place(1))


def test_whatever_a_slice_seals_can_be_sealed_anew(ring: Ring, connection: psycopg.Connection) -> None:
    """The places that slices bind their values to are those that classes.toml tells."""
    rows: dict[str, tuple[Purpose, Place]] = {
        "INSERT INTO dossiers.proposal VALUES (5, 50, 1, 2, NULL, NULL, now(), now(), NULL, 'waiting', 'a', '', '', '',"
        " '', %s)": (Purpose.PROPOSED_ACT, proposals._place(50)),
        "INSERT INTO dossiers.document VALUES (5, 70, 2, now(), NULL, 3, 2, 'pdf', sha256(''), %s)": (
            Purpose.DOCUMENT,
            documents._name_place(70),
        ),
        "INSERT INTO dossiers.document_chunk VALUES (5, 70, 1, %s)": (Purpose.DOCUMENT, documents._piece_place(70, 1)),
    }
    for statement, (purpose, place) in rows.items():
        connection.execute(statement.encode(), (ring.encrypt(purpose, b"clear", place),))
    assert open_all(connection, ring) == (OFFICERS + 1 + len(rows), [])
    for purpose in (Purpose.PROPOSED_ACT, Purpose.DOCUMENT):
        ring.rotate(purpose)
    assert seal_anew(connection, ring) == (len(rows), [])
    assert open_all(connection, ring) == (OFFICERS + 1 + len(rows), [])
