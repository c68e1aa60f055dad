"""The house behind the officer's desk: calls the slices, and turns their values into views.

Every call that touches a person runs inside `access.opened`, which decides, scopes and logs.
"""

from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

from msgspec.structs import replace

from dancu.access import accounts, openings, second_factors, sessions
from dancu.access.cases import CaseOfAct, name_in_case, open_case, opened_with_case, opener_of
from dancu.access.model import Assignment
from dancu.access.model import Officer as Account
from dancu.access.policy import OpenDossier
from dancu.access.roles import PURPOSES, purposes_of
from dancu.access.secrets import SecondFactors
from dancu.access.work import NotAllowed, OpenWork, opened
from dancu.audit.entry import ALL_FIELDS, Channel, Operation
from dancu.dossiers import commands as dossiers
from dancu.dossiers.commands import Opener
from dancu.dossiers.documents.scan import ContentScanner, Scanner
from dancu.dossiers.lists import ListKind, note_list
from dancu.dossiers.matters import MATTERS, matters_of
from dancu.dossiers.model import OPEN, Dossier, State
from dancu.dossiers.moves import close
from dancu.infra.db import Database, Transaction
from dancu.infra.keys import KeyRing
from dancu.kernel.codes import Authority
from dancu.kernel.errors import Forbidden
from dancu.kernel.time import today
from dancu.portals.officer.desk import At, DossierForm, PersonNamed
from dancu.portals.officer.session import NobodySignedIn
from dancu.portals.officer.views import DossierLine, Officer, Option, Work
from dancu.portals.shared.pages import Said
from dancu.portals.shared.refs import References
from dancu.portals.shared.words import msg
from dancu.reference.units import unit_index
from dancu.register import surroundings
from dancu.register.commands import Recorded

PURPOSE, DOSSIER = "purpose", "dossier"

_ACTS = {Authority.CIVIL_REGISTRAR: "birth", Authority.COMMUNE_POLICE: "move"}


class NoWorkChosen(Forbidden):
    """Personal data are used for a purpose, and none was chosen."""


@dataclass(frozen=True)
class House:
    """What all parts of the desk share.

    Args:
        factors: opens second factors.
        refs: turns ids into what stands in addresses.
        keys: seals what is stored sealed.
        scanner: looks at documents before they are kept.
        channel: by which door who acts came in.
        home: folder of the installation, where the list of witnesses stands; None: nobody asks for seals.
    """

    database: Database
    factors: SecondFactors
    refs: References
    keys: KeyRing
    scanner: Scanner = field(default_factory=ContentScanner)
    channel: Channel = Channel.PORTAL
    home: Path | None = None

    @asynccontextmanager
    async def acting(self, at: At, *, act: str, matter: str = "") -> AsyncIterator["Acting"]:
        """Open access for an act: on the chosen dossier, else on one that begins with the act.

        Args:
            act: kind of the act, by its name in lower case.
            matter: of the dossier that begins with it; '' for the usual one.

        Raises:
            DossierClosed: it was closed in the meantime.
            ApplicantAsked: the applicant is waited for.
            NoMatterOfYours: the act belongs to another authority.
            NotAllowed: the policy refuses; also where the matter of the dossier does not lead to the act.
        """
        if at.work is None:
            raise NoWorkChosen("Choose the work first")
        if at.work.is_dossier:
            async with self.opened(at, Operation.WRITE, fields=ALL_FIELDS, act=act) as work:
                yield Acting(work, at.now)
            return
        async with opened_with_case(
            self.database,
            account_of(at),
            act=act,
            matter=matter or None,
            now=at.now,
            request_id=at.request_id,
            fields=ALL_FIELDS,
            office_id=office_of(at),
            channel=self.channel,
        ) as case:
            yield Acting(case.work, at.now, case)

    @asynccontextmanager
    async def opened(
        self, at: At, operation: Operation, *, fields: int, act: str | None = None
    ) -> AsyncIterator[OpenWork]:
        """Open access for the chosen work, as far as the policy grants.

        A dossier that is written on stays open until the writing is done.

        Raises:
            NoWorkChosen: there is none.
            DossierClosed: it was closed in the meantime.
            NotAllowed: the policy refuses.
        """
        if at.work is None:
            raise NoWorkChosen("Choose the work first")
        dossier = await self.chosen_dossier(at)
        code = at.work.code.partition(":")[2]
        try:
            async with opened(
                self.database,
                account_of(at),
                operation=operation,
                purpose=DOSSIER if dossier else code,
                now=at.now,
                request_id=at.request_id,
                fields=fields,
                dossier=dossier,
                office_id=office_of(at),
                channel=self.channel,
                act=act,
            ) as work:
                if dossier and operation is Operation.WRITE:
                    await dossiers.hold_open(work.tx, dossier.dossier_id)
                yield work
        except NotAllowed as refused:
            if refused.reason == "dossier_closed":
                raise dossiers.DossierClosed("The dossier was closed in the meantime") from refused
            raise

    def at_offices(self, account: Account) -> AbstractAsyncContextManager[Transaction]:
        """Open a transaction that sees the dossiers of the account's offices, and no person."""
        return self.database.transaction(scope="none", offices=account.offices)

    async def note_list(self, tx: Transaction, at: At, listed: list[Dossier], kind: ListKind) -> None:
        """Write down that the officer is shown a list of dossiers; who has no office is shown none."""
        held = account_of(at).at(office_of(at))
        if held is not None:
            by = opener_of(account_of(at), held)
            await note_list(tx, listed, kind=kind, by=by, now=at.now, request_id=at.request_id, channel=self.channel)

    async def chosen_dossier(self, at: At) -> OpenDossier | None:
        """Return the dossier that is the chosen work, as the policy sees it; None where the work is none."""
        if at.work is None or not at.work.is_dossier:
            return None
        account, dossier_id = account_of(at), int(at.work.code.partition(":")[2])
        async with self.at_offices(account) as tx:
            found = await dossiers.dossier_of(tx, dossier_id)
            persons = await dossiers.persons_of(tx, dossier_id)
            unmasked = await openings.unmasked(tx, officer_id=account.officer_id, dossier_id=dossier_id, now=at.now)
        opens = found.opens(today(at.now))
        return OpenDossier(dossier_id, found.office_id, persons, opens, found.matter, unmasked=unmasked & persons)


