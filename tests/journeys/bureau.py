"""Officers of a province and of the Center with accounts, and doubtful cases for them, beside the village."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pyotp
from tests.journeys.village import LOADED, PASSWORD, Village
from tests.store.adjudication_office import Bureau

from dancu.access import accounts
from dancu.access.roles import AccountClass
from dancu.access.secrets import SecondFactors
from dancu.infra.db import Database
from dancu.infra.keys import ring_of
from dancu.infra.settings import Settings

Done = TypeVar("Done")
OFFICERS = {
    "thao": ("Vũ Phương Thảo", "province_officer", "01"),
    "tam": ("Đặng Minh Tâm", "province_officer", "01"),
    "binh": ("Hồ Thanh Bình", "center_officer", ""),
    "chi": ("Ngô Linh Chi", "center_officer", ""),
    "khoi": ("Lý Minh Khôi", "center_officer", ""),
}


async def employ(database: Database, home: Path, village: Village) -> Village:
    """Give the village officers of the province and of the Center."""
    factors = SecondFactors(ring_of(database.dsn, home / "keys"))
    secrets = dict(village.secrets)
    async with database.transaction(scope="none") as tx:
        administrator = await accounts.account(tx, "admin")
        for name, (full_name, role, unit) in OFFICERS.items():
            opened = await accounts.open_account(
                tx,
                name=name,
                full_name=full_name,
                account_class=AccountClass.OPERATOR,
                factors=factors,
                by=administrator.officer_id,
                now=LOADED,
                password=PASSWORD,
            )
            await accounts.assign(tx, name=name, role=role, unit_code=unit, by=administrator.officer_id, now=LOADED)
            secrets[name] = str(pyotp.parse_uri(opened.totp_uri).secret)
    return replace(village, secrets=secrets)


def apart(dsn: str, home: Path, do: Callable[[Bureau], Awaitable[Done]]) -> Done:
    """Do something at the bureau while a browser runs, whose event loop leaves no room for another one here."""

    async def done() -> Done:
        keys = ring_of(dsn, Settings(home=home).home / "keys")
        async with Database(dsn, size=1, keys=keys) as database:
            return await do(Bureau(database, dsn, home, datetime.now(UTC), keys))

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, done()).result()
