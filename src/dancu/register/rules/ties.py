"""Rules of law about guardianship and representation, in the forms of the three civil codes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from dancu.kernel.codes import Capacity, TieKind
from dancu.kernel.dates import PartialDate, Period
from dancu.register.family import same_kin
from dancu.register.life import Life, Tie
from dancu.register.payloads import Kin
from dancu.register.rules import ALWAYS, Rule
from dancu.register.rules.civil import returned_since
from dancu.register.rules.family import OF_AGE, dead_by, incapable, oldest, youngest

BEFORE_THE_CODES = Period(date(1800, 1, 1), date(1996, 7, 1))
CODE_1995 = Period(date(1996, 7, 1), date(2006, 1, 1))
CODE_2005 = Period(date(2006, 1, 1), date(2017, 1, 1))
CODE_2015 = Period(date(2017, 1, 1))


@dataclass(frozen=True)
class TieFacts:
    """A guardianship or a representation as it is established.

    Args:
        kind: what `other` is to the one who is looked after.
        together: parents or grandparents are guardians together.
    """

    life: Life
    other: Life
    kind: TieKind
    on: PartialDate
    recorded_on: date
    together: bool = False


def _adult_without(*capacities: Capacity) -> Callable[[TieFacts], bool]:
    """The check whether somebody is of age and a court has found none of these states of capacity."""

    def breached(facts: TieFacts) -> bool:
        years = youngest(facts.life, facts.on)
        return years is not None and years >= OF_AGE and facts.life.capacity not in capacities

    return breached


def _not_capable(facts: TieFacts) -> bool:
    return incapable(facts.other, facts.on)


def _has_another(facts: TieFacts) -> bool:
    others = (tie for tie in facts.life.tied(facts.kind) if tie.other.person_id != facts.other.person_id)
    return not facts.together and any(others)


def _in_future(facts: TieFacts) -> bool:
    return facts.on.earliest > facts.recorded_on


def _someone_dead(facts: TieFacts) -> bool:
    return any(dead_by(life, facts.on) for life in (facts.life, facts.other))


def _someone_returned(facts: TieFacts) -> bool:
    return any(returned_since(life, facts.on) for life in (facts.life, facts.other))


def _oneself(facts: TieFacts) -> bool:
    return facts.life.person_id == facts.other.person_id


def _tied_already(facts: TieFacts) -> bool:
    """Tell whether the same tie lasts, or lasted on that day."""
    return any(
        tie.kind is facts.kind
        and tie.other.person_id == facts.other.person_id
        and (tie.until is None or tie.until.latest >= facts.on.earliest)
        for tie in facts.life.ties
    )


_LOST = (Capacity.LOST,)
_LOST_OR_DIFFICULT = (Capacity.LOST, Capacity.DIFFICULT)

GUARDIANSHIP: tuple[Rule[TieFacts], ...] = (
    *(
        Rule(
            f"guardianship.ward_needs_one{suffix}",
            law,
            period,
            _adult_without(*capacities),
            "Người này đã thành niên và Toà án không tuyên bố mất hoặc khó khăn về năng lực: không cần người giám hộ.",
            "The person is of age and no court has found a lack of capacity: there is no need of a guardian.",
        )
        for suffix, law, period, capacities in (
            ("", "Bộ luật Dân sự 91/2015/QH13, Điều 47 khoản 1", CODE_2015, _LOST_OR_DIFFICULT),
            (".2005", "Bộ luật Dân sự 33/2005/QH11, Điều 58 khoản 2", CODE_2005, _LOST),
            (".1995", "Bộ luật Dân sự 1995, Điều 67 khoản 2", CODE_1995, _LOST),
        )
    ),
    *(
        Rule(
            f"guardianship.guardian_capable{suffix}",
            law,
            period,
            _not_capable,
            "Người giám hộ phải có năng lực hành vi dân sự đầy đủ.",
            "A guardian must be of age and have full civil capacity.",
        )
        for suffix, law, period in (
            ("", "Bộ luật Dân sự 91/2015/QH13, Điều 49 khoản 1", CODE_2015),
            (".2005", "Bộ luật Dân sự 33/2005/QH11, Điều 60 khoản 1", CODE_2005),
            (".1995", "Bộ luật Dân sự 1995, Điều 69", CODE_1995),
        )
    ),
    *(
        Rule(
            f"guardianship.one_guardian{suffix}",
            law,
            period,
            _has_another,
            "Một người chỉ được một người giám hộ, trừ cha, mẹ cùng giám hộ con hoặc ông, bà cùng giám hộ cháu.",
            "A ward has one guardian, except parents for a child or grandparents for a grandchild together.",
        )
        for suffix, law, period in (
            ("", "Bộ luật Dân sự 91/2015/QH13, Điều 47 khoản 2", CODE_2015),
            (".2005", "Bộ luật Dân sự 33/2005/QH11, Điều 58", CODE_2005),
        )
    ),
    Rule(
        "guardianship.new",
        "Bộ luật Dân sự 91/2015/QH13, Điều 46 khoản 3",
        ALWAYS,
        _tied_already,
        "Việc giám hộ này đã được đăng ký.",
        "This guardianship is registered already.",
        of_nature=True,
    ),
    Rule(
        "guardianship.alive",
        "Bộ luật Dân sự 91/2015/QH13, Điều 62 khoản 1 điểm b",
        ALWAYS,
        _someone_dead,
        "Người giám hộ hoặc người được giám hộ đã chết trước ngày này.",
        "The guardian or the ward had died before that day.",
        of_nature=True,
    ),
    Rule(
        "guardianship.before_return",
        "Bộ luật Dân sự 91/2015/QH13, Điều 73",
        ALWAYS,
        _someone_returned,
        "Sau ngày này Toà án đã huỷ tuyên bố chết: huỷ ghi chú đó trước, rồi ghi lại sau khi đăng ký.",
        "A court took a declaration of death back after that day: annul that entry, and make it again afterwards.",
        of_nature=True,
    ),
    Rule(
        "guardianship.two_persons",
        "Bộ luật Dân sự 91/2015/QH13, Điều 46 khoản 1",
        ALWAYS,
        _oneself,
        "Cần hai người khác nhau.",
        "Two different persons are needed.",
        of_nature=True,
    ),
    Rule(
        "guardianship.not_in_the_future",
        "Luật Hộ tịch 60/2014/QH13, Điều 20",
        ALWAYS,
        _in_future,
        "Ngày giám hộ ở trong tương lai.",
        "The day of the guardianship lies in the future.",
    ),
)

_ANY_LACK = (Capacity.LOST, Capacity.DIFFICULT, Capacity.LIMITED)

REPRESENTATION: tuple[Rule[TieFacts], ...] = (
    *(
        Rule(
            f"representation.needs_one{suffix}",
            law,
            period,
            _adult_without(*capacities),
            "Người này đã thành niên và có năng lực hành vi dân sự đầy đủ: không có người đại diện theo pháp luật.",
            "The person is of age and has full civil capacity: the law gives no representative.",
        )
        for suffix, law, period, capacities in (
            ("", "Bộ luật Dân sự 91/2015/QH13, Điều 136", CODE_2015, _ANY_LACK),
            (".2005", "Bộ luật Dân sự 33/2005/QH11, Điều 141", CODE_2005, (Capacity.LOST, Capacity.LIMITED)),
        )
    ),
    *(
        Rule(
            f"representation.capable{suffix}",
            law,
            period,
            _not_capable,
            "Người đại diện phải có năng lực hành vi dân sự đầy đủ.",
            "A representative must be of age and have full civil capacity.",
        )
        for suffix, law, period in (
            ("", "Bộ luật Dân sự 91/2015/QH13, Điều 134 khoản 3", CODE_2015),
            (".2005", "Bộ luật Dân sự 33/2005/QH11, Điều 139", CODE_2005),
        )
    ),
    Rule(
        "representation.new",
        "Bộ luật Dân sự 91/2015/QH13, Điều 136",
        ALWAYS,
        _tied_already,
        "Người đại diện này đã được ghi.",
        "This representative is recorded already.",
        of_nature=True,
    ),
    Rule(
        "representation.alive",
        "Bộ luật Dân sự 91/2015/QH13, Điều 140 khoản 4",
        ALWAYS,
        _someone_dead,
        "Người đại diện hoặc người được đại diện đã chết trước ngày này.",
        "The representative or the one represented had died before that day.",
        of_nature=True,
    ),
    Rule(
        "representation.before_return",
        "Bộ luật Dân sự 91/2015/QH13, Điều 73",
        ALWAYS,
        _someone_returned,
        "Sau ngày này Toà án đã huỷ tuyên bố chết: huỷ ghi chú đó trước, rồi ghi lại sau khi đăng ký.",
        "A court took a declaration of death back after that day: annul that entry, and make it again afterwards.",
        of_nature=True,
    ),
    Rule(
        "representation.two_persons",
        "Bộ luật Dân sự 91/2015/QH13, Điều 134 khoản 1",
        ALWAYS,
        _oneself,
        "Cần hai người khác nhau.",
        "Two different persons are needed.",
        of_nature=True,
    ),
    Rule(
        "representation.not_in_the_future",
        "Bộ luật Dân sự 91/2015/QH13, Điều 140",
        ALWAYS,
        _in_future,
        "Ngày bắt đầu đại diện ở trong tương lai.",
        "The day of the representation lies in the future.",
    ),
)


@dataclass(frozen=True)
class TieEndFacts:
    """The end of a guardianship or a representation; `other` may have no record."""

    life: Life
    other: Kin
    kind: TieKind
    on: PartialDate
    recorded_on: date

    @property
    def tie(self) -> Tie | None:
        """The tie that lasts on the day."""
        lasting = (tie for tie in self.life.tied(self.kind) if same_kin(tie.other, self.other))
        return next((tie for tie in lasting if tie.since.earliest <= self.on.latest), None)


TIE_END: tuple[Rule[TieEndFacts], ...] = (
    *(
        Rule(
            f"tie_end.lasts{suffix}",
            law,
            period,
            lambda facts: facts.tie is None,
            "Không có việc giám hộ hoặc đại diện nào giữa hai người vào ngày này.",
            "There is no guardianship or representation between the two on that day.",
            of_nature=True,
        )
        for suffix, law, period in (
            ("", "Bộ luật Dân sự 91/2015/QH13, Điều 62, Điều 140", CODE_2015),
            (".2005", "Bộ luật Dân sự 33/2005/QH11, Điều 72, Điều 147", CODE_2005),
            (".1995", "Bộ luật Dân sự 1995, Điều 82", CODE_1995),
            (".1986", "Luật Hôn nhân và gia đình 21-LCT/HĐNN7, Chương IX (đỡ đầu)", BEFORE_THE_CODES),
        )
    ),
    Rule(
        "tie_end.not_in_the_future",
        "Luật Hộ tịch 60/2014/QH13, Điều 22",
        ALWAYS,
        lambda facts: facts.on.earliest > facts.recorded_on,
        "Ngày chấm dứt ở trong tương lai.",
        "The day of the end lies in the future.",
    ),
)


def of_age_on(life: Life) -> date | None:
    """Return the day on which a minor is certain to come of age; None of an adult, or without a birth date.

    Law: Bộ luật Dân sự 91/2015/QH13, Điều 20, Điều 62 khoản 1 điểm a.
    """
    if life.born is None:
        return None
    born = life.born.latest
    leap_day = born.month == 2 and born.day == 29
    return date(born.year + OF_AGE, 3, 1) if leap_day else born.replace(year=born.year + OF_AGE)


def minor_on(life: Life, on: PartialDate) -> bool:
    """Tell whether a person may be a minor on a day."""
    years = oldest(life, on)
    return years is not None and years < OF_AGE


TIE_RULES = (*GUARDIANSHIP, *REPRESENTATION, *TIE_END)
