"""Locking a person together with those whom the law ties to it, wherever they live."""

from collections.abc import Callable, Iterable

from dancu.infra.db import Transaction
from dancu.register import store
from dancu.register.life import Life
from dancu.register.store import History

Reached = Callable[[Life], Iterable[int | None]]
"""Whom an act on a life touches besides: ids, None for those without a record."""


async def locked_with(tx: Transaction, person_id: int, reached: Reached, *others: int) -> dict[int, History]:
    """Open whoever an act on a person reaches, and lock all of them in the order of their ids.

    All in one order, so that two acts can't wait for each other.

    Args:
        reached: of the person's life; those are opened, since the act is about them wherever they live.
        others: whom the caller must have in scope.

    Raises:
        PersonUnknown: the person, or one of the others, is not in scope.
        ChangedMeanwhile: the act reaches somebody else since the lock was awaited.
    """
    life = (await store.history(tx, person_id)).life
    if life is None:
        raise store.PersonUnknown("No such person is open to you")
    beside = _ids(reached(life)) - {person_id, *others}
    for one in sorted(beside):
        await store.open_person(tx, one)
    histories = await store.locked(tx, {person_id, *others, *beside})
    locked = histories[person_id].life
    if locked is None or not _ids(reached(locked)) <= set(histories):
        raise store.ChangedMeanwhile("The record was changed meanwhile")
    return histories


def _ids(reached: Iterable[int | None]) -> set[int]:
    return {one for one in reached if one is not None}
