"""A nation for benchmarks: families as Parquet under the names of the normal record, made by numpy, no text per row.

It has what costs a load its time: unique numbers, couples, children with both parents, households, addresses,
older 9-digit numbers, temporary stays, people without a number, the dead. It is not a model of the people of Viet Nam.
"""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dancu.reference.model import Level
from dancu.reference.units import unit_index

Ints = npt.NDArray[np.int64]

SURNAMES = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô"]
MIDDLES = ["Thị", "Văn", "Hữu", "Đức", "Ngọc", "Thanh", "Minh", "Thu", "Kim", "Quốc", "Xuân", "Bích", "Thị Ngọc"]
STREETS = ["đường Lê Lợi", "thôn 3", "ấp Bình Hòa", "tổ 5, khu phố 2", "xóm Đình", "bản Nà Lốc", "đường Trần Hưng Đạo"]
RELIGIONS = ["0", "0", "0", "0", "1", "2"]
PART = 250_000
TODAY = date(2026, 11, 24)


def _given_names() -> list[str]:
    heads = ["L", "T", "H", "M", "Qu", "Th", "Ng", "D", "V", "B", "Nh", "Tr", "K", "C", "S", "X"]
    return [head + tail for head in heads for tail in ("an", "ân", "iên", "anh", "oa", "ùng", "ương", "ệ", "inh", "úc")]


