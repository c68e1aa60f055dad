"""What this machine, or the container around this process, can give to a server."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Machine:
    """Memory and disk in MB, processors in whole cores."""

    memory_mb: int
    cores: int
    disk_free_mb: int
    shared_memory_mb: int

    @classmethod
    def look(cls, folder: Path) -> Self:
        """Look at the machine, and at the disk that holds a folder."""
        return cls(
            memory_mb=_memory_mb(),
            cores=_cores(),
            disk_free_mb=shutil.disk_usage(folder).free >> 20,
            shared_memory_mb=_shared_memory_mb(),
        )


def _memory_mb() -> int:
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    limit = _word("memory.max")
    return min(machine, int(limit) >> 20) if limit.isdecimal() else machine


def _cores() -> int:
    machine = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota, _, period = _word("cpu.max").partition(" ")
    if not (quota.isdecimal() and period.isdecimal()):
        return machine
    return max(1, min(machine, int(quota) // int(period)))


def _shared_memory_mb() -> int:
    try:
        return shutil.disk_usage("/dev/shm").total >> 20  # noqa: S108 - only its size is asked
    except OSError:
        return 0


def _word(name: str) -> str:
    try:
        return (_CGROUP / name).read_text().strip()
    except OSError:
        return ""
