"""Likeness of texts, the same for one pair and for many."""

from collections.abc import Sequence

import numpy as np
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from dancu.linkage.kinds.kind import Array


def alike(one: str, other: str) -> float:
    """Return the Jaro-Winkler similarity, 0 to 1, whatever the order of the two."""
    return JaroWinkler.similarity(one, other) if one <= other else JaroWinkler.similarity(other, one)


def alike_many(ones: Sequence[str], others: Sequence[str]) -> Array:
    """Return `alike` of each pair."""
    low, high = _ordered(ones, others)
    found: Array = cpdist(low, high, scorer=JaroWinkler.similarity, dtype=np.float64)
    return found


def one_slip(one: str, other: str) -> bool:
    """Tell whether two texts differ by one letter put in, left out or replaced, or two neighbours exchanged."""
    return OSA.distance(one, other, score_cutoff=1) == 1


def one_slip_many(ones: Sequence[str], others: Sequence[str]) -> Array:
    """Return `one_slip` of each pair."""
    found: Array = cpdist(list(ones), list(others), scorer=OSA.distance, score_cutoff=1, dtype=np.int32) == 1
    return found


def _ordered(ones: Sequence[str], others: Sequence[str]) -> tuple[list[str], list[str]]:
    low, high = [], []
    for one, other in zip(ones, others, strict=True):
        if one <= other:
            low.append(one)
            high.append(other)
        else:
            low.append(other)
            high.append(one)
    return low, high
