"""Indicators for policy: numbers that follow from a projection, each with its definition, law and imports."""

from collections.abc import Sequence
from dataclasses import dataclass

from dancu.forecast.axes import Floats
from dancu.forecast.indicators.catalogue import INDICATORS, LEVELS, Indicator
from dancu.forecast.indicators.course import Course, course_of
from dancu.forecast.indicators.imported import Imports, Stated, read_imports, shipped, together
from dancu.forecast.indicators.pension import pension_age
from dancu.forecast.model import Projection
from dancu.kernel.errors import FieldFault, Invalid

__all__ = [
    "INDICATORS",
    "LEVELS",
    "Course",
    "Imports",
    "Indicator",
    "Measured",
    "Stated",
    "course_of",
    "indicators",
    "pension_age",
    "read_imports",
    "shipped",
    "together",
]


@dataclass(frozen=True)
class Measured:
    """The values of one indicator.

    Args:
        values: `(year, [trajectory,] unit)` by part; the whole is the part ''.
        lacks: imports that it needs and that were not given; there are no values then.
    """

    indicator: Indicator
    years: range
    units: tuple[str, ...]
    values: dict[str, Floats]
    lacks: tuple[str, ...] = ()


def indicators(projection: Projection, imports: Imports | None = None, *, only: Sequence[str] = ()) -> list[Measured]:
    """Compute indicators of a projection.

    Args:
        imports: on top of the norms that are shipped.
        only: codes; all of them if none is given.

    Raises:
        Invalid: single ages were not kept, or a code is unknown.
    """
    known = {one.code: one for one in INDICATORS}
    if strange := [code for code in only if code not in known]:
        raise Invalid(tuple(FieldFault("/only", f"There is no indicator {code}") for code in strange))
    course = course_of(projection)
    given = together(shipped(), imports or {})
    return [_measured(known[code], course, given) for code in only or known]


def _measured(indicator: Indicator, course: Course, imports: Imports) -> Measured:
    lacks = indicator.lacks(imports)
    values = {} if lacks else dict(indicator.of(course, imports))
    return Measured(indicator, course.years, course.units, values, lacks)
