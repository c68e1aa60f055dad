"""Links between two records that rows don't show: guardianship and representation, and acts that bind two."""

from collections.abc import Iterator
from typing import Any

import psycopg

from dancu.infra.sql import Queries
from dancu.kernel.codes import PersonStatus
from dancu.register.kinds import EventKind
from dancu.register.ledger import Event
from dancu.register.life import Tie
from dancu.register.model import annulled
from dancu.register.verify.lives import Difference
from dancu.register.verify.merges import Survivors, ledger

SQL = Queries("dancu.register.verify")

Connection = psycopg.Connection[Any]

_ENDS_OF_MARRIAGES = frozenset({EventKind.DIVORCED, EventKind.MARRIAGE_ANNULLED})


def tie_differences(connection: Connection, survivors: Survivors) -> Iterator[Difference]:
    """Yield the persons of whom one of two records tells a tie, or the end of a marriage, and the other does not."""
    doubtful = {one for pair in connection.execute(SQL.doubtful_records.encode()).fetchall() for one in pair}
    for (person_id,) in connection.execute(SQL.persons_bound_to_others.encode()).fetchall():
        events = ledger(connection, person_id)
        life = survivors.life_of(person_id)
        if life is None or life.status in {PersonStatus.ANNULLED, PersonStatus.MERGED} or person_id in doubtful:
            continue
        certain = (tie for tie in life.ties if tie.other.person_id not in doubtful)
        if not all(_mirrored(tie, person_id, survivors) for tie in certain):
            yield Difference("person", "not so: guardianship and representation are mutual", person_id)
        if life.adoption and not (life.father or life.mother):
            yield Difference("person", "not so: who is adopted has a parent", person_id)
        if not all(_ended_for_both(connection, event) for event in _standing_ends(events)):
            yield Difference("person", "not so: the end of a marriage stands in both records", person_id)


def _mirrored(tie: Tie, person_id: int, survivors: Survivors) -> bool:
    if tie.other.person_id is None:
        return True
    other = survivors.life_of(tie.other.person_id)
    if other is None or other.status is PersonStatus.ANNULLED:
        return True
    here = survivors.of(person_id)
    return any(_mirrors(one, tie, survivors, here) for one in other.ties)


def _mirrors(one: Tie, tie: Tie, survivors: Survivors, here: int | None) -> bool:
    same = (tie.kind.mirrored, tie.since, tie.until)
    named = one.other.person_id
    return (one.kind, one.since, one.until) == same and named is not None and survivors.of(named) == here


def _standing_ends(events: list[Event]) -> Iterator[Event]:
    fallen = annulled(events)
    return (event for event in events if event.kind in _ENDS_OF_MARRIAGES and event.seq not in fallen)


def _ended_for_both(connection: Connection, event: Event) -> bool:
    spouse = event.payload.marriage.spouse.person_id if event.payload.marriage else None
    if spouse is None:
        return True
    other = ledger(connection, spouse)
    fallen = annulled(other)
    return any(one.act_id == event.act_id and one.kind is event.kind and one.seq not in fallen for one in other)
