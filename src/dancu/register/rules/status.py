"""Rules of law about capacity, nationality, changes of particulars, and protection."""

from dataclasses import dataclass
from datetime import date

from dancu.kernel.codes import Capacity, PersonStatus, ProtectionGround
from dancu.kernel.dates import PartialDate, Period
from dancu.register.life import Life
from dancu.register.payloads import Payload
from dancu.register.rules import ALWAYS, CIVIL_STATUS_LAW, DECREE_158, GONE, Rule
from dancu.register.rules.family import OF_AGE, youngest
from dancu.register.rules.ties import CODE_2005, CODE_2015

_VOID = frozenset({PersonStatus.MERGED, PersonStatus.ANNULLED})


@dataclass(frozen=True)
class CapacityFacts:
    """Civil capacity as a court has found it."""

    life: Life
    capacity: Capacity
    on: date
    recorded_on: date


def _difficult_minor(facts: CapacityFacts) -> bool:
    years = youngest(facts.life, PartialDate.on(facts.on))
    return facts.capacity is Capacity.DIFFICULT and years is not None and years < OF_AGE


CAPACITY: tuple[Rule[CapacityFacts], ...] = (
    Rule(
        "capacity.difficult_of_adults",
        "Bộ luật Dân sự 91/2015/QH13, Điều 23 khoản 1",
        CODE_2015,
        _difficult_minor,
        "Chỉ người thành niên mới được tuyên bố có khó khăn trong nhận thức, làm chủ hành vi.",
        "Only an adult is found to have difficulty in cognition and control of behaviour.",
    ),
    Rule(
        "capacity.difficult_since_2017",
        "Bộ luật Dân sự 33/2005/QH11, Điều 22, Điều 23",
        Period(date(1800, 1, 1), date(2017, 1, 1)),
        lambda facts: facts.capacity is Capacity.DIFFICULT,
        "Trước ngày 01/01/2017 luật chưa có tình trạng khó khăn trong nhận thức, làm chủ hành vi.",
        "Before 1 January 2017 the law did not know this state.",
    ),
    Rule(
        "capacity.changes",
        "Bộ luật Dân sự 91/2015/QH13, Điều 22, Điều 23, Điều 24",
        ALWAYS,
        lambda facts: facts.capacity is facts.life.capacity,
        "Năng lực hành vi dân sự đã được ghi như vậy.",
        "That capacity is recorded already.",
    ),
    Rule(
        "capacity.alive",
        "Bộ luật Dân sự 91/2015/QH13, Điều 16 khoản 3",
        ALWAYS,
        lambda facts: facts.life.status in GONE,
        "Người này đã chết.",
        "The person is dead.",
        of_nature=True,
    ),
    Rule(
        "capacity.not_in_the_future",
        "Luật Hộ tịch 60/2014/QH13, Điều 30",
        ALWAYS,
        lambda facts: facts.on > facts.recorded_on,
        "Quyết định chưa có hiệu lực: ngày ở trong tương lai.",
        "The decision has not taken effect: its day lies in the future.",
    ),
)


@dataclass(frozen=True)
class NationalityFacts:
    """A nationality gained, given up or taken away."""

    life: Life
    nationality: str
    on: date
    recorded_on: date


NATIONALITY: tuple[Rule[NationalityFacts], ...] = (
    *(
        Rule(
            f"nationality.changes{suffix}",
            law,
            period,
            lambda facts: facts.nationality == facts.life.nationality,
            "Quốc tịch này đã được ghi.",
            "That nationality is recorded already.",
        )
        for suffix, law, period in (
            ("", "Luật Quốc tịch Việt Nam 24/2008/QH12, Điều 19, Điều 23, Điều 27", Period(date(2009, 7, 1))),
            (".1998", "Luật Quốc tịch Việt Nam 07/1998/QH10", Period(date(1999, 1, 1), date(2009, 7, 1))),
            (".1988", "Luật Quốc tịch Việt Nam 1988", Period(date(1988, 7, 15), date(1999, 1, 1))),
        )
    ),
    Rule(
        "nationality.alive",
        "Luật Quốc tịch Việt Nam 24/2008/QH12, Điều 26",
        ALWAYS,
        lambda facts: facts.life.status in GONE,
        "Người này đã chết.",
        "The person is dead.",
        of_nature=True,
    ),
    Rule(
        "nationality.not_in_the_future",
        "Luật Hộ tịch 60/2014/QH13, Điều 30",
        ALWAYS,
        lambda facts: facts.on > facts.recorded_on,
        "Quyết định chưa có hiệu lực: ngày ở trong tương lai.",
        "The decision has not taken effect: its day lies in the future.",
    ),
)


