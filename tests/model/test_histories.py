"""Random lives of a village over a century, in both times: whatever happens, the register can be proved."""

import asyncio
import os
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dancu.infra.db import Database, Transaction
from dancu.kernel.codes import Authority, IdentifierScheme, PersonStatus, Relation, ResidenceKind, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import DancuError, Unavailable
from dancu.kernel.names import PersonName
from dancu.register import commands, store
from dancu.register.act import ActHeader
from dancu.register.commands import BirthDeclared, DeathDeclared, MoveDeclared, ParentDeclared
from dancu.register.kinds import EventKind
from dancu.register.ledger import Event
from dancu.register.model import Life, fold
from dancu.register.payloads import IdentifierGiven, MembershipGiven, Payload, ResidenceGiven
from dancu.register.territory import locate
from dancu.register.verify.lives import differences
from dancu.register.verify.run import broken_links, stored_lives

LONG = bool(os.environ.get("DANCU_SOAK"))
BEGIN = datetime(2026, 1, 5, 2, tzinfo=UTC)
UNITS = ("06325", "26740", "00097")

_ANNULLED = {
    "annul birth": EventKind.BIRTH_REGISTERED,
    "annul death": EventKind.DEATH_REGISTERED,
    "annul marriage": EventKind.MARRIAGE_REGISTERED,
    "annul move": EventKind.PERMANENT_RESIDENCE_REGISTERED,
    "annul annulment": EventKind.EVENT_ANNULLED,
}
KINDS = (
    *("birth", "marriage", "death", "move", "join", "correct", "update", "renumber", "annul", "establish again"),
    *_ANNULLED,
)
ACTS = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.integers(0, 30),
        st.integers(0, 30),
        st.dates(date(1960, 1, 1), date(2025, 12, 31)),
        st.integers(0, 2),
    ),
    # Without a least size a list has five acts on average, most of which the law refuses.
    min_size=25 if LONG else 6,
    max_size=50 if LONG else 16,
)


