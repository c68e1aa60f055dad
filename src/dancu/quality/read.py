"""What was measured, for readers: in the scope of their transaction."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dancu.access.work import OpenWork
from dancu.infra.db import Transaction
from dancu.quality.model import ALL_AGES, ALL_SOURCES, Figure, Kind, Measure
from dancu.quality.run import SQL, counted

TREND = timedelta(days=92)
_AT_MOST = 200


@dataclass(frozen=True)
class Wanting:
    """A record to put right, as it stands now."""

    person_id: int
    surname: str
    middle: str
    given: str
    born: int | None
    sex: int
    personal_number: str | None
    province_code: str | None
    commune_code: str | None

    @property
    def name(self) -> str:
        """The name in full."""
        return " ".join(part for part in (self.surname, self.middle, self.given) if part)


@dataclass(frozen=True)
class Which:
    """Which records of a measure to list.

    Args:
        place: code of a province or commune; '' all in scope.
        after: the last id of the page before.
    """

    place: str = ""
    age_group: int | None = None
    source: str | None = None
    after: int = 0


async def last_day(tx: Transaction) -> date | None:
    """Return the last day on which anything was measured."""
    row = await tx.row(SQL.last_day)
    found: date | None = row[0] if row else None
    return found


async def board(tx: Transaction, province: str, *, day: date) -> dict[str, Figure]:
    """Return the last figure of each measure in a place, by code; '' is the nation."""
    asked = {"province": province, "since": day - TREND}
    return {one.measure: one for one in await tx.all(Figure, SQL.board, asked)}


async def parts(tx: Transaction, measure: str, *, day: date, province: str | None = None) -> list[Figure]:
    """Return the last figures of a measure: of each place (None), of all ages and sources and by one of them."""
    asked = {"measure": measure, "province": province, "since": day - TREND}
    return await tx.all(Figure, SQL.parts_of, asked)


async def trends(
    tx: Transaction, measures: Sequence[str] | None, *, day: date, province: str | None = None
) -> dict[tuple[str, str], list[tuple[date, float]]]:
    """Return the values of three months, by measure and place."""
    rows = await tx.rows(
        SQL.trend_of, {"measures": list(measures) if measures else None, "province": province, "since": day - TREND}
    )
    found: defaultdict[tuple[str, str], list[tuple[date, float]]] = defaultdict(list)
    for code, place, on, value in rows:
        if value is not None:
            found[code, place].append((on, value))
    return dict(found)


async def by_unit(tx: Transaction, one: Measure, province: str, *, day: date) -> dict[str, Figure]:
    """Return the figures of the communes of a province; none of a measure of time or an estimate."""
    if one.kind in {Kind.DAYS, Kind.ESTIMATE}:
        return {}
    rows = await tx.rows(SQL.cells_by_unit, {"measure": one.code, "province": province})
    return {
        unit: counted(one, Figure(day, one.code, province, ALL_AGES, ALL_SOURCES, numerator, denominator), rest)
        for unit, numerator, denominator, *rest in rows
    }


async def to_fix_by_unit(tx: Transaction, measure: str, province: str | None = None) -> Mapping[str, int]:
    """Return how many records are listed to be put right, by unit."""
    rows = await tx.rows(SQL.to_fix_by_unit, {"measure": measure, "province": province})
    return {unit or place: count for place, unit, count in rows}


async def to_fix(work: OpenWork, measure: str, which: Which, *, most: int = 50) -> list[Wanting]:
    """List records to put right whom the work may see, as they stand now, and log whom it showed."""
    found = await work.tx.all(
        Wanting,
        SQL.to_fix,
        {
            "measure": measure,
            "place": which.place,
            "age_group": which.age_group,
            "source": which.source,
            "after": which.after,
            "most": min(most, _AT_MOST),
        },
    )
    await work.log(persons=tuple(one.person_id for one in found), result_count=len(found))
    return found
