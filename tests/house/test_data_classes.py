"""Every column has a class, and what follows from it holds."""

import ast
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from starlette.routing import Route
from tests.house.data_classes import DOC, page
from tests.house.problem_kinds import kinds

import dancu
from dancu.infra.classes import DataClass, sealed_columns, tables
from dancu.infra.logged import FIELDS, only_known
from dancu.portals.officer.routes import ROUTES

SOURCE = Path(dancu.__file__).parent
LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}
COLUMNS = [column for table in tables() for column in table.columns]
PERSONAL = {one.name for one in COLUMNS if one.data_class in {DataClass.RESTRICTED, DataClass.SECRET}}

INNOCENT = {"chosen", "name", "number", "value", "detail", "status"}
"""Words that in messages name something else: an option, an account, a file, a step, a code, a setting, a status."""


def test_the_classes_are_those_of_the_migrated_schema(connection: psycopg.Connection) -> None:
    rows = connection.execute(
        "SELECT n.nspname || '.' || c.relname, a.attname FROM pg_attribute a"
        "  JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped"
        "   AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'"
    ).fetchall()
    there, classed = set(rows), {(one.table, one.name) for one in COLUMNS}
    assert there - classed == set(), "columns without a class: add them to classes.toml of the slice"
    assert classed - there == set(), "classes of columns that are not there"


def test_a_sealed_column_is_of_bytes_and_its_row_has_a_key(connection: psycopg.Connection) -> None:
    for column in sealed_columns():
        row = connection.execute(
            "SELECT format_type(a.atttypid, NULL),"
            "       EXISTS (SELECT FROM pg_index WHERE indrelid = a.attrelid AND indisprimary)"
            "  FROM pg_attribute a WHERE a.attrelid = %s::regclass AND a.attname = %s",
            (column.table, column.name),
        ).fetchone()
        assert row == ("bytea", True), column


def test_a_secret_is_sealed_or_it_is_said_why_not() -> None:
    secrets = [one for one in COLUMNS if one.data_class is DataClass.SECRET]
    assert [one for one in secrets if bool(one.sealed) is bool(one.clear)] == []
    assert [one for one in COLUMNS if (one.sealed or one.clear) and one not in secrets] == []


def test_the_page_of_classes_is_up_to_date() -> None:
    assert DOC.read_text(encoding="utf-8") == page(), "python -m tests.house.data_classes"


def calls() -> Iterator[tuple[str, ast.Call]]:
    for file in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield f"{file.relative_to(SOURCE)}:{node.lineno}", node


def test_logs_hold_known_fields_only() -> None:
    for where, call in calls():
        target = call.func
        if (
            isinstance(target, ast.Attribute)
            and target.attr in LEVELS
            and isinstance(target.value, ast.Name)
            and target.value.id in {"_log", "log", "logger"}
        ):
            assert all(isinstance(one, ast.Constant) for one in call.args), f"{where}: say it in plain words"
            names = {keyword.arg for keyword in call.keywords}
            assert names <= FIELDS, f"{where}: {names - FIELDS} are not in dancu.infra.logged"


def test_a_field_of_the_log_is_about_nobody() -> None:
    assert FIELDS & (PERSONAL - {"reason", "status"}) == set()


def test_an_unknown_field_does_not_reach_the_log() -> None:
    told = only_known(None, "info", {"event": "done", "count": 3, "personal_number": "001085123456"})
    assert told == {"event": "done", "count": 3, "left_out": 1}


@pytest.mark.parametrize("route", [one for one in ROUTES if isinstance(one, Route)], ids=lambda one: one.path)
def test_addresses_name_nobody(route: Route) -> None:
    assert set(route.param_convertors) & (PERSONAL - INNOCENT) == set(), route.path


def test_messages_of_errors_hold_no_column_about_a_person() -> None:
    """A message may be shown and logged: of a row it names what its class lets out. Forecasts have no such rows."""
    errors = {kind.__name__ for classes in kinds().values() for kind in classes}
    found = []
    for where, call in calls():
        if ast.unparse(call.func).rpartition(".")[2] in errors and not where.startswith("forecast/"):
            for part in ast.walk(call):
                if isinstance(part, ast.FormattedValue):
                    named = ast.unparse(part.value).rpartition(".")[2]
                    found += [f"{where}: {named}"] if named in PERSONAL - INNOCENT else []
    assert found == []
