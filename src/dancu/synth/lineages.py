"""Families over a century: who was born to whom, who married whom, who died when.

A block is made in steps of 15 years of birth. Nobody younger than 15 has a child, so when a step is made,
all its parents are there. Of the births that couples may have, as many become people as a pyramid of ages
needs; the first two steps have no parents in the block. Those who died long ago are made too:
they give their children names and places, and get no record.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from dancu.synth import demography, names
from dancu.synth.couples import Couples, potential_births, single_mothers, wed
from dancu.synth.draw import Array, Rng, chance, either, pick_by, spread
from dancu.synth.people import NOBODY, People
from dancu.synth.places import Map

_FOUNDING_STEPS = 2
_TWINS = 0.011


@dataclass(frozen=True)
class _Births:
    mother: Array
    father: Array
    day: Array
    place: Array


def lineages(rng: Rng, world: Map, *, living: float, today: int) -> People:
    """Make all the people of a block, the dead of long ago too, in order of steps.

    Args:
        living: how many should live on the day.
        today: the day, in days since 1900-01-01.
    """
    wanted = demography.living() * demography.born_for_each_living() * living
    people = People.empty()
    couples = Couples.empty()
    for step in range(demography.STEPS):
        youngest = demography.OLDEST - (step + 1) * demography.SPAN
        needed = np.rint(wanted[youngest : youngest + demography.SPAN]).astype(np.int64)
        births = _births(rng, couples, people, needed, youngest, today) if step >= _FOUNDING_STEPS else None
        people = people.joined(_newborn(rng, world, people, needed, youngest, today, births))
        found = wed(rng, people, world, today)
        found = found.joined(single_mothers(rng, people, today))
        couples = couples.joined(found.with_births(potential_births(rng, people, found, today)))
    return people


def _births(rng: Rng, couples: Couples, people: People, needed: Array, youngest: int, today: int) -> _Births:
    """Choose, for each year of age, as many of the possible births as are needed, first children before others."""
    last = today - int(youngest * demography.DAYS_OF_YEAR) - 1
    first_day = today - int((youngest + demography.SPAN) * demography.DAYS_OF_YEAR) + 1
    slot = np.flatnonzero((couples.births >= first_day) & (couples.births <= last))
    day = couples.births.ravel()[slot]
    couple, number = np.divmod(slot, couples.births.shape[1])
    age = ((today - day) / demography.DAYS_OF_YEAR).astype(np.int64) - youngest
    liking = number * 1000 + rng.integers(0, 2200, len(couple))
    order = np.lexsort((liking, age))
    first = np.searchsorted(age[order], np.arange(demography.SPAN))
    rank = np.arange(len(order)) - first[age[order]]
    chosen = order[rank < needed[age[order]]]
    chosen = _with_twins(rng, chosen)
    mother, father = couples.wife[couple[chosen]], couples.husband[couple[chosen]]
    place = either(father != NOBODY, people.abode[father], people.abode[mother])
    return _Births(mother, father, day[chosen], place)


def _with_twins(rng: Rng, chosen: Array) -> Array:
    """Let some births be of two children, and as many others not be."""
    twins = int(len(chosen) * _TWINS)
    mixed = rng.permutation(chosen)
    return np.sort(np.concatenate([mixed[twins:], mixed[len(mixed) - twins :]]))


def _newborn(
    rng: Rng, world: Map, people: People, needed: Array, youngest: int, today: int, births: _Births | None
) -> People:
    total = int(needed.sum())
    told = 0 if births is None else len(births.day)
    lacking = max(0, total - told) if births is None else _founders_lacking(needed, births, youngest, today)
    ages = rng.choice(np.repeat(np.arange(demography.SPAN), needed), lacking) + youngest if lacking else np.zeros(0)
    founded = today - ((ages + rng.integers(0, 1000, lacking) / 1000) * demography.DAYS_OF_YEAR).astype(np.int64)
    family_place = world.commune_in(rng, spread(rng, world.homes, lacking))
    day, place = founded, family_place
    mother = father = np.full(lacking, NOBODY)
    if births is not None:
        day, place = np.concatenate([births.day, founded]), np.concatenate([births.place, family_place])
        mother, father = np.concatenate([births.mother, mother]), np.concatenate([births.father, father])
    size = len(day)
    year = years_of(day)
    sex = either(rng.integers(0, 1000, size) < demography.boys_of_thousand(year), 1, 2).astype(np.int8)
    lifetime = rng.integers(0, 65536, size, dtype=np.uint16)
    lived = either(sex == 1, demography.days_lived(1)[lifetime], demography.days_lived(2)[lifetime])
    home = world.province[place]
    group, belief, origin = _inherited(rng, world, people, father, mother, place)
    style = names.style_of(group, world.region[home])
    clan = _clans(rng, people, father, mother, style)
    middle, given = names.middle_and_given(rng, style, sex, year)
    return People(
        born=day.astype(np.int32), died=(day + lived).astype(np.int32), sex=sex, mother=mother, father=father,
        birthplace=place, abode=_abodes(rng, world, place), origin=origin, group=group, belief=belief,
        style=style, surname=clan, middle=middle, given=given, spouse=np.full(size, NOBODY),
        wedding=np.zeros(size, np.int32), eligible=chance(rng, 0.965, size),
    )  # fmt: skip


def _founders_lacking(needed: Array, births: _Births, youngest: int, today: int) -> int:
    age = ((today - births.day) / demography.DAYS_OF_YEAR).astype(np.int64) - youngest
    there = np.bincount(np.clip(age, 0, demography.SPAN - 1), minlength=demography.SPAN)
    return int(np.maximum(needed - there, 0).sum())


def _abodes(rng: Rng, world: Map, place: Array) -> Array:
    """Return where each will live as an adult: in the home commune, near it, or in another province."""
    province = world.province[place]
    leaves = chance(rng, world.leaving[province], len(place))
    target = either(leaves, pick_by(rng, world.towards, world.region[province]), province)
    near = chance(rng, 0.22, len(place)) | leaves
    return either(near, world.commune_in(rng, target), place).astype(np.int16)


def _inherited(
    rng: Rng, world: Map, people: People, father: Array, mother: Array, place: Array
) -> tuple[Array, Array, Array]:
    """Return people, belief and place of origin: the father's, else the mother's, else those of the place."""
    size = len(place)
    province = world.province[place]
    group = pick_by(rng, world.peoples, province)
    belief = pick_by(rng, world.beliefs, world.region[province])
    origin = place.copy()
    if len(people):
        source = either(father != NOBODY, father, mother)
        known = source != NOBODY
        group = either(known, people.group[source], group)
        belief = either(known & ~chance(rng, 0.03, size), people.belief[source], belief)
        origin = either(known, people.origin[source], origin)
    return group.astype(np.int16), belief.astype(np.int8), origin.astype(np.int16)


def _clans(rng: Rng, people: People, father: Array, mother: Array, style: Array) -> Array:
    """Return surnames: the father's, the mother's where there is no father or where the custom is so."""
    drawn = names.surnames(rng, style)
    if not len(people):
        return drawn
    maternal = names.follows_mother(style)
    source = either((father == NOBODY) | (maternal & (mother != NOBODY)), mother, father)
    return either((source != NOBODY) & ~chance(rng, 0.008, len(style)), people.surname[source], drawn).astype(np.int16)


_EPOCH = np.datetime64("1900-01-01")


def years_of(day: Array) -> Array:
    """Return the calendar years of days since 1900-01-01."""
    years: Array = (_EPOCH + day.astype(np.int64)).astype("datetime64[Y]").astype(np.int64) + 1970
    return years


def day_number(day: date) -> int:
    """Return the day as days since 1900-01-01."""
    return (day - date(1900, 1, 1)).days
