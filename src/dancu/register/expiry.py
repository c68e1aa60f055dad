"""What ends by itself by law: temporary residence on its last day, and who looks after a minor with majority.

An act of the register confirms it, and moves the scope along.

The row of a person tells the territory as of the last event. Without another one, who went home when the term was over
would stay in the territory of the place that was left.
"""

from contextlib import suppress
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from dancu.audit.entry import Actor, Channel, Entry, Operation, Outcome, of_act
from dancu.audit.log import record
from dancu.infra.db import Transaction
from dancu.kernel.codes import Authority, TemporaryEnd, TieEnd, TieKind
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Gone, NotFound, Refused
from dancu.kernel.time import today
from dancu.register.act import ActHeader
from dancu.register.commands.acting import Recorded
from dancu.register.commands.family import end_guardianship, end_representation
from dancu.register.commands.residence import end_temporary_residence
from dancu.register.commands.status import wards_of_age
from dancu.register.decisions.residence import TemporaryEndDeclared
from dancu.register.life import Life, Tie
from dancu.register.projection import Locate
from dancu.register.rules.ties import of_age_on
from dancu.register.store import SQL, history

LAW = "Luật Cư trú 68/2020/QH14, Điều 27 khoản 2"
LAW_OF_AGE = "Bộ luật Dân sự 91/2015/QH13, Điều 20, Điều 62 khoản 1 điểm a, Điều 140 khoản 4 điểm a"
_OF_AGE = UUID("0b0c8a52-8f0e-4a43-9f0b-6b1f5d2c8e57")
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
    if not done.repeated:
        await _note(tx, done, request_id, _PURPOSE, now=now)


async def end_ties_of_minors(tx: Transaction, *, now: datetime, locate: Locate, most: int = 200) -> int:
    """Confirm the end of guardianships and representations of whoever has come of age, as of the 18th birthday.

    What the law refuses in one case, such as where a guardian died that day, is left to a registrar, whom the clock
    reminds. Doing it twice is harmless.

    Args:
        tx: of a program; its scope becomes the nation.
        most: persons in one transaction.

    Returns:
        How many ended.

    Law: see `LAW_OF_AGE`.
    """
    tx.set_local(scope="nation")
    done = 0
    for person_id in await wards_of_age(tx, today(now), most):
        life = (await history(tx, person_id)).life
        day = of_age_on(life) if life else None
        if life is None or day is None or day > today(now):
            continue
        for tie in (*life.tied(TieKind.GUARDIAN), *life.tied(TieKind.REPRESENTATIVE)):
            with suppress(Refused, NotFound, Gone):
                done += await _of_age(tx, life, tie, PartialDate.on(day), now=now, locate=locate)
    return done


async def _of_age(tx: Transaction, life: Life, tie: Tie, on: PartialDate, *, now: datetime, locate: Locate) -> bool:
    request_id = uuid5(_OF_AGE, f"{life.person_id}:{tie.kind}:{tie.other.person_id}:{tie.since}")
    header = ActHeader(Authority.CIVIL_REGISTRAR, "", request_id, LAW_OF_AGE, source="dancu work")
    common: dict[str, Any] = {"header": header, "on": on, "why": TieEnd.OF_AGE, "now": now, "locate": locate}
    if tie.kind is TieKind.GUARDIAN:
        done = await end_guardianship(tx, ward_id=life.person_id, guardian_id=tie.other.person_id, **common)
    else:
        other_id = tie.other.person_id
        done = await end_representation(tx, represented_id=life.person_id, representative_id=other_id, **common)
    if not done.repeated:
        await _note(tx, done, request_id, "civil_status", now=now)
    return not done.repeated


async def _note(tx: Transaction, done: Recorded, request_id: UUID, purpose: str, *, now: datetime) -> None:
    entry = Entry(
        logged_at=now,
        operation=Operation.WRITE,
        outcome=Outcome.GRANTED,
        channel=Channel.COMMAND_LINE,
        request_id=request_id,
        purpose=purpose,
        person_id=done.person_id,
        result_count=1,
        reason=of_act(done.act_id),
        actor=Actor.PROGRAM,
    )
    await record(tx, entry)
