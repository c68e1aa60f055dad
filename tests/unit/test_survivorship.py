"""Choosing a value: whichever way the claims come, and nothing but the claims decides."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dancu.intake.survivorship.choosing import Ground, choose
from dancu.intake.survivorship.claims import Claim, Document, Field, agree, key_of, refines, told_value
from dancu.intake.survivorship.precedence import LEGAL, WORDS
from dancu.register.payloads import Kin, Payload

ON = date(2026, 11, 24)
START = datetime(2026, 1, 1, tzinfo=UTC)

VALUES = {
    Field.NAME: st.sampled_from([("Nguyễn", "Văn", "Hòa"), ("Nguyễn", "Văn", "Hoà"), ("Nguyen", "Van", "Hoa")]),
    Field.BORN: st.sampled_from([19500000, 19500500, 19500502, 19500503, 19510000]),
    Field.SEX: st.sampled_from([1, 2]),
    Field.ETHNICITY: st.integers(1, 4),
    Field.FATHER: st.sampled_from(
        [Kin(None, "Lê Văn A"), Kin(7, "Lê Văn A"), Kin(None, "Le Van A"), Kin(8, "Lê Văn B")]
    ),
}


@st.composite
def claims(draw: st.DrawFn) -> list[Claim]:
    field = draw(st.sampled_from(sorted(VALUES)))
    one = st.builds(
        Claim,
        field=st.just(Field(field)),
        value=VALUES[Field(field)],
        source=st.sampled_from("abcde"),
        document=st.sampled_from(Document),
        received_at=st.integers(0, 5).map(lambda days: START + timedelta(days=days)),
        told_on=st.none() | st.dates(date(2020, 1, 1), date(2020, 1, 4)),
        act_id=st.none() | st.integers(1, 3),
    )
    return draw(st.lists(one, min_size=1, max_size=8))


@given(claims(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(told: list[Claim], random: object) -> None:
    shuffled = list(told)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert choose(told, on=ON) == choose(shuffled, on=ON)


@given(claims(), st.sampled_from(Document), st.none() | st.dates(date(2019, 1, 1), date(2021, 1, 1)))
def test_one_more_voice_for_the_value_that_stands_never_changes_it(
    told: list[Claim], document: Document, day: date | None
) -> None:
    before = choose(told, on=ON)
    assert before is not None
    more = replace(before.claims[0], source="f", document=document, told_on=day, act_id=None, value=before.value)
    after = choose([*told, more], on=ON)
    assert after is not None
    assert key_of(more.field, after.value) == key_of(more.field, before.value)


@given(claims())
def test_the_strongest_document_always_wins(told: list[Claim]) -> None:
    found = choose(told, on=ON)
    assert found is not None
    field = told[0].field
    strongest = min(LEGAL.rank(field, one.document, ON) for one in told)
    best = [one for one in told if LEGAL.rank(field, one.document, ON) == strongest]
    assert any(agree(field, one.value, found.value) for one in best)
    if found.ground is Ground.PRECEDENCE and not found.refined:
        assert LEGAL.rank(field, found.claims[0].document, ON) == strongest


@given(claims(), claims())
def test_claims_of_another_record_leave_no_trace_when_it_is_apart_again(own: list[Claim], others: list[Claim]) -> None:
    """Claims stay with their records: a merge reads both lists, and its undoing reads the one again."""
    before = choose(own, on=ON)
    choose([*own, *(one for one in others if one.field is own[0].field)], on=ON)
    assert choose(own, on=ON) == before


def claim(value: object, source: str = "a", document: Document = Document.MINISTRY, **other: object) -> Claim:
    field = Field.BORN if isinstance(value, int) and value > 100 else Field.SEX
    return replace(Claim(field, value, source, document, START), **other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "value", "ground"),
    [
        ([claim(1), claim(2, "b", Document.BIRTH_CERTIFICATE)], 2, Ground.PRECEDENCE),
        ([claim(1), claim(2, "b", told_on=ON)], 2, Ground.RECENCY),
        ([claim(1), claim(2, "b"), claim(2, "c")], 2, Ground.AGREEMENT),
        ([claim(1, "b"), claim(2, received_at=START + timedelta(days=1))], 1, Ground.FIRST),
        ([claim(1), claim(2, replaced=True)], 1, Ground.UNDISPUTED),
        ([claim(2), claim(2), claim(1, "b"), claim(1, "c")], 1, Ground.AGREEMENT),  # one source has one voice
    ],
)
def test_each_ground_decides_where_the_one_before_does_not(told: list[Claim], value: int, ground: Ground) -> None:
    found = choose(told, on=ON)
    assert found is not None
    assert (found.value, found.ground) == (value, ground)


def test_what_is_more_exact_is_taken_for_the_coarse_value_of_a_stronger_paper() -> None:
    found = choose([claim(19500000, document=Document.COURT_DECISION), claim(19500502, "b")], on=ON)
    assert found is not None
    assert (found.value, found.refined, found.ground) == (19500502, True, Ground.UNDISPUTED)


def test_names_are_the_same_wherever_the_tone_mark_stands_and_not_by_their_letters_alone() -> None:
    hoa, other, plain = ("Lê", "", "Hòa"), ("Lê", "", "Hoà"), ("Le", "", "Hoa")
    assert key_of(Field.NAME, hoa) == key_of(Field.NAME, other)
    assert refines(Field.NAME, hoa, plain)
    assert not agree(Field.NAME, ("Lê", "", "Nam"), ("Lê", "", "Man"))
    assert not agree(Field.NAME, ("Lê", "", "Hóa"), hoa)


def test_a_blank_tells_nothing() -> None:
    blank = Payload(name=("", "", ""), sex=0, birth_place=("", ""), phone="")
    assert [field for field in Field if told_value(blank, field) is not None] == []


def test_the_order_of_documents_follows_the_law_of_the_day() -> None:
    assert LEGAL.rank(Field.BORN, Document.BIRTH_CERTIFICATE, ON) < LEGAL.rank(Field.BORN, Document.IDENTITY_CARD, ON)
    assert LEGAL.rank(Field.PHONE, Document.FORM, ON) == LEGAL.rank(Field.PHONE, Document.MINISTRY, ON)
    assert LEGAL.order(Field.BORN, date(2015, 12, 31)) is None
    assert set(WORDS) == set(Document)
