"""The report of a back-test: to be read beside every forecast."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dancu.forecast.backtest.score import Score

BAR = 0.8
"""The error of a forecast must be at most this share of that of geometric growth."""
HELD_LEAST, HELD_MOST = 0.72, 0.88
"""The share of cases that 80 % bands must hold."""


@dataclass(frozen=True)
class Report:
    """What became of forecasts that were made as of past years.

    Args:
        engine: how they were made, in words.
        origins: the years as of which they were made.
        horizons: how many years ahead they were compared.
        units: how many units.
        ours: by horizon, totals of all units and origins.
        peers: by name and horizon.
        by_origin: totals at the last horizon.
        by_unit: totals of all origins and horizons.
        by_age: all units, origins and horizons; empty where ages are not known.
    """

    engine: str
    origins: tuple[int, ...]
    horizons: tuple[int, ...]
    units: int
    ours: Mapping[int, Score]
    peers: Mapping[str, Mapping[int, Score]]
    by_origin: Mapping[int, Score]
    by_unit: Mapping[str, Score]
    by_age: Mapping[str, Score]

    @property
    def against_growth(self) -> float:
        """The mean error as a share of that of five-year geometric growth, over all horizons."""
        bar = next(iter(self.peers.values()))
        ours = sum(self.ours[ahead].mape for ahead in self.horizons)
        theirs = sum(bar[ahead].mape for ahead in self.horizons)
        return ours / theirs if theirs else float("nan")

    @property
    def held80(self) -> float:
        """The share of totals that lay within the 80 % bands."""
        cases = sum(self.ours[ahead].cases for ahead in self.horizons)
        return sum(self.ours[ahead].held80 * self.ours[ahead].cases for ahead in self.horizons) / cases

    @property
    def reaches_its_bars(self) -> bool:
        """Whether the error is a fifth below geometric growth and the bands hold what they promise."""
        return self.against_growth <= BAR and HELD_LEAST <= self.held80 <= HELD_MOST


def lines_of(report: Report, *, units: int = 5) -> list[str]:
    """Return the report as Markdown.

    Args:
        report: of a back-test.
        units: how many of those with the largest errors are named.
    """
    verdict = (
        f"Mean error {report.against_growth:.0%} of geometric growth (bar {BAR:.0%}); "
        f"80 % bands held {report.held80:.0%} (bar {HELD_LEAST:.0%} to {HELD_MOST:.0%})."
    )
    return [
        f"Back-test of {report.engine}: {report.units} units, made as of {_listed(report.origins)}.",
        "",
        *_methods(report),
        "",
        verdict,
        "",
        *_table("as of", {str(origin): one for origin, one in report.by_origin.items()}),
        *(["", *_table("age", report.by_age)] if report.by_age else []),
        "",
        f"Largest errors, of all horizons (the other {max(report.units - units, 0)} units are in the data):",
        "",
        *_table("unit", dict(_worst(report.by_unit, units))),
    ]


def _methods(report: Report) -> Iterator[str]:
    yield "| years ahead | method | mean error % | median % | bias % | 80 % band held | 95 % band held |"
    yield "| ---: | --- | ---: | ---: | ---: | ---: | ---: |"
    for ahead in report.horizons:
        yield f"| {ahead} | **forecast** | {_cells(report.ours[ahead])} |"
        for name, scores in report.peers.items():
            yield f"| {ahead} | {name} | {_cells(scores[ahead])} |"


def _table(what: str, scores: Mapping[str, Score]) -> Iterator[str]:
    yield f"| {what} | mean error % | median % | bias % | 80 % band held | 95 % band held |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for name, one in scores.items():
        yield f"| {name} | {_cells(one)} |"


def _cells(one: Score) -> str:
    held = (f"{share:.0%}" if share == share else "" for share in (one.held80, one.held95))  # noqa: PLR0124 -- nan
    return " | ".join((f"{one.mape:.2f}", f"{one.median:.2f}", f"{one.bias:+.2f}", *held))


def _worst(scores: Mapping[str, Score], number: int) -> list[tuple[str, Score]]:
    return sorted(scores.items(), key=lambda item: -item[1].mape)[:number]


def _listed(years: tuple[int, ...]) -> str:
    return ", ".join(str(year) for year in years)
