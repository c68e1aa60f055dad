"""Rules of law about numbers and about records of one person: each with citation and days in force."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from dancu.kernel.codes import PersonStatus, Sex
from dancu.kernel.dates import PartialDate, Period
from dancu.register.life import Life
from dancu.register.rules import ALWAYS, Rule

IDENTIFICATION_LAW_2023 = Period(date(2024, 7, 1))


@dataclass(frozen=True)
class NumberCancelFacts:
    """The cancellation of a personal number."""

    life: Life


NUMBER_CANCEL: tuple[Rule[NumberCancelFacts], ...] = (
    Rule(
        "number.in_force",
        "Thông tư 59/2021/TT-BCA, Điều 6",
        ALWAYS,
        lambda facts: facts.life.personal_number is None,
        "Người này không có số định danh đang có hiệu lực để hủy.",
        "The person has no personal number in force that could be cancelled.",
    ),
)


@dataclass(frozen=True)
class MergeFacts:
    """Two records as they stand, before the one becomes part of the other."""

    survivor: Life
    merged: Life

    @property
    def both(self) -> tuple[Life, Life]:
        """The two, to look at each alike."""
        return self.survivor, self.merged


def _relatives(life: Life) -> set[int]:
    kin = (life.father, life.mother, *(marriage.spouse for marriage in life.marriages))
    return {one.person_id for one in kin if one and one.person_id}


def _of_one_family(facts: MergeFacts) -> bool:
    one, other = facts.both
    return one.person_id in _relatives(other) or other.person_id in _relatives(one)


def _two_spouses(facts: MergeFacts) -> bool:
    lasting = {
        m.spouse.person_id
        for life in facts.both
        for m in life.marriages
        if m.until is None and m.spouse.person_id is not None
    }
    return len(lasting) > 1


def _two_deaths(facts: MergeFacts) -> bool:
    one, other = facts.both
    return one.died is not None and other.died is not None and not one.died.may_be(other.died)


def _two_births(facts: MergeFacts) -> bool:
    one, other = facts.both
    return one.born is not None and other.born is not None and not one.born.may_be(other.born)


def _bound_beyond_death(facts: MergeFacts) -> bool:
    """Tell whether one record tells a death and the other a marriage or a tie that lasts beyond it.

    A declared death that was taken back has ended what there was, too.
    """
    one, other = facts.both
    return any(
        dead.returned_on is not None and bool(bound.marriages or bound.ties)
        for dead, bound in ((one, other), (other, one))
    ) or any(
        dead.died is not None
        and (
            any(_goes_beyond(m.since, m.until, dead.died) for m in bound.marriages)
            or any(_goes_beyond(tie.since, tie.until, dead.died) for tie in bound.ties)
        )
        for dead, bound in ((one, other), (other, one))
    )


def _goes_beyond(since: PartialDate | None, until: PartialDate | None, died: PartialDate) -> bool:
    return until is None or until.latest > died.latest or (since is not None and since.earliest > died.latest)


MERGE: tuple[Rule[MergeFacts], ...] = (
    Rule(
        "merge.two_records",
        "Luật Căn cước 26/2023/QH15, Điều 12",
        ALWAYS,
        lambda facts: facts.survivor.person_id == facts.merged.person_id,
        "Cần hai hồ sơ khác nhau.",
        "Two different records are needed.",
        of_nature=True,
    ),
    Rule(
        "merge.both_stand",
        "Luật Căn cước 26/2023/QH15, Điều 12",
        ALWAYS,
        lambda facts: any(life.status in {PersonStatus.MERGED, PersonStatus.ANNULLED} for life in facts.both),
        "Một trong hai hồ sơ đã bị huỷ hoặc đã hợp nhất.",
        "One of the two records was annulled or merged already.",
    ),
    Rule(
        "merge.survivor_has_the_number",
        "Luật Căn cước 26/2023/QH15, Điều 12",
        ALWAYS,
        lambda facts: facts.survivor.personal_number is None and facts.merged.personal_number is not None,
        "Giữ lại hồ sơ có số định danh cá nhân: đổi thứ tự hai hồ sơ.",
        "The record with a personal number carries on: exchange the two.",
    ),
    Rule(
        "merge.one_sex",
        "Luật Căn cước 26/2023/QH15, Điều 9 khoản 5",
        ALWAYS,
        lambda facts: (
            facts.survivor.sex is not facts.merged.sex and Sex.UNKNOWN not in {life.sex for life in facts.both}
        ),
        "Giới tính của hai hồ sơ khác nhau: cải chính trước khi hợp nhất.",
        "The sex of the two records differs: correct it first.",
    ),
    Rule(
        "merge.one_birth",
        "Luật Căn cước 26/2023/QH15, Điều 9 khoản 4",
        ALWAYS,
        _two_births,
        "Ngày sinh của hai hồ sơ khác nhau; ngày sinh của hồ sơ giữ lại được dùng.",
        "The dates of birth of the two records differ; that of the surviving one holds.",
        warns_only=True,
    ),
    Rule(
        "merge.one_death",
        "Luật Hộ tịch 60/2014/QH13, Điều 34",
        ALWAYS,
        _two_deaths,
        "Hai hồ sơ ghi hai ngày chết khác nhau: làm rõ trước khi hợp nhất.",
        "The two records tell two different days of death: clear that up first.",
    ),
    Rule(
        "merge.bound_beyond_death",
        "Luật Hộ tịch 60/2014/QH13, Điều 34",
        ALWAYS,
        _bound_beyond_death,
        "Một hồ sơ đã khai tử, hồ sơ kia còn hôn nhân hoặc giám hộ sau ngày đó: khai tử ở hồ sơ kia trước.",
        "One record tells a death, the other a marriage or a tie beyond it: register the death there first.",
    ),
    Rule(
        "merge.one_marriage",
        "Luật Hôn nhân và gia đình 52/2014/QH13, Điều 5 khoản 2 điểm c",
        ALWAYS,
        _two_spouses,
        "Hai hồ sơ đang có hai người vợ hoặc chồng khác nhau: làm rõ trước khi hợp nhất.",
        "The two records are married to different persons: clear that up first.",
    ),
    Rule(
        "merge.not_of_one_family",
        "Luật Căn cước 26/2023/QH15, Điều 9 khoản 15",
        ALWAYS,
        _of_one_family,
        "Hai hồ sơ là cha mẹ và con, hoặc vợ chồng của nhau: không thể là một người.",
        "The two records are parent and child, or spouses: they can't be of one person.",
    ),
)

RECORDS: tuple[Rule[Any], ...] = (*NUMBER_CANCEL, *MERGE)
"""All rules of this module."""
