"""The smoothest curve that reproduces what is known of it: the least squares of differences under constraints."""

import numpy as np

from dancu.forecast.axes import Floats

_TRACE = 1e-5
_ROUNDS = 6


def differences(size: int, order: int) -> Floats:
    """Return the matrix that takes differences of an order `(size - order, size)`."""
    return np.asarray(np.diff(np.eye(size), order, axis=0))


def smoothest(roughness: Floats, constraints: Floats, values: Floats) -> Floats:
    """Return the least rough curves that meet constraints.

    The system of each curve is as small as its constraints are few: the roughness, made regular by a trace of the
    identity, is inverted once. What the trace bends is put right in the next round, nearly all of it each.

    Args:
        roughness: matrix `(point, point)`, `y @ roughness @ y` is made least.
        constraints: `(..., constraint, point)`, of full rank.
        values: what the constraints give `(..., constraint)`.

    Returns:
        `(..., point)`.
    """
    inverse = np.linalg.inv(roughness + _TRACE * np.eye(len(roughness)))
    reach = constraints @ inverse
    system = reach @ np.swapaxes(constraints, -1, -2)
    curve = np.zeros((*np.broadcast_shapes(constraints.shape[:-2], values.shape[:-1]), len(roughness)))
    for _ in range(_ROUNDS):
        bend = (curve @ roughness)[..., None]
        missing = values[..., None] - constraints @ curve[..., None]
        force = np.linalg.solve(system, missing + reach @ bend)
        curve = curve + (np.swapaxes(reach, -1, -2) @ force - inverse @ bend)[..., 0]
    return curve
