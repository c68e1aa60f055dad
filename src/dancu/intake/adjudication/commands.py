"""What clerks say of doubts: written down, decided, proposed where a number is touched, or raised to the Center."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from dancu.access.cases import CaseOfAct, open_case_here, opened_with_case, opener_of
from dancu.access.policy import OpenDossier
from dancu.access.work import OpenWork, opened
from dancu.audit.entry import ALL_FIELDS, Operation
from dancu.dossiers import proposals
from dancu.dossiers.commands import hold_open
from dancu.dossiers.matters import matters_for
from dancu.dossiers.proposals import Proposal
from dancu.infra.db import Database, Transaction
from dancu.intake.adjudication.looking import (
    Clerk,
    Comparison,
    compared,
    opened_for,
    seal_shown,
    undoing,
)
from dancu.intake.adjudication.model import (
    BLIND_SHARE,
    Answer,
    Checked,
    Doubt,
    DoubtSettled,
    Kind,
    Part,
    State,
    agrees,
)
from dancu.intake.adjudication.queue import (
    SQL,
    OnDesk,
    check_waiting,
    doubt_of,
    due_on,
    held_doubt,
    laid_before,
    next_for,
    skip,
)
from dancu.intake.adjudication.sides import Side
from dancu.kernel.errors import Conflict, FieldFault, Forbidden, Invalid
from dancu.kernel.ids import new_id
from dancu.register.act import ActHeader
from dancu.register.proposed import propose
from dancu.register.territory import locate

ACT = "record_matched"
"""The name under which a decision on a record is proposed to a second officer."""
GROUND = "Luật Căn cước 26/2023/QH15, Điều 10"
_MERGE_GROUND = "Luật Căn cước 26/2023/QH15, Điều 12"
_TWICE = "Một người có hai hồ sơ"


class AskTheOffice(Forbidden):
    """The person lives outside of the clerk's territory, or is masked: its office, or the Center, decides."""


class NothingToUndo(Conflict):
    """The doubt led to nothing that stands now."""


class Became(StrEnum):
    """What became of a doubt by a verdict."""

    DECIDED = "decided"
    PROPOSED = "proposed"
    RAISED = "raised"
    PARKED = "parked"


@dataclass(frozen=True)
class Verdict:
    """What a clerk says.

    Args:
        chosen: of the same person, which of the candidates it is.
        note: for who looks at it next; '' where nothing is to be said.
    """

    answer: Answer
    chosen: int | None = None
    note: str = ""


async def next_doubt(database: Database, clerk: Clerk, *, drawn: float) -> OnDesk | None:
    """Lay the next doubt before a clerk; None where nothing waits.

    Args:
        drawn: a random number, 0 to 1.
    """
    async with opened_for(database, clerk, Operation.SEARCH) as work:
        found = await next_for(work.tx, clerk.officer.officer_id, center=clerk.center, now=clerk.now, drawn=drawn)
        await work.log(result_count=0, fields=0)
    return found


async def leave_for_later(database: Database, clerk: Clerk, doubt_id: int) -> None:
    """Skip a doubt.

    Raises:
        DoubtUnknown: there is none in scope.
    """
    async with opened_for(database, clerk, Operation.SEARCH) as work:
        await doubt_of(work.tx, doubt_id)
        await skip(work.tx, clerk.officer.officer_id, doubt_id, now=clerk.now)
        await work.log(result_count=0, fields=0)


async def lay_open_again(database: Database, clerk: Clerk, doubt_id: int) -> None:
    """Take up a doubt that was put aside: it waits for the Center again.

    Raises:
        DoubtUnknown: there is none in scope.
        DoubtSettled: it is not put aside.
        AskTheOffice: the officer is not of the Center.
    """
    if not clerk.center:
        raise AskTheOffice("The Center decides this")
    async with opened_for(database, clerk, Operation.SEARCH) as work:
        await doubt_of(work.tx, doubt_id)
        row = {"doubt_id": doubt_id, "due_on": due_on(clerk.now), "since": str(State.PARKED)}
        if not await work.tx.execute(SQL.lay_open_again, row):
            raise DoubtSettled("This case is not put aside")
        await work.log(result_count=0, fields=0)


async def make_known(database: Database, clerk: Clerk, doubt_id: int) -> None:
    """Mix a settled doubt in among those that others get, to measure them by its answer.

    Raises:
        DoubtUnknown: there is none in scope.
        DoubtSettled: it is not settled.
        AskTheOffice: the officer is not of the Center.
    """
    if not clerk.center:
        raise AskTheOffice("The Center decides this")
    async with opened_for(database, clerk, Operation.SEARCH) as work:
        await doubt_of(work.tx, doubt_id)
        if not await work.tx.execute(SQL.make_known, {"doubt_id": doubt_id}):
            raise DoubtSettled("This case is not decided yet")
        await work.log(result_count=0, fields=0)


