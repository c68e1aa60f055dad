"""As what a person is counted is what the person's life says of the day."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from dancu.kernel.codes import PersonStatus, ResidenceKind
from dancu.register.feed.presences import Presence
from dancu.register.life import Life, Residence
from dancu.stats.cells import COUNTING, Base, counted

DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 31))
STAYS = st.lists(
    st.builds(
        Residence,
        st.sampled_from(list(ResidenceKind)),
        st.sampled_from(["00001", "00002", "03"]),
        st.just(""),
        st.just(date(2026, 1, 1)),
        st.none() | DAYS,
        st.none() | DAYS,
    ),
    max_size=6,
).map(tuple)


def locate(unit: str, _day: date, _detail: str) -> tuple[str | None, str | None]:
    return ("03", unit) if len(unit) == 5 else (unit, None)


@given(STAYS, st.sampled_from(list(PersonStatus)), st.none() | st.integers(1900_00_00, 2026_12_31), DAYS)
def test_each_base_counts_the_place_that_the_life_tells(
    stays: tuple[Residence, ...], status: PersonStatus, born: int | None, day: date
) -> None:
    life = Life(1, 1, datetime(2026, 1, 1, tzinfo=UTC), residences=stays)
    found = counted(Presence(1, 1, status, 2, born, stays), day, locate)
    cells = {base: unit for unit, base, _, _ in found.cells()}
    if status not in COUNTING:
        assert cells == {}
        return
    permanent, temporary = (life.residence(kind, day) for kind in (ResidenceKind.PERMANENT, ResidenceKind.TEMPORARY))
    assert cells.get(Base.PERMANENT) == (permanent.unit if permanent else None)
    assert cells.get(Base.TEMPORARY) == (temporary.unit if temporary else None)
    abode = life.abode(day)
    assert cells[Base.ABODE] == (abode.unit if abode else "")
    assert found.born_year == (born or 0) // 10_000


@given(STAYS, DAYS, DAYS)
def test_until_it_is_due_nothing_changes(stays: tuple[Residence, ...], one: date, other: date) -> None:
    early, late = sorted((one, other))
    presence = Presence(1, 1, PersonStatus.ALIVE, 2, None, stays)
    first = counted(presence, early, locate)
    if first.due_on is None or late < first.due_on:
        assert list(counted(presence, late, locate).cells()) == list(first.cells())
