"""Whole files against one pair at a time: the same pairs come together, and each has the same score."""

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from dancu.linkage.bulk import Bulk, Progress, dedupe, write_entities, write_pairs
from dancu.linkage.bulk.blocks import Blocks
from dancu.linkage.bulk.scores import DECISIONS, VETOES, Scorer
from dancu.linkage.bulk.table import Table, read
from dancu.linkage.entities import MOST_RECORDS, Edges, resolve
from dancu.linkage.keys import NATIONAL, Rule, keys
from dancu.linkage.kinds.kind import NOT_TOLD
from dancu.linkage.model import Model
from dancu.linkage.record import Place, Record, normalised

MODEL = Model.default()
CONNECTION = duckdb.connect()
NAMES = [
    "Nguyễn Văn Bình",
    "NGUYEENX VAWN BINHF",
    "Ng. V. Bình",
    "Nguyễn Thị Lan",
    "Bình Nguyễn Văn",
    "Lý Mỹ",
    "Lí Mĩ",
    "Y Niê",
]
COLUMNS = ("id", "name", "born", "sex", "number", "cmnd9s", "mother", "father", "birth_place", "residence")
Row = dict[str, str | None]


def maybe(values: list[str]) -> st.SearchStrategy[str | None]:
    return st.none() | st.sampled_from(values)


ROWS: st.SearchStrategy[list[Row]] = st.lists(
    st.fixed_dictionaries(
        {
            "name": maybe(NAMES),
            "born": maybe(["1980-05-20", "1980-20-05", "19800520", "1980", "1980-05", "1980-06-20", "1981-05-20", "x"]),
            "sex": maybe(["1", "2"]),
            "number": maybe(["001080000001", "001080000002", "001080777777"]),
            "cmnd9s": maybe(["012345678", "012345678 112345678", "112345678", "1"]),
            "mother": maybe(["Trần Thị Lan", "tran thi lan", "Trần Thị Hoa", "Trần Lan"]),
            "father": maybe(["Nguyễn Văn Nam", "Nguyễn Nam", "Lê Nam"]),
            "birth_place": maybe(["01/001/00001", "01/001/00002", "01/001", "01", "02/003/00009"]),
            "residence": maybe(["00001", "00001 00002", "00002", "00003"]),
        }
    ),
    min_size=2,
    max_size=9,
)


def records_of(rows: list[Row]) -> list[Record]:
    return [
        normalised(
            str(at),
            name=row["name"], born=row["born"], sex=row["sex"], number=row["number"],
            cmnd9s=(row["cmnd9s"] or "").split(), mother=row["mother"], father=row["father"],
            birth_place=place_of(row["birth_place"]), residence=(row["residence"] or "").split(),
        )
        for at, row in enumerate(rows)
    ]  # fmt: skip


def place_of(text: str | None) -> Place | None:
    return Place(*text.split("/")) if text else None


def file_of(rows: list[Row], path: Path) -> Path:
    numbered = [{"id": str(at), **row} for at, row in enumerate(rows)]
    pq.write_table(pa.table({c: pa.array([row[c] for row in numbered], pa.string()) for c in COLUMNS}), path)
    return path


def table_of(rows: list[Row], folder: Path, model: Model = MODEL) -> Table:
    return read(model, [file_of(rows, folder / "rows.parquet")], connection=CONNECTION)


@settings(max_examples=150, deadline=None)
@given(rows=ROWS)
def test_a_pair_has_the_same_score_live_and_in_bulk(rows: list[Row], tmp_path_factory: object) -> None:
    folder = tmp_path_factory.mktemp("bulk")  # type: ignore[attr-defined]
    records, table = records_of(rows), table_of(rows, folder)
    ones, others = np.triu_indices(len(rows), 1)
    scores = Scorer(MODEL, table).score(ones, others)
    for at, (i, j) in enumerate(zip(ones.tolist(), others.tolist(), strict=True)):
        live = MODEL.score(records[i], records[j])
        named = tuple(
            None if level == NOT_TOLD else comparison.levels[level].name
            for comparison, level in zip(MODEL.comparisons, scores.levels[at].tolist(), strict=True)
        )
        assert live.levels == named
        assert live.weight == scores.weights[at]
        assert live.decision == DECISIONS[scores.decisions[at]]
        assert set(live.vetoes) == {veto for bit, veto in enumerate(VETOES) if scores.vetoes[at] >> bit & 1}
        assert abs(live.posterior - scores.posteriors[at]) < 1e-12


@settings(max_examples=100, deadline=None)
@given(rows=ROWS)
def test_bulk_compares_the_pairs_that_share_a_key_each_once(rows: list[Row], tmp_path_factory: object) -> None:
    folder = tmp_path_factory.mktemp("bulk")  # type: ignore[attr-defined]
    rules = tuple(Rule(rule.name, rule.parts) for rule in NATIONAL)
    records, table = records_of(rows), table_of(rows, folder)
    shared = {
        (i, j)
        for i in range(len(rows))
        for j in range(i + 1, len(rows))
        if keys(records[i], rules) & keys(records[j], rules)
    }
    for parts in (1, 3):
        blocks = Blocks(table, rules, parts)
        found = [
            pair
            for rule in rules
            for part in range(parts)
            for ones, others in blocks.pairs(rule, part)
            for pair in zip(ones.tolist(), others.tolist(), strict=True)
        ]
        assert sorted(found) == sorted(shared)


