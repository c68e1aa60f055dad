"""A life extended by new events is the life that the whole ledger tells."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dancu.kernel.codes import IdentifierScheme, Relation, ResidenceKind
from dancu.kernel.dates import PartialDate
from dancu.register.kinds import EventKind
from dancu.register.ledger import Event
from dancu.register.model import extended, fold
from dancu.register.payloads import IdentifierGiven, Kin, MarriageGiven, MembershipGiven, Payload, ResidenceGiven

NUMBER = IdentifierScheme.PERSONAL_NUMBER
GENESIS = Payload(
    name=("Trần", "Thị", "Bưởi"),
    born=19900302,
    sex=2,
    identifiers=(IdentifierGiven(NUMBER, "001190000001"),),
    membership=MembershipGiven(1, Relation.CHILD),
)
SPOUSE = Kin(2, "Lê Văn Cam", "")

DAYS = st.builds(
    PartialDate.of,
    st.integers(2008, 2024),
    st.sampled_from([0, 5]),
).flatmap(lambda day: st.sampled_from([day, PartialDate(day.number + 12)]) if day.month else st.just(day))
KINDS = st.sampled_from(
    [
        (EventKind.PARTICULARS_UPDATED, Payload(phone="0901234567", name=("Trần", "Thị", "Mận"))),
        (EventKind.PARTICULARS_UPDATED, Payload(phone="0907654321", name=("Trần", "Thị", "Đào"))),
        (EventKind.PARTICULARS_CORRECTED, Payload(sex=1, born=19890000)),
        (
            EventKind.PERMANENT_RESIDENCE_REGISTERED,
            Payload(
                residences=(ResidenceGiven(ResidenceKind.PERMANENT, "00004", "Số 5", date(2015, 5, 12)),),
                membership=MembershipGiven(2, Relation.HEAD, date(2015, 5, 12)),
            ),
        ),
        (EventKind.MARRIAGE_REGISTERED, Payload(marriage=MarriageGiven(SPOUSE, 20120512))),
        (EventKind.SPOUSE_DIED, Payload(marriage=MarriageGiven(SPOUSE))),
        (EventKind.DEATH_REGISTERED, Payload(died=20200000)),
        (EventKind.PERSONAL_NUMBER_ESTABLISHED, Payload(identifiers=(IdentifierGiven(NUMBER, "001190000002"),))),
        (EventKind.EVENT_ANNULLED, Payload(annuls=2)),
    ]
)


def events(told: list[tuple[PartialDate, tuple[EventKind, Payload]]]) -> list[Event]:
    begun = datetime(2025, 1, 1, tzinfo=UTC)
    genesis = Event(1, 1, EventKind.PERSON_ESTABLISHED, PartialDate(19900302), begun, 1, GENESIS)
    rest = (
        Event(1, seq, kind, day, begun + timedelta(hours=seq), seq, payload)
        for seq, (day, (kind, payload)) in enumerate(told, start=2)
    )
    return [genesis, *rest]


@given(st.lists(st.tuples(DAYS, KINDS), min_size=1, max_size=6), st.integers(1, 6))
def test_it_is_what_folding_everything_tells(
    told: list[tuple[PartialDate, tuple[EventKind, Payload]]], many: int
) -> None:
    ledger = events(told)
    known = min(many, len(told))
    before, new = ledger[:known], ledger[known:]
    assert extended(fold(before), before, new) == fold(ledger)


def test_the_first_events_of_a_person_are_folded() -> None:
    ledger = events([])
    assert extended(None, [], ledger) == fold(ledger)
