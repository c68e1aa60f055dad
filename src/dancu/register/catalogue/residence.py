"""Acts on residence: permanent, temporary, declared abode, absence."""

from dataclasses import replace
from datetime import date

from dancu.kernel.codes import AbsenceCase, PermanentEnd, ResidenceKind, TemporaryEnd
from dancu.kernel.errors import FieldFault, Invalid
from dancu.kernel.messages import msg
from dancu.register import commands
from dancu.register.catalogue import asked
from dancu.register.catalogue.entry import RESIDENCE_LAW, Call, Entry, standing
from dancu.register.catalogue.fields import Field, Form, Values
from dancu.register.catalogue.households import household_named
from dancu.register.decisions.civil import MoveDeclared
from dancu.register.decisions.residence import (
    AbodeDeclared,
    AbsenceDeclared,
    ExtensionDeclared,
    PermanentEndDeclared,
    ReturnDeclared,
    TemporaryDeclared,
    TemporaryEndDeclared,
)
from dancu.register.kinds import EventKind
from dancu.register.life import Life

_LAW = "Luật Cư trú 68/2020/QH14"


def _permanent(life: Life, day: date) -> bool:
    return life.residence(ResidenceKind.PERMANENT, day) is not None


def _temporary(life: Life, day: date) -> bool:
    return life.residence(ResidenceKind.TEMPORARY, day) is not None


def _absent(life: Life, day: date) -> bool:
    return any(absence.covers(day) for absence in life.absences)


def _address(values: Values) -> tuple[str, str]:
    unit, detail = values.get(tuple, "place")
    if not detail:
        raise Invalid((FieldFault("/place", "House number, street or hamlet is needed"),))
    return unit, detail


async def _moved(call: Call, values: Values) -> commands.Recorded:
    unit, detail = _address(values)
    file_no = values.maybe(str, "household")
    move = MoveDeclared(
        values.members("movers"),
        unit,
        detail,
        values.get(date, "on"),
        household_id=await household_named(call.tx, file_no, "/household") if file_no else None,
    )
    return await commands.record_move(call.tx, move=move, **call.common)


async def _permanent_end(call: Call, values: Values) -> commands.Recorded:
    declared = PermanentEndDeclared(
        values.people("persons"),
        values.get(PermanentEnd, "ground"),
        values.get(date, "on"),
        values.maybe(date, "since"),
        values.maybe(str, "reason"),
    )
    return await commands.end_permanent_residence(call.tx, declared=declared, **call.common)


async def _temporary_registered(call: Call, values: Values) -> commands.Recorded:
    unit, detail = _address(values)
    declared = TemporaryDeclared(
        values.people("persons"), unit, detail, values.get(date, "on"), values.get(date, "until")
    )
    return await commands.register_temporary_residence(call.tx, declared=declared, **call.common)


async def _temporary_extended(call: Call, values: Values) -> commands.Recorded:
    declared = ExtensionDeclared(values.people("persons"), values.get(date, "until"))
    return await commands.extend_temporary_residence(call.tx, declared=declared, **call.common)


async def _temporary_end(call: Call, values: Values) -> commands.Recorded:
    declared = TemporaryEndDeclared(
        values.people("persons"),
        values.get(TemporaryEnd, "ground"),
        values.get(date, "on"),
        values.maybe(date, "since"),
        values.maybe(str, "reason"),
    )
    return await commands.end_temporary_residence(call.tx, declared=declared, **call.common)


async def _abode(call: Call, values: Values) -> commands.Recorded:
    unit, detail = values.get(tuple, "place")
    declared = AbodeDeclared(values.people("persons"), unit, detail, values.get(date, "on"))
    return await commands.declare_abode(call.tx, declared=declared, **call.common)


async def _absence(call: Call, values: Values) -> commands.Recorded:
    declared = AbsenceDeclared(
        values.people("persons"),
        values.get(AbsenceCase, "case"),
        values.get(date, "on"),
        values.maybe(date, "until"),
        values.maybe(tuple, "destination") or ("", ""),
        values.maybe(str, "reason"),
    )
    return await commands.declare_absence(call.tx, declared=declared, **call.common)


async def _returned(call: Call, values: Values) -> commands.Recorded:
    declared = ReturnDeclared(values.people("persons"), values.get(date, "on"))
    return await commands.end_absence(call.tx, declared=declared, **call.common)


