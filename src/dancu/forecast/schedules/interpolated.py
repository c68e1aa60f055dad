"""Death rates of calendar years out of those of periods, with the very life expectancies of the years."""

import numpy as np

from dancu.forecast.axes import Floats
from dancu.forecast.life_table import life_table
from dancu.kernel.errors import FieldFault, Invalid

_ROUNDS = 30
_CLOSE = 1e-7
_STEP = 1e-4
_PEOPLE = 10.0, 125.0


def calibrated(mx: Floats, e0: Floats, direction: Floats) -> Floats:
    """Return death rates with a life expectancy, moved along a direction.

    Args:
        mx: `(..., sex, age)`.
        e0: what the life expectancy is to be `(..., sex)`.
        direction: change of the logarithms, which lowers mortality `(..., sex, age)`.

    Raises:
        Invalid: it is not the life expectancy of people, or no change of the rates leads there.
    """
    low, high = _PEOPLE
    if not bool(np.all((e0 >= low) & (e0 <= high))):
        told = f"life expectancies of {e0.min():.2f} to {e0.max():.2f} are not within {low:g} and {high:g} years"
        raise Invalid((FieldFault("/e0", told),))
    shift = np.zeros(e0.shape)
    logs = np.log(mx)
    direction = direction / np.abs(direction).mean(axis=-1, keepdims=True)
    for _ in range(_ROUNDS):
        here = _e0(logs, direction, shift)
        gap = e0 - here
        if float(np.abs(gap).max()) < _CLOSE:
            return np.exp(logs + shift[..., None] * direction)
        slope = (_e0(logs, direction, shift + _STEP) - here) / _STEP
        shift = shift + np.clip(gap / np.where(np.abs(slope) > 1e-9, slope, np.inf), -1.5, 1.5)
    worst = np.unravel_index(int(np.abs(gap).argmax()), gap.shape)
    raise Invalid((FieldFault("/e0", f"no death rates were found for a life expectancy of {e0[worst]:.2f}"),))


def _e0(logs: Floats, direction: Floats, shift: Floats) -> Floats:
    return life_table(np.minimum(np.exp(logs + shift[..., None] * direction), 2)).e0


def of_years(mx: Floats, centres: Floats, years: Floats, e0: Floats) -> Floats:
    """Return death rates of calendar years.

    The logarithms are straight lines in time between the periods (and go on beyond them), and then are moved along
    their own direction until the life expectancy of the year is met.

    Args:
        mx: of periods `(period, sex, age)`.
        centres: calendar years at the middle of the periods, rising `(period)`.
        years: calendar years that are asked for `(year)`.
        e0: their life expectancies `(year, sex)`.

    Returns:
        `(year, sex, age)`.
    """
    logs = np.log(mx)
    if len(centres) == 1:
        return calibrated(np.repeat(mx, len(years), axis=0), e0, np.full((len(years), *mx.shape[1:]), -0.01))
    low = np.clip(np.searchsorted(centres, years, side="right") - 1, 0, len(centres) - 2)
    width = centres[low + 1] - centres[low]
    share = np.clip((years - centres[low]) / width, -1, 2)[:, None, None]
    rates = np.exp(logs[low] + share * (logs[low + 1] - logs[low]))
    direction = logs[low + 1] - logs[low]
    falling = direction.mean(axis=-1, keepdims=True) < 0
    return calibrated(rates, e0, np.where(falling, direction, -0.01))
