"""How many are to be expected to move where few did: a Poisson model of gravity, and shrinkage of each cell to it.

    E n[o, d] = exposure[o] exp(c + u[o] + v[d] + a log P[o] + b log P[d] - g log distance[o, d])

`u` and `v` are drawn to 0 (ridge), so a unit that stands out keeps most of what it shows, and one that is hardly seen
follows its size and distance. It is fitted by iteratively reweighted least squares. Each cell is then
`n[o, d] ~ Poisson(theta m[o, d])` with `theta ~ Gamma(k, k)`: what was counted counts `n`, what is expected `k`.

Sources: Flowerdew and Aitkin 1982, Journal of Regional Science 22:191-202 (gravity by Poisson regression);
Clayton and Kaldor 1987, Biometrics 43:671-681 (empirical Bayes of rates).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dancu.forecast.axes import Floats
from dancu.kernel.errors import FieldFault, Invalid

Flags = npt.NDArray[np.bool_]

_RIDGE = 4.0
"""Precision of the effects of units: their standard deviation is believed to be 0.5."""
_STEPS = 50
_CLOSE = 1e-10
_LEAST, _MOST = 0.05, 1e4


@dataclass(frozen=True)
class Gravity:
    """A fitted model.

    Args:
        expected: moves in all years together (origin, destination); 0 on the diagonal.
        size_of_origin: elasticity of the origin's size, beyond that each of its inhabitants may move.
        size_of_destination: elasticity of the destination's size.
        distance: elasticity of distance, negative where people move near; 0 where no distances were given.
        likeness: `k`, the moves that the expectation of a cell is worth; small where cells are unlike it.
    """

    expected: Floats
    size_of_origin: float
    size_of_destination: float
    distance: float
    likeness: float


def fit_gravity(moves: Floats, exposure: Floats, distance: Floats | None = None) -> Gravity:
    """Fit the model.

    Args:
        moves: persons (origin, destination); the diagonal is not read.
        exposure: person-years that were lived in each unit (unit,), above 0.
        distance: in any unit of length, above 0 off the diagonal (origin, destination).

    Raises:
        Invalid: exposures or distances are not above 0, or shapes differ.
    """
    units = len(exposure)
    apart = ~np.eye(units, dtype=bool)
    _check(moves, exposure, distance, apart)
    if units < 2 or not moves[apart].any():
        return Gravity(np.zeros((units, units)), 0.0, 0.0, 0.0, _MOST)
    design, penalty = _design(exposure, distance, apart)
    offset = np.log(np.broadcast_to(exposure[:, None], (units, units))[apart])
    found = _poisson(design, moves[apart], offset, penalty)
    expected = np.zeros((units, units))
    expected[apart] = np.exp(design @ found + offset)
    alike = likeness(moves[apart], expected[apart])
    return Gravity(expected, float(found[1]), float(found[2]), -float(found[3]), alike)


def shrunk(moves: Floats, gravity: Gravity) -> Floats:
    """Return the moves of each cell drawn to what the model expects (origin, destination)."""
    theta = (moves + gravity.likeness) / (gravity.expected + gravity.likeness)
    return np.asarray(gravity.expected * theta)


def likeness(counts: Floats, expected: Floats) -> float:
    """Return `k` of the Gamma by moments: how many counts the expectation of a cell is worth.

    Small where cells differ from their expectation by much more than chance.
    """
    excess = float(((counts - expected) ** 2 - expected).sum())
    if excess <= 0:
        return _MOST
    return float(np.clip((expected**2).sum() / excess, _LEAST, _MOST))


def _check(moves: Floats, exposure: Floats, distance: Floats | None, apart: Flags) -> None:
    units = len(exposure)
    faults = []
    if moves.shape != (units, units):
        faults.append(FieldFault("/moves", f"has the shape {moves.shape}, not {(units, units)}"))
    if not bool(np.all(exposure > 0)):
        faults.append(FieldFault("/exposure", "is not above 0 everywhere"))
    if distance is not None and (distance.shape != (units, units) or not bool(np.all(distance[apart] > 0))):
        faults.append(FieldFault("/distance", "is not above 0 between each two units"))
    if faults:
        raise Invalid(tuple(faults))


def _design(exposure: Floats, distance: Floats | None, apart: Flags) -> tuple[Floats, Floats]:
    units = len(exposure)
    origin, destination = np.nonzero(apart)
    size = np.log(exposure / np.exp(np.log(exposure).mean()))
    far = np.zeros(len(origin)) if distance is None else -np.log(distance[apart] / distance[apart].mean())
    plain = [np.ones(len(origin)), size[origin], size[destination], far]
    effects = [np.eye(units)[origin], np.eye(units)[destination]]
    penalty = np.r_[1e-8, 0.1, 0.1, 0.1, np.full(2 * units, _RIDGE)]
    return np.column_stack([*plain, *effects]), penalty


def _poisson(design: Floats, counts: Floats, offset: Floats, penalty: Floats) -> Floats:
    """Return the penalised estimate, by iteratively reweighted least squares with halved steps where it overshoots."""
    found = np.zeros(design.shape[1])
    found[0] = np.log((counts.sum() + 1) / np.exp(offset).sum())

    def deviance(at: Floats) -> float:
        linear = design @ at + offset
        return float(2 * (np.exp(linear).sum() - counts @ linear) + penalty @ at**2)

    value = deviance(found)
    for _ in range(_STEPS):
        mean = np.exp(design @ found + offset)
        slope = design.T @ (counts - mean) - penalty * found
        curvature = (design.T * mean) @ design + np.diag(penalty)
        step = np.linalg.solve(curvature, slope)
        while (then := deviance(found + step)) > value + _CLOSE and np.abs(step).max() > _CLOSE:
            step = step / 2
        found = found + step
        if abs(value - then) < _CLOSE * (abs(value) + 1):
            break
        value = then
    return found
