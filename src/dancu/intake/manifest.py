"""What a sender says of a file beside it: how many records, which bytes, under which agreement.

A manifest lies beside its file as `NAME.manifest.json`:

    {"records": 1200, "sha256": "9f86…", "agreement": "QC-2026-014", "version": "1", "supersedes": 51873}

Every member may be left out; what is there must be true.
"""

from pathlib import Path

import msgspec

from dancu.kernel.errors import Malformed

VERSIONS = frozenset({"1"})
"""Versions of the form that are understood."""


class BadManifest(Malformed):
    """The manifest can't be read, or is of a version that is not known here."""


class ManifestMismatch(Malformed):
    """The file is not what its manifest says, so nothing of it is taken."""


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said of a file.

    Args:
        records: how many records it holds.
        sha256: of its bytes, in hexadecimal digits.
        agreement: number of the agreement under which it is sent.
        version: of the form of the file.
        source: name of the source system.
        supersedes: number of the batch that it corrects as a whole.
    """

    records: int | None = None
    sha256: str | None = None
    agreement: str | None = None
    version: str | None = None
    source: str | None = None
    supersedes: int | None = None

    def check_file(self, digest: bytes, source: str) -> None:
        """Hold the manifest against the bytes of the file and against whoever sent it.

        Raises:
            BadManifest: its version is not known.
            ManifestMismatch: checksum or source disagree.
        """
        if self.version is not None and self.version not in VERSIONS:
            raise BadManifest(f"The manifest names a version that is not known; known are: {', '.join(VERSIONS)}")
        if self.sha256 is not None and self.sha256.lower() != digest.hex():
            raise ManifestMismatch(
                "The checksum of the manifest is not that of the file; it was changed or cut, send it again"
            )
        if self.source is not None and self.source != source:
            raise ManifestMismatch("The manifest is of another source; check that file and manifest belong together")

    def check_records(self, records: int) -> None:
        """Hold the number of records that was declared against what was read.

        Raises:
            ManifestMismatch: they differ.
        """
        if self.records is not None and self.records != records:
            raise ManifestMismatch(
                f"The manifest declares {self.records} records and the file holds {records}; send the whole file again"
            )


def beside(path: Path) -> Manifest | None:
    """Read the manifest that lies beside a file; None where there is none.

    Raises:
        BadManifest: it is not such a document.
    """
    manifest = path.with_name(f"{path.name}.manifest.json")
    if not manifest.is_file():
        return None
    try:
        return msgspec.json.decode(manifest.read_bytes(), type=Manifest)
    except msgspec.DecodeError as error:
        raise BadManifest(f"The manifest can't be read: {error}") from error
