"""Twenty-one ugly files of one folder, and the truth about every record in them."""

import gzip
import json
import unicodedata
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from tests.unit.test_intake_read_encodings import by_table, cp1258, vni, western
from tests.unit.test_intake_read_sheet import Cell, workbook

from dancu.kernel.charsets import VISCII
from dancu.kernel.tcvn3 import TABLE as TCVN3

HEADER = ("Họ và tên", "Ngày sinh", "Giới tính", "Số CCCD", "Nơi thường trú", "Họ tên mẹ")
SURNAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô", "Dương", "Lý")
MIDDLES = ("Quốc", "Thị", "Đức", "Ngọc", "Văn", "Mỹ", "Xuân", "Thuý", "Tấn", "Bảo", "Hữu")
MEN = ("Khánh", "Cường", "Dũng", "Thắng", "Đại", "Kiệt", "Lĩnh")
WOMEN = ("Hoà", "Ánh", "Dương", "Châu", "Thuý", "Huệ", "Xuyến")
MOTHERS = ("Lý Thị Ấu", "Nông Thị Xuyến", "Võ Thị Sáu", "Đinh Thị Bưởi", "Trương Thị Hạnh")
PLACE = "Phường Hai Bà Trưng, Hà Nội"
Row = tuple[str, ...]


@dataclass(frozen=True)
class Person:
    """Somebody who exists once, in however many files."""

    name: str
    born: date
    woman: bool
    number: str
    mother: str

    @property
    def sex(self) -> str:
        return "Nữ" if self.woman else "Nam"

    def row(self, *, day: str = "", name: str = "", number: str | None = None, mother: str | None = None) -> Row:
        """Return the person as a line of a list, some of it written otherwise."""
        shown = self.number if number is None else number
        told = self.mother if mother is None else mother
        return name or self.name, day or f"{self.born:%d/%m/%Y}", self.sex, shown, PLACE, told


@dataclass
class Sent:
    """A file as it was sent, and what is to become of its records, in their order.

    Args:
        refused: it can't be read at all.
        meant: by record, how the rejected ones should have been written.
    """

    path: Path
    fates: list[str] = field(default_factory=list)
    refused: bool = False
    meant: dict[int, Row] = field(default_factory=dict)

    @property
    def held(self) -> bool:
        """Whether more of it is rejected than is taken without anybody's answering for it."""
        return self.fates.count("rejected") > 0.05 * len(self.fates)


def person(n: int) -> Person:
    """Return the n-th person of the cast: no two share name, day of birth or number."""
    woman = n % 2 == 1
    born = date(1950 + n % 45, 1 + n % 12, 1 + n % 28)
    given = (WOMEN if woman else MEN)[n % 7]
    name = f"{SURNAMES[n % 13]} {'Thị' if woman else MIDDLES[n % 11]} {given}"
    number = f"001{'1' if woman else '0'}{born:%y}{100_000 + 37 * n:06}"
    return Person(name, born, woman, number, MOTHERS[n % 5])


def listed(rows: Sequence[Row], delimiter: str = ",", *, ending: str = "\n", header: Row = HEADER) -> str:
    """Return a table whose cells are quoted where they must be."""

    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if delimiter in text or '"' in text else text

    return "".join(delimiter.join(map(cell, row)) + ending for row in (header, *rows))


