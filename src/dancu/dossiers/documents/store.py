"""Keeping documents: checked, encrypted in pieces, once in each dossier, and gone at the end of retention."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from dancu.dossiers.commands import SQL, DossierClosed, Opener, dossier_of
from dancu.dossiers.documents.kinds import Kind, kind_of
from dancu.dossiers.documents.scan import Scanner
from dancu.dossiers.matters import MATTERS
from dancu.dossiers.model import State
from dancu.infra.db import Transaction
from dancu.infra.keys import KeyRing, Place, Purpose, SealBroken
from dancu.kernel.codes import Authority
from dancu.kernel.errors import Conflict, Gone, NotFound
from dancu.kernel.ids import new_id

CHUNK_BYTES = 256 * 1024
MOST_DOCUMENTS = 30
"""In one dossier."""
_LONGEST_NAME = 120
_UNWANTED = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|]')

KEPT_YEARS: dict[Authority, int] = {
    Authority.CIVIL_REGISTRAR: 5,
    Authority.COMMUNE_POLICE: 10,
    Authority.POPULATION_DATABASE: 10,
}
"""How long the content is kept after the dossier is closed. To be confirmed by the archives' schedule of each
authority; the dossier, its steps and what the document was (kind, size, SHA-256) stay."""


class DocumentUnknown(NotFound):
    """There is no such document, or none that the caller's office has."""


class DocumentDropped(Gone):
    """The content was deleted at the end of retention."""


class TooManyDocuments(Conflict):
    """The dossier holds as many documents as it may."""


@dataclass(frozen=True)
class Checked:
    """A document that was found to be what it should be."""

    content: bytes
    kind: Kind
    name: str


@dataclass(frozen=True)
class Document:
    """A document as it is kept.

    Args:
        sealed_name: name of the file, encrypted.
        digest: SHA-256 of the content.
    """

    dossier_id: int
    document_id: int
    officer_id: int
    attached_at: datetime
    dropped_at: datetime | None
    size: int
    chunks: int
    kind: str
    digest: bytes
    sealed_name: bytes

    def name(self, ring: KeyRing) -> str:
        """Return the name of the file.

        Raises:
            KeyMissing: its key isn't there.
            SealBroken: it was changed.
        """
        return ring.decrypt(Purpose.DOCUMENT, self.sealed_name, _name_place(self.document_id)).decode()


async def checked(content: bytes, name: str, scanner: Scanner) -> Checked:
    """Check a document before anything is written.

    Raises:
        DocumentRefused: it is too large, of another kind, damaged, or not safe.
        ScannerSilent: the scanner can't tell.
    """
    kind = kind_of(content)
    await scanner.scan(content, kind)
    return Checked(content, kind, plain_name(name, kind))


def plain_name(name: str, kind: Kind) -> str:
    """Return the name of a file without folders, control or direction signs, with the ending of what it is."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(c for c in last if unicodedata.category(c) not in {"Cf", "Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
    stem = " ".join(_UNWANTED.sub(" ", shown).split()).strip(". ")
    stem = re.sub(r"(?i)(\.(pdf|jpe?g|png|heic|heif))+$", "", stem).strip(". ")
    return (stem[:_LONGEST_NAME] or "document") + kind.suffix


async def attach(
    tx: Transaction, *, dossier_id: int, document: Checked, by: Opener, ring: KeyRing, now: datetime
) -> Document:
    """Attach a checked document to a dossier that isn't closed; the same content again is the same document.

    Raises:
        DossierUnknown: the transaction's `offices` don't work on it.
        DossierClosed: it is closed.
        TooManyDocuments: it holds thirty already.
        KeyMissing: it can't be encrypted; nothing is written.
    """
    await tx.rows(SQL.hold_to_move, {"dossier_id": dossier_id})
    dossier = await dossier_of(tx, dossier_id)
    if dossier.state == State.CLOSED:
        raise DossierClosed("The dossier was closed in the meantime")
    there, digest = await documents_of(tx, dossier_id), hashlib.sha256(document.content).digest()
    same = next((one for one in there if one.digest == digest and one.dropped_at is None), None)
    if same:
        return same
    if len(there) >= MOST_DOCUMENTS:
        raise TooManyDocuments("A dossier holds at most 30 documents")
    return await _kept(tx, dossier_id, document, digest, by, ring, now)


async def _kept(
    tx: Transaction, dossier_id: int, document: Checked, digest: bytes, by: Opener, ring: KeyRing, now: datetime
) -> Document:
    document_id, content = new_id(), document.content
    pieces = [content[at : at + CHUNK_BYTES] for at in range(0, len(content), CHUNK_BYTES)]
    kept = Document(
        dossier_id=dossier_id,
        document_id=document_id,
        officer_id=by.officer_id,
        attached_at=now,
        dropped_at=None,
        size=len(content),
        chunks=len(pieces),
        kind=document.kind,
        digest=digest,
        sealed_name=ring.encrypt(Purpose.DOCUMENT, document.name.encode(), _name_place(document_id)),
    )
    await tx.execute(SQL.insert_document, vars(kept))
    for chunk_no, piece in enumerate(pieces):
        row = {"dossier_id": dossier_id, "document_id": document_id, "chunk_no": chunk_no}
        sealed = ring.encrypt(Purpose.DOCUMENT, piece, _piece_place(document_id, chunk_no))
        await tx.execute(SQL.insert_chunk, {**row, "content": sealed})
    return kept


def _name_place(document_id: int) -> Place:
    return Place("dossiers.document", "name", document_id)


def _piece_place(document_id: int, chunk_no: int) -> Place:
    return Place("dossiers.document_chunk", "content", document_id, chunk_no)


async def documents_of(tx: Transaction, dossier_id: int) -> list[Document]:
    """List the documents of a dossier, in the order in which they came."""
    return await tx.all(Document, SQL.documents_of, {"dossier_id": dossier_id})


async def content_of(tx: Transaction, *, dossier_id: int, document_id: int, ring: KeyRing) -> tuple[Document, bytes]:
    """Return a document with its content, once it was proved to be what was attached.

    Raises:
        DocumentUnknown: there is none, or the transaction's `offices` don't have it.
        DocumentDropped: its content was deleted at the end of retention.
        KeyMissing: its key isn't there.
        SealBroken: it was changed, or a piece is missing.
    """
    found = next((one for one in await documents_of(tx, dossier_id) if one.document_id == document_id), None)
    if found is None:
        raise DocumentUnknown("There is no such document")
    if found.dropped_at:
        raise DocumentDropped("The content was deleted at the end of the time for which it is kept")
    rows = await tx.rows(SQL.chunks_of, {"dossier_id": dossier_id, "document_id": document_id})
    content = b"".join(
        ring.decrypt(Purpose.DOCUMENT, bytes(sealed), _piece_place(document_id, chunk_no)) for chunk_no, sealed in rows
    )
    if hashlib.sha256(content).digest() != found.digest:
        raise SealBroken("A document is not whole any more")
    return found, content


async def drop_due(tx: Transaction, now: datetime) -> int:
    """Delete the content of documents at the end of retention, some at a time; return how many."""
    dropped = 0
    for authority, years in KEPT_YEARS.items():
        matters = [one.code for one in MATTERS.values() if one.authority is authority]
        before = now - timedelta(days=ceil(years * 365.25))
        row = await tx.row(SQL.drop_documents, {"matters": matters, "closed_before": before, "now": now})
        dropped += int(row[0]) if row else 0
    return dropped
