"""Random years of a street, told by dictionaries and by the register: both know where everybody lives, with whom."""

import asyncio
import os
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.model.test_histories import emptied
from tests.model.village import prove

from dancu.infra.db import Database, Transaction
from dancu.kernel.codes import AbsenceCase, Authority, PermanentEnd, Relation, ResidenceKind, TemporaryEnd
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import DancuError
from dancu.register import commands, store
from dancu.register.act import ActHeader
from dancu.register.commands import (
    AbodeDeclared,
    AbsenceDeclared,
    DeathDeclared,
    ExtensionDeclared,
    HeadDeclared,
    HouseholdsMergedDeclared,
    JoinDeclared,
    MoveDeclared,
    PermanentEndDeclared,
    ReturnDeclared,
    SplitDeclared,
    TemporaryDeclared,
    TemporaryEndDeclared,
)
from dancu.register.life import Life
from dancu.register.payloads import Payload
from dancu.register.territory import locate

LONG = bool(os.environ.get("DANCU_SOAK"))
BEGIN = date(2022, 1, 3)
PEOPLE = 5
UNITS = ("06325", "26740", "00097")
HEAD, OTHER = Relation.HEAD, Relation.OTHER_RELATIVE
ACTS = (
    *("move", "move alone", "temporary", "extend", "temporary end", "permanent end", "abode", "absence", "return"),
    *("join", "split", "merge", "head", "death"),
)
YEARS = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 4), st.integers(0, 4), st.integers(5, 200)),
    min_size=12 if LONG else 6,
    max_size=40 if LONG else 20,
)


@dataclass
class Neighbour:
    """What a neighbour would know of one person today."""

    permanent: str = ""
    temporary: str = ""
    temporary_until: date | None = None
    abode: str = ""
    away_until: date | None = None
    away: bool = False
    household: int | None = None
    head: bool = False
    dead: bool = False

    def lives(self) -> str:
        return self.abode or self.temporary or self.permanent

    def leave(self) -> None:
        self.household, self.head = None, False


class Street:
    """The dictionaries."""

    def __init__(self) -> None:
        self.people = [Neighbour() for _ in range(PEOPLE)]
        self.today = BEGIN

    def pass_days(self, days: int) -> None:
        self.today += timedelta(days=days)
        for one in self.people:
            if one.temporary_until and one.temporary_until <= self.today:
                one.temporary, one.temporary_until = "", None
            if one.away_until and one.away_until <= self.today:
                one.away, one.away_until = False, None

    def aim(self, kind: str, one: int, days: int) -> tuple[int, int]:
        """Whom an act means that ends or extends something: one of those who have it; an extension in its time."""
        has = {"extend": "temporary", "temporary end": "temporary", "permanent end": "permanent", "return": "away"}
        those = [i for i, person in enumerate(self.people) if kind in has and getattr(person, has[kind])]
        one = those[one % len(those)] if those else one
        until = self.people[one].temporary_until
        return one, max(1, (until - self.today).days - 7) if kind == "extend" and until else days

    def members(self, household: int | None) -> list[int]:
        return [i for i, one in enumerate(self.people) if household and one.household == household]

    def move(self, movers: list[int], place: str, household: int) -> None:
        for i in movers:
            one = self.people[i]
            one.permanent, one.temporary, one.temporary_until, one.abode = place, "", None, ""
            one.household, one.head = household, i == movers[0]


