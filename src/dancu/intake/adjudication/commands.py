"""What clerks say of doubts: written down, decided, proposed where a number is touched, or raised to the Center."""

from collections.abc import Sequence

from dancu.access.cases import CaseOfAct, opened_with_case
from dancu.audit.entry import ALL_FIELDS, Operation
from dancu.infra.db import Database, Transaction
from dancu.intake.adjudication.looking import Clerk, Comparison, compared, opened_for
from dancu.intake.adjudication.model import (
    Answer,
    Checked,
    Doubt,
    DoubtSettled,
    Kind,
    Part,
    State,
    agrees,
)
from dancu.intake.adjudication.proposing import propose_match, propose_merge
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
from dancu.intake.adjudication.verdicts import AskTheOffice, Became, Decided, Verdict, answer, write
from dancu.kernel.errors import FieldFault, Invalid


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
    decided = Decided(clerk, comparison, desk, verdict, drawn)
    if comparison.doubt.kind == Kind.REGISTER and verdict.answer is Answer.SAME:
        return await propose_merge(database, decided)
    if _takes_two_officers(comparison.sides, verdict):
        return await propose_match(database, decided)
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
            await write(work.tx, clerk, doubt, desk, verdict)
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
    await write(tx, clerk, doubt, desk, verdict, agreed=agreed)
    if desk.role is Part.CHECKS_BLINDLY:
        checked = Checked.AGREED if agreed else Checked.DIFFERS
        await tx.execute(SQL.note_check, {"doubt_id": doubt.doubt_id, "checked": str(checked)})


def _takes_two_officers(sides: Sequence[Side], verdict: Verdict) -> bool:
    """Tell whether taking over a record would give a number, or a sex or birth that decide it."""
    if verdict.answer is not Answer.SAME:
        return False
    told, chosen = sides[0].texts, next(one for one in sides if one.person_id == verdict.chosen).texts
    born, known_born = told.get("born", ""), chosen.get("born", "")
    more_exact = born != known_born and born.endswith(known_born)
    other_number = bool(told.get("number")) and told["number"] != chosen.get("number", "")
    return other_number or more_exact or ("sex" in told and "sex" not in chosen)


async def _decide(database: Database, decided: Decided) -> Became:
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
        await answer(case.work.tx, decided, State.DECIDED, dossier_id=case.dossier_id)
        await _hang_on(case, decided)
    return Became.DECIDED


async def _hang_on(case: CaseOfAct, decided: Decided) -> None:
    subjects = decided.persons if decided.verdict.chosen is None else (decided.verdict.chosen,)
    await case.receive(requester=decided.requester, subjects=subjects)
    await case.work.log(persons=decided.persons, result_count=len(decided.persons))
