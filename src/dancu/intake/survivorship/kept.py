"""Claims in the database: beside the ledger, only what it does not hold already.

A record that agrees is kept as bits over the version of the ledger that it was held against; one that differs with its
values. What a source tells again lengthens the list of batches of the claim, two numbers each.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import msgspec

from dancu.infra.db import Transaction
from dancu.infra.keys import KeyRing, Place, Purpose
from dancu.infra.sql import Queries
from dancu.intake.survivorship.claims import SENSITIVE, Claim, Document, Field, standing_value, told_value
from dancu.intake.survivorship.ledger import ActTold, act_ids, claims_of_all, standing_records
from dancu.kernel.time import today
from dancu.register import payloads
from dancu.register.histories import History
from dancu.register.ledger import Event
from dancu.register.life import Life
from dancu.register.model import fold
from dancu.register.payloads import Payload
from dancu.register.sensitive import opened

SQL = Queries("dancu.intake.survivorship")


class Documents:
    """On what the facts of each source rest, and since when."""

    def __init__(self, rows: Iterable[Sequence[Any]] = ()) -> None:
        self._told: dict[str, list[tuple[date, Document]]] = {}
        for source, since, document in rows:
            self._told.setdefault(source, []).append((since, Document(document)))

    def of(self, source: str | None, day: date) -> Document:
        """Return the document of a source on a day."""
        told = [document for since, document in self._told.get(source or "", ()) if since <= day]
        return told[-1] if told else Document.UNDECLARED


@dataclass(frozen=True)
class Kept:
    """What records of one source told of a person beside the ledger.

    Args:
        version: how many events the ledger had; what `agrees` marks is what stood by them.
        agrees: bits of fields.
        batches: batch and record of each telling, one after another.
        differs: told otherwise than what stood, and not taken over.
        sealed: the sensitive ones of these.
    """

    person_id: int
    claim_id: int
    version: int
    agrees: int
    told_on: date | None
    confidence: float | None
    batches: tuple[int, ...]
    differs: str | None
    sealed: bytes | None
    source: str = ""
    received_at: datetime | None = None

    def payload(self, ring: KeyRing) -> Payload:
        """Return what differs.

        Raises:
            KeyMissing: some is sealed, and the key isn't there.
            SealBroken: it was changed or moved.
        """
        told = payloads.decode(self.differs) if self.differs else Payload()
        if self.sealed is None:
            return told
        clear = ring.decrypt(Purpose.SENSITIVE_FACT, self.sealed, place(self.person_id, self.claim_id))
        facts = payloads.decode(clear)
        return msgspec.structs.replace(told, **{name: getattr(facts, name) for name in SENSITIVE})

    @property
    def row(self) -> dict[str, object]:
        """The parameters that keep it."""
        told = {name: getattr(self, name) for name in ("person_id", "claim_id", "version", "agrees", "told_on")}
        rest = {name: getattr(self, name) for name in ("confidence", "differs", "sealed")}
        return {**told, **rest, "batches": list(self.batches)}


def place(person_id: int, claim_id: int) -> Place:
    """Return where the sealed part of a claim lies."""
    return Place("intake.claim", "sealed", f"{person_id}:{claim_id}")


def kept_of(row: Sequence[Any]) -> Kept:
    """Read a row of `claims_of_persons`."""
    *plain, batches, differs, sealed, source, received_at = row
    rest = (tuple(batches), differs, bytes(sealed) if sealed else None, source, received_at)
    return Kept(*(*plain, *rest))


@dataclass(frozen=True)
class Known:
    """All that is known of who told what of a person.

    Args:
        history: of the record that stands.
        acts: those of its ledgers.
        kept: of all its records.
    """

    history: History
    acts: Mapping[int, ActTold]
    kept: Sequence[Kept] = ()
    documents: Documents = field(default_factory=Documents)

    def claims(self, ring: KeyRing) -> list[Claim]:
        """Return all claims: those of the ledgers, and those beside them.

        Raises:
            KeyMissing: there are sealed facts, and their key isn't there.
        """
        events, ledgers = self.history.events, self.history.ledgers
        found = claims_of_all(events, ledgers, self.acts, ring)
        by_record: dict[int, Sequence[Event]] = {one: ledgers[one] for one in standing_records(events, ledgers)} | (
            {events[0].person_id: events} if events else {}
        )
        for one in self.kept:
            if one.person_id in by_record:
                found += self._beside(one, by_record[one.person_id], ring)
        return found

    def _beside(self, one: Kept, events: Sequence[Event], ring: KeyRing) -> list[Claim]:
        life = life_at(events, one.version, ring) if one.agrees else None
        told = one.payload(ring)
        received = one.received_at or events[0].known_at
        claims = []
        for name in Field:
            value = told_value(told, name)
            if value is None and life is not None and one.agrees & name.bit:
                value = standing_value(life, name)
            if value is not None:
                claim = Claim(name, value, one.source, self.documents.of(one.source, today(received)), received)
                batch_id, record = one.batches[:2]
                claims.append(
                    replace(claim, told_on=one.told_on, batch_id=batch_id, record=record, confidence=one.confidence)
                )
        return claims


def life_at(events: Sequence[Event], version: int, ring: KeyRing) -> Life | None:
    """Return the life that a ledger told when it had so many events, with its sensitive facts.

    A record is held against bits only while its ledger alone tells the life.
    """
    life = fold(events[:version])
    return opened(life, ring) if life else None


async def known(tx: Transaction, history: History) -> Known:
    """Read who told what of a person; of a merged record, of the one that carries on."""
    standing = history.survivor or history
    ids = [standing.events[0].person_id, *standing.ledgers] if standing.events else []
    acts = sorted(act_ids((standing.events, *standing.ledgers.values())))
    (_, told), (_, by_act), (_, rows) = await tx.together(
        (SQL.documents, {}), (SQL.acts, {"act_ids": acts}), (SQL.claims_of_persons, {"person_ids": ids})
    )
    rest_on = Documents(told)
    acts_told = {row[0]: act_told(row, rest_on) for row in by_act}
    return Known(standing, acts_told, [kept_of(row) for row in rows], rest_on)


def act_told(row: Sequence[Any], documents: Documents) -> ActTold:
    """Read a row of `acts`."""
    act_id, source, batch_id, known_at = row
    return ActTold(act_id, source, batch_id, documents.of(source, today(known_at)))


async def keep(tx: Transaction, one: Kept, *, again: bool) -> None:
    """Keep a claim, or that a source tells one again."""
    await tx.execute(SQL.told_again if again else SQL.keep, one.row)


async def declare(tx: Transaction, source: str, document: Document, *, since: date, by: str, now: datetime) -> None:
    """Declare on what the facts of a source rest, from a day on."""
    told = {"source": source, "document": int(document), "since": since, "by": by, "now": now}
    await tx.execute(SQL.declare_document, told)


async def forget_batch(tx: Transaction, batch_id: int, of: Collection[int] | None = None) -> int:
    """Take back what a batch told beside the ledger, and return how many claims fell.

    Args:
        of: persons; None: all.
    """
    fallen = 0
    for person_id, claim_id, batches in await tx.rows(SQL.claims_of_batch, {"batch_id": batch_id}):
        if of is not None and person_id not in of:
            continue
        tellings = zip(batches[::2], batches[1::2], strict=True)
        left = [one for telling in tellings if telling[0] != batch_id for one in telling]
        at = {"person_id": person_id, "claim_id": claim_id}
        if left:
            await tx.execute(SQL.set_batches, {**at, "batches": left})
        else:
            fallen += await tx.execute(SQL.forget, at)
    return fallen
