"""What the role of the application may not do, whatever statement it is led to run."""

import psycopg
import pytest
from psycopg.errors import CheckViolation, InsufficientPrivilege

from dancu.register.four_eyes import FOUR_EYES

_LOG_ROW = """
INSERT INTO audit.access_log ({column}, logged_at, fields, result_count, operation, outcome, channel, actor, request_id,
                              office, role, purpose, legal_ground, salt, commitment) OVERRIDING SYSTEM VALUE
VALUES ({value}, now(), 0, 0, 3, 1, 1, 1, gen_random_uuid(), '', '', '', '',
        decode(repeat('00', 16), 'hex'), decode(repeat('00', 32), 'hex'))
"""

FORBIDDEN = {
    "choose the number of a log row": _LOG_ROW.format(column="log_id", value="9000000000000"),
    "name another transaction in a log row": _LOG_ROW.format(column="written_in", value="'5'"),
    "choose a place in the feed": (
        "INSERT INTO register.outbox (act_id, known_at, position) OVERRIDING SYSTEM VALUE VALUES (1, now(), 0)"
    ),
    "change what was proposed": "UPDATE dossiers.proposal SET command = ''",
    "change who proposed": "UPDATE dossiers.proposal SET officer_id = 1",
    "let a proposal stand longer": "UPDATE dossiers.proposal SET expires_at = 'infinity'",
    "give a dossier another matter": "UPDATE dossiers.dossier SET matter = 'population.number'",
    "give a dossier another number": "UPDATE dossiers.dossier SET number = '1'",
    "take a step back": "DELETE FROM dossiers.step",
    "take a document away": "DELETE FROM dossiers.document_chunk",
    "move a household": "UPDATE register.household SET detail = ''",
    "give a number to somebody else": "UPDATE register.identifier SET person_id = 1",
    "move a stay": "UPDATE register.residence SET unit_code = '00001'",
    "forget a person": "DELETE FROM register.person",
    "rewrite an event": "UPDATE register.event SET payload = '{}'",
    "rewrite an act": "UPDATE register.act SET approver_id = 1",
    "rewrite an opening": "UPDATE access.opening SET reason = 'another reason'",
    "tell whom an act touched": "SELECT persons FROM register.act",
    "read the feed": "SELECT sequence FROM register.feed",
    "rewrite what is queued": "UPDATE intake.queued SET told = ''",
    "rewrite what a doubt is about": "UPDATE intake.doubt SET persons = '{1, 2}'",
    "rewrite what a clerk said": "UPDATE intake.verdict SET answer = 1",
    "look up people by parts of them": (
        "SELECT person_id FROM register.alike('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', 1)"
    ),
    "read a month of the log": "SELECT log_id FROM audit.access_log_rest",
    "read a month of the stays": "SELECT notice_id FROM register.stay_notice_rest",
}


@pytest.mark.parametrize("statement", FORBIDDEN.values(), ids=FORBIDDEN)
def test_the_application_may_not(connection: psycopg.Connection, statement: str) -> None:
    connection.execute("SET ROLE dancu_app; SET dancu.scope = 'nation'")
    with pytest.raises(InsufficientPrivilege):
        connection.execute(statement.encode())


@pytest.mark.parametrize("kind", [kind for kind, seconded in FOUR_EYES.items() if seconded.touches is None])
def test_the_table_refuses_an_act_without_the_second_officer(connection: psycopg.Connection, kind: int) -> None:
    connection.execute("SET ROLE dancu_app")
    with pytest.raises(CheckViolation, match="act_seconded"):
        connection.execute(
            "INSERT INTO register.act (act_id, kind, valid_on, known_at, authority, office, officer_id, dossier_id,"
            " request_id, legal_ground, persons)"
            " VALUES (1, %s, 20260101, now(), 2, '', 5, 6, gen_random_uuid(), '', '{}')",
            (int(kind),),
        )


# Tables about no person, and those of which the application sees all rows for a reason.
OPEN_TO_ALL = {
    "access": {"asked", "assignment", "installation", "office", "officer", "session", "unknown_name"},
    "audit": {"access_log", "bundle", "checkpoint", "cosignature", "retired", "tile", "tree"},
    "dossiers": {"series"},
    "intake": {"batch", "credential", "mapping", "model", "on_desk", "pushed", "source_document"},
    "keys": {"data_key"},
    "quality": {"run", "source"},
    "register": {"act", "clock", "household", "number_block", "outbox", "request"},
}


def test_every_other_table_that_the_application_touches_is_bound_by_row_level_security(
    connection: psycopg.Connection,
) -> None:
    touched = connection.execute(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relrowsecurity"
        "   AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'reference')"
        "   AND (has_table_privilege('dancu_app', c.oid, 'SELECT, INSERT, UPDATE, DELETE')"
        "        OR has_any_column_privilege('dancu_app', c.oid, 'SELECT, INSERT, UPDATE'))"
    ).fetchall()
    assert {(schema, table) for schema, tables in OPEN_TO_ALL.items() for table in tables} == set(touched)


def test_nobody_else_may_call_what_looks_wider_than_the_scope(connection: psycopg.Connection) -> None:
    loose = connection.execute(
        "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
        "   AND (p.proacl IS NULL OR EXISTS (SELECT FROM aclexplode(p.proacl) a WHERE a.grantee = 0)"
        "        OR p.proconfig IS NULL OR NOT 'search_path=pg_catalog, pg_temp' = ANY (p.proconfig))"
    ).fetchall()
    assert loose == []


def test_a_type_of_the_own_session_runs_nothing_with_the_rights_of_others(connection: psycopg.Connection) -> None:
    connection.execute("CREATE TABLE public.ran_as (who text)")
    connection.execute("GRANT INSERT ON public.ran_as TO PUBLIC")
    connection.execute("SET ROLE dancu_app")
    connection.execute(
        "CREATE FUNCTION pg_temp.note(day pg_catalog.date) RETURNS boolean LANGUAGE plpgsql"
        " AS $$ BEGIN INSERT INTO public.ran_as VALUES (current_user); RETURN true; END $$"
    )
    connection.execute("CREATE DOMAIN pg_temp.date AS pg_catalog.date CHECK (pg_temp.note(VALUE))")
    connection.execute("SELECT audit.make_partition(now()::pg_catalog.date)")
    connection.execute("SELECT register.make_stay_month(now()::pg_catalog.date)")
    connection.execute("RESET ROLE")
    assert connection.execute("SELECT DISTINCT who FROM public.ran_as").fetchall() == []
