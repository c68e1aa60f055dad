"""Acts on households: joined, split, merged, and told anew to another head."""

from datetime import date

from dancu.infra.db import Transaction
from dancu.kernel.errors import FieldFault, Invalid
from dancu.kernel.messages import msg
from dancu.register import commands, surroundings
from dancu.register.catalogue import asked
from dancu.register.catalogue.entry import RESIDENCE_LAW, Call, Entry, standing
from dancu.register.catalogue.fields import Field, Form, Values
from dancu.register.decisions.households import HeadDeclared, HouseholdsMergedDeclared, JoinDeclared, SplitDeclared
from dancu.register.kinds import EventKind
from dancu.register.life import Life

_LAW = "Luật Cư trú 68/2020/QH14"


def _member(life: Life, day: date) -> bool:
    return standing(life, day) and life.membership(day) is not None


async def household_named(tx: Transaction, file_no: str, pointer: str) -> int:
    """Return the household of a residence file.

    Raises:
        Invalid: there is none in scope.
    """
    found = await surroundings.household_by_file_no(tx, file_no)
    if found is None:
        raise Invalid((FieldFault(pointer, "There is no household with this file number"),))
    return found.household_id


async def _household_of(call: Call, values: Values, on: date) -> int:
    """The household of those whom the act names first."""
    people = values.members("members")
    life = await surroundings.life_of(call.tx, people[0][0]) if people else None
    membership = life.membership(on) if life else None
    if membership is None:
        raise Invalid((FieldFault("/members", "This person is in no household on that day"),))
    return membership.household_id


async def _join(call: Call, values: Values) -> commands.Recorded:
    household_id = await household_named(call.tx, values.get(str, "household"), "/household")
    declared = JoinDeclared(values.members("joiners"), household_id, values.get(date, "on"))
    return await commands.join_household(call.tx, declared=declared, **call.common)


async def _split(call: Call, values: Values) -> commands.Recorded:
    unit, detail = values.maybe(tuple, "place") or ("", "")
    declared = SplitDeclared(
        values.members("leavers"),
        values.get(date, "on"),
        values.get(bool, "head_consents"),
        values.members("remaining"),
        unit,
        detail,
        values.maybe(str, "file_no") or "",
    )
    return await commands.split_household(call.tx, declared=declared, **call.common)


async def _merge(call: Call, values: Values) -> commands.Recorded:
    on = values.get(date, "on")
    declared = HouseholdsMergedDeclared(
        await _household_of(call, values, on),
        await household_named(call.tx, values.get(str, "household"), "/household"),
        values.members("members"),
        on,
    )
    return await commands.merge_households(call.tx, declared=declared, **call.common)


async def _head(call: Call, values: Values) -> commands.Recorded:
    on = values.get(date, "on")
    declared = HeadDeclared(
        await _household_of(call, values, on), values.members("members"), on, values.maybe(str, "reason")
    )
    return await commands.change_head(call.tx, declared=declared, **call.common)


_HOUSEHOLD = Field("household", Form.HOUSEHOLD, msg("Residence file of the household joined"))

HOUSEHOLDS = (
    Entry(
        "household_joined",
        EventKind.HOUSEHOLD_JOINED,
        msg("Join a household"),
        f"{_LAW}, Điều 10",
        RESIDENCE_LAW,
        (
            Field("joiners", Form.MEMBERS, msg("Who joins"), msg("Each with the relation to the head there")),
            _HOUSEHOLD,
            asked.DAY,
        ),
        _join,
        possible=lambda life, day: standing(life, day) and life.membership(day) is None,
    ),
    Entry(
        "household_split",
        EventKind.HOUSEHOLD_SPLIT,
        msg("Split a household"),
        f"{_LAW}, Điều 25",
        RESIDENCE_LAW,
        (
            Field("leavers", Form.MEMBERS, msg("Who leaves"), msg("Each with the relation to the new head")),
            asked.DAY,
            Field("head_consents", Form.FLAG, msg("The head of the household agrees"), default=False),
            Field(
                "remaining",
                Form.MEMBERS,
                msg("Who stays"),
                msg("Only where the head leaves: each with the relation to the head from now on"),
                needed=False,
            ),
            Field("place", Form.PLACE, msg("Other address"), msg("Empty: the same dwelling"), needed=False),
            Field("file_no", Form.TEXT, msg("New residence file"), msg("Empty: one is given"), needed=False),
        ),
        _split,
        possible=_member,
    ),
    Entry(
        "households_merged",
        EventKind.HOUSEHOLDS_MERGED,
        msg("Merge two households"),
        f"{_LAW}, Điều 26",
        RESIDENCE_LAW,
        (
            Field(
                "members",
                Form.MEMBERS,
                msg("Who comes"),
                msg("All members, each with the relation to the head of the other household"),
                whole_household=True,
            ),
            _HOUSEHOLD,
            asked.DAY,
        ),
        _merge,
        possible=_member,
    ),
    Entry(
        "household_head_changed",
        EventKind.HOUSEHOLD_HEAD_CHANGED,
        msg("Change the head of a household"),
        f"{_LAW}, Điều 10, Điều 26",
        RESIDENCE_LAW,
        (
            Field(
                "members",
                Form.MEMBERS,
                msg("Members"),
                msg("All members, each with the relation to the new head"),
                whole_household=True,
            ),
            asked.DAY,
            asked.REMARK,
        ),
        _head,
        possible=_member,
    ),
)
