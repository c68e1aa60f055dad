"""Personal numbers: drawn at random, unique over the nation and for ever."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from dancu.infra.db import Transaction
from dancu.kernel.codes import Sex
from dancu.kernel.errors import Conflict
from dancu.kernel.numbers import PersonalNumber
from dancu.register import store

SERIALS = 1_000_000
NEARLY_FULL = 800_000
_TRIES = 200

DrawSerial = Callable[[], int]


class BlockExhausted(Conflict):
    """A block of place, sex and year has no numbers left to speak of; the allocation table needs another place code."""


@dataclass(frozen=True)
class Allocated:
    """A number, and how many its block has given out with it.

    Args:
        nearly_full: the block should get a successor before it runs out.
    """

    number: PersonalNumber
    used: int

    @property
    def nearly_full(self) -> bool:
        """Tell whether four fifths of the block are given out."""
        return self.used >= NEARLY_FULL


def draw_serial() -> int:
    """Draw a serial from the operating system's random source."""
    return secrets.randbelow(SERIALS)


async def allocate(tx: Transaction, *, place: int, year: int, sex: Sex, draw: DrawSerial = draw_serial) -> Allocated:
    """Draw a number that nobody has or had.

    Args:
        place: code of the province or country of birth registration, 1..96 or 101..295.
        year: of birth, 1900..2399.
        draw: the source of randomness, for tests.

    Raises:
        Invalid: the parts lie outside of the scheme.
        BlockExhausted: no free number was found.

    Law: Nghị định 137/2015/NĐ-CP, Điều 13.
    """
    for _ in range(_TRIES):
        number = PersonalNumber.of(place=place, year=year, sex=sex, serial=draw())
        if not await store.number_is_taken(tx, number.value):
            return Allocated(number, await store.numbers_used(tx, number.block) + 1)
    raise BlockExhausted("No free personal number was found in this block")