@dataclass(frozen=True)
class ChangeFacts:
    """Particulars that change from a day on; unlike a correction, which says that they never were so.

    Args:
        consents: whether the person has agreed in writing.
    """

    life: Life
    told: Payload
    on: date
    recorded_on: date
    consents: bool = True


def _silent_from(age: int, facts: ChangeFacts) -> bool:
    years = youngest(facts.life, PartialDate.on(facts.on))
    return years is not None and years >= age and not facts.consents


def _renamed_silently(facts: ChangeFacts) -> bool:
    return facts.told.name is not None and _silent_from(9, facts)


def _of_other_ethnicity_silently(facts: ChangeFacts) -> bool:
    return facts.told.ethnicity is not None and _silent_from(15, facts)


CHANGE: tuple[Rule[ChangeFacts], ...] = (
    Rule(
        "change.record_stands",
        "Luật Hộ tịch 60/2014/QH13, Điều 26",
        ALWAYS,
        lambda facts: facts.life.status in _VOID,
        "Hồ sơ này đã bị huỷ hoặc hợp nhất.",
        "This record was annulled or merged.",
    ),
    *(
        Rule(
            f"change.alive{suffix}",
            law,
            period,
            lambda facts: facts.life.status in GONE,
            "Thông tin hộ tịch của người chết đã khoá; chỉ cải chính sai sót, không thay đổi.",
            "The civil status of the dead is locked: mistakes are corrected, nothing is changed.",
        )
        for suffix, law, period in (
            ("", "Luật Hộ tịch 60/2014/QH13, Điều 34 khoản 2", CIVIL_STATUS_LAW),
            (".2005", "Nghị định 158/2005/NĐ-CP, Điều 36", DECREE_158),
        )
    ),
    *(
        Rule(
            f"change.name_consent_from_nine{suffix}",
            law,
            period,
            _renamed_silently,
            "Thay đổi họ, tên cho người từ đủ chín tuổi phải có sự đồng ý của người đó.",
            "From nine years on, a name is changed only with the person's consent.",
        )
        for suffix, law, period in (
            ("", "Bộ luật Dân sự 91/2015/QH13, Điều 27 khoản 2, Điều 28 khoản 2", CODE_2015),
            (".2005", "Bộ luật Dân sự 33/2005/QH11, Điều 27 khoản 2", CODE_2005),
        )
    ),
    *(
        Rule(
            f"change.ethnicity_consent_from_fifteen{suffix}",
            law,
            period,
            _of_other_ethnicity_silently,
            "Xác định lại dân tộc cho người từ đủ mười lăm tuổi phải được người đó đồng ý.",
            "From fifteen years on, ethnicity is determined anew only with the person's consent.",
        )
        for suffix, law, period in (
            ("", "Bộ luật Dân sự 91/2015/QH13, Điều 29 khoản 4", CODE_2015),
            (".2005", "Bộ luật Dân sự 33/2005/QH11, Điều 28", CODE_2005),
        )
    ),
    Rule(
        "change.not_in_the_future",
        "Luật Hộ tịch 60/2014/QH13, Điều 28",
        ALWAYS,
        lambda facts: facts.on > facts.recorded_on,
        "Ngày thay đổi ở trong tương lai.",
        "The day of the change lies in the future.",
    ),
)


@dataclass(frozen=True)
class ProtectionFacts:
    """A ground of protection that begins or ends."""

    life: Life
    ground: ProtectionGround
    begins: bool


PROTECTION: tuple[Rule[ProtectionFacts], ...] = (
    Rule(
        "protection.new",
        "Bộ luật Tố tụng hình sự 101/2015/QH13, Điều 484-490; Luật Phòng, chống bạo lực gia đình 13/2022/QH15",
        ALWAYS,
        lambda facts: facts.begins and facts.ground in facts.life.protections,
        "Hồ sơ đã được bảo vệ theo căn cứ này.",
        "The record is protected on this ground already.",
    ),
    Rule(
        "protection.stands",
        "Bộ luật Tố tụng hình sự 101/2015/QH13, Điều 489",
        ALWAYS,
        lambda facts: not facts.begins and facts.ground not in facts.life.protections,
        "Hồ sơ không được bảo vệ theo căn cứ này.",
        "The record is not protected on this ground.",
    ),
)