@dataclass(frozen=True)
class Acting:
    """An act that is being recorded, and the dossier that it hangs on.

    Args:
        case: a dossier that begins with the act; None: the chosen one.
    """

    work: OpenWork
    now: datetime
    case: CaseOfAct | None = None

    @property
    def dossier_id(self) -> int | None:
        """The dossier that stands in the act."""
        return self.case.dossier_id if self.case else self.work.grant.dossier_id

    async def finish(
        self, done: Recorded, *, requester: str, subjects: Collection[int], established: Collection[int] = ()
    ) -> None:
        """Write what belongs to an act that is done: the dossier, whom it names, and the log.

        Args:
            requester: who asks, where a dossier begins; '' for what the office does by itself.
            subjects: whom the act was about.
            established: whom it brought into the register.
        """
        if self.case and done.repeated:
            first = (await surroundings.acts(self.work.tx, [done.act_id]))[done.act_id]
            self.work.entry = replace(self.work.entry, dossier_id=first.dossier_id)
        elif self.case:
            await self.case.receive(requester=requester, subjects=sorted(subjects), established=sorted(established))
        elif self.dossier_id:
            for person_id in established:
                await dossiers.name_person(self.work.tx, dossier_id=self.dossier_id, person_id=person_id, now=self.now)
        await self._log((*established, *subjects), done)

    async def finish_without_act(self, *, subjects: Collection[int]) -> None:
        """Write what belongs to a decision that is no act of the register: the dossier, and the log."""
        if self.case:
            await self.case.receive(requester="", subjects=sorted(subjects))
        await self._log(subjects)

    async def _log(self, persons: Iterable[int], done: Recorded | None = None) -> None:
        touched = tuple(dict.fromkeys(persons))
        if done and done.repeated:
            # Nothing was written now; the answer of then is read.
            await self.work.log(persons=touched, result_count=len(touched), operation=Operation.READ)
        else:
            act_id = done.act_id if done else None
            await self.work.log(persons=touched, result_count=len(touched), act_id=act_id)


def account_of(at: At) -> Account:
    """Return the account behind the officer.

    Raises:
        NobodySignedIn: there is none.
    """
    if at.officer.account is None:
        raise NobodySignedIn("Please sign in")
    return at.officer.account


def office_of(at: At) -> int | None:
    """Return the id of the office in which the officer works now."""
    return int(at.officer.office_code) if at.officer.office_code else None


