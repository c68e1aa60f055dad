"""Second factors that were sealed before there was a ring of keys: under `second-factors.key`, bound to the officer."""

from pathlib import Path
from typing import Any

import psycopg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dancu.access.credentials import SQL
from dancu.access.secrets import HELD, OFFERED, SecondFactors
from dancu.infra.keys import KeyMissing
from dancu.infra.keys.custody import read_key
from dancu.infra.keys.model import said_of

_FILE = "second-factors.key"
_NONCE = 12


def adopt(connection: psycopg.Connection[Any], folder: Path, factors: SecondFactors) -> int:
    """Seal under the ring what the former key had sealed, in one transaction, and return how many officers' that were.

    The file stays, for backups of that time: a restored one is adopted the same way.

    Raises:
        KeyMissing: there are such secrets, and the file isn't there or is another one; nothing is changed.
    """
    with connection.transaction():
        rows = connection.execute(SQL.formerly_sealed.encode()).fetchall()
        if not rows:
            return 0
        cipher = AESGCM(read_key(folder / _FILE))
        for officer_id, held, offered in rows:
            sealed = {"officer_id": officer_id}
            for column, value in ((HELD, held), (OFFERED, offered)):
                clear = _open(cipher, officer_id, value) if value else None
                sealed[column] = factors.seal(officer_id, clear, column=column) if clear else None
            connection.execute(SQL.seal_anew.encode(), sealed)
    return len(rows)


def _open(cipher: AESGCM, officer_id: int, value: bytes) -> str:
    try:
        return cipher.decrypt(value[:_NONCE], value[_NONCE:], officer_id.to_bytes(8, "big")).decode()
    except (InvalidTag, ValueError) as error:
        raise said_of(_FILE, KeyMissing("The data were written with another key: restore DANCU_HOME/keys")) from error
