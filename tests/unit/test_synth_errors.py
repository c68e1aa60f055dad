"""Planted typing errors are known, few, and where they are said to be."""

from functools import cache

import numpy as np
import pyarrow as pa

from dancu.synth.errors import dropped_tone, lost_zero, slip_of_key, swapped_day_and_month, with_errors
from dancu.synth.nation import block_of

RNG = np.random.default_rng(1)


@cache
def table() -> pa.Table:
    return block_of(3_000, 5, 0).table


def test_each_error_is_of_the_kind_it_says() -> None:
    assert dropped_tone(RNG, "Nguyễn") == "Nguyên"
    assert swapped_day_and_month(RNG, "1990-12-03") == "1990-03-12"
    assert swapped_day_and_month(RNG, "1990-03-25") == "1990-03-25"
    assert swapped_day_and_month(RNG, "1950") == "1950"
    assert lost_zero(RNG, "001090000001") == "1090000001"
    slipped = slip_of_key(RNG, "Lan")
    assert len(slipped) == 3
    assert sum(a != b for a, b in zip(slipped, "Lan", strict=True)) == 1


def test_only_the_named_cells_differ() -> None:
    damaged, planted = with_errors(table(), 0.1, seed=9)
    differing = set()
    for before, after in zip(table().to_pylist(), damaged.to_pylist(), strict=True):
        differing |= {(before["source_key"], column) for column in before if before[column] != after[column]}
    assert differing == {(error.source_key, error.column) for error in planted}
    assert 200 < len(planted) < 400
    assert {error.kind for error in planted} == {"key", "tone", "day_month", "middle", "zero"}


def test_the_same_seed_plants_the_same_errors() -> None:
    assert with_errors(table(), 0.05, seed=2)[1] == with_errors(table(), 0.05, seed=2)[1]


def test_no_rate_plants_nothing() -> None:
    damaged, planted = with_errors(table(), 0.0, seed=2)
    assert damaged.equals(table())
    assert planted == []
