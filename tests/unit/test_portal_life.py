"""What the page of a person says, told from events."""

from datetime import UTC, date, datetime

from dancu.kernel.codes import IdentifierScheme, Relation, ResidenceKind, Sex
from dancu.kernel.dates import PartialDate
from dancu.portals.officer.life import (
    ActTold,
    HouseholdTold,
    PersonTold,
    Surroundings,
    page_of,
    stay_line,
)
from dancu.portals.officer.names_of_codes import ethnic_name
from dancu.portals.officer.views import Flag, PersonPage
from dancu.portals.shared.pages import Said
from dancu.register.kinds import EventKind
from dancu.register.ledger import Event
from dancu.register.model import Residence, fold
from dancu.register.payloads import IdentifierGiven, Kin, MarriageGiven, MembershipGiven, Payload, ResidenceGiven

TODAY = date(2026, 11, 24)
LOADED = datetime(2022, 10, 1, tzinfo=UTC)
LATER = datetime(2026, 3, 1, tzinfo=UTC)


def _event(seq: int, kind: EventKind, on: PartialDate, told: Payload, at: datetime = LOADED) -> Event:
    return Event(7, seq, kind, on, at, 100 + seq, told)


EVENTS = (
    _event(
        1,
        EventKind.PERSON_ESTABLISHED,
        PartialDate.of(1985, 3, 12),
        Payload(
            name=("Nguyễn", "Văn", "An"),
            born=19850312,
            sex=Sex.MALE,
            ethnicity=101,
            nationality="VNM",
            religion=1,
            birth_place=("00001", "Bệnh viện Phụ sản"),
            father=Kin(8, "Nguyễn Văn Bình", ""),
            mother=Kin(None, "Trần Thị Cúc", ""),
            identifiers=(IdentifierGiven(IdentifierScheme.PERSONAL_NUMBER, "001085012345"),),
            residences=(ResidenceGiven(ResidenceKind.PERMANENT, "00001", "12 Phúc Xá", date(2012, 10, 1)),),
            membership=MembershipGiven(55, Relation.HEAD, date(2012, 10, 1)),
            unit_day=date(2022, 10, 1),
        ),
    ),
    _event(
        2,
        EventKind.MARRIAGE_REGISTERED,
        PartialDate.of(2012, 9, 9),
        Payload(marriage=MarriageGiven(Kin(9, "Lê Thị Dung", "001187000002"), 20120909)),
    ),
    _event(
        3,
        EventKind.PERMANENT_RESIDENCE_REGISTERED,
        PartialDate.of(2026, 2, 1),
        Payload(
            residences=(ResidenceGiven(ResidenceKind.PERMANENT, "00097", "5 Hồng Hà", date(2026, 2, 1)),),
            unit_day=date(2026, 2, 1),
        ),
        LATER,
    ),
)
AROUND = Surroundings(
    people={
        8: PersonTold(8, "Nguyễn Văn Bính", "001055000001", PartialDate.of(1955)),
        9: PersonTold(9, "Lê Thị Dung", "001187000002", openable=False),
    },
    acts={103: ActTold(office="Công an phường Hồng Hà", ground="Luật Cư trú 68/2020/QH14")},
    children=(
        PersonTold(21, "Em út", born=PartialDate.of(2018)),
        PersonTold(20, "Chị cả", born=PartialDate.of(2015)),
    ),
    household=HouseholdTold("00097-1", "5 Hồng Hà", ((PersonTold(7, "Nguyễn Văn An"), Relation.HEAD),)),
    flags=(Flag("Late"),),
)


def _page(on: date = TODAY) -> PersonPage:
    life = fold(EVENTS)
    assert life
    return page_of(
        ref_of=lambda number: f"r{number}",
        life=life,
        shown=fold(EVENTS, on=on),
        events=EVENTS,
        around=AROUND,
        on=on,
        today=TODAY,
    )


def test_the_family_is_named_as_its_own_records_say_and_linked_where_open() -> None:
    father, mother, wife, first, last = _page().family
    assert (father.name, father.ref) == ("Nguyễn Văn Bính", "r8")
    assert (mother.name, mother.ref) == ("Trần Thị Cúc", None)
    assert (wife.name, wife.ref, str(wife.since)) == ("Lê Thị Dung", None, "2012-09-09")
    assert [first.name, last.name] == ["Chị cả", "Em út"]


