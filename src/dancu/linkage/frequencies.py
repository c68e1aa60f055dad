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
    def _rest_bits(self) -> float:
        return log2(self.rest)

    def bits(self, value: str) -> float:
        """Return the binary logarithm of the chance of a value."""
        return self._bits.get(value, self._rest_bits)

    @classmethod
    def of_counts(cls, counts: Mapping[str, int], *, most: int, least_count: int = 3) -> "Frequencies":
        """Make frequencies of counts: the most frequent values one by one, the others together.

        Args:
            most: how many values are kept one by one.
            least_count: values counted less often are never kept one by one.
        """
        total = sum(counts.values())
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        kept = {value: count / total for value, count in ranked[:most] if count >= least_count}
        others = [count for value, count in ranked if value not in kept]
        # The chance that two records share a value that is not listed, given that one of them has such a value.
        rest = sum(count * count for count in others) / max(1, sum(others)) / total if others else 1 / max(1, total)
        return cls(rest=max(rest, 1e-12), values=kept)
