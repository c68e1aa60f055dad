"""A dry run writes what the five files of one district would become, and nothing else."""

import csv
import json
import stat
import zipfile
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dancu.cli.intake import app
from dancu.cli.intake_dry_run import dry_run
from dancu.cli.output import REFUSED
from dancu.intake.addresses import resolver
from dancu.intake.dry_run import COLUMNS, DryRun, write_rows
from dancu.intake.readers.raw import Unreadable
from dancu.intake.reading import read
from dancu.kernel.formulas import neutral, restored
from dancu.kernel.text import fold

FOLDER = Path(__file__).parents[1] / "data" / "intake"
TODAY = date(2026, 11, 24)
FILES = ("cong-an.xlsx", "bhxh.txt", "benh-vien.csv", "tu-phap.csv", "congdan.xml")

Row = dict[str, str]


def rows_of(out: Path) -> list[Row]:
    with out.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def written(path: Path, out: Path) -> tuple[DryRun, list[Row]]:
    done = write_rows([(path.name, read(path, today=TODAY, resolve=resolver(today=TODAY)))], out)
    return done, rows_of(out)


@pytest.fixture(scope="module")
def answers() -> dict[str, list[Row]]:
    by_file: dict[str, list[Row]] = {}
    for row in rows_of(FOLDER / "answers.csv"):
        by_file.setdefault(row["file"], []).append(row)
    return by_file


def iso(day: str) -> str:
    return "-".join(reversed(day.split("/"))) if "/" in day else day


def same_day(said: str, true: str) -> bool:
    """A file that tells the year only is right as far as it goes."""
    return said != "" and iso(true).startswith(said)


@pytest.mark.parametrize("name", FILES)
def test_every_record_is_one_row_in_order(name: str, tmp_path: Path, answers: dict[str, list[Row]]) -> None:
    done, rows = written(FOLDER / name, tmp_path / "out.csv")
    assert tuple(rows[0]) == COLUMNS
    assert [row["record"] for row in rows] == [row["record"] for row in answers[name]]
    assert done.records == len(rows)


@pytest.mark.parametrize("name", FILES)
def test_names_and_births_are_those_of_the_answers(name: str, tmp_path: Path, answers: dict[str, list[Row]]) -> None:
    _, rows = written(FOLDER / name, tmp_path / "out.csv")
    plain = name == "bhxh.txt"  # it is written without any diacritics
    for row, answer in zip(rows, answers[name], strict=True):
        assert row["name"] == (fold(answer["name"]).title() if plain else answer["name"])
        if answer["planted"] != "date in the future":
            assert same_day(row["born"], answer["born"])
        assert row["sex"] in {"male", "female"}


@pytest.mark.parametrize("name", FILES)
def test_numbers_are_those_of_the_answers(name: str, tmp_path: Path, answers: dict[str, list[Row]]) -> None:
    _, rows = written(FOLDER / name, tmp_path / "out.csv")
    told = [(row, answer) for row, answer in zip(rows, answers[name], strict=True) if row["personal_number"]]
    wrong = [answer["planted"] for row, answer in told if row["personal_number"] != answer["personal_number"]]
    assert set(wrong) <= {"wrong digit in the number"}
    assert all(len(row["personal_number"]) == 12 for row, _ in told)
    if name == "benh-vien.csv":
        assert [row["mother_number"] for row in rows] == [answer["mother"] for answer in answers[name]]
    if name == "tu-phap.csv":
        sound = [(row, a) for row, a in zip(rows, answers[name], strict=True) if a["planted"] != "date in the future"]
        assert all(same_day(row["married_on"], answer["married"]) for row, answer in sound)
        for prefix, number in (("", "personal_number"), ("spouse_", "spouse_number")):
            assert all(len(row[f"{prefix}cmnd9"]) == 9 or len(row[number]) == 12 for row, _ in sound)


def test_zeros_that_a_spreadsheet_lost_are_put_back_and_noted(tmp_path: Path) -> None:
    done, rows = written(FOLDER / "cong-an.xlsx", tmp_path / "out.csv")
    assert done.repaired == {"personal_number.zeros": 437}
    assert sum(bool(row["permanent_unit"]) for row in rows) == len(rows)


def test_what_is_wrong_is_told_beside_the_record(tmp_path: Path) -> None:
    done, rows = written(FOLDER / "tu-phap.csv", tmp_path / "out.csv")
    assert done.severities["reject"] == 3
    assert [(row["severity"], row["rules"]) for row in rows if row["severity"]] == [
        ("reject", "date.future:married_on")
    ] * 3


def test_what_was_written_is_read_again_as_it_is(tmp_path: Path) -> None:
    for name in FILES:
        _, first = written(FOLDER / name, tmp_path / "first.csv")
        _, second = written(tmp_path / "first.csv", tmp_path / "second.csv")
        besides = {"file", "record", "first_line", "last_line", "notes", "name_plain", "rules", "severity"}
        kept = [column for column in COLUMNS if column not in besides]
        assert [[row[column] for column in kept] for row in second] == [[row[c] for c in kept] for row in first]


