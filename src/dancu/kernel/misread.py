"""Text that was read in the wrong encoding, or typed without a keyboard driver, and what it was meant to be.

A text is repaired only where every word of the result may be Vietnamese and the text before could not be;
what may be right already stays as it is.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from dancu.kernel.charsets import LETTERS_AS_CONTROLS, VISCII, VPS, from_vni
from dancu.kernel.keystrokes import telex, vni
from dancu.kernel.syllables import SURNAMES, familiarity, is_bare_syllable, is_syllable, score_of
from dancu.kernel.tcvn3 import TABLE as TCVN3
from dancu.kernel.tcvn3 import restore_capitals

_STRAY_FIRST, _STRAY_LAST = 0xF780, 0xF7FF
_STRAY = re.compile(f"[{chr(_STRAY_FIRST)}-{chr(_STRAY_LAST)}]")
_WORD = re.compile(r"[^\W\d_]+")
_NO_TEXT = re.compile(
    f"[\x80-\x9f\ufffd{chr(_STRAY_FIRST)}-{chr(_STRAY_LAST)}]|(?<=[^\\W\\d_])[\xa1-\xbf×÷]|[\xa1-\xbf×÷](?=[^\\W\\d_])"
)
_NO_LETTERS = re.compile(
    f"[\x80-\x9f{chr(_STRAY_FIRST)}-{chr(_STRAY_LAST)}{re.escape(''.join(map(chr, sorted(LETTERS_AS_CONTROLS))))}]"
)
_LONG_O = re.compile(r"oo(?:ng|c)[fsrxj]?$", re.IGNORECASE)
_TYPED = re.compile(r"[^\W_]+")
_LETTERS = frozenset("àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵ")
_BYTE_OF: dict[str, int] = {chr(code): code for code in range(0x100)} | {
    character: code for code in range(0x80, 0x100) if len(character := bytes((code,)).decode("cp1252", "ignore")) == 1
}
_BYTE_OF |= {chr(_STRAY_FIRST + code - 0x80): code for code in range(0x80, 0x100)}
_SINGLE_BYTES = frozenset(_BYTE_OF)


def stray(byte: int) -> str:
    """Return the private character that stands for a byte (0x80 to 0xFF) that is in no known encoding."""
    return chr(_STRAY_FIRST + byte - 0x80)


def has_strays(text: str) -> bool:
    """Tell whether a text holds bytes whose encoding is not known yet."""
    return _STRAY.search(text) is not None


def without_strays(text: str) -> str:
    """Put the sign of a lost letter where a byte could not be understood."""
    return _STRAY.sub("\ufffd", text)


def bytes_of(text: str) -> bytes | None:
    """Return the bytes that a reader of Western text (cp1252, Latin-1) or of stray bytes showed as this text.

    Letters that no single byte shows are taken for UTF-8 where stray bytes stand beside them; else None.
    """
    mixed = has_strays(text)
    made = bytearray()
    for character in text:
        if (code := _BYTE_OF.get(character)) is not None and not (mixed and code > 0x7F and character < "\uf000"):
            made.append(code)
        elif mixed:
            made += character.encode()
        else:
            return None
    return bytes(made)


def _from_table(table: str) -> Callable[[bytes], str]:
    return lambda data: "".join(table[byte] for byte in data)


def _from_cp1258(data: bytes) -> str:
    return unicodedata.normalize("NFC", data.decode("cp1258"))


OF_BYTES: dict[str, Callable[[bytes], str]] = {
    "utf-8": bytes.decode,
    "tcvn3": lambda data: restore_capitals(_from_table(TCVN3)(data)),
    "cp1258": _from_cp1258,
    "vni": lambda data: from_vni(data.decode("latin-1")),
    "viscii": _from_table(VISCII),
    "vps": _from_table(VPS),
}
"""What makes text of the bytes of a misread text, by the id of the encoding."""

OF_KEYS: dict[str, Callable[[str], str | None]] = {"telex": telex, "vni-keys": vni}
"""What makes words of keystrokes, by the id of the way to type."""

REPAIRS: tuple[str, ...] = (*OF_BYTES, *OF_KEYS)


@dataclass(frozen=True)
class Repair:
    """A text as it was meant.

    Args:
        how: ids of what was done, the outermost first; empty: nothing.
    """

    text: str
    how: tuple[str, ...] = ()


def apply(text: str, how: str) -> str | None:
    """Repair a text in one way, whatever comes of it; None where it cannot be done.

    Args:
        how: one of `REPAIRS`.
    """
    if how in OF_KEYS:
        return _decode_keys(text, how)[0]
    data = bytes_of(text)
    if data is None:
        return None
    try:
        return OF_BYTES[how](data)
    except (UnicodeDecodeError, IndexError):
        return None


@lru_cache(maxsize=65536)
def word_is_suspicious(word: str) -> bool:
    """Tell whether a word beyond ASCII is no syllable, and may be one that was misread."""
    if word.isascii() or not _SINGLE_BYTES.issuperset(word):
        return False
    return score_of((unicodedata.normalize("NFC", word),)) < 0


@lru_cache(maxsize=65536)
def word_is_typed(word: str) -> bool:
    """Tell whether a word shows keystrokes that make a syllable, and is no word by itself."""
    if not word.isascii() or is_syllable(word) or is_bare_syllable(word):
        return False
    return any(decoder(word) is not None for decoder in OF_KEYS.values())


def is_suspicious(text: str, *, typed: bool = False) -> bool:
    """Tell whether a text looks misread: stray bytes, control codes, or words that cannot be.

    Args:
        typed: keystrokes count, too; right for names, wrong for texts that may hold other languages.
    """
    if text.isascii():
        return typed and any(map(word_is_typed, _TYPED.findall(text)))
    if _NO_LETTERS.search(text):
        return True
    words = _TYPED.findall(text) if typed else _WORD.findall(text)
    return any(word_is_suspicious(word) or (typed and word_is_typed(word)) for word in words) or _has_signs(text)


def _has_signs(text: str) -> bool:
    """Tell whether signs of Western sets stand inside words, as the bytes of letters do: `NguyÔn V¨n`."""
    return any(
        not character.isalnum() and character > "\xa0" and character in _SINGLE_BYTES and _beside_letter(text, at)
        for at, character in enumerate(text)
    )


def _beside_letter(text: str, at: int) -> bool:
    return (at > 0 and text[at - 1].isalpha()) or (at + 1 < len(text) and text[at + 1].isalpha())


def repaired(text: str, *, preferred: Iterable[str] = (), typed: bool = False) -> Repair:
    """Repair a text that looks misread; leave any other as it is.

    Args:
        preferred: ways that the texts beside this one needed; they win where several fit.
        typed: keystrokes count, too.
    """
    if not is_suspicious(text, typed=typed):
        return Repair(text)
    return _best(text, tuple(preferred), typed)


@lru_cache(maxsize=65536)
def _best(text: str, preferred: tuple[str, ...], typed: bool) -> Repair:
    found: list[tuple[float, Repair]] = []
    for place, how in enumerate((*preferred, *(way for way in OF_BYTES if way not in preferred))):
        if how in OF_BYTES and (made := _unwrapped(text, how)) is not None:
            worth = weight(made.text) + (0.5 if how in preferred else 0.0) - place / 1000
            found.append((worth, made))
    if found:
        return max(found, key=lambda pair: pair[0])[1]
    return _typed_best(text) if typed else Repair(text)


def _unwrapped(text: str, how: str) -> Repair | None:
    """Undo one misreading, and those below it, if sound text comes out."""
    made = apply(text, how)
    if made is None or made == text:
        return None
    if how == "utf-8" and is_suspicious(made) and not has_strays(made):
        below = _best(made, (), typed=False)
        return Repair(below.text, (how, *below.how)) if below.how else None
    return Repair(made, (how,)) if is_sound(made) else None


def is_sound(text: str) -> bool:
    """Tell whether a text holds nothing that Vietnamese text never has."""
    if any(map(unicodedata.combining, unicodedata.normalize("NFC", text))):
        return False
    if has_strays(text) or "\ufffd" in text or any(c < " " or "\x7f" <= c <= "\xa0" for c in text if c not in "\t\n\r"):
        return False
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    if not all(character.lower() in _LETTERS for word in words for character in word if character > "\x7f"):
        return False
    return all(score_of((word,)) > 0 for word in words) and not _has_signs(text)


def weight(text: str) -> float:
    """Return how well a text reads: its score, less what no text holds, and how common its words are in names."""
    words = [word for word in _WORD.findall(unicodedata.normalize("NFC", text)) if not word.isascii()]
    wrong = len(_NO_TEXT.findall(text))
    return (score_of(words) * len(words) - wrong) / (len(words) + wrong or 1) + familiarity(words) / 2


def _decode_keys(text: str, how: str) -> tuple[str, int, int]:
    """Read every word that types a syllable; tell how many were read, and how many are no words even so.

    `Coong` may be meant as it stands, but not beside words that were typed.
    """
    words = _TYPED.findall(text)
    typed = any(word.isascii() and word_is_typed(word) for word in words)
    read = wrong = 0

    def one(match: re.Match[str]) -> str:
        nonlocal read, wrong
        word = match.group()
        if (is_syllable(word) or is_bare_syllable(word)) and not (typed and how == "telex" and _LONG_O.search(word)):
            return word
        if word.isascii() and (syllable := OF_KEYS[how](word)) is not None:
            read += 1
            return syllable
        wrong += 1
        return word

    return _TYPED.sub(one, text), read, wrong


def _typed_best(text: str) -> Repair:
    """Take keystrokes for what they type if the whole text reads well then: one key alone may be a foreign name."""
    for how in OF_KEYS:
        made, read, wrong = _decode_keys(text, how)
        first = made.split(" ", 1)[0].lower()
        if read and not wrong and (read > 1 or first in SURNAMES or how == "vni-keys"):
            return Repair(made, (how,))
    return Repair(text)
