"""How well each candidate answers the question, and why: pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from dancu.kernel.codes import PersonStatus, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.names import PersonName
from dancu.linkage.likeness import likeness
from dancu.register.search.question import Question

ALIKE = 0.74
"""Names less alike than this are other names."""
_SAME_NAME = 0.95


class Why(StrEnum):
    """What of the question a person answers."""

    NUMBER = "number"
    CANCELLED_NUMBER = "cancelled_number"
    NAME = "name"
    NAME_ALIKE = "name_alike"
    FORMER_NAME = "former_name"
    BIRTH_DATE = "birth_date"
    BIRTH_YEAR = "birth_year"
    PLACE = "place"
    SEX = "sex"


@dataclass(frozen=True)
class Reason:
    """One reason for a match, with the part of the question that it answers."""

    why: Why
    value: str = ""


@dataclass(frozen=True)
class Hit:
    """One person who was found."""

    person_id: int
    personal_number: str | None
    name: PersonName
    born: PartialDate | None
    sex: Sex
    status: PersonStatus
    province_code: str | None
    commune_code: str | None
    reasons: tuple[Reason, ...] = ()
    score: float = 0.0


def hit_of(row: Sequence[Any]) -> Hit:
    """Read a candidate's row."""
    person_id, number, surname, middle, given, born, sex, status, province, commune = row[:10]
    name = PersonName(surname, middle, given)
    day = PartialDate(born) if born else None
    return Hit(person_id, number, name, day, Sex(sex), PersonStatus(status), province, commune)


def by_number(row: Sequence[Any]) -> Hit:
    """Read the row of who has or had a number that was typed."""
    why = Why.CANCELLED_NUMBER if row[10] else Why.NUMBER
    return replace(hit_of(row), reasons=(Reason(why),), score=10.0)


class Ranking:
    """Ranks candidates for one reading of a question.

    Args:
        name: the words that this reading takes for a name.
        place: whether it takes the place for one.
    """

    def __init__(self, question: Question, name: str, *, place: bool) -> None:
        self._question = question
        self._name = name
        self._place = question.place if place else None
        self._alike: dict[tuple[str, ...], float] = {}

    def rank(self, row: Sequence[Any], *, former: bool = False) -> Hit | None:
        """Score a candidate and say why it matched; None when it does not.

        Args:
            former: a former or other name led to it.
        """
        alike = self._likeness(row)
        if former:
            alike = max(alike, 0.9)
        if alike < ALIKE:
            return None
        hit = hit_of(row)
        birth = _birth(hit.born, self._question, same_name=alike >= _SAME_NAME)
        if birth is None or (self._question.sex and hit.sex and hit.sex is not self._question.sex):
            return None
        place = self._where(hit)
        if place is None:
            return None
        why = Why.NAME if alike >= _SAME_NAME else Why.FORMER_NAME if former and alike <= 0.9 else Why.NAME_ALIKE
        sex = [Reason(Why.SEX)] if self._question.sex and hit.sex else []
        gone = 2.0 if hit.status in {PersonStatus.ANNULLED, PersonStatus.MERGED} else 0.0
        reasons = (Reason(why, hit.name.full), *birth[0], *place[0], *sex)
        return replace(hit, reasons=reasons, score=8 * alike + birth[1] + place[1] - gone)

    def _likeness(self, row: Sequence[Any]) -> float:
        parts = tuple(row[2:5])
        found = self._alike.get(parts)
        if found is None:
            found = self._alike[parts] = likeness(self._name, " ".join(part for part in parts if part))
        return found

    def _where(self, hit: Hit) -> tuple[list[Reason], float] | None:
        """Reasons and score of the place; None when it stands against the question."""
        if self._place is None:
            return [], 0.0
        if hit.commune_code in self._place.communes or hit.province_code in self._place.provinces:
            return [Reason(Why.PLACE, self._place.text)], 1.0
        return None if self._question.born_from is None else ([], -1.0)


def _birth(born: PartialDate | None, question: Question, *, same_name: bool) -> tuple[list[Reason], float] | None:
    """Reasons and score of the birth date; None when it stands against the question."""
    if question.born_from is None or question.born_to is None:
        return [], 0.0
    if born is None:
        return [], -0.5
    if not question.whole_date:
        inside = question.born_from <= born.number <= question.born_to
        return ([Reason(Why.BIRTH_YEAR, str(born.year))], 2.0) if inside else None
    asked = PartialDate(question.born_from)
    if born == asked:
        return [Reason(Why.BIRTH_DATE, str(born))], 3.0
    told = [Reason(Why.BIRTH_YEAR, str(born))]
    if born.day == 0 and born.may_be(asked):
        return told, 1.5
    if (born.year, born.month, born.day) == (asked.year, asked.day, asked.month):
        return told, 1.5
    return (told, 0.5) if same_name and born.year == asked.year else None
