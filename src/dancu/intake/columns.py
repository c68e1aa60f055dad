"""Whole columns at once: a function on one value, applied to the distinct values of a column."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dancu.intake.values import Fault, Numbers, Style, full_name, number, partial_date
from dancu.kernel.formulas import NEUTRAL

_REMEMBERED = 200_000

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Faulty:
    """Where a column breaks a rule."""

    rule: str
    positions: Positions


@dataclass
class Reader:
    """Applies one function to columns and remembers what it made of each text.

    Args:
        function: makes a value, or a tuple of values, of one text.
        style: how the file writes.
        types: Arrow types of the value, or of the tuple's members.
        canonical: a pattern of texts that are their own value; a column of nothing else is passed on as it is.
    """

    function: Callable[[str, Style], Any]
    style: Style
    types: Sequence[pa.DataType]
    canonical: str = ""
    _memory: dict[str, Any] = field(default_factory=dict)

    def read(self, column: pa.Array) -> tuple[list[pa.Array], list[Faulty]]:
        """Return the values as one array per type, null where the text is empty or faulty, and the faults."""
        if self.canonical and pc.all(pc.match_substring_regex(column, self.canonical)).as_py() is not False:
            return [column], []
        encoded = column.dictionary_encode()
        results = [self._one(value) for value in encoded.dictionary.to_pylist()]
        faults = self._faults(encoded.indices, results)
        arrays = []
        for member, type_ in enumerate(self.types):
            values = [None if isinstance(r, Fault) or r is None else r[member] for r in results]
            arrays.append(pa.array(values, type_).take(encoded.indices))
        return arrays, faults

    def _one(self, value: str) -> Any:
        known = self._memory.get(value, self)
        if known is not self:
            return known
        if len(self._memory) >= _REMEMBERED:
            self._memory.clear()
        result: Any
        try:
            result = self.function(value, self.style)
            if len(self.types) == 1:
                result = (result,)
        except Fault as fault:
            result = fault
        self._memory[value] = result
        return result

    @staticmethod
    def _faults(indices: pa.Array, results: list[Any]) -> list[Faulty]:
        rules: dict[str, list[int]] = {}
        for position, result in enumerate(results):
            if isinstance(result, Fault):
                rules.setdefault(result.rule, []).append(position)
        if not rules:
            return []
        codes = indices.fill_null(-1).to_numpy(zero_copy_only=False)
        return [Faulty(rule, np.flatnonzero(np.isin(codes, codes_of))) for rule, codes_of in rules.items()]


def read_text(column: pa.Array) -> pa.Array:
    """Read free text without looking at every value in Python: NFC, trimmed, single spaces.

    An apostrophe that an export put before a formula is taken away, see `dancu.kernel.formulas`.
    """
    clean = pc.utf8_trim_whitespace(pc.utf8_normalize(column, "NFC") if _perhaps_decomposed(column) else column)
    if pc.any(pc.match_substring_regex(clean, NEUTRAL)).as_py():
        clean = pc.replace_substring_regex(clean, NEUTRAL, r"\1")
    if pc.any(pc.match_substring_regex(clean, r"\s\s|[^\S ]")).as_py():
        clean = pc.replace_substring_regex(clean, r"\s+", " ")
    empty = pc.equal(clean, "")
    return pc.if_else(empty, pa.scalar(None, pa.string()), clean) if pc.any(empty).as_py() else clean


def holds(column: pa.Array, *needles: bytes) -> bool:
    """Tell whether the bytes of a text column may hold one of some sequences: quick, and wrong on one side only."""
    data = column.buffers()[2]
    content = data.to_pybytes() if data is not None else b""
    return any(needle in content for needle in needles)


def _perhaps_decomposed(column: pa.Array) -> bool:
    """Tell whether a column holds letters beyond the precomposed Latin ones, which alone are surely in NFC."""
    data = column.buffers()[2]
    if data is None:
        return False
    letters = np.frombuffer(data, np.uint8)
    if not len(letters) or letters.max() < 0xCC:
        return False
    precomposed = np.flatnonzero(letters[:-1] == 0xE1) + 1
    return bool(
        letters.max() > 0xE1
        or ((letters == 0xCC) | (letters == 0xCD)).any()
        or (letters[precomposed] & 0xFE != 0xBA).any()
    )


def read_digits(column: pa.Array, size: int) -> pa.Array | None:
    """Return the column itself if every value has exactly so many digits, else None."""
    fits = pc.all(pc.match_substring_regex(column, f"^[0-9]{{{size}}}$")).as_py()
    return column if fits is not False else None


def read_iso_days(column: pa.Array) -> pa.Array | None:
    """Return the column as days if every value is a full ISO date that exists, else None."""
    shaped = pc.all(pc.match_substring_regex(column, r"^(1[89]|2[01])\d\d-\d\d-\d\d$")).as_py()
    if shaped is False:
        return None
    try:
        return column.cast(pa.date32())
    except pa.ArrowInvalid:
        return None


def day_numbers(days: pa.Array) -> pa.Array:
    """Write days as yyyymmdd."""
    year = pc.cast(pc.year(days), pa.int32())
    month = pc.cast(pc.month(days), pa.int32())
    date = pc.cast(pc.day(days), pa.int32())
    return pc.add(pc.add(pc.multiply(year, 10000), pc.multiply(month, 100)), date).cast(pa.int32())


@dataclass
class DateReader:
    """Reads dates: full ISO columns by Arrow, the rest value by value."""

    style: Style

    def __post_init__(self) -> None:
        self._slow = Reader(partial_date, self.style, (pa.int32(),))

    def read(self, column: pa.Array) -> tuple[pa.Array, list[Faulty]]:
        """Return yyyymmdd numbers and the faults."""
        days = read_iso_days(column)
        if days is not None:
            return day_numbers(days), []
        iso = pc.fill_null(pc.match_substring_regex(column, r"^(1[89]|2[01])\d\d-\d\d-\d\d$"), False)
        if pc.sum(iso).as_py() * 2 > len(column):
            fast = read_iso_days(pc.if_else(iso, column, pa.scalar(None, pa.string())))
            if fast is not None:
                rest = pc.if_else(iso, pa.scalar(None, pa.string()), column)
                (slow,), faults = self._slow.read(rest)
                return pc.coalesce(day_numbers(fast), slow), faults
        (numbers,), faults = self._slow.read(column)
        return numbers, faults


@dataclass
class NumberReader:
    """Reads the number columns of one person: columns of digits as they are, the rest value by value."""

    style: Style

    def __post_init__(self) -> None:
        self._slow = Reader(_three, self.style, (pa.string(),) * 3)

    def read(self, column: pa.Array) -> tuple[list[pa.Array], list[Faulty]]:
        """Return personal numbers, 9-digit numbers, padded personal numbers, and the faults."""
        nothing = pa.nulls(len(column), pa.string())
        if column.null_count == len(column):
            return [nothing, nothing, nothing], []
        if (twelve := read_digits(column, 12)) is not None:
            return [twelve, nothing, nothing], []
        if (nine := read_digits(column, 9)) is not None:
            return [nothing, nine, nothing], []
        return self._slow.read(column)


def _three(value: str, style: Style) -> tuple[str | None, str | None, str | None]:
    found: Numbers = number(value, style)
    return found.personal, found.cmnd9, found.padded


def name_reader(style: Style) -> Reader:
    """Make a reader of full names into surname, middle and given name."""
    return Reader(full_name, style, (pa.string(),) * 3)


def text_faults(column: pa.Array) -> list[Faulty]:
    """Find the values that hold the sign of a lost letter."""
    damaged = pc.fill_null(pc.match_substring(column, "\ufffd"), False)
    if not pc.any(damaged).as_py():
        return []
    return [Faulty("text.damaged", np.flatnonzero(damaged.to_numpy(zero_copy_only=False)))]
