"""Wrapped data keys in the database."""

import multiprocessing
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from dancu.infra.doctor import check_data_keys
from dancu.infra.keys import KeyMissing, Place, Purpose, ring_of
from dancu.infra.keys.shelf import SQL
from dancu.kernel.errors import Unavailable

HERE = Place("access.credential", "totp_secret", 7)


def _start(dsn: str, folder: Path, answers: "multiprocessing.Queue[bytes]") -> None:
    ring = ring_of(dsn, folder)
    ring.make_missing()
    answers.put(ring.encrypt(Purpose.SECOND_FACTOR, b"secret", HERE))


def test_processes_that_start_first_at_once_share_their_keys(database_dsn: str, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    answers: multiprocessing.Queue[bytes] = context.Queue()
    started = [context.Process(target=_start, args=(database_dsn, tmp_path / "keys", answers)) for _ in range(3)]
    for one in started:
        one.start()
    sealed = [answers.get(timeout=60) for _ in started]
    for one in started:
        one.join(60)
    ring = ring_of(database_dsn, tmp_path / "keys")
    assert [ring.decrypt(Purpose.SECOND_FACTOR, one, HERE) for one in sealed] == [b"secret"] * 3
    assert [file.name for file in (tmp_path / "keys").iterdir()] == ["kek-1.key"]
    assert sorted(key.purpose for key in ring.shelf.all()) == sorted(Purpose)


def test_a_database_without_its_keys_gets_no_new_ones(database_dsn: str, tmp_path: Path) -> None:
    ring_of(database_dsn, tmp_path / "keys").encrypt(Purpose.SECOND_FACTOR, b"secret", HERE)
    with pytest.raises(KeyMissing):
        ring_of(database_dsn, tmp_path / "elsewhere").make_missing()
    assert not (tmp_path / "elsewhere").exists()


def test_after_a_loss_one_begins_anew_by_destroying_what_is_lost(
    database_dsn: str, connection: psycopg.Connection, tmp_path: Path
) -> None:
    sealed = ring_of(database_dsn, tmp_path / "keys").encrypt(Purpose.SECOND_FACTOR, b"secret", HERE)
    (tmp_path / "keys" / "kek-1.key").unlink()
    ring = ring_of(database_dsn, tmp_path / "keys")
    with pytest.raises(KeyMissing):
        ring.rotate(Purpose.SECOND_FACTOR)
    connection.execute(SQL.destroy.encode(), {"key_id": 1})
    ring.rotate(Purpose.SECOND_FACTOR)
    again = ring.encrypt(Purpose.SECOND_FACTOR, b"another", HERE)
    assert ring.decrypt(Purpose.SECOND_FACTOR, again, HERE) == b"another"
    with pytest.raises(KeyMissing):
        ring.decrypt(Purpose.SECOND_FACTOR, sealed, HERE)


def test_what_lies_in_the_database_opens_nothing_by_itself(
    database_dsn: str, connection: psycopg.Connection, tmp_path: Path
) -> None:
    ring_of(database_dsn, tmp_path / "keys").encrypt(Purpose.SECOND_FACTOR, b"secret", HERE)
    (wrapped,) = connection.execute("SELECT wrapped FROM keys.data_key").fetchone() or (b"",)
    assert len(wrapped) == 12 + 32 + 16


@pytest.mark.parametrize("statement", ["UPDATE keys.data_key SET wrapped = ''", "DELETE FROM keys.data_key"])
def test_the_application_neither_changes_nor_deletes_keys(connection: psycopg.Connection, statement: str) -> None:
    connection.execute("SET ROLE dancu_app")
    with pytest.raises(InsufficientPrivilege):
        connection.execute(statement.encode())


def test_a_database_that_is_away_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        ring_of(f"host={tmp_path} dbname=nobody", tmp_path / "keys").encrypt(Purpose.DOCUMENT, b"", HERE)


def test_the_doctor_finds_keys_that_do_not_fit_the_database(database_dsn: str, tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    ring_of(database_dsn, folder).make_missing()
    assert [one.state for one in check_data_keys(database_dsn, folder)] == ["ok"]
    (folder / "kek-1.key").chmod(0o644)
    assert [one.state for one in check_data_keys(database_dsn, folder)] == ["problem"]
    (folder / "kek-1.key").unlink()
    (found,) = check_data_keys(database_dsn, folder)
    assert (found.check, found.state) == ("data-keys", "problem")
    assert check_data_keys(f"host={tmp_path} dbname=nobody", folder) == []
