"""The indicators: what each counts, by which law, and what it needs from elsewhere."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from dancu.forecast.axes import FEMALE, MALE, Floats
from dancu.forecast.indicators.course import Course, of_ages, share_of_ages
from dancu.forecast.indicators.imported import Imports, grid
from dancu.forecast.indicators.pension import pension_age

Parts = Mapping[str, Floats]
"""Values `(year, [trajectory,] unit)` by part; the whole is the part ''."""


@dataclass(frozen=True)
class Indicator:
    """A number for policy, of every year and unit.

    Args:
        code: its name in files.
        vi, en: its name for people.
        meaning: what is counted, exactly, and at which moment.
        law: what makes it matter, or sets its bounds.
        measure: persons, doses, per 100 persons ...
        needs: names of imports; one that ends in '/' stands for every import that begins so.
    """

    code: str
    vi: str
    en: str
    meaning: str
    law: str
    measure: str
    of: Callable[[Course, Imports], Parts]
    needs: tuple[str, ...] = ()

    def lacks(self, imports: Imports) -> tuple[str, ...]:
        """Return which of its needs are not met."""
        return tuple(
            need
            for need in self.needs
            if not (any(name.startswith(need) for name in imports) if need.endswith("/") else need in imports)
        )


LEVELS: Mapping[str, tuple[int, int]] = {
    "nursery": (0, 3),
    "kindergarten": (3, 6),
    "primary": (6, 11),
    "lower_secondary": (11, 15),
    "upper_secondary": (15, 18),
}
"""Ages reached in the calendar year in which a school year begins, the second not included."""


def _births(course: Course, _: Imports) -> Parts:
    return {"": course.births}


def _doses(course: Course, imports: Imports) -> Parts:
    """Newborns take those of age 0 whole: an infant's death spares few of its doses."""
    parts = {}
    for name in sorted(one for one in imports if one.startswith("doses/")):
        doses = course.spread(grid(imports[name], course.years, course.units))
        later = np.asarray((course.mid * doses)[..., 1:].sum(axis=(-2, -1)))
        parts[name.removeprefix("doses/")] = course.births * doses[..., MALE, 0] + later
    return parts


def _pupils(course: Course, imports: Imports) -> dict[str, Floats]:
    """Who reaches the ages of a level in a year, times the share that attends, where it is told."""
    pupils = {}
    for level, (first, last) in LEVELS.items():
        name = f"enrolment/{level}"
        share = course.spread(grid(imports[name], course.years, course.units)) if name in imports else 1.0
        pupils[level] = of_ages(course.end * share, first, last)
    return pupils


def _classes(course: Course, imports: Imports) -> dict[str, Floats]:
    return {
        level: pupils / _norm(course, imports, f"class_size/{level}")
        for level, pupils in _pupils(course, imports).items()
    }


def _teachers(course: Course, imports: Imports) -> Parts:
    return {
        level: classes * _norm(course, imports, f"teachers_per_class/{level}")
        for level, classes in _classes(course, imports).items()
    }


def _norm(course: Course, imports: Imports, name: str) -> Floats:
    """A value of the unit as a whole `(year, [1,] unit)`."""
    return course.spread(grid(imports[name], course.years, course.units)[..., MALE, 0])


def _from_age(course: Course, _: Imports, *, first: float, last: float = float("inf")) -> Parts:
    return {"": of_ages(course.mid, first, last)}


def _males(course: Course, _: Imports, *, first: float, last: float) -> Parts:
    return {"": np.asarray((course.mid[..., MALE, :] * share_of_ages(first, last)).sum(axis=-1))}


def _registering(course: Course, _: Imports) -> Parts:
    return {"": course.end[..., MALE, 17]}


def _pensionable(course: Course, _: Imports) -> Parts:
    shares = np.stack(
        [np.stack([share_of_ages(pension_age(year, sex)) for sex in (MALE, FEMALE)]) for year in course.years]
    )
    spread = course.spread(shares[:, None])
    return {"": np.asarray((course.mid * spread).sum(axis=(-2, -1)))}


def _workers(course: Course, imports: Imports) -> Floats:
    rates = course.spread(grid(imports["participation"], course.years, course.units))
    return np.asarray((course.mid * rates).sum(axis=(-2, -1)))


def _labour(course: Course, imports: Imports) -> Parts:
    return {"": _workers(course, imports)}


