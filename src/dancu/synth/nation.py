"""A nation in blocks: each can be made alone, from nothing but the seed and its ordinal.

No family reaches into another block; every block is a sample of the whole country.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from dancu.synth.draw import Array, Rng, generator
from dancu.synth.households import Households, households
from dancu.synth.lineages import day_number, lineages
from dancu.synth.people import People
from dancu.synth.places import the_map
from dancu.synth.records import records

BLOCK = 100_000
TODAY = date(2026, 11, 1)
"""The day of the files: people are as they are on it, and units are those of it."""

_SMALLEST = 3_000
_LIVING = 0.935


@dataclass(frozen=True)
class Block:
    """A block of a nation.

    Args:
        table: the records as an agency would send them, every value as text, columns as in `dancu.intake.normal`.
        truth: of each record who it is: keys of household, parents and spouse, also where no record tells them.
    """

    table: pa.Table
    truth: pa.Table


def nation(people: int, seed: int) -> Iterator[pa.Table]:
    """Yield a nation in tables of at most 100,000 records; the same for the same arguments."""
    for block in blocks(people, seed):
        yield block.table


def blocks(people: int, seed: int) -> Iterator[Block]:
    """Yield a nation in blocks of at most 100,000 records, with the truth."""
    for block in range(-(-people // BLOCK)):
        yield block_of(min(BLOCK, people - block * BLOCK), seed, block)


def block_of(size: int, seed: int, block: int) -> Block:
    """Return one block of a nation.

    Raises:
        ValueError: a block beyond the last one for which personal numbers suffice.
    """
    rng = generator(seed, block)
    today, world = day_number(TODAY), the_map(TODAY)
    made = max(size, _SMALLEST)
    people = lineages(rng, world, living=made * _LIVING - 2 * made**0.5, today=today)
    homes = households(rng, people, today=today)
    chosen = _recorded(rng, people, homes, made, today)[:size]
    table, truth = records(rng, world, people, homes, chosen, block=block, seed=seed, today=today)
    return Block(table, truth)


def _recorded(rng: Rng, people: People, homes: Households, size: int, today: int) -> Array:
    """Choose the living and those who died last; households stand together, the head first, the dead last."""
    dead = people.died <= today
    lately = np.where(dead, -people.died.astype(np.int64), np.iinfo(np.int64).min)
    chosen = np.argpartition(lately, size - 1)[:size] if size < len(people) else np.arange(len(people))
    chosen.sort()
    lot = rng.permutation(len(people))[homes.root[chosen]]
    later = dead[chosen].astype(np.int64) << 60
    order = np.argsort(later + (lot << 24) + ((homes.relation[chosen] != 1) << 20) + people.born[chosen], kind="stable")
    return chosen[order]
