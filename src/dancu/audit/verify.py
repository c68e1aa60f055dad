"""Proving the log: every row is what was written and sealed, and the tree is the one that was signed.

What is compared, and with what: a row with its commitment; the commitment with its leaf; the leaves with every head
that the log signed and with the last that each witness signed, which the witness itself tells.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import psycopg

from dancu.audit.entry import Actor, Channel, Entry, Operation, Outcome, commitment
from dancu.audit.log import SQL
from dancu.audit.notes import Checkpoint, Key, Note, signatures_in
from dancu.audit.retention import Retired
from dancu.audit.sealing import Tree
from dancu.audit.tiles import leaf_of, leaves_in, split
from dancu.audit.tree import TILE_WIDTH, Frontier, leaf_hash
from dancu.audit.witnesses import Witnesses, WitnessSilent

_ROWS_AT_ONCE = 5_000
_LATE = timedelta(days=1)
"""A long load writes its row when it ends, with the time at which it began."""

Progress = Callable[[int], None]


class What(StrEnum):
    """What may be found; none of it holds personal data."""

    ALTERED = "a row of the access log is not what was written"
    CHANGED = "a row of the access log is not the one that was sealed"
    MOVED = "sealed rows of the access log changed places"
    MISSING = "a sealed row of the access log is gone"
    INSERTED = "a row was put into the access log where all rows had been sealed"
    UNTOLD = "a month of the access log was dropped, and the log does not tell of it"
    NO_TREE = "the access log has heads or leaves, and no tree"
    LEAVES = "the leaves of the log's tree are not in order, or not as many as it has"
    TILES = "inner nodes of the log's tree are not those of its leaves"
    PEAKS = "the frontier of the log's tree is not that of its leaves"
    UNREADABLE = "a head of the log can't be read"
    UNSIGNED = "a head of the log was not signed by the log"
    OTHER_KEY = "the log's tree names another key than this installation's"
    ROOT = "a head of the log is not that of its leaves"
    TOO_LARGE = "a head of the log counts more rows than are there"
    NO_HEAD = "the last head of the log is gone"
    COSIGNATURE = "a witness's signature under a head of the log does not hold"
    WITNESS_ROOT = "a witness signed another history of the log"
    WITNESS_AHEAD = "a witness signed a longer log than this one"
    # What follows is told, and is no fault.
    BACKDATED = "a row tells of a time more than a day before witnesses had seen the rows before it"
    UNSEALED = "rows of the access log are not sealed yet"
    UNWITNESSED = "sealed rows are not witnessed yet"
    NO_WITNESS = "no witness is known: whoever holds the log's key could rewrite all of it"
    SILENT = "a witness does not answer: only its signatures that are kept here were checked"
    UNKNOWN = "a head is signed by a witness that is not known here"
    NO_KEY = "the log's key is not known here: its signatures were not checked"
    NOT_SEALED = "nothing is sealed"


_REMARKS = frozenset(
    {
        What.BACKDATED,
        What.UNSEALED,
        What.UNWITNESSED,
        What.NO_WITNESS,
        What.SILENT,
        What.UNKNOWN,
        What.NO_KEY,
        What.NOT_SEALED,
    }
)


@dataclass(frozen=True)
class Finding:
    """One thing that was found.

    Args:
        log_id: number of the row; of unsealed rows, the first.
        size: number of leaves at which it is so; of unsealed or unwitnessed rows, how many they are.
    """

    what: What
    log_id: int | None = None
    size: int | None = None
    witness: str | None = None

    @property
    def is_fault(self) -> bool:
        """Whether something is wrong; if not, it is only told."""
        return self.what not in _REMARKS


@dataclass(frozen=True)
class Trust:
    """What is believed beforehand.

    Args:
        key: public key of the log, from the installation's files, not from the database; None: unknown.
    """

    key: Key | None = None
    witnesses: Witnesses = field(default_factory=Witnesses)


def verify_log(connection: psycopg.Connection, trust: Trust, progress: Progress = lambda _: None) -> Iterator[Finding]:
    """Yield whatever is not as it was written, sealed and signed, and what could not be proven.

    Not promised: rows that a superuser changes before they are sealed, and whole histories that no witness signed.

    Args:
        connection: of the role that verifies.
        progress: told how many rows were looked at since the last call.
    """
    claims, told = _claims(trust)
    yield from told
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield from _Examination(connection, trust, claims, progress).findings()


def _claims(trust: Trust) -> tuple[dict[str, Checkpoint], list[Finding]]:
    """Ask each witness for the last head that it signed: nobody here can take that back."""
    claims, told = dict[str, Checkpoint](), list[Finding]()
    if trust.key is None:
        return claims, [Finding(What.NO_KEY)]
    if not trust.witnesses.all:
        told.append(Finding(What.NO_WITNESS))
    for witness in trust.witnesses.all:
        try:
            note = witness.last(trust.key.name)
        except WitnessSilent:
            told.append(Finding(What.SILENT, witness=witness.key.name))
            continue
        if note and trust.key.signed(note) and witness.key.signed(note):
            claims[witness.key.name] = Checkpoint.read(note.text)
    return claims, told


_Head = tuple[Checkpoint, datetime | None]
"""A head, and when a witness signed it last."""


class _Examination:
    """One pass over rows, leaves and heads, side by side."""

    def __init__(
        self, connection: psycopg.Connection, trust: Trust, claims: dict[str, Checkpoint], progress: Progress
    ) -> None:
        self._connection = connection
        self._trust = trust
        self._claims = claims
        self._progress = progress
        self._found: list[Finding] = []
        self._frontier = Frontier()
        self._tiles: dict[int, list[bytes]] = {}
        self._exchanged: list[tuple[int, bytes, bytes]] = []
        self._witnessed = 0
        self._last_head = 0
        self._seen_at: datetime | None = None
        self._retired = Retired.read(connection)

    def findings(self) -> Iterator[Finding]:
        """Yield what is found, as it is found."""
        row = self._connection.execute(SQL.tree.encode()).fetchone()
        tree = Tree(*row) if row else None
        heads, leaves, rows = self._heads(), self._leaves(), self._rows()
        head, leaf, row = next(heads, None), next(leaves, None), next(rows, None)
        head = self._reached(head, heads)
        sealed_to, unsealed, first = tree.sealed_to if tree else 0, 0, None
        while leaf or row:
            if leaf and row and leaf[0] == row[0]:
                self._same(leaf, row)
                row = next(rows, None)
            elif row and (leaf is None or row[0] < leaf[0]):
                if row[0] <= sealed_to:
                    self._tell(What.INSERTED, log_id=row[0])
                else:
                    unsealed, first = unsealed + 1, first or row[0]
                row = next(rows, None)
                yield from self._taken()
                continue
            elif leaf:
                self._gone(leaf)
            if leaf:
                self._grow(leaf)
                head = self._reached(head, heads)
                leaf = next(leaves, None)
            yield from self._taken()
        self._end(tree, head, heads)
        if unsealed:
            self._tell(What.UNSEALED, log_id=first, size=unsealed)
        yield from self._taken()

    def _tell(self, what: What, **more: Any) -> None:
        self._found.append(Finding(what, **more))

    def _taken(self) -> list[Finding]:
        found, self._found = self._found, []
        return found

    # -- what is read, in order

    def _cursor(self, name: str, statement: str) -> Iterator[tuple[Any, ...]]:
        with self._connection.cursor(name=name) as cursor:
            cursor.itersize = _ROWS_AT_ONCE
            cursor.execute(statement.encode())
            while rows := cursor.fetchmany(_ROWS_AT_ONCE):
                if name == "rows":
                    self._progress(len(rows))
                yield from rows

    def _rows(self) -> Iterator[tuple[int, bytes, datetime]]:
        """Yield numbers and commitments of rows, and tell of those that are not what they committed to."""
        for row in self._cursor("rows", SQL.every_row):
            entry = entry_in(row)
            if entry is None:
                self._tell(What.ALTERED, log_id=row[0])
            else:
                self._retired.look(row[0], entry)
            yield row[0], bytes(row[-1]), row[1]

    def _leaves(self) -> Iterator[tuple[int, bytes]]:
        last, expected = 0, 0
        for number, entries in self._cursor("bundles", SQL.every_bundle):
            leaves = leaves_in(bytes(entries))
            ordered = [log_id for log_id, _ in leaves]
            if number != expected or ordered != sorted(set(ordered)) or ordered[0] <= last:
                self._tell(What.LEAVES, size=self._frontier.size)
            last, expected = ordered[-1], number + 1
            yield from leaves

    def _heads(self) -> Iterator[tuple[Checkpoint, datetime | None]]:
        """Yield the heads that the log signed, and tell of those that it did not, or whose witnesses did not."""
        for size, _, text, lines in self._cursor("heads", SQL.every_checkpoint):
            try:
                note = Note.read(text).with_lines(signatures_in("".join(lines)) if lines else ())
                head = Checkpoint.read(note.text)
            except ValueError:
                self._tell(What.UNREADABLE, size=size)
                continue
            if self._signed(note, size) and head.size == size:
                signed = [one.key.signed(note) for one in self._trust.witnesses.all]
                yield head, max((one.at for one in signed if one), default=None)

    def _signed(self, note: Note, size: int) -> bool:
        known = {one.key.name: one.key for one in self._trust.witnesses.all}
        for signature in note.signatures[1:]:
            key = known.get(signature.name)
            if key is None:
                self._tell(What.UNKNOWN, size=size, witness=signature.name)
            elif key.signed(note) is None:
                self._tell(What.COSIGNATURE, size=size, witness=signature.name)
        if self._trust.key and self._trust.key.signed(note) is None:
            self._tell(What.UNSIGNED, size=size)
            return False
        if self._trust.witnesses.published(note):
            self._witnessed = max(self._witnessed, size)
        return True

    # -- what is compared

    def _same(self, leaf: tuple[int, bytes], row: tuple[int, bytes, datetime]) -> None:
        if leaf[1] != row[1]:
            self._exchanged.append((leaf[0], leaf[1], row[1]))
        elif self._seen_at and row[2] < self._seen_at - _LATE:
            self._tell(What.BACKDATED, log_id=leaf[0])

    def _gone(self, leaf: tuple[int, bytes]) -> None:
        if not self._retired.covers(leaf[0]):
            self._tell(What.MISSING, log_id=leaf[0])

    def _grow(self, leaf: tuple[int, bytes]) -> None:
        for level, root in self._frontier.append(leaf_hash(leaf_of(*leaf))):
            number, at = divmod((self._frontier.size >> (8 * level)) - 1, TILE_WIDTH)
            if at == 0:
                found = self._connection.execute(SQL.one_tile.encode(), {"level": level, "tile_no": number}).fetchone()
                self._tiles[level] = split(bytes(found[0])) if found else []
            if self._tiles[level][at : at + 1] != [root]:
                self._tell(What.TILES, size=self._frontier.size)

    def _reached(self, head: _Head | None, heads: Iterator[_Head]) -> _Head | None:
        """Compare the heads of the present size with the root of the leaves so far; return the next larger head."""
        while head and head[0].size <= self._frontier.size:
            checkpoint, seen_at = head
            if checkpoint.size < self._frontier.size or checkpoint.root != self._frontier.root():
                self._tell(What.ROOT, size=checkpoint.size)
            self._last_head, self._seen_at = checkpoint.size, seen_at or self._seen_at
            head = next(heads, None)
        for name, claim in self._claims.items():
            if claim.size == self._frontier.size and claim.root != self._frontier.root():
                self._tell(What.WITNESS_ROOT, size=claim.size, witness=name)
        return head

    def _end(self, tree: Tree | None, head: _Head | None, heads: Iterator[_Head]) -> None:
        size = self._frontier.size
        while head:
            self._tell(What.TOO_LARGE, size=head[0].size)
            self._last_head, head = head[0].size, next(heads, None)
        for name, claim in self._claims.items():
            if claim.size > size:
                self._tell(What.WITNESS_AHEAD, size=claim.size, witness=name)
        sealed = {stored for _, stored, _ in self._exchanged}
        for log_id, _, present in self._exchanged:
            self._tell(What.MOVED if present in sealed else What.CHANGED, log_id=log_id)
        for month in self._retired.untold():
            self._tell(What.UNTOLD, log_id=month.told_by)
        if tree is None:
            self._tell(What.NO_TREE if size or self._last_head else What.NOT_SEALED)
            return
        if tree.size != size:
            self._tell(What.LEAVES, size=tree.size)
        elif bytes(tree.peaks) != self._frontier.stored:
            self._tell(What.PEAKS, size=size)
        stored = dict[int, int](self._connection.execute(SQL.hashes_stored.encode()).fetchall())
        if stored != {level: size >> (8 * level) for level in range(1, 8) if size >> (8 * level)}:
            self._tell(What.TILES, size=size)
        if self._trust.key and tree.log_key != self._trust.key.text:
            self._tell(What.OTHER_KEY)
        if size and self._last_head < size:
            self._tell(What.NO_HEAD, size=size)
        if self._trust.witnesses.all and self._witnessed < size:
            self._tell(What.UNWITNESSED, size=size - self._witnessed)


def entry_in(row: tuple[Any, ...]) -> Entry | None:
    """Return the entry of a row of `every_row`, or None if it is not what the row committed to."""
    *told, salt, committed = row[1:]
    try:
        entry = entry_of(told)
    except ValueError:
        return None
    return entry if commitment(bytes(salt), entry) == bytes(committed) else None


def entry_of(told: Sequence[Any]) -> Entry:
    """Read the columns of `every_row` from `logged_at` to `actor`, which stand in the order of `Entry`."""
    logged_at, operation, outcome, channel, *plain, persons, digest, fields, result_count, reason, actor = told
    request_id, officer_id, office, role, purpose, legal_ground, dossier_id, person_id = plain
    return Entry(
        logged_at,
        Operation(operation),
        Outcome(outcome),
        Channel(channel),
        request_id,
        officer_id,
        office,
        role,
        purpose,
        legal_ground,
        dossier_id,
        person_id,
        tuple(persons) if persons is not None else None,
        bytes(digest) if digest is not None else None,
        fields,
        result_count,
        reason,
        Actor(actor),
    )