def test_identity_is_spelled_out() -> None:
    page = _page()
    assert page.ethnicity == "Kinh"
    assert page.nationality == Said("Việt Nam", "Vietnam")
    assert page.religion == Said("Phật giáo", "Buddhism")
    assert page.birth_place == "Bệnh viện Phụ sản, Phường Phúc Xá, Quận Ba Đình, Thành phố Hà Nội"
    assert page.number == "001085012345"


def test_the_latest_stay_comes_first_and_only_it_is_in_force() -> None:
    now, before = _page().stays
    assert (now.in_force, before.in_force, before.until) == (True, False, date(2026, 2, 1))
    assert now.address == "5 Hồng Hà, Phường Hồng Hà, Thành phố Hà Nội"
    assert before.address.endswith("Phường Phúc Xá, Quận Ba Đình, Thành phố Hà Nội")


def test_the_past_shows_the_past() -> None:
    page = _page(date(2010, 1, 1))
    assert page.known
    assert page.in_the_past
    assert [relative.role for relative in page.family[:2]] == ["Father", "Mother"]
    assert "Wife or husband" not in [relative.role for relative in page.family]
    assert page.household is None
    assert [entry.title for entry in page.timeline] == ["Record established"]
    assert page.flags == ()


def test_what_was_recorded_later_is_left_out() -> None:
    life, known_on = fold(EVENTS), date(2026, 2, 28)
    assert life
    told = page_of(
        ref_of=str,
        life=life,
        shown=fold(EVENTS, on=TODAY, as_known_at=datetime(2026, 2, 28, 16, 59, tzinfo=UTC)),
        events=EVENTS,
        around=AROUND,
        on=TODAY,
        today=TODAY,
        known_on=known_on,
    )
    assert told.knew_less
    assert not told.in_the_past
    assert [stay.address.partition(",")[0] for stay in told.stays] == ["12 Phúc Xá"]
    assert "Permanent residence registered" not in [entry.title for entry in told.timeline]
    assert told.flags == ()


def test_before_birth_nothing_is_known_and_the_head_of_the_page_still_names_the_person() -> None:
    page = _page(date(1980, 1, 1))
    assert not page.known
    assert page.name == "Nguyễn Văn An"
    assert page.earliest == date(1985, 3, 12)


def test_the_timeline_runs_backwards_and_names_place_and_ground() -> None:
    first = _page().timeline[0]
    assert first.title == "Permanent residence registered"
    assert first.office == "Công an phường Hồng Hà"
    assert ("Permanent residence", "5 Hồng Hà, Phường Hồng Hà, Thành phố Hà Nội") in first.details


def test_an_annulled_event_is_shown_and_marked() -> None:
    annulled = _event(4, EventKind.EVENT_ANNULLED, PartialDate.of(2026, 2, 1), Payload(annuls=3, reason="Ghi nhầm"))
    life = fold((*EVENTS, annulled))
    assert life
    page = page_of(ref_of=str, life=life, shown=life, events=(*EVENTS, annulled), around=AROUND, on=TODAY, today=TODAY)
    marked = [entry.title for entry in page.timeline if entry.ended]
    assert marked == ["Permanent residence registered"]


def test_a_late_birth_is_marked() -> None:
    born = PartialDate.of(2022, 1, 1)
    events = (_event(1, EventKind.BIRTH_REGISTERED, born, Payload(name=("", "", "Bé"), born=born.number)),)
    life = fold(events)
    assert life
    page = page_of(ref_of=str, life=life, shown=life, events=events, around=Surroundings({}, {}), on=TODAY, today=TODAY)
    assert page.timeline[0].late
    assert page.name == "Bé"


def test_an_old_commune_is_named_in_todays_units_where_that_is_certain() -> None:
    whole = stay_line(Residence(ResidenceKind.PERMANENT, "00001", "12 Phúc Xá", date(2022, 10, 1)), TODAY, TODAY)
    assert whole.divided == (whole.today == "")
    nowhere = stay_line(Residence(ResidenceKind.PERMANENT, "", "Nước ngoài", date(2022, 10, 1)), TODAY, TODAY)
    assert (nowhere.address, nowhere.today, nowhere.divided) == ("Nước ngoài", "", False)


def test_ethnic_groups_of_both_numberings_are_named() -> None:
    assert (ethnic_name(101), ethnic_name(0), ethnic_name(999)) == ("Kinh", "", "")
