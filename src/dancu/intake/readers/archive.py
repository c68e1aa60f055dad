"""Sets of files: a folder, a zip of files and folders, a gzipped file. Each member is a file of the set.

Nothing is unpacked that points elsewhere, that is larger than it says, or that grows out of proportion.
"""

import gzip
import re
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from dancu.intake.readers.raw import NoTable, Unreadable

MOST_BYTES = 64 << 30
MOST_MEMBERS = 10_000
MOST_TIMES = 200
_HARMLESS_BYTES = 64 << 20
_DEEPEST = 2
_MOST_CELLS = 50_000_000
_BLOCK = 1 << 20
_MANIFEST = ".manifest.json"
_BOMB = "The archive grows out of proportion when it is unpacked; send the files themselves"
_BESIDES = re.compile(r"(?:^|/)(?:__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)")
_WIDE_CELL = re.compile(rb'\br="([A-Z]{2,3})\d')
_ROW = re.compile(rb'<row [^>]*?\br="(\d+)"')


class UnsafeArchive(Unreadable):
    """The archive points outside of itself, or grows out of proportion when it is unpacked."""


@dataclass(frozen=True)
class Member:
    """A file of a set.

    Args:
        name: by which people know it, with the set and the folders it lay in.
        path: where it lies while the set is open.
    """

    name: str
    path: Path


@contextmanager
def expanded(paths: Iterable[Path]) -> Iterator[list[Member]]:
    """Open files, folders and archives as the files that they hold, in order of their names.

    Raises:
        UnsafeArchive: an archive is not to be trusted; nothing of it is left on disk.
        Unreadable: an archive is damaged or has a password.
        NoTable: a folder or an archive is empty.
    """
    with tempfile.TemporaryDirectory(prefix="dancu-set-") as folder:
        room = _Room(Path(folder))
        members = [member for path in paths for member in room.members(path, path.name, 0)]
        yield members


class _Room:
    """A folder of one's own into which members are unpacked, each into a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._folders: dict[PurePosixPath, Path] = {}
        self._bytes = 0

    def members(self, path: Path, name: str, depth: int) -> list[Member]:
        if path.is_dir():
            return self._of_folder(path, name)
        if is_archive(path):
            if depth == _DEEPEST:
                raise UnsafeArchive("An archive in an archive in an archive is not unpacked; send the files themselves")
            unpacked = [one for one in self._unzipped(path, name) if not one.name.endswith(_MANIFEST)]
            found = [one for got in unpacked for one in self.members(got.path, got.name, depth + 1)]
            if not found:
                raise NoTable("The archive is empty; send it with the files")
            return found
        if _starts(path, b"\x1f\x8b"):
            return [self._gunzipped(path, name)]
        return [Member(name, path)]

    def _of_folder(self, path: Path, name: str) -> list[Member]:
        files = sorted(
            p
            for p in path.rglob("*")
            if p.is_file() and not p.is_symlink() and not _besides(p.name) and not p.name.endswith(_MANIFEST)
        )
        if not files:
            raise NoTable("The folder is empty")
        return [one for p in files for one in self.members(p, f"{name}/{p.relative_to(path)}", 0)]

    def _unzipped(self, path: Path, name: str) -> Iterator[Member]:
        try:
            with zipfile.ZipFile(path) as archive:
                for info in checked(archive):
                    with archive.open(info) as packed:
                        place = self._unpacked(packed, f"{name}/{info.filename}", info.file_size)
                        yield Member(f"{name}/{info.filename}", place)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as failure:
            raise Unreadable("The archive is damaged or incomplete; pack it and send it again") from failure

    def _gunzipped(self, path: Path, name: str) -> Member:
        inner = path.name.removesuffix(".gz")
        limit = max(path.stat().st_size * MOST_TIMES, _HARMLESS_BYTES)
        try:
            with gzip.open(path) as packed:
                return Member(f"{name}/{inner}", self._unpacked(packed, f"{name}/{inner}", limit))
        except (gzip.BadGzipFile, zlib.error, EOFError) as failure:
            raise Unreadable("The archive is damaged or incomplete; pack it and send it again") from failure

    def _place(self, name: PurePosixPath) -> Path:
        """Return where a member goes: beside those of its folder, so that its manifest lies beside it."""
        folder = self._folders.get(name.parent)
        place = folder / name.name if folder else None
        if place is None or place.exists():
            folder = Path(tempfile.mkdtemp(dir=self._folder))
            self._folders[name.parent] = folder
        return self._folders[name.parent] / name.name

    def _unpacked(self, packed: IO[bytes] | gzip.GzipFile, name: str, limit: int) -> Path:
        place = self._place(PurePosixPath(name))
        size = 0
        with place.open("wb") as file:
            while data := packed.read(_BLOCK):
                size += len(data)
                if size > limit or self._bytes + size > MOST_BYTES:
                    raise UnsafeArchive(
                        "The archive grows out of proportion when it is unpacked; send the files themselves"
                    )
                file.write(data)
        self._bytes += size
        return place


def is_archive(path: Path) -> bool:
    """Tell whether a file is a zip of files, and no workbook."""
    if not _starts(path, b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError):
        return False
    return not names & {"[Content_Types].xml", "mimetype", "content.xml"}


def checked(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return the files of a zip by name, without what file managers put beside them.

    Raises:
        UnsafeArchive: a member points outside, is a link, or grows out of proportion; there are too many.
        Unreadable: a member has a password.
    """
    found = [info for info in archive.infolist() if not info.is_dir() and not _besides(info.filename)]
    if len(found) > MOST_MEMBERS:
        raise UnsafeArchive(f"The archive has more than {MOST_MEMBERS} files; send it in parts")
    total = sum(info.file_size for info in found)
    packed = sum(info.compress_size for info in found)
    if total > MOST_BYTES or (total > _HARMLESS_BYTES and total > packed * MOST_TIMES):
        raise UnsafeArchive(_BOMB)
    for info in found:
        _check_member(info)
    return sorted(found, key=lambda info: info.filename)


def _check_member(info: zipfile.ZipInfo) -> None:
    path = PurePosixPath(info.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", info.filename):
        raise UnsafeArchive("A member of the archive points outside of it; pack the files without their folders")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise UnsafeArchive("A member of the archive is a link; pack the file itself")
    if info.flag_bits & 1:
        raise Unreadable("The archive has a password; pack it without one and send it again")


def check_workbook(path: Path) -> None:
    """Make sure that a zipped workbook (XLSX, XLSB, ODS) can be opened without filling the memory.

    Raises:
        UnsafeArchive: it grows out of proportion, or a sheet spans more cells than any list has.
        Unreadable: it is damaged or incomplete.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            for info in checked(archive):
                if info.filename.startswith("xl/worksheets/") and info.filename.endswith(".xml"):
                    with archive.open(info) as sheet:
                        _check_extent(sheet)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as failure:
        raise Unreadable("The workbook is damaged or incomplete; open it, save it and send it again") from failure


def _check_extent(sheet: IO[bytes]) -> None:
    width, height, held = 26, 1, b""
    while data := sheet.read(_BLOCK):
        text = held + data
        width = max((width, *map(_column, set(_WIDE_CELL.findall(text)))))
        if rows := _ROW.findall(text):
            height = max(height, int(rows[-1]))
        held = text[-64:]
        if width * height > _MOST_CELLS and width > 1_000:
            raise UnsafeArchive(f"A sheet spans {height} rows and {width} columns; delete what stands beside the list")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _besides(name: str) -> bool:
    return _BESIDES.search(name) is not None


def _starts(path: Path, magic: bytes) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(magic)) == magic
    except OSError:
        return False
