"""What became of each record of a batch, as a file for the agency that sent it."""

import csv
from collections.abc import Iterator
from datetime import datetime
from math import isnan
from pathlib import Path

import psycopg

from dancu.audit.entry import Operation, sealed
from dancu.audit.log import SQL as AUDIT
from dancu.intake.decisions import Decision, Reason
from dancu.intake.logged import entry_of
from dancu.intake.rules import explained
from dancu.intake.store import SQL

HEADER = (
    "record",
    "line",
    "decision",
    "personal_number",
    "score",
    "reason",
    "rules",
    "what_to_do",
    "what_to_do_vi",
    "last_line",
)
WAITING = "waiting"
"""The word for a record on which nothing is decided yet: of a file that is held, or amid a load."""


def write_result(connection: psycopg.Connection, batch_id: int, out: Path, *, synthetic: bool, now: datetime) -> int:
    """Write one row for each record, in order, and return how many.

    The file appears when it is whole and its row stands in the access log. Files about people who do not exist say so
    in every row.

    Args:
        connection: of the role that loads; its transaction is committed.
    """
    broken: dict[int, list[tuple[str, str]]] = {}
    for record, field, rule, *_ in connection.execute(SQL.findings.encode(), {"batch_id": batch_id}):
        broken.setdefault(record, []).append((rule, field))
    partial = out.with_name(f".{out.name}.partial")
    count = 0
    with partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow((*HEADER, "stamp") if synthetic else HEADER)
        for row in _rows(connection, batch_id, broken):
            writer.writerow((*row, "SYNTHETIC") if synthetic else row)
            count += 1
    entry = entry_of("result", batch_id, operation=Operation.EXPORT, persons=count, now=now)
    connection.execute(AUDIT.record.encode(), sealed(entry))
    connection.commit()
    partial.replace(out)
    return count


def _rows(
    connection: psycopg.Connection, batch_id: int, broken: dict[int, list[tuple[str, str]]]
) -> Iterator[tuple[object, ...]]:
    with connection.cursor(name="results") as cursor:
        cursor.itersize = 5_000
        cursor.execute(SQL.results.encode(), {"batch_id": batch_id})
        for record, line, decision, reason, _, number, last_line, score in cursor:
            rules = broken.get(record, [])
            yield (
                record,
                line,
                Decision(abs(decision)).word if decision else WAITING,
                number or "",
                "" if score is None or isnan(score) else f"{score:.4f}",
                Reason(reason).text if reason else "",
                " ".join(rule for rule, _ in rules),
                explained(rules, language="en"),
                explained(rules, language="vi"),
                line if last_line is None else last_line,
            )
