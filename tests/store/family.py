"""People and headers for the tests of acts of family and status."""

import itertools
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from dancu.infra.db import Transaction
from dancu.kernel.codes import Authority, IdentifierScheme, MaritalStatus, Relation, ResidenceKind, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.ids import new_id
from dancu.register import commands, store
from dancu.register.act import ActHeader, NewHousehold, Registration
from dancu.register.model import Life
from dancu.register.payloads import IdentifierGiven, Kin, MembershipGiven, Payload, ResidenceGiven
from dancu.register.territory import locate

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
COMMUNE = "06325"
_SERIALS = itertools.count(700)


def header(authority: Authority = Authority.CIVIL_REGISTRAR) -> ActHeader:
    """A header of a registered act."""
    book = Registration("HT", "01/2026", str(next(_SERIALS)), "Nguyễn Thị Ký")
    evidence = {"bản án": "sha256:00"}
    return ActHeader(authority, COMMUNE, uuid4(), "Luật Hộ tịch 60/2014/QH13", registration=book, evidence=evidence)


def common() -> dict[str, Any]:
    """What every command takes."""
    return {"header": header(), "now": NOW, "locate": locate}


async def person(
    tx: Transaction,
    sex: Sex = Sex.MALE,
    born: int = 19800101,
    *,
    father: int | None = None,
    mother: int | None = None,
    unit: str = COMMUNE,
    household: int | None = None,
    relation: Relation = Relation.HEAD,
) -> int:
    """Establish somebody who lives in a commune."""
    century = 2 if born >= 2000_00_00 else 0
    number = f"020{century + (sex is Sex.FEMALE)}{born // 10000 % 100:02}{next(_SERIALS):06}"
    forms = (
        NewHousehold(household, f"{unit}-{household % 10**9:09}", unit, "Thôn 1", date(2026, 1, 1), None)
        if (household and relation is Relation.HEAD)
        else None
    )
    told = Payload(
        name=("Lê", "", "An" if sex is Sex.MALE else "Hoa"),
        born=born,
        sex=sex,
        nationality="VNM",
        marital=MaritalStatus.NEVER_MARRIED,
        father=Kin(father) if father else None,
        mother=Kin(mother) if mother else None,
        identifiers=(IdentifierGiven(IdentifierScheme.PERSONAL_NUMBER, number),),
        residences=(ResidenceGiven(ResidenceKind.PERMANENT, unit, "Thôn 1", date(2010, 1, 1)),),
        membership=MembershipGiven(household, relation, date(2010, 1, 1)) if household else None,
        unit_day=date(2026, 1, 1),
    )
    done = await commands.establish_person(
        tx, told=told, person_id=new_id(), households=(forms,) if forms else (), **common()
    )
    return done.person_id


async def couple(tx: Transaction, on: int = 20050601) -> tuple[int, int]:
    """A man and a woman who are married."""
    man, woman = await person(tx, Sex.MALE), await person(tx, Sex.FEMALE)
    await married(tx, man, woman, on)
    return man, woman


async def married(tx: Transaction, one: int, other: int, on: int) -> None:
    """Marry two people."""
    await commands.record_marriage(tx, one_id=one, other_id=other, on=PartialDate(on), history=True, **common())


async def life_of(tx: Transaction, person_id: int) -> Life:
    """A life as its ledger tells."""
    await store.open_person(tx, person_id)
    life = (await store.history(tx, person_id)).life
    assert life is not None
    return life


async def clocks_of(tx: Transaction, person_id: int) -> list[str]:
    """The clocks that run for a person."""
    rows = await tx.rows(
        "SELECT kind FROM register.clock WHERE person_id = %(person_id)s AND ended_by IS NULL ORDER BY kind",
        {"person_id": person_id},
    )
    return [row[0] for row in rows]
