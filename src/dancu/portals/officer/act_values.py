"""From plain values of an act to others, and to what the officer confirms. Pure."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from enum import IntEnum

from dancu.kernel.dates import PartialDate
from dancu.kernel.names import PersonName
from dancu.portals.officer.places import place_text
from dancu.portals.officer.views import Option, Word
from dancu.portals.shared.code_words import CODES
from dancu.portals.shared.pages import Said, day_text
from dancu.portals.shared.words import RELATION, msg
from dancu.register.catalogue import Entry, Field, Form, Member, Parent, Values, table_rows

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


Told = str | Word | Said
Line = tuple[str, Told]


def lines_of(entry: Entry, values: Values, people: Mapping[int, str], day: date) -> tuple[Line, ...]:
    """Say back what an act tells: a line for each field that is told, and one for each person.

    Args:
        people: name and number by id.
    """
    return tuple(
        (one.label, text) for one in entry.fields for text in _texts(one, values.of.get(one.name), people, day) if text
    )


def _texts(one: Field, value: object, people: Mapping[int, str], day: date) -> Iterator[Told]:
    match one.form, value:
        case _, None:
            return
        case Form.PERSON, int(person_id):
            yield people[person_id]
        case Form.PEOPLE, tuple():
            yield from (people[each] for each in value)
        case Form.MEMBERS, tuple():
            yield from (_member(each, people) for each in value)
        case Form.PARENT, Parent(person_id=person_id, name=name):
            yield people[person_id] if person_id else name
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


def _member(member: object, people: Mapping[int, str]) -> Told:
    return Word(RELATION[member.relation], people[member.person_id]) if isinstance(member, Member) else ""


def _chosen(one: Field, value: object) -> Told:
    if isinstance(value, IntEnum) and one.codes:
        return Word(CODES[one.codes][value])
    wanted = str(value)
    found = next((option.label for option in options_of(one) if option.value == wanted), wanted)
    return Word(found) if isinstance(found, str) else found
