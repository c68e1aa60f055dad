"""The server's settings, from what the machine has and what the server is for."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from dancu.infra.postgres.machine import Machine

Profile = Literal["standard", "test", "load"]
"""`standard` for work, `test` for data that a power cut may destroy, `load` for the first national load."""

Value = str | int | bool


def settings(
    profile: Profile,
    machine: Machine,
    *,
    major: int,
    sockets: Path,
    libraries: Sequence[str] = (),
    zones_known: bool = True,
) -> dict[str, Value]:
    """Decide the settings of a server.

    Args:
        major: PostgreSQL's major version.
        sockets: folder of the Unix socket.
        libraries: to load at the start, those that the binaries have.
        zones_known: whether the server finds a time zone database; without it the zone is a plain UTC+7.
    """
    chosen = _everywhere(machine, sockets, libraries, "Asia/Ho_Chi_Minh" if zones_known else "<+07>-7")
    if major >= 18:
        chosen["io_method"] = "worker"
    match profile:
        case "standard":
            chosen |= _standard(machine)
        case "load":
            chosen |= _standard(machine) | _load(machine)
        case "test":
            chosen |= _test()
    return chosen


def render(chosen: dict[str, Value]) -> str:
    """Write settings as a file that PostgreSQL reads; `local.conf` beside the data has the last word."""
    lines = [f"{name} = {_quoted(value)}" for name, value in chosen.items()]
    return "\n".join(["# Written at every start. Put your own settings into local.conf.", *lines, ""])


def access_rules() -> str:
    """Write who may connect: over the Unix socket only, and only the accounts of `account_map`.

    The socket's folder is closed to all other accounts (0700).
    Peer authentication is the second lock behind that door: the kernel names the connecting account,
    so a folder opened by mistake admits nobody, and there is no password to keep, leak or rotate.
    """
    return "local all all peer map=dancu\nlocal replication all peer map=dancu\n"


def account_map(names: Sequence[str]) -> str:
    """Write which operating-system accounts may connect, as any database role."""
    quoted = (name.replace('"', '""') for name in names)
    return "".join(f'dancu "{name}" all\n' for name in quoted)


def _everywhere(machine: Machine, sockets: Path, libraries: Sequence[str], zone: str) -> dict[str, Value]:
    return {
        "listen_addresses": "",
        "unix_socket_directories": f'"{sockets}"',
        "unix_socket_permissions": "0700",
        "max_connections": 60,
        "shared_preload_libraries": ",".join(libraries),
        # Containers often have 64 MB there, too little for one parallel query.
        "dynamic_shared_memory_type": "posix" if machine.shared_memory_mb >= 256 else "mmap",
        "timezone": zone,
        "log_timezone": zone,
        "lc_messages": "C",
        "jit": False,
        "random_page_cost": "1.1",
        "log_line_prefix": "%m [%p] %a ",
        "log_min_duration_statement": "250ms",
        # The log is read by technicians: no value of a person's may get there.
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
        "log_parameter_max_length": 0,
        "log_parameter_max_length_on_error": 0,
        "password_encryption": "scram-sha-256",
    }


def _standard(machine: Machine) -> dict[str, Value]:
    roomy = machine.disk_free_mb >= 20 * 1024
    workers = max(1, min(machine.cores, 8))
    return {
        "shared_buffers": f"{_shared_buffers_mb(machine)}MB",
        "effective_cache_size": f"{max(256, machine.memory_mb * 2 // 3)}MB",
        "work_mem": f"{_within(machine.memory_mb // 512, 4, 32)}MB",
        "maintenance_work_mem": f"{_within(machine.memory_mb // 32, 64, 256)}MB",
        "max_wal_size": "4GB" if roomy else "1GB",
        "min_wal_size": "1GB" if roomy else "128MB",
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": "0.9",
        "effective_io_concurrency": 64,
        "max_parallel_workers": workers,
        "max_parallel_workers_per_gather": 1 if workers <= 2 else 2,
        "wal_level": "replica",
        "fsync": True,
        "full_page_writes": True,
        "synchronous_commit": "on",
        "autovacuum_vacuum_scale_factor": "0.02",
        "autovacuum_vacuum_insert_scale_factor": "0.05",
    }


def _load(machine: Machine) -> dict[str, Value]:
    """Durable still, but rows copied into a table made in the same transaction write no log."""
    return {
        "wal_level": "minimal",
        "max_wal_senders": 0,
        "maintenance_work_mem": f"{_within(machine.memory_mb // 16, 64, 1024)}MB",
        "max_wal_size": "16GB" if machine.disk_free_mb >= 100 * 1024 else "4GB",
        "checkpoint_timeout": "30min",
        "max_parallel_maintenance_workers": max(1, min(machine.cores, 8)),
        "log_min_duration_statement": -1,
    }


def _test() -> dict[str, Value]:
    return {
        "shared_buffers": "64MB",
        "work_mem": "8MB",
        "max_wal_size": "512MB",
        "wal_level": "minimal",
        "max_wal_senders": 0,
        "fsync": False,
        "full_page_writes": False,
        "max_parallel_workers_per_gather": 0,
        "log_min_duration_statement": -1,
    }


def _shared_buffers_mb(machine: Machine) -> int:
    return 128 if machine.memory_mb < 4096 else _within(machine.memory_mb // 6, 128, 16 * 1024)


def _within(value: int, least: int, most: int) -> int:
    return max(least, min(value, most))


def _quoted(value: Value) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"
