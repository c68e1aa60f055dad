"""Where each person is registered and where each really lives."""

from functools import cache

import numpy as np
import pyarrow as pa

from dancu.synth import texts, words
from dancu.synth.chosen import Chosen, household_letters
from dancu.synth.demography import DAYS_OF_YEAR
from dancu.synth.draw import Array, Rng, chance, either, pick_by
from dancu.synth.places import Map

_HOUSES = 300
_HAMLET_WORDS = ("Bản", "Thôn", "Thôn", "Buôn", "Ấp", "Ấp")
"""What a hamlet is called, by region."""


@cache
def _streets() -> pa.Array:
    return pa.array(
        [f"Số {house} đường {street}" for street in words.STREETS.split("|") for house in range(1, _HOUSES + 1)]
    )


@cache
def _hamlets() -> pa.Array:
    ends = [*words.HAMLET_NAMES.split("|"), *map(str, range(1, 15))]
    return pa.array([f"{word} {end}" for word in _HAMLET_WORDS for end in ends])


@cache
def _all_addresses() -> pa.Array:
    return pa.concat_arrays([_streets(), _hamlets()])


@cache
def _lodgings() -> pa.Array:
    return pa.array([f"Nhà trọ số {n}, tổ {t}" for n in range(1, 200) for t in range(1, 21)])


def _addresses(world: Map, place: Array, lot: Array, given: Array) -> pa.Array:
    """Return an address in each place; the same lot in the same place has the same one."""
    streets, hamlets, whole = _streets(), _hamlets(), _all_addresses()
    each = len(hamlets) // len(_HAMLET_WORDS)
    region = world.region[world.province[place]].astype(np.int64)
    rural = region * each + lot % each
    return whole.take(pa.array(either(world.urban[place], lot % len(streets), len(streets) + rural), mask=~given))


def residences(rng: Rng, world: Map, chosen: Chosen, block: int) -> dict[str, pa.Array]:
    """Return the columns of permanent residence, temporary residence, current abode and household."""
    people, homes, size = chosen.people, chosen.homes, len(chosen)
    root = chosen.of(homes.root)
    home = people.abode[root]
    nowhere = chosen.alive & (homes.root == np.arange(len(people)))[chosen.at] & (chosen.age > 20)
    nowhere &= (np.bincount(homes.root[people.died > chosen.today], minlength=len(people)) == 1)[root]
    nowhere &= chance(rng, 0.03, size)
    registered = ~nowhere
    lot = rng.integers(0, 1 << 20, len(people))
    away, target, since = _movers(rng, world, chosen, root, home)
    away &= registered
    unregistered = chosen.alive & registered & ~away & (chosen.age > 15) & chance(rng, 0.012, size)
    elsewhere = world.commune_in(rng, world.province[home])
    current = either(away, target, either(unregistered, elsewhere, home))
    has_current = away | unregistered | nowhere
    until = since + 730
    own_lot = lot[chosen.at]
    lodging = own_lot % len(_lodgings())
    return {
        "permanent_unit": texts.words(world.codes, home, registered),
        "permanent_address": _addresses(world, home, lot[root], registered),
        "permanent_since": texts.days(_since(rng, chosen, home), registered),
        "temporary_unit": texts.words(world.codes, target, away),
        "temporary_address": texts.words(_lodgings(), lodging, away),
        "temporary_since": texts.days(since, away),
        "temporary_until": texts.days(until, away),
        "current_unit": texts.words(world.codes, current, has_current),
        "current_address": texts.words(_lodgings(), lodging, has_current),
        "current_since": texts.days(since, has_current),
        "unit_day": texts.days(np.full(size, chosen.today)),
        "household_no": texts.of_matrix(household_letters(chosen.house, block), chosen.alive & registered),
        "relation": texts.words([str(i) for i in range(12)], chosen.of(homes.relation), chosen.alive & registered),
    }


def _movers(rng: Rng, world: Map, chosen: Chosen, root: Array, home: Array) -> tuple[Array, Array, Array]:
    """Return who lives elsewhere for a time, where, and since when: the single on their own, families together."""
    people, size = chosen.people, len(chosen)
    root_age = (chosen.today - people.born[root]) / DAYS_OF_YEAR
    family = chance(rng, 0.06, len(people))[root] & (root_age < 48) & (chosen.age < 60)
    single = (chosen.of(people.spouse) < 0) & (chosen.age > 17) & (chosen.age < 36) & chance(rng, 0.31, size)
    region = world.region[world.province[home]]
    of_root = world.commune_in(rng, pick_by(rng, world.towards, world.region[world.province[people.abode]]))
    own = world.commune_in(rng, pick_by(rng, world.towards, region))
    target = either(family, of_root[root], own)
    since_root = rng.integers(30, 690, len(people))
    since = chosen.today - either(family, since_root[root], rng.integers(30, 690, size))
    since = np.maximum(since, chosen.of(people.born))
    away = chosen.alive & (family | single) & (target != home)
    return away, target, since


def _since(rng: Rng, chosen: Chosen, home: Array) -> Array:
    """Return the first day of permanent residence: of birth, of marriage, or of coming to the place."""
    people, size = chosen.people, len(chosen)
    born = chosen.of(people.born).astype(np.int64)
    native = (chosen.of(people.birthplace) == home) | (chosen.age < 20)
    wedding = chosen.of(people.wedding)
    married = (wedding > 0) & (chosen.of(people.spouse) >= 0)
    came = either(
        native & ~(married & (chosen.of(people.sex) == 2)),
        born + rng.integers(0, 60, size),
        either(married, wedding + rng.integers(0, 200, size), born + rng.integers(7000, 9500, size)),
    )
    last = np.minimum(chosen.of(people.died), chosen.today)
    return np.maximum(np.minimum(came, last), born)