_PLACE = Field("place", Form.PLACE, msg("Address"), msg("Commune, then house number, street or hamlet"))
_UNTIL = Field("until", Form.DAY, msg("Until"), msg("The first day on which it no longer holds"))
_SINCE = Field(
    "since", Form.DAY, msg("Since when the ground holds"), msg("Where the law lets months pass"), needed=False
)

RESIDENCE = (
    Entry(
        "permanent_residence_registered",
        EventKind.PERMANENT_RESIDENCE_REGISTERED,
        msg("Register permanent residence"),
        f"{_LAW}, Điều 22",
        RESIDENCE_LAW,
        (
            Field("movers", Form.MEMBERS, msg("Who moves"), msg("Each with the relation to the head there")),
            _PLACE,
            replace(asked.DAY, label=msg("First day at the new place")),
            Field(
                "household",
                Form.HOUSEHOLD,
                msg("Residence file of the household joined"),
                msg("Empty: a new household is formed"),
                needed=False,
            ),
        ),
        _moved,
        address="/moves/new",
    ),
    Entry(
        "permanent_residence_ended",
        EventKind.PERMANENT_RESIDENCE_ENDED,
        msg("End permanent residence"),
        f"{_LAW}, Điều 24",
        RESIDENCE_LAW,
        (
            asked.PERSONS,
            Field("ground", Form.CHOICE, msg("Ground"), codes=PermanentEnd),
            asked.DAY,
            _SINCE,
            asked.REMARK,
        ),
        _permanent_end,
        possible=_permanent,
    ),
    Entry(
        "temporary_residence_registered",
        EventKind.TEMPORARY_RESIDENCE_REGISTERED,
        msg("Register temporary residence"),
        f"{_LAW}, Điều 27-28",
        RESIDENCE_LAW,
        (asked.PERSONS, _PLACE, replace(asked.DAY, label=msg("First day")), _UNTIL),
        _temporary_registered,
    ),
    Entry(
        "temporary_residence_extended",
        EventKind.TEMPORARY_RESIDENCE_EXTENDED,
        msg("Extend temporary residence"),
        f"{_LAW}, Điều 27 khoản 2, Điều 28 khoản 3",
        RESIDENCE_LAW,
        (asked.PERSONS, _UNTIL),
        _temporary_extended,
        possible=_temporary,
    ),
    Entry(
        "temporary_residence_ended",
        EventKind.TEMPORARY_RESIDENCE_ENDED,
        msg("End temporary residence"),
        f"{_LAW}, Điều 29",
        RESIDENCE_LAW,
        (
            asked.PERSONS,
            Field("ground", Form.CHOICE, msg("Ground"), codes=TemporaryEnd),
            asked.DAY,
            _SINCE,
            asked.REMARK,
        ),
        _temporary_end,
        possible=_temporary,
    ),
    Entry(
        "current_abode_declared",
        EventKind.CURRENT_ABODE_DECLARED,
        msg("Take down a current abode"),
        f"{_LAW}, Điều 19",
        RESIDENCE_LAW,
        (asked.PERSONS, _PLACE, replace(asked.DAY, label=msg("First day"))),
        _abode,
        possible=lambda life, day: standing(life, day) and not _permanent(life, day) and not _temporary(life, day),
    ),
    Entry(
        "absence_declared",
        EventKind.ABSENCE_DECLARED,
        msg("Take down an absence"),
        f"{_LAW}, Điều 31",
        RESIDENCE_LAW,
        (
            asked.PERSONS,
            Field("case", Form.CHOICE, msg("Case"), codes=AbsenceCase),
            replace(asked.DAY, label=msg("First day")),
            replace(_UNTIL, label=msg("Day of return"), help=msg("If it is known"), needed=False),
            Field("destination", Form.PLACE, msg("Where to"), needed=False),
            asked.REMARK,
        ),
        _absence,
    ),
    Entry(
        "absence_ended",
        EventKind.ABSENCE_ENDED,
        msg("Take down a return"),
        f"{_LAW}, Điều 31",
        RESIDENCE_LAW,
        (asked.PERSONS, replace(asked.DAY, label=msg("Day of return"))),
        _returned,
        possible=_absent,
    ),
)
