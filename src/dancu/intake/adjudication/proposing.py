"""What takes a second officer: merges, records that tell a number, and the undoing of what a doubt led to."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

import msgspec

from dancu.access.cases import open_case_here, opener_of
from dancu.access.policy import OpenDossier
from dancu.access.work import OpenWork, opened
from dancu.audit.entry import ALL_FIELDS, Operation
from dancu.dossiers import proposals
from dancu.dossiers.commands import hold_open
from dancu.dossiers.matters import matters_for
from dancu.dossiers.proposals import Proposal
from dancu.infra.db import Database
from dancu.intake.adjudication.looking import Clerk, opened_for, undoing
from dancu.intake.adjudication.model import State
from dancu.intake.adjudication.queue import doubt_of
from dancu.intake.adjudication.verdicts import AskTheOffice, Became, Decided, answer
from dancu.kernel.errors import Conflict, FieldFault, Invalid
from dancu.register.act import ActHeader
from dancu.register.proposed import propose
from dancu.register.territory import locate

ACT = "record_matched"
"""The name under which a decision on a record is proposed to a second officer."""
GROUND = "Luật Căn cước 26/2023/QH15, Điều 10"
_MERGE_GROUND = "Luật Căn cước 26/2023/QH15, Điều 12"
_TWICE = "Một người có hai hồ sơ"


class NothingToUndo(Conflict):
    """The doubt led to nothing that stands now."""


class Matched(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A decision on a record as it is proposed to a second officer."""

    doubt_id: int
    officer_id: int
    answer: int
    chosen: int | None


async def propose_merge(database: Database, decided: Decided) -> Became:
    """Propose the merge of two records to a second officer of the Center."""
    clerk, doubt, verdict = decided.clerk, decided.doubt, decided.verdict
    reason = verdict.note.strip() or _TWICE
    arguments = {"survivor_id": doubt.persons[0], "merged_id": verdict.chosen, "reason": reason}
    dossier = await _dossier_for(database, clerk, "record_merged", requester="", person_id=verdict.chosen)
    async with _proposing(database, clerk, dossier, "record_merged") as work:
        filed = await _file(work, clerk, "merge_records", arguments)
        await answer(work.tx, decided, State.PROPOSED, dossier_id=filed.dossier_id, proposal_id=filed.proposal_id)
    return Became.PROPOSED


async def propose_match(database: Database, decided: Decided) -> Became:
    """Propose to a second officer that a record which tells a number is about a person who has it not."""
    clerk, doubt, verdict = decided.clerk, decided.doubt, decided.verdict
    dossier = await _dossier_for(
        database, clerk, "particulars_updated", requester=decided.requester, person_id=verdict.chosen
    )
    async with _proposing(database, clerk, dossier, "particulars_updated") as work:
        await hold_open(work.tx, dossier.dossier_id, moving=True)
        filed = await proposals.file(
            work.tx,
            dossier_id=dossier.dossier_id,
            act=ACT,
            legal_ground=GROUND,
            reason=verdict.note.strip() or "Bản ghi có số định danh khác với sổ",
            command=msgspec.json.encode(
                Matched(doubt.doubt_id, clerk.officer.officer_id, int(verdict.answer), verdict.chosen)
            ),
            by=opener_of(clerk.officer, work.grant.assignment),
            request_id=clerk.request_id,
            ring=work.tx.keys,
            now=clerk.now,
        )
        await answer(work.tx, decided, State.PROPOSED, dossier_id=filed.dossier_id, proposal_id=filed.proposal_id)
        await work.log(persons=decided.persons, result_count=len(decided.persons))
    return Became.PROPOSED


async def undo(database: Database, clerk: Clerk, doubt_id: int, *, reason: str) -> Proposal:
    """Propose to a second officer of the Center that what a doubt led to is undone: a merge, or what a record told.

    Raises:
        DoubtUnknown: there is none in scope.
        Invalid: it does not say why.
        AskTheOffice: the officer is not of the Center.
        NothingToUndo: no merge stands, and nothing that the record told.
    """
    if not clerk.center:
        raise AskTheOffice("The Center decides this")
    if not reason.strip():
        raise Invalid((FieldFault("/reason", "Say why"),))
    async with opened_for(database, clerk) as work:
        doubt = await doubt_of(work.tx, doubt_id)
        found = await undoing(work.tx, doubt)
        await work.log(persons=tuple(doubt.persons), result_count=len(doubt.persons))
    if found is None:
        raise NothingToUndo("Nothing of this case is left to be undone")
    dossier = await _dossier_for(database, clerk, found.act, requester="", person_id=found.person_id)
    async with _proposing(database, clerk, dossier, found.act) as work:
        return await _file(work, clerk, found.command, {**found.arguments, "reason": reason.strip()})


async def _dossier_for(
    database: Database, clerk: Clerk, act: str, *, requester: str, person_id: int | None
) -> OpenDossier:
    """Open a dossier on which an act waits for a second officer."""
    held = clerk.held
    dossier = await open_case_here(
        database,
        clerk.officer,
        matter=matters_for(act, held.authority if held else None)[0].code,
        requester=requester or (held.office.name if held else "") or "-",
        person_id=person_id,
        now=clerk.now,
        request_id=clerk.request_id,
        office_id=clerk.office_id,
        channel=clerk.channel,
    )
    persons = frozenset() if person_id is None else frozenset({person_id})
    return OpenDossier(dossier.dossier_id, dossier.office_id, persons, open=True, matter=dossier.matter)


async def _file(work: OpenWork, clerk: Clerk, command: str, arguments: Mapping[str, Any]) -> Proposal:
    """File a command on records for a second officer."""
    assignment = work.grant.assignment
    if assignment.authority is None:
        raise AskTheOffice("The Center decides this")
    header = ActHeader(
        authority=assignment.authority,
        office=assignment.office.unit_code,
        request_id=clerk.request_id,
        legal_ground=_MERGE_GROUND,
        officer_id=clerk.officer.officer_id,
    )
    return await propose(
        work,
        command=command,
        header=header,
        arguments=arguments,
        reason=str(arguments["reason"]),
        officer=clerk.officer,
        ring=work.tx.keys,
        now=clerk.now,
        locate=locate,
    )


def _proposing(
    database: Database, clerk: Clerk, dossier: OpenDossier, act: str
) -> AbstractAsyncContextManager[OpenWork]:
    return opened(
        database,
        clerk.officer,
        operation=Operation.PROPOSE,
        purpose="dossier",
        now=clerk.now,
        request_id=clerk.request_id,
        fields=ALL_FIELDS,
        dossier=dossier,
        office_id=clerk.office_id,
        channel=clerk.channel,
        act=act,
    )
