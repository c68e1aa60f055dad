"""Moves that were counted, as a register tells them: one line a year, origin, destination, age and sex."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dancu.forecast.axes import AGES, OLDEST, SEXES, Floats
from dancu.forecast.tables import Cell, Table
from dancu.kernel.errors import FieldFault, Invalid

Integers = npt.NDArray[np.int64]

COLUMNS = ("year", "origin", "destination", "age", "sex", "count")
_SEX_WORDS = {"male": 0, "m": 0, "nam": 0, "1": 0, "female": 1, "f": 1, "nữ": 1, "nu": 1, "2": 1}


@dataclass(frozen=True)
class MoveCounts:
    """Moves between units, in long form: all arrays of one length.

    Args:
        units: names, in the order of the indices.
        first_year: the earliest calendar year of which moves were counted.
        year: index from `first_year`.
        origin: index of the unit that was left.
        destination: index of the unit that was moved to.
        age: at the end of the year, 0..130.
        sex: 0 for males and 1 for females.
        count: persons, not negative.
    """

    units: tuple[str, ...]
    first_year: int
    year: Integers
    origin: Integers
    destination: Integers
    age: Integers
    sex: Integers
    count: Floats

    def __post_init__(self) -> None:
        size = len(self.count)
        limits = {
            "year": (self.year, None),
            "origin": (self.origin, len(self.units)),
            "destination": (self.destination, len(self.units)),
            "age": (self.age, AGES),
            "sex": (self.sex, len(SEXES)),
        }
        faults = []
        for name, (column, limit) in limits.items():
            outside = (column < 0) | (column >= limit) if limit is not None else column < 0
            if len(column) != size:
                faults.append(FieldFault(f"/{name}", f"has {len(column)} lines, not {size}"))
            elif outside.any():
                faults.append(FieldFault(f"/{name}/{int(outside.argmax())}", "is outside of what is known"))
        bad = ~(self.count >= 0)
        if bad.any():
            faults.append(FieldFault(f"/count/{int(bad.argmax())}", "is negative or not a number"))
        if faults:
            raise Invalid(tuple(faults))

    @property
    def years(self) -> range:
        """The calendar years from the first to the last of which moves were counted."""
        return range(self.first_year, self.first_year + int(self.year.max(initial=-1)) + 1)

    def until(self, year: int) -> "MoveCounts":
        """Return the moves of the years before a year."""
        return self._where(self.year < year - self.first_year)

    def since(self, year: int) -> "MoveCounts":
        """Return the moves of a year and those after it; the first year stays what it was."""
        return self._where(self.year >= year - self.first_year)

    def _where(self, kept: npt.NDArray[np.bool_]) -> "MoveCounts":
        columns = (self.year, self.origin, self.destination, self.age, self.sex)
        year, origin, destination, age, sex = (column[kept] for column in columns)
        return MoveCounts(self.units, self.first_year, year, origin, destination, age, sex, self.count[kept])

    def summed(self, *axes: str) -> Floats:
        """Return the moves between different units, summed to the axes named.

        Args:
            axes: some of `year`, `origin`, `destination`, `age` and `sex`, in the order wanted.

        Returns:
            An array with an axis each; ages are 0..130.
        """
        sizes = {
            "year": len(self.years),
            "origin": len(self.units),
            "destination": len(self.units),
            "age": AGES,
            "sex": len(SEXES),
        }
        shape = tuple(sizes[axis] for axis in axes)
        moved = self.origin != self.destination
        at = np.ravel_multi_index([getattr(self, axis)[moved] for axis in axes], shape)
        flat = np.bincount(at, weights=self.count[moved], minlength=int(np.prod(shape)))
        return flat.reshape(shape).astype(np.float64)


def moves_of_arrays(cells: Floats, *, units: tuple[str, ...], first_year: int) -> MoveCounts:
    """Return moves from a full table.

    Args:
        cells: persons (year, origin, destination, sex, age).
        units: names of origins and destinations.
        first_year: calendar year of the first table.
    """
    year, origin, destination, sex, age = np.nonzero(cells)
    return MoveCounts(units, first_year, year, origin, destination, age, sex, cells[cells != 0])


def read_moves(path: Path, *, units: Sequence[str]) -> MoveCounts:
    """Read moves from a text file with the columns year, origin, destination, age, sex and count, in any order.

    Args:
        path: of the table; an age of `85+` is 85, a sex is male/female, m/f, nam/nữ or 1/2.
        units: the units that origins and destinations are among.

    Raises:
        Invalid: a cell is wrong, and which one.
    """
    table = Table.read(path, COLUMNS)
    known = {name: at for at, name in enumerate(units)}
    rows = [
        (
            row["year"].whole,
            _unit(row["origin"], known),
            _unit(row["destination"], known),
            _age(row["age"]),
            _sex(row["sex"]),
            row["count"].count,
        )
        for row in table.rows
    ]
    if not rows:
        raise Invalid((FieldFault(path.name, "holds no move"),))
    year, origin, destination, age, sex, count = (np.asarray(column) for column in zip(*rows, strict=True))
    first = int(year.min())
    return MoveCounts(tuple(units), first, year - first, origin, destination, age, sex, count.astype(np.float64))


def _unit(cell: Cell, known: dict[str, int]) -> int:
    if cell.text not in known:
        raise cell.fault("not one of the units")
    return known[cell.text]


def _age(cell: Cell) -> int:
    if not 0 <= (age := cell.whole) <= OLDEST:
        raise cell.fault(f"not an age of 0 to {OLDEST}")
    return age


def _sex(cell: Cell) -> int:
    if cell.text.lower() not in _SEX_WORDS:
        raise cell.fault("not a sex")
    return _SEX_WORDS[cell.text.lower()]
