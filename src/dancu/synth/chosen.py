"""Which of the people get a record, and where it stands in the file."""

from dataclasses import dataclass

import numpy as np

from dancu.synth import texts
from dancu.synth.demography import DAYS_OF_YEAR
from dancu.synth.draw import Array
from dancu.synth.households import Households
from dancu.synth.people import NOBODY, People


@dataclass(frozen=True)
class Chosen:
    """What is known of the chosen records, by position in the file.

    Args:
        at: positions of the records' people in the block.
        row: for each of the block's people the position in the file, -1 for those without a record.
        age: in years, of the dead on the day of death.
        house: ordinal of the household in the file.
    """

    people: People
    homes: Households
    at: Array
    row: Array
    alive: Array
    age: Array
    house: Array
    today: int

    def __len__(self) -> int:
        return len(self.at)

    def of(self, column: Array) -> Array:
        """Return a column of the block for the records."""
        chosen: Array = column[self.at]
        return chosen


def choose(people: People, homes: Households, at: Array, today: int) -> Chosen:
    """Return what is known of the records at these positions, households standing together, the dead last."""
    row = np.full(len(people), NOBODY)
    row[at] = np.arange(len(at))
    alive = people.died[at] > today
    age = (np.minimum(people.died[at], today) - people.born[at]) / DAYS_OF_YEAR
    root = homes.root[at]
    house = np.cumsum(np.concatenate([[0], root[1:] != root[:-1]]))
    living_at = np.full(len(people), 0)
    living_at[root[alive]] = house[alive]
    return Chosen(people, homes, at, row, alive, age, living_at[root], today)


def household_letters(house: Array, block: int) -> Array:
    """Return the residence-file numbers of households as letters."""
    return texts.prefixed(f"SYN{block:04}", texts.digits(house, 6))
