"""A file goes through stages that can't lose a row: held, refused, corrected and resent files included."""

import csv
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.store.test_intake_load import FILES, loaded, result

from dancu.infra.db import Database
from dancu.intake import stages, staging
from dancu.intake.decisions import Decision, Reason
from dancu.intake.loading import Loaded, NotHeld, go_on, load, release
from dancu.intake.manifest import BadManifest, ManifestMismatch
from dancu.intake.mapping import Mapping
from dancu.intake.reading import read
from dancu.intake.rejects import NothingRejected, drop_originals, write_rejects
from dancu.intake.settling import Clerk, SettledBefore, decided
from dancu.kernel.errors import Invalid
from dancu.register.verify import verify

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
HEADER = ["Họ và tên", "Ngày sinh", "Giới tính", "Số định danh cá nhân", "Dân tộc"]
SURNAMES = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ"]


def person(n: int, **other: str) -> dict[str, str]:
    """A man of whom nobody else has anything: number, name and day of birth are his own."""
    day = f"{n % 28 + 1:02}/{n % 12 + 1:02}/19{60 + n % 30}"
    number = f"0010{60 + n % 30}{n:06}"
    name = f"{SURNAMES[n % 10]} Văn {['An', 'Bình', 'Cường', 'Dũng', 'Giang', 'Hải', 'Khánh'][n % 7]}"
    told = dict(zip(HEADER, (name, day, "Nam", number, "Kinh"), strict=True))
    return told | other


