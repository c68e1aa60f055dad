"""From pairs to persons: records that are one person, without chains through weak links."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dancu.linkage.kinds.kind import Array

MOST_RECORDS = 50
"""How many records may be put together without a clerk."""
LEAST_SUPPORT = 0.5
"""Which part of the pairs between two groups must be sure before the groups are put together."""


@dataclass(frozen=True)
class Edges:
    """Scored pairs of places.

    Args:
        sure: may be put together without a clerk.
        against: must not stand in one entity: too unlike, or vetoed.
    """

    ones: Array
    others: Array
    weights: Array
    sure: Array
    against: Array


@dataclass(frozen=True)
class Entities:
    """Who is who.

    Args:
        of: for each record the place of the first record of its entity.
        refused: places in the edges that were sure and yet could not be followed: for a clerk.
    """

    of: Array
    refused: Array


def components(count: int, ones: Array, others: Array) -> Array:
    """Return for each of `count` records the lowest place that it is connected with by pairs."""
    labels = np.arange(count, dtype=np.int64)
    while True:
        low = np.minimum(labels[ones], labels[others])
        new = labels.copy()
        np.minimum.at(new, labels[ones], low)
        np.minimum.at(new, labels[others], low)
        new = new[new]
        if np.array_equal(new, labels):
            return labels
        labels = new


def inner_pairs(labels: Array) -> tuple[Array, Array]:
    """Return all pairs within components of three records and more, of which pairs may not be known yet."""
    order = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.concatenate([[True], np.diff(labels[order]) != 0])) if len(order) else order
    sizes = np.diff(np.append(starts, len(order)))
    ones, others = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for size in np.unique(sizes[sizes > 2]).tolist():
        if size > _MOST_COMPARED:
            continue
        first, second = np.triu_indices(size, 1)
        block = starts[sizes == size][:, None]
        ones.append(order[block + first].ravel())
        others.append(order[block + second].ravel())
    return np.concatenate(ones), np.concatenate(others)


_MOST_COMPARED = 2_000
"""In larger components only the pairs that share keys are known."""


def resolve(count: int, edges: Edges) -> Entities:
    """Put records together along sure edges, the strongest first.

    Two groups are put together only if no pair between them speaks against it, at least half of the pairs between
    them are sure, and no more than 50 records come together; so a chain breaks at its weakest link.
    The result does not depend on the order of the edges.

    Args:
        edges: all pairs within each component of sure edges, see `inner_pairs`; pairs that are missing count as unsure.
    """
    sure = np.flatnonzero(edges.sure)
    labels = components(count, edges.ones[sure], edges.others[sure])
    sizes = np.bincount(labels, minlength=count)
    simple = sizes[labels[edges.ones[sure]]] == 2
    of = np.arange(count, dtype=np.int64)
    pairs = sure[simple]
    of[np.maximum(edges.ones[pairs], edges.others[pairs])] = np.minimum(edges.ones[pairs], edges.others[pairs])
    inside = np.flatnonzero((labels[edges.ones] == labels[edges.others]) & (sizes[labels[edges.ones]] > 2))
    if not len(inside):
        return Entities(of, np.zeros(0, np.int64))
    inside = inside[np.argsort(labels[edges.ones[inside]], kind="stable")]
    owners = labels[edges.ones[inside]]
    refused: list[int] = []
    for group in np.split(inside, np.flatnonzero(np.diff(owners)) + 1):
        refused += _resolve_one(edges, group, of)
    return Entities(of, np.array(sorted(refused), np.int64))


def _resolve_one(edges: Edges, group: Array, of: Array) -> list[int]:
    """Put the records of one component together and return the sure edges that were refused."""
    members: dict[int, list[int]] = {}
    home: dict[int, int] = {}
    sure: dict[tuple[int, int], bool] = {}
    ranked = []
    for edge in group.tolist():
        one, other = sorted((int(edges.ones[edge]), int(edges.others[edge])))
        for record in (one, other):
            members.setdefault(record, [record])
            home.setdefault(record, record)
        sure[one, other] = sure.get((one, other), True) and bool(edges.sure[edge])
        if edges.against[edge]:
            sure[one, other] = False
        ranked.append((-float(edges.weights[edge]), one, other, edge))
    against = _against(edges, group)
    refused = []
    for _, one, other, edge in sorted(ranked):
        first, second = sorted((home[one], home[other]))
        if first == second or not edges.sure[edge]:
            continue
        if _may_join(members[first], members[second], sure, against):
            members[first] += members.pop(second)
            for record in members[first]:
                home[record] = first
        else:
            refused.append(edge)
    for records in members.values():
        of[records] = min(records)
    return [edge for edge in refused if home[int(edges.ones[edge])] != home[int(edges.others[edge])]]


def _against(edges: Edges, group: Array) -> set[tuple[int, int]]:
    hits = group[edges.against[group]]
    return {
        (min(one, other), max(one, other))
        for one, other in zip(edges.ones[hits].tolist(), edges.others[hits].tolist(), strict=True)
    }


def _may_join(
    first: Sequence[int], second: Sequence[int], sure: dict[tuple[int, int], bool], against: set[tuple[int, int]]
) -> bool:
    if len(first) + len(second) > MOST_RECORDS:
        return False
    between = [(min(a, b), max(a, b)) for a in first for b in second]
    if any(pair in against for pair in between):
        return False
    return sum(sure.get(pair, False) for pair in between) >= LEAST_SUPPORT * len(between)
