"""`dancu linkage`: run as programs run it, over files and over the register."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from dancu.cli.installation import Installation
from dancu.cli.linkage import linkage
from dancu.infra.settings import Settings
from dancu.intake.first import load_first
from dancu.kernel.errors import Malformed
from dancu.linkage.bulk.table import NotRecords
from dancu.linkage.model import Model
from dancu.reference.load import load_reference
from dancu.synth.files import write
from dancu.synth.nation import block_of

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
Run = Callable[..., dict[str, object]]


@pytest.fixture
def run(database_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    @contextmanager
    def database(_: Installation, __: object = None) -> Iterator[str]:
        yield database_dsn

    monkeypatch.setattr(Installation, "database", database)
    monkeypatch.setattr(Installation, "here", lambda: Installation(Settings(home=tmp_path)))

    def run(*arguments: object) -> dict[str, object]:
        result: Result = CliRunner().invoke(linkage, [*map(str, arguments), "--json"])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return dict(json.loads(result.stdout))

    return run


@pytest.fixture
async def register(database_dsn: str, tmp_path: Path) -> pa.Table:
    """A register of 3,000 people; the answer is what was loaded."""
    with psycopg.connect(database_dsn, autocommit=True) as connection:
        load_reference(connection)
    files = write(tmp_path / "nation", people=3_000, seed=5)
    await load_first(database_dsn, files, source="synthetic", now=NOW, home=tmp_path, synthetic=True)
    return pa.concat_tables([pq.read_table(file) for file in files])


def test_nothing_to_match_is_refused(run: Run, tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="--register"):
        run("dedupe", "--out", tmp_path / "pairs.parquet")
    with pytest.raises(Malformed, match="no file"):
        run("dedupe", tmp_path / "nothing.csv", "--out", tmp_path / "pairs.parquet")


def test_a_file_about_something_else_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "fish.csv").write_text("length,weight\n3,4\n", encoding="utf-8")
    with pytest.raises(NotRecords, match=r"fish\.csv"):
        run("dedupe", tmp_path / "fish.csv", "--out", tmp_path / "pairs.parquet")


def test_a_model_is_trained_and_used(run: Run, tmp_path: Path) -> None:
    table = block_of(3_000, 11, 0).table
    again = table.slice(0, 600).set_column(1, "source_key", pa.array([f"again-{at}" for at in range(600)]))
    pq.write_table(pa.concat_tables([table, again]), tmp_path / "people.parquet")
    trained = run("train", tmp_path / "people.parquet", "--out", tmp_path / "model.json")
    assert trained["model"] == Model.load(tmp_path / "model.json").version
    found = run(
        "dedupe", tmp_path / "people.parquet", "--model", tmp_path / "model.json",
        "--out", tmp_path / "pairs.parquet", "--entities", tmp_path / "entities.parquet",
    )  # fmt: skip
    pairs = pq.read_table(tmp_path / "pairs.parquet").filter(pa.compute.field("decision") == "same").to_pylist()
    assert found["model"] == trained["model"]
    assert len(pairs) >= 598
    assert all("again-" in pair["a"] + pair["b"] for pair in pairs)
    entities = pq.read_table(tmp_path / "entities.parquet")
    assert len(entities) == 3_600
    assert len(set(entities.column("entity").to_pylist())) == 3_600 - len(pairs)


def test_a_damaged_file_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "cut.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(NotRecords, match=r"cut\.parquet"):
        run("dedupe", tmp_path / "cut.parquet", "--out", tmp_path / "pairs.parquet")


async def test_a_file_is_matched_with_the_register_and_the_reading_is_logged(
    run: Run, register: pa.Table, database_dsn: str, tmp_path: Path
) -> None:
    pacsv.write_csv(register.slice(100, 50), tmp_path / "again.csv")
    run("dedupe", tmp_path / "again.csv", "--register", "--out", tmp_path / "pairs.parquet")
    pairs = pq.read_table(tmp_path / "pairs.parquet").filter(pa.compute.field("decision") == "same").to_pylist()
    assert len({pair["b"] for pair in pairs}) >= 49
    assert {pair["level_birth_place"] for pair in pairs} <= {"ward", "district_only", "province_only", None}
    with psycopg.connect(database_dsn) as connection:
        rows = connection.execute(
            "SELECT operation, result_count FROM audit.access_log WHERE reason = 'linkage'"
        ).fetchall()
    assert [count for _, count in rows] == [3_000]


async def test_the_register_is_matched_with_itself_and_goes_on_from_checkpoints(
    run: Run, register: pa.Table, tmp_path: Path
) -> None:
    assert len(register) == 3_000
    work = tmp_path / "work"
    first = run("dedupe", "--register", "--out", tmp_path / "pairs.parquet", "--work", work)
    again = run("dedupe", "--register", "--out", tmp_path / "pairs.parquet", "--work", work)
    assert first == again
    assert (work / "register.csv").stat().st_mode & 0o077 == 0
