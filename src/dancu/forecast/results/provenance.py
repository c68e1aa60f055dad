"""Where a result comes from: what was read, with what it was made, and from which seed."""

import hashlib
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from dancu.kernel.errors import Malformed, NotFound

_KEY = b"dancu.forecast"
_TEMPORARY = ".part"


class Input(msgspec.Struct, frozen=True):
    """A file that was read; `sha256` of its bytes in hex."""

    name: str
    sha256: str


class Provenance(msgspec.Struct, frozen=True):
    """What makes a result: the same provenance gives the same bits.

    Args:
        kind: `course` or `bands`.
        version: of the program.
        inputs: all files that were read, in the order of their names.
        seed: of the random numbers; None where none were drawn.
        trajectories: how many were drawn; 0 where none were.
        settings: whatever else was chosen, by name.
    """

    kind: str
    inputs: tuple[Input, ...]
    seed: int | None = None
    trajectories: int = 0
    settings: dict[str, str] = msgspec.field(default_factory=dict)
    version: str = version("dancu")


def input_of(path: Path) -> tuple[Input, ...]:
    """Return a file as an input, or all files of a folder."""
    files = sorted(one for one in path.iterdir() if one.is_file()) if path.is_dir() else [path]
    return tuple(Input(one.name, hashlib.sha256(one.read_bytes()).hexdigest()) for one in files)


def save(table: pa.Table, path: Path, provenance: Provenance) -> None:
    """Write a table whole or not at all."""
    metadata = {**(table.schema.metadata or {}), _KEY: msgspec.json.encode(provenance, order="sorted")}
    part = path.with_name(path.name + _TEMPORARY)
    try:
        pq.write_table(table.replace_schema_metadata(metadata), part, compression="zstd")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def load(path: Path, kind: str, columns: Iterable[str]) -> tuple[pa.Table, Provenance]:
    """Read a table that `save` wrote.

    Raises:
        NotFound: there is no such file.
        Malformed: it is no result of this kind.
    """
    if not path.is_file():
        raise NotFound(f"There is no file {path}")
    try:
        table = pq.read_table(path)
    except pa.ArrowInvalid as error:
        raise Malformed(f"{path.name} is no Parquet file") from error
    told = (table.schema.metadata or {}).get(_KEY)
    if told is None or set(columns) - set(table.column_names):
        raise Malformed(f"{path.name} is no result of a forecast")
    provenance = msgspec.json.decode(told, type=Provenance)
    if provenance.kind != kind:
        raise Malformed(f"{path.name} holds {provenance.kind}, not a {kind}: give the file of the {kind}")
    return table, provenance