class Office:
    """The register, and the dictionaries beside it: what the register lets happen, happens in both."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx
        self.street = Street()
        self.ids: list[int] = []
        self.count = 0

    @property
    def now(self) -> datetime:
        return datetime.combine(self.street.today, datetime.min.time(), UTC) + timedelta(hours=2, seconds=self.count)

    async def do(self, command: Any, **told: Any) -> None:
        self.count += 1
        header = ActHeader(Authority.COMMUNE_POLICE, "06325", UUID(int=self.count), "Luật Cư trú 68/2020/QH14")
        await command(self.tx, header=header, now=self.now, locate=locate, **told)

    async def settle(self) -> None:
        for i in range(PEOPLE):
            told = Payload(name=("Lê", "", "ABCDE"[i]), born=19700101, sex=1 + i % 2, unit_day=BEGIN)
            self.count += 1
            header = ActHeader(Authority.POPULATION_DATABASE, "", UUID(int=self.count), "Luật Căn cước 26/2023/QH15")
            done = await commands.establish_person(self.tx, header=header, told=told, now=self.now, locate=locate)
            self.ids.append(done.person_id)

    async def life(self, i: int) -> Life:
        life = (await store.history(self.tx, self.ids[i])).record
        assert life is not None
        return life

    async def household_of(self, i: int) -> int:
        return (await self.life(i)).memberships[-1].household_id

    async def act(self, kind: str, one: int, other: int) -> None:
        street, today, person = self.street, self.street.today, self.ids[one]
        him, unit = street.people[one], UNITS[(one + other) % 3]
        place, later = f"{unit} Số {self.count}", today + timedelta(days=300)
        match kind:
            case "move" | "move alone":
                movers = [one] if kind == "move alone" or one == other else [one, other]
                places = tuple((self.ids[i], HEAD if i == one else OTHER) for i in movers)
                await self.do(commands.record_move, move=MoveDeclared(places, unit, place, today))
                street.move(movers, place, await self.household_of(one))
            case "temporary":
                told = TemporaryDeclared((person,), unit, place, today, later)
                await self.do(commands.register_temporary_residence, declared=told)
                him.temporary, him.temporary_until = place, later
            case "extend":
                await self.do(
                    commands.extend_temporary_residence,
                    declared=ExtensionDeclared((person,), today + timedelta(days=500)),
                )
                him.temporary_until = today + timedelta(days=500)
            case "temporary end":
                ended = TemporaryEndDeclared((person,), TemporaryEnd.LODGING_ENDED, today)
                await self.do(commands.end_temporary_residence, declared=ended)
                him.temporary, him.temporary_until = "", None
            case "permanent end":
                gone = PermanentEndDeclared((person,), PermanentEnd.DWELLING_GONE, today)
                await self.do(commands.end_permanent_residence, declared=gone)
                him.permanent = ""
                him.leave()
            case "abode":
                await self.do(commands.declare_abode, declared=AbodeDeclared((person,), unit, place, today))
                him.abode = place
            case "absence":
                until = later if other % 2 else None
                absence = AbsenceDeclared((person,), AbsenceCase.LONG_ABSENCE, today, until)
                await self.do(commands.declare_absence, declared=absence)
                him.away, him.away_until = True, until
            case "return":
                await self.do(commands.end_absence, declared=ReturnDeclared((person,), today))
                him.away, him.away_until = False, None
            case "death":
                death = DeathDeclared(person, PartialDate.on(today))
                await self.do(commands.record_death, death=death)
                street.people[one] = Neighbour(dead=True)
            case _:
                await self.act_on_household(kind, one, other)

    async def act_on_household(self, kind: str, one: int, other: int) -> None:
        street, today = self.street, self.street.today
        him, her = street.people[one], street.people[other]
        home = street.members(him.household)
        places = tuple((self.ids[i], HEAD if i == one else OTHER) for i in home)
        match kind:
            case "join" if her.household:
                joined = JoinDeclared(((self.ids[one], OTHER),), her.household, today)
                await self.do(commands.join_household, declared=joined)
                him.household, him.head = her.household, False
            case "split" if him.household:
                split = SplitDeclared(((self.ids[one], HEAD),), today, head_consents=True)
                await self.do(commands.split_household, declared=split)
                him.household, him.head = await self.household_of(one), True
            case "merge" if him.household and her.household:
                guests = tuple((person, OTHER) for person, _ in places)
                merged = HouseholdsMergedDeclared(him.household, her.household, guests, today)
                await self.do(commands.merge_households, declared=merged)
                for i in home:
                    street.people[i].household, street.people[i].head = her.household, False
            case "head" if him.household:
                told = HeadDeclared(him.household, places, today)
                await self.do(commands.change_head, declared=told)
                for i in home:
                    street.people[i].head = i == one
            case _:
                return

    async def agree(self) -> None:
        """Compare what both know of everybody today."""
        today = self.street.today
        for i, told in enumerate(self.street.people):
            life = await self.life(i)
            known = Neighbour(dead=life.died is not None)
            stays = {kind: life.residence(kind, today) for kind in ResidenceKind}
            known.permanent, known.temporary, known.abode = (stay.detail if stay else "" for stay in stays.values())
            lodging = stays[ResidenceKind.TEMPORARY]
            known.temporary_until = _last(life) if lodging else None
            away = next((absence for absence in life.absences if absence.covers(today)), None)
            known.away, known.away_until = away is not None, away.until if away else None
            if member := life.membership(today):
                known.household, known.head = member.household_id, member.relation is HEAD
            assert known == told
            counted = life.abode(today)
            assert (counted.detail if counted else "") == told.lives()

    def headless(self) -> set[int]:
        """Households that have members and no head."""
        of = {one.household for one in self.street.people if one.household}
        return of - {one.household for one in self.street.people if one.head}


def _last(life: Life) -> date | None:
    """The end of the last term; an extension is a term of its own."""
    return [stay for stay in life.residences if stay.kind is ResidenceKind.TEMPORARY][-1].until


async def years(dsn: str, acts: list[tuple[str, int, int, int]]) -> Office:
    async with Database(dsn, size=1) as database:
        async with database.transaction(scope="nation") as tx:
            office = Office(tx)
            await office.settle()
        for kind, one, other, days in acts:
            aimed, days_passed = office.street.aim(kind, one, days)
            office.street.pass_days(days_passed)
            try:
                async with database.transaction(scope="nation") as tx:
                    office.tx = tx
                    await office.act(kind, aimed, other)
            except DancuError:
                pass
            async with database.transaction(scope="nation") as tx:
                office.tx = tx
                await office.agree()
    return office


@given(acts=YEARS)
@settings(
    max_examples=200 if LONG else 25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_register_knows_what_the_street_knows(database_dsn: str, acts: list[tuple[str, int, int, int]]) -> None:
    emptied(database_dsn)
    office = asyncio.run(years(database_dsn, acts))
    prove(database_dsn)
    with psycopg.connect(database_dsn) as connection:
        clocks = connection.execute(
            "SELECT household_id FROM register.clock WHERE kind = 'household_without_head' AND ended_by IS NULL"
        ).fetchall()
    assert {household for (household,) in clocks} == office.headless()
