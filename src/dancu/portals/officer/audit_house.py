"""The log for the auditor's pages: who did what, what is unusual, seals and proofs. Reading it is logged."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from dancu.access import accounts, openings
from dancu.access.work import OpenWork
from dancu.audit.entry import SUMMARY_FIELDS, Operation
from dancu.audit.keys import trusted_key
from dancu.audit.proofs import prove, seals, verifier
from dancu.audit.reading import Use, uses_by, uses_of, uses_on
from dancu.audit.unusual import Suspicion
from dancu.audit.witnesses import PROVES, Witnesses, read_witnesses
from dancu.dossiers.commands import DossierUnknown, dossier_numbered, persons_of, steps_of
from dancu.dossiers.lists import numbers_of
from dancu.infra.db import Transaction
from dancu.kernel.codes import Authority
from dancu.kernel.time import STATE_TIME
from dancu.portals.officer.audit_views import SealsPage, UnusualLine, UseLine, UsesAsked, UsesPage
from dancu.portals.officer.data import House, account_of, office_of
from dancu.portals.officer.desk import At
from dancu.portals.officer.labels import CHANNEL, LISTS, OPERATION
from dancu.portals.officer.people import place_of, purpose_word
from dancu.portals.officer.session import NotYourAct
from dancu.portals.shared.pages import Said
from dancu.register import surroundings
from dancu.register.circle import unusual_use
from dancu.register.look_up import look_up
from dancu.register.protected import open_for_inspection
from dancu.register.store import PersonUnknown

ROWS = 50
INSPECTION = "inspection"
_TICK = timedelta(microseconds=1)
_NAMED = 8
_LETTERS = {"HT": Authority.CIVIL_REGISTRAR, "CA": Authority.COMMUNE_POLICE, "DC": Authority.POPULATION_DATABASE}


class Auditing:
    """Reads the log for auditors."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def uses(self, at: At, asked: UsesAsked) -> UsesPage:
        """List accesses by an officer, to a person or on a dossier, the last first.

        Raises:
            OfficerUnknown, PersonUnknown, DossierUnknown: there is none of this name or number.
            Invalid: the reason for a masked record says too little.
        """
        check_auditor(at)
        since, until = _begin(asked.since), asked.before or _begin(asked.until + timedelta(days=1))
        person_id, name = await self._person(at, asked) if asked.by == "person" else (0, "")
        async with self._house.opened(at, Operation.READ_LOG, fields=SUMMARY_FIELDS) as work:
            if asked.by == "officer":
                holder = await accounts.account(work.tx, asked.text)
                title = holder.full_name
                rows = await uses_by(work.tx, [holder.officer_id], since=since, until=until, most=ROWS + 1)
            elif asked.by == "person":
                title = name
                rows = await uses_of(work.tx, [person_id], since=since, until=until, most=ROWS + 1)
            else:
                title = asked.text
                rows = await self._on_dossier(work.tx, asked.text, since, until)
            about = await _people(work.tx, rows)
            await work.log(persons=tuple(about), result_count=len(rows))
            shown = await self._lines(work.tx, rows[:ROWS], about, at)
        more = rows[ROWS].logged_at + _TICK if len(rows) > ROWS else None
        return UsesPage(title, shown, more)

    async def _person(self, at: At, asked: UsesAsked) -> tuple[int, str]:
        """Find who has a number; a masked record only with a reason, and with a notice to the office that protects.

        Raises:
            PersonUnknown: nobody has it, or the record is masked and no reason is given.
            Invalid: the reason says too little.
        """
        about: dict[str, Any] = {"purpose": INSPECTION, "now": at.now, "channel": self._house.channel}
        who = account_of(at)
        try:
            found = await look_up(self._house.database, who, asked.text, request_id=at.request_id, **about)
        except PersonUnknown:
            if not asked.reason:
                raise
            return await open_for_inspection(
                self._house.database,
                who,
                number=asked.text,
                reason=asked.reason,
                request_id=at.request_id,
                office_id=office_of(at),
                **about,
            )
        return found.person_id, found.name.full

    async def _on_dossier(self, tx: Transaction, number: str, since: datetime, until: datetime) -> list[Use]:
        unit, _, rest = number.strip().partition("-")
        authority = _LETTERS.get(rest.partition("-")[0])
        unit = "" if unit == "00" else unit
        office = await openings.office_at(tx, unit_code=unit, authority=authority) if authority else None
        if office is None:
            raise DossierUnknown("There is no such dossier")
        tx.set_local(offices=str(office))
        found = await dossier_numbered(tx, number)
        persons = await persons_of(tx, found.dossier_id)
        officers = {found.officer_id, *(step.officer_id for step in await steps_of(tx, found.dossier_id))}
        return await uses_on(
            tx, found.dossier_id, persons=persons, officers=officers, since=since, until=until, most=ROWS + 1
        )

    async def _lines(
        self, tx: Transaction, rows: Sequence[Use], about: Mapping[int, str], at: At
    ) -> tuple[UseLine, ...]:
        names = await accounts.names_of(tx, [one.officer_id for one in rows if one.officer_id])
        numbers = await numbers_of(tx, {one.dossier_id for one in rows if one.dossier_id})
        day = at.now.astimezone(STATE_TIME).date()
        return tuple(
            UseLine(
                log_id=str(one.log_id),
                at=one.logged_at,
                who=names.get(one.officer_id or 0, ""),
                office=place_of(one.office, None, day),
                operation=OPERATION[one.what],
                channel=CHANNEL[one.channel],
                purpose=purpose_word(one.purpose),
                persons=(shown := tuple(about[each] for each in sorted(one.about) if each in about)[:_NAMED]),
                others=len(one.about) - len(shown),
                dossier=numbers.get(one.dossier_id or 0, ""),
                granted=one.granted,
                reason=one.reason or "",
                listed=LISTS.get(one.reason or "", ""),
            )
            for one in rows
        )

    async def unusual(self, at: At, *, days: int) -> tuple[UnusualLine, ...]:
        """List unusual use of the last days, with its reasons."""
        check_auditor(at)
        async with self._house.opened(at, Operation.READ_LOG, fields=SUMMARY_FIELDS) as work:
            found = await unusual_use(work.tx, since=at.now - timedelta(days=days), until=at.now)
            people = {one.person_id: one.name for one in (await _known(work, found)).values()}
            names = await accounts.names_of(work.tx, sorted({one.officer_id for one in found}))
            await work.log(persons=tuple(people), result_count=len(found))
        return tuple(
            UnusualLine(
                day=one.day,
                who=names.get(one.officer_id, ""),
                rule=Said(one.rule.title_vi, one.rule.title_en),
                looks_for=Said(one.rule.looks_for_vi, one.rule.looks_for_en),
                law=one.rule.law,
                count=one.count,
                usual=one.usual,
                on_dossier=one.on_dossier,
                persons=tuple(people[each] for each in sorted(one.persons) if each in people),
                log_ids=tuple(map(str, one.log_ids[:_NAMED])),
            )
            for one in found
        )

    async def seals(self, at: At) -> SealsPage:
        """Return how far the log is sealed and witnessed; no personal data."""
        check_auditor(at)
        witnesses = self._witnesses()
        async with self._house.database.transaction(scope="none") as tx:
            found = await seals(tx, witnesses)
        last, published = found.last, found.published
        return SealsPage(
            sealed_to=found.sealed_to,
            size=last.size if last else 0,
            made_at=last.made_at if last else None,
            root=last.checkpoint.root.hex() if last else "",
            witnesses=tuple(one.name for one in last.note.signatures[1:]) if last else (),
            need=witnesses.need,
            published_size=published.size if published else None,
            published_at=published.made_at if published else None,
            proves=Said(*PROVES[witnesses.standing]),
            note=last.note.whole if last else "",
        )

    async def proof(self, at: At, *, log_id: str) -> str:
        """Return the proof of a row as a file for the stand-alone verifier.

        Raises:
            RowUnknown: there is no such row.
            NotSealedYet: it is not under a signed head yet.
            TreeDamaged: the row or the tree is not what was sealed.
        """
        check_auditor(at)
        number = int(log_id) if log_id.isascii() and log_id.isdecimal() and len(log_id) < 19 else 0
        async with self._house.opened(at, Operation.READ_LOG, fields=SUMMARY_FIELDS) as work:
            made = await prove(work.tx, number)
            await work.log(person_id=made.entry.person_id, persons=made.entry.persons)
        return made.text

    def verifier(self, at: At) -> str:
        """Return the stand-alone verifier, with the keys that this installation trusts."""
        check_auditor(at)
        home = self._house.home
        return verifier(trusted_key(home) if home else None, self._witnesses())

    def _witnesses(self) -> Witnesses:
        return read_witnesses(self._house.home) if self._house.home else Witnesses(0, ())


def check_auditor(at: At) -> None:
    """Check that an auditor asks.

    Raises:
        NotYourAct: somebody else does.
    """
    if "audit" not in at.officer.may_record:
        raise NotYourAct("The log is read by auditors")


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, STATE_TIME)


async def _people(tx: Transaction, rows: Collection[Use]) -> dict[int, str]:
    """The names of those whom some accesses were about, as far as the auditor may see them."""
    wanted = sorted(frozenset[int]().union(*(one.about for one in rows)))[:2000]
    return {one.person_id: one.name for one in (await surroundings.people(tx, wanted)).values()}


async def _known(work: OpenWork, found: Collection[Suspicion]) -> dict[int, surroundings.Neighbour]:
    return await surroundings.people(work.tx, sorted(frozenset[int]().union(*(one.persons for one in found))))
