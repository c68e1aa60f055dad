"""Check the proof of one row of an access log, with nothing but this file and the library `cryptography`.

    python verify.py PROOF [KEYS]        (Python 3.11 or later; pip install cryptography)

PROOF is a file of `dancu audit proof`. KEYS is a file with one public key a line, of the log and of its witnesses, and
perhaps `need N`: how many witnesses must have signed. Without KEYS, those count that were written below by whoever
printed this file: take it from somebody you trust, not together with the proof.

What it proves: a row with exactly these contents stood in the log when the witnesses saw it at the time they tell.
What it does not prove: that what the row tells is true, or that no other row was left out before it was sealed.

Standard: C2SP tlog-proof, tlog-checkpoint, tlog-cosignature, signed-note; RFC 6962. Exit code 0: all of it holds.
"""

import hashlib
import json
import sys
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TRUSTED = ""  # keys of the log and its witnesses, one a line

LOG, WITNESS = 1, 4
OPERATIONS = (
    "sign in",
    "sign out",
    "search",
    "look up",
    "read",
    "write",
    "bulk write",
    "export",
    "open dossier",
    "read log",
    "administer",
    "propose",
    "decide",
    "unmask",
    "take down a notice",
)
FIELDS: tuple[tuple[str, Callable[[Any], str]], ...] = (
    ("logged at", lambda v: datetime.fromtimestamp(v // 10**6, UTC).replace(microsecond=v % 10**6).isoformat()),
    ("operation", lambda v: _named(OPERATIONS, v)),
    ("outcome", lambda v: _named(("granted", "refused"), v)),
    ("channel", lambda v: _named(("portal", "command line", "intake", "API"), v)),
    ("request", str),
    ("officer", str),
    ("office", str),
    ("role", str),
    ("purpose", str),
    ("legal ground", str),
    ("dossier", str),
    ("person", str),
    ("persons", str),
    ("digest of persons", str),
    ("groups of fields", lambda v: ", ".join(str(n + 1) for n in range(26) if v >> n & 1)),
    ("results", str),
    ("reason", str),
    ("actor", lambda v: _named(("an officer", "a citizen", "an agency", "a program"), v)),
)


class Unproven(Exception):
    """The proof does not hold; the message says where."""


def main(arguments: list[str]) -> int:
    """Check a proof, say what it proves, and return the exit code."""
    if len(arguments) not in (1, 2):
        print(__doc__)  # noqa: T201
        return 2
    try:
        proof = Path(arguments[0]).read_text(encoding="utf-8")
        keys = Path(arguments[1]).read_text(encoding="utf-8") if len(arguments) == 2 else TRUSTED
        lines = check(proof, keys)
    except (Unproven, OSError, ValueError, KeyError, TypeError, IndexError) as error:
        print(f"NOT PROVEN: {error}")  # noqa: T201
        return 1
    print("\n".join(lines))  # noqa: T201
    return 0


def check(proof: str, trusted: str) -> list[str]:
    """Return what a proof proves, in lines.

    Raises:
        Unproven: it does not hold.
        ValueError: it can't be read.
    """
    logs, witnesses, need = read_keys(trusted)
    head, _, note = proof.partition("\n\n")
    magic, extra, index, *path = head.split("\n")
    if magic != "c2sp.org/tlog-proof@v1" or not extra.startswith("extra ") or not index.startswith("index "):
        raise Unproven("this is not the proof of a row")
    told = json.loads(b64decode(extra[6:], validate=True))
    row, salt = told["row"].encode(), bytes.fromhex(told["salt"])
    commitment = hashlib.sha256(salt + row).digest()
    leaf = hashlib.sha256(b"\x00" + int(told["log_id"]).to_bytes(8, "big") + commitment).digest()
    text, signatures = read_note(note)
    origin, size, root, *_ = text.split("\n")
    if not included(leaf, int(index[6:]), int(size), [b64decode(one, validate=True) for one in path], b64decode(root)):
        raise Unproven("the row is not in this log, or not with these contents")
    if origin not in logs or not any(holds(logs[origin], LOG, text, one) for one in signatures):
        raise Unproven("no log that you trust signed this")
    signed = {one[0]: one[2] for one in signatures for key in witnesses.values() if holds(key, WITNESS, text, one)}
    if len(signed) < need:
        raise Unproven(f"{need} witnesses must have signed, and {len(signed)} did")
    seen = [datetime.fromtimestamp(int.from_bytes(one[:8], "big"), UTC) for one in signed.values()]
    said = [f"PROVEN: row {told['log_id']} of the log {origin}, leaf {index[6:]} of {size}"]
    said += [f"seen by the witness {name} at {at.isoformat()}" for name, at in zip(signed, seen, strict=True)]
    said += ["NO WITNESS: whoever holds the log's key could have written another history"] if not signed else []
    values = json.loads(row)
    if len(values) != len(FIELDS):
        raise Unproven("the row has more or fewer fields than a row of this log")
    told_in_row = zip(FIELDS, values, strict=True)
    return said + [f"  {name}: {show(value)}" for (name, show), value in told_in_row if value not in (None, "")]


def read_keys(text: str) -> tuple[dict[str, tuple[str, bytes, bytes]], dict[str, tuple[str, bytes, bytes]], int]:
    """Return the keys of logs and witnesses by name, and how many witnesses must sign."""
    found: dict[int, dict[str, tuple[str, bytes, bytes]]] = {LOG: {}, WITNESS: {}}
    need = None
    for line in filter(None, (line.strip() for line in text.splitlines())):
        if line.startswith("need "):
            need = int(line[5:])
            continue
        name, key_id, coded = line.split("+", 2)
        raw = b64decode(coded, validate=True)
        if hashlib.sha256(name.encode() + b"\n" + raw).hexdigest()[:8] != key_id or raw[0] not in found:
            raise ValueError(f"the key of {name} is damaged")
        found[raw[0]][name] = (name, bytes.fromhex(key_id), raw[1:])
    if not found[LOG]:
        raise Unproven("you trust no log: name its public key in KEYS")
    return found[LOG], found[WITNESS], len(found[WITNESS]) if need is None else need


def read_note(note: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """Return the text of a signed note, and its signatures: name, id of the key, value."""
    text, gap, lines = note.rpartition("\n\n")
    if not gap:
        raise ValueError("the head of the log is not signed")
    found = []
    for line in lines.splitlines():
        _, name, coded = line.split(" ")
        raw = b64decode(coded, validate=True)
        found.append((name, raw[:4], raw[4:]))
    return text + "\n", found


def holds(key: tuple[str, bytes, bytes], kind: int, text: str, signature: tuple[str, bytes, bytes]) -> bool:
    """Tell whether a signature by a key holds over a text."""
    name, key_id, value = signature
    if (name, key_id) != key[:2]:
        return False
    message = text.encode()
    if kind == WITNESS:
        seconds, value = int.from_bytes(value[:8], "big"), value[8:]
        message = f"cosignature/v1\ntime {seconds}\n".encode() + message
    try:
        Ed25519PublicKey.from_public_bytes(key[2]).verify(value, message)
    except InvalidSignature:
        return False
    return True


def included(leaf: bytes, index: int, size: int, path: list[bytes], root: bytes) -> bool:
    """Tell whether a leaf is in a tree; RFC 9162, 2.1.3.2."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = hashlib.sha256(b"\x01" + sibling + found).digest()
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = hashlib.sha256(b"\x01" + found + sibling).digest()
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def _named(names: tuple[str, ...], number: int) -> str:
    return names[number - 1] if 0 < number <= len(names) else str(number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
