"""One lint over every migration and query: the same schema must run when one machine is outgrown.

Citus refuses, and so do we: a unique constraint without the distribution column, a foreign key to anything but
a reference table, triggers, MERGE, recursive SQL over persons, set_config(), SKIP LOCKED over shards.
Each was run on a Citus cluster; see docs/decisions/0002-schema-rules-of-distribution.md.
"""

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pglast
import psycopg
import pytest
from pglast.enums import ConstrType
from pglast.visitors import Visitor

from dancu.infra.migrations import available
from dancu.infra.sql import Queries

# The column by which the rows of a distributed table are spread. Everything else is a reference or a local table.
DISTRIBUTED_BY = {
    "register.act": "act_id",
    "register.request": "request_id",
    "register.outbox": "act_id",
    "register.feed": "sequence",
    "register.feed_head": "single",
    "register.event": "person_id",
    "register.person": "person_id",
    "register.identifier": "value",
    "register.residence": "person_id",
    "register.membership": "person_id",
    "register.former_name": "person_id",
    "register.household": "household_id",
    "register.clock": "clock_id",
    "register.number_block": "block",
    "register.question": "person_id",
    "register.stay_notice": "notice_id",
    "register.stay_notice_rest": "notice_id",
    "register.deferred_index": "definition",
    "stats.population": "unit",
    "stats.counted": "person_id",
    "quality.subject": "person_id",
    "quality.to_fix": "person_id",
    "intake.claim": "person_id",
    "audit.access_log": "log_id",
    "dossiers.dossier": "dossier_id",
    "dossiers.named_person": "dossier_id",
    "dossiers.request": "request_id",
    "dossiers.series": "office_id",
    "dossiers.step": "dossier_id",
    "dossiers.proposal": "dossier_id",
    "dossiers.document": "dossier_id",
    "dossiers.document_chunk": "dossier_id",
}

SLICES = (
    "reference",
    "audit",
    "access",
    "dossiers",
    "register",
    "register.search",
    "register.verify",
    "register.feed",
    "intake",
    "intake.adjudication",
    "intake.survivorship",
    "stats",
    "quality",
    "infra.keys",
)

UTILITIES = (
    *("COPY", "LOCK", "TRUNCATE", "CREATE", "DROP", "ALTER", "SET", "ANALYZE"),
    *("VACUUM", "NOTIFY", "LISTEN"),
)
"""What can't be prepared."""


def statements() -> Iterator[tuple[str, Any]]:
    for migration in available():
        for raw in pglast.parse_sql(migration.text):
            yield f"{migration.number:04}_{migration.name}", raw.stmt


def queries() -> Iterator[tuple[str, str]]:
    for slice_name in SLICES:
        for entry in files(f"dancu.{slice_name}").iterdir():
            if entry.name.endswith(".sql"):
                for name, text in Queries(f"dancu.{slice_name}", entry.name).items():
                    yield f"{slice_name}/{entry.name}:{name}", text


def as_parameters(text: str) -> str:
    """Turn `%(name)s` into `$n`, as the driver does."""
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        if match[1] not in names:
            names.append(match[1])
        return f"${names.index(match[1]) + 1}"

    return re.sub(r"%\((\w+)\)s", number, text).replace("%%", "%")


def table_of(relation: Any) -> str:
    return f"{relation.schemaname}.{relation.relname}"


def is_a(node: object, *kinds: str) -> bool:
    return type(node).__name__ in kinds


def unique_keys(create: Any) -> Iterator[tuple[str, list[str]]]:
    for element in create.tableElts or ():
        if is_a(element, "Constraint") and element.contype in {
            ConstrType.CONSTR_PRIMARY,
            ConstrType.CONSTR_UNIQUE,
        }:
            yield element.conname or "?", [key.sval for key in element.keys]
        if is_a(element, "ColumnDef"):
            for constraint in element.constraints or ():
                if constraint.contype in {ConstrType.CONSTR_PRIMARY, ConstrType.CONSTR_UNIQUE}:
                    yield element.colname, [element.colname]


def test_every_unique_key_of_a_distributed_table_holds_its_distribution_column() -> None:
    for where, statement in statements():
        if is_a(statement, "CreateStmt") and (column := DISTRIBUTED_BY.get(table_of(statement.relation))):
            for name, columns in unique_keys(statement):
                assert column in columns, f"{where}: {table_of(statement.relation)}.{name}"
        if is_a(statement, "IndexStmt") and statement.unique:
            table = table_of(statement.relation)
            if table in DISTRIBUTED_BY:
                columns = [parameter.name for parameter in statement.indexParams]
                assert DISTRIBUTED_BY[table] in columns, f"{where}: {statement.idxname}"


def test_every_table_of_the_register_is_distributed_by_a_named_column() -> None:
    for where, statement in statements():
        if is_a(statement, "CreateStmt") and statement.relation.schemaname == "register":
            assert table_of(statement.relation) in DISTRIBUTED_BY, where


def test_no_foreign_key_leaves_a_distributed_table() -> None:
    for where, statement in statements():
        if is_a(statement, "CreateStmt") and table_of(statement.relation) in DISTRIBUTED_BY:
            for element in statement.tableElts or ():
                for constraint in getattr(element, "constraints", None) or (element,):
                    if is_a(constraint, "Constraint") and constraint.contype == ConstrType.CONSTR_FOREIGN:
                        assert constraint.pktable.schemaname == "reference", where


def test_migrations_make_no_triggers_and_no_rules() -> None:
    for where, statement in statements():
        assert not is_a(statement, "CreateTrigStmt", "RuleStmt", "MergeStmt"), where


def test_every_table_says_what_it_is() -> None:
    tables, described = set(), set()
    for _, statement in statements():
        if is_a(statement, "CreateStmt") and not statement.partbound:
            tables.add(table_of(statement.relation))
        if is_a(statement, "CommentStmt") and isinstance(statement.object, tuple):
            described.add(".".join(part.sval for part in statement.object))
    assert tables - described == set()


class Forbidden(Visitor):
    def __init__(self, where: str) -> None:
        self.where = where

    def visit_MergeStmt(self, _ancestors: object, _node: object) -> None:  # noqa: N802
        pytest.fail(f"{self.where}: MERGE")

    def visit_WithClause(self, _ancestors: object, node: Any) -> None:  # noqa: N802
        assert not node.recursive, f"{self.where}: recursive SQL"

    def visit_FuncCall(self, _ancestors: object, node: Any) -> None:  # noqa: N802
        assert node.funcname[-1].sval != "set_config", f"{self.where}: set_config() is not propagated, use SET LOCAL"

    def visit_ColumnRef(self, _ancestors: object, node: Any) -> None:  # noqa: N802
        assert not any(is_a(field, "A_Star") for field in node.fields), f"{self.where}: SELECT *"


@pytest.mark.parametrize(("where", "text"), [pytest.param(*one, id=one[0]) for one in queries()])
def test_a_query_keeps_to_the_rules(where: str, text: str) -> None:
    Forbidden(where)(pglast.parse_sql(as_parameters(text)))


def test_every_query_can_be_prepared_against_the_migrated_schema(connection: psycopg.Connection) -> None:
    broken = []
    for where, text in queries():
        if text.lstrip().upper().startswith(UTILITIES):
            continue
        try:
            with connection.transaction(force_rollback=True):
                connection.execute(f"PREPARE one AS {as_parameters(text)}".encode())
                connection.execute("DEALLOCATE one")
        except psycopg.Error as error:
            broken.append(f"{where}: {error.diag.message_primary}")
    assert broken == []
