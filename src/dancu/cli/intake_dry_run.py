"""`dancu intake load --dry-run`: what files would become, without a register and without a server."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from typer.core import TyperGroup

from dancu.cli.output import REFUSED, answer, console
from dancu.intake import mapping as mappings
from dancu.intake.addresses import resolver
from dancu.intake.dry_run import DryRun, write_rows
from dancu.intake.readers.archive import Member, expanded
from dancu.intake.reading import Reading, read
from dancu.kernel.errors import Malformed
from dancu.kernel.time import today


class LoadsByDefault(TyperGroup):
    """Lets `dancu intake --dry-run --out FILE.csv FILE` be said without the word `load`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put `load` before what only it understands."""
        bare = "--dry-run" in args and args[0] not in self.commands
        return super().parse_args(ctx, ["load", *args] if bare else args)


def dry_run(files: Sequence[Path], out: Path | None, mapping: Path | None, *, as_json: bool) -> None:
    """Write what files would become, and say how they were understood.

    Args:
        out: CSV file to write.
        mapping: what the columns mean; None: suggested from their names.

    Raises:
        Malformed: the only file can't be read. Of several, one that can't be read is told, and the others are written.
    """
    if out is None:
        raise typer.BadParameter("--dry-run needs --out FILE.csv")
    day = today(datetime.now(UTC))
    given = mappings.load(mapping) if mapping else None
    told: list[dict[str, Any]] = []
    refused: dict[str, str] = {}

    def readings(members: Sequence[Member]) -> Iterator[tuple[str, Reading]]:
        for one in members:
            try:
                reading = read(one.path, today=day, mapping=given, resolve=resolver(today=day))
                told.append(_told(one.name, reading))
            except Malformed as failure:
                if len(members) == 1:
                    raise
                refused[one.name] = str(failure)
                continue
            yield one.name, reading

    shown = Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console)
    with expanded(files) as members, shown as bars:
        bar = bars.add_task(out.name, total=None)
        done = write_rows(
            readings(members),
            out,
            progress=lambda count: bars.advance(bar, count),
            refused=refused if len(members) > 1 else None,
        )
    told = [one for one in told if one["file"] not in refused]
    value = {"files": told, "refused": refused, "out": str(out), **_counts(done)}
    answer(value, as_json=as_json, text=_text(told, done, out, refused))
    if refused:
        raise typer.Exit(REFUSED)


def _told(name: str, reading: Reading) -> dict[str, Any]:
    described = reading.describe()
    understood = {
        header: target for header, target in described.mapping.columns.items() if header not in described.unread
    }
    return {
        "file": name,
        "format": described.format,
        "encoding": described.encoding,
        "sample": list(described.letters),
        "details": described.details,
        "mapping": understood,
        "kind": described.mapping.kind,
        "unread": list(described.unread),
        "repaired": {f"{header}: {way}": count for (header, way), count in described.repaired.items()},
    }


def _counts(done: DryRun) -> dict[str, Any]:
    return {
        "records": done.records,
        "rejected": done.severities["reject"],
        "quarantined": done.severities["quarantine"],
        "warned": done.severities["warn"],
        "rules": dict(done.rules.most_common()),
        "repaired": dict(done.repaired.most_common()),
    }


def _text(told: Sequence[dict[str, Any]], done: DryRun, out: Path, refused: Mapping[str, str]) -> str:
    lines = []
    for one in told:
        lines.append(f"{one['file']}: {one['format']}" + (f", encoding {one['encoding']}" if one["encoding"] else ""))
        if one["sample"]:
            lines.append(f"  read as: {', '.join(one['sample'])}")
        lines += [f"  {header} -> {target}" for header, target in one["mapping"].items()]
        if one["unread"]:
            lines.append(f"  not read: {', '.join(one['unread'])}")
        lines += [f"  repaired in {column}: {count} texts" for column, count in one["repaired"].items()]
    lines.append(
        f"{done.records} records: {done.severities['reject']} would be rejected,"
        f" {done.severities['quarantine']} need an officer, {done.severities['warn']} have remarks"
    )
    lines += [f"  {rule}: {count}" for rule, count in done.rules.most_common()]
    lines += [f"{name} can't be read: {message}" for name, message in refused.items()]
    lines.append(f"The rows are in {out}; nothing was applied.")
    return "\n".join(lines)
