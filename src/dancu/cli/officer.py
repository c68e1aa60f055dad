"""`dancu officer`: the accounts of those who work with the register."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, TypeVar

import psycopg
import typer

from dancu.access import accounts, second_factors, sessions
from dancu.access.own_record import tell_own_record
from dancu.access.roles import ROLES, AccountClass
from dancu.access.secrets import SecondFactors
from dancu.cli.acting import Door, ask, let_in, prove
from dancu.cli.installation import Installation, as_role
from dancu.cli.output import answer, say
from dancu.infra.db import Database, Transaction
from dancu.kernel.errors import Malformed, NotFound

officer = typer.Typer(
    help="Accounts of officers: opened, assigned, locked, restored. Every change is written to the access log.\n\n"
    "An administrator acts: --as NAME asks for the password and the code (or reads DANCU_PASSWORD, DANCU_CODE); "
    "in a demo installation the administrator is taken at the word.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(help="Name that the officer signs in with.")]
Json = Annotated[bool, typer.Option("--json", help="Answer as one JSON document.")]
As = Annotated[str | None, typer.Option("--as", help="The administrator who acts.")]
BreakGlass = Annotated[
    bool, typer.Option("--break-glass", help="No administrator can sign in: act as who holds this machine. Logged.")
]
Since = Annotated[str | None, typer.Option(help="First day, e.g. 2026-12-01; today if not given.")]
Until = Annotated[str | None, typer.Option(help="First day on which it no longer holds.")]

Answer = TypeVar("Answer")
_CLASSES = {one.name.lower(): one for one in AccountClass}


class NobodyActs(accounts.AdministratorNeeded):
    """No administrator was named."""


@dataclass(frozen=True)
class Desk:
    """What a command works with: one transaction, the key of second factors, who acts, and the moment."""

    tx: Transaction
    factors: SecondFactors
    by: int | None
    now: datetime


def _at_desk(
    work: Callable[[Desk], Awaitable[Answer]], administrator: Callable[[Door], Awaitable[int | None]]
) -> Answer:
    here = Installation.here()
    with here.database(say) as dsn:
        return asyncio.run(_run(dsn, SecondFactors(here.keys(dsn)), work, administrator))


async def _run(
    dsn: str,
    factors: SecondFactors,
    work: Callable[[Desk], Awaitable[Answer]],
    administrator: Callable[[Door], Awaitable[int | None]],
) -> Answer:
    async with Database(dsn, size=1) as database:
        now = datetime.now(UTC)
        by = await administrator(Door(database, factors, now))
        async with database.transaction(scope="none") as tx:
            return await work(Desk(tx, factors, by, now))


async def _nobody(_: Door) -> None:
    return None


def _acting(name: str | None, *, break_glass: bool = False) -> Callable[[Door], Awaitable[int | None]]:
    """Return how to find out who acts."""

    async def administrator(door: Door) -> int | None:
        if break_glass:
            say("Breaking the glass: this is written to the access log.")
            return None
        async with door.database.transaction(scope="none") as tx:
            wanted = name or (await _first_administrator(tx) if await accounts.is_demo(tx) else None)
        if wanted is None:
            raise NobodyActs("Say which administrator acts: --as NAME")
        return (await let_in(door, wanted)).officer_id

    return administrator


async def _first_administrator(tx: Transaction) -> str | None:
    found = [one for one in await accounts.officers(tx) if one.account_class == AccountClass.ADMINISTRATOR]
    return next((one.name for one in found if one.disabled_at is None), None)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Malformed("Write a day as 2026-12-01") from None


def _handed_over(opened: accounts.Opened) -> str:
    return "\n".join(
        (
            f"{opened.name} has an account. Hand this over; it is not shown again:",
            f"  password        {opened.password}",
            f"  for the app     {opened.totp_uri}",
            f"  recovery codes  {' '.join(opened.recovery_codes)}",
        )
    )


@officer.command()
def bootstrap(
    name: Name, full_name: Annotated[str, typer.Option(help="Full name of the person.")], as_json: Json = False
) -> None:
    """Open the account of the first administrator; possible while there is no account at all."""

    async def work(desk: Desk) -> accounts.Opened:
        return await accounts.open_account(
            desk.tx,
            name=name,
            full_name=full_name,
            account_class=AccountClass.ADMINISTRATOR,
            factors=desk.factors,
            by=None,
            now=desk.now,
        )

    opened = _at_desk(work, _nobody)
    answer(opened, as_json=as_json, text=_handed_over(opened))


@officer.command()
def add(
    name: Name,
    full_name: Annotated[str, typer.Option(help="Full name of the person.")],
    account_class: Annotated[str, typer.Option("--class", help=", ".join(_CLASSES))] = "operator",
    role: Annotated[str | None, typer.Option(help=f"Also assign: {', '.join(ROLES)}.")] = None,
    unit: Annotated[str, typer.Option(help="Code of the unit of the office; none: the Center.")] = "",
    acting: As = None,
    as_json: Json = False,
) -> None:
    """Open an account, with what must be handed over to the officer."""
    known = _CLASSES.get(account_class)
    if known is None:
        raise Malformed(f"There is no class {account_class}; there are: {', '.join(_CLASSES)}")

    async def work(desk: Desk) -> accounts.Opened:
        opened = await accounts.open_account(
            desk.tx,
            name=name,
            full_name=full_name,
            account_class=known,
            factors=desk.factors,
            by=desk.by,
            now=desk.now,
        )
        if role:
            await accounts.assign(desk.tx, name=name, role=role, unit_code=unit, by=desk.by, now=desk.now)
        return opened

    opened = _at_desk(work, _acting(acting))
    answer(opened, as_json=as_json, text=_handed_over(opened))


@officer.command("list")
def list_(as_json: Json = False) -> None:
    """List all accounts."""

    async def work(desk: Desk) -> list[dict[str, object]]:
        return [_shown(one, desk.now) for one in await accounts.officers(desk.tx)]

    found = _at_desk(work, _nobody)
    lines = [f"{one['name']:<16} {one['class']:<14} {one['state']:<9} {one['full_name']}" for one in found]
    answer({"officers": found}, as_json=as_json, text="\n".join(lines) or "There is no account yet.")


def _shown(one: accounts.Listed, now: datetime) -> dict[str, object]:
    state = "disabled" if one.disabled_at else "locked" if one.locked_until and one.locked_until > now else "active"
    return {
        "name": one.name,
        "full_name": one.full_name,
        "class": AccountClass(one.account_class).name.lower(),
        "state": state,
        "seen_at": one.seen_at,
    }


@officer.command()
def show(name: Name, as_json: Json = False) -> None:
    """Show an account with what its officer is today."""

    async def work(desk: Desk) -> dict[str, object]:
        account = await accounts.account(desk.tx, name)
        held = await sessions.assignments(desk.tx, account.officer_id, desk.now)
        return {
            "name": account.name,
            "full_name": account.full_name,
            "class": AccountClass(account.account_class).name.lower(),
            "seen_at": account.seen_at,
            "locked_until": account.locked_until,
            "disabled_at": account.disabled_at,
            "assignments": [
                {"role": a.role.code, "office": a.office.name, "unit": a.office.unit_code, "deputy": bool(a.deputy_of)}
                for a in held
            ],
        }

    found = _at_desk(work, _nobody)
    answer(found, as_json=as_json, text="\n".join(_lines(found)))


def _lines(found: dict[str, object]) -> Iterator[str]:
    for key, value in found.items():
        if isinstance(value, list):
            yield from (f"{one['role']}: {one['office']}{' (deputy)' if one['deputy'] else ''}" for one in value)
        elif value is not None:
            yield f"{key}: {value}"


@officer.command()
def assign(
    name: Name,
    role: Annotated[str, typer.Argument(help=", ".join(ROLES))],
    unit: Annotated[str, typer.Argument(help="Code of the unit of the office; none: the Center.")] = "",
    since: Since = None,
    until: Until = None,
    acting: As = None,
    as_json: Json = False,
) -> None:
    """Give an officer a role at an office; the one before ends on that day."""
    first, last = _day(since), _day(until)

    async def work(desk: Desk) -> None:
        await accounts.assign(
            desk.tx, name=name, role=role, unit_code=unit, by=desk.by, now=desk.now, since=first, until=last
        )

    _at_desk(work, _acting(acting))
    answer({"name": name, "role": role, "unit": unit}, as_json=as_json, text=f"{name} is {role}.")


@officer.command()
def deputise(
    name: Name,
    principal: Annotated[str, typer.Option("--for", help="Name of the officer who is stood in for.")],
    until: Annotated[str, typer.Option(help="First day on which it no longer holds.")],
    since: Since = None,
    acting: As = None,
    as_json: Json = False,
) -> None:
    """Let an officer stand in for another one for a time, beside the own office."""
    first, last = _day(since), _day(until)

    async def work(desk: Desk) -> str:
        held = await sessions.officer_named(desk.tx, principal, desk.now)
        if held.main is None:
            raise accounts.OfficerUnknown(f"{principal} has no office today")
        await accounts.assign(
            desk.tx,
            name=name,
            role=held.main.role.code,
            unit_code=held.main.office.unit_code,
            by=desk.by,
            now=desk.now,
            since=first,
            until=last,
            deputy_of=principal,
        )
        return held.main.office.name

    office = _at_desk(work, _acting(acting))
    answer(
        {"name": name, "for": principal, "office": office, "until": until},
        as_json=as_json,
        text=f"{name} stands in for {principal} at {office} until {until}.",
    )


@officer.command()
def disable(name: Name, acting: As = None, as_json: Json = False) -> None:
    """Close an account; its sessions end at once."""
    _at_desk(lambda desk: accounts.disable(desk.tx, name=name, by=desk.by, now=desk.now), _acting(acting))
    answer({"name": name, "state": "disabled"}, as_json=as_json, text=f"{name} is disabled.")


@officer.command()
def unlock(name: Name, acting: As = None, break_glass: BreakGlass = False, as_json: Json = False) -> None:
    """Let an officer in again who was locked out or disabled."""
    _at_desk(
        lambda desk: accounts.unlock(desk.tx, name=name, by=desk.by, now=desk.now),
        _acting(acting, break_glass=break_glass),
    )
    answer({"name": name, "state": "active"}, as_json=as_json, text=f"{name} may sign in again.")


@officer.command("own-record")
def own_record(
    name: Name,
    number: Annotated[str, typer.Argument(help="Personal number of the officer.")],
    acting: As = None,
    break_glass: BreakGlass = False,
) -> None:
    """Tell which record is the officer's own: auditors then see looks at oneself, relatives and neighbours."""
    here = Installation.here()
    with here.database(say) as dsn:
        with psycopg.connect(as_role(dsn, "dancu_verifier")) as connection:
            row = connection.execute(
                "SELECT i.person_id FROM register.identifier i WHERE i.value = %s AND NOT i.cancelled", (number,)
            ).fetchone()
        person_id = row[0] if row else None
        known = asyncio.run(
            _run(
                dsn,
                SecondFactors(here.keys(dsn)),
                lambda desk: tell_own_record(desk.tx, name=name, person_id=person_id, by=desk.by, now=desk.now),
                _acting(acting, break_glass=break_glass),
            )
        )
        if not known:
            raise NotFound("Nobody has this number")
    say(f"The own record of {name} is known now.")


