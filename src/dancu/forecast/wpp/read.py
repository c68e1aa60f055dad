"""Reading of a country's files: `CODE_pop_jan1_YEAR_derived.csv`, `CODE_annual.csv` and the schedules beside it.

Only the stock of the base year and rates are read. Whatever else stands in the files (people, births and deaths of
later years, bounds, variants) is left alone.
"""

import re
from collections.abc import Container, Iterable
from pathlib import Path

import numpy as np

from dancu.forecast.axes import AGES, SEXES, Floats
from dancu.forecast.schedules.abridged import ABRIDGED
from dancu.forecast.schedules.fertility import FIVE_YEAR_MOTHERS
from dancu.forecast.tables import Cell, Row, Table
from dancu.forecast.wpp.country import Country
from dancu.kernel.errors import FieldFault, Invalid, NotFound

_STOCK = re.compile(r"_pop_jan1_(\d{4})(_derived)?\.csv$", re.IGNORECASE)
_PERIOD = re.compile(r"(\d{4})(?:\s*[-–]\s*(\d{4}))?")
_LEAST_MX = 1e-8
_PER_HUNDRED = 10  # a sex ratio above counts males per 100 females
_THOUSAND = 1000.0
_SUM_TOLERANCE = 0.5


def read_country(folder: Path, code: str, *, until: int) -> Country:
    """Read what a forecast of a country needs.

    Args:
        folder: holds the files.
        code: what their names begin with, in any case.
        until: last calendar year of which rates are needed.

    Raises:
        NotFound: there is no such folder or country, or a file of it is missing.
        Malformed: a file is no table.
        Invalid: a cell is wrong, or a year or an age is missing; all name the place.
    """
    files = _files(folder, code)
    first_year, stock = _stock(_newest_stock(files, folder, code))
    if until < first_year:
        raise Invalid((FieldFault("/until", f"{until} is before the stock of {first_year}"),))
    years = range(first_year, until + 1)
    annual = Table.read(_of(files, folder, code, "annual"), ("year", "tfr", "e0M", "e0F", "srb"))
    by_year = _by_year(annual, years)
    columns = {name: np.array([row[name].count for row in by_year]) for name in ("tfr", "e0M", "e0F", "srb")}
    centres, mx = _mortality(_of(files, folder, code, "mx_abridged_5y"), first_year)
    srb = columns["srb"]
    return Country(
        code=code.lower(),
        first_year=first_year,
        stock=stock,
        tfr=columns["tfr"],
        pasfr=_fertility(_of(files, folder, code, "pasfr5"), years),
        srb=np.where(srb > _PER_HUNDRED, srb / 100, srb),
        e0=np.stack((columns["e0M"], columns["e0F"]), axis=-1),
        centres=centres,
        mx=mx,
        net=_migration(_of(files, folder, code, "mig_1x1"), years, _totals(annual, by_year)),
    )


def _files(folder: Path, code: str) -> dict[str, Path]:
    """The files of a country by what follows its code in their names."""
    if not folder.is_dir():
        raise NotFound(f"There is no folder {folder}")
    names = {path.name.lower(): path for path in sorted(folder.iterdir()) if path.is_file()}
    prefix = f"{code.lower()}_"
    found = {name.removeprefix(prefix): path for name, path in names.items() if name.startswith(prefix)}
    if not found:
        known = sorted({name.split("_annual")[0] for name in names if "_annual" in name})
        there = f"; it has {', '.join(known[:10])}" if known else ""
        raise NotFound(f"Nothing in {folder} is called {code}_*{there}")
    return found


def _of(files: dict[str, Path], folder: Path, code: str, what: str) -> Path:
    if f"{what}.csv" not in files:
        raise NotFound(f"There is no file {code}_{what}.csv in {folder}")
    return files[f"{what}.csv"]


def _newest_stock(files: dict[str, Path], folder: Path, code: str) -> tuple[int, Path]:
    stocks = [(int(found[1]), path) for name, path in files.items() if (found := _STOCK.search(f"_{name}"))]
    if not stocks:
        raise NotFound(f"There is no file {code}_pop_jan1_YEAR_derived.csv in {folder}")
    return max(stocks)


