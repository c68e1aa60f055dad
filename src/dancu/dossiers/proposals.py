"""Four eyes: what one officer proposes in a dossier, a second one decides.

What is proposed is bytes to this slice; `dancu.register.proposed` writes and reads them.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from dancu.dossiers.commands import SQL, Opener
from dancu.dossiers.model import Move, State
from dancu.dossiers.moves import take
from dancu.infra.db import Transaction
from dancu.infra.keys import KeyRing, Place, Purpose, SealBroken
from dancu.kernel.errors import Conflict, FieldFault, Forbidden, Invalid, NotFound
from dancu.kernel.ids import new_id

STANDS_FOR = timedelta(days=15)
"""How long a proposal may be decided. A policy of ours: what nobody looks at is proposed anew, on facts of the day."""


class ProposalUnknown(NotFound):
    """There is no such proposal, or none that the caller may decide."""


class ProposalSettled(Conflict):
    """The proposal was decided or withdrawn before."""


class ProposalExpired(Conflict):
    """The proposal is too old to be decided: it must be made anew."""


class SameOfficer(Forbidden):
    """Who proposes an act is not the second pair of eyes on it."""


class ProposalState(StrEnum):
    """Where a proposal is. The values are stored; nothing is stored when one expires."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Proposal:
    """A proposed act.

    Args:
        act: kind of the act, by its name in lower case.
        reason: why it is proposed. answer: why it was refused or withdrawn.
        digest: SHA-256 of the command in the clear.
        sealed: the command, encrypted.
    """

    dossier_id: int
    proposal_id: int
    office_id: int
    officer_id: int
    decided_by: int | None
    act_id: int | None
    proposed_at: datetime
    expires_at: datetime
    decided_at: datetime | None
    state: str
    act: str
    legal_ground: str
    reason: str
    answer: str
    digest: bytes
    sealed: bytes

    def state_at(self, now: datetime) -> ProposalState:
        """Return the state at a moment: one that waited for too long has expired."""
        waited_too_long = self.state == ProposalState.WAITING and now >= self.expires_at
        return ProposalState.EXPIRED if waited_too_long else ProposalState(self.state)


async def file(
    tx: Transaction,
    *,
    dossier_id: int,
    act: str,
    legal_ground: str,
    reason: str,
    command: bytes,
    by: Opener,
    request_id: UUID,
    ring: KeyRing,
    now: datetime,
) -> Proposal:
    """File a proposal; its dossier waits for a second officer.

    Args:
        request_id: idempotency key; `filed_before` tells whether it was used.

    Raises:
        Invalid: it does not say why.
        MoveOutOfPlace: the dossier is not worked on.
        KeyMissing: it can't be encrypted.
    """
    if not reason.strip():
        raise Invalid((FieldFault("/reason", "Say why"),))
    proposal_id = new_id()
    filed = Proposal(
        dossier_id=dossier_id,
        proposal_id=proposal_id,
        office_id=by.office_id,
        officer_id=by.officer_id,
        decided_by=None,
        act_id=None,
        proposed_at=now,
        expires_at=now + STANDS_FOR,
        decided_at=None,
        state=ProposalState.WAITING,
        act=act,
        legal_ground=legal_ground,
        reason=reason.strip(),
        answer="",
        digest=hashlib.sha256(command).digest(),
        sealed=ring.encrypt(Purpose.PROPOSED_ACT, command, _place(proposal_id)),
    )
    await take(tx, dossier_id=dossier_id, move=Move.PROPOSE, by=by, now=now)
    await tx.execute(SQL.insert_proposal, {**vars(filed), "request_id": request_id})
    return filed


async def filed_before(tx: Transaction, dossier_id: int, request_id: UUID) -> Proposal | None:
    """Return the proposal that a request filed in a dossier, if it did."""
    return await tx.first(Proposal, SQL.proposal_of_request, {"dossier_id": dossier_id, "request_id": request_id})


def _place(proposal_id: int) -> Place:
    return Place("dossiers.proposal", "command", proposal_id)


