"""A chunk of told persons to the rows of every table, as Arrow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from dancu.infra.keys import KeyRing
from dancu.infra.sql import Queries
from dancu.kernel.text import fold
from dancu.kernel.time import today
from dancu.register.ledger import micros
from dancu.register.projection import Locate
from dancu.register.sensitive import seal

SQL = Queries("dancu.register.bulk", "rows.sql")

_MACROS = ("quoted", "first_day", "place", "kin", "stay_json", "number_json", "member")
TABLES = (
    ("person", "persons"),
    ("event", "events"),
    ("identifier", "identifiers"),
    ("residence", "residences"),
    ("membership", "memberships"),
    ("former_name", "former_names"),
    ("household", "households"),
)
"""Table of the register and the statement that makes its rows."""


@dataclass(frozen=True)
class Rows:
    """The rows of one chunk.

    Args:
        tables: by name of the table.
        blocks: blocks of personal numbers, and how many each gave.
        persons: ids of the persons, in order of the chunk.
    """

    tables: dict[str, pa.Table]
    blocks: pa.Table
    persons: pa.ChunkedArray


class Transform:
    """Makes rows of told persons. One per thread: it holds a DuckDB of its own.

    Args:
        locate: finds today's units of places; called once for each distinct place.
        ring: seals sensitive facts.
        threads: how many DuckDB may use.
    """

    def __init__(self, locate: Locate, ring: KeyRing, *, threads: int = 2) -> None:
        self._locate = locate
        self._ring = ring
        self._duck = duckdb.connect(config={"threads": threads, "preserve_insertion_order": True})
        for macro in _MACROS:
            self._duck.execute(getattr(SQL, macro))

    def rows(self, told: pa.Table, *, act_id: int, known_at: datetime) -> Rows:
        """Return the rows of a chunk.

        Args:
            told: fields of the normal record, and `person_id`, `father_id`, `mother_id`, `spouse_id`, `household_id`,
                `cmnd9_ordinal` and `passport_ordinal` (how many had the number before), `forms_household`.
        """
        duck = self._duck
        parameters = {"known_at": micros(known_at), "known_on": today(known_at), "act_id": act_id}
        on = {"known_on": parameters["known_on"]}
        duck.register("told", _completed(told, today(known_at)).append_column("sealed", _sealed(told, self._ring)))
        duck.execute(SQL.read)
        duck.execute(SQL.stays)
        self._find_places()
        duck.execute(SQL.abodes, on)
        wanted = {"events": parameters, "persons": {k: parameters[k] for k in ("known_at", "known_on")}}
        at = {"known_at": parameters["known_at"]}
        wanted |= {"residences": at, "memberships": at}
        tables = {
            table: duck.sql(getattr(SQL, statement), params=wanted.get(statement)).to_arrow_table()
            for table, statement in TABLES
        }
        blocks = duck.sql(SQL.blocks).to_arrow_table()
        duck.unregister("told")
        return Rows(tables, blocks, told.column("person_id"))

    def _find_places(self) -> None:
        """Find today's units: once for each unit, and by address only where the unit alone does not tell."""
        duck = self._duck
        units = duck.execute(SQL.units).fetchall()
        found = [(unit, day, *self._locate(unit, day, "")) for unit, day in units]
        duck.register("whole_told", _places(found, detailed=False))
        duck.execute("CREATE OR REPLACE TEMP TABLE whole AS SELECT * FROM whole_told")
        open_ = duck.execute(SQL.undecided).fetchall()
        detailed = [(unit, day, *self._locate(unit, day, detail), detail) for unit, day, detail in open_]
        duck.register("detailed_told", _places(detailed, detailed=True))
        duck.execute("CREATE OR REPLACE TEMP TABLE detailed AS SELECT * FROM detailed_told")


_PLACE = [
    pa.field("unit", pa.string()),
    pa.field("ud", pa.date32()),
    pa.field("province", pa.string()),
    pa.field("commune", pa.string()),
]


def _places(found: Sequence[tuple[object, ...]], *, detailed: bool) -> pa.Table:
    schema = pa.schema([*_PLACE, pa.field("detail", pa.string())] if detailed else _PLACE)
    columns = list(zip(*found, strict=True)) if found else [()] * len(schema)
    return pa.table([pa.array(list(c), f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)


_SENSITIVE = ("religion", "blood", "phone", "email")


def _sealed(told: pa.Table, ring: KeyRing) -> pa.Array:
    """The twin of sensitive.sealed for first events."""
    persons, *facts = (told.column(name).to_pylist() for name in ("person_id", *_SENSITIVE))
    texts = [
        seal(ring, *one, person_id=person_id, seq=1)
        for person_id, one in zip(persons, zip(*facts, strict=True), strict=True)
    ]
    return pa.array(texts, pa.string())


def _completed(told: pa.Table, known_on: date) -> pa.Table:
    """Add what SQL can't or need not find out: folded other names, and the day of the units where none is told."""
    names = told.column("other_name").combine_chunks().dictionary_encode()
    folded = pa.array([fold(name) if name else "" for name in names.dictionary.to_pylist()], pa.string())
    units_of = pc.fill_null(told.column("unit_day"), pa.scalar(known_on, pa.date32()))
    told = told.set_column(told.schema.get_field_index("unit_day"), "unit_day", units_of)
    return told.append_column("other_name_key", folded.take(names.indices))
