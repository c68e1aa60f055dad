"""Finding people and reading a life, for the desk: rows of the slices become views."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from dancu.access import accounts
from dancu.access.roles import PURPOSES
from dancu.audit import log
from dancu.audit.entry import ALL_FIELDS, SUMMARY_FIELDS, Operation, Outcome
from dancu.infra.db import Transaction
from dancu.intake.survivorship import kept
from dancu.intake.survivorship.recompute import choices
from dancu.kernel.codes import Relation
from dancu.kernel.time import STATE_TIME, today
from dancu.portals.officer import papers
from dancu.portals.officer.act_offers import acts_for
from dancu.portals.officer.acts import suggestion
from dancu.portals.officer.data import DOSSIER, House, account_of
from dancu.portals.officer.desk import At
from dancu.portals.officer.labels import CLOCK, OPERATION
from dancu.portals.officer.life import ActTold, HouseholdTold, PersonTold, Surroundings, page_of
from dancu.portals.officer.places import place_text
from dancu.portals.officer.sources import sources_of
from dancu.portals.officer.views import Flag, Hit, Look, PersonPage, Reason, SearchPage, Suggestion
from dancu.portals.shared.pages import Said, masked
from dancu.portals.shared.words import msg
from dancu.reference.units import unit_index
from dancu.register import surroundings
from dancu.register.life import Life
from dancu.register.payloads import Kin
from dancu.register.search import Found, Why, parse
from dancu.register.search import Hit as Candidate
from dancu.register.search import search as find
from dancu.register.search.find import Add, TookTooLong
from dancu.register.sensitive import opened
from dancu.register.store import History, RecordMerged, standing_history
from dancu.register.times import household_as_of

_SUGGESTIONS = 8

_REASONS = {
    Why.NUMBER: (msg("this number"), True),
    Why.CANCELLED_NUMBER: (msg("a number that was cancelled"), True),
    Why.NAME: (msg("name"), True),
    Why.NAME_ALIKE: (msg("similar name"), False),
    Why.FORMER_NAME: (msg("a former or other name"), False),
    Why.BIRTH_DATE: (msg("date of birth"), True),
    Why.BIRTH_YEAR: (msg("year of birth"), True),
    Why.PLACE: (msg("place"), True),
    Why.SEX: (msg("sex"), True),
}
_ADDS = {
    Add.NAME: msg("a name of at least two letters"),
    Add.YEAR: msg("the year of birth"),
    Add.PLACE: msg("the commune or province"),
    Add.WHOLE_NAME: msg("the whole name"),
}


@dataclass(frozen=True)
class Asked:
    """The two times of a question: a day of the world, and the moment of knowing; None is now."""

    on: date
    as_known_at: datetime | None = None


def _end_of(day: date) -> datetime:
    """The last moment of a day, in the time of the state."""
    return datetime.combine(day, time.max, STATE_TIME)


class People:
    """Searches, pages and suggestions."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def search(self, at: At, *, text: str) -> SearchPage:
        """Find people; the log has the list of all who are shown."""
        try:
            found = await self._find(at, text, limit=20)
        except TookTooLong as error:
            found = Found(add=error.add)
        hits = tuple(self._hit(one, today(at.now)) for one in found.hits)
        return SearchPage(text, hits=hits, more=found.more, add=tuple(_ADDS[one] for one in found.add))

    async def _find(self, at: At, text: str, *, limit: int) -> Found:
        question = parse(text, today(at.now))
        operation = Operation.LOOK_UP if question.numbers else Operation.SEARCH
        async with self._house.opened(at, operation, fields=SUMMARY_FIELDS) as work:
            found = await find(work.tx, question, limit=limit)
            persons = tuple(hit.person_id for hit in found.hits)
            await work.log(persons=persons, result_count=len(persons))
        return found

    def _hit(self, hit: Candidate, day: date) -> Hit:
        reasons = ((*_REASONS[one.why], one.value) for one in hit.reasons)
        return Hit(
            ref=self._house.refs.ref(hit.person_id),
            name=hit.name.full,
            number=hit.personal_number or "",
            masked=not _found_by_number(hit),
            born=hit.born,
            sex=hit.sex,
            place=place_of(hit.commune_code, hit.province_code, day),
            status=hit.status,
            reasons=tuple(Reason(text, value, exact) for text, exact, value in reasons),
        )

    async def suggest_people(self, at: At, *, text: str) -> tuple[Suggestion, ...]:
        """Suggest people for a form: by number, or by name with what else is typed."""
        if len(text.strip()) < 2:
            return ()
        try:
            found = await self._find(at, text, limit=_SUGGESTIONS)
        except TookTooLong:
            return ()
        day = today(at.now)
        return tuple(
            suggestion(
                self._house.refs.ref(one.person_id),
                name=one.name.full,
                number=_shown_number(one),
                born=one.born,
                place=place_of(one.commune_code, one.province_code, day),
            )
            for one in found.hits
        )

    async def named_person(self, at: At, *, ref: str) -> Suggestion:
        """Return name and number of a person."""
        async with self._house.opened(at, Operation.READ, fields=SUMMARY_FIELDS) as work:
            life = await surroundings.life_of(work.tx, self._house.refs.id(ref))
            await work.log(person_id=life.person_id)
        name = life.name.full if life.name else ""
        return suggestion(ref, name=name, number=life.personal_number or "", born=life.born)

    async def members(self, at: At, *, ref: str) -> tuple[Suggestion, ...]:
        """List the other members of a person's household today."""
        day = today(at.now)
        async with self._house.opened(at, Operation.READ, fields=SUMMARY_FIELDS) as work:
            life = await surroundings.life_of(work.tx, self._house.refs.id(ref))
            membership = life.membership(day)
            rows = await surroundings.members_on(work.tx, membership.household_id, day) if membership else []
            others = await surroundings.people(work.tx, [one for one, _ in rows if one != life.person_id])
            await work.log(persons=(life.person_id, *others), result_count=1 + len(others))
        return tuple(
            suggestion(self._house.refs.ref(one.person_id), name=one.name, number=one.number, born=one.born)
            for one in others.values()
        )

    async def person(self, at: At, *, ref: str, on: date | None, known_on: date | None = None) -> PersonPage:
        """Return a life on a day, as known at the end of another, with whom it names and who looked at it."""
        day = today(at.now)
        asked = Asked(min(on or day, day), _end_of(known_on) if known_on and known_on < day else None)
        person_id = self._house.refs.id(ref)
        async with self._house.opened(at, Operation.READ, fields=ALL_FIELDS) as work:
            ledger = await self._standing(work.tx, person_id)
            events, life = ledger.events, surroundings.told(ledger)
            shown = life if asked == Asked(day) else ledger.as_of(on=asked.on, as_known_at=asked.as_known_at)
            facts = await kept.known(work.tx, ledger) if asked == Asked(day) else None
            around = await self._around(work.tx, at, life, shown or life, {event.act_id for event in events}, asked)
            await work.log(person_id=person_id)
        page = page_of(
            ref_of=self._house.refs.ref,
            life=life,
            shown=opened(shown, self._house.keys) if shown else None,
            events=events,
            around=around,
            on=asked.on,
            today=day,
            known_on=known_on if asked.as_known_at else None,
        )
        chosen = choices(facts, self._house.keys, on=day) if facts else {}
        return replace(page, acts=acts_for(at.officer, life, day, ref), sources=sources_of(chosen, life))

    async def _standing(self, tx: Transaction, person_id: int) -> History:
        try:
            return await standing_history(tx, person_id)
        except RecordMerged as gone:
            gone.successor = self._house.refs.ref(gone.survivor_id)
            raise

    async def _around(
        self, tx: Transaction, at: At, life: Life, shown: Life, act_ids: set[int], asked: Asked
    ) -> Surroundings:
        membership = shown.membership(asked.on)
        household_id = membership.household_id if membership else None
        members = await _members(tx, household_id, asked) if household_id else []
        others = (*(one.spouse for one in shown.marriages), *(one.other for one in shown.ties))
        kin = (shown.father, shown.mother, *others)
        named = {one.person_id for one in kin if one and one.person_id} | {one for one, _ in members}
        people = {one: _told(found) for one, found in (await surroundings.people(tx, named)).items()}
        born_by = [one for one in await _children(tx, life.person_id, asked) if _born_by(one, asked.on)]
        clocks = await surroundings.clocks(tx, person_id=life.person_id, household_id=household_id)
        return Surroundings(
            people=people,
            acts=await self._acts(tx, act_ids, today(at.now)),
            children=tuple(_told(one) for one in born_by),
            household=await _household(tx, household_id, members, people),
            looks=await _looks(tx, life.person_id, account_of(at).officer_id, today(at.now)),
            flags=tuple(Flag(CLOCK.get(one.kind, one.kind), one.due_on) for one in clocks),
        )

    async def _acts(self, tx: Transaction, act_ids: set[int], day: date) -> dict[int, ActTold]:
        found = await surroundings.acts(tx, act_ids)
        both = [one for act in found.values() for one in (act.officer_id, act.approver_id) if one]
        officers = await accounts.names_of(tx, both)
        return {
            act_id: ActTold(
                office=place_of(act.office, None, day),
                officer=_names(officers, act.officer_id, act.approver_id),
                ground=act.legal_ground,
                registration=_registration(act.registration),
                source=act.source or "",
                papers=await papers.named(tx, act.dossier_id, act.evidence, self._house.keys),
            )
            for act_id, act in found.items()
        }


