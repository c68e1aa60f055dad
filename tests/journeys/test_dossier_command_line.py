"""A dossier from the command line: what is wrong has its exit code, and what is right can be read again."""

from pathlib import Path

from tests.journeys.test_command_line import Dancu, country  # noqa: F401 -- the fixture
from tests.unit.test_documents import pdf


def somebody(country: Dancu) -> tuple[str, str, str]:  # noqa: F811
    """Number, name and date of birth of somebody, as a paper shows them."""
    (one,) = country.json("intake", "list")["batches"]
    out = country.home / "result.csv"
    country.run("intake", "result", str(one["batch_id"]), "--out", str(out))
    for line in out.read_text(encoding="utf-8").splitlines()[1:]:
        found = country.json("person", line.split(",")[3], "--officer", "trungtam")["people"]
        if found and found[0]["born"] and len(found[0]["born"]) == 10:
            return found[0]["personal_number"], found[0]["name"], found[0]["born"]
    raise AssertionError("nobody has a whole date of birth")


def test_a_dossier_goes_from_its_receipt_to_its_end(country: Dancu, tmp_path: Path) -> None:  # noqa: F811
    number, name, born = somebody(country)
    hand = ("--officer", "hotich")
    person = ("--number", number, "--name", name, "--born", born)
    codes = [one["matter"] for one in country.json("dossier", "matters", *hand)["matters"]]
    assert "1.004859" in codes
    assert "1.004222" not in codes
    country.run("dossier", "open", "1.004859", *hand, "--requester", name, "--number", number, exits=3)
    country.run("dossier", "open", "1.004222", *hand, "--requester", name, *person, exits=3)
    country.run("dossier", "open", "1.004859", *hand, "--requester", name, *person[:-1], "1801", exits=3)
    opened = country.json("dossier", "open", "1.004859", *hand, "--requester", name, *person)
    case = opened["number"]
    assert opened["state"] == "received"
    country.run("dossier", "show", case, "--officer", "cutru", exits=4)
    bad, good = tmp_path / "bad.pdf", tmp_path / "giấy khai sinh.pdf"
    bad.write_bytes(pdf(b"<</S/JavaScript>>"))
    good.write_bytes(pdf())
    country.run("dossier", "attach", case, str(bad), *hand, exits=3)
    assert country.json("dossier", "attach", case, str(good), *hand)["name"] == "giấy khai sinh.pdf"
    country.run("dossier", "move", case, "refuse", *hand, exits=3)
    country.run("dossier", "move", case, "close", *hand, exits=5)
    asked = country.json("dossier", "move", case, "ask_applicant", *hand, "--reason", "Thiếu bản chính")
    assert (asked["state"], asked["due"]) == ("waiting_applicant", None)
    refusal = ("--reason", "Không bổ sung", "--ground", "Luật Hộ tịch, Điều 28")
    assert country.json("dossier", "move", case, "refuse", *hand, *refusal)["outcome"] == "refused"
    shown = country.json("dossier", "show", case, *hand)
    assert [one["move"] for one in shown["steps"]] == ["receive", "ask_applicant", "refuse"]
    assert [one["kind"] for one in shown["documents"]] == ["pdf"]
    assert case in {one["number"] for one in country.json("dossier", "list", *hand)["dossiers"]}
    assert country.json("dossier", "list", "--overdue", *hand)["dossiers"] == []
    nobody = country.json("dossier", "open", "1.001193", *hand, "--requester", name)
    assert nobody["due"]
