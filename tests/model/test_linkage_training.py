"""Training: what is learned from records of which the truth is known, and what is not learned from too few."""

from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dancu.linkage import em
from dancu.linkage.bulk import Table, read
from dancu.linkage.em import train
from dancu.linkage.model import Decision, Model
from dancu.linkage.record import normalised
from dancu.synth.nation import block_of

START = Model.default()


@pytest.fixture(autouse=True)
def few_random_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(em, "RANDOM_PAIRS", 20_000)


def table_of(people: pa.Table, folder: Path) -> Table:
    pq.write_table(people, folder / "people.parquet")
    return read(START, [folder / "people.parquet"], connection=duckdb.connect())


@pytest.fixture
def people() -> pa.Table:
    return block_of(3_000, 21, 0).table


@pytest.fixture
def twice(people: pa.Table) -> pa.Table:
    """Every fourth person has a second record without number; of these, every second one lost its birth date's day."""
    again = people.take(pa.array(range(0, 3_000, 4)))
    rows = again.to_pylist()
    for at, row in enumerate(rows):
        row["source_key"] = f"again-{at}"
        row["personal_number"] = row["cmnd9"] = None
        if at % 2:
            row["born"] = row["born"][:4]
    return pa.concat_tables([people, pa.Table.from_pylist(rows, people.schema)])


def test_the_same_records_give_the_same_model(twice: pa.Table, tmp_path: Path) -> None:
    table = table_of(twice, tmp_path)
    assert train(table, START).model == train(table, START).model


def test_the_share_of_faults_is_learned(twice: pa.Table, tmp_path: Path) -> None:
    trained = train(table_of(twice, tmp_path), START).model
    born = {level.name: level.m for level in trained.comparisons[trained.places["born"]].levels}
    assert born["exact"] == pytest.approx(0.5, abs=0.12)
    assert born["partial"] + born["both_partial"] == pytest.approx(0.5, abs=0.12)
    # 750 true pairs among 3,750 records.
    assert trained.prior == pytest.approx(750 / (3_750 * 3_749 / 2), rel=0.15)


def test_frequent_names_are_worth_less_than_rare_ones(people: pa.Table, tmp_path: Path) -> None:
    trained = train(table_of(people, tmp_path), START).model
    frequencies = trained.comparisons[trained.places["mother"]].frequencies
    assert frequencies is not None
    common = max(frequencies.values, key=lambda name: frequencies.values[name])
    one, other = (
        trained.score(normalised("a", name=name), normalised("b", name=name)).weight
        for name in (common, "Khuất Quỳnh Ửng Oanh")
    )
    assert one < other


def test_too_few_matches_teach_nothing(people: pa.Table, tmp_path: Path) -> None:
    trained = train(table_of(people, tmp_path), START)
    assert not any(session.used for session in trained.sessions if session.rule == "number")
    for field in ("number", "born", "sex"):
        before, after = (model.comparisons[model.places[field]] for model in (START, trained.model))
        assert [level.m for level in after.levels] == pytest.approx([level.m for level in before.levels], rel=0.5)


def test_a_trained_model_keeps_twins_apart(twice: pa.Table, tmp_path: Path) -> None:
    trained = replace(train(table_of(twice, tmp_path), START).model, prior=1e-6)
    told = {"born": 20100203, "mother": "Trần Thị Lan", "father": "Lê Văn Nam", "residence": ["00001"]}
    one, other = (normalised(i, name=name, **told) for i, name in (("a", "Lê Minh Anh"), ("b", "Lê Ngọc Anh")))  # type: ignore[arg-type]
    assert trained.score(one, other).decision is not Decision.SAME
