"""Which reader a file needs: decided by its first bytes, not by its name."""

from pathlib import Path

from dancu.intake.mapping import Mapping
from dancu.intake.readers.archive import is_archive
from dancu.intake.readers.delimited import open_delimited
from dancu.intake.readers.fixed import open_fixed
from dancu.intake.readers.jsonlines import open_json_lines
from dancu.intake.readers.parquet import open_parquet
from dancu.intake.readers.raw import NoTable, Source, Unreadable
from dancu.intake.readers.sheet import open_sheet
from dancu.intake.readers.xml import open_xml

_XLS = b"\xd0\xcf\x11\xe0"


def open_source(path: Path, mapping: Mapping) -> Source:
    """Open a file of any kind that intake reads.

    Args:
        mapping: its headers help to find the header; its options overrule what the file seems to be.

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
        if is_archive(path):
            raise NoTable("The file is a set of files; load it as one, each member is read by itself")
        return open_sheet(path, known=mapping.known, sheet=mapping.sheet)
    if mapping.fixed:
        return open_fixed(path, fixed=mapping.fixed, skipped=mapping.skipped, encoding=mapping.encoding)
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip(b" \r\n\t")
    if text.startswith(b"<") or _is_utf16(start, b"<"):
        return open_xml(path)
    if text.startswith(b"{") or _is_utf16(start, b"{"):
        return open_json_lines(path, encoding=mapping.encoding)
    return open_delimited(path, mapping)


def _is_utf16(start: bytes, sign: bytes) -> bool:
    return start[:4] in (b"\xff\xfe" + sign + b"\x00", b"\xfe\xff\x00" + sign)
