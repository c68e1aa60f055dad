"""Reading the log as auditors do: by officer, by person, by dossier. Whoever reads must log that, with `READ_LOG`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dancu.audit.entry import Operation, Outcome
from dancu.audit.log import SQL
from dancu.infra.db import Transaction

MOST = 500
_MOST_OF_DOSSIER = 20_000


@dataclass(frozen=True)
class Use:
    """One access, as auditors see it.

    Args:
        persons: whom a search listed.
        fields: bits of the groups of Article 9.
        reason: why it was refused; a code.
    """

    log_id: int
    logged_at: datetime
    operation: int
    outcome: int
    channel: int
    actor: int
    officer_id: int | None
    office: str
    role: str
    purpose: str
    legal_ground: str
    dossier_id: int | None
    person_id: int | None
    persons: Sequence[int] | None
    fields: int
    result_count: int
    reason: str | None

    @property
    def about(self) -> frozenset[int]:
        """Ids of all whom it is about."""
        return frozenset(self.persons or ()) | ({self.person_id} if self.person_id is not None else frozenset())

    @property
    def what(self) -> Operation:
        """What was done."""
        return Operation(self.operation)

    @property
    def granted(self) -> bool:
        """Whether it was allowed."""
        return self.outcome == Outcome.GRANTED


@dataclass(frozen=True)
class Volume:
    """How much an officer looked at on a day of the State.

    Args:
        looks: searches, look-ups, reads and exports that were granted.
        persons: different persons who were opened one by one.
        refused: how many were refused.
    """

    officer_id: int
    day: date
    looks: int
    persons: int
    refused: int


async def uses_by(
    tx: Transaction, officers: Collection[int], *, since: datetime, until: datetime, most: int = MOST
) -> list[Use]:
    """List what officers did, the last first; nothing unless the scope is the nation.

    Args:
        until: not included.
    """
    asked = {"officers": sorted(officers), "since": since, "until": until, "most": most}
    return await tx.all(Use, SQL.uses_by, asked)


async def uses_of(
    tx: Transaction, persons: Collection[int], *, since: datetime, until: datetime, most: int = MOST
) -> list[Use]:
    """List who looked at persons, alone or in lists, the last first; nothing unless the scope is the nation."""
    asked = {"persons": sorted(persons), "since": since, "until": until, "most": most}
    return await tx.all(Use, SQL.uses_of, asked)


async def uses_on(
    tx: Transaction,
    dossier_id: int,
    *,
    persons: Collection[int],
    officers: Collection[int],
    since: datetime,
    until: datetime,
    most: int = MOST,
) -> list[Use]:
    """List what was done on a dossier, the last first; nothing unless the scope is the nation.

    An index on dossiers would make every access dearer, so this looks at those of its persons and of its officers.

    Args:
        persons: whom the dossier names.
        officers: who may have worked on it: who opened it, and those of its office.
    """
    found = {use.log_id: use for use in await uses_of(tx, persons, since=since, until=until, most=_MOST_OF_DOSSIER)}
    done = await uses_by(tx, officers, since=since, until=until, most=_MOST_OF_DOSSIER)
    found.update((use.log_id, use) for use in done)
    of_dossier = [use for use in found.values() if use.dossier_id == dossier_id]
    return sorted(of_dossier, key=lambda use: (use.logged_at, use.log_id), reverse=True)[:most]


async def volumes(tx: Transaction, *, since: datetime, until: datetime) -> list[Volume]:
    """List how much each officer looked at on each day; nothing unless the scope is the nation.

    Args:
        since: the first moment of a day of the State, like `until`; days that are cut count for less.
    """
    return await tx.all(Volume, SQL.volumes, {"since": since, "until": until})