def command_of(proposal: Proposal, ring: KeyRing) -> bytes:
    """Return what is proposed, and nothing else than what was filed.

    Raises:
        KeyMissing: its key isn't there.
        SealBroken: it was changed.
    """
    command = ring.decrypt(Purpose.PROPOSED_ACT, proposal.sealed, _place(proposal.proposal_id))
    if hashlib.sha256(command).digest() != proposal.digest:
        raise SealBroken("A proposal is not what was filed")
    return command


async def proposal_of(tx: Transaction, dossier_id: int, proposal_id: int) -> Proposal:
    """Read a proposal.

    Raises:
        ProposalUnknown: there is none, or the transaction's `offices` don't reach it.
    """
    found = await tx.first(Proposal, SQL.proposal, {"dossier_id": dossier_id, "proposal_id": proposal_id})
    if found is None:
        raise ProposalUnknown("There is no such proposal")
    return found


async def held(tx: Transaction, dossier_id: int, proposal_id: int, *, now: datetime) -> Proposal:
    """Keep a proposal as it is until the transaction ends: of two who decide, the second finds it decided.

    Raises:
        ProposalUnknown: there is none, or the transaction's `offices` don't reach it.
        ProposalSettled: it was decided or withdrawn.
        ProposalExpired: it waited for too long.
    """
    # The dossier before the proposal, always, so that two who decide can't wait for each other.
    await tx.rows(SQL.hold_to_move, {"dossier_id": dossier_id})
    await tx.rows(SQL.proposal_for_update, {"dossier_id": dossier_id, "proposal_id": proposal_id})
    found = await proposal_of(tx, dossier_id, proposal_id)
    match found.state_at(now):
        case ProposalState.WAITING:
            return found
        case ProposalState.EXPIRED:
            raise ProposalExpired("The proposal is too old to be decided; it must be made anew")
        case _:
            raise ProposalSettled("The proposal was decided or withdrawn before")


def check_second(proposal: Proposal, officer_id: int) -> None:
    """Check that another officer decides than who proposes.

    Raises:
        SameOfficer: it is the same one.
    """
    if proposal.officer_id == officer_id:
        raise SameOfficer("Another officer must decide on what you propose")


async def settle(
    tx: Transaction,
    proposal: Proposal,
    *,
    state: ProposalState,
    by: Opener,
    now: datetime,
    act_id: int | None = None,
    answer: str = "",
) -> Proposal:
    """Write down how a held proposal was settled; the dossier is worked on again once none of its proposals waits.

    Raises:
        Invalid: a refusal does not say why.
    """
    if state is ProposalState.REFUSED and not answer.strip():
        raise Invalid((FieldFault("/answer", "Say why"),))
    settled = replace(
        proposal, state=state, decided_by=by.officer_id, decided_at=now, act_id=act_id, answer=answer.strip()
    )
    if not await tx.execute(SQL.settle_proposal, vars(settled)):
        raise ProposalSettled("The proposal was decided or withdrawn before")
    await _go_on(tx, proposal.dossier_id, by, now)
    return settled


async def _go_on(tx: Transaction, dossier_id: int, by: Opener, now: datetime) -> None:
    rows = await tx.rows(SQL.waiting_of_dossier, {"dossier_id": dossier_id, "now": now})
    if not rows:
        await take(tx, dossier_id=dossier_id, move=Move.SETTLE, by=by, now=now)


async def let_expire(tx: Transaction, dossier_id: int, *, state: str, by: Opener, now: datetime) -> bool:
    """Take a dossier up again all of whose proposals have expired; tell whether that was so.

    Args:
        state: of the dossier.
    """
    if state != State.WAITING_APPROVAL or await tx.rows(SQL.waiting_of_dossier, {"dossier_id": dossier_id, "now": now}):
        return False
    await _go_on(tx, dossier_id, by, now)
    return True


async def proposals_of(tx: Transaction, dossier_id: int) -> list[Proposal]:
    """List the proposals of a dossier, the latest first."""
    return await tx.all(Proposal, SQL.proposals_of, {"dossier_id": dossier_id})


async def waiting(tx: Transaction, office_ids: Sequence[int], *, now: datetime, most: int = 100) -> list[Proposal]:
    """List what offices propose and nobody has decided yet, the most urgent first."""
    asked = {"office_ids": list(office_ids), "now": now, "most": most}
    return await tx.all(Proposal, SQL.waiting, asked)
