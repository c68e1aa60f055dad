"""Acts on death, status, capacity, nationality, particulars and protection."""

from dataclasses import replace
from datetime import date
from typing import Any

from dancu.kernel.codes import Capacity, DeathGround, PersonStatus, ProtectionGround, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import FieldFault, Invalid
from dancu.kernel.messages import msg
from dancu.kernel.names import PersonName
from dancu.kernel.time import today
from dancu.register import commands
from dancu.register.catalogue import asked
from dancu.register.catalogue.entry import (
    CIVIL_STATUS_LAW,
    DATA_LAW,
    IDENTITY_LAW,
    Call,
    Entry,
    Proposable,
    carried_out,
    standing,
)
from dancu.register.catalogue.fields import Field, Form, Values
from dancu.register.decisions.civil import DeathDeclared
from dancu.register.decisions.status import DeclaredDeathDeclared
from dancu.register.kinds import EventKind
from dancu.register.life import Life
from dancu.register.payloads import Payload

_COURT = "Luật Hộ tịch 60/2014/QH13, Điều 30"
_CHANGE = "Luật Hộ tịch 60/2014/QH13, Điều 26-28"
_PROTECTION = "Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15"


def _missing(life: Life, _: date) -> bool:
    return life.status is PersonStatus.DECLARED_MISSING


def _alive(life: Life, _: date) -> bool:
    return life.status is PersonStatus.ALIVE


def _declared_dead(life: Life, _: date) -> bool:
    return life.status is PersonStatus.DECLARED_DEAD


def _kept(life: Life, _: date) -> bool:
    return life.status not in {PersonStatus.MERGED, PersonStatus.ANNULLED}


def _protected(life: Life, _: date) -> bool:
    return life.protected


async def _death(call: Call, values: Values) -> commands.Recorded:
    death = DeathDeclared(values.get(int, "person"), values.get(PartialDate, "died"), values.maybe(str, "reason"))
    return await commands.record_death(call.tx, death=death, **call.common)


async def _declared_missing(call: Call, values: Values) -> commands.Recorded:
    return await commands.declare_missing(
        call.tx,
        person_id=values.get(int, "person"),
        last_news=values.get(PartialDate, "last_news"),
        on=values.get(date, "on"),
        **call.common,
    )


async def _missing_reversed(call: Call, values: Values) -> commands.Recorded:
    return await commands.reverse_missing(
        call.tx, person_id=values.get(int, "person"), on=values.get(date, "on"), **call.common
    )


async def _death_declared(call: Call, values: Values) -> commands.Recorded:
    death = DeclaredDeathDeclared(
        values.get(int, "person"),
        values.get(PartialDate, "died"),
        values.get(DeathGround, "ground"),
        values.get(date, "since"),
        values.get(date, "on"),
    )
    return await commands.declare_death(call.tx, death=death, **call.common)


def _declared_death_reversed(_: Call, values: Values) -> dict[str, Any]:
    return {"person_id": values.get(int, "person"), "on": values.get(date, "on")}


async def _capacity(call: Call, values: Values) -> commands.Recorded:
    return await commands.change_capacity(
        call.tx,
        person_id=values.get(int, "person"),
        capacity=values.get(Capacity, "capacity"),
        on=values.get(date, "on"),
        **call.common,
    )


async def _nationality(call: Call, values: Values) -> commands.Recorded:
    return await commands.change_nationality(
        call.tx,
        person_id=values.get(int, "person"),
        nationality=values.get(str, "nationality"),
        on=values.get(date, "on"),
        **call.common,
    )


