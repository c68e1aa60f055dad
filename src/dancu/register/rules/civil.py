"""Rules of law about births, deaths, marriages, permanent residence and corrections."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from dancu.kernel.codes import PersonStatus, Sex
from dancu.kernel.dates import PartialDate, Period, completed_years
from dancu.register.model import Life
from dancu.register.rules import (
    ALWAYS,
    BEFORE_MARRIAGE_LAW_1986,
    CIVIL_STATUS_LAW,
    DECREE_83,
    DECREE_158,
    GONE,
    MARRIAGE_LAW_1986_TO_2014,
    MARRIAGE_LAW_2014,
    RESIDENCE_LAW_2020,
    Rule,
)


@dataclass(frozen=True)
class MarriageFacts:
    """Two lives before they marry, and the day."""

    one: Life
    other: Life
    on: PartialDate

    @property
    def both(self) -> tuple[Life, Life]:
        """The two, to look at each alike."""
        return self.one, self.other


def _age_at_most(life: Life, day: PartialDate) -> int | None:
    """The greatest number of completed years that partial dates allow."""
    return completed_years(life.born.earliest, day.latest) if life.born else None


def _younger_than(facts: MarriageFacts, *, man: int, woman: int) -> bool:
    minimum = {Sex.MALE: man, Sex.FEMALE: woman}
    return any(
        (age := _age_at_most(life, facts.on)) is not None and age < minimum.get(life.sex, 0) for life in facts.both
    )


def _someone_married(facts: MarriageFacts) -> bool:
    """Tell whether the marriage would stand beside another: one before it, or one that was registered earlier."""
    ends = min((life.died.earliest for life in facts.both if life.died), default=date.max)

    def married(life: Life) -> bool:
        return any(
            (m.since is None or m.since.earliest < max(ends, facts.on.latest))
            and (m.until is None or m.until.earliest > facts.on.latest)
            for m in life.marriages
        )

    return any(married(life) for life in facts.both)


def _someone_dead(facts: MarriageFacts) -> bool:
    return any(life.died is not None and life.died.latest < facts.on.earliest for life in facts.both)


def returned_since(life: Life, day: PartialDate) -> bool:
    """Tell whether a declaration of death was taken back after a day: what was true before it rests on that act."""
    return life.returned_on is not None and day.earliest <= life.returned_on.earliest


def _close_kin(facts: MarriageFacts) -> bool:
    def parents(life: Life) -> set[int]:
        return {kin.person_id for kin in (life.father, life.mother) if kin and kin.person_id}

    one, other = facts.both
    return bool(parents(one) & parents(other)) or one.person_id in parents(other) or other.person_id in parents(one)


MARRIAGE: tuple[Rule[MarriageFacts], ...] = (
    Rule(
        "marriage.age",
        "Luật Hôn nhân và gia đình 52/2014/QH13, Điều 8 khoản 1 điểm a",
        MARRIAGE_LAW_2014,
        lambda facts: _younger_than(facts, man=20, woman=18),
        "Nam phải từ đủ 20 tuổi, nữ từ đủ 18 tuổi mới được kết hôn. Kiểm tra lại ngày sinh và ngày kết hôn.",
        "A man must have completed 20 years and a woman 18 to marry. Check the dates of birth and of marriage.",
    ),
    Rule(
        "marriage.age.2000",
        "Luật Hôn nhân và gia đình 22/2000/QH10, Điều 9 khoản 1 (từ hai mươi tuổi, từ mười tám tuổi)",
        MARRIAGE_LAW_1986_TO_2014,
        lambda facts: _younger_than(facts, man=19, woman=17),
        "Trước năm 2015: nam từ hai mươi tuổi, nữ từ mười tám tuổi (bước sang tuổi) mới được kết hôn.",
        "Before 2015 a man married from his twentieth year, a woman from her eighteenth.",
    ),
    Rule(
        "marriage.before_1987",
        "Nghị quyết 35/2000/QH10, mục 3 điểm a",
        BEFORE_MARRIAGE_LAW_1986,
        lambda facts: _younger_than(facts, man=18, woman=18) or _someone_married(facts),
        "Hôn nhân thực tế trước 03/01/1987 được công nhận; kiểm tra tuổi và số người.",
        "De-facto marriages before 3 January 1987 are recognised; check ages and persons.",
        warns_only=True,
    ),
    Rule(
        "marriage.monogamy",
        "Luật Hôn nhân và gia đình 52/2014/QH13, Điều 5 khoản 2 điểm c",
        Period(date(1987, 1, 3)),
        _someone_married,
        "Một bên đang có vợ hoặc có chồng. Cần bản án ly hôn hoặc khai tử trước khi đăng ký.",
        "One of the two is married. A divorce judgment or a death registration must come first.",
    ),
    Rule(
        "marriage.alive",
        "Luật Hộ tịch 60/2014/QH13, Điều 18",
        ALWAYS,
        _someone_dead,
        "Một bên đã chết trước ngày kết hôn.",
        "One of the two had died before the day of marriage.",
        of_nature=True,
    ),
    Rule(
        "marriage.before_return",
        "Luật Hôn nhân và gia đình 52/2014/QH13, Điều 67",
        ALWAYS,
        lambda facts: any(returned_since(life, facts.on) for life in facts.both),
        "Sau ngày này Toà án đã huỷ tuyên bố chết: huỷ ghi chú đó trước, rồi ghi lại sau khi đăng ký.",
        "A court took a declaration of death back after that day: annul that entry, and make it again afterwards.",
        of_nature=True,
    ),
    Rule(
        "marriage.two_sexes",
        "Luật Hôn nhân và gia đình 52/2014/QH13, Điều 8 khoản 2",
        ALWAYS,
        lambda facts: facts.one.sex is facts.other.sex and facts.one.sex is not Sex.UNKNOWN,
        "Nhà nước không thừa nhận hôn nhân giữa những người cùng giới tính.",
        "The State does not recognise a marriage of two persons of one sex.",
    ),
    Rule(
        "marriage.kin",
        "Luật Hôn nhân và gia đình 52/2014/QH13, Điều 5 khoản 2 điểm d",
        ALWAYS,
        _close_kin,
        "Hai bên là cha mẹ với con hoặc anh chị em.",
        "The two are parent and child, or brother and sister.",
    ),
    Rule(
        "marriage.two_persons",
        "Luật Hôn nhân và gia đình 52/2014/QH13, Điều 3 khoản 5",
        ALWAYS,
        lambda facts: facts.one.person_id == facts.other.person_id,
        "Cần hai người khác nhau.",
        "Two different persons are needed.",
        of_nature=True,
    ),
)


# Birth ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BirthFacts:
    """A birth as it is declared; parents where they have a record."""

    born: PartialDate
    declared_on: date
    mother: Life | None = None
    father: Life | None = None


def _mother_age(facts: BirthFacts, *, at_least: int, at_most: int) -> bool:
    if facts.mother is None or facts.mother.born is None:
        return False
    oldest = completed_years(facts.mother.born.earliest, facts.born.latest)
    youngest = completed_years(facts.mother.born.latest, facts.born.earliest)
    return oldest < at_least or youngest > at_most


def _mother_dead(facts: BirthFacts) -> bool:
    return facts.mother is not None and facts.mother.died is not None and facts.mother.died.latest < facts.born.earliest


def _father_long_dead(facts: BirthFacts) -> bool:
    if facts.father is None or facts.father.died is None:
        return False
    return facts.father.died.latest + timedelta(days=300) < facts.born.earliest


def _declared_late(days: int) -> Callable[[BirthFacts], bool]:
    """The check whether a birth was declared after its time; in remote places of 1998 it was twice as long."""

    def late(facts: BirthFacts) -> bool:
        return facts.declared_on > facts.born.latest + timedelta(days=days)

    return late


BIRTH: tuple[Rule[BirthFacts], ...] = (
    Rule(
        "birth.not_in_the_future",
        "Luật Hộ tịch 60/2014/QH13, Điều 13, Điều 16",
        ALWAYS,
        lambda facts: facts.born.earliest > facts.declared_on,
        "Ngày sinh ở sau ngày khai. Kiểm tra lại ngày sinh.",
        "The date of birth lies after the day of declaration. Check the date of birth.",
    ),
    Rule(
        "birth.mother_is_a_woman",
        "Luật Hộ tịch 60/2014/QH13, Điều 14 khoản 1 điểm b",
        ALWAYS,
        lambda facts: facts.mother is not None and facts.mother.sex is Sex.MALE,
        "Người được ghi là mẹ có giới tính nam trong dữ liệu. Kiểm tra lại số định danh của mẹ.",
        "The person named as mother is recorded as male. Check the mother's number.",
    ),
    Rule(
        "birth.father_is_a_man",
        "Luật Hộ tịch 60/2014/QH13, Điều 14 khoản 1 điểm b",
        ALWAYS,
        lambda facts: facts.father is not None and facts.father.sex is Sex.FEMALE,
        "Người được ghi là cha có giới tính nữ trong dữ liệu. Kiểm tra lại số định danh của cha.",
        "The person named as father is recorded as female. Check the father's number.",
    ),
    Rule(
        "birth.mother_alive",
        "Luật Hộ tịch 60/2014/QH13, Điều 16 khoản 1",
        ALWAYS,
        _mother_dead,
        "Người mẹ đã chết trước ngày sinh. Kiểm tra lại ngày sinh hoặc số định danh của mẹ.",
        "The mother had died before the birth. Check the date of birth or the mother's number.",
    ),
    Rule(
        "birth.father_within_300_days",
        "Luật Hôn nhân và gia đình 52/2014/QH13, Điều 88 khoản 1",
        MARRIAGE_LAW_2014,
        _father_long_dead,
        "Người cha đã chết hơn 300 ngày trước ngày sinh: cha phải được xác định bằng thủ tục khác.",
        "The father had died more than 300 days before the birth: fatherhood needs another procedure.",
    ),
    Rule(
        "birth.mother_age",
        "Luật Hộ tịch 60/2014/QH13, Điều 16 khoản 1 (giấy chứng sinh)",
        ALWAYS,
        lambda facts: _mother_age(facts, at_least=12, at_most=60),
        "Tuổi của mẹ khi sinh con nằm ngoài 12 đến 60. Kiểm tra lại giấy chứng sinh.",
        "The mother's age at birth lies outside 12 to 60. Check the birth paper.",
        warns_only=True,
    ),
    *(
        Rule(
            rule_id,
            law,
            period,
            _declared_late(days),
            f"Khai sinh quá hạn {days} ngày: vẫn đăng ký, ghi nhận là quá hạn.",
            f"Declared after the {days} days: it is registered and marked as late.",
            warns_only=True,
        )
        for rule_id, law, period, days in (
            ("birth.within_60_days", "Luật Hộ tịch 60/2014/QH13, Điều 15 khoản 1", CIVIL_STATUS_LAW, 60),
            ("birth.within_60_days.2005", "Nghị định 158/2005/NĐ-CP, Điều 14 khoản 1", DECREE_158, 60),
            ("birth.within_30_days.1998", "Nghị định 83/1998/NĐ-CP (đăng ký khai sinh)", DECREE_83, 30),
        )
    ),
)


# Death ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DeathFacts:
    """A death as it is declared."""

    life: Life
    died: PartialDate
    declared_on: date


def _married_later(facts: DeathFacts) -> bool:
    begun = (m.restored or m.since for m in facts.life.marriages)
    return any(since is not None and since.earliest > facts.died.latest for since in begun)


def _tied_later(facts: DeathFacts) -> bool:
    return any(tie.since.earliest > facts.died.latest for tie in facts.life.ties)


DEATH: tuple[Rule[DeathFacts], ...] = (
    Rule(
        "death.once",
        "Luật Hộ tịch 60/2014/QH13, Điều 34 khoản 2",
        ALWAYS,
        lambda facts: facts.life.status in GONE,
        "Người này đã được khai tử; thông tin hộ tịch đã khoá.",
        "The death is registered already; the civil status is locked.",
    ),
    Rule(
        "death.not_in_the_future",
        "Luật Hộ tịch 60/2014/QH13, Điều 33",
        ALWAYS,
        lambda facts: facts.died.earliest > facts.declared_on,
        "Ngày chết ở sau ngày khai. Kiểm tra lại ngày chết.",
        "The date of death lies after the day of declaration. Check the date of death.",
    ),
    Rule(
        "death.after_birth",
        "Luật Hộ tịch 60/2014/QH13, Điều 34",
        ALWAYS,
        lambda facts: facts.life.born is not None and facts.died.latest < facts.life.born.earliest,
        "Ngày chết ở trước ngày sinh. Kiểm tra lại ngày chết.",
        "The date of death lies before the date of birth. Check the date of death.",
    ),
    Rule(
        "death.after_marriage",
        "Luật Hộ tịch 60/2014/QH13, Điều 34",
        ALWAYS,
        _married_later,
        "Có đăng ký kết hôn sau ngày này. Kiểm tra lại ngày chết, hoặc huỷ đăng ký kết hôn trước.",
        "A marriage is registered after that day. Check the date of death, or annul the marriage first.",
    ),
    Rule(
        "death.after_return",
        "Bộ luật Dân sự 91/2015/QH13, Điều 73",
        ALWAYS,
        lambda facts: bool(facts.life.returned_on and facts.died.latest <= facts.life.returned_on.latest),
        "Sau ngày này Toà án đã huỷ tuyên bố chết. Kiểm tra lại ngày chết.",
        "A court took a declaration of death back after that day. Check the date of death.",
    ),
    Rule(
        "death.after_guardianship",
        "Luật Hộ tịch 60/2014/QH13, Điều 34",
        ALWAYS,
        _tied_later,
        "Có đăng ký giám hộ hoặc đại diện sau ngày này. Kiểm tra lại ngày chết, hoặc huỷ đăng ký đó trước.",
        "A guardianship or representation is registered after that day. Check the date, or annul that first.",
    ),
    *(
        Rule(
            rule_id,
            law,
            period,
            lambda facts: facts.declared_on > facts.died.latest + timedelta(days=15),
            "Khai tử quá hạn 15 ngày: vẫn đăng ký, ghi nhận là quá hạn.",
            "Declared after the 15 days: it is registered and marked as late.",
            warns_only=True,
        )
        for rule_id, law, period in (
            ("death.within_15_days", "Luật Hộ tịch 60/2014/QH13, Điều 33 khoản 1", CIVIL_STATUS_LAW),
            ("death.within_15_days.2005", "Nghị định 158/2005/NĐ-CP, Điều 20", DECREE_158),
        )
    ),
)


# Residence ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MoveFacts:
    """A permanent residence as it is registered."""

    life: Life
    unit: str
    detail: str
    on: date
    registered_on: date


def _same_place(facts: MoveFacts) -> bool:
    return any(
        r.kind == 1 and r.covers(facts.on) and (r.unit, r.detail) == (facts.unit, facts.detail)
        for r in facts.life.residences
    )


RESIDENCE: tuple[Rule[MoveFacts], ...] = (
    Rule(
        "residence.alive",
        "Luật Cư trú 68/2020/QH14, Điều 24 khoản 1 điểm a",
        ALWAYS,
        lambda facts: facts.life.died is not None,
        "Người này đã được khai tử; không đăng ký cư trú được nữa.",
        "The death of this person is registered; residence can be registered no more.",
    ),
    Rule(
        "residence.not_in_the_future",
        "Luật Cư trú 68/2020/QH14, Điều 22",
        ALWAYS,
        lambda facts: facts.on > facts.registered_on,
        "Ngày đăng ký thường trú ở trong tương lai.",
        "The day of residence lies in the future.",
    ),
    Rule(
        "residence.another_place",
        "Luật Cư trú 68/2020/QH14, Điều 22 khoản 3",
        RESIDENCE_LAW_2020,
        _same_place,
        "Người này đã đăng ký thường trú tại chính địa chỉ này.",
        "The person is registered at this very address already.",
    ),
    Rule(
        "residence.within_12_months",
        "Luật Cư trú 68/2020/QH14, Điều 22 khoản 4",
        RESIDENCE_LAW_2020,
        lambda facts: facts.registered_on > facts.on + timedelta(days=366),
        "Đăng ký quá 12 tháng kể từ ngày đến chỗ ở mới: vẫn đăng ký, ghi nhận là quá hạn.",
        "Registered more than 12 months after moving in: it is registered and marked as late.",
        warns_only=True,
    ),
)


# Correction -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CorrectionFacts:
    """A correction before it is made. After a death it stays lawful: valid dates count, not the day of recording."""

    life: Life
    born: PartialDate | None
    corrected_on: date


CORRECTION: tuple[Rule[CorrectionFacts], ...] = (
    Rule(
        "correction.record_stands",
        "Luật Hộ tịch 60/2014/QH13, Điều 26, Điều 28",
        ALWAYS,
        lambda facts: facts.life.status in {PersonStatus.MERGED, PersonStatus.ANNULLED},
        "Hồ sơ này đã bị huỷ hoặc hợp nhất; sửa ở hồ sơ còn hiệu lực.",
        "This record was annulled or merged; correct the one that stands.",
    ),
    Rule(
        "correction.born_before_death",
        "Luật Hộ tịch 60/2014/QH13, Điều 28",
        ALWAYS,
        lambda facts: bool(facts.born and facts.life.died and facts.life.died.latest < facts.born.earliest),
        "Ngày sinh sau cải chính ở sau ngày chết.",
        "The corrected date of birth would lie after the date of death.",
    ),
    Rule(
        "correction.born_in_the_past",
        "Luật Hộ tịch 60/2014/QH13, Điều 28",
        ALWAYS,
        lambda facts: facts.born is not None and facts.born.earliest > facts.corrected_on,
        "Ngày sinh sau cải chính ở trong tương lai.",
        "The corrected date of birth would lie in the future.",
    ),
)

ALL_RULES: tuple[
    Rule[MarriageFacts] | Rule[BirthFacts] | Rule[DeathFacts] | Rule[MoveFacts] | Rule[CorrectionFacts], ...
] = (
    *BIRTH,
    *DEATH,
    *MARRIAGE,
    *RESIDENCE,
    *CORRECTION,
)
