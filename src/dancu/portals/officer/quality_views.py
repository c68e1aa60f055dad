"""What the pages of quality show."""

from dataclasses import dataclass
from datetime import date, datetime

from dancu.portals.officer.views import Option
from dancu.portals.shared.pages import Said

NOTHING = Said("", "")


@dataclass(frozen=True)
class FigureView:
    """A figure as the reader sees it.

    Args:
        value, interval: texts; '' where there is nothing to measure.
        met: whether the bar is reached; None: there is none, or nothing to hold against it.
        small: it tells of so few that it is not shown.
        line: points of the trend, in a box of 100 by 24; '' of fewer than two days.
    """

    value: Said = NOTHING
    interval: Said = NOTHING
    met: bool | None = None
    small: bool = False
    line: str = ""


@dataclass(frozen=True)
class MeasureLine:
    """A measure on the board. `middle`: of a measure of time, the median; `limit`: the bar, as text."""

    code: str
    name: Said
    figure: FigureView
    limit: Said
    middle: Said = NOTHING
    day: date | None = None


@dataclass(frozen=True)
class Tile:
    """One of the four: correct, complete, clean, live. `title` is a msgid."""

    code: str
    title: str
    met: int
    missed: int
    lines: tuple[MeasureLine, ...]


@dataclass(frozen=True)
class BoardPage:
    """The board of a place. `place` '' is the nation; `places` to choose from, for the Center."""

    day: date | None
    place: str
    title: Said
    places: tuple[Option, ...]
    tiles: tuple[Tile, ...]


@dataclass(frozen=True)
class PartLine:
    """A part of a measure: a place, an age group or a source.

    Args:
        to_fix: how many records wait there to be put right, as text; '' none. `more`: address of the list.
        inside: address of the measure in that place; '' there is none.
    """

    title: str | Said
    figure: FigureView
    to_fix: str = ""
    more: str = ""
    inside: str = ""


@dataclass(frozen=True)
class MeasurePage:
    """A measure in a place, by its parts."""

    line: MeasureLine
    place: str
    title: Said
    dimension: str
    characteristic: str
    formula: Said
    counts: Said
    by_place: tuple[PartLine, ...]
    by_age: tuple[PartLine, ...]
    by_source: tuple[PartLine, ...]
    lists: bool


@dataclass(frozen=True)
class WantingLine:
    """A record to put right."""

    ref: str
    name: str
    born: str
    number: str
    place: str


@dataclass(frozen=True)
class FixPage:
    """Records to put right. `after`: where the next page begins; '' this is the last one."""

    code: str
    name: Said
    where: str
    place: str
    lines: tuple[WantingLine, ...]
    after: str


@dataclass(frozen=True)
class SampleLine:
    """A sample in a list. `kind` is a msgid."""

    code: str
    kind: str
    links: bool
    place: str
    drawn_at: datetime
    items: int
    checked: int
    percent_doubled: int


@dataclass(frozen=True)
class EstimateLine:
    """What a sample says of a field. `title` is a msgid; `agreed`: of those checked twice."""

    title: str
    figure: FigureView
    checked: int
    agreed: str


@dataclass(frozen=True)
class ItemLine:
    """One that was drawn. `state` is a msgid; `open`: the reader may check it."""

    item: int
    ref: str
    name: str
    stratum: str
    state: str
    open: bool
    second: bool


@dataclass(frozen=True)
class ItemPage:
    """One that was drawn, laid before a clerk: values beside what to say of each.

    Args:
        fields: (name of the field, msgid of its title, value in the register).
        source: of a link, the source with the record.
    """

    sample: SampleLine
    line: ItemLine
    fields: tuple[tuple[str, str, str | Said], ...]
    source: str
    following: int | None


@dataclass(frozen=True)
class SamplePage:
    """A sample with what it says so far. `on_dossier`: the chosen work is one, so that findings can be written down."""

    line: SampleLine
    estimates: tuple[EstimateLine, ...]
    items: tuple[ItemLine, ...]
    on_dossier: bool
