"""Rules of law about civil events: one unit each, with citation and the days on which it is in force.

A rule compares *valid* dates and sees nothing else than its facts.
A rule that is in force refuses; where a fact of the past is only being recorded
(loading, history), the same finding becomes a warning, since what happened is recorded.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from dancu.kernel.codes import PersonStatus
from dancu.kernel.dates import Period
from dancu.kernel.errors import Refused

Facts = TypeVar("Facts")


@dataclass(frozen=True)
class Warned:
    """A rule that would refuse an act of today was met by a fact of the past."""

    rule: str
    law: str
    message_vi: str
    message_en: str


@dataclass(frozen=True)
class Rule(Generic[Facts]):
    """One rule of law.

    Args:
        id: stable name, `subject.rule`.
        law: citation as published.
        in_force: days on which it applies in this form.
        breached: tells whether the facts breach it.
        warns_only: never refuses, since the law itself lets such facts stand.
        of_nature: such a fact can't have happened, so it is refused also where history is recorded.
    """

    id: str
    law: str
    in_force: Period
    breached: Callable[[Facts], bool]
    message_vi: str
    message_en: str
    warns_only: bool = False
    of_nature: bool = False


def judge(rules: Iterable[Rule[Facts]], facts: Facts, *, on: date, recording_history: bool = False) -> list[Warned]:
    """Hold the facts against the rules in force on a day.

    Args:
        on: valid date of the act.
        recording_history: the fact is past and only recorded: warn instead of refusing.

    Raises:
        Refused: by the first rule that is breached.
    """
    warnings = []
    for rule in rules:
        if not rule.in_force.covers(on) or not rule.breached(facts):
            continue
        if rule.of_nature or not (recording_history or rule.warns_only):
            raise Refused(rule.id, rule.law, rule.in_force.since, rule.message_vi, rule.message_en)
        warnings.append(Warned(rule.id, rule.law, rule.message_vi, rule.message_en))
    return warnings


GONE = frozenset({PersonStatus.DEAD, PersonStatus.DECLARED_DEAD})
"""Who is dead, or was declared so."""

ALWAYS = Period(date(1800, 1, 1))
DECREE_83 = Period(date(1998, 10, 25), date(2006, 4, 1))
DECREE_158 = Period(date(2006, 4, 1), date(2016, 1, 1))
CIVIL_STATUS_LAW = Period(date(2016, 1, 1))
MARRIAGE_LAW_2014 = Period(date(2015, 1, 1))
MARRIAGE_LAW_1986_TO_2014 = Period(date(1987, 1, 3), date(2015, 1, 1))
BEFORE_MARRIAGE_LAW_1986 = Period(date(1800, 1, 1), date(1987, 1, 3))


# Marriage -------------------------------------------------------------------------------------------------------
RESIDENCE_LAW_2020 = Period(date(2021, 7, 1))
