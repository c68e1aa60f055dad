"""Who stands near persons, and whether officers look at their own people."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, timedelta

from dancu.access.own_record import own_records
from dancu.audit.reading import uses_by, volumes
from dancu.audit.unusual import Circle, Suspicion, unusual
from dancu.infra.db import Transaction
from dancu.infra.sql import Queries
from dancu.kernel.time import today
from dancu.reference.calendar import FIRST_DAY, LAST_DAY, is_working_day

SQL = Queries("dancu.register", "circle.sql")

_HABIT = timedelta(days=30)
_MOST_USES = 200_000


async def circles(tx: Transaction, person_ids: Collection[int]) -> dict[int, Circle]:
    """Return who stands near each of some persons, as far as the transaction's scope reaches.

    Relatives are parents, spouse, children, siblings and members of the same household;
    neighbours are those who are registered at the same address, to the letter, in the same unit.

    Not promised: relatives by marriage, former spouses, and whoever moved away.
    """
    asked = {"person_ids": sorted(person_ids)}
    relatives, neighbours = defaultdict[int, set[int]](set), defaultdict[int, set[int]](set)
    for own, near in await tx.rows(SQL.relatives, asked):
        relatives[own].add(near)
    for own, near in await tx.rows(SQL.neighbours, asked):
        neighbours[own].add(near)
    return {
        own: Circle(own, frozenset(relatives[own]) - {own}, frozenset(neighbours[own]) - {own}) for own in person_ids
    }


async def unusual_use(tx: Transaction, *, since: datetime, until: datetime) -> list[Suspicion]:
    """List unusual use of a time with its reasons; nothing unless the scope is the nation.

    Whoever reads it must log that with `READ_LOG`.

    Args:
        since: the 30 days before tell what is usual.
        until: not included.

    Not promised: more than the last 200,000 uses; ask for shorter times then.
    """
    amounts = await volumes(tx, since=since - _HABIT, until=until)
    officers = sorted({one.officer_id for one in amounts})
    own = await own_records(tx, officers)
    near = await circles(tx, set(own.values()))
    found = unusual(
        await uses_by(tx, officers, since=since, until=until, most=_MOST_USES),
        circles={officer_id: near[person_id] for officer_id, person_id in own.items()},
        volumes=amounts,
        is_working_day=_is_working_day,
    )
    return [one for one in found if one.day >= today(since)]


def _is_working_day(day: date) -> bool:
    return is_working_day(day) if FIRST_DAY <= day <= LAST_DAY else day.weekday() < 5
