"""Whom of the register a record may be about: found by few keys in one round trip, and weighed by the model."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dancu.infra.db import Transaction
from dancu.intake.likened import Person
from dancu.intake.match import Acquaintances, Known, given_of
from dancu.intake.models import SQL, model_of
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Invalid
from dancu.linkage.model import Decision, Model, Score
from dancu.linkage.record import Record

MOST_OF_A_KEY = 200
"""No key brings more persons than this: of a commoner one, the rest is known recall loss."""


@dataclass(frozen=True)
class Candidate:
    """A person who may be meant, with the score of the pair."""

    person: Person
    score: Score

    @property
    def posterior(self) -> float:
        """How probable it is that both are one person."""
        return self.score.posterior

    @property
    def perhaps(self) -> bool:
        """Whether the model does not say that they are two."""
        return self.score.decision is not Decision.DIFFERENT


async def candidates(
    tx: Transaction, record: Record, *, by: Model | None = None, nation: bool = False, but: int | None = None
) -> tuple[Candidate, ...]:
    """List who may be the person of a record, the likeliest first, wherever in the nation they live.

    Weighed by the model in force, unless another one is given. Those whom it says to be somebody else are left out.
    The caller logs the look.

    Args:
        nation: as the role that loads, masked persons included.
        but: a person who is not meant.
    """
    rows = await tx.rows(SQL.alike if nation else SQL.alike_anywhere, keys_of((record,)))
    persons = (Person.of(row[:-1]) for row in rows)
    meant = (one for one in persons if one.person_id != but and one.stands)
    weighs_by = by or await model_of(tx, rows[0][-1] if rows else None)
    return tuple(one for one in weighed(record, meant, weighs_by) if one.perhaps)


def weighed(record: Record, persons: Iterable[Person], by: Model) -> list[Candidate]:
    """Weigh persons against a record, the likeliest first."""
    scored = [Candidate(one, by.score(record, one.record)) for one in persons]
    return sorted(scored, key=lambda one: (-one.score.posterior, -one.score.weight, one.person.person_id))


async def acquaintances(
    tx: Transaction, records: Iterable[Record], *, numbers: Iterable[str] = (), many: bool = False
) -> Acquaintances:
    """Read whom some records may be about, in one statement, as the role that loads.

    Args:
        numbers: of others whom the records name.
        many: the records are so many that day and given name are asked for only where there is no number: everybody
            of a day would be read. Whom that misses, with number and name mistaken, bulk matching finds.
    """
    known = Acquaintances()
    rows = await tx.rows(SQL.alike, keys_of(records, numbers, many=many))
    known.by = await model_of(tx, rows[0][-1] if rows else None)
    for row in rows:
        person = Person.of(row[:-1])
        known.add(known_as(person), numbers=person.numbers, cmnd9=person.cmnd9s)
    return known


def known_as(person: Person) -> Known:
    """Return a person as matching knows it."""
    return Known(
        person.person_id,
        person.name_key,
        person.born,
        person.sex,
        person.number,
        person.provinces,
        person.status,
        person.commune,
        lambda: person.record,
    )


def keys_of(records: Iterable[Record], others: Iterable[str] = (), *, many: bool = False) -> dict[str, object]:
    """Return the keys by which the persons of some records are looked for, as parameters of the statements."""
    numbers: set[str] = set(others)
    names: set[tuple[str, int, int]] = set()
    days: set[tuple[int, str]] = set()
    homes: set[tuple[str, int]] = set()
    for record in records:
        numbers.update(record.cmnd9s, [record.number] if record.number else ())
        if record.name:
            spellings = {record.name.folded, record.name.written}
            names.update((name, *span) for name in spellings for span in births_alike(record.born))
            if record.born and record.born % 100 and not (many and record.number):
                days.add((record.born, given_of(record.name.folded)))
        if record.born and record.born % 100:
            homes.update((commune, record.born) for commune in record.residence)
    by_name, by_day, by_home = sorted(names), sorted(days), sorted(homes)
    return {
        "numbers": sorted(numbers),
        "names": [name for name, _, _ in by_name],
        "born_from": [first for _, first, _ in by_name],
        "born_to": [last for _, _, last in by_name],
        "days": [day for day, _ in by_day],
        "given": [given for _, given in by_day],
        "homes": [commune for commune, _ in by_home],
        "home_days": [day for _, day in by_home],
        "most": MOST_OF_A_KEY,
    }


def births_alike(born: int | None) -> Iterator[tuple[int, int]]:
    """Yield spans of `PartialDate.number` where the same birth may stand: itself, with parts unknown, or exchanged."""
    if not born:
        yield 0, 9999_99_99
        return
    year, month = born // 10_000 * 10_000, born // 100 * 100
    if month == year:
        yield year, year + 99_99
        return
    yield year, year
    if born == month:
        yield month, month + 99
        return
    yield month, month
    yield born, born
    if exchanged := _exchanged(born):
        yield exchanged, exchanged


def _exchanged(born: int) -> int | None:
    """The day with its day and month exchanged, where that is another day."""
    year, month, day = born // 10_000, born // 100 % 100, born % 100
    try:
        other = PartialDate.of(year, day, month).number
    except Invalid:
        return None
    return other if other != born else None
