"""Communes carried on for fifteen years, in trajectories that are held to those of their province."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dancu.forecast.axes import FEMALE, Floats
from dancu.forecast.communes.groups import COUNT, MOTHERS, STEP, STEPS, YEARS, by_province, older
from dancu.forecast.communes.ratios import Integers, Ratios, fit_ratios
from dancu.forecast.model import Progress
from dancu.forecast.trajectories.statistics import PUBLISHED
from dancu.kernel.errors import FieldFault, Invalid

LEAST = 1000
"""Communes with fewer people now are not told: what would be told of them is mostly chance."""
_AT_ONCE = 25
_MOST_UNLIKE = 0.04
Singles = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Communes:
    """Counts of communes by sex and five-year group, at dates five years apart.

    Args:
        names: of the communes, those of a province together.
        provinces: names of the provinces, in the order of the axis.
        province: index of the province of each commune, rising (commune,).
        year: of the last counts.
        now: (commune, sex, group) of `GROUPS`.
        before: five years ago.
        earlier: ten years ago, where they are known.
    """

    names: tuple[str, ...]
    provinces: tuple[str, ...]
    province: Integers
    year: int
    now: Floats
    before: Floats
    earlier: Floats | None = None

    def __post_init__(self) -> None:
        shape = (len(self.names), 2, COUNT)
        faults = []
        for name in ("now", "before", "earlier"):
            cells = getattr(self, name)
            if cells is not None and cells.shape != shape:
                faults.append(FieldFault(f"/{name}", f"has the shape {cells.shape}, not {shape}"))
            elif cells is not None and not bool(np.all(cells >= 0)):
                at = tuple(int(one) for one in np.argwhere(~(cells >= 0))[0])
                told = f"{self.names[at[0]]} has a negative count or none"
                faults.append(FieldFault(f"/{name}/{at[0]}/{at[1]}/{at[2]}", told))
        if len(self.province) != len(self.names) or not np.array_equal(
            np.unique(self.province), np.arange(len(self.provinces))
        ):
            faults.append(FieldFault("/province", "does not name each province for at least one commune"))
        elif np.any(np.diff(self.province) < 0):
            faults.append(FieldFault("/province", "communes of a province do not stand together"))
        if faults:
            raise Invalid(tuple(faults))


@dataclass(frozen=True)
class CommuneForecast:
    """A forecast of communes.

    Args:
        names: of the communes.
        first_year: year of the counts; the axis of years goes on from it for fifteen years.
        total: persons of every trajectory (year, trajectory, commune); nan where suppressed.
        bands: 2.5, 10, 50, 90 and 97.5 % of persons by sex and group at each fifth year
            (quantile, step, commune, sex, group); nan where suppressed.
        suppressed: communes that are not told (commune,).
        ratios: what was learnt of the changes of cohorts.
    """

    names: tuple[str, ...]
    first_year: int
    total: Singles
    bands: Singles
    suppressed: npt.NDArray[np.bool_]
    ratios: Ratios

    @property
    def years(self) -> range:
        """The years of `total`."""
        return range(self.first_year, self.first_year + YEARS + 1)

    def cells(self, year: int) -> Singles:
        """Return the bands of a year (quantile, commune, sex, group), on a line between those of fifth years."""
        if year not in self.years:
            raise Invalid((FieldFault("/year", f"{year} is not one of {self.years[0]} to {self.years[-1]}"),))
        step, rest = divmod(year - self.first_year, STEP)
        if rest == 0:
            return self.bands[:, step]
        share = np.float32(rest / STEP)
        return np.asarray(self.bands[:, step] * (1 - share) + self.bands[:, step + 1] * share, np.float32)


def forecast_communes(
    communes: Communes,
    *,
    control: Floats | None = None,
    trajectories: int = 100,
    seed: int = 1,
    least: float = LEAST,
    progress: Progress | None = None,
) -> CommuneForecast:
    """Carry communes on for fifteen years.

    Args:
        communes: what was counted.
        control: persons of the provinces in each of the next fifteen years
            (year, trajectory or 1, province, sex, group), as `control_of` makes of a projection; communes are held to
            their sums. Without them the provinces grow as their cohorts did.
        trajectories: how many courses; those of `control` in turn.
        seed: the same seed gives the same bits.
        least: people that a commune must have now to be told.
        progress: told of trajectories done.

    Raises:
        Invalid: `control` is not of fifteen years and of the provinces and groups.
    """
    if control is not None and (
        control.ndim != 5 or len(control) != YEARS or control.shape[2:] != (len(communes.provinces), 2, COUNT)
    ):
        wanted = f"({YEARS}, trajectory, {len(communes.provinces)}, 2, {COUNT})"
        raise Invalid((FieldFault("/control", f"has the shape {control.shape}, not {wanted}"),))
    ratios = fit_ratios(communes.before, communes.now, communes.province, communes.earlier)
    runner = _Run(communes, ratios, control)
    count = len(communes.names)
    total = np.empty((YEARS + 1, trajectories, count), np.float32)
    cells = np.empty((STEPS + 1, trajectories, count, 2, COUNT), np.float32)
    parts = [range(first, min(first + _AT_ONCE, trajectories)) for first in range(0, trajectories, _AT_ONCE)]
    for done, part in enumerate(parts, start=1):
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(done,)))
        runner.carry(rng, part, total[:, part.start : part.stop], cells[:, part.start : part.stop])
        if progress:
            progress(done, len(parts))
    suppressed = communes.now.sum(axis=(1, 2)) < least
    bands = _bands(cells)
    total[..., suppressed] = np.nan
    bands[:, :, suppressed] = np.nan
    return CommuneForecast(communes.names, communes.year, total, bands, suppressed, ratios)


def _bands(cells: Singles) -> Singles:
    """Return quantiles over trajectories (quantile, step, commune, sex, group), a step at a time."""
    places = np.asarray(PUBLISHED) * (cells.shape[1] - 1)
    low = np.floor(places).astype(int)
    high = np.minimum(low + 1, cells.shape[1] - 1)
    rest = (places - low).astype(np.float32)
    out = np.empty((len(places), len(cells), *cells.shape[2:]), np.float32)
    for step, of_step in enumerate(cells):
        ordered = np.sort(of_step.reshape(len(of_step), -1).T, axis=1)
        found = ordered[:, low] + rest * (ordered[:, high] - ordered[:, low])
        out[:, step] = found.T.reshape(len(places), *cells.shape[2:])
    return out


@dataclass(frozen=True)
class _Run:
    communes: Communes
    ratios: Ratios
    control: Floats | None

    def carry(self, rng: np.random.Generator, part: range, total: Singles, cells: Singles) -> None:
        """Carry a part of the trajectories on, and write what comes of it."""
        known = self.ratios
        size = (len(part), len(self.communes.names))
        stock = np.broadcast_to(self.communes.now, (len(part), *self.communes.now.shape)).astype(np.float32)
        departure = known.departure + known.departure_error * rng.standard_normal(size)
        lasting = known.persistence
        shape = np.log(known.cells)
        cells[0], total[0] = stock, stock.sum(axis=(-2, -1))
        for step in range(STEPS):
            departure = lasting * departure + known.departure_sd * np.sqrt(1 - lasting**2) * rng.standard_normal(size)
            shape = lasting * shape
            then = self._step(rng, stock, departure, shape)
            self._years(step, part, stock, then, total)
            stock = self._held(then, STEP * (step + 1), part)
            cells[step + 1] = stock
            total[STEP * (step + 1)] = stock.sum(axis=(-2, -1))

    def _step(self, rng: np.random.Generator, stock: Singles, departure: Floats, shape: Floats) -> Singles:
        """Return everybody five years later."""
        known, province = self.ratios, self.communes.province
        change = (known.cohorts[province] * np.exp(shape)).astype(np.float32)
        then = older(stock) * change * np.exp(departure).astype(np.float32)[..., None, None]
        noise = rng.standard_normal(then.shape, dtype=np.float32)
        unlike = np.where(np.isinf(known.cells_worth), 0, (1 - known.persistence) / known.cells_worth)
        # What is unlike the province by age, and chance itself, which is large where few are.
        spread = np.sqrt(np.minimum(unlike.astype(np.float32), _MOST_UNLIKE) + 1 / (then + 4))
        then = then * np.exp(spread * noise - spread**2 / 2)
        women = then[..., FEMALE, MOTHERS].sum(axis=-1)
        children = (known.children[province] * known.mothers).astype(np.float32)
        born = women[..., None] * children
        then[..., 0] = born * np.exp(noise[..., 0] / np.sqrt(born + 4))
        return np.asarray(then, np.float32)

    def _years(self, step: int, part: range, stock: Singles, then: Singles, total: Singles) -> None:
        """Write totals of the years between, on a straight line by cell and held to the province."""
        for year in range(1, STEP):
            share = np.float32(year / STEP)
            between = stock * (1 - share) + then * share
            total[STEP * step + year] = self._held(between, STEP * step + year, part).sum(axis=(-2, -1))

    def _held(self, cells: Singles, ahead: int, part: range) -> Singles:
        """Return cells that sum to those of the province in a year."""
        if self.control is None:
            return cells
        of_year = self.control[ahead - 1]
        wanted = of_year[[one % len(of_year) for one in part]]
        province = self.communes.province
        found = by_province(cells, province, len(self.communes.provinces))
        scale = np.divide(wanted, found, out=np.zeros(wanted.shape), where=found > 0).astype(np.float32)
        held = cells * scale[:, province]
        if np.any((found <= 0) & (wanted > 0)):
            held = held + self._spread(np.where(found > 0, 0.0, wanted), cells)
        return np.asarray(held, np.float32)

    def _spread(self, wanted: Floats, cells: Singles) -> Singles:
        """Return people of cells that no commune has, divided like the people of the province."""
        province = self.communes.province
        people = cells.sum(axis=(-2, -1), keepdims=True)
        share = people / np.maximum(by_province(people, province, len(self.communes.provinces)), 1e-9)[:, province]
        return np.asarray(wanted[:, province] * share, np.float32)
