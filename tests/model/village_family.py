"""Acts of family and status in a village of random lives, and what must hold of ties whatever happened."""

from datetime import date, timedelta
from typing import Any

from dancu.infra.db import Transaction
from dancu.kernel.codes import Capacity, DeathGround, PersonStatus, ProtectionGround, Sex, TieKind
from dancu.kernel.dates import PartialDate
from dancu.kernel.names import PersonName
from dancu.register import commands
from dancu.register.commands import (
    AdoptionDeclared,
    BirthDeclared,
    DeclaredDeathDeclared,
    MarriageEndDeclared,
    ParentDeclared,
    RecognitionDeclared,
    ShortLifeDeclared,
    TieDeclared,
)
from dancu.register.kinds import EventKind
from dancu.register.life import Life
from dancu.register.payloads import Payload

FAMILY_KINDS = (
    *("divorce", "divorce", "annulled marriage", "adopt", "end adoption", "recognise", "guardian", "guardian"),
    *("end guardianship", "represent", "end representation", "change", "nationality", "capacity"),
    *("missing", "found", "declared dead", "declared dead", "come back", "come back", "protect", "end protection"),
    "short life",
)
ANNULLED_FAMILY = {
    "annul divorce": EventKind.DIVORCED,
    "annul adoption": EventKind.ADOPTED,
    "annul guardianship": EventKind.GUARDIANSHIP_ESTABLISHED,
    "annul end of guardianship": EventKind.GUARDIANSHIP_ENDED,
    "annul declared death": EventKind.DEATH_DECLARED,
    "annul return": EventKind.DECLARED_DEATH_REVERSED,
    "annul capacity": EventKind.LEGAL_CAPACITY_CHANGED,
}


async def act_on_family(
    tx: Transaction, kind: str, person: int, other: int, day: date, choice: int, **common: Any
) -> int | None:
    """Do one act on one or two persons; return the child of a birth."""
    on = PartialDate.on(day) if choice else PartialDate.of(day.year)
    past: dict[str, Any] = {"history": choice == 1}
    match kind:
        case "divorce":
            named = other if choice == 2 else None
            await commands.record_divorce(tx, divorce=MarriageEndDeclared(person, on, named), **past, **common)
        case "annulled marriage":
            await commands.record_marriage_annulment(tx, annulment=MarriageEndDeclared(person, on), **past, **common)
        case "adopt":
            adoption = AdoptionDeclared(
                person, (other,), on, PersonName("Trần", "", "Nuôi") if choice else None, secret=choice == 2
            )
            await commands.record_adoption(tx, adoption=adoption, history=choice != 0, **common)
        case "end adoption":
            await commands.end_adoption(tx, child_id=person, on=on, name_given_back=bool(choice), **common)
        case "recognise":
            parent = ParentDeclared("Cha", other)
            told = RecognitionDeclared(person, on, parent if choice else None, None if choice else parent)
            await commands.record_recognition(tx, recognition=told, **past, **common)
        case "guardian":
            tie = TieDeclared(person, (other,), TieKind.GUARDIAN, on)
            await commands.establish_guardianship(tx, guardianship=tie, history=choice != 0, **common)
        case "represent":
            tie = TieDeclared(person, (other,), TieKind.REPRESENTATIVE, on)
            await commands.establish_representation(tx, representation=tie, history=choice != 0, **common)
        case "end guardianship":
            await commands.end_guardianship(tx, ward_id=person, on=on, **common)
        case "end representation":
            await commands.end_representation(tx, represented_id=person, on=on, **common)
        case "short life":
            return await _short_life(tx, person, day, choice, **common)
        case _:
            await _status(tx, kind, person, day, choice, **common)
    return None


async def _status(tx: Transaction, kind: str, person: int, day: date, choice: int, **common: Any) -> None:
    on = PartialDate.on(day)
    past: dict[str, Any] = {"history": choice == 1}
    match kind:
        case "change":
            told = Payload(sex=1 + choice % 2) if choice == 2 else Payload(name=("Đỗ", "", "Đổi"))
            await commands.change_particulars(tx, person_id=person, told=told, on=day, **common)
        case "nationality":
            code = ("VNM", "USA", "FRA")[choice]
            await commands.change_nationality(tx, person_id=person, nationality=code, on=day, **common)
        case "capacity":
            found = (Capacity.FULL, Capacity.LOST, Capacity.LIMITED)[choice]
            await commands.change_capacity(tx, person_id=person, capacity=found, on=day, **common)
        case "missing":
            news = PartialDate.of(day.year - 3)
            await commands.declare_missing(tx, person_id=person, last_news=news, on=day, **past, **common)
        case "found":
            await commands.reverse_missing(tx, person_id=person, on=day, **common)
        case "declared dead":
            ground = DeathGround.NO_NEWS_FIVE_YEARS
            since, decided = date(day.year - 6, 1, 1), day + timedelta(days=choice)
            death = DeclaredDeathDeclared(person, on, ground, since, decided)
            await commands.declare_death(tx, death=death, **past, **common)
        case "come back":
            await commands.reverse_declared_death(tx, person_id=person, on=day, **common)
        case "protect":
            ground_told = ProtectionGround(2 + choice)
            await commands.protect(tx, person_id=person, ground=ground_told, reason="x", **common)
        case _:
            ground_told = ProtectionGround(2 + choice)
            await commands.end_protection(tx, person_id=person, ground=ground_told, reason="x", **common)


async def _short_life(tx: Transaction, mother: int, day: date, choice: int, **common: Any) -> int:
    birth = BirthDeclared(
        name=PersonName("Lê", "", "Ngắn"),
        born=PartialDate.on(day),
        sex=Sex(1 + choice % 2),
        birth_place=("06325", ""),
        registered_in="06325",
        number_place=20,
        unit_day=date(2026, 1, 1),
        mother=ParentDeclared("Mẹ", mother),
        lives_with=mother,
    )
    child = ShortLifeDeclared(birth, PartialDate.on(day + timedelta(days=choice)), lived_24_hours=bool(choice))
    return (await commands.record_short_life(tx, child=child, **common)).person_id


def check_standing(life: Life) -> None:
    """What the status of a life says agrees with the rest of it."""
    assert (life.died is None) or life.status not in {PersonStatus.ALIVE, PersonStatus.DECLARED_MISSING}
    assert life.status is not PersonStatus.DECLARED_DEAD or life.died is not None
    if life.died:
        assert all(tie.until is not None for tie in life.ties)
    if life.adoption:
        assert life.father is not None or life.mother is not None
