"""Moves that were counted, as a register tells them: one line a year, origin, destination, age and sex."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dancu.forecast.axes import AGES, SEXES, Floats
from dancu.forecast.flows.columns import Columns, Integers
from dancu.kernel.errors import FieldFault, Invalid

COLUMNS = ("year", "origin", "destination", "age", "sex", "count")


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
    """Read moves from a file with the columns year, origin, destination, age, sex and count, in any order.

    Args:
        path: of the table, as `Columns` reads it; an age of `85+` is 85, a sex is male/female, m/f, nam/nữ or 1/2.
        units: the units that origins and destinations are among.

    Raises:
        Invalid: a cell is wrong, and which one.
    """
    table = Columns.read(path, COLUMNS)
    known = {name: at for at, name in enumerate(units)}
    year = table.wholes("year")
    first = int(year.min())
    return MoveCounts(
        units=tuple(units),
        first_year=first,
        year=year - first,
        origin=table.units("origin", known),
        destination=table.units("destination", known),
        age=table.ages("age"),
        sex=table.sexes("sex"),
        count=table.counts("count"),
    )
