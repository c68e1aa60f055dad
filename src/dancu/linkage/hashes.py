"""Hashes of 64 bits that are the same in every run: equal values have equal hashes, and 0 is nothing."""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_ODD = 0x9E3779B97F4A7C15
_MIX1, _MIX2 = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_MASK = (1 << 64) - 1


@lru_cache(maxsize=1 << 16)
def of_text(text: str) -> int:
    """Return the hash of a text."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little") or 1


def mixed(values: Array, salt: int = 0) -> Array:
    """Return values of 64 bits scattered over all bits; another salt scatters them otherwise."""
    with np.errstate(over="ignore"):
        found = values.astype(np.uint64) + np.uint64(_ODD * (salt + 1) & _MASK)
        found = (found ^ (found >> np.uint64(30))) * np.uint64(_MIX1)
        found = (found ^ (found >> np.uint64(27))) * np.uint64(_MIX2)
        return found ^ (found >> np.uint64(31))


def mixed_one(value: int, salt: int = 0) -> int:
    """Return `mixed` of one value."""
    found = (value + _ODD * (salt + 1)) & _MASK
    found = (found ^ (found >> 30)) * _MIX1 & _MASK
    found = (found ^ (found >> 27)) * _MIX2 & _MASK
    return found ^ (found >> 31)


def of_words(words: Sequence[str], first: int = 0) -> int:
    """Return the hash of words in order, which is the sum of hashes of each word at its place.

    Args:
        first: the place of the first word.
    """
    return sum(mixed_one(of_text(word), place) for place, word in enumerate(words, first)) & _MASK


def together(parts: Sequence[Array]) -> Array:
    """Return one hash of several in order: 0 where one of them is 0."""
    found = np.zeros(len(parts[0]), np.uint64)
    told = np.ones(len(parts[0]), np.bool_)
    with np.errstate(over="ignore"):
        for salt, part in enumerate(parts):
            found += mixed(part, salt)
            told &= part != 0
    found[~told] = 0
    return found
