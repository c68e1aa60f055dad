"""From people to the records that an agency would send, and to the truth about them."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dancu.reference.codes import number_places
from dancu.synth import geography, names, texts
from dancu.synth.chosen import Chosen, choose, household_letters
from dancu.synth.draw import Array, Rng, chance, either
from dancu.synth.households import Households
from dancu.synth.lineages import years_of
from dancu.synth.numbers import old_card_numbers, personal_numbers
from dancu.synth.people import NOBODY, People
from dancu.synth.places import Map, group_keys
from dancu.synth.residences import residences

_MERGED_ON = 45837
_ABROAD = (193, 139, 231, 240, 175, 279, 174, 271)
_PHONES = (
    "032",
    "033",
    "035",
    "036",
    "039",
    "056",
    "058",
    "070",
    "077",
    "079",
    "081",
    "085",
    "090",
    "091",
    "097",
    "098",
)


def records(
    rng: Rng, world: Map, people: People, homes: Households, at: Array, *, block: int, seed: int, today: int
) -> tuple[pa.Table, pa.Table]:
    """Return the records of a block as text, and the truth about them."""
    chosen = choose(people, homes, at, today)
    full = names.written(people.style, people.surname, people.middle, people.given)
    key = texts.of_matrix(texts.prefixed(f"SYN-{block:04}-", texts.digits(np.arange(len(at)), 6)))
    numbered = ~chance(rng, 0.0006, len(at))
    abroad = chance(rng, 0.0012, len(at))
    registered = _registered(rng, world, chosen, abroad)
    year = years_of(chosen.of(people.born))
    number = texts.numbers(
        personal_numbers(registered, chosen.of(people.sex), year, block=block, seed=seed), 12, numbered
    )
    columns = {"kind": texts.constant("persons", len(at)), "source_key": key, "personal_number": number}
    columns |= _papers(rng, world, chosen, year)
    columns |= _name_columns(rng, chosen, full)
    columns |= _particulars(rng, world, chosen, year, abroad, registered)
    columns |= _relatives(rng, chosen, full, number)
    columns |= residences(rng, world, chosen, block)
    return pa.table(columns), _truth(chosen, key, block)


def _registered(rng: Rng, world: Map, chosen: Chosen, abroad: Array) -> Array:
    """Return the place of birth registration as the first three digits of a personal number."""
    province = world.province[chosen.of(chosen.people.birthplace)]
    before = np.array([int(code) for code in world.province_codes], np.int32)
    since = chosen.of(chosen.people.born) >= _MERGED_ON
    code = either(since, world.today_province[province], before[province])
    return either(abroad, np.array(_ABROAD)[rng.integers(0, len(_ABROAD), len(code))], code)


def _papers(rng: Rng, world: Map, chosen: Chosen, year: Array) -> dict[str, pa.Array]:
    """Return 9-digit numbers of those who were of age for one before 2016, and passports."""
    size = len(chosen)
    province = world.province[chosen.of(chosen.people.birthplace)]
    prefix = np.array([geography.CMND_PREFIX[code] for code in world.province_codes])[province]
    old = old_card_numbers(rng, prefix)
    old = either(chance(rng, 0.00025, size), np.roll(old, 1), old)
    has_passport = (chosen.age > 3) & chance(rng, 0.06, size)
    passport = texts.prefixed("Q", texts.digits(rng.integers(0, 10**7, size), 7))
    return {
        "cmnd9": texts.numbers(old, 9, (year < 2001) & chance(rng, 0.8, size)),
        "passport": texts.of_matrix(passport, has_passport),
    }


def _name_columns(rng: Rng, chosen: Chosen, full: names.Names) -> dict[str, pa.Array]:
    at = pa.array(chosen.at)
    size = len(chosen)
    other = full.given.take(pa.array(np.roll(chosen.at, 7)))
    alias = pa.array((chosen.age > 45) & chance(rng, 0.012, size))
    given = {part: getattr(full, part).take(at) for part in ("surname", "middle", "given")}
    return given | {"other_name": pc.if_else(alias, other, pa.scalar(None, pa.string()))}


def _particulars(
    rng: Rng, world: Map, chosen: Chosen, year: Array, abroad: Array, registered: Array
) -> dict[str, pa.Array]:
    people, size = chosen.people, len(chosen)
    born = chosen.of(people.born)
    draw = rng.integers(0, 1000, size)
    first_of_year = _new_year(year)
    shown = either((year < 1962) & (draw > 890), first_of_year, born)
    year_only = (year < 1956) & (draw < 220)
    place = chosen.of(people.birthplace)
    title = world.old_first[place] + rng.integers(0, 1 << 16, size) % world.old_count[place]
    countries = {int(p.place): p.name for p in number_places() if p.kind == "country"}
    foreign = texts.words([countries.get(code, "") for code in range(300)], registered, abroad)
    before = texts.words(world.old_titles, title, ~abroad & (born < _MERGED_ON))
    unit = texts.words(world.codes, place, ~abroad)
    stateless, unsettled = chance(rng, 0.0004, size), chance(rng, 0.0008, size)
    origin_abroad = unsettled & chance(rng, 0.5, size)
    nation = either(stateless, 1, 0)
    ages = chosen.age
    return {
        "born": texts.days(shown, None, year_only),
        "sex": texts.words(["", "1", "2"], chosen.of(people.sex)),
        "birth_place_unit": unit,
        "birth_place_text": pc.coalesce(foreign, before),
        "birth_registration_unit": unit,
        "origin_unit": texts.words(world.codes, chosen.of(people.origin)),
        "ethnicity": texts.words([str(101 + i) for i in range(55)], chosen.of(people.group)),
        "religion": texts.words([str(i) for i in range(17)], _beliefs(chosen)),
        "nationality": texts.words(["VNM", "XXA"], nation, ~unsettled),
        "subject": texts.words(["1", "2"], either(origin_abroad, 1, 0)),
        "blood": texts.words(["1", "2", "3", "4"], _blood(rng, size), chance(rng, 0.35, size)),
        "marital": texts.words([str(i) for i in range(5)], chosen.of(chosen.homes.marital)),
        "phone": texts.of_matrix(
            _phone_letters(rng, size), chosen.alive & (ages >= 14) & chance(rng, 0.78, size)
        ),
        "email": texts.of_matrix(
            _emails(rng, size), chosen.alive & (ages >= 16) & (ages < 60) & chance(rng, 0.06, size)
        ),
        "died_on": texts.days(chosen.of(people.died), ~chosen.alive),
    }  # fmt: skip


def _new_year(year: Array) -> Array:
    starts: Array = (
        (year - 1970).astype("datetime64[Y]").astype("datetime64[D]") - np.datetime64("1900-01-01")
    ).astype(np.int64)
    return starts


def _beliefs(chosen: Chosen) -> Array:
    belief = chosen.of(chosen.people.belief).astype(np.int64)
    group = chosen.of(chosen.people.group)
    for key, code in geography.BELIEFS_OF.items():
        belief[group == group_keys().index(key)] = code
    return belief


def _blood(rng: Rng, size: int) -> Array:
    return np.array([3] * 9 + [1] * 6 + [0] * 4 + [2])[rng.integers(0, 20, size)]


def _phone_letters(rng: Rng, size: int) -> Array:
    prefix = np.array([int(p) for p in _PHONES])[rng.integers(0, len(_PHONES), size)]
    return texts.digits(prefix * 10**7 + rng.integers(0, 10**7, size), 10)


def _emails(rng: Rng, size: int) -> Array:
    before = texts.prefixed("nguoi", texts.digits(rng.integers(0, 10**8, size), 8))
    after = np.broadcast_to(np.frombuffer(b"@thu.example", np.uint8), (size, 12))
    return np.concatenate([before, after], axis=1)


def _relatives(rng: Rng, chosen: Chosen, full: names.Names, number: pa.Array) -> dict[str, pa.Array]:
    people, size = chosen.people, len(chosen)
    columns: dict[str, pa.Array] = {}
    for role, sex in (("father", 1), ("mother", 2)):
        of = chosen.of(getattr(people, role))
        known = of != NOBODY
        row = either(known, chosen.row[of], NOBODY)
        both_unknown = chosen.of(people.mother) == NOBODY
        named = both_unknown & (chosen.age > 20) & chance(rng, 0.9, size)
        columns[f"{role}_name"] = pc.if_else(
            pa.array(known), full.full.take(pa.array(of, mask=~known)), _elsewhere(rng, chosen, sex, named)
        )
        columns[f"{role}_number"] = number.take(pa.array(row, mask=row == NOBODY))
        tells = known & chance(rng, 0.4, size)
        columns[f"{role}_born"] = texts.days(people.born[of], tells, np.ones(size, np.bool_))
    spouse = chosen.of(people.spouse)
    has = (chosen.of(chosen.homes.marital) == 2) & (spouse != NOBODY)
    position = pa.array(spouse, mask=~has)
    row = either(has, chosen.row[spouse], NOBODY)
    for part in ("surname", "middle", "given"):
        columns[f"spouse_{part}"] = getattr(full, part).take(position)
    columns["spouse_number"] = number.take(pa.array(row, mask=row == NOBODY))
    columns["spouse_born"] = texts.days(people.born[spouse], has, np.ones(size, np.bool_))
    columns["married_on"] = texts.days(chosen.of(people.wedding), has)
    head = chosen.row[chosen.of(chosen.homes.head)]
    headed = chosen.alive & (head != NOBODY)
    columns["head_name"] = full.full.take(pa.array(chosen.of(chosen.homes.head), mask=~headed))
    columns["head_number"] = number.take(pa.array(head, mask=~headed))
    return columns


def _elsewhere(rng: Rng, chosen: Chosen, sex: int, named: Array) -> pa.Array:
    """Return names of parents of whom there is no record and no more than a name."""
    style, size = chosen.of(chosen.people.style), len(chosen)
    which = np.flatnonzero(named)
    of = style[which]
    middle, given = names.middle_and_given(rng, of, np.full(len(which), sex, np.int8), np.full(len(which), 1920))
    clan = chosen.of(chosen.people.surname)[which] if sex == 1 else names.surnames(rng, of)
    written = names.written(of, clan, middle, given).full
    place = np.full(size, NOBODY)
    place[which] = np.arange(len(which))
    return written.take(pa.array(place, mask=~named))


def _truth(chosen: Chosen, key: pa.Array, block: int) -> pa.Table:
    people = chosen.people
    columns = {"source_key": key, "household": _household_keys(chosen, block)}
    for role, column in (("father", people.father), ("mother", people.mother), ("spouse", people.spouse)):
        of = chosen.of(column)
        row = either(of != NOBODY, chosen.row[of], NOBODY)
        columns[role] = key.take(pa.array(row, mask=row == NOBODY))
    columns["born"] = texts.days(chosen.of(people.born))
    return pa.table(columns)


def _household_keys(chosen: Chosen, block: int) -> pa.Array:
    return texts.of_matrix(household_letters(chosen.house, block), chosen.alive)
