"""What acts on records change: numbers cancelled, records merged, and merges undone. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Conflict
from dancu.register import merging
from dancu.register.act import Decided, NewClock, NewEvent, Question
from dancu.register.kinds import GENESIS, EventKind
from dancu.register.ledger import Event, annulled
from dancu.register.life import Life
from dancu.register.model import fold
from dancu.register.payloads import Payload
from dancu.register.rules import judge
from dancu.register.rules.records import MERGE, NUMBER_CANCEL, MergeFacts, NumberCancelFacts

WITHOUT_NUMBER = "without_number"
RESTS_ON_OTHER = "rests_on_other"
WHO_IS_MEANT = "who_is_meant"


class NotMerged(Conflict):
    """The record is not merged into another one now."""


@dataclass(frozen=True)
class Undone:
    """A merge that is to be undone.

    Args:
        survivor: ledger of the record that it was merged into.
        merged: ledger of the merged record.
        ledgers: of all that either absorbed.
    """

    survivor: Sequence[Event]
    merged: Sequence[Event]
    ledgers: merging.Ledgers


def number_cancelled(life: Life, reason: str, on: date) -> Decided:
    """Decide what cancelling a personal number changes: it is kept, and a clock runs until there is another.

    Raises:
        Refused: by `rules.records.NUMBER_CANCEL`.
    """
    judge(NUMBER_CANCEL, NumberCancelFacts(life), on=on)
    kind, day = EventKind.PERSONAL_NUMBER_CANCELLED, PartialDate.on(on)
    event = NewEvent(life.person_id, kind, day, Payload(reason=reason))
    return Decided(kind, day, (event,), clocks=(NewClock(WITHOUT_NUMBER, on, None, person_id=life.person_id),))


def merge(survivor: Life, merged: Life, reason: str, on: date) -> Decided:
    """Decide what merging a record into another changes: an event in each ledger.

    Raises:
        Refused: by `rules.records.MERGE`.
    """
    warnings = judge(MERGE, MergeFacts(survivor, merged), on=on)
    kind, day = EventKind.RECORD_MERGED, PartialDate.on(on)
    events = (
        NewEvent(survivor.person_id, kind, day, Payload(absorbs=merged.person_id, reason=reason)),
        NewEvent(merged.person_id, kind, day, Payload(merged_into=survivor.person_id, reason=reason)),
    )
    return Decided(kind, day, events, warnings=tuple(warnings))


def unmerge(undone: Undone, reason: str, on: date) -> Decided:
    """Decide what undoing a merge changes: an event in each ledger, and a question for each event that is doubtful.

    Raises:
        NotMerged: it was not merged into that record, or not any more.
    """
    survivor_id, merged_id = undone.survivor[-1].person_id, undone.merged[-1].person_id
    standing = merging.merged_into(undone.merged)
    if standing is None or standing.record != survivor_id:
        raise NotMerged("This record is not merged into another one")
    kind, day = EventKind.RECORD_UNMERGED, PartialDate.on(on)
    events = (
        NewEvent(merged_id, kind, day, Payload(merged_into=survivor_id, reason=reason)),
        NewEvent(survivor_id, kind, day, Payload(absorbs=merged_id, reason=reason)),
    )
    return Decided(kind, day, events, questions=tuple(doubtful(undone, standing)))


def doubtful(undone: Undone, standing: merging.Merge) -> Iterator[Question]:
    """Find the events filed while the merge stood of which no rule can tell whom they mean, now that there are two.

    One rests on the other record if it changes nothing in its own ledger, though it did in the life of both.
    A death, a marriage or a number that was filed under the survivor was meant for the person of both records;
    a death under either ended what bound others to the other one.
    """
    pairs = ((undone.survivor, undone.merged), (undone.merged, undone.survivor))
    for own, other in pairs:
        fallen = annulled(own)
        for event in own:
            if event.known_at <= standing.known_at or event.seq in fallen or event.kind in _OF_THE_RECORD:
                continue
            other_id = other[-1].person_id
            if event.kind not in _ABOUT_PARTICULARS and changes_nothing(own, event, other_id, undone.ledgers):
                yield Question(event.person_id, event.seq, other_id, RESTS_ON_OTHER)
            elif (own is undone.survivor and event.kind in _OF_WHOM_IT_WAS) or (
                event.kind in _ENDS_A_LIFE and _is_bound(other, undone.ledgers)
            ):
                yield Question(event.person_id, event.seq, other_id, WHO_IS_MEANT)


_OF_THE_RECORD = merging.MARKS | GENESIS | {EventKind.EVENT_ANNULLED}
_ABOUT_PARTICULARS = frozenset(
    {EventKind.PARTICULARS_UPDATED, EventKind.PARTICULARS_CORRECTED, EventKind.PARTICULARS_CHANGED}
)
_ENDS_A_LIFE = frozenset({EventKind.DEATH_REGISTERED, EventKind.DEATH_DECLARED, EventKind.DECLARED_DEATH_REVERSED})
_OF_WHOM_IT_WAS = _ENDS_A_LIFE | frozenset(
    {
        EventKind.DECLARED_MISSING,
        EventKind.MARRIAGE_REGISTERED,
        EventKind.PERSONAL_NUMBER_ESTABLISHED,
        EventKind.PERSONAL_NUMBER_CANCELLED,
        EventKind.NATIONALITY_CHANGED,
    }
)


def _is_bound(ledger: Sequence[Event], ledgers: merging.Ledgers) -> bool:
    """Tell whether a record, told without merges, names a spouse, or somebody whom the law ties to it."""
    life = fold([one for one in ledger if one.kind not in merging.MARKS], ledgers=ledgers)
    return life is not None and bool(life.marriages or life.ties)


def changes_nothing(own: Sequence[Event], event: Event, other_id: int, ledgers: merging.Ledgers) -> bool:
    """Tell whether a ledger, told without its merge with another, tells the same with and without one of its events."""
    alone = [one for one in own if other_id not in {one.payload.absorbs, one.payload.merged_into}]
    without = [one for one in alone if one.seq != event.seq]
    return _content(fold(alone, ledgers=ledgers)) == _content(fold(without, ledgers=ledgers))


def _content(life: Life | None) -> object:
    if life is None:
        return None
    return [getattr(life, name) for name in Life.__struct_fields__ if name not in {"version", "known_at"}]
