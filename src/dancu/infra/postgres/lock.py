"""One process at a time looks after a server."""

import fcntl
import os
from pathlib import Path
from typing import Self

from dancu.infra.postgres.errors import AlreadyRunning


class Lock:
    """Locks on files, which the kernel lets go of when this process ends, however it ends."""

    def __init__(self, paths: list[Path]) -> None:
        self._paths = paths
        self._held: list[int] = []

    def take(self) -> None:
        """Lock all files.

        Raises:
            AlreadyRunning: another process has one; its number is in the message.
        """
        try:
            for path in self._paths:
                self._take(path)
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Let go of all files."""
        while self._held:
            os.close(self._held.pop())

    def __enter__(self) -> Self:
        self.take()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def _take(self, path: Path) -> None:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        self._held.append(handle)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(
                f"Process {os.pread(handle, 20, 0).decode().strip() or 'unknown'} already looks after "
                f"the server of {path.parent}: stop it first (dancu down), or use another DANCU_HOME"
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)


def holder(path: Path) -> int | None:
    """Return the number of the process that holds a lock, or None."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        said = os.pread(handle, 20, 0).decode().strip()
        return int(said) if said.isdecimal() else 0
    finally:
        os.close(handle)
    return None
