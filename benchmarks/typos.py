"""Slips of people who type names, drawn from causes outside the search: fingers, keyboards, ears and habits.

It knows nothing of the vocabulary, the confusions or the limits of `dancu.linkage`. One slip a name.
"""

import random

from dancu.kernel.text import fold

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS: dict[str, str] = {}
for _r, _row in enumerate(_ROWS):
    for _c, _key in enumerate(_row):
        around = [(_r, _c - 1), (_r, _c + 1), (_r - 1, _c), (_r - 1, _c + 1), (_r + 1, _c - 1), (_r + 1, _c)]
        _NEIGHBOURS[_key] = "".join(_ROWS[r][c] for r, c in around if 0 <= r < 3 and 0 <= c < len(_ROWS[r]))

_BY_EAR_FIRST = [("tr", "ch"), ("ch", "tr"), ("s", "x"), ("x", "s"), ("gi", "d"), ("d", "gi"), ("r", "g"), ("l", "n"),
                 ("n", "l"), ("v", "d"), ("ngh", "ng"), ("qu", "w"), ("ph", "f"), ("k", "c"), ("hu", "w")]  # fmt: skip
_BY_EAR_LAST = [("ng", "n"), ("n", "ng"), ("t", "c"), ("c", "t"), ("nh", "n"), ("y", "i"), ("i", "y"), ("uong", "ung"),
                ("uoc", "uc"), ("iem", "im"), ("oa", "ua"), ("ao", "au"), ("inh", "in")]  # fmt: skip
_TELEX_TONE = {"\u0300": "f", "\u0301": "s", "\u0303": "x", "\u0309": "r", "\u0323": "j"}


def _letter(rng: random.Random, word: str) -> str:
    """A finger slips: a neighbouring key instead or besides, a letter left out, doubled, or two exchanged."""
    i = rng.randrange(len(word))
    key = word[i]
    near = rng.choice(_NEIGHBOURS.get(key, "a"))
    match rng.randrange(5):
        case 0:
            return word[:i] + near + word[i + 1 :]
        case 1:
            return word[: i + 1] + near + word[i + 1 :]
        case 2:
            return word[:i] + word[i + 1 :] if len(word) > 1 else word + near
        case 3:
            return word[: i + 1] + key + word[i + 1 :]
        case _:
            i = rng.randrange(max(1, len(word) - 1))
            return word[:i] + word[i : i + 2][::-1] + word[i + 2 :]


def _heard(rng: random.Random, word: str) -> str:
    """The word is written as it sounds to who types; one that sounds as it is written gets a finger's slip."""
    ways = [new + word[len(old) :] for old, new in _BY_EAR_FIRST if word.startswith(old)]
    ways += [word[: -len(old)] + new for old, new in _BY_EAR_LAST if word.endswith(old)]
    return rng.choice(ways) if ways else _letter(rng, word)


def _raw_keys(name: str, at: int) -> str:
    """The keyboard was not in Vietnamese mode for one word: its tone and marks stand as keys."""
    import unicodedata

    words = name.split()
    keys, tone = "", ""
    for c in unicodedata.normalize("NFD", words[at]):
        if c in _TELEX_TONE:
            tone = _TELEX_TONE[c]
        elif c == "\u0302":
            keys += keys[-1]
        elif c in "\u0306\u031b":
            keys += "w"
        else:
            keys += "dd" if c in "đĐ" else c
    words[at] = keys + tone
    return " ".join(words)


def with_slip(name: str, rng: random.Random) -> str:
    """Return a name with one slip: 6 in 10 of a finger, 2 by ear, 1 of the keyboard's mode, 1 of habit."""
    words = name.split()
    at = rng.randrange(len(words))
    kind = rng.random()
    plain = name if rng.random() < 0.4 and kind >= 0.8 else fold(name)
    if kind < 0.8:
        words = fold(name).split()
        words[at] = (_letter if kind < 0.6 else _heard)(rng, words[at])
        return " ".join(words)
    if kind < 0.9:
        return _raw_keys(name, at)
    habits = [f"{plain.split()[-1]} {' '.join(plain.split()[:-1])}", plain.replace(" ", "", 1)]
    if len(words) > 2:
        habits.append(" ".join(plain.split()[:1] + plain.split()[2:]))
        habits.append(f"{words[0][:2]}. {' '.join(plain.split()[1:])}")
    return rng.choice(habits)
