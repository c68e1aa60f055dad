"""Masked records: nobody sees them, in no list and no count, but who opened them with a reason."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from tests.store.family import COMMUNE, NOW, common, couple, life_of, married, person

from dancu.access import openings
from dancu.access.model import Assignment, Office, Officer
from dancu.access.openings import NoticeUnknown
from dancu.access.policy import OpenDossier
from dancu.access.roles import ROLES, AccountClass
from dancu.access.work import NotAllowed, opened
from dancu.audit.entry import SUMMARY_FIELDS, Operation
from dancu.infra.db import Database, Transaction
from dancu.kernel.codes import Authority, ProtectionGround, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Invalid
from dancu.kernel.ids import new_id
from dancu.register import commands, store
from dancu.register.commands import AdoptionDeclared, DeathDeclared
from dancu.register.look_up import look_up
from dancu.register.payloads import Payload
from dancu.register.protected import NotMasked, is_masked, open_masked
from dancu.register.search import parse, search
from dancu.register.verify import verify

pytestmark = pytest.mark.anyio

REASON = "Cấp bản sao trích lục theo yêu cầu của người được bảo vệ"


def registrar(office_id: int = 1, unit: str = COMMUNE) -> Officer:
    role = ROLES["civil_registrar"]
    office = Office(office_id, Authority.CIVIL_REGISTRAR, unit, "UBND")
    return Officer(7, "lan", "Nguyễn Thị Lan", AccountClass.OPERATOR, (Assignment(office, role),))


OFFICER = registrar()


@pytest.fixture(autouse=True)
def _offices(connection: psycopg.Connection) -> None:
    connection.execute(
        "INSERT INTO access.office (office_id, authority, unit_code, name, valid_from)"
        " VALUES (1, 1, %s, 'UBND', '2025-07-01'), (2, 1, '26740', 'UBND', '2025-07-01')",
        (COMMUNE,),
    )


async def witness(tx: Transaction, *, name: tuple[str, str, str] = ("Tống", "Khắc", "Quỳnh")) -> int:
    """A masked person of a name that nobody else has."""
    person_id = await person(tx, Sex.MALE, 19770707)
    await commands.change_particulars(tx, person_id=person_id, told=Payload(name=name), on=NOW.date(), **common())
    await commands.protect(
        tx, person_id=person_id, ground=ProtectionGround.WITNESS, reason="Quyết định số 1", **common()
    )
    return person_id


def dossier_of(*persons: int, office_id: int = 1) -> OpenDossier:
    return OpenDossier(501, office_id, frozenset(persons), open=True)


async def seen(database: Database, scope: str, **more: str) -> set[int]:
    async with database.transaction(scope=scope, **more) as tx:
        return {row[0] for row in await tx.rows("SELECT person_id FROM register.person")}


async def unmask(database: Database, person_id: int, officer: Officer = OFFICER, **more: Any) -> openings.Opening:
    given: dict[str, Any] = {"dossier": dossier_of(person_id), "reason": REASON, "now": NOW} | more
    return await open_masked(
        database, officer, person_id=person_id, purpose="civil_status", request_id=uuid4(), **given
    )


@pytest.mark.parametrize("scope", ["nation", "province:15", f"commune:{COMMUNE}", "none"])
@pytest.mark.parametrize("table", ["person", "event", "identifier", "residence", "former_name"])
async def test_no_scope_and_no_dossier_shows_a_masked_record(database: Database, scope: str, table: str) -> None:
    async with database.transaction(scope="nation") as tx:
        hidden, shown = await witness(tx), await person(tx)
    async with database.transaction(scope=scope, opened=f"{hidden},{shown}") as tx:
        ids = {row[0] for row in await tx.rows(f"SELECT person_id FROM register.{table}")}
    assert hidden not in ids
    assert shown in ids or table == "former_name"


async def test_who_opens_a_record_by_its_id_sees_it(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        hidden = await witness(tx)
    assert hidden in await seen(database, "none", unmasked=str(hidden))
    assert hidden not in await seen(database, "none", unmasked="12345")


@pytest.mark.parametrize("question", ["Tống Khắc Quỳnh", "Tống Khắc Quỳnh 1977", "07/07/1977", "Tống Quỳnh 07/07/1977"])
async def test_search_tells_neither_name_nor_count(database: Database, question: str) -> None:
    async with database.transaction(scope="nation") as tx:
        hidden = await witness(tx)
    for scope in (f"commune:{COMMUNE}", "nation"):
        async with database.transaction(scope=scope) as tx:
            found = await search(tx, parse(question, NOW.date()))
        assert hidden not in {hit.person_id for hit in found.hits}
        assert not found.hits


async def test_the_number_of_a_masked_person_finds_nobody(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        hidden = await witness(tx)
        number = (await life_of(tx, hidden)).personal_number
    assert number
    with pytest.raises(store.PersonUnknown):
        await look_up(database, OFFICER, number, purpose="civil_status", now=NOW, request_id=uuid4())
    async with database.transaction(scope="nation") as tx:
        assert not (await search(tx, parse(number, NOW.date()))).hits


async def test_a_rare_word_of_a_masked_name_is_in_no_vocabulary(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        await witness(tx)
    async with database.transaction(scope="nation") as tx:
        words = {row[0] for row in await tx.rows("SELECT word FROM register.name_words(100)")}
    assert "quynh" not in words


async def test_nobody_learns_who_looked_at_a_masked_person(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        hidden = await witness(tx)
    await unmask(database, hidden)
    count = "SELECT count(*) FROM audit.looks_at(%(person)s, 10)"
    async with database.transaction(scope="nation") as tx:
        assert await tx.row(count, {"person": hidden}) == (0,)
    async with database.transaction(scope="none", unmasked=str(hidden)) as tx:
        assert await tx.row(count, {"person": hidden}) == (1,)


@pytest.mark.parametrize("reason", ["", "   vì cần   "])
async def test_without_a_reason_nothing_opens(database: Database, reason: str) -> None:
    async with database.transaction(scope="nation") as tx:
        hidden = await witness(tx)
    with pytest.raises(Invalid):
        await unmask(database, hidden, reason=reason)


async def test_a_dossier_that_names_somebody_else_opens_nothing(database: Database, connection: Any) -> None:
    async with database.transaction(scope="nation") as tx:
        hidden, other = await witness(tx), await person(tx)
    with pytest.raises(store.PersonUnknown):
        await unmask(database, hidden, dossier=dossier_of(other))
    with pytest.raises(NotAllowed):
        await unmask(database, hidden, dossier=replace(dossier_of(hidden), open=False))
    refused = connection.execute("SELECT count(*) FROM audit.access_log WHERE outcome = 2 AND operation = 14")
    assert refused.fetchone() == (2,)


async def test_what_is_not_masked_needs_no_reason(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        shown = await person(tx)
    with pytest.raises(NotMasked):
        await unmask(database, shown)


async def test_an_opening_is_logged_and_told_to_the_office_that_protects(
    database: Database, connection: psycopg.Connection
) -> None:
    async with database.transaction(scope="nation") as tx:
        hidden = await witness(tx)
    elsewhere = registrar(2, "26740")
    opening = await unmask(database, hidden, elsewhere, dossier=dossier_of(hidden, office_id=2))
    logged = connection.execute(
        "SELECT officer_id, dossier_id, outcome FROM audit.access_log WHERE operation = 14 AND person_id = %s",
        (hidden,),
    ).fetchall()
    async with database.transaction(scope=f"commune:{COMMUNE}", offices="1") as tx:
        told = await openings.notices(tx, office_ids=[1], unseen=True)
        await openings.mark_seen(tx, opening.opening_id, officer_id=3, now=NOW)
        left = await openings.notices(tx, office_ids=[1], unseen=True)
        with pytest.raises(NoticeUnknown):
            await openings.mark_seen(tx, opening.opening_id, officer_id=3, now=NOW)
    async with database.transaction(scope="commune:00097", offices="9") as tx:
        foreign = await openings.notices(tx, office_ids=[1])
    assert logged == [(7, 501, 1)]
    assert [(one.person_id, one.reason, one.protects_from) for one in told] == [
        (hidden, REASON, ProtectionGround.WITNESS)
    ]
    assert (left, foreign) == ([], [])


@pytest.mark.parametrize(("officer_id", "offices"), [(8, "2"), (7, "2"), (7, "1")])
async def test_who_opened_a_record_can_not_put_the_notice_away(
    database: Database, officer_id: int, offices: str
) -> None:
    async with database.transaction(scope="nation") as tx:
        hidden = await witness(tx)
    opening = await unmask(database, hidden, registrar(2, "26740"), dossier=dossier_of(hidden, office_id=2))
    async with database.transaction(scope="none", offices=offices) as tx:
        with pytest.raises(NoticeUnknown):
            await openings.mark_seen(tx, opening.opening_id, officer_id=officer_id, now=NOW)
    async with database.transaction(scope="none", offices="1") as tx:
        assert len(await openings.notices(tx, office_ids=[1], unseen=True)) == 1


async def test_an_opened_record_stays_open_on_its_dossier_for_two_hours(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        hidden = await witness(tx)
    await unmask(database, hidden)
    async with database.transaction(scope="none", offices="1") as tx:
        after = [NOW, NOW + timedelta(hours=1, minutes=59), NOW + timedelta(hours=2)]
        open_now = [await openings.unmasked(tx, officer_id=7, dossier_id=501, now=moment) for moment in after]
        others = await openings.unmasked(tx, officer_id=8, dossier_id=501, now=NOW)
    assert open_now == [frozenset({hidden}), frozenset({hidden}), frozenset()]
    assert others == frozenset()
    dossier = replace(dossier_of(hidden), unmasked=open_now[0])
    for case, visible in ((dossier, True), (dossier_of(hidden), False)):
        async with opened(
            database,
            OFFICER,
            operation=Operation.READ,
            purpose="civil_status",
            now=NOW,
            request_id=UUID(int=3),
            fields=SUMMARY_FIELDS,
            dossier=case,
        ) as work:
            assert bool((await store.history(work.tx, hidden)).events) is visible
            await work.log(person_id=hidden)


async def test_who_decides_on_a_proposal_opens_the_record_with_a_reason_too(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        hidden = await witness(tx)
    role, office = ROLES["province_justice"], Office(3, Authority.CIVIL_REGISTRAR, "15", "Sở Tư pháp")
    second = Officer(9, "minh", "Trần Minh", AccountClass.OPERATOR, (Assignment(office, role),))
    here = Office(1, Authority.CIVIL_REGISTRAR, COMMUNE, "UBND")
    dossier = replace(dossier_of(hidden), office=here, province="15")
    opening = await unmask(database, hidden, second, dossier=dossier)
    assert (opening.officer_id, opening.office_id) == (9, 1)
    with pytest.raises(NotAllowed):
        await unmask(database, hidden, second, dossier=replace(dossier, province="01"))
    async with database.transaction(scope="none", offices="1") as tx:
        assert await openings.unmasked(tx, officer_id=9, dossier_id=501, now=NOW) == {hidden}


async def test_only_the_dossier_that_names_a_person_tells_that_it_is_masked(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        hidden, shown = await witness(tx), await person(tx)
    async with database.transaction(scope=f"commune:{COMMUNE}") as tx:
        assert not await is_masked(tx, hidden)
    async with database.transaction(scope=f"commune:{COMMUNE}", opened=f"{hidden},{shown}") as tx:
        assert await is_masked(tx, hidden)
        assert not await is_masked(tx, shown)


async def test_adoption_and_a_changed_sex_mask_and_the_last_ground_unmasks(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        adopters = await couple(tx)
        child = await person(tx, Sex.MALE, 20180301)
        await commands.record_adoption(
            tx, adoption=AdoptionDeclared(child, adopters, PartialDate(20200601)), **common()
        )
    assert child not in await seen(database, "nation")
    async with database.transaction(scope="none", unmasked=str(child)) as tx:
        told = Payload(sex=Sex.FEMALE)
        await commands.change_particulars(tx, person_id=child, told=told, on=NOW.date(), **common())
        for ground in (ProtectionGround.ADOPTION, ProtectionGround.SEX_CHANGED):
            assert child not in await seen(database, "nation")
            await commands.end_protection(tx, person_id=child, ground=ground, reason="theo đơn", **common())
    assert child in await seen(database, "nation")


async def test_an_adoption_that_is_not_secret_masks_nothing(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        adopters = await couple(tx)
        child = await person(tx, Sex.MALE, 20180301)
        adoption = AdoptionDeclared(child, adopters, PartialDate(20200601), secret=False)
        await commands.record_adoption(tx, adoption=adoption, **common())
    assert child in await seen(database, "nation")


async def test_acts_on_others_reach_a_masked_spouse(database: Database, database_dsn: str) -> None:
    async with database.transaction(scope="nation") as tx:
        man, hidden = await person(tx, household=new_id()), await person(tx, Sex.FEMALE)
        await married(tx, man, hidden, 20050601)
        await commands.protect(
            tx, person_id=hidden, ground=ProtectionGround.THREATENED, reason="Quyết định số 2", **common()
        )
    async with database.transaction(scope=f"commune:{COMMUNE}") as tx:
        await commands.record_death(tx, death=DeathDeclared(man, PartialDate(20261120)), **common())
    async with database.transaction(scope="none", unmasked=str(hidden)) as tx:
        assert (await life_of(tx, hidden)).spouse is None
    assert list(verify(database_dsn, workers=1)) == []


async def test_a_masked_record_stays_masked_when_it_is_merged_or_annulled(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        hidden, other, void = await witness(tx), await person(tx, Sex.MALE, 19770707), await witness(tx)
        for one in (hidden, void):
            await store.open_person(tx, one)
        await commands.merge_records(tx, survivor_id=other, merged_id=hidden, reason="trùng", **common())
        await commands.annul_event(tx, person_id=void, seq=1, reason="nhầm", **common())
    assert await seen(database, "nation") & {hidden, other, void} == set()
