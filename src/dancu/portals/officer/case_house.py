"""One dossier for the desk: its steps and moves, its documents, and the papers that the applicant gets."""

from dataclasses import dataclass
from datetime import datetime

from dancu.access import accounts, openings
from dancu.access.cases import open_case_here, opener_of
from dancu.access.work import NotAllowed
from dancu.audit.entry import SUMMARY_FIELDS, Entry, Operation, Outcome
from dancu.audit.log import record
from dancu.dossiers import commands as dossiers
from dancu.dossiers.commands import Opener, steps_of
from dancu.dossiers.documents import store
from dancu.dossiers.documents.store import Document
from dancu.dossiers.lists import ListKind
from dancu.dossiers.matters import MATTERS
from dancu.dossiers.model import Dossier, Move, State, Step, moves_from
from dancu.dossiers.moves import hand_over, take
from dancu.dossiers.proposals import Proposal, let_expire, proposals_of
from dancu.dossiers.terms import term_of
from dancu.infra.db import Transaction
from dancu.kernel.errors import FieldFault, Invalid
from dancu.kernel.time import today
from dancu.portals.officer.act_offers import acts_on
from dancu.portals.officer.acts import suggestion
from dancu.portals.officer.case_papers import paper_of, receipt_of
from dancu.portals.officer.case_views import (
    MOVE,
    OUTCOME,
    PROPOSAL,
    STATE,
    TO_DO,
    CasePage,
    DocumentLine,
    Paper,
    ProposedLine,
    StepLine,
)
from dancu.portals.officer.data import DOSSIER, House, account_of, line_of, office_of, work_of
from dancu.portals.officer.desk import At
from dancu.portals.officer.labels import EVENT
from dancu.portals.officer.views import ActLink, DossierLine, Suggestion, Work
from dancu.portals.shared.pages import Said
from dancu.register import surroundings
from dancu.register.kinds import EventKind

ON_PAPER = frozenset({Move.ASK_APPLICANT, Move.REFUSE})
"""Steps that the applicant gets in writing."""


@dataclass(frozen=True)
class Sent:
    """A document as it was sent."""

    name: str
    content: bytes