async def judge(database: Database, clerk: Clerk, doubt_id: int, verdict: Verdict, *, drawn: float) -> Became:
    """Take a clerk's verdict, and do what follows from it.

    Args:
        drawn: a random number, 0 to 1, by which some decisions are judged by a second clerk blindly.

    Raises:
        DoubtUnknown: there is none in scope.
        DoubtSettled, DoubtHeld: somebody else decided it, or has it on the desk.
        Invalid: it is not said which of the candidates it is.
        AskTheOffice: the clerk may not see whom he or she chose.
        NotAllowed: the policy refuses.
    """
    desk, comparison, became = await _begun(database, clerk, doubt_id, verdict)
    if became is not None:
        return became
    decided = _Decided(clerk, comparison, desk, verdict, drawn)
    if comparison.doubt.kind == Kind.REGISTER and verdict.answer is Answer.SAME:
        return await _propose_merge(database, decided)
    if _takes_two_officers(comparison.sides, verdict):
        return await _propose_match(database, decided)
    return await _decide(database, decided)


async def _begun(
    database: Database, clerk: Clerk, doubt_id: int, verdict: Verdict
) -> tuple[OnDesk, Comparison, Became | None]:
    """Check what a clerk says; write it down at once where nothing is decided by it."""
    async with opened_for(database, clerk) as work:
        doubt = await held_doubt(work.tx, doubt_id)
        desk = await laid_before(work.tx, clerk.officer.officer_id, doubt, now=clerk.now)
        if desk is None:
            raise DoubtSettled("This case was decided before")
        if desk.role is Part.DECIDES:
            check_waiting(doubt, clerk.officer.officer_id, clerk.now)
        comparison = await compared(work, doubt, desk, now=clerk.now)
        _check_chosen(comparison, verdict)
        if desk.role is not Part.DECIDES:
            await _note_check(work.tx, clerk, doubt, desk, verdict)
            return desk, comparison, Became.DECIDED
        became = await _not_decided(work.tx, clerk, doubt, verdict)
        if became is not None:
            await _write(work.tx, clerk, doubt, desk, verdict)
    return desk, comparison, became


def _check_chosen(comparison: Comparison, verdict: Verdict) -> None:
    if verdict.answer is not Answer.SAME:
        return
    chosen = next((one for one in comparison.sides if one.person_id == verdict.chosen is not None), None)
    first = comparison.sides[0]
    if chosen is None or (chosen is first):
        raise Invalid((FieldFault("/chosen", "Say which one it is"),))
    if chosen.masked or first.masked:
        raise AskTheOffice("You may not see this person: ask the office that is named, or let the Center decide")


async def _not_decided(tx: Transaction, clerk: Clerk, doubt: Doubt, verdict: Verdict) -> Became | None:
    """Raise or park what the clerk can't say, or may not do; None: it is decided."""
    merges = doubt.kind == Kind.REGISTER and verdict.answer is Answer.SAME
    splits = doubt.kind == Kind.REGISTER and verdict.answer is Answer.TWO_PERSONS
    if not clerk.center and (verdict.answer is Answer.UNSURE or merges or splits):
        await tx.execute(SQL.raise_doubt, {"doubt_id": doubt.doubt_id, "due_on": due_on(clerk.now)})
        return Became.RAISED
    if verdict.answer is Answer.UNSURE or splits:
        await tx.execute(SQL.park, {"doubt_id": doubt.doubt_id})
        return Became.PARKED
    return None


async def _note_check(tx: Transaction, clerk: Clerk, doubt: Doubt, desk: OnDesk, verdict: Verdict) -> None:
    """Write down a blind check, or an answer to a question whose answer is known."""
    agreed = agrees(doubt, verdict.answer, verdict.chosen)
    await _write(tx, clerk, doubt, desk, verdict, agreed=agreed)
    if desk.role is Part.CHECKS_BLINDLY:
        checked = Checked.AGREED if agreed else Checked.DIFFERS
        await tx.execute(SQL.note_check, {"doubt_id": doubt.doubt_id, "checked": str(checked)})


async def _write(
    tx: Transaction, clerk: Clerk, doubt: Doubt, desk: OnDesk, verdict: Verdict, *, agreed: bool | None = None
) -> None:
    who = {"officer_id": clerk.officer.officer_id, "doubt_id": doubt.doubt_id, "now": clerk.now}
    await tx.execute(
        SQL.insert_verdict,
        {
            **who,
            "verdict_id": new_id(),
            "chosen": verdict.chosen,
            "seconds": max((clerk.now - desk.since).total_seconds(), 0.0),
            "role": int(desk.role),
            "answer": int(verdict.answer),
            "agrees": agreed,
            "note": verdict.note.strip(),
        },
    )
    await tx.execute(SQL.clear_desk, who)
    await tx.execute(SQL.unskip, who)


