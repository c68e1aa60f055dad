"""Any act of the catalogue for the desk: tried, recorded in one transaction, or proposed where it takes four eyes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NoReturn

from dancu.access.cases import open_case_here
from dancu.access.work import OpenWork
from dancu.audit.entry import ALL_FIELDS, SUMMARY_FIELDS, Operation
from dancu.dossiers.matters import matters_for
from dancu.kernel.names import PersonName
from dancu.kernel.time import today
from dancu.portals.officer.act_values import Named, event_words, lines_of, swapped
from dancu.portals.officer.act_views import ActChecked, ActDone, ActForm, EventNamed, HouseholdMember
from dancu.portals.officer.acts import warned
from dancu.portals.officer.data import DOSSIER, Acting, House, account_of, office_of
from dancu.portals.officer.desk import At
from dancu.portals.officer.labels import EVENT
from dancu.portals.officer.session import NotYourAct
from dancu.portals.officer.views import ActGroup, ActLink, Officer, Outcome, Word, Work
from dancu.register import surroundings
from dancu.register.act import ActHeader, Registration
from dancu.register.acting import Recorded
from dancu.register.catalogue import THEMES, Call, Entry, Values, acts_of, entry_of
from dancu.register.ledger import annulled
from dancu.register.life import Life
from dancu.register.proposed import propose
from dancu.register.store import PersonUnknown
from dancu.register.territory import locate


@dataclass(frozen=True)
class _Told:
    """An act as the register takes it: values with ids, and whom it names."""

    entry: Entry
    values: Values
    names: Mapping[int, str]

    @property
    def first(self) -> str:
        """Name and number of whoever is named first; '' where nobody is."""
        return next(iter(self.names.values()), "")


class _Tried(Exception):
    """Carries what a trial did out of the transaction, which it rolls back."""

    def __init__(self, done: Recorded) -> None:
        super().__init__()
        self.done = done


class Acts:
    """Lists, tries and records acts."""

    def __init__(self, house: House) -> None:
        self._house = house

    def acts(self, at: At) -> tuple[ActGroup, ...]:
        """List what the officer may record today, by theme."""
        return _grouped(acts_of(at.officer.authority, today(at.now)))

    async def review_act(self, at: At, code: str, form: ActForm) -> ActChecked:
        """Say back an act, and what the register says of it; it is carried out and undone for that.

        Raises:
            Refused: the law says no.
            Invalid: a field is wrong.
        """
        entry = allowed(at.officer, code, at)
        async with self._house.opened(at, Operation.READ, fields=SUMMARY_FIELDS) as work:
            told = await self._read(work, entry, form)
            events = await _events_named(work, told)
            await work.log(persons=tuple(told.names), result_count=len(told.names))
        done = await self._try(at, told, form)
        lines = lines_of(entry, told.values, Named(told.names, events), today(at.now))
        return ActChecked(lines, warned(done.warnings), entry.takes_four_eyes(told.values))

    async def _try(self, at: At, told: _Told, form: ActForm) -> Recorded:
        """Carry an act out, and undo it."""

        async def tried(acting: Acting) -> NoReturn:
            call = self._call(at, acting.work, acting.dossier_id, told, form)
            if told.entry.takes_four_eyes(told.values):
                # Somebody who is nobody seconds the trial, which leaves nothing behind.
                call = replace(call, header=replace(call.header, approver_id=0))
            done = await told.entry.record(call, told.values)
            # What travels with the next message must have arrived before all is undone.
            await surroundings.acts(acting.work.tx, [done.act_id])
            raise _Tried(done)

        try:
            async with self._house.acting(at, act=told.entry.act) as acting:
                await tried(acting)
        except _Tried as end:
            return end.done

    async def record_act(self, at: At, code: str, form: ActForm) -> ActDone:
        """Record an act, in one transaction; or propose it to a second officer, where it takes four eyes.

        Raises:
            Refused: the law says no.
            Invalid: a field is wrong.
        """
        entry = allowed(at.officer, code, at)
        if entry.takes_four_eyes(self._values(entry, form)):
            return await self._propose(at, entry, form)
        return await self._record(at, entry, form)

    async def _record(self, at: At, entry: Entry, form: ActForm) -> ActDone:
        async with self._house.acting(at, act=entry.act) as acting:
            told = await self._read(acting.work, entry, form)
            done = await entry.record(self._call(at, acting.work, acting.dossier_id, told, form), told.values)
            established = (done.person_id,) if entry.establishes else ()
            requester = form.requester or told.first.partition(" · ")[0]
            await acting.finish(done, requester=requester, subjects=told.values.named, established=established)
        name = told.names.get(done.person_id, "").partition(" · ")[0] or _name_in(told.values)
        return ActDone(
            Outcome(
                self._house.refs.ref(done.person_id),
                name,
                done.personal_number or "",
                warned(done.warnings),
                done.number_block_nearly_full,
                done.repeated,
            )
        )

    def _values(self, entry: Entry, form: ActForm) -> Values:
        return entry.read(swapped(entry, form.values, lambda ref: self._house.refs.id(str(ref))))

    async def _read(self, work: OpenWork, entry: Entry, form: ActForm) -> _Told:
        """Read the values, and the names of those whom they name.

        Raises:
            PersonUnknown: one of them is not in scope.
        """
        values = self._values(entry, form)
        found = await surroundings.people(work.tx, values.named)
        if len(found) < len(values.named):
            raise PersonUnknown("No such person is open to you")
        return _Told(entry, values, {one: in_short(found[one]) for one in values.named})

    def _call(self, at: At, work: OpenWork, dossier_id: int | None, told: _Told, form: ActForm) -> Call:
        assignment = work.grant.assignment
        if assignment.authority is None:
            raise NotYourAct("This act belongs to another authority")
        header = ActHeader(
            authority=assignment.authority,
            office=assignment.office.unit_code,
            request_id=form.request_id,
            legal_ground=form.legal_ground or told.entry.ground,
            officer_id=account_of(at).officer_id,
            dossier_id=dossier_id,
            registration=Registration(**form.registration) if any(form.registration.values()) else None,
            evidence=dict(form.evidence) or None,
        )
        return Call(work.tx, header, at.now, locate)

    async def _propose(self, at: At, entry: Entry, form: ActForm) -> ActDone:
        """File an act for a second officer, on the chosen dossier, else on one that is opened for it."""
        if at.work is None or not at.work.is_dossier:
            at = replace(at, work=await self._case_for(at, entry, form))
        if entry.proposable is None:
            raise NotYourAct("This act belongs to another authority")
        async with self._house.opened(at, Operation.PROPOSE, fields=ALL_FIELDS, act=entry.act) as work:
            told = await self._read(work, entry, form)
            call = self._call(at, work, work.grant.dossier_id, told, form)
            filed = await propose(
                work,
                command=entry.proposable.command,
                header=call.header,
                arguments=entry.proposable.arguments(call, told.values),
                reason=form.reason or str(told.values.of.get("reason") or ""),
                officer=account_of(at),
                ring=self._house.keys,
                now=at.now,
                locate=locate,
            )
        person_id, name = next(iter(told.names.items()))
        outcome = Outcome(self._house.refs.ref(person_id), name.partition(" · ")[0])
        return ActDone(outcome, expires_on=today(filed.expires_at))

    async def _case_for(self, at: At, entry: Entry, form: ActForm) -> Work:
        """Open a dossier for an act that is to be proposed, which waits there for the second officer."""
        async with self._house.opened(at, Operation.READ, fields=SUMMARY_FIELDS) as work:
            told = await self._read(work, entry, form)
            await work.log(persons=tuple(told.names), result_count=len(told.names))
        matters = matters_for(entry.act, at.officer.authority)
        dossier = await open_case_here(
            self._house.database,
            account_of(at),
            matter=matters[0].code,
            requester=form.requester or told.first.partition(" · ")[0],
            person_id=next(iter(told.names), None),
            now=at.now,
            request_id=at.request_id,
            office_id=office_of(at),
            channel=self._house.channel,
        )
        return Work(f"{DOSSIER}:{dossier.dossier_id}", dossier.number, dossier.legal_ground)

    async def household_for(self, at: At, *, ref: str) -> tuple[HouseholdMember, ...]:
        """List all members of a person's household today, with their relations to the head."""
        day = today(at.now)
        async with self._house.opened(at, Operation.READ, fields=SUMMARY_FIELDS) as work:
            life = await surroundings.life_of(work.tx, self._house.refs.id(ref))
            membership = life.membership(day)
            rows = await surroundings.members_on(work.tx, membership.household_id, day) if membership else []
            people = await surroundings.people(work.tx, [one for one, _ in rows])
            await work.log(persons=(life.person_id, *people), result_count=1 + len(people))
        return tuple(
            HouseholdMember(self._house.refs.ref(one), people[one].name, relation.name.lower())
            for one, relation in rows
            if one in people
        )

    async def events_for(self, at: At, *, ref: str) -> tuple[EventNamed, ...]:
        """List the events of a person that may be annulled, the latest first."""
        async with self._house.opened(at, Operation.READ, fields=ALL_FIELDS) as work:
            life = await surroundings.life_of(work.tx, self._house.refs.id(ref))
            events = await surroundings.events_of(work.tx, life.person_id)
            await work.log(person_id=life.person_id)
        fallen = annulled(events)
        return tuple(
            EventNamed(str(one.seq), EVENT[one.kind], one.valid_on) for one in reversed(events) if one.seq not in fallen
        )


