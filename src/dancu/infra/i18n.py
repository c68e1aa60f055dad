"""Languages of the reader: English msgids in the code, catalogues as `.po` files, read once at start."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

DEFAULT_LANGUAGE = "vi"


@dataclass(frozen=True)
class Languages:
    """The translations of every language that the pages are offered in."""

    catalogues: Mapping[str, NullTranslations]

    def translations(self, language: str) -> NullTranslations:
        """Return the catalogue of a language, or that of the default one."""
        return self.catalogues.get(language) or self.catalogues[DEFAULT_LANGUAGE]

    def translate(self, language: str, message: str, **values: object) -> str:
        """Say a message in a language, with its `%(name)s` places filled."""
        said = self.translations(language).gettext(message) if message else ""
        return said % values if values else said

    def choose(self, *, cookie: str | None, accept: str | None) -> str:
        """Choose the reader's language: the cookie first, then the browser's wish, else Vietnamese."""
        if cookie in self.catalogues:
            return str(cookie)
        for wished in _by_preference(accept or ""):
            if wished in self.catalogues:
                return wished
        return DEFAULT_LANGUAGE


def load_languages(folder: Path, *, languages: Iterable[str] = ("vi", "en")) -> Languages:
    """Read `<language>.po` of a folder; English, the language of the msgids, needs none.

    Raises:
        FileNotFoundError: a language other than English has no catalogue.
    """
    return Languages({language: _catalogue(folder / f"{language}.po", language) for language in languages})


def _catalogue(file: Path, language: str) -> NullTranslations:
    if language == "en" and not file.exists():
        return NullTranslations()
    with file.open("rb") as source:
        catalogue = read_po(source, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def _by_preference(accept: str) -> list[str]:
    """List the primary tags of an Accept-Language header, the most wanted first (RFC 9110, 12.5.4)."""
    wishes = []
    for position, part in enumerate(accept[:200].split(",")):
        tag, _, quality = part.strip().partition(";q=")
        weight = _weight(quality)
        if tag and weight > 0:
            wishes.append((-weight, position, tag.split("-")[0].lower()))
    return [tag for _, _, tag in sorted(wishes)]


def _weight(quality: str) -> float:
    try:
        return float(quality) if quality else 1.0
    except ValueError:
        return 0.0
