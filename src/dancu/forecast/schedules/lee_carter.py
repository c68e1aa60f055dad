"""The model of Lee and Carter: a past of death rates, and one number a year that moves all ages.

log m(x, t) = a(x) + b(x) k(t). Both sexes share b(x), so that they don't drift apart; a(x) is the last year's, so that
a forecast begins where the past ends; and b(x) turns to an older pattern as life expectancy rises (see `rotation`).

Sources: Lee, Carter (1992), *JASA* 87(419); Li, Lee (2005), *Demography* 42(3).
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from dancu.forecast.axes import AGES, Floats, expect
from dancu.forecast.schedules.interpolated import calibrated
from dancu.forecast.schedules.rotation import rotated
from dancu.kernel.errors import FieldFault, Invalid

_STILL = 1e-9  # of a logarithm


@dataclass(frozen=True)
class LeeCarter:
    """A fitted model.

    Args:
        last: logarithms of the death rates of the last year `(sex, age)`.
        b: how much each age moves, sums to 1 `(age,)`.
        k: the index of the past years, falling where mortality falls `(year,)`.
    """

    last: Floats
    b: Floats
    k: Floats

    @classmethod
    def fit(cls, mx: Floats) -> Self:
        """Fit the model to a past.

        Args:
            mx: death rates `(year, sex, age)`, above 0, of two years at least.

        Raises:
            Invalid: there are fewer years, or a rate is not above 0.
        """
        expect(mx, (len(mx), 2, AGES), "mx")
        if len(mx) < 2 or not bool(np.all(mx > 0)):
            raise Invalid((FieldFault("/mx", "needs two years at least, with death rates above 0"),))
        logs = np.log(mx)
        change = (logs - logs.mean(axis=0)).mean(axis=1)
        if float(np.abs(change).max()) < _STILL:
            raise Invalid((FieldFault("/mx", "does not change over the years"),))
        left, scale, right = np.linalg.svd(change, full_matrices=False)
        b, k = right[0], left[:, 0] * scale[0]
        total = b.sum()
        b, k = np.maximum(b / total, 0), k * total
        return cls(logs[-1], b / b.sum(), k)

    def at(self, e0: Floats) -> Floats:
        """Return death rates with life expectancies `(..., sex, age)`.

        Args:
            e0: years at birth `(..., sex)`.
        """
        b = rotated(np.broadcast_to(self.b, (*e0.shape[:-1], AGES)), e0.mean(axis=-1))[..., None, :]
        last = np.broadcast_to(self.last, (*e0.shape, AGES))
        return calibrated(np.exp(last), e0, np.broadcast_to(-b, last.shape))
