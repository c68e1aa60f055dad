"""One course of a population as a file: year, unit, sex, age, the stock of 1 January and the components of the year."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from dancu.forecast.axes import AGES, SEXES, Floats
from dancu.forecast.model import Projection
from dancu.forecast.results.provenance import Provenance, load, save
from dancu.kernel.errors import FieldFault, Invalid

_COMPONENTS = ("deaths", "immigrants", "emigrants", "moved_in", "moved_out")
_COLUMNS = ("year", "unit", "sex", "age", "stock", "births", *_COMPONENTS)


def write_course(projection: Projection, path: Path, provenance: Provenance) -> int:
    """Write one course with all its accounts, and return how many lines that are.

    Stocks are persons at 1 January; components of the last year are null, and births stand at age 0.

    Raises:
        Invalid: the projection has trajectories, or did not keep single ages and components by age.
    """
    if projection.trajectories is not None or projection.deaths.shape[-1] != AGES or len(projection.ages) != AGES:
        raise Invalid((FieldFault("/projection", "must be one course with single ages and all components"),))
    shape = projection.stock.shape
    axes = [projection.years, projection.units, SEXES, projection.ages]
    index = np.indices(shape).reshape(len(shape), -1)
    names = [
        pa.DictionaryArray.from_arrays(pa.array(at, pa.int32()), pa.array(list(a)))
        for a, at in zip(axes, index, strict=True)
    ]
    births = np.zeros(projection.deaths.shape)
    births[..., 0] = projection.births
    components = [births, *(getattr(projection, name) for name in _COMPONENTS)]
    columns = [names[0].cast(pa.int32()), names[1], names[2], names[3].cast(pa.int16())]
    columns += [pa.array(projection.stock.ravel()), *(_ending_unknown(one, shape) for one in components)]
    table = pa.table(columns, names=list(_COLUMNS))
    save(table, path, provenance)
    return int(table.num_rows)


def read_course(path: Path) -> tuple[Projection, Provenance]:
    """Read what `write_course` wrote, to the last bit.

    Raises:
        NotFound: there is no such file.
        Malformed: it is no course of a forecast.
    """
    table, provenance = load(path, "course", _COLUMNS)
    years = table["year"].to_numpy()
    units = tuple(dict.fromkeys(table["unit"].to_pylist()))
    first, count = int(years.min()), int(years.max() - years.min()) + 1
    shape = (count, len(units), len(SEXES), AGES)
    stock = table["stock"].to_numpy().reshape(shape)
    births, *components = (
        table[name].to_numpy(zero_copy_only=False).reshape(shape)[:-1] for name in ("births", *_COMPONENTS)
    )
    ages = tuple(range(AGES))
    return Projection(first, units, ages, stock, np.ascontiguousarray(births[..., 0]), *components), provenance


def _ending_unknown(component: Floats, shape: tuple[int, ...]) -> pa.Array:
    """Return a component with a last year that is null."""
    known = np.zeros(shape)
    known[:-1] = component
    unknown = np.zeros(shape, dtype=bool)
    unknown[-1] = True
    return pa.array(known.ravel(), mask=unknown.ravel())
