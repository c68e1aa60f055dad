"""Whether somebody whom a form describes is registered already: the look, its rows in the log, and what is shown.

Every form that establishes a person looks by `look`, and shows what it found by `officer/alike.html`.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from dancu.access.work import OpenWork
from dancu.audit.entry import Operation
from dancu.intake.likened import Person
from dancu.intake.live import Candidate, candidates
from dancu.kernel.codes import PersonStatus, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Conflict
from dancu.kernel.time import today
from dancu.linkage.record import Record, normalised
from dancu.portals.officer.acts import Parents
from dancu.portals.officer.desk import BirthForm
from dancu.portals.officer.people import place_of
from dancu.portals.officer.views import Alike, Hit, Reason
from dancu.portals.shared.pages import Said, day_text
from dancu.portals.shared.refs import References
from dancu.portals.shared.words import msg
from dancu.reference.units import unit_index
from dancu.register.search.similar import ChildAlike, ChildDescribed, children_alike, children_elsewhere
from dancu.register.territory import locate

_SOME_OFFICE = Said("Sở Tư pháp của tỉnh", "the Department of Justice of the province")


class PerhapsRegistered(Conflict):
    """A child that fits is registered, and nobody confirmed that another one is meant."""


async def look(
    work: OpenWork,
    refs: References,
    form: BirthForm,
    parents: Parents,
    *,
    now: datetime,
    but: int | None = None,
    homes: Sequence[str] = (),
) -> Alike:
    """Look for persons whom a form may describe, wherever they live, and write it down as a search.

    By the mother and the father, by a like name with a birth that fits, and by the model of matching.

    Args:
        but: a person who is not meant.
        homes: codes of today's communes where the person lives, where the form tells it.
    """
    day = today(now)
    child = _described(form, parents, office=work.grant.assignment.office.unit_code, day=day)
    if child is None:
        return Alike()
    found = await children_alike(work.tx, child, but=but)
    elsewhere = {one.person_id: one.unit_code for one in await children_elsewhere(work.tx, child)}
    alike = await candidates(work.tx, _record(form, parents, day, homes), but=but)
    known = {one.hit.person_id for one in found}
    further = [one for one in alike if one.person.shown and one.person.person_id not in known]
    hidden = elsewhere | {one.person.person_id: _unit_of(one.person) for one in alike if not one.person.shown}
    persons = (*known, *(one.person.person_id for one in further))
    await work.log(operation=Operation.SEARCH, persons=persons, result_count=len(persons))
    if hidden:
        await work.log(operation=Operation.SEARCH, persons=tuple(hidden), result_count=len(hidden), fields=0)
    return Alike(
        people=(*(_hit(refs, one, day) for one in found), *(_likely(refs, one, day) for one in further)),
        offices=tuple(registrar(unit) for unit in hidden.values()),
        seen=_seen(refs, (*persons, *hidden)),
    )


def _record(form: BirthForm, parents: Parents, day: date, told: Sequence[str]) -> Record:
    """What the form tells, as it is compared with the register."""
    homes = [one.abode(day) for one in (parents.mother, parents.father) if one]
    mother, father = (one.name.full if one and one.name else None for one in (parents.mother, parents.father))
    return normalised(
        "",
        name=form.name.full if form.name else None,
        born=form.born.number if form.born else None,
        sex=int(form.sex),
        mother=mother or (form.mother.name if form.mother else None),
        father=father or (form.father.name if form.father else None),
        residence=told or [locate(home.unit, home.unit_day, home.detail)[1] for home in homes if home],
    )


def _unit_of(person: Person) -> str:
    """The unit whose office can be asked about somebody."""
    return person.registered_in or person.commune or person.province or ""


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


def _likely(refs: References, found: Candidate, day: date) -> Hit:
    """Somebody whom the model does not tell apart from the one of the form."""
    one = found.person
    return Hit(
        ref=refs.ref(one.person_id),
        name=" ".join(part for part in (one.surname, one.middle, one.given) if part),
        number=one.number or "",
        masked=True,
        born=PartialDate(one.born) if one.born else None,
        sex=Sex(one.sex),
        place=place_of(one.commune, one.province, day),
        status=PersonStatus(one.status),
        reasons=(
            Reason(msg("likely the same"), f"{round(found.posterior * 100)} %"),
            Reason(msg("date of birth"), day_text(PartialDate(one.born)) if one.born else ""),
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
