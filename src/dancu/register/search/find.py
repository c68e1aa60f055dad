"""Finding: candidates by index, ranked by how well each answers the question."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import psycopg

from dancu.infra.db import Transaction
from dancu.infra.sql import Queries
from dancu.kernel.codes import PersonStatus, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Limited
from dancu.kernel.names import PersonName
from dancu.kernel.text import fold
from dancu.linkage.likeness import likeness
from dancu.linkage.variants import Vocabulary, keys_of
from dancu.register.search.question import Question

SQL = Queries("dancu.register.search")

MOST_CANDIDATES = 1500
TOO_MANY = 200
_FORGET_AFTER_S = 600.0
_SAMPLED_ROWS = 100_000
_ALIKE = 0.74


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


class Add(StrEnum):
    """What would narrow a question that has too many answers, or make it one at all."""

    NAME = "name"
    YEAR = "year"
    PLACE = "place"
    WHOLE_NAME = "whole_name"


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


@dataclass(frozen=True)
class Found:
    """The answer.

    Args:
        hits: the best first.
        more: there are further ones than are given.
        add: not empty: too many people answer to this, so none is listed; what to add.
    """

    hits: tuple[Hit, ...] = ()
    more: bool = False
    add: tuple[Add, ...] = ()


class TookTooLong(Limited):
    """The question was too wide to be answered in time; `add` is what would narrow it."""

    def __init__(self, add: tuple[Add, ...]) -> None:
        super().__init__("The question is too wide: add a year or a place")
        self.add = add


async def search(tx: Transaction, question: Question, *, limit: int = 20) -> Found:
    """Find the people who answer a question, within the scope of the transaction.

    Questions that half of the country answers are refused, with what to add.

    Raises:
        TookTooLong: the database gave up on it; the transaction is lost.
    """
    if question.numbers:
        hits = [_by_number(row) for row in await tx.rows(SQL.by_number, {"values": list(question.numbers)})]
        if hits or not question.name:
            return Found(tuple(dict.fromkeys(hits))[:limit])
    if len(question.name) < 2 and len(question.name_with_place) < 2:
        return Found(add=(Add.NAME,))
    vocabulary = await _vocabulary(tx)
    found: dict[int, Hit] = {}
    for name, place in _readings(question):
        try:
            rows = await _candidates(tx, replace(question, name=name), vocabulary)
        except psycopg.errors.QueryCanceled:
            raise TookTooLong(_missing(question)) from None
        if rows is None:
            return Found(add=_missing(question))
        for row, former in rows:
            hit = _ranked(_hit(row), question, name, place, former=former)
            if hit and (hit.person_id not in found or found[hit.person_id].score < hit.score):
                found[hit.person_id] = hit
    if not found and len(question.name.split()) == 1 and question.born_from is None:
        return Found(add=_missing(question))
    hits = sorted(found.values(), key=lambda hit: (-hit.score, hit.name.order))
    if len(hits) > TOO_MANY and hits[TOO_MANY].score >= hits[0].score:
        return Found(add=_missing(question))
    return Found(tuple(hits[:limit]), more=len(hits) > limit)


def _readings(question: Question) -> list[tuple[str, bool]]:
    """(name, whether the place is one): words that may name a place or belong to the name are tried as both."""
    readings = [(question.name, question.place is not None)]
    if question.name_with_place and question.name_with_place != question.name:
        readings.append((question.name_with_place, False))
    return [(name, place) for name, place in readings if len(name) >= 2]


def _missing(question: Question) -> tuple[Add, ...]:
    add = []
    if len(question.name.split()) < 2:
        add.append(Add.WHOLE_NAME)
    if question.born_from is None:
        add.append(Add.YEAR)
    if question.place is None:
        add.append(Add.PLACE)
    return tuple(add) or (Add.WHOLE_NAME,)


async def _candidates(
    tx: Transaction, question: Question, vocabulary: Vocabulary
) -> list[tuple[Sequence[Any], bool]] | None:
    """Read candidates by index, each with whether a former name led to it; None when there are too many."""
    keys = keys_of(fold(question.name), vocabulary)
    span = {"born_from": question.born_from or 0, "born_to": question.born_to or 99_999_999}
    most = {"most": MOST_CANDIDATES}
    async with tx.pipeline():
        execute = tx.connection.execute
        if question.born_from is None:
            named = await execute(SQL.by_name, {"keys": keys[:1], **most})
        else:
            named = await execute(SQL.by_name_and_birth, {"keys": keys, **_year_only_too(question), **most})
        former = await execute(SQL.by_former_name, {"keys": keys, **span, **most})
        born = await execute(SQL.by_birth, {"born": question.born_from, **most}) if question.whole_date else None
    rows = await named.fetchall()
    if len(rows) >= MOST_CANDIDATES:
        return None
    if not rows and question.born_from is None:
        rows = await tx.rows(SQL.by_name, {"keys": keys, **most})
        if len(rows) >= MOST_CANDIDATES:
            return None
    if not rows:
        rows = await _half_remembered(tx, question, span)
    others = await born.fetchall() if born else []
    return [(row, False) for row in (*rows, *others)] + [(row, True) for row in await former.fetchall()]


_MOST_COMMUNES = 5


async def _half_remembered(tx: Transaction, question: Question, span: dict[str, int]) -> list[Any]:
    """Read those whose names hold all the words, within a few communes; over a wider scope this would read too much."""
    communes = sorted(question.place.communes) if question.place else []
    if len(communes) > _MOST_COMMUNES:
        return []
    words = {"words": fold(question.name).split(), "communes": communes, "most": MOST_CANDIDATES}
    return await tx.rows(SQL.by_words, {**words, **span})


def _year_only_too(question: Question) -> dict[str, int]:
    """Widen a whole date to its year, for those of whom only the year is known; ranking does the rest."""
    year = (question.born_from or 0) // 10000 * 10000
    return {"born_from": year, "born_to": max(question.born_to or 0, year + 1231)}


def _hit(row: Sequence[Any]) -> Hit:
    person_id, number, surname, middle, given, born, sex, status, province, commune = row[:10]
    name = PersonName(surname, middle, given)
    day = PartialDate(born) if born else None
    return Hit(person_id, number, name, day, Sex(sex), PersonStatus(status), province, commune)


def _by_number(row: Sequence[Any]) -> Hit:
    why = Why.CANCELLED_NUMBER if row[10] else Why.NUMBER
    return replace(_hit(row), reasons=(Reason(why),), score=10.0)


def _ranked(hit: Hit, question: Question, name: str, place: bool, *, former: bool) -> Hit | None:
    """Score a candidate and say why it matched; None when the name is not alike."""
    alike = 0.9 if former else likeness(name, hit.name.full)
    if alike < _ALIKE:
        return None
    why = Why.FORMER_NAME if former else (Why.NAME if alike >= 0.95 else Why.NAME_ALIKE)
    reasons, score = [Reason(why, hit.name.full)], 4 * alike
    birth = _birth(hit, question)
    if birth is None:
        return None
    score += birth[1]
    reasons += birth[0]
    if place and question.place:
        in_place = hit.commune_code in question.place.communes or hit.province_code in question.place.provinces
        if not in_place:
            return None if question.born_from is None else replace(hit, reasons=tuple(reasons), score=score - 1)
        reasons.append(Reason(Why.PLACE, question.place.text))
        score += 1
    if question.sex and hit.sex:
        if hit.sex is not question.sex:
            return None
        reasons.append(Reason(Why.SEX))
    if hit.status in {PersonStatus.ANNULLED, PersonStatus.MERGED}:
        score -= 2
    return replace(hit, reasons=tuple(reasons), score=score)


def _birth(hit: Hit, question: Question) -> tuple[list[Reason], float] | None:
    """Reasons and score of the birth date; None when it stands against the question."""
    if question.born_from is None or question.born_to is None:
        return [], 0.0
    if hit.born is None:
        return [], -0.5
    if question.whole_date:
        if hit.born.number == question.born_from:
            return [Reason(Why.BIRTH_DATE, str(hit.born))], 3.0
        if hit.born.day == 0 and hit.born.may_be(PartialDate(question.born_from)):
            return [Reason(Why.BIRTH_YEAR, str(hit.born))], 1.5
        return None
    if question.born_from <= hit.born.number <= question.born_to:
        return [Reason(Why.BIRTH_YEAR, str(hit.born.year))], 2.0
    return None


_known: dict[str, tuple[float, Vocabulary]] = {}


async def _vocabulary(tx: Transaction) -> Vocabulary:
    """The words of names of this database, sampled anew every ten minutes."""
    database = tx.connection.info.dsn
    kept = _known.get(database)
    if kept and time.monotonic() - kept[0] < _FORGET_AFTER_S:
        return kept[1]
    row = await tx.row(SQL.size_of_register)
    size = int(row[0]) if row else 0
    percent = 100.0 if size <= _SAMPLED_ROWS else 100.0 * _SAMPLED_ROWS / size
    words = Vocabulary({word: int(n) for word, n in await tx.rows(SQL.name_words, {"percent": percent})})
    _known[database] = (time.monotonic(), words)
    return words
