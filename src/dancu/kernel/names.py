"""Names of persons."""

from dataclasses import dataclass

from dancu.kernel.errors import FieldFault, Invalid
from dancu.kernel.text import canonical, fold, sort_key

_JOINING_SURNAMES = frozenset({"tôn nữ", "tôn thất", "công tằng tôn nữ", "công tôn nữ"})
_BETWEEN_LETTERS = str.maketrans("", "", " '’.-`")


@dataclass(frozen=True)
class PersonName:
    """A name as surname, middle and given name, each in NFC.

    Any part but one may be empty: a person with one name has only `given`,
    and the names of peoples who do not follow the Kinh order stand whole in `given`.
    Parts are never invented.

    Raises:
        Invalid: no part is left, or a part holds a character that no name has.
    """

    surname: str
    middle: str
    given: str

    def __post_init__(self) -> None:
        for part in ("surname", "middle", "given"):
            object.__setattr__(self, part, canonical(getattr(self, part)))
        if not self.full:
            raise Invalid((FieldFault("/name", "A name is needed"),))
        letters = self.full.translate(_BETWEEN_LETTERS)
        if letters and not letters.isalpha():
            raise Invalid((FieldFault("/name", "A name holds letters, spaces, hyphens and apostrophes only"),))

    @classmethod
    def parse(cls, text: str) -> "PersonName":
        """Split a full name in Kinh order: first word, words between, last word.

        One word becomes the given name; a known surname of several words is kept whole.
        """
        words = canonical(text).split()
        if len(words) <= 1:
            return cls("", "", " ".join(words))
        for size in range(min(4, len(words) - 1), 1, -1):
            if " ".join(words[:size]).lower() in _JOINING_SURNAMES:
                return cls(" ".join(words[:size]), " ".join(words[size:-1]), words[-1])
        return cls(words[0], " ".join(words[1:-1]), words[-1])

    @property
    def full(self) -> str:
        """The name as it is written, in order."""
        return " ".join(part for part in (self.surname, self.middle, self.given) if part)

    @property
    def key(self) -> str:
        """The folded full name, as stored in `name_key`."""
        return fold(self.full)

    @property
    def order(self) -> tuple[object, ...]:
        """A key that sorts a list of people by given name, then surname, then middle name."""
        return (sort_key(self.given), sort_key(self.surname), sort_key(self.middle))