def person(name: str = "Nguyễn Văn Bình", **told: str | None) -> Row:
    return {
        "name": name, "born": "1980-05-20", "sex": "1", "number": None, "cmnd9s": None, "mother": "Trần Thị Lan",
        "father": "Nguyễn Văn Nam", "birth_place": "01/001/00001", "residence": "00001", **told,
    }  # fmt: skip


def test_a_key_of_too_many_is_given_up_and_reported(tmp_path: Path) -> None:
    rows = [person(number=f"0010800{at:05}", mother=None, father=None, birth_place=None) for at in range(210)]
    done = dedupe(Bulk(MODEL), [file_of(rows, tmp_path / "many.parquet")])
    assert {(one.rule, one.records) for one in done.capped} >= {("name+day", 210)}


def test_a_run_that_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    rows = [person(), person("NGUYEENX VAWN BINHF"), person("Lê Thị Hoa", sex="2"), person(born="1980")]
    path, steps = file_of(rows, tmp_path / "rows.parquet"), []

    class Stopped(Exception):
        pass

    def stop(progress: Progress) -> None:
        steps.append(progress)
        if len(steps) == 5:
            raise Stopped

    try:
        dedupe(Bulk(MODEL, work=tmp_path / "work", progress=stop), [path])
    except Stopped:
        kept = {file.name: file.stat().st_mtime_ns for file in (tmp_path / "work").glob("step-*")}
    assert len(kept) == 4
    whole = dedupe(Bulk(MODEL), [path])
    resumed = dedupe(Bulk(MODEL, work=tmp_path / "work"), [path])
    assert {file.name: file.stat().st_mtime_ns for file in (tmp_path / "work").glob("step-*")}.items() >= kept.items()
    assert whole.counts() == resumed.counts()
    assert np.array_equal(whole.entities, resumed.entities)


def test_other_files_do_not_go_on_from_old_checkpoints(tmp_path: Path) -> None:
    work = tmp_path / "work"
    dedupe(Bulk(MODEL, work=work), [file_of([person(), person()], tmp_path / "a.parquet")])
    done = dedupe(Bulk(MODEL, work=work), [file_of([person(), person("Lê Thị Hoa", sex="2")], tmp_path / "b.parquet")])
    assert done.counts()["pairs of one person"] == 0


def test_new_files_are_matched_with_the_register_and_among_themselves(tmp_path: Path) -> None:
    register = file_of([person(), person()], tmp_path / "register.parquet")
    new = file_of(
        [person("nguyen van binh"), person("Lê Thị Hoa", sex="2"), person("LEE THIJ HOA", sex="2")],
        tmp_path / "new.parquet",
    )
    done = dedupe(Bulk(MODEL), [new], [register])
    pairs = set(zip(done.pairs.ones.tolist(), done.pairs.others.tolist(), strict=True))
    assert pairs == {(0, 2), (1, 2), (3, 4)}


def test_csv_files_are_read_like_parquet(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(
        "source_key,surname,middle,given,born,personal_number\n"
        "a,Nguyễn,Văn,Bình,1980-05-20,001080000001\n"
        "b,Nguyễn,,Bình,1980-05-20,001080000001\n",
        encoding="utf-8",
    )
    done = dedupe(Bulk(MODEL), [path])
    write_pairs(done, MODEL, tmp_path / "pairs.parquet")
    write_entities(done, tmp_path / "entities.parquet")
    (pair,) = pq.read_table(tmp_path / "pairs.parquet").to_pylist()
    assert (pair["a"], pair["b"], pair["decision"], pair["level_name"]) == ("a", "b", "same", "left_out")
    assert pq.read_table(tmp_path / "entities.parquet").to_pydict() == {"id": ["a", "b"], "entity": ["a", "a"]}


def edges(*pairs: tuple[int, int, float, bool, bool]) -> Edges:
    ones, others, weights, sure, against = (np.array(column) for column in zip(*pairs, strict=True))
    return Edges(ones, others, weights, sure.astype(bool), against.astype(bool))


def test_a_chain_breaks_at_its_weakest_link() -> None:
    found = resolve(3, edges((0, 1, 20.0, True, False), (1, 2, 12.0, True, False), (0, 2, -9.0, False, True)))
    assert found.of.tolist() == [0, 0, 2]
    assert found.refused.tolist() == [1]


def test_records_of_one_person_come_together_though_one_pair_is_doubtful() -> None:
    found = resolve(3, edges((0, 1, 20.0, True, False), (1, 2, 12.0, True, False), (0, 2, 3.0, False, False)))
    assert found.of.tolist() == [0, 0, 0]


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(8, 40)), min_size=1, max_size=25), st.randoms()
)
def test_entities_do_not_depend_on_the_order_of_the_edges(pairs: list[tuple[int, int, int]], rng: object) -> None:
    made = [
        (min(i, j), max(i, j), float(w), w > 10, w == 9)
        for i, j, w in {(p[0], p[1]): p for p in pairs}.values()
        if i != j
    ]
    distinct = list({(i, j): pair for i, j, *_ in made for pair in made if pair[:2] == (i, j)}.values())
    if not distinct:
        return
    shuffled = list(distinct)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = resolve(10, edges(*distinct)), resolve(10, edges(*shuffled))
    assert first.of.tolist() == second.of.tolist()
    for i, j, _, _, against in distinct:
        assert not (against and first.of[i] == first.of[j])


def test_no_entity_grows_without_end() -> None:
    count = MOST_RECORDS + 10
    all_pairs = [(i, j, 20.0, True, False) for i in range(count) for j in range(i + 1, count)]
    found = resolve(count, edges(*all_pairs))
    assert np.bincount(found.of).max() <= MOST_RECORDS
    assert len(found.refused)
