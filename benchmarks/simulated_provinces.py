"""Thirty-five years of an imaginary nation in provinces, person by person in law, counted without error.

Its provinces, their sizes and where their people go are those of the synthetic nation (`dancu.synth.geography`); the
synthetic nation itself has no past, so it is made here. Nothing of it follows the models of `dancu.forecast`: fertility
falls by logistic curves of each province with cycles and good years; mortality is Siler's with a pace of each province;
people weigh jobs against distance, and jobs boom: an industrial province grows for years and then no more, at times
that nobody knows before. Births, deaths and moves are drawn by binomial and Poisson laws.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dancu.forecast.axes import AGES, FEMALE, FERTILE
from dancu.forecast.backtest import History
from dancu.forecast.flows import moves_of_arrays
from dancu.synth import geography

Array = npt.NDArray[np.float64]

FIRST_YEAR = 1990
YEARS = 35
_THEN = 0.62
"""How many lived then of those who live now."""


@dataclass(frozen=True)
class _Province:
    tfr: Array
    mean_age: Array
    level: Array
    jobs: Array
    leaving: Array


def simulated(seed: int, *, years: int = YEARS, size: float = 1.0) -> History:
    """Return the history of a nation of about `size` times 105 million people at the end."""
    rng = np.random.default_rng(seed)
    codes = tuple(sorted(geography.POPULATIONS))
    people = np.array([geography.POPULATIONS[code] for code in codes]) * 1000.0 * _THEN * size
    world = _courses(rng, len(codes), years)
    distance = _distances(rng, codes)
    stock = _start(rng, people, world.tfr[0])
    stocks, births, deaths, mothers = [stock], [], [], []
    moves = np.zeros((years, len(codes), len(codes), 2, AGES), np.float32)
    for year in range(years):
        born, by_mother, died, alive = _live(rng, stock, world, year)
        went = _move(rng, alive, world, distance, year)
        abroad = _abroad(rng, alive, year, size)
        moves[year] = went
        stock = alive - went.sum(axis=1) + went.sum(axis=0) + abroad
        stocks.append(stock)
        births.append(born)
        deaths.append(died)
        mothers.append(by_mother)
    return History(
        units=codes,
        first_year=FIRST_YEAR,
        stock=np.array(stocks),
        births=np.array(births),
        deaths=np.array(deaths),
        mothers=np.array(mothers),
        moves=moves_of_arrays(moves.astype(np.float64), units=codes, first_year=FIRST_YEAR),
        distance=distance,
    )


def _courses(rng: np.random.Generator, units: int, years: int) -> _Province:
    time = np.arange(years)[:, None]
    high, low = rng.uniform(2.8, 4.6, units), rng.normal(1.85, 0.22, units)
    middle, speed = rng.uniform(0, 12, units), rng.uniform(0.15, 0.4, units)
    trend = low + (high - low) / (1 + np.exp(speed * (time - middle)))
    wave = 0.05 * np.sin(2 * np.pi * (time + rng.uniform(0, 14)) / rng.uniform(11, 17))
    dragon = np.where((time + 2) % 12 == 0, 0.05, 0.0)
    drift = np.cumsum(rng.normal(0, 0.012, (years, units)), axis=0) + np.cumsum(
        rng.normal(0, 0.010, (years, 1)), axis=0
    )
    tfr = trend * np.exp(wave + dragon + drift + rng.normal(0, 0.01, (years, units)))
    mean_age = 26.5 + 0.06 * time + rng.normal(0, 0.5, units)
    pace = rng.normal(0.013, 0.003, units)
    shared = np.cumsum(rng.normal(0, 0.008, (years, 1)), axis=0)
    level = rng.normal(0, 0.15, units) - pace * time + shared + rng.normal(0, 0.01, (years, units))
    return _Province(tfr, mean_age, level, _jobs(rng, units, years), _leaving(rng, units, years))


def _jobs(rng: np.random.Generator, units: int, years: int) -> Array:
    """Return the logarithm of how many jobs a province has to offer to strangers (year, unit)."""
    jobs = np.tile(rng.normal(0, 0.35, units), (years, 1))
    time = np.arange(years)
    for unit in range(units):
        for _ in range(rng.poisson(0.021 * (years + 30))):
            begins, lasts = rng.uniform(-30, years), rng.uniform(8, 22)
            height, ramp = rng.lognormal(-0.1, 0.45), rng.uniform(2, 6)
            up = 1 / (1 + np.exp(-(time - begins) / (ramp / 4)))
            down = 1 / (1 + np.exp((time - begins - lasts) / ramp))
            jobs[:, unit] += height * up * down
    return np.asarray(jobs + np.cumsum(rng.normal(0, 0.03, (years, units)), axis=0))


def _leaving(rng: np.random.Generator, units: int, years: int) -> Array:
    """Return how readily people leave, as a multiple (year, unit)."""
    cycle = 1 + 0.12 * np.sin(2 * np.pi * (np.arange(years)[:, None] + rng.uniform(0, 9)) / 9)
    own = np.exp(rng.normal(0, 0.3, units) + np.cumsum(rng.normal(0, 0.03, (years, units)), axis=0))
    crisis = np.where(np.isin(np.arange(years)[:, None], (19, 31)), 0.75, 1.0)
    return np.asarray(cycle * own * crisis)


def _distances(rng: np.random.Generator, codes: tuple[str, ...]) -> Array:
    """Return kilometres in a long country: provinces lie along it in the order of their codes."""
    along = np.array([int(code) for code in codes]) * 17.0
    place = np.stack([along, rng.uniform(0, 150, len(codes))], axis=1)
    return np.asarray(np.linalg.norm(place[:, None] - place[None], axis=-1) + 30 * (1 - np.eye(len(codes))))


def _mortality(level: Array) -> Array:
    """Return the chance to die within the year of those of an age at its end (unit, sex, age)."""
    age = np.arange(AGES)
    infant = 0.018 * np.exp(-1.3 * age)
    hazard = np.stack([0.0007 + 5.2e-5 * np.exp(0.094 * age), 0.0003 + 1.9e-5 * np.exp(0.102 * age)])
    ageing = np.interp(age, [0, 60, 90, 110], [1.0, 1.0, 0.5, 0.1])
    force = (infant + hazard) * np.exp(level[:, None, None] * ageing)
    return np.asarray(-np.expm1(-np.minimum(force, 1.5)))


def _start(rng: np.random.Generator, people: Array, tfr: Array) -> Array:
    """Return a young population, the younger the higher its fertility."""
    age = np.arange(AGES)
    lives = np.cumprod(1 - _mortality(np.zeros(1))[0], axis=-1)
    growth = 0.012 * (tfr - 1.2) / 2
    shape = lives * np.exp(-growth[:, None, None] * age)
    shape = shape * np.where((age > 40) & (age < 55), 0.88, 1.0)
    mean = people[:, None, None] * shape / shape.sum(axis=(1, 2), keepdims=True)
    return np.asarray(rng.poisson(mean), np.float64)


def _asfr(world: _Province, year: int) -> Array:
    age = np.arange(FERTILE.start, FERTILE.stop) + 0.5
    shape, begin = 5.5, 14.0
    scale = (world.mean_age[year] - begin) / shape
    away = np.maximum(age - begin, 1e-9) / scale[:, None]
    density = away ** (shape - 1) * np.exp(-away)
    return np.asarray(world.tfr[year][:, None] * density / density.sum(axis=1, keepdims=True))


def _live(rng: np.random.Generator, stock: Array, world: _Province, year: int) -> tuple[Array, Array, Array, Array]:
    chance = _mortality(world.level[year])
    start = np.zeros_like(stock)
    start[..., 1:] = stock[..., :-1]
    start[..., -1] += stock[..., -1]
    died = rng.binomial(start.astype(np.int64), chance).astype(np.float64)
    women = (stock[:, FEMALE, FERTILE] + (start - died)[:, FEMALE, FERTILE]) / 2
    mothers = rng.poisson(women * _asfr(world, year)).astype(np.float64)
    number = mothers.sum(axis=1)
    boys = rng.binomial(number.astype(np.int64), 0.515 + 0.011 * min(year / 20, 1)).astype(np.float64)
    born = np.stack([boys, number - boys], axis=1)
    died[..., 0] = rng.binomial(born.astype(np.int64), chance[..., 0])
    start[..., 0] = born
    return born, mothers, died, start - died


def _move(rng: np.random.Generator, alive: Array, world: _Province, distance: Array, year: int) -> Array:
    """Return who moves (origin, destination, sex, age)."""
    units = len(alive)
    age = np.arange(AGES)
    curve = np.interp(age, [0, 5, 14, 17, 19, 23, 29, 40, 60, 75, 90], [9, 6, 4, 12, 42, 40, 20, 7, 3, 2, 0]) / 1000
    ready = np.stack([curve, curve * np.where((age > 15) & (age < 24), 1.15, 0.95)])
    size = np.log(alive.sum(axis=(1, 2)))
    pull = world.jobs[year] + 0.9 * size - 0.9 * np.log(distance + np.eye(units))
    pull[np.arange(units), np.arange(units)] = -np.inf
    choice = np.exp(pull - pull.max(axis=1, keepdims=True))
    choice = choice / choice.sum(axis=1, keepdims=True)
    # Who has jobs at home leaves less.
    leaving = world.leaving[year] * np.exp(-0.35 * world.jobs[year])
    rates = leaving[:, None, None, None] * choice[:, :, None, None] * ready
    moved = rng.poisson(alive[:, None] * np.minimum(rates, 0.3)).astype(np.float64)
    over = np.maximum(moved.sum(axis=1) / np.maximum(alive, 1), 1)
    return np.asarray(np.floor(moved / over[:, None]))


def _abroad(rng: np.random.Generator, alive: Array, year: int, size: float) -> Array:
    """Return net migrants from abroad: some tens of thousands leave each year, young, and most from where many live."""
    age = np.arange(AGES)
    shape = np.exp(-(((age - 27) / 8) ** 2))
    share = alive.sum(axis=(1, 2)) / alive.sum()
    left = size * 60_000 * (1 + 0.5 * np.sin(year / 3)) * share[:, None, None] * shape / shape.sum() / 2
    return np.asarray(-np.minimum(rng.poisson(left), alive))