class Village:
    """People of a random history, and the commands that make it."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx
        self.people: list[int] = []
        self.count = 0

    @property
    def now(self) -> datetime:
        return BEGIN + timedelta(hours=self.count)

    def header(self) -> ActHeader:
        self.count += 1
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
                events = (await store.history(self.tx, person)).events
                of_kind = [event for event in events if event.kind is _ANNULLED.get(kind, event.kind)]
                if not of_kind:
                    return
                seq = of_kind[-1 - other % len(of_kind)].seq
                await commands.annul_event(self.tx, person_id=person, seq=seq, reason="x", **common)

    async def life_of(self, person_id: int) -> Life:
        life = (await store.history(self.tx, person_id)).life
        assert life is not None
        return life

    async def household_of(self, person_id: int) -> int | None:
        """The last household of a person, whether or not somebody still belongs to it."""
        memberships = (await self.life_of(person_id)).memberships
        return memberships[-1].household_id if memberships else None


def name_of(count: int) -> PersonName:
    return PersonName("Lê", "Thị", "".join("abcdefghij"[int(d)] for d in str(count)))


async def history_of(dsn: str, acts: list[Any]) -> tuple[int, int]:
    """Play a history; acts that the law or the register refuses leave nothing."""
    done = refused = 0
    async with Database(dsn, size=1) as database:
        async with database.transaction(scope="nation") as tx:
            village = Village(tx)
            await village.settle()
        for act in acts:
            try:
                async with database.transaction(scope="nation") as tx:
                    village.tx = tx
                    await village.act(*act)
                done += 1
            except DancuError:
                refused += 1
    return done, refused


def emptied(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        tables = connection.execute(
            "SELECT string_agg(format('register.%I', relname), ', ') FROM pg_class"
            " WHERE relnamespace = 'register'::regnamespace AND relkind = 'r'"
        ).fetchone()
        assert tables
        connection.execute(f"TRUNCATE {tables[0]}".encode())


def check_life(events: tuple[Event, ...], life: Life) -> None:
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
    for count in range(1, len(events) + 1):
        moment = events[count - 1].known_at
        known = tuple(e for e in events if e.known_at <= moment)
        assert fold(events, as_known_at=moment) == fold(known)
    if life.born and life.status is not PersonStatus.ANNULLED:
        eve = life.born.earliest - timedelta(days=1)
        assert (fold(events, on=eve), fold(events, on=life.born.earliest) is None) == (None, False)
    # Before the birth there is nobody; a record that was annulled can be found on any day.
    assert life.status is PersonStatus.ANNULLED or fold(events, on=date(1850, 1, 1)) is None


def check_couples(lives: dict[int, Life]) -> None:
    """Both spouses tell the same of their marriage: with whom, since when, and until when."""
    told = [
        (life.person_id, m.spouse.person_id, m.since, m.until)
        for life in lives.values()
        for m in life.marriages
        if m.spouse.person_id and lives[m.spouse.person_id].status is not PersonStatus.ANNULLED
    ]
    assert sorted(map(str, told)) == sorted(str((other, one, since, until)) for one, other, since, until in told)


@given(acts=ACTS)
@settings(
    max_examples=300 if LONG else 20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_history_can_be_proved(database_dsn: str, acts: list[Any]) -> None:
    emptied(database_dsn)
    asyncio.run(history_of(database_dsn, acts))
    with psycopg.connect(database_dsn) as connection:
        for stored in stored_lives(connection, 0, 2**63 - 1):
            assert differences(stored, locate) == []
        # Who is young enough to be one's mother is for the rules, which only warn.
        assert [one for one in broken_links(connection) if "older" not in one.what] == []
        people = [row[0] for row in connection.execute("SELECT person_id FROM register.person").fetchall()]
        numbers = connection.execute("SELECT value FROM register.identifier WHERE scheme = 1").fetchall()
        assert len(numbers) == len(set(numbers))

    async def lives() -> dict[int, Life]:
        found = {}
        async with Database(database_dsn, size=1) as database, database.transaction(scope="nation") as tx:
            for person_id in people:
                events = (await store.history(tx, person_id)).events
                life = fold(events)
                assert life is not None
                check_life(events, life)
                found[person_id] = life
        return found

    check_couples(asyncio.run(lives()))


async def racing(dsn: str, *acts: Any) -> list[Any]:
    """Do acts at once, each on a connection of its own; return what each answered or raised."""

    async def one(act: Any) -> Any:
        async with Database(dsn, size=1) as database:
            try:
                async with database.transaction(scope="nation") as tx:
                    return await act(tx)
            except DancuError as error:
                return error

    return list(await asyncio.gather(*(one(act) for act in acts)))


def test_two_officers_on_one_person_lose_nothing(database_dsn: str) -> None:
    emptied(database_dsn)
    asyncio.run(history_of(database_dsn, []))
    with psycopg.connect(database_dsn) as connection:
        rows = connection.execute("SELECT person_id FROM register.person ORDER BY born").fetchall()
    one, other = rows[2][0], rows[3][0]

    def header(n: int) -> ActHeader:
        return ActHeader(Authority.CIVIL_REGISTRAR, "06325", UUID(int=n), "Luật")

    def phone(n: int) -> Any:
        return lambda tx: commands.update_from_source(
            tx,
            header=header(10_000 + n),
            person_id=one,
            told=Payload(phone=f"090000000{n}"),
            valid_on=PartialDate.of(2025, 1, 1 + n),
            now=BEGIN + timedelta(days=3),
            locate=locate,
        )

    async def wedding(tx: Transaction) -> Any:
        return await commands.record_marriage(
            tx,
            header=header(77_777),
            one_id=one,
            other_id=other,
            on=PartialDate.of(2025, 6, 1),
            now=BEGIN + timedelta(days=3),
            locate=locate,
        )

    async def funeral(tx: Transaction) -> Any:
        death = DeathDeclared(other, PartialDate.of(2025, 5, 1))
        return await commands.record_death(
            tx, header=header(88_888), death=death, now=BEGIN + timedelta(days=3), locate=locate
        )

    answers = asyncio.run(racing(database_dsn, *(phone(n) for n in range(6)), wedding, funeral, wedding))
    with psycopg.connect(database_dsn) as connection:
        for stored in stored_lives(connection, 0, 2**63 - 1):
            assert differences(stored, locate) == []
        row = connection.execute(
            "SELECT count(*) FILTER (WHERE kind = 3), count(*) FILTER (WHERE kind = 6) FROM register.event"
            " WHERE person_id = %s",
            (one,),
        ).fetchone()
    assert row is not None
    assert row[0] == sum(not isinstance(a, Exception) for a in answers[:6])
    assert row[1] <= 1
    assert not any(isinstance(a, Unavailable) for a in answers)  # nobody waits for a lock in a circle
