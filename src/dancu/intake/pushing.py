"""Changes that a source system pushes are applied one by one, each wholly or not at all, and each gets an answer.

Which of two changes is the later one is told by the source, not by the network: a change that comes late tells only
what no later one told, and is true from its own day on.
"""

import asyncio
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import isnan
from typing import Any
from uuid import uuid4

import numpy as np
import pyarrow as pa

from dancu.infra.db import Database, Transaction
from dancu.intake import stages, store
from dancu.intake.addresses import resolver
from dancu.intake.applying import Applier, header_of, request_id
from dancu.intake.changes import Answer, Answers, BrokenRule, Change, Changes
from dancu.intake.credentials import Credential, Discloses
from dancu.intake.decisions import Decision, Reason
from dancu.intake.loader import rows_of
from dancu.intake.logged import note
from dancu.intake.mapping import Mapping as ColumnMapping
from dancu.intake.normalise import NormalChunk, Normaliser
from dancu.intake.plan import Planned, Planner, Row
from dancu.intake.readers.raw import RawChunk
from dancu.intake.rules import QUARANTINE, REJECT, RULES, WARN, explain
from dancu.intake.store import SQL
from dancu.intake.undoing import undo
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Conflict, DancuError, Unavailable
from dancu.kernel.ids import new_id
from dancu.kernel.time import today

_TRIES = 5
_LAYERS = ("permanent", "temporary", "current")


class KeyReused(Conflict):
    """An idempotency key came again with another content."""


@dataclass(frozen=True)
class _Fate:
    """What is decided on one change."""

    decision: Decision
    reason: Reason
    person_id: int = 0
    score: float | None = None


async def push(
    database: Database, who: Credential, sent: Changes, *, now: datetime, synthetic: bool = False
) -> Answers:
    """Apply changes in the order in which they happened, and answer in the order in which they were sent.

    Args:
        database: as the role that loads, with the keys of the installation.
        who: of whom the changes are.

    Raises:
        KeyReused: a key came with another content before; nothing of the request is applied.
    """
    async with database.transaction(scope="nation") as tx:
        known = {one.key: await _known(tx, who.source, one) for one in sent.changes}
    fresh = [one for one in sent.changes if known[one.key] is None]
    pushing = _Pushing(database, who, now)
    if fresh:
        await pushing.begin(fresh, synthetic=synthetic)
        for record in sorted(range(1, len(fresh) + 1), key=lambda at: fresh[at - 1].order):
            await pushing.one(record)
        await pushing.end()
    answers = []
    for one in sent.changes:
        place = known[one.key] or pushing.places[one.key]
        answers.append(await pushing.answer(one, *place, repeated=known[one.key] is not None))
    return Answers(pushing.batch.batch_id if fresh else 0, answers)


async def _known(tx: Transaction, source: str, one: Change) -> tuple[int, int] | None:
    """Return batch and record of a change that came before.

    Raises:
        KeyReused: it said something else.
    """
    row = await tx.row(SQL.change, {"source": source, "change_key": one.key})
    if row is None:
        return None
    if bytes(row[2]) != one.digest:
        raise KeyReused("A key came again with another content; give each change a key of its own")
    return row[0], row[1]


