"""One person by a number: the commonest of all questions, with policy, scope and log."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from dancu.access.model import Officer
from dancu.access.policy import OpenDossier
from dancu.access.work import opened
from dancu.audit.entry import SUMMARY_FIELDS, Channel, Operation
from dancu.infra.db import Database, Transaction
from dancu.kernel.codes import PersonStatus, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.names import PersonName
from dancu.register.store import SQL, PersonUnknown


@dataclass(frozen=True)
class Summary:
    """What a look-up answers: groups 1, 3, 4, 5 and the commune of group 18 of Article 9.

    Args:
        by_merged_record: the number was that of another record of the person, which was merged into this one.
    """

    person_id: int
    personal_number: str | None
    name: PersonName
    born: PartialDate | None
    sex: Sex
    status: PersonStatus
    commune_code: str | None
    by_merged_record: bool = False


async def look_up(
    database: Database,
    officer: Officer,
    number: str,
    *,
    purpose: str,
    now: datetime,
    request_id: UUID,
    dossier: OpenDossier | None = None,
    channel: Channel = Channel.API,
) -> Summary:
    """Return the person who has or had a number, within the officer's reach, and write the look down first.

    Raises:
        NotAllowed: the policy refuses.
        PersonUnknown: nobody in reach has it; the try is logged too.
    """
    async with opened(
        database,
        officer,
        operation=Operation.LOOK_UP,
        purpose=purpose,
        now=now,
        request_id=request_id,
        fields=SUMMARY_FIELDS,
        dossier=dossier,
        channel=channel,
        asked=(SQL.summary_by_number, {"value": number}),
    ) as work:
        row = work.tx.answer[0] if work.tx.answer else None
        led_on = row is None or row[7] == PersonStatus.MERGED
        if led_on:
            row = await _survivor(work.tx, number)
        await work.log(person_id=row[0] if row else None, result_count=int(row is not None), with_commit=True)
    if row is None:
        raise PersonUnknown("No such person is open to you")
    person_id, held, surname, middle, given, born, sex, status, commune = row
    return Summary(
        person_id,
        held,
        PersonName(surname, middle, given),
        PartialDate(born) if born else None,
        Sex(sex),
        PersonStatus(status),
        commune,
        by_merged_record=led_on,
    )


async def _survivor(tx: Transaction, number: str) -> tuple[Any, ...] | None:
    """Find the person to whom the number of a merged record leads, within reach."""
    found = await tx.row(SQL.survivor_by_number, {"value": number})
    return await tx.row(SQL.summary_of, {"person_id": found[1]}) if found else None
