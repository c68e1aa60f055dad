"""What a record must keep to before it may touch the register: a table of rules, `rules.toml`.

Rules about one value are broken where the value is read (`dancu.intake.values`); rules about a whole record have
predicates, which are compiled to one pass over the columns of a chunk. No message holds anything of the record itself.
"""

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

import duckdb
import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dancu.intake.field_words import blamed
from dancu.intake.normal import BY_NAME

REJECT, QUARANTINE, WARN = "reject", "quarantine", "warn"

Mask = npt.NDArray[np.bool_]

_MACROS = {
    "place_of(n)": "n // 1000000000",
    "sex_of(n)": "n // 100000000 % 2 + 1",
    "year_in(n)": "1900 + n // 100000000 % 10 // 2 * 100 + n // 1000000 % 100",
    "year_of(d)": "d // 10000",
    "is_place(p)": "p BETWEEN 1 AND 96 OR p BETWEEN 101 AND 295",
    "is_before(later, earlier)": "CASE WHEN later % 100 > 0 AND earlier % 100 > 0 THEN later < earlier"
    " ELSE later // 10000 < earlier // 10000 END",
}
"""Words of predicates. A personal number tells place, sex and year of birth; of two days of which one is not whole,
only the years are compared.

Law: Nghị định 137/2015/NĐ-CP, Điều 13.
"""

_NUMBERS = frozenset(name for name in BY_NAME if name.endswith("_number") and BY_NAME[name].reads == "personal_number")
_WORD = re.compile(r"[a-z_0-9]+")


@dataclass(frozen=True)
class Facts:
    """The records of a chunk, as rules see them.

    Args:
        table: normal records.
        today: the present day in Vietnam.
    """

    table: pa.Table
    today: date


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule, its weight and what it says to the sender.

    Args:
        id: stable; the first word says what it is about.
        version: raised when the meaning changes.
        severity: reject = not taken, to be corrected and sent again; quarantine = an officer decides;
            warn = taken, with a remark.
        dimension: the quality dimension of ISO/IEC 25012.
        owner: who answers for it.
        law: legal basis, where there is one.
        since: first day on which it is in force.
        message_vi: what is wrong and what to do.
        message_en: the same in English.
        predicate: by field that it blames, what is wrong, see `rules.toml`; none: it is about one value.
        until: the day on which it is not in force any more.
    """

    id: str
    version: int
    severity: str
    dimension: str
    owner: str
    law: str
    since: date
    message_vi: str
    message_en: str
    predicate: dict[str, str] = {}
    until: date | None = None

    def in_force(self, day: date) -> bool:
        """Tell whether it holds on a day."""
        return self.since <= day and (self.until is None or day < self.until)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rule: list[Rule]


def read_rules() -> tuple[Rule, ...]:
    """Read the table: every version of every rule, in its order.

    Raises:
        msgspec.ValidationError: it is not of the form.
        ValueError: two versions of a rule are in force on one day, or a version stands twice.
    """
    table = tuple(msgspec.toml.decode(files("dancu.intake").joinpath("rules.toml").read_bytes(), type=_File).rule)
    for at, one in enumerate(table):
        for other in table[at + 1 :]:
            if one.id == other.id and (one.version == other.version or other.in_force(one.since)):
                raise ValueError(f"two versions of {one.id} are in force on one day")
    return table


TABLE = read_rules()
"""Every version of every rule."""

RULES: dict[str, Rule] = {rule.id: rule for rule in sorted(TABLE, key=lambda rule: rule.version)}
"""The latest version of every rule by its id."""

FINDINGS: pa.Schema = pa.schema(
    [
        pa.field("record", pa.int32()),
        pa.field("field", pa.string()),
        pa.field("rule", pa.string()),
        pa.field("severity", pa.string()),
        pa.field("first_line", pa.int32()),
    ]
)
"""One row per rule that a record breaks; ordered by record."""


def in_force(day: date) -> tuple[Rule, ...]:
    """Return the rules that hold on a day, in the order of the table."""
    return tuple(rule for rule in TABLE if rule.in_force(day))


def check(facts: Facts) -> list[tuple[Rule, str, Mask]]:
    """Apply every rule about whole records, in one pass; only fields that some record breaks come back."""
    empty = frozenset(
        name for name in facts.table.column_names if facts.table.column(name).null_count == facts.table.num_rows
    )
    blamed, statement = _compiled(facts.today, empty)
    if not blamed or not facts.table.num_rows:
        return []
    duck = _duck()
    duck.register("told", facts.table)
    try:
        masks = duck.sql(statement).fetchnumpy()
    finally:
        duck.unregister("told")
    found = [(rule, name, np.asarray(masks[f"b{at}"], np.bool_)) for at, (rule, name) in enumerate(blamed)]
    return [one for one in found if one[2].any()]


@cache
def _compiled(day: date, empty: frozenset[str]) -> tuple[Sequence[tuple[Rule, str]], str]:
    """Compile the predicates that can be true where some fields are told by no record to one statement."""
    rules = [(rule, name, text) for rule in in_force(day) for name, text in rule.predicate.items()]
    wanted = [(rule, name, text) for rule, name, text in rules if not _cannot_be(text, empty)]
    number = day.year * 10000 + day.month * 100 + day.day
    fields = sorted({word for *_, text in wanted for word in _WORD.findall(text) if word in BY_NAME})
    columns = ", ".join(["t.record", *(f"{_as_number(name)} AS {name}" for name in fields)])
    flags = ", ".join(f"coalesce({text}, false) AS b{at}" for at, (*_, text) in enumerate(wanted))
    statement = f"SELECT {flags} FROM (SELECT {columns}, {number} AS today FROM told t) ORDER BY record"  # noqa: S608
    return [(rule, name) for rule, name, _ in wanted], statement


def _cannot_be(text: str, empty: frozenset[str]) -> bool:
    """Tell whether a predicate asks for a field that nobody tells, and not whether it is told."""
    return "IS NULL" not in text and "coalesce" not in text and not empty.isdisjoint(_WORD.findall(text))


def _as_number(name: str) -> str:
    if name in _NUMBERS:
        return f"t.{name}::BIGINT"
    if pa.types.is_date(BY_NAME[name].type):
        return f"(year(t.{name}) * 10000 + month(t.{name}) * 100 + day(t.{name}))"
    return f"nullif(t.{name}, 0)" if BY_NAME[name].reads == "partial_date" else f"t.{name}"


_LOCAL = threading.local()


def _duck() -> duckdb.DuckDBPyConnection:
    """Return the connection of this thread, which knows the words of predicates."""
    duck: duckdb.DuckDBPyConnection | None = getattr(_LOCAL, "duck", None)
    if duck is None:
        duck = duckdb.connect(config={"threads": 2})
        for head, body in _MACROS.items():
            duck.execute(f"CREATE MACRO {head} AS {body}")
        _LOCAL.duck = duck
    return duck


def number_year(number: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the year of birth that personal numbers tell."""
    return 1900 + number // 10**8 % 10 // 2 * 100 + number // 10**6 % 100


