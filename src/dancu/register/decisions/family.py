"""What acts on marriages, parents and ties change: pure functions from lives and declared facts to events."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from dancu.kernel.codes import Sex, TieEnd, TieKind
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import FieldFault, Invalid
from dancu.kernel.names import PersonName
from dancu.register import ties
from dancu.register.act import Decided, EndedClock, NewEvent
from dancu.register.decisions.civil import ParentDeclared, kin_of
from dancu.register.family import same_kin
from dancu.register.kinds import EventKind
from dancu.register.life import Life
from dancu.register.payloads import NOBODY, AdoptionGiven, Kin, MarriageGiven, Payload, TieGiven
from dancu.register.rules import judge
from dancu.register.rules.adoption import ADOPTION, ADOPTION_END, AdoptionEndFacts, AdoptionFacts
from dancu.register.rules.family import (
    DIVORCE,
    MARRIAGE_ANNULMENT,
    RECOGNITION,
    MarriageEndFacts,
    RecognitionFacts,
)
from dancu.register.rules.ties import GUARDIANSHIP, REPRESENTATION, TIE_END, TieEndFacts, TieFacts

# The end of a marriage -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MarriageEndDeclared:
    """A marriage that a court has ended or annulled.

    Args:
        spouse_id: of whom, where several marriages last; None: the last one.
        on: the day on which the judgment took effect.
    """

    person_id: int
    on: PartialDate
    spouse_id: int | None = None


def spouse_in(life: Life, declared: MarriageEndDeclared) -> Kin:
    """Return the spouse of the marriage that a judgment is about; an empty one where there is none."""
    if declared.spouse_id is None:
        last = (m.spouse for m in reversed(life.marriages))
        return life.spouse or next(last, Kin())
    named = (m.spouse for m in life.marriages if m.spouse.person_id == declared.spouse_id)
    return next(named, Kin(declared.spouse_id))


_ENDS = {EventKind.DIVORCED: DIVORCE, EventKind.MARRIAGE_ANNULLED: MARRIAGE_ANNULMENT}


def marriage_end(
    kind: EventKind,
    declared: MarriageEndDeclared,
    lives: Mapping[int, Life],
    recorded_on: date,
    *,
    history: bool,
) -> Decided:
    """Decide what a divorce or the annulment of a marriage changes: both lives, alike.

    Raises:
        Refused: by `rules.family.DIVORCE` or `rules.family.MARRIAGE_ANNULMENT`.
    """
    life, on = lives[declared.person_id], declared.on
    spouse = spouse_in(life, declared)
    other = lives.get(spouse.person_id or 0)
    facts = MarriageEndFacts(life, other, spouse, on, recorded_on)
    warnings = judge(_ENDS[kind], facts, on=on.earliest, recording_history=history)
    events = [NewEvent(life.person_id, kind, on, Payload(marriage=MarriageGiven(spouse)))]
    if other:
        events.append(NewEvent(other.person_id, kind, on, Payload(marriage=MarriageGiven(kin_of(life)))))
    return Decided(kind, on, tuple(events), warnings=tuple(warnings))


# Parents ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AdoptionDeclared:
    """An adoption as it is declared.

    Args:
        adopters: one person, or both of a couple.
        name: the new name; None: it stays.
        of_kin: a step-parent, or an aunt or uncle by blood, adopts.
        child_consents: the child has agreed in writing.
        secret: the record is masked from now on.
    """

    child_id: int
    adopters: tuple[int, ...]
    on: PartialDate
    name: PersonName | None = None
    of_kin: bool = False
    child_consents: bool = False
    secret: bool = True


def adoption(
    declared: AdoptionDeclared,
    lives: Mapping[int, Life],
    recorded_on: date,
    *,
    history: bool,
    grandparents: frozenset[int] = frozenset(),
) -> Decided:
    """Decide what an adoption changes: the child's parents and perhaps its name; its guardianship ends.

    Raises:
        Invalid: there are not one or two who adopt, or not a father and a mother.
        Refused: by `rules.adoption.ADOPTION`.

    Law: Luật Nuôi con nuôi 52/2010/QH12, Điều 24; Bộ luật Dân sự 91/2015/QH13, Điều 62 khoản 1 điểm d.
    """
    child, on = lives[declared.child_id], declared.on
    if len(set(declared.adopters)) not in {1, 2}:
        raise Invalid((FieldFault("/adopters", "One person adopts, or both of a couple"),))
    adopters = tuple(lives[one] for one in declared.adopters)
    facts = AdoptionFacts(child, adopters, on, recorded_on, declared.of_kin, declared.child_consents, grandparents)
    warnings = judge(ADOPTION, facts, on=on.earliest, recording_history=history)
    father, mother = _new_parents(child, adopters, of_kin=declared.of_kin)
    told = Payload(
        adoption=AdoptionGiven(father, mother, declared.secret),
        name=_parts(declared.name),
    )
    looked_after = child.tied(TieKind.GUARDIAN)
    events = (
        NewEvent(child.person_id, EventKind.ADOPTED, on, told),
        *ties.ended_for_both(child, looked_after, lives, on, TieEnd.ADOPTED),
    )
    ended_clocks = ties.clocks_ended(child, looked_after)
    return Decided(EventKind.ADOPTED, on, events, ended_clocks=ended_clocks, warnings=tuple(warnings))


def _new_parents(child: Life, adopters: tuple[Life, ...], *, of_kin: bool) -> tuple[Kin | None, Kin | None]:
    """The parents shown from now on; the one who is married to a step-parent stays."""
    fathers = [kin_of(one) for one in adopters if one.sex is Sex.MALE]
    mothers = [kin_of(one) for one in adopters if one.sex is Sex.FEMALE]
    if len(fathers) + len(mothers) != len(adopters) or len(fathers) > 1 or len(mothers) > 1:
        raise Invalid((FieldFault("/adopters", "A father, a mother, or both adopt"),))
    spouse = adopters[0].spouse if of_kin and len(adopters) == 1 else None

    def staying(parent: Kin | None) -> Kin | None:
        return parent if spouse and parent and same_kin(parent, spouse) else None

    return (fathers[0] if fathers else staying(child.father), mothers[0] if mothers else staying(child.mother))


def _parts(name: PersonName | None) -> tuple[str, str, str] | None:
    return (name.surname, name.middle, name.given) if name else None


def adoption_end(child: Life, on: PartialDate, recorded_on: date, *, name_given_back: bool, history: bool) -> Decided:
    """Decide what the end of an adoption changes: the parents of birth are shown again, and the name if wanted.

    Raises:
        Refused: by `rules.adoption.ADOPTION_END`.

    Law: Luật Nuôi con nuôi 52/2010/QH12, Điều 27.
    """
    warnings = judge(ADOPTION_END, AdoptionEndFacts(child, on, recorded_on), on=on.earliest, recording_history=history)
    before = child.adoption.name_before if child.adoption and name_given_back else None
    event = NewEvent(child.person_id, EventKind.ADOPTION_ENDED, on, Payload(name=_parts(before)))
    return Decided(EventKind.ADOPTION_ENDED, on, (event,), warnings=tuple(warnings))


@dataclass(frozen=True)
class RecognitionDeclared:
    """A father, a mother or both who recognise a child, or whom the child recognises.

    Args:
        name: the child's new name; None: it stays.
        by_court: a court decided; it may put another parent in the place of whom is recorded.
        no_father, no_mother: the court found that whom is recorded is not the parent, and named nobody else.
    """

    child_id: int
    on: PartialDate
    father: ParentDeclared | None = None
    mother: ParentDeclared | None = None
    name: PersonName | None = None
    by_court: bool = False
    no_father: bool = False
    no_mother: bool = False


def recognition(
    declared: RecognitionDeclared, lives: Mapping[int, Life], recorded_on: date, *, history: bool
) -> Decided:
    """Decide what a recognition changes: the child's parent, and perhaps its name.

    Raises:
        Invalid: nobody is recognised, or somebody is and is not at once.
        Refused: by `rules.family.RECOGNITION`.

    Law: Luật Hôn nhân và gia đình 52/2014/QH13, Điều 88 khoản 2, Điều 89, Điều 101 khoản 2 (a court's finding).
    """
    faults = [
        FieldFault(f"/{name}", "Name the parent, or say that there is none, not both")
        for name, named, nobody in (
            ("father", declared.father, declared.no_father),
            ("mother", declared.mother, declared.no_mother),
        )
        if named and nobody
    ]
    if faults:
        raise Invalid(tuple(faults))
    if not (declared.father or declared.mother or declared.no_father or declared.no_mother):
        raise Invalid((FieldFault("/father", "Name the father or the mother"),))
    child, on = lives[declared.child_id], declared.on
    father = lives.get(declared.father.person_id or 0) if declared.father else None
    mother = lives.get(declared.mother.person_id or 0) if declared.mother else None
    facts = RecognitionFacts(
        child, father, mother, on, recorded_on, declared.by_court, declared.no_father, declared.no_mother
    )
    warnings = judge(RECOGNITION, facts, on=on.earliest, recording_history=history)
    told = Payload(
        father=declared.father.kin if declared.father else NOBODY if declared.no_father else None,
        mother=declared.mother.kin if declared.mother else NOBODY if declared.no_mother else None,
        name=_parts(declared.name),
    )
    event = NewEvent(child.person_id, EventKind.PARENT_RECOGNISED, on, told)
    return Decided(EventKind.PARENT_RECOGNISED, on, (event,), warnings=tuple(warnings))


# Guardianship and representation ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class TieDeclared:
    """A guardianship or a representation as it is declared.

    Args:
        person_id: who is looked after.
        others: who looks after: one, or parents or grandparents together.
        kind: `TieKind.GUARDIAN` or `TieKind.REPRESENTATIVE`: what the others are.
        detail: how far it goes.
    """

    person_id: int
    others: tuple[int, ...]
    kind: TieKind
    on: PartialDate
    detail: str = ""


_TIE_RULES = {TieKind.GUARDIAN: GUARDIANSHIP, TieKind.REPRESENTATIVE: REPRESENTATION}


def tie(declared: TieDeclared, lives: Mapping[int, Life], recorded_on: date, *, history: bool) -> Decided:
    """Decide what a guardianship or a representation changes: the record of each of the two, or three.

    Raises:
        Invalid: nobody looks after, or it is told the wrong way round.
        Refused: by `rules.ties.GUARDIANSHIP` or `rules.ties.REPRESENTATION`.
    """
    if not declared.others or declared.kind not in _TIE_RULES:
        raise Invalid((FieldFault("/others", "Name who looks after"),))
    life, on, kind = lives[declared.person_id], declared.on, declared.kind
    others = [lives[one] for one in dict.fromkeys(declared.others)]
    warnings = []
    for other in others:
        facts = TieFacts(life, other, kind, on, recorded_on, together=len(others) > 1)
        warnings += judge(_TIE_RULES[kind], facts, on=on.earliest, recording_history=history)
    held = tuple(TieGiven(kind, kin_of(other), declared.detail) for other in others)
    mirrored = TieGiven(kind.mirrored, kin_of(life), declared.detail)
    events = (
        NewEvent(life.person_id, ties.ESTABLISHED[kind], on, Payload(ties=held)),
        *(NewEvent(other.person_id, ties.ESTABLISHED[kind], on, Payload(ties=(mirrored,))) for other in others),
        *(event for other in others for event in ties.ended_before_it_was_told(life, other, kind)),
    )
    lasts = life.died is None and any(other.died is None for other in others)
    clocks = ties.clock_until_majority(life, kind, on) if lasts else ()
    found_one = (EndedClock(ties.WARD_WITHOUT_GUARDIAN, life.person_id),) if kind is TieKind.GUARDIAN else ()
    return Decided(
        ties.ESTABLISHED[kind],
        on,
        events,
        clocks=clocks,
        ended_clocks=found_one,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def tie_end(
    life: Life,
    other: Kin,
    kind: TieKind,
    lives: Mapping[int, Life],
    on: PartialDate,
    recorded_on: date,
    why: TieEnd,
) -> Decided:
    """Decide what the end of a guardianship or a representation changes: both records.

    Args:
        kind: `TieKind.GUARDIAN` or `TieKind.REPRESENTATIVE`: what the other was.

    Raises:
        Refused: by `rules.ties.TIE_END`.
    """
    facts = TieEndFacts(life, other, kind, on, recorded_on)
    warnings = judge(TIE_END, facts, on=on.earliest)
    gone = (facts.tie,) if facts.tie else ()
    events = ties.ended_for_both(life, gone, lives, on, why)
    ended_clocks = ties.clocks_ended(life, gone)
    return Decided(ties.ENDED[kind], on, tuple(events), ended_clocks=ended_clocks, warnings=tuple(warnings))
