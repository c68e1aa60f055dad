"""A plain model in memory and the register in PostgreSQL agree on random years of a few families.

The model knows nothing of events: it changes dictionaries as the law says, in the order in which things happen.
"""

import asyncio
import os
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.model.test_histories import emptied

from dancu.infra.db import Database, Transaction
from dancu.kernel.codes import (
    Authority,
    Capacity,
    DeathGround,
    MaritalStatus,
    PersonStatus,
    ProtectionGround,
    Sex,
    TieKind,
)
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import DancuError
from dancu.register import commands, store
from dancu.register.act import ActHeader
from dancu.register.commands import (
    AdoptionDeclared,
    DeathDeclared,
    DeclaredDeathDeclared,
    MarriageEndDeclared,
    ParentDeclared,
    RecognitionDeclared,
    TieDeclared,
)
from dancu.register.payloads import Payload, ResidenceGiven
from dancu.register.territory import locate

LONG = bool(os.environ.get("DANCU_SOAK"))
NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
FIRST_DAY = date(2017, 2, 1)
BORN = (
    (Sex.MALE, 1975),
    (Sex.FEMALE, 1977),
    (Sex.MALE, 1980),
    (Sex.FEMALE, 1982),
    (Sex.MALE, 2012),
    (Sex.FEMALE, 2015),
)


@dataclass
class Somebody:
    """A person as the model knows it."""

    status: PersonStatus = PersonStatus.ALIVE
    marital: MaritalStatus = MaritalStatus.NEVER_MARRIED
    spouse: int | None = None
    parted: int | None = None
    father: int | None = None
    mother: int | None = None
    birth_parents: tuple[int | None, int | None] | None = None
    capacity: Capacity = Capacity.FULL
    guardians: set[int] = field(default_factory=set)
    protections: set[ProtectionGround] = field(default_factory=set)


class Model:
    """What the law makes of acts that happen one after another."""

    def __init__(self) -> None:
        self.people = [Somebody() for _ in BORN]
        self._moved_on: set[tuple[int, int]] = set()

    def apply(self, kind: str, one: int, other: int) -> None:
        """Change the world by an act that the register has accepted."""
        getattr(self, kind)(one, other)

    def marriage(self, one: int, other: int) -> None:
        for a, b in ((one, other), (other, one)):
            self._moved_on |= {(a, i) for i, p in enumerate(self.people) if p.parted == a and i != b}
            self.people[a].spouse, self.people[a].marital = b, MaritalStatus.MARRIED

    def _parted(self, one: int, marital: MaritalStatus) -> int | None:
        spouse = self.people[one].spouse
        for who in (one, spouse):
            if who is not None:
                self.people[who].spouse, self.people[who].marital = None, marital
        return spouse

    def divorce(self, one: int, _: int) -> None:
        self._parted(one, MaritalStatus.DIVORCED)

    def _gone(self, one: int) -> None:
        gone, before = self.people[one], self.people[one].marital
        gone.parted = self._parted(one, MaritalStatus.WIDOWED)
        gone.marital = before
        gone.guardians.clear()
        for person in self.people:
            person.guardians.discard(one)

    def death(self, one: int, _: int) -> None:
        self._gone(one)
        self.people[one].status = PersonStatus.DEAD

    def declared_death(self, one: int, _: int) -> None:
        self._gone(one)
        self.people[one].status = PersonStatus.DECLARED_DEAD

    def come_back(self, one: int, _: int) -> None:
        person = self.people[one]
        person.status = PersonStatus.ALIVE
        if person.parted is None:
            return
        left = self.people[person.parted]
        if left.status in {PersonStatus.DEAD, PersonStatus.DECLARED_DEAD}:
            person.marital = MaritalStatus.WIDOWED
        elif (person.parted, one) in self._moved_on:
            person.marital = MaritalStatus.DIVORCED
        else:
            self.marriage(one, person.parted)
        person.parted = None

    def missing(self, one: int, _: int) -> None:
        self.people[one].status = PersonStatus.DECLARED_MISSING

    def found(self, one: int, _: int) -> None:
        self.people[one].status = PersonStatus.ALIVE

    def guardian(self, one: int, other: int) -> None:
        self.people[one].guardians.add(other)

    def end_guardian(self, one: int, _: int) -> None:
        self.people[one].guardians.clear()

    def adopt(self, one: int, other: int) -> None:
        child, spouse = self.people[one], self.people[other].spouse
        child.birth_parents = (child.father, child.mother)
        pair = [other] + ([spouse] if spouse is not None else [])
        child.father = next((p for p in pair if BORN[p][0] is Sex.MALE), None)
        child.mother = next((p for p in pair if BORN[p][0] is Sex.FEMALE), None)
        child.guardians.clear()
        child.protections.add(ProtectionGround.ADOPTION)

    def end_adoption(self, one: int, _: int) -> None:
        child = self.people[one]
        assert child.birth_parents is not None
        child.father, child.mother = child.birth_parents
        child.birth_parents = None

    def recognise(self, one: int, other: int) -> None:
        child = self.people[one]
        father = BORN[other][0] is Sex.MALE
        if child.birth_parents is not None:
            kept = child.birth_parents
            child.birth_parents = (other, kept[1]) if father else (kept[0], other)
        elif father:
            child.father = other
        else:
            child.mother = other

    def incapable(self, one: int, _: int) -> None:
        self.people[one].capacity = Capacity.LOST

    def capable(self, one: int, _: int) -> None:
        self.people[one].capacity = Capacity.FULL
        if BORN[one][1] < 2000:
            self.people[one].guardians.clear()

    def protect(self, one: int, _: int) -> None:
        self.people[one].protections.add(ProtectionGround.WITNESS)

    def unprotect(self, one: int, _: int) -> None:
        self.people[one].protections.discard(ProtectionGround.WITNESS)