class Nation:
    """Writes a nation, part after part."""

    def __init__(self, people: int, *, seed: int = 7) -> None:
        self._rng = np.random.default_rng(seed)
        self._people = people
        self._parts = max(1, -(-people // PART))
        index = unit_index()
        self._communes = pa.array([unit.code for unit in index.units_on(TODAY, Level.COMMUNE)])
        self._provinces = np.array([int(u.code) for u in index.units_on(date(2024, 6, 30), Level.PROVINCE)])
        self._givens = _given_names()

    def write(self, path: Path) -> None:
        """Write the file."""
        writer = None
        for part in range(self._parts):
            table = self._part(part, min(PART, self._people - part * PART))
            writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
            writer.write_table(table)
        if writer:
            writer.close()

    def _part(self, part: int, size: int) -> pa.Table:
        rng = self._rng
        household, place, first = self._families(size)
        role = np.minimum(place, 2)  # head, wife, child
        couple = np.bincount(household)[household] > 1
        age = np.where(role < 2, rng.integers(24, 90, size), 0)
        age = np.where(role == 2, np.maximum(age[first] - 23 - place, 0), age)
        age = np.where(role == 1, np.maximum(age[first] - 3, 20), age)
        born = self._born(age)
        sex = np.where(role == 0, 1, np.where(role == 1, 2, rng.integers(1, 3, size)))
        commune = rng.integers(0, len(self._communes), size)[first]
        numbers = self._numbers(part, born, sex)
        wife = np.where(couple, first + 1, first)
        spouse = np.where(couple & (role == 0), wife, np.where(role == 1, first, -1))
        surname, middle, given = (rng.integers(0, n, size) for n in (len(SURNAMES), len(MIDDLES), len(self._givens)))
        surname = np.where(role == 2, surname[first], surname)
        parts = {"surname": (SURNAMES, surname), "middle": (MIDDLES, middle), "given": (self._givens, given)}
        names = {name: pa.array(words).take(pa.array(at)) for name, (words, at) in parts.items()}
        full = pc.binary_join_element_wise(*names.values(), " ")
        units = self._communes.take(pa.array(commune))
        home = rng.integers(0, len(self._communes), size)
        origin = self._communes.take(pa.array(np.where(rng.random(size) < 0.7, commune, home)))
        child, married = role == 2, spouse >= 0
        since = _days(born + rng.integers(0, 6000, size)[first] % np.maximum(_day_of(TODAY) - born, 1))
        away = rng.random(size) < 0.05
        old = (age > 30) & (rng.random(size) < 0.5)
        cmnd = pc.utf8_lpad(pa.array(np.arange(size) + part * PART + 100_000_000).cast(pa.string()), 9, "0")
        return pa.table(
            {
                "kind": _same("persons", size),
                "personal_number": _only(numbers, rng.random(size) < 0.98),
                "cmnd9": _only(cmnd, old),
                **names,
                "born": _days(born),
                "sex": pa.array(sex).cast(pa.string()),
                "birth_registration_unit": origin,
                "origin_unit": origin,
                "ethnicity": pa.array(["101", "101", "101", "102", "104"]).take(pa.array(rng.integers(0, 5, size))),
                "religion": pa.array(RELIGIONS).take(pa.array(rng.integers(0, len(RELIGIONS), size))),
                "nationality": _same("VNM", size),
                "marital": pa.array(["1", "2"]).take(pa.array(married.astype(np.int64))),
                "father_name": pc.if_else(
                    pa.array(child), full.take(pa.array(first)), full.take(pa.array(first[::-1]))
                ),
                "father_number": _only(numbers.take(pa.array(first)), child),
                "mother_name": pc.if_else(pa.array(child), full.take(pa.array(wife)), full.take(pa.array(wife[::-1]))),
                "mother_number": _only(numbers.take(pa.array(wife)), child),
                "permanent_unit": units,
                "permanent_address": self._addresses(size, first),
                "permanent_since": since,
                "temporary_unit": _only(self._communes.take(pa.array(home)), away),
                "temporary_address": _only(self._addresses(size, np.arange(size)), away),
                "temporary_since": _only(_same("2025-09-01", size), away),
                "household_no": pa.array(household + part * PART + 1).cast(pa.string()),
                "relation": pa.array(["1", "2", "3"]).take(pa.array(role)),
                "phone": _only(self._phones(size), (age > 15) & (rng.random(size) < 0.6)),
                "died_on": _only(_same("2024-03-05", size), (age > 75) & ~couple & (rng.random(size) < 0.2)),
                **{f"spouse_{k}": _only(v.take(pa.array(np.maximum(spouse, 0))), married) for k, v in names.items()},
                "spouse_number": _only(numbers.take(pa.array(np.maximum(spouse, 0))), married),
                "married_on": _only(_same("2001-05-00", size), married & (age > 50)),
            }
        )

    def _families(self, size: int) -> tuple[Ints, Ints, Ints]:
        """Household of each person, place in it, and the position of its head."""
        sizes = self._rng.choice([1, 2, 3, 4, 5, 6], size, p=[0.1, 0.17, 0.2, 0.3, 0.15, 0.08])
        household = np.repeat(np.arange(size), sizes)[:size]
        starts = np.r_[True, household[1:] != household[:-1]]
        first = np.maximum.accumulate(np.where(starts, np.arange(size), 0))
        return household, np.arange(size) - first, first

    def _born(self, age: Ints) -> Ints:
        return _day_of(TODAY) - age * 365 - self._rng.integers(1, 365, len(age))

    def _numbers(self, part: int, born: Ints, sex: Ints) -> pa.Array:
        """Unique 12-digit numbers: every part of the nation takes serials of its own in each block."""
        year = born.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
        gender = (year - 1900) // 100 * 2 + (sex == 2)
        block = self._rng.choice(self._provinces, len(born)) * 1000 + gender * 100 + year % 100
        order = np.argsort(block, kind="stable")
        starts = np.r_[True, block[order][1:] != block[order][:-1]]
        rank = np.empty(len(born), np.int64)
        rank[order] = np.arange(len(born)) - np.maximum.accumulate(np.where(starts, np.arange(len(born)), 0))
        serial = (rank * self._parts + part) * 7919 % 1_000_000
        return pc.utf8_lpad(pa.array(block * 1_000_000 + serial).cast(pa.string()), 12, "0")

    def _addresses(self, size: int, first: Ints) -> pa.Array:
        house = pa.array(self._rng.integers(1, 400, size)[first]).cast(pa.string())
        street = pa.array(STREETS).take(pa.array(self._rng.integers(0, len(STREETS), size)[first]))
        return pc.binary_join_element_wise(pc.binary_join_element_wise("Số", house, " "), street, ", ")

    def _phones(self, size: int) -> pa.Array:
        digits = pa.array(self._rng.integers(10**7, 10**8, size)).cast(pa.string())
        return pc.binary_join_element_wise("09", digits, "")


def _day_of(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _days(numbers: Ints) -> pa.Array:
    return pa.array(numbers.astype("datetime64[D]")).cast(pa.string())


def _same(text: str, size: int) -> pa.Array:
    return pa.array([text]).take(pa.array(np.zeros(size, np.int64)))


def _only(values: pa.Array, where: npt.NDArray[np.bool_]) -> Any:
    """Keep values where a condition holds, null elsewhere."""
    return pc.if_else(pa.array(where), values, pa.scalar(None, pa.string()))
