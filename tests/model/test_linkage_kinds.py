"""One pair at a time and many at once: every kind of value must say the same of the same two."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dancu.linkage.hashes import of_words
from dancu.linkage.kinds import KINDS
from dancu.linkage.names import Name

_WORDS = (
    "Nguyễn nguyen NGUYEENX Trần Tran Văn Van V. Ng. Thị thị Bình Binh BINHF Bi2nh Hòa Hoà Hoa Lý Lí Mỹ Tôn Nữ Công "
    "Y Bđan Niê H'Mai Sokha a 5 NguyÔn B×nh Vâ Nguyá»…n Páo Max ¨ ð"
)
_PLACES = "01 02 01/001 01/002 01/001/00001 01/001/00002 02/001/00001 01//00001 /"
WORDS = st.sampled_from(_WORDS.split())
NAMES = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)
ODD = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
DATES = st.builds(
    lambda y, m, d: f"{y:04}{m:02}{d if m else 0:02}",
    st.integers(1979, 1982) | st.integers(1800, 2999),
    st.integers(0, 12),
    st.integers(0, 28),
)
DIGITS = st.text("01", min_size=12, max_size=12) | st.text("0123456789", min_size=12, max_size=12)
CELLS: dict[str, st.SearchStrategy[str]] = {
    "name": NAMES | ODD,
    "relative": NAMES | ODD,
    "date": DATES | ODD,
    "number": DIGITS | st.text("0123456789 ", min_size=1, max_size=13),
    "cards": st.lists(st.text("01", min_size=9, max_size=9), min_size=1, max_size=3).map(" ".join) | ODD,
    "sex": st.sampled_from(["0", "1", "2", "x"]),
    "place": st.sampled_from(
        ["01", "02", "01/001", "01/002", "01/001/00001", "01/001/00002", "02/001/00001", "01//00001", "/"]
    ),
    "units": st.lists(st.sampled_from(["00001", "00002", "00003"]), min_size=1, max_size=2).map(" ".join),
    "text": NAMES | ODD,
    "code": st.text("01a", min_size=1, max_size=4) | ODD,
}


def test_every_kind_is_tried() -> None:
    assert set(CELLS) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.id)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_many_at_once_are_compared_as_one_by_one(kind: object, data: st.DataObject) -> None:
    kind = KINDS[kind.id]  # type: ignore[attr-defined]
    cells = data.draw(st.lists(CELLS[kind.id], min_size=1, max_size=8, unique=True))
    values = [None, *map(kind.read, cells)]
    coded = kind.coded(pa.array(cells, pa.string()))
    ones, others = (grid.ravel() for grid in np.meshgrid(np.arange(len(values)), np.arange(len(values))))
    found = kind.levels_of(coded, ones, others).tolist()
    expected = [kind.level(values[i], values[j]) for i, j in zip(ones.tolist(), others.tolist(), strict=True)]
    assert expected == found
    for name, part in kind.parts.items():
        for i, j in zip(ones.tolist(), others.tolist(), strict=True):
            one, other = ((values[k] and part(values[k])) or None for k in (i, j))
            hashes = coded.parts[name]
            assert (one is not None and one == other) == (hashes[i] != 0 and hashes[i] == hashes[j]), name


@given(NAMES | ODD)
def test_the_hash_of_a_name_is_that_of_its_words(text: str) -> None:
    name = Name.of(text)
    hashes = KINDS["name"].coded(pa.array([text])).parts["folded"]
    assert int(hashes[1]) == (of_words(name.folded.split()) if name else 0)