def _told(call: Call, values: Values) -> Payload:
    """What is told anew of a person; what is left out stays.

    Raises:
        Invalid: nothing is told.
    """
    name, born = values.maybe(PersonName, "name"), values.maybe(PartialDate, "born")
    places = (values.maybe(tuple, "birth_place"), values.maybe(tuple, "origin"))
    told = Payload(
        name=(name.surname, name.middle, name.given) if name else None,
        other_name=values.maybe(str, "other_name"),
        born=born.number if born else None,
        sex=values.maybe(Sex, "sex"),
        birth_place=places[0],
        origin=places[1],
        ethnicity=values.maybe(int, "ethnicity"),
        religion=values.maybe(int, "religion"),
        phone=values.maybe(str, "phone"),
        email=values.maybe(str, "email"),
        unit_day=today(call.now) if any(places) else None,
        reason=values.maybe(str, "reason"),
    )
    blank = Payload()
    if not any(getattr(told, f) != getattr(blank, f) for f in Payload.__struct_fields__ if f != "reason"):
        raise Invalid((FieldFault("/name", "Say what is told anew"),))
    return told


def _corrected(call: Call, values: Values) -> dict[str, Any]:
    told, valid_on = _told(call, values), values.maybe(PartialDate, "on")
    return {"person_id": values.get(int, "person"), "told": told, "valid_on": valid_on}


def _changed(call: Call, values: Values) -> dict[str, Any]:
    return {
        "person_id": values.get(int, "person"),
        "told": _told(call, values),
        "on": values.get(date, "on"),
        "consents": values.get(bool, "consents"),
    }


def _updated(call: Call, values: Values) -> dict[str, Any]:
    told, valid_on = _told(call, values), PartialDate.on(values.get(date, "on"))
    return {"person_id": values.get(int, "person"), "told": told, "valid_on": valid_on}


async def _protect(call: Call, values: Values) -> commands.Recorded:
    return await commands.protect(
        call.tx,
        person_id=values.get(int, "person"),
        ground=values.get(ProtectionGround, "ground"),
        reason=values.get(str, "reason"),
        **call.common,
    )


async def _protection_end(call: Call, values: Values) -> commands.Recorded:
    return await commands.end_protection(
        call.tx,
        person_id=values.get(int, "person"),
        ground=values.get(ProtectionGround, "ground"),
        reason=values.get(str, "reason"),
        **call.common,
    )


_NAME = replace(asked.NEW_NAME, label=msg("Full name"), help=msg("Only what is told anew; what is left empty stays"))
_OTHER_NAME = Field("other_name", Form.TEXT, msg("Other name"), needed=False)
_TOLD = (_NAME, _OTHER_NAME, replace(asked.SEX, needed=False))
_MORE = (asked.ORIGIN, asked.ETHNICITY, asked.RELIGION)
_DIED = Field("died", Form.PARTIAL_DATE, msg("Day of death"))
_GROUND = Field("ground", Form.CHOICE, msg("Ground"), codes=ProtectionGround)

