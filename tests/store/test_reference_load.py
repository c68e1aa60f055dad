import psycopg
import pytest

from dancu.reference.load import load_reference
from dancu.reference.tables import digest, read_successions, read_units


def test_a_second_load_of_the_same_files_writes_nothing(connection: psycopg.Connection) -> None:
    assert load_reference(connection) > 30_000
    assert load_reference(connection) == 0


def test_a_load_replaces_what_another_version_had_left(connection: psycopg.Connection) -> None:
    load_reference(connection)
    connection.execute("UPDATE reference.loaded SET digest = 'of other files'")
    connection.execute("DELETE FROM reference.unit WHERE code = '00004'")
    load_reference(connection)
    assert connection.execute("SELECT digest FROM reference.loaded").fetchone() == (digest(),)
    assert connection.execute("SELECT count(*) FROM reference.unit WHERE code = '00004'").fetchone() == (2,)


def test_the_database_holds_what_the_index_holds(connection: psycopg.Connection) -> None:
    load_reference(connection)
    units = connection.execute("SELECT code, valid_from, valid_to, kind, name_key FROM reference.unit")
    assert set(units) == {(u.code, u.valid_from, u.valid_to, u.kind.value, u.name_key) for u in read_units()}
    rows = connection.execute("SELECT day, from_code, to_code, part FROM reference.unit_succession")
    assert set(rows) == {(s.day, s.from_code, s.to_code, s.part.value) for s in read_successions()}


def test_the_application_may_read_and_not_write(connection: psycopg.Connection) -> None:
    load_reference(connection)
    connection.execute("SET ROLE dancu_app")
    assert connection.execute("SELECT name_vi FROM reference.country WHERE false").fetchone() is None
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("DELETE FROM reference.unit")
