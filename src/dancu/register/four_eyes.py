"""Which acts take four eyes: a property of the act's kind, in one place. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dancu.kernel.errors import Forbidden
from dancu.register.act import ActHeader, Decided
from dancu.register.kinds import EventKind
from dancu.register.payloads import Payload


class SecondOfficerNeeded(Forbidden):
    """An act of this kind is proposed by one officer and decided by a second one."""


@dataclass(frozen=True)
class Seconded:
    """Why a kind takes four eyes, and of which facts; None: always."""

    why_vi: str
    why_en: str
    touches: Callable[[Payload], bool] | None = None


def _identity(told: Payload) -> bool:
    return told.sex is not None or told.born is not None


_NUMBER = Seconded(
    "Số định danh cá nhân dùng cả đời, không cấp lại cho người khác",
    "A personal number is for life and never given to another person",
)
_RECORDS = Seconded(
    "Gộp hoặc tách nhầm làm hai người thành một, một người thành hai",
    "A wrong merge makes one person of two, or two of one",
)
_SEX_OR_BIRTH = Seconded(
    "Giới tính và ngày sinh quyết định số định danh, tuổi và quyền của công dân",
    "Sex and date of birth decide number, age and rights",
    _identity,
)
_UNDOING = Seconded("Việc đã đăng ký bị xem như chưa có", "What was registered is told as if it had not been")

FOUR_EYES: Mapping[EventKind, Seconded] = MappingProxyType(
    {
        EventKind.PERSONAL_NUMBER_ESTABLISHED: _NUMBER,
        EventKind.PERSONAL_NUMBER_CANCELLED: _NUMBER,
        EventKind.RECORD_MERGED: _RECORDS,
        EventKind.RECORD_UNMERGED: _RECORDS,
        EventKind.PARTICULARS_CORRECTED: _SEX_OR_BIRTH,
        EventKind.PARTICULARS_CHANGED: _SEX_OR_BIRTH,
        EventKind.PARTICULARS_UPDATED: _SEX_OR_BIRTH,
        EventKind.DECLARED_DEATH_REVERSED: _UNDOING,
        EventKind.EVENT_ANNULLED: _UNDOING,
    }
)
"""A policy of the house; the law asks for it where it makes another authority decide
(Thông tư 59/2021/TT-BCA, Điều 6: the police verify, the authority of the database decides)."""


def takes_four_eyes(kind: EventKind, facts: Iterable[Payload]) -> bool:
    """Tell whether an act of a kind takes four eyes, by what its events say."""
    seconded = FOUR_EYES.get(kind)
    if seconded is None:
        return False
    return seconded.touches is None or any(seconded.touches(told) for told in facts)


def check(header: ActHeader, decided: Decided) -> None:
    """Check that an officer's act was seconded where its kind takes it; programs and sources need nobody.

    Raises:
        SecondOfficerNeeded: it was not, or by the same officer.
    """
    if header.officer_id is None or header.approver_id not in {None, header.officer_id}:
        return
    if takes_four_eyes(decided.kind, (event.payload for event in decided.events)):
        raise SecondOfficerNeeded("This act takes two officers: propose it, and a second one decides")
