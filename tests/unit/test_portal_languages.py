import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from tests.journeys.messages import without_translation

from dancu.infra.i18n import Languages, load_languages
from dancu.portals.shared.pages import PORTALS

PLACES = re.compile(r"%\((\w+)\)s|\{(\w+)\}")


@pytest.fixture(scope="module")
def vietnamese() -> dict[str, tuple[str, ...]]:
    with (PORTALS / "locales" / "vi.po").open("rb") as source:
        catalogue = read_po(source, locale="vi")
    found: dict[str, tuple[str, ...]] = {}
    for message in catalogue:
        texts = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        for key in message.id if isinstance(message.id, (tuple, list)) else (message.id,):
            found[key] = tuple(text or "" for text in texts)
    return found


def test_every_message_of_the_pages_is_in_vietnamese() -> None:
    assert without_translation() == set(), "python -m tests.journeys.messages prints what vi.po lacks"


def test_translations_keep_the_places_for_values(vietnamese: dict[str, tuple[str, ...]]) -> None:
    broken = {
        key
        for key, texts in vietnamese.items()
        if key and any(sorted(PLACES.findall(key)) != sorted(PLACES.findall(text)) for text in texts)
    }
    assert broken == set()


def test_translations_are_in_nfc_with_diacritics(vietnamese: dict[str, tuple[str, ...]]) -> None:
    import unicodedata

    texts = [text for texts in vietnamese.values() for text in texts]
    assert all(unicodedata.is_normalized("NFC", text) for text in texts)


@pytest.fixture(scope="module")
def languages() -> Languages:
    return load_languages(PORTALS / "locales")


@pytest.mark.parametrize(
    ("cookie", "accept", "expected"),
    [
        (None, None, "vi"),
        (None, "en-GB,en;q=0.9", "en"),
        (None, "fr,en;q=0.3,vi;q=0.8", "vi"),
        (None, "fr", "vi"),
        (None, "en;q=0", "vi"),
        (None, "en;q=much", "vi"),
        ("en", "vi", "en"),
        ("xx", "en", "en"),
    ],
)
def test_the_cookie_decides_before_the_browser(
    languages: Languages, cookie: str | None, accept: str | None, expected: str
) -> None:
    assert expected == languages.choose(cookie=cookie, accept=accept)


def test_messages_are_said_in_the_language_of_the_reader(languages: Languages) -> None:
    assert languages.translate("vi", "Sign in") == "Đăng nhập"
    assert languages.translate("en", "Sign in") == "Sign in"
    assert languages.translate("vi", "until %(day)s", day="01/02/2026") == "đến 01/02/2026"


def test_a_missing_catalogue_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_languages(tmp_path)
