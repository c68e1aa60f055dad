"""Acts against the log and the approvals: what lacks one, or has one too many, is named."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from tests.journeys.village import HONG_HA, LOADED, NOW, Village
from tests.store.test_four_eyes import COLLEAGUE, FIRST, RING, case, decide, header_of, new_number, village

from dancu.access.policy import OpenDossier
from dancu.access.work import opened
from dancu.audit.entry import ALL_FIELDS, Operation
from dancu.dossiers.commands import persons_of
from dancu.infra.db import Database
from dancu.kernel.codes import Authority
from dancu.kernel.dates import PartialDate
from dancu.kernel.time import today
from dancu.register import commands
from dancu.register.act import ActHeader
from dancu.register.commands import TemporaryDeclared
from dancu.register.expiry import end_expired_stays
from dancu.register.payloads import Payload
from dancu.register.territory import locate
from dancu.register.verify.access_log import unmatched
from dancu.register.verify.seconds import unseconded

__all__ = ["village"]

pytestmark = pytest.mark.anyio

Connection = psycopg.Connection[Any]


async def recorded(database: Database, village: Village, *, logged: bool = True) -> int:
    """Record an act that takes one officer, as the desk does."""
    person_id = village.people["Nguyễn Văn An"]
    dossier = await case(database, village, matter="1.010039")
    async with database.transaction(offices=str(dossier.office_id)) as tx:
        persons = await persons_of(tx, dossier.dossier_id)
    async with opened(
        database,
        FIRST,
        operation=Operation.WRITE,
        purpose="dossier",
        now=NOW,
        request_id=uuid4(),
        fields=ALL_FIELDS,
        dossier=OpenDossier(dossier.dossier_id, dossier.office_id, persons, open=True, matter=dossier.matter),
        act="particulars_updated",
    ) as work:
        done = await commands.update_from_source(
            work.tx,
            header=header_of(FIRST, dossier),
            person_id=person_id,
            told=Payload(phone="0912345678"),
            valid_on=PartialDate.on(date(2026, 11, 1)),
            now=NOW,
            locate=locate,
        )
        await work.log(person_id=person_id, act_id=done.act_id if logged else None)
    return done.act_id


async def approved(database: Database, village: Village) -> int:
    """Record an act that takes two officers."""
    return (
        await decide(database, COLLEAGUE, await new_number(database, village, await case(database, village)))
    ).act_id


def match_from(connection: Connection) -> None:
    """Match acts and log from the day before, so not what the village was settled by."""
    connection.execute("UPDATE audit.acts_named SET since = %s", (NOW - timedelta(days=1),))


def told(connection: Connection) -> list[str]:
    match_from(connection)
    found = [*unseconded(connection, RING), *unmatched(connection)]
    return sorted({one.what.partition(" (")[0].removeprefix("not so: ") for one in found})


TAMPERINGS = {
    "an act without a row of the log": ("DELETE FROM audit.access_log WHERE operation = 6", "act is in the log"),
    "a row of another officer": (
        "UPDATE audit.access_log SET officer_id = 999 WHERE operation = 6",
        "act is in the log",
    ),
    "a row of another dossier": (
        "UPDATE audit.access_log SET dossier_id = 999 WHERE operation = 6",
        "act is in the log",
    ),
    "a row about others": (
        "UPDATE audit.access_log SET person_id = 999, persons = NULL WHERE operation = 6",
        "act is in the log",
    ),
    "a row from after the act": (
        "UPDATE audit.access_log SET logged_at = logged_at + interval '1 hour' WHERE operation = 6",
        "act is in the log",
    ),
    "a refused row": ("UPDATE audit.access_log SET outcome = 2 WHERE operation = 6", "act is in the log"),
    "an act slipped in by nobody": (
        """INSERT INTO register.act (act_id, kind, valid_on, known_at, authority, office, request_id, legal_ground,
                                     persons)
           SELECT 7, 3, 20261101, '2026-11-24 05:00Z', 2, '', gen_random_uuid(), '', persons
             FROM register.act LIMIT 1""",
        "act is in the log",
    ),
    "an act slipped in by a load": (
        """INSERT INTO register.act (act_id, kind, valid_on, known_at, authority, office, request_id, legal_ground,
                                     batch_id, persons)
           SELECT 7, 3, 20261101, '2026-11-24 05:00Z', 2, '', gen_random_uuid(), '', 12, persons
             FROM register.act LIMIT 1""",
        "load is in the log",
    ),
    "an act taken away": (
        "DELETE FROM register.act WHERE officer_id IS NOT NULL AND approver_id IS NULL",
        "act of the log is there",
    ),
    "an act told twice": (
        """INSERT INTO audit.access_log (logged_at, fields, result_count, operation, outcome, channel, actor,
                                         request_id, office, role, purpose, legal_ground, reason, salt, commitment)
           SELECT logged_at, 0, 0, 3, 1, 1, 1, request_id, '', '', '', '', reason, salt, commitment
             FROM audit.access_log WHERE operation = 6""",
        "act is in the log once",
    ),
    "an approval by somebody else": (
        "UPDATE register.act SET approver_id = 999 WHERE approver_id IS NOT NULL",
        "act was approved by who is named",
    ),
    "an act of another proposer": (
        "UPDATE register.act SET officer_id = 999 WHERE approver_id IS NOT NULL",
        "act was proposed by who is named",
    ),
    "no second officer": (
        """ALTER TABLE register.act DROP CONSTRAINT act_seconded;
           UPDATE register.act SET approver_id = NULL WHERE approver_id IS NOT NULL""",
        "act was approved by who is named",
    ),
    "an approval taken away": ("DELETE FROM dossiers.proposal", "act was approved by a second officer"),
    "an approval of another act": ("UPDATE dossiers.proposal SET act_id = 999", "approved act is there"),
    "an approval moved to another act": (
        """UPDATE dossiers.proposal
              SET act_id = (SELECT act_id FROM register.act WHERE officer_id IS NOT NULL AND approver_id IS NULL)""",
        "act was approved by a second officer",
    ),
    "an approval after the act": (
        "UPDATE dossiers.proposal SET decided_at = decided_at + interval '1 hour'",
        "act was approved before it was recorded",
    ),
    "an act of one officer made one of two": (
        """UPDATE register.event e SET payload = '{"s":1}' FROM register.act a
            WHERE a.act_id = e.act_id AND a.officer_id IS NOT NULL AND a.approver_id IS NULL""",
        "act was approved by a second officer",
    ),
    "facts that can't be read": (
        """UPDATE register.event e SET payload = '1' FROM register.act a
            WHERE a.act_id = e.act_id AND a.officer_id IS NOT NULL AND a.approver_id IS NULL""",
        "act was approved by a second officer",
    ),
    "another kind": ("UPDATE dossiers.proposal SET act = 'record_merged'", "act is what was approved"),
    "another ground": (
        "UPDATE register.act SET legal_ground = 'x' WHERE approver_id IS NOT NULL",
        "act is what was approved",
    ),
    "another request": (
        "UPDATE register.act SET request_id = gen_random_uuid() WHERE approver_id IS NOT NULL",
        "act is what was approved",
    ),
    "another office": (
        "UPDATE register.act SET office = '01' WHERE approver_id IS NOT NULL",
        "act is what was approved",
    ),
    "one person more": (
        """UPDATE register.act SET persons = persons || 999 WHERE approver_id IS NOT NULL;
           INSERT INTO register.event (person_id, act_id, known_at, seq, valid_on, kind, payload, hash)
           SELECT 999, act_id, known_at, 1, valid_on, kind, payload, hash FROM register.event WHERE kind = 9""",
        "act is what was approved",
    ),
    "a proposal edited": ("UPDATE dossiers.proposal SET digest = sha256('x')", "what was approved can be read"),
}


async def test_what_was_logged_and_approved_has_no_differences(
    database: Database, village: Village, connection: Connection
) -> None:
    await recorded(database, village)
    await approved(database, village)
    assert told(connection) == []


@pytest.mark.parametrize("tampering", TAMPERINGS)
async def test_tampering_is_named(database: Database, village: Village, connection: Connection, tampering: str) -> None:
    await recorded(database, village)
    await approved(database, village)
    statements, expected = TAMPERINGS[tampering]
    for statement in statements.split(";"):
        connection.execute(statement.encode())
    assert expected in told(connection)


async def test_an_approved_decision_that_is_no_act_of_the_register_needs_none(
    database: Database, village: Village, connection: Connection
) -> None:
    await new_number(database, village, await case(database, village))
    connection.execute(
        "UPDATE dossiers.proposal SET state = 'approved', act = 'record_matched', decided_by = 102, decided_at = now()"
    )
    assert told(connection) == []
    connection.execute("ALTER TABLE dossiers.proposal DROP CONSTRAINT proposal_act_when_approved")
    connection.execute("UPDATE dossiers.proposal SET act = 'personal_number_established'")
    assert told(connection) == ["approved act is there"]


async def test_an_act_that_was_recorded_past_the_log_is_named(
    database: Database, village: Village, connection: Connection
) -> None:
    act_id = await recorded(database, village, logged=False)
    match_from(connection)
    (found,) = unmatched(connection)
    assert (found.what, found.person_id) == (f"not so: act is in the log ({act_id})", village.people["Nguyễn Văn An"])


async def test_what_the_log_does_not_reach_is_not_matched(
    database: Database, village: Village, connection: Connection
) -> None:
    await recorded(database, village, logged=False)
    connection.execute(
        "INSERT INTO audit.retired (month, told_by, log_ids) VALUES ('2026-11-01', 1, '{}')",
    )
    assert told(connection) == []


async def test_whoever_moves_the_first_day_of_matching_is_found(
    database: Database, village: Village, connection: Connection
) -> None:
    await recorded(database, village)
    connection.execute("UPDATE audit.acts_named SET since = %s", (NOW + timedelta(days=1),))
    assert any("matched from the first" in one.what for one in unmatched(connection))
    connection.execute("DELETE FROM audit.acts_named")
    assert any("since when" in one.what for one in unmatched(connection))


async def test_an_act_of_a_program_stands_in_the_log(
    database: Database, village: Village, connection: Connection
) -> None:
    stay = TemporaryDeclared((village.people["Trần Văn Xa"],), HONG_HA, "12 Phúc Xá", date(2026, 10, 1), today(NOW))
    async with database.transaction(scope="nation") as tx:
        header = ActHeader(Authority.COMMUNE_POLICE, HONG_HA, uuid4(), "Luật Cư trú 68/2020/QH14")
        await commands.register_temporary_residence(tx, header=header, declared=stay, now=LOADED, locate=locate)
    for _ in range(2):
        async with database.transaction(scope="none") as tx:
            await end_expired_stays(tx, now=NOW + timedelta(days=2), locate=locate)
    assert told(connection) == []
    assert connection.execute("SELECT count(*) FROM audit.access_log WHERE reason LIKE 'act:%'").fetchone() == (1,)
