"""Documents are what their content says, from the first byte to the last, and nothing in them acts by itself."""

import asyncio
import io
import struct
import zipfile
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dancu.dossiers.documents import scan
from dancu.dossiers.documents.kinds import LARGEST, DocumentRefused, Kind, kind_of
from dancu.dossiers.documents.scan import ClamScanner, ContentScanner, ScannerSilent, scanner_of
from dancu.dossiers.documents.store import plain_name

pytestmark = pytest.mark.anyio

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def pdf(*objects: bytes, head: bytes = b"%PDF-1.7\n") -> bytes:
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (n, one) for n, one in enumerate(objects or (b"<</Type/Catalog>>",), 1))
    return head + body + b"xref\n0 1\ntrailer <</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"


def stream(content: bytes, dictionary: bytes = b"/Filter/FlateDecode", *, packed: bool = True) -> bytes:
    data = zlib.compress(content) if packed else content
    return b"<<" + dictionary + b"/Length %d>>\nstream\n" % len(data) + data + b"\nendstream"


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int = 2, height: int = 2, end: bytes = b"") -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0\0\0" * 2)) + chunk(b"IEND", b"") + end


def jpeg(width: int = 2, height: int = 2, end: bytes = b"") -> bytes:
    app = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + bytes(9)
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + bytes(3)
    data = b"\xff\xda" + struct.pack(">H", 8) + bytes(6) + b"\x12\xff\x00\x34\xff\xd0\x56"
    return b"\xff\xd8" + app + frame + data + b"\xff\xd9" + end


def box(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", 8 + len(data)) + name + data


def heic(end: bytes = b"") -> bytes:
    return box(b"ftyp", b"heic\0\0\0\0mif1heic") + box(b"meta", bytes(20)) + box(b"mdat", bytes(40)) + end


def zipped() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("run.js", "alert(1)")
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"MZ\x90\x00", "something else"),
        (zipped(), "something else"),
        (b"<html><script>alert(1)</script>", "something else"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "something else"),
        (b"\n%PDF-1.7 hidden start" + pdf(), "something else"),
        (zipped() + pdf(), "something else"),
        (pdf() + zipped(), "hidden behind"),
        (pdf() + b"<script>alert(1)</script>", "hidden behind"),
        (pdf()[:-7], "no end"),
        (b"%PDF-1.7\n%%EOF", "no end"),
        (png(end=zipped()), "hidden behind"),
        (png(end=b"<?php system($_GET[0]) ?>"), "hidden behind"),
        (png()[:-4], "damaged"),
        (png().replace(b"IDAT", b"IDAX"), "damaged"),
        (png(100_000, 100_000), "too large to be shown"),
        (png(0, 5), "too large to be shown"),
        (jpeg(end=zipped()), "hidden behind"),
        (jpeg()[:-2], "damaged"),
        (jpeg(65_000, 65_000), "too large to be shown"),
        (b"\xff\xd8\xff\xd9", "damaged"),
        (b"\xff\xd8\xff", "damaged"),
        (heic(end=b"xx"), "damaged"),
        (heic(end=box(b"moov", b"")), "damaged"),
        (b"\x00\x00\x00\x18ftypheic", "damaged"),
        (b"%PDF-1.7" + b" " * LARGEST, "10 MB"),
    ],
    ids=range(26),
)
def test_what_is_not_wholly_of_its_kind_is_not_taken(content: bytes, why: str) -> None:
    with pytest.raises(DocumentRefused, match=why):
        kind_of(content)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (pdf(), Kind.PDF),
        (pdf(head=b"%PDF-2.0\n"), Kind.PDF),
        (pdf() + b"\r\n \0", Kind.PDF),
        (png(), Kind.PNG),
        (jpeg(), Kind.JPEG),
        (jpeg(end=b"\0\0"), Kind.JPEG),
        (heic(), Kind.HEIC),
    ],
)
def test_a_kind_is_told_by_the_content(content: bytes, expected: Kind) -> None:
    assert kind_of(content) is expected


@given(
    st.binary(max_size=300), st.sampled_from([b"", b"%PDF-1.7", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"0000ftypheic"])
)
def test_no_bytes_at_all_make_the_check_fail_otherwise(rest: bytes, head: bytes) -> None:
    try:
        kind_of(head + rest)
    except DocumentRefused:
        return


ACTIVE = [
    b"<</S/JavaScript/JS(app.alert(1))>>",
    b"<</S /Launch /F (cmd.exe)>>",
    b"<</Names <</EmbeddedFiles 2 0 R>>>>",
    b"<</Type/EmbeddedFile>>",
    b"<</XFA 3 0 R>>",
    b"<</S/SubmitForm/F(http://example.org)>>",
    b"<</S/GoToE>>",
    b"<</Subtype/RichMedia>>",
]


