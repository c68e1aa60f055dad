"""The age of retirement as the Labour Code raises it year by year."""

from dancu.forecast.axes import FEMALE, MALE

_SCHEDULE = {
    # sex: (age in months in 2020, months added a year from 2021, age in months that it ends at)
    MALE: (60 * 12, 3, 62 * 12),
    FEMALE: (55 * 12, 4, 60 * 12),
}
_FIRST = 2021


def pension_age(year: int, sex: int) -> float:
    """Return the age of retirement under normal conditions in a year, in years.

    Args:
        sex: `axes.MALE` or `axes.FEMALE`.

    Law: Bộ luật Lao động 45/2019/QH14, Điều 169; Nghị định 135/2020/NĐ-CP, Điều 4 (men 60 years and 3 months in 2021,
    three months more each year up to 62 in 2028; women 55 years and 4 months, four months more up to 60 in 2035).
    """
    before, added, most = _SCHEDULE[sex]
    months = min(before + added * max(year - _FIRST + 1, 0), most)
    return months / 12
