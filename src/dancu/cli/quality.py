"""`dancu quality`: how good the register is, what to put right, and checks against documents."""

import asyncio
import csv
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from dancu.cli.at_desk import AtDesk, at_desk
from dancu.cli.installation import Installation
from dancu.cli.output import answer, say
from dancu.infra.db import Database, Transaction
from dancu.kernel.errors import Malformed
from dancu.kernel.formulas import neutral
from dancu.kernel.time import today
from dancu.portals.officer.quality_house import COLUMNS, cells
from dancu.portals.officer.quality_views import FixPage, ItemPage, SamplePage
from dancu.portals.officer.quality_words import counts_text, figure_view, is_small, limit_text
from dancu.portals.shared.pages import Said
from dancu.quality import read
from dancu.quality.catalogue import MEASURES
from dancu.quality.model import Figure, Measure
from dancu.quality.run import SQL, Ran, measure
from dancu.quality.run import run as measure_all
from dancu.quality.samples import Found

quality = typer.Typer(
    name="quality",
    help="How good the register is: correct, complete, clean, live; with intervals, down to what to put right.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="Answer as one JSON document.")]
By = Annotated[str, typer.Option("--officer", help="Name of the officer who asks.")]
On = Annotated[str, typer.Option("--dossier", help="Number of the dossier that the check hangs on.")]
_WORDS = {
    **{one.word: one.word for one in Found},
    "r": "right",
    "w": "wrong",
    "n": "not_checkable",
    "đúng": "right",
    "sai": "wrong",
    "không kiểm được": "not_checkable",
}


@quality.command("run")
def run_command(
    only: Annotated[
        list[str] | None, typer.Argument(help="Codes of measures; none: all.", metavar="[MEASURE]...")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Also what was measured today already.")] = False,
    as_json: Json = False,
) -> None:
    """Measure what of today is not measured yet; after an interruption, the rest."""
    with Installation.here().database(say) as dsn:
        done = measure_all(dsn, now=datetime.now(UTC), only=only or (), again=again, report=say)
    answer(
        {"day": done.day, "measured": done.measured, "earlier": done.earlier},
        as_json=as_json,
        text="\n".join(_ran(done)),
    )


def _ran(done: Ran) -> Iterator[str]:
    yield f"{len(done.measured)} measures of {done.day} were measured."
    if done.earlier:
        yield f"{len(done.earlier)} were measured before; --again measures them anew."


@quality.command()
def show(
    code: Annotated[str | None, typer.Argument(help="Code of a measure; none: all.", metavar="[MEASURE]")] = None,
    province: Annotated[str, typer.Option(help="Code of a province; none: the nation.")] = "",
    as_json: Json = False,
) -> None:
    """Say how good the register is: value, interval, bar; of one measure also its formula and its parts."""
    wanted = [measure(code)] if code else list(MEASURES)
    day = today(datetime.now(UTC))
    with Installation.here().database(say) as dsn:
        found = asyncio.run(_read(dsn, wanted, province, day, whole=code is None))
    lines = [line for one in wanted for line in _shown(one, found[one.code], in_full=code is not None)]
    told = [_told(one, figure) for one in wanted for figure in found[one.code]]
    answer({"figures": told}, as_json=as_json, text="\n".join(lines))


async def _read(dsn: str, wanted: list[Measure], province: str, day: date, *, whole: bool) -> dict[str, list[Figure]]:
    async with _quality(dsn) as database, database.transaction() as tx:
        if whole:
            found = await read.board(tx, province, day=day)
            return {one.code: [found[one.code]] if one.code in found else [] for one in wanted}
        return {one.code: await read.parts(tx, one.code, day=day, province=province) for one in wanted}


def _quality(dsn: str) -> Database:
    return Database(dsn, role="dancu_quality", size=1, patient=True)


def _shown(one: Measure, figures: list[Figure], *, in_full: bool) -> Iterator[str]:
    if in_full:
        yield f"{one.name_en} ({one.name_vi})"
        yield f"{one.dimension}; ISO/IEC 25012: {one.characteristic}; bar: {limit_text(one).en or 'none'}"
        yield one.formula_en
    if not figures:
        yield f"{one.code:<22} not measured"
    for figure in figures:
        view = figure_view(one, figure)
        value = "too few" if view.small else view.value.en or "not measured"
        sign = {True: "met", False: "NOT MET", None: ""}[view.met]
        part = " ".join(cells(one, figure)[4:6])
        name = part if in_full else one.code
        yield f"{name:<22} {value:>12}  {view.interval.en:<24} {limit_text(one).en:<10} {sign:<8}" + (
            f" {counts_text(one, figure).en}" if in_full else ""
        )


def _told(one: Measure, figure: Figure) -> dict[str, object]:
    return dict(zip(COLUMNS, cells(one, figure), strict=True))


@quality.command("list")
def list_command(
    code: Annotated[str, typer.Argument(help="Code of a measure.", metavar="MEASURE")],
    officer: By,
    place: Annotated[str, typer.Option(help="Code of a province or a commune.")] = "",
    after: Annotated[str, typer.Option(help="Where the page before said that the next one begins.")] = "",
    as_json: Json = False,
) -> None:
    """List records to put right, as far as the officer sees; who is listed is logged."""

    async def found(here: AtDesk) -> FixPage:
        return await here.desk.fix_list(here.at, code=code, place=place, after=after)

    page = at_desk(officer, None, found)
    lines = [f"{one.number:<12} {one.name:<32} {one.born:<10} {one.place}" for one in page.lines]
    lines += [f"Further ones: --after {page.after}"] if page.after else []
    answer(
        {"records": page.lines, "after": page.after}, as_json=as_json, text="\n".join(lines) or "Nothing to put right."
    )


@quality.command()
def export(
    out: Annotated[Path, typer.Option("--out", help="The file to write, CSV in UTF-8.")],
    code: Annotated[str | None, typer.Argument(help="Code of a measure; none: all.", metavar="[MEASURE]")] = None,
    as_json: Json = False,
) -> None:
    """Write the last figures of the nation and all provinces, by age and source; of few persons without numbers."""
    wanted = [measure(code)] if code else list(MEASURES)
    with Installation.here().database(say) as dsn:
        figures = asyncio.run(_all_of(dsn, wanted, today(datetime.now(UTC))))
    with out.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        writer.writerows([neutral(cell) for cell in cells(one, figure)] for one, figure in figures)
    small = sum(is_small(one, figure) for one, figure in figures)
    text = f"{len(figures)} figures were written to {out}, {small} of them without numbers."
    answer({"figures": len(figures), "small": small, "file": str(out)}, as_json=as_json, text=text)


async def _all_of(dsn: str, wanted: list[Measure], day: date) -> list[tuple[Measure, Figure]]:
    async with _quality(dsn) as database, database.transaction() as tx:
        return [(one, figure) for one in wanted for figure in await read.parts(tx, one.code, day=day)]


@quality.command()
def source(
    name: Annotated[str, typer.Argument(help="Name of the source, as files are loaded under it.")],
    independent: Annotated[
        bool, typer.Option("--independent/--dependent", help="Whether its list arose without the register.")
    ] = False,
    days: Annotated[int, typer.Option(help="How old its last file may be.", min=1, max=3650)] = 31,
    as_json: Json = False,
) -> None:
    """Say what was agreed with a source. Independent ones serve dual-system estimates and signs of life."""

    async def put(tx: Transaction) -> int:
        return await tx.execute(SQL.put_source, {"source": name, "independent": independent, "lag_days": days})

    with Installation.here().database(say) as dsn:
        asyncio.run(_changed(dsn, put))
    kind = "independent" if independent else "dependent"
    answer(
        {"source": name, "independent": independent, "days": days},
        as_json=as_json,
        text=f"{name}: {kind}, {days} days.",
    )


async def _changed(dsn: str, put: Callable[[Transaction], Awaitable[object]]) -> None:
    async with _quality(dsn) as database, database.transaction() as tx:
        await put(tx)


@quality.command()
def expect(
    file: Annotated[Path, typer.Argument(help="CSV: event, year, province, persons or rate_per_1000, origin.")],
    as_json: Json = False,
) -> None:
    """Read how many births and deaths demography expects; an empty province is the nation."""
    rows = list(_expectations(file))

    async def put(tx: Transaction) -> None:
        for row in rows:
            await tx.execute(SQL.put_expectation, row)

    with Installation.here().database(say) as dsn:
        asyncio.run(_changed(dsn, put))
    answer({"rows": len(rows)}, as_json=as_json, text=f"{len(rows)} expectations were read.")


def _expectations(file: Path) -> Iterator[dict[str, object]]:
    if not file.is_file():
        raise Malformed(f"There is no file {file}")
    with file.open(encoding="utf-8-sig", newline="") as opened:
        for line, row in enumerate(csv.DictReader(opened), 2):
            try:
                yield _expectation(row)
            except (KeyError, ValueError):
                raise Malformed(
                    f"Line {line}: say event (birth, death), year, persons or rate_per_1000, and origin"
                ) from None


def _expectation(row: dict[str, str]) -> dict[str, object]:
    persons, rate = (row.get(name) or None for name in ("persons", "rate_per_1000"))
    if row["event"] not in {"birth", "death"} or (persons is None) == (rate is None) or not row.get("origin"):
        raise ValueError("incomplete")
    return {
        "event": row["event"],
        "year": int(row["year"]),
        "province": row.get("province") or "",
        "persons": float(persons) if persons else None,
        "rate_per_1000": float(rate) if rate else None,
        "origin": row["origin"],
    }


@quality.command()
def sample(
    kind: Annotated[str, typer.Argument(help="persons or links.")],
    officer: By,
    dossier: On,
    size: Annotated[int, typer.Option(help="How many.", min=1, max=10_000)] = 400,
    doubled: Annotated[float, typer.Option(help="Share that a second officer checks, too.", min=0, max=1)] = 0.1,
    seed: Annotated[int | None, typer.Option(help="The lot; the same gives the same sample.")] = None,
    out: Annotated[Path | None, typer.Option("--form", help="Write a form to fill in, CSV in UTF-8.")] = None,
    as_json: Json = False,
) -> None:
    """Draw a stratified random sample in the officer's scope, and write the form for checking it."""

    async def drawn(here: AtDesk) -> tuple[str, list[ItemPage]]:
        code = await here.desk.draw_sample(here.at, kind=kind, size=size, doubled=doubled, seed=seed)
        return code, await here.desk.sample_form(here.at, code=code) if out else []

    code, items = at_desk(officer, dossier, drawn, patient=True)
    if out:
        _write_form(out, items)
    answer({"sample": code, "form": str(out) if out else None}, as_json=as_json, text=f"Sample {code} was drawn.")


def _write_form(out: Path, items: list[ItemPage]) -> None:
    """Write a line for each item: what the register says, and an empty cell for what is found."""
    fields = [name for name, _, _ in items[0].fields] if items else []
    with out.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(["item", "stratum", "source", *(f"{name}_in_register" for name in fields), *fields])
        for one in items:
            values = [value.vi if isinstance(value, Said) else value for _, _, value in one.fields]
            cells_of = [str(one.line.item), one.line.stratum, one.source, *values, *("" for _ in fields)]
            writer.writerow([neutral(cell) for cell in cells_of])


@quality.command()
def record(
    code: Annotated[str, typer.Argument(help="Number of the sample.", metavar="SAMPLE")],
    officer: By,
    dossier: On,
    file: Annotated[Path, typer.Option("--from", help="The form, filled in: right, wrong or not_checkable (r, w, n).")],
    as_json: Json = False,
) -> None:
    """Write down what was found; lines without any answer are left for later."""
    rows = list(_filled(file))

    async def recorded(here: AtDesk) -> SamplePage:
        for item, answers in rows:
            await here.desk.check_item(here.at, code=code, item=item, answers=answers)
        return await here.desk.sample(here.at, code=code)

    page = at_desk(officer, dossier, recorded, patient=True)
    lines = [f"{len(rows)} were written down; {page.line.checked} of {page.line.items} are checked."]
    lines += [f"{one.title:<22} {one.figure.value.en:>10}  {one.figure.interval.en}" for one in page.estimates]
    answer({"recorded": len(rows), "estimates": page.estimates}, as_json=as_json, text="\n".join(lines))


def _filled(file: Path) -> Iterator[tuple[str, dict[str, str]]]:
    if not file.is_file():
        raise Malformed(f"There is no file {file}")
    with file.open(encoding="utf-8-sig", newline="") as opened:
        for line, row in enumerate(csv.DictReader(opened), 2):
            fields = [name for name in row if name and f"{name}_in_register" in row]
            said = {name: (row[name] or "").strip().lower() for name in fields}
            if not fields or not any(said.values()):
                continue
            if wrong := [name for name, value in said.items() if value not in _WORDS]:
                raise Malformed(f"Line {line}: {', '.join(wrong)} must be right, wrong or not_checkable")
            yield row["item"] or "", {name: _WORDS[value] for name, value in said.items()}
