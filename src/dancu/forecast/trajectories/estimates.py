"""The past of a country from a table of its years, as the United Nations estimate it."""

from pathlib import Path

import numpy as np

from dancu.forecast.tables import Table
from dancu.forecast.trajectories.draw import Past
from dancu.kernel.errors import FieldFault, Invalid

_ESTIMATE = "estimate"
_NEEDED = ("year", "kind", "tfr", "e0M", "e0F", "cnmr")


def read_past(path: Path) -> Past:
    """Read the years that were estimated; projections in the same table are left alone.

    Args:
        path: of a table with the columns year, kind (`estimate` or another word), tfr, e0M and e0F (years at birth),
            and cnmr (net migrants per 1,000 people).

    Raises:
        Invalid: a column or a year is missing, or a cell is wrong; names the place.
    """
    table = Table.read(path, _NEEDED)
    rows = {row["year"].whole: row for row in table.rows if row["kind"].text.lower() == _ESTIMATE}
    if not rows:
        raise Invalid((FieldFault(f"{table.name}/kind", "no year is an estimate"),))
    years = range(min(rows), max(rows) + 1)
    if missing := [str(year) for year in years if year not in rows]:
        raise Invalid((FieldFault(f"{table.name}/year", f"missing: {', '.join(missing)}"),))
    told = [rows[year] for year in years]
    return Past(
        last_year=years[-1],
        tfr=np.array([[row["tfr"].count] for row in told]),
        life_expectancy=np.array([[[row["e0M"].count, row["e0F"].count]] for row in told]),
        migration=np.array([[row["cnmr"].number / 1000] for row in told]),
    )
