"""Finding: candidates by index, within the scope of the transaction, ranked by how well each answers the question."""

import heapq
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import psycopg

from dancu.infra.db import Transaction
from dancu.infra.sql import Queries
from dancu.kernel.codes import PersonStatus
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Invalid, Limited
from dancu.kernel.text import fold
from dancu.linkage.variants import Vocabulary, keys_of, without_keystrokes
from dancu.register.search.question import Question
from dancu.register.search.rank import Hit, Ranking, by_number

SQL = Queries("dancu.register.search")

MOST_CANDIDATES = 1500
MOST_EXPECTED = 50_000
"""A name without year and commune that more people than this are thought to bear is refused before any row is read."""
TOO_MANY = 200
_MOST_OF_A_KEY = 250
_DAYS = 10_000
"""People are spread over more days of birth than this: where few share one, all of them are read and ranked."""
_KEYS_OF_OTHER_DAYS = 120
_MOST_COMMUNES = 30
_MOST_COMMUNES_READ = 5
_FORGET_AFTER_S = 600.0
_SAMPLED_ROWS = 100_000


class Add(StrEnum):
    """What would narrow a question that has too many answers, or make it one at all."""

    NAME = "name"
    YEAR = "year"
    PLACE = "place"
    WHOLE_NAME = "whole_name"


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
        hits = await _with_numbers(tx, list(question.numbers))
        if hits or not question.name:
            return Found(tuple(dict.fromkeys(hits))[:limit])
    if len(question.name) < 2 and len(question.name_with_place) < 2:
        return Found(add=(Add.NAME,))
    found: dict[int, Hit] = {}
    try:
        reach = await _reach(tx)
        for name, place in _readings(question):
            hits_of_reading = await _reading(tx, reach, question, name, place=place)
            if hits_of_reading is None:
                return Found(add=_missing(question))
            for hit in hits_of_reading:
                if hit.person_id not in found or found[hit.person_id].score < hit.score:
                    found[hit.person_id] = hit
    except psycopg.errors.QueryCanceled:
        raise TookTooLong(_missing(question)) from None
    if not found and len(question.name.split()) == 1 and question.born_from is None:
        return Found(add=_missing(question))
    hits = heapq.nsmallest(limit + TOO_MANY, found.values(), key=lambda hit: -hit.score)
    hits.sort(key=lambda hit: (-round(hit.score, 4), hit.name.order))
    if len(hits) > TOO_MANY and hits[TOO_MANY].score >= hits[0].score:
        return Found(add=_missing(question))
    return Found(tuple(hits[:limit]), more=len(hits) > limit)


async def _with_numbers(tx: Transaction, values: list[str]) -> list[Hit]:
    """Find who has or had a number; that of a merged record leads to the one that carries on."""
    hits = [by_number(row) for row in await tx.rows(SQL.by_number, {"values": values})]
    standing = [hit for hit in hits if hit.status is not PersonStatus.MERGED]
    if standing:
        return standing
    return [by_number(row) for row in await tx.rows(SQL.by_number_of_merged, {"values": values})]


@dataclass(frozen=True)
class _Reach:
    commune: str
    opened: tuple[int, ...]
    people: int
    vocabulary: Vocabulary


async def _reach(tx: Transaction) -> _Reach:
    row = await tx.row(SQL.circumstances)
    scope, opened, people = row or ("", "", 0)
    commune = scope.removeprefix("commune:") if scope.startswith("commune:") else ""
    persons = tuple(int(one) for one in opened.split(",") if one)
    return _Reach(commune, persons, people, await _vocabulary(tx, people))


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


def _as_meant(name: str, vocabulary: Vocabulary) -> str:
    """Take out the keystrokes of a keyboard that stayed in words which are none without."""
    words = []
    for word in name.split():
        folded = fold(word)
        meant = without_keystrokes(folded)
        words.append(meant if folded not in vocabulary and meant in vocabulary else word)
    return " ".join(words)


async def _reading(tx: Transaction, reach: _Reach, question: Question, typed: str, *, place: bool) -> list[Hit] | None:
    """Return the hits of one reading, unranked; None when there are too many to read."""
    name = _as_meant(typed, reach.vocabulary)
    asked = replace(question, name=name, place=question.place if place else None)
    ranking = Ranking(asked, name, place=place)
    rows = await _candidates(tx, reach, asked)
    if rows is None:
        return None
    hits = [ranking.rank(row, former=former) for row, former in rows]
    found = [hit for hit in hits if hit]
    if not found and question.born_from is not None:
        hits = [ranking.rank(row) for row in await _nearby(tx, reach, asked)]
        found = [hit for hit in hits if hit]
    return found


def _narrow(reach: _Reach, question: Question) -> list[str]:
    """The few communes in which all answers lie: those that were named, or the officer's own."""
    if question.place and not question.place.provinces:
        communes = sorted(question.place.communes)
        return communes if len(communes) <= _MOST_COMMUNES else []
    return [reach.commune] if reach.commune else []