class _Pushing:
    """The changes of one request that are new."""

    def __init__(self, database: Database, who: Credential, now: datetime) -> None:
        self.places: dict[str, tuple[int, int]] = {}
        self._database = database
        self._who = who
        self._now = now
        self._changes: Sequence[Change] = ()
        self._rows: Mapping[int, Row] = {}
        self._findings: list[dict[str, Any]] = []

    async def begin(self, changes: Sequence[Change], *, synthetic: bool) -> None:
        """Receive changes as a batch, and understand them."""
        self._changes = changes
        batch_id = new_id() >> 16
        self.places = {one.key: (batch_id, record) for record, one in enumerate(changes, start=1)}
        chunk = await asyncio.to_thread(normal, changes, self._now)
        self._rows = {row["record"]: row for row in rows_of(chunk.records)}
        self._findings = chunk.findings.to_pylist()
        digest = hashlib.sha256(b"".join(one.digest for one in changes)).digest()
        told = {"batch_id": batch_id, "records": len(changes), "source": self._who.source, "now": self._now}
        async with self._database.transaction(scope="nation") as tx:
            extra = {"synthetic": synthetic, "sha256": digest, "agreement": self._who.agreement}
            await tx.execute(SQL.pushed_batch, told | extra)
            await tx.execute(SQL.pushed_chunk, told)
            self.batch = await store.batch(tx, batch_id)
            await stages.reach(tx, self.batch, stages.RECEIVED, self._now)
            await note(tx, "push", batch_id, persons=len(changes), now=self._now)

    async def one(self, record: int) -> None:
        """Decide on one change and apply it, in one transaction; what the register refuses waits for a clerk."""
        for attempt in range(_TRIES):
            try:
                async with self._database.transaction(scope="nation") as tx:
                    await self._decide(tx, record)
            except Unavailable:
                raise
            except DancuError:
                if attempt == _TRIES - 1:
                    break
            else:
                return
        async with self._database.transaction(scope="nation") as tx:
            await self._decide(tx, record, refused=True)

    async def end(self) -> None:
        """Close the batch and prove it."""
        async with self._database.transaction(scope="nation") as tx:
            await tx.execute(SQL.pushed_applied, {"batch_id": self.batch.batch_id})
            state = {"batch_id": self.batch.batch_id, "state": "applied", "finished_at": self._now}
            await tx.execute(SQL.set_state, state)
            for name in (stages.STAGED, stages.VALIDATED, stages.MATCHED, stages.APPLIED):
                await stages.reach(tx, self.batch, name, self._now)
        await stages.reconcile(self._database, self.batch.batch_id, self._now)

    async def answer(self, one: Change, batch_id: int, record: int, *, repeated: bool) -> Answer:
        """Tell what became of a change, as far as the agreement goes."""
        at = {"batch_id": batch_id, "record": record}
        async with self._database.transaction(scope="nation") as tx:
            row = await tx.row(SQL.answer_to_change, at)
            decision, reason, person_id, score, number = row or (0, 0, 0, None, None)
            rules = [
                BrokenRule(field, rule, *(explain(rule, field, language=word) for word in ("vi", "en")))
                for field, rule in await tx.rows(SQL.findings_of_record, at)
            ]
            reference = None
            if person_id and self._who.discloses is Discloses.REFERENCE:
                asked = {"source": self._who.source, "person_id": person_id, "reference": uuid4()}
                found = await tx.row(SQL.reference_of, asked)
                reference = found[0] if found else None
        why = Reason(reason) if reason else Reason.NOT_ENOUGH_TO_BE_SURE
        return Answer(
            key=one.key,
            decision=Decision(decision).word if decision else "queued",
            reason=why.name.lower(),
            reason_vi=why.text_vi,
            reason_en=why.text,
            score=None if score is None or isnan(score) else round(score, 6),
            reference=reference,
            personal_number=number if self._who.discloses is Discloses.NUMBER else None,
            repeated=repeated,
            rules=rules,
        )

    async def _decide(self, tx: Transaction, record: int, *, refused: bool = False) -> None:
        one = self._changes[record - 1]
        key = {"source": self._who.source, "source_key": one.source_key}
        await tx.rows(SQL.lock_source_key, key)
        before = [_Earlier(*row) for row in await tx.rows(SQL.changes_of_key, key)]
        at = {"batch_id": self.batch.batch_id, "record": record}
        told = {"change_key": one.key, "occurred_at": one.occurred_at, "sequence": one.sequence, "now": self._now}
        told |= {"erases": one.operation == "erase", "ground": one.ground, "fields": sorted(one.record)}
        await tx.execute(SQL.insert_change, {**key, **at, **told, "sent_sha256": one.digest})
        if one.operation == "erase":
            fate = await self._erase(one, before)
        else:
            fate = await self._tell(tx, record, one, before, refused=refused)
        decided = {"decision": int(fate.decision), "reason": int(fate.reason), "person_id": fate.person_id}
        await tx.execute(
            SQL.decide_change, {**at, **decided, "score": float("nan") if fate.score is None else fate.score}
        )

    async def _tell(
        self, tx: Transaction, record: int, one: Change, before: "Sequence[_Earlier]", *, refused: bool
    ) -> _Fate:
        later = [earlier for earlier in before if earlier.order > one.order]
        row = self._row(record, one, before)
        broken = [found for found in self._findings if found["record"] == record and not _is_gap(found, before)]
        await store.save_findings(tx, self.batch.batch_id, broken)
        if later:
            kept = set(one.record) - {field for earlier in later for field in earlier.fields}
            if not kept or any(earlier.erased for earlier in later):
                return _Fate(Decision.UNCHANGED, Reason.LATER_ONE_KNOWN, later[-1].person_id)
            row = {name: value for name, value in row.items() if name not in _fields_of(set(one.record) - kept)}
        planned = await self._plan(tx, row, before, gravest(found["severity"] for found in broken))
        if refused and planned.decision not in {Decision.QUEUED, Decision.REJECTED}:
            planned = replace(planned, decision=Decision.QUEUED, reason=Reason.REFUSED_BY_THE_REGISTER, person_id=0)
        if planned.decision in {Decision.QUEUED, Decision.REJECTED}:
            await store.save_queue(tx, self.batch.batch_id, [planned])
            return _Fate(planned.decision, planned.reason, 0, planned.score)
        header = header_of(
            self._who.source, batch_id=self.batch.batch_id, request=request_id(self.batch.batch_id, 0, "batch")
        )
        day = PartialDate.on(min(today(one.occurred_at), today(self._now)))
        await Applier(header, self._now, valid_on=day, updates_own=True).record(tx, planned)
        return _Fate(planned.decision, planned.reason, planned.person_id, planned.score)

    async def _plan(self, tx: Transaction, row: Row, before: "Sequence[_Earlier]", severity: str | None) -> Planned:
        """Plan a record: whom the source told of under this key before is known by it."""
        day = today(self._now)
        known = await store.acquaintances(tx, [row], today=day)
        planner = Planner(known, new_id=new_id, today=day)
        person_id = _standing(before)
        holder = known.by_number.get(row.get("personal_number") or "")
        sure = person_id and (holder is None or holder.person_id == person_id)
        fates = {row["record"]: severity} if severity else {}
        (planned,) = planner.plan([row], fates, sure={row["record"]: person_id} if sure else {})
        if sure and planned.reason is Reason.SAME_NUMBER:
            planned.reason = Reason.SAME_KEY_OF_SOURCE
        return planned

    def _row(self, record: int, one: Change, before: "Sequence[_Earlier]") -> dict[str, Any]:
        """The record of a change; a new address of somebody known begins with the change, unless it says when."""
        row = {**self._rows[record], "source_key": one.source_key}
        if _standing(before):
            for layer in _LAYERS:
                if (row.get(f"{layer}_unit") or row.get(f"{layer}_address")) and not row.get(f"{layer}_since"):
                    row[f"{layer}_since"] = today(one.occurred_at)
        return row

    async def _erase(self, one: Change, before: "Sequence[_Earlier]") -> _Fate:
        """Take back what the source told under a key before the change; others' facts stay."""
        earlier = [told for told in before if told.order < one.order and not told.erases and told.person_id]
        if not earlier or _standing(before) == 0:
            return _Fate(Decision.UNCHANGED, Reason.NOT_KNOWN_FROM_SOURCE)
        person_id, left = earlier[-1].person_id, 0
        for batch_id in dict.fromkeys(told.batch_id for told in reversed(earlier)):
            async with self._database.transaction(scope="nation") as tx:
                batch = await store.batch(tx, batch_id)
            undone = await undo(self._database, batch, of={person_id}, by=self.batch.batch_id, now=self._now)
            left += len(undone.left)
        if left:
            return _Fate(Decision.REJECTED, Reason.OTHERS_REST_ON_IT, person_id)
        return _Fate(Decision.UPDATED, Reason.WITHDRAWN, person_id)


