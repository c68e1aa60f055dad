"""Every kind of event and every code that a page may show has words, and every event says what it changed."""

from datetime import UTC, date, datetime
from enum import IntEnum

import pytest

from dancu.audit.entry import Channel, Operation
from dancu.kernel.codes import (
    AbsenceCase,
    Authority,
    Capacity,
    MaritalStatus,
    PermanentEnd,
    ProtectionGround,
    Relation,
    ResidenceKind,
    Sex,
    TemporaryEnd,
    TieEnd,
    TieKind,
)
from dancu.kernel.dates import PartialDate
from dancu.portals.officer.act_values import Named, lines_of, options_of
from dancu.portals.officer.event_details import details
from dancu.portals.officer.labels import CHANNEL, EVENT, OPERATION
from dancu.portals.officer.views import Word
from dancu.portals.shared.code_words import CODES, TIE, TIE_END
from dancu.register.catalogue import CATALOGUE, Form
from dancu.register.kinds import EventKind
from dancu.register.ledger import Event
from dancu.register.payloads import (
    AbsenceGiven,
    AdoptionGiven,
    Kin,
    MembershipGiven,
    Payload,
    ResidenceGiven,
    TieGiven,
)

KNOWN = datetime(2026, 11, 24, 2, tzinfo=UTC)
DAY = PartialDate.of(2026, 11, 20)


def event(kind: EventKind, told: Payload, seq: int = 2) -> Event:
    return Event(7, seq, kind, DAY, KNOWN, 100, told)


def test_every_kind_of_event_operation_and_channel_has_words() -> None:
    assert set(EVENT) == set(EventKind)
    assert set(OPERATION) == set(Operation)
    assert set(CHANNEL) == set(Channel)


@pytest.mark.parametrize("codes", CODES)
def test_every_code_of_a_list_has_a_word(codes: type[IntEnum]) -> None:
    assert set(CODES[codes]) == {int(one) for one in codes}


def test_ties_have_words() -> None:
    assert (set(TIE), set(TIE_END)) == (set(TieKind), set(TieEnd))


def test_every_choice_of_every_act_has_options_of_its_own() -> None:
    for entry in CATALOGUE.values():
        for one in entry.fields:
            values = [option.value for option in options_of(one)]
            assert (len(values) > 1) is (one.form is Form.CHOICE), (entry.code, one.name)
            assert len(set(values)) == len(values)


def test_fields_of_an_act_do_not_stand_in_for_those_of_its_papers() -> None:
    papers = {"work", "office", "request_id", "form_token", "book", "volume", "book_number", "signer", "evidence"}
    papers |= {"requester", "because", "add", "all", "alike", "another_child", "surname", "middle", "given"}
    for entry in CATALOGUE.values():
        names = {one.name for one in entry.fields}
        assert names & papers == set()
        assert sum(one.form is Form.NAME for one in entry.fields) <= 1


def test_an_act_belongs_to_at_most_the_authorities_that_act_in_a_commune_or_at_the_center() -> None:
    for entry in CATALOGUE.values():
        assert entry.authorities(date(2026, 11, 24)) <= set(Authority)


