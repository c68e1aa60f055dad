"""A village of random lives, and what must hold of it whatever happened."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from itertools import count, pairwise
from typing import Any
from uuid import UUID

import psycopg
from tests.model.village_family import ANNULLED_FAMILY, FAMILY_KINDS, act_on_family, check_standing
from tests.model.village_households import HOUSEHOLD_KINDS, RESIDENCE_KINDS, act_on_household, act_on_residence
from tests.model.village_records import RECORD_KINDS, act_on_records

from dancu.infra.db import Database, Transaction
from dancu.kernel.codes import Authority, IdentifierScheme, PersonStatus, Relation, ResidenceKind, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.names import PersonName
from dancu.register import commands, store
from dancu.register.act import ActHeader
from dancu.register.commands import BirthDeclared, DeathDeclared, MoveDeclared, ParentDeclared
from dancu.register.kinds import EventKind
from dancu.register.model import Life, fold
from dancu.register.payloads import IdentifierGiven, MembershipGiven, Payload, ResidenceGiven
from dancu.register.store import History
from dancu.register.territory import locate
from dancu.register.verify.lives import differences
from dancu.register.verify.run import broken_links, stored_lives

BEGIN = datetime(2026, 1, 5, 2, tzinfo=UTC)
UNITS = ("06325", "26740", "00097")

_ANNULLED = {
    "annul birth": EventKind.BIRTH_REGISTERED,
    "annul death": EventKind.DEATH_REGISTERED,
    "annul marriage": EventKind.MARRIAGE_REGISTERED,
    "annul move": EventKind.PERMANENT_RESIDENCE_REGISTERED,
    "annul annulment": EventKind.EVENT_ANNULLED,
    **ANNULLED_FAMILY,
}
KINDS = (
    *("birth", "marriage", "death", "move", "join", "correct", "update", "renumber", "annul", "establish again"),
    *_ANNULLED,
    *HOUSEHOLD_KINDS,
    *RESIDENCE_KINDS,
    *RECORD_KINDS,
    *FAMILY_KINDS,
)


class Village:
    """People of a random history, and the commands that make it."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx
        self.people: list[int] = []
        self._counts = count(1)
        self.count = 0

    def beside(self, tx: Transaction) -> "Village":
        """The same village in the eyes of another officer."""
        other = Village(tx)
        other.people, other._counts = self.people, self._counts
        return other

    @property
    def now(self) -> datetime:
        return BEGIN + timedelta(hours=self.count)

    def header(self) -> ActHeader:
        self.count = next(self._counts)
        return ActHeader(Authority.CIVIL_REGISTRAR, "06325", UUID(int=self.count), "Luật Hộ tịch 60/2014/QH13")

    async def settle(self) -> None:
        for i, (sex, born) in enumerate([(1, 19400000), (2, 19430615), (1, 19650101), (2, 19681231), (2, 19900704)]):
            number = f"0{20 + i}0{born // 10000 % 100}{i:06}"
            told = Payload(
                name=("Nguyễn", "Văn", f"A{'bcdef'[i]}"),
                born=born,
                sex=sex,
                identifiers=(IdentifierGiven(IdentifierScheme.PERSONAL_NUMBER, number),),
                residences=(ResidenceGiven(ResidenceKind.PERMANENT, UNITS[i % 3], "Thôn 1", date(1995, 1, 1)),),
                unit_day=date(2026, 1, 1),
            )
            done = await commands.establish_person(
                self.tx, header=self.header(), told=told, now=self.now, locate=locate
            )
            self.people.append(done.person_id)

    async def act(self, kind: str, one: int, other: int, day: date, choice: int) -> None:
        person, second = self.people[one % len(self.people)], self.people[other % len(self.people)]
        on = PartialDate.on(day) if choice else PartialDate.of(day.year)
        common: dict[str, Any] = {"header": self.header(), "now": self.now, "locate": locate}
        for masked in (person, second):
            await store.open_person(self.tx, masked)
        match kind:
            case "birth":
                birth = BirthDeclared(
                    name=name_of(self.count),
                    born=on,
                    sex=Sex(1 + choice % 2),
                    birth_place=(UNITS[choice], ""),
                    registered_in=UNITS[choice],
                    number_place=20,
                    unit_day=date(2026, 1, 1),
                    mother=ParentDeclared("Mẹ", person),
                    father=ParentDeclared("Cha", second) if other % 2 else None,
                    lives_with=person,
                )
                self.people.append((await commands.record_birth(self.tx, birth=birth, **common)).person_id)
            case "marriage":
                await commands.record_marriage(
                    self.tx, one_id=person, other_id=second, on=on, history=bool(choice), **common
                )
            case "death":
                await commands.record_death(self.tx, death=DeathDeclared(person, on), **common)
            case "move":
                movers = {person: Relation.HEAD} | ({second: Relation.SPOUSE} if second != person else {})
                move = MoveDeclared(tuple(movers.items()), UNITS[choice], f"Thôn {one}", day)
                await commands.record_move(self.tx, move=move, **common)
            case "join":
                if (home := await self.household_of(second)) is None:
                    return
                relation = (Relation.HEAD, Relation.CHILD, Relation.PARENT)[choice]
                move = MoveDeclared(((person, relation),), UNITS[other % 3], f"Thôn {other}", day, home)
                await commands.record_move(self.tx, move=move, **common)
            case "correct":
                told = Payload(born=on.number) if choice else Payload(name=("Trần", "Thị", "Sửa"))
                await commands.correct_particulars(self.tx, person_id=person, told=told, **common)
            case "update":
                told = Payload(phone=f"09{one:08}", other_name="Tư")
                await commands.update_from_source(self.tx, person_id=person, told=told, valid_on=on, **common)
            case "renumber":
                await commands.establish_number(self.tx, person_id=person, place=20 + choice, **common)
            case _ if kind in HOUSEHOLD_KINDS:
                if (home := await self.household_of(person)) is not None:
                    there = await self.household_of(second)
                    await act_on_household(self.tx, kind, person, home, there, day, **common)
            case _ if kind in RESIDENCE_KINDS:
                await act_on_residence(self.tx, kind, person, UNITS[choice], day, **common)
            case _ if kind in FAMILY_KINDS:
                child = await act_on_family(self.tx, kind, person, second, day, choice, **common)
                if child is not None:
                    self.people.append(child)
            case _ if kind in RECORD_KINDS:
                await act_on_records(self.tx, kind, person, second, **common)
            case "establish again":
                if (await self.life_of(person)).status is not PersonStatus.ANNULLED:
                    return
                home = await self.household_of(second)
                told = Payload(
                    name=("Lê", "Thị", "Lại"),
                    born=on.number,
                    sex=1 + other % 2,
                    membership=MembershipGiven(home, Relation.HEAD, day) if home else None,
                )
                await commands.establish_person(self.tx, told=told, person_id=person, **common)
            case _:
                await self.annul(kind, person, other, **common)

    async def annul(self, kind: str, person: int, other: int, **common: Any) -> None:
        """Annul an event of a person, if there is one of the kind."""
        events = (await store.history(self.tx, person)).events
        of_kind = [event for event in events if event.kind is _ANNULLED.get(kind, event.kind)]
        if of_kind:
            seq = of_kind[-1 - other % len(of_kind)].seq
            await commands.annul_event(self.tx, person_id=person, seq=seq, reason="x", **common)

    async def life_of(self, person_id: int) -> Life:
        life = (await store.history(self.tx, person_id)).life
        if life is None:
            raise store.PersonUnknown("The birth is not committed yet")
        return life

    async def household_of(self, person_id: int) -> int | None:
        """The last household of a person, whether or not somebody still belongs to it."""
        memberships = (await self.life_of(person_id)).memberships
        return memberships[-1].household_id if memberships else None


