"""Births: also of a child who lived a day, and of somebody who is collected into the register later."""

from dataclasses import replace
from datetime import date

from dancu.infra.db import Transaction
from dancu.kernel.codes import MaritalStatus, ResidenceKind, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import FieldFault, Invalid
from dancu.kernel.messages import msg
from dancu.kernel.names import PersonName
from dancu.kernel.time import today
from dancu.reference.codes import number_place_of
from dancu.reference.units import unit_index
from dancu.register import commands, surroundings
from dancu.register.catalogue import asked
from dancu.register.catalogue.entry import CIVIL_STATUS_LAW, IDENTITY_LAW, Call, Entry
from dancu.register.catalogue.fields import Field, Form, Parent, Values
from dancu.register.commands.status import ShortLifeDeclared
from dancu.register.decisions.civil import BirthDeclared, ParentDeclared
from dancu.register.kinds import EventKind
from dancu.register.life import Life
from dancu.register.payloads import Kin, Payload, Place, ResidenceGiven

NOWHERE: Place = ("", "")
_FULL_NAME = Field("name", Form.NAME, msg("Full name"))
_BORN = Field("born", Form.PARTIAL_DATE, msg("Date of birth"))
_CHILD = (
    _FULL_NAME,
    _BORN,
    asked.SEX,
    asked.BIRTH_PLACE,
    asked.MOTHER,
    asked.FATHER,
    Field(
        "lives_with",
        Form.CHOICE,
        msg("The child lives with"),
        needed=False,
        words=(("mother", msg("the mother")), ("father", msg("the father"))),
    ),
    replace(asked.ETHNICITY, help=msg("Empty: as the father, else the mother")),
    replace(asked.ORIGIN, help=msg("Empty: that of the father, else of the mother")),
)


def number_place(office: str, day: date) -> int:
    """Return the place code of numbers that an office establishes.

    Raises:
        Invalid: the office lies in no province that has one.
    """
    unit = unit_index().unit_on(office, day)
    found = number_place_of(unit.province_code or unit.code, day) if unit else None
    if found is None:
        raise Invalid((FieldFault("/office", "Numbers can't be established at this office"),))
    return int(found.place)


def origin_of_child(parent: Life | None, day: date) -> Place:
    """Return the origin that a child takes by custom: by code while its unit is still the same one, else as text."""
    if parent is None or not any(parent.origin):
        return NOWHERE
    unit, detail = parent.origin
    index = unit_index()
    before, now = index.unit_on(unit, parent.known_on), index.unit_on(unit, day)
    if before and now and before.title == now.title:
        return unit, detail
    return "", ", ".join(part for part in (detail, index.full_title(before, parent.known_on) if before else "") if part)


async def _parent(tx: Transaction, values: Values, name: str) -> tuple[ParentDeclared | None, Life | None]:
    told = values.maybe(Parent, name)
    if told is None or told.person_id is None:
        return (ParentDeclared(told.name) if told else None), None
    return await named_parent(tx, told.person_id)


async def named_parent(tx: Transaction, person_id: int) -> tuple[ParentDeclared, Life]:
    """Return a parent as the child's record names one who has a record, and that record."""
    life = await surroundings.life_of(tx, person_id)
    full = life.name.full if life.name else ""
    return ParentDeclared(full, person_id, life.personal_number or ""), life


async def _declared(call: Call, values: Values) -> BirthDeclared:
    day, office = today(call.now), call.header.office
    mother, mothers_life = await _parent(call.tx, values, "mother")
    father, fathers_life = await _parent(call.tx, values, "father")
    first = fathers_life or mothers_life
    lives_with = values.maybe(str, "lives_with")
    carer = {"mother": mothers_life, "father": fathers_life}.get(lives_with or "")
    if lives_with and carer is None:
        raise Invalid((FieldFault("/lives_with", "That parent has no record here; choose the other, or neither"),))
    return BirthDeclared(
        name=values.get(PersonName, "name"),
        born=values.get(PartialDate, "born"),
        sex=values.get(Sex, "sex"),
        birth_place=values.get(tuple, "birth_place"),
        registered_in=office,
        number_place=number_place(office, day),
        unit_day=day,
        origin=values.maybe(tuple, "origin") or origin_of_child(first, day),
        ethnicity=values.maybe(int, "ethnicity") or (first.ethnicity if first else None) or None,
        mother=mother,
        father=father,
        lives_with=carer.person_id if carer else None,
    )


