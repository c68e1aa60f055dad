"""Who acts at the command line: proven as at the desk, and taken at the word in a demo."""

import os
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

import typer

from dancu.access import accounts, sessions
from dancu.access.model import Officer
from dancu.access.secrets import SecondFactors
from dancu.audit.entry import Channel
from dancu.infra.db import Database
from dancu.kernel.errors import Forbidden


class FirstPassword(Forbidden):
    """The password must be changed before anything else."""


@dataclass(frozen=True)
class Door:
    """What it takes to let somebody in: the database, the key of second factors, and the moment."""

    database: Database
    factors: SecondFactors
    now: datetime


async def let_in(door: Door, name: str) -> Officer:
    """Return the officer of a name, once password and code are proven; in a demo they are not asked for.

    `DANCU_PASSWORD` and `DANCU_CODE` answer for the terminal.

    Raises:
        WrongSignIn: name, password or code is wrong.
        LockedOut: too many tries were wrong.
        FirstPassword: the password must be changed before anything else.
    """
    async with door.database.transaction(scope="none") as tx:
        if await accounts.is_demo(tx):
            return await sessions.officer_named(tx, name, door.now)
    proven = await prove(door, name, os.environ.get("DANCU_PASSWORD") or ask("Password"))
    if proven.must_change_password:
        raise FirstPassword(f"Change your password first: dancu officer change-password {name}")
    return proven


async def prove(door: Door, name: str, password: str) -> Officer:
    """Sign in and out again, and return who that was."""
    token = await sessions.sign_in(
        door.database,
        name=name,
        password=password,
        code=os.environ.get("DANCU_CODE") or ask("Code"),
        factors=door.factors,
        now=door.now,
        request_id=uuid4(),
        channel=Channel.COMMAND_LINE,
    )
    who = await sessions.officer_of(door.database, token=token, now=door.now)
    await sessions.sign_out(door.database, token=token, now=door.now, request_id=uuid4(), channel=Channel.COMMAND_LINE)
    return who


def ask(what: str) -> str:
    """Ask for a secret on the terminal."""
    return str(typer.prompt(what, hide_input=True, err=True))
