"""An office that carries out acts one after another, for tests of commands."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from dancu.infra.db import Database
from dancu.kernel.codes import Authority, IdentifierScheme, Relation, ResidenceKind, Sex
from dancu.register import commands, store
from dancu.register.act import ActHeader
from dancu.register.commands import MoveDeclared, Recorded
from dancu.register.life import Life
from dancu.register.payloads import IdentifierGiven, Payload, ResidenceGiven
from dancu.register.territory import locate
from dancu.register.verify import verify

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
TODAY = date(2026, 11, 24)


class RegisterOffice:
    """Acts an hour after another; `now` may be set to another day."""

    def __init__(self, database: Database, now: datetime = NOW) -> None:
        self.database = database
        self.now = now

    async def do(self, command: Any, **arguments: Any) -> Recorded:
        """Carry out a command with a new request."""
        self.now += timedelta(hours=1)
        header = ActHeader(Authority.COMMUNE_POLICE, "06325", uuid4(), "Luật Cư trú 68/2020/QH14")
        async with self.database.transaction(scope="nation") as tx:
            done: Recorded = await command(tx, header=header, now=self.now, locate=locate, **arguments)
        return done

    async def record(self, *, number: str = "", sex: Sex = Sex.MALE, since: int = 2010, **told: Any) -> int:
        """Establish a person who lives in 'Thôn <since>' of a commune from the first day of that year on."""
        numbers = (IdentifierGiven(IdentifierScheme.PERSONAL_NUMBER, number),) if number else ()
        payload = Payload(
            name=told.pop("name", ("Lê", "Văn", "An")),
            born=told.pop("born", 19800101),
            sex=sex,
            identifiers=numbers,
            residences=(ResidenceGiven(ResidenceKind.PERMANENT, "06325", f"Thôn {since}", date(since, 1, 1)),),
            unit_day=date(2026, 11, 1),
            **told,
        )
        return (await self.do(commands.establish_person, told=payload)).person_id

    async def household(self, *relations: Relation, since: int = 2010) -> tuple[int, list[int]]:
        """Form a household with a member of each relation; return it and them."""
        members = [await self.record(since=since) for _ in relations]
        move = MoveDeclared(tuple(zip(members, relations, strict=True)), "26740", "5 Lê Lợi", date(2020, 1, 1))
        await self.do(commands.record_move, move=move)
        return (await self.life(members[0])).memberships[-1].household_id, members

    async def annul_last(self, person_id: int) -> Recorded:
        """Annul the last event of a person."""
        async with self.database.transaction(scope="nation") as tx:
            events = (await store.history(tx, person_id)).events
        return await self.do(commands.annul_event, person_id=person_id, seq=events[-1].seq, reason="ghi nhầm")

    async def life(self, person_id: int) -> Life:
        """Return the record as its ledgers tell it."""
        async with self.database.transaction(scope="nation") as tx:
            record = (await store.history(tx, person_id)).record
        assert record is not None
        return record


def proved(dsn: str) -> list[Any]:
    """List what `dancu verify` finds."""
    return list(verify(dsn, workers=1))


def content(life: Life) -> list[object]:
    """Return what a life tells, without its version."""
    return [getattr(life, name) for name in Life.__struct_fields__ if name not in {"version", "known_at"}]
