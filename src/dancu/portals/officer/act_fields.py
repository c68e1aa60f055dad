"""The plain form of an act: from what was typed to plain values, field by field."""

from collections.abc import Iterator, Mapping, Sequence

from dancu.portals.officer.act_views import ActForm, HouseholdMember
from dancu.portals.officer.fields import CHOOSE_ONE, NO_NUMBER, NOT_IN_REGISTER, Reader, papers_chosen
from dancu.portals.officer.views import Suggestion
from dancu.portals.shared.words import msg
from dancu.register.catalogue import Entry, Field, Form

CHOOSE_PERSON = msg("Choose the person from the list")
REGISTRATION = {"book": "book", "volume": "volume", "number": "book_number", "signer": "signer"}
MOST_ROWS = 40
_ROWS = frozenset({Form.PEOPLE, Form.MEMBERS})


def read_act(reader: Reader, entry: Entry) -> ActForm:
    """Read the form of an act; what is wrong is noted with the reader."""
    values = {one.name: _READERS[one.form](reader, one) for one in entry.fields}
    registration = {part: reader.text(name, at_most=120) for part, name in REGISTRATION.items()} if entry.booked else {}
    evidence = reader.text("evidence", needed=entry.decided, at_most=200)
    return ActForm(
        request_id=reader.request_id(),
        values={name: value for name, value in values.items() if value not in (None, "", [])},
        registration=registration,
        evidence={evidence: ""} if evidence else {},
        requester=reader.text("requester", at_most=120),
        reason=reader.text("because", needed=asks_why(entry), at_most=400),
        another_child=bool(reader.values.get("another_child")),
        papers=papers_chosen(reader.values),
        matter=reader.text("matter", at_most=40),
    )


def asks_why(entry: Entry) -> bool:
    """Tell whether the form asks apart why an act is proposed: its own fields don't say."""
    return entry.proposable is not None and "reason" not in {one.name for one in entry.fields}


def rows_of(values: Mapping[str, str], one: Field) -> int:
    """Return how many rows of persons the form has."""
    told = values.get(f"{one.name}_rows", "1")
    return min(max(int(told), 1), MOST_ROWS) if told.isascii() and told.isdecimal() and len(told) < 4 else 1


def inputs_of(values: Mapping[str, str], one: Field) -> list[str]:
    """List the inputs of a field that name a person; none where it names nobody."""
    if one.form in _ROWS:
        return [f"{one.name}_{n}" for n in range(1, rows_of(values, one) + 1)]
    return [one.name] if one.form in {Form.PERSON, Form.PARENT} else []


