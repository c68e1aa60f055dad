"""Masked records for the desk: opened with a reason on a dossier, and noticed by the office that protects."""

from dataclasses import dataclass
from datetime import datetime

from dancu.access import accounts, openings
from dancu.access.openings import NoticeUnknown, Opening
from dancu.dossiers.lists import numbers_of
from dancu.kernel.codes import Authority
from dancu.portals.officer.data import DOSSIER, House, account_of, office_of
from dancu.portals.officer.desk import At
from dancu.portals.officer.session import NotYourAct
from dancu.portals.shared.code_words import PROTECTION
from dancu.register.protected import is_masked, open_masked


@dataclass(frozen=True)
class NoticeLine:
    """An opening of a record that the office protects.

    Args:
        dossier: its number; '' of an inspection of the log.
        ground: a msgid.
    """

    code: str
    at: datetime
    until: datetime
    who: str
    dossier: str
    ground: str
    reason: str
    seen: bool


class Masked:
    """Opens masked records, and lists who opened them."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def is_masked(self, at: At, *, ref: str) -> bool:
        """Tell whether a person whom the chosen dossier names is masked; of anybody else the answer is no."""
        dossier, person_id = await self._house.chosen_dossier(at), self._house.refs.id(ref)
        if dossier is None or not dossier.open or person_id not in dossier.persons:
            return False
        async with self._house.database.transaction(scope="none", opened=str(person_id)) as tx:
            return await is_masked(tx, person_id)

    async def open_masked(self, at: At, *, ref: str, reason: str) -> None:
        """Open a masked record to the officer for two hours, with a notice to the office that protects it.

        Raises:
            Invalid: the reason says too little.
            NotYourAct: no dossier is chosen.
            NotAllowed, PersonUnknown, NotMasked: see `register.protected.open_masked`.
        """
        dossier = await self._house.chosen_dossier(at)
        if dossier is None:
            raise NotYourAct("A masked record is opened on a dossier only")
        await open_masked(
            self._house.database,
            account_of(at),
            person_id=self._house.refs.id(ref),
            dossier=dossier,
            purpose=DOSSIER,
            reason=reason,
            now=at.now,
            request_id=at.request_id,
            office_id=office_of(at),
            channel=self._house.channel,
        )

    async def notices(self, at: At) -> tuple[NoticeLine, ...]:
        """List who opened records that the office protects, the latest first; no name of who is protected."""
        offices = _protecting(at)
        center = at.officer.authority is Authority.POPULATION_DATABASE
        scope = "nation" if center else "none"
        async with self._house.database.transaction(scope=scope, offices=",".join(map(str, offices))) as tx:
            found = await openings.notices(tx, office_ids=offices, center=center)
            names = await accounts.names_of(tx, [one.officer_id for one in found])
            numbers = await numbers_of(tx, {one.dossier_id for one in found if one.dossier_id})
        return tuple(_line(one, names, numbers) for one in found)

    async def mark_notice(self, at: At, *, code: str) -> None:
        """Note that the office has seen a notice.

        Raises:
            NoticeUnknown: there is no such notice for the office, or it was seen before.
        """
        if not code.isascii() or not code.isdecimal() or len(code) > 19:
            raise NoticeUnknown("There is no such notice, or it was seen before")
        scope = "nation" if at.officer.authority is Authority.POPULATION_DATABASE else "none"
        async with self._house.database.transaction(scope=scope, offices=",".join(map(str, _protecting(at)))) as tx:
            await openings.mark_seen(tx, int(code), officer_id=account_of(at).officer_id, now=at.now)


def _protecting(at: At) -> list[int]:
    """The office whose notices the officer may read: auditors and administrators have an office, and no notices."""
    held = account_of(at).at(office_of(at))
    return [held.office.office_id] if held and held.role.authority is not None else []


def _line(one: Opening, names: dict[int, str], numbers: dict[int, str]) -> NoticeLine:
    return NoticeLine(
        code=str(one.opening_id),
        at=one.opened_at,
        until=one.closes_at,
        who=names.get(one.officer_id, ""),
        dossier=numbers.get(one.dossier_id or 0, ""),
        ground=PROTECTION[one.protects_from],
        reason=one.reason,
        seen=one.seen_at is not None,
    )
