"""Files that come through the desk: sealed, understood, loaded by the worker, and what became of them handed back."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import psycopg
import structlog
from psycopg.conninfo import make_conninfo
from psycopg.types.json import Jsonb

from dancu.access.accounts import is_demo
from dancu.infra.db import Database, Transaction
from dancu.infra.keys import Place, Purpose, ring_of
from dancu.infra.problems import problem_of
from dancu.intake import kept
from dancu.intake.kept import SQL
from dancu.intake.loading import load
from dancu.intake.mapping import Mapping, of_data
from dancu.intake.readers.archive import Member, expanded
from dancu.intake.rejects import NothingRejected, suffix_of, write_rejects
from dancu.intake.result import write_result
from dancu.kernel.errors import Conflict, DancuError, NotFound, Unavailable
from dancu.kernel.ids import new_id

LARGEST = 100 << 20
"""Bytes of a file that the desk takes; larger ones are loaded on the command line."""

FILE, RESULT, REJECTS = 0, 1, 2
HELD = "held"
"""What is said where too many records were rejected, so that nothing was applied."""

_PART_BYTES = 1 << 20
_NOTED_EVERY_S = 1.0
_KEPT = timedelta(days=30)
_LOADER = "dancu_loader"
_log = structlog.get_logger("dancu.intake")


class UploadUnknown(NotFound):
    """There is no such file, or none that the caller's office has."""


class AlreadyLoading(Conflict):
    """The file is being loaded, or was."""


@dataclass(frozen=True)
class Upload:
    """A file that was sent through the desk.

    Args:
        size: bytes.
        done: records that are loaded.
        said: why it was refused, as `said_of` writes it; or `HELD`.
        told: the mapping that was agreed to, as data.
    """

    upload_id: int
    officer_id: int
    size: int
    parts: int
    received_at: datetime
    finished_at: datetime | None
    done: int
    source: str
    file_name: str
    state: str
    said: str
    batches: list[int]
    told: dict[str, Any] | None

    @property
    def mapping(self) -> Mapping | None:
        """What was said of the columns."""
        return of_data(self.told) if self.told else None


async def receive(
    tx: Transaction, *, office_id: int, officer_id: int, source: str, name: str, content: bytes, now: datetime
) -> int:
    """Keep a file, sealed, and return its number."""
    upload_id = new_id() >> 16
    pieces = [content[start : start + _PART_BYTES] for start in range(0, len(content), _PART_BYTES)]
    parameters = {"upload_id": upload_id, "office_id": office_id, "officer_id": officer_id, "source": source}
    told = {"file_name": PurePosixPath(name.replace("\\", "/")).name[-200:] or "file", "size": len(content)}
    await tx.execute(SQL.insert_upload, {**parameters, **told, "parts": len(pieces), "now": now})
    for part, piece in enumerate(pieces):
        await _put(tx, upload_id, FILE, part, piece)
    return upload_id


async def _put(tx: Transaction, upload_id: int, kind: int, part: int, piece: bytes) -> None:
    sealed = tx.keys.encrypt(Purpose.INTAKE_RECORD, piece, _place(upload_id, kind, part))
    await tx.execute(SQL.insert_part, {"upload_id": upload_id, "kind": kind, "part": part, "content": sealed})


def _place(upload_id: int, kind: int, part: int) -> Place:
    return Place("intake.upload_part", "content", f"{upload_id}:{kind}:{part}")


async def uploads(tx: Transaction, *, most: int = 100) -> list[Upload]:
    """List the files that the caller's offices sent, the latest first."""
    return await tx.all(Upload, SQL.uploads, {"most": most})


async def upload(tx: Transaction, upload_id: int) -> Upload:
    """Read about a file.

    Raises:
        UploadUnknown: there is none, or none of the caller's office.
    """
    found = await tx.first(Upload, SQL.upload, {"upload_id": upload_id})
    if found is None:
        raise UploadUnknown("There is no such file")
    return found


async def kinds_of(tx: Transaction, upload_id: int) -> dict[int, int]:
    """Tell in how many pieces the file, its result and its rejects are kept."""
    return dict(await tx.rows(SQL.kinds_of, {"upload_id": upload_id}))


