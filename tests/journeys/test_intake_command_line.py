"""A data engineer at the command line: a held file, its rejects, its correction, its proof, and what a source has."""

import json
from pathlib import Path

from tests.journeys.test_command_line import Dancu, country  # noqa: F401 -- the fixture
from tests.store.test_intake_stages import WRONG, person, write_csv


def test_a_held_file_goes_its_way_to_a_corrected_one(country: Dancu, tmp_path: Path) -> None:  # noqa: F811
    rows = [person(n) for n in range(10)]
    rows[7] = rows[7] | WRONG
    path = write_csv(tmp_path / "list.csv", rows)
    manifest = tmp_path / "list.csv.manifest.json"
    manifest.write_text(json.dumps({"records": 11}))
    country.run("intake", "load", str(path), "--source", "phuong", exits=3)
    manifest.write_text(json.dumps({"records": 10}))
    held = country.json("intake", "load", str(path), "--source", "phuong")
    batch = str(held["batch"])
    assert (held["held"], held["waiting"], held["rejected"]) == (True, 9, 1)
    back = tmp_path / "back.csv"
    assert country.json("intake", "rejects", batch, "--out", str(back))["records"] == 1
    country.run("intake", "release", batch, "--officer", "hotich", "--why", "asked", exits=3)
    released = country.json("intake", "release", batch, "--officer", "kythuat", "--why", "asked the source")
    assert released["created"] + released["queued"] == 9
    country.run("intake", "release", batch, "--officer", "kythuat", "--why", "again", exits=5)
    assert country.json("intake", "verify", batch)["wrong"] == []
    back.write_text(back.read_text("utf-8").replace("31/02/1980", rows[7]["Ngày sinh"]).replace("31/02/1980", ""))
    country.json("intake", "load", str(back), "--source", "phuong", "--limit", "1")
    corrected = write_csv(tmp_path / "corrected.csv", [person(n) for n in range(9)])
    done = country.json("intake", "load", str(corrected), "--source", "phuong", "--supersedes", batch)
    assert done["withdrawn"] == 1
    assert country.json("intake", "left", batch) == {"left": []}
    report = country.json("intake", "reconcile", "phuong", str(corrected), "--out", str(tmp_path / "report"))
    assert report["there"] == 9
    assert report["only_there"] + report["same"] + report["different"] == 9
    country.run("intake", "rejects", str(done["batch"]), "--out", str(back), exits=4)


def test_rules_and_keys_are_listed(country: Dancu) -> None:  # noqa: F811
    rules = country.json("intake", "rules")["rules"]
    assert {"number.place", "date.future"} <= {rule["id"] for rule in rules}
    assert all(rule["message_vi"] and rule["owner"] for rule in rules)
    issued = country.json("intake", "keys", "issue", "bhxh", "--agreement", "QC-1", "--officer", "trungtam")
    number = issued["key"].split("_")[1]
    (listed,) = country.json("intake", "keys", "list")["keys"]
    assert (str(listed["key"]), listed["source"], listed["revoked_at"]) == (number, "bhxh", None)
    country.run("intake", "keys", "issue", "bhxh", "--agreement", "QC-1", "--officer", "hotich", exits=3)
    country.run("intake", "keys", "revoke", number)
    country.run("intake", "keys", "revoke", number, exits=4)
