"""`dancu intake mapping`: what the columns of a source mean, as it is kept."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from dancu.cli.installation import Installation, bring_up_to_date
from dancu.cli.output import answer, say
from dancu.infra.db import Database
from dancu.intake import kept
from dancu.intake import mapping as mappings


def mapping_command(
    source: Annotated[str, typer.Argument(help="Name of the source system.")],
    new: Annotated[Path | None, typer.Option("--set", help="Keep what this file says (TOML, JSON).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as one JSON document.")] = False,
) -> None:
    """List what is kept of a source's columns, the latest first; or keep another version."""
    here = Installation.here()
    said = mappings.load(new) if new else None
    with here.database(say) as dsn:
        bring_up_to_date(dsn, say, here)
        found = asyncio.run(_versions(dsn, source, said))
    value = [{"version": one.version, "kept_at": one.kept_at, "mapping": one.mapping.as_json()} for one in found]
    lines = []
    for one in found:
        lines.append(f"version {one.version}, {one.kept_at:%Y-%m-%d %H:%M} UTC, {one.mapping.kind}")
        lines += [f"  {header} -> {target}" for header, target in one.mapping.columns.items()]
    answer({"source": source, "versions": value}, as_json=as_json, text="\n".join(lines) or "Nothing is kept.")


async def _versions(dsn: str, source: str, said: mappings.Mapping | None) -> list[kept.Kept]:
    async with Database(dsn, role="dancu_loader", size=1) as database, database.transaction(scope="none") as tx:
        if said is not None:
            await kept.keep(tx, source, tuple(said.columns), said, by=None, now=datetime.now(UTC))
        return await kept.versions(tx, source)
