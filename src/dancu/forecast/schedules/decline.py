"""The pattern of mortality decline: a country's own death rates, which fall as model life tables do at their level.

Where there is no past to fit a model to, the last table is kept and every age improves by as much as it does in model
life tables of the same life expectancy: children first, and the old the more the longer people live.

Source of the idea: Andreev, Gu, Gerland (2013), "Age patterns of mortality improvement by level of life expectancy at
birth with applications to mortality projections", Population Association of America; the patterns are those of
`dancu.forecast.schedules.model_tables`.
"""

from dataclasses import dataclass

import numpy as np

from dancu.forecast.axes import AGES, Floats, expect
from dancu.forecast.life_table import life_table
from dancu.forecast.schedules.interpolated import calibrated
from dancu.forecast.schedules.model_tables import ModelTables, log_quadratic


@dataclass(frozen=True)
class PatternOfDecline:
    """Death rates of units, and the family of tables whose improvements they follow.

    Args:
        mx: `(..., sex, age)`, such as those of units.
        family: of model life tables.
    """

    mx: Floats
    family: ModelTables

    @classmethod
    def after(cls, mx: Floats, family: ModelTables | None = None) -> "PatternOfDecline":
        """Return the decline of death rates after a family of tables, the log-quadratic ones by default."""
        expect(mx, (2, AGES), "mx", leading=2)
        return cls(mx, family or log_quadratic())

    def at(self, e0: Floats) -> Floats:
        """Return death rates with life expectancies.

        Args:
            e0: years at birth, whose last axes are those of `mx` without its ages `(..., sex)`.

        Returns:
            `(..., sex, age)`.
        """
        here = life_table(self.mx).e0
        middle = np.broadcast_to((here + e0) / 2, e0.shape)
        falls = self.family.improvement(middle)
        return calibrated(np.broadcast_to(self.mx, falls.shape), e0, -falls)
