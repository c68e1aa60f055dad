"""Who decides on what others propose: officers of the same office, or of a higher one."""

from datetime import datetime

from dancu.access import openings
from dancu.access.model import Office, Officer
from dancu.access.policy import OpenDossier, may_second
from dancu.dossiers.commands import DossierUnknown, dossier_of, persons_of
from dancu.infra.db import Database, Transaction
from dancu.infra.sql import Queries
from dancu.kernel.codes import Authority
from dancu.kernel.time import today
from dancu.reference.units import unit_index

SQL = Queries("dancu.access")


def province_of(office: Office, now: datetime) -> str:
    """Return the code of the province in which an office lies; '' of the Center, and of what is no unit today."""
    unit = unit_index().unit_on(office.unit_code, today(now)) if len(office.unit_code) == 5 else None
    return (unit.province_code or "") if unit else office.unit_code if len(office.unit_code) == 2 else ""


async def in_charge(
    tx: Transaction, officer: Officer, *, now: datetime, office_id: int | None = None
) -> dict[int, Office]:
    """Return the offices on whose proposals an officer may decide, by id.

    Args:
        office_id: at which office the officer acts; None: at any of the own ones.
    """
    held = [a for a in officer.assignments if a.role.seconds and office_id in {None, a.office.office_id}]
    lines = {int(a.office.authority) for a in held}
    if Authority.POPULATION_DATABASE in lines:
        lines.add(int(Authority.COMMUNE_POLICE))
    if not lines:
        return {}
    found = [Office(*row) for row in await tx.rows(SQL.offices_of, {"authorities": sorted(lines), "day": today(now)})]
    return {o.office_id: o for o in found if any(may_second(a, o, province_of(o, now)) for a in held)}


async def dossier_in_charge(
    database: Database, officer: Officer, dossier_id: int, *, now: datetime, office_id: int | None = None
) -> OpenDossier:
    """Return a dossier of an office on whose proposals an officer may decide.

    Raises:
        DossierUnknown: there is none, or it is none of theirs.
    """
    async with database.transaction(scope="none") as tx:
        offices = await in_charge(tx, officer, now=now, office_id=office_id)
    async with database.transaction(scope="none", offices=",".join(map(str, offices))) as tx:
        found = await dossier_of(tx, dossier_id)
        persons = await persons_of(tx, dossier_id)
        unmasked = await openings.unmasked(tx, officer_id=officer.officer_id, dossier_id=dossier_id, now=now)
    office = offices.get(found.office_id)
    if office is None:
        raise DossierUnknown("There is no such dossier")
    return OpenDossier(
        dossier_id=dossier_id,
        office_id=found.office_id,
        persons=persons,
        open=found.opens(today(now)),
        matter=found.matter,
        office=office,
        province=province_of(office, now),
        unmasked=unmasked & persons,
    )
