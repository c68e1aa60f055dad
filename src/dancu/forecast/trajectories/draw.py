"""Futures of all components at once, from one seed.

Each component has a stream of random numbers of its own, spawned from the seed by its place in `_STREAMS`: a change to
one leaves the others as they were, and a seed gives the same bits on every run.
"""

from dataclasses import dataclass, replace

import numpy as np

from dancu.forecast.trajectories.autoregression import Array, Size, draw, fit
from dancu.forecast.trajectories.beliefs import SETTING, Setting
from dancu.forecast.trajectories.booms import draw_booms, fit_booms
from dancu.forecast.trajectories.fertility import draw_fertility, fit_fertility
from dancu.forecast.trajectories.mortality import draw_mortality, fit_mortality
from dancu.kernel.errors import FieldFault, Invalid

_STREAMS = ("fertility", "mortality", "migration", "moves")
_LEAST_PAST = 3


@dataclass(frozen=True)
class Past:
    """What was observed of the units, year by year without holes; nan where it was not.

    Args:
        last_year: calendar year of the last row of every array.
        tfr: children per woman, (year, unit).
        life_expectancy: at birth, (year, unit, sex), males first.
        migration: net international migrants per inhabitant and year, (year, unit).
        push: logarithm of the chance to leave the unit for another one, less its mean, (year, unit); where known.
        pull: logarithm of how the unit draws those who leave others, less its mean, (year, unit); where known.
        registered: whether the last years were counted; else they were estimated and may be revised.
    """

    last_year: int
    tfr: Array
    life_expectancy: Array
    migration: Array
    push: Array | None = None
    pull: Array | None = None
    registered: bool = False

    def __post_init__(self) -> None:
        years, units = self.tfr.shape
        shapes = {
            "life_expectancy": (self.life_expectancy.shape[1:], (units, 2)),
            "migration": (self.migration.shape[1:], (units,)),
        }
        faults = [
            FieldFault(f"/{name}", f"its units are {found}, not {wanted} as of tfr")
            for name, (found, wanted) in shapes.items()
            if found != wanted
        ]
        if years < _LEAST_PAST:
            faults.append(FieldFault("/tfr", f"{years} years are too few to learn from; {_LEAST_PAST} are the least"))
        if not np.nanmin(self.tfr, initial=1.0) > 0:
            faults.append(FieldFault("/tfr", "not above 0 everywhere"))
        if faults:
            raise Invalid(tuple(faults))


@dataclass(frozen=True)
class Futures:
    """Drawn courses of the components.

    Args:
        first_year: calendar year of the first row.
        seed: what they were drawn from.
        tfr: (year, trajectory, unit).
        life_expectancy: (year, trajectory, unit, sex), males first.
        migration: net international migrants per inhabitant and year, (year, trajectory, unit).
        push: logarithm, (year, trajectory, unit); None without a past of moves.
        pull: the same of how units draw.
    """

    first_year: int
    seed: int
    tfr: Array
    life_expectancy: Array
    migration: Array
    push: Array | None = None
    pull: Array | None = None

    @property
    def years(self) -> range:
        """The calendar years that were drawn."""
        return range(self.first_year, self.first_year + len(self.tfr))

    @property
    def trajectories(self) -> int:
        """How many were drawn."""
        return int(self.tfr.shape[1])

    def around(
        self, *, tfr: Array | None = None, life_expectancy: Array | None = None, migration: Array | None = None
    ) -> "Futures":
        """Return the same departures around given middles, such as the medium variant of somebody else.

        Args:
            tfr: (year, unit); the median of the trajectories will be this.
            life_expectancy: (year, unit, sex).
            migration: (year, unit).
        """
        moved = self
        if tfr is not None:
            moved = replace(moved, tfr=moved.tfr * (tfr / np.median(moved.tfr, axis=1))[:, None])
        if life_expectancy is not None:
            shift = life_expectancy - np.median(moved.life_expectancy, axis=1)
            moved = replace(moved, life_expectancy=moved.life_expectancy + shift[:, None])
        if migration is not None:
            shift = migration - np.median(moved.migration, axis=1)
            moved = replace(moved, migration=moved.migration + shift[:, None])
        return moved


def streams(seed: int) -> dict[str, np.random.Generator]:
    """Return the stream of random numbers of each component."""
    spawned = np.random.SeedSequence(seed).spawn(len(_STREAMS))
    return {name: np.random.default_rng(child) for name, child in zip(_STREAMS, spawned, strict=True)}


def draw_futures(past: Past, *, years: int, trajectories: int, seed: int, setting: Setting = SETTING) -> Futures:
    """Fit every component to its past and draw futures of it.

    Args:
        years: how many, from the one after `past.last_year`.
        trajectories: how many courses; the same seed gives the same bits.
    """
    if years < 1 or trajectories < 1:
        raise Invalid((FieldFault("/years", "years and trajectories must be at least 1"),))
    rng = streams(seed)
    female, male = past.life_expectancy[..., 1], past.life_expectancy[..., 0]
    revised = 0.0 if past.registered else 1.0
    size = Size(trajectories, years)

    push, pull = _draw_moves(past, rng["moves"], size, setting)
    return Futures(
        first_year=past.last_year + 1,
        seed=seed,
        tfr=draw_fertility(
            fit_fertility(past.tfr, setting), rng["fertility"], size, revised * setting.fertility.revision_sd
        ),
        life_expectancy=draw_mortality(
            fit_mortality(female, male, setting), rng["mortality"], size, revised * setting.survival.revision_sd
        ),
        migration=draw(
            fit(past.migration, setting.migration), rng["migration"], size, revised * setting.migration.revision_sd
        ),
        push=push,
        pull=pull,
    )


def _draw_moves(
    past: Past, rng: np.random.Generator, size: Size, setting: Setting
) -> tuple[Array, Array] | tuple[None, None]:
    if past.push is None or past.pull is None:
        return None, None
    fits = fit_booms(past.push, setting.push), fit_booms(past.pull, setting.pull)
    push, pull = draw_booms(fits, rng, size)
    return push, pull
