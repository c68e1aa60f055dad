"""A merge that is undone leaves two ledgers that tell what they would have told without it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.model.test_extended import DAYS, GENESIS, KINDS, SPOUSE

from dancu.kernel.codes import IdentifierScheme, PersonStatus
from dancu.kernel.dates import PartialDate
from dancu.register import merging
from dancu.register.decisions.records import RESTS_ON_OTHER, WHO_IS_MEANT, Undone, doubtful
from dancu.register.kinds import EventKind
from dancu.register.ledger import Event
from dancu.register.life import Life
from dancu.register.merging import MARKS
from dancu.register.model import extended, fold
from dancu.register.payloads import IdentifierGiven, MarriageGiven, Payload

SURVIVOR, MERGED = 11, 12
BEGUN = datetime(2025, 1, 1, tzinfo=UTC)
DAY = PartialDate(20250101)
NUMBERS = {EventKind.PERSONAL_NUMBER_ESTABLISHED, EventKind.EVENT_ANNULLED}

TOLD = st.lists(st.tuples(st.booleans(), DAYS, KINDS), max_size=7)
"""Events in the order of recording: whether filed under the survivor, the day, kind and facts."""

Told = list[tuple[bool, PartialDate, tuple[EventKind, Payload]]]


class Desk:
    """Two ledgers that grow, an event an hour."""

    def __init__(self) -> None:
        other = replace(
            GENESIS,
            name=("Trần", "Thị", "Buởi"),
            identifiers=(IdentifierGiven(IdentifierScheme.PERSONAL_NUMBER, "001190000009"),),
        )
        self.hours = 0
        self.ledgers: dict[int, list[Event]] = {SURVIVOR: [], MERGED: []}
        self.file(SURVIVOR, EventKind.PERSON_ESTABLISHED, PartialDate(19900302), GENESIS)
        self.file(MERGED, EventKind.PERSON_ESTABLISHED, PartialDate(19900302), other)

    def file(self, record: int, kind: EventKind, day: PartialDate, told: Payload, *, pause: bool = True) -> None:
        self.hours += pause
        ledger = self.ledgers[record]
        known_at = BEGUN + timedelta(hours=self.hours)
        ledger.append(Event(record, len(ledger) + 1, kind, day, known_at, self.hours, told))

    def file_all(self, told: Told) -> None:
        for survivor, day, (kind, payload) in told:
            self.file(SURVIVOR if survivor else MERGED, kind, day, payload)

    def mark(self, kind: EventKind) -> None:
        self.file(SURVIVOR, kind, DAY, Payload(absorbs=MERGED))
        self.file(MERGED, kind, DAY, Payload(merged_into=SURVIVOR), pause=False)

    def life(self, record: int) -> Life:
        life = fold(self.ledgers[record], ledgers=self.ledgers)
        assert life is not None
        return life


def content(life: Life) -> list[object]:
    names = (name for name in Life.__struct_fields__ if name not in {"version", "known_at", "identifiers"})
    return [*(getattr(life, name) for name in names), [replace(one, of=None) for one in life.identifiers]]


def unmarked(ledger: list[Event]) -> list[Event]:
    """What would have been filed without the merge; the numbers of events are kept, for annulments name them."""
    return [event for event in ledger if event.kind not in MARKS]


@given(TOLD, TOLD, TOLD)
def test_merging_and_unmerging_are_inverses_whatever_is_filed(before: Told, between: Told, after: Told) -> None:
    desk = Desk()
    desk.file_all(before)
    desk.mark(EventKind.RECORD_MERGED)
    desk.file_all(between)
    desk.mark(EventKind.RECORD_UNMERGED)
    desk.file_all(after)
    for record in (SURVIVOR, MERGED):
        alone = fold(unmarked(desk.ledgers[record]))
        assert alone is not None
        assert content(desk.life(record)) == content(alone)


@given(TOLD, TOLD)
def test_while_it_stands_what_is_told_does_not_depend_on_where_it_is_filed(before: Told, between: Told) -> None:
    between = [one for one in between if one[2][0] not in NUMBERS]
    lives = []
    for filed in (between, [(not survivor, day, told) for survivor, day, told in between]):
        desk = Desk()
        desk.file_all([one for one in before if one[2][0] is not EventKind.EVENT_ANNULLED])
        desk.mark(EventKind.RECORD_MERGED)
        desk.file_all(filed)
        lives.append(content(desk.life(SURVIVOR)))
        assert desk.life(MERGED).status is PersonStatus.MERGED
    assert lives[0] == lives[1]


@given(TOLD, TOLD)
def test_what_was_known_before_a_merge_does_not_change(before: Told, between: Told) -> None:
    desk = Desk()
    desk.file_all(before)
    moment = BEGUN + timedelta(hours=desk.hours)
    told = {record: fold(ledger) for record, ledger in desk.ledgers.items()}
    desk.mark(EventKind.RECORD_MERGED)
    desk.file_all(between)
    for record, ledger in desk.ledgers.items():
        assert fold(ledger, as_known_at=moment, ledgers=desk.ledgers) == told[record]


@given(TOLD, TOLD)
def test_a_survivor_extended_is_the_survivor_folded(before: Told, between: Told) -> None:
    desk = Desk()
    desk.file_all(before)
    desk.mark(EventKind.RECORD_MERGED)
    known = len(desk.ledgers[SURVIVOR])
    life = desk.life(SURVIVOR)
    desk.file_all([(True, *one[1:]) for one in between])
    old, new = desk.ledgers[SURVIVOR][:known], desk.ledgers[SURVIVOR][known:]
    if new:
        assert extended(life, old, new, ledgers=desk.ledgers) == desk.life(SURVIVOR)


def asked_after(desk: Desk) -> list[tuple[int, int, str]]:
    standing = merging.merged_into(desk.ledgers[MERGED])
    assert standing is not None
    undone = Undone(desk.ledgers[SURVIVOR], desk.ledgers[MERGED], desk.ledgers)
    return [(one.person_id, one.seq, one.reason) for one in doubtful(undone, standing)]


@given(TOLD, TOLD)
def test_only_what_was_filed_while_the_merge_stood_is_asked_about(before: Told, between: Told) -> None:
    desk = Desk()
    desk.file_all(before)
    desk.mark(EventKind.RECORD_MERGED)
    first = {record: len(ledger) + 1 for record, ledger in desk.ledgers.items()}
    desk.file_all(between)
    assert all(seq >= first[record] for record, seq, _ in asked_after(desk))


def test_what_rests_on_the_other_record_is_asked_about() -> None:
    desk = Desk()
    desk.file(MERGED, EventKind.MARRIAGE_REGISTERED, PartialDate(20150101), Payload(marriage=MarriageGiven(SPOUSE)))
    desk.mark(EventKind.RECORD_MERGED)
    desk.file(SURVIVOR, EventKind.SPOUSE_DIED, PartialDate(20200101), Payload(marriage=MarriageGiven(SPOUSE)))
    assert desk.life(SURVIVOR).spouse is None
    assert asked_after(desk) == [(SURVIVOR, 3, RESTS_ON_OTHER)]


def test_a_death_under_the_survivor_is_asked_about_and_under_the_merged_record_it_is_not() -> None:
    for record, asked in ((SURVIVOR, [(SURVIVOR, 3, WHO_IS_MEANT)]), (MERGED, [])):
        desk = Desk()
        desk.mark(EventKind.RECORD_MERGED)
        desk.file(record, EventKind.DEATH_REGISTERED, PartialDate(20200101), Payload(died=20200101))
        assert desk.life(SURVIVOR).status is PersonStatus.DEAD
        assert asked_after(desk) == asked
