"""What a column of a source file may mean, in the words of people."""

from dancu.intake import field_words
from dancu.intake.synonyms import IGNORED, TARGETS
from dancu.portals.shared.pages import Said

WORDS: dict[str, Said] = {name: Said(*words) for name, words in field_words.WORDS.items()}
"""The words for every meaning, and for what a dry run writes beside them."""

MEANINGS: tuple[str, ...] = (
    IGNORED,
    *(name for name in WORDS if name in TARGETS and name != IGNORED),
)
"""What a column may mean, in the order in which people look for it."""
