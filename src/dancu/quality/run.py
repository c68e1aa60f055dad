"""Measuring: each measure in one pass over the register, in a transaction of its own, so that it can go on."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import inf
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from dancu.infra.sql import Queries
from dancu.intake.adjudication.agreement import wilson
from dancu.kernel.errors import Conflict, NotFound
from dancu.kernel.time import today
from dancu.quality import estimating
from dancu.quality.catalogue import BY_CODE, MEASURES
from dancu.quality.intervals import poisson, quantile, quantile_interval, sum_of_chances
from dancu.quality.model import Figure, Kind, Measure

SQL = Queries("dancu.quality")
COUNTING = Queries("dancu.quality", "measures.sql")
LISTED = 200
"""How many records to put right are listed of each unit: more than an office can do before the next night."""

# One pass over the register: the planner takes several processes for making a table, and none for inserting into one.
# Such a statement has no parameters, so that the client writes them in.
_MEASURED = "CREATE TEMPORARY TABLE measured ON COMMIT DROP AS "
_ADD = """
INSERT INTO quality.cell (measure, province, unit, age_group, source, numerator, denominator, variance, subjects)
SELECT %(measure)s, b.province, b.unit, b.age_group, b.source, sum(b.numerator), sum(b.denominator), sum(b.variance),
       count(*) FILTER (WHERE b.denominator <> 0)
  FROM measured b
 GROUP BY b.province, b.unit, b.age_group, b.source"""
_ADD_DAYS = """
INSERT INTO quality.cell (measure, province, unit, age_group, source, days, numerator, denominator, subjects)
SELECT %(measure)s, b.province, b.unit, b.age_group, b.source, b.days, 0, count(*), count(*)
  FROM measured b
 GROUP BY b.province, b.unit, b.age_group, b.source, b.days"""
_LIST = """
INSERT INTO quality.to_fix (measure, person_id, province, unit, age_group, source)
SELECT %(measure)s, r.person_id, r.province, r.unit, r.age_group, r.source
  FROM (SELECT b.person_id, b.province, b.unit, b.age_group, b.source,
               row_number() OVER (PARTITION BY b.province, b.unit ORDER BY b.person_id) AS place
          FROM measured b
         WHERE b.wrong AND b.person_id IS NOT NULL) r
 WHERE r.place <= %(listed)s
    ON CONFLICT DO NOTHING"""

Report = Callable[[str], None]
Connection = psycopg.Connection[Any]


class MeasureUnknown(NotFound):
    """There is no such measure."""


class AlreadyMeasuring(Conflict):
    """Somebody else measures, or a first load goes on."""


@dataclass(frozen=True)
class Ran:
    """What was done: measures, and how long each took in seconds."""

    day: date
    measured: Mapping[str, float]
    earlier: tuple[str, ...]


def quality_dsn(dsn: str) -> str:
    """Return an address whose sessions may measure."""
    return make_conninfo(
        dsn,
        options="-c role=dancu_quality -c statement_timeout=0 -c work_mem=256MB -c max_parallel_workers_per_gather=2",
        application_name="dancu quality",
    )


def measure(code: str) -> Measure:
    """Return a measure. Raises MeasureUnknown."""
    found = BY_CODE.get(code)
    if found is None:
        raise MeasureUnknown("There is no such measure")
    return found


def run(
    dsn: str,
    *,
    now: datetime,
    only: Sequence[str] = (),
    again: bool = False,
    report: Report = lambda _: None,
) -> Ran:
    """Measure what of today is not measured yet.

    Args:
        only: codes of measures; none: all of them.
        again: also what is measured today already.

    Raises:
        MeasureUnknown: there is no such measure.
        AlreadyMeasuring: somebody else measures, or a first load goes on.
    """
    wanted = [measure(code) for code in only] or list(MEASURES)
    day = today(now)
    with psycopg.connect(quality_dsn(dsn), autocommit=True) as connection:
        _lead(connection)
        if again:
            connection.execute(_text(SQL.forget_runs), {"day": day, "measures": [one.code for one in wanted]})
        done = {code for (code,) in connection.execute(_text(SQL.done), {"day": day}).fetchall()}
        left = [one for one in wanted if one.code not in done]
        if left:
            report("who is measured: persons by unit, age and source")
            _fill_subjects(connection, day)
        measured = {one.code: _run_one(connection, one, day, now, report) for one in left}
    return Ran(day, measured, tuple(one.code for one in wanted if one.code in done))


def _lead(connection: Connection) -> None:
    row = connection.execute(_text(SQL.loading)).fetchone()
    if row and row[0]:
        raise AlreadyMeasuring("A first load goes on: measure when it has ended")
    row = connection.execute(_text(SQL.lead)).fetchone()
    if not row or not row[0]:
        raise AlreadyMeasuring("The register is being measured already")


def _fill_subjects(connection: Connection, day: date) -> None:
    with connection.transaction():
        connection.execute(_text(SQL.empty_subjects))
        connection.execute(_text(SQL.fill_subjects), {"day": day})
    connection.execute(_text(SQL.analyze_subjects))


def _run_one(connection: Connection, one: Measure, day: date, now: datetime, report: Report) -> float:
    began = time.monotonic()
    with connection.transaction():
        for clear in (SQL.clear_cells, SQL.clear_list, SQL.clear_values):
            connection.execute(_text(clear), {"measure": one.code, "day": day})
        if one.kind is Kind.ESTIMATE:
            figures = estimating.figures(connection, one, day)
        else:
            _count(connection, one, day)
            figures = _figures(connection, one, day)
        keep(connection, one.code, day, figures)
        seconds = time.monotonic() - began
        noted = {"day": day, "measure": one.code, "now": now, "seconds": seconds}
        connection.execute(_text(SQL.note_run), noted)
    report(f"{one.code}: {seconds:.1f} s")
    return seconds


def _count(connection: Connection, one: Measure, day: date) -> None:
    """Add the rows of a measure up, and list the wrong ones."""
    with psycopg.ClientCursor(connection) as cursor:
        cursor.execute(_text(_MEASURED + getattr(COUNTING, one.query)), {"day": day, **one.parameters})
    asked = {"measure": one.code, "listed": LISTED}
    connection.execute(_text(_ADD_DAYS if one.kind is Kind.DAYS else _ADD), asked)
    if one.lists:
        connection.execute(_text(_LIST), asked)


def _figures(connection: Connection, one: Measure, day: date) -> list[Figure]:
    if one.kind is Kind.DAYS:
        bars: defaultdict[tuple[str, int, str], dict[int, int]] = defaultdict(dict)
        rows = connection.execute(_text(SQL.histograms), {"measure": one.code}).fetchall()
        for province, age_group, source, days, count in rows:
            bars[province, age_group, source][days] = count
        return [timed(one, Figure(day, one.code, *key, 0, 0), histogram) for key, histogram in bars.items()]
    rows = connection.execute(_text(SQL.sums), {"measure": one.code}).fetchall()
    return [
        counted(one, Figure(day, one.code, province, age_group, source, numerator or 0, denominator or 0), rest)
        for province, age_group, source, numerator, denominator, *rest in rows
    ]


def counted(one: Measure, figure: Figure, rest: Sequence[float]) -> Figure:
    """Work out value and interval from what was counted.

    Args:
        figure: with numerator and denominator.
        rest: variance of the numerator; number of subjects.
    """
    numerator, denominator, variance, subjects = figure.numerator, figure.denominator, rest[0] or 0, rest[1] or 0
    figure = replace(figure, subjects=int(subjects))
    if not denominator:
        return figure
    value = numerator / denominator * one.per
    match one.kind:
        case Kind.SHARE:
            interval = wilson(value * subjects, subjects) or (value, value)
        case Kind.CHANCES:
            low, high = sum_of_chances(numerator, variance)
            interval = (low / denominator * one.per, high / denominator * one.per)
        case _:
            low, high = poisson(numerator)
            interval = (low / denominator * one.per, high / denominator * one.per)
    return replace(figure, value=value, low=interval[0], high=interval[1])


def timed(one: Measure, figure: Figure, histogram: Mapping[int, int]) -> Figure:
    """Work out quantile, median and interval of a measure of time; the numerator is how many are within the bar."""
    of = sum(histogram.values())
    limit = one.bar.limit if one.bar else inf
    within = sum(count for days, count in histogram.items() if days <= limit)
    value, interval = quantile(histogram, 0.95), quantile_interval(histogram, 0.95)
    low, high = interval or (None, None)
    return replace(
        figure,
        numerator=float(within),
        denominator=float(of),
        value=None if value is None else float(value),
        low=low,
        high=None if high == inf else high,
        middle=quantile(histogram, 0.5),
        subjects=of,
    )


def keep(connection: Connection, code: str, day: date, figures: Iterable[Figure]) -> None:
    """Write the figures of a measure on a day."""
    told = list(figures)
    columns: dict[str, list[object]] = {
        name: [getattr(one, name) for one in told] for name in ("province", "age_group", "source", "subjects")
    }
    for name in ("numerator", "denominator", "value", "low", "high", "middle"):
        numbers = [getattr(one, name) for one in told]
        columns[name] = [None if number is None else float(number) for number in numbers]
    connection.execute(_text(SQL.add_values), {"day": day, "measure": code, **columns})


def _text(statement: str) -> bytes:
    return statement.encode()
