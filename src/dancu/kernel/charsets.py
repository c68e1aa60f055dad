"""The byte tables of VISCII, VPS and VNI, in which files of the nineties and of the diaspora are written.

Standard: VISCII 1.1 by RFC 1456, section 2.
VPS (x-viet-vps) by the chart of the Vietnamese Professionals Society, as Wikipedia's article "VPSKeys" prints it.
VNI (the VNI fonts for Windows) by the VNI column of the same charts: a mark follows the vowel that bears it.
"""

import re
from itertools import chain

_VISCII_CONTROLS = {0x02: "Ẳ", 0x05: "Ẵ", 0x06: "Ẫ", 0x14: "Ỷ", 0x19: "Ỹ", 0x1E: "Ỵ"}
_VISCII_HIGH = (
    "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐ"  # 80
    "ỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲ"  # 90
    "Õắằặấầẩậẽẹếềểễệố"  # A0
    "ồổỗỠƠộờởịỰỨỪỬơớƯ"  # B0
    "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳ"  # C0
    "ĐứÒÓÔạỷừửÙÚỹỵÝỡư"  # D0
    "àáâãảăữẫèéêẻìíĩỉ"  # E0
    "đựòóôõỏọụùúũủýợỮ"  # F0
)

_VPS_CONTROLS = {
    0x02: "Ạ", 0x03: "Ậ", 0x04: "Ặ", 0x05: "Ẹ", 0x06: "Ệ",
    0x10: "Ị", 0x11: "Ọ", 0x12: "Ộ", 0x13: "Ợ", 0x14: "Ụ", 0x15: "Ự",
    0x19: "Ỵ", 0x1C: "Ẫ", 0x1D: "Ữ",
}  # fmt: skip
_VPS_HIGH = (
    "ÀẢÃẤẦẨọỗĂếềểệẮẰẲ"  # 80
    "Ế‘’ỀỂỄỐỒỔỖýỷỵỚỜỞ"  # 90
    "\u00a0ắằẳẵặỠớÙờởỡŨỨợỪ"  # A0
    "ổỬỲỸÍÌộỈĨÓửữÒỎÕự"  # B0
    "ầÁÂấẩẫậđẻÉÊẹỉễịỹ"  # C0
    "ƯỦồốÔỏơÈừứÚũưÝẺß"  # D0
    "àáâãảạăçèéêẽìíîĩ"  # E0
    "ẴĐòóôõöƠụùúủüỶẼỳ"  # F0
)


def _of_bytes(controls: dict[int, str], high: str) -> str:
    return "".join(controls.get(code, chr(code)) for code in range(0x80)) + high


VISCII: str = _of_bytes(_VISCII_CONTROLS, _VISCII_HIGH)
"""The 256 characters of VISCII by their byte; six capitals stand where ASCII has control codes."""

VPS: str = _of_bytes(_VPS_CONTROLS, _VPS_HIGH)
"""The 256 characters of VPS by their byte; fourteen capitals stand where ASCII has control codes."""

LETTERS_AS_CONTROLS: frozenset[int] = frozenset(chain(_VISCII_CONTROLS, _VPS_CONTROLS))
"""Control codes that are letters in one of the sets."""

# VNI as Latin-1 shows it: the marks that follow a, e, o, u, y and the one-byte ơ (ô) and ư (ö).
_PLAIN = {"ø": "àèòùỳ", "ù": "áéóúý", "û": "ảẻỏủỷ", "õ": "ãẽõũỹ", "ï": "ạẹọụ"}
_ROUND = {"â": "âêô", "à": "ầềồ", "á": "ấếố", "å": "ẩểổ", "ã": "ẫễỗ", "ä": "ậệộ"}
_BREVE = {"ê": "ă", "è": "ằ", "é": "ắ", "ú": "ẳ", "ü": "ẵ", "ë": "ặ"}
_HORNED = {"ø": "ờừ", "ù": "ớứ", "û": "ởử", "õ": "ỡữ", "ï": "ợự"}
_ALONE = {"ô": "ơ", "ö": "ư", "ñ": "đ", "ì": "ì", "í": "í", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}


def _vni() -> dict[str, str]:
    pairs = dict(_ALONE)
    for bases, marks in (("aeouy", _PLAIN), ("aeo", _ROUND), ("a", _BREVE), ("ôö", _HORNED)):
        for mark, letters in marks.items():
            pairs |= {base + mark: letter for base, letter in zip(bases, letters, strict=False)}
    either = {}
    for seen, letter in pairs.items():
        either[seen] = letter
        either[seen.upper()] = letter.upper()
        if len(seen) == 2:
            either[seen[0].upper() + seen[1]] = letter.upper()
    return either


VNI: dict[str, str] = _vni()
"""One or two characters of VNI, as Latin-1 shows their bytes, and the letter that they are."""

_MARKS = "".join(sorted({seen[1] for seen in VNI if len(seen) == 2}))
_VNI_LETTER = re.compile(f"[aeouyAEOUYôöÔÖ][{_MARKS}]|[{''.join(seen for seen in VNI if len(seen) == 1)}]")


def from_vni(shown: str) -> str:
    """Read VNI that was decoded as Latin-1."""
    return _VNI_LETTER.sub(_vni_letter, shown)


def _vni_letter(match: re.Match[str]) -> str:
    seen = match[0]
    return VNI.get(seen) or "".join(VNI.get(character, character) for character in seen)
