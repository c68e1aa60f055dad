"""`dancu stay`: notices of stays of less than 30 nights."""

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import typer

from dancu.cli.at_desk import AtDesk, at_desk
from dancu.cli.output import REFUSED, answer, say
from dancu.cli.stay_text import COLUMNS, stay_of, stays_of
from dancu.kernel.errors import Invalid, Malformed
from dancu.kernel.time import today
from dancu.portals.officer.stay_house import StaysAsked, StaysPage
from dancu.register.notices import MOST_OF_A_LIST, Stay, check

stay = typer.Typer(
    name="stay",
    help="Notices of stay: who lodges a guest for less than 30 nights tells the police of the commune.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="Answer as one JSON document.")]
By = Annotated[str, typer.Option("--officer", help="Name of the officer of the commune police.")]
Unit = Annotated[str, typer.Option(help="Code of the commune of the lodging; else that of the office.")]
Lodging = Annotated[str, typer.Option(help="Name and address of the lodging.")]
Kind = Annotated[str, typer.Option(help="household, hotel, hospital, industrial_zone or other.")]


@stay.command()
def notify(
    officer: By,
    guest: Annotated[str, typer.Option(help="Full name.")],
    number: Annotated[str, typer.Option(help="Personal number, or passport of a foreigner.")],
    arrived: Annotated[str, typer.Option(help="2026-11-24 14:30")],
    until: Annotated[str, typer.Option(help="Day of departure, 2026-11-25.")],
    lodging: Lodging,
    unit: Unit = "",
    kind: Kind = "hotel",
    born: Annotated[str, typer.Option(help="1980-05-01 or 1980.")] = "",
    nationality: Annotated[str, typer.Option(help="Three letters, VNM unless told.")] = "",
    reason: Annotated[str, typer.Option(help="Why the guest stays.")] = "",
    request_id: Annotated[str | None, typer.Option(help="UUID; the same one again adds nothing.")] = None,
    as_json: Json = False,
) -> None:
    """Take one notice down."""
    told = {"guest_name": guest, "number": number, "arrived_at": arrived, "until": until, "lodging": lodging}
    told |= {"unit": unit, "lodging_kind": kind, "born": born, "nationality": nationality, "reason": reason}
    with_id = _uuid(request_id)

    async def do(here: AtDesk) -> int:
        one = stay_of({**told, "unit": unit or here.at.officer.office_unit}, "/stays/0")
        return await here.desk.notify_stays(here.at, request_id=with_id, stays=[one])

    _tell(officer, do, as_json=as_json)


@stay.command()
def load(
    file: Annotated[Path, typer.Argument(help=f"CSV in UTF-8; its first line names: {', '.join(COLUMNS)}.")],
    officer: By,
    lodging: Lodging = "",
    unit: Unit = "",
    kind: Kind = "hotel",
    as_json: Json = False,
) -> None:
    """Take the notices of a file down, such as the night of a hotel. The same file again adds nothing."""
    try:
        content = file.read_bytes()
        text = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Malformed("The file can't be read as text in UTF-8") from error

    async def do(here: AtDesk) -> int:
        defaults = {"lodging": lodging, "unit": unit or here.at.officer.office_unit, "lodging_kind": kind}
        found = stays_of(text, defaults)
        _check_all(found, here.at.now)
        taken = 0
        for start in range(0, len(found), MOST_OF_A_LIST):
            request_id = _request_of(content, start)
            part = found[start : start + MOST_OF_A_LIST]
            taken += await here.desk.notify_stays(here.at, request_id=request_id, stays=part)
        return taken

    _tell(officer, do, as_json=as_json)


def _check_all(found: list[Stay], now: datetime) -> None:
    """Check every stay before the first is written; faults name the row of the file."""
    faults = []
    for start in range(0, len(found), MOST_OF_A_LIST):
        try:
            check(found[start : start + MOST_OF_A_LIST], now)
        except Invalid as error:
            for fault in error.faults:
                _, stays, row, *rest = fault.pointer.split("/")
                faults.append(type(fault)("/".join(("", stays, str(int(row) + start), *rest)), fault.message))
    if faults:
        raise Invalid(tuple(faults))


def _request_of(content: bytes, start: int) -> UUID:
    """The id of a part of a file: the same for the same content."""
    return UUID(bytes=hashlib.sha256(content + start.to_bytes(8, "big")).digest()[:16])


def _tell(officer: str, do: Any, *, as_json: bool) -> None:
    try:
        taken = at_desk(officer, None, do)
    except Invalid as error:
        faults = [_fault(fault.pointer, fault.message) for fault in error.faults]
        for one in faults[:20]:
            say(f"dancu: row {one['row']}: {one['field']}: {one['message']}")
        if as_json:
            answer({"state": "invalid", "faults": faults}, as_json=True, text="")
        raise typer.Exit(REFUSED) from error
    answer({"state": "taken", "new": taken}, as_json=as_json, text=f"{taken} new notices were taken down.")


def _fault(pointer: str, message: str) -> dict[str, Any]:
    _, _, row, *rest = [*pointer.split("/"), "", ""]
    return {"row": int(row) + 1 if row.isdecimal() else 0, "field": rest[0] if rest else "", "message": message}


@stay.command("list")
def list_stays(
    officer: By,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Night of a day; else tonight.")] = None,
    unit: Unit = "",
    guest: Annotated[str, typer.Option(help="Number, or a part of the name.")] = "",
    as_json: Json = False,
) -> None:
    """List who stays in a commune in a night; the look is logged."""
    day: date = on.date() if on else today(datetime.now(UTC))

    async def found(here: AtDesk) -> StaysPage:
        return await here.desk.stays(here.at, StaysAsked(unit or here.at.officer.office_unit, day, guest))

    page = at_desk(officer, None, found)
    rows = [{**vars(one), "night": str(one.night), "until": str(one.until)} for one in page.stays]
    lines = [f"{one.guest}, {one.number}, {one.night} - {one.until}, {one.lodging}" for one in page.stays]
    text = "\n".join(lines + ["There are more."] * page.more) or "No stay was notified for that night."
    answer({"stays": rows, "more": page.more}, as_json=as_json, text=text)


def _uuid(text: str | None) -> UUID:
    try:
        return UUID(text) if text else uuid4()
    except ValueError:
        raise Malformed("A request id is a UUID") from None
