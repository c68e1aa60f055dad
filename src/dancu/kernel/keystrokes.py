"""Vietnamese words whose keystrokes stayed as they were typed: Telex (`nguyeenx`) and VNI (`nguye6n4`).

Standard: TCVN 6064 names no way of typing; both are conventions of keyboard programs since 1987.
"""

import re
import unicodedata
from functools import lru_cache

from dancu.kernel.syllables import is_syllable

GRAVE, ACUTE, TILDE, HOOK, DOT = "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"
_TONES = frozenset((GRAVE, ACUTE, TILDE, HOOK, DOT))
_TELEX_TONES = {"f": GRAVE, "s": ACUTE, "r": HOOK, "x": TILDE, "j": DOT}
_VNI_TONES = {"1": ACUTE, "2": GRAVE, "3": HOOK, "4": TILDE, "5": DOT}
_VOWELS = frozenset("aăâeêioôơuưy")
_SHAPED = frozenset("ăâêôơư")
_CIRCUMFLEX = {"a": "â", "e": "ê", "o": "ô"}
_OPENS_WITH_A_GLIDE = re.compile(r"(?:qu|gi)(?=[aăâeêioôơuưy])")
_VNI_WORD = re.compile(r"[a-z]+[1-9][a-z1-9]*")


def telex(word: str) -> str | None:
    """Return the word that Telex keystrokes stand for, with the case of the word, or None where they make no syllable.

    Marks may be typed at once or at the end of the word: `nguyeenx`, `nguyenex`, `nguyeexn`.
    """
    letters: list[str] = []
    tone = ""
    for key in word.lower():
        if key in _TELEX_TONES and not tone and _VOWELS.intersection(letters):
            tone = _TELEX_TONES[key]
        elif not _telex_shape(letters, key):
            letters.append(key)
    return _syllable(letters, tone, word)


def telex_shapes(word: str) -> str:
    """Return a word in small letters with the shapes of its letters that Telex keys give, whatever language it is.

    Keys of tones stay, for they are letters in other languages: `kddawm` becomes `kđăm`, `ksor` stays.
    """
    letters: list[str] = []
    for at, key in enumerate(word.lower()):
        doubled = key == "d" and letters[-1:] == ["d"]
        if doubled:
            letters[-1] = "đ"
        elif not (key == "w" and at and _telex_shape(letters, key)) and not (
            key in _CIRCUMFLEX and letters[-1:] == [key] and _replace_last(letters, key, _CIRCUMFLEX[key])
        ):
            letters.append(key)
    return "".join(letters)


def _telex_shape(letters: list[str], key: str) -> bool:
    """Let a key change a letter that was typed before; False: the key is a letter itself."""
    if key == "w":
        return _horn(letters) or _replace_last(letters, "a", "ă") or _append(letters, "ư")
    if key == "d" and letters[:1] == ["d"]:
        letters[0] = "đ"
        return True
    return key in _CIRCUMFLEX and _replace_last(letters, key, _CIRCUMFLEX[key])


def vni(word: str) -> str | None:
    """Return the word that VNI keystrokes stand for, with the case of the word, or None where they make no syllable."""
    typed = word.lower()
    if not _VNI_WORD.fullmatch(typed):
        return None
    letters: list[str] = []
    tone = ""
    for key in typed:
        if key in _VNI_TONES:
            tone = _VNI_TONES[key]
        elif not key.isdigit():
            letters.append(key)
        elif not _vni_shape(letters, key):
            return None
    return _syllable(letters, tone, word)


def vni_marks(word: str) -> str:
    """Return a word in small letters with the marks that its VNI digits give, whatever language it is."""
    letters: list[str] = []
    tone = ""
    for key in word.lower():
        if key in _VNI_TONES:
            tone = _VNI_TONES[key]
        elif not (key in "6789" and letters and _vni_shape(letters, key)):
            letters.append(key)
    return with_tone("".join(letters), tone)


def _vni_shape(letters: list[str], key: str) -> bool:
    match key:
        case "6":
            last = next((letter for letter in reversed(letters) if letter in _CIRCUMFLEX), "")
            return bool(last) and _replace_last(letters, last, _CIRCUMFLEX[last])
        case "7":
            return _horn(letters)
        case "8":
            return _replace_last(letters, "a", "ă")
        case _:
            return _replace_last(letters, "d", "đ")


def _horn(letters: list[str]) -> bool:
    """Give the last `uo` or, failing that, the last `o` or `u` its horn."""
    for at in range(len(letters) - 1, -1, -1):
        if letters[at] == "o":
            letters[at] = "ơ"
            if at and letters[at - 1] == "u" and letters[:at] != ["q", "u"]:
                letters[at - 1] = "ư"
            return True
        if letters[at] == "u" and letters[: at + 1] != ["q", "u"]:
            letters[at] = "ư"
            return True
    return False


def _replace_last(letters: list[str], old: str, new: str) -> bool:
    for at in range(len(letters) - 1, -1, -1):
        if letters[at] == old:
            letters[at] = new
            return True
    return False


def _append(letters: list[str], letter: str) -> bool:
    letters.append(letter)
    return True


def _syllable(letters: list[str], tone: str, word: str) -> str | None:
    made = with_tone("".join(letters), tone)
    if made == word.lower() or not is_syllable(made):
        return None
    if word.isupper():
        return made.upper()
    return made.capitalize() if word[0].isupper() else made


def with_tone(base: str, tone: str) -> str:
    """Return a word in small letters with a tone on the vowel where older spelling puts it: hòa, thúy, quý.

    Args:
        base: letters with their shape (â, ơ) and no tone.
        tone: a combining mark, or nothing.
    """
    if not tone:
        return base
    glide = _OPENS_WITH_A_GLIDE.match(base)
    start = glide.end() if glide else 0
    vowels = [at for at in range(start, len(base)) if base[at] in _VOWELS]
    if not vowels:
        return base
    shaped = [at for at in vowels if base[at] in _SHAPED]
    if shaped:
        at = shaped[-1]
    elif vowels[-1] != len(base) - 1 or len(vowels) == 1:
        at = vowels[-1]
    else:
        at = vowels[-2]
    return base[:at] + unicodedata.normalize("NFC", base[at] + tone) + base[at + 1 :]


@lru_cache(maxsize=65536)
def tone_in_place(word: str) -> str:
    """Return a word in small letters and NFC with its tone where older spelling puts it: hoà becomes hòa."""
    decomposed = unicodedata.normalize("NFD", word.lower())
    tones = [mark for mark in decomposed if mark in _TONES]
    base = unicodedata.normalize("NFC", "".join(mark for mark in decomposed if mark not in _TONES))
    if len(tones) != 1 or not is_syllable(word):
        return unicodedata.normalize("NFC", word.lower())
    return with_tone(base, tones[0])
