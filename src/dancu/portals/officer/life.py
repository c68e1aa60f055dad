"""From a folded life to the page that shows it. Pure: rows come in, views go out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dancu.kernel.codes import Capacity, Relation
from dancu.kernel.dates import PartialDate
from dancu.kernel.time import today as day_of
from dancu.portals.officer.event_details import details
from dancu.portals.officer.labels import EVENT
from dancu.portals.officer.names_of_codes import blood_name, country_name, ethnic_name, religion_name
from dancu.portals.officer.places import place_text
from dancu.portals.officer.views import (
    Flag,
    HouseholdView,
    IdentifierLine,
    Look,
    Member,
    NameLine,
    PaperLine,
    PersonPage,
    Relative,
    StayLine,
    TimelineEntry,
    Told,
    Word,
)
from dancu.portals.shared.code_words import ABSENCE, CAPACITY, PROTECTION, TIE
from dancu.portals.shared.pages import day_text
from dancu.portals.shared.words import msg
from dancu.reference.model import NoSuccessor, Resolved, Split
from dancu.reference.units import unit_index
from dancu.register.kinds import EventKind
from dancu.register.ledger import Event
from dancu.register.model import Life, Residence
from dancu.register.payloads import Kin, Place

RefOf = Callable[[int], str]

FATHER = msg("Father")
MOTHER = msg("Mother")
BY_BIRTH = (FATHER, MOTHER)
ADOPTIVE = (msg("Adoptive father"), msg("Adoptive mother"))
SPOUSE = msg("Wife or husband")
FORMER_SPOUSE = msg("Former wife or husband")
CHILD = msg("Child")

_LATE = {EventKind.BIRTH_REGISTERED: timedelta(days=60), EventKind.DEATH_REGISTERED: timedelta(days=15)}


@dataclass(frozen=True)
class ActTold:
    """What the timeline says of an act: where, by whom, on what ground."""

    office: str = ""
    officer: str = ""
    ground: str = ""
    dossier: str = ""
    registration: str = ""
    source: str = ""
    papers: tuple[PaperLine, ...] = ()


@dataclass(frozen=True)
class PersonTold:
    """Another person as the page names them. `openable`: the officer may open that record."""

    person_id: int
    name: str
    number: str = ""
    born: PartialDate | None = None
    openable: bool = True


@dataclass(frozen=True)
class HouseholdTold:
    """The household of the day shown, with its members and their relation to the head."""

    file_no: str
    address: str
    members: tuple[tuple[PersonTold, Relation], ...]


@dataclass(frozen=True)
class Surroundings:
    """What a page needs besides the life: others, acts, looks.

    Args:
        people: those whom the life names, by id, as far as they are known.
        acts: by act id.
    """

    people: Mapping[int, PersonTold]
    acts: Mapping[int, ActTold]
    children: tuple[PersonTold, ...] = ()
    household: HouseholdTold | None = None
    looks: tuple[Look, ...] = ()
    flags: tuple[Flag, ...] = ()


def page_of(
    *,
    ref_of: RefOf,
    life: Life,
    shown: Life | None,
    events: Sequence[Event],
    around: Surroundings,
    on: date,
    today: date,
    known_on: date | None = None,
) -> PersonPage:
    """Compose the page of a person.

    Args:
        life: as it is today: heads the page also where the day shown lies before the person was known.
        shown: as it was on the day; None where nothing is known of the person on that day.
        events: of the person, all that are recorded.
        on: the day shown; not after today.
        known_on: at whose end the register knew what is shown; None: all that it knows is shown.
    """
    told = shown or life
    known = [event for event in events if known_on is None or day_of(event.known_at) <= known_on]
    return PersonPage(
        ref=ref_of(life.person_id),
        on=on,
        today=today,
        earliest=min(_first_day(life, events), today),
        name=told.name.full if told.name else "",
        number=told.personal_number or life.personal_number or "",
        born=told.born,
        sex=told.sex,
        status=told.status,
        subject=told.subject_type,
        marital=told.marital,
        known=shown is not None,
        died=told.died,
        other_name=told.other_name,
        names=tuple(NameLine(one.full, one.other) for one in told.former_names),
        birth_place=_place(told.birth_place, told, events),
        birth_registration=_place(told.birth_registration, told, events),
        origin=_place(told.origin, told, events),
        ethnicity=ethnic_name(told.ethnicity),
        religion=religion_name(told.religion),
        nationality=country_name(told.nationality),
        blood=blood_name(told.blood),
        phone=told.phone,
        email=told.email,
        identifiers=_identifiers(told),
        family=_family(ref_of, told, around),
        household=_household(ref_of, told, around.household, on),
        stays=tuple(stay_line(stay, on, today) for stay in reversed(told.residences)),
        timeline=_timeline(known, around.acts, on),
        looks=around.looks,
        flags=around.flags if on == (known_on or today) == today else (),
        known_on=known_on or today,
        remarks=_remarks(told, on),
    )


def _remarks(life: Life, on: date) -> tuple[tuple[str, Told], ...]:
    """What an officer must know of a person beyond the particulars."""
    lines: list[tuple[str, Told]] = [(msg("Protected record"), Word(PROTECTION[ground])) for ground in life.protections]
    if life.capacity is not Capacity.FULL:
        lines.append((msg("Legal capacity"), Word(CAPACITY[life.capacity])))
    if life.missing_since:
        lines.append((msg("Declared missing"), day_text(life.missing_since)))
    if life.adoption:
        lines.append((msg("Adopted"), day_text(life.adoption.since)))
    away = (absence for absence in life.absences if absence.covers(on))
    lines += [(msg("Absence declared"), Word(ABSENCE[absence.case], day_text(absence.since))) for absence in away]
    return tuple(lines)


def _first_day(life: Life, events: Sequence[Event]) -> date:
    days = [event.valid_on.earliest for event in events[:1]]
    return min([*days, life.born.earliest] if life.born else days or [life.known_on])


def _place(place: Place, life: Life, events: Sequence[Event]) -> str:
    """Write a place of the person's identity in the names of the time at which it was told."""
    unit, detail = place
    day = next((e.payload.unit_day for e in events if e.payload.unit_day), None) or life.known_on
    born = life.born.earliest if life.born else day
    return place_text(unit, detail, day) or place_text(unit, detail, born)


