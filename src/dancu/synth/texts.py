"""Columns of text, made without a loop over rows."""

from datetime import date
from functools import cache

import numpy as np
import pyarrow as pa

from dancu.synth.draw import Array

_EPOCH = date(1900, 1, 1)


def of_matrix(letters: Array, given: Array | None = None, lengths: Array | None = None) -> pa.Array:
    """Return rows of ASCII letters as a column of text; null where not given, cut to a length where there is one."""
    size, width = letters.shape
    if lengths is None:
        offsets = np.arange(size + 1, dtype=np.int32) * width
        data = np.ascontiguousarray(letters)
    else:
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
        data = letters[np.arange(width) < lengths[:, None]]
    validity = None if given is None else pa.py_buffer(np.packbits(given, bitorder="little"))
    return pa.Array.from_buffers(pa.string(), size, [validity, pa.py_buffer(offsets), pa.py_buffer(data)])


def digits(values: Array, width: int) -> Array:
    """Return whole numbers as rows of digits."""
    groups = -(-width // 3)
    letters = np.empty((len(values), groups, 3), np.uint8)
    rest = values.astype(np.int64)
    for group in range(groups - 1, 0, -1):
        above = rest // 1000
        letters[:, group] = _thousand()[rest - above * 1000]
        rest = above
    letters[:, 0] = _thousand()[rest]
    return letters.reshape(len(values), groups * 3)[:, groups * 3 - width :]


@cache
def _thousand() -> Array:
    return np.frombuffer("".join(f"{n:03}" for n in range(1000)).encode(), np.uint8).reshape(-1, 3)


def prefixed(prefix: str, letters: Array) -> Array:
    """Put the same ASCII letters before each row."""
    before = np.broadcast_to(np.frombuffer(prefix.encode(), np.uint8), (len(letters), len(prefix)))
    return np.concatenate([before, letters], axis=1)


def numbers(values: Array, width: int, given: Array | None = None) -> pa.Array:
    """Return whole numbers as text of a fixed width."""
    return of_matrix(digits(values, width), given)


@cache
def _calendar() -> Array:
    days = np.datetime64(_EPOCH) + np.arange(60_000)
    return np.frombuffer("".join(days.astype(str)).encode(), np.uint8).reshape(-1, 10)


def days(values: Array, given: Array | None = None, year_only: Array | None = None) -> pa.Array:
    """Return days since 1900-01-01 as ISO dates, or their years only."""
    shown = values.astype(np.int64) if given is None else np.where(given, values, 0)
    lengths = None if year_only is None else np.where(year_only, 4, 10)
    return of_matrix(_calendar().take(shown, axis=0), given, lengths)


def words(choices: list[str] | pa.Array, index: Array, given: Array | None = None) -> pa.Array:
    """Return a word for each index; null where not given."""
    values = pa.array(choices) if isinstance(choices, list) else choices
    return values.take(pa.array(index, mask=None if given is None else ~given))


def constant(word: str, size: int) -> pa.Array:
    """Return the same word for all."""
    return pa.repeat(pa.scalar(word), size)
