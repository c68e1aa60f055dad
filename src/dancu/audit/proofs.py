"""Proofs that leave the house: that a row of the log is what was sealed, for whoever trusts the keys.

Standard: C2SP tlog-proof v1; what it calls extra holds the number, the salt and the row.
"""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

import msgspec

from dancu.audit.entry import Entry, canonical
from dancu.audit.log import SQL
from dancu.audit.notes import Checkpoint, Key, Note, signatures_in
from dancu.audit.sealing import Tree
from dancu.audit.tiles import NotSealedYet, TreeDamaged, leaf_of, leaves_in, proven
from dancu.audit.tree import TILE_WIDTH, inclusion, leaf_hash, proves_inclusion
from dancu.audit.verify import entry_in
from dancu.audit.witnesses import Witnesses
from dancu.infra.db import Transaction
from dancu.kernel.errors import NotFound

MAGIC = "c2sp.org/tlog-proof@v1"


class RowUnknown(NotFound):
    """There is no such row of the log, or nobody may see it here."""


@dataclass(frozen=True)
class Head:
    """A signed head of the log.

    Args:
        note: with the signature of the log first, and those of its witnesses.
    """

    size: int
    made_at: datetime
    note: Note

    @property
    def checkpoint(self) -> Checkpoint:
        """What was signed."""
        return Checkpoint.read(self.note.text)


@dataclass(frozen=True)
class Proof:
    """The proof of a row, and the row."""

    entry: Entry
    text: str


@dataclass(frozen=True)
class Seals:
    """How far the log is sealed and witnessed.

    Args:
        sealed_to: number of the last row in the tree; later rows wait.
        last: the last head; None: nothing is sealed.
        published: the last head that enough witnesses signed, among the last hundred.
    """

    sealed_to: int
    last: Head | None
    published: Head | None


async def seals(tx: Transaction, witnesses: Witnesses) -> Seals:
    """Return how far the log is sealed and witnessed; it asks no witness, and holds no personal data."""
    tree = await tx.first(Tree, SQL.tree)
    found = await heads(tx, most=100)
    published = next((head for head in found if witnesses.published(head.note)), None)
    return Seals(tree.sealed_to if tree else 0, found[0] if found else None, published)


async def heads(tx: Transaction, *, most: int = 20) -> list[Head]:
    """List the last heads of the log, the last first."""
    return [_head(row) for row in await tx.rows(SQL.heads, {"most": most})]


def _head(row: tuple[Any, ...]) -> Head:
    size, made_at, note, lines = row
    return Head(size, made_at, Note.read(note).with_lines(signatures_in("".join(lines)) if lines else ()))


async def prove(tx: Transaction, log_id: int) -> Proof:
    """Prove a row of the log under the head that most witnesses signed, the last of these.

    Args:
        tx: whose scope is the nation; whoever asks must log that the log was read.

    Raises:
        RowUnknown: there is no such row, or the scope is a smaller one.
        NotSealedYet: it is not under a signed head yet.
        TreeDamaged: the row or the tree is not what was sealed.
    """
    row = await tx.row(SQL.opening, {"log_id": log_id})
    if row is None:
        raise RowUnknown(f"There is no row {log_id} in the log")
    entry = entry_in(row)
    if entry is None:
        raise TreeDamaged("The row is not what was written; run: dancu verify")
    index, leaf = await _leaf(tx, log_id)
    found = await tx.row(SQL.best_head, {"index": index})
    if found is None:
        raise NotSealedYet(f"Row {log_id} of the log is not sealed yet; try again in a moment")
    head = _head(found)
    path = await proven(tx, lambda node: inclusion(index, head.size, node))
    if leaf != leaf_of(log_id, bytes(row[-1])) or not proves_inclusion(
        leaf_hash(leaf), index, head.size, path, head.checkpoint.root
    ):
        raise TreeDamaged("The row is not what was sealed; run: dancu verify")
    extra = {"log_id": log_id, "salt": bytes(row[-2]).hex(), "row": canonical(entry).decode()}
    lines = [MAGIC, f"extra {b64encode(msgspec.json.encode(extra)).decode()}", f"index {index}"]
    lines += [b64encode(one).decode() for one in path]
    return Proof(entry, "\n".join(lines) + "\n\n" + head.note.whole)


async def _leaf(tx: Transaction, log_id: int) -> tuple[int, bytes]:
    """Return the index of a row's leaf, and the leaf."""
    found = await tx.row(SQL.bundle_with, {"log_id": log_id})
    for at, (number, commitment) in enumerate(leaves_in(bytes(found[1])) if found else ()):
        if found and number == log_id:
            return int(found[0]) * TILE_WIDTH + at, leaf_of(number, commitment)
    raise NotSealedYet(f"Row {log_id} of the log is not sealed yet; try again in a moment")


def verifier(key: Key | None, witnesses: Witnesses) -> str:
    """Return the stand-alone verifier, as one file that trusts these keys."""
    text = files("dancu.audit.standalone").joinpath("verify_proof.py").read_text(encoding="utf-8")
    keys = [key.text] if key else []
    keys += [one.key.text for one in witnesses.all]
    keys += [f"need {witnesses.need}"] if witnesses.all else []
    return text.replace('TRUSTED = ""', f'TRUSTED = """\n{chr(10).join(keys)}\n"""', 1) if keys else text