@pytest.mark.parametrize("active", ACTIVE)
@pytest.mark.parametrize(
    "hidden", ["plain", "packed", "packed plain", "spelled", "packed spelled", "behind a false stream"]
)
async def test_what_could_act_is_found_wherever_it_hides(active: bytes, hidden: str) -> None:
    if "spelled" in hidden:
        active = active.replace(b"/J", b"/#4a").replace(b"/L", b"/#4C").replace(b"/E", b"/#45").replace(b"/X", b"/#58")
        active = active.replace(b"/S", b"/#53").replace(b"/G", b"/#47").replace(b"/R", b"/#52")
    objects = {
        "packed": stream(b"1 0 " + active, b"/Type/ObjStm/Filter/FlateDecode"),
        "packed spelled": stream(b"1 0 " + active, b"/Type/Obj#53tm/Filter/Fl#61teDecode"),
        "packed plain": stream(b"1 0 " + active, b"/Type/ObjStm", packed=False),
    }
    content = pdf(b"<</Type/Catalog>>", objects.get(hidden, active))
    if hidden == "behind a false stream" and active.count(b"XFA") + active.count(b"GoToE") == 0:
        content = pdf(b"(stream\n)", active, stream(b"x"))
    assert kind_of(content) is Kind.PDF
    with pytest.raises(DocumentRefused, match="act by itself"):
        await ContentScanner().scan(content, Kind.PDF)


async def test_an_encrypted_document_cannot_be_checked_and_is_not_taken() -> None:
    with pytest.raises(DocumentRefused, match="can't be checked"):
        await ContentScanner().scan(pdf(b"<</Encrypt 4 0 R>>"), Kind.PDF)


async def test_objects_packed_in_another_way_are_not_taken() -> None:
    packed = stream(b"87cURD]i", b"/Type/ObjStm/Filter/ASCII85Decode", packed=False)
    with pytest.raises(DocumentRefused, match="can't be checked"):
        await ContentScanner().scan(pdf(packed), Kind.PDF)


async def test_a_bomb_is_not_unfolded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "MOST_UNPACKED", 1_000_000)
    one = stream(b"\0" * 600_000)
    await ContentScanner().scan(pdf(one), Kind.PDF)
    for bomb in (pdf(one, one), pdf(stream(b"\0" * 1_000_001))):
        with pytest.raises(DocumentRefused, match="unfolds"):
            await ContentScanner().scan(bomb, Kind.PDF)


@pytest.mark.parametrize("content", [pdf(b"(" + EICAR + b")"), pdf(stream(EICAR)), png() + EICAR])
async def test_the_test_virus_is_found(content: bytes) -> None:
    with pytest.raises(DocumentRefused, match="virus"):
        await ContentScanner().scan(content, Kind.PDF)


async def test_plain_documents_pass() -> None:
    page = stream(b"BT /F1 12 Tf (Giay chung sinh) Tj ET")
    image = stream(bytes(range(256)) * 100, b"/Subtype/Image/Filter/DCTDecode", packed=False)
    form = b"<</AcroForm <</Fields []>> /OpenAction [3 0 R /Fit]>>"
    await ContentScanner().scan(pdf(b"<</Type/Catalog>>", page, image, form), Kind.PDF)
    await ContentScanner().scan(png(), Kind.PNG)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("giấy chứng sinh.pdf", "giấy chứng sinh.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\lan\\a.pdf", "a.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe.pdf"),
        ("a.pdf.PDF", "a.pdf"),
        ("photo.jpg", "photo.pdf"),
        ("", "document.pdf"),
        ("...", "document.pdf"),
        ("a\r\nSet-Cookie: x", "aSet-Cookie x.pdf"),
        ('"; rm -rf <b>', "; rm -rf b.pdf"),
        ("Thu\u031b bo\u0302\u0301.pdf", "Thư bố.pdf"),
        ("x" * 400, "x" * 120 + ".pdf"),
        ("\ud800", "document.pdf"),
    ],
)
def test_a_name_of_a_file_can_do_no_harm(name: str, expected: str) -> None:
    assert plain_name(name, Kind.PDF) == expected


@asynccontextmanager
async def clamd(folder: Path, answer: bytes | None) -> AsyncIterator[tuple[str, list[bytes]]]:
    received: list[bytes] = []
    done = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(10) == b"zINSTREAM\0"
        while length := int(struct.unpack(">I", await reader.readexactly(4))[0]):
            received.append(await reader.readexactly(length))
        if answer is None:
            await reader.read()
        else:
            writer.write(answer)
        writer.close()
        await writer.wait_closed()
        done.set()

    address = folder / "clamd"
    server = await asyncio.start_unix_server(serve, address)
    yield f"unix:{address}", received
    await asyncio.wait_for(done.wait(), 5)
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_scanner_beside_is_asked(tmp_path: Path, anyio_backend: str) -> None:
    async with clamd(tmp_path, b"stream: OK\0") as (address, received):
        await scanner_of(address).scan(png(), Kind.PNG)
    assert received == [png()]
    async with clamd(tmp_path, b"stream: Win.Test FOUND\0") as (address, _):
        with pytest.raises(DocumentRefused, match="virus"):
            await scanner_of(address).scan(png(), Kind.PNG)


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR\0", b"", None])
async def test_what_the_scanner_cannot_tell_is_not_taken(tmp_path: Path, answer: bytes | None) -> None:
    async with clamd(tmp_path, answer) as (address, _):
        with pytest.raises(ScannerSilent):
            await ClamScanner(address, patience_s=0.2).scan(png(), Kind.PNG)


async def test_a_scanner_that_is_not_there_lets_nothing_in(tmp_path: Path) -> None:
    with pytest.raises(ScannerSilent):
        await scanner_of(f"unix:{tmp_path / 'nobody'}").scan(png(), Kind.PNG)
