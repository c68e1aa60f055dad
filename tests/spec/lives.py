"""Lives for tables of rules, and what a table answers."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import TypeVar

from dancu.kernel.codes import Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Refused
from dancu.register.life import Life
from dancu.register.rules import Rule, judge

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
TODAY = date(2026, 11, 24)
ALLOWED = ""

Facts = TypeVar("Facts")


def life(person_id: int, born: str, sex: Sex = Sex.MALE, **more: object) -> Life:
    """A life with the parts that a rule looks at."""
    return Life(person_id, 1, NOW, born=PartialDate.parse(born), sex=sex, **more)  # type: ignore[arg-type]


def answer(rules: Iterable[Rule[Facts]], facts: Facts, on: date | str, *, history: bool = False) -> str:
    """The rule that refuses, `warns: ...`, or nothing."""
    day = PartialDate.parse(on).earliest if isinstance(on, str) else on
    try:
        warned = judge(rules, facts, on=day, recording_history=history)
    except Refused as refused:
        return refused.rule if refused.law and refused.in_force <= day else "a refusal without law"
    return "warns: " + " ".join(one.rule for one in warned) if warned else ALLOWED


def day(text: str) -> PartialDate:
    """Read a partial date."""
    return PartialDate.parse(text)