def name_of(number: int) -> PersonName:
    return PersonName("Lê", "Thị", "".join("abcdefghij"[int(d)] for d in str(number)))


def check_life(ledger: History, life: Life) -> None:
    check_standing(life)
    for kind in ResidenceKind:
        stays = sorted((r for r in life.residences if r.kind is kind), key=lambda r: r.since or date.min)
        for earlier, later in pairwise(stays):
            assert earlier.until is not None
            assert later.since is not None
            assert earlier.until <= later.since
    assert sum(m.until is None for m in life.memberships) <= 1
    if life.died:
        assert all(m.until is not None for m in life.marriages)
        assert all(r.until is not None for r in life.residences)
    held = [i for i in life.identifiers if i.scheme is IdentifierScheme.PERSONAL_NUMBER and not i.cancelled]
    assert len(held) <= 1
    # What was known at a moment does not change when more becomes known.
    for event in ledger.events:
        moment = event.known_at
        known = tuple(e for e in ledger.events if e.known_at <= moment)
        ledgers = {one: [e for e in events if e.known_at <= moment] for one, events in ledger.ledgers.items()}
        assert ledger.as_of(as_known_at=moment) == fold(known, ledgers=ledgers)
    if life.born and life.status is not PersonStatus.ANNULLED:
        eve = life.born.earliest - timedelta(days=1)
        assert (ledger.as_of(on=eve), ledger.as_of(on=life.born.earliest) is None) == (None, False)
    # Before the birth there is nobody; a record that was annulled can be found on any day.
    assert life.status is PersonStatus.ANNULLED or ledger.as_of(on=date(1850, 1, 1)) is None


