"""Households after a first load: those without a head get the clock that the law gives them."""

from datetime import date
from typing import Any

import psycopg

from dancu.infra.sql import Queries

SQL = Queries("dancu.register.bulk", "households.sql")


def start_clocks(connection: psycopg.Connection[Any], since: date) -> int:
    """Start the clock of every household that has members and no head; return how many.

    Args:
        since: day of the load, from which the state is known.

    Law: Luật Cư trú 68/2020/QH14, Điều 10.
    """
    return connection.execute(SQL.start_clocks, {"since": since}).rowcount
