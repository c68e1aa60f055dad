"""Figures of quality as texts, in both languages."""

from collections.abc import Sequence
from datetime import date

from dancu.portals.officer.quality_views import FigureView, MeasureLine
from dancu.portals.shared.pages import Said
from dancu.portals.shared.words import msg
from dancu.quality.model import AGE_GROUPS, Dimension, Figure, Kind, Measure
from dancu.stats.disclosure import MINIMUM

DIMENSIONS = {
    Dimension.CORRECT: msg("Correct"),
    Dimension.COMPLETE: msg("Complete"),
    Dimension.CLEAN: msg("Clean"),
    Dimension.LIVE: msg("Live"),
}
CHARACTERISTICS = {
    "Accuracy": msg("accuracy"),
    "Credibility": msg("credibility"),
    "Consistency": msg("consistency"),
    "Completeness": msg("completeness"),
    "Currentness": msg("currentness"),
}
FIELDS = {
    "name": msg("Name"),
    "born": msg("Born"),
    "sex": msg("Sex"),
    "number": msg("Personal number"),
    "residence": msg("Residence"),
    "link": msg("The same person"),
    "link_precision": msg("Links that are right"),
    "link_recall": msg("Links that were found"),
}
_WIDE, _HIGH = 100.0, 24.0


def _comma(text: str) -> Said:
    """Write a number as each language does."""
    return Said(text.replace(",", " ").replace(".", ",").replace(" ", "."), text)


def _short(number: str) -> str:
    return number.rstrip("0").rstrip(".")


def number_text(one: Measure, value: float) -> Said:
    """Write a value of a measure."""
    if one.kind in {Kind.SHARE, Kind.ESTIMATE} or (one.kind is Kind.CHANCES and one.per == 1):
        # What is not all is not shown as all.
        share = min(100 * value, 99.999) if value < 1 else 100 * value
        digits = 3 if 99 < share < 100 else 1
        said = _comma(_short(f"{share:.{digits}f}"))
        return Said(f"{said.vi} %", f"{said.en}%")
    if one.kind is Kind.DAYS:
        return Said(f"{value:.0f} ngày", f"{value:.0f} days" if value != 1 else "1 day")
    return _comma(_short(f"{value:,.2f}"))


def figure_view(one: Measure, figure: Figure | None, trend: Sequence[tuple[date, float]] = ()) -> FigureView:
    """Return a figure as the reader sees it; what tells of too few is not shown."""
    if figure is None or figure.value is None:
        return FigureView()
    if is_small(one, figure):
        return FigureView(small=True)
    interval = Said("", "")
    if figure.low is not None:
        low = number_text(one, figure.low)
        high = number_text(one, figure.high) if figure.high is not None else Said("…", "…")
        interval = Said(f"{low.vi} – {high.vi}", f"{low.en} – {high.en}")
    met = one.bar.met(figure) if one.bar else None
    return FigureView(number_text(one, figure.value), interval, met, line=spark(trend))


def is_small(one: Measure, figure: Figure) -> bool:
    """Tell whether a figure is about so few persons that it tells of them. Sources and samples are no persons."""
    return one.personal and 0 < figure.subjects < MINIMUM


def few(count: int) -> str:
    """Write how many there are, where few are not to be told."""
    return "" if not count else f"< {MINIMUM}" if count < MINIMUM else f"{count:,}".replace(",", ".")


def limit_text(one: Measure) -> Said:
    """Write the bar."""
    if one.bar is None:
        return Said("", "")
    limit, sign = number_text(one, one.bar.limit), "≥" if one.bar.at_least else "≤"
    return Said(f"{sign} {limit.vi}", f"{sign} {limit.en}")


def measure_line(one: Measure, figure: Figure | None, trend: Sequence[tuple[date, float]] = ()) -> MeasureLine:
    """Return a measure as a line of the board."""
    middle = Said("", "")
    if figure is not None and figure.middle is not None:
        middle = number_text(one, figure.middle)
    return MeasureLine(
        one.code,
        Said(one.name_vi, one.name_en),
        figure_view(one, figure, trend),
        limit_text(one),
        middle,
        figure.day if figure else None,
    )


def counts_text(one: Measure, figure: Figure | None) -> Said:
    """Write numerator and denominator."""
    if figure is None or figure.value is None or is_small(one, figure):
        return Said("", "")
    digits = 0 if float(figure.numerator).is_integer() else 1
    over, under = _comma(f"{figure.numerator:,.{digits}f}"), _comma(f"{figure.denominator:,.0f}")
    return Said(f"{over.vi} / {under.vi}", f"{over.en} / {under.en}")


def spark(trend: Sequence[tuple[date, float]]) -> str:
    """Draw a trend as the points of a polyline, 100 wide and 24 high, between its own extremes."""
    if len(trend) < 2:
        return ""
    first, last = trend[0][0].toordinal(), trend[-1][0].toordinal()
    low, high = min(value for _, value in trend), max(value for _, value in trend)
    points = []
    for day, value in trend:
        across = (day.toordinal() - first) / max(last - first, 1) * (_WIDE - 4) + 2
        up = (value - low) / (high - low) if high > low else 0.5
        points.append(f"{across:.1f},{_HIGH - 3 - up * (_HIGH - 6):.1f}")
    return " ".join(points)


def age_text(age_group: int) -> str:
    """Write an age group."""
    return AGE_GROUPS.get(age_group, "")