def test_formulas_are_made_harmless_and_can_be_had_again(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    address = ["=1+1", "@SUM(A1)", "-2+3", "+84 xã An Bình", "thôn 3"]
    path.write_text(
        "Họ tên,Năm sinh,Địa chỉ\n" + "".join(f'Lê Văn Nam,1990,"{text}"\n' for text in address), encoding="utf-8"
    )
    _, rows = written(path, tmp_path / "out.csv")
    assert [row["current_address"] for row in rows] == [neutral(text) for text in address]
    assert [restored(row["current_address"]) for row in rows] == address
    assert not any(value[:1] in "=+-@\t\r" for row in rows for value in row.values() if value)
    _, again = written(tmp_path / "out.csv", tmp_path / "again.csv")
    assert [row["current_address"] for row in again] == [row["current_address"] for row in rows]


@pytest.mark.parametrize("cell", ["=1", "'=1", "''@x", "\t=1", "＝1", "-5", "'", "a'=", "", "+84"])
def test_any_cell_can_be_had_again(cell: str) -> None:
    assert restored(neutral(cell)) == cell
    assert not neutral(cell).startswith(("=", "+", "-", "@", "\t", "\r", "＝"))


def test_only_its_owner_may_read_the_file_and_nothing_else_is_left(tmp_path: Path) -> None:
    written(FOLDER / "tu-phap.csv", tmp_path / "out.csv")
    assert stat.S_IMODE((tmp_path / "out.csv").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_the_command_says_how_the_file_was_understood(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dry_run([FOLDER / "benh-vien.csv"], tmp_path / "out.csv", None, as_json=False)
    said = capsys.readouterr().out
    assert "benh-vien.csv: csv, encoding tcvn3 (most Vietnamese syllables on trial (" in said
    assert "  Họ tên mẹ -> mother_name\n" in said
    assert "60 records: 0 would be rejected" in said
    assert len(rows_of(tmp_path / "out.csv")) == 60


def test_a_set_is_written_file_by_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.write(FOLDER / "benh-vien.csv", "a/benh-vien.csv")
        archive.write(FOLDER / "tu-phap.csv", "b/tu-phap.csv")
    dry_run([tmp_path / "set.zip", FOLDER / "so-ho-khau.xls"], tmp_path / "out.csv", None, as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert [one["encoding"].partition(" ")[0] for one in said["files"]] == ["tcvn3", "cp1258", ""]
    counts = Counter(row["file"] for row in rows_of(tmp_path / "out.csv"))
    assert counts == {"set.zip/a/benh-vien.csv": 60, "set.zip/b/tu-phap.csv": 120, "so-ho-khau.xls": 2}


@pytest.mark.parametrize(
    "words",
    [
        ["--dry-run", "--out", "OUT", "FILE"],
        ["load", "--dry-run", "--out", "OUT", "FILE"],
        ["FILE", "--out", "OUT", "--dry-run"],
        ["--out=OUT", "--dry-run", "FILE"],
    ],
)
def test_the_word_load_may_be_left_out_and_no_server_is_needed(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DANCU_HOME", str(tmp_path / "home"))
    meant = {"OUT": str(tmp_path / "out.csv"), "FILE": str(FOLDER / "tu-phap.csv")}
    done = CliRunner().invoke(app, [word.replace("OUT", meant["OUT"]).replace("FILE", meant["FILE"]) for word in words])
    assert done.exit_code == 0, done.output
    assert len(rows_of(tmp_path / "out.csv")) == 120
    assert not (tmp_path / "home").exists()


def test_what_is_unreadable_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "list.xlsx").write_bytes((FOLDER / "cong-an.xlsx").read_bytes()[:20_000])
    with pytest.raises(Unreadable):
        dry_run([tmp_path / "list.xlsx"], tmp_path / "out.csv", None, as_json=False)
    assert [path.name for path in tmp_path.iterdir()] == ["list.xlsx"]


def test_one_unreadable_file_of_a_set_is_named_and_the_others_are_written(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "1.xlsx").write_bytes((FOLDER / "cong-an.xlsx").read_bytes()[:20_000])
    (folder / "2.csv").write_text('Họ tên;Ngày sinh\nLê Ba;1990\n"Lê Tư;1991\n', encoding="utf-8")
    (folder / "3.csv").write_text("Họ tên;Ngày sinh\nLê Năm;1990\n", encoding="utf-8")
    out = tmp_path / "out.csv"
    done = CliRunner().invoke(app, ["--dry-run", "--out", str(out), str(folder), "--json"])
    assert done.exit_code == REFUSED
    told = json.loads(done.stdout)
    assert set(told["refused"]) == {"set/1.xlsx", "set/2.csv"}
    assert [one["file"] for one in told["files"]] == ["set/3.csv"]
    assert [row["name"] for row in rows_of(out)] == ["Lê Năm"]
    assert told["records"] == 1
