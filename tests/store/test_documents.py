"""Documents are kept encrypted, once in a dossier, for its office alone, and for as long as the rule says."""

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from tests.rings import memory_ring
from tests.unit.test_documents import jpeg, pdf, png, stream

from dancu.dossiers.commands import DossierClosed, DossierUnknown, Opener, receive
from dancu.dossiers.documents.kinds import DocumentRefused
from dancu.dossiers.documents.scan import ContentScanner
from dancu.dossiers.documents.store import (
    CHUNK_BYTES,
    MOST_DOCUMENTS,
    Document,
    DocumentDropped,
    DocumentUnknown,
    TooManyDocuments,
    attach,
    checked,
    content_of,
    documents_of,
    drop_due,
)
from dancu.dossiers.matters import MATTERS
from dancu.dossiers.model import Dossier, Move
from dancu.dossiers.moves import close, take
from dancu.infra.db import Database
from dancu.infra.keys import KeyMissing, SealBroken

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
HAND = Opener(7, 1, "10273", "civil_registrar")
RING = memory_ring()
NAME = "Giấy chứng sinh của cháu Khuê.pdf"
LARGE = pdf(stream(bytes(range(256)) * 2500, b"/Subtype/Image", packed=False))


@pytest.fixture
async def dossier(database: Database) -> Dossier:
    async with database.transaction(offices="1") as tx:
        return await receive(tx, opener=HAND, matter=MATTERS["1.001193"], requester="Lê Thị Dung", now=NOW)


async def attached(database: Database, dossier: Dossier, content: bytes = LARGE, name: str = NAME) -> Document:
    document = await checked(content, name, ContentScanner())
    async with database.transaction(offices="1") as tx:
        return await attach(tx, dossier_id=dossier.dossier_id, document=document, by=HAND, ring=RING, now=NOW)


async def read(database: Database, document: Document, office: str = "1") -> bytes:
    async with database.transaction(offices=office) as tx:
        _, content = await content_of(tx, dossier_id=document.dossier_id, document_id=document.document_id, ring=RING)
    return content


def count(connection: psycopg.Connection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM dossiers.{table}").fetchone()
    assert row
    return int(row[0])


async def test_what_is_not_safe_is_not_kept(
    database: Database, dossier: Dossier, connection: psycopg.Connection
) -> None:
    for content in (b"", b"<html>", pdf(b"<</S/JavaScript>>"), png(end=b"PK")):
        with pytest.raises(DocumentRefused):
            await attached(database, dossier, content)
    assert count(connection, "document") == 0


async def test_a_document_comes_back_as_it_was_and_lies_there_sealed(
    database: Database, dossier: Dossier, connection: psycopg.Connection
) -> None:
    document = await attached(database, dossier)
    assert (document.size, document.chunks, document.kind) == (len(LARGE), 3, "pdf")
    assert await read(database, document) == LARGE
    assert document.name(RING) == NAME
    assert document.digest == hashlib.sha256(LARGE).digest()
    rows = connection.execute("SELECT c.content FROM dossiers.document_chunk c ORDER BY c.chunk_no").fetchall()
    assert all(len(bytes(row[0])) <= CHUNK_BYTES + 64 for row in rows)
    assert not any(b"%PDF" in bytes(row[0]) or LARGE[1000:1100] in bytes(row[0]) for row in rows)
    assert "Khuê".encode() not in document.sealed_name


async def test_the_same_document_is_kept_once_in_a_dossier(
    database: Database, dossier: Dossier, connection: psycopg.Connection
) -> None:
    done = await asyncio.gather(*(attached(database, dossier, name=f"{n}.pdf") for n in range(3)))
    assert len({one.document_id for one in done}) == 1
    assert count(connection, "document") == 1


async def test_another_office_has_no_document(database: Database, dossier: Dossier) -> None:
    document = await attached(database, dossier)
    for office in ("2", ""):
        with pytest.raises(DocumentUnknown):
            await read(database, document, office)
        async with database.transaction(offices=office) as tx:
            assert await documents_of(tx, dossier.dossier_id) == []
            assert await tx.rows("SELECT c.chunk_no FROM dossiers.document_chunk c") == []
            with pytest.raises(DossierUnknown):
                await attach(
                    tx,
                    dossier_id=dossier.dossier_id,
                    document=await checked(png(), "a.png", ContentScanner()),
                    by=HAND,
                    ring=RING,
                    now=NOW,
                )


async def test_a_closed_dossier_takes_no_more(database: Database, dossier: Dossier) -> None:
    document = await attached(database, dossier)
    async with database.transaction(offices="1") as tx:
        await close(tx, dossier_id=dossier.dossier_id, by=HAND, now=NOW)
    with pytest.raises(DossierClosed):
        await attached(database, dossier, png())
    assert await read(database, document) == LARGE


async def test_a_dossier_holds_thirty_documents(database: Database, dossier: Dossier) -> None:
    for width in range(1, MOST_DOCUMENTS + 1):
        await attached(database, dossier, png(width), "a.png")
    with pytest.raises(TooManyDocuments):
        await attached(database, dossier, jpeg(), "a.jpg")


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM dossiers.document_chunk WHERE chunk_no = 2",
        "UPDATE dossiers.document_chunk SET chunk_no = chunk_no + 1 WHERE chunk_no = 2",
        "UPDATE dossiers.document_chunk SET content = set_byte(content, 100, 7) WHERE chunk_no = 0",
        "UPDATE dossiers.document SET digest = decode(repeat('00', 32), 'hex')",
        "UPDATE dossiers.document_chunk SET content = (SELECT max(c.content) FROM dossiers.document_chunk c)",
    ],
)
async def test_what_was_changed_beneath_is_not_handed_out(
    database: Database, dossier: Dossier, connection: psycopg.Connection, change: str
) -> None:
    document = await attached(database, dossier)
    connection.execute(change.encode())
    with pytest.raises(SealBroken):
        await read(database, document)


