"""How the pattern of improvement by age turns as people live longer: the young have little left to gain.

Source: Li, Lee, Gerland (2013), "Extending the Lee-Carter method to model the rotation of age patterns of mortality
decline for long-term projections", *Demography* 50(6): between life expectancies of 80 and 102 years the pattern turns
to one where all ages up to 65 improve like the mean of adults.
"""

import numpy as np

from dancu.forecast.axes import Floats

_TURNS = (80.0, 102.0)
_ADULTS = slice(15, 66)
_OLD = 70


def rotated(b: Floats, e0: Floats) -> Floats:
    """Return a pattern of improvement as it is at a life expectancy.

    Args:
        b: how much each age improves `(..., age)`, none negative.
        e0: years at birth of both sexes `(...)`.
    """
    begins, ends = _TURNS
    share = np.clip((e0 - begins) / (ends - begins), 0, 1)
    weight = (0.5 * (1 + np.sin(np.pi / 2 * (2 * share - 1)))) ** 0.5
    return np.asarray((1 - weight[..., None]) * b + weight[..., None] * turned(b))


def turned(b: Floats) -> Floats:
    """Return the pattern to which improvement turns: level to 65, then on to the older ages, with the same sum."""
    level = b[..., _ADULTS].mean(axis=-1, keepdims=True)
    at_old = b[..., _OLD : _OLD + 1]
    older = b[..., _OLD:] * np.divide(level, at_old, out=np.ones_like(level), where=at_old > 0)
    joined = np.concatenate((np.broadcast_to(level, (*level.shape[:-1], _OLD)), older), axis=-1)
    total = joined.sum(axis=-1, keepdims=True)
    return np.asarray(
        joined * np.divide(b.sum(axis=-1, keepdims=True), total, out=np.ones_like(total), where=total > 0)
    )
