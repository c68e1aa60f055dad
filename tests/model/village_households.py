"""Random acts of households and residence in a village."""

from datetime import date, timedelta
from typing import Any

from dancu.infra.db import Transaction
from dancu.kernel.codes import AbsenceCase, PermanentEnd, Relation, TemporaryEnd
from dancu.register.commands import households as household_commands
from dancu.register.commands import residence as residence_commands
from dancu.register.decisions.households import HeadDeclared, HouseholdsMergedDeclared, JoinDeclared, SplitDeclared
from dancu.register.decisions.residence import (
    AbodeDeclared,
    AbsenceDeclared,
    ExtensionDeclared,
    PermanentEndDeclared,
    ReturnDeclared,
    TemporaryDeclared,
    TemporaryEndDeclared,
)

HOUSEHOLD_KINDS = ("household joined", "household split", "households merged", "head changed")
RESIDENCE_KINDS = (
    *("temporary", "temporary extended", "temporary ended", "permanent ended", "abode", "absence", "return"),
)


async def members(tx: Transaction, household: int) -> list[int]:
    rows = await tx.rows(
        "SELECT person_id FROM register.person WHERE household_id = %s AND status = 1 ORDER BY person_id", [household]
    )
    return [row[0] for row in rows]


async def act_on_household(
    tx: Transaction, kind: str, person: int, household: int, other: int | None, day: date, **common: Any
) -> None:
    """Do an act of a household; `other` is the household of somebody else."""
    match kind:
        case "household joined":
            if other is not None:
                joined = JoinDeclared(((person, Relation.NOT_RELATED),), other, day)
                await household_commands.join_household(tx, declared=joined, **common)
        case "household split":
            stay = [one for one in await members(tx, household) if one != person]
            remaining = tuple((one, _relation(one, stay[0])) for one in stay) if day.day % 2 else ()
            split = SplitDeclared(((person, Relation.HEAD),), day, head_consents=True, remaining=remaining)
            await household_commands.split_household(tx, declared=split, **common)
        case "households merged":
            if other is not None:
                places = tuple((one, Relation.NOT_RELATED) for one in await members(tx, household))
                merged = HouseholdsMergedDeclared(household, other, places, day)
                await household_commands.merge_households(tx, declared=merged, **common)
        case _:
            places = tuple((one, _relation(one, person)) for one in await members(tx, household))
            await household_commands.change_head(tx, declared=HeadDeclared(household, places, day), **common)


def _relation(one: int, head: int) -> Relation:
    return Relation.HEAD if one == head else Relation.OTHER_RELATIVE


async def act_on_residence(tx: Transaction, kind: str, person: int, unit: str, day: date, **common: Any) -> None:
    """Do an act of residence."""
    persons, later = (person,), day + timedelta(days=300)
    match kind:
        case "temporary":
            temporary = TemporaryDeclared(persons, unit, "Ngõ 7", day, later)
            await residence_commands.register_temporary_residence(tx, declared=temporary, **common)
        case "temporary extended":
            extension = ExtensionDeclared(persons, later + timedelta(days=300))
            await residence_commands.extend_temporary_residence(tx, declared=extension, **common)
        case "temporary ended":
            end = TemporaryEndDeclared(persons, TemporaryEnd(1 + day.day % len(TemporaryEnd)), day, day)
            await residence_commands.end_temporary_residence(tx, declared=end, **common)
        case "permanent ended":
            ended = PermanentEndDeclared(persons, PermanentEnd(1 + day.day % len(PermanentEnd)), day, day)
            await residence_commands.end_permanent_residence(tx, declared=ended, **common)
        case "abode":
            abode = AbodeDeclared(persons, unit, "Ngõ 8", day)
            await residence_commands.declare_abode(tx, declared=abode, **common)
        case "absence":
            absence = AbsenceDeclared(persons, AbsenceCase(1 + day.day % len(AbsenceCase)), day, later)
            await residence_commands.declare_absence(tx, declared=absence, **common)
        case _:
            await residence_commands.end_absence(tx, declared=ReturnDeclared(persons, later), **common)
