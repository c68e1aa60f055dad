"""The fields of an act: what is told, in which form, and how a plain value becomes one of the register.

A plain value is what JSON holds: ids of persons, days as `2026-05-01`, codes by name.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum, StrEnum
from typing import TypeVar

from dancu.kernel.codes import Relation
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import FieldFault, Invalid
from dancu.kernel.messages import msg
from dancu.kernel.names import PersonName
from dancu.kernel.text import canonical
from dancu.reference.codes import CodeList, EthnicScheme, code_list, countries, ethnic_groups

Plain = Mapping[str, object]
Found = TypeVar("Found")
Code = TypeVar("Code", bound=IntEnum)

NEEDED = msg("Please fill this in")
_MOST_PERSONS = 40


class Form(StrEnum):
    """In which form a field is told."""

    PERSON = "person"
    PEOPLE = "people"
    MEMBERS = "members"
    PARENT = "parent"
    DAY = "day"
    PARTIAL_DATE = "partial_date"
    NAME = "name"
    TEXT = "text"
    CHOICE = "choice"
    PLACE = "place"
    HOUSEHOLD = "household"
    FLAG = "flag"
    EVENT = "event"


class Table(StrEnum):
    """A list of codes that is a table of reference, and not a part of the law's text."""

    ETHNIC_GROUPS = "ethnic_groups"
    RELIGIONS = "religions"
    COUNTRIES = "countries"


@dataclass(frozen=True)
class Member:
    """A person with the relation to the head of a household."""

    person_id: int
    relation: Relation


@dataclass(frozen=True)
class Parent:
    """A parent by record, or by name where there is none."""

    person_id: int | None
    name: str = ""


@dataclass(frozen=True)
class Field:
    """One field of an act.

    Args:
        label: a msgid.
        help: what to write, as a msgid; '' where the label says it.
        codes: the list of a choice.
        only: those of them that may be chosen; none: all.
        table: the same, where the list is one of reference.
        words: the same, where the list is the form's own: (code, msgid).
        most: how many persons at most, or letters.
        whole_household: of members, all of a household are told.
        default: plain value where nothing is told.
    """

    name: str
    form: Form
    label: str
    help: str = ""
    needed: bool = True
    codes: type[IntEnum] | None = None
    only: tuple[IntEnum, ...] = ()
    table: Table | None = None
    words: tuple[tuple[str, str], ...] = ()
    most: int = _MOST_PERSONS
    whole_household: bool = False
    default: object = None

    @property
    def choices(self) -> tuple[IntEnum, ...]:
        """The codes that may be chosen."""
        return self.only or tuple(self.codes or ())

    def read(self, plain: object) -> object:
        """Return the value of a plain one; None where nothing is told.

        Raises:
            Invalid: it is needed and missing, or not of this form.
        """
        if plain is None or plain in ("", [], {}):
            plain = self.default
        if plain is None or plain in ("", [], {}):
            if self.needed:
                raise self.wrong(NEEDED)
            return None
        return _READERS[self.form](self, plain)

    def wrong(self, message: str) -> Invalid:
        """Return what to raise where a value is not of this form; `message` is a msgid."""
        return Invalid((FieldFault(f"/{self.name}", message),))


def _person(one: Field, plain: object) -> int:
    if isinstance(plain, bool) or not isinstance(plain, int) or not 0 < plain < 1 << 63:
        raise one.wrong(msg("Choose the person from the list"))
    return plain


def _listed(one: Field, plain: object) -> Sequence[object]:
    if isinstance(plain, str | bytes | Mapping) or not isinstance(plain, Sequence):
        raise one.wrong(msg("Name at least one person"))
    if len(plain) > one.most:
        raise one.wrong(msg("These are too many persons for one act"))
    return plain


def _people(one: Field, plain: object) -> tuple[int, ...]:
    return tuple(dict.fromkeys(_person(one, each) for each in _listed(one, plain)))


def _members(one: Field, plain: object) -> tuple[Member, ...]:
    found = [_member(one, each) for each in _listed(one, plain)]
    if len({member.person_id for member in found}) < len(found):
        raise one.wrong(msg("A person is named twice"))
    return tuple(found)


def _member(one: Field, plain: object) -> Member:
    if not isinstance(plain, Mapping):
        raise one.wrong(msg("Name each person with the relation to the head"))
    return Member(_person(one, plain.get("person")), _code_of(one, Relation, plain.get("relation")))


def _parent(one: Field, plain: object) -> Parent:
    if isinstance(plain, Mapping):
        plain = plain.get("person") or plain.get("name")
    if isinstance(plain, str):
        return Parent(None, PersonName.parse(plain).full)
    return Parent(_person(one, plain))


def _day(one: Field, plain: object) -> date:
    try:
        return date.fromisoformat(str(plain))
    except ValueError:
        raise one.wrong(msg("Write a day as 2020-05-01")) from None


def _partial_date(one: Field, plain: object) -> PartialDate:
    try:
        return PartialDate.parse(str(plain))
    except Invalid as error:
        raise one.wrong(error.faults[0].message) from None


def _name(one: Field, plain: object) -> PersonName:
    try:
        if isinstance(plain, Mapping):
            return PersonName(*(str(plain.get(part) or "") for part in ("surname", "middle", "given")))
        return PersonName.parse(str(plain))
    except Invalid as error:
        raise one.wrong(error.faults[0].message) from None


