"""The stored tree: its leaves, its tiles, and proofs from them."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from dancu.audit.log import SQL
from dancu.audit.tree import HASH_SIZE, Node, Place, consistency, leaf_hash, node_in, places
from dancu.infra.db import Transaction
from dancu.kernel.errors import Conflict, Unavailable

LEAF_SIZE = 40


class NotSealedYet(Conflict):
    """What was asked for rests on rows that are not sealed yet."""


class TreeDamaged(Unavailable):
    """The stored tree lacks what a proof needs."""


def leaf_of(log_id: int, commitment: bytes) -> bytes:
    """Return the leaf of a row: its number, 8 bytes big-endian, and its commitment."""
    return log_id.to_bytes(8, "big") + commitment


def leaves_in(entries: bytes) -> list[tuple[int, bytes]]:
    """Return numbers and commitments of a bundle."""
    return [
        (int.from_bytes(entries[i : i + 8], "big"), entries[i + 8 : i + LEAF_SIZE])
        for i in range(0, len(entries), LEAF_SIZE)
    ]


async def proof_of_growth(tx: Transaction, old: int, new: int) -> list[bytes]:
    """Return the proof that the tree of a size begins with that of an older size.

    Raises:
        TreeDamaged: the stored tree lacks what it needs.
    """
    return await proven(tx, lambda node: consistency(old, new, node))


async def proven(tx: Transaction, ask: Callable[[Node], list[bytes]]) -> list[bytes]:
    """Read the tiles that a proof needs, and make it.

    Raises:
        TreeDamaged: the stored tree lacks what it needs.
    """
    needed = places(ask)
    tiles = dict(await _read(tx, needed))
    return made_from(tiles, ask)


def made_from(tiles: Mapping[Place, Sequence[bytes]], ask: Callable[[Node], list[bytes]]) -> list[bytes]:
    """Make a proof from tiles.

    Raises:
        TreeDamaged: a tile is missing or not whole.
    """
    try:
        return ask(node_in(tiles.__getitem__))
    except (KeyError, ValueError) as error:
        raise TreeDamaged("The stored tree is damaged; run: dancu verify") from error


async def _read(tx: Transaction, needed: Iterable[Place]) -> list[tuple[Place, list[bytes]]]:
    above = [place for place in needed if place[0]]
    bundles = await tx.rows(SQL.bundles, {"bundle_nos": [number for level, number in needed if not level]})
    parameters = {"levels": [level for level, _ in above], "tile_nos": [number for _, number in above]}
    tiles = await tx.rows(SQL.tiles, parameters) if above else []
    return [((0, number), hashes_of(bytes(entries))) for number, entries in bundles] + [
        ((level, number), split(bytes(hashes))) for level, number, hashes in tiles
    ]


def hashes_of(entries: bytes) -> list[bytes]:
    """Return the hashes of the leaves of a bundle."""
    return [leaf_hash(entries[i : i + LEAF_SIZE]) for i in range(0, len(entries), LEAF_SIZE)]


def split(hashes: bytes) -> list[bytes]:
    """Return the hashes of a tile."""
    return [hashes[i : i + HASH_SIZE] for i in range(0, len(hashes), HASH_SIZE)]
