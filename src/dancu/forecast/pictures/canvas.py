"""What all pictures share: figures, colours that everybody can tell apart, words and numbers in two languages."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from dancu.kernel.errors import Malformed, Unavailable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Language = Literal["vi", "en"]

MALE_COLOUR, FEMALE_COLOUR, MIDDLE, INK, FAINT = "#4477aa", "#cc6677", "#0f3d5e", "#24292f", "#d0d7de"
"""Colours of Paul Tol's muted scheme, told apart by people with any colour vision."""
_ENDINGS = (".png", ".svg", ".pdf")

_WORDS: dict[str, dict[Language, str]] = {
    "male": {"vi": "Nam", "en": "Males"},
    "female": {"vi": "Nữ", "en": "Females"},
    "age": {"vi": "Tuổi", "en": "Age"},
    "thousand": {"vi": "Nghìn người", "en": "Thousand persons"},
    "million": {"vi": "Triệu người", "en": "Million persons"},
    "median": {"vi": "Trung vị", "en": "Median"},
    "of80": {"vi": "Khoảng 80 %", "en": "80 % interval"},
    "of95": {"vi": "Khoảng 95 %", "en": "95 % interval"},
    "all": {"vi": "Tất cả đơn vị", "en": "All units"},
    "change": {"vi": "Thay đổi dân số, %", "en": "Change of population, per cent"},
    "unknown": {"vi": "Không có số liệu", "en": "No figure"},
}


def word(of: str, language: Language) -> str:
    """Return a word of pictures."""
    return _WORDS[of][language]


def number(value: float, language: Language, digits: int = 0) -> str:
    """Write a number as people of a language do: 1.234,5 in Vietnamese."""
    text = f"{value:,.{digits}f}"
    return text.translate(str.maketrans(",.", ".,")) if language == "vi" else text


def canvas(width: float, height: float) -> "tuple[Figure, Axes]":
    """Return an empty figure and its axes, in inches.

    Raises:
        Unavailable: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 -- only pictures need it
    except ImportError as error:
        raise Unavailable("Pictures need matplotlib: pip install 'dancu[pictures]'") from error
    figure = Figure(figsize=(width, height), dpi=150, layout="constrained", facecolor="white")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=INK, labelsize=8)
    return figure, axes


def save(figure: "Figure", path: Path) -> None:
    """Write a figure to a PNG, SVG or PDF file, whole or not at all.

    Raises:
        Malformed: the name of the file ends otherwise.
    """
    if path.suffix.lower() not in _ENDINGS:
        raise Malformed(f"A picture is a file that ends in {', '.join(_ENDINGS)}")
    part = path.with_name(f"{path.name}.part")
    try:
        figure.savefig(part, format=path.suffix[1:].lower())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
