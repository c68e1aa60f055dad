"""From plain values of an act to others, and to what the officer confirms. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum

from dancu.kernel.codes import Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.names import PersonName
from dancu.portals.officer.labels import EVENT
from dancu.portals.officer.places import place_text
from dancu.portals.officer.views import Option, Told, Word
from dancu.portals.shared.code_words import CODES
from dancu.portals.shared.pages import Said, day_text
from dancu.portals.shared.words import RELATION, msg
from dancu.register.catalogue import Entry, Field, Form, Member, Parent, Values, table_rows
from dancu.register.ledger import Event
from dancu.register.payloads import Payload

PROTECTED = msg("Protected record")
YES, NO = msg("yes"), msg("no")
Swap = Callable[[object], object]


def swapped(entry: Entry, plain: Mapping[str, object], person: Swap) -> dict[str, object]:
    """Return plain values in which every mention of a person is another one, such as an id for a reference."""
    forms = {one.name: one.form for one in entry.fields}
    return {name: _swapped(forms.get(name), value, person) for name, value in plain.items()}


def _swapped(form: Form | None, value: object, person: Swap) -> object:
    match form, value:
        case (Form.PERSON, str() | int()):
            return person(value) if value else value
        case (Form.PEOPLE, list()):
            return [person(one) for one in value]
        case (Form.MEMBERS, list()):
            return [one | {"person": person(one.get("person"))} if isinstance(one, dict) else one for one in value]
        case (Form.PARENT, dict()) if value.get("person"):
            return {"person": person(value["person"])}
        case _:
            return value


def mentions(entry: Entry, plain: Mapping[str, object]) -> list[object]:
    """List the mentions of persons in plain values."""
    found: list[object] = []

    def seen(mention: object) -> object:
        found.append(mention)
        return mention

    swapped(entry, plain, seen)
    return found


def options_of(one: Field) -> tuple[Option, ...]:
    """List what a choice may be."""
    if one.codes:
        words = CODES[one.codes]
        return tuple(Option(code.name.lower(), words[code]) for code in one.choices)
    if one.table:
        return tuple(Option(code, Said(vi, en)) for code, vi, en in table_rows(one.table))
    return tuple(Option(code, label) for code, label in one.words)


Line = tuple[str, Told]


@dataclass(frozen=True)
class Named:
    """How what an act names by number is called: name and number of persons by id, events by number."""

    people: Mapping[int, str]
    events: Mapping[int, Word] = field(default_factory=dict)

    def person(self, person_id: int) -> Told:
        """Return name and number of a person; of one whom the officer may not see, that the record is protected."""
        return self.people.get(person_id) or Word(PROTECTED)


def lines_of(entry: Entry, values: Values, named: Named, day: date) -> tuple[Line, ...]:
    """Say back what an act tells: a line for each field that is told, and one for each person."""
    return tuple(
        (one.label, text) for one in entry.fields for text in _texts(one, values.of.get(one.name), named, day) if text
    )


def _texts(one: Field, value: object, named: Named, day: date) -> Iterator[Told]:
    match one.form, value:
        case _, None:
            return
        case Form.EVENT, int(seq):
            yield named.events.get(seq, str(seq))
        case Form.PERSON, int(person_id):
            yield named.person(person_id)
        case Form.PEOPLE, tuple():
            yield from (named.person(each) for each in value)
        case Form.MEMBERS, tuple():
            yield from (_member(each, named) for each in value)
        case Form.PARENT, Parent(person_id=person_id, name=name):
            yield named.person(person_id) if person_id else name
        case Form.FLAG, bool(told):
            yield Word(YES if told else NO)
        case Form.PLACE, (str(unit), str(detail)):
            yield place_text(unit, detail, day)
        case Form.CHOICE, _:
            yield _chosen(one, value)
        case _, date() | PartialDate():
            yield day_text(value)
        case _, PersonName():
            yield value.full
        case _:
            yield str(value)


def _member(member: object, named: Named) -> Told:
    if not isinstance(member, Member):
        return ""
    return Word(RELATION[member.relation], named.people.get(member.person_id, "•••"))


def _chosen(one: Field, value: object) -> Told:
    if isinstance(value, IntEnum) and one.codes:
        return Word(CODES[one.codes][value])
    wanted = str(value)
    found = next((option.label for option in options_of(one) if option.value == wanted), wanted)
    return Word(found) if isinstance(found, str) else found


def event_words(events: Iterable[Event]) -> dict[int, Word]:
    """Name the events of a life by their numbers: the day, and what it was."""
    return {one.seq: Word(EVENT[one.kind], day_text(one.valid_on)) for one in events}


_BY_ARGUMENT = {"person_id": "person", "survivor_id": "survivor", "merged_id": "merged", "seq": "event"}


def proposed_values(arguments: Mapping[str, object]) -> Values:
    """Return the arguments of a proposed command as the values of the act's fields."""
    of: dict[str, object] = {}
    for name, value in arguments.items():
        if isinstance(value, Payload):
            of |= _told_values(value)
        else:
            of["on" if name == "valid_on" else _BY_ARGUMENT.get(name, name)] = value
    return Values(of)


def _told_values(told: Payload) -> dict[str, object]:
    return {
        "name": PersonName(*told.name) if told.name else None,
        "other_name": told.other_name,
        "born": PartialDate(told.born) if told.born else None,
        "sex": Sex(told.sex) if told.sex is not None else None,
        "birth_place": told.birth_place,
        "origin": told.origin,
        "ethnicity": told.ethnicity,
        "religion": told.religion,
        "phone": told.phone,
        "email": told.email,
        "reason": told.reason,
    }
