"""Sealing: every row of the log becomes a leaf of the tree, and the tree is signed, by the log and its witnesses.

Rows are taken in the order of their numbers, as soon as it is certain that no row with a lower number will come.
Who writes a row takes a lock on the table before a number, and lets go of it after the row can be seen:
once everybody who held the lock has let go, all numbers that had been given by then are rows, or never will be.
That costs the writer nothing, and a long transaction that did not touch the log holds nobody back.
"""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import structlog

from dancu.audit.keys import log_key, log_signer
from dancu.audit.log import SQL
from dancu.audit.notes import Checkpoint, Note, Signature, Signer, signed
from dancu.audit.tiles import leaf_of, proof_of_growth
from dancu.audit.tree import TILE_WIDTH, Frontier, leaf_hash
from dancu.audit.witnesses import (
    WitnessAt,
    WitnessDisagrees,
    Witnesses,
    WitnessesUnreadable,
    WitnessSilent,
    read_witnesses,
)
from dancu.infra.db import Database, Transaction
from dancu.infra.keys import KeyMissing
from dancu.kernel.errors import Unavailable

_log = structlog.get_logger("dancu.audit")

ROLE = "dancu_sealer"
ROWS_AT_ONCE = 20_000
SOON = 1_000
_PATIENCE_S = 0.5
_LOOK_EVERY_S = 0.02
_TELL_AFTER = 40
"""Turns that waited in vain: about a minute."""


@dataclass(frozen=True)
class Tree:
    """The tree as it is stored."""

    size: int
    sealed_to: int
    origin: str
    log_key: str
    peaks: bytes


@dataclass(frozen=True)
class _Uncertain:
    """Numbers that had been given, and who was writing then."""

    given: int
    writers: frozenset[str]