def _stock(found: tuple[int, Path]) -> tuple[int, Floats]:
    year, path = found
    table = Table.read(path, ("age", *SEXES))
    ages = {row["age"].whole: row for row in table.rows}
    last = max(ages, default=-1)
    if last < 100 or last >= AGES:
        raise Invalid((FieldFault(f"{path.name}/age", f"the last age is {last}, not 100 to {AGES - 1}"),))
    _no_hole(path.name, "age", ages, range(last + 1))
    stock = np.array([[ages[age][sex].count for age in range(last + 1)] for sex in SEXES])
    return year, np.asarray(stock)


def _by_year(table: Table, years: range) -> list[Row]:
    rows = {row["year"].whole: row for row in table.rows}
    _no_hole(table.name, "year", rows, years)
    return [rows[year] for year in years]


def _no_hole(name: str, what: str, there: Container[int], needed: Iterable[int]) -> None:
    missing = [str(one) for one in needed if one not in there]
    if missing:
        told = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        raise Invalid((FieldFault(f"{name}/{what}", f"missing: {told}"),))


def _fertility(path: Path, years: range) -> Floats:
    """Per cent of fertility by groups of mothers; the outermost groups may be left out."""
    table = Table.read(path, ("year", *(_group(age) for age in FIVE_YEAR_MOTHERS[1:-1])))
    groups = [_group(age) for age in FIVE_YEAR_MOTHERS]
    of_years = []
    for row in _by_year(table, years):
        shares = [row[group].count if table.has(group) else 0.0 for group in groups]
        if abs(sum(shares) - 100) > _SUM_TOLERANCE:
            raise Invalid((FieldFault(row.place, f"the groups sum to {sum(shares):.3f}, not to 100 per cent"),))
        of_years.append(shares)
    return np.array(of_years)


def _group(age: int) -> str:
    return f"{age}-{age + 4}"


def _mortality(path: Path, first_year: int) -> tuple[tuple[float, ...], Floats]:
    """Death rates of the periods from the first year on, so that no crisis before it goes on; else of all periods."""
    table = Table.read(path, ("period", "age", "mxM", "mxF"))
    periods: dict[tuple[int, int], dict[int, Row]] = {}
    for row in table.rows:
        periods.setdefault(_period(row["period"]), {})[row["age"].whole] = row
    later = [period for period in sorted(periods) if period[0] >= first_year]
    used = later if len(later) > 1 else sorted(periods)
    for period in used:
        _no_hole(f"{table.name}/{period[0]}-{period[1]}", "age", periods[period], ABRIDGED)
    mx = [[[periods[one][age][name].count for age in ABRIDGED] for name in ("mxM", "mxF")] for one in used]
    return tuple((begins + ends) / 2 for begins, ends in used), np.maximum(np.array(mx), _LEAST_MX)


def _period(cell: Cell) -> tuple[int, int]:
    """Years of a period from one middle of the year to another, such as 2025-2030; or one calendar year."""
    found = _PERIOD.fullmatch(cell.text)
    if not found:
        raise cell.fault("not a period such as 2025-2030")
    begins = int(found[1])
    return begins, int(found[2] or begins)


def _migration(path: Path, years: range, totals: Floats | None) -> Floats:
    """Net migrants in persons, out of thousands; ages that are not told have none."""
    table = Table.read(path, ("year", "age", "migM", "migF"))
    net = np.zeros((len(years), len(SEXES), AGES))
    told: set[int] = set()
    for row in table.rows:
        year, age = row["year"].whole, row["age"].whole
        if year not in years:
            continue
        if not 0 <= age < AGES:
            raise row["age"].fault("not an age")
        told.add(year)
        net[year - years.start, :, age] = row["migM"].number, row["migF"].number
    _no_hole(table.name, "year", told, years)
    net *= _THOUSAND
    return net if totals is None else _with_totals(net, totals)


def _totals(annual: Table, rows: list[Row]) -> Floats | None:
    """Net migrants of all ages in persons, where the annual table has them."""
    if not annual.has("mig"):
        return None
    return np.array([row["mig"].number for row in rows]) * _THOUSAND


def _with_totals(net: Floats, totals: Floats) -> Floats:
    """Return cells that sum to the totals, which are rounded less: what differs goes to cells by their size."""
    size = np.abs(net)
    everybody = size.sum(axis=(1, 2))
    even = np.full_like(size, 1 / (len(SEXES) * AGES))
    share = np.divide(size, everybody[:, None, None], out=even, where=everybody[:, None, None] > 0)
    return np.asarray(net + share * (totals - net.sum(axis=(1, 2)))[:, None, None])
