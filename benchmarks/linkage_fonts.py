"""Text as the fonts of the nineties held it, written from the printed charts; shares no table with `dancu.kernel`.

TCVN 5712:1993 VN3, RFC 1456 (VISCII) and the two-letter code of the VNI fonts, small letters as the fonts' users typed.
"""

import unicodedata

_TCVN3_UPPER = dict(zip("ĂÂÊÔƠƯĐ", range(0xA1, 0xA8), strict=True))
_TCVN3 = {
    "ă": 0xA8, "â": 0xA9, "ê": 0xAA, "ô": 0xAB, "ơ": 0xAC, "ư": 0xAD, "đ": 0xAE,
    "à": 0xB5, "ả": 0xB6, "ã": 0xB7, "á": 0xB8, "ạ": 0xB9, "ằ": 0xBB, "ẳ": 0xBC, "ẵ": 0xBD, "ắ": 0xBE,
    "ặ": 0xC6, "ầ": 0xC7, "ẩ": 0xC8, "ẫ": 0xC9, "ấ": 0xCA, "ậ": 0xCB, "è": 0xCC, "ẻ": 0xCE, "ẽ": 0xCF,
    "é": 0xD0, "ẹ": 0xD1, "ề": 0xD2, "ể": 0xD3, "ễ": 0xD4, "ế": 0xD5, "ệ": 0xD6, "ì": 0xD7, "ỉ": 0xD8,
    "ĩ": 0xDC, "í": 0xDD, "ị": 0xDE, "ò": 0xDF, "ỏ": 0xE1, "õ": 0xE2, "ó": 0xE3, "ọ": 0xE4, "ồ": 0xE5,
    "ổ": 0xE6, "ỗ": 0xE7, "ố": 0xE8, "ộ": 0xE9, "ờ": 0xEA, "ở": 0xEB, "ỡ": 0xEC, "ớ": 0xED, "ợ": 0xEE,
    "ù": 0xEF, "ủ": 0xF1, "ũ": 0xF2, "ú": 0xF3, "ụ": 0xF4, "ừ": 0xF5, "ử": 0xF6, "ữ": 0xF7, "ứ": 0xF8,
    "ự": 0xF9, "ỳ": 0xFA, "ỷ": 0xFB, "ỹ": 0xFC, "ý": 0xFD, "ỵ": 0xFE,
}  # fmt: skip


def as_tcvn3(text: str) -> bytes:
    """Return the bytes of TCVN3; accented capitals become small, letters that it lacks become `?`."""
    out = bytearray()
    for c in unicodedata.normalize("NFC", text):
        code = _TCVN3_UPPER.get(c) or _TCVN3.get(c.lower()) or (ord(c) if c.isascii() else ord("?"))
        out.append(code)
    return bytes(out)


_VNI_TONE = {"\u0301": "ù", "\u0300": "ø", "\u0309": "û", "\u0303": "õ", "\u0323": "ï"}
_VNI_CIRCUMFLEX = {"": "â", "\u0301": "á", "\u0300": "à", "\u0309": "å", "\u0303": "ã", "\u0323": "ä"}
_VNI_BREVE = {"": "ê", "\u0301": "é", "\u0300": "è", "\u0309": "ú", "\u0303": "ü", "\u0323": "ë"}
_VNI_ALONE = {"đ": "ñ", "í": "í", "ì": "ì", "ỉ": "æ", "ĩ": "ó", "ị": "ò", "ỵ": "î"}


def as_vni_font(text: str) -> str:
    """Return what a Western program shows of text in a VNI font."""
    out = ""
    for letter in unicodedata.normalize("NFC", text):
        upper = letter.isupper()
        made = _VNI_ALONE.get(letter.lower()) or _vni_of(unicodedata.normalize("NFD", letter.lower()))
        out += made.upper() if upper else made
    return out


def _vni_of(marks: str) -> str:
    base, rest = marks[0], marks[1:]
    tone = next((c for c in rest if c in _VNI_TONE), "")
    if "\u0302" in rest:
        return base + _VNI_CIRCUMFLEX[tone]
    if "\u0306" in rest:
        return base + _VNI_BREVE[tone]
    if "\u031b" in rest:
        base = {"o": "ô", "u": "ö"}[base]
    return base + (_VNI_TONE[tone] if tone else "")


_VISCII = {
    "Ả": 0x02, "Ẵ": 0x05, "Ẫ": 0x06, "Ỷ": 0x14, "Ỹ": 0x19, "Ỵ": 0x1E,
} | {
    c: 0x80 + at
    for at, c in enumerate(
        "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ"
    )
}  # fmt: skip


def as_viscii(text: str) -> bytes:
    """Return the bytes of VISCII; letters that it lacks become `?`."""
    return bytes(_VISCII.get(c) or (ord(c) if c.isascii() else ord("?")) for c in unicodedata.normalize("NFC", text))
