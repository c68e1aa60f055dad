"""The kinds of error that anything in Dancu may raise.

A slice subclasses a kind next to the function that raises it.
HTTP status codes are known to `dancu.infra.problems` only.
No message may hold personal data.
"""

from dataclasses import dataclass, field
from datetime import date


class DancuError(Exception):
    """An error that was foreseen; its message may be shown to the person who caused it."""


class Malformed(DancuError):
    """The input could not be read at all."""


class Unauthenticated(DancuError):
    """Nobody is signed in, or the proof of identity did not hold."""


class Forbidden(DancuError):
    """There is no legal basis, scope or purpose for this access."""


class NotFound(DancuError):
    """Nothing is there, or nothing that the caller may know of."""


class Conflict(DancuError):
    """A constraint or a concurrent change stands against it."""


class Gone(DancuError):
    """What was asked for was merged into another record or withdrawn.

    `successor` is the reference under which what carries on is asked for, where there is one.
    """

    successor: str = ""


class Stale(DancuError):
    """The caller decided on a version that is no longer the latest one."""


class Limited(DancuError):
    """Too many, too fast or too much; it may be tried again later."""


class Unavailable(DancuError):
    """A part that is needed does not answer now."""


@dataclass(frozen=True)
class FieldFault:
    """What is wrong with one field: `pointer` is a JSON pointer (RFC 6901) into the input."""

    pointer: str
    message: str


@dataclass(eq=False)
class Invalid(DancuError):
    """Fields were read and are wrong; every fault is listed."""

    faults: tuple[FieldFault, ...]

    def __str__(self) -> str:
        return "; ".join(f"{fault.pointer}: {fault.message}" for fault in self.faults)


@dataclass(eq=False)
class Refused(DancuError):
    """The law says no.

    Args:
        rule: stable id of the rule, e.g. `marriage.age`.
        law: citation, in Vietnamese as published.
        in_force: first day on which the rule applied in this form.
        message_vi: what is refused and what to do, for the reader.
        message_en: the same in English.
    """

    rule: str
    law: str
    in_force: date
    message_vi: str
    message_en: str
    details: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.rule}: {self.message_en} ({self.law})"
