from datetime import date
from typing import Any

import psycopg
import pyarrow as pa
import pytest

from dancu.infra.arrays import SqlArray


@pytest.mark.parametrize(
    ("values", "type_", "name"),
    [
        ([1, None, -32768], pa.int16(), "smallint"),
        ([2**31 - 1, None], pa.int32(), "integer"),
        ([2**63 - 1, -(2**63)], pa.int64(), "bigint"),
        (["Đặng", None, "", 'a"b\\c,{}', "NULL"], pa.string(), "text"),
        ([date(2026, 11, 24), None, date(1880, 1, 1)], pa.date32(), "date"),
        (list(range(100_000)), pa.int64(), "bigint"),
        ([None], pa.string(), "text"),
    ],
)
def test_what_is_given_arrives(
    connection: psycopg.Connection, values: list[Any], type_: pa.DataType, name: str
) -> None:
    for array in (pa.array(values, type_), pa.chunked_array([pa.array(values, type_)])):
        row = connection.execute("SELECT pg_typeof(%(v)s)::text, %(v)s", {"v": SqlArray(array)}).fetchone()
        assert row == (f"{name}[]", values)


def test_nothing_arrives_as_nothing(connection: psycopg.Connection) -> None:
    row = connection.execute("SELECT v FROM unnest(%s) AS v", (SqlArray(pa.array([], pa.int64())),)).fetchone()
    assert row is None


def test_a_slice_is_only_the_slice(connection: psycopg.Connection) -> None:
    row = connection.execute("SELECT %s", (SqlArray(pa.array(["a", "b", "c"]).slice(1, 1)),)).fetchone()
    assert row == (["b"],)
