"""What the columns of a source's files mean, kept from file to file, in versions."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg.types.json import Jsonb

from dancu.infra.db import Transaction
from dancu.infra.sql import Queries
from dancu.intake.addresses import resolver
from dancu.intake.mapping import Mapping, NoNames, of_data, suggest
from dancu.intake.reading import Reading, read
from dancu.intake.rejects import NOTES
from dancu.intake.synonyms import IGNORED
from dancu.kernel.errors import Malformed
from dancu.kernel.text import fold
from dancu.kernel.time import today

SQL = Queries("dancu.intake", "uploads.sql")
_ALIKE = 0.5


@dataclass(frozen=True)
class Kept:
    """A version of what a source's columns mean."""

    version: int
    kept_at: datetime
    kept_by: int | None
    headers: tuple[str, ...]
    mapping: Mapping


@dataclass(frozen=True)
class Understood:
    """How a file is read, and what that rests on.

    Args:
        version: the kept version that it is read by; 0: it is suggested from the headers.
        added: columns that the kept version does not know.
        missing: columns of the kept version that the file lacks.
    """

    mapping: Mapping
    version: int = 0
    added: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Tell whether the headers are others than those of the kept version."""
        return bool(self.added or self.missing)


@dataclass(frozen=True)
class Opened:
    """A file that is ready to be read."""

    reading: Reading
    understood: Understood = field(default_factory=lambda: Understood(Mapping({})))


async def versions(tx: Transaction, source: str) -> list[Kept]:
    """List what is kept of a source, the latest first."""
    rows = await tx.rows(SQL.mappings_of, {"source": source})
    return [Kept(version, at, by, tuple(headers), of_data(told)) for version, at, by, headers, told in rows]


async def sources(tx: Transaction) -> list[str]:
    """List the sources of which something is kept."""
    return [row[0] for row in await tx.rows(SQL.sources, {})]


async def keep(
    tx: Transaction, source: str, headers: Sequence[str], mapping: Mapping, *, by: int | None, now: datetime
) -> int:
    """Keep what the columns of a source mean, and return the version; what is kept already gets no new one.

    Args:
        by: the officer who says so; None: it was suggested.
    """
    for one in await versions(tx, source):
        if one.headers == tuple(headers) and one.mapping == mapping:
            return one.version
    parameters: dict[str, Any] = {"source": source, "headers": list(headers), "told": Jsonb(mapping.as_json())}
    row = await tx.row(SQL.keep_mapping, {**parameters, "by": by, "now": now})
    return int(row[0]) if row else 0


def fitting(found: Sequence[Kept], headers: Sequence[str]) -> Kept | None:
    """Return the version whose headers are most like those of a file, the latest of equals; None if none is alike."""
    wanted = set(map(fold, headers))

    def likeness(one: Kept) -> float:
        known = set(map(fold, one.headers))
        return len(wanted & known) / max(len(wanted | known), 1)

    best = max(found, key=lambda one: (likeness(one), one.version), default=None)
    return best if best and likeness(best) >= _ALIKE else None


def fitted(kept: Kept, headers: Sequence[str], suggested: Mapping | None) -> Understood:
    """Read a file by a kept version: what it knows stands, what is new is suggested, what is gone is left out."""
    named = {fold(header): header for header in kept.mapping.columns}
    columns, added = {}, []
    for header in headers:
        known = named.get(fold(header))
        if known is not None:
            columns[header] = kept.mapping.columns[known]
        else:
            added += [header] if header not in NOTES else []
            columns[header] = suggested.columns.get(header, IGNORED) if suggested else IGNORED
    there = set(map(fold, headers))
    missing = tuple(header for header in kept.mapping.columns if fold(header) not in there and header not in NOTES)
    mapping = replace(
        kept.mapping,
        columns=columns,
        unit_day=kept.mapping.unit_day or (suggested.unit_day if suggested else None),
        fixed={header: place for header, place in kept.mapping.fixed.items() if fold(header) in there},
        encodings={header: way for header, way in kept.mapping.encodings.items() if fold(header) in there},
    )
    return Understood(mapping, kept.version, tuple(added), missing)


def understand(path: Path, found: Sequence[Kept], *, now: datetime, mapping: Mapping | None = None) -> Opened:
    """Open a file by what was said of it, else by what is kept of its source, else by what its headers suggest.

    Args:
        found: what is kept of its source.
        mapping: what was said of this very file.

    Raises:
        Malformed: one of its kinds: the file cannot be used, and what to do.
    """
    day = today(now)
    resolve = resolver(today=day)
    if mapping is not None and mapping.columns:
        return Opened(read(path, today=day, mapping=mapping, resolve=resolve), Understood(mapping))
    wishes = mapping or (replace(found[0].mapping, columns={}) if found else Mapping({}))
    try:
        reading = read(path, today=day, mapping=wishes, resolve=resolve)
    except Malformed:
        if mapping is not None or not found:
            raise
        wishes = Mapping({})
        reading = read(path, today=day, mapping=wishes, resolve=resolve)
    try:
        suggested = suggest(reading.source.opened)
    except NoNames:
        suggested = None
    kept = fitting(found, reading.columns)
    if kept:
        understood = fitted(kept, reading.columns, suggested)
    elif suggested:
        understood = Understood(replace(suggested, **_options(wishes)))
    else:
        raise NoNames("No column is known to hold names; give a mapping that says which one does")
    reading.mapping = understood.mapping
    return Opened(reading, understood)


def _options(wishes: Mapping) -> dict[str, Any]:
    names = ("encoding", "delimiter", "quote", "sheet", "fixed", "skipped", "encodings")
    return {name: getattr(wishes, name) for name in names}
