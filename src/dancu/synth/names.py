"""Names of persons, drawn by people, sex and generation; families pass surnames on."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dancu.synth import words
from dancu.synth.draw import Array, Rng, pick_by, tables_of
from dancu.synth.places import group_keys

_STYLES = (
    "north", "south", "tay", "nung", "thai", "muong", "hmong", "dao", "khome", "hoa", "cham", "raglai",
    "coho", "bana", "hre", "bruvankieu", "cotu", "giarai", "ede", "mnong", "xodang", "xtieng",
)  # fmt: skip
_LIKE = {
    "ma": "coho", "churu": "coho", "gietrieng": "xodang", "romam": "xodang", "brau": "xodang", "co": "hre",
    "taoi": "bruvankieu", "khomu": "thai", "lao": "thai", "xinhmun": "thai", "khang": "thai", "laha": "thai",
    "lu": "thai", "tho": "muong", "giay": "tay", "sanchay": "tay", "lachi": "tay", "sandiu": "dao", "pathen": "dao",
    "hanhi": "hmong", "lolo": "hmong",
}  # fmt: skip
WHOLE = ("coho", "bana", "giarai", "ede", "mnong", "xodang")
"""Peoples whose names are not in the Kinh order: the whole name stands as one."""
_CLAN_LAST = ("ede", "mnong")
_ALONE = ("coho", "bana", "xodang")
_MOTHERS_CLAN = ("giarai", "ede", "mnong", "cham", "coho")
_ERAS = ("old", "mid", "new")
_NOT_SOUTHERN = (0, 1)


def style_of(people: Array, region: Array) -> Array:
    """Return the naming custom of each person: that of the people, of the Kinh also that of the region."""
    table = np.array([_style(key) for key in group_keys()], np.int16)
    styles = table[people]
    southern = ~np.isin(region, _NOT_SOUTHERN)
    return np.where((styles == 0) & southern, 1, styles).astype(np.int16)


def _style(key: str) -> int:
    key = _LIKE.get(key, key)
    return _STYLES.index(key) if key in _STYLES else 0


@cache
def _of_mother() -> Array:
    return np.isin(np.arange(len(_STYLES)), [_STYLES.index(style) for style in _MOTHERS_CLAN])


def follows_mother(style: Array) -> Array:
    """Tell whose clan is the mother's."""
    found: Array = _of_mother()[style]
    return found


@dataclass(frozen=True)
class _Lists:
    surnames: pa.Array
    surname_tables: Array
    middles: pa.Array
    middle_tables: Array
    givens: pa.Array
    given_tables: Array


def _middle_key(style: str, sex: int, era: str) -> str:
    if style in WHOLE or style == "cotu":
        return "none"
    return f"{style}{sex}" if f"{style}{sex}" in words.MIDDLES else f"{era}{sex}"


def _given_key(style: str, sex: int, era: str) -> str:
    style = {"mnong": "ede"}.get(style, style)
    if f"{style}{sex}" in words.GIVENS and (style in WHOLE or era != "new" or style in ("hmong", "cotu")):
        return f"{style}{sex}"
    return f"{era}{sex}"


def _split(key: str) -> list[str]:
    text = words.GIVENS[key]
    return text.split("|") if "|" in text else list(dict.fromkeys(text.split()))


@cache
def lists() -> _Lists:
    """Return the words and the tables to draw them from: by style, and by style, sex and era."""
    surnames = sorted({word for row in words.SURNAMES.values() for word in row} | {""})
    middles = sorted({word for row in words.MIDDLES.values() for word in row})
    givens = sorted({word for key in words.GIVENS for word in _split(key)})
    at_surname = {word: i for i, word in enumerate(surnames)}
    at_middle = {word: i for i, word in enumerate(middles)}
    at_given = {word: i for i, word in enumerate(givens)}
    of_surnames, of_middles, of_givens = [], [], []
    for style in _STYLES:
        row = np.zeros(len(surnames))
        for word, weight in words.SURNAMES.get(style, {"": 1}).items():
            row[at_surname["" if style in _ALONE else word]] += weight
        of_surnames.append(row)
        for sex in (1, 2):
            for era in _ERAS:
                middle, given = np.zeros(len(middles)), np.zeros(len(givens))
                for word, weight in words.MIDDLES[_middle_key(style, sex, era)].items():
                    middle[at_middle[word]] += weight
                for rank, word in enumerate(_split(_given_key(style, sex, era))):
                    given[at_given[word]] += 1 / (rank + 6)
                of_middles.append(middle)
                of_givens.append(given)
    return _Lists(
        _or_null(surnames), tables_of(of_surnames), _or_null(middles), tables_of(of_middles),
        pa.array(givens), tables_of(of_givens),
    )  # fmt: skip


def surnames(rng: Rng, style: Array) -> Array:
    """Draw surnames for those who inherit none."""
    return pick_by(rng, lists().surname_tables, style)


def middle_and_given(rng: Rng, style: Array, sex: Array, birth_year: Array) -> tuple[Array, Array]:
    """Draw middle and given names."""
    era = (birth_year >= 1963).astype(np.int16) + (birth_year >= 1993)
    row = (style.astype(np.int32) * 2 + (sex == 2)) * 3 + era
    return pick_by(rng, lists().middle_tables, row), pick_by(rng, lists().given_tables, row)


@dataclass(frozen=True)
class Names:
    """Names in parts, null where there is no such part, and whole."""

    surname: pa.Array
    middle: pa.Array
    given: pa.Array
    full: pa.Array


def written(style: Array, surname: Array, middle: Array, given: Array) -> Names:
    """Write names as the register keeps them: names that aren't in the Kinh order stand whole in `given`."""
    known = lists()
    first, between, last = (
        values.take(pa.array(codes))
        for values, codes in ((known.surnames, surname), (known.middles, middle), (known.givens, given))
    )
    whole = pa.array(np.isin(style, [_STYLES.index(name) for name in WHOLE]))
    clan_last = pa.array(np.isin(style, [_STYLES.index(name) for name in _CLAN_LAST]))
    ends = (pc.if_else(clan_last, last, first), pc.if_else(clan_last, first, last))
    full = pc.binary_join_element_wise(ends[0], between, ends[1], " ", null_handling="skip")
    nothing = pa.scalar(None, pa.string())
    return Names(
        pc.if_else(whole, nothing, first), pc.if_else(whole, nothing, between), pc.if_else(whole, full, last), full
    )


def _or_null(listed: list[str]) -> pa.Array:
    return pa.array([word or None for word in listed])