def _text(one: Field, plain: object) -> str:
    text = canonical(str(plain))
    if len(text) > max(one.most, 200):
        raise one.wrong(msg("This is too long"))
    return text


def _choice(one: Field, plain: object) -> object:
    if one.codes:
        return _code_of(one, one.codes, plain, one.choices)
    if one.table:
        return _of_table(one, str(plain))
    if str(plain) not in {code for code, _ in one.words}:
        raise one.wrong(msg("Please choose one"))
    return str(plain)


def _code_of(one: Field, codes: type[Code], plain: object, among: tuple[IntEnum, ...] = ()) -> Code:
    """Read a code by its name, or by its number as text."""
    wanted = str(plain).lower()
    found = next((code for code in codes if wanted in {code.name.lower(), str(int(code))}), None)
    if found is None or (among and found not in among):
        raise one.wrong(msg("Please choose one"))
    return found


def _of_table(one: Field, plain: str) -> object:
    code = next((code for code, _, _ in table_rows(one.table) if code == plain), None) if one.table else None
    if code is None:
        raise one.wrong(msg("Please choose one"))
    return code if one.table is Table.COUNTRIES else int(code)


def table_rows(table: Table) -> Iterator[tuple[str, str, str]]:
    """Yield code, Vietnamese and English name of the entries of a table."""
    match table:
        case Table.ETHNIC_GROUPS:
            for code, group in ethnic_groups(EthnicScheme.TCTK_1979).items():
                yield str(100 + int(code)), group.name, group.name
        case Table.RELIGIONS:
            for code, religion in code_list(CodeList.RELIGION).items():
                yield str(int(code)), religion.name_vi, religion.name_en
        case Table.COUNTRIES:
            for country in countries().values():
                yield country.alpha3, country.name_vi, country.name_en


def _place(one: Field, plain: object) -> tuple[str, str]:
    if not isinstance(plain, Mapping):
        raise one.wrong(msg("Choose a commune from the list"))
    unit, detail = str(plain.get("unit") or ""), canonical(str(plain.get("detail") or ""))
    if not unit.isascii() or not unit.isdecimal() or len(unit) not in {2, 3, 5}:
        raise one.wrong(msg("Choose a commune from the list"))
    return unit, detail[:200]


def _flag(one: Field, plain: object) -> bool:
    wanted = str(plain).lower()
    if wanted not in {"true", "false", "yes", "no"}:
        raise one.wrong(msg("Say yes or no"))
    return wanted in {"true", "yes"}


def _event(one: Field, plain: object) -> int:
    if isinstance(plain, bool) or not str(plain).isdecimal() or not 0 < int(str(plain)) < 1 << 31:
        raise one.wrong(msg("Choose the event from the list"))
    return int(str(plain))


_READERS: dict[Form, Callable[[Field, object], object]] = {
    Form.PERSON: _person,
    Form.PEOPLE: _people,
    Form.MEMBERS: _members,
    Form.PARENT: _parent,
    Form.DAY: _day,
    Form.PARTIAL_DATE: _partial_date,
    Form.NAME: _name,
    Form.TEXT: _text,
    Form.CHOICE: _choice,
    Form.PLACE: _place,
    Form.HOUSEHOLD: _text,
    Form.FLAG: _flag,
    Form.EVENT: _event,
}


@dataclass(frozen=True)
class Values:
    """What an act tells, by field; what is not told is None.

    Args:
        named: all persons whom it names, in the order of the fields.
    """

    of: Mapping[str, object] = field(default_factory=dict)
    named: tuple[int, ...] = ()

    def get(self, shape: type[Found], name: str) -> Found:
        """Return a value that is there."""
        found = self.of.get(name)
        if not isinstance(found, shape):
            raise Invalid((FieldFault(f"/{name}", NEEDED),))
        return found

    def maybe(self, shape: type[Found], name: str) -> Found | None:
        """Return a value, or None where nothing is told."""
        return None if self.of.get(name) is None else self.get(shape, name)

    def people(self, name: str) -> tuple[int, ...]:
        """Return a list of persons; empty where nobody is told."""
        return tuple(one for one in self.maybe(tuple, name) or () if isinstance(one, int))

    def members(self, name: str) -> tuple[tuple[int, Relation], ...]:
        """Return persons with their relations to the head; empty where nobody is told."""
        found = (one for one in self.maybe(tuple, name) or () if isinstance(one, Member))
        return tuple((one.person_id, one.relation) for one in found)


_NAMING = frozenset({Form.PERSON, Form.PEOPLE, Form.MEMBERS, Form.PARENT})


def _named(value: object) -> Iterator[int]:
    match value:
        case int():
            yield value
        case Member(person_id=person_id) | Parent(person_id=int(person_id)):
            yield person_id
        case tuple():
            for one in value:
                yield from _named(one)
        case _:
            return


def read_all(fields: Sequence[Field], plain: Plain) -> Values:
    """Read every field.

    Raises:
        Invalid: with one fault for each field that is wrong, and for each that there is not.
    """
    values: dict[str, object] = {}
    faults = [FieldFault(f"/{name}", "There is no such field") for name in plain.keys() - {one.name for one in fields}]
    for one in fields:
        try:
            values[one.name] = one.read(plain.get(one.name))
        except Invalid as error:
            faults += error.faults
    if faults:
        raise Invalid(tuple(faults))
    naming = (values[one.name] for one in fields if one.form in _NAMING)
    return Values(values, tuple(dict.fromkeys(person for value in naming for person in _named(value))))
