"""A data engineer declares on what a source rests, and lists and puts in force what follows from it."""

from pathlib import Path

from tests.journeys.test_command_line import Dancu, country  # noqa: F401 -- the fixture
from tests.store.test_intake_stages import HEADER, person, write_csv


def test_a_declared_source_changes_what_stands(country: Dancu, tmp_path: Path) -> None:  # noqa: F811
    one = person(3) | {"Dân tộc": "Tày"}
    number = one[HEADER[3]]
    load = ("intake", "load")
    country.json(*load, str(write_csv(tmp_path / "a.csv", [person(3)])), "--source", "thue")
    country.json(*load, str(write_csv(tmp_path / "b.csv", [one])), "--source", "khai-sinh")
    assert country.json("intake", "recompute", "--person", number)["changes"] == []
    country.run("intake", "document", "khai-sinh", "birth", "--officer", "kythuat", exits=3)
    country.run("intake", "document", "khai-sinh", "birth_certificate", "--officer", "hotich", exits=3)
    since = ("--since", "2020-01-01", "--officer", "kythuat")
    listed = country.json("intake", "document", "khai-sinh", "birth_certificate", *since)["sources"]
    assert [(row["source"], row["document"]) for row in listed] == [("khai-sinh", "birth_certificate")]
    country.run("intake", "recompute", "--person", number, exits=1)
    (change,) = country.json("intake", "recompute", "--person", number, "--apply")["changes"]
    assert (change["field"], change["ground"], change["sources"]) == ("ethnicity", "precedence", ["khai-sinh"])
    assert country.json("intake", "recompute", "--person", number)["changes"] == []
    told = country.json("person", number, "--officer", "trungtam", "--sources")["sources"]
    assert ["khai-sinh" in line for row in told if row["field"] == "ethnicity" for line in row["told"]] == [True, False]
    country.run("intake", "recompute", exits=3)
