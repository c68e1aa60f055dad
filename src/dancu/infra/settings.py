"""Settings of one installation, read once from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from dancu.kernel.errors import Malformed


@dataclass(frozen=True)
class Settings:
    """Where this installation lives and listens.

    Args:
        home: folder of everything that is kept (`DANCU_HOME`, default `.dancu`).
        port: of the web server on this machine (`DANCU_PORT`, 1..65535, default 8000).
        host: address to listen on (`DANCU_HOST`, default `127.0.0.1`).
        database_url: a PostgreSQL 17+ server of one's own (`DANCU_DATABASE_URL`); None: the embedded one.
        postgres_source: which binaries the embedded server uses
            (`DANCU_PG_SOURCE`: `embedded`, `celerp` or `system`); None: the first that is found.
        postgres_bin: folder of PostgreSQL binaries (`DANCU_PG_BIN`), before all sources.
        account: operating-system account of the embedded server when started by root (`DANCU_PG_ACCOUNT`).
        clamd: a virus scanner that documents are shown to (`DANCU_CLAMD`: `unix:/path` or `host:port`);
            None: their content alone is checked.
        stays_kept_months: how long notices of stay are kept after the end of their month
            (`DANCU_STAYS_KEPT_MONTHS`, 12 and more, default 24).
        minimum_cell: the smallest count of persons that is told (`DANCU_MINIMUM_CELL`, 3 to 1000, default 10).
    """

    home: Path
    port: int = 8000
    host: str = "127.0.0.1"
    database_url: str | None = None
    postgres_source: str | None = None
    postgres_bin: Path | None = None
    account: str | None = None
    clamd: str | None = None
    stays_kept_months: int = 24
    minimum_cell: int = 10

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings.

        Raises:
            Malformed: a variable holds what it can't mean; the message names it.
        """
        source = environ.get("DANCU_PG_SOURCE") or None
        if source not in {None, "embedded", "celerp", "system"}:
            raise Malformed("DANCU_PG_SOURCE must be embedded, celerp or system")
        binaries = environ.get("DANCU_PG_BIN")
        return cls(
            home=Path(environ.get("DANCU_HOME") or ".dancu").expanduser().absolute(),
            port=_port(environ.get("DANCU_PORT") or "8000"),
            host=environ.get("DANCU_HOST") or "127.0.0.1",
            database_url=environ.get("DANCU_DATABASE_URL") or None,
            postgres_source=source,
            postgres_bin=Path(binaries) if binaries else None,
            account=environ.get("DANCU_PG_ACCOUNT") or None,
            clamd=environ.get("DANCU_CLAMD") or None,
            stays_kept_months=_months(environ.get("DANCU_STAYS_KEPT_MONTHS") or "24"),
            minimum_cell=_cell(environ.get("DANCU_MINIMUM_CELL") or "10"),
        )


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise Malformed("DANCU_PORT must be a number from 1 to 65535")
    return int(text)


def _months(text: str) -> int:
    if not text.isdecimal() or not 12 <= int(text) <= 1200:
        raise Malformed("DANCU_STAYS_KEPT_MONTHS must be a number of months, 12 at least")
    return int(text)


def _cell(text: str) -> int:
    if not text.isdecimal() or not 3 <= int(text) <= 1000:
        raise Malformed("DANCU_MINIMUM_CELL must be a number of persons, 3 to 1000")
    return int(text)
