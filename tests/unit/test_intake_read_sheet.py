"""Spreadsheets made by hand: tables that begin anywhere, several sheets, cells of all types."""

import zipfile
from datetime import date
from pathlib import Path

import pytest

from dancu.intake.mapping import Mapping
from dancu.intake.readers.raw import NoTable
from dancu.intake.reading import Reading, read

TODAY = date(2026, 11, 24)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"

Cell = str | int | float | bool | date


def cell_xml(reference: str, cell: Cell) -> str:
    if isinstance(cell, bool):
        return f'<c r="{reference}" t="b"><v>{int(cell)}</v></c>'
    if isinstance(cell, date):
        return f'<c r="{reference}" s="1"><v>{(cell - date(1899, 12, 30)).days}</v></c>'
    if isinstance(cell, str):
        return f'<c r="{reference}" t="inlineStr"><is><t>{cell}</t></is></c>'
    return f'<c r="{reference}"><v>{cell}</v></c>'


def workbook(path: Path, **sheets: dict[str, Cell]) -> Path:
    """Write a workbook: the cells of each sheet by their reference, such as `B3`."""
    with zipfile.ZipFile(path, "w") as archive:
        kinds = "".join(
            f'<Override PartName="/xl/worksheets/s{n}.xml" ContentType="application/'
            'vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
            for n in range(len(sheets))
        )
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="application/'
            'vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType='
            f'"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>{kinds}</Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r" Type="{_OFFICE}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        names = "".join(f'<sheet name="{name}" sheetId="{n + 1}" r:id="r{n}"/>' for n, name in enumerate(sheets))
        archive.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{names}</sheets></workbook>'
        )
        links = "".join(
            f'<Relationship Id="r{n}" Type="{_OFFICE}/worksheet" Target="worksheets/s{n}.xml"/>'
            for n in range(len(sheets))
        )
        links += f'<Relationship Id="s" Type="{_OFFICE}/styles" Target="styles.xml"/>'
        archive.writestr(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>'
        )
        archive.writestr(
            "xl/styles.xml",
            f'<styleSheet xmlns="{_MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
        )
        for n, cells in enumerate(sheets.values()):
            archive.writestr(f"xl/worksheets/s{n}.xml", sheet_xml(cells))
    return path


def sheet_xml(cells: dict[str, Cell]) -> str:
    rows: dict[int, list[str]] = {}
    for reference, cell in cells.items():
        rows.setdefault(int(reference[1:]), []).append(cell_xml(reference, cell))
    body = "".join(f'<row r="{n}">{"".join(row)}</row>' for n, row in rows.items())
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData></worksheet>'


LIST: dict[str, Cell] = {
    "B3": "Họ tên", "C3": "Ngày sinh", "D3": "Số CCCD", "E3": "Ghi chú",
    "B4": "Lê Lan", "C4": date(1990, 5, 3), "D4": 20190699336, "E4": True,
    "B6": "Lê Ba", "C6": 1958, "D6": "020058699336", "E6": 1.5,
}  # fmt: skip


def rows(reading: Reading) -> list[dict[str, object]]:
    (chunk,) = reading.chunks()
    found: list[dict[str, object]] = chunk.records.to_pylist()
    return found


def test_a_table_that_begins_in_the_middle_keeps_its_row_numbers(tmp_path: Path) -> None:
    reading = read(workbook(tmp_path / "a.xlsx", List=LIST), today=TODAY)
    found = rows(reading)
    assert [(r["first_line"], r["given"], r["born"], r["personal_number"]) for r in found] == [
        (4, "Lan", 19900503, "020190699336"),
        (6, "Ba", 19580000, "020058699336"),
    ]
    assert [(r.first_line, r.why) for r in reading.remainder] == [
        (1, "empty line"),
        (2, "empty line"),
        (3, "header"),
        (5, "empty row"),
    ]


def test_cells_of_all_types_become_text(tmp_path: Path) -> None:
    reading = read(workbook(tmp_path / "a.xlsx", List=LIST), today=TODAY)
    (chunk,) = reading.chunks()
    assert chunk.raw.columns.column("Ghi chú").to_pylist() == ["1", "1.5"]
    assert chunk.raw.columns.column("Ngày sinh").to_pylist() == ["1990-05-03", "1958"]


def test_the_sheet_with_the_list_is_found_and_the_others_are_stated(tmp_path: Path) -> None:
    notes: dict[str, Cell] = {"A1": "Hướng dẫn", "A2": "Ghi đủ 12 chữ số"}
    reading = read(workbook(tmp_path / "a.xlsx", Notes=notes, List=LIST, Empty={}), today=TODAY)
    assert len(rows(reading)) == 2
    assert reading.source.opened.details == {"sheet": "List"}
    assert reading.remainder[0].why.startswith("2 rows of another sheet, not read")


def test_a_mapping_names_another_sheet(tmp_path: Path) -> None:
    other: dict[str, Cell] = {"A1": "X", "A2": "Lê Tư"}
    path = workbook(tmp_path / "a.xlsx", List=LIST, Other=other)
    reading = read(path, today=TODAY, mapping=Mapping({"X": "name"}, sheet="Other"))
    assert [row["given"] for row in rows(reading)] == ["Tư"]


def test_a_sheet_that_is_not_there_is_said(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", List=LIST)
    with pytest.raises(NoTable, match="no sheet of the name"):
        read(path, today=TODAY, mapping=Mapping({"Họ tên": "name"}, sheet="Other"))


def test_an_empty_workbook_is_said(tmp_path: Path) -> None:
    with pytest.raises(NoTable, match="No sheet holds a table"):
        read(workbook(tmp_path / "a.xlsx", List={}), today=TODAY)
