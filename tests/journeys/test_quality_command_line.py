"""Quality at the command line: measured, shown, listed, exported; a sample drawn, checked twice, and estimated from."""

import csv
from pathlib import Path

import psycopg
import pytest
from tests.journeys.test_adjudication_command_line import Run
from tests.journeys.test_adjudication_command_line import run as run_of_adjudication
from tests.journeys.test_adjudication_command_line import village as village_of_adjudication
from tests.journeys.village import HONG_HA, Village

from dancu.quality.catalogue import MEASURES
from dancu.reference.load import load_reference

run, village = run_of_adjudication, village_of_adjudication


@pytest.fixture
def units(connection: psycopg.Connection) -> None:
    load_reference(connection)


def opened(run: Run, officer: str, matter: str) -> str:
    answer = run("dossier", "open", matter, "--officer", officer, "--requester", "Kiểm tra chất lượng")
    return str(answer["number"])


def filled(form: Path, answers: dict[str, str], *, only: int | None = None) -> None:
    with form.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if only is None or int(row["item"]) == only:
            row.update(answers)
    with form.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.usefixtures("units")
def test_the_register_is_measured_and_what_is_wanting_is_listed(run: Run, village: Village, tmp_path: Path) -> None:
    assert "no such measure" in run("quality", "run", "beauty", exits=4)
    assert "no such measure" in run("quality", "list", "beauty", "--officer", "thao", exits=4)
    done = run("quality", "run")
    assert set(done["measured"]) == {one.code for one in MEASURES}
    assert run("quality", "run")["measured"] == {}
    figures = {one["measure"]: one for one in run("quality", "show")["figures"]}
    assert figures["field_completeness"]["denominator"] == "", "four persons are too few to be told"
    assert figures["source_freshness"]["value"] == ""
    listed = run("quality", "list", "field_completeness", "--officer", "thao")["records"]
    assert {"Nguyễn Văn An", "Lê Thị Dung"} <= {one["name"] for one in listed}
    assert "Trần Văn Xa" not in {one["name"] for one in listed}, "who lives in another province is not seen"
    assert run("quality", "list", "field_completeness", "--officer", "thao", "--place", HONG_HA)["records"] == listed
    assert run("quality", "list", "field_completeness", "--officer", "thao", "--place", "00004")["records"] == []
    run("quality", "list", "field_completeness", "--officer", "huy", exits=3)
    file = tmp_path / "figures.csv"
    exported = run("quality", "export", "--out", str(file))
    assert exported["figures"] > len(MEASURES)
    with file.open(encoding="utf-8-sig", newline="") as opened_file:
        rows = list(csv.DictReader(opened_file))
    assert {row["value"] for row in rows if row["measure"] == "field_completeness"} == {""}


@pytest.mark.usefixtures("units")
def test_a_name_of_a_source_is_no_formula(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "nguồn.csv"
    file.write_text("surname,middle,given,born,sex\nLê,Văn,Tám,1970-01-01,1\n", encoding="utf-8")
    run("intake", "load", str(file), "--source", "=cmd|' /C calc'!A0")
    run("quality", "source", "=cmd|' /C calc'!A0", "--days", "7", "--independent")
    run("quality", "run", "records_applied", "source_freshness")
    out = tmp_path / "figures.csv"
    run("quality", "export", "--out", str(out))
    assert ",'=cmd|" in out.read_text(encoding="utf-8-sig")
    assert ",=cmd|" not in out.read_text(encoding="utf-8-sig")


def test_expectations_are_read_or_refused(run: Run, tmp_path: Path, connection: psycopg.Connection) -> None:
    file = tmp_path / "expected.csv"
    file.write_text("event,year,province,persons,rate_per_1000,origin\nbirth,2025,,3,,\n", encoding="utf-8")
    assert "Line 2" in run("quality", "expect", str(file), exits=3)
    run("quality", "expect", str(tmp_path / "none.csv"), exits=3)
    file.write_text("event,year,province,persons,rate_per_1000,origin\nbirth,2015,,4,,made up\n", encoding="utf-8")
    assert run("quality", "expect", str(file))["rows"] == 1
    rows = connection.execute("SELECT e.event, e.year, e.persons FROM quality.expectation e").fetchall()
    assert rows == [("birth", 2015, 4.0)]


@pytest.mark.usefixtures("units")
def test_a_sample_is_drawn_checked_twice_and_estimated_from(run: Run, tmp_path: Path) -> None:
    form = tmp_path / "form.csv"
    asked = ("quality", "sample", "persons", "--size", "10", "--doubled", "1", "--seed", "7", "--form", str(form))
    assert run(*asked, "--officer", "binh", "--dossier", "none", exits=4)
    dossier = opened(run, "binh", "population.verify")
    sample = run(*asked, "--officer", "binh", "--dossier", dossier)["sample"]
    again = run(*asked, "--officer", "binh", "--dossier", dossier)["sample"]
    assert sample != again
    with form.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 4, "all there are"
    assert "Nguyễn Văn An" in {row["name_in_register"] for row in rows}
    right = {"name": "r", "born": "right", "sex": "đúng", "number": "n", "residence": "r"}
    filled(form, right | {"name": "perhaps"}, only=1)
    record = ("quality", "record", sample, "--from", str(form), "--officer")
    assert "Line 2" in run(*record, "binh", "--dossier", dossier, exits=3)
    filled(form, right)
    filled(form, right | {"born": "wrong"}, only=2)
    done = run(*record, "binh", "--dossier", dossier)
    assert done["recorded"] == 4
    found = {one["title"]: one for one in done["estimates"]}
    assert (found["Name"]["checked"], found["Personal number"]["checked"]) == (4, 0)
    run(*record, "binh", "--dossier", dossier, exits=5)
    other = opened(run, "chi", "population.verify")
    second = run(*record, "chi", "--dossier", other)
    assert {one["title"]: one["agreed"] for one in second["estimates"]}["Born"] == "100% (4)"
    run(*record, "khoi", "--dossier", opened(run, "khoi", "population.verify"), exits=5)
    run("quality", "run", "field_accuracy")
    figures = run("quality", "show", "field_accuracy")["figures"]
    by_field = {one["source"]: one for one in figures}
    assert float(by_field["born"]["value"]) < 1
    assert by_field["name"]["value"] == "1"
    assert by_field["*"]["bar_met"] == "no"
