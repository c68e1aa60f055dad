"""Who counts, and where: of persons, as much as counting needs, many at a time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import psycopg
import pyarrow as pa

from dancu.infra.arrays import SqlArray
from dancu.kernel.codes import PersonStatus, ResidenceKind
from dancu.register.feed.read import SQL
from dancu.register.life import Residence


class Presence(msgspec.Struct, frozen=True):
    """A person as the register has it now.

    Args:
        version: events known.
        born: yyyymmdd, zeros for what is unknown.
        residences: all stays that are believed, past and future ones too, in order.
    """

    person_id: int
    version: int
    status: PersonStatus
    sex: int
    born: int | None
    residences: tuple[Residence, ...]


def presences(connection: psycopg.Connection[Any], person_ids: Iterable[int]) -> list[Presence]:
    """Return the persons of these ids whom the register has."""
    ids = {"ids": SqlArray(pa.array(person_ids, pa.int64()))}
    return _presences(
        connection.execute(SQL.presences.encode(), ids).fetchall(),
        connection.execute(SQL.stays.encode(), ids).fetchall(),
    )


def presences_between(connection: psycopg.Connection[Any], first: int, last: int) -> list[Presence]:
    """Return everybody with an id from `first` to `last`."""
    within: Mapping[str, int] = {"first": first, "last": last}
    return _presences(
        connection.execute(SQL.presences_between.encode(), within).fetchall(),
        connection.execute(SQL.stays_between.encode(), within).fetchall(),
    )


def _presences(persons: Sequence[Sequence[Any]], stays: Sequence[Sequence[Any]]) -> list[Presence]:
    of: dict[int, list[Residence]] = defaultdict(list)
    for person_id, kind, *rest in stays:
        of[person_id].append(Residence(_KINDS[kind], *rest))
    return [
        Presence(person_id, version, _STATUSES[status], sex, born, tuple(of.get(person_id, ())))
        for person_id, version, status, sex, born in persons
    ]


# Looking up beats calling the class of an enumeration, a hundred million times over.
_KINDS = {int(kind): kind for kind in ResidenceKind}
_STATUSES = {int(status): status for status in PersonStatus}