def _identifiers(life: Life) -> tuple[IdentifierLine, ...]:
    lines = (IdentifierLine(i.scheme, i.value, i.since, i.until, i.cancelled) for i in life.identifiers)
    return tuple(sorted(lines, key=lambda line: (line.cancelled, line.scheme)))


def _family(ref_of: RefOf, life: Life, around: Surroundings) -> tuple[Relative, ...]:
    parents = [
        _relative(ref_of, role, kin, around.people)
        for role, kin in zip(ADOPTIVE if life.adoption else BY_BIRTH, (life.father, life.mother), strict=True)
        if kin
    ]
    spouses = [
        _relative(
            ref_of,
            SPOUSE if one.until is None else FORMER_SPOUSE,
            one.spouse,
            around.people,
            one.since,
            one.until,
        )
        for one in reversed(life.marriages)
    ]
    tied = [
        _relative(ref_of, TIE[tie.kind], tie.other, around.people, tie.since, tie.until)
        for tie in sorted(life.ties, key=lambda tie: tie.until is not None)
    ]
    children = [
        _relative(ref_of, CHILD, Kin(one.person_id, one.name, one.number), {one.person_id: one})
        for one in sorted(around.children, key=lambda one: one.born.number if one.born else 0)
    ]
    return (*parents, *spouses, *tied, *children)


def _relative(
    ref_of: RefOf,
    role: str,
    kin: Kin,
    people: Mapping[int, PersonTold],
    since: PartialDate | None = None,
    until: PartialDate | None = None,
) -> Relative:
    """Name a relative as the own record does today, else as the document named them."""
    known = people.get(kin.person_id) if kin.person_id is not None else None
    if known is None:
        return Relative(role, kin.name, kin.number, None, since, until)
    ref = ref_of(known.person_id) if known.openable else None
    return Relative(role, known.name or kin.name, known.number or kin.number, ref, since, until)


def _household(ref_of: RefOf, life: Life, told: HouseholdTold | None, on: date) -> HouseholdView | None:
    membership = life.membership(on)
    if membership is None or told is None:
        return None
    members = tuple(
        Member(
            person.name,
            relation,
            ref_of(person.person_id) if person.openable else None,
            person.born,
            shown_person=person.person_id == life.person_id,
        )
        for person, relation in sorted(told.members, key=lambda m: (m[1], m[0].born.number if m[0].born else 0))
    )
    without_head = all(member.relation is not Relation.HEAD for member in members)
    return HouseholdView(told.file_no, told.address, members, membership.since, without_head)


def stay_line(stay: Residence, on: date, today: date) -> StayLine:
    """Write a stay as registered, and what its unit is today where that differs."""
    address = place_text(stay.unit, stay.detail, stay.unit_day)
    renamed, divided = "", False
    if stay.unit:
        match unit_index().successors(stay.unit, min(stay.unit_day, today), today):
            case Resolved(unit=unit):
                title = unit_index().full_title(unit, today)
                renamed = "" if address.endswith(title) else title
            case Split():
                found = unit_index().resolve_address(stay.detail, stay.unit, min(stay.unit_day, today), today)
                divided = not isinstance(found, Resolved)
                renamed = unit_index().full_title(found.unit, today) if isinstance(found, Resolved) else ""
            case NoSuccessor():
                divided = True
    return StayLine(stay.kind, address, stay.since, stay.until, stay.covers(on), renamed, divided)


def _timeline(events: Iterable[Event], acts: Mapping[int, ActTold], on: date) -> tuple[TimelineEntry, ...]:
    ordered = sorted(events, key=lambda e: (e.valid_on.number, e.seq), reverse=True)
    annulled = {e.payload.annuls for e in ordered if e.kind is EventKind.EVENT_ANNULLED}
    by_number = {event.seq: event for event in ordered}
    return tuple(
        _entry(event, acts.get(event.act_id, ActTold()), by_number, ended=event.seq in annulled)
        for event in ordered
        if event.valid_on.earliest <= on
    )


def _entry(event: Event, act: ActTold, others: Mapping[int, Event], *, ended: bool) -> TimelineEntry:
    allowed = _LATE.get(event.kind)
    recorded_on = day_of(event.known_at)
    return TimelineEntry(
        title=EVENT[event.kind],
        on=event.valid_on,
        known_at=event.known_at,
        ground=act.ground,
        office=act.office or act.source,
        officer=act.officer,
        dossier=act.dossier,
        registration=act.registration,
        details=details(event, others),
        late=allowed is not None and recorded_on > event.valid_on.latest + allowed,
        ended=ended,
        papers=act.papers,
    )
