"""The model in force: by which records are weighed, live and in bulk, by every process of an installation."""

from datetime import datetime
from typing import Any

import psycopg
import structlog

from dancu.infra.db import Transaction
from dancu.infra.sql import Queries
from dancu.intake.match import model as of_the_program
from dancu.kernel.ids import new_id
from dancu.linkage.model import Model, UnusableModel

SQL = Queries("dancu.intake", "live.sql")
_read: dict[int, Model] = {}
_log = structlog.get_logger("dancu.intake")


async def model_of(tx: Transaction, model_id: int | None) -> Model:
    """Return a model that was put in force; None: that of the program. One that was read is kept.

    One that was made for another version of the program is as if it were not there; the log says so.
    """
    if model_id is None:
        return of_the_program()
    if model_id not in _read:
        row = await tx.row(SQL.model, {"model_id": model_id})
        _read[model_id] = _usable(row[0]) if row else of_the_program()
    return _read[model_id]


def in_force(connection: psycopg.Connection[Any]) -> Model:
    """Return the model in force, for work in bulk."""
    row = connection.execute(SQL.model_in_force.encode()).fetchone()
    return _usable(row[1]) if row else of_the_program()


def _usable(told: str) -> Model:
    try:
        return Model.read(told.encode())
    except UnusableModel as error:
        _log.warning("the model in force is not used", why=str(error))
        return of_the_program()


def put_in_force(connection: psycopg.Connection[Any], model: Model, *, by: str, now: datetime) -> None:
    """Weigh by this model from now on.

    Args:
        connection: of the role that loads.
        by: name of who puts it in force.
    """
    row = {"model_id": new_id(), "now": now, "by": by, "version": model.version, "told": model.json().decode()}
    connection.execute(SQL.put_in_force.encode(), row)
