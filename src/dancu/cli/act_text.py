"""Acts as text: what is typed becomes plain values, and an entry is shown with how to write its fields."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from dancu.kernel.codes import Relation
from dancu.kernel.errors import FieldFault, Invalid, Malformed
from dancu.portals.officer.views import Told, Word
from dancu.portals.shared.pages import Said
from dancu.register.catalogue import Entry, Field, Filed, Form, table_rows

_WRITE = {
    Form.PERSON: "NUMBER",
    Form.PEOPLE: "NUMBER,NUMBER",
    Form.MEMBERS: "NUMBER:RELATION,NUMBER:RELATION",
    Form.PARENT: "NUMBER or full name",
    Form.DAY: "2026-05-01",
    Form.PARTIAL_DATE: "2026-05-01, 2026-05 or 2026",
    Form.NAME: "full name",
    Form.TEXT: "text",
    Form.CHOICE: "one of a list",
    Form.PLACE: "UNIT CODE, house number and street",
    Form.HOUSEHOLD: "number of a residence file",
    Form.FLAG: "yes or no",
    Form.EVENT: "number of the event in the record",
}


def filed_from(entry: Entry, file: Path | None, read: str, assignments: Sequence[str]) -> Filed:
    """Return an act as a file or assignments tell it.

    Args:
        read: what stands in the file.

    Raises:
        Malformed: it can't be read, or both are told.
        Invalid: an assignment names no field.
    """
    if file is None:
        return Filed(entry.code, plain_of(entry, assignments))
    if assignments:
        raise Malformed("Tell the fields in the file or as FIELD=VALUE, not both")
    try:
        told = msgspec.json.decode(read, type=dict[str, Any])
        return msgspec.convert({**(told if "values" in told else {"values": told}), "act": entry.code}, Filed)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise Malformed(f"The file can't be read as an act: see `dancu act show {entry.code}`") from error


def plain_of(entry: Entry, assignments: Sequence[str]) -> dict[str, Any]:
    """Return plain values from `field=value` as typed.

    Raises:
        Malformed: there is no equals sign.
        Invalid: there is no such field.
    """
    fields = {one.name: one for one in entry.fields}
    plain: dict[str, Any] = {}
    faults: list[FieldFault] = []
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals:
            raise Malformed(f"Write fields as FIELD=VALUE: {name}")
        if name not in fields:
            faults.append(FieldFault(f"/{name}", "There is no such field"))
        else:
            plain[name] = _plain(fields[name], text.strip())
    if faults:
        raise Invalid(tuple(faults))
    return plain


def _plain(one: Field, text: str) -> object:
    match one.form:
        case Form.PEOPLE:
            return [part.strip() for part in text.split(",") if part.strip()]
        case Form.MEMBERS:
            pairs = (part.strip().partition(":") for part in text.split(",") if part.strip())
            return [{"person": person.strip(), "relation": relation.strip()} for person, _, relation in pairs]
        case Form.PLACE:
            unit, _, detail = text.partition(",")
            return {"unit": unit.strip(), "detail": detail.strip()}
        case Form.PARENT:
            spelled = any(letter.isalpha() for letter in text) and " " in text
            return {"name": text} if spelled else {"person": text}
        case _:
            return text


def choices_of(one: Field) -> list[str]:
    """List what a choice may be, as it is typed."""
    if one.form is Form.MEMBERS:
        return [relation.name.lower() for relation in Relation]
    if one.codes:
        return [code.name.lower() for code in one.choices]
    if one.table:
        return [code for code, _, _ in table_rows(one.table)]
    return [code for code, _ in one.words]


def shown(entry: Entry) -> dict[str, Any]:
    """Return an entry with its fields, for programs and people."""
    return {
        "act": entry.code,
        "title": entry.title,
        "ground": entry.ground,
        "matters": [{"code": matter.code, "title": matter.title_en} for matter in entry.matters()],
        "fields": [_shown(one) for one in entry.fields],
    }


def _shown(one: Field) -> Mapping[str, Any]:
    return {
        "name": one.name,
        "form": one.form.value,
        "label": one.label,
        "help": one.help,
        "needed": one.needed and one.default is None,
        "write": _WRITE[one.form],
        "choices": choices_of(one),
    }


def in_english(told: Told) -> str:
    """Return a text of the pages as the command line says it."""
    if isinstance(told, Word):
        return f"{told.before} - {told.text}" if told.before else told.text
    return told.en if isinstance(told, Said) else told
