"""Links between two records that rows don't show: guardianship and representation, and acts that bind two."""

from collections.abc import Iterator, Sequence
from typing import Any

import psycopg

from dancu.infra.sql import Queries
from dancu.kernel.codes import PersonStatus
from dancu.register.kinds import EventKind
from dancu.register.ledger import Event
from dancu.register.life import Tie
from dancu.register.model import annulled
from dancu.register.verify.lives import Difference
from dancu.register.verify.merges import Survivors, in_batches

SQL = Queries("dancu.register.verify")

Connection = psycopg.Connection[Any]

_ENDS_OF_MARRIAGES = frozenset({EventKind.DIVORCED, EventKind.MARRIAGE_ANNULLED})


def tie_differences(connection: Connection, survivors: Survivors) -> Iterator[Difference]:
    """Yield the persons of whom one of two records tells a tie, or the end of a marriage, and the other does not."""
    doubtful = {one for pair in connection.execute(SQL.doubtful_records.encode()).fetchall() for one in pair}
    bound = [person_id for (person_id,) in connection.execute(SQL.persons_bound_to_others.encode()).fetchall()]
    for batch in in_batches(bound):
        survivors.turn_to(batch)
        survivors.fetch(_others(batch, survivors))
        for person_id in batch:
            if person_id not in doubtful:
                yield from _one_sided(person_id, survivors, doubtful)


def _others(persons: Sequence[int], survivors: Survivors) -> set[int]:
    """Return to whom persons are bound, or were married."""
    ties = (tie.other.person_id for one in persons if (life := survivors.life_of(one)) for tie in life.ties)
    spouses = (_spouse_of(event) for one in persons for event in _standing_ends(survivors.ledger(one)))
    return {other for other in (*ties, *spouses) if other is not None}


def _one_sided(person_id: int, survivors: Survivors, doubtful: set[int]) -> Iterator[Difference]:
    life = survivors.life_of(person_id)
    if life is None or life.status in {PersonStatus.ANNULLED, PersonStatus.MERGED}:
        return
    certain = (tie for tie in life.ties if tie.other.person_id not in doubtful)
    if not all(_mirrored(tie, person_id, survivors, told_by_several=bool(life.absorbed)) for tie in certain):
        yield Difference("person", "not so: guardianship and representation are mutual", person_id)
    if life.adoption and not (life.father or life.mother):
        yield Difference("person", "not so: who is adopted has a parent", person_id)
    ends = (one for one in _standing_ends(survivors.ledger(person_id)) if _spouse_of(one) not in doubtful)
    if not all(_ended_for_both(event, survivors) for event in ends):
        yield Difference("person", "not so: the end of a marriage stands in both records", person_id)


def _mirrored(tie: Tie, person_id: int, survivors: Survivors, *, told_by_several: bool) -> bool:
    if tie.other.person_id is None:
        return True
    other = survivors.life_of(tie.other.person_id)
    if other is None or other.status is PersonStatus.ANNULLED:
        return True
    here = survivors.of(person_id)
    # Where two records told of a tie twice, it is one now, and begins with the later telling.
    once = not other.absorbed and here == person_id and not told_by_several
    return any(_mirrors(one, tie, survivors, here, exactly=once) for one in other.ties)


def _mirrors(one: Tie, tie: Tie, survivors: Survivors, here: int | None, *, exactly: bool) -> bool:
    named = one.other.person_id
    if one.kind is not tie.kind.mirrored or named is None or survivors.of(named) != here:
        return False
    return not exactly or (one.since, one.until) == (tie.since, tie.until)


def _standing_ends(events: list[Event]) -> Iterator[Event]:
    fallen = annulled(events)
    return (event for event in events if event.kind in _ENDS_OF_MARRIAGES and event.seq not in fallen)


def _spouse_of(event: Event) -> int | None:
    return event.payload.marriage.spouse.person_id if event.payload.marriage else None


def _ended_for_both(event: Event, survivors: Survivors) -> bool:
    """Tell whether an end stands in one of the ledgers of the spouse, too."""
    spouse = _spouse_of(event)
    life = survivors.life_of(spouse) if spouse else None
    if life is None:
        return True
    return any(_stands_in(survivors.ledger(one), event) for one in life.records)


def _stands_in(other: list[Event], event: Event) -> bool:
    fallen = annulled(other)
    return any(one.act_id == event.act_id and one.kind is event.kind and one.seq not in fallen for one in other)
