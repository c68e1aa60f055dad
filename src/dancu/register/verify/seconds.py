"""Acts that take four eyes against what was proposed, and who decided on it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from psycopg.rows import dict_row

from dancu.dossiers.proposals import Proposal, ProposalState
from dancu.infra.keys import KeyRing
from dancu.infra.sql import Queries
from dancu.kernel.errors import DancuError
from dancu.register import payloads
from dancu.register.four_eyes import FOUR_EYES, takes_four_eyes
from dancu.register.kinds import EventKind
from dancu.register.proposed import filed_in
from dancu.register.verify.lives import Difference

SQL = Queries("dancu.register.verify", "seconds.sql")

Connection = psycopg.Connection[Any]

_AT_ONCE = 2_000


@dataclass(frozen=True)
class Act:
    """An act of an officer as it is stored, with the events that it has.

    Args:
        seen: version of each person that it touches, before it.
    """

    act_id: int
    kind: int
    officer_id: int
    approver_id: int | None
    dossier_id: int | None
    request_id: UUID
    known_at: datetime
    office: str
    legal_ground: str
    evidence: dict[str, str] | None
    person_id: int
    seen: dict[int, int]
    payloads: Sequence[str]

    @property
    def kind_name(self) -> str:
        """The kind as proposals name it."""
        return EventKind(self.kind).name.lower()

    @property
    def takes_four_eyes(self) -> bool:
        """Whether a second officer must have approved it."""
        try:
            return takes_four_eyes(EventKind(self.kind), map(payloads.decode, self.payloads))
        except (msgspec.MsgspecError, ValueError):
            return True  # of facts that can't be read, none proves that one officer was enough


def unseconded(connection: Connection, ring: KeyRing | None = None) -> Iterator[Difference]:
    """Yield the acts that lack the approval of a second officer, or are not what was approved.

    Args:
        connection: of a role that may read everything.
        ring: opens what was proposed, so that it is compared with the act, too.
    """
    for act, proposals in _acts(connection):
        found = _wrong(act, proposals, ring)
        if found:
            yield Difference("act", f"{found} (act {act.act_id})", act.person_id)
    acts = {"acts": [kind.name.lower() for kind in FOUR_EYES]}
    for (proposal_id,) in connection.execute(SQL.approved_act_is_there.encode(), acts).fetchall():
        yield Difference("proposal", f"not so: approved act is there (proposal {proposal_id})")


Proposals = Sequence[tuple[Proposal, UUID | None]]


def _acts(connection: Connection) -> Iterator[tuple[Act, Proposals]]:
    kinds = {"kinds": [int(kind) for kind in FOUR_EYES]}
    with connection.transaction(), connection.cursor("seconds", row_factory=dict_row) as cursor:
        cursor.itersize = _AT_ONCE
        cursor.execute(SQL.acts_and_proposals.encode(), kinds)
        for _, rows in groupby(cursor, key=lambda row: row["act_id"]):
            found = list(rows)
            yield _act(found), _proposals(found)


def _act(rows: Sequence[dict[str, Any]]) -> Act:
    first = rows[0]
    events = {(row["person_id"], row["seq"]): row["payload"] for row in rows if row["seq"] is not None}
    same = ("act_id", "kind", "officer_id", "approver_id", "request_id", "known_at", "office", "evidence", "person_id")
    return Act(
        **{name: first[name] for name in same},
        dossier_id=first["of_dossier"],
        legal_ground=first["of_ground"],
        seen={person_id: seq - 1 for person_id, seq in sorted(events, reverse=True)},
        payloads=tuple(events.values()),
    )


def _proposals(rows: Sequence[dict[str, Any]]) -> Proposals:
    by_id = {row["proposal_id"]: row for row in rows if row["proposal_id"] is not None}
    return [
        (Proposal(**{name: row[_COLUMNS.get(name, name)] for name in _PROPOSAL}), row["of_request"])
        for row in by_id.values()
    ]


_PROPOSAL = tuple(field.name for field in fields(Proposal))
_COLUMNS = {"officer_id": "proposed_by"}


def _wrong(act: Act, proposals: Proposals, ring: KeyRing | None) -> str | None:
    """Say what is wrong with the approval of an act, or None."""
    if not proposals:
        needed = act.takes_four_eyes or act.approver_id is not None
        return "not so: act was approved by a second officer" if needed else None
    if len(proposals) > 1:
        return "not so: act was approved once"
    (proposal, of_request), *_ = proposals
    if act.approver_id in {None, act.officer_id} or proposal.decided_by != act.approver_id:
        return "not so: act was approved by who is named"
    if proposal.officer_id != act.officer_id or proposal.decided_by == proposal.officer_id:
        return "not so: act was proposed by who is named"
    if proposal.state != ProposalState.APPROVED or proposal.decided_at is None or proposal.decided_at > act.known_at:
        return "not so: act was approved before it was recorded"
    told = (proposal.act, proposal.dossier_id, of_request or act.request_id, proposal.legal_ground)
    if told != (act.kind_name, act.dossier_id, act.request_id, act.legal_ground):
        return "not so: act is what was approved"
    return _unlike(act, proposal, ring) if ring else None


def _unlike(act: Act, proposal: Proposal, ring: KeyRing) -> str | None:
    """Say in what an act is not the command that was filed."""
    try:
        filed = filed_in(proposal, ring)
    except (DancuError, msgspec.MsgspecError):
        return "not so: what was approved can be read"
    header = filed.header
    told = (header.request_id, header.office, header.evidence or None, dict(filed.seen))
    return None if told == (act.request_id, act.office, act.evidence, act.seen) else "not so: act is what was approved"
