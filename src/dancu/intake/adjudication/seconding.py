"""Decisions on records that touch a number: a second officer looks, and agrees or refuses."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import msgspec
from msgspec.structs import replace

from dancu.access.approvals import dossier_in_charge
from dancu.access.cases import opener_of
from dancu.access.policy import OpenDossier
from dancu.access.work import OpenWork
from dancu.dossiers import proposals
from dancu.dossiers.commands import hold_open
from dancu.dossiers.proposals import Proposal, ProposalState, ProposalUnknown
from dancu.infra.db import Database
from dancu.infra.keys import KeyRing, SealBroken
from dancu.intake.adjudication.looking import Comparison, compared
from dancu.intake.adjudication.model import State
from dancu.intake.adjudication.proposing import ACT, Matched
from dancu.intake.adjudication.queue import SQL, doubt_of, held_doubt
from dancu.register.proposed import Second, check_other_officer, deciding


@dataclass(frozen=True)
class Looked:
    """A proposed decision with what the first officer saw."""

    proposal: Proposal
    comparison: Comparison


def matched_in(proposal: Proposal, ring: KeyRing) -> Matched:
    """Return what a proposal proposes, once it was proved to stand as it was filed.

    Raises:
        ProposalUnknown: it proposes something else.
        KeyMissing: its key isn't there.
        SealBroken: it, or the row around it, was changed.
    """
    if proposal.act != ACT:
        raise ProposalUnknown("There is no such proposal")
    filed = msgspec.json.decode(proposals.command_of(proposal, ring), type=Matched)
    if filed.officer_id != proposal.officer_id:
        raise SealBroken("A proposal is not what was filed")
    return filed


@asynccontextmanager
async def _deciding(database: Database, second: Second, dossier_id: int) -> AsyncIterator[OpenWork]:
    dossier: OpenDossier = await dossier_in_charge(
        database, second.officer, dossier_id, now=second.now, office_id=second.office_id
    )
    async with deciding(database, second, dossier) as work:
        yield work


async def looked_at(database: Database, second: Second, *, dossier_id: int, proposal_id: int) -> Looked:
    """Return a proposed decision to an officer who may decide on it; the look is logged.

    Raises:
        DossierUnknown, ProposalUnknown: there is none that this officer may decide.
    """
    async with _deciding(database, second, dossier_id) as work:
        proposal = await proposals.proposal_of(work.tx, dossier_id, proposal_id)
        filed = matched_in(proposal, work.tx.keys)
        doubt = await doubt_of(work.tx, filed.doubt_id)
        return Looked(proposal, await compared(work, doubt, None, now=second.now))


async def approve(database: Database, second: Second, *, dossier_id: int, proposal_id: int) -> None:
    """Agree to a decision: it is carried out like any other.

    Raises:
        DossierUnknown, ProposalUnknown: there is none that this officer may decide.
        SameOfficer: it is the officer's own.
        ProposalSettled, ProposalExpired: it can't be decided any more.
        DossierClosed: the dossier was closed in the meantime.
    """
    async with _deciding(database, second, dossier_id) as work:
        await hold_open(work.tx, dossier_id, moving=True)
        proposal = await proposals.held(work.tx, dossier_id, proposal_id, now=second.now)
        await check_other_officer(work.tx, proposal, second.officer)
        filed = matched_in(proposal, work.tx.keys)
        by = opener_of(second.officer, work.grant.assignment)
        await proposals.settle(work.tx, proposal, state=ProposalState.APPROVED, by=by, now=second.now)
        doubt = await held_doubt(work.tx, filed.doubt_id)
        row = {"doubt_id": doubt.doubt_id, "state": str(State.DECIDED), "settled_at": None}
        await work.tx.execute(SQL.approve, row)
        await _log(work, filed)


async def refuse(database: Database, second: Second, *, dossier_id: int, proposal_id: int, answer: str) -> None:
    """Refuse a decision, with the reason: the doubt is laid before clerks again.

    Raises:
        Invalid: it does not say why.
        DossierUnknown, ProposalUnknown: there is none that this officer may decide.
        SameOfficer: it is the officer's own: that is withdrawn, not refused.
        ProposalSettled, ProposalExpired: it can't be decided any more.
    """
    async with _deciding(database, second, dossier_id) as work:
        proposal = await proposals.held(work.tx, dossier_id, proposal_id, now=second.now)
        await check_other_officer(work.tx, proposal, second.officer)
        filed = matched_in(proposal, work.tx.keys)
        by = opener_of(second.officer, work.grant.assignment)
        await proposals.settle(work.tx, proposal, state=ProposalState.REFUSED, by=by, now=second.now, answer=answer)
        await _log(work, filed)


async def _log(work: OpenWork, filed: Matched) -> None:
    persons = () if filed.chosen is None else (filed.chosen,)
    work.entry = replace(work.entry, persons=persons)
    await work.log(persons=persons, result_count=len(persons))
