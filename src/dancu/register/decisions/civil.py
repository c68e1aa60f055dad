"""What an act changes: pure functions from lives and declared facts to events."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from dancu.kernel.codes import IdentifierScheme, MaritalStatus, Relation, ResidenceKind, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import FieldFault, Invalid
from dancu.kernel.names import PersonName
from dancu.kernel.numbers import PersonalNumber
from dancu.register.act import Decided, NewClock, NewEvent, NewHousehold
from dancu.register.kinds import EventKind
from dancu.register.model import Life, Marriage
from dancu.register.payloads import (
    IdentifierGiven,
    Kin,
    MarriageGiven,
    MembershipGiven,
    Payload,
    Place,
    ResidenceGiven,
)
from dancu.register.projection import Locate
from dancu.register.rules import Warned, judge
from dancu.register.rules import civil as rules
from dancu.register.ties import ties_left, untied_by_death, wards_alone

NUMBER_AGAINST_RECORD = "number_against_record"
REGISTERED_LATE = "registered_late"


@dataclass(frozen=True)
class ParentDeclared:
    """A parent as the declaration names it; `person_id` where there is a record."""

    name: str
    person_id: int | None = None
    number: str = ""

    @property
    def kin(self) -> Kin:
        """The parent as the child's record keeps it."""
        return Kin(self.person_id, self.name, self.number)


@dataclass(frozen=True)
class BirthDeclared:
    """A birth as it is declared.

    Args:
        number_place: place code of the personal number, 1..96 or 101..295.
        registered_in: unit code of the commune that registers.
        mother: None when abandoned or unknown.
        father: None when unknown.
        lives_with: whose residence the child shares; None: `abode` tells where it lives.
        abode: (unit, address) of a child without parents' residence.
        unit_day: the day whose units all codes here are of.

    Law: Luật Hộ tịch 60/2014/QH13, Điều 14.
    """

    name: PersonName
    born: PartialDate
    sex: Sex
    birth_place: Place
    registered_in: str
    number_place: int
    unit_day: date
    origin: Place = ("", "")
    ethnicity: int | None = None
    religion: int | None = None
    nationality: str = "VNM"
    mother: ParentDeclared | None = None
    father: ParentDeclared | None = None
    lives_with: int | None = None
    abode: Place | None = None


@dataclass(frozen=True)
class DeathDeclared:
    """A death as it is declared."""

    person_id: int
    died: PartialDate
    reason: str | None = None


@dataclass(frozen=True)
class MoveDeclared:
    """A permanent residence as it is declared.

    Args:
        movers: (person id, relation to the head at the destination).
        household_id: the household that they join; None: they form one.
        on: first day of residence.
    """

    movers: tuple[tuple[int, Relation], ...]
    unit: str
    detail: str
    on: date
    household_id: int | None = None
    file_no: str = ""


def judge_birth(birth: BirthDeclared, lives: dict[int, Life], declared_on: date) -> tuple[Warned, ...]:
    """Hold a birth against the law.

    Raises:
        Invalid: sex is not told.
        Refused: by `rules.civil.BIRTH`.
    """
    if birth.sex is Sex.UNKNOWN:
        raise Invalid((FieldFault("/sex", "The sex is needed"),))
    facts = rules.BirthFacts(birth.born, declared_on, _life_of(birth.mother, lives), _life_of(birth.father, lives))
    return tuple(judge(rules.BIRTH, facts, on=birth.born.latest))


def _life_of(parent: ParentDeclared | None, lives: dict[int, Life]) -> Life | None:
    return lives.get(parent.person_id) if parent and parent.person_id else None


def birth(
    child_id: int,
    declared: BirthDeclared,
    lives: dict[int, Life],
    number: PersonalNumber,
    registered_on: date,
    locate: Locate,
) -> Decided:
    """Decide what a birth registration changes: the child's genesis."""
    since = declared.born.earliest
    carer = lives.get(declared.lives_with) if declared.lives_with else None
    residences, unit_day = _first_abode(declared, carer, since, locate)
    told = Payload(
        name=(declared.name.surname, declared.name.middle, declared.name.given),
        born=declared.born.number,
        sex=declared.sex,
        birth_place=declared.birth_place,
        birth_registration=(declared.registered_in, ""),
        origin=declared.origin if any(declared.origin) else None,
        ethnicity=declared.ethnicity,
        religion=declared.religion,
        nationality=declared.nationality,
        marital=MaritalStatus.NEVER_MARRIED,
        father=declared.father.kin if declared.father else None,
        mother=declared.mother.kin if declared.mother else None,
        identifiers=(IdentifierGiven(IdentifierScheme.PERSONAL_NUMBER, number.value, registered_on),),
        residences=residences,
        membership=_with_carer(carer, since),
        unit_day=unit_day,
    )
    event = NewEvent(child_id, EventKind.BIRTH_REGISTERED, declared.born, told)
    late = registered_on > declared.born.latest + timedelta(days=60)
    clock = NewClock(REGISTERED_LATE, since, declared.born.latest + timedelta(days=60), person_id=child_id)
    return Decided(EventKind.BIRTH_REGISTERED, declared.born, (event,), clocks=(clock,) if late else ())


