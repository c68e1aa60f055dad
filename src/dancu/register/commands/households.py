"""Commands of households: joined, split, merged, and told anew to another head.

Law: Luật Cư trú 68/2020/QH14, Điều 10, Điều 25, Điều 26.
"""

from datetime import datetime

from dancu.infra.db import Transaction
from dancu.kernel.codes import Relation
from dancu.kernel.errors import FieldFault, Invalid
from dancu.kernel.ids import new_id
from dancu.kernel.time import today
from dancu.register import households, store
from dancu.register.act import ActHeader, NewHousehold
from dancu.register.commands.acting import Recorded, carried_out, done_before, standing
from dancu.register.decisions import households as household_acts
from dancu.register.decisions.households import HeadDeclared, HouseholdsMergedDeclared, JoinDeclared, SplitDeclared
from dancu.register.projection import Locate


async def join_household(
    tx: Transaction, *, header: ActHeader, declared: JoinDeclared, now: datetime, locate: Locate
) -> Recorded:
    """Let persons join a household at the place where they live.

    Raises:
        Invalid: nobody is named, or the household would have two heads.
        NotFound: there is no such household.
        PersonUnknown: one of them is not in scope.
        Gone: a record was annulled.
        Refused: by `rules.households.HOUSEHOLD`.
    """
    if done := await done_before(tx, header):
        return done
    _check_named(declared.joiners, "/joiners")
    histories = await store.locked(tx, [one for one, _ in declared.joiners])
    await store.household(tx, declared.household_id)
    decided = household_acts.join(declared, standing(histories), today(now))
    return await carried_out(tx, header, decided, histories, now, locate)


async def split_household(
    tx: Transaction, *, header: ActHeader, declared: SplitDeclared, now: datetime, locate: Locate
) -> Recorded:
    """Let members form a household of their own, in the same dwelling or at another address.

    A household that loses its head and tells no other one gets a clock.

    Raises:
        Invalid: nobody is named, the leavers have not one head, or who stays has two.
        PersonUnknown: one of them is not in scope.
        Gone: a record was annulled.
        Refused: by `rules.households.SPLIT` or `HOUSEHOLD`.

    Law: Luật Cư trú 68/2020/QH14, Điều 25.
    """
    if done := await done_before(tx, header):
        return done
    _check_named(declared.leavers, "/leavers")
    histories = await store.locked(tx, [one for one, _ in (*declared.leavers, *declared.remaining)])
    lives = standing(histories)
    leaver, _ = declared.leavers[0]
    if (left := lives[leaver].membership(declared.on)) is None:
        raise Invalid((FieldFault("/leavers", "Name each member of the household once"),))
    household_acts.check_members(declared.remaining, lives, left.household_id, declared.on, "/remaining")
    formed = await _formed(tx, declared, left.household_id, now)
    decided = household_acts.split(declared, lives, formed, left.household_id, today(now))
    return await carried_out(tx, header, decided, histories, now, locate)


async def merge_households(
    tx: Transaction, *, header: ActHeader, declared: HouseholdsMergedDeclared, now: datetime, locate: Locate
) -> Recorded:
    """Let all members of a household become members of another.

    Raises:
        Invalid: not all members are told, or the household that goes on would have two heads.
        NotFound: there is no such household.
        PersonUnknown: one of them is not in scope.
        Gone: a record was annulled.
        Refused: by `rules.households.HOUSEHOLD`.
    """
    if done := await done_before(tx, header):
        return done
    _check_named(declared.members, "/members")
    histories = await store.locked(tx, [one for one, _ in declared.members])
    lives = standing(histories)
    household_acts.check_members(declared.members, lives, declared.household_id, declared.on, "/members")
    decided = household_acts.households_merged(declared, lives, today(now))
    await store.household(tx, declared.into)
    await _check_all_told(tx, declared.members, declared.household_id, also=declared.into)
    return await carried_out(tx, header, decided, histories, now, locate)


async def change_head(
    tx: Transaction, *, header: ActHeader, declared: HeadDeclared, now: datetime, locate: Locate
) -> Recorded:
    """Give a household another head, and tell the relation of every member anew; a running clock ends.

    Raises:
        Invalid: not all members are told, or they have not one head.
        PersonUnknown: one of them is not in scope.
        Gone: a record was annulled.
        Refused: by `rules.households.HOUSEHOLD`.

    Law: Luật Cư trú 68/2020/QH14, Điều 10, Điều 26 khoản 1 điểm a.
    """
    if done := await done_before(tx, header):
        return done
    _check_named(declared.members, "/members")
    histories = await store.locked(tx, [one for one, _ in declared.members])
    lives = standing(histories)
    household_acts.check_members(declared.members, lives, declared.household_id, declared.on, "/members")
    decided = household_acts.head_changed(declared, lives, today(now))
    await _check_all_told(tx, declared.members, declared.household_id)
    return await carried_out(tx, header, decided, histories, now, locate)


def _check_named(places: tuple[tuple[int, Relation], ...], pointer: str) -> None:
    if not places:
        raise Invalid((FieldFault(pointer, "Name at least one person"),))


async def _check_all_told(
    tx: Transaction, places: tuple[tuple[int, Relation], ...], household_id: int, *, also: int | None = None
) -> None:
    """Lock a household, so that nobody joins meanwhile, and see that none of its living members is left out."""
    await households.locked(tx, sorted({household_id, *([also] if also else [])}))
    asked = {"household_id": household_id, "leaving": [one for one, _ in places]}
    row = await tx.row(households.SQL.other_members, asked)
    if row and row[0]:
        raise Invalid((FieldFault("/members", "Tell the relation of every member"),))


async def _formed(tx: Transaction, declared: SplitDeclared, old_household: int, now: datetime) -> NewHousehold:
    household_id = new_id()
    if declared.unit:
        unit, detail, unit_day = declared.unit, declared.detail, today(now)
    else:
        old = await store.household(tx, old_household)
        unit, detail, unit_day = old.unit_code, old.detail, old.unit_day
    file_no = declared.file_no or f"{unit}-{household_id % 10**9:09}"
    return NewHousehold(household_id, file_no, unit, detail, unit_day, declared.on)