async def _candidates(tx: Transaction, reach: _Reach, question: Question) -> list[tuple[Sequence[Any], bool]] | None:
    """Read candidates by index, each with whether a former name led to it; None when there are too many."""
    keys = keys_of(fold(question.name), reach.vocabulary)
    communes = _narrow(reach, question)
    if question.born_from is None:
        rows = await _by_name_alone(tx, reach, question, keys, communes)
        if rows is None:
            return None
        statements = []
    else:
        few_a_day = reach.people / _DAYS < MOST_CANDIDATES
        rows, statements = (
            [],
            _by_birth(question, keys[:_KEYS_OF_OTHER_DAYS] if few_a_day and question.whole_date else keys, communes),
        )
    statements.append((SQL.by_former_name, {"keys": keys, **_span(question), "most": MOST_CANDIDATES}))
    if reach.opened:
        statements.append((SQL.by_id, {"persons": list(reach.opened), "most": MOST_CANDIDATES}))
    async with tx.pipeline():
        cursors = [await tx.connection.execute(statement, parameters) for statement, parameters in statements]
    answers = [await cursor.fetchall() for cursor in cursors]
    of_former = len(answers) - (2 if reach.opened else 1)
    found = [(row, False) for row in rows]
    return found + [(row, i == of_former) for i, answer in enumerate(answers) for row in answer]


def _by_birth(question: Question, keys: list[str], communes: list[str]) -> list[tuple[str, dict[str, object]]]:
    """The statements for a question with a date: by day, by year within a commune, else by names in their turn."""
    most = {"most": MOST_CANDIDATES}
    if question.whole_date and question.born_from:
        births = _days_alike(PartialDate(question.born_from))
        return [
            (SQL.by_name_and_births, {"keys": keys, "births": births, **most}),
            (SQL.by_birth, {"born": question.born_from, **most}),
        ]
    if communes:
        return [(SQL.by_commune_and_birth, {"communes": communes, **_span(question), **most})]
    return [(SQL.by_names_in_turn, {"keys": keys, **_span(question), **_where(question), **_in_turn()})]


def _in_turn() -> dict[str, object]:
    return {"most_of_a_key": _MOST_OF_A_KEY, "most": MOST_CANDIDATES}


def _span(question: Question) -> dict[str, object]:
    return {"born_from": question.born_from or 0, "born_to": question.born_to or 99_999_999}


def _where(question: Question) -> dict[str, object]:
    provinces = sorted(question.place.provinces) if question.place else []
    communes = sorted(question.place.communes) if question.place else []
    return {"anywhere": question.place is None, "provinces": provinces, "communes": communes}


def _days_alike(day: PartialDate) -> list[int]:
    """A day, what is left of it when parts are unknown, and the day with its month and day exchanged."""
    days = {day.number, day.year * 10000 + day.month * 100, day.year * 10000}
    try:
        days.add(PartialDate.of(day.year, day.day, day.month).number)
    except Invalid:
        return sorted(days)
    return sorted(days)


async def _by_name_alone(
    tx: Transaction, reach: _Reach, question: Question, keys: list[str], communes: list[str]
) -> list[Any] | None:
    """Read those of a name without a date; None when there are too many."""
    rows: list[Any] = []
    if 0 < len(communes) <= _MOST_COMMUNES_READ:
        words = fold(question.name).split()
        for at_least in sorted({len(words), max(1, len(words) - 1)}, reverse=True):
            wanted = {"communes": communes, "words": words, "at_least": at_least, "most": MOST_CANDIDATES}
            rows = rows or await tx.rows(SQL.by_words, wanted)
    elif reach.people * reach.vocabulary.share(keys[0]) > MOST_EXPECTED:
        return None
    else:
        where = _where(question)
        rows = await tx.rows(SQL.by_name, {"keys": keys[:1], **where, "most": MOST_CANDIDATES})
        if not rows:
            rows = await tx.rows(SQL.by_names_in_turn, {"keys": keys[1:], **_span(question), **where, **_in_turn()})
    return None if len(rows) >= MOST_CANDIDATES else rows


async def _nearby(tx: Transaction, reach: _Reach, question: Question) -> list[Any]:
    """Read those of the name who were born in the year, on another day, or live elsewhere than was said."""
    keys = keys_of(fold(question.name), reach.vocabulary)
    year = (question.born_from or 0) // 10000 * 10000
    span = {"born_from": year, "born_to": max(question.born_to or 0, year + 1231)}
    anywhere = {"anywhere": True, "provinces": [], "communes": []}
    return await tx.rows(SQL.by_names_in_turn, {"keys": keys, **span, **anywhere, **_in_turn()})


_known: dict[str, tuple[float, Vocabulary]] = {}


async def _vocabulary(tx: Transaction, people: int) -> Vocabulary:
    """The words of names of this database, sampled anew every ten minutes."""
    database = tx.connection.info.dsn
    kept = _known.get(database)
    if kept and time.monotonic() - kept[0] < _FORGET_AFTER_S:
        return kept[1]
    percent = 100.0 if people <= _SAMPLED_ROWS else 100.0 * _SAMPLED_ROWS / people
    words = Vocabulary({word: int(n) for word, n in await tx.rows(SQL.name_words, {"percent": percent})})
    if words.frequencies:
        _known[database] = (time.monotonic(), words)
    return words
