"""Where people live: today's communes with weights, and the provinces that their birth was registered in."""

from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
import numpy.typing as npt

from dancu.reference.model import Level
from dancu.reference.units import unit_index

# Thousands of people registered at the merger of 2025 (resolutions of the National Assembly), by today's province.
_POPULATIONS = {
    "01": 8718, "04": 556, "08": 1865, "11": 653, "12": 495, "14": 1327, "15": 1779, "19": 1799, "20": 814, "22": 1430,
    "24": 3619, "25": 4023, "31": 4664, "33": 3568, "37": 4412, "38": 3761, "40": 3471, "42": 1623, "44": 1871,
    "46": 1236, "48": 3066, "51": 2162, "52": 3584, "56": 2244, "66": 3347, "68": 3873, "75": 4491, "79": 14003,
    "80": 3254, "82": 4370, "86": 4258, "91": 4952, "92": 4200, "96": 2607,
}  # fmt: skip
_ETHNIC_SHARES: dict[str, tuple[tuple[int, float], ...]] = {
    "20": ((102, 0.36), (107, 0.42)),
    "04": ((102, 0.41), (107, 0.30), (108, 0.10)),
    "08": ((102, 0.25), (108, 0.20), (107, 0.05)),
    "11": ((108, 0.38), (103, 0.38)),
    "12": ((103, 0.32), (108, 0.24)),
    "14": ((103, 0.53), (108, 0.15), (106, 0.08)),
    "15": ((108, 0.22), (102, 0.16), (103, 0.08)),
    "19": ((102, 0.20), (107, 0.06)),
    "25": ((106, 0.15),),
    "38": ((106, 0.10), (103, 0.06)),
    "40": ((103, 0.10),),
    "51": ((110, 0.06),),
    "52": ((110, 0.18),),
    "66": ((112, 0.15), (107, 0.04)),
    "86": ((105, 0.12),),
    "92": ((105, 0.15),),
    "91": ((105, 0.08),),
    "96": ((105, 0.05),),
    "56": ((117, 0.04),),
}
_LURE = {"79": 40, "01": 18, "75": 14, "24": 8, "31": 5, "48": 5, "80": 4}
"""Provinces that people move to, with weights."""

_LAST_OF_63 = date(2025, 6, 30)
Codes = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Map:
    """Communes of a day in order of code, with what is needed to draw from them.

    Args:
        codes: of 5 digits, as numbers.
        province: index into `provinces` of each commune.
        weights: share of the nation, summing to 1.
        urban: whether it is a phường.
        names: title of each commune.
        old_provinces: of each province, the 2-digit codes of the 63-province era that went into it.
        ethnic: of each province, (group, cumulative share).
    """

    day: date
    codes: Codes
    texts: npt.NDArray[np.object_]
    province: Codes
    weights: npt.NDArray[np.float64]
    urban: npt.NDArray[np.bool_]
    provinces: tuple[str, ...]
    old_provinces: tuple[tuple[int, ...], ...]
    starts: Codes
    ends: Codes
    lure: npt.NDArray[np.float64]

    def ethnic_groups(self, province: int) -> tuple[tuple[int, float], ...]:
        """Return the larger peoples of a province beside the Kinh, with shares."""
        return _ETHNIC_SHARES.get(self.provinces[province], ((102, 0.005), (105, 0.005)))


@cache
def the_map(day: date) -> Map:
    """Return the communes of a day; the sizes of communes are drawn once, the same for every nation."""
    index = unit_index()
    communes = sorted(index.units_on(day, Level.COMMUNE), key=lambda unit: (unit.province_code, unit.code))
    provinces = tuple(sorted({unit.province_code for unit in communes}))
    of = np.array([provinces.index(unit.province_code) for unit in communes], np.int32)
    sizes = np.random.default_rng(34_3321).lognormal(0.0, 0.6, len(communes))
    shares = np.array([_POPULATIONS[code] for code in provinces], float)
    within = np.bincount(of, sizes)
    weights = sizes / within[of] * shares[of]
    old = tuple(
        tuple(sorted(int(unit.code) for unit, _ in index.predecessors(code, day, _LAST_OF_63) if len(unit.code) == 2))
        for code in provinces
    )
    starts = np.searchsorted(of, np.arange(len(provinces)))
    lure = np.array([_LURE.get(code, 0.4) for code in provinces], float)
    return Map(
        day,
        np.array([int(unit.code) for unit in communes], np.int32),
        np.array([unit.code for unit in communes], object),
        of,
        weights / weights.sum(),
        np.array([unit.kind.word == "Phường" for unit in communes]),
        provinces,
        old,
        starts.astype(np.int32),
        np.append(starts[1:], len(communes)).astype(np.int32),
        lure / lure.sum(),
    )
