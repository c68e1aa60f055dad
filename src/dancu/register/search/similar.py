"""Whether a person who is being written down is perhaps one whom the register has already."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from dancu.infra.db import Transaction
from dancu.kernel.codes import Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.names import PersonName
from dancu.register.search.find import SQL, search
from dancu.register.search.question import Question
from dancu.register.search.rank import Hit, hit_of

_SURE_ENOUGH = 8.5
_NEAR = timedelta(days=180)
"""Who bore a child gives birth again after half a year at the earliest; a nearer child is the same one, or a twin."""
_MOST = 5


@dataclass(frozen=True)
class ChildDescribed:
    """A child as the form of its birth describes it.

    Args:
        name: None while none is written.
        places: unit codes of the communes where such a child would have been registered.
    """

    born: PartialDate
    name: PersonName | None = None
    sex: Sex = Sex.UNKNOWN
    mother_id: int | None = None
    father_id: int | None = None
    places: Sequence[str] = ()


@dataclass(frozen=True)
class ChildAlike:
    """A child in scope whom the form may describe, and what the two have in common besides the time of birth."""

    hit: Hit
    mother: bool = False
    father: bool = False
    name: bool = False


@dataclass(frozen=True)
class ChildElsewhere:
    """A child out of scope whom the form may describe: that there is one, and the unit whose office can be asked."""

    person_id: int
    unit_code: str


async def similar(
    tx: Transaction, *, name: PersonName, born: PartialDate, sex: Sex = Sex.UNKNOWN, limit: int = 3
) -> tuple[Hit, ...]:
    """List who in scope may be the person that a form describes: a like name and a birth date that fits.

    Twins are told apart by their given names, which are not alike.

    Raises:
        TookTooLong: the database gave up on it; the transaction is lost.
    """
    latest = born.number if born.day else born.number + (99 if born.month else 1231)
    question = Question(name=name.full, born_from=born.number, born_to=latest, whole_date=bool(born.day), sex=sex)
    found = await search(tx, question, limit=limit)
    return tuple(hit for hit in found.hits if hit.score >= _SURE_ENOUGH)


async def children_alike(tx: Transaction, child: ChildDescribed, *, but: int | None = None) -> tuple[ChildAlike, ...]:
    """List the children in scope whom a form may describe: of the same mother, of the same father, or of a like name.

    A child of the father and of another mother is another child.

    Args:
        but: a person who is not meant.

    Raises:
        TookTooLong: the database gave up on it; the transaction is lost.
    """
    found: dict[int, ChildAlike] = {}
    if child.mother_id or child.father_id:
        for row in await tx.rows(SQL.children_near, {**_near(child), "most": _MOST}):
            hit = hit_of(row)
            found[hit.person_id] = ChildAlike(hit, mother=row[10], father=row[11])
    if child.name:
        for hit in await similar(tx, name=child.name, born=child.born, sex=child.sex):
            found[hit.person_id] = replace(found.get(hit.person_id, ChildAlike(hit)), name=True)
    return tuple(one for one in found.values() if one.hit.person_id != but)


async def children_elsewhere(tx: Transaction, child: ChildDescribed) -> tuple[ChildElsewhere, ...]:
    """List the children out of scope whom a form may describe; nothing is told of them but whom to ask.

    A like name is not enough here: the name and the date must be the same, and the place of registration one
    of those that the form names.
    """
    named = {
        "name_key": child.name.key if child.name else "",
        "born": child.born.number,
        "places": list(child.places),
    }
    rows = await tx.rows(SQL.children_elsewhere, {**_near(child), **named, "most": _MOST})
    return tuple(ChildElsewhere(*row) for row in rows)


def _near(child: ChildDescribed) -> dict[str, object]:
    return {
        "mother": child.mother_id,
        "father": child.father_id,
        "first": _number(child.born.earliest - _NEAR),
        "last": _number(child.born.latest + _NEAR),
    }


def _number(day: date) -> int:
    return PartialDate.on(day).number