class Door:
    """Sessions, work and dossiers."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def sign_in(self, *, name: str, password: str, code: str, now: datetime, request_id: UUID) -> str:
        """Open a session."""
        house = self._house
        return await sessions.sign_in(
            house.database,
            name=name,
            password=password,
            code=code,
            factors=house.factors,
            now=now,
            request_id=request_id,
        )

    async def sign_out(self, *, token: str, now: datetime, request_id: UUID) -> None:
        """End a session."""
        await sessions.sign_out(self._house.database, token=token, now=now, request_id=request_id)

    async def change_password(self, at: At, *, present: str, wanted: str) -> None:
        """Set a new password."""
        async with self._house.database.transaction(scope="none") as tx:
            await accounts.change_password(
                tx, name=account_of(at).name, present=present, wanted=wanted, now=at.now, channel=Channel.PORTAL
            )

    async def offer_factor(self, at: At, *, password: str, code: str) -> str:
        """Draw another second factor, once the officer has proved again who asks; return the address for the app."""
        house, name = self._house, account_of(at).name
        await sessions.confirm(
            house.database,
            name=name,
            password=password,
            code=code,
            factors=house.factors,
            now=at.now,
            request_id=at.request_id,
        )
        async with house.database.transaction(scope="none") as tx:
            return await second_factors.offer_totp(tx, name=name, factors=house.factors)

    async def accept_factor(self, at: At, *, code: str) -> tuple[str, ...]:
        """Put the offered second factor in the place of the one before; return new recovery codes."""
        house, name = self._house, account_of(at).name
        async with house.database.transaction(scope="none") as tx:
            return tuple(
                await second_factors.accept_totp(
                    tx,
                    name=name,
                    code=code,
                    factors=house.factors,
                    now=at.now,
                    channel=Channel.PORTAL,
                    session=at.token,
                )
            )

    async def officer(self, *, token: str, now: datetime, office: str = "") -> Officer:
        """Return who holds a session, as working at the chosen office."""
        account = await sessions.officer_of(self._house.database, token=token, now=now)
        return officer_view(account, office)

    async def works(self, *, officer: Officer, now: datetime) -> tuple[Work, ...]:
        """List the purposes of the officer's roles at the office, then the open dossiers of that office."""
        account = officer.account
        if account is None:
            return ()
        day = today(now)
        held = [a for a in account.assignments if str(a.office.office_id) == officer.office_code]
        purposes = {p.code: p for a in held for p in purposes_of(a.role.code, day)}
        works = [Work(f"{PURPOSE}:{p.code}", Said(p.title_vi, p.title_en), p.legal_ground) for p in purposes.values()]
        if not any(a.role.code in PURPOSES[DOSSIER].roles for a in held):
            return tuple(works)
        async with self._house.at_offices(account) as tx:
            found = await dossiers.open_dossiers_of(tx, [int(officer.office_code)])
        return (*works, *(work_of(one) for one in found if one.opens(day)))

    async def dossiers(self, at: At) -> tuple[DossierLine, ...]:
        """List the dossiers of the office in which the officer works."""
        office_id = office_of(at)
        async with self._house.at_offices(account_of(at)) as tx:
            found = await dossiers.dossiers_of(tx, [office_id] if office_id else [])
            await self._house.note_list(tx, at, found, ListKind.OFFICE)
        return tuple(line_of(one) for one in found)

    async def open_dossier(self, at: At, form: DossierForm) -> tuple[Work, str]:
        """Open a dossier for a person named by number, name and birth date; return it with the person's reference."""
        found = await open_case(
            self._house.database,
            account_of(at),
            matter=form.matter,
            requester=form.requester,
            number=form.person.number,
            name=form.person.name,
            born=form.person.born,
            now=at.now,
            request_id=at.request_id,
            office_id=office_of(at),
        )
        async with self._house.at_offices(account_of(at)) as tx:
            (person_id,) = await dossiers.persons_of(tx, found.dossier_id)
        return work_of(found), self._house.refs.ref(person_id)

    async def name_person(self, at: At, *, code: str, person: PersonNamed) -> tuple[Work, str]:
        """Name one more person in an open dossier; return it with the person's reference."""
        found = await self._own_dossier(at, code)
        if not found.opens(today(at.now)):
            raise dossiers.DossierClosed("The dossier was closed in the meantime")
        person_id = await name_in_case(
            self._house.database,
            account_of(at),
            dossier=found,
            number=person.number,
            name=person.name,
            born=person.born,
            now=at.now,
            request_id=at.request_id,
        )
        return work_of(found), self._house.refs.ref(person_id)

    async def close_dossier(self, at: At, *, code: str) -> None:
        """Close a dossier of the office in which the officer works."""
        found = await self._own_dossier(at, code)
        async with self._house.at_offices(account_of(at)) as tx:
            await close(tx, dossier_id=found.dossier_id, by=self._opener(at), now=at.now)

    def _opener(self, at: At) -> Opener:
        account = account_of(at)
        held = account.at(office_of(at))
        if held is None:
            raise dossiers.DossierUnknown("There is no such dossier")
        return opener_of(account, held)

    async def _own_dossier(self, at: At, code: str) -> Dossier:
        """Return a dossier of the office in which the officer works; others are as if they were not there."""
        if not code.isascii() or not code.isdecimal() or len(code) > 19:
            raise dossiers.DossierUnknown("There is no such dossier")
        async with self._house.at_offices(account_of(at)) as tx:
            found = await dossiers.dossier_of(tx, int(code))
        if found.office_id != office_of(at):
            raise dossiers.DossierUnknown("There is no such dossier")
        return found

    def matters(self, officer: Officer) -> tuple[Option, ...]:
        """List the procedures of the officer's authority."""
        return tuple(Option(m.code, Said(m.title_vi, m.title_en)) for m in matters_of(officer.authority))


