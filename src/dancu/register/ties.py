"""Guardianship and representation between two persons: what begins and ends them in both records."""

from collections.abc import Iterable, Mapping

from dancu.kernel.codes import TieEnd, TieKind
from dancu.kernel.dates import PartialDate
from dancu.register.act import EndedClock, NewClock, NewEvent
from dancu.register.kinds import EventKind
from dancu.register.life import Life, Tie
from dancu.register.payloads import Kin, Payload, TieGiven
from dancu.register.rules.ties import of_age_on

GUARDIANSHIP_UNTIL_MAJORITY = "guardianship_until_majority"
REPRESENTATION_UNTIL_MAJORITY = "representation_until_majority"
WARD_WITHOUT_GUARDIAN = "ward_without_guardian"
UNTIL_MAJORITY = {
    TieKind.GUARDIAN: GUARDIANSHIP_UNTIL_MAJORITY,
    TieKind.REPRESENTATIVE: REPRESENTATION_UNTIL_MAJORITY,
}
"""Clocks that run until a minor comes of age, by who looks after the minor."""

ESTABLISHED = {
    TieKind.GUARDIAN: EventKind.GUARDIANSHIP_ESTABLISHED,
    TieKind.WARD: EventKind.GUARDIANSHIP_ESTABLISHED,
    TieKind.REPRESENTATIVE: EventKind.REPRESENTATION_ESTABLISHED,
    TieKind.REPRESENTED: EventKind.REPRESENTATION_ESTABLISHED,
}
ENDED = {
    TieKind.GUARDIAN: EventKind.GUARDIANSHIP_ENDED,
    TieKind.WARD: EventKind.GUARDIANSHIP_ENDED,
    TieKind.REPRESENTATIVE: EventKind.REPRESENTATION_ENDED,
    TieKind.REPRESENTED: EventKind.REPRESENTATION_ENDED,
}
_OF_WHOM = frozenset({TieKind.GUARDIAN, TieKind.REPRESENTATIVE})


def person(life: Life) -> Kin:
    """Return a person as the record of the other one of a tie keeps it."""
    return Kin(life.person_id, life.name.full if life.name else "", life.personal_number or "")


def ended(person_id: int, kind: TieKind, other: Kin, on: PartialDate, why: TieEnd) -> NewEvent:
    """Decide the end of a tie in one record."""
    return NewEvent(person_id, ENDED[kind], on, Payload(ties=(TieGiven(kind, other, ended_by=why),)))


def ended_for_both(
    life: Life, ties: Iterable[Tie], lives: Mapping[int, Life], on: PartialDate, why: TieEnd
) -> list[NewEvent]:
    """Decide the end of ties in the record of a person and in those of the others that are at hand."""
    events = []
    for tie in ties:
        events.append(ended(life.person_id, tie.kind, tie.other, on, why))
        if other := lives.get(tie.other.person_id or 0):
            events.append(ended(other.person_id, tie.kind.mirrored, person(life), on, why))
    return events


def ended_before_it_was_told(life: Life, other: Life, kind: TieKind) -> list[NewEvent]:
    """Decide the end of a tie that is recorded after one of the two has died: the other's record must tell it.

    Args:
        kind: what `other` is to `life`.
    """
    events = []
    for one, dead, as_told in ((life, other, kind), (other, life, kind.mirrored)):
        if dead.died and (one.died is None or dead.died.latest < one.died.latest):
            events.append(ended(one.person_id, as_told, person(dead), dead.died, TieEnd.DIED))
    return events


def looked_after_by(life: Life) -> tuple[Tie, ...]:
    """Return the lasting ties to those who look after a person: guardians and representatives."""
    return tuple(tie for tie in life.ties if tie.until is None and tie.kind in _OF_WHOM)


def ties_left(life: Life, died: PartialDate) -> tuple[Tie, ...]:
    """Return the ties that a person had on the day of death, also if the own record ends them with a later death."""
    return tuple(tie for tie in life.ties if _outlasts(tie, died))


def _outlasts(tie: Tie, died: PartialDate) -> bool:
    return tie.since.earliest <= died.latest and (tie.until is None or tie.until.latest > died.latest)


def untied_by_death(dead: Life, died: PartialDate, lives: Mapping[int, Life]) -> list[NewEvent]:
    """Decide which ties of others end with a death, as far as their own record does not say so yet.

    Law: Bộ luật Dân sự 91/2015/QH13, Điều 62 khoản 1 điểm b, Điều 140 khoản 4.
    """
    return [
        ended(other.person_id, tie.kind, person(dead), died, TieEnd.DIED)
        for other in lives.values()
        for tie in other.ties
        if tie.other.person_id in dead.records and _outlasts(tie, died)
    ]


def wards_alone(dead: Life, died: PartialDate, lives: Mapping[int, Life]) -> tuple[NewClock, ...]:
    """Start the clock of each ward whom a death leaves without a guardian.

    Law: Bộ luật Dân sự 91/2015/QH13, Điều 60.
    """
    wards = (lives.get(tie.other.person_id or 0) for tie in ties_left(dead, died) if tie.kind is TieKind.WARD)
    return tuple(
        NewClock(WARD_WITHOUT_GUARDIAN, died.earliest, None, person_id=ward.person_id)
        for ward in wards
        if ward and all(tie.other.person_id in dead.records for tie in ward.tied(TieKind.GUARDIAN))
    )


def clock_until_majority(minor: Life, kind: TieKind, since: PartialDate) -> tuple[NewClock, ...]:
    """Start the clock that ends with the majority of whom somebody looks after.

    Law: Bộ luật Dân sự 91/2015/QH13, Điều 62 khoản 1 điểm a, Điều 140 khoản 4 điểm a.
    """
    due = of_age_on(minor)
    if due is None or due <= since.earliest:
        return ()
    return (NewClock(UNTIL_MAJORITY[kind], since.earliest, due, person_id=minor.person_id),)


def clocks_ended(minor: Life, ends: Iterable[Tie]) -> tuple[EndedClock, ...]:
    """End the clocks until majority where a minor keeps nobody of that kind."""
    gone = [tie.kind for tie in ends]
    return tuple(
        EndedClock(clock, minor.person_id)
        for kind, clock in UNTIL_MAJORITY.items()
        if kind in gone and gone.count(kind) >= len(minor.tied(kind))
    )
