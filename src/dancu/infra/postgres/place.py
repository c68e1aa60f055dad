"""Where the data, the socket and the log of an embedded server lie.

They lie under the home of the installation whenever the account that runs the server can get there.
A home below `/root` (mode 0700) can't be entered by it, and opening that folder is not ours to do;
then the data go to a folder of their own, and the home remembers which.
"""

import hashlib
import json
import os
import secrets
import stat
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dancu.infra.postgres import lock
from dancu.infra.postgres.account import Account, can_enter
from dancu.infra.postgres.errors import ForeignData, NoPlace

LONGEST_SOCKET_PATH = 107
"""Bytes that the kernel allows for a Unix socket's path (108 with the final zero)."""

SOCKET = ".s.PGSQL.5432"
_IN_LISTS = {",", '"'}
"""What the server and the client take for the punctuation of a list of folders."""

_ELSEWHERE = (Path("/var/lib"), Path("/var/tmp"), Path("/tmp"))  # noqa: S108 - a random name is made in it
_NOTE = "place.json"
_ELSE = "set DANCU_HOME to a folder of yours"


@dataclass(frozen=True)
class Place:
    """The folders of one embedded server.

    Args:
        home: of the installation.
        base: holds `data`, the settings and the lock; usually `<home>/postgres`.
    """

    home: Path
    base: Path

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.base / "data"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.home / "log" / "postgres.log"

    @property
    def sockets(self) -> Path:
        """The folder of the socket: beside the data, or one in `/tmp` when that path can't be an address."""
        near = self.base / "run"
        if len(os.fsencode(near / SOCKET)) <= LONGEST_SOCKET_PATH and not _IN_LISTS & set(str(near)):
            return near
        name = hashlib.sha256(os.fsencode(self.base)).hexdigest()[:20]
        return Path("/tmp") / f"dancu-{name}"  # noqa: S108 - prepare() refuses a folder that isn't ours

    @property
    def locks(self) -> list[Path]:
        """The files to lock, so that neither one home nor one set of data is served twice."""
        return sorted({self.home / "postgres" / "lock", self.base / "lock"})


def known(home: Path) -> Place | None:
    """Return the place of a home whose data were made, or None."""
    home = home.resolve()
    near = home / "postgres"
    try:
        noted = json.loads((near / _NOTE).read_text(encoding="utf-8"))["base"]
    except FileNotFoundError:
        noted = near
    except (PermissionError, NotADirectoryError):
        raise NoPlace(f"{near} can't be read by this account: {_ELSE}") from None
    except (ValueError, KeyError, TypeError):
        raise NoPlace(f"{near / _NOTE} is damaged; it should name the folder of the data as base") from None
    place = Place(home, Path(noted))
    if noted != near and not place.base.is_dir():
        raise NoPlace(
            f"{near / _NOTE} says that the data are in {noted}, which isn't there. "
            f"Bring it back, or delete {near} to begin without data"
        )
    return place if place.data.is_dir() else None


def choose(home: Path, account: Account, *, throwaway: bool = False) -> Place:
    """Return the place of a home, and make its base folder when there is none yet.

    Args:
        throwaway: whether a place outside of the home may be cleaned away by the system.

    Raises:
        NoPlace: nothing can be written, or nowhere can the account reach it.
    """
    if found := known(home):
        return found
    home = home.resolve()
    near = Place(home, home / "postgres")
    _make(near.base)
    if can_enter(account, near.base):
        return near
    return Place(home, _elsewhere(near, account, throwaway=throwaway))


def abandoned(parents: Sequence[Path] = _ELSEWHERE) -> list[Path]:
    """List places outside of a home that their home does not name any more, and that nobody serves."""
    found = [base for parent in parents for base in parent.glob("dancu-*") if (base / "home.json").is_file()]
    return sorted(base for base in found if not _is_named(base) and lock.holder(base / "lock") is None)


def prepare(place: Place, account: Account) -> None:
    """Make the socket's folder and the log's.

    Raises:
        ForeignData: the data or the socket's folder belong to another account.
    """
    _check_owner(place.data, account)
    try:
        place.sockets.mkdir(mode=0o700)
        os.chown(place.sockets, account.uid, account.gid, follow_symlinks=False)
    except FileExistsError:
        _check_owner(place.sockets, account)
    place.log.parent.mkdir(mode=0o700, exist_ok=True)
    give_like_home(place.home, place.log.parent)


def tidy(place: Place) -> None:
    """Delete the folder of a stopped server's socket, when it lies where everybody puts things."""
    if place.sockets.parent != place.base:
        with suppress(OSError):
            place.sockets.rmdir()


def write(path: Path, text: str) -> None:
    """Replace a file at once; everybody who may enter its folder may read it."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        os.fchmod(file.fileno(), 0o644)
    Path(name).replace(path)


def give_like_home(home: Path, path: Path) -> None:
    """Give a file that root made to the owner of the home, who may come back without root."""
    if os.geteuid() == 0:
        owner = home.stat()
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _elsewhere(near: Place, account: Account, *, throwaway: bool) -> Path:
    for parent in _ELSEWHERE[1:] if throwaway else _ELSEWHERE[:1]:
        base = parent / f"dancu-{secrets.token_hex(6)}"
        try:
            base.mkdir(mode=0o755)
        except OSError:
            continue
        base.chmod(0o755)  # it is new and ours; a strict umask would close it to the account
        if can_enter(account, base):
            write(base / "home.json", json.dumps({"home": str(near.home)}))
            write(near.base / _NOTE, json.dumps({"base": str(base)}))
            return base
        base.rmdir()
    raise NoPlace(
        f"The server runs as account {account.name}, which can't enter {near.base}, "
        f"and no folder could be made in {_ELSEWHERE[0]}. "
        f"Set DANCU_HOME to a folder that {account.name} can enter, or start Dancu without root"
    )


def _is_named(base: Path) -> bool:
    try:
        home = Path(json.loads((base / "home.json").read_text(encoding="utf-8"))["home"])
        return bool(json.loads((home / "postgres" / _NOTE).read_text(encoding="utf-8"))["base"] == str(base))
    except PermissionError:
        return True
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _make(base: Path) -> None:
    try:
        made = [folder for folder in (base.parent, base) if not folder.exists()]
        base.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NoPlace(f"{base} can't be made ({error.strerror}): {_ELSE}") from error
    if not os.access(base, os.W_OK):
        raise NoPlace(f"{base} can't be written by this account: {_ELSE}")
    for folder in made:
        folder.chmod(0o755 if os.geteuid() == 0 else 0o700)


def _check_owner(folder: Path, account: Account) -> None:
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid:
        raise ForeignData(
            f"{folder} does not belong to account {account.name} (but to user id {found.st_uid}): "
            "start Dancu as the account that made it"
        )
