"""Which words are Vietnamese syllables: the yardstick by which an encoding is chosen."""

import re
import unicodedata
from functools import lru_cache

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


def score(text: str) -> float:
    """Return how Vietnamese a text looks: -1..1 by its words that are not plain ASCII.

    Each such word counts +1 when it is a syllable and -1 when it cannot be one;
    a text of ASCII words only scores 0.
    """
    words = [word for word in _WORD.findall(unicodedata.normalize("NFC", text)) if not word.isascii()]
    if not words:
        return 0.0
    return sum(1 if is_syllable(word) else -1 for word in words) / len(words)