@dataclass(frozen=True)
class _Earlier:
    """A change of the same record of the source that came before, whenever it happened."""

    batch_id: int
    record: int
    occurred_at: datetime
    sequence: int
    erases: bool
    fields: Sequence[str]
    decision: int
    person_id: int

    @property
    def order(self) -> tuple[datetime, int]:
        return self.occurred_at, self.sequence

    @property
    def erased(self) -> bool:
        """Whether it took back what was told; one that could not waits for a clerk."""
        return self.erases and self.decision != Decision.REJECTED


def _is_gap(found: Mapping[str, Any], before: Sequence[_Earlier]) -> bool:
    """Tell whether a change leaves out what the source told of the same person before."""
    return bool(_standing(before)) and RULES[found["rule"]].dimension == "completeness"


def gravest(severities: Iterable[str]) -> str | None:
    """Return the severity that decides on a record: `reject` goes before `quarantine`; None: it is taken."""
    return min((one for one in severities if one != WARN), key=(REJECT, QUARANTINE).index, default=None)


def _standing(before: Sequence[_Earlier]) -> int:
    """The person of whom a source tells under a key; 0 where it told nothing, or took it back."""
    person_id = 0
    for one in before:
        if one.erased:
            person_id = 0
        elif one.person_id:
            person_id = one.person_id
    return person_id


_TAKEN_TOGETHER = {
    "name": ("surname", "middle", "given", "name_key"),
    "surname": ("surname", "name_key"),
    "middle": ("middle", "name_key"),
    "given": ("given", "name_key"),
    "number": ("personal_number", "cmnd9"),
    "born_year": ("born",),
    "permanent_address": ("permanent_address", "permanent_unit"),
    "temporary_address": ("temporary_address", "temporary_unit"),
    "current_address": ("current_address", "current_unit"),
}
_IDENTIFYING = frozenset({"surname", "middle", "given", "name_key", "personal_number", "cmnd9", "born"})


def _fields_of(told: set[str]) -> set[str]:
    """The fields of the normal record that a late change does not tell; what says who it is about stays."""
    fields = {field for name in told for field in _TAKEN_TOGETHER.get(name, (name,))}
    return fields - _IDENTIFYING


def normal(changes: Sequence[Change], now: datetime) -> NormalChunk:
    """Understand the records of changes as those of a file with the names of normal fields for headers."""
    names = sorted({name for one in changes for name in one.record}) or ["given"]
    columns = {name: pa.array([one.record.get(name) or None for one in changes], pa.string()) for name in names}
    ordinals = np.arange(1, len(changes) + 1, dtype=np.int32)
    nowhere = np.zeros(len(changes), np.int32)
    raw = RawChunk(pa.table(columns), ordinals, nowhere, nowhere)
    mapping = ColumnMapping({name: name for name in names})
    return Normaliser(mapping, today=today(now), resolve=resolver(today=today(now))).read(raw)
