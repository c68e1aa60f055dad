"""Papers of a dossier as evidence of an act: chosen in its form, kept by id and hash, shown beside its event."""

from collections.abc import Collection, Mapping

from dancu.dossiers.documents.store import Document, documents_of
from dancu.infra.db import Transaction
from dancu.infra.keys import KeyRing
from dancu.kernel.errors import FieldFault, Invalid
from dancu.portals.officer.views import Option, PaperLine

DOCUMENT = "document:"
"""Begins the name of a piece of evidence that is a document of the dossier: its id follows, its hash is the value.
The name of the file stays sealed with the document."""


async def offered(tx: Transaction, dossier_id: int, ring: KeyRing) -> tuple[Option, ...]:
    """List the papers of a dossier that an act may name; none where the transaction's offices don't have it."""
    found = await documents_of(tx, dossier_id)
    return tuple(Option(str(one.document_id), one.name(ring)) for one in found if one.dropped_at is None)


async def chosen(tx: Transaction, dossier_id: int | None, ids: Collection[str]) -> dict[str, str]:
    """Return papers of a dossier as the evidence that stands in an act.

    Args:
        ids: of the documents, as text.

    Raises:
        Invalid: one of them is not a document of the dossier, or is not kept any more.
    """
    if not ids:
        return {}
    found = await documents_of(tx, dossier_id) if dossier_id else []
    kept = {str(one.document_id): one for one in found if one.dropped_at is None}
    if not set(ids) <= kept.keys():
        raise Invalid((FieldFault("/papers", "Choose among the papers of the dossier"),))
    return {f"{DOCUMENT}{one}": kept[one].digest.hex() for one in sorted(ids, key=int)}


async def named(
    tx: Transaction, dossier_id: int | None, evidence: Mapping[str, str] | None, ring: KeyRing
) -> tuple[PaperLine, ...]:
    """Say what an act rests on; a document is opened from here by the office that has its dossier."""
    if not evidence:
        return ()
    ids = {name.removeprefix(DOCUMENT) for name in evidence if name.startswith(DOCUMENT)}
    found = await documents_of(tx, dossier_id) if dossier_id and ids else []
    here = {f"{DOCUMENT}{one.document_id}": one for one in found}
    return tuple(_line(name, digest, here.get(name), ring) for name, digest in evidence.items())


def _line(name: str, digest: str, here: Document | None, ring: KeyRing) -> PaperLine:
    if here is None:
        return PaperLine("" if name.startswith(DOCUMENT) else name, digest)
    # A document whose hash is another one than the act tells is not the one that was seen.
    opens = here.dropped_at is None and here.digest.hex() == digest
    return PaperLine(
        here.name(ring), digest, f"/dossiers/{here.dossier_id}/documents/{here.document_id}" if opens else ""
    )
