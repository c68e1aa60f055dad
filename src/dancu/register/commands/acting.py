"""What the commands of the register share: a request that was carried out before, the lives, and writing the act."""

from dataclasses import dataclass
from datetime import datetime

from dancu.infra.db import Transaction
from dancu.kernel.codes import PersonStatus
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import FieldFault, Gone, Invalid
from dancu.register import store
from dancu.register.act import ActHeader, Decided, NewEvent
from dancu.register.kinds import EventKind
from dancu.register.life import Life
from dancu.register.payloads import Payload
from dancu.register.projection import Locate
from dancu.register.rules import Warned
from dancu.register.store import History


@dataclass(frozen=True)
class Recorded:
    """What a command did.

    Args:
        act_id: the act.
        person_id: whom it is about; of a birth, the child.
        personal_number: a number that it established.
        number_block_nearly_full: the block of that number needs a successor soon.
        warnings: rules that a past fact would have breached.
        repeated: the request had been carried out before, and nothing was changed now.
    """

    act_id: int
    person_id: int
    personal_number: str | None = None
    number_block_nearly_full: bool = False
    warnings: tuple[Warned, ...] = ()
    repeated: bool = False


async def done_before(tx: Transaction, header: ActHeader) -> Recorded | None:
    """Return what a request did when it was carried out before."""
    done = await store.act_of_request(tx, header.request_id)
    return Recorded(done[0], done[1], repeated=True) if done else None


async def carried_out(
    tx: Transaction,
    header: ActHeader,
    decided: Decided,
    histories: dict[int, History],
    now: datetime,
    locate: Locate,
) -> Recorded:
    """Write what was decided; see `store.record`."""
    act_id = await store.record(tx, header=header, decided=decided, histories=histories, now=now, locate=locate)
    return Recorded(act_id, decided.events[0].person_id, warnings=decided.warnings)


def single(person_id: int, kind: EventKind, valid_on: PartialDate, told: Payload) -> Decided:
    """Decide on one event of one person."""
    return Decided(kind, valid_on, (NewEvent(person_id, kind, valid_on, told),))


def lives_of(histories: dict[int, History]) -> dict[int, Life]:
    """Return lives, all of which must be there.

    Raises:
        PersonUnknown: one of them is not.
    """
    lives = {person_id: history.life for person_id, history in histories.items()}
    if any(life is None for life in lives.values()):
        raise store.PersonUnknown("No such person is open to you")
    return {person_id: life for person_id, life in lives.items() if life is not None}


def standing(histories: dict[int, History], *acting: int) -> dict[int, Life]:
    """Return lives, of which those that the act is about must stand.

    Raises:
        Gone: one of them was annulled.
        Invalid: two of them are records of one person.
    """
    lives = lives_of(histories)
    if any(lives[one].status in {PersonStatus.ANNULLED, PersonStatus.MERGED} for one in acting or lives):
        raise Gone("This record was merged or withdrawn")
    if any(one in lives[other].absorbed for one in acting or lives for other in acting or lives):
        raise Invalid((FieldFault("/persons", "Two of the records are of one person"),))
    return lives