@pytest.mark.parametrize(
    ("kind", "told", "expected"),
    [
        (
            EventKind.PARTICULARS_CHANGED,
            Payload(name=("Lê", "Bình", "An"), sex=Sex.FEMALE, born=19850313, ethnicity=103, origin=("00097", "Phố")),
            {"Full name": "Lê Bình An", "Sex": Word("Female"), "Date of birth": "13/03/1985"},
        ),
        (EventKind.NATIONALITY_CHANGED, Payload(nationality="XXX"), {"Nationality": "XXX"}),
        (
            EventKind.PERMANENT_RESIDENCE_ENDED,
            Payload(ground=PermanentEnd.SETTLED_ABROAD, reason="định cư"),
            {"Ground": Word("Settled abroad"), "Reason": "định cư"},
        ),
        (
            EventKind.TEMPORARY_RESIDENCE_ENDED,
            Payload(ground=TemporaryEnd.EXPIRED),
            {"Ground": Word("The term is over")},
        ),
        (
            EventKind.TEMPORARY_RESIDENCE_REGISTERED,
            Payload(
                residences=(ResidenceGiven(ResidenceKind.TEMPORARY, "", "Thôn 2", date(2026, 1, 1), date(2027, 1, 1)),)
            ),
            {"Temporary residence": "Thôn 2", "Until": "01/01/2027"},
        ),
        (
            EventKind.ABSENCE_DECLARED,
            Payload(absence=AbsenceGiven(AbsenceCase.LONG_ABSENCE, date(2027, 1, 1), ("", "Lào"))),
            {"Where to": "Lào", "Day of return": "01/01/2027"},
        ),
        (
            EventKind.HOUSEHOLD_HEAD_CHANGED,
            Payload(membership=MembershipGiven(1, Relation.SPOUSE)),
            {"Relation to the head": Word("Wife or husband")},
        ),
        (
            EventKind.ADOPTED,
            Payload(adoption=AdoptionGiven(Kin(1, "Lê Văn Cha"), Kin(2, "Lê Thị Mẹ"))),
            {"Father": "Lê Văn Cha", "Mother": "Lê Thị Mẹ"},
        ),
        (EventKind.PARENT_RECOGNISED, Payload(father=Kin(1, "Lê Văn Cha")), {"Father": "Lê Văn Cha"}),
        (
            EventKind.GUARDIANSHIP_ENDED,
            Payload(ties=(TieGiven(TieKind.WARD, Kin(3, "Lê Bé"), "tài sản", TieEnd.OF_AGE),)),
            {"Ward": "Lê Bé", "How far it goes": "tài sản", "Why it ends": Word("Has come of age")},
        ),
        (
            EventKind.LEGAL_CAPACITY_CHANGED,
            Payload(capacity=Capacity.FULL),
            {"Legal capacity": Word("Full legal capacity")},
        ),
        (
            EventKind.PROTECTED,
            Payload(protection=ProtectionGround.WITNESS, reason="số 1"),
            {"Ground": Word("Protected witness")},
        ),
        (EventKind.DECLARED_MISSING, Payload(reason="2023-05"), {"Day of the last news": "2023-05"}),
        (
            EventKind.PARTICULARS_CORRECTED,
            Payload(marital=MaritalStatus.WIDOWED),
            {"Marital status": Word("Widowed")},
        ),
    ],
    ids=lambda one: one.name.lower() if isinstance(one, EventKind) else "",
)
def test_an_event_says_what_it_changed(kind: EventKind, told: Payload, expected: dict[str, object]) -> None:
    said = dict(details(event(kind, told), {}))
    assert {label: said.get(label) for label in expected} == expected


def test_an_annulment_names_the_event_that_fell() -> None:
    death = event(EventKind.DEATH_REGISTERED, Payload(), 3)
    fell = event(EventKind.EVENT_ANNULLED, Payload(annuls=3, reason="nhầm"), 4)
    assert ("Event", Word("Death registered", "20/11/2026")) in details(fell, {3: death})


def test_the_birth_of_somebody_does_not_tell_the_parents_in_the_timeline() -> None:
    born = event(EventKind.BIRTH_REGISTERED, Payload(name=("Lê", "", "Bé"), mother=Kin(1, "Lê Thị Đẻ")), 1)
    assert details(born, {}) == ()


def test_whom_an_officer_may_not_see_is_said_to_be_protected() -> None:
    entry = CATALOGUE["personal_number_cancelled"]
    values = entry.read({"person": 7, "reason": "trùng"})
    assert lines_of(entry, values, Named({}), date(2026, 11, 24))[0] == ("Person", Word("Protected record"))
    moved = CATALOGUE["permanent_residence_registered"]
    told = {"movers": [{"person": 7, "relation": "head"}], "place": {"unit": "00097"}, "on": "2026-11-20"}
    lines = lines_of(moved, moved.read(told), Named({}), date(2026, 11, 24))
    assert lines[0] == ("Who moves", Word("Head of household", "•••"))
