"""The numbers by which people are known: their structure, nothing more."""

import re
from dataclasses import dataclass
from typing import Self

from dancu.kernel.codes import Sex
from dancu.kernel.errors import FieldFault, Invalid

_TWELVE = re.compile(r"\d{12}")


@dataclass(frozen=True, order=True)
class PersonalNumber:
    """The 12-digit personal identification number `PPP G YY RRRRRR`.

    PPP is the province or country of birth registration, G the century and sex,
    YY the year of birth, R random. It has no check digit.

    Law: Nghị định 137/2015/NĐ-CP, Điều 13; Thông tư 59/2021/TT-BCA, Điều 4.

    Raises:
        Invalid: anything but twelve digits with a known place code.
    """

    value: str

    def __post_init__(self) -> None:
        if not _TWELVE.fullmatch(self.value):
            raise Invalid((FieldFault("/personal_number", "A personal number has 12 digits"),))
        if not (1 <= self.place <= 96 or 101 <= self.place <= 295):
            raise Invalid((FieldFault("/personal_number", "The first three digits name no province or country"),))

    @classmethod
    def of(cls, *, place: int, year: int, sex: Sex, serial: int) -> Self:
        """Compose a number; `year` 1900..2399, `serial` 0..999999.

        Raises:
            Invalid: a part outside of its range, or a sex that is not known.
        """
        if not 1900 <= year <= 2399 or not 0 <= serial <= 999_999 or sex is Sex.UNKNOWN:
            raise Invalid((FieldFault("/personal_number", "Year, sex or serial lie outside of the scheme"),))
        century_and_sex = (year - 1900) // 100 * 2 + (sex is Sex.FEMALE)
        return cls(f"{place:03}{century_and_sex}{year % 100:02}{serial:06}")

    @property
    def place(self) -> int:
        """Code of the province (1..96) or country (101..295) where the birth was registered."""
        return int(self.value[:3])

    @property
    def sex(self) -> Sex:
        """The sex that was recorded when the number was established."""
        return Sex.FEMALE if int(self.value[3]) % 2 else Sex.MALE

    @property
    def birth_year(self) -> int:
        """The year of birth that was recorded when the number was established."""
        return 1900 + 100 * (int(self.value[3]) // 2) + int(self.value[4:6])

    @property
    def block(self) -> str:
        """The six digits that share one supply of a million serials."""
        return self.value[:6]

    def __str__(self) -> str:
        return self.value