async def _members(tx: Transaction, household_id: int, asked: Asked) -> list[tuple[int, Relation]]:
    if asked.as_known_at is None:
        return await surroundings.members_on(tx, household_id, asked.on)
    found = await household_as_of(tx, household_id, on=asked.on, as_known_at=asked.as_known_at)
    return [(one.person_id, one.relation) for one in found]


async def _children(tx: Transaction, person_id: int, asked: Asked) -> list[surroundings.Neighbour]:
    """The children as they are known now; of an earlier moment, those of them whom their records named so then."""
    found = await surroundings.children(tx, person_id)
    if asked.as_known_at is None:
        return found
    ids = [one.person_id for one in found]
    lives = await surroundings.lives_as_of(tx, ids, on=asked.on, as_known_at=asked.as_known_at)
    named = {one for one, life in lives.items() if person_id in {kin.person_id for kin in _parents(life)}}
    return [one for one in found if one.person_id in named]


def _parents(life: Life) -> list[Kin]:
    return [kin for kin in (life.father, life.mother) if kin]


def _found_by_number(hit: Candidate) -> bool:
    return any(one.why in {Why.NUMBER, Why.CANCELLED_NUMBER} for one in hit.reasons)


def _shown_number(hit: Candidate) -> str:
    """A number is shown whole to who typed it; to others in part."""
    number = hit.personal_number or ""
    return number if _found_by_number(hit) else masked(number)


