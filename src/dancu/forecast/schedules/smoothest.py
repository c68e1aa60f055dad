"""The smoothest curve that reproduces what is known of it: the least squares of differences under constraints."""

import numpy as np

from dancu.forecast.axes import Floats


def differences(size: int, order: int) -> Floats:
    """Return the matrix that takes differences of an order `(size - order, size)`."""
    return np.asarray(np.diff(np.eye(size), order, axis=0))


def smoothest(roughness: Floats, constraints: Floats, values: Floats) -> Floats:
    """Return the least rough curves that meet constraints.

    Args:
        roughness: matrix `(point, point)`, `y @ roughness @ y` is made least.
        constraints: `(..., constraint, point)`, of full rank.
        values: what the constraints give `(..., constraint)`.

    Returns:
        `(..., point)`.
    """
    points, count = roughness.shape[0], constraints.shape[-2]
    system = np.zeros((*constraints.shape[:-2], points + count, points + count))
    system[..., :points, :points] = roughness
    system[..., points:, :points] = constraints
    system[..., :points, points:] = np.swapaxes(constraints, -1, -2)
    right = np.zeros((*values.shape[:-1], points + count, 1))
    right[..., points:, 0] = values
    return np.asarray(np.linalg.solve(system, right)[..., :points, 0])
