"""A copy of the programs where every account can read it.

A virtual environment below the home of root (mode 0700) can't be entered by the account that runs the server.
Opening that home to all would be wrong, so the 40 MB are copied once.
"""

import hashlib
import os
import shutil
import stat
import tempfile
from dataclasses import replace
from pathlib import Path

from dancu.infra.postgres.account import Account, run
from dancu.infra.postgres.binaries import WHEELS, Binaries
from dancu.infra.postgres.errors import NoBinaries

_SHELVES = (Path("/var/cache/dancu-postgres"), Path("/var/tmp/dancu-postgres"), Path("/tmp/dancu-postgres"))  # noqa: S108 - _shelf() refuses what others could have put there


def runnable_by(account: Account, binaries: Binaries, shelves: tuple[Path, ...] | None = None) -> Binaries:
    """Return programs that an account can run: these, or a copy of them.

    Args:
        shelves: folders to copy into, the first usable one is taken; None: those of the system.

    Raises:
        NoBinaries: they can't be run, nor copied to where they can.
    """
    code, said = _try(account, binaries)
    if code == 0:
        return binaries
    if binaries.source in WHEELS and os.geteuid() == 0:
        for shelf in shelves or _SHELVES:
            copied = _copied(binaries, shelf)
            if copied and _try(account, copied)[0] == 0:
                return copied
    raise NoBinaries(f"Account {account.name} can't run {binaries.tool('postgres')} ({said})")


def _try(account: Account, binaries: Binaries) -> tuple[int, str]:
    return run(account, [binaries.tool("postgres"), "--version"])


def _copied(binaries: Binaries, shelf: Path) -> Binaries | None:
    """Copy a wheel's tree, keeping its layout, since its programs find their libraries by relative paths."""
    package = binaries.folder.parent.parent
    target = shelf / f"{binaries.source}-{binaries.version}-{_fingerprint(package)}"
    try:
        _make_shelf(shelf)
        if not target.exists():
            _copy(package, target)
    except OSError:
        return None
    return replace(binaries, folder=target / binaries.folder.relative_to(package.parent))


def _copy(package: Path, target: Path) -> None:
    partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=target.parent))
    try:
        unneeded = shutil.ignore_patterns("__pycache__", "*.a", "doc")
        shutil.copytree(package, partial / package.name, ignore=unneeded)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, partial / libraries.name)
        _open(partial)
        partial.rename(target)
    except OSError:
        shutil.rmtree(partial, ignore_errors=True)
        if not target.exists():  # else another process was faster
            raise


def _make_shelf(shelf: Path) -> None:
    """Make the shelf, and refuse one that anybody else could have prepared."""
    shelf.mkdir(mode=0o755, exist_ok=True)
    found = shelf.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise PermissionError(f"{shelf} is not safe")
    if found.st_mode & 0o777 != 0o755:
        shelf.chmod(0o755)


def _open(tree: Path) -> None:
    for folder, _, names in os.walk(tree):
        Path(folder).chmod(0o755)
        for name in names:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def _fingerprint(package: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(f"{path.relative_to(package)}:{path.stat().st_size}\n".encode())
    program = package / "pginstall" / "bin" / "postgres"
    digest.update(program.read_bytes())
    return digest.hexdigest()[:12]
