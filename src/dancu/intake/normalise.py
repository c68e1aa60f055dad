"""From raw columns to normal records: which column feeds which field, and what could not be read."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dancu.intake import coded, rules, values
from dancu.intake.cells import Cells
from dancu.intake.columns import (
    DateReader,
    Faulty,
    NumberReader,
    Reader,
    name_reader,
    read_iso_days,
    read_text,
    text_faults,
)
from dancu.intake.mapping import Mapping
from dancu.intake.normal import BY_NAME, FIELDS, NORMAL
from dancu.intake.readers.raw import RawChunk
from dancu.intake.rules import FINDINGS, RULES, Facts, number_year
from dancu.intake.synonyms import IGNORED
from dancu.intake.values import Style
from dancu.kernel.text import fold

Resolve = Callable[[str, date | None], str | None]
"""Finds the code of the unit that an address names, in the units of a day (None: of today)."""

_NUMBERS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "": ("personal_number", "cmnd9", ("personal_number", "number", "cmnd9")),
    "spouse": ("spouse_number", "spouse_cmnd9", ("spouse_number", "spouse_any_number", "spouse_cmnd9")),
    "father": ("father_number", "father_cmnd9", ("father_number", "father_any_number", "father_cmnd9")),
    "mother": ("mother_number", "mother_cmnd9", ("mother_number", "mother_any_number", "mother_cmnd9")),
    "head": ("head_number", "", ("head_number", "head_any_number")),
}
_NUMBER_TARGETS = {target: role for role, (_, _, targets) in _NUMBERS.items() for target in targets}
_FUNCTIONS: dict[str, Callable[[str, Style], Any]] = {
    "name": values.name,
    "day": values.day,
    "sex": coded.sex,
    "marital": coded.marital,
    "relation": coded.relation,
    "small": coded.small,
    "blood": coded.blood,
    "ethnicity": coded.ethnicity,
    "religion": coded.religion,
    "nationality": coded.nationality,
    "unit": coded.unit,
    "phone": coded.phone,
    "email": coded.email,
    "passport": coded.passport,
    "year": coded.year,
    "kind": coded.kind,
}
_CANONICAL = {
    "phone": r"^0[0-9]{8,10}$",
    "email": r"^[^@\sA-Z]+@[^@\sA-Z]+\.[^@\s.A-Z]+$",
    "passport": r"^[A-Z0-9]{5,12}$",
}
_WHOLE_NAMES = {"name": ("surname", "middle", "given"),
                "spouse_name": ("spouse_surname", "spouse_middle", "spouse_given")}  # fmt: skip
_WORDS = frozenset({"name", "sex", "marital", "relation", "ethnicity", "religion", "nationality"})
_INSTEAD = {
    "born_year": "born",
    "spouse_born_year": "spouse_born",
    "permanent_province": "permanent_unit",
    "current_province": "current_unit",
    "origin_province": "origin_unit",
    "birth_registration_province": "birth_registration_unit",
}
_ADDRESSES = {
    "permanent_address": "permanent_unit",
    "temporary_address": "temporary_unit",
    "current_address": "current_unit",
    "birth_place_text": "birth_place_unit",
    "origin_text": "origin_unit",
}


@dataclass(frozen=True)
class NormalChunk:
    """Some records in the normal form.

    Args:
        records: a table of the schema NORMAL.
        findings: a table of the schema FINDINGS: the rules that these records break.
        raw: the same records as the file writes them.
    """

    records: pa.Table
    findings: pa.Table
    raw: RawChunk


@dataclass
class _Found:
    """What has been made of a chunk so far."""

    size: int
    columns: dict[str, pa.Array] = field(default_factory=dict)
    faults: list[tuple[str, Faulty]] = field(default_factory=list)
    notes: list[tuple[str, npt.NDArray[np.bool_]]] = field(default_factory=list)

    def put(self, name: str, array: pa.Array) -> None:
        """Give a field its values; an earlier column of the same field goes before."""
        known = self.columns.get(name)
        self.columns[name] = array if known is None else pc.coalesce(known, array)

    def get(self, name: str) -> pa.Array:
        """Return the values of a field, all null where no column feeds it."""
        return self.columns.get(name, pa.nulls(self.size, BY_NAME[name].type))

    def blame(self, name: str, faults: Iterable[Faulty]) -> None:
        """Note which values could not be read."""
        self.faults += [(name, fault) for fault in faults]


class Normaliser:
    """Makes normal records of the raw records of one file.

    Args:
        mapping: what the file's columns mean.
        today: the present day in Vietnam.
        cells: makes text of the file's columns.
        resolve: finds the units of addresses; None leaves them unresolved.
    """

    def __init__(
        self, mapping: Mapping, *, today: date, cells: Cells | None = None, resolve: Resolve | None = None
    ) -> None:
        self._mapping = mapping
        self._today = today
        self._resolve = resolve
        self._style = mapping.style
        self.cells = cells or Cells()
        self._readers: dict[str, Reader] = {}
        self._dates = DateReader(self._style)
        self._numbers = NumberReader(self._style)
        self._whole_names = name_reader(self._style)
        self._units = Reader(self._unit_of, self._style, (pa.string(),))
        self._folds = Reader(lambda text, _style: fold(text), self._style, (pa.string(),))
        self._plain: bool | None = None

    def read(self, raw: RawChunk) -> NormalChunk:
        """Read one chunk; the file's chunks must come in order."""
        found = _Found(len(raw.record))
        pending: dict[str, list[pa.Array]] = {}
        for header, target in sorted(self._mapping.columns.items(), key=lambda pair: pair[1] in _INSTEAD):
            if header not in raw.columns.column_names or target == IGNORED:
                continue
            column = self._text(found, header, target, raw.columns.column(header).combine_chunks())
            if target in _NUMBER_TARGETS:
                self._read_number(found, _NUMBER_TARGETS[target], column, pending)
            else:
                self._read(found, target, column)
        self._complete(found, pending)
        records = self._table(found, raw)
        return NormalChunk(records, self._findings(found, records, raw), raw)

    def _text(self, found: _Found, header: str, target: str, column: pa.Array) -> pa.Array:
        name = _WHOLE_NAMES[target][-1] if target in _WHOLE_NAMES else _INSTEAD.get(target, target)
        names = target in _WHOLE_NAMES or (name in BY_NAME and BY_NAME[name].reads in _WORDS)
        text, repaired = self.cells.read(header, column, names=names)
        if repaired is not None and repaired.any():
            found.notes.append((f"{name}.decoded", repaired))
        return text

    def _read(self, found: _Found, target: str, column: pa.Array) -> None:
        if target in _WHOLE_NAMES:
            parts, faults = self._whole_names.read(column)
            for name, part in zip(_WHOLE_NAMES[target], parts, strict=True):
                found.put(name, part)
            found.blame(_WHOLE_NAMES[target][2], faults)
            return
        name = _INSTEAD.get(target, target)
        array, faults = self._values(BY_NAME[name].reads, BY_NAME[name].type, column)
        found.put(name, array)
        found.blame(name, faults)

    def _values(self, reads: str, type_: pa.DataType, column: pa.Array) -> tuple[pa.Array, list[Faulty]]:
        if column.null_count == len(column):
            return pa.nulls(len(column), type_), []
        match reads:
            case "partial_date":
                return self._dates.read(column)
            case "day":
                return self._days(column)
            case "text":
                return read_text(column), text_faults(column)
            case _:
                reader = self._readers.setdefault(
                    reads, Reader(_FUNCTIONS[reads], self._style, (type_,), _CANONICAL.get(reads, ""))
                )
                (array,), faults = reader.read(column)
                return array, faults

    def _days(self, column: pa.Array) -> tuple[pa.Array, list[Faulty]]:
        days = read_iso_days(column)
        if days is not None:
            return days, []
        reader = self._readers.setdefault("day", Reader(values.day, self._style, (pa.date32(),)))
        (array,), faults = reader.read(column)
        return array, faults

    def _read_number(self, found: _Found, role: str, column: pa.Array, pending: dict[str, list[pa.Array]]) -> None:
        personal_field, cmnd9_field, _ = _NUMBERS[role]
        (personal, cmnd9, padded), faults = self._numbers.read(column)
        found.put(personal_field, personal)
        if cmnd9_field:
            found.put(cmnd9_field, cmnd9)
        if padded.null_count < len(padded):
            pending.setdefault(role, []).append(padded)
        found.blame(personal_field, faults)

    def _complete(self, found: _Found, pending: dict[str, list[pa.Array]]) -> None:
        """Fill what follows from other fields: padded numbers, kinds, units of addresses, keys of names."""
        if "kind" not in found.columns:
            found.columns["kind"] = pa.array([self._mapping.kind]).take(pa.array(np.zeros(found.size, np.int8)))
        found.columns["kind"] = pc.fill_null(found.columns["kind"], self._mapping.kind)
        self._complete_sex(found)
        for role, arrays in pending.items():
            self._settle_padded(found, role, pc.coalesce(*arrays))
        if self._mapping.unit_day:
            found.put("unit_day", pa.array([self._mapping.unit_day], pa.date32()).take(
                pa.array(np.zeros(found.size, np.int8))))  # fmt: skip
        self._complete_certificate(found)
        self._resolve_addresses(found)
        for prefix in ("", "spouse_"):
            found.columns[f"{prefix}name_key"] = self._key(found, prefix)

    def _complete_sex(self, found: _Found) -> None:
        """In a marriage the first person is the husband, unless the file says otherwise."""
        if "sex" not in found.columns and self._mapping.kind == "marriages":
            found.columns["sex"] = pa.array(np.ones(found.size, np.int8))

    @staticmethod
    def _complete_certificate(found: _Found) -> None:
        """A certificate number such as 12/1979 tells its year."""
        if "certificate_number" not in found.columns:
            return
        text = pc.if_else(
            pc.match_substring_regex(found.columns["certificate_number"], r"/(19|20)\d\d$"),
            pc.utf8_slice_codeunits(found.columns["certificate_number"], -4),
            pa.scalar(None, pa.string()),
        )
        found.put("certificate_year", text.cast(pa.int16()))

    def _settle_padded(self, found: _Found, role: str, padded: pa.Array) -> None:
        """Take a number whose leading zeros were lost if digits 4 to 6 agree, else leave it out."""
        name = _NUMBERS[role][0]
        number = padded.cast(pa.int64()).fill_null(0).to_numpy()
        sexes = {"": _whole(found.get("sex")), "father": 1, "mother": 2}
        sex = np.broadcast_to(np.asarray(sexes.get(role, 0)), number.shape)
        born_field = f"{role}_born" if role else "born"
        born = _whole(found.get(born_field)) // 10000 if born_field in BY_NAME else np.zeros_like(number)
        given = number > 0
        agrees = (sex == 0) | (sex == number // 10**8 % 2 + 1)
        agrees &= (born == 0) | (born == number_year(number))
        agrees &= (number_year(number) <= self._today.year) & (number // 10**9 >= 1)
        found.put(name, pc.if_else(pa.array(given & agrees), padded, pa.scalar(None, pa.string())))
        found.notes.append((f"{name}.zeros", given & agrees))
        if (wrong := given & ~agrees).any():
            found.blame(name, [Faulty("number.zeros", np.flatnonzero(wrong))])

    def _resolve_addresses(self, found: _Found) -> None:
        if self._resolve is None:
            return
        for address, unit in _ADDRESSES.items():
            if address not in found.columns:
                continue
            known = found.get(unit)
            open_ = pc.if_else(pc.is_null(known), found.columns[address], pa.scalar(None, pa.string()))
            if open_.null_count == found.size:
                continue
            (units,), _ = self._units.read(open_)
            found.columns[unit] = pc.coalesce(known, units)
            missed = pc.and_(pc.is_valid(open_), pc.is_null(units)).to_numpy(zero_copy_only=False)
            if missed.any():
                found.blame(unit, [Faulty("unit.unresolved", np.flatnonzero(missed))])

    def _unit_of(self, address: str, _style: Style) -> str | None:
        return self._resolve(address, self._mapping.unit_day) if self._resolve else None

    def _key(self, found: _Found, prefix: str) -> pa.Array:
        parts = [
            self._folds.read(found.columns[name])[0][0]
            for name in (f"{prefix}surname", f"{prefix}middle", f"{prefix}given")
            if name in found.columns
        ]
        if not parts:
            return pa.nulls(found.size, pa.string())
        return _joined(parts)

    def _is_plain(self, found: _Found) -> bool:
        """Tell, by the first chunk, whether the file writes names without any diacritics."""
        if self._plain is None:
            names = [found.columns[n] for n in ("surname", "middle", "given") if n in found.columns]
            self._plain = all(pc.all(pc.string_is_ascii(column)).as_py() is not False for column in names)
        return self._plain

    def _table(self, found: _Found, raw: RawChunk) -> pa.Table:
        plain = self._is_plain(found)
        arrays = [pa.array(raw.record), pa.array(raw.first_line), pa.array(raw.last_line)]
        for entry in FIELDS:
            if entry.name == "name_plain":
                arrays.append(pa.array(np.full(found.size, plain)))
            elif entry.name == "notes":
                arrays.append(_notes(found))
            else:
                arrays.append(found.columns.get(entry.name, pa.nulls(found.size, entry.type)))
        return pa.table(arrays, schema=NORMAL)

    def _findings(self, found: _Found, records: pa.Table, raw: RawChunk) -> pa.Table:
        broken = np.array(raw.broken, np.int64)
        parts = [("", RULES["file.fields"], broken)] if len(broken) else []
        parts += [(name, RULES[fault.rule], fault.positions) for name, fault in found.faults]
        unread = {name: fault.positions for name, fault in found.faults}
        for rule, name, mask in rules.check(Facts(records, self._today)):
            positions = np.flatnonzero(mask)
            if len(broken) or name in unread:
                hidden = np.concatenate((broken, unread.get(name, broken)))
                positions = np.setdiff1d(positions, hidden)
            parts.append((name, rule, positions))
        return _finding_table(parts, raw)


def _whole(array: pa.Array) -> npt.NDArray[np.int64]:
    whole: npt.NDArray[np.int64] = array.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    return whole


def _notes(found: _Found) -> pa.Array:
    if not any(mask.any() for _, mask in found.notes):
        return pa.nulls(found.size, pa.string())
    nothing = pa.scalar(None, pa.string())
    columns = [pc.if_else(pa.array(mask), pa.scalar(word), nothing) for word, mask in found.notes]
    return _joined(columns)


def _joined(columns: list[pa.Array]) -> pa.Array:
    """Join the values that are given by spaces.

    The empty first part is needed: Arrow leaves out rows of which every part is null.
    """
    joined = pc.binary_join_element_wise(pa.scalar(""), *columns, " ", null_handling="skip")
    trimmed = pc.utf8_ltrim_whitespace(joined)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def _finding_table(parts: list[tuple[str, rules.Rule, npt.NDArray[np.int64]]], raw: RawChunk) -> pa.Table:
    if not parts:
        return FINDINGS.empty_table()
    positions = np.concatenate([where for _, _, where in parts])
    counts = [len(where) for _, _, where in parts]
    order = np.argsort(positions, kind="stable")
    words = [
        np.repeat(np.array([word(name, rule) for name, rule, _ in parts], object), counts)[order]
        for word in (lambda n, _: n, lambda _, r: r.id, lambda _, r: r.severity)
    ]
    at = positions[order]
    arrays = [raw.record[at], *words, raw.first_line[at]]
    return pa.table([pa.array(a, f.type) for a, f in zip(arrays, FINDINGS, strict=True)], schema=FINDINGS)
