"""Fans: a median that goes on into two bands."""

from typing import TYPE_CHECKING

from dancu.forecast.pictures.canvas import MIDDLE, Language, canvas, number, word
from dancu.forecast.results import Bands

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MILLION = 1_000_000


def fan(bands: Bands, unit: str = "", *, title: str = "", language: Language = "vi") -> "Figure":
    """Draw the total of a unit with its 80 % and 95 % bands.

    Args:
        unit: '' for all units together.

    Raises:
        Invalid: there is no such unit.
        Unavailable: matplotlib is not installed.
    """
    band = bands.of(unit)
    scale = _MILLION if band.high95.max() >= _MILLION else 1000
    years = list(bands.years)
    figure, axes = canvas(6.4, 3.8)
    for low, high, shade, name in ((band.low95, band.high95, 0.18, "of95"), (band.low80, band.high80, 0.32, "of80")):
        axes.fill_between(
            years, low / scale, high / scale, color=MIDDLE, alpha=shade, linewidth=0, label=word(name, language)
        )
    axes.plot(years, band.median / scale, color=MIDDLE, linewidth=1.8, label=word("median", language))
    digits = 0 if band.high95.max() / scale >= 20 else 1
    axes.yaxis.set_major_formatter(lambda value, _: number(value, language, digits))
    axes.set_ylabel(word("million" if scale == _MILLION else "thousand", language), fontsize=9)
    axes.margins(x=0)
    axes.grid(axis="y", color="#eaeef2")
    axes.set_axisbelow(True)
    axes.set_title(title or unit or word("all", language), loc="left", fontsize=11, fontweight="bold")
    axes.legend(frameon=False, fontsize=8, loc="best")
    return figure
