"""Source files for the desk: sent, looked at, corrected, started, and what became of them; all of it is logged."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

from dancu.access import accounts
from dancu.access.work import OpenWork, opened
from dancu.audit.entry import ALL_FIELDS, Operation
from dancu.infra.db import Transaction
from dancu.intake import kept, uploads
from dancu.intake.mapping import Mapping
from dancu.intake.preview import Preview, preview
from dancu.intake.uploads import FILE, REJECTS, RESULT, Upload
from dancu.kernel.errors import Malformed
from dancu.portals.officer.data import House, account_of, office_of
from dancu.portals.officer.desk import At
from dancu.portals.officer.intake_views import FilePage, Refusal, UploadLine, UploadsPage
from dancu.portals.officer.intake_words import MEANINGS, WORDS
from dancu.portals.officer.session import NotYourAct
from dancu.portals.officer.views import Option
from dancu.portals.shared.words import msg

_PURPOSE = "intake"
_LISTED = 60
_STATES = {
    "received": (msg("to be looked at"), ""),
    "waiting": (msg("waits for the worker"), ""),
    "loading": (msg("is being loaded"), ""),
    "loaded": (msg("loaded"), "ok"),
    "refused": (msg("refused"), "warn"),
    "withdrawn": (msg("taken back"), ""),
}


class Intake:
    """Files of sources that go through the desk."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def uploads(self, at: At) -> UploadsPage:
        """List the files of the office; no personal data."""
        check_loader(at)
        async with self._at_office(at) as tx:
            found = await uploads.uploads(tx, most=_LISTED)
            names = await accounts.names_of(tx, sorted({one.officer_id for one in found}))
            sources = await kept.sources(tx)
        return UploadsPage(tuple(_line(one, names.get(one.officer_id, "")) for one in found), tuple(sources))

    async def send(self, at: At, *, source: str, name: str, content: bytes) -> str:
        """Keep a file, sealed, and return its number."""
        async with self._opened(at, Operation.BULK_WRITE) as work:
            upload_id = await uploads.receive(
                work.tx,
                office_id=office_of(at) or 0,
                officer_id=account_of(at).officer_id,
                source=source,
                name=name,
                content=content,
                now=at.now,
            )
            await work.log(result_count=0)
        return str(upload_id)

    async def file(self, at: At, *, code: str) -> FilePage:
        """Show a file: before it is loaded what it holds, which is logged; afterwards what became of it."""
        check_loader(at)
        async with self._at_office(at) as tx:
            found = await uploads.upload(tx, _number(code))
            names = await accounts.names_of(tx, [found.officer_id])
            kinds = await uploads.kinds_of(tx, found.upload_id)
        seen, fault = await self._looked(at, found) if found.state == "received" else (None, "")
        line = _line(found, names.get(found.officer_id, ""))
        line = replace(line, result=RESULT in kinds, rejects=REJECTS in kinds)
        return FilePage(line, seen, _refusal(fault), TARGET_OPTIONS)

    async def _looked(self, at: At, found: Upload) -> tuple[Preview | None, str]:
        async with self._opened(at, Operation.EXPORT) as work:
            seen, fault = await self._preview(work, found)
            await work.log(result_count=len(seen.rows) if seen else 0)
        return seen, fault

    async def _preview(self, work: OpenWork, found: Upload) -> tuple[Preview | None, str]:
        content = b"".join([piece async for piece in uploads.pieces(work.tx, found.upload_id, FILE)])
        known = await kept.versions(work.tx, found.source)
        try:
            return await asyncio.to_thread(self._seen, found, content, known, work), ""
        except Malformed as refused:
            return None, uploads.said_of(refused)

    @staticmethod
    def _seen(found: Upload, content: bytes, known: list[kept.Kept], work: OpenWork) -> Preview:
        with uploads.laid_open(found.file_name) as path:
            path.write_bytes(content)
            return preview(path, known, now=work.entry.logged_at, mapping=found.mapping)

    async def understand(self, at: At, *, code: str, source: str, mapping: Mapping | None) -> None:
        """Write down how a file is to be read.

        Raises:
            AlreadyLoading: it is too late for that.
        """
        async with self._opened(at, Operation.BULK_WRITE, fields=0) as work:
            await uploads.understand(work.tx, _number(code), source=source, mapping=mapping)
            await work.log(result_count=0)

    async def start(self, at: At, *, code: str, headers: tuple[str, ...]) -> None:
        """Let the worker load a file, and keep what was said of its columns for the next file of the source.

        Raises:
            AlreadyLoading: it does so already.
        """
        async with self._opened(at, Operation.BULK_WRITE) as work:
            found = await uploads.upload(work.tx, _number(code))
            await uploads.start(work.tx, found.upload_id)
            if found.mapping and found.mapping.columns:
                by = account_of(at).officer_id
                await kept.keep(work.tx, found.source, headers, found.mapping, by=by, now=at.now)
            await work.log(result_count=0)

    async def take_back(self, at: At, *, code: str) -> None:
        """Take a file back before it is loaded.

        Raises:
            AlreadyLoading: it is too late for that.
        """
        async with self._opened(at, Operation.BULK_WRITE, fields=0) as work:
            await uploads.withdraw(work.tx, _number(code), now=at.now)
            await work.log(result_count=0)

    async def handed_back(self, at: At, *, code: str, rejects: bool) -> tuple[str, bytes]:
        """Return the name and content of what became of a file's records, or of those that were rejected.

        Raises:
            UploadUnknown: there is none, or it was deleted after 30 days.
        """
        kind = REJECTS if rejects else RESULT
        async with self._opened(at, Operation.EXPORT) as work:
            found = await uploads.upload(work.tx, _number(code))
            content = b"".join([piece async for piece in uploads.pieces(work.tx, found.upload_id, kind)])
            await work.log(result_count=found.done)
        return f"{found.upload_id}-{'rejects' if rejects else 'result'}.zip", content

    def _at_office(self, at: At) -> AbstractAsyncContextManager[Transaction]:
        """Open a transaction that sees the files of the officer's office, and no person."""
        return self._house.database.transaction(scope="none", offices=str(office_of(at) or ""))

    @asynccontextmanager
    async def _opened(self, at: At, operation: Operation, *, fields: int = ALL_FIELDS) -> AsyncIterator[OpenWork]:
        check_loader(at)
        async with opened(
            self._house.database,
            account_of(at),
            operation=operation,
            purpose=_PURPOSE,
            now=at.now,
            request_id=at.request_id,
            fields=fields,
            office_id=office_of(at),
            channel=self._house.channel,
        ) as work:
            yield work