async def pieces(tx: Transaction, upload_id: int, kind: int) -> AsyncIterator[bytes]:
    """Open what is kept of a file, piece by piece.

    Raises:
        UploadUnknown: it is gone, or never was.
    """
    count = (await kinds_of(tx, upload_id)).get(kind, 0)
    if not count:
        raise UploadUnknown("There is no such file, or it was deleted after 30 days")
    for part in range(count):
        row = await tx.row(SQL.part, {"upload_id": upload_id, "kind": kind, "part": part})
        if row is None:
            raise UploadUnknown("There is no such file")
        yield tx.keys.decrypt(Purpose.INTAKE_RECORD, bytes(row[0]), _place(upload_id, kind, part))


@contextmanager
def laid_open(name: str) -> Iterator[Path]:
    """Give a path in a folder of one's own, gone when done, to lay a file open for reading."""
    with TemporaryDirectory(prefix="dancu-upload-") as folder:
        yield Path(folder) / name


async def understand(tx: Transaction, upload_id: int, *, source: str, mapping: Mapping | None) -> None:
    """Write down how a file is to be read.

    Raises:
        AlreadyLoading: it is too late for that.
    """
    told = Jsonb(mapping.as_json()) if mapping else None
    if not await tx.execute(SQL.understand_upload, {"upload_id": upload_id, "source": source, "told": told}):
        raise AlreadyLoading("The file is being loaded already")


async def start(tx: Transaction, upload_id: int) -> None:
    """Let the worker load a file.

    Raises:
        AlreadyLoading: it does so already.
    """
    if not await tx.execute(SQL.start_upload, {"upload_id": upload_id}):
        raise AlreadyLoading("The file is being loaded already")


async def withdraw(tx: Transaction, upload_id: int, *, now: datetime) -> None:
    """Take a file back before it is loaded; its content is deleted.

    Raises:
        AlreadyLoading: it is too late for that.
    """
    if not await tx.execute(SQL.withdraw_upload, {"upload_id": upload_id, "now": now}):
        raise AlreadyLoading("The file is being loaded already; take back its batch instead")
    await tx.execute(SQL.drop_parts, {"upload_id": upload_id, "kind": FILE})


def keep_loading(dsn: str, stop: threading.Event, *, home: Path, every_s: float = 2.0) -> None:
    """Load what waits, one file after another, until told to stop; what was interrupted goes on."""
    asyncio.run(_keep_loading(dsn, stop, home, every_s))


async def _keep_loading(dsn: str, stop: threading.Event, home: Path, every_s: float) -> None:
    while not stop.is_set():
        try:
            keys = ring_of(dsn, home / "keys")
            async with Database(dsn, role=_LOADER, size=8, patient=True, keys=keys) as database:
                while not stop.is_set():
                    if not await load_next(database, dsn, folder=home / "spool", clock=lambda: datetime.now(UTC)):
                        await asyncio.to_thread(stop.wait, every_s)
        except Unavailable as error:
            _log.warning("files wait", why=type(error).__name__)
            await asyncio.to_thread(stop.wait, every_s)


async def load_next(database: Database, dsn: str, *, folder: Path, clock: Callable[[], datetime]) -> bool:
    """Load the file that waits longest; tell whether there was one.

    Args:
        database: as the role that loads.
        folder: where normal records lie until they are applied, so that an interrupted file goes on.
    """
    async with database.transaction(scope="nation") as tx:
        await tx.execute(SQL.drop_results, {"before": clock() - _KEPT})
        row = await tx.row(SQL.next_upload, {})
        if row is None or not await tx.execute(SQL.take_upload, {"upload_id": row[0]}):
            return False
        found = await upload(tx, row[0])
    work = _Work(database, dsn, found, folder, clock)
    try:
        await work.do()
    except DancuError as refused:
        await work.end("refused", said_of(refused))
    return True


def said_of(refused: DancuError) -> str:
    """Write a refusal as the name of the page that explains it, and the message."""
    return f"{problem_of(refused, '').slug}: {refused}"


