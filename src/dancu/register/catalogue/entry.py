"""One kind of act as officers record it: whose it is, what it asks, and the command that it becomes."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from dancu.dossiers.matters import MATTERS, Matter
from dancu.infra.db import Transaction
from dancu.kernel.codes import Authority, PersonStatus, Sex
from dancu.kernel.dates import PartialDate, Period
from dancu.register.act import ActHeader
from dancu.register.catalogue.fields import Field, Plain, Values, read_all
from dancu.register.commands.acting import Recorded
from dancu.register.four_eyes import takes_four_eyes
from dancu.register.kinds import EventKind
from dancu.register.life import Life
from dancu.register.payloads import Payload
from dancu.register.projection import Locate

CIVIL_STATUS_LAW = Period(date(2016, 1, 1))
RESIDENCE_LAW = Period(date(2021, 7, 1))
IDENTITY_LAW = Period(date(2024, 7, 1))
DATA_LAW = Period(date(2026, 1, 1))


def standing(life: Life, _: date) -> bool:
    """Tell whether somebody lives, as far as the register knows."""
    return life.status in {PersonStatus.ALIVE, PersonStatus.DECLARED_MISSING}


@dataclass(frozen=True)
class Call:
    """What every command takes."""

    tx: Transaction
    header: ActHeader
    now: datetime
    locate: Locate

    @property
    def common(self) -> dict[str, Any]:
        """The arguments of every command, by name."""
        return {"header": self.header, "now": self.now, "locate": self.locate}


Command = Callable[..., Awaitable[Recorded]]
Arguments = Callable[[Call, Values], dict[str, Any]]
Record = Callable[[Call, Values], Awaitable[Recorded]]


def carried_out(command: Command, arguments: Arguments) -> Record:
    """Return what carries out a command with arguments that are made of the values."""

    async def record(call: Call, values: Values) -> Recorded:
        return await command(call.tx, **arguments(call, values), **call.common)

    return record


@dataclass(frozen=True)
class Proposable:
    """An act that may take four eyes: the name of its command, and the arguments that it would get.

    Args:
        command: name in `dancu.register.proposed.PROPOSABLE`.
    """

    command: str
    arguments: Arguments


@dataclass(frozen=True)
class Entry:
    """A kind of act.

    Args:
        code: name by which it is asked for.
        kind: the kind of its first event; matters of dossiers name it in lower case.
        title: a msgid.
        ground: legal ground, unless another is told.
        in_force: when acts of this kind are recorded.
        fields: what it tells.
        record: carries it out.
        possible: tells whether it is offered for a person on a day; whether it goes through the law decides.
        of_a_person: about somebody who is registered already.
        booked: it stands in a civil-status book.
        decided: a court or another authority has decided it, and the decision is named as evidence.
        establishes: it brings somebody into the register.
        address: a form of its own in the officer's portal; '' for the plain one.
        proposable: how it is proposed, where it may take four eyes.
    """

    code: str
    kind: EventKind
    title: str
    ground: str
    in_force: Period
    fields: tuple[Field, ...]
    record: Record
    possible: Callable[[Life, date], bool] = standing
    of_a_person: bool = True
    booked: bool = False
    decided: bool = False
    establishes: bool = False
    address: str = ""
    proposable: Proposable | None = None

    @property
    def act(self) -> str:
        """The name by which matters and policy know it."""
        return self.kind.name.lower()

    def matters(self, authority: Authority | None = None) -> list[Matter]:
        """List the matters that lead to it, of one authority or of all."""
        found = (matter for matter in MATTERS.values() if self.act in matter.acts)
        return [matter for matter in found if authority is None or matter.authority is authority]

    def authorities(self, day: date) -> frozenset[Authority]:
        """Return whose act it is on a day; none before the law by which it is recorded."""
        return frozenset(matter.authority for matter in self.matters()) if self.in_force.covers(day) else frozenset()

    def takes_four_eyes(self, values: Values) -> bool:
        """Tell whether it must be proposed to a second officer, by its kind and by what it tells."""
        if self.proposable is None:
            return False
        sex, born = values.of.get("sex"), values.of.get("born")
        told = Payload(
            sex=sex if isinstance(sex, Sex) else None, born=born.number if isinstance(born, PartialDate) else None
        )
        return takes_four_eyes(self.kind, (told,))

    def read(self, plain: Plain) -> Values:
        """Read what is told.

        Raises:
            Invalid: with a fault for each field that is wrong.
        """
        return read_all(self.fields, plain)


class Filed(msgspec.Struct, frozen=True, omit_defaults=True):
    """An act as it is filed, apart from who does it and when: plain values, so that it can be kept and carried out.

    Args:
        act: code of the entry.
        values: plain value by field.
        registration: place in the civil-status books.
        evidence: names of documents and their hashes; '' where there is none.
        legal_ground: '' for that of the entry.
    """

    act: str
    values: dict[str, Any] = {}
    registration: dict[str, str] = {}
    evidence: dict[str, str] = {}
    legal_ground: str = ""


Catalogue = Mapping[str, Entry]
