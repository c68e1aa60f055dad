"""Drawing from tables, the same on every machine.

A share is turned once into a table of equally likely entries; a draw is a random index into it.
So no floating-point function stands between the generator and a result.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Rng = np.random.Generator

ENTRIES = 1 << 14
_SCALE = 1 << 16


def generator(seed: int, block: int) -> Rng:
    """Return the generator of one block of a nation."""
    return np.random.Generator(np.random.PCG64([seed, block]))


def table_of(weights: Sequence[float] | Array, entries: int = ENTRIES) -> Array:
    """Return `entries` indices into the weights, each as often as its weight says and at least once if above 0."""
    shares = np.asarray(weights, float)
    ends = np.rint(np.cumsum(shares) / shares.sum() * entries).astype(np.int64)
    counts = np.diff(np.concatenate([[0], ends]))
    short = np.flatnonzero((shares > 0) & (counts == 0))
    counts[short] = 1
    for _ in range(int(counts.sum()) - entries):
        counts[np.argmax(counts)] -= 1
    return np.repeat(np.arange(len(shares), dtype=np.int16), counts)


def tables_of(rows: Sequence[Sequence[float] | Array], entries: int = ENTRIES) -> Array:
    """Return one table below the other."""
    return np.stack([table_of(row, entries) for row in rows])


def pick(rng: Rng, table: Array, size: int) -> Array:
    """Draw from one table."""
    drawn: Array = table[rng.integers(0, len(table), size, dtype=np.uint16)]
    return drawn


def spread(rng: Rng, table: Array, size: int) -> Array:
    """Draw from one table as evenly as can be, in random order."""
    offset = int(rng.integers(0, len(table)))
    drawn: Array = rng.permutation(table[(np.arange(size) * len(table) // max(size, 1) + offset) % len(table)])
    return drawn


def pick_by(rng: Rng, tables: Array, row: Array) -> Array:
    """Draw for each person from the table that the person's row names."""
    width = tables.shape[1]
    within = rng.integers(0, width, len(row), dtype=np.uint16)
    drawn: Array = tables.ravel().take(row.astype(np.int64) * width + within)
    return drawn


def chance(rng: Rng, share: float | Array, size: int) -> Array:
    """Tell for each person whether a thing of this chance happens."""
    limit = np.rint(np.asarray(share) * _SCALE).astype(np.int32)
    happens: Array = rng.integers(0, _SCALE, size, dtype=np.uint16).astype(np.int32) < limit
    return happens


def either(condition: Array, yes: object, no: object) -> Array:
    """`numpy.where` with a type."""
    chosen: Array = np.where(condition, yes, no)  # type: ignore[call-overload]
    return chosen


def curve(points: Mapping[float, float], at: Array) -> Array:
    """Interpolate between points."""
    return np.interp(at, list(points), list(points.values()))
