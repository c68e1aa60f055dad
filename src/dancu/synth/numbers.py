"""Numbers by law, unique over the nation without a list of all: each block of people owns a part of the serials."""

from typing import Any

import numpy as np
import numpy.typing as npt

_SERIALS = 1_000_000
_PER_BLOCK = 900
_STRIDE = 618_033  # odd and no multiple of five: multiplying by it is a permutation of the serials

Array = npt.NDArray[Any]


def personal_numbers(place: Array, sex: Array, year: Array, block: int) -> Array:
    """Return a personal number for each person of a block.

    Within place, sex and year the persons of a block are counted; block and count make a serial that no other
    block makes, and the permutation scatters the serials.

    Args:
        block: 0 to 1110: more blocks than a nation of 104 million has.

    Raises:
        ValueError: a block holds more people of one place, sex and year than its part of the serials.

    Law: Nghị định 137/2015/NĐ-CP, Điều 13.
    """
    century_and_sex = (year - 1900) // 100 * 2 + (sex == 2)
    prefix = place.astype(np.int64) * 1000 + century_and_sex * 100 + year % 100
    order = np.argsort(prefix, kind="stable")
    ordered = prefix[order]
    starts = np.ones(len(prefix), np.bool_)
    starts[1:] = ordered[1:] != ordered[:-1]
    first = np.maximum.accumulate(np.where(starts, np.arange(len(prefix)), 0))
    count = np.empty(len(prefix), np.int64)
    count[order] = np.arange(len(prefix)) - first
    if count.max(initial=0) >= _PER_BLOCK:
        raise ValueError("a block has more people of one place, sex and year than its part of the serials")
    serial = ((block * _PER_BLOCK + count) * _STRIDE + prefix * 7_919) % _SERIALS
    return np.array([f"{p:06}{s:06}" for p, s in zip(prefix, serial, strict=True)], object)


_ISSUERS = {1: 1, 79: 2, 31: 3, 20: 8, 4: 8, 22: 10, 38: 17, 40: 18, 48: 20, 66: 24, 68: 25, 75: 27, 80: 30, 92: 36}


def cmnd9(rng: np.random.Generator, place: Array, size: int) -> Array:
    """Return 9-digit numbers; they were given twice at times, and so they are here."""
    issuer = np.array([_ISSUERS.get(int(p), 10 + int(p) % 28) for p in range(100)])[place]
    return np.array([f"{i:02}{s:07}" for i, s in zip(issuer, rng.integers(0, 10**7, size), strict=True)], object)
