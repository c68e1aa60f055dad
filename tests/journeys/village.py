"""A small village in a real register, with the officers who serve it."""

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pyotp

from dancu.access import accounts
from dancu.access.roles import AccountClass
from dancu.access.secrets import SecondFactors
from dancu.infra.db import Database, Transaction
from dancu.infra.keys import ring_of
from dancu.kernel.codes import Authority, IdentifierScheme, Relation, ResidenceKind, Sex
from dancu.kernel.names import PersonName
from dancu.kernel.numbers import PersonalNumber
from dancu.register import commands
from dancu.register.act import ActHeader
from dancu.register.decisions.civil import MoveDeclared
from dancu.register.payloads import IdentifierGiven, Kin, Payload, ResidenceGiven
from dancu.register.territory import locate

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
LOADED = NOW - timedelta(days=30)
HONG_HA, ELSEWHERE = "00097", "26740"
PASSWORD = "a long first password"
_SERIALS = itertools.count(123_456)


@dataclass(frozen=True)
class Village:
    """Who lives there: ids by name."""

    people: dict[str, int]
    numbers: dict[str, str]
    secrets: dict[str, str]


async def settle(database: Database, home: Path) -> Village:
    """Found the village: a family in Hồng Hà, a stranger elsewhere, a registrar and a police officer."""
    factors = SecondFactors(ring_of(database.dsn, home / "keys"))
    async with database.transaction(scope="none") as tx:
        first = await accounts.open_account(
            tx,
            name="admin",
            full_name="Quản Trị Viên",
            account_class=AccountClass.ADMINISTRATOR,
            factors=factors,
            by=None,
            now=LOADED,
            password=PASSWORD,
        )
        secrets = {
            "hanh": await _officer(tx, factors, "hanh", "Trần Thị Minh Hạnh", "civil_registrar", first.officer_id),
            "huy": await _officer(tx, factors, "huy", "Phạm Quang Huy", "commune_police", first.officer_id),
        }
    people, numbers = {}, {}
    async with database.transaction(scope="nation") as tx:
        for name, born, sex, unit in (
            ("Nguyễn Văn An", 19850312, Sex.MALE, HONG_HA),
            ("Lê Thị Dung", 19870000, Sex.FEMALE, HONG_HA),
            ("Trần Văn Xa", 19900101, Sex.MALE, ELSEWHERE),
        ):
            number = PersonalNumber.of(place=1, year=born // 10000, sex=sex, serial=next(_SERIALS)).value
            people[name] = await _person(tx, name, born, sex, unit, number)
            numbers[name] = number
        child = await _person(tx, "Nguyễn Lê Minh", 20150601, Sex.MALE, HONG_HA, "", people)
        people["Nguyễn Lê Minh"] = child
        move = MoveDeclared(
            (
                (people["Nguyễn Văn An"], Relation.HEAD),
                (people["Lê Thị Dung"], Relation.SPOUSE),
                (child, Relation.CHILD),
            ),
            HONG_HA,
            "12 Phúc Xá",
            date(2026, 1, 15),
            file_no="HS-0001",
        )
        header = ActHeader(Authority.COMMUNE_POLICE, HONG_HA, uuid4(), "Luật Cư trú 68/2020/QH14")
        await commands.record_move(tx, header=header, move=move, now=LOADED, locate=locate)
    return Village(people, numbers, secrets)


async def further_registrar(database: Database, home: Path, name: str, full_name: str, unit: str = HONG_HA) -> str:
    """Give the village one more registrar, and return the secret of the second factor."""
    async with database.transaction(scope="none") as tx:
        administrator = await accounts.account(tx, "admin")
        factors = SecondFactors(ring_of(database.dsn, home / "keys"))
        return await _officer(tx, factors, name, full_name, "civil_registrar", administrator.officer_id, unit)


async def stand_in(database: Database, *, deputy: str, principal: str, unit: str) -> None:
    """Let a registrar stand in for another one of a unit for a month."""
    async with database.transaction(scope="none") as tx:
        administrator = await accounts.account(tx, "admin")
        await accounts.assign(
            tx,
            name=deputy,
            role="civil_registrar",
            unit_code=unit,
            by=administrator.officer_id,
            now=NOW,
            until=(NOW + timedelta(days=30)).date(),
            deputy_of=principal,
        )


async def _officer(
    tx: Transaction,
    factors: SecondFactors,
    name: str,
    full_name: str,
    role: str,
    administrator: int,
    unit: str = HONG_HA,
) -> str:
    opened = await accounts.open_account(
        tx,
        name=name,
        full_name=full_name,
        account_class=AccountClass.OPERATOR,
        factors=factors,
        by=administrator,
        now=LOADED,
        password=PASSWORD,
    )
    office = {"civil_registrar": "Ủy ban nhân dân phường Hồng Hà", "commune_police": "Công an phường Hồng Hà"}[role]
    office = office if unit == HONG_HA else ""
    await accounts.assign(tx, name=name, role=role, unit_code=unit, by=administrator, now=LOADED, office_name=office)
    return str(pyotp.parse_uri(opened.totp_uri).secret)


async def _person(
    tx: Transaction, full: str, born: int, sex: Sex, unit: str, number: str, parents: dict[str, int] | None = None
) -> int:
    name = PersonName.parse(full)
    father = Kin((parents or {}).get("Nguyễn Văn An"), "Nguyễn Văn An") if parents else None
    mother = Kin((parents or {}).get("Lê Thị Dung"), "Lê Thị Dung") if parents else None
    told = Payload(
        name=(name.surname, name.middle, name.given),
        born=born,
        sex=sex,
        ethnicity=101,
        nationality="VNM",
        father=father,
        mother=mother,
        identifiers=(IdentifierGiven(IdentifierScheme.PERSONAL_NUMBER, number),) if number else (),
        residences=(ResidenceGiven(ResidenceKind.PERMANENT, unit, "Tổ 1", date(max(born // 10000, 2010), 12, 1)),),
        unit_day=date(2026, 10, 1),
    )
    header = ActHeader(Authority.POPULATION_DATABASE, "", uuid4(), "Luật Căn cước 26/2023/QH15", source="synth")
    done = await commands.establish_person(tx, header=header, told=told, now=LOADED, locate=locate)
    return done.person_id


def code_at(secret: str, moment: datetime) -> str:
    """Return the code that an authenticator shows."""
    return pyotp.TOTP(secret).at(moment)