def _first_abode(
    declared: BirthDeclared, carer: Life | None, since: date, locate: Locate
) -> tuple[tuple[ResidenceGiven, ...], date]:
    """Where the child lives, and the day whose units all codes of the event are of.

    The carer's place is carried to today's unit, so that it and the place of birth are of one day.
    An old commune that was split, and whose address does not decide, keeps its own code and day.
    """
    if carer and (home := carer.abode(carer.known_on)):
        _, commune = locate(home.unit, home.unit_day, home.detail)
        unit, unit_day = (commune, declared.unit_day) if commune else (home.unit, home.unit_day)
        return (ResidenceGiven(ResidenceKind.CURRENT_ABODE, unit, home.detail, since),), unit_day
    if declared.abode:
        stay = ResidenceGiven(ResidenceKind.CURRENT_ABODE, declared.abode[0], declared.abode[1], since)
        return (stay,), declared.unit_day
    return (), declared.unit_day


_CHILD_OF = {
    Relation.HEAD: Relation.CHILD,
    Relation.SPOUSE: Relation.CHILD,
    Relation.CHILD: Relation.GRANDCHILD,
    Relation.CHILD_IN_LAW: Relation.GRANDCHILD,
    Relation.PARENT: Relation.SIBLING,
}


def _with_carer(carer: Life | None, since: date) -> MembershipGiven | None:
    membership = carer.membership(carer.known_on) if carer else None
    if membership is None:
        return None
    relation = _CHILD_OF.get(membership.relation, Relation.OTHER_RELATIVE)
    return MembershipGiven(membership.household_id, relation, since)


def judge_death(death: DeathDeclared, life: Life, declared_on: date) -> tuple[Warned, ...]:
    """Hold a death against the law.

    Raises:
        Refused: by `rules.civil.DEATH`.
    """
    facts = rules.DeathFacts(life, death.died, declared_on)
    return tuple(judge(rules.DEATH, facts, on=death.died.latest))


def death(
    declared: DeathDeclared,
    lives: Mapping[int, Life],
    declared_on: date,
    kind: EventKind = EventKind.DEATH_REGISTERED,
) -> Decided:
    """Decide what a death changes: the dead, whoever it widows, and whose guardianship or representation it ends.

    Args:
        lives: of the dead and of `left_by`.
        kind: that it was registered, or declared by a court.
    """
    life = lives[declared.person_id]
    told = Payload(died=declared.died.number, reason=declared.reason)
    events = [NewEvent(declared.person_id, kind, declared.died, told)]
    left = sorted(spouses_left(life, declared.died) & set(lives))
    events += [_spouse_died(spouse_id, life, declared.died) for spouse_id in left]
    events += untied_by_death(life, declared.died, lives)
    due = declared.died.latest + timedelta(days=15)
    late = NewClock(REGISTERED_LATE, declared.died.earliest, due, person_id=declared.person_id)
    clocks = ((late,) if declared_on > due and kind is EventKind.DEATH_REGISTERED else ()) + wards_alone(
        life, declared.died, lives
    )
    return Decided(kind, declared.died, tuple(events), clocks=clocks)


def left_by(life: Life, died: PartialDate) -> frozenset[int]:
    """Return whom a death touches: those of `spouses_left`, and whoever the dead was tied to by the law."""
    return spouses_left(life, died) | {tie.other.person_id for tie in ties_left(life, died) if tie.other.person_id}


def spouses_left(life: Life, died: PartialDate) -> frozenset[int]:
    """Return those to whom a person was married on the day of death, also if their own later death ended it so far."""
    left = (m.spouse.person_id for m in life.marriages if _outlasts(m, died))
    return frozenset(person_id for person_id in left if person_id is not None)


def bereaved(lives: Mapping[int, Life]) -> tuple[NewEvent, ...]:
    """Decide which marriages and ties of some persons have ended with a death that their own record does not know."""
    widowed = (
        _spouse_died(life.person_id, spouse, spouse.died)
        for life in lives.values()
        for m in life.marriages
        if (spouse := lives.get(m.spouse.person_id or 0)) and spouse.died and _outlasts(m, spouse.died)
    )
    dead = (life for life in lives.values() if life.died)
    untied = (event for life in dead if life.died for event in untied_by_death(life, life.died, lives))
    return (*widowed, *untied)


