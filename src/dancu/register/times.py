"""Questions in two times: a person, a household, a commune on a day, as known at a moment; and what changed."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from dancu.infra.db import Transaction
from dancu.infra.sql import Queries
from dancu.kernel.codes import Relation, ResidenceKind
from dancu.kernel.text import fold as fold_text
from dancu.reference.model import NoSuccessor, Outcome, Resolved, Split
from dancu.reference.units import unit_index
from dancu.register.life import Life
from dancu.register.store import history

SQL = Queries("dancu.register", "times.sql")


@dataclass(frozen=True)
class MemberAsOf:
    """A member of a household on a day."""

    person_id: int
    relation: Relation
    since: date | None


@dataclass(frozen=True)
class StayAsOf:
    """A stay that was in force."""

    person_id: int
    kind: ResidenceKind
    unit: str
    unit_day: date
    detail: str
    since: date | None
    until: date | None


@dataclass(frozen=True)
class Change:
    """One field of a life that the register came to know otherwise."""

    field: str
    before: object
    after: object


async def person_as_of(tx: Transaction, person_id: int, *, on: date, as_known_at: datetime) -> Life | None:
    """Return a person on a day, as known at a moment; None where nothing was known or the person was not born."""
    return (await history(tx, person_id)).as_of(on=on, as_known_at=as_known_at)


async def changes_between(tx: Transaction, person_id: int, *, since: datetime, until: datetime) -> list[Change]:
    """List in what the life known at one moment differs from that known at an earlier one, field by field."""
    ledger = await history(tx, person_id)
    before, after = ledger.as_of(as_known_at=since), ledger.as_of(as_known_at=until)
    names = [name for name in Life.__struct_fields__ if name not in {"person_id", "version", "known_at"}]
    pairs = [(name, before and getattr(before, name), after and getattr(after, name)) for name in names]
    return [Change(name, old, new) for name, old, new in pairs if old != new]


async def household_as_of(tx: Transaction, household_id: int, *, on: date, as_known_at: datetime) -> list[MemberAsOf]:
    """List who belonged to a household on a day, as known at a moment, the head first."""
    parameters = {"household_id": household_id, "on": on, "as_known_at": as_known_at}
    rows = await tx.rows(SQL.members_as_of, parameters)
    return [MemberAsOf(person_id, Relation(relation), since) for person_id, relation, since in rows]


async def commune_as_of(
    tx: Transaction,
    commune: str,
    *,
    on: date,
    as_known_at: datetime,
    units_of: date | None = None,
    after: int = 0,
    most: int = 1_000,
) -> list[StayAsOf]:
    """List who lived in a commune on a day, as known at a moment, by the layer that counts.

    A declared abode counts before a temporary residence, and that before the permanent one.
    Addresses of other eras count where their unit, or their text, is certain to lie in the commune.

    Args:
        commune: code of a commune.
        units_of: the day whose commune it is; None: `on`.
        after: person id after which to go on, for the next page.
        most: a page has as many, and the last one fewer.
    """
    day = units_of or on
    parameters = {"units": _units_of(commune, day), "on": on, "as_known_at": as_known_at, "most": most}
    found: list[StayAsOf] = []
    while len(found) < most:
        rows = await tx.rows(SQL.stays_as_of, {**parameters, "after": after})
        found += [stay for row in rows if _lies_in(stay := _stay(row), commune, day)]
        if len(rows) < most:
            break
        after = rows[-1][0]
    return found[:most]


async def count_in_commune_as_of(
    tx: Transaction, commune: str, *, on: date, as_known_at: datetime, units_of: date | None = None
) -> int:
    """Count whom `commune_as_of` lists."""
    day = units_of or on
    parameters = {"units": _units_of(commune, day), "on": on, "as_known_at": as_known_at}
    rows = await tx.rows(SQL.counts_as_of, parameters)
    return sum(
        row[-1] for row in rows if _lies_in(_stay((0, ResidenceKind.PERMANENT, *row[:3], None, None)), commune, day)
    )


async def who_lived_at(
    tx: Transaction, commune: str, detail: str, *, since: date, until: date, as_known_at: datetime
) -> list[StayAsOf]:
    """List the stays at an address between two days, as known at a moment; diacritics and case don't count.

    A stay in a commune that was split or merged, and of which the address tells no more, may be there and is listed:
    its unit and the day whose unit that is stand in it.

    Args:
        commune: code of a commune of the last day.
        detail: the rest of the address.
        until: last day.
    """
    parameters = {"units": _units_of(commune, until), "since": since, "until": until, "as_known_at": as_known_at}
    rows = await tx.rows(SQL.stays_at_address, parameters)
    stays = [stay for row in rows if fold_text((stay := _stay(row)).detail) == fold_text(detail)]
    return [stay for stay in stays if commune in _where(stay, until)]


def _stay(row: tuple[object, ...]) -> StayAsOf:
    person_id, kind, *rest = row
    return StayAsOf(person_id, ResidenceKind(kind), *rest)  # type: ignore[arg-type]


def _units_of(commune: str, day: date) -> list[str]:
    """Codes of every era whose unit is, went into, or came from a commune of a day, whole or in part."""
    index = unit_index()
    codes = {commune}
    for change in index.change_days:
        if change <= day:
            before = _before(change)
            earlier = [unit for unit, _ in index.predecessors(commune, day, before)]
            codes |= {unit.code for unit in earlier}
            # A district that became one commune as a whole: addresses that name no more than it.
            districts = {unit.district_code for unit in earlier if unit.district_code}
            codes |= {one for one in districts if _parts(index.successors(one, before, day)) == {commune}}
        else:
            codes |= _parts(index.successors(commune, day, change))
    return sorted(codes)


def _parts(outcome: Outcome) -> frozenset[str]:
    """Codes of the units in one of which something lies."""
    match outcome:
        case Resolved(unit=unit):
            return frozenset({unit.code})
        case Split(candidates=candidates):
            return frozenset(unit.code for unit in candidates)
        case NoSuccessor():
            return frozenset()


def _before(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)


def _lies_in(stay: StayAsOf, commune: str, day: date) -> bool:
    """Tell whether a stay is certain to lie in a commune of a day, whatever era its unit is of."""
    return _where(stay, day) == {commune}


def _where(stay: StayAsOf, day: date) -> frozenset[str]:
    """Codes of the communes of a day in one of which a stay lies; none where nothing can be told."""
    if stay.unit_day <= day:
        return _parts(unit_index().resolve_address(stay.detail, stay.unit, stay.unit_day, day))
    return _origins(stay.unit, stay.unit_day, day)


@lru_cache(maxsize=50_000)
def _origins(unit: str, unit_day: date, day: date) -> frozenset[str]:
    return frozenset(earlier.code for earlier, _ in unit_index().predecessors(unit, unit_day, day))
