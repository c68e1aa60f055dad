"""Temporary residence ends on its last day by itself; an act of the register confirms it, and moves the scope along.

The row of a person tells the territory as of the last event. Without another one, who went home when the term was over
would stay in the territory of the place that was left.
"""

from datetime import date, datetime
from uuid import UUID, uuid5

from dancu.audit.entry import Actor, Channel, Entry, Operation, Outcome, of_act
from dancu.audit.log import record
from dancu.infra.db import Transaction
from dancu.kernel.codes import Authority, TemporaryEnd
from dancu.kernel.time import today
from dancu.register.act import ActHeader
from dancu.register.commands.residence import end_temporary_residence
from dancu.register.decisions.residence import TemporaryEndDeclared
from dancu.register.projection import Locate
from dancu.register.store import SQL

LAW = "Luật Cư trú 68/2020/QH14, Điều 27 khoản 2"
_OF_EXPIRY = UUID("5f1d7f0e-6d0c-4c55-9a53-8f3b8f0a7a11")
_PURPOSE = "residence"


async def end_expired_stays(tx: Transaction, *, now: datetime, locate: Locate, most: int = 200) -> int:
    """Confirm the end of temporary residences whose term is over, each by an act of its own, and return how many.

    Doing it twice is harmless: the request id is made of the person and the day.

    Args:
        tx: of a program; its scope becomes the nation.
        most: in one transaction.
    """
    tx.set_local(scope="nation")
    expired = await tx.rows(SQL.expired_stays, {"on": today(now), "most": most})
    for person_id, until in expired:
        await _end(tx, person_id, until, now=now, locate=locate)
    return len(expired)


async def _end(tx: Transaction, person_id: int, until: date, *, now: datetime, locate: Locate) -> None:
    request_id = uuid5(_OF_EXPIRY, f"{person_id}:{until}")
    header = ActHeader(Authority.COMMUNE_POLICE, "", request_id, LAW, source="dancu work")
    declared = TemporaryEndDeclared((person_id,), TemporaryEnd.EXPIRED, until)
    done = await end_temporary_residence(tx, header=header, declared=declared, now=now, locate=locate)
    if done.repeated:
        return
    entry = Entry(
        logged_at=now,
        operation=Operation.WRITE,
        outcome=Outcome.GRANTED,
        channel=Channel.COMMAND_LINE,
        request_id=request_id,
        purpose=_PURPOSE,
        person_id=person_id,
        result_count=1,
        reason=of_act(done.act_id),
        actor=Actor.PROGRAM,
    )
    await record(tx, entry)
