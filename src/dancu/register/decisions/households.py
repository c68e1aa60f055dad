"""What acts of households change: pure functions from lives and declared places to events."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from dancu.kernel.codes import Relation, ResidenceKind
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import FieldFault, Invalid
from dancu.register.act import Decided, NewEvent, NewHousehold
from dancu.register.kinds import EventKind
from dancu.register.life import Life
from dancu.register.payloads import MembershipGiven, Payload, ResidenceGiven
from dancu.register.rules import Warned, judge
from dancu.register.rules.households import HOUSEHOLD, SPLIT, HouseholdFacts, SplitFacts

Place = tuple[int, Relation]
"""A person, and the relation to the head."""


@dataclass(frozen=True)
class JoinDeclared:
    """Persons who join a household at the place where they live."""

    joiners: tuple[Place, ...]
    household_id: int
    on: date


@dataclass(frozen=True)
class SplitDeclared:
    """Members who leave a household and form their own.

    Args:
        leavers: with the relation to the new head, who is one of them.
        head_consents: the head of the old household agrees.
        remaining: the relations of those who stay, told anew where the old head leaves.
        unit: code of the commune of another address; '': they stay in the same dwelling.
    """

    leavers: tuple[Place, ...]
    on: date
    head_consents: bool
    remaining: tuple[Place, ...] = ()
    unit: str = ""
    detail: str = ""
    file_no: str = ""


@dataclass(frozen=True)
class HouseholdsMergedDeclared:
    """A household that becomes part of another.

    Args:
        household_id: the one that ends.
        into: the one that goes on.
        members: all members of the first, with the relation to the head of the second.
    """

    household_id: int
    into: int
    members: tuple[Place, ...]
    on: date


@dataclass(frozen=True)
class HeadDeclared:
    """Another head of a household; `members` are all, each with the relation to the new head."""

    household_id: int
    members: tuple[Place, ...]
    on: date
    reason: str | None = None


Lives = Mapping[int, Life]


def join(declared: JoinDeclared, lives: Lives, registered_on: date) -> Decided:
    """Decide what joining a household changes.

    Raises:
        Refused: by `rules.households.HOUSEHOLD`.
    """
    warnings = _judged(declared.joiners, lives, declared.on, registered_on)
    events = _placed(EventKind.HOUSEHOLD_JOINED, declared.joiners, declared.household_id, declared.on)
    return Decided(EventKind.HOUSEHOLD_JOINED, PartialDate.on(declared.on), events, warnings=warnings)


def split(
    declared: SplitDeclared, lives: Lives, formed: NewHousehold, old_household: int, registered_on: date
) -> Decided:
    """Decide what a split changes: the new household, and who stays where the old head leaves.

    Args:
        formed: the new household, at the same or another address.

    Raises:
        Invalid: the leavers have no head, or more than one.
        Refused: by `rules.households.SPLIT` or `HOUSEHOLD`.
    """
    check_has_one_head(declared.leavers, "/leavers")
    leavers = {one: lives[one] for one, _ in declared.leavers}
    warned = judge(SPLIT, SplitFacts(leavers, declared.on, declared.head_consents), on=declared.on)
    warnings = _judged((*declared.leavers, *declared.remaining), lives, declared.on, registered_on)
    moves = (ResidenceGiven(ResidenceKind.PERMANENT, formed.unit, formed.detail, declared.on),) if declared.unit else ()
    events = _placed(
        EventKind.HOUSEHOLD_SPLIT, declared.leavers, formed.household_id, declared.on, moves, formed.unit_day
    )
    events += _placed(EventKind.HOUSEHOLD_HEAD_CHANGED, declared.remaining, old_household, declared.on)
    return Decided(
        EventKind.HOUSEHOLD_SPLIT,
        PartialDate.on(declared.on),
        events,
        households=(formed,),
        warnings=(*warned, *warnings),
    )


def households_merged(declared: HouseholdsMergedDeclared, lives: Lives, registered_on: date) -> Decided:
    """Decide what merging a household into another changes.

    Raises:
        Invalid: it is one household.
        Refused: by `rules.households.HOUSEHOLD`.
    """
    if declared.household_id == declared.into:
        raise Invalid((FieldFault("/into", "Two different households are needed"),))
    warnings = _judged(declared.members, lives, declared.on, registered_on)
    events = _placed(EventKind.HOUSEHOLDS_MERGED, declared.members, declared.into, declared.on)
    return Decided(EventKind.HOUSEHOLDS_MERGED, PartialDate.on(declared.on), events, warnings=warnings)


def head_changed(declared: HeadDeclared, lives: Lives, registered_on: date) -> Decided:
    """Decide what another head changes: the relation of every member is told anew.

    Raises:
        Invalid: there is no head among the members, or more than one.
        Refused: by `rules.households.HOUSEHOLD`.
    """
    check_has_one_head(declared.members, "/members")
    warnings = _judged(declared.members, lives, declared.on, registered_on)
    events = _placed(
        EventKind.HOUSEHOLD_HEAD_CHANGED, declared.members, declared.household_id, declared.on, reason=declared.reason
    )
    return Decided(EventKind.HOUSEHOLD_HEAD_CHANGED, PartialDate.on(declared.on), events, warnings=warnings)


def check_has_one_head(places: tuple[Place, ...], pointer: str) -> None:
    """Hold declared places against the rule that a household has a head, and one only.

    Raises:
        Invalid: it has none, or two.

    Law: Luật Cư trú 68/2020/QH14, Điều 10.
    """
    heads = sum(relation is Relation.HEAD for _, relation in places)
    if heads != 1:
        raise Invalid((FieldFault(pointer, "A household has one head"),))


def check_members(places: tuple[Place, ...], lives: Lives, household_id: int, on: date, pointer: str) -> None:
    """Hold declared places against who belongs to a household.

    Raises:
        Invalid: somebody does not belong to it on that day, or stands twice.
    """
    named = [one for one, _ in places]
    strangers = [one for one in named if (m := lives[one].membership(on)) is None or m.household_id != household_id]
    if strangers or len(named) != len(set(named)):
        raise Invalid((FieldFault(pointer, "Name each member of the household once"),))


def _judged(places: tuple[Place, ...], lives: Lives, on: date, registered_on: date) -> tuple[Warned, ...]:
    head = next((lives[one] for one, relation in places if relation is Relation.HEAD), None)
    told = {one: lives[one] for one, _ in places}
    return tuple(judge(HOUSEHOLD, HouseholdFacts(told, head, on, registered_on), on=on))


def _placed(
    kind: EventKind,
    places: tuple[Place, ...],
    household_id: int,
    on: date,
    stays: tuple[ResidenceGiven, ...] = (),
    unit_day: date | None = None,
    reason: str | None = None,
) -> tuple[NewEvent, ...]:
    """An event for each who takes a place in a household."""
    return tuple(
        NewEvent(
            one,
            kind,
            PartialDate.on(on),
            Payload(
                membership=MembershipGiven(household_id, relation, on),
                residences=stays,
                unit_day=unit_day if stays else None,
                reason=reason,
            ),
        )
        for one, relation in places
    )
