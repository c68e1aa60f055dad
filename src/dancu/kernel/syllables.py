"""Which words are Vietnamese syllables: the yardstick by which an encoding is chosen."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from dancu.kernel.text import fold

_ONSETS = frozenset(("", *"b c ch d đ g gh gi h k kh l m n ng ngh nh p ph q qu r s t th tr v x".split()))  # noqa: SIM905 - a row of words reads better
_RHYMES = frozenset(
    (  # noqa: SIM905 - so do these
        "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây "
        "e ec em en eng eo ep et ê êch êm ên ênh êp êt êu i ia ich im in inh ip it iu "
        "iêc iêm iên iêng iêp iêt iêu yêm yên yêng yêt yêu y ych ynh yt ya "
        "o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt "
        "oc oe oem oen oeo oet oi om on ong ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt "
        "ơ ơi ơm ơn ơp ơt ơng u ua uât uân uâng uây uc uê uêch uênh ui um un ung uơ up ut "
        "uy uya uych uyêt uyên uynh uyt uyu uôc uôi uôm uôn uông uôt "
        "ư ưa ưc ưi ưng ưt ưu ưm ươc ươi ươm ươn ương ươp ươt ươu"
    ).split()
)
_TONES = frozenset("\u0300\u0309\u0303\u0301\u0323")
_SHARP_OR_HEAVY = frozenset("\u0301\u0323")
_STOPS = ("c", "ch", "p", "t")
_WORD = re.compile(r"[^\W\d_]+")
_BARE_ONSETS = frozenset(map(fold, _ONSETS))
_BARE_RHYMES = frozenset(map(fold, _RHYMES))

SURNAMES: frozenset[str] = frozenset(
    "nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý "  # noqa: SIM905 - a row of words reads better
    "đinh đào đoàn trịnh trương lương lưu mai tô tạ hà cao châu chu kiều lâm la lục mạc nông phùng quách "
    "thái tống triệu từ vương giàng vàng sùng thào lò hứa khổng nghiêm thân tăng bạch diệp doãn đàm".split()
)
"""Surnames that are met often, in small letters."""

_MIDDLES = frozenset(
    "thị văn hữu đức ngọc xuân quốc đình công bá thế trọng tuấn bích hồng mỹ thuý thúy thuỳ thùy bảo".split()  # noqa: SIM905
)


@lru_cache(maxsize=65536)
def is_syllable(word: str) -> bool:
    """Tell whether the word is spelled as a Vietnamese syllable can be, in NFC or NFD and any case.

    A word without any diacritics may pass although its marks are missing.
    """
    marked = unicodedata.normalize("NFD", word.lower())
    tones = [c for c in marked if c in _TONES]
    base = unicodedata.normalize("NFC", "".join(c for c in marked if c not in _TONES))
    if len(tones) > 1 or (tones and base.endswith(_STOPS) and tones[0] not in _SHARP_OR_HEAVY):
        return False
    return any(base[:size] in _ONSETS and base[size:] in _RHYMES for size in range(min(4, len(base))))


@lru_cache(maxsize=65536)
def is_bare_syllable(word: str) -> bool:
    """Tell whether a word of ASCII letters may be a syllable whose marks were left out."""
    bare = word.lower()
    return any(bare[:size] in _BARE_ONSETS and bare[size:] in _BARE_RHYMES for size in range(min(4, len(bare))))


def score(text: str) -> float:
    """Return how Vietnamese a text looks: -1..1 by its words that are not plain ASCII.

    Each such word counts +1 when it is a syllable and -1 when it cannot be one; common surnames count twice,
    and capitals in the middle of a word make it none. A text of ASCII words only scores 0.
    """
    return score_of(word for word in _WORD.findall(unicodedata.normalize("NFC", text)) if not word.isascii())


def score_of(words: Iterable[str]) -> float:
    """Return how Vietnamese some words beyond ASCII are together, as `score` does."""
    weight = total = 0
    for word in words:
        value = _value(word)
        weight += abs(value)
        total += value
    return total / weight if weight else 0.0


def familiarity(words: Iterable[str]) -> float:
    """Return which part of some words are common surnames or middle names."""
    known = [word.lower() in SURNAMES or word.lower() in _MIDDLES for word in words]
    return sum(known) / len(known) if known else 0.0


@lru_cache(maxsize=65536)
def _value(word: str) -> int:
    if not is_syllable(word) or not (word.isupper() or word[1:].islower() or len(word) == 1):
        return -1
    return 2 if word.lower() in SURNAMES else 1
