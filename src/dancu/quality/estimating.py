"""Measures that are estimated: from clerical samples, from two lists, and from what demography expects."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import psycopg

from dancu.infra.sql import Queries
from dancu.quality.catalogue import BY_CODE, FIELDS, LINK
from dancu.quality.estimates import Estimate, LinkQuality, Lists, Stratum, coverage, link_quality, share_right
from dancu.quality.intervals import poisson
from dancu.quality.model import ALL_AGES, ALL_SOURCES, Figure, Measure

SQL = Queries("dancu.quality")
SAMPLES = Queries("dancu.quality", "samples.sql")
APART = "created"
"""Prefix of the strata of records of which a new person was made."""

_EVENTS = {"births_registered": "birth", "deaths_registered": "death"}
Connection = psycopg.Connection[Any]


def figures(connection: Connection, one: Measure, day: date) -> list[Figure]:
    """Return the figures of an estimated measure."""
    match one.code:
        case "field_accuracy":
            return _accuracy(connection, day)
        case "coverage":
            return _coverage(connection, day)
        case "births_registered" | "deaths_registered":
            return _events(connection, one, day)
        case _:
            return _links(connection, one, day)


def _figure(code: str, day: date, found: Estimate | None, province: str = "", source: str = ALL_SOURCES,
            age_group: int = ALL_AGES) -> Figure:  # fmt: skip
    if found is None:
        return Figure(day, code, province, age_group, source, 0, 0)
    told = (found.numerator, found.denominator, found.value, found.low, found.high)
    return Figure(day, code, province, age_group, source, *told)


def strata_of(rows: Iterable[Sequence[Any]]) -> list[tuple[str, Stratum]]:
    """Turn rows (stratum, population, checked, right) into strata with their names."""
    return [(name, Stratum(population, checked, right)) for name, population, checked, right in rows]


def _accuracy(connection: Connection, day: date) -> list[Figure]:
    """By place of the last sample there; fields stand in the place of sources: each has its own accuracy."""
    told = []
    for sample_id, province in connection.execute(_text(SAMPLES.last_samples), {"kind": "persons"}).fetchall():
        whole: list[Stratum] = []
        for field in FIELDS:
            rows = connection.execute(_text(SAMPLES.checked), {"sample_id": sample_id, "fields": [field]}).fetchall()
            strata = [one for _, one in strata_of(rows)]
            whole += strata
            if any(one.checked for one in strata):
                told.append(_figure("field_accuracy", day, share_right(strata), province, field))
        told.append(_figure("field_accuracy", day, _fields_together(whole), province))
    return told


def _fields_together(strata: Sequence[Stratum]) -> Estimate | None:
    """All fields as one: every field of every person counts alike."""
    return share_right(strata)


def link_quality_of(rows: Iterable[Sequence[Any]]) -> LinkQuality:
    """Estimate precision and recall from the strata of a sample of links."""
    strata = strata_of(rows)
    return link_quality(
        [one for name, one in strata if not name.startswith(APART)],
        [one for name, one in strata if name.startswith(APART)],
    )


def _links(connection: Connection, one: Measure, day: date) -> list[Figure]:
    told = []
    for sample_id, province in connection.execute(_text(SAMPLES.last_samples), {"kind": "links"}).fetchall():
        asked = {"sample_id": sample_id, "fields": [LINK]}
        found = link_quality_of(connection.execute(_text(SAMPLES.checked), asked).fetchall())
        estimate = found.precision if one is BY_CODE["link_precision"] else found.recall
        told.append(_figure(one.code, day, estimate, province))
    return told


def _coverage(connection: Connection, day: date) -> list[Figure]:
    """By province and source, in strata of age, each corrected for the links between the lists."""
    precision, recall = 1.0, 1.0
    for sample_id, province in connection.execute(_text(SAMPLES.last_samples), {"kind": "links"}).fetchall():
        if not province:
            asked = {"sample_id": sample_id, "fields": [LINK]}
            found = link_quality_of(connection.execute(_text(SAMPLES.checked), asked).fetchall())
            precision = found.precision.value if found.precision and found.precision.value else 1.0
            recall = found.recall.value if found.recall and found.recall.value else 1.0
    groups: defaultdict[tuple[str, str, int], list[Lists]] = defaultdict(list)
    rows = connection.execute(_text(SQL.lists)).fetchall()
    sources = sorted({source for _, _, source, *_ in rows})
    for province, age_group, source, first, second, both in rows:
        lists = Lists(first, second, both)
        for place in {province, ""}:
            groups[place, source, ALL_AGES].append(lists)
            groups[place, source, age_group].append(lists)
    told = []
    for (province, source, age_group), strata in groups.items():
        found_here = coverage(strata, precision=precision, recall=recall)
        if found_here and age_group == ALL_AGES:
            told.append(_figure("coverage", day, found_here, province, source))
        # Of one source alone, it is the coverage by age, too; two lists would need a model of how they hang together.
        if found_here and source == sources[0]:
            told.append(_figure("coverage", day, found_here, province, age_group=age_group))
    return told


def _events(connection: Connection, one: Measure, day: date) -> list[Figure]:
    asked = {"event": _EVENTS[one.code], "year": day.year - 1, "day": day}
    told = []
    for province, seen, expected in connection.execute(_text(SQL.events_of_year), asked).fetchall():
        if expected:
            low, high = poisson(seen)
            found = Estimate(seen / expected, low / expected, high / expected, seen, expected, int(seen))
            told.append(_figure(one.code, day, found, province))
    return told


def _text(statement: str) -> bytes:
    return statement.encode()
