"""Bands of trajectories as a file: medians and the 80 % and 95 % intervals of who lives where."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from dancu.forecast.axes import Floats
from dancu.forecast.model import Projection
from dancu.forecast.results.provenance import Provenance, load, save
from dancu.forecast.trajectories import Band, band
from dancu.kernel.errors import FieldFault, Invalid

ALL = ""
"""All units, both sexes or all ages together."""
QUANTITIES = ("low95", "low80", "median", "high80", "high95")
_COLUMNS = ("year", "unit", "sex", "age", *QUANTITIES)


@dataclass(frozen=True)
class Bands:
    """Bands of persons at 1 January.

    Args:
        totals: of both sexes and all ages `(year, unit)`; the last unit is all of them together.
        groups: of both sexes by age group `(year, unit, group)`; the last unit is all of them together.
    """

    first_year: int
    units: tuple[str, ...]
    ages: tuple[int, ...]
    totals: Band
    groups: Band

    @property
    def years(self) -> range:
        """The years, each 1 January."""
        return range(self.first_year, self.first_year + len(self.totals.median))

    def of(self, unit: str) -> Band:
        """Return the bands of the total of a unit `(year,)`; of all together for ''.

        Raises:
            Invalid: there is no such unit.
        """
        if unit and unit not in self.units:
            raise Invalid((FieldFault("/unit", f"There is no unit {unit}"),))
        at = self.units.index(unit) if unit else len(self.units)
        return Band(*(getattr(self.totals, name)[:, at] for name in QUANTITIES))


def bands_of(projection: Projection) -> Bands:
    """Return the bands of the trajectories of a projection.

    Raises:
        Invalid: it has one course only.
    """
    if projection.trajectories is None:
        raise Invalid((FieldFault("/trajectories", "bands need more than one course"),))
    people = projection.stock.sum(axis=-2)
    with_all = np.concatenate((people, people.sum(axis=-2, keepdims=True)), axis=-2)
    return Bands(projection.first_year, projection.units, projection.ages, band(with_all.sum(axis=-1)), band(with_all))


def write_bands(bands: Bands, path: Path, provenance: Provenance) -> int:
    """Write bands by unit and age group, and return how many lines that are.

    A line without a unit is of all units together, one without an age of all ages; both sexes are together.
    """
    parts = list(_parts(bands))
    columns: dict[str, pa.Array] = {name: pa.concat_arrays([part[name] for part in parts]) for name in parts[0]}
    table = pa.table(columns)
    save(table, path, provenance)
    return int(table.num_rows)


def _parts(bands: Bands) -> Iterator[dict[str, pa.Array]]:
    units = (*bands.units, ALL)
    for ages, found in (((ALL,), bands.totals), (tuple(str(a) for a in bands.ages), bands.groups)):
        values = [
            np.asarray(getattr(found, name)).reshape(len(bands.years), len(units), len(ages)) for name in QUANTITIES
        ]
        year, unit, age = np.indices(values[0].shape).reshape(3, -1)
        yield {
            "year": pa.array(year + bands.first_year, pa.int32()),
            "unit": pa.array(np.array(units, dtype=object)[unit], pa.string()),
            "sex": pa.array([ALL] * len(year), pa.string()),
            "age": pa.array(np.array(ages, dtype=object)[age], pa.string()),
            **{name: pa.array(value.ravel()) for name, value in zip(QUANTITIES, values, strict=True)},
        }


def read_bands(path: Path) -> tuple[Bands, Provenance]:
    """Read what `write_bands` wrote.

    Raises:
        NotFound: there is no such file.
        Malformed: it holds no bands of a forecast.
    """
    table, provenance = load(path, "bands", _COLUMNS)
    units = tuple(one for one in dict.fromkeys(table["unit"].to_pylist()) if one)
    told = [one for one in dict.fromkeys(table["age"].to_pylist()) if one]
    years = table["year"].to_numpy()
    count = int(years.max() - years.min()) + 1
    totals = count * (len(units) + 1)

    def shaped(column: Floats) -> tuple[Floats, Floats]:
        return column[:totals].reshape(count, -1), column[totals:].reshape(count, len(units) + 1, len(told))

    pairs = [shaped(table[name].to_numpy()) for name in QUANTITIES]
    ages = tuple(int(one) for one in told)
    of_totals, of_groups = (Band(*(pair[which] for pair in pairs)) for which in (0, 1))
    return Bands(int(years.min()), units, ages, of_totals, of_groups), provenance
