"""Which processes of the system belong to a data directory, by what the kernel says.

A number in `postmaster.pid` may have been given to another process since, above all in a container.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from dancu.infra.postgres.errors import ForeignData

_PROC = Path("/proc")


def postmaster(data: Path) -> int | None:
    """Return the number of the server's main process on a data directory, or None."""
    pid = written_pid(data)
    return pid if pid and _is_postmaster(pid, data) else None


def written_pid(data: Path) -> int | None:
    """Return the number that stands in `postmaster.pid`, whoever has it now.

    Raises:
        ForeignData: this account may not look into the folder.
    """
    try:
        first, *_ = (data / "postmaster.pid").read_text(errors="replace").splitlines() or [""]
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError:
        raise ForeignData(f"{data} belongs to another account: start Dancu as that account") from None
    return int(first) if first.strip().isdecimal() and int(first) > 0 else None


def is_ready(data: Path) -> bool:
    """Tell whether the server says that it takes connections."""
    try:
        lines = (data / "postmaster.pid").read_text(errors="replace").splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready"


def program(pid: int) -> Path | None:
    """Return the program that a process runs, when the kernel tells us."""
    try:
        first = (_PROC / str(pid) / "cmdline").read_bytes().split(b"\0")[0]
    except OSError:
        return None
    return Path(os.fsdecode(first)) if first else None


def is_alive(pid: int) -> bool:
    """Tell whether a process exists and has not ended; one that waits for its parent has ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except (OSError, IndexError):
        return not _PROC.is_dir()


def wait_for_end(pid: int, timeout_s: float) -> bool:
    """Wait until a process has ended; False: it still lives."""
    deadline = time.monotonic() + timeout_s
    while is_alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def orphans(data: Path) -> list[int]:
    """List server processes that work in a data directory, also those whose main process was killed."""
    return [int(entry.name) for entry in _PROC.glob("[0-9]*") if _works_in(entry, data)]


def end_orphans(data: Path, patience_s: float = 3) -> None:
    """Wait until no process works in a data directory, and end those that do not notice they are orphans."""
    for number in (None, signal.SIGQUIT, signal.SIGKILL):
        for pid in orphans(data) if number else []:
            with suppress(ProcessLookupError):
                os.kill(pid, number or 0)
        deadline = time.monotonic() + patience_s
        while orphans(data):
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        else:
            return


def _is_postmaster(pid: int, data: Path) -> bool:
    if not is_alive(pid):
        return False
    if not _PROC.is_dir():
        return True
    try:
        words = (_PROC / str(pid) / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return Path(os.fsdecode(words[0])).name == "postgres" and os.fsencode(data) in words


def _works_in(entry: Path, data: Path) -> bool:
    try:
        return (entry / "cwd").readlink() == data and (entry / "exe").readlink().name.startswith("postgres")
    except OSError:
        return False
