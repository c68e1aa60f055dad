"""Notices of stay for the desk: taken down for a lodging, and listed by commune and night."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from dancu.audit.entry import SUMMARY_FIELDS, Operation
from dancu.portals.officer.data import House
from dancu.portals.officer.desk import At
from dancu.portals.officer.places import place_text
from dancu.portals.officer.session import NotYourAct
from dancu.portals.officer.views import Work
from dancu.portals.shared.code_words import LODGING
from dancu.register import surroundings
from dancu.register.notices import LAW, NotedStay, Stay, notify, stays_in_commune
from dancu.register.territory import locate

MOST = 500
_RESIDENCE = Work("purpose:residence", "", LAW)


@dataclass(frozen=True)
class StayNotice:
    """A notice in a list. `kind` is a msgid; `ref` None: no record of the guest is open here."""

    guest: str
    number: str
    ref: str | None
    night: date
    until: date
    lodging: str
    kind: str
    place: str
    reason: str
    late: bool


@dataclass(frozen=True)
class StaysAsked:
    """Whose stays are asked for: who is in a commune in the night that begins on a day.

    Args:
        guest: number, or a part of the name; '' for everybody.
    """

    commune: str
    on: date
    guest: str = ""


@dataclass(frozen=True)
class StaysPage:
    """Who stays in a commune in a night; `more`: there are more than are shown."""

    stays: tuple[StayNotice, ...]
    more: bool


class Stays:
    """Takes notices of stay down, and lists them."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def stays(self, at: At, asked: StaysAsked) -> StaysPage:
        """List who stays in a commune in a night; whom the list shows is written down."""
        check_residence(at)
        async with self._house.opened(at, Operation.SEARCH, fields=SUMMARY_FIELDS) as work:
            found = await stays_in_commune(work.tx, asked.commune, on=asked.on, guest=asked.guest, most=MOST + 1)
            shown = found[:MOST]
            persons = sorted({one.person_id for one in shown if one.person_id is not None})
            open_here = await surroundings.people(work.tx, persons)
            await work.log(persons=tuple(persons), result_count=len(shown))
        return StaysPage(tuple(self._stay(one, open_here) for one in shown), len(found) > MOST)

    def _stay(self, one: NotedStay, open_here: Container[int | None]) -> StayNotice:
        return StayNotice(
            guest=one.guest_name,
            number=one.number,
            ref=self._house.refs.ref(one.person_id) if one.person_id and one.person_id in open_here else None,
            night=one.night,
            until=one.until,
            lodging=one.lodging,
            kind=LODGING[one.lodging_kind],
            place=place_text(one.unit, "", one.night),
            reason=one.reason,
            late=one.late,
        )

    async def notify_stays(self, at: At, *, request_id: UUID, stays: Sequence[Stay]) -> int:
        """Take down a list of stays in the officer's territory, and return how many were new.

        Raises:
            Invalid: one of them can't be; see `register.notices.check`.
            BeyondScope: one of them is in another territory.
        """
        check_residence(at)
        # Whatever else the officer is at work on: a notice is taken down for the one purpose that covers it.
        at = replace(at, work=_RESIDENCE)
        async with self._house.opened(at, Operation.NOTIFY, fields=SUMMARY_FIELDS) as work:
            taken = await notify(
                work.tx, request_id=request_id, stays=stays, now=at.now, locate=locate, channel=self._house.channel
            )
            # Who sends a notice is not told whether the number is of anybody: nor is the log, beyond the notices.
            await work.log(persons=(), result_count=taken)
        return taken


def check_residence(at: At) -> None:
    """Check that an officer of residence asks.

    Raises:
        NotYourAct: somebody else does.

    Law: Luật Cư trú 68/2020/QH14, Điều 30.
    """
    if "stay" not in at.officer.may_record:
        raise NotYourAct("Stays are notified to the police of the commune")
