"""From what was typed to values: each function returns a value and notes what is wrong with the field."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID, uuid4

from dancu.kernel.codes import Relation, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Invalid
from dancu.kernel.names import PersonName
from dancu.kernel.text import canonical
from dancu.portals.officer.desk import BirthForm, MoveForm, ParentNamed, PlaceNamed
from dancu.portals.officer.places import commune_of, communes_like
from dancu.portals.officer.views import FormState, Suggestion
from dancu.portals.shared.pages import Said
from dancu.portals.shared.words import msg

NEEDED = msg("Please fill this in")
CHOOSE_ONE = msg("Please choose one")
UNCLEAR_PLACE = msg("Choose a commune from the list")
NO_NUMBER = msg("Write numbers only")
NOT_IN_REGISTER = "none"
PAPER = "paper_"


class Reader:
    """Reads the fields of one form and gathers what is wrong.

    Args:
        values: as posted.
        complete: empty fields that are needed are faults; otherwise only wrong ones are.
    """

    def __init__(self, values: Mapping[str, str], *, complete: bool, today: date) -> None:
        self.values = dict(values)
        self.faults: dict[str, str | Said] = {}
        self.choices: dict[str, tuple[Suggestion, ...]] = {}
        self._complete = complete
        self._today = today

    @property
    def state(self) -> FormState:
        """The form as it is shown again."""
        return FormState(self.values, self.faults, self.choices)

    def text(self, name: str, *, needed: bool = False, at_most: int = 200) -> str:
        """Read a line of text."""
        value = canonical(self.values.get(name, ""))[:at_most]
        if needed and not value:
            self.miss(name)
        return value

    def miss(self, name: str, message: str = NEEDED) -> None:
        """Note that a field is empty or unclear; while the form is unfinished that is no fault."""
        if self._complete:
            self.faults[name] = message

    def partial_date(self, name: str, *, needed: bool = False) -> PartialDate | None:
        """Read a date of three fields; day, or day and month, may be empty."""
        parts = [canonical(self.values.get(f"{name}_{part}", "")) for part in ("year", "month", "day")]
        if not any(parts):
            if needed:
                self.miss(name)
            return None
        if not all(part.isascii() and part.isdecimal() for part in parts if part):
            self.faults[name] = NO_NUMBER
            return None
        if not parts[0]:
            self.miss(name, msg("The year is needed"))
            return None
        try:
            return PartialDate.of(*(int(part or 0) for part in parts))
        except Invalid as error:
            self.faults[name] = error.faults[0].message
            return None

    def day(self, name: str, *, needed: bool = False) -> date | None:
        """Read a date that must be complete."""
        found = self.partial_date(name, needed=needed)
        if found and found.complete is None:
            self.miss(name, msg("Day, month and year are needed"))
        return found.complete if found else None

    def name(self, *, needed: bool = False) -> PersonName | None:
        """Read a name of three fields."""
        parts = [self.text(part, at_most=80) for part in ("surname", "middle", "given")]
        if not parts[2]:
            if needed or any(parts):
                self.miss("given")
            return None
        try:
            return PersonName(*parts)
        except Invalid as error:
            self.faults["given"] = error.faults[0].message
            return None

    def place(self, name: str, detail: str = "", *, needed: bool = False) -> PlaceNamed:
        """Read a commune, chosen or typed, with its free text. A name that fits several asks back."""
        typed = self.text(name)
        code = self.values.get(f"{name}_choice") or self.values.get(f"{name}_ref", "")
        if code and (unit := commune_of(code, self._today)):
            self.values |= {name: unit.label, f"{name}_ref": unit.value}
            return PlaceNamed(unit.value, self.text(detail) if detail else "")
        if typed:
            found = communes_like(typed, self._today)
            if len(found) == 1:
                self.values |= {name: found[0].label, f"{name}_ref": found[0].value}
                return PlaceNamed(found[0].value, self.text(detail) if detail else "")
            self.miss(name, UNCLEAR_PLACE)
            self.choices[name] = tuple(found)
        elif needed:
            self.miss(name)
        return PlaceNamed("", self.text(detail) if detail else "")

    def parent(self, name: str) -> ParentNamed | None:
        """Read a parent: a record chosen from the list, a name without record, or not known."""
        if self.values.get(f"{name}_unknown"):
            return None
        typed = self.text(name)
        chosen = self.values.get(f"{name}_choice") or self.values.get(f"{name}_ref", "")
        if chosen:
            self.values[f"{name}_ref"] = chosen
        if not typed:
            self.miss(name, msg("Name the parent, or mark as not known"))
            return None
        return ParentNamed(typed, "" if chosen == NOT_IN_REGISTER else chosen)

    def request_id(self) -> UUID:
        """Read the id that makes a second sending harmless, or make one."""
        try:
            found = UUID(self.values.get("request_id", ""))
        except ValueError:
            found = uuid4()
        self.values["request_id"] = str(found)
        return found


def papers_chosen(values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the documents of the dossier that are ticked in a form."""
    ticked = (name.removeprefix(PAPER) for name, value in values.items() if name.startswith(PAPER) and value)
    return tuple(one for one in ticked if one.isascii() and one.isdecimal() and len(one) < 20)


def read_birth(reader: Reader) -> BirthForm:
    """Read the form of a birth."""
    sex = reader.text("sex")
    if sex not in {"1", "2"}:
        reader.miss("sex", CHOOSE_ONE)
        sex = "0"
    mother, father = reader.parent("mother"), reader.parent("father")
    lives_with = reader.text("lives_with")
    named = {"mother": mother, "father": father}
    if lives_with not in named:
        lives_with = ""
    carer = named.get(lives_with)
    if lives_with and (carer is None or not carer.ref):
        reader.faults.setdefault("lives_with", msg("That parent has no record here; choose the other, or neither"))
    ethnicity = reader.text("ethnicity")
    return BirthForm(
        request_id=reader.request_id(),
        name=reader.name(needed=True),
        born=reader.partial_date("born", needed=True),
        sex=Sex(int(sex)),
        birth_place=reader.place("birth_place", "birth_detail", needed=True),
        mother=mother,
        father=father,
        lives_with=lives_with,
        ethnicity=int(ethnicity) if ethnicity.isascii() and ethnicity.isdecimal() else None,
        origin=reader.place("origin"),
        book=reader.text("book", needed=True, at_most=40),
        book_number=reader.text("book_number", needed=True, at_most=40),
        signer=reader.text("signer", needed=True, at_most=120),
        another_child=reader.text("another_child", at_most=64),
        papers=papers_chosen(reader.values),
    )


def read_move(reader: Reader) -> MoveForm:
    """Read the form of a permanent residence."""
    typed = reader.text("person", needed=True)
    chosen = reader.values.get("person_choice") or reader.values.get("person_ref", "")
    if chosen:
        reader.values["person_ref"] = chosen
    elif typed:
        reader.faults.setdefault("person", msg("Choose the person from the list"))
    relation = reader.text("relation")
    known = {str(int(one)): one for one in Relation}
    others = tuple(
        name.removeprefix("with_") for name, value in reader.values.items() if name.startswith("with_") and value
    )
    return MoveForm(
        request_id=reader.request_id(),
        person=chosen,
        others=others,
        on=reader.day("on", needed=True),
        place=_place_with_detail(reader),
        file_no=reader.text("file_no", at_most=40),
        relation=known.get(relation, Relation.HEAD),
        papers=papers_chosen(reader.values),
    )


def _place_with_detail(reader: Reader) -> PlaceNamed:
    reader.text("detail", needed=True)
    return reader.place("unit", "detail", needed=True)
