"""The witnesses of this log: which there are, how many must sign, and how they are asked."""

import http.client
import re
import socket
import tomllib
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from dancu.audit.notes import Key, Kind, Note, Signature, signatures_in
from dancu.audit.witness.memory import digest_of
from dancu.audit.witness.serve import short_name
from dancu.kernel.errors import Conflict, Malformed, Unavailable

_TIMEOUT_S = 5.0
_SIZE = re.compile(r"(0|[1-9][0-9]{0,18})\n")
FILE = "witnesses.toml"
BESIDE = "witness"


class WitnessSilent(Unavailable):
    """A witness does not answer, or not as the protocol says."""


class WitnessDisagrees(Conflict):
    """A witness has signed another history of this log."""


class WitnessesUnreadable(Malformed):
    """The list of witnesses can't be read."""


@dataclass(frozen=True)
class WitnessAt:
    """A witness: its key, and where it answers.

    Args:
        address: `http://…`, `https://…`, or `unix:` and the path of a socket.
    """

    key: Key
    address: str

    def add(self, old: int, proof: Sequence[bytes], note: Note) -> int | Signature:
        """Ask to sign a checkpoint; return the signature, or the size that the witness has seen in place of `old`.

        Raises:
            WitnessSilent: it does not answer, or not as the protocol says.
            WitnessDisagrees: it has seen another history.
        """
        lines = [f"old {old}", *(b64encode(one).decode() for one in proof)]
        status, body = self._ask("POST", "/add-checkpoint", "\n".join(lines) + "\n\n" + note.whole)
        if status == 200:
            return self._signature(body, note)
        if status == 409 and (size := _SIZE.fullmatch(body)):
            if int(size[1]) == old:
                raise WitnessDisagrees(f"The witness {self.key.name} has signed another log of {old} rows")
            return int(size[1])
        if status == 422:
            raise WitnessDisagrees(f"The witness {self.key.name} refuses: this does not follow from {old} rows")
        raise WitnessSilent(f"The witness {self.key.name} answers {status} {body.strip()[:80]}")

    def last(self, origin: str) -> Note | None:
        """Return the last checkpoint that the witness signed, or None; the caller checks whose signatures hold.

        Raises:
            WitnessSilent: it does not answer, or not as the protocol says.
        """
        status, body = self._ask("GET", f"/checkpoint/{digest_of(origin)}", None)
        if status == 404:
            return None
        try:
            return Note.read(body)
        except ValueError as error:
            raise WitnessSilent(f"The witness {self.key.name} answers {status} {body.strip()[:80]}") from error

    def _signature(self, body: str, note: Note) -> Signature:
        try:
            made = self.key.signed(Note(note.text, tuple(signatures_in(body))))
        except ValueError:
            made = None
        if made is None:
            raise WitnessSilent(f"The witness {self.key.name} answers without a signature that holds")
        return made

    def _ask(self, method: str, path: str, body: str | None) -> tuple[int, str]:
        where = urlsplit(self.address)
        connection = _connection(self.address)
        try:
            prefix = "" if where.scheme == "unix" else where.path.rstrip("/")
            connection.request(method, prefix + path, body.encode() if body is not None else None)
            answer = connection.getresponse()
            return answer.status, answer.read(64 * 1024).decode()
        except (OSError, http.client.HTTPException, UnicodeDecodeError) as error:
            raise WitnessSilent(f"The witness {self.key.name} does not answer at {self.address}") from error
        finally:
            connection.close()


class Standing(StrEnum):
    """Where the witnesses stand, as far as the list tells: what their signatures prove depends on it."""

    NONE = "none"
    BESIDE = "beside"
    ELSEWHERE = "elsewhere"


