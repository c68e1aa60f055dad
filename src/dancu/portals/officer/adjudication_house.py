"""Doubtful cases for the desk: listed, laid before the clerk, judged, seconded, and counted."""

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from dancu.access import accounts
from dancu.intake.adjudication import commands, looking, proposing, queue, seconding, statistics
from dancu.intake.adjudication.differences import Agreement, agreement, marked
from dancu.intake.adjudication.looking import Clerk, Comparison, opened_for
from dancu.intake.adjudication.model import ANSWERS, Answer, Doubt, DoubtUnknown, Kind, Part, State
from dancu.intake.adjudication.sides import FIELDS, TRANSLATED, Side
from dancu.intake.adjudication.statistics import Share
from dancu.intake.adjudication.verdicts import Became, Verdict
from dancu.intake.decisions import Reason
from dancu.intake.rules import explain
from dancu.kernel.time import today
from dancu.portals.officer.adjudication_views import (
    BacklogLine,
    BandLine,
    Cell,
    ClerkLine,
    DoubtLine,
    DoubtPage,
    Figure,
    FiguresPage,
    Judged,
    QueuePage,
    Row,
    SecondPage,
    SideView,
)
from dancu.portals.officer.data import House, account_of, office_of
from dancu.portals.officer.desk import At
from dancu.portals.officer.people import place_of
from dancu.portals.shared.pages import Said
from dancu.portals.shared.words import msg
from dancu.register.proposed import Second

_WHAT = {Kind.RECORD: msg("A record of a source"), Kind.REGISTER: msg("Two records of the register")}
_STATES = {
    State.WAITING: msg("waiting"),
    State.PROPOSED: msg("waiting for a second officer"),
    State.DECIDED: msg("decided"),
    State.SETTLED: msg("carried out"),
    State.PARKED: msg("put aside"),
    State.DROPPED: msg("settled otherwise"),
}
_PARTS = {
    Part.DECIDES: msg("decided"),
    Part.CHECKS_BLINDLY: msg("checked without knowing the answer"),
    Part.IS_MEASURED: msg("answered what is known"),
}
_SUBJECTS = {
    Kind.RECORD: (Said("Bản ghi", "The record"), msg("Person in the register")),
    Kind.REGISTER: (Said("Hồ sơ giữ lại", "The record that carries on"), msg("Person in the register")),
}
_CENTER = msg("The Center")
_NO_PROVINCE = msg("No province")
_DRAWS = random.SystemRandom()


