"""Reading of the bulk files of World Population Prospects as they are published, packed or not.

Needed are, of one revision: `WPP*_Population1JanuaryBySingleAgeSex_Medium_*`, `WPP*_Demographic_Indicators_Medium`,
`WPP*_Fertility_by_Age5` and `WPP*_Life_Table_Abridged_Medium_*`. Net migration is published as a total only: its ages
are those of a model schedule.
"""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from dancu.forecast.axes import AGES, SEXES, Floats
from dancu.forecast.flows.ages import STANDARD
from dancu.forecast.schedules.abridged import ABRIDGED
from dancu.forecast.schedules.fertility import FIVE_YEAR_MOTHERS
from dancu.forecast.wpp.country import Country
from dancu.kernel.errors import FieldFault, Invalid, Malformed, NotFound

_STOCK = "Population1JanuaryBySingleAgeSex_Medium"
_INDICATORS = "Demographic_Indicators_Medium"
_FERTILITY = "Fertility_by_Age5"
_TABLES = "Life_Table_Abridged_Medium"
_PLACES = ("ISO3_code", "ISO2_code", "LocID", "Location")
_THOUSAND = 1000.0
_OLDEST_MIGRANT = 80
_PER_HUNDRED = 10  # a sex ratio above counts males per 100 females

Key = tuple[int, ...]
Values = tuple[float | None, ...]


def is_published(folder: Path) -> bool:
    """Tell whether a folder holds bulk files as they are published."""
    return folder.is_dir() and any(_files(folder, _INDICATORS))


def read_published(folder: Path, place: str, *, until: int) -> Country:
    """Read what a forecast of a country needs.

    Args:
        folder: holds the files, as CSV or packed with gzip.
        place: ISO code of three or two letters, number or name of the country.
        until: last calendar year of which rates are needed.

    Raises:
        NotFound: a file is missing, or it has no such country.
        Malformed: a file is no table.
        Invalid: a column, a year or an age is missing.
    """
    stock = _read(folder, _STOCK, place, ("Time", "AgeGrpStart"), ("PopMale", "PopFemale"))
    first_year = min(year for year, _ in stock)
    years = range(first_year, until + 1)
    if not years:
        raise Invalid((FieldFault("/until", f"{until} is before the stock of {first_year}"),))
    indicators = _read(folder, _INDICATORS, place, ("Time",), ("TFR", "LExMale", "LExFemale", "SRB", "NetMigrations"))
    fertility = _read(folder, _FERTILITY, place, ("Time", "AgeGrpStart"), ("PASFR",))
    tables = {sex: _read(folder, _TABLES, place, ("Time", "AgeGrpStart"), ("mx",), sex=sex) for sex in SEXES}
    annual = _cells(_INDICATORS, indicators, [(year,) for year in years])
    mothers = [(year, age) for year in years for age in FIVE_YEAR_MOTHERS]
    ages = [(year, age) for year in years for age in ABRIDGED]
    mx = np.stack([_cells(f"{_TABLES} ({sex})", tables[sex], ages).reshape(-1, len(ABRIDGED)) for sex in SEXES], axis=1)
    return Country(
        code=place,
        first_year=first_year,
        stock=_cells(_STOCK, stock, [(first_year, age) for age in range(101)]).T * _THOUSAND,
        tfr=annual[:, 0],
        pasfr=_cells(_FERTILITY, fertility, mothers, missing=0.0).reshape(len(years), -1),
        srb=np.where(annual[:, 3] > _PER_HUNDRED, annual[:, 3] / 100, annual[:, 3]),
        e0=annual[:, 1:3],
        centres=[float(year) for year in years],
        mx=mx,
        net=annual[:, 4, None, None] * _THOUSAND * _migrants(),
    )


def _migrants() -> Floats:
    """Shares of sexes and ages, of a model schedule; nobody moves at old ages."""
    rates = np.where(np.arange(AGES) < _OLDEST_MIGRANT, STANDARD.rates, 0)
    return np.tile(rates / rates.sum() / len(SEXES), (len(SEXES), 1))


def _files(folder: Path, what: str) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith("WPP") and what in path.name and path.name.endswith((".csv", ".csv.gz")):
            yield path


def _read(
    folder: Path, what: str, place: str, keys: Collection[str], values: Collection[str], *, sex: str = ""
) -> dict[Key, Values]:
    """Cells of a country by their keys, out of the newest file."""
    if not folder.is_dir():
        raise NotFound(f"There is no folder {folder}")
    files = list(_files(folder, what))
    if not files:
        raise NotFound(f"There is no file WPP*_{what}* in {folder}")
    rows = _rows(files[-1], place, [*keys, *values], sex)
    if not rows:
        raise NotFound(f"{files[-1].name} has no country {place}")
    count = len(keys)
    return {tuple(int(key or 0) for key in row[:count]): row[count:] for row in rows}


def _rows(path: Path, place: str, columns: list[str], sex: str) -> list[Values]:
    """Lines of a country, and a sex where one is asked for, as numbers."""
    text = dict.fromkeys((*_PLACES, "Sex"), pa.string())
    numbers = dict.fromkeys(columns, pa.float64())
    options = arrow_csv.ConvertOptions(column_types={**text, **numbers}, include_columns=[*_needed(sex), *columns])
    found: list[Values] = []
    try:
        with arrow_csv.open_csv(path, convert_options=options) as reader:
            for batch in reader:
                here = batch.filter(_of(batch, place, sex))
                found.extend(zip(*(here.column(name).to_pylist() for name in columns), strict=True))
    except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
        raise Malformed(f"{path.name} can't be read: {error}") from None
    return found


def _needed(sex: str) -> list[str]:
    return [*_PLACES, "Sex"] if sex else [*_PLACES]


def _of(batch: pa.RecordBatch, place: str, sex: str) -> pa.Array:
    named = [pc.equal(pc.utf8_lower(batch.column(column)), place.lower()) for column in _PLACES]
    wanted = named[0]
    for one in named[1:]:
        wanted = pc.or_kleene(wanted, one)
    if sex:
        wanted = pc.and_kleene(wanted, pc.equal(pc.utf8_lower(batch.column("Sex")), sex))
    return pc.fill_null(wanted, fill_value=False)


def _cells(name: str, cells: dict[Key, Values], keys: Sequence[Key], missing: float | None = None) -> Floats:
    """The values of keys, one row each."""
    width = len(next(iter(cells.values())))
    holes = [key for key in keys if key not in cells or any(value is None for value in cells[key])]
    if holes and missing is None:
        raise Invalid((FieldFault(f"{name}/{'/'.join(str(part) for part in holes[0])}", "is missing"),))
    return np.array([cells.get(key, (missing or 0.0,) * width) for key in keys], dtype=np.float64)
