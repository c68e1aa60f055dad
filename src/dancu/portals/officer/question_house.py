"""Questions after an undone merge, for the desk: an event, the two records beside each other, and the decision."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from dancu.audit.entry import ALL_FIELDS, Operation
from dancu.infra.db import Transaction
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import FieldFault, Gone, Invalid, NotFound
from dancu.kernel.time import today
from dancu.portals.officer.act_house import Acts
from dancu.portals.officer.act_offers import allowed
from dancu.portals.officer.act_views import ActDone, ActForm
from dancu.portals.officer.data import House, account_of
from dancu.portals.officer.desk import At
from dancu.portals.officer.event_details import details
from dancu.portals.officer.labels import EVENT
from dancu.portals.officer.places import place_text
from dancu.portals.officer.views import Told, Word
from dancu.portals.shared.pages import day_text
from dancu.portals.shared.words import SEX, STATUS, msg
from dancu.register import surroundings
from dancu.register.kinds import EventKind
from dancu.register.ledger import annulled
from dancu.register.life import Life
from dancu.register.questions import Answer, OpenQuestion, QuestionUnknown, open_question, open_questions, settle
from dancu.register.store import history, standing_history

ANNULMENT = "event_annulled"
"""The act by which an event that means the other record falls; whoever may record it may answer."""
_WHY = {
    "rests_on_other": msg("It changes nothing in this record by itself: it rests on what the other one tells"),
    "who_is_meant": msg("It was filed for the person of both records"),
}
_ENDS_A_LIFE = frozenset({EventKind.DEATH_REGISTERED, EventKind.DEATH_DECLARED, EventKind.DECLARED_DEATH_REVERSED})


@dataclass(frozen=True)
class QuestionLine:
    """A question in a list. `title` and `why` are msgids; the names are '' where the record is not open here."""

    code: str
    title: str
    on: PartialDate
    why: str
    name: str
    other: str


@dataclass(frozen=True)
class RecordColumn:
    """One of the two records. `ref` None: it is not open to the officer."""

    name: str
    ref: str | None
    lines: tuple[tuple[str, Told], ...]


@dataclass(frozen=True)
class QuestionPage:
    """An event, and the two records that it may mean.

    Args:
        line: as in the list.
        event: what the event says, with where and on what ground it was recorded.
        records: in whose ledger it stands, and the other one.
        annulled: it has fallen; what is left is to say that it meant the other record.
        bound_others: it may have ended what bound others to the other record.
    """

    line: QuestionLine
    event: tuple[tuple[str, Told], ...]
    records: tuple[RecordColumn, RecordColumn]
    annulled: bool
    bound_others: bool


@dataclass(frozen=True)
class Decision:
    """What a clerk answers, and why. `request_id` makes a second sending harmless."""

    request_id: UUID
    answer: Answer
    because: str


class Questions:
    """Lists, shows and settles what an undone merge left open."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def questions(self, at: At) -> tuple[QuestionLine, ...]:
        """List the questions in the officer's territory, the oldest first; whom they name is written down."""
        allowed(at.officer, ANNULMENT, at)
        async with self._house.opened(at, Operation.READ, fields=ALL_FIELDS) as work:
            found = await open_questions(work.tx)
            ids = {one for question in found for one in (question.person_id, question.other_id)}
            people = await surroundings.people(work.tx, ids)
            await work.log(persons=tuple(sorted(people)), result_count=len(found))
        names = {one: person.name for one, person in people.items()}
        return tuple(self._question_line(one, names) for one in found)

    def _question_line(self, one: OpenQuestion, names: dict[int, str]) -> QuestionLine:
        return QuestionLine(
            code=f"{self._house.refs.ref(one.person_id)}/{one.seq}/{one.act_id}",
            title=EVENT[one.kind],
            on=one.valid_on,
            why=_WHY[one.reason],
            name=names.get(one.person_id, ""),
            other=names.get(one.other_id, ""),
        )

    async def question(self, at: At, *, code: str) -> QuestionPage:
        """Return an event with the two records.

        Raises:
            QuestionUnknown: there is none in the officer's territory, or it was settled before.
        """
        allowed(at.officer, ANNULMENT, at)
        day = today(at.now)
        async with self._house.opened(at, Operation.READ, fields=ALL_FIELDS) as work:
            found = await self._open_question(work.tx, code)
            # The other record comes first: the ledger of this one opens whatever was ever merged into it.
            lives = {one: await _life(work.tx, one) for one in (found.other_id, found.person_id)}
            events = {one.seq: one for one in (await history(work.tx, found.person_id)).events}
            event = events[found.seq]
            act = (await surroundings.acts(work.tx, [event.act_id])).get(event.act_id)
            await work.log(persons=tuple(one for one, life in lives.items() if life))
        names = {one: life.name.full for one, life in lives.items() if life and life.name}
        told = [*details(event, events), (msg("Recorded"), day_text(today(event.known_at)))]
        if act:
            told += [(msg("Office"), place_text(act.office, "", day)), (msg("Legal ground"), act.legal_ground)]
        own, other = (self._column(one, lives[one], day) for one in (found.person_id, found.other_id))
        return QuestionPage(
            line=self._question_line(found, names),
            event=tuple(line for line in told if line[1]),
            records=(own, other),
            annulled=found.seq in annulled(tuple(events.values())),
            bound_others=found.kind in _ENDS_A_LIFE,
        )

    def _column(self, person_id: int, life: Life | None, day: date) -> RecordColumn:
        if life is None:
            return RecordColumn("", None, ())
        lines = tuple(line for line in _lines(life, day) if line[1])
        return RecordColumn(life.name.full if life.name else "", self._house.refs.ref(person_id), lines)

    async def decide_question(self, at: At, *, code: str, decision: Decision) -> ActDone | None:
        """Answer a question, on the chosen dossier, else on one that begins with the answer.

        An event that means the other record is proposed to be annulled, which takes four eyes; the question waits
        until that has happened, and is then settled by answering once more.

        Returns:
            The annulment that was proposed; None: the question is settled.

        Raises:
            QuestionUnknown: there is none, or it was settled before.
            Invalid: it does not say why.
        """
        allowed(at.officer, ANNULMENT, at)
        if not decision.because.strip():
            raise Invalid((FieldFault("/because", "Say why"),))
        page = await self.question(at, code=code)
        if decision.answer is Answer.OTHER_RECORD and not page.annulled:
            return await self._annul(at, code, decision)
        async with self._house.acting(at, act=ANNULMENT) as acting:
            found = await self._open_question(acting.work.tx, code)
            await settle(
                acting.work.tx,
                found,
                answer=decision.answer,
                because=decision.because,
                officer_id=account_of(at).officer_id,
                dossier_id=acting.dossier_id,
                now=at.now,
            )
            await acting.finish_without_act(subjects=[found.person_id])
        return None

    async def _annul(self, at: At, code: str, decision: Decision) -> ActDone:
        ref, seq, _ = _parts(code)
        values = {"person": ref, "event": str(seq), "reason": decision.because.strip()}
        return await Acts(self._house).record_act(at, ANNULMENT, ActForm(decision.request_id, values))

    async def _open_question(self, tx: Transaction, code: str) -> OpenQuestion:
        ref, seq, act_id = _parts(code)
        return await open_question(tx, person_id=self._house.refs.id(ref), seq=seq, act_id=act_id)


def _parts(code: str) -> tuple[str, int, int]:
    ref, *numbers = code.split("/")
    if len(numbers) != 2 or not all(one.isascii() and one.isdecimal() and len(one) < 20 for one in numbers):
        raise QuestionUnknown("There is no such question, or it was settled before")
    return ref, int(numbers[0]), int(numbers[1])


async def _life(tx: Transaction, person_id: int) -> Life | None:
    """The life of a record, where it is open to the officer."""
    try:
        return surroundings.told(await standing_history(tx, person_id))
    except (NotFound, Gone):
        return None


def _lines(life: Life, day: date) -> Iterator[tuple[str, Told]]:
    yield msg("Personal number"), life.personal_number or ""
    yield msg("Date of birth"), day_text(life.born) if life.born else ""
    yield msg("Sex"), Word(SEX[life.sex])
    yield msg("State"), Word(STATUS[life.status], day_text(life.died) if life.died else "")
    yield msg("Father"), life.father.name if life.father else ""
    yield msg("Mother"), life.mother.name if life.mother else ""
    yield msg("Wife or husband"), life.spouse.name if life.spouse else ""
    abode = life.abode(day)
    yield msg("Current abode"), place_text(abode.unit, abode.detail, abode.unit_day) if abode else ""