def _rural_labour(course: Course, imports: Imports) -> Parts:
    return {"": _workers(course, imports) * _norm(course, imports, "rural_share_of_labour")}


def _farmers(course: Course, imports: Imports) -> Parts:
    rural = _rural_labour(course, imports)[""]
    return {"": rural * _norm(course, imports, "farm_share_of_rural_labour")}


def _dependency(course: Course, _: Imports) -> Parts:
    young, old = of_ages(course.mid, 0, 15), of_ages(course.mid, 65)
    working = of_ages(course.mid, 15, 65)
    parts = {"young": young, "old": old, "": young + old}
    return {part: _per_hundred(people, working) for part, people in parts.items()}


def _per_hundred(people: Floats, base: Floats) -> Floats:
    return np.asarray(np.divide(100 * people, base, out=np.zeros_like(people), where=base > 0))


def _weighted(course: Course, imports: Imports, *, by: str, first: float = 0) -> Parts:
    """People times a stated share by sex and age."""
    rates = course.spread(grid(imports[by], course.years, course.units))
    return {"": of_ages(course.mid * rates, first)}


def _urban(course: Course, imports: Imports) -> Parts:
    return {"": of_ages(course.mid, 0) * _norm(course, imports, "urban_share")}


def _urban_floor(course: Course, imports: Imports) -> Parts:
    return {"": _urban(course, imports)[""] * _norm(course, imports, "floor_area")}


_GROUPS = ((0, 15), (15, 20), (20, 25), (25, 35), (35, 45), (45, 60), (60, 131))


def _temporary(course: Course, imports: Imports) -> Parts:
    people = course.mid * course.spread(grid(imports["temporary_share"], course.years, course.units))
    groups = {f"{a}-{b - 1}" if b <= 100 else f"{a}+": of_ages(people, a, b) for a, b in _GROUPS}
    return {"": of_ages(people, 0), **groups}


_PERSONS, _A_YEAR = "persons at 1 July", "a calendar year"
_EDUCATION = "Luật Giáo dục 43/2019/QH14, Điều 26 and Điều 28"

