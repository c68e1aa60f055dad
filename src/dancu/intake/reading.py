"""Reading a file: open it, understand it, and hand out its records in the normal form."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dancu.intake import mapping as mappings
from dancu.intake.cells import Cells
from dancu.intake.encodings import ENCODINGS
from dancu.intake.mapping import BadMapping, Mapping
from dancu.intake.normalise import NormalChunk, Normaliser, Resolve
from dancu.intake.readers.opening import open_source
from dancu.intake.readers.raw import RawChunk, Remainder, Source
from dancu.intake.synonyms import IGNORED

_SAMPLE = 5


@dataclass(frozen=True)
class Description:
    """What an operator should see before a file is loaded.

    Args:
        format: csv | fixed | jsonl | xlsx | xml | parquet.
        encoding: the encoding and why it was chosen.
        details: delimiter, sheet and the like.
        titles: what stands above the table.
        mapping: what each column means.
        unread: columns that mean nothing to the mapping.
        repaired: how many distinct texts of the first records were misread or typed in keystrokes, by header and way.
        letters: some accented words as the encoding gives them; personal data.
        sample: the first records, as normal records; personal data, for the operator's eyes only.
    """

    format: str
    encoding: str
    details: dict[str, str]
    titles: tuple[str, ...]
    mapping: Mapping
    unread: tuple[str, ...]
    repaired: dict[tuple[str, str], int]
    letters: tuple[str, ...]
    sample: tuple[dict[str, object], ...]


@dataclass
class Reading:
    """A file that is understood and ready to be read, as often as one likes.

    Not promised: the remainder is complete only when the chunks were exhausted.
    """

    path: Path
    source: Source
    mapping: Mapping
    today: date
    resolve: Resolve | None = None

    @property
    def format(self) -> str:
        """The kind of file: csv | fixed | jsonl | xlsx | xml | parquet."""
        return self.source.opened.format

    @property
    def encoding(self) -> str:
        """The id of the encoding; empty for binary formats."""
        return self.source.opened.encoding

    @property
    def columns(self) -> tuple[str, ...]:
        """The source's columns, made unique."""
        return self.source.opened.columns

    @property
    def remainder(self) -> tuple[Remainder, ...]:
        """The lines that belong to no record, and why: titles, header, empty lines, totals."""
        return tuple(self.source.opened.remainder)

    def chunks(self, *, after: int = 0) -> Iterator[NormalChunk]:
        """Yield the records in order, at most 50,000 at a time; the cuts are the same every time.

        Args:
            after: leave out the chunks that end at or before this record, to go on after an interruption.

        Raises:
            Malformed: one of its kinds, naming the line and what to do.
        """
        normaliser = self._normaliser()
        for first, raw in enumerate(_ahead(self.source.chunks())):
            if not len(raw.record) or raw.record[-1] > after or first == 0:
                chunk = normaliser.read(raw)
                if len(raw.record) and raw.record[-1] <= after:
                    continue
                yield chunk

    def header_of(self, name: str) -> str:
        """Return the source's header of the column that feeds a normal field, or an empty text."""
        wanted = {name, *_ALSO.get(name, ())}
        return next((header for header, target in self.mapping.columns.items() if target in wanted), "")

    def describe(self) -> Description:
        """Read the first records and say how the file was understood."""
        opened = self.source.opened
        first = next(self.source.chunks(), None)
        normaliser = self._normaliser()
        sample = _sample(normaliser, first) if first is not None else ()
        return Description(
            format=opened.format,
            encoding=f"{opened.encoding} ({opened.reason})" if opened.encoding else "",
            details=dict(opened.details),
            titles=opened.titles,
            mapping=self.mapping,
            unread=tuple(c for c in opened.columns if self.mapping.columns.get(c, IGNORED) == IGNORED),
            repaired=dict(normaliser.cells.told),
            letters=opened.sample,
            sample=sample,
        )

    def _normaliser(self) -> Normaliser:
        return Normaliser(
            self.mapping,
            today=self.today,
            cells=Cells(ENCODINGS[self.encoding or "utf-8"], self.mapping.encodings),
            resolve=self.resolve,
        )


def _ahead(chunks: Iterator[RawChunk]) -> Iterator[RawChunk]:
    """Read a chunk ahead in a thread of its own: parsing and decoding leave the interpreter free."""
    with ThreadPoolExecutor(1, thread_name_prefix="reader") as reader:
        coming = reader.submit(next, chunks, None)
        while (chunk := coming.result()) is not None:
            coming = reader.submit(next, chunks, None)
            yield chunk


def _sample(normaliser: Normaliser, raw: RawChunk) -> tuple[dict[str, object], ...]:
    rows = normaliser.read(raw).records.slice(0, _SAMPLE).to_pylist()
    return tuple({key: value for key, value in row.items() if value is not None} for row in rows)


_ALSO: dict[str, tuple[str, ...]] = {
    "given": ("name", "surname"),
    "surname": ("name",),
    "spouse_given": ("spouse_name", "spouse_surname"),
    "born": ("born_year",),
    "personal_number": ("number", "cmnd9"),
    "spouse_number": ("spouse_any_number", "spouse_cmnd9"),
    "father_number": ("father_any_number", "father_cmnd9"),
    "mother_number": ("mother_any_number", "mother_cmnd9"),
    "head_number": ("head_any_number",),
    "permanent_unit": ("permanent_address",),
    "temporary_unit": ("temporary_address",),
    "current_unit": ("current_address",),
    "birth_place_unit": ("birth_place_text",),
    "origin_unit": ("origin_text",),
}


def read(path: Path, *, today: date, mapping: Mapping | None = None, resolve: Resolve | None = None) -> Reading:
    """Open a file of any kind and understand it; nothing is read beyond its first lines.

    Args:
        path: CSV, TSV or other delimited text, spreadsheet, XML or Parquet.
        today: the present day in Vietnam.
        mapping: what the columns mean; suggested from the headers if None.
        resolve: finds the code of the unit that an address names.

    Raises:
        Malformed: one of its kinds: the file or the mapping cannot be used, and what to do.
    """
    given = mapping or Mapping({})
    source = open_source(path, given)
    if mapping is None:
        return Reading(path, source, mappings.suggest(source.opened), today, resolve)
    missing = sorted(set(mapping.columns) - set(source.opened.columns))
    if missing:
        raise BadMapping(f"The file has no columns of these names that the mapping gives: {', '.join(missing)}")
    return Reading(path, source, mapping, today, resolve)