def check_loader(at: At) -> None:
    """Check that somebody asks who loads files.

    Raises:
        NotYourAct: somebody else does.
    """
    if "load" not in at.officer.may_record:
        raise NotYourAct("Source files are loaded by data engineers and the Center")


def _number(code: str) -> int:
    if not (code.isascii() and code.isdecimal() and len(code) < 19):
        raise uploads.UploadUnknown("There is no such file")
    return int(code)


def _refusal(said: str) -> Refusal | None:
    """Part what is said of a refusal from the page that explains it."""
    slug, _, message = said.partition(": ")
    return Refusal(slug, message) if said else None


def _line(found: Upload, by: str) -> UploadLine:
    state, kind = _STATES[found.state]
    return UploadLine(
        code=str(found.upload_id),
        name=found.file_name,
        source=found.source,
        size=found.size,
        received_at=found.received_at,
        by=by,
        state=state,
        kind=kind,
        done=found.done,
        refusal=_refusal(found.said) if found.said != uploads.HELD else None,
        held=found.said == uploads.HELD,
        batches=tuple(map(str, found.batches)),
        open=found.state == "received",
        moving=found.state in {"waiting", "loading"},
    )


TARGET_OPTIONS = tuple(Option(name, WORDS[name]) for name in MEANINGS)
