"""What is told of a small count: neither itself, nor what it can be worked out from."""

from collections.abc import Mapping
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dancu.stats.disclosure import Table, exact, told
from dancu.stats.population import Count

FEMALE, MALE = 2, 1


def counts(*rows: tuple[str, int, int, int]) -> list[Count]:
    return [Count(*row) for row in rows]


def unknowns(tables: Mapping[str | None, Table]) -> tuple[list[object], np.ndarray]:
    """Return the counts that are not told, and the sums that bind them, as a matrix of 1, -1 and 0."""
    left: list[tuple[object, object]] = [(unit, None) for unit, table in tables.items() if table.persons is None]
    left += [(unit, group) for unit, table in tables.items() for group, n in table.groups.items() if n is None]
    place = {one: i for i, one in enumerate(left)}
    groups = {group for table in tables.values() for group in table.groups}
    lines: list[list[tuple[tuple[object, object], int]]] = []
    for unit, table in tables.items():
        lines.append([((unit, None), -1), *(((unit, group), 1) for group in table.groups)])
    units = [unit for unit in tables if unit is not None]
    lines += [[((None, group), -1), *(((unit, group), 1) for unit in units)] for group in [*groups, None]]
    matrix = np.zeros((len(lines), len(left)))
    for row, line in enumerate(lines):
        for one, sign in line:
            if one in place:
                matrix[row, place[one]] = sign
    return list(left), matrix


def worked_out(tables: Mapping[str | None, Table]) -> list[object]:
    """Return the counts that follow from those that are told."""
    left, matrix = unknowns(tables)
    if not left:
        return []
    free = np.linalg.svd(matrix)[2][np.linalg.matrix_rank(matrix) :]
    return [one for one, column in zip(left, free.T, strict=True) if np.allclose(column, 0)] if len(free) else left


def test_a_small_count_is_not_told_nor_the_one_that_would_give_it_back() -> None:
    tables = told(
        counts(
            ("A", MALE, 1951, 3),
            ("A", FEMALE, 1985, 40),
            ("A", MALE, 1985, 500),
            ("B", MALE, 1951, 30),
            ("B", FEMALE, 1985, 60),
            ("B", MALE, 1985, 700),
        )
    )
    assert tables["A"].groups == {(MALE, 1950): None, (FEMALE, 1980): None, (MALE, 1980): 500}
    assert tables["B"].groups == {(MALE, 1950): None, (FEMALE, 1980): None, (MALE, 1980): 700}
    assert tables[None].groups == {(MALE, 1950): 33, (FEMALE, 1980): 100, (MALE, 1980): 1200}
    assert (tables["A"].persons, tables["B"].persons, tables[None].persons) == (543, 790, 1333)
    assert worked_out(tables) == []


def test_two_small_ones_are_not_enough_where_their_sum_gives_them_away() -> None:
    tables = told(counts(("A", MALE, 1951, 1), ("A", FEMALE, 1951, 1), ("A", MALE, 1985, 50), ("B", MALE, 1985, 90)))
    assert tables["A"].groups[MALE, 1980] is None


@pytest.mark.parametrize("persons", [1, 9])
def test_who_are_few_in_the_whole_nation_are_not_told(persons: int) -> None:
    tables = told(counts(("A", MALE, 1985, persons)))
    assert tables["A"].persons is tables[None].persons is None


def test_what_is_large_is_told_and_nobody_is_nobody() -> None:
    rows = counts(("A", MALE, 1985, 10), ("A", FEMALE, 1985, 12), ("B", MALE, 1985, 11))
    assert told(rows) == exact(rows)
    assert exact(rows)["B"].groups == {(MALE, 1980): 11}


def test_the_smallest_count_that_is_told_can_be_set() -> None:
    rows = counts(("A", MALE, 1985, 10), ("A", FEMALE, 1985, 90), ("B", MALE, 1985, 90), ("B", FEMALE, 1985, 90))
    assert told(rows)["A"].groups[MALE, 1980] == 10
    assert told(rows, minimum=11)["A"].groups[MALE, 1980] is None


CELLS = list(product(("A", "B", "C", "D"), (MALE, FEMALE), (1951, 1961, 1985)))


@given(st.lists(st.integers(0, 40), min_size=len(CELLS), max_size=len(CELLS)))
def test_nothing_that_is_left_out_can_be_worked_out(persons: list[int]) -> None:
    rows = counts(*((*cell, n) for cell, n in zip(CELLS, persons, strict=True) if n))
    tables, plain = told(rows), exact(rows)
    for unit, table in tables.items():
        assert all(n is None or n >= 10 for n in (table.persons, *table.groups.values()))
        for group, n in table.groups.items():
            assert n in {None, plain[unit].groups[group]}
    # Where the whole nation is one cell, all of it is left out, and nothing is told that it could follow from.
    if tables and tables[None].persons is not None:
        assert worked_out(tables) == []
