"""How well clerks agree, and how long they take: pure."""

from collections import Counter
from collections.abc import Sequence
from math import ceil


def kappa(pairs: Sequence[tuple[int, int]]) -> float | None:
    """Return Cohen's kappa of pairs of judgements: 1 is perfect agreement, 0 what chance alone gives.

    None where there is no pair, or where both always say the same one thing, so that chance explains everything.

    Standard: J. Cohen, A coefficient of agreement for nominal scales, 1960.
    """
    if not pairs:
        return None
    observed = sum(one == other for one, other in pairs) / len(pairs)
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    by_chance = sum(first[answer] * second[answer] for answer in first) / len(pairs) ** 2
    return None if by_chance == 1 else (observed - by_chance) / (1 - by_chance)


def quantile(values: Sequence[float], share: float) -> float | None:
    """Return the smallest value that at least such a share of the values does not exceed; None of no values.

    Args:
        share: above 0, up to 1.
    """
    ordered = sorted(values)
    return ordered[max(ceil(share * len(ordered)) - 1, 0)] if ordered else None


def wilson(right: float, of: float, z: float = 1.96) -> tuple[float, float] | None:
    """Return the interval in which a share lies, by Wilson's score at 95 %; None of nothing.

    Args:
        right, of: fractions, too, where `of` is the effective size of a sample.

    Standard: E. B. Wilson, Probable inference, the law of succession, and statistical inference, 1927.
    """
    if of <= 0:
        return None
    share, square = min(max(right / of, 0.0), 1.0), z * z
    middle, whole = share + square / (2 * of), 1 + square / of
    spread = z * ((share * (1 - share) + square / (4 * of)) / of) ** 0.5
    low, high = (middle - spread) / whole, (middle + spread) / whole
    # At the ends, what rounding leaves is no doubt.
    return 0.0 if share == 0 else max(low, 0.0), 1.0 if share == 1 else min(high, 1.0)
