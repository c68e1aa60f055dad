"""`dancu demo`: a working country of people who do not exist, in one command."""

import asyncio
import json
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from dancu.access import accounts
from dancu.access.accounts import mark_as_demo
from dancu.access.roles import ROLES, AccountClass
from dancu.access.secrets import SecondFactors
from dancu.cli import processes
from dancu.cli.installation import Installation, bring_up_to_date
from dancu.cli.output import console, say
from dancu.infra.db import Database
from dancu.intake.first import load_first
from dancu.kernel.errors import Conflict
from dancu.synth.files import write

SEED = 1
_ADMINISTRATOR = "quantri"
_STAGES = {
    "read": "Reading the files",
    "understood": "Finding out who is whose",
    "written": "Writing the register",
    "indexes": "Making the indexes",
    "decided one by one": "Deciding on the doubtful",
}


class NoDemoCountry(Conflict):
    """The installation holds real data."""


def demo(
    people: Annotated[int, typer.Option(help="How many people the country has.", min=1_000, max=104_000_000)] = 100_000,
    reset: Annotated[bool, typer.Option("--reset", help="Forget the demo country, and stop.")] = False,
    prepare: Annotated[bool, typer.Option("--prepare", help="Make it ready, and stop.")] = False,
) -> None:
    """Make a synthetic country, load it, and serve it; with a country made before, only serve it."""
    here = Installation.here()
    if reset:
        _forget(here)
        return
    with here.database(say) as dsn:
        bring_up_to_date(dsn, say, here)
        signs = _signs(here)
        if not signs.exists():
            asyncio.run(_make(here, dsn, people))
    if not prepare:
        processes.up(here, announce=_sign_ins(signs))


def _signs(here: Installation) -> Path:
    return here.home / "demo.json"


def _forget(here: Installation) -> None:
    if here.settings.database_url:
        raise NoDemoCountry("The database of DANCU_DATABASE_URL is yours: drop it yourself")
    if here.home.exists() and not _signs(here).exists() and not (here.home / "demo").exists():
        raise NoDemoCountry(f"{here.home} is not a demo country")
    here.server(say).remove()
    shutil.rmtree(here.home, ignore_errors=True)
    say("The demo country is forgotten.")


async def _make(here: Installation, dsn: str, people: int) -> None:
    begun = time.monotonic()
    folder = here.home / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    with psycopg.connect(dsn, autocommit=True) as connection:
        mark_as_demo(connection)
    with _progress() as progress:
        bar = progress.add_task("Making people who do not exist", total=people)
        if not (folder / "manifest.json").exists():
            write(folder, people=people, seed=SEED, progress=lambda n: progress.advance(bar, n))
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        files, total = [folder / file["name"] for file in manifest["files"]], int(manifest["people"])
        progress.update(bar, completed=total, total=total)
        shown: dict[str, TaskID] = {}

        def stage(name: str, done: int) -> None:
            if name not in shown:
                shown[name] = progress.add_task(_STAGES[name], total=total if done else None)
            progress.advance(shown[name], done)

        now = datetime.now(UTC)
        await load_first(dsn, files, source="synthetic", now=now, home=here.home, synthetic=True, stage=stage)
    await _appoint(here, dsn, now)
    say(f"{total:,} people were made and loaded in {time.monotonic() - begun:.0f} s.")


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console
    )


async def _appoint(here: Installation, dsn: str, now: datetime) -> None:
    """Appoint the officers of the largest commune, of its province, and of the Center; some acts take two of them."""
    factors = SecondFactors(here.keys(dsn))
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            "SELECT p.commune_code, p.province_code, count(*) FROM register.person p"
            " WHERE p.commune_code IS NOT NULL GROUP BY 1, 2 ORDER BY 3 DESC, 1 LIMIT 1"
        ).fetchone()
    commune, province = (row[0], row[1]) if row else ("00004", "01")
    people = (
        ("hotich", "Trần Thị Hộ Tịch", "civil_registrar", commune),
        ("hotich2", "Đỗ Thị Hộ Tịch", "civil_registrar", commune),
        ("cutru", "Nguyễn Văn Cư Trú", "commune_police", commune),
        ("cutru2", "Bùi Văn Cư Trú", "commune_police", commune),
        ("tinh", "Lê Thị Tỉnh", "province_officer", province),
        ("trungtam", "Phạm Văn Trung Tâm", "center_officer", ""),
        ("trungtam2", "Ngô Thị Trung Tâm", "center_officer", ""),
        ("thanhtra", "Hoàng Thị Thanh Tra", "auditor", ""),
        ("kythuat", "Đỗ Văn Kỹ Thuật", "data_engineer", ""),
    )
    signs = []
    async with Database(dsn, size=1) as database, database.transaction(scope="none") as tx:
        first = await accounts.open_account(
            tx,
            name=_ADMINISTRATOR,
            full_name="Vũ Văn Quản Trị",
            account_class=AccountClass.ADMINISTRATOR,
            factors=factors,
            by=None,
            now=now,
            password=_password(_ADMINISTRATOR),
        )
        for name, full_name, role, unit in people:
            await accounts.open_account(
                tx,
                name=name,
                full_name=full_name,
                account_class=ROLES[role].account_class,
                factors=factors,
                by=first.officer_id,
                now=now,
                password=_password(name),
            )
            await accounts.assign(tx, name=name, role=role, unit_code=unit, by=first.officer_id, now=now)
            signs.append({"name": name, "password": _password(name), "role": role, "unit": unit})
    partial = _signs(here).with_suffix(".partial")
    partial.write_text(json.dumps({"officers": signs}, ensure_ascii=False, indent=2), encoding="utf-8")
    partial.replace(_signs(here))


def _password(name: str) -> str:
    """Passwords of a demo are no secret; its data are about nobody."""
    return f"dan-cu-{name}"


def _sign_ins(signs: Path) -> list[str]:
    officers = json.loads(signs.read_text(encoding="utf-8"))["officers"]
    lines = ["", "Everything in it is SYNTHETIC. Sign in as:"]
    lines += [f"  {o['name']:<10} {o['password']:<18} {o['role']} {o['unit']}" for o in officers]
    return [*lines, "The code that changes every 30 seconds:  dancu officer code NAME", ""]
