"""The officer's desk at the command line: who sits there, at which work, and whom he or she names."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar
from uuid import uuid4

from dancu.access.secrets import SecondFactors
from dancu.audit.entry import Channel
from dancu.cli.acting import Door, let_in
from dancu.cli.installation import Installation
from dancu.cli.output import say
from dancu.dossiers.commands import DossierUnknown, dossiers_of
from dancu.infra.db import Database
from dancu.portals.officer.data import House, account_of, officer_view
from dancu.portals.officer.desk import At
from dancu.portals.officer.house import OfficersDesk
from dancu.portals.officer.views import Work
from dancu.portals.shared.refs import References, UnknownReference, references_key
from dancu.register.look_up import look_up

Result = TypeVar("Result")


@dataclass
class AtDesk:
    """An officer at the desk, and whom he or she named so far."""

    desk: OfficersDesk
    house: House
    at: At
    named: dict[str, str] = field(default_factory=dict)

    async def reference(self, mention: str) -> str:
        """Return the reference of a person who is named by number or by reference; a look-up is logged."""
        if mention not in self.named:
            self.named[mention] = await self._reference(mention)
        return self.named[mention]

    async def _reference(self, mention: str) -> str:
        try:
            self.house.refs.id(mention)
        except UnknownReference:
            pass
        else:
            return mention
        dossier = await self.house.chosen_dossier(self.at)
        work = self.at.work.code.partition(":")[2] if self.at.work else ""
        found = await look_up(
            self.house.database,
            account_of(self.at),
            mention.replace(" ", ""),
            purpose="dossier" if dossier else work,
            now=self.at.now,
            request_id=uuid4(),
            dossier=dossier,
            channel=Channel.COMMAND_LINE,
        )
        return self.house.refs.ref(found.person_id)


def at_desk(
    officer: str, dossier: str | None, do: Callable[[AtDesk], Awaitable[Result]], *, patient: bool = False
) -> Result:
    """Let an officer sit down at the desk, on a dossier where one is named, and do something there.

    Args:
        patient: it may take longer than a page may.
    """
    here = Installation.here()
    with here.database(say) as dsn:
        return asyncio.run(_sat_down(here, dsn, officer, dossier, do, patient=patient))


async def _sat_down(
    here: Installation,
    dsn: str,
    officer: str,
    dossier: str | None,
    do: Callable[[AtDesk], Awaitable[Result]],
    *,
    patient: bool,
) -> Result:
    now, ring = datetime.now(UTC), here.keys(dsn)
    async with Database(dsn, size=3, keys=ring, patient=patient) as database:
        factors = SecondFactors(ring)
        account = await let_in(Door(database, factors, now), officer)
        refs = References(references_key(here.home / "keys"))
        house = House(database, factors, refs, ring, channel=Channel.COMMAND_LINE)
        at = At("", officer_view(account), None, now, uuid4())
        return await do(AtDesk(OfficersDesk(house), house, await _at_work(house, at, dossier)))


async def _at_work(house: House, at: At, dossier: str | None) -> At:
    """Return the officer at the office of the dossier, at work on it; without one, on the first purpose of the role."""
    account = account_of(at)
    if dossier is None:
        works = await OfficersDesk(house).works(officer=at.officer, now=at.now)
        return At(at.token, at.officer, works[0] if works else None, at.now, at.request_id)
    async with house.at_offices(account) as tx:
        found = await dossiers_of(tx, [one.office.office_id for one in account.assignments], most=10_000)
    chosen = next((one for one in found if dossier in {one.number, str(one.dossier_id)}), None)
    if chosen is None:
        raise DossierUnknown("There is no such dossier")
    view = officer_view(account, str(chosen.office_id))
    work = Work(f"dossier:{chosen.dossier_id}", chosen.number, chosen.legal_ground)
    return At(at.token, view, work, at.now, at.request_id)
