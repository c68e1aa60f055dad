"""Keys: what seals sensitive columns, and what signs.

Each purpose has data keys (AES-256-GCM) that lie wrapped in the database (`keys.data_key`).
What unwraps them, and what signs (Ed25519), is in a custody: files of `DANCU_HOME/keys`, or a hardware module.
A sealed value names its data key and is bound to its table, column, row and version.
"""

from dancu.infra.keys.custody import FileCustody, verify
from dancu.infra.keys.model import (
    OVERHEAD,
    Custody,
    KeyExposed,
    KeyMissing,
    KeyRing,
    Place,
    Purpose,
    SealBroken,
    Signer,
    explained,
    key_id_of,
)
from dancu.infra.keys.ring import NoRing, Ring, ring_of
from dancu.infra.keys.shelf import DatabaseShelf, Shelf, WrappedKey

__all__ = [
    "OVERHEAD",
    "Custody",
    "DatabaseShelf",
    "FileCustody",
    "KeyExposed",
    "KeyMissing",
    "KeyRing",
    "NoRing",
    "Place",
    "Purpose",
    "Ring",
    "SealBroken",
    "Shelf",
    "Signer",
    "WrappedKey",
    "explained",
    "key_id_of",
    "ring_of",
    "verify",
]
