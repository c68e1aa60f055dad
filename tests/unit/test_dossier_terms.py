"""A dossier's life on paper: which moves there are, when the clock stands still, when it is due."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dancu.dossiers.matters import MATTERS, matters_for
from dancu.dossiers.model import MOVES, OPEN, WITH_REASON, Dossier, Move, MoveOutOfPlace, State, moved, moves_from
from dancu.dossiers.terms import TERMS, deadline, term_of
from dancu.kernel.codes import Authority
from dancu.kernel.errors import Invalid
from dancu.kernel.time import today
from dancu.reference.calendar import add_working_days, is_working_day
from dancu.register.kinds import EventKind

MONDAY = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
DAY = timedelta(days=1)
# Follow from other acts, or are no act of an officer: nobody opens a dossier for them.
WITHOUT_MATTER = {"spouse_died", "filed_under_merged_record"}


def case(state: State = State.IN_WORK, *, due: date | None = date(2026, 11, 26), left: int | None = None) -> Dossier:
    return Dossier(
        dossier_id=5,
        office_id=1,
        officer_id=7,
        opened_at=MONDAY,
        closed_at=MONDAY if state is State.CLOSED else None,
        deadline_on=due,
        opens_until=date(2026, 12, 26),
        version=3,
        days_left=left,
        state=state,
        outcome="granted" if state in {State.DECIDED, State.CLOSED} else None,
        matter="1.004859",
        number="10273-HT-2026-00001",
        requester="Lê Thị Dung",
        legal_ground="Luật Hộ tịch 60/2014/QH13, Điều 28",
    )


def take(dossier: Dossier, move: Move, now: datetime = MONDAY, days: int = 3) -> Dossier:
    return moved(dossier, move, now=now, day=today(now), reason="Lý do", legal_ground="Điều 28", days=days)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("move", [move for move in Move if move is not Move.RECEIVE])
def test_a_move_is_made_from_its_states_and_from_no_other(state: State, move: Move) -> None:
    dossier = case(state)
    if move in moves_from(state):
        after = take(dossier, move)
        assert after.version == dossier.version + 1
        assert (after.outcome is not None) is (after.state in {State.DECIDED, State.CLOSED})
        assert (after.closed_at is not None) is (after.state == State.CLOSED)
    else:
        with pytest.raises(MoveOutOfPlace):
            take(dossier, move)


@pytest.mark.parametrize("move", sorted(WITH_REASON))
def test_what_the_applicant_must_be_told_is_never_left_out(move: Move) -> None:
    dossier = case(MOVES[move][0][0])
    with pytest.raises(Invalid, match="Say why"):
        moved(dossier, move, now=MONDAY, day=today(MONDAY), reason=" ", legal_ground="Điều 28")


def test_a_refusal_names_its_law() -> None:
    with pytest.raises(Invalid, match="Name the law"):
        moved(case(), Move.REFUSE, now=MONDAY, day=today(MONDAY), reason="Không đủ điều kiện")


def test_the_clock_stands_still_while_the_applicant_is_asked() -> None:
    asked = take(case(), Move.ASK_APPLICANT)
    assert (asked.deadline_on, asked.days_left) == (None, 3)
    later = MONDAY + 21 * DAY
    gone_on = take(asked, Move.GO_ON, later)
    assert (gone_on.deadline_on, gone_on.days_left) == (add_working_days(today(later), 3), None)


def test_asking_does_not_mend_a_term_that_has_passed() -> None:
    late = MONDAY + 14 * DAY
    asked = take(case(), Move.ASK_APPLICANT, late)
    assert asked.deadline_on == date(2026, 11, 26)
    assert asked.overdue(today(late))
    assert take(asked, Move.GO_ON, late + 7 * DAY).deadline_on == date(2026, 11, 26)


def test_who_answers_on_the_last_day_leaves_one_day() -> None:
    asked = take(case(due=today(MONDAY)), Move.ASK_APPLICANT)
    assert asked.days_left == 0
    assert take(asked, Move.GO_ON).deadline_on == today(MONDAY) + DAY


moves = st.lists(st.tuples(st.sampled_from(sorted(set(Move) - {Move.RECEIVE})), st.integers(0, 10)), max_size=12)


@given(moves)
def test_whatever_is_done_the_row_stays_one_that_the_tables_take(path: list[tuple[Move, int]]) -> None:
    dossier, now = case(State.RECEIVED), MONDAY
    for move, days in path:
        now += days * DAY
        try:
            dossier = take(dossier, move, now)
        except MoveOutOfPlace:
            continue
        assert (dossier.outcome is not None) is (dossier.state in {State.DECIDED, State.CLOSED})
        assert (dossier.closed_at is not None) is (dossier.state == State.CLOSED)
        assert dossier.days_left is None or dossier.state == State.WAITING_APPLICANT
        assert dossier.deadline_on is not None or dossier.state not in OPEN - {State.WAITING_APPLICANT}
        assert dossier.opens(today(now)) <= (dossier.state in OPEN)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 11, 23, 7, 59, tzinfo=UTC), date(2026, 11, 23)),
        (datetime(2026, 11, 23, 8, 0, tzinfo=UTC), date(2026, 11, 24)),
        (datetime(2026, 11, 27, 9, 0, tzinfo=UTC), date(2026, 11, 30)),
        (datetime(2026, 11, 28, 1, 0, tzinfo=UTC), date(2026, 11, 30)),
        (datetime(2026, 11, 22, 17, 0, tzinfo=UTC), date(2026, 11, 23)),
    ],
)
def test_what_is_decided_at_once_is_decided_the_same_day_before_15_00(at: datetime, expected: date) -> None:
    assert deadline(term_of("1.001193", today(at)), at) == expected


def test_working_days_pass_over_the_new_year() -> None:
    eve = datetime(2026, 12, 31, 2, 0, tzinfo=UTC)
    due = deadline(term_of("1.004222", today(eve)), eve)
    assert is_working_day(due)
    assert due > date(2027, 1, 10)


def test_permanent_residence_took_fifteen_days_under_the_law_of_2006() -> None:
    assert term_of("1.004222", date(2021, 6, 30)).working_days == 15
    assert term_of("1.004222", date(2021, 7, 1)).working_days == 7


@pytest.mark.parametrize("matter", MATTERS)
def test_every_matter_has_one_term_on_every_day_from_now_on(matter: str) -> None:
    for day in (today(MONDAY), date(2030, 1, 1)):
        assert len([one for one in TERMS if one.matter == matter and one.in_force.covers(day)]) == 1
        assert term_of(matter, day).law


def test_every_term_is_of_a_matter() -> None:
    assert {one.matter for one in TERMS} == set(MATTERS)
    with pytest.raises(KeyError):
        term_of("9.999999", today(MONDAY))


def test_every_kind_of_act_belongs_to_a_matter_and_none_is_made_up() -> None:
    kinds = {kind.name.lower() for kind in EventKind}
    led_to = {act for matter in MATTERS.values() for act in matter.acts}
    assert led_to <= kinds
    assert kinds - led_to == WITHOUT_MATTER


def test_the_usual_matter_of_an_act_comes_first() -> None:
    assert matters_for("marriage_registered", Authority.CIVIL_REGISTRAR)[0].code == "1.000894"
    assert matters_for("adopted", Authority.CIVIL_REGISTRAR)[0].code == "civil.adoption"
    assert matters_for("birth_registered", Authority.CIVIL_REGISTRAR)[0].code == "1.001193"
    assert matters_for("death_registered", Authority.CIVIL_REGISTRAR)[0].code == "1.000656"
    assert matters_for("birth_registered", Authority.COMMUNE_POLICE) == []