async def _events_named(work: OpenWork, told: _Told) -> dict[int, Word]:
    if "event" not in told.values.of:
        return {}
    return event_words(await surroundings.events_of(work.tx, told.values.named[0]))


def _name_in(values: Values) -> str:
    name = values.of.get("name")
    return name.full if isinstance(name, PersonName) else ""


def in_short(one: surroundings.Neighbour) -> str:
    """Name a person in a line, with the number."""
    return f"{one.name} · {one.number}" if one.number else one.name


def allowed(officer: Officer, code: str, at: At) -> Entry:
    """Return the entry of an act that the officer may record today.

    Raises:
        ActUnknown: there is no such act.
        NotYourAct: it belongs to another authority.
    """
    entry = entry_of(code)
    if officer.authority not in entry.authorities(today(at.now)):
        raise NotYourAct("This act belongs to another authority")
    return entry


def acts_for(officer: Officer, life: Life, day: date, ref: str) -> tuple[ActGroup, ...]:
    """List what an officer may record of a person on a day, by theme."""
    mine = [one for one in acts_of(officer.authority, day) if one.of_a_person and one.possible(life, day)]
    return _grouped(mine, f"?person={ref}")


def _grouped(mine: Sequence[Entry], query: str = "") -> tuple[ActGroup, ...]:
    groups = ((title, [_link(one, query) for one in entries if one in mine]) for title, entries in THEMES)
    return tuple(ActGroup(title, tuple(links)) for title, links in groups if links)


def _link(entry: Entry, query: str) -> ActLink:
    address = entry.address or f"/acts/{entry.code}/new"
    return ActLink(entry.code, entry.title, address + query, entry.ground)
