"""`dancu intake queue` and `dancu intake decide`: doubtful cases at the command line."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import pyarrow.parquet as pq
import typer

from dancu.cli.at_desk import AtDesk, at_desk
from dancu.cli.installation import Installation
from dancu.cli.output import answer, say
from dancu.infra.db import Database
from dancu.intake.adjudication import queue
from dancu.intake.adjudication.carrying import Carried, carry_out
from dancu.intake.adjudication.model import Answer, Doubt, State
from dancu.intake.decisions import Reason
from dancu.kernel.errors import Malformed
from dancu.kernel.time import today
from dancu.portals.officer.adjudication_views import Cell, DoubtPage
from dancu.portals.shared.pages import Said

Json = Annotated[bool, typer.Option("--json", help="Answer as one JSON document.")]
_COLUMNS = ["a", "b", "posterior"]


def queue_command(
    case: Annotated[str | None, typer.Argument(help="Number of a case to look at; none: list what waits.")] = None,
    officer: Annotated[str | None, typer.Option("--officer", help="Name of the officer who looks at a case.")] = None,
    batch: Annotated[int | None, typer.Option(help="Only cases of a batch.")] = None,
    province: Annotated[str | None, typer.Option(help="Only cases of a province, by code.")] = None,
    state: Annotated[State, typer.Option(help="Only cases in this state.")] = State.WAITING,
    pairs: Annotated[
        Path | None, typer.Option("--from", help="Parquet of pairs of the register, as `dancu linkage dedupe` writes.")
    ] = None,
    most: Annotated[int, typer.Option(help="How many at most.", min=1)] = 100,
    as_json: Json = False,
) -> None:
    """List the doubtful cases, look at one, or add pairs of the register that may be one person."""
    if pairs is not None:
        opened = asyncio.run(_add(_read(pairs)))
        answer({"opened": opened}, as_json=as_json, text=f"{opened} cases were opened.")
    elif case is None:
        found = asyncio.run(_list(state, batch, province, most))
        lines = [_line(one) for one in found]
        answer({"cases": [_told(one) for one in found]}, as_json=as_json, text="\n".join(lines) or "Nothing waits.")
    else:
        if officer is None:
            raise Malformed("Say who looks at it: --officer NAME")
        page = at_desk(officer, None, lambda desk: desk.desk.doubt(desk.at, code=case))
        answer(_case(page), as_json=as_json, text=_text(page))


def decide_command(
    case: Annotated[str, typer.Argument(help="Number of the case, as `dancu intake queue` lists it.")],
    said: Annotated[str, typer.Argument(metavar="ANSWER", help="same, different, unsure or two_persons.")],
    officer: Annotated[str, typer.Option("--officer", help="Name of the officer who decides.")],
    person: Annotated[int, typer.Option(help="Which candidate is the same person, counted from 1.", min=1)] = 1,
    note: Annotated[str, typer.Option(help="For whoever looks at it next.")] = "",
    as_json: Json = False,
) -> None:
    """Answer a doubtful case, and carry out what follows from it."""
    if said not in {one.word for one in Answer}:
        raise Malformed(f"The answers are: {', '.join(one.word for one in Answer)}")

    async def judged(desk: AtDesk) -> str:
        page = await desk.desk.doubt(desk.at, code=case)
        if not 0 < person < len(page.sides):
            raise Malformed(f"The case has {len(page.sides) - 1} candidates")
        chosen = page.sides[person].ref if said == Answer.SAME.word else ""
        return str(await desk.desk.judge_doubt(desk.at, code=case, answer=said, chosen=chosen, note=note))

    became = at_desk(officer, None, judged)
    done = asyncio.run(_carry_out())
    text = f"The answer is written down: {became}." + (" It was carried out." if done.carried_out else "")
    answer({"case": case, "became": became, "carried_out": done.carried_out}, as_json=as_json, text=text)


def _read(path: Path) -> list[tuple[int, int, float]]:
    if not path.is_file():
        raise Malformed(f"There is no file {path}")
    table = pq.ParquetFile(path)
    if missing := [name for name in _COLUMNS if name not in table.schema_arrow.names]:
        raise Malformed(f"The file lacks: {', '.join(missing)}")
    try:
        return [(int(r["a"]), int(r["b"]), float(r["posterior"])) for r in table.read(_COLUMNS).to_pylist()]
    except (TypeError, ValueError):
        raise Malformed("The columns a and b must hold ids of persons of the register") from None


async def _add(pairs: list[tuple[int, int, float]]) -> int:
    here = Installation.here()
    with here.database(say) as dsn:
        async with _loader(here, dsn) as database, database.transaction(scope="nation") as tx:
            return await queue.open_pairs(tx, pairs, now=datetime.now(UTC))


async def _list(state: State, batch: int | None, province: str | None, most: int) -> list[Doubt]:
    here = Installation.here()
    with here.database(say) as dsn:
        async with _loader(here, dsn) as database, database.transaction(scope="nation") as tx:
            await queue.open_doubts(tx, now=datetime.now(UTC))
            return await queue.doubts(tx, states=(state,), batch_id=batch, province=province, most=most)


async def _carry_out() -> Carried:
    here = Installation.here()
    with here.database(say) as dsn:
        async with _loader(here, dsn) as database:
            return await carry_out(database, now=datetime.now(UTC))


def _loader(here: Installation, dsn: str) -> Database:
    return Database(dsn, role="dancu_loader", size=1, patient=True, keys=here.keys(dsn))


def _told(one: Doubt) -> dict[str, Any]:
    return {
        "case": str(one.doubt_id),
        "state": one.state,
        "batch": one.batch_id,
        "record": one.record,
        "reason": Reason(one.reason).text,
        "score": round(one.score, 4),
        "candidates": len(one.persons),
        "province": one.province_code,
        "at_the_center": one.raised,
        "until": one.due_on.isoformat(),
        "overdue": one.due_on < today(datetime.now(UTC)),
    }


def _line(one: Doubt) -> str:
    where = "center" if one.raised or not one.province_code else one.province_code
    of = f"{one.batch_id}:{one.record}" if one.batch_id else "register"
    return f"{one.doubt_id:<20} {one.due_on} {where:<6} {one.score:7.2%}  {Reason(one.reason).text} ({of})"


def _case(page: DoubtPage) -> dict[str, Any]:
    return {
        "case": page.line.code,
        "reason": page.line.reason.en,
        "open": page.open,
        "sides": [
            {
                "person": side.ref or None,
                "likely_percent": side.percent,
                "masked": side.masked,
                "ask": _said(side.office) if side.masked else None,
                "fields": {row.title: _cell(row.cells[at]) for row in page.rows},
            }
            for at, side in enumerate(page.sides)
        ],
    }


def _said(text: str | Said) -> str:
    return text.en if isinstance(text, Said) else text


def _cell(cell: Cell) -> str:
    """A value, with what differs in brackets."""
    if not cell.told:
        return f"({cell.agreement})"
    return cell.message or "".join(f"[{piece.text}]" if piece.differs else piece.text for piece in cell.pieces)


def _text(page: DoubtPage) -> str:
    lines = [f"{page.line.what}: {page.line.reason.en}"]
    for at, side in enumerate(page.sides):
        head = _said(side.title) if at == 0 else f"{at}. {side.percent} % likely the same"
        lines.append(head + (f"; ask {_said(side.office)}" if side.masked else ""))
        lines += [f"  {row.title:<22} {_cell(row.cells[at])}" for row in page.rows if _cell(row.cells[at])]
    return "\n".join(lines)
