"""Numbers by law, unique over the nation without a list of all: each block of people owns a part of the serials."""

import numpy as np

from dancu.synth.draw import Array, Rng

_SERIALS = 1_000_000
_PER_BLOCK = 900
_HALF = 1_000
_ROUNDS = 5

BLOCKS = _SERIALS // _PER_BLOCK
"""How many blocks of people the serials are enough for."""


def _mixed(value: Array, key: Array, turn: int) -> Array:
    mixed = (value + key * np.uint64(0x9E3779B97F4A7C15) + np.uint64(turn)) * np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0x94D049BB133111EB)
    return (mixed >> np.uint64(33)) % np.uint64(_HALF)


def scatter(serial: Array, key: Array) -> Array:
    """Permute serials 0..999,999 by a key: a Feistel network over two halves of three digits.

    Each round adds to one half a hash of the other, so it can be undone, whatever the hash; hence two serials
    of the same key never meet.
    """
    left, right = serial.astype(np.uint64) // np.uint64(_HALF), serial.astype(np.uint64) % np.uint64(_HALF)
    for turn in range(_ROUNDS):
        left, right = right, (left + _mixed(right, key, turn)) % np.uint64(_HALF)
    return (left * np.uint64(_HALF) + right).astype(np.int64)


def counted(values: Array) -> Array:
    """Count for each value how many earlier ones are the same."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    starts = np.ones(len(values), np.bool_)
    starts[1:] = ordered[1:] != ordered[:-1]
    first = np.maximum.accumulate(np.where(starts, np.arange(len(values)), 0))
    count = np.empty(len(values), np.int64)
    count[order] = np.arange(len(values)) - first
    return count


def personal_numbers(place: Array, sex: Array, year: Array, *, block: int, seed: int) -> Array:
    """Return a personal number for each person of a block, as a whole number.

    The persons of a block are counted within place, sex and year; block and count make a serial that no other
    block makes, and a permutation of all serials scatters them.

    Args:
        place: code of the province or country of registration.
        block: 0 to `BLOCKS` - 1.

    Raises:
        ValueError: a block holds more people of one place, sex and year than its part of the serials.

    Law: Nghị định 137/2015/NĐ-CP, Điều 13.
    """
    century_and_sex = (year - 1900) // 100 * 2 + (sex == 2)
    prefix = place.astype(np.int64) * 1000 + century_and_sex * 100 + year % 100
    count = counted(prefix)
    if count.max(initial=0) >= _PER_BLOCK or block >= BLOCKS:
        raise ValueError("a block has more people of one place, sex and year than its part of the serials")
    key = prefix.astype(np.uint64) + np.uint64(seed % 2**31) * np.uint64(_SERIALS)
    numbers: Array = prefix * _SERIALS + scatter(block * _PER_BLOCK + count, key)
    return numbers


def old_card_numbers(rng: Rng, issuer: Array) -> Array:
    """Return 9-digit numbers, as whole numbers; by chance a few were given twice, and so they were in truth.

    Args:
        issuer: first two digits.
    """
    return issuer.astype(np.int64) * 10_000_000 + rng.integers(0, 10_000_000, len(issuer))
