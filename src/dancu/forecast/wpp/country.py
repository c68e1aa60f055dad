"""From the figures of a country to its forecast."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dancu.forecast.axes import FEMALE, FERTILE, Floats
from dancu.forecast.model import Population, Projection, Rates
from dancu.forecast.project import project
from dancu.forecast.schedules.abridged import single_ages
from dancu.forecast.schedules.fertility import split
from dancu.forecast.schedules.interpolated import of_years
from dancu.forecast.schedules.open_age import spread_open

_PASSES = 3


@dataclass(frozen=True)
class Country:
    """What is known of a country: its people on 1 January of a year, and rates of the years from then on.

    Args:
        code: what its files are called by.
        first_year: year of the stock and of index 0 of what follows.
        stock: persons by single ages, the last one open `(sex, age)`.
        tfr: children by a woman `(year,)`.
        pasfr: births by women of the groups 10-14 to 50-54 per woman of the group, in any measure `(year, 9)`.
        srb: males born per female `(year,)`.
        e0: years at birth `(year, sex)`.
        centres: calendar years at the middle of the periods of `mx`, rising `(period,)`.
        mx: death rates of an abridged life table `(period, sex, 22)`.
        net: persons from abroad less those who went there, by age at the end of the year `(year, sex, 131)`.
    """

    code: str
    first_year: int
    stock: Floats
    tfr: Floats
    pasfr: Floats
    srb: Floats
    e0: Floats
    centres: Sequence[float]
    mx: Floats
    net: Floats


def world_prospects(country: Country) -> tuple[Projection, Rates]:
    """Carry a country forward to the end of its rates, in the way of the United Nations.

    Returns:
        The projection, and the rates by single years of age that it was made with.
    """
    years = np.arange(country.first_year, country.first_year + len(country.tfr))
    mx = of_years(single_ages(country.mx), np.asarray(country.centres), years.astype(np.float64), country.e0)
    base = stock_of(country, mx)
    women = None
    for _ in range(_PASSES):
        rates = rates_of(country, mx, women)
        projection = project(base, rates, until=int(years[-1]) + 1)
        women = _women(projection)
    return projection, rates


def stock_of(country: Country, mx: Floats) -> Population:
    """Return the stock of a country with single ages to 130."""
    return Population(country.first_year, (country.code,), spread_open(country.stock, mx[0])[None])


def rates_of(country: Country, mx: Floats, women: Floats | None = None) -> Rates:
    """Return the rates of a country by single years of age.

    Args:
        mx: death rates `(year, sex, 131)`.
        women: of fertile ages, who lived in the years `(year, 45)`: the fertility of a group is that of its women as
            they are spread over its ages. Without them each age weighs the same.
    """
    asfr = split(country.pasfr, women) * country.tfr[:, None]
    return Rates(
        country.first_year,
        (country.code,),
        mx[:, None],
        asfr[:, None],
        country.srb[:, None],
        country.net[:, None],
    )


def _women(projection: Projection) -> Floats:
    """The mean of women at the start and at the end of a year before anybody crosses the border `(year, 45)`."""
    net = projection.immigrants - projection.emigrants
    both = projection.stock[:-1] + projection.stock[1:] - net
    return np.asarray(both[:, 0, FEMALE, FERTILE] / 2)