@dataclass(frozen=True)
class _Decided:
    """A verdict that decides."""

    clerk: Clerk
    comparison: Comparison
    desk: OnDesk
    verdict: Verdict
    drawn: float

    @property
    def doubt(self) -> Doubt:
        return self.comparison.doubt

    @property
    def requester(self) -> str:
        """Who asks: the source of the record; '' for what the office does by itself."""
        return self.comparison.source

    @property
    def persons(self) -> tuple[int, ...]:
        """Whom the clerk saw."""
        return tuple(one.person_id for one in self.comparison.sides if one.person_id is not None and not one.masked)


def _takes_two_officers(sides: Sequence[Side], verdict: Verdict) -> bool:
    """Tell whether taking over a record would give a number, or a sex or birth that decide it."""
    if verdict.answer is not Answer.SAME:
        return False
    told, chosen = sides[0].texts, next(one for one in sides if one.person_id == verdict.chosen).texts
    born, known_born = told.get("born", ""), chosen.get("born", "")
    more_exact = born != known_born and born.endswith(known_born)
    other_number = bool(told.get("number")) and told["number"] != chosen.get("number", "")
    return other_number or more_exact or ("sex" in told and "sex" not in chosen)


async def _decide(database: Database, decided: _Decided) -> Became:
    """Decide, on a dossier that begins with it; what follows is carried out by the worker."""
    clerk = decided.clerk
    new = decided.doubt.kind == Kind.RECORD and decided.verdict.answer is Answer.DIFFERENT
    async with opened_with_case(
        database,
        clerk.officer,
        act="person_established" if new else "particulars_updated",
        now=clerk.now,
        request_id=clerk.request_id,
        fields=ALL_FIELDS,
        office_id=clerk.office_id,
        channel=clerk.channel,
    ) as case:
        await _answer(case.work.tx, decided, State.DECIDED, dossier_id=case.dossier_id)
        await _hang_on(case, decided)
    return Became.DECIDED


async def _hang_on(case: CaseOfAct, decided: _Decided) -> None:
    subjects = decided.persons if decided.verdict.chosen is None else (decided.verdict.chosen,)
    await case.receive(requester=decided.requester, subjects=subjects)
    await case.work.log(persons=decided.persons, result_count=len(decided.persons))


async def _answer(
    tx: Transaction, decided: _Decided, state: State, *, dossier_id: int, proposal_id: int | None = None
) -> None:
    """Write down the answer with what was seen; of doubts about the register alone, nothing is left to be done."""
    doubt, clerk, verdict = decided.doubt, decided.clerk, decided.verdict
    check_waiting(await held_doubt(tx, doubt.doubt_id), clerk.officer.officer_id, clerk.now)
    settled = state is State.DECIDED and doubt.kind == Kind.REGISTER
    checked = Checked.WANTED if decided.drawn < BLIND_SHARE else Checked.NO
    await tx.execute(
        SQL.answer,
        {
            "doubt_id": doubt.doubt_id,
            "state": str(State.SETTLED if settled else state),
            "answer": int(verdict.answer),
            "chosen": verdict.chosen,
            "officer_id": clerk.officer.officer_id,
            "now": clerk.now,
            "dossier_id": dossier_id,
            "proposal_id": proposal_id,
            "checked": str(checked),
            "shown": seal_shown(tx.keys, doubt.doubt_id, decided.comparison.sides),
            "settled_at": clerk.now if settled else None,
        },
    )
    await _write(tx, clerk, doubt, decided.desk, verdict)


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


async def _propose_merge(database: Database, decided: _Decided) -> Became:
    """Propose the merge of two records to a second officer of the Center."""
    clerk, doubt, verdict = decided.clerk, decided.doubt, decided.verdict
    reason = verdict.note.strip() or _TWICE
    arguments = {"survivor_id": doubt.persons[0], "merged_id": verdict.chosen, "reason": reason}
    dossier = await _dossier_for(database, clerk, "record_merged", requester="", person_id=verdict.chosen)
    async with _proposing(database, clerk, dossier, "record_merged") as work:
        filed = await _file(work, clerk, "merge_records", arguments)
        await _answer(work.tx, decided, State.PROPOSED, dossier_id=filed.dossier_id, proposal_id=filed.proposal_id)
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


class Matched(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A decision on a record as it is proposed to a second officer."""

    doubt_id: int
    officer_id: int
    answer: int
    chosen: int | None


async def _propose_match(database: Database, decided: _Decided) -> Became:
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
        await _answer(work.tx, decided, State.PROPOSED, dossier_id=filed.dossier_id, proposal_id=filed.proposal_id)
        await work.log(persons=decided.persons, result_count=len(decided.persons))
    return Became.PROPOSED