class Adjudication:
    """The queue of doubtful cases."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def queue(self, at: At) -> QueuePage:
        """List what waits in the officer's scope, what he or she skipped, and what was put aside."""
        clerk = self._clerk(at)
        async with opened_for(self._house.database, clerk) as work:
            backlog = await statistics.backlog(work.tx, now=at.now)
            waiting = await queue.doubts(work.tx, most=50)
            parked = await queue.doubts(work.tx, states=(State.PARKED,), most=50)
            skipped = await queue.skipped_by(work.tx, clerk.officer.officer_id)
            differing = await queue.differing(work.tx)
            await work.log(result_count=0, fields=0)
        lines = [self._doubt_line(one, at) for one in waiting if clerk.center or not one.raised]
        return QueuePage(
            sum(one.waiting for one in backlog),
            sum(one.overdue for one in backlog),
            tuple(lines),
            tuple(self._doubt_line(one, at) for one in skipped),
            tuple(self._doubt_line(one, at) for one in parked) if clerk.center else (),
            tuple(self._doubt_line(one, at) for one in differing),
        )

    async def next_doubt(self, at: At) -> str:
        """Lay the next case before the officer; '' where nothing waits."""
        found = await commands.next_doubt(self._house.database, self._clerk(at), drawn=_DRAWS.random())
        return str(found.doubt_id) if found else ""

    async def skip_doubt(self, at: At, *, code: str) -> None:
        """Leave a case for later. Raises NotFound."""
        await commands.leave_for_later(self._house.database, self._clerk(at), _id(code))

    async def doubt(self, at: At, *, code: str) -> DoubtPage:
        """Return a case, side by side; the look is logged.

        Raises:
            NotFound, Conflict: see `intake.adjudication.looking.look`.
        """
        clerk = self._clerk(at)
        found = await looking.look(self._house.database, clerk, _id(code))
        if found.desk:
            return self._page(looking.as_part(found, found.desk), at, clerk)
        async with opened_for(self._house.database, clerk) as work:
            verdicts = await queue.verdicts_of(work.tx, found.doubt.doubt_id)
            names = await accounts.names_of(work.tx, [one.officer_id for one in verdicts])
            undoing = await looking.undoing(work.tx, found.doubt)
            await work.log(result_count=0, fields=0)
        judged = tuple(
            Judged(
                names.get(one.officer_id, ""),
                one.given_at,
                ANSWERS[Answer(one.answer)],
                _PARTS[Part(one.role)],
                one.note,
            )
            for one in verdicts
        )
        return replace(self._page(found, at, clerk, judged), undoes=undoing is not None and clerk.center)

    async def judge_doubt(self, at: At, *, code: str, answer: str, chosen: str, note: str) -> Became:
        """Take the officer's answer.

        Raises:
            Invalid, Conflict, Forbidden, NotFound: see `intake.adjudication.commands.judge`.
        """
        said = next((one for one in Answer if one.word == answer), None)
        if said is None:
            raise DoubtUnknown("There is no such answer")
        person = self._house.refs.id(chosen) if chosen and said is Answer.SAME else None
        verdict = Verdict(said, person, note)
        return await commands.judge(self._house.database, self._clerk(at), _id(code), verdict, drawn=_DRAWS.random())

    async def undo_merge(self, at: At, *, code: str, reason: str) -> None:
        """Propose that a merge is undone. Raises Invalid, Conflict, Forbidden, NotFound, Refused."""
        await proposing.undo(self._house.database, self._clerk(at), _id(code), reason=reason)

    async def make_known(self, at: At, *, code: str) -> None:
        """Measure others by the answer of a settled case. Raises NotFound, Conflict, Forbidden."""
        await commands.make_known(self._house.database, self._clerk(at), _id(code))

    async def lay_open(self, at: At, *, code: str) -> None:
        """Take up what was put aside. Raises NotFound, Forbidden."""
        await commands.lay_open_again(self._house.database, self._clerk(at), _id(code))

    async def second_doubt(self, at: At, *, dossier: str, code: str) -> SecondPage:
        """Return a decision that waits for a second officer, with what the first one saw. Raises NotFound."""
        found = await seconding.looked_at(
            self._house.database, self._second(at), dossier_id=_id(dossier), proposal_id=_id(code)
        )
        async with self._house.database.transaction(scope="none") as tx:
            names = await accounts.names_of(tx, [found.proposal.officer_id])
        proposal = found.proposal
        return SecondPage(
            dossier,
            code,
            names.get(proposal.officer_id, ""),
            proposal.proposed_at,
            today(proposal.expires_at),
            proposal.reason,
            proposal.legal_ground,
            proposal.officer_id == account_of(at).officer_id,
            self._page(found.comparison, at, self._clerk(at)),
        )

    async def approve_doubt(self, at: At, *, dossier: str, code: str) -> None:
        """Agree to a decision. Raises Conflict, Forbidden, NotFound."""
        await seconding.approve(self._house.database, self._second(at), dossier_id=_id(dossier), proposal_id=_id(code))

    async def refuse_doubt(self, at: At, *, dossier: str, code: str, answer: str) -> None:
        """Refuse a decision, with the reason. Raises Invalid, Conflict, Forbidden, NotFound."""
        await seconding.refuse(
            self._house.database, self._second(at), dossier_id=_id(dossier), proposal_id=_id(code), answer=answer
        )

    async def figures(self, at: At) -> FiguresPage:
        """Return the figures of the queue in the officer's scope."""
        async with opened_for(self._house.database, self._clerk(at)) as work:
            found = await statistics.figures(work.tx, now=at.now)
            names = await accounts.names_of(work.tx, [one.officer_id for one in found.clerks])
            await work.log(result_count=0, fields=0)
        return figures_page(found, names, at)

    def _clerk(self, at: At) -> Clerk:
        return Clerk(account_of(at), at.now, at.request_id, office_of(at), self._house.channel)

    def _second(self, at: At) -> Second:
        return Second(account_of(at), at.now, at.request_id, office_of(at), self._house.channel)

    def _doubt_line(self, doubt: Doubt, at: At) -> DoubtLine:
        reason = Reason(doubt.reason)
        return DoubtLine(
            code=str(doubt.doubt_id),
            what=_WHAT[Kind(doubt.kind)],
            reason=Said(reason.text_vi, reason.text),
            percent=round(doubt.score * 100),
            place=place_of(None, doubt.province_code, today(at.now)),
            candidates=len(doubt.persons) - (doubt.kind == Kind.REGISTER),
            opened_at=doubt.opened_at,
            due_on=doubt.due_on,
            overdue=doubt.state == State.WAITING and doubt.due_on < today(at.now),
            state=_STATES[State(doubt.state)],
            mine=doubt.held_by == account_of(at).officer_id,
        )

    def _page(self, found: Comparison, at: At, clerk: Clerk, verdicts: tuple[Judged, ...] = ()) -> DoubtPage:
        doubt, sides = found.doubt, found.sides
        return DoubtPage(
            line=self._doubt_line(doubt, at),
            sides=tuple(self._side(one, i, doubt, today(at.now)) for i, one in enumerate(sides)),
            rows=tuple(_rows(sides)),
            open=found.desk is not None,
            merges=doubt.kind == Kind.REGISTER,
            center=clerk.center,
            source=found.source,
            findings=tuple(
                Said(explain(rule, field, language="vi"), explain(rule, field, language="en"))
                for rule, field in found.findings
            ),
            verdicts=verdicts,
            trouble=doubt.trouble,
            measures=doubt.known_answer,
            may_measure=clerk.center and doubt.state == State.SETTLED and not doubt.known_answer,
            outcome=ANSWERS[Answer(doubt.answer)] if doubt.answer else "",
            proposal=f"{doubt.dossier_id}/{doubt.proposal_id}" if doubt.state == State.PROPOSED else "",
        )

    def _side(self, side: Side, at: int, doubt: Doubt, at_day: date) -> SideView:
        first, other = _SUBJECTS[Kind(doubt.kind)]
        return SideView(
            title=other if at else first,
            ref=self._house.refs.ref(side.person_id) if side.person_id is not None else "",
            masked=side.masked,
            office=_police(side.office, at_day) if side.masked else "",
            percent=round(side.score * 100) if at else None,
            status=side.status,
            chosen=doubt.chosen is not None and doubt.chosen == side.person_id,
        )