def officer_view(account: Account, office: str = "") -> Officer:
    """Return an account as the header shows it, working at the chosen office, else at the main one."""
    main = account.at(int(office) if office.isascii() and office.isdecimal() and len(office) < 20 else None)
    offices = {str(one.office.office_id): one for one in reversed(account.assignments)}
    authority = main.authority if main else None
    acts = {_ACTS[authority]} if authority in _ACTS else set()
    if authority is not None:
        acts.add("dossier")
    if authority is Authority.COMMUNE_POLICE:
        acts.add("stay")
    if main and main.role.code == "auditor":
        acts.add("audit")
    if main and main.role.seconds:
        acts.add("second")
    if main and main.role.code in {"province_officer", "center_officer"}:
        acts |= {"queue", "quality"}
    if main and main.role.code in PURPOSES["intake"].roles:
        acts.add("load")
    return Officer(
        code=str(account.officer_id),
        name=account.full_name,
        office=_office_name(main) if main else "",
        office_unit=main.office.unit_code if main else "",
        role=Said(main.role.title_vi, main.role.title_en) if main else "",
        authority=authority,
        may_record=frozenset(acts),
        account=account,
        must_change_password=account.must_change_password,
        office_code=str(main.office.office_id) if main else "",
        offices=tuple(Option(code, _office_name(one)) for code, one in reversed(offices.items())),
    )


def _office_name(assignment: Assignment) -> str:
    """The name of the office, or what the law calls it."""
    office = assignment.office
    unit = unit_index().versions(office.unit_code) if office.unit_code else ()
    if office.name or not unit:
        return office.name or "Trung tâm dữ liệu quốc gia về dân cư"
    body = "Công an" if office.authority == Authority.COMMUNE_POLICE else "Ủy ban nhân dân"
    title = unit[-1].title
    return f"{body} {title[0].lower()}{title[1:]}"


def work_of(found: Dossier) -> Work:
    """Return a dossier as work to choose."""
    matter = MATTERS.get(found.matter)
    title = Said(f"{found.number} · {matter.title_vi}", f"{found.number} · {matter.title_en}") if matter else None
    return Work(f"{DOSSIER}:{found.dossier_id}", title or Said(found.number, found.number), found.legal_ground)


_STATES = {
    State.RECEIVED: msg("received"),
    State.IN_WORK: msg("in work"),
    State.WAITING_APPLICANT: msg("waiting for the applicant"),
    State.WAITING_APPROVAL: msg("waiting for a second officer"),
    State.DECIDED: msg("decided"),
    State.CLOSED: msg("closed"),
}


def line_of(found: Dossier) -> DossierLine:
    """Return a dossier as a line of a list."""
    matter = MATTERS.get(found.matter)
    return DossierLine(
        code=str(found.dossier_id),
        number=found.number,
        title=Said(matter.title_vi, matter.title_en) if matter else found.matter,
        requester=found.requester,
        opened_on=today(found.opened_at),
        due_on=found.deadline_on,
        state=_STATES[State(found.state)],
        open=found.state in OPEN,
    )
