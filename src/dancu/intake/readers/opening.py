"""Which reader a file needs: decided by its first bytes, not by its name."""

from pathlib import Path

from dancu.intake.readers.delimited import open_delimited
from dancu.intake.readers.parquet import open_parquet
from dancu.intake.readers.raw import NoTable, Source, Unreadable
from dancu.intake.readers.sheet import open_sheet
from dancu.intake.readers.xml import open_xml

_XLS = b"\xd0\xcf\x11\xe0"


def open_source(
    path: Path,
    *,
    known: frozenset[str] = frozenset(),
    encoding: str = "",
    delimiter: str = "",
    sheet: str = "",
) -> Source:
    """Open a file of any kind that intake reads.

    Args:
        known: headers that a mapping names, folded; they help to find the header.
        encoding: overrules the choice of an encoding.
        delimiter: overrules the choice of a delimiter.
        sheet: overrules the choice of a sheet.

    Raises:
        Malformed: one of its kinds, with a message that says what to do.
    """
    try:
        with path.open("rb") as file:
            start = file.read(512)
    except OSError as failure:
        raise Unreadable("The file cannot be opened; check its name and who may read it") from failure
    if not start:
        raise NoTable("The file is empty; send a file with a header line and one line per record")
    if start.startswith(b"PAR1"):
        return open_parquet(path)
    if start.startswith((b"PK\x03\x04", _XLS)):
        return open_sheet(path, known=known, sheet=sheet)
    if start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"<?xml", b"<")) or _is_utf16_xml(start):
        return open_xml(path)
    return open_delimited(path, known=known, encoding=encoding, delimiter=delimiter)


def _is_utf16_xml(start: bytes) -> bool:
    return start[:4] in (b"\xff\xfe<\x00", b"\xfe\xff\x00<")
