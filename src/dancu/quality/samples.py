"""Clerical samples: drawn by lot in strata, checked against documents, some of it twice by different clerks."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

from dancu.access.work import OpenWork
from dancu.infra.db import Transaction
from dancu.infra.sql import Queries
from dancu.kernel.errors import Conflict, FieldFault, Forbidden, Invalid, NotFound
from dancu.kernel.ids import new_id
from dancu.kernel.time import today
from dancu.quality.catalogue import FIELDS, LINK
from dancu.quality.estimates import Estimate, agreed, share_right
from dancu.quality.estimating import link_quality_of, strata_of

SQL = Queries("dancu.quality", "samples.sql")
LEAST_OF_STRATUM = 2
MOST = 10_000
KINDS = ("persons", "links")


class SampleUnknown(NotFound):
    """There is no such sample, or not in scope."""


class CheckedAlready(Conflict):
    """It was checked, and a second check is not asked for, or by somebody else."""


class OnNoDossier(Forbidden):
    """Clerical checks hang on a dossier, and none was chosen."""


class Found(IntEnum):
    """What a clerk finds of a field. Numbers are stored."""

    RIGHT = 1
    WRONG = 2
    NOT_CHECKABLE = 3

    @property
    def word(self) -> str:
        """The word in files and forms."""
        return self.name.lower()


@dataclass(frozen=True)
class Sample:
    """A sample with how far it is.

    Args:
        kind: persons | links.
        province: where it was drawn; '' the nation.
        doubled: share that is checked twice.
    """

    sample_id: int
    kind: str
    province: str
    seed: int
    drawn_by: int
    drawn_at: datetime
    doubled: float
    items: int
    checked: int

    @property
    def fields(self) -> tuple[str, ...]:
        """What is checked of each item."""
        return FIELDS if self.kind == "persons" else (LINK,)


@dataclass(frozen=True)
class Item:
    """One that was drawn.

    Args:
        given: of a person who is masked, or has left the scope, None; so are the other facts.
    """

    item: int
    person_id: int
    stratum: str
    doubled: bool
    batch_id: int | None
    record: int | None
    score: float | None
    surname: str | None
    middle: str | None
    given: str | None
    born: int | None
    sex: int | None
    personal_number: str | None
    province_code: str | None
    commune_code: str | None
    source: str | None
    fields: Sequence[str]
    answers: Sequence[int]
    officers: Sequence[int]
    parts: Sequence[int]

    @property
    def name(self) -> str:
        """The name in full; '' where it is not shown."""
        return " ".join(part for part in (self.surname, self.middle, self.given) if part)

    def part_of(self, officer_id: int) -> int | None:
        """Return which check the officer may make: 1, 2; None: neither."""
        if not self.parts:
            return 1
        first = self.officers[self.parts.index(1)]
        return 2 if self.doubled and 2 not in self.parts and first != officer_id else None


@dataclass(frozen=True)
class FieldFound:
    """What a sample says of a field.

    Args:
        twice, agreed: how many were checked twice, and the share on which both clerks agreed.
    """

    field: str
    estimate: Estimate | None
    twice: int
    agreed: float | None


def allocated(populations: Mapping[str, int], size: int) -> dict[str, int]:
    """Return how many to draw of each stratum: in proportion, and of each some, so that every one can be estimated.

    Args:
        size: how many in all; more where there are more strata than that allows for.
    """
    people = sum(populations.values())
    if not people:
        return {}
    return {
        name: min(max(round(size * there / people), LEAST_OF_STRATUM), there) for name, there in populations.items()
    }


async def draw(
    work: OpenWork, *, kind: str, size: int, seed: int, doubled: float, province: str, now: datetime
) -> Sample:
    """Draw a sample in the scope of the work, and log it. The same seed on the same register gives the same sample.

    Args:
        kind: persons | links.
        size: how many, up to 10,000.
        doubled: share that is checked by a second clerk, too.
        province: of the scope; '' the nation.

    Raises:
        Invalid: there is no such kind, or the size or the share is out of bounds.
        OnNoDossier: the work hangs on no dossier.
    """
    if kind not in KINDS or not 1 <= size <= MOST or not 0 <= doubled <= 1:
        raise Invalid((FieldFault("/size", "Draw 1 to 10,000 persons or links, and double at most all of them"),))
    dossier_id, tx, day = _dossier(work), work.tx, today(now)
    await tx.execute(SQL.take_time)  # a lot over the nation takes longer than a page may
    strata = SQL.strata_of_persons if kind == "persons" else SQL.strata_of_links
    populations: dict[str, int] = dict(await tx.rows(strata, {"day": day} if kind == "persons" else {}))
    drawn = allocated(populations, size)
    columns = {"stratum": list(drawn), "drawn": list(drawn.values())}
    asked = {**columns, "seed": seed} | ({"day": day} if kind == "persons" else {})
    rows = await tx.rows(SQL.draw_persons if kind == "persons" else SQL.draw_links, asked)
    sample_id, lots = new_id(), random.Random(seed)  # noqa: S311 -- a lot that can be drawn again, not a secret
    officer_id = work.entry.officer_id or 0
    told = {"sample_id": sample_id, "seed": seed, "drawn_by": officer_id, "dossier_id": dossier_id, "drawn_at": now}
    await tx.execute(SQL.put_sample, {**told, "doubled": doubled, "kind": kind, "province": province})
    there = {**columns, "sample_id": sample_id, "population": [populations[one] for one in drawn]}
    await tx.execute(SQL.put_strata, there)
    await tx.execute(SQL.put_items, {"sample_id": sample_id, **_columns(rows, lots, doubled)})
    await work.log(persons=tuple(dict.fromkeys(row[0] for row in rows)), result_count=len(rows))
    return await sample_of(tx, sample_id)


def _columns(rows: Sequence[Sequence[Any]], lots: random.Random, doubled: float) -> dict[str, list[Any]]:
    names = ("person_id", "stratum", "province", "unit", "batch_id", "record", "score")
    columns: dict[str, list[Any]] = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    twice = set(lots.sample(range(len(rows)), round(doubled * len(rows))))
    return columns | {"item": list(range(1, len(rows) + 1)), "doubled": [i in twice for i in range(len(rows))]}


def _dossier(work: OpenWork) -> int:
    if work.grant.dossier_id is None:
        raise OnNoDossier("Clerical checks hang on a dossier: choose one first")
    return work.grant.dossier_id


async def samples(tx: Transaction) -> list[Sample]:
    """List the samples in scope, the newest first."""
    return await tx.all(Sample, SQL.samples, {"sample_id": None})


async def sample_of(tx: Transaction, sample_id: int) -> Sample:
    """Return a sample. Raises SampleUnknown."""
    found = await tx.first(Sample, SQL.samples, {"sample_id": sample_id})
    if found is None:
        raise SampleUnknown("There is no such sample")
    return found


async def items(work: OpenWork, sample_id: int, item: int | None = None) -> list[Item]:
    """Return what was drawn, with its facts as far as the work sees, and log whose facts were shown.

    Raises:
        SampleUnknown: there is no such sample, or not in scope.
    """
    found = await work.tx.all(Item, SQL.items_of_sample, {"sample_id": sample_id, "item": item})
    if not found:
        raise SampleUnknown("There is no such sample")
    shown = tuple(dict.fromkeys(one.person_id for one in found if one.given is not None))
    await work.log(persons=shown, result_count=len(shown))
    return found


async def record(work: OpenWork, sample_id: int, item: int, found: Mapping[str, Found], *, now: datetime) -> int:
    """Write down what the clerk found of an item; return whether it is the first check or the second.

    Raises:
        SampleUnknown: there is no such item in scope.
        OnNoDossier: the work hangs on no dossier.
        Invalid: a field is missing, or is none of the sample.
        CheckedAlready: it was checked, and not by somebody else on an item that is checked twice.
    """
    dossier_id, officer_id = _dossier(work), work.entry.officer_id or 0
    sample = await sample_of(work.tx, sample_id)
    if set(found) != set(sample.fields):
        faults = sorted(set(found) ^ set(sample.fields))
        raise Invalid(
            tuple(FieldFault(f"/{one}", "Say of each field: right, wrong or not checkable") for one in faults)
        )
    (drawn,) = await items(work, sample_id, item)
    part = drawn.part_of(officer_id)
    if part is None:
        raise CheckedAlready("This was checked already")
    told = {"sample_id": sample_id, "item": item, "part": part, "officer_id": officer_id, "dossier_id": dossier_id}
    for field, answer in found.items():
        await work.tx.execute(SQL.put_finding, {**told, "field": field, "answer": int(answer), "found_at": now})
    return part


async def estimates(tx: Transaction, sample: Sample) -> list[FieldFound]:
    """Estimate from a sample: of persons each field, of links precision and recall; with what second checks say."""
    twice = await tx.rows(SQL.checked_twice, {"sample_id": sample.sample_id})
    rows = {
        field: await tx.rows(SQL.checked, {"sample_id": sample.sample_id, "fields": [field]}) for field in sample.fields
    }
    pairs = {field: [(a, b) for name, a, b in twice if name == field] for field in sample.fields}
    return list(_estimates(sample, rows, pairs))


def _estimates(
    sample: Sample, rows: Mapping[str, Sequence[Sequence[Any]]], pairs: Mapping[str, Sequence[tuple[int, int]]]
) -> Iterator[FieldFound]:
    for field in sample.fields:
        told = (len(pairs[field]), agreed(pairs[field]))
        if field == LINK:
            quality = link_quality_of(rows[field])
            yield FieldFound("link_precision", quality.precision, *told)
            yield FieldFound("link_recall", quality.recall, *told)
        else:
            yield FieldFound(field, share_right([one for _, one in strata_of(rows[field])]), *told)
