"""Who marries whom, when, and when children may come."""

from dataclasses import dataclass

import numpy as np

from dancu.synth import demography
from dancu.synth.draw import Array, Rng, chance, either, pick
from dancu.synth.people import NOBODY, People
from dancu.synth.places import Map

_YEAR = demography.DAYS_OF_YEAR
_LAW_OF_1987 = 31778
_LAW_OF_2015 = 42003
_MOST = 9
"""Births that a couple may have at most."""
_ROUNDS = ((1, True), (3, True), (6, True), (4, False), (8, False))
"""Widths in years within which wishes are matched, one after the other; within the province, then the region."""
_EDGE = 6
"""Men of the last years of a step are matched narrowly only: many of their wives belong to the next step."""


@dataclass
class Couples:
    """Couples by position, `husband` -1 for a mother alone; `births`: days on which a child may come, 0 for none."""

    wife: Array
    husband: Array
    since: Array
    births: Array

    @classmethod
    def empty(cls) -> "Couples":
        """Return no couple."""
        none = np.zeros(0, np.int64)
        return cls(none, none, none, np.zeros((0, _MOST), np.int64))

    def joined(self, others: "Couples") -> "Couples":
        """Return these and others after them."""
        return Couples(
            np.concatenate([self.wife, others.wife]),
            np.concatenate([self.husband, others.husband]),
            np.concatenate([self.since, others.since]),
            np.concatenate([self.births, others.births]),
        )

    def with_births(self, births: Array) -> "Couples":
        """Return these with the days on which their children may come."""
        return Couples(self.wife, self.husband, self.since, births)


def wed(rng: Rng, people: People, world: Map, today: int) -> Couples:
    """Marry all who can find each other; spouses and wedding days are noted in `people`."""
    wishes = people.born - pick(rng, demography.age_gaps(), len(people))
    province = world.province[people.abode].astype(np.int64)
    region = world.region[province].astype(np.int64) + 100
    newest = int(people.born.max(initial=0))
    last_step = newest > today - demography.SPAN * _YEAR
    waits = (people.born > newest - _EDGE * _YEAR) & (people.sex == 1) & (not last_step)
    wives, husbands = [], []
    for width, near in _ROUNDS:
        free = people.eligible & (people.spouse == NOBODY) & ~(waits & (width > 1))
        women = rng.permutation(np.flatnonzero(free & (people.sex == 2)))
        men = rng.permutation(np.flatnonzero(free & (people.sex == 1)))
        where = (province if near else region) * 64 + people.group
        span = int(width * _YEAR)
        offset = int(rng.integers(0, span))
        key_w = where[women] * 4096 + (wishes[women] + 20_000 + offset) // span
        key_m = where[men] * 4096 + (people.born[men] + 20_000 + offset) // span
        at_w, at_m = _pairs(key_w, key_m)
        wife, husband = women[at_w], men[at_m]
        apart = ~_related(people, wife, husband) & (abs(people.born[wife] - people.born[husband]) < 18 * _YEAR)
        wife, husband = wife[apart], husband[apart]
        people.spouse[wife], people.spouse[husband] = husband, wife
        wives.append(wife)
        husbands.append(husband)
    return _married(rng, people, np.concatenate(wives), np.concatenate(husbands), today)


def _pairs(left: Array, right: Array) -> tuple[Array, Array]:
    """Pair the positions of equal keys, each position once."""
    from_left, from_right = np.argsort(left, kind="stable"), np.argsort(right, kind="stable")
    a, b = left[from_left], right[from_right]
    rank_a = np.arange(len(a)) - np.searchsorted(a, a)
    start = np.searchsorted(b, a)
    end = np.searchsorted(b, a, side="right")
    found = start + rank_a < end
    return from_left[found], from_right[(start + rank_a)[found]]


def _related(people: People, wife: Array, husband: Array) -> Array:
    """Tell which are siblings, cousins, or one the parent of the other. Law: Luật 52/2014/QH13, Điều 5."""
    forebears = [_forebears(people, side) for side in (wife, husband)]
    found = np.zeros(len(wife), np.bool_)
    for one in forebears[0]:
        for other in forebears[1]:
            found |= (one == other) & (one != NOBODY)
    return found


