"""The people of a block: households of several generations, drawn column by column.

Every block has a generator of its own, seeded by (seed, block), so any part of a nation can be made alone.
Shares of ages, household sizes, sexes at birth and moves follow the orders of magnitude of UN WPP 2024 and of the
2019 census of Vietnam; nothing of a real person is in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dancu.synth import names
from dancu.synth.numbers import cmnd9, personal_numbers
from dancu.synth.places import Map, the_map

BLOCK = 100_000
TODAY = date(2026, 11, 1)
_YEAR = 2026

Array = npt.NDArray[Any]
HEAD, SPOUSE, CHILD, PARENT = 1, 2, 3, 4


@dataclass
class People:
    """Columns of a block; rows of one household stand together, the head first.

    `father`, `mother`, `spouse`: positions in the block, -1 for nobody.
    """

    household: Array
    relation: Array
    sex: Array
    age: Array
    father: Array
    mother: Array
    spouse: Array
    commune: Array

    def __len__(self) -> int:
        return len(self.sex)


def nation(people: int, seed: int) -> Iterator[pa.Table]:
    """Yield a nation in blocks of at most 100,000 people, each value as text; the same for the same arguments."""
    for block in range(-(-people // BLOCK)):
        yield block_of(min(BLOCK, people - block * BLOCK), seed, block)


def block_of(size: int, seed: int, block: int) -> pa.Table:
    """Return one block of a nation."""
    rng = np.random.Generator(np.random.PCG64([seed, block]))
    world = the_map(TODAY)
    return _told(rng, world, _families(rng, world, size), block)


def _families(rng: np.random.Generator, world: Map, size: int) -> People:
    """Draw households until the block is full; the last one may be cut short."""
    count = size // 2 + 10
    head_sex = _either(rng.random(count) < 0.74, 1, 2).astype(np.int8)
    head_age = np.clip(rng.gamma(6.5, 7.6, count), 19, 98).astype(np.int32)
    married = rng.random(count) < np.interp(head_age, [19, 24, 30, 45, 70, 98], [0.05, 0.35, 0.8, 0.86, 0.6, 0.2])
    spouse_age = np.maximum(19, head_age + _either(head_sex == 1, -1, 1) * rng.integers(-2, 7, count))
    parental = married | ((head_sex == 2) & (rng.random(count) < 0.22))
    children = _either(parental, rng.poisson(np.interp(head_age, [19, 25, 35, 55, 80], [0.3, 1.2, 2.0, 1.9, 0.9])), 0)
    with_parent = (head_age < 62) & (rng.random(count) < 0.24)
    sizes = 1 + married + children + with_parent
    ends = np.cumsum(sizes)
    kept = int(np.searchsorted(ends, size)) + 1
    starts = (ends - sizes)[:kept]
    total = int(ends[kept - 1])
    household = np.repeat(np.arange(kept), sizes[:kept])
    place = np.arange(total) - starts[household]
    m, c = married[:kept][household], children[:kept][household]
    relation = _either(place == 0, HEAD, _either(m & (place == 1), SPOUSE, CHILD)).astype(np.int8)
    relation[place >= 1 + m + c] = PARENT
    sex = _either(rng.random(total) < 111 / 211, 1, 2).astype(np.int8)
    head = starts[household]
    sex[relation == HEAD] = head_sex[:kept]
    is_spouse = relation == SPOUSE
    sex[is_spouse] = 3 - sex[head[is_spouse]]
    age = np.zeros(total, np.int32)
    age[relation == HEAD] = head_age[:kept]
    age[is_spouse] = spouse_age[:kept][household[is_spouse]]
    spouse = np.full(total, -1)
    spouse[is_spouse] = head[is_spouse]
    spouse[head[is_spouse]] = np.flatnonzero(is_spouse)
    mother_of_house, father_of_house = _parents(sex, spouse, starts)
    people = People(household, relation, sex, age, np.full(total, -1), np.full(total, -1), spouse, head)
    _children(rng, people, mother_of_house, father_of_house)
    _elders(rng, people, head)
    people.commune = rng.choice(len(world.codes), kept, p=world.weights)[household]
    return _cut(people, size)


def _parents(sex: Array, spouse: Array, starts: Array) -> tuple[Array, Array]:
    """Of each household, the positions of the woman and the man of the head's generation, -1 where there is none."""
    other = spouse[starts]
    mother = _either(sex[starts] == 2, starts, other)
    father = _either(sex[starts] == 1, starts, other)
    return mother, father


