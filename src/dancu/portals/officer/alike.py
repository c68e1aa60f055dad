"""Whether the child of a form is registered already: the look, its rows in the log, and what the form shows of it."""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime

from dancu.access.work import OpenWork
from dancu.audit.entry import Operation
from dancu.kernel.errors import Conflict
from dancu.kernel.time import today
from dancu.portals.officer.acts import Parents
from dancu.portals.officer.desk import BirthForm
from dancu.portals.officer.people import place_of
from dancu.portals.officer.views import Alike, Hit, Reason
from dancu.portals.shared.pages import Said, day_text
from dancu.portals.shared.refs import References
from dancu.portals.shared.words import msg
from dancu.reference.units import unit_index
from dancu.register.search.similar import ChildAlike, ChildDescribed, children_alike, children_elsewhere

_SOME_OFFICE = Said("Sở Tư pháp của tỉnh", "the Department of Justice of the province")


class PerhapsRegistered(Conflict):
    """A child that fits is registered, and nobody confirmed that another one is meant."""


async def look(
    work: OpenWork, refs: References, form: BirthForm, parents: Parents, *, now: datetime, but: int | None = None
) -> Alike:
    """Look for children whom a form may describe, and write it down as a search.

    Args:
        but: a person who is not meant.
    """
    child = _described(form, parents, office=work.grant.assignment.office.unit_code, day=today(now))
    if child is None:
        return Alike()
    found = await children_alike(work.tx, child, but=but)
    elsewhere = await children_elsewhere(work.tx, child)
    persons = tuple(one.hit.person_id for one in found)
    await work.log(operation=Operation.SEARCH, persons=persons, result_count=len(persons))
    if elsewhere:
        hidden = tuple(one.person_id for one in elsewhere)
        await work.log(operation=Operation.SEARCH, persons=hidden, result_count=len(hidden), fields=0)
    return Alike(
        people=tuple(_hit(refs, one, today(now)) for one in found),
        offices=tuple(registrar(one.unit_code) for one in elsewhere),
        seen=_seen(refs, (*persons, *(one.person_id for one in elsewhere))),
    )


def _described(form: BirthForm, parents: Parents, *, office: str, day: date) -> ChildDescribed | None:
    """The child as far as the form tells; None where it is too little to look for."""
    if form.born is None or (form.name is None and parents.first is None):
        return None
    homes = [one.abode(day) for one in (parents.mother, parents.father) if one]
    places = (office, form.birth_place.code, *(home.unit for home in homes if home))
    return ChildDescribed(
        born=form.born,
        name=form.name,
        sex=form.sex,
        mother_id=parents.mother.person_id if parents.mother else None,
        father_id=parents.father.person_id if parents.father else None,
        places=tuple(dict.fromkeys(place for place in places if place)),
    )


def _hit(refs: References, found: ChildAlike, day: date) -> Hit:
    hit = found.hit
    told = ((msg("same mother"), found.mother), (msg("same father"), found.father), (msg("similar name"), found.name))
    return Hit(
        ref=refs.ref(hit.person_id),
        name=hit.name.full,
        number=hit.personal_number or "",
        masked=True,
        born=hit.born,
        sex=hit.sex,
        place=place_of(hit.commune_code, hit.province_code, day),
        status=hit.status,
        reasons=(
            *(Reason(text, exact=True) for text, holds in told if holds),
            Reason(msg("date of birth"), day_text(hit.born)),
        ),
    )


def registrar(unit_code: str) -> str | Said:
    """Name the civil registrar of a commune, of whatever era its code is."""
    versions = unit_index().versions(unit_code) if len(unit_code) == 5 else ()
    if not versions:
        return _SOME_OFFICE
    title = unit_index().full_title(versions[-1], versions[-1].valid_from)
    return f"Ủy ban nhân dân {title[0].lower()}{title[1:]}"


def _seen(refs: References, person_ids: Iterable[int]) -> str:
    """Stand for exactly these persons, under the key of this installation; '' for nobody."""
    names = sorted(refs.ref(one) for one in person_ids)
    return hashlib.sha256("|".join(names).encode()).hexdigest()[:32] if names else ""