class Folder:
    """Writes the files; each has people of its own, and some whom an earlier one has."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sent: list[Sent] = []
        self._next = 0
        path.mkdir(parents=True, exist_ok=True)

    def people(self, count: int) -> list[Person]:
        """Return people whom no file has yet."""
        self._next += count
        return [person(n) for n in range(self._next - count, self._next)]

    def add(self, name: str, content: bytes, fates: Sequence[str], *, refused: bool = False) -> Path:
        """Write a file."""
        path = self.path / name
        path.write_bytes(content)
        self.sent.append(Sent(path, list(fates), refused))
        return path

    def text(self, name: str, encode: Callable[[str], bytes], delimiter: str = ",", ending: str = "\n") -> None:
        """Write a list of twenty new people, and one of the first file once more."""
        rows = [one.row() for one in self.people(20)] + [person(len(self.sent)).row()]
        self.add(name, encode(listed(rows, delimiter, ending=ending)), ["created"] * 20 + ["unchanged"])


def write_all(path: Path) -> list[Sent]:
    """Write the files into a folder; they are to be loaded in the order of their names."""
    folder = Folder(path)
    people = folder.people(24)
    folder.add("01-goc.csv", listed([p.row() for p in people]).encode("utf-8-sig"), ["created"] * 24)
    folder.text("02-tcvn3.csv", by_table(TCVN3), ";")
    folder.text("03-vni.txt", vni, "|", "\r\n")
    folder.text("04-viscii.tsv", by_table(VISCII), "\t")
    folder.text("05-cp1258.csv", cp1258, ";")
    folder.text("06-utf16.txt", lambda text: text.encode("utf-16"), "\t")
    folder.text("07-hai-lan.csv", lambda text: western(text.encode()).encode())
    folder.text("08-nfd.csv", lambda text: unicodedata.normalize("NFD", text).encode(), "|", "\r")
    _typed(folder)
    _sheets(folder)
    _structured(folder)
    _zipped(folder)
    _hostile(folder)
    _dates_and_numbers(folder)
    _namesakes(folder)
    _events(folder)
    quoted = 'Họ tên;Ngày sinh\n"Lê Ba;1990\nTrần Tư;1991\n'
    folder.add("00-ngoac-ho.csv", quoted.encode(), [], refused=True)
    folder.add("22-cut.xlsx", (path / "10-nhan-khau.xlsx").read_bytes()[:2_500], [], refused=True)
    return sorted(folder.sent, key=lambda one: one.path.name)


_TONES = {"\u0300": "f", "\u0301": "s", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
_SHAPES = {"\u0302": None, "\u0306": "w", "\u031b": "w"}


def telex(text: str) -> str:
    """Return the keys by which a text is typed, tones at the end of each word."""
    words = []
    for word in text.replace("Đ", "DD").replace("đ", "dd").split(" "):
        keys, tone = "", ""
        for mark in unicodedata.normalize("NFD", word):
            if mark in _TONES:
                tone = _TONES[mark]
            elif mark in _SHAPES:
                keys += _SHAPES[mark] or keys[-1].lower()
            else:
                keys += mark
        words.append(keys + tone)
    return " ".join(words)


def _typed(folder: Folder) -> None:
    people = folder.people(10)
    rows = [p.row(name=telex(p.name)) for p in people]
    folder.add("09-telex.csv", listed(rows).encode(), ["created"] * 10)


def _sheets(folder: Folder) -> None:
    people = folder.people(6)
    title: dict[str, Cell] = {"A1": "CÔNG AN PHƯỜNG HAI BÀ TRƯNG", "A2": "Danh sách nhân khẩu"}
    title |= {f"{'ABCDEF'[at]}4": name for at, name in enumerate(HEADER)}
    for at, one in enumerate(people, start=5):
        cells: list[Cell] = list(one.row())
        cells[1], cells[3] = one.born, int(one.number)  # the sheet made a day and a number of them
        title |= {f"{'ABCDEF'[column]}{at}": cell for column, cell in enumerate(cells)}
    title |= {"A12": "Tổng cộng: 6 người", "A13": "Người lập biểu"}
    path = workbook(folder.path / "10-nhan-khau.xlsx", **{"Danh sách": title})
    folder.sent.append(Sent(path, ["created"] * 6))
    people = folder.people(5)
    path = folder.path / "11-libre.ods"
    _ods(path, [HEADER, *(p.row() for p in people)])
    folder.sent.append(Sent(path, ["created"] * 5))


def _ods(path: Path, rows: Sequence[Row]) -> None:
    def cell(value: str) -> str:
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'

    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    spaces = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "table", "text")
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr(
            "content.xml",
            f"<office:document-content{spaces}><office:body><office:spreadsheet>"
            f'<table:table table:name="A">{body}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )


def _structured(folder: Folder) -> None:
    people = folder.people(5)
    lines = [json.dumps(dict(zip(HEADER, p.row(), strict=True)), ensure_ascii=n > 1) for n, p in enumerate(people)]
    lines.insert(3, '{"Họ và tên": "cắt ngang')
    fates = ["created", "created", "created", "rejected", "created", "created"]
    folder.add("12-dong.jsonl", ("\n".join(lines) + "\n").encode(), fates)
    people = folder.people(5)
    persons = "\n".join(
        f"<CongDan><SoDinhDanh>{p.number}</SoDinhDanh><HoVaTen><Ho>{p.name.split()[0]}</Ho>"
        f"<ChuDem>{' '.join(p.name.split()[1:-1])}</ChuDem><Ten>{p.name.split()[-1]}</Ten></HoVaTen>"
        f"<GioiTinh>{2 if p.woman else 1}</GioiTinh><NgayThangNamSinh><Nam>{p.born.year}</Nam>"
        f"<NgayThangNam>{p.born:%Y%m%d}</NgayThangNam></NgayThangNamSinh>"
        f"<Me><HoVaTen>{p.mother}</HoVaTen></Me></CongDan>"
        for p in people
    )
    document = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<CongdanCollection xmlns="http://dancuquocgia.bca">\n{persons}\n'
        "</CongdanCollection>\n"
    )
    folder.add("13-congdan.xml", document.encode(), ["created"] * 5)
    people = folder.people(5)
    columns = {name: [p.row()[at] for p in people] for at, name in enumerate(HEADER)}
    pq.write_table(pa.table(columns), folder.path / "14-cot.parquet")
    folder.sent.append(Sent(folder.path / "14-cot.parquet", ["created"] * 5))


def _zipped(folder: Folder) -> None:
    first, second = folder.people(4), folder.people(4)
    path = folder.path / "15-bo.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xa/a.csv", listed([p.row() for p in first], ";").encode())
        packed = gzip.compress(by_table(TCVN3)(listed([p.row() for p in [*second, first[0]]], "\t")), mtime=0)
        archive.writestr("xa/b.tsv.gz", packed)
    folder.sent.append(Sent(path, ["created"] * 8 + ["unchanged"]))


def _hostile(folder: Folder) -> None:
    people = folder.people(30)
    rows = [p.row() for p in people]
    rows[3] = people[3].row(name="Nguyễn\x00 Văn An")
    rows[5] = people[5].row(name="Robert'); DROP TABLE register.person;--")
    rows[6] = people[6].row(name="\u202e" + people[6].name)
    rows[7] = people[7].row(name="<script>alert(1)</script>")
    rows[8] = people[8].row(name="=HYPERLINK(1)")
    fates = ["rejected" if at in {3, 5, 7, 8} else "created" for at in range(30)]
    header = (*HEADER, "Ghi chú", "Ghi chú")
    noted = [(*row, "@cmd", 'gọi "Ba"') for row in rows]
    folder.add("16-doc-hai.csv", listed(noted, header=header).encode(), fates)
    _mean(folder, people)
    people = folder.people(3)
    rows = [(*p.row()[:4], f'Ngõ "{n}, {PLACE}', p.mother) for n, p in enumerate(people)]
    folder.add("17-ngoac.csv", ("\n".join(";".join(row) for row in (HEADER, *rows)) + "\n").encode(), ["created"] * 3)


def _mean(folder: Folder, people: Sequence[Person]) -> None:
    """Note how the rejected records of the last file should have been written."""
    last = folder.sent[-1]
    last.meant = {at + 1: people[at].row() for at, fate in enumerate(last.fates) if fate == "rejected"}


def _dates_and_numbers(folder: Folder) -> None:
    people = folder.people(40)
    rows = [p.row() for p in people]
    ways = ("%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y", "%Y%m%d", "%Y")
    for at, way in enumerate(ways):
        rows[at] = people[at].row(day=people[at].born.strftime(way))
    rows[6] = people[6].row(day="31/02/1970")
    rows[7] = people[7].row(day="01/01/2999")
    rows[8] = people[8].row(number="12345")
    rows[9] = people[9].row(number="1.23E+11")
    rows[10] = people[10].row(number=people[10].number[:3] + "9" + people[10].number[4:])
    fates = ["rejected" if at in {6, 7, 8, 9} else "queued" if at == 10 else "created" for at in range(40)]
    folder.add("18-ngay-so.csv", listed(rows, ";").encode(), fates)
    _mean(folder, people)


def _namesakes(folder: Folder) -> None:
    people = folder.people(8)
    namesake = Person(people[0].name, date(1991, 7, 9), people[0].woman, "001091777001", "Trương Thị Hạnh")
    if namesake.woman:
        namesake = Person(namesake.name, namesake.born, True, "001191777001", namesake.mother)
    born = date(2001, 5, 6)
    twins = [
        Person("Hoàng Gia Bảo", born, False, "001201000011", "Lý Thị Ấu"),
        Person("Hoàng Gia Huy", born, False, "001201774412", "Lý Thị Ấu"),
    ]
    rows = [*(p.row() for p in people), namesake.row(), *(p.row() for p in twins), people[1].row()]
    # Two figures of the number changed places, and nothing else differs: a clerk must look.
    slip = person(2)
    rows.append(slip.row(number=slip.number[:-2] + slip.number[-1] + slip.number[-2]))
    fates = ["created"] * 11 + ["unchanged", "queued"]
    folder.add("19-trung-ten.csv", listed(rows).encode(), fates)


def _events(folder: Folder) -> None:
    husband, wife = person(0), person(1)
    others = [(person(n), person(n + 1)) for n in (4, 6)]
    rows: list[Row] = [
        (f"{n}/2015", "3", "14/02/2015", h.name, f"{h.born:%d/%m/%Y}", h.number, w.name, f"{w.born:%d/%m/%Y}", w.number)
        for n, (h, w) in enumerate([(husband, wife), *others], start=1)
    ]
    header: Row = ("Số", "Quyển", "Ngày đăng ký", "Họ tên chồng", "Ngày sinh", "Số giấy tờ", "Họ tên vợ", "Ngày sinh",
              "Số giấy tờ")  # fmt: skip
    folder.add("20-ket-hon.csv", listed(rows, ",", header=header).encode(), ["updated"] * 3)
    children = [("Trần Minh Khôi", "21/09/2026", "Nam"), ("Trần Minh Anh", "22/09/2026", "Nữ")]
    births: list[Row] = [(name, day, sex, wife.name, wife.number) for name, day, sex in children]
    header = ("Tên con", "Ngày sinh", "Giới tính", "Họ tên mẹ", "Số định danh mẹ")
    folder.add("21-khai-sinh.csv", listed(births, ";", header=header).encode(), ["created"] * 2)
