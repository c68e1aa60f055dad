"""Which counts may be told: small ones are left out, and as many more as would give them back. Pure.

What is told adds up along two ways: the cells of a unit to its total, and those of a group to the nation's.
So each count stands in two sums. Of a count that is left out, both sums lack one more, on a circle of counts that are
left out; a count that is on no such circle could be worked out, and none is left.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from dancu.stats.population import Count

MINIMUM = 10
"""The smallest count of persons that is told, unless the installation says otherwise; nobody is told, too."""

Group = tuple[int, int]
"""(sex, decade of birth; 0 where it is not known)."""

_Sum = tuple[str, object]
_UNITS, _GROUPS = ("units", None), ("groups", None)
_Edge = tuple[_Sum, _Sum]
"""A count, by the two sums in which it stands."""


@dataclass(frozen=True)
class Table:
    """The counts of a unit, or of the nation.

    Args:
        unit: None: the nation.
        persons: of each group and together; None: not told.
    """

    unit: str | None
    persons: int | None
    groups: Mapping[Group, int | None]


def exact(counts: Iterable[Count]) -> dict[str | None, Table]:
    """Return the tables of all units, and of the nation under None, with every count."""
    return _tables(_counted(counts), frozenset())


def told(counts: Iterable[Count], *, minimum: int = MINIMUM) -> dict[str | None, Table]:
    """Return the tables of all units, and of the nation under None, without what is small or would give that back.

    Args:
        counts: of all units, since what is told of one depends on what can be asked of the others.
        minimum: from this number of persons on a count is told, and what is left out of a sum is as much together.

    Not promised: that two days, or two bases, can't be compared.
    """
    counted = _counted(counts)
    return _tables(counted, _left_out(counted, minimum))


def _counted(counts: Iterable[Count]) -> dict[_Edge, int]:
    edges: dict[_Edge, int] = defaultdict(int)
    for one in counts:
        unit, group = ("unit", one.unit), ("group", (one.sex, one.born_year // 10 * 10))
        for edge in ((unit, group), (unit, _UNITS), (_GROUPS, group), (_GROUPS, _UNITS)):
            edges[edge] += one.persons
    return dict(edges)


def _tables(counted: Mapping[_Edge, int], left_out: frozenset[_Edge] | set[_Edge]) -> dict[str | None, Table]:
    groups: dict[str | None, dict[Group, int | None]] = defaultdict(dict)
    totals: dict[str | None, int | None] = {}
    for edge, persons in sorted(counted.items(), key=repr):
        (kind, unit), (of, group) = edge
        shown = None if edge in left_out else persons
        name = unit if kind == "unit" and isinstance(unit, str) else None
        if of == "group" and isinstance(group, tuple):
            groups[name][group] = shown
        else:
            totals[name] = shown
    return {name: Table(name, totals[name], groups[name]) for name in totals}


def _left_out(counted: Mapping[_Edge, int], minimum: int) -> set[_Edge]:
    known = {edge: persons for edge, persons in counted.items() if persons > 0}
    out = {edge for edge, persons in known.items() if persons < minimum}
    sums: dict[_Sum, list[_Edge]] = defaultdict(list)
    for edge in sorted(known, key=lambda one: (known[one], repr(one))):
        for end in edge:
            sums[end].append(edge)
    _complete(sums, known, out, minimum)
    while bridges := list(_bridges(out)):
        for edge in bridges:
            out.update(_way_round(edge, sums, known, out))
    return out


def _complete(sums: Mapping[_Sum, Sequence[_Edge]], known: Mapping[_Edge, int], out: set[_Edge], minimum: int) -> None:
    """Leave out the smallest of each sum until what it lacks is two counts, and enough of persons together."""
    waiting = set(sums)
    while waiting:
        edges = sums[waiting.pop()]
        lacking = [edge for edge in edges if edge in out]
        if not lacking or (len(lacking) > 1 and sum(known[edge] for edge in lacking) >= minimum):
            continue
        more = next((edge for edge in edges if edge not in out), None)
        if more is not None:
            out.add(more)
            waiting.update(more)


def _way_round(
    bridge: _Edge, sums: Mapping[_Sum, Sequence[_Edge]], known: Mapping[_Edge, int], out: set[_Edge]
) -> list[_Edge]:
    """Return the counts of the fewest persons that close a circle with one; none where its sums hold nothing else."""
    start, goal = bridge
    costs: dict[_Sum, int] = {start: 0}
    came: dict[_Sum, _Edge] = {}
    heap: list[tuple[int, str, _Sum]] = [(0, repr(start), start)]
    while heap:
        cost, _, here = heappop(heap)
        if here == goal:
            break
        for edge in sums[here]:
            there = edge[1] if edge[0] == here else edge[0]
            further = cost + (0 if edge in out else known[edge])
            if edge != bridge and further < costs.get(there, 1 << 62):
                costs[there], came[there] = further, edge
                heappush(heap, (further, repr(there), there))
    way, here = [], goal
    while here in came and here != start:
        way.append(came[here])
        here = came[here][0] if came[here][1] == here else came[here][1]
    return way


def _bridges(out: Iterable[_Edge]) -> Iterator[_Edge]:
    """Yield the counts that are on no circle: each could be worked out (Tarjan 1974)."""
    beside: dict[_Sum, list[tuple[_Sum, _Edge]]] = defaultdict(list)
    for edge in sorted(out, key=repr):
        beside[edge[0]].append((edge[1], edge))
        beside[edge[1]].append((edge[0], edge))
    order: dict[_Sum, int] = {}
    low: dict[_Sum, int] = {}
    for root, around in beside.items():
        if root in order:
            continue
        order[root] = low[root] = len(order)
        stack: list[tuple[_Sum, _Edge | None, Iterator[tuple[_Sum, _Edge]]]] = [(root, None, iter(around))]
        while stack:
            here, by, rest = stack[-1]
            further = next(rest, None)
            if further is None:
                stack.pop()
                if by is not None:
                    before = stack[-1][0]
                    low[before] = min(low[before], low[here])
                    if low[here] > order[before]:
                        yield by
                continue
            there, edge = further
            if edge == by:
                continue
            if there in order:
                low[here] = min(low[here], order[there])
            else:
                order[there] = low[there] = len(order)
                stack.append((there, edge, iter(beside[there])))