def unclear_people(reader: Reader, entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield input and text of whoever was typed and not chosen from the list."""
    for one in entry.fields:
        for name in inputs_of(reader.values, one):
            typed = reader.text(name)
            if typed and not reader.values.get(f"{name}_ref"):
                yield name, typed


def _chosen(reader: Reader, name: str) -> str:
    """The reference of a person chosen from the list or among candidates; '' where nobody is."""
    chosen = reader.values.get(f"{name}_choice") or reader.values.get(f"{name}_ref", "")
    if chosen and reader.text(name):
        reader.values[f"{name}_ref"] = chosen
        return chosen
    reader.values[f"{name}_ref"] = ""
    return ""


def _person(reader: Reader, one: Field) -> object:
    chosen = _chosen(reader, one.name)
    if not chosen and reader.text(one.name):
        reader.miss(one.name, CHOOSE_PERSON)
    elif not chosen and one.needed:
        reader.miss(one.name)
    return chosen


def _rows(reader: Reader, one: Field) -> Iterator[tuple[str, str]]:
    """Yield input and reference of each row that names somebody."""
    reader.values[f"{one.name}_rows"] = str(rows_of(reader.values, one))
    found = False
    for name in inputs_of(reader.values, one):
        chosen = _chosen(reader, name)
        if chosen:
            found = True
            yield name, chosen
        elif reader.text(name):
            found = True
            reader.miss(name, CHOOSE_PERSON)
    if not found and one.needed:
        reader.miss(f"{one.name}_1")


def _people(reader: Reader, one: Field) -> object:
    return [chosen for _, chosen in _rows(reader, one)]


def _members(reader: Reader, one: Field) -> object:
    found = []
    for name, chosen in _rows(reader, one):
        relation = reader.text(f"{name}_relation")
        if not relation:
            reader.miss(name, CHOOSE_ONE)
        found.append({"person": chosen, "relation": relation})
    return found


def _parent(reader: Reader, one: Field) -> object:
    typed, chosen = reader.text(one.name), _chosen(reader, one.name)
    if not typed:
        if one.needed:
            reader.miss(one.name)
        return None
    return {"person": chosen} if chosen and chosen != NOT_IN_REGISTER else {"name": typed}


def _day(reader: Reader, one: Field) -> object:
    found = reader.day(one.name, needed=one.needed)
    return found.isoformat() if found else None


def _partial_date(reader: Reader, one: Field) -> object:
    found = reader.partial_date(one.name, needed=one.needed)
    return str(found) if found else None


def _name(reader: Reader, one: Field) -> object:
    found = reader.name(needed=one.needed)
    return {"surname": found.surname, "middle": found.middle, "given": found.given} if found else None


def _text(reader: Reader, one: Field) -> object:
    return reader.text(one.name, needed=one.needed, at_most=max(one.most, 120))


def _choice(reader: Reader, one: Field) -> object:
    found = reader.text(one.name)
    if not found and one.needed:
        reader.miss(one.name, CHOOSE_ONE)
    return found


def _place(reader: Reader, one: Field) -> object:
    found = reader.place(one.name, f"{one.name}_detail", needed=one.needed)
    return {"unit": found.code, "detail": found.detail} if found.code else None


def _flag(reader: Reader, one: Field) -> object:
    return bool(reader.values.get(one.name))


def _event(reader: Reader, one: Field) -> object:
    found = reader.text(one.name)
    if not found:
        reader.miss(one.name, msg("Choose the event from the list"))
    elif not found.isdecimal():
        reader.faults[one.name] = NO_NUMBER
    return found


_READERS = {
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


def begun(entry: Entry, signer: str) -> dict[str, str]:
    """Return the values of an empty form: what is ticked or chosen unless somebody says otherwise."""
    values = {"signer": signer} if entry.booked else {}
    for one in entry.fields:
        if one.form is Form.FLAG and one.default:
            values[one.name] = "yes"
        elif isinstance(one.default, str):
            values[one.name] = one.default
        if one.form in _ROWS:
            values[f"{one.name}_rows"] = "1"
    return values


def with_person(entry: Entry, person: Suggestion) -> dict[str, str]:
    """Return the values of a form that was opened for a person: whom it asks for first."""
    for one in entry.fields:
        if names := inputs_of({}, one):
            values = {names[0]: person.label, f"{names[0]}_ref": person.value}
            return values | ({f"{names[0]}_relation": "head"} if one.form is Form.MEMBERS else {})
    return {}


def with_household(one: Field, members: Sequence[HouseholdMember]) -> dict[str, str]:
    """Return the values of a field that names all members of a household, with their relations as they are."""
    values = {f"{one.name}_rows": str(len(members))}
    for n, member in enumerate(members, start=1):
        name = f"{one.name}_{n}"
        values |= {name: member.label, f"{name}_ref": member.ref, f"{name}_relation": member.relation}
    return values


def labels_of(entry: Entry, values: Mapping[str, str]) -> dict[str, str]:
    """Return the label of each input, for the summary of what is wrong."""
    labels = {"evidence": msg("Decision"), "because": msg("Why it is proposed"), "work": msg("Working on")}
    labels |= {"papers": msg("Papers of the dossier"), "matter": msg("Procedure")}
    for one in entry.fields:
        labels |= dict.fromkeys((one.name, *inputs_of(values, one)), one.label)
        if one.form is Form.NAME:
            labels["given"] = msg("Given name")
    return labels


def note_faults(reader: Reader, entry: Entry, pointers: Mapping[str, str]) -> dict[str, str]:
    """Note the faults that the register found with the fields of the form; return those of no field.

    Args:
        pointers: messages by JSON pointer.
    """
    left: dict[str, str] = {}
    known = {one.name: one for one in entry.fields}
    for pointer, message in pointers.items():
        name = pointer.strip("/").partition("/")[0]
        if one := known.get(name):
            target = "given" if one.form is Form.NAME else (inputs_of(reader.values, one) or [name])[0]
            reader.faults.setdefault(target, message)
        else:
            left[pointer] = message
    return left