def _rows(sides: tuple[Side, ...]) -> list[Row]:
    """The fields that somebody tells, in the order of reading."""
    rows = []
    for field, title in FIELDS.items():
        if any(field in side.texts or field in side.agreements for side in sides):
            cells = tuple(_cell(field, side, sides[0], is_first=side is sides[0]) for side in sides)
            differs = any(cell.agreement in {Agreement.ALIKE, Agreement.DIFFERENT} for cell in cells)
            rows.append(Row(title, cells, differs))
    return rows


def _cell(field: str, side: Side, first: Side, *, is_first: bool) -> Cell:
    if side.masked:
        return Cell(agreement=side.agreements.get(field, Agreement.UNKNOWN), told=False)
    text, against = side.texts.get(field, ""), "" if is_first else first.texts.get(field, "")
    how = agreement(text, against, code=field in TRANSLATED) if not is_first else Agreement.UNKNOWN
    if field in TRANSLATED:
        return Cell(agreement=how, message=text)
    return Cell(marked(text, against), how)


def figures_page(found: statistics.Figures, names: Mapping[int, str], at: At) -> FiguresPage:
    """Write the figures as texts."""
    day = today(at.now)
    return FiguresPage(
        since=today(found.since),
        figures=(
            Figure(msg("Cases that wait"), str(found.waiting)),
            Figure(msg("Past their day"), str(found.overdue)),
            Figure(msg("Decided in three months"), str(sum(one.decided for one in found.clerks))),
            Figure(msg("Agreement of blind checks"), _share(found.checked)),
            Figure(msg("Cohen's kappa"), "–" if found.kappa is None else f"{found.kappa:.2f}"),
            Figure(msg("Checks that found otherwise"), str(found.differing)),
        ),
        backlog=tuple(
            BacklogLine(
                _CENTER if one.raised else place_of(None, one.province_code, day) or _NO_PROVINCE,
                one.waiting,
                f"{one.age_median_days:.1f}",
                f"{one.age_p95_days:.1f}",
                one.overdue,
            )
            for one in found.backlog
        ),
        clerks=tuple(
            ClerkLine(
                names.get(one.officer_id, ""),
                one.decided,
                _seconds(one.seconds_median),
                _seconds(one.seconds_p95),
                _share(one.known),
                _share(one.checked),
                one.skipped,
            )
            for one in found.clerks
        ),
        bands=tuple(
            BandLine(
                f"{one.low:g} – {one.high:g}",
                *(one.answers.get(answer, 0) for answer in Answer),
            )
            for one in found.bands
        ),
    )


def _police(unit_code: str, day: date) -> str | Said:
    """Name the police of a unit, who can be asked about somebody; of a masked person, the head of the Center."""
    title = place_of(unit_code or None, None, day)
    if not title:
        return Said("lãnh đạo Trung tâm, vì hồ sơ được bảo vệ", "the head of the Center, since the record is masked")
    return f"Công an {title[0].lower()}{title[1:]}"


def _share(share: Share) -> str:
    """A share with its interval, such as 97 % (91–99 %, 66/68)."""
    if share.value is None or share.interval is None:
        return "–"
    low, high = share.interval
    return f"{share.value:.0%} ({low:.0%}–{high:.0%}, {share.right}/{share.of})"


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f} s"


def _id(code: str) -> int:
    if not (code.isascii() and code.isdecimal() and len(code) < 20):
        raise DoubtUnknown("There is no such case")
    return int(code)
