"""Taking a dossier further: asking the applicant, deciding, closing, reopening, handing over to another office."""

from dataclasses import asdict, replace
from datetime import datetime

from dancu.dossiers.commands import SQL, Opener, dossier_of, note_step
from dancu.dossiers.model import Dossier, Move, State, moved, moves_from
from dancu.dossiers.terms import term_of
from dancu.infra.db import Transaction
from dancu.kernel.errors import FieldFault, Invalid, Stale
from dancu.kernel.time import today


class DossierMoved(Stale):
    """Somebody else took the dossier further at the same moment."""


async def take(
    tx: Transaction,
    *,
    dossier_id: int,
    move: Move,
    by: Opener,
    now: datetime,
    reason: str = "",
    legal_ground: str = "",
) -> Dossier:
    """Make a move with a dossier, and return it as it is then.

    Raises:
        DossierUnknown: there is none, or the transaction's `offices` don't work on it.
        MoveOutOfPlace: its state does not allow the move.
        Invalid: a reason is needed; of a refusal, also its law; of an extension, a matter whose term may be extended.
        DossierMoved: somebody else was faster.
    """
    before, day = await dossier_of(tx, dossier_id), today(now)
    term = term_of(before.matter, day)
    if move is Move.EXTEND and not term.extension:
        raise Invalid((FieldFault("/move", "The law does not extend the term of this matter"),))
    if move is Move.EXTEND and any(row[0] == Move.EXTEND for row in await _moves(tx, dossier_id)):
        raise Invalid((FieldFault("/move", "The term was extended before"),))
    days = term.extension if move is Move.EXTEND else max(term.working_days, 1)
    after = moved(before, move, now=now, day=day, reason=reason, legal_ground=legal_ground, days=days)
    await _store(tx, after)
    await note_step(tx, after, move, by=by, now=now, reason=reason, legal_ground=legal_ground)
    return after


async def hand_over(
    tx: Transaction, *, dossier_id: int, to_office_id: int, by: Opener, now: datetime, reason: str
) -> Dossier:
    """Hand a dossier over to another office, which alone it opens persons to from then on; its term begins anew.

    Raises:
        DossierUnknown: there is none, or the transaction's `offices` don't work on it.
        MoveOutOfPlace: its state does not allow it, or the office has it already.
        Invalid: a reason is needed, or it would go where it is.
    """
    before, day = await dossier_of(tx, dossier_id), today(now)
    if to_office_id == before.office_id:
        raise Invalid((FieldFault("/office", "Choose another office"),))
    days = max(term_of(before.matter, day).working_days, 1)
    after = moved(before, Move.TRANSFER, now=now, day=day, reason=reason, days=days)
    # A row of row-level security must be seen before and after.
    tx.set_local(offices=f"{before.office_id},{to_office_id}")
    await _store(tx, replace(after, office_id=to_office_id))
    await note_step(tx, after, Move.TRANSFER, by=by, now=now, reason=reason)
    return replace(after, office_id=to_office_id)


async def close(tx: Transaction, *, dossier_id: int, by: Opener, now: datetime) -> Dossier:
    """Close a dossier; one that is worked on still is granted by it. It opens nobody from now on.

    Raises:
        DossierUnknown: there is none, or the transaction's `offices` don't work on it.
        MoveOutOfPlace: it is closed already, or waits for somebody.
    """
    before = await dossier_of(tx, dossier_id)
    if Move.GRANT in moves_from(before.state):
        await take(tx, dossier_id=dossier_id, move=Move.GRANT, by=by, now=now)
    return await take(tx, dossier_id=dossier_id, move=Move.CLOSE, by=by, now=now)


async def _moves(tx: Transaction, dossier_id: int) -> list[tuple[str]]:
    return [(row[4],) for row in await tx.rows(SQL.steps_of, {"dossier_id": dossier_id})]


async def _store(tx: Transaction, after: Dossier) -> None:
    row = asdict(after) | {"state": State(after.state).value}
    if not await tx.execute(SQL.move_dossier, row):
        raise DossierMoved("Somebody else took the dossier further at this moment; read it again")
