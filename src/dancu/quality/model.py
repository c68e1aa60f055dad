"""What a measure is, and what a measurement says: pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

AGE_GROUPS = {-1: "?", 0: "0–5", 6: "6–14", 15: "15–34", 35: "35–59", 60: "60–79", 80: "80+"}
"""By youngest age; -1 where the birth is not known."""
ALL_AGES, ALL_SOURCES = -2, "*"
BY_HAND = ""
"""The source of what officers record themselves."""


class Dimension(StrEnum):
    """The four things that data must be: đúng, đủ, sạch, sống."""

    CORRECT = "correct"
    COMPLETE = "complete"
    CLEAN = "clean"
    LIVE = "live"


class Kind(StrEnum):
    """How a value comes from what was counted."""

    SHARE = "share"
    """numerator / denominator, Wilson's interval at the number of subjects."""
    RATE = "rate"
    """numerator for so many of the denominator, exact Poisson interval."""
    CHANCES = "chances"
    """As a rate, of a numerator that is a sum of chances."""
    DAYS = "days"
    """The quantile that 95 % do not exceed, by ranks."""
    ESTIMATE = "estimate"
    """From clerical samples or several lists; see `dancu.quality.estimates`."""


@dataclass(frozen=True)
class Bar:
    """What is to be reached.

    Args:
        limit: of the value.
        at_least: whether the value must not be below; else it must not be above.
        surely: whether the far end of the interval must reach it, and not just the value.
    """

    limit: float
    at_least: bool = True
    surely: bool = False

    def met(self, figure: "Figure") -> bool | None:
        """Tell whether a figure reaches the bar; None where there is no value."""
        shown = figure.value if not self.surely else figure.low if self.at_least else figure.high
        if shown is None:
            return None
        return shown >= self.limit if self.at_least else shown <= self.limit


@dataclass(frozen=True)
class Measure:
    """One way to say how good the register is.

    Args:
        code: name of its statement in `measures.sql`, unless `statement` says otherwise.
        characteristic: the word of ISO/IEC 25012.
        formula_vi, formula_en: how it is worked out, for readers.
        per: of a rate: for how many.
        bar: what is to be reached; None: published without a bar.
        parameters: of the statement, besides the day.
        lists: whether there is a list of persons to put right.
        personal: whether it counts persons, so that a figure of few tells of them.
        national: it is about sources, and of no province.
    """

    code: str
    dimension: Dimension
    characteristic: str
    kind: Kind
    name_vi: str
    name_en: str
    formula_vi: str
    formula_en: str
    bar: Bar | None = None
    per: int = 1
    statement: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)
    lists: bool = True
    personal: bool = True
    national: bool = False

    @property
    def query(self) -> str:
        """Name of the statement that counts."""
        return self.statement or self.code


@dataclass(frozen=True)
class Figure:
    """A measurement in one place, at one age, from one source.

    Args:
        province: '' the nation.
        age_group: `ALL_AGES`, or the youngest age of a group.
        source: `ALL_SOURCES`, or one.
        value, low, high: None where there is nothing to measure.
        middle: of a measure of time, the median.
        subjects: how many persons, cases or sources were counted; 0 of an estimate.
    """

    day: date
    measure: str
    province: str
    age_group: int
    source: str
    numerator: float
    denominator: float
    value: float | None = None
    low: float | None = None
    high: float | None = None
    middle: float | None = None
    subjects: int = 0
