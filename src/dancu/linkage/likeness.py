"""How alike two names are, for ranking: 0 to 1."""

from rapidfuzz.distance import OSA, JaroWinkler

from dancu.kernel.text import fold


def likeness(typed: str, name: str) -> float:
    """Return how alike a typed name and a stored one are; 1 is the same letters and tones.

    Diacritics count only when they were typed: `huong` is as like Hương as Hường, `hương` is not.
    """
    plain_typed, plain_name = fold(typed), fold(name)
    if plain_typed == plain_name:
        marked = typed.lower() != plain_typed
        return 1.0 if not marked or typed.lower() == name.lower() else 0.95
    if sorted(plain_typed.split()) == sorted(plain_name.split()):
        return 0.92
    words_typed, words_name = plain_typed.split(), plain_name.split()
    if len(words_typed) == len(words_name):
        slips = sum(OSA.distance(a, b) for a, b in zip(words_typed, words_name, strict=True))
        if slips <= 2:
            return 0.9 - 0.05 * slips
    if words_typed[:1] == words_name[:1] and words_typed[-1:] == words_name[-1:]:
        return 0.82
    if set(words_typed) <= set(words_name):
        return 0.78
    return 0.8 * float(JaroWinkler.similarity(plain_typed, plain_name))