PROVES: dict[Standing, tuple[str, str]] = {
    Standing.NONE: (
        "Chưa có nhân chứng: ai giữ khóa của nhật ký và cơ sở dữ liệu đều có thể viết lại toàn bộ nhật ký.",
        "There is no witness: whoever holds the log's key and the database could rewrite all of it.",
    ),
    Standing.BESIDE: (
        (
            "Nhân chứng chạy cùng tài khoản với hệ thống này. Nó phát hiện sai sót và người chỉ sửa cơ sở dữ liệu; "
            "nó không chứng minh được gì trước chính người vận hành."
        ),
        (
            "The witness runs under the same account as this system. It finds accidents and whoever changes "
            "the database alone; it proves nothing against the operator."
        ),
    ),
    Standing.ELSEWHERE: (
        (
            "Nhân chứng do nơi khác giữ theo danh sách. Muốn viết lại nhật ký mà không bị phát hiện, phải có khóa "
            "của nhật ký, quyền trên cơ sở dữ liệu và sự đồng lõa của đủ số nhân chứng."
        ),
        (
            "The witnesses are those of the list, kept by others. To rewrite the log unseen takes the log's key, "
            "rights to the database, and as many witnesses as must sign."
        ),
    ),
}
"""What signatures prove, in Vietnamese and in English."""


@dataclass(frozen=True)
class Witnesses:
    """All witnesses of a log.

    Args:
        need: how many must sign a checkpoint before it counts as published.
        standing: where they stand.
    """

    need: int = 0
    all: tuple[WitnessAt, ...] = ()
    standing: Standing = Standing.NONE

    def published(self, note: Note) -> bool:
        """Tell whether enough of them signed a checkpoint."""
        return sum(one.key.signed(note) is not None for one in self.all) >= max(self.need, 1)


def read_witnesses(home: Path) -> Witnesses:
    """Read `witnesses.toml` of an installation; without it, the witness that `dancu up` keeps beside counts, if any.

    Raises:
        WitnessesUnreadable: the file is not as it should be.
    """
    try:
        told = tomllib.loads((home / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return _beside(home / BESIDE)
    except (OSError, ValueError) as error:
        raise WitnessesUnreadable(f"{home / FILE} can't be read: {error}") from error
    try:
        found = tuple(WitnessAt(_witness(one["key"]), _address(one["address"])) for one in told["witness"])
        need = int(told.get("need", len(found)))
    except (KeyError, TypeError, ValueError) as error:
        raise WitnessesUnreadable(f"{home / FILE} is not a list of witnesses: {error!r}") from error
    if not 1 <= need <= len({one.key for one in found}) or len({one.key.public for one in found}) != len(found):
        raise WitnessesUnreadable(f"{home / FILE} needs more witnesses than it names, or names one twice")
    return Witnesses(need, found, Standing.ELSEWHERE)


def _beside(folder: Path) -> Witnesses:
    try:
        key = _witness((folder / "witness.vkey").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Witnesses()
    except ValueError as error:
        raise WitnessesUnreadable(f"{folder / 'witness.vkey'} is not a key: {error}") from error
    return Witnesses(1, (WitnessAt(key, f"unix:{folder / 'witness.sock'}"),), Standing.BESIDE)


def _witness(text: str) -> Key:
    key = Key.read(text)
    if key.kind is not Kind.WITNESS:
        raise ValueError("the key of a log, not of a witness")
    return key


def _address(text: str) -> str:
    where = urlsplit(text)
    if where.scheme not in {"http", "https", "unix"} or not (where.path if where.scheme == "unix" else where.hostname):
        raise ValueError("an address begins with http://, https:// or unix:/")
    return text


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, file: Path) -> None:
        super().__init__("witness", timeout=_TIMEOUT_S)
        self._file = file

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(_TIMEOUT_S)
        with short_name(self._file) as name:
            self.sock.connect(name)


def _connection(address: str) -> http.client.HTTPConnection:
    where = urlsplit(address)
    if where.scheme == "unix":
        return _UnixConnection(Path(where.path))
    kind = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
    return kind(where.hostname or "", where.port, timeout=_TIMEOUT_S)
