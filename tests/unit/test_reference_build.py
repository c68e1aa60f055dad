from pathlib import Path

import pytest

from dancu.reference.build import derived_tables
from dancu.reference.build.spelling import spelled
from dancu.reference.tables import read_text, table_names

DATA = Path(__file__).parents[2] / "src/dancu/reference/data"


def test_the_committed_tables_are_what_the_builder_makes() -> None:
    for name, text in derived_tables().items():
        assert read_text(name) == text, f"{name}: run python -m dancu.reference.build"


def test_every_table_has_its_source_and_stays_small() -> None:
    sources = (DATA / "SOURCES").read_text(encoding="utf-8")
    for name in table_names():
        assert name in sources
        assert (DATA / f"{name}.csv").stat().st_size < 1_000_000


@pytest.mark.parametrize(
    ("written", "one"),
    [("Hoà", "Hòa"), ("Thuỷ", "Thủy"), ("Quý", "Quý"), ("Hoàng", "Hoàng"), ("08", "8"), ("M\u2019Drắk", "M'Drắk")],
)
def test_names_get_one_spelling(written: str, one: str) -> None:
    assert spelled(written) == one
