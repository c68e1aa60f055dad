"""A province and the Center at work on doubtful cases over a small register, for tests of adjudication."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from psycopg import Connection

from dancu.access.model import Assignment, Office, Officer
from dancu.access.roles import ROLES, AccountClass
from dancu.infra.db import Database
from dancu.infra.keys import KeyRing
from dancu.intake.adjudication.carrying import Carried, carry_out
from dancu.intake.adjudication.commands import judge, next_doubt
from dancu.intake.adjudication.looking import Clerk, Comparison, look
from dancu.intake.adjudication.model import Answer, Doubt, State
from dancu.intake.adjudication.queue import doubts, open_pairs
from dancu.intake.adjudication.verdicts import Became, Verdict
from dancu.intake.loading import Loaded, load
from dancu.kernel.codes import Authority, IdentifierScheme, ResidenceKind, Sex
from dancu.kernel.names import PersonName
from dancu.register import commands
from dancu.register.act import ActHeader
from dancu.register.payloads import IdentifierGiven, Payload, ResidenceGiven
from dancu.register.proposed import Second
from dancu.register.territory import locate

NOW = datetime.fromisoformat("2026-11-24T09:30:00+07:00")
HA_NOI, HO_CHI_MINH = "00097", "26740"
_FILES = itertools.count(1)

POLICE, CENTER = Authority.COMMUNE_POLICE, Authority.POPULATION_DATABASE
HA_NOI_POLICE = Office(13, POLICE, "01", "Công an Hà Nội")
SAI_GON_POLICE = Office(14, POLICE, "79", "Công an Thành phố Hồ Chí Minh")
THE_CENTER = Office(15, CENTER, "", "Trung tâm")


def officer(number: int, office: Office, role: str) -> Officer:
    """Make an officer of one office."""
    return Officer(number, f"o{number}", f"Cán bộ {number}", AccountClass.OPERATOR, (Assignment(office, ROLES[role]),))


CLERK = officer(101, HA_NOI_POLICE, "province_officer")
COLLEAGUE = officer(102, HA_NOI_POLICE, "province_officer")
IN_SAI_GON = officer(103, SAI_GON_POLICE, "province_officer")
AT_THE_CENTER = officer(106, THE_CENTER, "center_officer")
SECOND_AT_THE_CENTER = officer(107, THE_CENTER, "center_officer")


@dataclass
class Bureau:
    """Where doubts are decided; `now` moves on by a minute with each verdict."""

    database: Database
    dsn: str
    folder: Path
    now: datetime = NOW
    keys: KeyRing | None = None

    def clerk(self, who: Officer) -> Clerk:
        """An officer at work."""
        return Clerk(who, self.now, uuid4(), who.assignments[0].office.office_id)

    def second(self, who: Officer) -> Second:
        """An officer as the second pair of eyes."""
        return Second(who, self.now, uuid4(), who.assignments[0].office.office_id)

    async def person(
        self,
        name: str = "Nguyễn Văn An",
        born: int = 19850312,
        sex: Sex = Sex.MALE,
        unit: str = HA_NOI,
        number: str = "",
    ) -> int:
        """Establish a person of the register."""
        parts = PersonName.parse(name)
        numbers = (IdentifierGiven(IdentifierScheme.PERSONAL_NUMBER, number),) if number else ()
        told = Payload(
            name=(parts.surname, parts.middle, parts.given),
            born=born,
            sex=sex,
            nationality="VNM",
            identifiers=numbers,
            residences=(ResidenceGiven(ResidenceKind.PERMANENT, unit, "Tổ 1", date(2012, 1, 1)),),
            unit_day=date(2026, 10, 1),
        )
        header = ActHeader(CENTER, "", uuid4(), "Luật Căn cước 26/2023/QH15", source="synth")
        async with self.database.transaction(scope="nation") as tx:
            done = await commands.establish_person(
                tx, header=header, told=told, now=self.now - timedelta(days=30), locate=locate
            )
        return done.person_id

    async def load(self, *rows: Mapping[str, str], source: str = "bảo hiểm") -> Loaded:
        """Load a file of some records."""
        columns = list(dict.fromkeys(name for row in rows for name in row))
        lines = [",".join(columns), *(",".join(row.get(name, "") for name in columns) for row in rows)]
        path = self.folder / f"file-{next(_FILES)}.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        async with self.loader() as database:
            return await load(database, path, source=source, now=self.now)

    def loader(self) -> Database:
        """The role that loads, and carries out."""
        return Database(self.dsn, role="dancu_loader", size=7, patient=True, keys=self.keys)

    async def pairs(self, *pairs: tuple[int, int, float]) -> int:
        """Open doubts about pairs of records of the register."""
        async with self.loader() as database, database.transaction(scope="nation") as tx:
            return await open_pairs(tx, pairs, now=self.now)

    async def carry_out(self) -> Carried:
        """Let the worker do its round."""
        async with self.loader() as database:
            return await carry_out(database, now=self.now)

    async def doubts(self, *states: State) -> list[Doubt]:
        """List doubts of the nation."""
        async with self.database.transaction(scope="nation") as tx:
            return await doubts(tx, states=states or tuple(State))

    async def only_doubt(self) -> Doubt:
        """Return the one doubt that there is."""
        (found,) = await self.doubts()
        return found

    async def look(self, who: Officer, doubt_id: int) -> Comparison:
        """Look at a doubt."""
        return await look(self.database, self.clerk(who), doubt_id)

    async def next(self, who: Officer, drawn: float = 0.9) -> int | None:
        """Take the next doubt."""
        found = await next_doubt(self.database, self.clerk(who), drawn=drawn)
        return found.doubt_id if found else None

    async def judge(
        self, who: Officer, doubt_id: int, answer: Answer, chosen: int | None = None, *, drawn: float = 0.9
    ) -> Became:
        """Answer, a minute after the look."""
        self.now += timedelta(minutes=1)
        return await judge(self.database, self.clerk(who), doubt_id, Verdict(answer, chosen), drawn=drawn)


def offices(connection: Connection, which: Sequence[Office] = (HA_NOI_POLICE, SAI_GON_POLICE, THE_CENTER)) -> None:
    """Open offices."""
    for office in which:
        connection.execute(
            "INSERT INTO access.office (office_id, authority, unit_code, name, valid_from)"
            " VALUES (%s, %s, %s, %s, '2020-01-01')",
            (office.office_id, office.authority, office.unit_code, office.name),
        )
