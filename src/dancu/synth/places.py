"""Where people are born and live: today's communes, each with the province of the 63-province era it lies in."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from dancu.reference.codes import EthnicScheme, ethnic_groups
from dancu.reference.model import Level, Unit
from dancu.reference.units import unit_index
from dancu.synth import geography
from dancu.synth.draw import Array, Rng, pick_by, table_of, tables_of

_LAST_OF_63 = date(2025, 6, 30)
_GENERATIONS = (0.02, 0.10, 0.26, 0.36, 0.26)
"""How much of the living stand 0, 1, ... 4 moves away from the first known ancestors, roughly."""


@dataclass(frozen=True)
class Map:
    """Communes of a day in order of province and code; provinces are those of the 63-province era in order of code.

    Args:
        codes: codes of the communes.
        urban: whether it is a phường.
        province: index of the old province of each commune.
        region: index of the region of each old province.
        old_titles: titles of old communes with district and province, as a birth certificate writes them.
        old_first, old_count: which of the old titles went into each commune.
        communes: for each old province, a table of its communes.
        homes: a table of the old provinces in which families begin.
        leaving: for each old province, the share of its people who leave it.
        towards: for each region, a table of old provinces.
        peoples: for each old province, a table of ethnic groups (index in `dancu.synth.names.GROUPS`).
        beliefs: for each region, a table of religions.
    """

    codes: pa.Array
    titles: pa.Array
    urban: Array
    province: Array
    province_codes: tuple[str, ...]
    today_province: Array
    region: Array
    old_titles: pa.Array
    old_first: Array
    old_count: Array
    communes: Array
    homes: Array
    leaving: Array
    towards: Array
    peoples: Array
    beliefs: Array

    def commune_in(self, rng: Rng, province: Array) -> Array:
        """Draw a commune of each person's old province."""
        return pick_by(rng, self.communes, province).astype(np.int16)


@cache
def group_keys() -> tuple[str, ...]:
    """List the keys of the ethnic groups, in the order of the codes of the scheme tctk-1979."""
    groups = sorted(ethnic_groups(EthnicScheme.TCTK_1979).values(), key=lambda group: group.code)
    return tuple(group.key for group in groups)


def _shares() -> tuple[tuple[str, ...], Array, Array]:
    index = unit_index()
    old = tuple(sorted(geography.AVERAGE_2023))
    later = [index.later_province(code, _LAST_OF_63, date(2026, 11, 1)) for code in old]
    today = [unit.code if unit else code for unit, code in zip(later, old, strict=True)]
    average = np.array([geography.AVERAGE_2023[code] for code in old], float)
    of_today = {code: sum(average[i] for i, t in enumerate(today) if t == code) for code in set(today)}
    share = np.array([geography.POPULATIONS[t] * a / of_today[t] for t, a in zip(today, average, strict=True)])
    return old, share / share.sum(), np.array([int(code) for code in today], np.int16)


def _moves(old: tuple[str, ...], region: Array) -> Array:
    moves = np.zeros((len(old), len(old)))
    for home in range(len(old)):
        leaving = geography.LEAVING[region[home]]
        towards = {old.index(code): share for code, share in geography.TOWARDS[region[home]].items()}
        for target, share in towards.items():
            moves[home, target] += leaving * share / sum(towards.values())
        moves[home, home] += 1 - leaving
    return moves


def _homes(share: Array, moves: Array) -> Array:
    """Return where families must begin so that, after their moves, people live as they do."""
    mixed = sum(w * np.linalg.matrix_power(moves, step) for step, w in enumerate(_GENERATIONS))
    wanted = np.linalg.solve(np.asarray(mixed).T, share)
    return np.maximum(wanted, share * 0.1)


def _peoples(old: tuple[str, ...]) -> list[Array]:
    keys = group_keys()
    rows = []
    for code in old:
        row = np.zeros(len(keys))
        for key, share in geography.PEOPLES.get(code, {}).items():
            row[keys.index(key)] = share
        row[keys.index("kinh")] = 1 - row.sum()
        rows.append(row)
    return rows


@cache
def the_map(day: date) -> Map:
    """Return the map of a day; the sizes of communes are drawn once, the same for every nation."""
    index = unit_index()
    old, share, today = _shares()
    region = np.array([next(i for i, r in enumerate(geography.REGIONS) if code in r) for code in old], np.int16)
    units = index.units_on(day, Level.COMMUNE)
    before = [[u for u, _ in index.predecessors(unit.code, day, _LAST_OF_63)] for unit in units]
    home = [_home(units[i].province_code, found, old) for i, found in enumerate(before)]
    order = sorted(range(len(units)), key=lambda i: (home[i], units[i].code))
    units, before, home = [units[i] for i in order], [before[i] for i in order], [home[i] for i in order]
    sizes = _sizes(units, np.array(home), old)
    moves = _moves(old, region)
    counts = np.array([len(found) for found in before])
    within = [np.where(np.array(home) == province, sizes, 0.0) for province in range(len(old))]
    beliefs = [[row.get(code, 0.0) for code in range(17)] for row in geography.BELIEFS]
    towards = [[row.get(code, 0) for code in old] for row in geography.TOWARDS]
    return Map(
        codes=pa.array([unit.code for unit in units]),
        titles=pa.array([unit.title for unit in units]),
        urban=np.array([unit.kind.value == "phuong" for unit in units]),
        province=np.array(home, np.int16),
        province_codes=old,
        today_province=today,
        region=region,
        old_titles=pa.array([index.full_title(unit) for found in before for unit in found]),
        old_first=np.cumsum(counts) - counts,
        old_count=counts,
        communes=tables_of(within),
        homes=table_of(_homes(share, moves)),
        leaving=np.array([geography.LEAVING[r] for r in region]),
        towards=tables_of(towards),
        peoples=tables_of(_peoples(old)),
        beliefs=tables_of(beliefs),
    )


def _sizes(units: list[Unit], home: Array, old: tuple[str, ...]) -> Array:
    """Return how large the communes are, to be compared within an old province only."""
    sizes = np.exp(np.random.default_rng(34_3321).standard_normal(len(units)) * 0.55)
    sizes *= [1.6 if unit.kind.value == "phuong" else 1.0 for unit in units]
    zones = np.array([unit.code in geography.SPECIAL_ZONES for unit in units])
    others = np.bincount(home, weights=sizes * ~zones)
    for at in np.flatnonzero(zones):
        share = geography.SPECIAL_ZONES[units[at].code] / geography.AVERAGE_2023[old[home[at]]]
        sizes[at] = others[home[at]] * share / (1 - share)
    return sizes


def _home(province_today: str, before: list[Any], old: tuple[str, ...]) -> int:
    return old.index(before[0].province_code if before else province_today)
