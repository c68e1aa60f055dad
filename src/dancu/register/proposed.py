"""Acts that take four eyes: an officer proposes a command, a second one has the very same command carried out.

A proposal is tried before it is filed, and undone: what the law refuses is never proposed.
It stands for the ledgers on which it was tried; if one has grown since, it must be made anew.
"""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, get_type_hints
from uuid import UUID

import msgspec

from dancu.access.approvals import dossier_in_charge
from dancu.access.cases import opener_of
from dancu.access.model import Officer
from dancu.access.own_record import own_records
from dancu.access.policy import OpenDossier
from dancu.access.work import OpenWork, opened
from dancu.audit.entry import ALL_FIELDS, Channel, Operation
from dancu.dossiers import proposals
from dancu.dossiers.commands import hold_open
from dancu.dossiers.proposals import Proposal, ProposalState, SameOfficer
from dancu.infra.db import Database, Transaction
from dancu.infra.keys import KeyRing, SealBroken
from dancu.kernel.errors import FieldFault, Invalid
from dancu.kernel.ids import new_id
from dancu.register import commands
from dancu.register.act import ActHeader
from dancu.register.commands.acting import Recorded
from dancu.register.kinds import EventKind
from dancu.register.projection import Locate
from dancu.register.store import SQL, AlreadyRecorded, ChangedMeanwhile, persons_of_act

Command = Callable[..., Awaitable[Recorded]]

PROPOSABLE: Mapping[str, tuple[Command, EventKind]] = {
    "establish_number": (commands.establish_number, EventKind.PERSONAL_NUMBER_ESTABLISHED),
    "cancel_number": (commands.cancel_number, EventKind.PERSONAL_NUMBER_CANCELLED),
    "merge_records": (commands.merge_records, EventKind.RECORD_MERGED),
    "unmerge_records": (commands.unmerge_records, EventKind.RECORD_UNMERGED),
    "correct_particulars": (commands.correct_particulars, EventKind.PARTICULARS_CORRECTED),
    "change_particulars": (commands.change_particulars, EventKind.PARTICULARS_CHANGED),
    "update_from_source": (commands.update_from_source, EventKind.PARTICULARS_UPDATED),
    "reverse_declared_death": (commands.reverse_declared_death, EventKind.DECLARED_DEATH_REVERSED),
    "annul_event": (commands.annul_event, EventKind.EVENT_ANNULLED),
}
"""The commands that can be proposed, by name, and the kind of act that each records."""

_GIVEN_AT_THE_TIME = frozenset({"tx", "header", "now", "locate", "draw", "return"})
_SAVEPOINT = "SAVEPOINT tried"
_UNDO = "ROLLBACK TO SAVEPOINT tried"


@dataclass(frozen=True)
class Proposed:
    """A command as it was filed.

    Args:
        command: name in `PROPOSABLE`.
        arguments: by name, typed as the command takes them.
        seen: version of each person that the act touches, before it.
    """

    command: str
    header: ActHeader
    arguments: Mapping[str, Any]
    seen: Mapping[int, int]

    @property
    def kind(self) -> EventKind:
        """The kind of act."""
        return PROPOSABLE[self.command][1]

    @property
    def persons(self) -> tuple[int, ...]:
        """Whom the act touches."""
        return tuple(sorted(self.seen))


