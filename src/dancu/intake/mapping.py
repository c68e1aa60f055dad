"""What each column of a source means: suggested from its headers, or given as a small file."""

import json
import re
import tomllib
from collections.abc import Mapping as Pairs
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from dancu.intake.encodings import ENCODINGS
from dancu.intake.normal import KINDS
from dancu.intake.readers.raw import Opened
from dancu.intake.synonyms import IGNORED, PATHS, TARGETS, meaning
from dancu.intake.values import Style
from dancu.kernel.errors import Malformed
from dancu.kernel.misread import REPAIRS
from dancu.kernel.text import canonical, fold

_OPTIONS = frozenset({"kind", "columns", "unit_day", "date_order", "ethnic_scheme", "encoding", "delimiter", "sheet",
                      "encodings", "quote", "fixed", "skipped"})  # fmt: skip
_OF_ANY_PERSON = {"born", "born_year", "number", "personal_number", "cmnd9"}
_READ_APART = frozenset({"columns", "unit_day", "fixed", "encodings"})
_LONGEST_DELIMITER = 4
_WAYS = frozenset((*REPAIRS, "double-utf-8"))
_TITLE_DAY = re.compile(r"(?:tinh den|den ngay|as of|ngay) ?(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_NAMING = frozenset({"name", "given", "surname"})


class BadMapping(Malformed):
    """The mapping file cannot be used."""


class NoNames(Malformed):
    """No column of the file is known to hold names."""


@dataclass(frozen=True)
class Mapping:
    """What the columns of a file mean and how it writes its values.

    Args:
        columns: target by source header; see `dancu.intake.synonyms.TARGETS`.
        kind: what a record reports, unless a column tells.
        unit_day: the day whose administrative units the file speaks of; None is today.
        date_order: dmy | mdy.
        ethnic_scheme: the numbering of bare ethnic codes: 1 = tctk-1979, 2 = gso-census.
        encoding: overrules the choice of an encoding.
        delimiter: overrules the choice of a delimiter; up to four characters.
        quote: overrules the choice of the quotation mark: one character, or `none`.
        sheet: overrules the choice of a sheet.
        encodings: by source header: a column's own encoding or way of typing, see `dancu.kernel.misread.REPAIRS`.
        fixed: for files without delimiters: by column, its first character, from 1, and its width.
        skipped: in such a file, the lines before the first record.
    """

    columns: Pairs[str, str]
    kind: str = "persons"
    unit_day: date | None = None
    date_order: str = "dmy"
    ethnic_scheme: int = 1
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    encodings: Pairs[str, str] = field(default_factory=dict)
    quote: str = ""
    fixed: Pairs[str, tuple[int, int]] = field(default_factory=dict)
    skipped: int = 0

    def __post_init__(self) -> None:
        wrong = sorted({target for target in self.columns.values() if target not in TARGETS})
        if wrong:
            raise BadMapping(f"The mapping names fields that do not exist: {', '.join(wrong)}")
        if self.kind not in KINDS:
            raise BadMapping(f"The kind must be one of {', '.join(KINDS)}")
        if self.date_order not in ("dmy", "mdy") or self.ethnic_scheme not in (1, 2):
            raise BadMapping("date_order must be dmy or mdy, ethnic_scheme 1 or 2")
        if self.encoding and self.encoding not in ENCODINGS:
            raise BadMapping(f"encoding must be one of {', '.join(ENCODINGS)}")
        if len(self.delimiter) > _LONGEST_DELIMITER:
            raise BadMapping(f"delimiter must have {_LONGEST_DELIMITER} characters at most")
        if self.quote != "none" and len(self.quote) > 1:
            raise BadMapping("quote must be one character or none")
        if any(start < 1 or width < 1 for start, width in self.fixed.values()) or self.skipped < 0:
            raise BadMapping("fixed must give each column its first character, from 1, and its width")
        if any(way not in _WAYS for way in self.encodings.values()):
            raise BadMapping(f"The encoding of a column must be one of {', '.join(sorted(_WAYS))}")

    @property
    def style(self) -> Style:
        """How the file writes its values, for the normalisers."""
        return Style(self.date_order, self.ethnic_scheme)

    @property
    def known(self) -> frozenset[str]:
        """The headers, folded, by which a reader may find the header line."""
        return frozenset(map(fold, self.columns))

    def as_json(self) -> dict[str, object]:
        """Write the mapping as the data that `load` reads."""
        return {
            "kind": self.kind,
            "unit_day": self.unit_day.isoformat() if self.unit_day else None,
            "date_order": self.date_order,
            "ethnic_scheme": self.ethnic_scheme,
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "sheet": self.sheet,
            "quote": self.quote,
            "encodings": dict(self.encodings),
            "fixed": {header: list(place) for header, place in self.fixed.items()},
            "skipped": self.skipped,
            "columns": dict(self.columns),
        }


def load(path: Path) -> Mapping:
    """Read a mapping from a TOML or JSON file.

    Raises:
        BadMapping: the file cannot be read, or names options or fields that do not exist.
    """
    try:
        content = path.read_text(encoding="utf-8")
        data = json.loads(content) if path.suffix == ".json" else tomllib.loads(content)
    except (OSError, ValueError) as failure:
        raise BadMapping("The mapping is no readable TOML or JSON file") from failure
    return of_data(data)


def of_data(data: object) -> Mapping:
    """Make a mapping of what `Mapping.as_json` writes.

    Raises:
        BadMapping: it names options or fields that do not exist, or gives an option a wrong value.
    """
    if not isinstance(data, dict) or not isinstance(data.get("columns"), dict):
        raise BadMapping("The mapping needs a table `columns`: source header = field")
    unknown = sorted(set(data) - _OPTIONS)
    if unknown:
        raise BadMapping(f"The mapping has unknown options: {', '.join(unknown)}")
    options = {key: value for key, value in data.items() if value and key not in _READ_APART}
    try:
        return Mapping(
            {canonical(k): str(v) for k, v in data["columns"].items()},
            unit_day=_day(data.get("unit_day")),
            fixed={canonical(k): (int(v[0]), int(v[1])) for k, v in (data.get("fixed") or {}).items()},
            encodings={canonical(k): str(v) for k, v in (data.get("encodings") or {}).items()},
            **options,
        )
    except (TypeError, ValueError, AttributeError, LookupError) as failure:
        raise BadMapping("An option of the mapping has a value of the wrong kind") from failure


def _day(value: object) -> date | None:
    if not value:
        return None
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        day = None
    if not isinstance(day, date):
        raise BadMapping("unit_day must be a date such as 2024-06-30")
    return day


@dataclass
class _Suggestion:
    """Walks over the headers from left to right; `section` is the person of whom the last name column spoke."""

    kind: str = "persons"
    section: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    husband: bool = False

    def add(self, header: str) -> None:
        target = meaning(header.partition(" (")[0] if header.endswith(")") else header)
        match target:
            case None:
                target = IGNORED
            case "husband_name":
                self.kind, self.section, target, self.husband = "marriages", "", "name", True
            case "wife_name":
                self.kind, self.section, target = "marriages", "spouse", "spouse_name"
            case "child_name":
                self.kind, self.section, target = "births", "", "name"
            case "name":
                self.section = ""
            case "mother_name" | "father_name":
                self.section = target.removesuffix("_name")
            case _ if target in _OF_ANY_PERSON and self.section and self._is_of_section(target):
                target = self._of_section(target)
        self.columns[header] = target

    def _is_of_section(self, target: str) -> bool:
        return self.section == "spouse" or self.kind == "births" or target in self.columns.values()

    def _of_section(self, target: str) -> str:
        member = {"born": "born", "born_year": "born", "cmnd9": "cmnd9"}.get(target, "any_number")
        return f"{self.section}_{member}"


def suggest(opened: Opened) -> Mapping:
    """Suggest what the columns mean, by their headers and the titles above.

    Raises:
        NoNames: no column is known to hold names.
    """
    suggestion = _Suggestion()
    if opened.format == "xml":
        suggestion.columns.update({path: PATHS.get(path, IGNORED) for path in opened.columns})
    else:
        for header in opened.columns:
            suggestion.add(header)
    columns = suggestion.columns
    if suggestion.kind == "marriages" and not suggestion.husband and "name" in columns.values():
        suggestion.kind = "persons"  # a list of people that names their spouses
    if "surname" in columns.values():
        columns = {h: "given" if t == "name" and fold(h) == "ten" else t for h, t in columns.items()}
    for whole in ("name", "spouse_name"):
        if whole in columns and f"{whole.removesuffix('name')}given" in columns:
            columns[whole] = IGNORED  # the parts say more
    if not _NAMING & set(columns.values()):
        raise NoNames("No column is known to hold names; give a mapping that says which one does")
    if suggestion.kind == "marriages" and "married_on" not in columns.values():
        columns = {h: "married_on" if t == "registered_on" else t for h, t in columns.items()}
    return Mapping(columns, kind=suggestion.kind, unit_day=_day_of(opened.titles))


def _day_of(titles: tuple[str, ...]) -> date | None:
    for title in titles:
        if match := _TITLE_DAY.search(fold(title)):
            try:
                return date(int(match[3]), int(match[2]), int(match[1]))
            except ValueError:
                continue
    return None
