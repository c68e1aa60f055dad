"""What an event says, in a line for each fact: pure, from payloads to words."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from dancu.kernel.codes import AbsenceCase, Capacity, MaritalStatus, PermanentEnd, ProtectionGround, Sex, TemporaryEnd
from dancu.kernel.dates import PartialDate
from dancu.kernel.time import today
from dancu.portals.officer.labels import EVENT
from dancu.portals.officer.names_of_codes import country_name, ethnic_name
from dancu.portals.officer.places import place_text
from dancu.portals.officer.views import Told, Word
from dancu.portals.shared.code_words import ABSENCE, CAPACITY, PERMANENT_END, PROTECTION, TEMPORARY_END, TIE, TIE_END
from dancu.portals.shared.pages import day_text
from dancu.portals.shared.words import MARITAL, RELATION, RESIDENCE, SEX, msg
from dancu.register.kinds import GENESIS, EventKind
from dancu.register.ledger import Event
from dancu.register.payloads import NOBODY, Kin, Payload

Line = tuple[str, Told]
NO_PARENT = msg("nobody, as a court found")


def details(event: Event, others: Mapping[int, Event]) -> tuple[Line, ...]:
    """Say what an event changed.

    Args:
        others: the events of the same ledger, by number.
    """
    told, day = event.payload, event.payload.unit_day or today(event.known_at)
    parts: tuple[Callable[[Event, date], Iterator[Line]], ...] = () if event.kind in GENESIS else (_particulars,)
    lines = [line for part in (*parts, _residence, _family, _ties, _standing) for line in part(event, day)]
    if told.annuls and (fallen := others.get(told.annuls)):
        lines.append((msg("Event"), Word(EVENT[fallen.kind], day_text(fallen.valid_on))))
    if told.reason:
        label = msg("Day of the last news") if event.kind is EventKind.DECLARED_MISSING else msg("Reason")
        lines.append((label, told.reason))
    return tuple(line for line in lines if line[1])


def _particulars(event: Event, day: date) -> Iterator[Line]:
    told = event.payload
    if told.name:
        yield msg("Full name"), " ".join(part for part in told.name if part)
    if told.other_name:
        yield msg("Other name"), told.other_name
    if told.born:
        yield msg("Date of birth"), day_text(PartialDate(told.born))
    if told.sex:
        yield msg("Sex"), Word(SEX[Sex(told.sex)])
    for label, place in ((msg("Place of birth"), told.birth_place), (msg("Place of origin"), told.origin)):
        if place:
            yield label, place_text(*place, day)
    if told.ethnicity:
        yield msg("Ethnic group"), ethnic_name(told.ethnicity)
    if told.nationality:
        yield msg("Nationality"), country_name(told.nationality)
    if told.marital:
        yield msg("Marital status"), Word(MARITAL[MaritalStatus(told.marital)])
    for one in told.identifiers:
        yield msg("Personal number"), one.value


def _residence(event: Event, day: date) -> Iterator[Line]:
    told = event.payload
    for stay in told.residences:
        yield RESIDENCE[stay.kind], place_text(stay.unit, stay.detail, day)
        if stay.until:
            yield msg("Until"), day_text(stay.until)
    if told.membership and event.kind not in GENESIS:
        yield msg("Relation to the head"), Word(RELATION[told.membership.relation])
    if told.absence:
        yield msg("Case"), Word(ABSENCE[AbsenceCase(told.absence.case)])
        yield msg("Where to"), place_text(*told.absence.destination, day)
        yield msg("Day of return"), day_text(told.absence.until)
    if told.ground and event.kind is EventKind.PERMANENT_RESIDENCE_ENDED:
        yield msg("Ground"), Word(PERMANENT_END[PermanentEnd(told.ground)])
    if told.ground and event.kind is EventKind.TEMPORARY_RESIDENCE_ENDED:
        yield msg("Ground"), Word(TEMPORARY_END[TemporaryEnd(told.ground)])


def _family(event: Event, _: date) -> Iterator[Line]:
    told = event.payload
    if told.marriage:
        yield msg("Wife or husband"), told.marriage.spouse.name
    if event.kind not in GENESIS:
        yield from _parents(told.father, told.mother)
    if told.adoption:
        yield from _parents(told.adoption.father, told.adoption.mother)


def _parents(father: Kin | None, mother: Kin | None) -> Iterator[Line]:
    if father:
        yield msg("Father"), Word(NO_PARENT) if father == NOBODY else father.name
    if mother:
        yield msg("Mother"), Word(NO_PARENT) if mother == NOBODY else mother.name


def _ties(event: Event, _: date) -> Iterator[Line]:
    for tie in event.payload.ties:
        yield TIE[tie.kind], tie.other.name
        yield msg("How far it goes"), tie.detail
        if tie.ended_by:
            yield msg("Why it ends"), Word(TIE_END[tie.ended_by])


def _standing(event: Event, _: date) -> Iterator[Line]:
    told: Payload = event.payload
    if told.capacity is not None:
        yield msg("Legal capacity"), Word(CAPACITY[Capacity(told.capacity)])
    if told.protection is not None:
        yield msg("Ground"), Word(PROTECTION[ProtectionGround(told.protection)])
