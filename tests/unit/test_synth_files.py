"""A nation as files: whole, stamped, and the same every time."""

import hashlib
import json
from pathlib import Path

import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from dancu.synth.files import STAMP, write

PEOPLE = 3_200


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("nation")
    write(place, people=PEOPLE, seed=3)
    return place


def test_the_manifest_tells_what_each_file_is(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["stamp"] == STAMP
    for file in manifest["files"]:
        assert hashlib.sha256((folder / file["name"]).read_bytes()).hexdigest() == file["sha256"]
    assert sum(file["rows"] for file in manifest["files"]) == PEOPLE
    living = sum(by_sex["1"] + by_sex["2"] for by_sex in manifest["living"].values())
    table = pq.read_table(folder / "synthetic-000.parquet")
    assert living == table.column("died_on").null_count


def test_every_file_says_that_it_is_synthetic(folder: Path) -> None:
    for path in folder.glob("*.parquet"):
        assert pq.read_schema(path).metadata[b"dancu"].decode() == STAMP
    assert all(
        "synthetic" in path.name for path in folder.iterdir() if path.name not in {"manifest.json", "truth.parquet"}
    )


def test_a_second_writing_is_the_same_to_the_byte(folder: Path, tmp_path: Path) -> None:
    write(tmp_path, people=PEOPLE, seed=3)
    for path in folder.iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes()


def test_csv_tells_the_same_as_parquet(folder: Path, tmp_path: Path) -> None:
    write(tmp_path, people=PEOPLE, seed=3, form="csv")
    parquet = pq.read_table(folder / "synthetic-000.parquet")
    as_text = pacsv.ConvertOptions(
        column_types={field.name: field.type for field in parquet.schema}, strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )  # fmt: skip
    csv = pacsv.read_csv(tmp_path / "synthetic-000.csv", convert_options=as_text)
    assert csv.replace_schema_metadata(None).equals(parquet.replace_schema_metadata(None))
