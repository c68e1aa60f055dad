"""How likely two records are of one person, and what forbids to decide alone."""

from dataclasses import replace
from pathlib import Path

import pytest

from dancu.linkage.keys import keys, live_keys
from dancu.linkage.model import Decision, Model, UnusableModel
from dancu.linkage.record import Place, Precision, Record, normalised
from dancu.linkage.vetoes import Veto

MODEL = Model.default()
HANOI = Place("01", "001", "00001")


def record(record_id: str = "a", **told: object) -> Record:
    values: dict[str, object] = {
        "name": "Nguyễn Văn Bình",
        "born": 19800520,
        "sex": 1,
        "mother": "Trần Thị Lan",
        "father": "Nguyễn Văn Nam",
        "birth_place": HANOI,
    }
    return normalised(record_id, **(values | told))  # type: ignore[arg-type]


def test_a_model_for_other_normal_forms_is_refused(tmp_path: Path) -> None:
    replace(MODEL, normaliser=0).save(tmp_path / "model.json")
    with pytest.raises(UnusableModel, match="train it again"):
        Model.load(tmp_path / "model.json")


def test_what_is_no_model_is_refused() -> None:
    with pytest.raises(UnusableModel):
        Model.read(b'{"version": 1}')


def test_a_model_whose_levels_are_not_known_is_refused(tmp_path: Path) -> None:
    sex = MODEL.comparisons[MODEL.places["sex"]]
    broken = replace(MODEL, comparisons=(replace(sex, levels=sex.levels[:1]),))
    broken.save(tmp_path / "model.json")
    with pytest.raises(UnusableModel, match="sex"):
        Model.load(tmp_path / "model.json")


def test_a_saved_model_scores_as_the_one_before(tmp_path: Path) -> None:
    MODEL.save(tmp_path / "model.json")
    assert Model.load(tmp_path / "model.json") == MODEL


def test_nothing_told_is_no_evidence() -> None:
    score = MODEL.score(normalised("a"), normalised("b"))
    assert (score.decision, set(score.levels), score.weight) == (Decision.DIFFERENT, {None}, MODEL.start)


def test_the_order_of_the_two_does_not_matter() -> None:
    one, other = record(), record("b", name="Nguyen Van Binhh", born="1980")
    assert MODEL.score(one, other) == MODEL.score(other, one)


@pytest.mark.parametrize(
    "told",
    [
        {"name": "NGUYEENX VAWN BINHF"},
        {"name": "Nguye6n4 Va8n Bi2nh"},
        {"name": "NguyÔn V¨n B×nh"},
        {"name": "Nguyá»…n VÄƒn BÃ¬nh"},
        {"name": "Nguyễn Văn Bình".encode().decode("latin-1")},
        {"name": "nguyen van binh", "mother": "Tran thi lan"},
        {"name": "Bình Nguyễn Văn"},
        {"name": "Ng. V. Bình"},
        {"born": "1980"},
        {"born": 19802005},
        {"birth_place": Place("01", "001")},
    ],
)
def test_one_fault_in_a_full_record_is_no_reason_for_doubt(told: dict[str, object]) -> None:
    assert MODEL.score(record(), record("b", **told)).decision is Decision.SAME


def test_twins_without_numbers_wait_for_a_clerk_or_are_two() -> None:
    score = MODEL.score(record(), record("b", name="Nguyễn Văn Hùng"))
    assert Veto.TWINS in score.vetoes
    assert score.decision is not Decision.SAME


def test_twins_with_numbers_of_their_own_are_two() -> None:
    one, other = record(number="001080000001"), record("b", name="Nguyễn Văn Hùng", number="001080000942")
    assert MODEL.score(one, other).decision is Decision.DIFFERENT


def test_siblings_wait_for_a_clerk_or_are_two() -> None:
    score = MODEL.score(record(), record("b", name="Nguyễn Văn Hùng", born=19820111))
    assert Veto.SIBLINGS in score.vetoes
    assert score.decision is not Decision.SAME


def test_two_numbers_with_all_else_equal_wait_for_a_clerk() -> None:
    score = MODEL.score(record(number="001080000001"), record("b", number="001080777777"))
    assert (score.decision, score.vetoes) == (Decision.CLERK, (Veto.NUMBERS,))


def test_another_sex_waits_for_a_clerk() -> None:
    assert MODEL.score(record(), record("b", sex=2)).decision is Decision.CLERK


def test_namesakes_of_one_day_are_not_taken_for_one() -> None:
    one, other = (normalised(i, name="Nguyễn Thị Lan", born=19800520, sex=2) for i in "ab")
    assert MODEL.score(one, other).decision is Decision.CLERK


def test_one_number_of_two_people_waits_for_a_clerk_or_is_two() -> None:
    stranger = normalised("b", name="Lê Thị Hoa", born=19610203, sex=2, number="001080000001", birth_place=Place("79"))
    assert MODEL.score(record(number="001080000001"), stranger).decision is not Decision.SAME


def test_an_old_card_number_alone_never_decides() -> None:
    one, other = normalised("a", cmnd9s=["012345678"]), normalised("b", cmnd9s=["012 345 678", "123456789"])
    assert MODEL.score(one, other).decision is not Decision.SAME


def test_keys_need_all_that_they_are_made_of() -> None:
    assert keys(normalised("a", name="Nguyễn Văn Bình")) == frozenset()
    assert {key.split("\x1f")[0] for key in keys(normalised("a", name="Nguyễn Văn Bình", born=19800520))} == {
        "name+day", "name+year, rare", "surname+given+either day", "name+anniversary, rare",
    }  # fmt: skip


def test_a_record_is_looked_up_by_few_keys() -> None:
    found = live_keys(record(number="001080000001"))
    assert found.name_born == (("nguyen van binh", 19800520),)
    assert found.born_given == (19800520, "binh", "01")
    assert live_keys(record(born="1980")).born_given is None
    assert live_keys(record(name="Max Nguyễn")).name_born == (("ma nguyen", 19800520), ("max nguyen", 19800520))


def test_what_cannot_be_read_is_not_told() -> None:
    odd = normalised("a", name=" . ", born="31/02", number="12", cmnd9s=["1", "", None], sex="x")  # type: ignore[list-item]
    assert odd == Record("a")
    assert odd.precision is Precision.NOTHING
