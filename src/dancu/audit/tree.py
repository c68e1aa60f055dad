"""A Merkle tree that only grows: hashes, frontier, proofs and their verification. Pure.

Standard: RFC 6962, 2.1; verification as in RFC 9162, 2.1.3.2 and 2.1.4.2. Proofs of growth from nothing are empty.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

HASH_SIZE = 32
TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
EMPTY_ROOT = hashlib.sha256(b"").digest()

Node = Callable[[int, int], bytes]
"""Root of the complete subtree of a height at an index: that over leaves `index << height` and on."""
Place = tuple[int, int]
"""Level and number of a tile; level 0 are leaves, each hash of level n is the root over a whole tile of level n - 1."""


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass
class Frontier:
    """What it takes to go on: the roots of the complete subtrees of a tree, the largest first.

    Args:
        size: number of leaves.
    """

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    @classmethod
    def read(cls, size: int, stored: bytes) -> "Frontier":
        """Read a frontier as `stored` writes it.

        Raises:
            ValueError: it has not as many peaks as a tree of that size.
        """
        peaks = [stored[i : i + HASH_SIZE] for i in range(0, len(stored), HASH_SIZE)]
        if size < 0 or len(stored) != HASH_SIZE * size.bit_count():
            raise ValueError("not the frontier of a tree of this size")
        return cls(size, peaks)

    @property
    def stored(self) -> bytes:
        """The peaks, one after another."""
        return b"".join(self.peaks)

    def append(self, leaf: bytes) -> list[tuple[int, bytes]]:
        """Add the hash of a leaf, and return the roots over whole tiles that it completed, each with its level."""
        done, height, rest = [], 0, self.size
        while rest & 1:
            leaf = hashlib.sha256(b"\x01" + self.peaks.pop() + leaf).digest()
            height, rest = height + 1, rest >> 1
            if height % TILE_HEIGHT == 0:
                done.append((height // TILE_HEIGHT, leaf))
        self.peaks.append(leaf)
        self.size += 1
        return done

    def root(self) -> bytes:
        """Return the root of the tree."""
        if not self.peaks:
            return EMPTY_ROOT
        *larger, root = self.peaks
        for peak in reversed(larger):
            root = node_hash(peak, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root over hashes of leaves."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def root_at(size: int, node: Node) -> bytes:
    """Return the root that the tree had at a size."""
    return _over(0, size, node) if size else EMPTY_ROOT


def inclusion(index: int, size: int, node: Node) -> list[bytes]:
    """Return the proof that the leaf of an index is in the tree of a size, from its sibling upwards.

    Raises:
        ValueError: there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError("no such leaf")
    proof, begin, end = [], 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            proof.append(_over(middle, end, node))
            end = middle
        else:
            proof.append(_over(begin, middle, node))
            begin = middle
    return proof[::-1]


def consistency(first: int, second: int, node: Node) -> list[bytes]:
    """Return the proof that the tree of the second size begins with that of the first.

    Raises:
        ValueError: the first is larger.
    """
    if not 0 <= first <= second:
        raise ValueError("a tree does not shrink")
    if first in {0, second}:
        return []
    proof, begin, end, whole = [], 0, second, True
    while first != end:
        middle = begin + _split(end - begin)
        if first <= middle:
            proof.append(_over(middle, end, node))
            end = middle
        else:
            proof.append(_over(begin, middle, node))
            begin, whole = middle, False
    if not whole:
        proof.append(_over(begin, end, node))
    return proof[::-1]


def proves_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Check the proof that a leaf, given by its hash, stands at an index in the tree of a size and root."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(sibling, found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def proves_consistency(first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Check the proof that the tree of the second size and root begins with that of the first."""
    if first == second:
        return not proof and first_root == second_root
    if first == 0:
        return not proof and second > 0 and first_root == EMPTY_ROOT
    if not 0 < first < second or not proof:
        return False
    path = [first_root, *proof] if first.bit_count() == 1 else list(proof)
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and before == first_root and after == second_root


def place_of(height: int, index: int) -> Place:
    """Return the tile from whose hashes the root of a complete subtree follows."""
    level, rest = divmod(height, TILE_HEIGHT)
    return level, (index << rest) >> TILE_HEIGHT


def places(ask: Callable[[Node], object]) -> set[Place]:
    """Return the tiles that a computation reads, before they are at hand: `places(lambda n: inclusion(3, 9, n))`."""
    read: set[Place] = set()

    def note(height: int, index: int) -> bytes:
        read.add(place_of(height, index))
        return EMPTY_ROOT

    ask(note)
    return read


def node_in(tiles: Callable[[Place], Sequence[bytes]]) -> Node:
    """Return what gives roots of complete subtrees, from the hashes of tiles."""

    def node(height: int, index: int) -> bytes:
        rest = height % TILE_HEIGHT
        begin = (index << rest) % TILE_WIDTH
        hashes = tiles(place_of(height, index))[begin : begin + (1 << rest)]
        if len(hashes) != 1 << rest:
            raise ValueError("a tile of the tree is not whole")
        return root_of(hashes)

    return node


def _split(count: int) -> int:
    """Return the largest power of two below a count of at least 2."""
    return 1 << ((count - 1).bit_length() - 1)


def _over(begin: int, end: int, node: Node) -> bytes:
    """Return the root over leaves begin to end, where every left part is a complete subtree."""
    count = end - begin
    if count.bit_count() == 1:
        height = count.bit_length() - 1
        return node(height, begin >> height)
    middle = begin + _split(count)
    return node_hash(_over(begin, middle, node), _over(middle, end, node))
