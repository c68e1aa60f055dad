"""By what records that may be of one person are brought together: keys that few strangers share."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dancu.linkage.kinds import KINDS
from dancu.linkage.record import Record

CAP = 200
"""How many records may share a key before the key is given up and reported."""


@dataclass(frozen=True)
class Rule:
    """A kind of key.

    Args:
        name: its id in reports.
        parts: `field:kind.part`; the key is all of them, and there is none where one is not told.
            A part with `|` between several names makes a key of each.
        cap: how many records may share one key of it.
    """

    name: str
    parts: tuple[str, ...]
    cap: int = CAP

    @property
    def makes_several(self) -> bool:
        """Whether a record may have several keys by this rule."""
        return any("|" in part for part in self.parts)

    def fields(self) -> frozenset[str]:
        """The fields that records of one key agree in, so that their agreement is no evidence there."""
        return frozenset(part.partition(":")[0] for part in self.parts)


_NAME, _GIVEN, _SURNAME = "name:name.tokens", "name:name.given", "name:name.surname"
_DAY, _EITHER, _YEAR = "born:date.day", "born:date.either", "born:date.year"
_PROVINCE, _DISTRICT, _WARD = "birth_place:place.province", "birth_place:place.district", "birth_place:place.ward"
_HOME = "residence:units.first|second|third"
_MOTHER, _FATHER = "mother:relative.tokens", "father:relative.tokens"

BOUNDED: tuple[Rule, ...] = (
    Rule("number", ("number:number.value",)),
    Rule("cmnd9", ("cmnd9s:cards.first|second|third",)),
    Rule("name+day", (_NAME, _DAY)),
    Rule("name+year+province", (_NAME, _YEAR, _PROVINCE)),
    Rule("name+mother+year", (_NAME, _MOTHER, _YEAR)),
    Rule("day+given+province", (_DAY, _GIVEN, _PROVINCE)),
    Rule("day+mother", (_DAY, _MOTHER)),
    Rule("day+father", (_DAY, _FATHER)),
    Rule("father+mother+year", (_FATHER, _MOTHER, _YEAR)),
    Rule("day+surname+district", (_DAY, _SURNAME, _DISTRICT)),
    Rule("name+year+district", (_NAME, _YEAR, _DISTRICT)),
    Rule("given+ward+year", (_GIVEN, _WARD, _YEAR)),
)
"""Keys that a nation can bear: 8 to 12 pairs a record at 104 million."""

NATIONAL: tuple[Rule, ...] = (
    *BOUNDED,
    Rule("name+year, rare", (_NAME, _YEAR), cap=3),
    Rule("surname+given+either day", (_SURNAME, _GIVEN, _EITHER), cap=20),
    Rule("name+father+mother", (_NAME, _FATHER, _MOTHER), cap=20),
    Rule("name+mother, rare", (_NAME, _MOTHER), cap=5),
    Rule("name+father, rare", (_NAME, _FATHER), cap=5),
    Rule("name+ward, rare", (_NAME, _WARD), cap=10),
    Rule("name+anniversary, rare", (_NAME, "born:date.anniversary"), cap=5),
    Rule("either day+ward", (_EITHER, _WARD), cap=20),
    Rule("either day+residence", (_EITHER, _HOME), cap=20),
    Rule("given+year+residence", (_GIVEN, _YEAR, _HOME), cap=20),
    Rule("number tail+surname", ("number:number.tail", _SURNAME), cap=20),
    Rule("number head+given", ("number:number.head", _GIVEN), cap=20),
)
"""The bounded keys and those that only rare values make."""


def keys(record: Any, rules: tuple[Rule, ...] = NATIONAL) -> frozenset[str]:
    """Return all keys of a record; two records are compared in bulk where they share one that is not capped."""
    return frozenset(key for rule in rules for key in _keys_of(record, rule))


def _keys_of(record: Any, rule: Rule) -> Iterator[str]:
    made = [rule.name]
    for part in rule.parts:
        values = _values(record, part)
        made = [f"{key}\x1f{value}" for key in made for value in values]
    yield from made


def _values(record: Any, part: str) -> list[str]:
    field, kind, names = split(part)
    value = getattr(record, field)
    if not value:
        return []
    found = (KINDS[kind].parts[name](value) for name in names)
    return [str(one) for one in found if one not in {None, ""}]


def split(part: str) -> tuple[str, str, list[str]]:
    """Return the field, the kind and the names of the parts of a part of a rule."""
    field, _, rest = part.partition(":")
    kind, _, names = rest.partition(".")
    return field, kind, names.split("|")


@dataclass(frozen=True)
class LiveKeys:
    """What a record is looked up by in the register, where every key costs an index.

    Args:
        number: the personal number.
        cmnd9s: old card numbers.
        name_born: folded full name and birth date as yyyymmdd, also of a partial date: the name as it was meant,
            and as it was written where that differs.
        born_given: whole birth date, folded given name and the old province of birth ('' unknown: all).
    """

    number: str | None
    cmnd9s: tuple[str, ...]
    name_born: tuple[tuple[str, int], ...]
    born_given: tuple[int, str, str] | None


def live_keys(record: Record) -> LiveKeys:
    """Return the few keys by which a record is looked up in the register."""
    name, born, place = record.name, record.born, record.birth_place
    return LiveKeys(
        number=record.number,
        cmnd9s=record.cmnd9s,
        name_born=tuple((key, born) for key in dict.fromkeys((name.folded, name.written))) if name and born else (),
        born_given=(born, name.given, place.province if place else "") if name and born and born % 100 else None,
    )