def _forebears(people: People, of: Array) -> list[Array]:
    parents = [people.mother[of], people.father[of]]
    elders = [either(p == NOBODY, NOBODY, side[p]) for p in parents for side in (people.mother, people.father)]
    return [of, *parents, *elders]


def _married(rng: Rng, people: People, wife: Array, husband: Array, today: int) -> Couples:
    """Set wedding days: lawful ones, and before 2015 and 1987 some that a law of today would refuse."""
    size = len(wife)
    age = (pick(rng, demography.wedding_ages(), size) * _YEAR).astype(np.int64) + rng.integers(1, 365, size)
    legal = np.maximum(people.born[wife] + age, people.born[husband] + int(20 * _YEAR) + 2 + rng.integers(0, 700, size))
    early = chance(rng, either(legal < _LAW_OF_1987, 0.3, either(legal < _LAW_OF_2015 - 400, 0.07, 0.0)), size)
    sooner = either(legal < _LAW_OF_1987, rng.integers(30, 1100, size), rng.integers(30, 360, size))
    least = np.maximum(people.born[wife] + int(15.4 * _YEAR), people.born[husband] + int(17 * _YEAR))
    later = np.maximum(people.born[wife] + int(17 * _YEAR) + 2, people.born[husband] + int(19 * _YEAR) + 2)
    least = either(legal < _LAW_OF_1987, least, later)
    day = either(early, np.maximum(legal - sooner, least), legal)
    whole = (day <= today) & (day < people.died[wife]) & (day < people.died[husband])
    for side in (wife, husband):
        people.spouse[side[~whole]] = NOBODY
        people.eligible[side] &= whole | ((people.died[side] > day) & (day <= today))
    wife, husband, day = wife[whole], husband[whole], day[whole]
    people.wedding[wife], people.wedding[husband] = day, day
    return Couples(wife, husband, day, np.zeros((len(wife), _MOST), np.int64))


def single_mothers(rng: Rng, people: People, today: int) -> Couples:
    """Choose women who never marry and have a child or two."""
    grown = (today - people.born) > 25 * _YEAR
    alone = (people.sex == 2) & (people.spouse == NOBODY) & ~people.eligible & grown & (people.wedding == 0)
    wife = np.flatnonzero(alone)
    people.wedding[wife] = -1  # asked once
    wife = wife[chance(rng, 0.28, len(wife))]
    since = people.born[wife] + (19 * _YEAR + rng.integers(0, 4500, len(wife))).astype(np.int64)
    return Couples(wife, np.full(len(wife), NOBODY), since, np.zeros((len(wife), _MOST), np.int64))


def potential_births(rng: Rng, people: People, couples: Couples, today: int) -> Array:
    """Return days on which each couple may have a child, 0 for none: up to the mother's 46th year, while both live."""
    size = len(couples.wife)
    alone = couples.husband == NOBODY
    gaps = rng.integers(420, 1700, (size, _MOST))
    gaps[:, 0] = rng.integers(-60, 900, size) + either(alone, 0, 120)
    days = couples.since[:, None] + np.cumsum(gaps, axis=1)
    last = people.born[couples.wife] + int(46 * _YEAR)
    end = either(alone, people.died[couples.wife], people.died[couples.husband] + 240)
    last = np.minimum(np.minimum(last, end), np.minimum(people.died[couples.wife], today))
    most = either(alone, 2, _sizes(people.born[couples.wife]) + rng.integers(0, 3, size))
    allowed = (days <= last[:, None]) & (np.arange(_MOST) < most[:, None])
    return either(allowed, days, 0)


def _sizes(born: Array) -> Array:
    """Return how many children a family plans, by the mother's day of birth."""
    return np.rint(np.interp(born / _YEAR + 1900, [1945, 1960, 1975, 1990], [7, 5, 2.6, 2.0])).astype(np.int64)
