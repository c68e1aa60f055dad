"""Period life tables of single years of age: pure arrays, any leading axes.

Sources: Preston, Heuveline, Guillot (2001), *Demography*, ch. 3; Andreev, Kingkade (2015), "Average age at death in
infancy and infant mortality level", *Demographic Research* 33(13), table of the Human Mortality Database, protocol 6.
"""

from dataclasses import dataclass

import numpy as np

from dancu.forecast.axes import FEMALE, MALE, Floats

# By sex: rates of infants at which the next line begins, and lines a0 = at + by * m0.
_INFANTS = {
    MALE: ((0.0230, 0.08307), ((0.14929, -1.99545), (0.02832, 3.26021), (0.29915, 0.0))),
    FEMALE: ((0.01724, 0.06891), ((0.14903, -2.05527), (0.04667, 3.88089), (0.31411, 0.0))),
}

_NOBODY = 1e-2  # of a cohort; keeps ratios finite at rates of 2 and more


@dataclass(frozen=True)
class LifeTable:
    """A life table by single years of age.

    Args:
        mx: death rates.
        ax: years lived in the age by those who die in it.
        lx: survivors to the exact age, of one born.
        Lx: years lived in the age; the last age is open.
    """

    mx: Floats
    ax: Floats
    lx: Floats
    Lx: Floats

    @property
    def qx(self) -> Floats:
        """Probabilities of dying in the age; 1 in the last one."""
        q = np.ones_like(self.lx)
        q[..., :-1] = 1 - self.lx[..., 1:] / self.lx[..., :-1]
        return q

    @property
    def ex(self) -> Floats:
        """Years still to live at the exact age."""
        return np.asarray(np.flip(np.cumsum(np.flip(self.Lx, -1), axis=-1), -1) / self.lx)

    @property
    def e0(self) -> Floats:
        """Years that one born may expect."""
        return np.asarray(self.Lx.sum(axis=-1))


@dataclass(frozen=True)
class Survival:
    """How cohorts come through a calendar year.

    Args:
        ratio: survivors by age at the end `(..., age)`. At 0: of those born in the year. At x: of those aged x - 1 at
            the start. At 130: of those aged 129 and over at the start.
        separation: of the cohort's deaths, by age at the end, the share that happened before the birthday; the others
            died at the age of the index.
    """

    ratio: Floats
    separation: Floats


def infants_ax(m0: Floats, sex: int) -> Floats:
    """Return the years lived by those who die in their first year (Andreev-Kingkade).

    Args:
        m0: death rates of infants.
        sex: `MALE` or `FEMALE`.
    """
    begins, lines = _INFANTS[sex]
    at = np.searchsorted(np.asarray(begins), m0, side="right")
    offset, slope = (np.asarray(column)[at] for column in zip(*lines, strict=True))
    return np.asarray(offset + slope * m0)


def life_table(mx: Floats) -> LifeTable:
    """Return the life tables of death rates.

    Args:
        mx: `(..., sex, age)` by single years; the last age is open.
    """
    ax = np.full_like(mx, 0.5)
    for sex in (MALE, FEMALE):
        ax[..., sex, 0] = infants_ax(mx[..., sex, 0], sex)
    ax[..., -1] = 1 / mx[..., -1]
    closed, lived = mx[..., :-1], ax[..., :-1]
    stays = np.clip((1 - closed * lived) / (1 + closed * (1 - lived)), _NOBODY, 1)
    lx = np.ones_like(mx)
    np.cumprod(stays, axis=-1, out=lx[..., 1:])
    years = np.empty_like(mx)
    years[..., :-1] = lx[..., 1:] + lived * (lx[..., :-1] - lx[..., 1:])
    years[..., -1] = lx[..., -1] * ax[..., -1]
    return LifeTable(mx, ax, lx, years)


def survival_of(mx: Floats) -> Survival:
    """Return survival ratios and separation factors of death rates.

    Args:
        mx: `(..., sex, age)` by single years.
    """
    table = life_table(mx)
    lived, alive = table.Lx, table.lx
    ratio = np.empty_like(mx)
    ratio[..., 0] = lived[..., 0]
    ratio[..., 1:] = lived[..., 1:] / lived[..., :-1]
    ratio[..., -1] = lived[..., -1] / (lived[..., -2] + lived[..., -1])
    separation = np.zeros_like(mx)
    died = lived[..., :-2] - lived[..., 1:-1]
    before = lived[..., :-2] - alive[..., 1:-1]
    np.divide(before, died, out=separation[..., 1:-1], where=died > 0)
    return Survival(ratio, separation)


def deaths_at_ages(deaths: Floats, separation: Floats) -> Floats:
    """Return deaths by the age at which people died.

    Args:
        deaths: by the age that the cohort reached at the end of the year `(..., age)`.
        separation: of `Survival`, of the same years.
    """
    before = deaths * separation
    at_ages = deaths - before
    at_ages[..., :-1] += before[..., 1:]
    return np.asarray(at_ages)
