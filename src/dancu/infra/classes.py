"""What class each column of the database is of, and what follows from it.

Each slice has a `classes.toml` for the tables of its schema; `dancu.infra.classes` reads all of them.
- public: may be published as it is, such as law and code tables.
- internal: how the State works; for officers and operators.
- restricted: about a person. Never in logs, problem details or addresses.
- secret: opens something, or is sensitive by law, or tells what the law hides. As restricted; moreover it is sealed
  (`sealed` names the purpose of its key), or `clear` says why it can't be.

Law: Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15; Nghị định 356/2025/NĐ-CP, Điều 4 (sensitive data).
Standard: TCVN 14423:2026, level 4, 6.4 (classification, encryption at rest).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from importlib.resources.abc import Traversable

import msgspec

from dancu.infra.keys import Purpose


class DataClass(StrEnum):
    """Who may see it; each is stricter than the one before."""

    PUBLIC = "public"
    INTERNAL = "internal"
    RESTRICTED = "restricted"
    SECRET = "secret"  # noqa: S105 -- a class, not a secret


class _Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table as `classes.toml` tells it."""

    kept: str
    public: tuple[str, ...] = ()
    internal: tuple[str, ...] = ()
    restricted: tuple[str, ...] = ()
    secret: tuple[str, ...] = ()
    sealed: dict[str, Purpose] = {}
    place: tuple[str, ...] = ()
    part: str | None = None
    clear: dict[str, str] = {}


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    schema: str
    tables: dict[str, _Told]


@dataclass(frozen=True)
class Column:
    """One column.

    Args:
        table: with its schema.
        sealed: purpose of the key under which it is stored; None: in the clear.
        clear: why a secret is not sealed.
    """

    table: str
    name: str
    data_class: DataClass
    sealed: Purpose | None = None
    clear: str = ""


@dataclass(frozen=True)
class SealedColumn:
    """A column that is stored sealed, and the purpose of its key.

    Args:
        place: columns whose values, joined by colons, are `keys.Place.row`; none: those of the primary key.
        part: column that is `keys.Place.version`; None: it is 0.
    """

    table: str
    name: str
    purpose: Purpose
    place: tuple[str, ...] = ()
    part: str | None = None


@dataclass(frozen=True)
class Table:
    """One table: `kept` says how long its rows are kept; for the others see `SealedColumn`."""

    name: str
    kept: str
    columns: Sequence[Column]
    place: tuple[str, ...] = ()
    part: str | None = None


def tables() -> list[Table]:
    """Read the classes of all tables, by name.

    Raises:
        msgspec.ValidationError: a file can't be understood.
        ValueError: a column stands twice, or something is said of one that has no class.
    """
    found = []
    for entry in _files(files("dancu")):
        told = msgspec.toml.decode(entry.read_bytes(), type=_File)
        found += [_table(f"{told.schema}.{name}", one) for name, one in told.tables.items()]
    return sorted(found, key=lambda table: table.name)


def sealed_columns() -> list[SealedColumn]:
    """List the columns that are stored sealed."""
    return [
        SealedColumn(table.name, one.name, one.sealed, table.place, table.part)
        for table in tables()
        for one in table.columns
        if one.sealed
    ]


def _files(folder: Traversable, depth: int = 2) -> Iterator[Traversable]:
    for entry in folder.iterdir():
        if entry.name == "classes.toml":
            yield entry
        elif depth and entry.is_dir() and not entry.name.startswith((".", "_")):
            yield from _files(entry, depth - 1)


def _table(name: str, told: _Told) -> Table:
    columns: dict[str, Column] = {}
    for data_class in DataClass:
        for column in getattr(told, data_class):
            if column in columns:
                raise ValueError(f"{name}.{column} has two classes")
            columns[column] = Column(name, column, data_class, told.sealed.get(column), told.clear.get(column, ""))
    if unknown := {*told.sealed, *told.clear, *told.place, told.part or next(iter(columns))} - set(columns):
        raise ValueError(f"{name} has no {', '.join(sorted(unknown))}")
    return Table(name, told.kept, tuple(columns.values()), told.place, told.part)