@officer.command("reset-password")
def reset_password(name: Name, acting: As = None, break_glass: BreakGlass = False, as_json: Json = False) -> None:
    """Draw a new first password, to be changed at the next sign-in."""
    password = _at_desk(
        lambda desk: accounts.reset_password(desk.tx, name=name, by=desk.by, now=desk.now),
        _acting(acting, break_glass=break_glass),
    )
    answer({"name": name, "password": password}, as_json=as_json, text=f"The first password of {name}: {password}")


@officer.command("reset-totp")
def reset_totp(name: Name, acting: As = None, break_glass: BreakGlass = False, as_json: Json = False) -> None:
    """Replace a lost second factor; an administrator's takes two other administrators."""
    renewed = _at_desk(
        lambda desk: second_factors.reset_totp(desk.tx, name=name, factors=desk.factors, by=desk.by, now=desk.now),
        _acting(acting, break_glass=break_glass),
    )
    if renewed is None:
        text = "Noted. A second administrator must run the same command within 24 hours."
        answer({"name": name, "done": False}, as_json=as_json, text=text)
        return
    text = f"for the app     {renewed.totp_uri}\nrecovery codes  {' '.join(renewed.recovery_codes)}"
    told = {"name": name, "done": True, "totp_uri": renewed.totp_uri, "recovery_codes": list(renewed.recovery_codes)}
    answer(told, as_json=as_json, text=text)


@officer.command("change-password")
def change_password(name: Name, as_json: Json = False) -> None:
    """Change the own password; it needs the present one and the code."""
    present = os.environ.get("DANCU_PASSWORD") or ask("Present password")
    wanted = os.environ.get("DANCU_NEW_PASSWORD") or str(
        typer.prompt("New password", hide_input=True, confirmation_prompt=True, err=True)
    )

    async def oneself(door: Door) -> int | None:
        return (await prove(door, name, present)).officer_id

    _at_desk(
        lambda desk: accounts.change_password(desk.tx, name=name, present=present, wanted=wanted, now=desk.now), oneself
    )
    answer({"name": name}, as_json=as_json, text="The password is changed.")


@officer.command()
def code(name: Name, as_json: Json = False) -> None:
    """Print the present one-time code of an officer of a demo installation."""
    shown = _at_desk(
        lambda desk: second_factors.code_of(desk.tx, name=name, factors=desk.factors, now=desk.now), _nobody
    )
    answer({"name": name, "code": shown}, as_json=as_json, text=shown)