def write_csv(path: Path, rows: list[dict[str, str]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, HEADER, delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    return path


async def loading(dsn: str, path: Path, **options: Any) -> Loaded:
    async with Database(dsn, role="dancu_loader", size=7, patient=True) as database:
        return await load(database, path, source="phường", now=NOW, **options)


def scalar(dsn: str, query: str, *parameters: object) -> Any:
    with psycopg.connect(dsn) as connection:
        return (connection.execute(query.encode(), parameters).fetchone() or (None,))[0]


def counts(dsn: str, batch: int) -> dict[str, tuple[Any, ...]]:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "SELECT stage, records, accepted, rejected, created, updated, unchanged, queued FROM intake.stage"
            " WHERE batch_id = %s",
            (batch,),
        ).fetchall()
    return {row[0]: row[1:] for row in rows}


async def wrong_in(dsn: str, batch: int) -> list[str]:
    async with Database(dsn, role="dancu_loader", size=1) as database:
        return await stages.reconcile(database, batch, NOW)


async def test_a_file_that_is_not_what_its_manifest_says_is_refused(database_dsn: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "list.csv", [person(n) for n in range(10)])
    manifest = tmp_path / "list.csv.manifest.json"
    manifest.write_text(json.dumps({"sha256": "00" * 32}))
    with pytest.raises(ManifestMismatch, match="checksum"):
        await loading(database_dsn, path)
    manifest.write_text(json.dumps({"version": "7"}))
    with pytest.raises(BadManifest, match="version"):
        await loading(database_dsn, path)
    manifest.write_text(json.dumps({"record": 10}))
    with pytest.raises(BadManifest, match="can't be read"):
        await loading(database_dsn, path)
    assert scalar(database_dsn, "SELECT count(*) FROM intake.batch") == 0
    manifest.write_text(json.dumps({"records": 11, "agreement": "QC-14"}))
    with pytest.raises(ManifestMismatch, match="declares 11 records and the file holds 10"):
        await loading(database_dsn, path)
    assert scalar(database_dsn, "SELECT count(*) FROM register.person") == 0
    manifest.write_text(json.dumps({"records": 10, "agreement": "QC-14"}))
    assert (await loading(database_dsn, path)).created == 10
    assert scalar(database_dsn, "SELECT agreement FROM intake.batch WHERE state = 'reconciled'") == "QC-14"


async def test_a_file_with_too_many_rejects_is_held_whole_until_somebody_answers_for_it(
    database_dsn: str, tmp_path: Path
) -> None:
    rows = [person(n) for n in range(8)] + [person(8, **{"Ngày sinh": "31/02/1980"}), person(9, **{"Họ và tên": ""})]
    path = write_csv(tmp_path / "list.csv", rows)
    done = await loading(database_dsn, path)
    assert (done.held, done.waiting, done.rejected, done.created) == (True, 8, 2, 0)
    assert scalar(database_dsn, "SELECT count(*) FROM register.act") == 0
    assert set(counts(database_dsn, done.batch)) == {"received", "staged", "validated"}
    assert await loading(database_dsn, path) == done
    assert [row["decision"] for row in result(database_dsn, done.batch, tmp_path / "r.csv")] == ["waiting"] * 8 + [
        "rejected"
    ] * 2
    async with Database(database_dsn, role="dancu_loader", size=7, patient=True) as database:
        with pytest.raises(Invalid):
            await release(database, done.batch, by="Trần Thị B", why=" ", now=NOW)
        await release(database, done.batch, by="Trần Thị B", why="Đã hỏi lại nguồn", now=NOW)
        with pytest.raises(NotHeld):
            await release(database, done.batch, by="Trần Thị B", why="again", now=NOW)
        applied = await go_on(database, done.batch, now=NOW)
    assert (applied.created, applied.rejected, applied.held, applied.waiting) == (8, 2, False, 0)
    assert await wrong_in(database_dsn, done.batch) == []


async def test_at_every_stage_the_records_are_the_accepted_and_the_rejected(
    database_dsn: str, tmp_path: Path, connection: psycopg.Connection
) -> None:
    rows = [person(n) for n in range(60)] + [person(60, **{"Ngày sinh": "31/02/1980"})]
    done = await loading(database_dsn, write_csv(tmp_path / "list.csv", rows))
    found = counts(database_dsn, done.batch)
    assert set(found) == set(stages.STAGES)
    assert found["staged"] == found["validated"] == (61, 60, 1, None, None, None, None)
    assert found["matched"] == found["applied"] == found["reconciled"] == (61, 60, 1, 60, 0, 0, 0)
    for change in ("accepted = accepted - 1", "created = created - 1"):
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute(f"UPDATE intake.stage SET {change}, batch_id = 7 WHERE stage = 'applied'".encode())
    with pytest.raises(psycopg.errors.CheckViolation):
        connection.execute("UPDATE intake.chunk SET decisions = decisions[2:]")


async def test_the_proof_of_a_batch_finds_what_was_lost(
    database_dsn: str, tmp_path: Path, connection: psycopg.Connection
) -> None:
    rows = [person(n) for n in range(60)] + [person(60, **{"Ngày sinh": "31/02/1980"})]
    rows.append(person(61, **{"Giới tính": "Nữ"}))
    done = await loading(database_dsn, write_csv(tmp_path / "list.csv", rows))
    assert (done.created, done.queued, done.rejected) == (60, 1, 1)
    assert await wrong_in(database_dsn, done.batch) == []
    lost = {
        "DELETE FROM intake.queued": "it waits for a clerk, and is not in the queue",
        "DELETE FROM intake.finding": "it was rejected, and breaks no rule",
        "UPDATE register.act SET batch_id = 1": "no act of this batch is about its person",
        "UPDATE intake.chunk SET decisions[3] = 0": "nothing was decided",
        "UPDATE intake.chunk SET lines[3] = lines[4]": "Line 4 belongs to no record",
        "UPDATE intake.batch SET records = 63": "The file holds 63 records and 62 are kept",
    }
    for statement, said in lost.items():
        with psycopg.connect(database_dsn) as other:
            other.execute(statement.encode())
            other.commit()
        assert any(said in one for one in await wrong_in(database_dsn, done.batch)), said
    assert connection.execute("SELECT state FROM intake.batch").fetchone() == ("reconciled",)


LINES = st.lists(
    st.sampled_from(
        [
            "Nguyễn Văn An;05/03/1990;Nam;001090000001;Kinh",
            '"Trần\nVăn Bình";1980;Nam;;',
            "",
            "Lê Văn Cường;1970",
            ";;;;",
            "Tổng cộng: 5 người;;;;",
            '"Đỗ ""Tý"" Văn";1960;Nam;;Tày',
        ]
    ),
    max_size=12,
)


@given(above=st.lists(st.sampled_from(["DANH SÁCH", "", "UBND xã;;;;"]), max_size=3), lines=LINES, end=st.booleans())
def test_every_line_belongs_to_a_record_or_to_a_stated_remainder(
    tmp_path_factory: pytest.TempPathFactory, above: list[str], lines: list[str], end: bool
) -> None:
    path = tmp_path_factory.mktemp("lines") / "list.csv"
    text = "\n".join([*above, ";".join(HEADER), "Phạm Văn Giang;01/02/1985;Nam;001085000009;Kinh", *lines])
    path.write_text(text + "\n" * end, encoding="utf-8")
    reading = read(path, today=NOW.date())
    seen = staging.Seen(reading.format)
    for chunk in reading.chunks():
        seen.take(staging.with_fates(chunk))
    assert seen.lines(path, reading) == staging.count_lines(path, reading)


async def test_a_file_that_changes_while_it_is_read_is_not_taken(
    database_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_csv(tmp_path / "list.csv", [person(n) for n in range(10)])
    read_on = staging.with_fates

    def growing(chunk: Any) -> Any:
        with path.open("a") as file:
            file.write("one more line\n")
        return read_on(chunk)

    monkeypatch.setattr(staging, "with_fates", growing)
    with pytest.raises(staging.FileChanged):
        await loading(database_dsn, path)
    assert scalar(database_dsn, "SELECT count(*) FROM intake.chunk") == 0


# Rejects go back and come again -----------------------------------------------------------------------------------


def rejects(dsn: str, batch: int, out: Path) -> int:
    from dancu.infra import db

    with psycopg.connect(dsn, options="-c role=dancu_loader") as connection:
        return write_rejects(connection, db.NO_KEYS, batch, out, now=NOW)


WRONG = {"Ngày sinh": "31/02/1980"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1258"])
async def test_rejected_records_go_back_with_their_own_bytes_and_come_again_corrected(
    database_dsn: str, tmp_path: Path, encoding: str
) -> None:
    rows = [person(n) for n in range(60)]
    rows[7] |= WRONG
    rows[9] |= WRONG
    if encoding == "cp1258":
        rows = [{key: _decomposed(value) for key, value in row.items()} for row in rows]
    path = tmp_path / "list.csv"
    if encoding == "cp1258":
        text = "\r\n".join(";".join(_decomposed(cell) for cell in row) for row in [HEADER, *(r.values() for r in rows)])
        path.write_bytes(text.encode("cp1258"))
    else:
        write_csv(path, rows, encoding)
    done = await loading(database_dsn, path)
    assert (done.created, done.rejected) == (58, 2)
    out = tmp_path / "rejects.csv"
    assert rejects(database_dsn, done.batch, out) == 2
    sent, back = path.read_bytes(), out.read_bytes()
    wide = encoding.startswith("utf-16")
    codec = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(encoding, encoding)
    original = next(line for line in sent.split(("\n").encode(codec)) if "31/02/1980".encode(codec) in line)
    assert original[1 if wide and original[:1] == b"\x00" else 0 :].strip(b"\x00\r\n") in back
    assert f"{done.batch}-8".encode(codec) in back
    assert "date.impossible".encode(codec) in back
    out.write_bytes(back.replace("31/02/1980".encode(codec), "28/02/1980".encode(codec)))
    again = await loading(database_dsn, out)
    assert (again.records, again.rejected, again.held) == (2, 0, False)
    assert again.created + again.queued == 2
    assert scalar(database_dsn, "SELECT corrects FROM intake.batch WHERE batch_id = %s", again.batch) == done.batch


def _decomposed(text: str) -> str:
    """As Windows writes Vietnamese: letters with hooks and circumflexes whole, tones behind them."""
    import unicodedata

    written = []
    for letter in unicodedata.normalize("NFC", text):
        parts = unicodedata.normalize("NFD", letter)
        tone = [mark for mark in parts if mark in "\u0300\u0301\u0303\u0309\u0323"]
        rest = unicodedata.normalize("NFC", "".join(one for one in parts if one not in tone))
        written.append(rest + "".join(tone))
    return "".join(written)


async def test_lines_that_end_as_old_macs_wrote_them_go_back_as_well(database_dsn: str, tmp_path: Path) -> None:
    rows = [person(n) for n in range(30)]
    rows[7] |= WRONG
    path = write_csv(tmp_path / "list.csv", rows)
    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\r"))
    done = await loading(database_dsn, path)
    assert (done.created, done.rejected) == (29, 1)
    assert rejects(database_dsn, done.batch, tmp_path / "rejects.csv") == 1
    lines = (tmp_path / "rejects.csv").read_text("utf-8").splitlines()
    assert len(lines) == 2
    assert lines[1].endswith(";".join(rows[7].values()))


async def test_rejected_rows_of_a_sheet_go_back_as_a_sheet(database_dsn: str, tmp_path: Path) -> None:
    from dancu.intake.sheets import SheetWriter

    rows = [person(n) for n in range(60)]
    rows[7] |= WRONG
    rows[8]["Họ và tên"] = "=HYPERLINK(1)"
    for path, change in ((tmp_path / "list.xlsx", False), (tmp_path / "fixed.xlsx", True)):
        if change:
            rows = [rows[7]]
        with path.open("wb") as file, SheetWriter(file, "Danh sách") as sheet:
            sheet.row(HEADER)
            for row in rows:
                sheet.row([row[name] for name in HEADER])
        if not change:
            done = await loading(database_dsn, path)
            assert (done.created, done.rejected) == (58, 2)
    out = tmp_path / "rejects.xlsx"
    assert rejects(database_dsn, done.batch, out) == 2
    reading = read(out, today=NOW.date())
    (chunk,) = reading.source.chunks()
    told = chunk.columns.to_pylist()
    assert [one["Ngày sinh"] for one in told] == ["31/02/1980", person(8)["Ngày sinh"]]
    assert told[0]["dancu_record"] == f"{done.batch}-8"
    assert told[0]["dancu_line"] == "9"
    assert "calendar" in told[0]["dancu_message_en"]
    assert (await loading(database_dsn, out)).held
    assert scalar(database_dsn, "SELECT corrects FROM intake.batch WHERE state = 'held'") == done.batch


async def test_rejected_elements_and_lines_of_json_go_back_as_they_were(database_dsn: str, tmp_path: Path) -> None:
    rows = [person(n) for n in range(60)]
    rows[7] |= WRONG
    told = [json.dumps(row, ensure_ascii=False) for row in rows]
    (tmp_path / "list.jsonl").write_text("\n".join(told) + "\n", encoding="utf-8")
    done = await loading(database_dsn, tmp_path / "list.jsonl")
    assert (done.created, done.rejected) == (59, 1)
    out = tmp_path / "rejects.jsonl"
    assert rejects(database_dsn, done.batch, out) == 1
    assert out.read_text(encoding="utf-8").rstrip().endswith(told[7][1:])
    out.write_text(out.read_text(encoding="utf-8").replace("31/02/1980", "28/02/1980"), encoding="utf-8")
    again = await loading(database_dsn, out)
    assert (again.records, again.rejected) == (1, 0)
    assert scalar(database_dsn, "SELECT corrects FROM intake.batch WHERE batch_id = %s", again.batch) == done.batch


async def test_originals_are_dropped_after_a_year(database_dsn: str, tmp_path: Path) -> None:
    rows = [person(n) for n in range(30)]
    rows[7] |= WRONG
    done = await loading(database_dsn, write_csv(tmp_path / "list.csv", rows))
    async with Database(database_dsn, size=1) as database:
        for days, dropped in ((364, 0), (366, 3)):
            async with database.transaction(scope="none") as tx:
                assert await drop_originals(tx, NOW + timedelta(days=days)) == dropped
    with pytest.raises(NothingRejected):
        rejects(database_dsn, done.batch, tmp_path / "rejects.csv")


async def test_a_batch_without_rejects_has_nothing_to_give_back(database_dsn: str, tmp_path: Path) -> None:
    done = await loading(database_dsn, write_csv(tmp_path / "list.csv", [person(1)]))
    with pytest.raises(NothingRejected):
        rejects(database_dsn, done.batch, tmp_path / "rejects.csv")


# A corrected file supersedes --------------------------------------------------------------------------------------


async def test_a_corrected_file_applies_what_differs_and_withdraws_what_is_gone(
    database_dsn: str, tmp_path: Path, connection: psycopg.Connection
) -> None:
    rows = [person(n) for n in range(40)]
    first = await loading(database_dsn, write_csv(tmp_path / "first.csv", rows))
    rows[3]["Dân tộc"] = "Tày"
    rows[4]["Họ và tên"] = "Hoàng Văn Giáng"
    gone = rows.pop(7)
    rows.append(person(50))
    second = await loading(database_dsn, write_csv(tmp_path / "second.csv", rows), supersedes=first.batch)
    assert (second.created, second.updated, second.unchanged) == (1, 2, 37)
    assert (second.withdrawn, second.left) == (1, 0)
    states: dict[int, str] = dict(connection.execute("SELECT batch_id, state FROM intake.batch").fetchall())
    assert states == {first.batch: "superseded", second.batch: "reconciled"}
    told: dict[str, int] = dict(connection.execute("SELECT personal_number, ethnicity FROM register.person").fetchall())
    assert told[rows[3]["Số định danh cá nhân"]] != told[rows[5]["Số định danh cá nhân"]]
    assert (
        scalar(
            database_dsn,
            "SELECT p.status FROM register.identifier i JOIN register.person p USING (person_id) WHERE i.value = %s",
            gone["Số định danh cá nhân"],
        )
        == 6
    )
    of_first = result(database_dsn, first.batch, tmp_path / "first-result.csv")
    assert [row["record"] for row in of_first if row["reason"] == Reason.WITHDRAWN.text] == ["8"]
    assert await wrong_in(database_dsn, second.batch) == []
    assert list(verify(database_dsn, workers=1)) == []
    again = await loading(database_dsn, tmp_path / "second.csv", supersedes=first.batch)
    assert again.repeated


# What a clerk decides ---------------------------------------------------------------------------------------------


async def test_what_a_clerk_decides_is_applied_once(database_dsn: str, tmp_path: Path) -> None:
    doubtful = [person(n, **{"Giới tính": "Nữ"}) for n in (1, 2, 3)]
    known = await loading(database_dsn, write_csv(tmp_path / "known.csv", [person(20)]))
    done = await loading(database_dsn, write_csv(tmp_path / "list.csv", doubtful))
    assert (known.created, done.queued) == (1, 3)
    one = scalar(database_dsn, "SELECT person_id FROM register.person")
    clerk = Clerk(officer_id=5)
    async with Database(database_dsn, role="dancu_loader", size=1) as database:

        async def decide(record: int, **how: Any) -> Any:
            async with database.transaction(scope="nation") as tx:
                return await decided(tx, batch_id=done.batch, record=record, clerk=clerk, now=NOW, **how)

        same = await decide(1, person_id=one)
        new = await decide(2)
        gone = await decide(3, rejected=True)
        assert same.person_id == one
        assert (new.decision, gone.decision) == (Decision.CREATED, Decision.REJECTED)
        assert await decide(2) == new
        with pytest.raises(SettledBefore):
            await decide(3)
    assert scalar(database_dsn, "SELECT count(*) FROM register.person") == 2
    assert scalar(database_dsn, "SELECT count(*) FROM intake.queued WHERE settled_by = 5") == 3
    assert await wrong_in(database_dsn, done.batch) == []
    assert list(verify(database_dsn, workers=1)) == []


async def test_loading_a_file_with_the_helpers_of_other_tests_still_works(database_dsn: str, tmp_path: Path) -> None:
    done = await loaded(database_dsn, write_csv(tmp_path / "list.csv", [person(1), person(2)]))
    rows = result(database_dsn, done.batch, tmp_path / "result.csv")
    assert [(row["line"], row["last_line"], row["decision"], row["score"]) for row in rows] == [
        ("2", "2", "created", "0.0000"),
        ("3", "3", "created", "0.0000"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
async def test_rejected_elements_go_back_letter_for_letter(database_dsn: str, tmp_path: Path, encoding: str) -> None:
    text = (FILES / "congdan.xml").read_text("utf-8")
    born = re.findall(r"<NgayThangNam>(\d{8})</NgayThangNam>", text)
    wrong = text.replace(born[2], "19991399", 1).replace('encoding="UTF-8"', f'encoding="{encoding}"')
    path = tmp_path / "list.xml"
    path.write_bytes(wrong.encode(encoding))
    done = await loading(database_dsn, path)
    assert done.rejected == 1
    out = tmp_path / "rejects.xml"
    assert rejects(database_dsn, done.batch, out) == 1
    back = out.read_bytes().decode(encoding)
    (record,) = re.findall(r"<!-- dancu_record \d+-(\d+) line", back)
    element = re.findall(r"<CongDan>.*?</CongDan>", wrong, re.DOTALL)[int(record) - 1]
    assert element in back
    out.write_bytes(back.replace("19991399", born[2]).encode(encoding))
    again = await loading(database_dsn, out)
    assert (again.records, again.rejected) == (1, 0)
    assert scalar(database_dsn, "SELECT corrects FROM intake.batch WHERE batch_id = %s", again.batch) == done.batch


async def test_rejected_lines_of_fixed_places_go_back_and_come_again(database_dsn: str, tmp_path: Path) -> None:
    columns = {"surname": (1, 12), "middle": (13, 8), "given": (21, 10), "born": (31, 10), "personal_number": (41, 12)}
    mapping = Mapping({name: name for name in columns}, fixed=columns)
    lines = [
        f"{'Nguyễn':<12}{'Văn':<8}{'An':<10}19{60 + n}-03-05{f'0010{60 + n}{n:06}':<12}"
        if n != 7
        else f"{'Nguyễn':<12}{'Văn':<8}{'An':<10}1967-13-05{'001067000007':<12}"
        for n in range(30)
    ]
    path = tmp_path / "list.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = await loading(database_dsn, path, mapping=mapping)
    assert (done.created, done.rejected) == (29, 1)
    out = tmp_path / "rejects.txt"
    assert rejects(database_dsn, done.batch, out) == 1
    assert out.read_text("utf-8").startswith(lines[7])
    out.write_text(out.read_text("utf-8").replace("1967-13-05", "1967-12-05"), encoding="utf-8")
    again = await loading(database_dsn, out, mapping=mapping)
    assert (again.records, again.created) == (1, 1)
    assert scalar(database_dsn, "SELECT corrects FROM intake.batch WHERE batch_id = %s", again.batch) == done.batch
