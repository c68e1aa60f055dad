"""Between the web, which takes changes and may not apply them, and the worker, which applies and answers them.

What was sent lies sealed in `intake.pushed` until it is answered, mostly within a second.
"""

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import structlog

from dancu.access.accounts import is_demo
from dancu.infra.db import Database, Transaction
from dancu.infra.keys import Place, Purpose, ring_of
from dancu.intake.changes import Answers, Changes
from dancu.intake.credentials import Credential, Discloses
from dancu.intake.pushing import KeyReused, push
from dancu.intake.store import SQL
from dancu.kernel.errors import DancuError, Limited, NotFound, Unavailable
from dancu.kernel.ids import new_id

_log = structlog.get_logger("dancu.intake.pushed")

KEPT = timedelta(days=7)
"""How long an answer can be asked for."""

_EVERY_S = 0.05
_REST_S = 5.0


class TooManyChanges(Limited):
    """The source sent more changes within a minute than its agreement allows."""


class PushUnknown(NotFound):
    """There is no such request of this key, or its answer is not kept any more."""


async def put_down(tx: Transaction, who: Credential, sent: Changes, *, now: datetime) -> int:
    """Put changes down for the worker, and return the number under which their answer will be.

    Raises:
        TooManyChanges: too many within a minute.
        KeyMissing: the key that seals them isn't there.
    """
    since = {"source": who.source, "since": now - timedelta(minutes=1)}
    row = await tx.row(SQL.received_lately, since)
    if len(sent.changes) + (row[0] if row else 0) > who.changes_per_minute:
        raise TooManyChanges("The source sent too many changes within a minute; try again later")
    push_id = new_id()
    sealed = tx.keys.encrypt(Purpose.INTAKE_RECORD, msgspec.json.encode(sent), _place(push_id, "sent"))
    told = {"push_id": push_id, "credential_id": who.credential_id, "source": who.source, "now": now}
    await tx.execute(SQL.insert_pushed, {**told, "changes": len(sent.changes), "sent": sealed})
    return push_id


async def answer_to(tx: Transaction, who: Credential, push_id: int) -> Answers | None:
    """Return the answer to what was put down; None while the worker has not answered.

    Raises:
        PushUnknown: there is no such request of this key.
        KeyReused: nothing was applied, since a key came with another content before.
        Unavailable: nothing was applied, since something broke; the same may be sent again.
    """
    row = await tx.row(SQL.answer_of_pushed, {"push_id": push_id, "credential_id": who.credential_id})
    if row is None:
        raise PushUnknown("There is no such request, or its answer is not kept any more")
    answered_at, sealed, problem = row
    if answered_at is None:
        return None
    if problem == KeyReused.__name__:
        raise KeyReused("A key came again with another content; give each change a key of its own")
    if problem is not None:
        raise Unavailable("The changes could not be applied now; send the same again")
    told = tx.keys.decrypt(Purpose.INTAKE_RECORD, bytes(sealed), _place(push_id, "answer"))
    return msgspec.json.decode(told, type=Answers)


async def answer_next(database: Database, *, now: datetime, synthetic: bool = False) -> bool:
    """Apply and answer what waits longest; tell whether anything did.

    Args:
        database: as the role that loads, with the keys of the installation.
    """
    async with database.transaction(scope="nation") as tx:
        row = await tx.row(SQL.next_pushed, {})
    if row is None:
        return False
    push_id, sealed, credential_id, source, agreement, discloses, rate = row
    who = Credential(credential_id, source, agreement, Discloses(discloses), rate)
    told = database.keys.decrypt(Purpose.INTAKE_RECORD, bytes(sealed), _place(push_id, "sent"))
    answer, problem = None, None
    try:
        answers = await push(database, who, msgspec.json.decode(told, type=Changes), now=now, synthetic=synthetic)
        answer = database.keys.encrypt(Purpose.INTAKE_RECORD, msgspec.json.encode(answers), _place(push_id, "answer"))
    except Unavailable:
        raise  # it waits, and is tried again
    except DancuError as error:
        problem = type(error).__name__
    async with database.transaction(scope="nation") as tx:
        asked = {"push_id": push_id, "now": now, "answer": answer, "problem": problem}
        await tx.execute(SQL.answer_pushed, asked)
    return True


def keep_answering(dsn: str, stop: threading.Event, *, home: Path) -> None:
    """Apply and answer what source systems push, in the order in which it came, until told to stop."""
    asyncio.run(_keep_answering(dsn, stop, home))


async def _keep_answering(dsn: str, stop: threading.Event, home: Path) -> None:
    while not stop.is_set():
        try:
            async with Database(dsn, role="dancu_loader", size=2, keys=ring_of(dsn, home / "keys")) as database:
                async with database.transaction(scope="none") as tx:
                    synthetic = await is_demo(tx)
                    await tx.execute(SQL.drop_answers, {"before": datetime.now(UTC) - KEPT})
                while not stop.is_set():
                    if not await answer_next(database, now=datetime.now(UTC), synthetic=synthetic):
                        await asyncio.to_thread(stop.wait, _EVERY_S)
        except Unavailable as error:
            _log.warning("pushed changes wait", why=type(error).__name__)
            await asyncio.to_thread(stop.wait, _REST_S)


def _place(push_id: int, column: str) -> Place:
    return Place("intake.pushed", column, push_id)
