"""Random lives of a village in which records are merged and taken apart all the time."""

import asyncio
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.model.test_histories import LONG, emptied, history_of
from tests.model.village import KINDS, prove
from tests.model.village_records import RECORD_KINDS

ACTS = st.lists(
    st.tuples(
        st.one_of(st.sampled_from(RECORD_KINDS), st.sampled_from(KINDS)),
        st.integers(0, 30),
        st.integers(0, 30),
        st.dates(date(1960, 1, 1), date(2025, 12, 31)),
        st.integers(0, 2),
    ),
    min_size=25 if LONG else 12,
    max_size=50 if LONG else 24,
)


@given(acts=ACTS)
@settings(
    max_examples=300 if LONG else 20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_history_with_merges_can_be_proved(database_dsn: str, acts: list[Any]) -> None:
    emptied(database_dsn)
    asyncio.run(history_of(database_dsn, acts))
    prove(database_dsn)
