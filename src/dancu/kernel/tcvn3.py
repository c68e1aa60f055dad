"""The one-byte Vietnamese set of the ABC fonts, in which agencies wrote for twenty years.

Standard: TCVN 5712:1993, VN3. The set has capitals for the seven base letters only;
accented capitals were a matter of the font (.VnTimeH) and arrive as small letters.
"""

import re

_RUNS: tuple[tuple[int, str], ...] = (
    (0xA0, "\u00a0ĂÂÊÔƠƯĐăâêôơưđ"),
    (0xB5, "àảãáạ"),
    (0xBB, "ằẳẵắ"),
    (0xC6, "ặầẩẫấậè"),
    (0xCE, "ẻẽéẹềểễếệìỉ"),
    (0xDC, "ĩíịò"),
    (0xE1, "ỏõóọồổỗốộờởỡớợù"),
    (0xF1, "ủũúụừửữứựỳỷỹýỵ"),
)


def _table() -> str:
    letters = [chr(code) for code in range(0x80)] + ["\ufffd"] * 0x80
    for first, run in _RUNS:
        letters[first : first + len(run)] = run
    return "".join(letters)


TABLE: str = _table()
"""The 256 characters of the set by their byte; U+FFFD where the set has none."""

CASELESS: frozenset[str] = frozenset("".join(run for _, run in _RUNS[1:]))
"""Letters whose capital the set cannot write."""

_PHRASE = re.compile(r"[^\W\d_]+(?: +[^\W\d_]+)*")


def restore_capitals(text: str) -> str:
    """Give accented letters back the capital that the font showed, where the words around them tell.

    A word of which two other letters are capitals becomes all capitals: `NGUYễN` was shown as `NGUYỄN`.
    A word like `Hà` does so only in a phrase of capitals; a word of accented letters only stays as it is.
    """
    return _PHRASE.sub(lambda match: _restored(match.group()), text)


def _restored(phrase: str) -> str:
    if phrase.isascii():
        return phrase
    words = phrase.split(" ")
    marks = [_case_of(word) for word in words]
    shouted = "upper" in marks and "mixed" not in marks
    return " ".join(
        word.upper() if mark == "upper" or (shouted and mark == "either") else word
        for word, mark in zip(words, marks, strict=True)
    )


def _case_of(word: str) -> str:
    known = [letter for letter in word if letter not in CASELESS]
    if not known:
        return "either" if word else ""
    if not all(letter.isupper() for letter in known):
        return "mixed"
    return "either" if len(known) == 1 and word[0] == known[0] else "upper"
