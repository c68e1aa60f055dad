"""Model life tables: all death rates of a population of which only the life expectancy is known.

log m(x) = a(x) + b(x) h + c(x) h^2 + v(x) k, h being the logarithm of the probability to die before age 5. At ages 1
to 4 the rate follows from that and from age 0. Beyond the tables' life expectancies the last improvement goes on.

Source: Wilmoth, Zureick, Canudas-Romo, Inoue, Sawyer (2012), "A flexible two-dimensional mortality model for use in
indirect estimation", *Population Studies* 66(1), table 3: fitted to 719 life tables of the Human Mortality Database.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from dancu.forecast.axes import FEMALE, MALE, SEXES, Floats
from dancu.forecast.life_table import infants_ax, life_table
from dancu.forecast.schedules.abridged import single_ages
from dancu.forecast.schedules.interpolated import calibrated
from dancu.forecast.schedules.rotation import rotated
from dancu.forecast.tables import Table

_AGES = (0, 1, *range(5, 111, 5))
_CHILDREN = np.geomspace(0.40, 0.0035, 40)  # who dies before age 5; with fewer, youths of the model die more again
# Years lived by those who die at ages 1 to 4, as lines over m0 (Coale, Demeny 1983, West).
_TODDLERS = {MALE: (1.651, -2.816, 1.352), FEMALE: (1.522, -1.518, 1.361)}
_HIGH = 0.107
_LEAST = 0.05  # of the mean improvement: no age gets worse while life expectancy rises


@dataclass(frozen=True)
class ModelTables:
    """A family of life tables that rises in life expectancy.

    Args:
        e0: years at birth of the tables `(table, sex)`.
        logs: logarithms of their death rates `(table, sex, age)`.
    """

    e0: Floats
    logs: Floats

    def at(self, e0: Floats) -> Floats:
        """Return death rates with life expectancies.

        Args:
            e0: years at birth `(..., sex)`.

        Returns:
            `(..., sex, age)`.

        Raises:
            Invalid: no table comes near a life expectancy.
        """
        low = self._below(e0)
        return calibrated(np.exp(self._pick(low, e0)), e0, -self.improvement(e0))

    def improvement(self, e0: Floats) -> Floats:
        """Return how much the logarithms of death rates fall as life expectancy rises, by age `(..., sex, age)`.

        Args:
            e0: years at birth `(..., sex)`.
        """
        falls = -self._step(self._below(e0))
        falls = np.maximum(falls, _LEAST * falls.mean(axis=-1, keepdims=True))
        both = np.broadcast_to(e0.mean(axis=-1, keepdims=True), e0.shape)
        return rotated(falls, both)

    def _below(self, e0: Floats) -> NDArray[np.intp]:
        tables = np.stack([np.searchsorted(self.e0[:, sex], e0[..., sex]) - 1 for sex in (MALE, FEMALE)], axis=-1)
        return np.asarray(np.clip(tables, 0, len(self.e0) - 2))

    def _pick(self, low: NDArray[np.intp], e0: Floats) -> Floats:
        sexes = np.arange(2)
        share = (e0 - self.e0[low, sexes]) / (self.e0[low + 1, sexes] - self.e0[low, sexes])
        return np.asarray(self.logs[low, sexes] + np.clip(share, 0, 1)[..., None] * self._step(low))

    def _step(self, low: NDArray[np.intp]) -> Floats:
        return np.asarray(self.logs[low + 1, np.arange(2)] - self.logs[low, np.arange(2)])


@cache
def log_quadratic(k: float = 0.0) -> ModelTables:
    """Return the model life tables of the source.

    Args:
        k: adults' mortality against what children's tells; -1 to 1 is usual, and 0 the middle.
    """
    mx = single_ages(_rates(k), _AGES)
    return ModelTables(life_table(mx).e0, np.log(mx))


def _rates(k: float) -> Floats:
    """Abridged rates of tables with ever fewer deaths of children `(table, sex, group)`."""
    h = np.log(_CHILDREN)[:, None]
    of_sexes = []
    for sex in (MALE, FEMALE):
        a, b, c, v = _coefficients(SEXES[sex])
        rates = np.exp(a + b * h + c * h**2 + v * k)
        infants = rates[:, 0]
        of_sexes.append(np.insert(rates, 1, _toddlers(infants, _CHILDREN, sex), axis=1))
    return np.asarray(np.minimum(np.stack(of_sexes, axis=1), 0.99))


def _toddlers(infants: Floats, before_five: Floats, sex: int) -> Floats:
    """The rate of ages 1 to 4."""
    dies = infants / (1 + (1 - infants_ax(infants, sex)) * infants)
    later = 1 - (1 - before_five) / (1 - dies)
    offset, slope, high = _TODDLERS[sex]
    lived = np.where(infants < _HIGH, offset + slope * infants, high)
    return np.asarray(later / (4 - (4 - lived) * later))


def _coefficients(sex: str) -> tuple[Floats, Floats, Floats, Floats]:
    text = files("dancu.forecast.schedules").joinpath("log_quadratic.csv").read_text(encoding="utf-8")
    rows = [row for row in Table.parse(text, "log_quadratic.csv").rows if row["sex"].text == sex]
    a, b, c, v = (np.array([row[name].number for row in rows]) for name in "abcv")
    return a, b, c, v
