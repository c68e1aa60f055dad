"""Builds the table of countries from CLDR: ISO 3166-1 codes and names in Vietnamese and English."""

from collections.abc import Iterable

from babel import Locale
from babel.core import get_global

from dancu.kernel.text import canonical

COUNTRY_COLUMNS = ("alpha2", "alpha3", "numeric", "name_vi", "name_en")

# Two-letter codes of CLDR that ISO 3166-1 has not assigned to a country.
_NOT_ASSIGNED = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"})
# Codes of states and names that ISO has withdrawn; CLDR keeps them as aliases.
_WITHDRAWN = frozenset({"ZAR", "TMP", "FXX", "BUR", "ROM", "DDR", "YMD", "278", "280", "720", "736"})


def countries() -> Iterable[dict[str, object]]:
    """List the 249 countries and territories, in order of alpha-2 code."""
    vietnamese, english = Locale("vi").territories, Locale("en").territories
    codes = _aliases()
    for alpha2 in sorted(vietnamese):
        if len(alpha2) == 2 and alpha2.isalpha() and alpha2 not in _NOT_ASSIGNED:
            yield {
                "alpha2": alpha2,
                "alpha3": codes[alpha2][0],
                "numeric": codes[alpha2][1],
                "name_vi": canonical(vietnamese[alpha2]),
                "name_en": canonical(english[alpha2]),
            }


def _aliases() -> dict[str, tuple[str, str]]:
    letters: dict[str, str] = {}
    numbers: dict[str, str] = {}
    for alias, territories in sorted(get_global("territory_aliases").items()):
        if len(alias) != 3 or len(territories) != 1 or alias in _WITHDRAWN:
            continue
        (letters if alias.isalpha() else numbers)[territories[0]] = alias
    return {alpha2: (letters[alpha2], numbers[alpha2]) for alpha2 in letters.keys() & numbers.keys()}
