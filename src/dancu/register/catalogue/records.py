"""Acts on numbers and records: established, cancelled, merged, annulled."""

from dataclasses import replace
from datetime import date
from typing import Any

from dancu.kernel.codes import PersonStatus
from dancu.kernel.errors import FieldFault, Invalid
from dancu.kernel.messages import msg
from dancu.kernel.time import today
from dancu.register import commands
from dancu.register.catalogue import asked
from dancu.register.catalogue.births import number_place
from dancu.register.catalogue.entry import IDENTITY_LAW, Call, Entry, Proposable, carried_out, standing
from dancu.register.catalogue.fields import Field, Form, Values
from dancu.register.kinds import EventKind
from dancu.register.life import Life


def _void(life: Life, _: date) -> bool:
    return life.status is not PersonStatus.MERGED


def _merged(life: Life, _: date) -> bool:
    return life.status is PersonStatus.MERGED


def _numbered(life: Life, day: date) -> bool:
    return standing(life, day) and life.personal_number is not None


def _number(call: Call, values: Values) -> dict[str, Any]:
    unit, _ = values.maybe(tuple, "registered_in") or (call.header.office, "")
    if not unit:
        raise Invalid((FieldFault("/registered_in", "Say where the birth was registered"),))
    return {"person_id": values.get(int, "person"), "place": number_place(unit, today(call.now))}


def _number_cancelled(_: Call, values: Values) -> dict[str, Any]:
    return {"person_id": values.get(int, "person"), "reason": values.get(str, "reason")}


def _merge(_: Call, values: Values) -> dict[str, Any]:
    return {
        "survivor_id": values.get(int, "survivor"),
        "merged_id": values.get(int, "merged"),
        "reason": values.get(str, "reason"),
    }


def _unmerge(_: Call, values: Values) -> dict[str, Any]:
    return {"merged_id": values.get(int, "merged"), "reason": values.get(str, "reason")}


def _annul(_: Call, values: Values) -> dict[str, Any]:
    return {
        "person_id": values.get(int, "person"),
        "seq": values.get(int, "event"),
        "reason": values.get(str, "reason"),
    }


RECORDS = (
    Entry(
        "personal_number_established",
        EventKind.PERSONAL_NUMBER_ESTABLISHED,
        msg("Establish a personal number"),
        "Thông tư 59/2021/TT-BCA, Điều 5-6",
        IDENTITY_LAW,
        (
            asked.PERSON,
            Field(
                "registered_in",
                Form.PLACE,
                msg("Birth registered in"),
                msg("Empty: in the province of your office"),
                needed=False,
            ),
        ),
        carried_out(commands.establish_number, _number),
        proposable=Proposable("establish_number", _number),
    ),
    Entry(
        "personal_number_cancelled",
        EventKind.PERSONAL_NUMBER_CANCELLED,
        msg("Cancel a personal number"),
        "Thông tư 59/2021/TT-BCA, Điều 6",
        IDENTITY_LAW,
        (asked.PERSON, asked.REASON),
        carried_out(commands.cancel_number, _number_cancelled),
        possible=_numbered,
        proposable=Proposable("cancel_number", _number_cancelled),
    ),
    Entry(
        "record_merged",
        EventKind.RECORD_MERGED,
        msg("Merge two records of one person"),
        "Luật Căn cước 26/2023/QH15, Điều 12",
        IDENTITY_LAW,
        (
            Field("survivor", Form.PERSON, msg("The record that carries on"), msg("Personal number or full name")),
            Field("merged", Form.PERSON, msg("The record that is merged into it"), msg("Personal number or full name")),
            asked.REASON,
        ),
        carried_out(commands.merge_records, _merge),
        possible=_void,
        proposable=Proposable("merge_records", _merge),
    ),
    Entry(
        "record_unmerged",
        EventKind.RECORD_UNMERGED,
        msg("Undo a merge of records"),
        "Luật Căn cước 26/2023/QH15, Điều 12",
        IDENTITY_LAW,
        (replace(asked.PERSON, name="merged", label=msg("The record that was merged")), asked.REASON),
        carried_out(commands.unmerge_records, _unmerge),
        possible=_merged,
        proposable=Proposable("unmerge_records", _unmerge),
    ),
    Entry(
        "event_annulled",
        EventKind.EVENT_ANNULLED,
        msg("Annul an event"),
        "Luật Hộ tịch 60/2014/QH13, Điều 70-71",
        IDENTITY_LAW,
        (
            asked.PERSON,
            Field("event", Form.EVENT, msg("Event"), msg("Which one is taken to have never been")),
            asked.REASON,
        ),
        carried_out(commands.annul_event, _annul),
        possible=_void,
        proposable=Proposable("annul_event", _annul),
    ),
)
