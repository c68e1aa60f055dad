"""What commands print: text for people, JSON for programs, and exit codes that scripts can trust."""

import sys
from dataclasses import asdict, is_dataclass
from typing import Any

import msgspec
from rich.console import Console

from dancu.kernel.errors import (
    Conflict,
    DancuError,
    Forbidden,
    Gone,
    Invalid,
    Limited,
    Malformed,
    NotFound,
    Refused,
    Stale,
    Unauthenticated,
    Unavailable,
)

DIFFERENCES = 1
USAGE = 2
REFUSED = 3
NOT_FOUND = 4
CONFLICT = 5
UNAVAILABLE = 6
INTERRUPTED = 130

EXIT_CODES: dict[type[DancuError], int] = {
    Malformed: REFUSED,
    Invalid: REFUSED,
    Refused: REFUSED,
    Forbidden: REFUSED,
    Unauthenticated: REFUSED,
    Limited: REFUSED,
    NotFound: NOT_FOUND,
    Gone: NOT_FOUND,
    Conflict: CONFLICT,
    Stale: CONFLICT,
    Unavailable: UNAVAILABLE,
}

EPILOG = (
    "Exit codes: 0 done; 1 differences or problems were found; 2 wrong usage; 3 refused, invalid or unreadable; "
    "4 not found; 5 in conflict with something else; 6 a part is not available; 130 interrupted."
)

console = Console(stderr=True, highlight=False)


def say(message: str) -> None:
    """Tell a person how it goes; programs don't read it."""
    console.print(message, markup=False)


def answer(value: object, *, as_json: bool, text: str) -> None:
    """Print the answer of a command."""
    if as_json:
        sys.stdout.write(msgspec.json.encode(_plain(value), enc_hook=str).decode() + "\n")
    else:
        sys.stdout.write(text.rstrip("\n") + "\n")
    sys.stdout.flush()


def _plain(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return value


def exit_code(error: DancuError) -> int:
    """Return the exit code of a kind of error."""
    return next((code for kind, code in EXIT_CODES.items() if isinstance(error, kind)), 1)