def _children(rng: np.random.Generator, people: People, mother: Array, father: Array) -> None:
    is_child = people.relation == CHILD
    house = people.household[is_child]
    of_mother, of_father = mother[house], father[house]
    oldest = _either(of_mother >= 0, people.age[of_mother], people.age[of_father])
    most = np.minimum(oldest - 18, 45)
    least = np.maximum(oldest - 45, 0)
    born_at = np.clip(rng.normal(27.5, 5.0, len(house)), 18, 44).astype(np.int32)
    people.age[is_child] = np.clip(oldest - born_at, least, np.maximum(least, most))
    known = rng.random(len(house)) >= 0.02
    people.mother[is_child] = of_mother
    people.father[is_child] = _either(known, of_father, -1)


def _elders(rng: np.random.Generator, people: People, head: Array) -> None:
    is_elder = people.relation == PARENT
    of = head[is_elder]
    people.sex[is_elder] = _either(rng.random(len(of)) < 0.3, 1, 2)
    people.age[is_elder] = np.minimum(people.age[of] + rng.integers(19, 38, len(of)), 104)
    elders = np.flatnonzero(is_elder)
    women = people.sex[is_elder] == 2
    people.mother[of[women]] = elders[women]
    people.father[of[~women]] = elders[~women]


def _cut(people: People, size: int) -> People:
    columns = {name: column[:size] for name, column in vars(people).items()}
    for name in ("father", "mother", "spouse"):
        columns[name] = _either(columns[name] >= size, -1, columns[name])
    return People(**columns)


def _either(condition: Array, yes: object, no: object) -> Array:
    """Choose element by element; None is a value."""
    return np.where(condition, np.asarray(yes), np.asarray(no))


# What each person tells ------------------------------------------------------------------------------------------


def _told(rng: np.random.Generator, world: Map, people: People, block: int) -> pa.Table:
    size = len(people)
    year, month, day = _birthdays(rng, people)
    home = world.province[people.commune]
    birth_province = _birth_provinces(rng, world, people, home)
    ethnic = _ethnic(rng, world, people, birth_province)
    registered = _old_province(rng, world, birth_province)
    name = _names(rng, people, ethnic, year)
    numbered = rng.random(size) > 0.0006
    number = personal_numbers(registered, people.sex, year, block)
    born = _born_texts(rng, year, month, day)
    died = _deaths(rng, people)
    alive = np.array([day is None for day in died])
    texts: dict[str, Array] = {
        "source_key": np.array([f"SYN-{block:04}-{i:06}" for i in range(size)], object),
        "personal_number": _either(numbered, number, None),
        "cmnd9": _either((year < 2001) & (rng.random(size) < 0.62), cmnd9(rng, registered, size), None),
        "surname": name.surname,
        "middle": name.middle,
        "given": name.given,
        "born": born,
        "sex": people.sex.astype(str).astype(object),
        "birth_place_unit": _commune_in(rng, world, birth_province),
        "ethnicity": ethnic.astype(str).astype(object),
        "religion": _religion(rng, size),
        "nationality": _either(rng.random(size) < 0.0004, "XXA", "VNM").astype(object),
        "marital": _marital(rng, people).astype(str).astype(object),
        "relation": people.relation.astype(str).astype(object),
        "household_no": np.array([f"SYN{block:04}{h:06}" for h in people.household], object),
        "phone": _either((people.age >= 15) & (rng.random(size) < 0.7), _phones(rng, size), None),
        "died_on": died,
        "unit_day": np.full(size, TODAY.isoformat(), object),
    }
    texts["birth_registration_unit"] = texts["birth_place_unit"]
    texts["subject"] = _either(rng.random(size) < 0.0003, "2", "1").astype(object)
    texts |= _relatives(rng, people, name, texts["personal_number"], ethnic)
    texts |= _residences(rng, world, people, alive)
    return pa.table({column: pa.array(values, pa.string()) for column, values in texts.items()})


