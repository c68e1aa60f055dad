"""What acts on status, capacity, nationality, particulars and protection change: pure, from lives to events."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from dancu.kernel.codes import (
    Capacity,
    DeathGround,
    MaritalStatus,
    PersonStatus,
    ProtectionGround,
    SubjectType,
    TieEnd,
    TieKind,
)
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import FieldFault, Invalid
from dancu.register import ties
from dancu.register.act import Decided, EndedClock, NewClock, NewEvent
from dancu.register.decisions import civil as decisions
from dancu.register.decisions.civil import NUMBER_AGAINST_RECORD, DeathDeclared, kin_of, number_disagrees
from dancu.register.family import same_kin
from dancu.register.kinds import EventKind
from dancu.register.life import Life, Marriage
from dancu.register.payloads import Kin, MarriageGiven, Payload
from dancu.register.rules import Warned, judge
from dancu.register.rules.civil import DEATH, DeathFacts
from dancu.register.rules.missing import (
    DECLARED_DEATH,
    FOUND,
    MISSING,
    RETURN,
    DeclaredDeathFacts,
    FoundFacts,
    MissingFacts,
    ReturnFacts,
)
from dancu.register.rules.status import (
    CAPACITY,
    CHANGE,
    NATIONALITY,
    PROTECTION,
    CapacityFacts,
    ChangeFacts,
    NationalityFacts,
    ProtectionFacts,
)
from dancu.register.rules.ties import minor_on
from dancu.register.standing import SPOUSE_RETURNED, VIETNAM

NO_RESIDENCE_AFTER_RETURN = "no_residence_after_return"


def _single(
    life: Life, kind: EventKind, on: date, told: Payload, warnings: list[Warned], clocks: tuple[NewClock, ...] = ()
) -> Decided:
    day = PartialDate.on(on)
    event = NewEvent(life.person_id, kind, day, told)
    return Decided(kind, day, (event,), clocks=clocks, warnings=tuple(warnings))


def _residence_to_register(life: Life, since: date) -> tuple[NewClock, ...]:
    return (NewClock(NO_RESIDENCE_AFTER_RETURN, since, None, person_id=life.person_id),)


def missing(life: Life, last_news: PartialDate, on: date, recorded_on: date, *, history: bool) -> Decided:
    """Decide what the declaration of missing changes: residence and household end, the marriage lasts.

    Raises:
        Refused: by `rules.missing.MISSING`.
    """
    facts = MissingFacts(life, last_news, on, recorded_on)
    warnings = judge(MISSING, facts, on=on, recording_history=history)
    return _single(life, EventKind.DECLARED_MISSING, on, Payload(reason=str(last_news)), warnings)


def found(life: Life, on: date, recorded_on: date) -> Decided:
    """Decide what taking back a declaration of missing changes; a clock runs until residence is registered anew.

    Raises:
        Refused: by `rules.missing.FOUND`.
    """
    warnings = judge(FOUND, FoundFacts(life, on, recorded_on), on=on)
    clocks = _residence_to_register(life, on)
    return _single(life, EventKind.DECLARED_MISSING_REVERSED, on, Payload(), warnings, clocks)


@dataclass(frozen=True)
class DeclaredDeathDeclared:
    """A death as a court has declared it.

    Args:
        died: the day of death that the court has found; else the day on which the decision took effect.
        since: the day from which the term of the ground runs.
        decided_on: the day on which the decision took effect.
    """

    person_id: int
    died: PartialDate
    ground: DeathGround
    since: date
    decided_on: date

    @property
    def as_death(self) -> DeathDeclared:
        """The death, as decisions on deaths read it."""
        return DeathDeclared(self.person_id, self.died, f"BLDS 71.1.{'abcd'[self.ground - 1]}")


def declared_death(
    declared: DeclaredDeathDeclared, lives: Mapping[int, Life], recorded_on: date, *, history: bool
) -> Decided:
    """Decide what a declared death changes: all that a death does; the status says that a court declared it.

    Raises:
        Refused: by `rules.civil.DEATH` or `rules.missing.DECLARED_DEATH`.

    Law: Bộ luật Dân sự 91/2015/QH13, Điều 71, Điều 72.
    """
    life = lives[declared.person_id]
    facts = DeclaredDeathFacts(life, declared.ground, declared.since, declared.decided_on, recorded_on)
    judge(DECLARED_DEATH, facts, on=declared.decided_on, recording_history=history)
    within = "death.within_15_days"  # of those who must declare a death, not of courts
    rules = (rule for rule in DEATH if rule.id != within)
    warnings = judge(rules, DeathFacts(life, declared.died, recorded_on), on=declared.died.latest)
    decided = decisions.death(declared.as_death, lives, recorded_on, EventKind.DEATH_DECLARED)
    return Decided(decided.kind, decided.valid_on, decided.events, clocks=decided.clocks, warnings=tuple(warnings))


def ended_with_declared_death(life: Life) -> Marriage | None:
    """Return the marriage that a declared death has ended."""
    if life.status is not PersonStatus.DECLARED_DEAD:
        return None
    ended = (m for m in reversed(life.marriages) if m.until == life.died and not m.ended_as)
    return next(ended, None)


def returned(life: Life, lives: Mapping[int, Life], on: date, recorded_on: date) -> Decided:
    """Decide what taking back a declaration of death changes.

    The marriage lasts again unless the spouse has divorced, married or died since; a clock runs until residence is
    registered anew. An ended marriage leaves the one who returned divorced, or widowed if the spouse has died.

    Raises:
        Refused: by `rules.missing.RETURN`.

    Law: Bộ luật Dân sự 91/2015/QH13, Điều 73; Luật Hôn nhân và gia đình 52/2014/QH13, Điều 67.
    """
    warnings = judge(RETURN, ReturnFacts(life, on, recorded_on), on=on)
    kind, day = EventKind.DECLARED_DEATH_REVERSED, PartialDate.on(on)
    ended = ended_with_declared_death(life)
    clocks = _residence_to_register(life, on)
    if ended is None:
        return _single(life, kind, on, Payload(), warnings, clocks)
    spouse = lives.get(ended.spouse.person_id or 0)
    if spouse and not _still_free(spouse, kin_of(life)):
        marital = MaritalStatus.WIDOWED if spouse.died else MaritalStatus.DIVORCED
        return _single(life, kind, on, Payload(marital=marital), warnings, clocks)
    events = [NewEvent(life.person_id, kind, day, Payload(marriage=MarriageGiven(ended.spouse)))]
    if spouse:
        restored = Payload(marriage=MarriageGiven(kin_of(life)), reason=SPOUSE_RETURNED)
        events.append(NewEvent(spouse.person_id, kind, day, restored))
    return Decided(kind, day, tuple(events), clocks=clocks, warnings=tuple(warnings))


def _still_free(spouse: Life, returning: Kin) -> bool:
    """Tell whether a spouse lives and has neither divorced the one who returns nor married since."""
    if spouse.died is not None or not spouse.marriages:
        return False
    last = spouse.marriages[-1]
    return same_kin(last.spouse, returning) and last.ended_as is not MaritalStatus.DIVORCED


def capacity(life: Life, found_as: Capacity, lives: Mapping[int, Life], on: date, recorded_on: date) -> Decided:
    """Decide what a court's finding on capacity changes.

    Full capacity of an adult ends guardianship and representation; a guardian who loses it leaves wards to a clock.

    Raises:
        Refused: by `rules.status.CAPACITY`.

    Law: Bộ luật Dân sự 91/2015/QH13, Điều 22-24, Điều 60 khoản 1, Điều 62 khoản 1 điểm a.
    """
    warnings = judge(CAPACITY, CapacityFacts(life, found_as, on, recorded_on), on=on)
    kind, day = EventKind.LEGAL_CAPACITY_CHANGED, PartialDate.on(on)
    ends = ties.looked_after_by(life) if found_as is Capacity.FULL and not minor_on(life, day) else ()
    events = (
        NewEvent(life.person_id, kind, day, Payload(capacity=found_as)),
        *ties.ended_for_both(life, ends, lives, day, TieEnd.CAPACITY_RESTORED),
    )
    wards = life.tied(TieKind.WARD) if found_as is not Capacity.FULL else ()
    clocks = tuple(
        NewClock(ties.WARD_WITHOUT_GUARDIAN, on, None, person_id=tie.other.person_id)
        for tie in wards
        if tie.other.person_id
    )
    ended_clocks: tuple[EndedClock, ...] = ties.clocks_ended(life, ends)
    return Decided(kind, day, events, clocks=clocks, ended_clocks=ended_clocks, warnings=tuple(warnings))


def nationality(life: Life, code: str, on: date, recorded_on: date, *, history: bool) -> Decided:
    """Decide what a change of nationality changes: who loses the Vietnamese one loses permanent residence.

    Args:
        code: ISO 3166-1 alpha-3; '' for nobody's.

    Raises:
        Refused: by `rules.status.NATIONALITY`.
    """
    facts = NationalityFacts(life, code, on, recorded_on)
    warnings = judge(NATIONALITY, facts, on=on, recording_history=history)
    kept = SubjectType.VIETNAMESE_ORIGIN if life.nationality == VIETNAM else life.subject_type
    subject = SubjectType.CITIZEN if code == VIETNAM else kept
    told = Payload(nationality=code, subject_type=subject)
    return _single(life, EventKind.NATIONALITY_CHANGED, on, told, warnings)


_CHANGEABLE = frozenset({"name", "other_name", "sex", "ethnicity", "religion", "origin", "reason"})


def change(life: Life, told: Payload, on: date, recorded_on: date, *, consents: bool, history: bool) -> Decided:
    """Decide what a change of particulars changes, from a day on: before it, the former ones stay true.

    Raises:
        Invalid: nothing changes, or a field can only be corrected, such as the date of birth.
        Refused: by `rules.status.CHANGE`.

    Law: Luật Hộ tịch 60/2014/QH13, Điều 26; Bộ luật Dân sự 91/2015/QH13, Điều 27-29, Điều 36, Điều 37.
    """
    blank = Payload()
    changed = {f for f in Payload.__struct_fields__ if getattr(told, f) != getattr(blank, f)}
    if not changed - {"reason"} or changed - _CHANGEABLE:
        raise Invalid((FieldFault("/told", "Name, sex, ethnicity, religion or place of origin may change"),))
    warnings = judge(CHANGE, ChangeFacts(life, told, on, recorded_on, consents), on=on, recording_history=history)
    disagrees = life.personal_number is not None and number_disagrees(life, told)
    clock = NewClock(NUMBER_AGAINST_RECORD, on, None, person_id=life.person_id)
    return _single(life, EventKind.PARTICULARS_CHANGED, on, told, warnings, (clock,) if disagrees else ())


def protection(life: Life, ground: ProtectionGround, on: date, reason: str, *, begins: bool) -> Decided:
    """Decide what an act of protection changes: the record is masked, or unmasked when no ground is left.

    Raises:
        Refused: by `rules.status.PROTECTION`.
    """
    warnings = judge(PROTECTION, ProtectionFacts(life, ground, begins), on=on)
    kind = EventKind.PROTECTED if begins else EventKind.PROTECTION_ENDED
    return _single(life, kind, on, Payload(protection=ground, reason=reason or None), warnings)
