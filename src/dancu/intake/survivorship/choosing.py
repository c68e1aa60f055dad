"""Choosing the value that stands: by legal precedence, then recency, then agreement. Pure.

The order is total and depends on the claims alone, not on the order in which they come.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from dancu.intake.survivorship.claims import Claim, Field, exactness, key_of, refines
from dancu.intake.survivorship.precedence import LEGAL, Precedence


class Ground(StrEnum):
    """Why a value was chosen over the next best."""

    UNDISPUTED = "undisputed"
    PRECEDENCE = "precedence"
    RECENCY = "recency"
    AGREEMENT = "agreement"
    FIRST = "first"


@dataclass(frozen=True)
class Chosen:
    """The value that stands.

    Args:
        ground: why its claims go before all that contradict them.
        refined: it says more exactly what the strongest claims say.
        claims: those that tell it, the strongest first.
        others: those that tell otherwise, the strongest first.
    """

    value: Any
    ground: Ground
    refined: bool
    claims: tuple[Claim, ...]
    others: tuple[Claim, ...]


@dataclass(frozen=True)
class _Group:
    """Claims that say the same."""

    key: str
    value: Any
    strength: tuple[int, int, int, datetime, bool, str]
    claims: tuple[Claim, ...]


_GROUNDS = (Ground.PRECEDENCE, Ground.RECENCY, Ground.AGREEMENT, Ground.FIRST, Ground.FIRST, Ground.FIRST)


def choose(claims: Iterable[Claim], *, on: date, precedence: Precedence = LEGAL) -> Chosen | None:
    """Choose among the claims on one field of one person; None: nobody tells anything.

    The strongest document decides; among equals the latest day told, then how many sources agree, then who told it
    first. What says the same more exactly is taken for it.

    Args:
        on: the day whose law orders the documents.
    """
    told = list(claims)
    groups = sorted(_groups([one for one in told if not one.replaced], on, precedence), key=lambda one: one.strength)
    if not groups:
        return None
    field, strongest = told[0].field, groups[0]
    finer = [one for one in groups if refines(field, one.value, strongest.value)]
    best = min(finer, key=lambda one: (-exactness(field, one.value), one.strength), default=strongest)
    against = [
        one
        for one in groups
        if one not in (best, strongest)
        and not refines(field, best.value, one.value)
        and not refines(field, one.value, best.value)
    ]
    saying = {best.key}
    return Chosen(
        best.value,
        _ground(strongest, against[0]) if against else Ground.UNDISPUTED,
        refined=best is not strongest,
        claims=best.claims,
        others=tuple(claim for one in groups if one.key not in saying for claim in one.claims),
    )


def _ground(one: _Group, other: _Group) -> Ground:
    return next(
        ground for ground, mine, theirs in zip(_GROUNDS, one.strength, other.strength, strict=True) if mine != theirs
    )


def _groups(claims: list[Claim], on: date, precedence: Precedence) -> list[_Group]:
    by_key: dict[str, list[Claim]] = {}
    for claim in claims:
        by_key.setdefault(key_of(claim.field, claim.value), []).append(claim)
    return [_group(key, same, on, precedence) for key, same in by_key.items()]


def _group(key: str, same: list[Claim], on: date, precedence: Precedence) -> _Group:
    field = same[0].field

    def place(claim: Claim) -> tuple[int, int, datetime, str, str]:
        rank = precedence.rank(field, claim.document, on)
        return rank, -_day(claim), claim.received_at, claim.teller, repr(claim.value)

    ordered = sorted(same, key=place)
    rank, day, *_ = place(ordered[0])
    agreement = len({claim.teller for claim in same})
    # Of two that came at one moment, what the ledger took over was there before what it did not.
    first, beside = min((claim.received_at, claim.act_id is None) for claim in same)
    return _Group(key, ordered[0].value, (rank, day, -agreement, first, beside, key), tuple(ordered))


def _day(claim: Claim) -> int:
    return claim.told_on.toordinal() if claim.told_on else 0


def of_field(claims: Iterable[Claim], field: Field) -> list[Claim]:
    """Return the claims on one field."""
    return [one for one in claims if one.field is field]
