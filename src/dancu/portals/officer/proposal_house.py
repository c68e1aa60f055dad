"""Proposed acts for the desk: listed, looked at, approved, refused, withdrawn."""

from dataclasses import replace

from dancu.access import accounts
from dancu.access.approvals import in_charge
from dancu.dossiers.proposals import Proposal, ProposalUnknown, waiting
from dancu.intake.adjudication.proposing import ACT
from dancu.kernel.time import today
from dancu.portals.officer import papers
from dancu.portals.officer.act_house import in_short
from dancu.portals.officer.act_values import Named, event_words, lines_of, proposed_values
from dancu.portals.officer.data import House, account_of, office_of
from dancu.portals.officer.desk import At
from dancu.portals.officer.proposal_views import ProposalLine, ProposalPage
from dancu.portals.officer.views import Outcome
from dancu.portals.shared.pages import Said
from dancu.portals.shared.words import msg
from dancu.register import proposed, surroundings
from dancu.register.catalogue import CATALOGUE, Entry
from dancu.register.four_eyes import FOUR_EYES
from dancu.register.proposed import Second
from dancu.register.territory import locate

MATCHED = msg("Is it the same person?")
_ENTRIES: dict[str, Entry] = {one.proposable.command: one for one in CATALOGUE.values() if one.proposable}
_BY_ACT: dict[str, Entry] = {one.act: one for one in _ENTRIES.values()}


class Proposals:
    """What others propose, and what becomes of it."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def proposals(self, at: At) -> tuple[ProposalLine, ...]:
        """List the acts that wait for a second officer at the offices on whose acts the officer decides."""
        account = account_of(at)
        async with self._house.database.transaction(scope="none") as tx:
            offices = await in_charge(tx, account, now=at.now, office_id=office_of(at))
        async with self._house.database.transaction(scope="none", offices=",".join(map(str, offices))) as tx:
            found = await waiting(tx, list(offices), now=at.now)
            names = await accounts.names_of(tx, [one.officer_id for one in found])
        return tuple(self._line(at, one, names) for one in found)

    def _line(self, at: At, one: Proposal, names: dict[int, str]) -> ProposalLine:
        return ProposalLine(
            dossier=str(one.dossier_id),
            code=str(one.proposal_id),
            title=MATCHED if one.act == ACT else _BY_ACT[one.act].title,
            address="/queue/second" if one.act == ACT else "/proposals",
            proposer=names.get(one.officer_id, ""),
            proposed_at=one.proposed_at,
            expires_on=today(one.expires_at),
            mine=one.officer_id == account_of(at).officer_id,
        )

    async def proposal(self, at: At, *, dossier: str, code: str) -> ProposalPage:
        """Return a proposed act with what it would change; the look is logged.

        Raises:
            DossierUnknown, ProposalUnknown: there is none that the officer may decide.
        """
        dossier_id, proposal_id = _ids(dossier, code)
        house, day = self._house, today(at.now)
        async with proposed.looked_at(
            house.database, self._second(at), dossier_id=dossier_id, proposal_id=proposal_id, ring=house.keys
        ) as (work, found, filed):
            people = await surroundings.people(work.tx, filed.persons)
            entry, values = _ENTRIES[filed.command], proposed_values(filed.arguments)
            seq = values.of.get("event")
            events = await surroundings.events_of(work.tx, values.get(int, "person")) if seq else []
            names = await accounts.names_of(work.tx, [found.officer_id])
            rests_on = await papers.named(work.tx, found.dossier_id, filed.header.evidence, house.keys)
        if found.office_id != office_of(at):
            rests_on = tuple(replace(one, address="") for one in rests_on)
        named = Named({one: in_short(found) for one, found in people.items()}, event_words(events))
        why = FOUR_EYES[filed.kind]
        return ProposalPage(
            line=self._line(at, found, names),
            reason=found.reason if values.of.get("reason") != found.reason else "",
            ground=found.legal_ground,
            why_four_eyes=Said(why.why_vi, why.why_en),
            lines=lines_of(entry, values, named, day),
            papers=rests_on,
            refs=tuple((house.refs.ref(one), people[one].name if one in people else "") for one in filed.persons),
        )

    async def approve_proposal(self, at: At, *, dossier: str, code: str) -> Outcome:
        """Have a proposed act carried out, as it was filed.

        Raises:
            Conflict, Refused, Forbidden, NotFound: see `register.proposed.approve`.
        """
        dossier_id, proposal_id = _ids(dossier, code)
        house = self._house
        done = await proposed.approve(
            house.database,
            self._second(at),
            dossier_id=dossier_id,
            proposal_id=proposal_id,
            ring=house.keys,
            locate=locate,
        )
        return Outcome(house.refs.ref(done.person_id), "", done.personal_number or "", repeated=done.repeated)

    async def refuse_proposal(self, at: At, *, dossier: str, code: str, answer: str) -> None:
        """Refuse a proposed act, with the reason.

        Raises:
            Invalid: it does not say why.
            Conflict, Forbidden, NotFound: see `register.proposed.refuse`.
        """
        dossier_id, proposal_id = _ids(dossier, code)
        house = self._house
        await proposed.refuse(
            house.database,
            self._second(at),
            dossier_id=dossier_id,
            proposal_id=proposal_id,
            answer=answer,
            ring=house.keys,
        )

    async def withdraw_proposal(self, at: At, *, dossier: str, code: str) -> None:
        """Withdraw what one proposed oneself.

        Raises:
            Conflict, NotFound: see `register.proposed.withdraw`.
        """
        dossier_id, proposal_id = _ids(dossier, code)
        await proposed.withdraw(
            self._house.database,
            account_of(at),
            dossier_id=dossier_id,
            proposal_id=proposal_id,
            now=at.now,
            office_id=office_of(at) or 0,
        )

    def _second(self, at: At) -> Second:
        """The officer as the second pair of eyes."""
        return Second(account_of(at), at.now, at.request_id, office_of(at), self._house.channel)


def _ids(dossier: str, code: str) -> tuple[int, int]:
    if not all(one.isascii() and one.isdecimal() and len(one) < 20 for one in (dossier, code)):
        raise ProposalUnknown("There is no such proposal")
    return int(dossier), int(code)
