"""The server's log file, which stays small."""

import os
import shutil
from pathlib import Path

LARGEST_BYTES = 16 << 20
_KEPT = 3


def open_log(path: Path) -> int:
    """Open the log for a server's output and return the file descriptor."""
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def rotate(path: Path, largest_bytes: int = LARGEST_BYTES) -> bool:
    """Put a log that has become too large aside and return whether it was.

    The server keeps writing to the file that it has open, so the file is copied and emptied, not renamed.
    Lines written in between are lost.
    """
    try:
        if path.stat().st_size <= largest_bytes:
            return False
    except FileNotFoundError:
        return False
    for number in range(_KEPT - 1, 0, -1):
        aside = path.with_name(f"{path.name}.{number}")
        if aside.exists():
            aside.replace(path.with_name(f"{path.name}.{number + 1}"))
    shutil.copy2(path, path.with_name(f"{path.name}.1"))
    os.truncate(path, 0)
    return True


def last_lines(path: Path, count: int = 5) -> str:
    """Return the end of the log."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 8192))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-count:])
    except OSError:
        return ""
