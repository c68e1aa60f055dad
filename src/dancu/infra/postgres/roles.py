"""What belongs to a database but lies in no dump: roles, their memberships, rights, settings."""

from collections.abc import Iterable
from typing import Any

import msgspec
import psycopg
from psycopg import sql

_OPTIONS = {
    "rolsuper": "SUPERUSER",
    "rolinherit": "INHERIT",
    "rolcreaterole": "CREATEROLE",
    "rolcreatedb": "CREATEDB",
    "rolcanlogin": "LOGIN",
    "rolreplication": "REPLICATION",
    "rolbypassrls": "BYPASSRLS",
}

_USED = """
SELECT DISTINCT r.rolname
FROM pg_shdepend s
JOIN pg_roles r ON r.oid = s.refobjid
JOIN pg_database d ON d.datname = current_database()
WHERE s.refclassid = 'pg_authid'::regclass
  AND (s.dbid = d.oid OR (s.classid = 'pg_database'::regclass AND s.objid = d.oid))
"""

_MEMBERSHIPS = """
SELECT pg_get_userbyid(roleid), pg_get_userbyid(member), admin_option, inherit_option, set_option
FROM pg_auth_members
"""

_OWNER = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"

_RIGHTS = """
SELECT CASE WHEN a.grantee = 0 THEN NULL ELSE pg_get_userbyid(a.grantee) END, a.privilege_type
FROM pg_database d, aclexplode(COALESCE(d.datacl, acldefault('d', d.datdba))) a
WHERE d.datname = current_database()
"""

_SETTINGS = """
SELECT CASE WHEN s.setrole = 0 THEN NULL ELSE pg_get_userbyid(s.setrole) END, unnest(s.setconfig)
FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
WHERE d.datname = current_database()
"""


class Role(msgspec.Struct, frozen=True):
    """A role: its options as PostgreSQL spells them, and its password's verifier when we may see it."""

    name: str
    options: list[str]
    verifier: str | None = None


class Membership(msgspec.Struct, frozen=True):
    """That one role belongs to another."""

    group: str
    member: str
    options: dict[str, bool]


class Surroundings(msgspec.Struct, frozen=True):
    """Roles, and what the database as a whole grants and sets; a role of None means everybody.

    Args:
        owner: of the database; on a server without that role, who restores becomes the owner of everything.
    """

    owner: str
    roles: list[Role]
    memberships: list[Membership]
    rights: list[tuple[str | None, str]]
    settings: list[tuple[str | None, str]]


def read(connection: psycopg.Connection[Any]) -> Surroundings:
    """Read what surrounds the database of a connection."""
    memberships = [
        Membership(group, member, {"ADMIN": admin, "INHERIT": inherit, "SET": may_set})
        for group, member, admin, inherit, may_set in connection.execute(_MEMBERSHIPS)
    ]
    used = _closure({str(name) for (name,) in connection.execute(_USED)}, memberships)
    row = connection.execute(_OWNER).fetchone()
    return Surroundings(
        owner=str(row[0]) if row else "",
        roles=_roles(connection, used),
        memberships=[one for one in memberships if one.member in used],
        rights=list(connection.execute(_RIGHTS)),
        settings=list(connection.execute(_SETTINGS)),
    )


def knows_owner(connection: psycopg.Connection[Any], saved: Surroundings) -> bool:
    """Tell whether a server has the role that owned the database."""
    return saved.owner in _present(connection)


def restore_roles(connection: psycopg.Connection[Any], saved: Surroundings) -> None:
    """Make the roles that are missing; roles that exist keep their options and password."""
    present = _present(connection)
    for role in saved.roles:
        if role.name not in present:
            connection.execute(_create(role))
    for one in saved.memberships:
        if one.member not in present and one.group != one.member:
            connection.execute(_grant(one))


def restore_rights(connection: psycopg.Connection[Any], database: str, saved: Surroundings) -> None:
    """Give a database its rights and settings back."""
    name = sql.Identifier(database)
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    present = _present(connection)
    for grantee, privilege in saved.rights:
        if grantee is not None and grantee not in present:
            continue  # the owner on another server, whose place the one who restores has taken
        to = sql.SQL("PUBLIC") if grantee is None else sql.Identifier(grantee)
        connection.execute(sql.SQL("GRANT {} ON DATABASE {} TO {}").format(_word(privilege), name, to))
    for role, setting in saved.settings:
        key, _, value = setting.partition("=")
        who = sql.SQL("DATABASE {}").format(name)
        if role is not None:
            who = sql.SQL("ROLE {} IN DATABASE {}").format(sql.Identifier(role), name)
        parts = sql.SQL(".").join(sql.Identifier(part) for part in key.split("."))
        connection.execute(sql.SQL("ALTER {} SET {} = {}").format(who, parts, sql.Literal(value)))


def _present(connection: psycopg.Connection[Any]) -> set[str]:
    return {str(name) for (name,) in connection.execute("SELECT rolname FROM pg_roles")}


def _roles(connection: psycopg.Connection[Any], used: Iterable[str]) -> list[Role]:
    columns = sql.SQL(", ").join(sql.Identifier(column) for column in _OPTIONS)
    query = sql.SQL("SELECT rolname, {} FROM pg_roles WHERE rolname = ANY(%s) AND rolname NOT LIKE 'pg\\_%%'")
    rows = connection.execute(query.format(columns), (sorted(used),)).fetchall()
    verifiers = _verifiers(connection)
    return [
        Role(
            name,
            [word if on else f"NO{word}" for word, on in zip(_OPTIONS.values(), flags, strict=True)],
            verifiers.get(name),
        )
        for name, *flags in sorted(rows)
    ]


def _verifiers(connection: psycopg.Connection[Any]) -> dict[str, str]:
    may = connection.execute("SELECT has_table_privilege('pg_authid', 'SELECT')").fetchone()
    if not may or not may[0]:
        return {}
    rows = connection.execute("SELECT rolname, rolpassword FROM pg_authid WHERE rolpassword IS NOT NULL")
    return {str(name): str(verifier) for name, verifier in rows}


def _closure(names: set[str], memberships: list[Membership]) -> set[str]:
    while True:
        more = {one.member for one in memberships if one.group in names and not one.group.startswith("pg_")}
        more |= {one.group for one in memberships if one.member in names}
        if more <= names:
            return names
        names = names | more


def _create(role: Role) -> sql.Composed:
    options = sql.SQL(" ").join(_word(option) for option in role.options)
    password = sql.SQL(" PASSWORD {}").format(sql.Literal(role.verifier)) if role.verifier else sql.SQL("")
    return sql.SQL("CREATE ROLE {} WITH {}{}").format(sql.Identifier(role.name), options, password)


def _grant(one: Membership) -> sql.Composed:
    options = sql.SQL(", ").join(
        sql.SQL("{} {}").format(_word(name), sql.SQL("TRUE" if on else "FALSE")) for name, on in one.options.items()
    )
    return sql.SQL("GRANT {} TO {} WITH {}").format(sql.Identifier(one.group), sql.Identifier(one.member), options)


def _word(keyword: str) -> sql.SQL:
    """Make a keyword of SQL from a backup's text, which could hold anything."""
    if not keyword.isalpha() or not keyword.isascii() or not keyword.isupper():
        raise ValueError("not a keyword")
    return sql.SQL(keyword)  # checked above
