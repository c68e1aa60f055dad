"""Named SQL: each slice keeps its statements in a `queries.sql` beside its code.

A statement begins with `-- name: person_by_number`; comment lines that follow belong to it.
Parameters are written `%(personal_number)s`, with a cast where PostgreSQL can't infer the type.
"""

import re
from importlib.resources import files

_NAME = re.compile(r"^-- name: ([a-z][a-z0-9_]*)\s*$", re.MULTILINE)


class Queries:
    """The statements of one slice, by name: `SQL.person_by_number`."""

    def __init__(self, package: str, file: str = "queries.sql") -> None:
        """Read the statements of a package.

        Raises:
            ValueError: a name stands twice, or text stands before the first name.
        """
        self._statements = parse(files(package).joinpath(file).read_text(encoding="utf-8"))

    def __getattr__(self, name: str) -> str:
        try:
            return self._statements[name]
        except KeyError:
            raise AttributeError(f"no statement is named {name}") from None

    def items(self) -> list[tuple[str, str]]:
        """List names and texts, in the order of the file."""
        return list(self._statements.items())


def parse(text: str) -> dict[str, str]:
    """Split a file of named statements.

    Raises:
        ValueError: a name stands twice, or text stands before the first name.
    """
    head, *rest = _NAME.split(text)
    if any(line.strip() and not line.startswith("--") for line in head.splitlines()):
        raise ValueError("a statement has no name")
    statements: dict[str, str] = {}
    for name, body in zip(rest[::2], rest[1::2], strict=True):
        if name in statements:
            raise ValueError(f"the name {name} stands twice")
        statements[name] = body.strip().removesuffix(";")
    return statements
