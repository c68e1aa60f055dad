"""Applying planned records one by one: what a record tells becomes acts of the register.

The request id of every act is made of batch and record, so that doing it twice is doing it once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import NAMESPACE_OID, UUID, uuid5

from dancu.infra.db import Transaction
from dancu.intake.decisions import Decision
from dancu.intake.news import news, told_by
from dancu.intake.plan import Planned
from dancu.intake.store import SQL
from dancu.intake.survivorship.taking import take
from dancu.intake.survivorship.weighing import Teller
from dancu.kernel.codes import Authority
from dancu.kernel.dates import PartialDate
from dancu.kernel.time import today
from dancu.register import commands
from dancu.register.act import ActHeader
from dancu.register.payloads import Kin
from dancu.register.sensitive import opened
from dancu.register.store import History, act_of_request, history
from dancu.register.territory import locate

HeaderOf = Callable[[str], ActHeader]
"""Makes the header of an act from the part that it plays for the record: `person`, `spouse` or `marriage`."""


def request_id(batch_id: int, record: int, role: str) -> UUID:
    """Return the idempotency key of what one record of a batch does."""
    return uuid5(NAMESPACE_OID, f"dancu:intake:{batch_id}:{record}:{role}")


def header_of(source: str, *, batch_id: int, request: UUID) -> ActHeader:
    """Return the header of acts that a source's records make."""
    return ActHeader(
        authority=Authority.POPULATION_DATABASE,
        office="",
        request_id=request,
        legal_ground="Luật Căn cước 26/2023/QH15, Điều 9, Điều 10",
        source=source,
        batch_id=batch_id,
    )


@dataclass
class Applier:
    """Applies the records of one batch, each in a transaction of the caller's.

    Args:
        header: of every act; its request id is replaced by each record's.
        now: when the register records it.
        valid_on: from when a change is true; None: from the day on which it is recorded.
        corrects: acts of the batch that this one supersedes: what they told is corrected.
        updates_own: whatever the same source told before may be told otherwise, since something changed there.
        warnings: grows by the facts of the past that a rule of today would refuse.
    """

    header: ActHeader
    now: datetime
    valid_on: PartialDate | None = None
    corrects: frozenset[int] = frozenset()
    updates_own: bool = False
    warnings: int = field(default=0)

    def header_for(self, record: int, role: str) -> ActHeader:
        """Return the header of one act of a record."""
        return replace(self.header, request_id=request_id(self.header.batch_id or 0, record, role))

    async def record(self, tx: Transaction, one: Planned) -> None:
        """Apply a record that was planned; one about a known person that brings news becomes an update."""
        changed = await self._person(tx, one, "person")
        if one.spouse:
            changed |= await self._person(tx, one.spouse, "spouse")
            changed |= await self._marriage(tx, one, one.spouse)
        if one.decision is Decision.UNCHANGED and changed:
            one.decision = Decision.UPDATED

    async def _person(self, tx: Transaction, one: Planned, role: str) -> bool:
        """Establish the person or take over what is new; tell whether anything was, now or by an earlier try."""
        told = one.told
        if told is None:
            return False
        header = self.header_for(one.record, role)
        if one.creates:
            await commands.establish_person(
                tx, header=header, told=told, now=self.now, locate=locate, person_id=one.person_id
            )
            return True
        if await act_of_request(tx, header.request_id):
            return True
        before = await history(tx, one.person_id)
        life = opened(before.life, tx.keys) if before.life else None
        if life is None:
            return False
        fresh = news(life, told, await self._own(tx, before) if self.updates_own else ()).told
        corrected = news(life, told, told_by(before.events, self.corrects)).told if self.corrects else fresh
        taken = await take(
            *(tx, before, life, told, corrected),
            self._teller(one, role),
            on=today(self.now),
            may_win=corrected == fresh,
        )
        fresh, corrected = (taken, taken) if corrected == fresh else (fresh, taken)
        if corrected is None:
            return False
        if corrected != fresh:
            await commands.correct_particulars(
                tx, header=header, person_id=one.person_id, told=corrected, now=self.now, locate=locate
            )
            return True
        await commands.update_from_source(
            tx,
            header=header,
            person_id=one.person_id,
            told=corrected,
            valid_on=self.valid_on or PartialDate.on(today(self.now)),
            now=self.now,
            locate=locate,
        )
        return True

    def _teller(self, one: Planned, role: str) -> Teller:
        """Return who tells; of the wife of a marriage record under the record below 0."""
        source, record = self.header.source or "", one.record if role == "person" else -one.record
        on = self.valid_on.complete if self.valid_on else None
        return Teller(source, self.header.batch_id or 0, record, self.now, on, one.score)

    async def _own(self, tx: Transaction, before: History) -> frozenset[str]:
        """Return the fields of which the same source told what stands."""
        asked = {"acts": sorted({event.act_id for event in before.events}), "source": self.header.source}
        acts = {row[0] for row in await tx.rows(SQL.acts_of_source, asked)}
        return told_by(before.events, acts)

    async def _marriage(self, tx: Transaction, one: Planned, wife: Planned) -> bool:
        """Record the marriage unless both records tell it already."""
        header = self.header_for(one.record, "marriage")
        married_on = one.row.get("married_on")
        if await act_of_request(tx, header.request_id):
            return True
        life = (await history(tx, one.person_id)).life
        if married_on is None or (life and any(_is(m.spouse, wife.person_id) for m in life.marriages)):
            return False
        done = await commands.record_marriage(
            tx,
            header=header,
            one_id=one.person_id,
            other_id=wife.person_id,
            on=PartialDate(married_on),
            now=self.now,
            locate=locate,
            history=True,
        )
        self.warnings += len(done.warnings)
        return True


def _is(kin: Kin, person_id: int) -> bool:
    return kin.person_id == person_id