STATUS = (
    Entry(
        "death_registered",
        EventKind.DEATH_REGISTERED,
        msg("Register a death"),
        "Luật Hộ tịch 60/2014/QH13, Điều 32-34",
        CIVIL_STATUS_LAW,
        (asked.PERSON, _DIED, replace(asked.REMARK, label=msg("Cause"))),
        _death,
        booked=True,
    ),
    Entry(
        "declared_missing",
        EventKind.DECLARED_MISSING,
        msg("Record that a court declared somebody missing"),
        "Bộ luật Dân sự 91/2015/QH13, Điều 68-69",
        CIVIL_STATUS_LAW,
        (
            asked.PERSON,
            Field("last_news", Form.PARTIAL_DATE, msg("Day of the last news")),
            asked.DECIDED_DAY,
        ),
        _declared_missing,
        possible=_alive,
        decided=True,
    ),
    Entry(
        "declared_missing_reversed",
        EventKind.DECLARED_MISSING_REVERSED,
        msg("Record that somebody missing was found"),
        "Bộ luật Dân sự 91/2015/QH13, Điều 70",
        CIVIL_STATUS_LAW,
        (asked.PERSON, asked.DECIDED_DAY),
        _missing_reversed,
        possible=_missing,
        decided=True,
    ),
    Entry(
        "death_declared",
        EventKind.DEATH_DECLARED,
        msg("Record that a court declared somebody dead"),
        "Bộ luật Dân sự 91/2015/QH13, Điều 71-72",
        CIVIL_STATUS_LAW,
        (
            asked.PERSON,
            replace(_DIED, label=msg("Day of death as the court found it")),
            Field("ground", Form.CHOICE, msg("Ground"), codes=DeathGround),
            Field("since", Form.DAY, msg("Since when the ground holds"), msg("The day from which the years count")),
            asked.DECIDED_DAY,
        ),
        _death_declared,
        decided=True,
    ),
    Entry(
        "declared_death_reversed",
        EventKind.DECLARED_DEATH_REVERSED,
        msg("Record that somebody declared dead came back"),
        "Bộ luật Dân sự 91/2015/QH13, Điều 73",
        CIVIL_STATUS_LAW,
        (asked.PERSON, asked.DECIDED_DAY),
        carried_out(commands.reverse_declared_death, _declared_death_reversed),
        proposable=Proposable("reverse_declared_death", _declared_death_reversed),
        possible=_declared_dead,
        decided=True,
    ),
    Entry(
        "legal_capacity_changed",
        EventKind.LEGAL_CAPACITY_CHANGED,
        msg("Record a finding on legal capacity"),
        "Bộ luật Dân sự 91/2015/QH13, Điều 22-24",
        CIVIL_STATUS_LAW,
        (asked.PERSON, Field("capacity", Form.CHOICE, msg("Legal capacity"), codes=Capacity), asked.DECIDED_DAY),
        _capacity,
        decided=True,
    ),
    Entry(
        "nationality_changed",
        EventKind.NATIONALITY_CHANGED,
        msg("Record a change of nationality"),
        _COURT,
        CIVIL_STATUS_LAW,
        (asked.PERSON, replace(asked.NATIONALITY, default=None), asked.DAY),
        _nationality,
        decided=True,
    ),
    Entry(
        "particulars_corrected",
        EventKind.PARTICULARS_CORRECTED,
        msg("Correct particulars"),
        _CHANGE,
        CIVIL_STATUS_LAW,
        (
            asked.PERSON,
            *_TOLD,
            Field("born", Form.PARTIAL_DATE, msg("Date of birth"), needed=False),
            replace(asked.BIRTH_PLACE, needed=False),
            *_MORE,
            replace(asked.DATE, label=msg("Wrong since"), help=msg("Empty: from birth on"), needed=False),
            asked.REASON,
        ),
        carried_out(commands.correct_particulars, _corrected),
        proposable=Proposable("correct_particulars", _corrected),
        possible=_kept,
        booked=True,
    ),
    Entry(
        "particulars_changed",
        EventKind.PARTICULARS_CHANGED,
        msg("Change particulars"),
        _CHANGE,
        CIVIL_STATUS_LAW,
        (
            asked.PERSON,
            *_TOLD,
            *_MORE,
            asked.DAY,
            Field("consents", Form.FLAG, msg("The person agrees, where the law asks for it"), default=False),
            asked.REASON,
        ),
        carried_out(commands.change_particulars, _changed),
        proposable=Proposable("change_particulars", _changed),
        booked=True,
    ),
    Entry(
        "particulars_updated",
        EventKind.PARTICULARS_UPDATED,
        msg("Update particulars"),
        "Luật Căn cước 26/2023/QH15, Điều 10",
        IDENTITY_LAW,
        (
            asked.PERSON,
            Field("phone", Form.TEXT, msg("Phone"), needed=False),
            Field("email", Form.TEXT, msg("E-mail"), needed=False),
            _OTHER_NAME,
            asked.RELIGION,
            asked.DAY,
        ),
        carried_out(commands.update_from_source, _updated),
        proposable=Proposable("update_from_source", _updated),
        possible=standing,
    ),
    Entry(
        "protected",
        EventKind.PROTECTED,
        msg("Protect a record"),
        _PROTECTION,
        DATA_LAW,
        (asked.PERSON, _GROUND, asked.REASON),
        _protect,
        possible=_kept,
        decided=True,
    ),
    Entry(
        "protection_ended",
        EventKind.PROTECTION_ENDED,
        msg("End the protection of a record"),
        _PROTECTION,
        DATA_LAW,
        (asked.PERSON, _GROUND, asked.REASON),
        _protection_end,
        possible=_protected,
        decided=True,
    ),
)