def _birthdays(rng: np.random.Generator, people: People) -> tuple[Array, Array, Array]:
    # Everybody has had this year's birthday or not: the year follows from age on the day of the files.
    month = rng.integers(1, 13, len(people))
    day = rng.integers(1, 29, len(people))
    had = (month < TODAY.month) | ((month == TODAY.month) & (day <= TODAY.day))
    return (_YEAR - people.age - ~had).astype(np.int32), month, day


def _born_texts(rng: np.random.Generator, year: Array, month: Array, day: Array) -> Array:
    """Whole dates; of the old, some know the year only, and some papers say the first of January."""
    whole = _days(year, month, day)
    draw = rng.random(len(year))
    only_year = (year < 1956) & (draw < 0.22)
    first = (year < 1962) & (draw > 0.9)
    years = year.astype(str).astype(object)
    return _either(only_year, years, _either(first, years + "-01-01", whole))


def _days(year: Array, month: Array, day: Array) -> Array:
    return np.array([f"{y:04}-{m:02}-{d:02}" for y, m, d in zip(year, month, day, strict=True)], object)


def _birth_provinces(rng: np.random.Generator, world: Map, people: People, home: Array) -> Array:
    """Most were born where they live; people move to the cities, and their children are born there."""
    lured = world.lure[home] > 0.02
    away = rng.random(len(people)) < _either(people.age < 18, 0.04, _either(lured, 0.34, 0.07))
    shares = np.bincount(world.province, world.weights)
    elsewhere = rng.choice(len(world.provinces), len(people), p=shares / shares.sum())
    return _either(away, elsewhere, home)


def _ethnic(rng: np.random.Generator, world: Map, people: People, birth_province: Array) -> Array:
    """Households are of one people, as their head's birth province has them."""
    starts = np.flatnonzero(people.relation == HEAD)
    draw = rng.random(len(starts))
    of_house = np.full(int(people.household[-1]) + 1, names.KINH, np.int16)
    for province in range(len(world.provinces)):
        low = 0.0
        here = birth_province[starts] == province
        for group, share in world.ethnic_groups(province):
            chosen = here & (draw >= low) & (draw < low + share)
            of_house[people.household[starts[chosen]]] = group
            low += share
    return of_house[people.household]


def _old_province(rng: np.random.Generator, world: Map, province: Array) -> Array:
    """The province of the 63-province era whose code the personal number bears."""
    drawn = rng.random(len(province))
    registered = np.zeros(len(province), np.int32)
    for index, olds in enumerate(world.old_provinces):
        chosen = province == index
        pool = np.array(olds, np.int32)
        registered[chosen] = pool[(drawn[chosen] * len(pool)).astype(int)]
    return registered


def _commune_in(rng: np.random.Generator, world: Map, province: Array) -> Array:
    low, high = world.starts[province], world.ends[province]
    texts: Array = world.texts[low + (rng.random(len(province)) * (high - low)).astype(int)]
    return texts


def _names(rng: np.random.Generator, people: People, ethnic: Array, year: Array) -> names.Names:
    surname = names.surnames(rng, ethnic)
    # Children bear the surname of their father, else of their mother; so does the head of an elder's.
    for role in ("mother", "father"):
        of: Array = getattr(people, role)
        for _ in range(2):
            surname = _either((of >= 0) & (surname[of] != ""), surname[of], surname)
    middle, given = names.given_names(rng, ethnic, people.sex, year)
    return names.Names(surname, middle, given)


def _marital(rng: np.random.Generator, people: People) -> Array:
    alone = people.spouse < 0
    past = _either(rng.random(len(people)) < np.interp(people.age, [25, 45, 80], [0.02, 0.12, 0.85]), 4, 1)
    past = _either((past == 4) & (people.age < 50), 3, past)
    return _either(alone, _either(people.age >= 22, past, 1), 2)


def _religion(rng: np.random.Generator, size: int) -> Array:
    draw = rng.random(size)
    return np.select([draw < 0.045, draw < 0.105, draw < 0.12], ["1", "2", "5"], "0").astype(object)


def _phones(rng: np.random.Generator, size: int) -> Array:
    prefix = np.array(["090", "091", "097", "098", "035", "070", "081"], object)[rng.integers(0, 7, size)]
    phones: Array = prefix + np.array([f"{n:07}" for n in rng.integers(0, 10**7, size)], object)
    return phones