class Cases:
    """Reads one dossier of the office in which the officer works, and takes it further."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def case(self, at: At, *, code: str) -> CasePage:
        """Return a dossier with steps, documents and, while it opens them, the persons whom it names."""
        house = self._house
        async with house.at_offices(account_of(at)) as tx:
            found = await _own(tx, at, code)
            if await let_expire(tx, found.dossier_id, state=found.state, by=_opener(at), now=at.now):
                found = await dossiers.dossier_of(tx, found.dossier_id)
            persons = await dossiers.persons_of(tx, found.dossier_id)
            steps = await steps_of(tx, found.dossier_id)
            documents = await store.documents_of(tx, found.dossier_id)
            proposed = await proposals_of(tx, found.dossier_id)
            officers = [one.officer_id for one in steps] + [one.officer_id for one in documents]
            officers += [one for each in proposed for one in (each.officer_id, each.decided_by) if one]
            names = await accounts.names_of(tx, officers)
            if not (found.opens(today(at.now)) and persons):
                await self._note(tx, at, found, Operation.READ)
        shown = await self._persons(at, found) if found.opens(today(at.now)) and persons else ()
        return _page(
            found,
            at.now,
            count=len(persons),
            persons=shown,
            steps=tuple(_step(one, names) for one in steps),
            documents=tuple(self._document(one, names) for one in documents),
            proposals=tuple(_proposed(one, names, at.now) for one in proposed),
            acts=acts_on(at, found, shown[0].value if len(shown) == 1 else "") if found.opens(today(at.now)) else (),
        )

    async def overdue(self, at: At) -> tuple[DossierLine, ...]:
        """List the dossiers of the office whose term has passed without a decision, the longest overdue first."""
        office_id = office_of(at)
        async with self._house.at_offices(account_of(at)) as tx:
            found = await dossiers.overdue(tx, [office_id] if office_id else [], now=at.now)
            await self._house.note_list(tx, at, found, ListKind.OVERDUE)
        return tuple(line_of(one) for one in found)

    async def open_about(self, at: At, *, matter: str, requester: str, ref: str) -> Work:
        """Open a dossier about somebody of the own territory, or about nobody who is registered yet.

        Args:
            ref: reference of the person; '' for nobody.
        """
        found = await open_case_here(
            self._house.database,
            account_of(at),
            matter=matter,
            requester=requester,
            person_id=self._house.refs.id(ref) if ref else None,
            now=at.now,
            request_id=at.request_id,
            office_id=office_of(at),
        )
        return work_of(found)

    async def _persons(self, at: At, found: Dossier) -> tuple[Suggestion, ...]:
        """Name the persons; the look is written down under the dossier."""
        work = Work(f"{DOSSIER}:{found.dossier_id}", found.number, found.legal_ground)
        as_worked = At(at.token, at.officer, work, at.now, at.request_id)
        try:
            async with self._house.opened(as_worked, Operation.READ, fields=SUMMARY_FIELDS) as opened:
                people = await surroundings.people(opened.tx, opened.grant.scope.opened)
                await opened.log(persons=tuple(people), result_count=len(people))
        except NotAllowed:
            return ()
        return tuple(
            suggestion(self._house.refs.ref(one.person_id), name=one.name, number=one.number, born=one.born)
            for one in people.values()
        )

    def _document(self, one: Document, names: dict[int, str]) -> DocumentLine:
        return DocumentLine(
            code=str(one.document_id),
            name=one.name(self._house.keys),
            kind=one.kind.upper(),
            size_kb=-(-one.size // 1024),
            at=one.attached_at,
            who=names.get(one.officer_id, ""),
            digest=one.digest.hex(),
            dropped=one.dropped_at is not None,
        )

    async def move_case(self, at: At, *, code: str, move: Move, reason: str, law: str) -> None:
        """Take a dossier further. Raises Invalid, Conflict, Stale."""
        async with self._house.at_offices(account_of(at)) as tx:
            found = await _own(tx, at, code)
            await take(
                tx,
                dossier_id=found.dossier_id,
                move=move,
                by=_opener(at),
                now=at.now,
                reason=reason,
                legal_ground=law,
            )

    async def hand_case_over(self, at: At, *, code: str, unit: str, reason: str) -> None:
        """Hand a dossier over to the office of the same authority in another commune. Raises Invalid, Conflict."""
        async with self._house.at_offices(account_of(at)) as tx:
            found = await _own(tx, at, code)
            authority = int(MATTERS[found.matter].authority)
            office_id = await openings.office_at(tx, unit_code=unit, authority=authority)
            if office_id is None:
                raise Invalid((FieldFault("/unit", "There is no such office there"),))
            await hand_over(
                tx, dossier_id=found.dossier_id, to_office_id=office_id, by=_opener(at), now=at.now, reason=reason
            )

    async def attach(self, at: At, *, code: str, sent: Sent) -> None:
        """Attach a document. Raises Invalid, Conflict, Unavailable."""
        document = await store.checked(sent.content, sent.name, self._house.scanner)
        async with self._house.at_offices(account_of(at)) as tx:
            found = await _own(tx, at, code)
            await store.attach(
                tx,
                dossier_id=found.dossier_id,
                document=document,
                by=_opener(at),
                ring=self._house.keys,
                now=at.now,
            )

    async def document(self, at: At, *, code: str, document: str) -> tuple[Document, str, bytes]:
        """Return a document with its name and content; that it was handed out is written down first."""
        async with self._house.at_offices(account_of(at)) as tx:
            found = await _own(tx, at, code)
            document_id = int(document) if document.isascii() and document.isdecimal() and len(document) < 20 else 0
            kept, content = await store.content_of(
                tx, dossier_id=found.dossier_id, document_id=document_id, ring=self._house.keys
            )
            persons = await dossiers.persons_of(tx, found.dossier_id)
            await self._note(tx, at, found, Operation.EXPORT, persons=tuple(sorted(persons)))
        return kept, kept.name(self._house.keys), content

    async def _note(
        self, tx: Transaction, at: At, found: Dossier, operation: Operation, *, persons: tuple[int, ...] | None = None
    ) -> None:
        """Write down that what stands in a dossier is shown: who asked, why it was refused, names of documents."""
        by = _opener(at)
        entry = Entry(
            logged_at=at.now,
            operation=operation,
            outcome=Outcome.GRANTED,
            channel=self._house.channel,
            request_id=at.request_id,
            officer_id=by.officer_id,
            office=by.office_unit,
            role=by.role,
            purpose=DOSSIER,
            legal_ground=found.legal_ground,
            dossier_id=found.dossier_id,
            persons=persons,
            result_count=1,
        )
        await record(tx, entry)

    async def receipt(self, at: At, *, code: str) -> Paper:
        """Return the receipt of a dossier, with the day on which the result is due."""
        async with self._house.at_offices(account_of(at)) as tx:
            found = await _own(tx, at, code)
            (first, *_) = await steps_of(tx, found.dossier_id)
            names = await accounts.names_of(tx, [first.officer_id])
            await self._note(tx, at, found, Operation.READ)
        term = term_of(found.matter, today(found.opened_at))
        return receipt_of(
            found, first, term.law, office=at.officer.office, unit=_unit(at), officer=names.get(first.officer_id, "")
        )

    async def paper(self, at: At, *, code: str, number: int) -> Paper:
        """Return a request to complete or a refusal. Raises NotFound where the step is neither."""
        async with self._house.at_offices(account_of(at)) as tx:
            found = await _own(tx, at, code)
            step = next((one for one in await steps_of(tx, found.dossier_id) if one.step_no == number), None)
            if step is None or step.move not in ON_PAPER:
                raise dossiers.DossierUnknown("There is no such paper")
            names = await accounts.names_of(tx, [step.officer_id])
            await self._note(tx, at, found, Operation.READ)
        return paper_of(found, step, office=at.officer.office, unit=_unit(at), officer=names.get(step.officer_id, ""))


def _opener(at: At) -> Opener:
    account = account_of(at)
    held = account.at(office_of(at))
    if held is None:
        raise dossiers.DossierUnknown("There is no such dossier")
    return opener_of(account, held)


def _unit(at: At) -> str:
    return at.officer.office_unit


async def _own(tx: Transaction, at: At, code: str) -> Dossier:
    """Return a dossier of the office in which the officer works; others are as if they were not there."""
    if not code.isascii() or not code.isdecimal() or len(code) > 19:
        raise dossiers.DossierUnknown("There is no such dossier")
    found = await dossiers.dossier_of(tx, int(code))
    if found.office_id != office_of(at):
        raise dossiers.DossierUnknown("There is no such dossier")
    return found


def _page(
    found: Dossier,
    now: datetime,
    *,
    count: int,
    persons: tuple[Suggestion, ...],
    steps: tuple[StepLine, ...],
    documents: tuple[DocumentLine, ...],
    proposals: tuple[ProposedLine, ...],
    acts: tuple[ActLink, ...],
) -> CasePage:
    matter, day = MATTERS.get(found.matter), today(now)
    may = moves_from(found.state)
    if not term_of(found.matter, day).extension or any(one.what == MOVE[Move.EXTEND] for one in steps):
        may -= {Move.EXTEND}
    return CasePage(
        code=str(found.dossier_id),
        number=found.number,
        title=Said(matter.title_vi, matter.title_en) if matter else found.matter,
        state=STATE[State(found.state)],
        outcome=OUTCOME.get(found.outcome or "", ""),
        requester=found.requester,
        law=found.legal_ground,
        opened_at=found.opened_at,
        due_on=found.deadline_on,
        overdue=found.overdue(day),
        opens=found.opens(day),
        opens_until=found.opens_until,
        count=count,
        persons=persons,
        steps=steps,
        documents=documents,
        proposals=proposals,
        acts=acts,
        moves=tuple((move.value, text) for move, text in TO_DO.items() if move in may),
        takes=found.state != State.CLOSED,
        hands_over=Move.TRANSFER in may,
    )


def _step(one: Step, names: dict[int, str]) -> StepLine:
    return StepLine(
        number=one.step_no,
        what=MOVE[Move(one.move)],
        at=one.taken_at,
        who=names.get(one.officer_id, ""),
        due_on=one.deadline_on,
        reason=one.reason,
        law=one.legal_ground,
        paper=one.move in ON_PAPER,
    )


def _proposed(one: Proposal, names: dict[int, str], now: datetime) -> ProposedLine:
    return ProposedLine(
        code=str(one.proposal_id),
        what=EVENT[EventKind[one.act.upper()]],
        state=PROPOSAL[one.state_at(now)],
        at=one.proposed_at,
        proposer=names.get(one.officer_id, ""),
        reason=one.reason,
        second=names.get(one.decided_by or 0, ""),
        decided_at=one.decided_at,
        answer=one.answer,
        until=one.expires_at,
    )