class Sealer:
    """Seals one database. Several may run: one at a time gets its turn.

    Args:
        database: whose role is `ROLE`.
    """

    def __init__(self, database: Database, signer: Signer, witnesses: Witnesses) -> None:
        self._database = database
        self._signer = signer
        self._key = log_key(signer)
        self.witnesses = witnesses
        self._uncertain: _Uncertain | None = None
        self._certain = 0
        self._held_back = 0
        self._alarmed: set[str] = set()

    async def seal(self, now: datetime, *, most: int = ROWS_AT_ONCE) -> int:
        """Seal what is certain and return how many rows that were, `most` at most; 0 too when another sealer is at it.

        Raises:
            KeyMissing: the log was begun with another key.
        """
        async with self._database.transaction() as tx:
            if not (await tx.rows(SQL.turn))[0][0]:
                return 0
            tree = await self._tree(tx)
            if self._certain <= tree.sealed_to:
                await self._make_certain(tx)
            rows = await tx.rows(SQL.to_seal, {"after": tree.sealed_to, "until": self._certain, "most": most})
            if not rows:
                self._certain = 0
                return 0
            await self._grow(tx, tree, rows, now)
            if len(rows) < most:
                self._certain = 0
        return len(rows)

    async def publish(self) -> int:
        """Ask the witnesses that have not signed the last checkpoint to do so, and return how many of them did."""
        async with self._database.transaction() as tx:
            found = await tx.row(SQL.last_checkpoint)
            names = [one.key.name for one in self.witnesses.all]
            seen = dict[str, int](await tx.rows(SQL.cosigned_sizes, {"witnesses": names}))
        if not found:
            return 0
        note, size = Note.read(found[2]), int(found[0])
        asked = [one for one in self.witnesses.all if seen[one.key.name] < size]
        answers = await asyncio.gather(*(self._ask(one, seen[one.key.name], size, note) for one in asked))
        return sum(answers)

    async def _tree(self, tx: Transaction) -> Tree:
        tree = await tx.first(Tree, SQL.tree)
        if tree is None:
            await tx.execute(SQL.begin_tree, {"origin": self._key.name, "log_key": self._key.text})
            tree = await tx.one(Tree, SQL.tree)
        if tree.log_key != self._key.text:
            raise KeyMissing("The log was begun with another key: restore DANCU_HOME/keys from its copy")
        return tree

    async def _make_certain(self, tx: Transaction) -> None:
        """Wait a moment for those who were writing; if they go on longer, the next turn waits for them."""
        waiting = self._uncertain
        if waiting is None:
            ((given,),) = await tx.rows(SQL.numbers_given)
            waiting = _Uncertain(given, frozenset(await self._writers(tx)))
        for _ in range(int(_PATIENCE_S / _LOOK_EVERY_S)):
            if not waiting.writers or not _still(waiting.writers, await self._writers(tx)):
                self._uncertain, self._certain, self._held_back = None, waiting.given, 0
                return
            await asyncio.sleep(_LOOK_EVERY_S)
        self._uncertain = waiting
        self._held_back += 1
        if self._held_back == _TELL_AFTER:
            _log.error(
                "the log is not sealed", why="A transaction that wrote to the log stays open and holds back sealing"
            )

    async def _writers(self, tx: Transaction) -> list[str]:
        return [writer for (writer,) in await tx.rows(SQL.writers)]

    async def _grow(self, tx: Transaction, tree: Tree, rows: Sequence[tuple[int, bytes]], now: datetime) -> None:
        frontier = Frontier.read(tree.size, bytes(tree.peaks))
        bundles, tiles = defaultdict[int, list[bytes]](list), defaultdict[tuple[int, int], list[bytes]](list)
        last: dict[int, int] = {}
        for log_id, commitment in rows:
            leaf = leaf_of(log_id, commitment)
            bundle = frontier.size // TILE_WIDTH
            bundles[bundle].append(leaf)
            last[bundle] = log_id
            for level, root in frontier.append(leaf_hash(leaf)):
                number = (frontier.size >> (8 * level)) - 1
                tiles[level, number // TILE_WIDTH].append(root)
        checkpoint = Checkpoint(tree.origin, frontier.size, frontier.root())
        await tx.execute(
            SQL.add_bundles,
            {
                "bundle_nos": list(bundles),
                "last_log_ids": list(last.values()),
                "entries": [b"".join(leaves) for leaves in bundles.values()],
            },
        )
        if tiles:
            levels, numbers = zip(*tiles, strict=True)
            hashes = [b"".join(roots) for roots in tiles.values()]
            await tx.execute(SQL.add_tiles, {"levels": list(levels), "tile_nos": list(numbers), "hashes": hashes})
        grown = {"size": frontier.size, "sealed_to": rows[-1][0], "peaks": frontier.stored, "before": tree.size}
        if await tx.execute(SQL.grow_tree, grown) != 1:
            raise Unavailable("Another process grew the tree meanwhile")
        note = signed(checkpoint, self._signer).whole
        await tx.execute(SQL.add_checkpoint, {"size": frontier.size, "made_at": now, "note": note})

    async def _ask(self, witness: WitnessAt, old: int, size: int, note: Note) -> bool:
        name = witness.key.name
        try:
            answer = await self._add(witness, old, size, note)
            if isinstance(answer, int):
                answer = await self._add(witness, answer, size, note)
        except (WitnessSilent, WitnessDisagrees) as error:
            if name not in self._alarmed:
                _log.error("a witness did not sign", witness=name, why=str(error))
            self._alarmed.add(name)
            return False
        if isinstance(answer, int):
            return False
        self._alarmed.discard(name)
        async with self._database.transaction() as tx:
            signature = {"size": size, "signed_at": answer.at, "witness": name, "line": answer.line}
            await tx.execute(SQL.add_cosignature, signature)
        return True

    async def _add(self, witness: WitnessAt, old: int, size: int, note: Note) -> int | Signature:
        if old > size:
            raise WitnessDisagrees(
                f"The witness {witness.key.name} has signed a log of {old} rows, and here are {size}"
            )
        async with self._database.transaction() as tx:
            proof = await proof_of_growth(tx, old, size)
        return await asyncio.to_thread(witness.add, old, proof, note)


def _still(writers: frozenset[str], now: Sequence[str]) -> bool:
    return any(writer in writers or writer.startswith("-1/") for writer in now)


def begin_log(dsn: str, home: Path) -> Signer:
    """Return the key that signs the log of a database; before the log is begun, it is made.

    Raises:
        KeyMissing: the log was begun with a key that is not in the home folder.
        Unavailable: the database does not answer.
    """
    try:
        with psycopg.connect(dsn, options=f"-c role={ROLE}") as connection:
            row = connection.execute(SQL.tree.encode()).fetchone()
    except psycopg.OperationalError as error:
        raise Unavailable("The database does not answer") from error
    return log_signer(home, Tree(*row).log_key if row else None)


def keep_sealed(dsn: str, stop: threading.Event, *, home: Path, every_s: float = 1.0) -> None:
    """Seal the log of a database once in `every_s`, and at once while many rows wait, until told to stop.

    What does not answer and keys that are missing are told, and tried again.
    """
    asyncio.run(_keep_sealed(dsn, stop, home, every_s))


async def _keep_sealed(dsn: str, stop: threading.Event, home: Path, every_s: float) -> None:
    told = ""
    while not stop.is_set():
        try:
            signer = await asyncio.to_thread(begin_log, dsn, home)
            async with Database(dsn, role=ROLE, size=1, application_name="dancu sealer") as database:
                sealer = Sealer(database, signer, Witnesses())
                await _keep_turning(sealer, stop, home, every_s)
        except (Unavailable, WitnessesUnreadable) as error:
            if str(error) != told:
                _log.error("the log is not sealed", why=str(error))
            told = str(error)
        await asyncio.to_thread(stop.wait, every_s)


async def _keep_turning(sealer: Sealer, stop: threading.Event, home: Path, every_s: float) -> None:
    while not stop.is_set():
        count = await sealer.seal(datetime.now(UTC))
        sealer.witnesses = read_witnesses(home)
        await sealer.publish()
        if count < SOON:
            await asyncio.to_thread(stop.wait, every_s)
