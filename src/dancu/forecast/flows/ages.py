"""At which age people move: the model schedule of Rogers and Castro.

    m(x) = a1 exp(-b1 x) + a2 exp(-b2 (x - u2) - exp(-l2 (x - u2))) + c

Children who come along, a wave of young workers, and a constant. Seven numbers say all ages, so a hundred counted
moves are enough for a curve.

Source: Rogers and Castro 1981, Model Migration Schedules, IIASA RR-81-030.
"""

from dataclasses import astuple, dataclass

import numpy as np

from dancu.forecast.axes import AGES, Floats, expect

_STEPS = 200
_CLOSE = 1e-10
_STANDARD = (0.02, 0.10, 0.06, 0.10, 20.0, 0.40, 0.003)
_LOWEST = np.log([1e-8, 0.02, 1e-8, 0.02, 12.0, 0.1, 1e-9])
_HIGHEST = np.log([1.0, 1.0, 1.0, 0.5, 40.0, 2.0, 0.5])
_SURE = np.array([0.05, 4.0, 0.05, 4.0, 25.0, 4.0, 0.05])
"""Precisions of the logarithms around the standard: levels are free, shapes are not quite."""


@dataclass(frozen=True)
class RogersCastro:
    """A schedule.

    Args:
        children: rate of new-borns above the constant.
        children_fall: by which share it falls a year.
        workers: height of the wave.
        workers_fall: by which share it falls a year after its peak.
        workers_at: age at which the wave rises.
        workers_rise: how steeply it does.
        constant: rate of all ages.
    """

    children: float
    children_fall: float
    workers: float
    workers_fall: float
    workers_at: float
    workers_rise: float
    constant: float

    @property
    def rates(self) -> Floats:
        """Moves per person and year at ages 0..130."""
        return _curve(np.log(np.asarray(astuple(self))))

    @property
    def migraproduction(self) -> float:
        """How often one moves in a life that lasts through all ages to 100."""
        return float(self.rates[:100].sum())


STANDARD = RogersCastro(*_STANDARD)
"""The simplified basic standard of the source."""


def fit_rogers_castro(moves: Floats, exposure: Floats) -> RogersCastro:
    """Fit a schedule to counts by Poisson likelihood, with the standard as a weak belief.

    Args:
        moves: persons by age 0..130 (age,).
        exposure: person-years by age (age,).
    """
    expect(moves, (AGES,), "moves")
    expect(exposure, (AGES,), "exposure")
    level = (moves.sum() + 1) / (float(exposure @ STANDARD.rates) + 1)
    start = np.log(_STANDARD)
    start[[0, 2, 6]] += np.log(level)
    found = np.clip(start, _LOWEST, _HIGHEST)
    damping = 1e-2
    value = _loss(found, start, moves, exposure)
    for _ in range(_STEPS):
        step = _step(found, start, moves, exposure, damping)
        then = np.clip(found + step, _LOWEST, _HIGHEST)
        better = _loss(then, start, moves, exposure)
        if better < value:
            done = value - better < _CLOSE * (abs(value) + 1)
            found, value, damping = then, better, damping / 3
            if done:
                break
        elif (damping := damping * 4) > 1e10:
            break
    return RogersCastro(*(float(one) for one in np.exp(found)))


def _curve(logarithms: Floats) -> Floats:
    a1, b1, a2, b2, u2, l2, c = np.exp(logarithms)
    age = np.arange(AGES) + 0.5
    wave = np.exp(-b2 * (age - u2) - np.exp(np.minimum(-l2 * (age - u2), 50.0)))
    return np.asarray(a1 * np.exp(-b1 * age) + a2 * wave + c)


def _loss(at: Floats, start: Floats, moves: Floats, exposure: Floats) -> float:
    mean = exposure * _curve(at) + 1e-12
    belief = float(_SURE @ (at - start) ** 2) / 2
    return float(mean.sum() - moves @ np.log(mean)) + belief


def _step(at: Floats, start: Floats, moves: Floats, exposure: Floats, damping: float) -> Floats:
    """Return a step of Levenberg and Marquardt on the logarithms."""
    small = 1e-6
    mean = exposure * _curve(at) + 1e-12
    slopes = np.stack([(_curve(at + small * unit) - _curve(at - small * unit)) / (2 * small) for unit in np.eye(7)])
    slopes = slopes * exposure
    gradient = slopes @ (moves / mean - 1) - _SURE * (at - start)
    curvature = (slopes / mean) @ slopes.T + np.diag(_SURE)
    return np.asarray(np.linalg.solve(curvature + damping * np.diag(np.diag(curvature)), gradient))