def _deaths(rng: np.random.Generator, people: People) -> Array:
    """Some of the old died lately; nobody who heads a household here, so that none is left without one."""
    risk = _either((people.relation == PARENT) & (people.age > 65), 0.06, 0.0)
    dead = rng.random(len(people)) < risk
    days = np.array([f"2026-{m:02}-{d:02}" for m in range(1, 10) for d in range(1, 29)], object)
    return _either(dead, days[rng.integers(0, len(days), len(people))], None)


def _relatives(
    rng: np.random.Generator, people: People, name: names.Names, number: Array, ethnic: Array
) -> dict[str, Array]:
    """Names and numbers of parents and spouse, where they stand in the block; of others, names only."""
    full = name.full
    texts: dict[str, Array] = {}
    for role, sex in (("father", 1), ("mother", 2)):
        of: Array = getattr(people, role)
        genders = np.full(len(people), sex, np.int8)
        middle, given = names.given_names(rng, ethnic, genders, np.full(len(people), 1950, np.int32))
        clan = name.surname if sex == 1 else names.surnames(rng, ethnic)
        elsewhere = names.Names(clan, middle, given).full
        told = (people.relation != CHILD) & (rng.random(len(people)) < 0.85)
        texts[f"{role}_name"] = _either(of >= 0, full[of], _either(told, elsewhere, None))
        texts[f"{role}_number"] = _either(of >= 0, number[of], None)
    spouse = people.spouse
    pair = np.minimum(np.arange(len(people)), _either(spouse >= 0, spouse, np.arange(len(people))))
    lot = rng.random(len(people))[pair]
    youngest = np.minimum(people.age, _either(spouse >= 0, people.age[spouse], people.age))
    year = _YEAR - youngest + np.minimum(20 + (lot * 9).astype(int), np.maximum(youngest - 1, 20))
    year = np.minimum(year, 2025)
    wedding = _days(year, 1 + (lot * 997).astype(int) % 12, 1 + (lot * 7919).astype(int) % 28)
    has = spouse >= 0
    for part in ("surname", "middle", "given"):
        texts[f"spouse_{part}"] = _either(has, getattr(name, part)[spouse], None)
    texts["spouse_number"] = _either(has, number[spouse], None)
    texts["married_on"] = _either(has, wedding, None)
    return texts


_STREETS = (
    "Lê Lợi",
    "Trần Hưng Đạo",
    "Nguyễn Huệ",
    "Hai Bà Trưng",
    "Quang Trung",
    "Lý Thường Kiệt",
    "30 tháng 4",
)


def _residences(rng: np.random.Generator, world: Map, people: People, alive: Array) -> dict[str, Array]:
    size = len(people)
    lot = rng.random(int(people.household[-1]) + 1)[people.household]
    urban = world.urban[people.commune]
    streets: Array = np.array(_STREETS, object)
    street = streets[(lot * len(_STREETS)).astype(int)]
    house = (1 + (lot * 9973) % 400).astype(int).astype(str).astype(object)
    hamlet = (1 + (lot * 7919) % 14).astype(int).astype(str).astype(object)
    address = _either(urban, house + " đường " + street, "Thôn " + hamlet)
    since = np.minimum(2025, _YEAR - np.minimum(people.age, 2 + (lot * 24).astype(int)))
    homeless = rng.random(size) < 0.001
    texts: dict[str, Array] = {
        "permanent_unit": _either(homeless, None, world.texts[people.commune]),
        "permanent_address": _either(homeless, None, address),
        "permanent_since": _either(homeless, None, since.astype(str).astype(object) + "-06-01"),
    }
    moved = alive & ~homeless & (people.age >= 17) & (people.age < 45) & (people.relation == CHILD)
    moved &= rng.random(size) < 0.38
    target = _commune_in(rng, world, rng.choice(len(world.provinces), size, p=world.lure))
    months = rng.integers(1, 11, size)
    texts["temporary_unit"] = _either(moved, target, None)
    texts["temporary_address"] = _either(moved, "Nhà trọ " + house, None)
    texts["temporary_since"] = _either(moved, np.array([f"2026-{m:02}-10" for m in months], object), None)
    texts["temporary_until"] = _either(moved, np.array([f"2028-{m:02}-10" for m in months], object), None)
    return texts
