"""How frequent values are: agreement on a rare name is worth more than agreement on a usual one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import log2


@dataclass(frozen=True)
class Frequencies:
    """The chance that a person drawn at random has a value.

    Args:
        rest: the chance of a value that is not listed, 0 < rest <= 1.
        values: the chances of the frequent ones, by their text.
    """

    rest: float
    values: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def _bits(self) -> dict[str, float]:
        return {value: log2(chance) for value, chance in self.values.items()}

    @cached_property
    def rest_bits(self) -> float:
        """The binary logarithm of the chance of a value that is not listed."""
        return log2(self.rest)

    def bits(self, value: str) -> float:
        """Return the binary logarithm of the chance of a value."""
        return self._bits.get(value, self.rest_bits)
