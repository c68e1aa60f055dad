"""Reading the counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from dancu.stats.cells import Base
from dancu.stats.counter import SQL


@dataclass(frozen=True)
class Count:
    """How many living persons a unit has of one sex and year of birth.

    Args:
        unit: today's commune; the province where only that is certain; '' where neither is.
        born_year: 0 where it is not known.
    """

    unit: str
    sex: int
    born_year: int
    persons: int


def population(
    connection: psycopg.Connection[Any], *, base: Base = Base.ABODE, units: Sequence[str] | None = None
) -> list[Count]:
    """List the counts of units; small ones tell of persons, so they are not for publication.

    Args:
        units: codes of communes, and of a province for who is only known to live in it; None: all.

    Not promised: a change within the last two seconds.
    """
    asked = {"base": int(base), "units": list(units) if units is not None else None}
    return [Count(*row) for row in connection.execute(SQL.population.encode(), asked).fetchall()]