KINDS = [name for name in vars(Model) if not name.startswith("_") and name != "apply"]


class Register:
    """The same acts by command."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.count = 0

    def common(self) -> dict[str, Any]:
        self.count += 1
        header = ActHeader(Authority.CIVIL_REGISTRAR, "06325", UUID(int=self.count), "Luật Hộ tịch 60/2014/QH13")
        return {"header": header, "now": NOW + timedelta(seconds=self.count), "locate": locate}

    async def settle(self, tx: Transaction) -> None:
        for sex, year in BORN:
            told = Payload(
                name=("Lê", "", "An"),
                born=year * 10000 + 101,
                sex=sex,
                nationality="VNM",
                marital=MaritalStatus.NEVER_MARRIED,
                residences=(ResidenceGiven(1, "06325", "Thôn 1"),),  # type: ignore[arg-type]
                unit_day=date(2026, 1, 1),
            )
            self.ids.append((await commands.establish_person(tx, told=told, **self.common())).person_id)

    async def act(self, tx: Transaction, kind: str, one: int, other: int, day: date) -> None:
        for person_id in self.ids:
            await store.open_person(tx, person_id)
        me, you, on = self.ids[one], self.ids[other], PartialDate.on(day)
        more = self.common()
        match kind:
            case "marriage":
                await commands.record_marriage(tx, one_id=me, other_id=you, on=on, **more)
            case "divorce":
                await commands.record_divorce(tx, divorce=MarriageEndDeclared(me, on), **more)
            case "death":
                await commands.record_death(tx, death=DeathDeclared(me, on), **more)
            case "declared_death":
                ground = DeathGround.NO_NEWS_FIVE_YEARS
                death = DeclaredDeathDeclared(me, on, ground, date(2010, 1, 1), day)
                await commands.declare_death(tx, death=death, **more)
            case "come_back":
                await commands.reverse_declared_death(tx, person_id=me, on=day, **more)
            case "missing":
                news = PartialDate.of(2012)
                await commands.declare_missing(tx, person_id=me, last_news=news, on=day, **more)
            case "found":
                await commands.reverse_missing(tx, person_id=me, on=day, **more)
            case "guardian":
                told = TieDeclared(me, (you,), TieKind.GUARDIAN, on)
                await commands.establish_guardianship(tx, guardianship=told, **more)
            case "end_guardian":
                await commands.end_guardianship(tx, ward_id=me, on=on, **more)
            case "adopt":
                spouse = (await store.history(tx, you)).life
                pair = (you, spouse.spouse.person_id) if spouse and spouse.spouse else (you,)
                adoption = AdoptionDeclared(me, pair, on, child_consents=True)  # type: ignore[arg-type]
                await commands.record_adoption(tx, adoption=adoption, **more)
            case "end_adoption":
                await commands.end_adoption(tx, child_id=me, on=on, **more)
            case "recognise":
                parent = ParentDeclared("Lê An", you)
                father = BORN[other][0] is Sex.MALE
                recognition = RecognitionDeclared(me, on, parent if father else None, None if father else parent)
                await commands.record_recognition(tx, recognition=recognition, **more)
            case "incapable" | "capable":
                capacity = Capacity.LOST if kind == "incapable" else Capacity.FULL
                await commands.change_capacity(tx, person_id=me, capacity=capacity, on=day, **more)
            case "protect":
                await commands.protect(tx, person_id=me, ground=ProtectionGround.WITNESS, reason="x", **more)
            case _:
                await commands.end_protection(tx, person_id=me, ground=ProtectionGround.WITNESS, reason="x", **more)


def as_modelled(model: Model, ids: list[int]) -> list[tuple[object, ...]]:
    """What the model says, in the columns of the register."""

    def of(index: int | None) -> int | None:
        return None if index is None else ids[index]

    return [
        (
            ids[i],
            int(p.status),
            int(p.marital),
            of(p.spouse),
            of(p.father),
            of(p.mother),
            bool(p.protections),
            sorted(ids[g] for g in p.guardians),
        )
        for i, p in enumerate(model.people)
    ]


async def as_registered(dsn: str, ids: list[int]) -> list[tuple[object, ...]]:
    """What the rows of the register say, and the ledger of who is whose guardian."""
    guardians: dict[int, list[int]] = {}
    async with Database(dsn, size=1) as database, database.transaction(scope="nation") as tx:
        for person_id in ids:
            await store.open_person(tx, person_id)
            life = (await store.history(tx, person_id)).life
            assert life is not None
            guardians[person_id] = sorted(tie.other.person_id or 0 for tie in life.tied(TieKind.GUARDIAN))
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "SELECT person_id, status, marital, spouse_id, father_id, mother_id, protected FROM register.person"
        ).fetchall()
    by_id = {row[0]: row for row in rows}
    return [(*by_id[one], guardians[one]) for one in ids]


async def lived(dsn: str, acts: list[tuple[str, int, int]]) -> tuple[Model, list[int]]:
    """Let acts happen one month after another, in both worlds; what the register refuses happens in neither."""
    model, register = Model(), Register()
    async with Database(dsn, size=1) as database:
        async with database.transaction(scope="nation") as tx:
            await register.settle(tx)
        for step, (kind, one, other) in enumerate(acts):
            try:
                async with database.transaction(scope="nation") as tx:
                    await register.act(tx, kind, one, other, FIRST_DAY + timedelta(days=30 * step))
            except DancuError:
                continue
            model.apply(kind, one, other)
    return model, register.ids


@given(
    acts=st.lists(
        st.tuples(
            st.sampled_from([*KINDS, "marriage", "marriage", "divorce", "declared_death", "come_back", "guardian"]),
            st.integers(0, len(BORN) - 1),
            st.integers(0, len(BORN) - 1),
        ),
        min_size=15,
        max_size=90 if LONG else 40,
    )
)
@settings(
    max_examples=150 if LONG else 15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_a_model_in_memory_agrees_with_the_register(database_dsn: str, acts: list[tuple[str, int, int]]) -> None:
    emptied(database_dsn)
    model, ids = asyncio.run(lived(database_dsn, acts))
    assert asyncio.run(as_registered(database_dsn, ids)) == as_modelled(model, ids)