class _Stored(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    command: str
    header: ActHeader
    arguments: msgspec.Raw
    seen: tuple[tuple[int, int], ...]
    form: int = 1


_ENCODER = msgspec.json.Encoder(order="deterministic")


@cache
def _shape(command: str) -> type[msgspec.Struct]:
    """The arguments of a command as a type that reads and writes them."""
    function = PROPOSABLE[command][0]
    hints, parameters = get_type_hints(function), inspect.signature(function).parameters
    fields: list[Any] = []
    for name, parameter in parameters.items():
        if name in _GIVEN_AT_THE_TIME:
            continue
        has_default = parameter.default is not inspect.Parameter.empty
        fields.append((name, hints[name], parameter.default) if has_default else (name, hints[name]))
    return msgspec.defstruct(command, fields, frozen=True, kw_only=True, forbid_unknown_fields=True)


def encode(proposed: Proposed) -> bytes:
    """Return the canonical form: JSON with sorted keys."""
    arguments = _ENCODER.encode(_shape(proposed.command)(**proposed.arguments))
    return _ENCODER.encode(
        _Stored(proposed.command, proposed.header, msgspec.Raw(arguments), tuple(sorted(proposed.seen.items())))
    )


def decode(stored: bytes) -> Proposed:
    """Read the canonical form.

    Raises:
        msgspec.ValidationError: it is not what `encode` wrote.
    """
    read = msgspec.json.decode(stored, type=_Stored)
    if read.command not in PROPOSABLE:
        raise msgspec.ValidationError("there is no such command")
    arguments = msgspec.json.decode(read.arguments, type=_shape(read.command))
    return Proposed(read.command, read.header, msgspec.structs.asdict(arguments), dict(read.seen))


async def propose(
    work: OpenWork,
    *,
    command: str,
    header: ActHeader,
    arguments: Mapping[str, Any],
    reason: str,
    officer: Officer,
    ring: KeyRing,
    now: datetime,
    locate: Locate,
) -> Proposal:
    """File a command for a second officer, once it was tried and undone; log it.

    A request that was filed before in the dossier is answered with what it filed then.

    Args:
        work: opened for `PROPOSE` with the act's kind, on the dossier of the header.
        arguments: of the command, by name, without `tx`, `header`, `now`, `locate`.
        reason: why it is proposed; the second officer reads it.

    Raises:
        Invalid: there is no such command, it lacks an argument, or no reason is given.
        DossierClosed: the dossier was closed in the meantime.
        Refused, PersonUnknown, Conflict: whatever the command itself would raise now.
    """
    dossier_id = work.grant.dossier_id
    if dossier_id is None or command not in PROPOSABLE:
        raise Invalid((FieldFault("/command", "There is no such act to propose"),))
    before = await proposals.filed_before(work.tx, dossier_id, header.request_id)
    if before is None:
        await hold_open(work.tx, dossier_id, moving=True)
        # The same request may have been under way, and was waited for.
        before = await proposals.filed_before(work.tx, dossier_id, header.request_id)
    if before is not None:
        persons = filed_in(before, ring).persons
        await work.log(persons=persons, result_count=len(persons))
        return before
    filed = Proposed(command, replace(header, dossier_id=dossier_id), _checked(command, arguments), {})
    tried = await _tried(work.tx, filed, now, locate)
    filed = replace(filed, seen=tried)
    proposal = await proposals.file(
        work.tx,
        dossier_id=dossier_id,
        act=filed.kind.name.lower(),
        legal_ground=header.legal_ground,
        reason=reason,
        command=encode(filed),
        by=opener_of(officer, work.grant.assignment),
        request_id=header.request_id,
        ring=ring,
        now=now,
    )
    await work.log(persons=filed.persons, result_count=len(filed.persons))
    return proposal


def _checked(command: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the arguments as they will be read again."""
    try:
        shape = _shape(command)
        written = _ENCODER.encode(shape(**arguments))
        return msgspec.structs.asdict(msgspec.json.decode(written, type=shape))
    except (TypeError, msgspec.ValidationError) as error:
        raise Invalid((FieldFault("/arguments", "The act can't be understood"),)) from error


async def _tried(tx: Transaction, filed: Proposed, now: datetime, locate: Locate) -> dict[int, int]:
    """Carry a command out, undo it, and return the versions that it saw."""
    await tx.execute(_SAVEPOINT)
    # Somebody who is nobody seconds the trial, which leaves nothing behind.
    done = await _carried_out(tx, filed, replace(filed.header, approver_id=0, request_id=_unused()), now, locate)
    seen = await _versions(tx, done)
    await tx.execute(_UNDO)
    return seen


def _unused() -> UUID:
    return UUID(int=new_id())


async def _carried_out(tx: Transaction, filed: Proposed, header: ActHeader, now: datetime, locate: Locate) -> Recorded:
    command = PROPOSABLE[filed.command][0]
    return await command(tx, header=header, now=now, locate=locate, **filed.arguments)


async def _versions(tx: Transaction, done: Recorded) -> dict[int, int]:
    """The versions of those whom an act touched, before it; this also sends what still waits to be sent."""
    persons = await persons_of_act(tx, done.act_id)
    rows = await tx.rows(SQL.versions_before, {"person_ids": persons, "act_id": done.act_id})
    return dict(rows)


@dataclass(frozen=True)
class Second:
    """A second officer at work: who decides, and through which door.

    Args:
        office_id: at which office an officer of several acts.
        request_id: under which the log has it.
    """

    officer: Officer
    now: datetime
    request_id: UUID
    office_id: int | None = None
    channel: Channel = Channel.PORTAL


def filed_in(proposal: Proposal, ring: KeyRing) -> Proposed:
    """Return what a proposal proposes, once it was proved to stand as it was filed: by whom, in which dossier.

    Raises:
        KeyMissing: its key isn't there.
        SealBroken: it, or the row around it, was changed.
    """
    filed = decode(proposals.command_of(proposal, ring))
    told = (filed.header.officer_id, filed.header.dossier_id, filed.kind.name.lower())
    if told != (proposal.officer_id, proposal.dossier_id, proposal.act):
        raise SealBroken("A proposal is not what was filed")
    return filed


async def check_other_officer(tx: Transaction, proposal: Proposal, second: Officer) -> None:
    """Check that another human being decides than who proposes, also where one has two accounts.

    Raises:
        SameOfficer: it is the same one.
    """
    proposals.check_second(proposal, second.officer_id)
    own = await own_records(tx, (proposal.officer_id, second.officer_id))
    if len(own) == 2 and len(set(own.values())) == 1:
        raise SameOfficer("Another officer must decide on what you propose")


def deciding(database: Database, second: Second, dossier: OpenDossier) -> AbstractAsyncContextManager[OpenWork]:
    """Open access for the decision on what a dossier proposes; that is logged."""
    return opened(
        database,
        second.officer,
        operation=Operation.DECIDE,
        purpose="dossier",
        now=second.now,
        request_id=second.request_id,
        fields=ALL_FIELDS,
        dossier=dossier,
        office_id=second.office_id,
        channel=second.channel,
    )


async def approve(
    database: Database, second: Second, *, dossier_id: int, proposal_id: int, ring: KeyRing, locate: Locate
) -> Recorded:
    """Have a proposed command carried out, as it was filed, in one transaction with the decision and the log.

    Raises:
        DossierUnknown, ProposalUnknown: there is none that this officer may decide.
        SameOfficer: it is the officer's own.
        ProposalSettled, ProposalExpired: it can't be decided any more.
        DossierClosed: the dossier was closed in the meantime.
        ChangedMeanwhile: somebody whom it touches was changed since it was filed.
        AlreadyRecorded: its request id was used for another act.
        Refused, PersonUnknown, Conflict: whatever the command itself raises now.
    """
    dossier = await dossier_in_charge(database, second.officer, dossier_id, now=second.now, office_id=second.office_id)
    async with deciding(database, second, dossier) as work:
        await hold_open(work.tx, dossier_id, moving=True)
        proposal = await proposals.held(work.tx, dossier_id, proposal_id, now=second.now)
        await check_other_officer(work.tx, proposal, second.officer)
        filed = filed_in(proposal, ring)
        header = replace(filed.header, approver_id=second.officer.officer_id)
        done = await _carried_out(work.tx, filed, header, second.now, locate)
        if done.repeated:
            raise AlreadyRecorded("Another act was recorded for the request that proposed this one")
        if await _versions(work.tx, done) != filed.seen:
            raise ChangedMeanwhile("Somebody whom it touches was changed since it was proposed; propose it anew")
        await proposals.settle(
            work.tx,
            proposal,
            state=ProposalState.APPROVED,
            by=opener_of(second.officer, work.grant.assignment),
            now=second.now,
            act_id=done.act_id,
        )
        await work.log(persons=filed.persons, result_count=len(filed.persons), act_id=done.act_id)
    return done


async def withdraw(
    database: Database, officer: Officer, *, dossier_id: int, proposal_id: int, now: datetime, office_id: int
) -> Proposal:
    """Withdraw what one proposed oneself.

    Raises:
        ProposalUnknown: there is none of one's own at the office.
        ProposalSettled, ProposalExpired: it can't be withdrawn any more.
    """
    async with database.transaction(scope="none", offices=str(office_id)) as tx:
        proposal = await proposals.held(tx, dossier_id, proposal_id, now=now)
        held = officer.at(office_id)
        if proposal.officer_id != officer.officer_id or held is None:
            raise proposals.ProposalUnknown("There is no such proposal")
        by = opener_of(officer, held)
        return await proposals.settle(tx, proposal, state=ProposalState.WITHDRAWN, by=by, now=now)


async def refuse(
    database: Database, second: Second, *, dossier_id: int, proposal_id: int, answer: str, ring: KeyRing
) -> Proposal:
    """Refuse a proposed act: nothing of it is carried out.

    Raises:
        Invalid: it does not say why.
        DossierUnknown, ProposalUnknown: there is none that this officer may decide.
        SameOfficer: it is the officer's own: that is withdrawn, not refused.
        ProposalSettled, ProposalExpired: it can't be decided any more.
    """
    dossier = await dossier_in_charge(database, second.officer, dossier_id, now=second.now, office_id=second.office_id)
    async with deciding(database, second, dossier) as work:
        proposal = await proposals.held(work.tx, dossier_id, proposal_id, now=second.now)
        await check_other_officer(work.tx, proposal, second.officer)
        persons = filed_in(proposal, ring).persons
        settled = await proposals.settle(
            work.tx,
            proposal,
            state=ProposalState.REFUSED,
            by=opener_of(second.officer, work.grant.assignment),
            now=second.now,
            answer=answer,
        )
        await work.log(persons=persons, result_count=len(persons))
    return settled


@asynccontextmanager
async def looked_at(
    database: Database, second: Second, *, dossier_id: int, proposal_id: int, ring: KeyRing
) -> AsyncIterator[tuple[OpenWork, Proposal, Proposed]]:
    """Open what is proposed, with whom it touches, to an officer who may decide on it; that is logged.

    Raises:
        DossierUnknown, ProposalUnknown: there is none that this officer may decide.
    """
    dossier = await dossier_in_charge(database, second.officer, dossier_id, now=second.now, office_id=second.office_id)
    async with deciding(database, second, dossier) as work:
        proposal = await proposals.proposal_of(work.tx, dossier_id, proposal_id)
        filed = filed_in(proposal, ring)
        await work.log(persons=filed.persons, result_count=len(filed.persons), operation=Operation.READ)
        yield work, proposal, filed