INDICATORS: tuple[Indicator, ...] = (
    Indicator(
        "births",
        "Số sinh dự kiến",
        "Births expected",
        f"live births of {_A_YEAR}",
        "Luật Trẻ em 102/2016/QH13, Điều 13",
        "persons a year",
        _births,
    ),
    Indicator(
        "vaccine_doses",
        "Nhu cầu vắc xin tiêm chủng mở rộng",
        "Doses of the immunisation programme",
        f"doses that fall due in {_A_YEAR}, by vaccine; children of age 0 are the newborns of the year",
        "Luật Phòng, chống bệnh truyền nhiễm 03/2007/QH12, Điều 29; Thông tư 10/2024/TT-BYT",
        "doses a year",
        _doses,
        needs=("doses/",),
    ),
    Indicator(
        "school_places",
        "Chỗ học theo cấp",
        "School places by level",
        "those who reach the ages of a level in the calendar year in which the school year begins, times the share "
        "that attends (all, unless enrolment is given)",
        _EDUCATION,
        "persons",
        _pupils,
    ),
    Indicator(
        "classes",
        "Số lớp theo cấp",
        "Classes by level",
        "school places by the greatest lawful size of a class",
        "Thông tư 28/2020, 32/2020, 52/2020/TT-BGDĐT",
        "classes",
        _classes,
        needs=("class_size/",),
    ),
    Indicator(
        "teachers",
        "Số giáo viên theo cấp",
        "Teachers by level",
        "classes times the norm of teachers a class",
        "Thông tư 19/2023, 20/2023/TT-BGDĐT",
        "persons",
        _teachers,
        needs=("class_size/", "teachers_per_class/"),
    ),
    Indicator(
        "voters",
        "Người đủ tuổi bầu cử",
        "People of voting age",
        "18 years and over, of whatever nationality",
        "Hiến pháp 2013, Điều 27",
        _PERSONS,
        partial(_from_age, first=18),
    ),
    Indicator(
        "military_registration",
        "Nam đến tuổi đăng ký nghĩa vụ quân sự",
        "Men who come of age for military registration",
        "males who turn 17 in the year",
        "Luật Nghĩa vụ quân sự 78/2015/QH13, Điều 12",
        "persons a year",
        _registering,
    ),
    Indicator(
        "military_age",
        "Nam trong độ tuổi gọi nhập ngũ",
        "Men of conscription age",
        "males from 18 to 25 completed years",
        "Luật Nghĩa vụ quân sự 78/2015/QH13, Điều 30",
        _PERSONS,
        partial(_males, first=18, last=26),
    ),
    Indicator(
        "working_age",
        "Dân số trong độ tuổi lao động",
        "People of working age",
        "15 to 64 completed years",
        "Bộ luật Lao động 45/2019/QH14, Điều 3 khoản 1",
        _PERSONS,
        partial(_from_age, first=15, last=65),
    ),
    Indicator(
        "labour_force",
        "Lực lượng lao động",
        "Labour force",
        "people times the share of their sex and age who work or look for work",
        "Bộ luật Lao động 45/2019/QH14",
        _PERSONS,
        _labour,
        needs=("participation",),
    ),
    Indicator(
        "labour_force_rural",
        "Lực lượng lao động nông thôn",
        "Rural labour force",
        "labour force times its rural share",
        "Bộ luật Lao động 45/2019/QH14",
        _PERSONS,
        _rural_labour,
        needs=("participation", "rural_share_of_labour"),
    ),
    Indicator(
        "farm_workforce",
        "Lao động nông nghiệp",
        "Farm workforce",
        "rural labour force times the share that farms, as stated",
        "Bộ luật Lao động 45/2019/QH14",
        _PERSONS,
        _farmers,
        needs=("participation", "rural_share_of_labour", "farm_share_of_rural_labour"),
    ),
    Indicator(
        "pension_age",
        "Người đủ tuổi nghỉ hưu",
        "People of pension age",
        "at or over the age of retirement of their sex in the year, birthdays spread evenly",
        "Bộ luật Lao động 45/2019/QH14, Điều 169; Nghị định 135/2020/NĐ-CP, Điều 4",
        _PERSONS,
        _pensionable,
    ),
    Indicator(
        "social_pension_age",
        "Người đủ tuổi trợ cấp hưu trí xã hội",
        "People of the age of social pension",
        "75 years and over",
        "Luật Bảo hiểm xã hội 41/2024/QH15, Điều 21",
        _PERSONS,
        partial(_from_age, first=75),
    ),
    Indicator(
        "dependency",
        "Tỷ số phụ thuộc",
        "Dependency ratio",
        "under 15 (young) and 65 and over (old) per 100 of 15 to 64",
        "Pháp lệnh Dân số 06/2003/PL-UBTVQH11",
        "per 100 persons",
        _dependency,
    ),
    Indicator(
        "elderly",
        "Người cao tuổi",
        "Elderly people",
        "60 years and over",
        "Luật Người cao tuổi 39/2009/QH12, Điều 2",
        _PERSONS,
        partial(_from_age, first=60),
    ),
    Indicator(
        "elderly_alone",
        "Người cao tuổi sống một mình",
        "Elderly people who live alone",
        "60 years and over times the share of their sex and age who live alone",
        "Luật Người cao tuổi 39/2009/QH12, Điều 17",
        _PERSONS,
        partial(_weighted, by="living_alone", first=60),
        needs=("living_alone",),
    ),
    Indicator(
        "households",
        "Số hộ",
        "Households",
        "people times the share of their sex and age who head a household",
        "Luật Cư trú 68/2020/QH14, Điều 10",
        "households at 1 July",
        partial(_weighted, by="headship"),
        needs=("headship",),
    ),
    Indicator(
        "urban",
        "Dân số đô thị",
        "Urban population",
        "people times the urban share of the unit",
        "Luật Quy hoạch đô thị và nông thôn 47/2024/QH15",
        _PERSONS,
        _urban,
        needs=("urban_share",),
    ),
    Indicator(
        "urban_floor",
        "Nhu cầu sàn nhà ở đô thị",
        "Urban floor space",
        "urban population times the floor space that is aimed at",
        "Luật Nhà ở 27/2023/QH15; Quyết định 2161/QĐ-TTg (2021)",
        "m²",
        _urban_floor,
        needs=("urban_share", "floor_area"),
    ),
    Indicator(
        "temporary_residents",
        "Dân số tạm trú (biến động)",
        "Floating population",
        "people times the temporary residents per resident of their unit, sex and age; by age, without names",
        "Luật Cư trú 68/2020/QH14, Điều 27",
        _PERSONS,
        _temporary,
        needs=("temporary_share",),
    ),
)