async def test_without_its_key_nothing_opens(database: Database, dossier: Dossier) -> None:
    document = await attached(database, dossier)
    other = memory_ring(b"o")
    async with database.transaction(offices="1") as tx:
        with pytest.raises(KeyMissing):
            await content_of(tx, dossier_id=document.dossier_id, document_id=document.document_id, ring=other)


async def test_the_content_goes_at_the_end_of_retention_and_what_it_was_stays(
    database: Database, dossier: Dossier, connection: psycopg.Connection
) -> None:
    document = await attached(database, dossier)

    async def drop(now: datetime) -> int:
        async with database.transaction(scope="none") as tx:
            return await drop_due(tx, now)

    later = NOW + timedelta(days=365 * 20)
    assert await drop(later) == 0
    async with database.transaction(offices="1") as tx:
        await close(tx, dossier_id=dossier.dossier_id, by=HAND, now=NOW)
    assert await drop(NOW + timedelta(days=5 * 365)) == 0
    assert await drop(NOW + timedelta(days=5 * 366)) == 1
    assert await drop(later) == 0
    assert count(connection, "document_chunk") == 0
    with pytest.raises(DocumentDropped):
        await read(database, document)
    async with database.transaction(offices="1") as tx:
        assert [one.digest for one in await documents_of(tx, dossier.dossier_id)] == [document.digest]


async def test_a_dossier_that_was_decided_and_never_closed_has_its_end_too(
    database: Database, dossier: Dossier
) -> None:
    await attached(database, dossier)
    async with database.transaction(offices="1") as tx:
        await take(tx, dossier_id=dossier.dossier_id, move=Move.GRANT, by=HAND, now=NOW)
    async with database.transaction(scope="none") as tx:
        assert await drop_due(tx, NOW + timedelta(days=5 * 365)) == 0
        assert await drop_due(tx, NOW + timedelta(days=5 * 366)) == 1


async def test_the_application_changes_and_deletes_no_document(database: Database, dossier: Dossier) -> None:
    await attached(database, dossier)
    for statement in (
        "DELETE FROM dossiers.document",
        "DELETE FROM dossiers.document_chunk",
        "UPDATE dossiers.document SET size = 1",
        "UPDATE dossiers.document_chunk SET content = ''",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with database.transaction(offices="1") as tx:
                await tx.execute(statement)


async def test_a_made_up_document_is_unknown(database: Database, dossier: Dossier) -> None:
    async with database.transaction(offices="1") as tx:
        with pytest.raises(DocumentUnknown):
            await content_of(tx, dossier_id=dossier.dossier_id, document_id=UUID(int=uuid4().int).int >> 66, ring=RING)
