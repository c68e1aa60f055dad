"""The register is asked for births that may be the same: for all of them, and for few others."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from dancu.intake.live import births_alike
from dancu.kernel.dates import PartialDate

NUMBERS = [
    year * 10_000 + month * 100 + day
    for year, month, day in product((1979, 1980), (0, 1, 2, 12), (0, 1, 28))
    if month or not day
]


@given(told=st.sampled_from(NUMBERS), known=st.sampled_from(NUMBERS))
def test_every_birth_that_may_be_the_same_is_asked_for(told: int, known: int) -> None:
    asked = any(low <= known <= high for low, high in births_alike(told))
    assert asked >= PartialDate(told).may_be(PartialDate(known))
    assert asked <= (PartialDate(told).may_be(PartialDate(known)) or _exchanged(told) == known)


def _exchanged(born: int) -> int:
    return born // 10_000 * 10_000 + born % 100 * 100 + born // 100 % 100


def test_without_a_birth_every_birth_is_asked_for() -> None:
    assert all(low <= number <= high for number in NUMBERS for low, high in births_alike(None))
