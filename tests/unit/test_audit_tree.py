"""The tree of RFC 6962: against another implementation, against its test vectors, and against what is not so."""

import hashlib
from itertools import pairwise

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dancu.audit.tree import (
    EMPTY_ROOT,
    TILE_WIDTH,
    Frontier,
    Node,
    consistency,
    inclusion,
    leaf_hash,
    node_hash,
    node_in,
    places,
    proves_consistency,
    proves_inclusion,
    root_at,
    root_of,
)

# Leaves and roots of the reference implementation of RFC 6962 (certificate-transparency, merkle_tree_test).
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def leaves(count: int) -> list[bytes]:
    return [leaf_hash(b"%d" % i) for i in range(count)]


def tiles_of(hashes: list[bytes]) -> Node:
    """Tiles as the sealer keeps them: leaves, and the roots that the frontier says are complete."""
    levels: dict[int, list[bytes]] = {0: hashes}
    frontier = Frontier()
    for one in hashes:
        for level, root in frontier.append(one):
            levels.setdefault(level, []).append(root)
    return node_in(lambda place: levels[place[0]][place[1] * TILE_WIDTH : (place[1] + 1) * TILE_WIDTH])


def test_the_roots_are_those_of_the_reference_implementation() -> None:
    frontier, found = Frontier(), []
    for text in INPUTS:
        frontier.append(leaf_hash(bytes.fromhex(text)))
        found.append(frontier.root().hex())
    assert found == ROOTS
    assert Frontier().root() == EMPTY_ROOT == hashlib.sha256(b"").digest()


@given(st.integers(1, 700), st.data())
def test_roots_and_proofs_are_those_of_another_implementation(size: int, data: st.DataObject) -> None:
    oracle = pymerkle.InmemoryTree(algorithm="sha256")
    for i in range(size):
        oracle.append_entry(b"%d" % i)
    node, index, first = tiles_of(leaves(size)), data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    assert root_of(leaves(size)) == root_at(size, node) == oracle.get_root()
    assert root_at(first, node) == oracle.get_root(first)
    theirs = oracle.prove_inclusion(index + 1).serialize()["path"]
    assert [one.hex() for one in inclusion(index, size, node)] == theirs[1:]
    growth = consistency(first, size, node)
    assert proves_consistency(first, oracle.get_root(first), size, oracle.get_root(), growth)


def test_proofs_are_those_of_the_example_in_the_standard() -> None:
    node = tiles_of(leaves(7))
    a, b, c, d, e, f, j = leaves(7)
    g, h, i, k, el = node(1, 0), node(1, 1), node(1, 2), node(2, 0), node_hash(node(1, 2), j)
    assert [inclusion(at, 7, node) for at in (0, 3, 4, 6)] == [[b, h, el], [c, g, el], [f, j, k], [i, k]]
    assert [consistency(first, 7, node) for first in (3, 4, 6)] == [[c, d, g, el], [el], [i, j, k]]
    assert (a, e) == (node(0, 0), node(0, 4))


@given(st.integers(1, 600), st.data())
def test_every_proof_holds_and_none_holds_for_something_else(size: int, data: st.DataObject) -> None:
    hashes = leaves(size)
    node = tiles_of(hashes)
    root, index, first = root_of(hashes), data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    proof = inclusion(index, size, node)
    assert proves_inclusion(hashes[index], index, size, proof, root)
    assert not proves_inclusion(leaf_hash(b"other"), index, size, proof, root)
    assert not proves_inclusion(hashes[index], index, size, [*proof, root], root)
    assert not proves_inclusion(hashes[index], index, size, proof, leaf_hash(b"other"))
    assert not proves_inclusion(hashes[index], index + size, size, proof, root)
    assert all(not proves_inclusion(hashes[index], i, size, proof, root) for i in range(size) if i != index)
    growth, before = consistency(first, size, node), root_at(first, node)
    assert proves_consistency(first, before, size, root, growth)
    assert not proves_consistency(first, leaf_hash(b"other"), size, root, growth)
    if 0 < first < size:
        assert not proves_consistency(first, before, size, leaf_hash(b"other"), growth)
        assert not proves_consistency(first, before, size, root, growth[:-1])
        assert not proves_consistency(first, before, size, root, [*growth, root])
        assert not proves_consistency(first, before, size, root, [])


@given(st.integers(2, 400), st.data())
def test_a_tree_with_one_other_leaf_can_not_prove_that_it_grew_from_the_first(size: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, size - 1))
    changed = data.draw(st.integers(0, first - 1))
    hashes = leaves(size)
    forged = [leaf_hash(b"forged") if i == changed else one for i, one in enumerate(hashes)]
    node = tiles_of(forged)
    growth = consistency(first, size, node)
    assert not proves_consistency(first, root_of(hashes[:first]), size, root_of(forged), growth)


def test_a_frontier_goes_on_from_what_was_stored() -> None:
    whole, frontier = leaves(1000), Frontier()
    for begin, end in pairwise([0, 1, 2, 255, 256, 257, 700, 1000]):
        for one in whole[begin:end]:
            frontier.append(one)
        frontier = Frontier.read(end, frontier.stored)
        assert frontier.root() == root_of(whole[:end])


@pytest.mark.parametrize(("size", "stored"), [(1, b""), (3, bytes(32)), (2, bytes(31)), (-1, b"")])
def test_what_is_no_frontier_is_refused(size: int, stored: bytes) -> None:
    with pytest.raises(ValueError, match="frontier"):
        Frontier.read(size, stored)


def test_a_proof_of_a_large_tree_reads_few_tiles() -> None:
    size = 5_000_000_000
    read = places(lambda node: inclusion(4_123_456_789, size, node))
    assert (0, 4_123_456_789 // TILE_WIDTH) in read
    assert len(read) < 40
    assert len(places(lambda node: consistency(4_123_456_789, size, node))) < 40


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 3)])
def test_there_is_no_proof_of_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no such leaf"):
        inclusion(index, size, tiles_of(leaves(5)))


def test_a_tree_can_not_prove_that_it_shrank() -> None:
    with pytest.raises(ValueError, match="shrink"):
        consistency(5, 3, tiles_of(leaves(5)))


def test_a_tile_that_is_not_whole_is_told() -> None:
    with pytest.raises(ValueError, match="whole"):
        root_at(4, node_in(lambda _: leaves(2)))
