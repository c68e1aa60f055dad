"""Households while an act changes who belongs to them: locked, with one head, and with a clock where there is none.

A person's row tells its household, and a household has no row of its members; so two acts on two persons could give
one household two heads, or each leave the clock to the other. An act therefore locks the households that it changes,
after the persons and in the order of their ids, and looks at them only then.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from dancu.infra.db import Asked, Transaction
from dancu.infra.sql import Queries
from dancu.kernel.codes import PersonStatus, Relation
from dancu.kernel.errors import FieldFault, Invalid
from dancu.kernel.ids import new_id
from dancu.register.model import Life

SQL = Queries("dancu.register")

HOUSEHOLD_WITHOUT_HEAD = "household_without_head"

Place = tuple[int, bool]
"""The household to which a living person belongs, and whether as its head."""


def place_of(life: Life | None) -> Place | None:
    """Tell the household of a living person on the day of the last event, as the person's row does."""
    if life is None or life.status is not PersonStatus.ALIVE:
        return None
    membership = life.membership(life.known_on)
    return (membership.household_id, membership.relation is Relation.HEAD) if membership else None


def changed(before: Mapping[int, Life | None], after: Mapping[int, Life]) -> list[int]:
    """List the households that persons join, leave, or begin or cease to head, in the order of their ids.

    Args:
        before: lives before the act; missing for whom it establishes.
        after: lives after it, of everybody with an event in it.
    """
    pairs = [(place_of(before.get(person_id)), place_of(life)) for person_id, life in after.items()]
    return sorted({place[0] for pair in pairs if pair[0] != pair[1] for place in pair if place})


async def locked(tx: Transaction, households: Iterable[int]) -> dict[int, int | None]:
    """Lock households, in the order given, and return the head of each.

    A head is found wherever he or she lives.
    """
    households = list(households)
    locks: list[Asked] = [(SQL.household_for_update, {"household_id": one}) for one in households]
    heads: list[Asked] = [(SQL.head_of, {"household_id": one}) for one in households]
    answers = await tx.together(*locks, *heads)
    return {one: rows[0][0] for one, (_, rows) in zip(households, answers[len(households) :], strict=True)}


def check_one_head(heads: Mapping[int, int | None], after: Mapping[int, Life]) -> None:
    """Hold an act against the rule that a household has one head.

    Args:
        heads: the head of each household that the act changes, before it.
        after: lives after the act, of everybody with an event in it.

    Raises:
        Invalid: it would have two.

    Law: Luật Cư trú 68/2020/QH14, Điều 10 khoản 2.
    """
    for household_id, head in heads.items():
        new = {person_id for person_id, life in after.items() if place_of(life) == (household_id, True)}
        if new and len(new | ({head} - set(after) - {None})) > 1:
            raise Invalid((FieldFault("/movers", "A household has one head"),))


async def settle_clocks(tx: Transaction, act_id: int, households: Iterable[int], since: date) -> None:
    """Start the clock of a household that has members and no head, and end that of one that has a head again.

    Args:
        households: locked before.

    Law: Luật Cư trú 68/2020/QH14, Điều 10.
    """
    questions: list[Asked] = []
    clocks: list[dict[str, object]] = []
    for one in households:
        clock: dict[str, object] = {"household_id": one, "kind": HOUSEHOLD_WITHOUT_HEAD, "act_id": act_id}
        clocks.append(clock)
        questions += [(SQL.head_of, clock), (SQL.other_members, {**clock, "leaving": []}), (SQL.open_clock, clock)]
    answers = iter([rows for _, rows in await tx.together(*questions)])
    writes: list[Asked] = []
    for clock, head, members, running in zip(clocks, answers, answers, answers, strict=True):
        headless = head[0][0] is None and members[0][0] > 0
        if headless and not running:
            started = {"clock_id": new_id(), "since": since, "due_on": None, "person_id": None}
            writes.append((SQL.insert_clock, {**clock, **started}))
        elif running and not headless:
            writes.append((SQL.end_household_clock, clock))
    await tx.together(*writes)