async def _birth(call: Call, values: Values) -> commands.Recorded:
    return await commands.record_birth(call.tx, birth=await _declared(call, values), **call.common)


async def _short_life(call: Call, values: Values) -> commands.Recorded:
    child = ShortLifeDeclared(
        await _declared(call, values),
        values.get(PartialDate, "died"),
        values.get(bool, "lived_24_hours"),
        values.get(bool, "parents_ask"),
    )
    return await commands.record_short_life(call.tx, child=child, **call.common)


async def _collected(call: Call, values: Values) -> commands.Recorded:
    name, day = values.get(PersonName, "name"), today(call.now)
    unit, detail = values.maybe(tuple, "residence") or NOWHERE
    stay = ResidenceGiven(ResidenceKind.PERMANENT, unit, detail, values.maybe(date, "since"))
    told = Payload(
        name=(name.surname, name.middle, name.given),
        born=values.get(PartialDate, "born").number,
        sex=values.get(Sex, "sex"),
        birth_place=values.maybe(tuple, "birth_place"),
        origin=values.maybe(tuple, "origin"),
        ethnicity=values.maybe(int, "ethnicity"),
        religion=values.maybe(int, "religion"),
        nationality=values.get(str, "nationality"),
        marital=values.maybe(MaritalStatus, "marital"),
        father=await _kin(call.tx, values, "father"),
        mother=await _kin(call.tx, values, "mother"),
        residences=(stay,) if unit else (),
        unit_day=day,
    )
    return await commands.establish_person(call.tx, told=told, **call.common)


async def _kin(tx: Transaction, values: Values, name: str) -> Kin | None:
    parent, _ = await _parent(tx, values, name)
    return parent.kin if parent else None


BIRTHS = (
    Entry(
        "birth_registered",
        EventKind.BIRTH_REGISTERED,
        msg("Record a birth"),
        "Luật Hộ tịch 60/2014/QH13, Điều 13-16",
        CIVIL_STATUS_LAW,
        _CHILD,
        _birth,
        of_a_person=False,
        booked=True,
        establishes=True,
        address="/births/new",
    ),
    Entry(
        "child_lived_a_day",
        EventKind.BIRTH_REGISTERED,
        msg("Record birth and death of a newborn"),
        "Bộ luật Dân sự 91/2015/QH13, Điều 30 khoản 3",
        CIVIL_STATUS_LAW,
        (
            *_CHILD,
            Field("died", Form.PARTIAL_DATE, msg("Day of death")),
            Field("lived_24_hours", Form.FLAG, msg("The child lived for 24 hours or longer"), default=False),
            Field("parents_ask", Form.FLAG, msg("The parents ask for both registrations"), default=False),
        ),
        _short_life,
        of_a_person=False,
        booked=True,
        establishes=True,
    ),
    Entry(
        "person_established",
        EventKind.PERSON_ESTABLISHED,
        msg("Collect a person into the register"),
        "Luật Căn cước 26/2023/QH15, Điều 10",
        IDENTITY_LAW,
        (
            _FULL_NAME,
            _BORN,
            asked.SEX,
            replace(asked.BIRTH_PLACE, needed=False),
            asked.ORIGIN,
            asked.ETHNICITY,
            asked.RELIGION,
            asked.NATIONALITY,
            Field("marital", Form.CHOICE, msg("Marital status"), needed=False, codes=MaritalStatus),
            asked.FATHER,
            asked.MOTHER,
            Field("residence", Form.PLACE, msg("Permanent residence"), needed=False),
            Field("since", Form.DAY, msg("Resident there since"), needed=False),
        ),
        _collected,
        of_a_person=False,
        establishes=True,
    ),
)
