"""What a forecast starts from: the past of provinces in a folder, or the United Nations' tables of a country."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dancu.forecast import Keep, Population, Rates, RateSource
from dancu.forecast.backtest import History, forecast_from, median_course, read_history
from dancu.forecast.model import Progress
from dancu.forecast.results import Input, input_of
from dancu.forecast.trajectories import draw_futures, read_past
from dancu.forecast.trajectories.rates import drawn_rates
from dancu.forecast.wpp import is_published, read_country, read_published, world_prospects
from dancu.kernel.errors import Malformed

_TOTALS = Keep(ages=(0,), components=False)
_FOR_A_MIDDLE = 200


@dataclass(frozen=True)
class Ground:
    """What a forecast starts from.

    Args:
        base: the people of the first 1 January.
        central: one course of rates, which scenarios change.
        drawn: rates of trajectories; None where none were asked for.
        history: the past with ages, births and deaths, where there is one.
        inputs: the files that were read.
    """

    base: Population
    central: Rates
    drawn: RateSource | None
    history: History | None
    inputs: tuple[Input, ...]


def ground_of(
    past: Path | None,
    wpp: Path | None,
    country: str,
    *,
    until: int,
    seed: int,
    trajectories: int = 0,
    spread: float | None = None,
    progress: Progress | None = None,
) -> Ground:
    """Read what a forecast starts from.

    Args:
        past: folder with the past of provinces.
        wpp: folder with the United Nations' tables.
        country: code of the country in that folder.
        until: year of the last 1 January.
        trajectories: how many to draw; 0 for none.
        spread: see `forecast_from`.

    Raises:
        Malformed: not exactly one of the two is given, or the past holds totals only.
        Invalid: a cell is wrong; see the readers.
    """
    if past is not None and wpp is None:
        return _of_past(past, until, seed, trajectories, spread, progress)
    if wpp is not None and past is None and country:
        return _of_country(wpp, country, until, seed, trajectories)
    raise Malformed("Give either --past FOLDER, or --wpp FOLDER and --country CODE")


def _of_past(
    folder: Path, until: int, seed: int, trajectories: int, spread: float | None, progress: Progress | None
) -> Ground:
    history = read_history(folder)
    if not isinstance(history, History):
        raise Malformed("This needs a past with ages, births and deaths; the folder has totals only")
    made = forecast_from(
        history,
        until=until,
        trajectories=trajectories or _FOR_A_MIDDLE,
        seed=seed,
        keep=_TOTALS,
        spread=spread,
        progress=progress,
    )
    drawn = made.rates if trajectories else None
    return Ground(history.last, median_course(made), drawn, history, input_of(folder))


def _of_country(folder: Path, code: str, until: int, seed: int, trajectories: int) -> Ground:
    read = read_published if is_published(folder) else read_country
    projection, central = world_prospects(read(folder, code, until=until - 1))
    inputs = tuple(one for one in input_of(folder) if _is_of(one, code) or is_published(folder))
    drawn = None
    if trajectories:
        annual = _annual(folder, code)
        futures = draw_futures(read_past(annual), years=len(central.years), trajectories=trajectories, seed=seed)
        drawn = drawn_rates(futures, central)
    return Ground(projection.at(projection.first_year), central, drawn, None, inputs)


def _is_of(one: Input, code: str) -> bool:
    return one.name.lower().startswith(f"{code.lower()}_")


def _annual(folder: Path, code: str) -> Path:
    names: Sequence[Path] = [one for one in folder.iterdir() if one.name.lower() == f"{code.lower()}_annual.csv"]
    if not names:
        raise Malformed(f"Trajectories need the past of the country: {code}_annual.csv is not in {folder}")
    return names[0]