def check_couples(lives: dict[int, Life], doubtful: set[int]) -> None:
    """Both spouses tell the same of their marriage: with whom, since when, and until when.

    Of records that a clerk must still tell apart, nobody can say.
    """

    def standing(person_id: int) -> int:
        into = lives[person_id].merged_into
        return standing(into) if into else person_id

    asked = {standing(one) for one in doubtful}
    marriages = [
        (life.person_id, m.spouse.person_id, m.since, m.until)
        for life in lives.values()
        for m in life.marriages
        if m.spouse.person_id
        and lives[standing(m.spouse.person_id)].status is not PersonStatus.ANNULLED
        and not {standing(life.person_id), standing(m.spouse.person_id)} & asked
    ]
    several = {one for life in lives.values() if life.absorbed for one in life.records}
    told = [one for one in marriages if not {one[0], one[1]} & several]
    assert sorted(map(str, told)) == sorted(str((other, one, since, until)) for one, other, since, until in told)
    # A couple that two records told twice is one.
    couples = {(one, standing(other)) for one, other, _, _ in marriages}
    assert couples == {(other, one) for one, other in couples}


def prove(dsn: str) -> None:
    """Hold everything in a database to what must hold of it."""
    with psycopg.connect(dsn) as connection:
        for stored in stored_lives(connection, 0, 2**63 - 1):
            found = differences(stored, locate)
            assert not found, found
        # Who is young enough to be one's mother is for the rules, which only warn.
        broken = [one for one in broken_links(connection) if "older" not in one.what]
        assert not broken, broken
        people = [row[0] for row in connection.execute("SELECT person_id FROM register.person").fetchall()]
        asked = connection.execute("SELECT person_id, other_id FROM register.question").fetchall()
        numbers = connection.execute("SELECT value FROM register.identifier WHERE scheme = 1").fetchall()
        assert len(numbers) == len(set(numbers))
    check_couples(asyncio.run(_checked_lives(dsn, people)), {one for pair in asked for one in pair})


async def _checked_lives(dsn: str, people: list[int]) -> dict[int, Life]:
    found = {}
    async with Database(dsn, size=1) as database, database.transaction(scope="nation") as tx:
        for person_id in people:
            await store.open_person(tx, person_id)
            ledger = await store.history(tx, person_id)
            life = ledger.record
            assert life is not None
            check_life(ledger, life)
            found[person_id] = life
    return found
