"""Who is how old among those of the open age group."""

import numpy as np

from dancu.forecast.axes import AGES, Floats
from dancu.forecast.life_table import life_table

_BEFORE = 10


def spread_open(counts: Floats, mx: Floats) -> Floats:
    """Return counts by single ages to 130 from counts with an open group.

    The open group is shared out like the survivors of the life table, on top of which cohorts grow or shrink by the
    same factor from age to age as they do in the ten ages before.

    Args:
        counts: persons by single ages, the last one open `(..., sex, age)`.
        mx: death rates `(..., sex, 131)`.
    """
    opens = counts.shape[-1] - 1
    if opens == AGES - 1:
        return counts
    lived = np.broadcast_to(life_table(mx).Lx, (*counts.shape[:-1], AGES))
    before = slice(opens - _BEFORE, opens)
    size = np.log(np.maximum(counts[..., before], 0.5) / lived[..., before])
    ages = np.arange(_BEFORE) - (_BEFORE - 1) / 2
    slope = np.clip((size * ages).sum(axis=-1) / (ages**2).sum(), -0.2, 0.2)
    share = lived[..., opens:] * np.exp(slope[..., None] * np.arange(AGES - opens))
    share = share / share.sum(axis=-1, keepdims=True)
    return np.concatenate((counts[..., :opens], counts[..., opens:] * share), axis=-1)
