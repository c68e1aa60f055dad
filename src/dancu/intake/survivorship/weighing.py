"""What becomes of what a record tells: taken over, kept as agreeing, kept as differing, or it wins over what stands."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import msgspec

from dancu.infra.keys import KeyRing, Purpose
from dancu.intake.survivorship.choosing import choose, of_field
from dancu.intake.survivorship.claims import SENSITIVE, Claim, Document, Field, key_of, standing_value, told_value
from dancu.intake.survivorship.kept import Kept, Known, life_at, place
from dancu.kernel.ids import new_id
from dancu.register import merging, payloads
from dancu.register.histories import History
from dancu.register.ledger import annulled
from dancu.register.life import Life
from dancu.register.payloads import Payload
from dancu.register.sensitive import opened_payload


@dataclass(frozen=True)
class Teller:
    """Who tells, in which record, and when.

    Args:
        document: on what the source's facts rest.
        told_on: the day of the document or the event, where it is told.
        confidence: how probable it is that the record is about the person; None: nothing was weighed.
    """

    source: str
    batch_id: int
    record: int
    received_at: datetime
    told_on: date | None = None
    confidence: float | None = None
    document: Document = Document.UNDECLARED


@dataclass(frozen=True)
class Weighed:
    """What is to be done with what a record tells.

    Args:
        told: what to take over; None: nothing.
        won: of these, what goes before what stood.
        kept: what to keep beside the ledger; None: nothing that the ledger does not hold.
        again: the source told it before: only the record is added.
    """

    told: Payload | None
    won: tuple[Field, ...] = ()
    kept: Kept | None = None
    again: bool = False


def weigh(
    known: Known,
    before: History,
    life: Life,
    told: Payload,
    fresh: Payload | None,
    teller: Teller,
    *,
    on: date,
    ring: KeyRing,
    may_win: bool = True,
) -> Weighed:
    """Weigh what a record tells against all that was told of the person.

    Args:
        before: the ledger under which it is filed; of a merged record, not the one that carries on.
        life: what stands, sensitive facts opened where the record tells any.
        fresh: what of it is taken over anyway, see `dancu.intake.news`.
        on: the day whose law decides.
        may_win: what differs may be taken over.
    """
    bits, differs, wins = 0, dict[str, Any](), dict[str, Any]()
    own = _own(before, known, teller, ring, sensitive=_is_sensitive(told))
    whole = before.survivor is not None or merging.concerns(before.events)
    claims: list[Claim] | None = None
    for field in Field:
        value, stands = told_value(told, field), standing_value(life, field)
        if value is None or (fresh is not None and told_value(fresh, field) is not None):
            continue
        if stands is not None and (value == stands or key_of(field, value) == key_of(field, stands)):
            if own and (field, key_of(field, value)) in own:
                continue
            if whole:
                differs[field] = value
            else:
                bits |= field.bit
            continue
        key = key_of(field, value)
        if may_win:
            claims = known.claims(ring) if claims is None else claims
            mine = Claim(field, value, teller.source, teller.document, teller.received_at, teller.told_on)
            chosen = choose([*of_field(claims, field), mine], on=on)
            if chosen and key_of(field, chosen.value) == key:
                wins[field] = value
                continue
        if (field, key) not in own:
            differs[field] = value
    differs |= _not_chosen(life, told, fresh)
    taken = _with(fresh, wins, told)
    if not bits and not differs:
        return Weighed(taken, tuple(Field(one) for one in wins))
    kept = _kept(before, bits, differs, teller, ring)
    same = next((one for one in known.kept if _same(one, kept, differs, before, told, teller, ring)), None)
    again = same is not None
    return Weighed(
        taken, tuple(Field(one) for one in wins), replace(same, batches=kept.batches) if same else kept, again
    )


def told_already(known: Known, teller: Teller) -> bool:
    """Tell whether this very record was kept before, by a try that was interrupted."""
    at = (teller.batch_id, teller.record)
    return any(at in zip(one.batches[::2], one.batches[1::2], strict=True) for one in known.kept)


def _own(
    before: History, known: Known, teller: Teller, ring: KeyRing, *, sensitive: bool
) -> frozenset[tuple[Field, str]]:
    """What the ledger holds of the same source: it is not kept again."""
    fallen = annulled(before.events)
    found = set()
    for event in before.events:
        act = known.acts.get(event.act_id)
        if event.seq in fallen or act is None or act.source != teller.source:
            continue
        payload = event.payload
        if sensitive:
            payload = opened_payload(payload, ring, person_id=event.person_id, seq=event.seq)
        for field in Field:
            value = told_value(payload, field)
            if value is not None:
                found.add((field, key_of(field, value)))
    return frozenset(found)


def _is_sensitive(told: Payload) -> bool:
    return any(told_value(told, field) is not None for field in SENSITIVE)


def _not_chosen(life: Life, told: Payload, fresh: Payload | None) -> dict[str, Any]:
    """Numbers and stays have laws of their own; those not taken over are kept all the same."""
    found: dict[str, Any] = {}
    numbers = {(one.scheme, one.value) for one in life.identifiers}
    numbers |= {(one.scheme, one.value) for one in fresh.identifiers} if fresh else set()
    if others := tuple(one for one in told.identifiers if (one.scheme, one.value) not in numbers):
        found["identifiers"] = others
    stays = {(one.kind, one.unit, one.detail) for one in life.residences}
    stays |= {(one.kind, one.unit, one.detail) for one in fresh.residences} if fresh else set()
    if lived := tuple(one for one in told.residences if (one.kind, one.unit, one.detail) not in stays):
        found |= {"residences": lived, "unit_day": told.unit_day}
    return found


def _with(fresh: Payload | None, wins: dict[str, Any], told: Payload) -> Payload | None:
    if not wins:
        return fresh
    return msgspec.structs.replace(fresh or Payload(source_record=told.source_record), **wins)


def _kept(before: History, bits: int, differs: dict[str, Any], teller: Teller, ring: KeyRing) -> Kept:
    person_id, claim_id = before.events[0].person_id, new_id()
    secret = {name: value for name, value in differs.items() if name in SENSITIVE}
    plain = {name: value for name, value in differs.items() if name not in SENSITIVE}
    sealed = None
    if secret:
        clear = payloads.encode(Payload(**secret))
        sealed = ring.encrypt(Purpose.SENSITIVE_FACT, clear, place(person_id, claim_id))
    return Kept(
        person_id,
        claim_id,
        len(before.events),
        bits,
        teller.told_on,
        teller.confidence,
        (teller.batch_id, teller.record),
        payloads.encode(Payload(**plain)).decode() if plain else None,
        sealed,
        teller.source,
        teller.received_at,
    )


def _same(
    one: Kept, new: Kept, differs: dict[str, Any], before: History, told: Payload, teller: Teller, ring: KeyRing
) -> bool:
    """Tell whether a source told the very same before."""
    if (one.person_id, one.source, one.agrees, one.told_on) != (new.person_id, teller.source, new.agrees, new.told_on):
        return False
    if teller.record < 0:  # of wives each telling is found by its first batch
        return False
    if one.differs != new.differs or (one.sealed is None) != (new.sealed is None):
        return False
    if one.sealed is not None and one.payload(ring) != Payload(**differs):
        return False
    if one.version == new.version or not one.agrees:
        return True
    then = life_at(before.events, one.version, ring)
    return then is not None and all(
        (stood := standing_value(then, field)) is not None
        and key_of(field, stood) == key_of(field, told_value(told, field))
        for field in Field
        if one.agrees & field.bit
    )
