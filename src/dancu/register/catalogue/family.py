"""Acts on marriages, parents, guardianship and representation."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from dancu.kernel.codes import PersonStatus, TieEnd, TieKind
from dancu.kernel.dates import PartialDate, completed_years
from dancu.kernel.messages import msg
from dancu.kernel.names import PersonName
from dancu.register import commands
from dancu.register.catalogue import asked
from dancu.register.catalogue.births import named_parent
from dancu.register.catalogue.entry import CIVIL_STATUS_LAW, Call, Entry, standing
from dancu.register.catalogue.fields import Field, Form, Parent, Values
from dancu.register.decisions.civil import ParentDeclared
from dancu.register.decisions.family import AdoptionDeclared, MarriageEndDeclared, RecognitionDeclared, TieDeclared
from dancu.register.kinds import EventKind
from dancu.register.life import Life

_COURT = "Luật Hộ tịch 60/2014/QH13, Điều 30"
_SPOUSE = Field("spouse", Form.PERSON, msg("Wife or husband"), msg("Empty: of the marriage that lasts"), needed=False)


def _married(life: Life, day: date) -> bool:
    return standing(life, day) and life.spouse is not None


def _unmarried(life: Life, day: date) -> bool:
    return standing(life, day) and life.spouse is None and not _child(life, day)


def _was_married(life: Life, _: date) -> bool:
    return bool(life.marriages) and life.status not in {PersonStatus.MERGED, PersonStatus.ANNULLED}


def _child(life: Life, day: date) -> bool:
    return life.born is not None and completed_years(life.born.earliest, day) < 18


def _not_adopted(life: Life, day: date) -> bool:
    return _child(life, day) and standing(life, day) and life.adoption is None


def _adopted(life: Life, _: date) -> bool:
    return life.adoption is not None


def _not_void(life: Life, _: date) -> bool:
    return life.status not in {PersonStatus.MERGED, PersonStatus.ANNULLED}


def _has(kind: TieKind) -> Callable[[Life, date], bool]:
    return lambda life, day: standing(life, day) and bool(life.tied(kind))


async def _marriage(call: Call, values: Values) -> commands.Recorded:
    return await commands.record_marriage(
        call.tx,
        one_id=values.get(int, "person"),
        other_id=values.get(int, "other"),
        on=values.get(PartialDate, "on"),
        **call.common,
    )


def _marriage_end(values: Values) -> MarriageEndDeclared:
    return MarriageEndDeclared(values.get(int, "person"), values.get(PartialDate, "on"), values.maybe(int, "spouse"))


async def _divorce(call: Call, values: Values) -> commands.Recorded:
    return await commands.record_divorce(call.tx, divorce=_marriage_end(values), **call.common)


async def _marriage_annulled(call: Call, values: Values) -> commands.Recorded:
    return await commands.record_marriage_annulment(call.tx, annulment=_marriage_end(values), **call.common)


async def _adoption(call: Call, values: Values) -> commands.Recorded:
    declared = AdoptionDeclared(
        values.get(int, "child"),
        values.people("adopters"),
        values.get(PartialDate, "on"),
        values.maybe(PersonName, "name"),
        values.get(bool, "of_kin"),
        values.get(bool, "child_consents"),
        values.get(bool, "secret"),
    )
    return await commands.record_adoption(call.tx, adoption=declared, **call.common)


async def _adoption_end(call: Call, values: Values) -> commands.Recorded:
    return await commands.end_adoption(
        call.tx,
        child_id=values.get(int, "child"),
        on=values.get(PartialDate, "on"),
        name_given_back=values.get(bool, "name_given_back"),
        **call.common,
    )


async def _recognition(call: Call, values: Values) -> commands.Recorded:
    return await commands.record_recognition(call.tx, recognition=await _recognised(call, values), **call.common)


async def _parentage(call: Call, values: Values) -> commands.Recorded:
    declared = replace(
        await _recognised(call, values),
        by_court=True,
        no_father=values.get(bool, "no_father"),
        no_mother=values.get(bool, "no_mother"),
    )
    return await commands.record_recognition(call.tx, recognition=declared, **call.common)


async def _recognised(call: Call, values: Values) -> RecognitionDeclared:
    async def parent(name: str) -> ParentDeclared | None:
        told = values.maybe(Parent, name)
        if told is None or told.person_id is None:
            return ParentDeclared(told.name) if told else None
        return (await named_parent(call.tx, told.person_id))[0]

    return RecognitionDeclared(
        values.get(int, "child"),
        values.get(PartialDate, "on"),
        await parent("father"),
        await parent("mother"),
        values.maybe(PersonName, "name"),
    )


def _tie(values: Values, others: str, kind: TieKind) -> TieDeclared:
    return TieDeclared(
        values.get(int, "person"),
        values.people(others),
        kind,
        values.get(PartialDate, "on"),
        values.maybe(str, "detail") or "",
    )


async def _guardianship(call: Call, values: Values) -> commands.Recorded:
    declared = _tie(values, "guardians", TieKind.GUARDIAN)
    return await commands.establish_guardianship(call.tx, guardianship=declared, **call.common)


async def _representation(call: Call, values: Values) -> commands.Recorded:
    declared = _tie(values, "representatives", TieKind.REPRESENTATIVE)
    return await commands.establish_representation(call.tx, representation=declared, **call.common)


async def _guardianship_end(call: Call, values: Values) -> commands.Recorded:
    return await commands.end_guardianship(
        call.tx,
        ward_id=values.get(int, "person"),
        guardian_id=values.maybe(int, "guardian"),
        on=values.get(PartialDate, "on"),
        why=values.get(TieEnd, "why"),
        **call.common,
    )


async def _representation_end(call: Call, values: Values) -> commands.Recorded:
    return await commands.end_representation(
        call.tx,
        represented_id=values.get(int, "person"),
        representative_id=values.maybe(int, "representative"),
        on=values.get(PartialDate, "on"),
        why=values.get(TieEnd, "why"),
        **call.common,
    )


_CHILD_FIELD = Field("child", Form.PERSON, msg("Child"), msg("Personal number or full name"))
_WARD = replace(asked.PERSON, label=msg("Who is looked after"))
_REPRESENTED = replace(asked.PERSON, label=msg("Who is represented"))
_DETAIL = Field("detail", Form.TEXT, msg("How far it goes"), needed=False, most=400)
_WHY = Field(
    "why",
    Form.CHOICE,
    msg("Why it ends"),
    codes=TieEnd,
    only=(TieEnd.DECIDED, TieEnd.OF_AGE, TieEnd.CAPACITY_RESTORED, TieEnd.ADOPTED),
    default="decided",
)

FAMILY = (
    Entry(
        "marriage_registered",
        EventKind.MARRIAGE_REGISTERED,
        msg("Register a marriage"),
        "Luật Hộ tịch 60/2014/QH13, Điều 17-18",
        CIVIL_STATUS_LAW,
        (
            replace(asked.PERSON, label=msg("One of the two")),
            Field("other", Form.PERSON, msg("The other one"), msg("Personal number or full name")),
            replace(asked.DATE, label=msg("Day of marriage")),
        ),
        _marriage,
        possible=_unmarried,
        booked=True,
    ),
    Entry(
        "divorced",
        EventKind.DIVORCED,
        msg("Record a divorce"),
        _COURT,
        CIVIL_STATUS_LAW,
        (asked.PERSON, _SPOUSE, asked.DECIDED_ON),
        _divorce,
        possible=_married,
        decided=True,
    ),
    Entry(
        "marriage_annulled",
        EventKind.MARRIAGE_ANNULLED,
        msg("Record that a marriage is void"),
        _COURT,
        CIVIL_STATUS_LAW,
        (asked.PERSON, _SPOUSE, asked.DECIDED_ON),
        _marriage_annulled,
        possible=_was_married,
        decided=True,
    ),
    Entry(
        "adopted",
        EventKind.ADOPTED,
        msg("Register an adoption"),
        "Luật Nuôi con nuôi 52/2010/QH12, Điều 22, Điều 24",
        CIVIL_STATUS_LAW,
        (
            _CHILD_FIELD,
            Field("adopters", Form.PEOPLE, msg("Who adopts"), msg("One person, or husband and wife"), most=2),
            asked.DATE,
            asked.NEW_NAME,
            Field("of_kin", Form.FLAG, msg("A step-parent, or an aunt or uncle by blood, adopts"), default=False),
            Field("child_consents", Form.FLAG, msg("The child has agreed in writing"), default=False),
            Field("secret", Form.FLAG, msg("The record is masked from now on"), default=True),
        ),
        _adoption,
        possible=_not_adopted,
        booked=True,
    ),
    Entry(
        "adoption_ended",
        EventKind.ADOPTION_ENDED,
        msg("Record the end of an adoption"),
        "Luật Nuôi con nuôi 52/2010/QH12, Điều 25-27",
        CIVIL_STATUS_LAW,
        (
            _CHILD_FIELD,
            asked.DECIDED_ON,
            Field("name_given_back", Form.FLAG, msg("The former name is taken again"), default=False),
        ),
        _adoption_end,
        possible=_adopted,
        decided=True,
    ),
    Entry(
        "parent_recognised",
        EventKind.PARENT_RECOGNISED,
        msg("Recognise a father, mother or child"),
        "Luật Hộ tịch 60/2014/QH13, Điều 24-25",
        CIVIL_STATUS_LAW,
        (_CHILD_FIELD, asked.FATHER, asked.MOTHER, asked.DATE, asked.NEW_NAME),
        _recognition,
        possible=_not_void,
        booked=True,
    ),
    Entry(
        "parentage_decided",
        EventKind.PARENT_RECOGNISED,
        msg("Enter a court's decision on parentage"),
        "Luật Hôn nhân và gia đình 52/2014/QH13, Điều 101 khoản 2; Luật Hộ tịch 60/2014/QH13, Điều 30",
        CIVIL_STATUS_LAW,
        (
            _CHILD_FIELD,
            asked.FATHER,
            Field("no_father", Form.FLAG, msg("Whom is recorded is not the father"), default=False),
            asked.MOTHER,
            Field("no_mother", Form.FLAG, msg("Whom is recorded is not the mother"), default=False),
            asked.DATE,
            asked.NEW_NAME,
        ),
        _parentage,
        possible=_not_void,
        decided=True,
    ),
    Entry(
        "guardianship_established",
        EventKind.GUARDIANSHIP_ESTABLISHED,
        msg("Register a guardianship"),
        "Luật Hộ tịch 60/2014/QH13, Điều 19-21",
        CIVIL_STATUS_LAW,
        (
            _WARD,
            Field("guardians", Form.PEOPLE, msg("Guardians"), msg("One, or grandparents together"), most=4),
            asked.DATE,
            _DETAIL,
        ),
        _guardianship,
        booked=True,
    ),
    Entry(
        "guardianship_ended",
        EventKind.GUARDIANSHIP_ENDED,
        msg("End a guardianship"),
        "Luật Hộ tịch 60/2014/QH13, Điều 22",
        CIVIL_STATUS_LAW,
        (
            _WARD,
            Field("guardian", Form.PERSON, msg("Guardian"), msg("Empty: the one who is"), needed=False),
            asked.DATE,
            _WHY,
        ),
        _guardianship_end,
        possible=_has(TieKind.GUARDIAN),
        booked=True,
    ),
    Entry(
        "representation_established",
        EventKind.REPRESENTATION_ESTABLISHED,
        msg("Record a legal representative"),
        "Bộ luật Dân sự 91/2015/QH13, Điều 134-136",
        CIVIL_STATUS_LAW,
        (
            _REPRESENTED,
            Field("representatives", Form.PEOPLE, msg("Who represents"), msg("One or several"), most=4),
            asked.DATE,
            _DETAIL,
        ),
        _representation,
    ),
    Entry(
        "representation_ended",
        EventKind.REPRESENTATION_ENDED,
        msg("End a legal representation"),
        "Bộ luật Dân sự 91/2015/QH13, Điều 140",
        CIVIL_STATUS_LAW,
        (
            _REPRESENTED,
            Field("representative", Form.PERSON, msg("Representative"), msg("Empty: the one who is"), needed=False),
            asked.DATE,
            _WHY,
        ),
        _representation_end,
        possible=_has(TieKind.REPRESENTATIVE),
    ),
)