def explain(rule: str, field: str, *, language: str, header: str = "") -> str:
    """Say to the sender which field breaks a rule and what to do, without any personal data.

    Args:
        language: `vi`, or anything else for English.
        header: the column's header in the sender's file, if it is known.
    """
    vi, en = blamed(field)
    words, message = (vi, RULES[rule].message_vi) if language == "vi" else (en, RULES[rule].message_en)
    return f"{header or words}: {message}" if field else message


def explained(broken: Sequence[tuple[str, str]], *, language: str, headers: Mapping[str, str] | None = None) -> str:
    """Say it of all rules that a record breaks, with their fields.

    Args:
        headers: the columns' headers in the sender's file, by field, as far as they are known.
    """
    known = headers or {}
    return ". ".join(explain(rule, field, language=language, header=known.get(field, "")) for rule, field in broken)


def as_markdown(rules: Sequence[Rule] = TABLE) -> str:
    """Return a table of rules for people."""
    lines = ["| rule | severity | dimension | owner | in force | law | says |", "|---|---|---|---|---|---|---|"]
    for rule in rules:
        days = f"{rule.since.isoformat()} – {rule.until.isoformat() if rule.until else ''}".strip()
        cells = (f"`{rule.id}` v{rule.version}", rule.severity, rule.dimension, rule.owner, days, rule.law)
        lines.append("| " + " | ".join((*cells, f"{rule.message_vi}<br>{rule.message_en}")) + " |")
    return "\n".join(lines) + "\n"


def as_rows(rules: Sequence[Rule] = TABLE) -> list[Mapping[str, object]]:
    """Return rules as plain values, for programs."""
    return [msgspec.to_builtins(rule) for rule in rules]