class _Work:
    """The loading of one file."""

    def __init__(
        self, database: Database, dsn: str, found: Upload, folder: Path, clock: Callable[[], datetime]
    ) -> None:
        self._database, self._dsn, self._found = database, dsn, found
        self._folder, self._clock = folder, clock
        self._batches: list[int] = []
        self._suffixes: dict[int, str] = {}
        self._held = False
        self._done = 0

    async def do(self) -> None:
        with laid_open(self._found.file_name) as path:
            async with self._database.transaction(scope="nation") as tx:
                with path.open("wb") as file:
                    async for piece in pieces(tx, self._found.upload_id, FILE):
                        file.write(piece)
                synthetic = await is_demo(tx)
            with expanded([path]) as members:
                noting = asyncio.create_task(self._keep_noting())
                try:
                    for member in members:
                        await self._load(member, synthetic=synthetic)
                finally:
                    noting.cancel()
                await self._hand_back(members, path.parent, synthetic=synthetic)
        await self.end("loaded", HELD if self._held else "")

    async def _load(self, member: Member, *, synthetic: bool) -> None:
        async with self._database.transaction(scope="nation") as tx:
            known = await kept.versions(tx, self._found.source)
        opened = await asyncio.to_thread(
            kept.understand, member.path, known, now=self._clock(), mapping=self._found.mapping
        )
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        loaded = await load(
            self._database,
            member.path,
            source=self._found.source,
            now=self._clock(),
            mapping=opened.understood.mapping,
            synthetic=synthetic,
            progress=self._progress,
            folder=self._folder,
        )
        self._batches.append(loaded.batch)
        self._held |= loaded.held
        self._suffixes[loaded.batch] = suffix_of(opened.reading.format)
        await self._note()

    def _progress(self, count: int) -> None:
        self._done += count

    async def _keep_noting(self) -> None:
        while True:
            await asyncio.sleep(_NOTED_EVERY_S)
            await self._note()

    async def _note(self) -> None:
        async with self._database.transaction(scope="nation") as tx:
            await tx.execute(
                SQL.note_upload,
                {"upload_id": self._found.upload_id, "done": self._done, "batches": self._batches},
            )

    async def _hand_back(self, members: Sequence[Member], folder: Path, *, synthetic: bool) -> None:
        """Keep what became of each record, and the rejected ones as they were sent."""
        results, rejects = folder / "result.zip", folder / "rejects.zip"
        await asyncio.to_thread(self._write, members, results, rejects, synthetic=synthetic)
        for kind, path in ((RESULT, results), (REJECTS, rejects)):
            async with self._database.transaction(scope="nation") as tx:
                await tx.execute(SQL.drop_parts, {"upload_id": self._found.upload_id, "kind": kind})
                content = path.read_bytes()
                for part, start in enumerate(range(0, len(content), _PART_BYTES)):
                    await _put(tx, self._found.upload_id, kind, part, content[start : start + _PART_BYTES])

    def _write(self, members: Sequence[Member], results: Path, rejects: Path, *, synthetic: bool) -> None:
        options = "-c role=" + _LOADER
        with (
            psycopg.connect(make_conninfo(self._dsn, options=options)) as connection,
            ZipFile(results, "w", ZIP_DEFLATED) as result,
            ZipFile(rejects, "w", ZIP_DEFLATED) as rejected,
        ):
            for number, (member, batch_id) in enumerate(zip(members, self._batches, strict=True), start=1):
                stem = f"{number:03}-{member.path.stem}"
                out = results.with_name(f"{stem}.out")
                write_result(connection, batch_id, out, synthetic=synthetic, now=self._clock())
                result.write(out, f"{stem}-result.csv")
                with suppress(NothingRejected):
                    write_rejects(connection, self._database.keys, batch_id, out, now=self._clock())
                    rejected.write(out, f"{stem}-rejects{self._suffixes[batch_id]}")

    async def end(self, state: str, said: str) -> None:
        """Write down how it ended; the file as it was sent is deleted once it is loaded."""
        async with self._database.transaction(scope="nation") as tx:
            ended = {"upload_id": self._found.upload_id, "state": state, "said": said, "now": self._clock()}
            await tx.execute(SQL.end_upload, {**ended, "done": self._done, "batches": self._batches})
            await tx.execute(SQL.drop_parts, {"upload_id": self._found.upload_id, "kind": FILE})
