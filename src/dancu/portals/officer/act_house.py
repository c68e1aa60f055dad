"""Any act of the catalogue for the desk: tried, recorded in one transaction, or proposed where it takes four eyes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NoReturn

from dancu.access.cases import open_case_here
from dancu.access.work import OpenWork
from dancu.audit.entry import ALL_FIELDS, SUMMARY_FIELDS, Operation
from dancu.dossiers.matters import matters_for
from dancu.kernel.codes import Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import FieldFault, Invalid
from dancu.kernel.names import PersonName
from dancu.kernel.time import today
from dancu.portals.officer import alike, papers
from dancu.portals.officer.act_offers import allowed, grouped
from dancu.portals.officer.act_values import Named, event_words, lines_of, swapped
from dancu.portals.officer.act_views import ActChecked, ActDone, ActForm, EventNamed, HouseholdMember
from dancu.portals.officer.acts import Parents, warned
from dancu.portals.officer.data import DOSSIER, Acting, House, account_of, office_of
from dancu.portals.officer.desk import At, BirthForm, ParentNamed, PlaceNamed
from dancu.portals.officer.labels import EVENT
from dancu.portals.officer.session import NotYourAct
from dancu.portals.officer.views import ActGroup, Alike, Option, Outcome, Word, Work
from dancu.portals.shared.words import msg
from dancu.register import surroundings
from dancu.register.act import ActHeader, Registration
from dancu.register.catalogue import Call, Entry, Parent, Values, acts_of
from dancu.register.commands.acting import Recorded
from dancu.register.ledger import annulled
from dancu.register.life import Life
from dancu.register.proposed import propose
from dancu.register.store import PersonUnknown
from dancu.register.territory import locate

EVIDENCE = msg("Evidence")


@dataclass(frozen=True)
class _Told:
    """An act as the register takes it: values with ids, whom it names, and what it rests on."""

    entry: Entry
    values: Values
    names: Mapping[int, str]
    evidence: Mapping[str, str]

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
        return grouped(acts_of(at.officer.authority, today(at.now)))

    def check_act(self, at: At, code: str, form: ActForm) -> dict[str, str]:
        """Say what is wrong with the fields that are told so far, by JSON pointer; nothing is looked up or tried."""
        entry = allowed(at.officer, code, at)
        try:
            self._values(entry, form)
        except Invalid as error:
            return {one.pointer: one.message for one in error.faults if one.pointer.split("/")[1] in form.values}
        return {}

    async def review_act(self, at: At, code: str, form: ActForm) -> ActChecked:
        """Say back an act, and what the register says of it; it is carried out and undone for that.

        Raises:
            Refused: the law says no.
            Invalid: a field is wrong.
        """
        entry = allowed(at.officer, code, at)
        _check_matter(entry, at, form)
        async with self._house.opened(at, Operation.READ, fields=SUMMARY_FIELDS) as work:
            told = await self._read(work, entry, form)
            events = await _events_named(work, told)
            rests_on = await papers.named(work.tx, work.grant.dossier_id, told.evidence, self._house.keys)
            await work.log(persons=tuple(told.names), result_count=len(told.names))
        done = await self._try(at, told, form)
        lines = lines_of(entry, told.values, Named(told.names, events), today(at.now))
        lines += tuple((EVIDENCE, one.name) for one in rests_on)
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
            async with self._house.acting(at, act=told.entry.act, matter=form.matter) as acting:
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
        _check_matter(entry, at, form)
        if entry.takes_four_eyes(self._values(entry, form)):
            return await self._propose(at, entry, form)
        return await self._record(at, entry, form)

    async def _record(self, at: At, entry: Entry, form: ActForm) -> ActDone:
        async with self._house.acting(at, act=entry.act, matter=form.matter) as acting:
            told = await self._read(acting.work, entry, form)
            done = await entry.record(self._call(at, acting.work, acting.dossier_id, told, form), told.values)
            if entry.establishes and not (form.another_child or done.repeated):
                await self._check_not_registered(at, acting.work, told.values, but=done.person_id)
            established = (done.person_id,) if entry.establishes else ()
            requester = form.requester or told.first.partition(" · ")[0]
            await acting.finish(done, requester=requester, subjects=told.values.named, established=established)
        name = told.names.get(done.person_id, "").partition(" · ")[0] or _name_in(told.values)
        return ActDone(
            act_id=done.act_id,
            outcome=Outcome(
                self._house.refs.ref(done.person_id),
                name,
                done.personal_number or "",
                warned(done.warnings),
                done.number_block_nearly_full,
                done.repeated,
            ),
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
        evidence = {**form.evidence, **await papers.chosen(work.tx, work.grant.dossier_id, form.papers)}
        return _Told(entry, values, {one: in_short(found[one]) for one in values.named}, evidence)

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
            evidence=dict(told.evidence) or None,
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
        return ActDone(outcome, today(filed.expires_at), proposal=f"{filed.dossier_id}/{filed.proposal_id}")

    async def _case_for(self, at: At, entry: Entry, form: ActForm) -> Work:
        """Open a dossier for an act that is to be proposed, which waits there for the second officer."""
        async with self._house.opened(at, Operation.READ, fields=SUMMARY_FIELDS) as work:
            told = await self._read(work, entry, form)
            await work.log(persons=tuple(told.names), result_count=len(told.names))
        usual, *_ = matters_for(entry.act, at.officer.authority)
        dossier = await open_case_here(
            self._house.database,
            account_of(at),
            matter=form.matter or usual.code,
            requester=form.requester or told.first.partition(" · ")[0],
            person_id=next(iter(told.names), None),
            now=at.now,
            request_id=at.request_id,
            office_id=office_of(at),
            channel=self._house.channel,
            sent_as=form.request_id,
        )
        return Work(f"{DOSSIER}:{dossier.dossier_id}", dossier.number, dossier.legal_ground)

    async def alike_for_act(self, at: At, code: str, form: ActForm) -> Alike:
        """Look who may be registered already of the person whom an act would establish; the look is logged."""
        entry = allowed(at.officer, code, at)
        async with self._house.opened(at, Operation.READ, fields=SUMMARY_FIELDS) as work:
            return await self._alike(at, work, self._values(entry, form))

    async def _check_not_registered(self, at: At, work: OpenWork, values: Values, *, but: int) -> None:
        """Look whether somebody like that is registered already, now that the parents are locked.

        Raises:
            PerhapsRegistered: there is, and nobody confirmed that another one is meant.
        """
        if (await self._alike(at, work, values, but=but)).seen:
            raise alike.PerhapsRegistered("A child that fits is registered already")

    async def _alike(self, at: At, work: OpenWork, values: Values, *, but: int | None = None) -> Alike:
        lives: dict[str, Life | None] = {}
        named: dict[str, ParentNamed | None] = {}
        for name in ("mother", "father"):
            told = values.maybe(Parent, name)
            lives[name] = await surroundings.life_of(work.tx, told.person_id) if told and told.person_id else None
            named[name] = ParentNamed(told.name) if told else None
        described = BirthForm(
            at.request_id,
            values.get(PersonName, "name"),
            values.get(PartialDate, "born"),
            values.get(Sex, "sex"),
            PlaceNamed(*(values.maybe(tuple, "birth_place") or ("", ""))),
            mother=named["mother"],
            father=named["father"],
        )
        home, _ = values.maybe(tuple, "residence") or ("", "")
        return await alike.look(
            work,
            self._house.refs,
            described,
            Parents(**lives),
            now=at.now,
            but=but,
            homes=(home,) if home else (),
        )

    async def papers_for(self, at: At) -> tuple[Option, ...]:
        """List the papers of the chosen dossier; none where the work is no dossier."""
        dossier = await self._house.chosen_dossier(at)
        if dossier is None or dossier.office_id != office_of(at):
            return ()
        async with self._house.at_offices(account_of(at)) as tx:
            return await papers.offered(tx, dossier.dossier_id, self._house.keys)

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


def _check_matter(entry: Entry, at: At, form: ActForm) -> None:
    """Check that the procedure that was chosen leads to the act.

    Raises:
        Invalid: it does not.
    """
    if form.matter and form.matter not in {one.code for one in matters_for(entry.act, at.officer.authority)}:
        raise Invalid((FieldFault("/matter", "This procedure does not lead to the act"),))


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
