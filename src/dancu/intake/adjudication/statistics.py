"""How the queue does, for those who supervise it: backlog and its age, clerks, agreement, and answers by score."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dancu.infra.db import Transaction
from dancu.intake.adjudication.agreement import kappa, quantile, wilson
from dancu.intake.adjudication.model import Answer, Part
from dancu.intake.adjudication.queue import SQL
from dancu.kernel.time import today

PERIOD = timedelta(days=90)
BANDS = (0.0, 0.05, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999)
"""Lower bounds of the bands of the score in which answers are counted; they tell where the thresholds belong."""


@dataclass(frozen=True)
class Backlog:
    """What waits in one province, or at the Center.

    Args:
        province_code: None: of no province.
        age_median_days, age_p95_days: how long it has been waiting.
        overdue: how many are past their day.
    """

    province_code: str | None
    raised: bool
    waiting: int
    age_median_days: float
    age_p95_days: float
    overdue: int


@dataclass(frozen=True)
class Share:
    """A share with the interval in which it lies at 95 %."""

    right: int
    of: int

    @property
    def value(self) -> float | None:
        """The share itself; None of nothing."""
        return self.right / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's interval."""
        return wilson(self.right, self.of)


@dataclass(frozen=True)
class ClerkFigures:
    """How one clerk does.

    Args:
        known: answers to questions whose answer is known; checked: own decisions that others judged blindly.
        seconds_median, seconds_p95: service times; None: nothing was decided.
    """

    officer_id: int
    decided: int
    seconds_median: float | None
    seconds_p95: float | None
    known: Share
    checked: Share
    skipped: int


@dataclass(frozen=True)
class Band:
    """The answers of clerks where the score lay in a band."""

    low: float
    high: float
    answers: Mapping[Answer, int]


@dataclass(frozen=True)
class Figures:
    """All figures of the queue in the caller's scope.

    Args:
        states: doubts by where they are; differing: blind checks that found otherwise than what was decided.
        kappa: agreement of first and blind second judgement; None: too few.
    """

    since: datetime
    backlog: tuple[Backlog, ...]
    states: Mapping[str, int]
    differing: int
    kappa: float | None
    checked: Share
    clerks: tuple[ClerkFigures, ...]
    bands: tuple[Band, ...]

    @property
    def waiting(self) -> int:
        """How many wait in all."""
        return sum(one.waiting for one in self.backlog)

    @property
    def overdue(self) -> int:
        """How many are past their day."""
        return sum(one.overdue for one in self.backlog)


async def backlog(tx: Transaction, *, now: datetime) -> tuple[Backlog, ...]:
    """Count what waits, by province, in the scope of the transaction."""
    return tuple(Backlog(*row) for row in await tx.rows(SQL.backlog, {"now": now, "day": today(now)}))


async def figures(tx: Transaction, *, now: datetime) -> Figures:
    """Work out the figures of the last three months, in the scope of the transaction."""
    since = now - PERIOD
    states = await tx.rows(SQL.states)
    verdicts = await tx.rows(SQL.verdicts_since, {"since": since})
    skipped = dict[int, int](await tx.rows(SQL.skips_since, {"since": since}))
    counts: Counter[str] = Counter()
    for state, _, count in states:
        counts[state] += count
    pairs = [(answer, first) for _, role, answer, _, _, first, _, _ in verdicts if role == Part.CHECKS_BLINDLY]
    agreed = [bool(row[3]) for row in verdicts if row[1] == Part.CHECKS_BLINDLY]
    return Figures(
        since,
        await backlog(tx, now=now),
        dict(counts),
        sum(count for _, checked, count in states if checked == "differs"),
        kappa([pair for pair in pairs if pair[1] is not None]),
        Share(sum(agreed), len(agreed)),
        tuple(_clerks(verdicts, skipped)),
        tuple(_bands(verdicts)),
    )


def _clerks(verdicts: Sequence[Sequence[Any]], skipped: Mapping[int, int]) -> list[ClerkFigures]:
    by_officer: defaultdict[int, list[Sequence[Any]]] = defaultdict(list)
    checks_of: defaultdict[int, list[bool]] = defaultdict(list)
    for row in verdicts:
        by_officer[row[0]].append(row)
        if row[1] == Part.CHECKS_BLINDLY and row[6] is not None:
            checks_of[row[6]].append(bool(row[3]))
    found = []
    for officer_id, rows in by_officer.items():
        decided = [row for row in rows if row[1] == Part.DECIDES]
        known = [bool(row[3]) for row in rows if row[1] == Part.IS_MEASURED]
        checks = checks_of[officer_id]
        seconds = [float(row[4]) for row in rows]
        found.append(
            ClerkFigures(
                officer_id,
                len(decided),
                quantile(seconds, 0.5),
                quantile(seconds, 0.95),
                Share(sum(known), len(known)),
                Share(sum(checks), len(checks)),
                skipped.get(officer_id, 0),
            )
        )
    return sorted(found, key=lambda one: (-one.decided, one.officer_id))


def _bands(verdicts: Sequence[Sequence[Any]]) -> list[Band]:
    found = [Counter[Answer]() for _ in BANDS]
    for row in verdicts:
        if row[1] == Part.DECIDES and row[7] is not None:
            found[sum(row[7] >= low for low in BANDS) - 1][Answer(row[2])] += 1
    highs = (*BANDS[1:], 1.0)
    return [Band(low, high, answers) for low, high, answers in zip(BANDS, highs, found, strict=True) if answers]