def _born_by(one: surroundings.Neighbour, day: date) -> bool:
    return one.born is None or one.born.earliest <= day


def _told(one: surroundings.Neighbour) -> PersonTold:
    return PersonTold(one.person_id, one.name, one.number, one.born)


def place_of(commune: str | None, province: str | None, day: date) -> str:
    """Write today's unit of a person's residence."""
    unit = unit_index().unit_on(commune or province or "", day)
    return unit_index().full_title(unit, day) if unit else ""


async def _household(
    tx: Transaction,
    household_id: int | None,
    members: list[tuple[int, Relation]],
    people: dict[int, PersonTold],
) -> HouseholdTold | None:
    found = await surroundings.household(tx, household_id) if household_id else None
    if found is None:
        return None
    shown = tuple((people[one], relation) for one, relation in members if one in people)
    return HouseholdTold(found.file_no, place_text(found.unit_code, found.detail, found.unit_day), shown)


def _names(officers: dict[int, str], *ids: int | None) -> str:
    return " + ".join(officers[one] for one in ids if one and one in officers)


def _registration(told: dict[str, str] | None) -> str:
    """Write a place in the books as the books do."""
    number, book = (told or {}).get("number", ""), (told or {}).get("book", "")
    return ", ".join(part for part in (f"Số {number}" if number else "", f"quyển {book}" if book else "") if part)


async def _looks(tx: Transaction, person_id: int, own_id: int, day: date) -> tuple[Look, ...]:
    found = await log.who_looked(tx, person_id)
    officers = await accounts.names_of(tx, [one.officer_id for one in found if one.officer_id])
    return in_short(
        Look(
            at=one.logged_at,
            who=officers.get(one.officer_id or 0, ""),
            office=place_of(one.office, None, day),
            purpose=purpose_word(one.purpose),
            operation=OPERATION[Operation(one.operation)],
            granted=one.outcome == Outcome.GRANTED,
            own=one.officer_id == own_id,
        )
        for one in found
    )


def in_short(looks: Iterable[Look]) -> tuple[Look, ...]:
    """Put what one officer did on one day for one purpose into one line, at its latest time.

    Args:
        looks: the latest first.
    """
    lines: dict[tuple[object, ...], Look] = {}
    for look in looks:
        key = (today(look.at), look.who, look.office, look.operation, look.purpose, look.granted)
        before = lines.get(key)
        lines[key] = replace(before, times=before.times + 1) if before else look
    return tuple(lines.values())


def purpose_word(code: str) -> Said | str:
    """Name a purpose by its code."""
    if code == DOSSIER:
        return msg("Work on a dossier")
    found = PURPOSES.get(code)
    return Said(found.title_vi, found.title_en) if found else code