def _outlasts(marriage: Marriage, died: PartialDate) -> bool:
    return marriage.until is None or marriage.until.latest > died.latest


def _spouse_died(person_id: int, spouse: Life, died: PartialDate) -> NewEvent:
    return NewEvent(person_id, EventKind.SPOUSE_DIED, died, Payload(marriage=MarriageGiven(kin_of(spouse))))


def kin_of(life: Life) -> Kin:
    """Return a person as the record of another one keeps it."""
    return Kin(life.person_id, life.name.full if life.name else "", life.personal_number or "")


def marriage(one: Life, other: Life, on: PartialDate, recorded_on: date, *, history: bool) -> Decided:
    """Decide what a marriage changes: both lives, alike.

    Raises:
        Invalid: the day lies in the future.
        Refused: by `rules.civil.MARRIAGE`.
    """
    if on.earliest > recorded_on:
        raise Invalid((FieldFault("/on", "The day of marriage lies in the future"),))
    facts = rules.MarriageFacts(one, other, on)
    warnings = judge(rules.MARRIAGE, facts, on=on.earliest, recording_history=history)
    couple = ((one, other), (other, one))
    weddings = (
        NewEvent(
            life.person_id,
            EventKind.MARRIAGE_REGISTERED,
            on,
            Payload(marriage=MarriageGiven(kin_of(spouse), on.number)),
        )
        for life, spouse in couple
    )
    # A marriage that is recorded after one of the two has died has ended with that death.
    ended = (
        _spouse_died(life.person_id, spouse, spouse.died)
        for life, spouse in couple
        if spouse.died and (life.died is None or spouse.died.latest < life.died.latest)
    )
    events = (*weddings, *ended)
    return Decided(EventKind.MARRIAGE_REGISTERED, on, events, warnings=tuple(warnings))


def judge_move(move: MoveDeclared, lives: dict[int, Life], registered_on: date) -> tuple[Warned, ...]:
    """Hold a permanent residence against the law, for each who moves.

    Raises:
        Refused: by `rules.civil.RESIDENCE`.
    """
    warnings: list[Warned] = []
    for life in lives.values():
        facts = rules.MoveFacts(life, move.unit, move.detail, move.on, registered_on)
        warnings += judge(rules.RESIDENCE, facts, on=registered_on)
    return tuple(dict.fromkeys(warnings))


def move(
    declared: MoveDeclared,
    household_id: int,
    formed: tuple[NewHousehold, ...],
    registered_on: date,
) -> Decided:
    """Decide what a registration at the destination changes."""
    on = PartialDate.on(declared.on)
    stay = ResidenceGiven(ResidenceKind.PERMANENT, declared.unit, declared.detail, declared.on)
    events = tuple(
        NewEvent(
            person_id,
            EventKind.PERMANENT_RESIDENCE_REGISTERED,
            on,
            Payload(
                residences=(stay,),
                membership=MembershipGiven(household_id, relation, declared.on),
                unit_day=registered_on,
            ),
        )
        for person_id, relation in declared.movers
    )
    return Decided(EventKind.PERMANENT_RESIDENCE_REGISTERED, on, events, households=formed)


def particulars(kind: EventKind, life: Life, told: Payload, valid_on: PartialDate, recorded_on: date) -> Decided:
    """Decide what a correction or an update changes.

    Raises:
        Refused: by `rules.civil.CORRECTION`.
    """
    born = PartialDate(told.born) if told.born else None
    warnings = judge(rules.CORRECTION, rules.CorrectionFacts(life, born, recorded_on), on=recorded_on)
    clocks: tuple[NewClock, ...] = ()
    if life.personal_number and number_disagrees(life, told):
        clocks = (NewClock(NUMBER_AGAINST_RECORD, recorded_on, None, person_id=life.person_id),)
    event = NewEvent(life.person_id, kind, valid_on, told)
    return Decided(kind, valid_on, (event,), clocks=clocks, warnings=tuple(warnings))


def number_disagrees(life: Life, told: Payload) -> bool:
    """Tell whether a changed sex or year of birth leaves the number behind.

    Law: Thông tư 59/2021/TT-BCA, Điều 6 khoản 1.
    """
    number = PersonalNumber(life.personal_number or "")
    return (told.sex is not None and told.sex != number.sex) or (
        told.born is not None and told.born // 10000 != number.birth_year
    )
