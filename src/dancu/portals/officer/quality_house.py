"""Quality for the desk: the board, each measure by its parts, records to put right, and samples to check."""

import csv
import io
import random
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date

from dancu.access.work import OpenWork
from dancu.audit.entry import ALL_FIELDS, SUMMARY_FIELDS, Operation
from dancu.intake.adjudication.looking import Clerk, opened_for
from dancu.kernel.codes import Authority
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import FieldFault, Forbidden, Invalid
from dancu.kernel.formulas import neutral
from dancu.kernel.time import today
from dancu.portals.officer.data import House, account_of, office_of
from dancu.portals.officer.desk import At
from dancu.portals.officer.people import place_of
from dancu.portals.officer.quality_views import (
    BoardPage,
    EstimateLine,
    FixPage,
    ItemLine,
    ItemPage,
    MeasurePage,
    PartLine,
    SampleLine,
    SamplePage,
    Tile,
    WantingLine,
)
from dancu.portals.officer.quality_words import (
    CHARACTERISTICS,
    DIMENSIONS,
    FIELDS,
    age_text,
    counts_text,
    few,
    figure_view,
    is_small,
    measure_line,
)
from dancu.portals.officer.session import NotYourAct
from dancu.portals.officer.views import Option
from dancu.portals.shared.pages import Said, day_text
from dancu.portals.shared.words import msg
from dancu.quality import read, samples
from dancu.quality.catalogue import BY_CODE, MEASURES
from dancu.quality.model import ALL_AGES, ALL_SOURCES, BY_HAND, Dimension, Figure, Measure
from dancu.quality.run import measure as measure_of
from dancu.quality.samples import Found, Item, Sample
from dancu.reference.model import Level
from dancu.reference.units import unit_index

_NATION = Said("Cả nước", "The nation")
_BY_HAND = Said("Cán bộ đăng ký", "Registered by officers")
_KINDS = {"persons": msg("Persons, against documents"), "links": msg("Links of records, by score")}
_SEXES = {1: Said("Nam", "Male"), 2: Said("Nữ", "Female")}
_PAGE = 50
_LONGEST_ID = 19


class Quality:
    """The board of quality."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def board(self, at: At, *, place: str = "") -> BoardPage:
        """Return the figures of a place: of the nation or a province for the Center, of the own province for others."""
        province, day = _place(at, place), today(at.now)
        async with self._figures(at) as work:
            found = await read.board(work.tx, province, day=day)
            trends = await read.trends(work.tx, None, day=day, province=province)
            last = await read.last_day(work.tx)
        tiles = [_tile(one, found, trends, province) for one in Dimension]
        return BoardPage(last, province, _title(province, day), _places(at), tuple(tiles))

    async def measure(self, at: At, *, code: str, place: str = "") -> MeasurePage:
        """Return a measure by place, age and source. Raises MeasureUnknown."""
        one, province, day = measure_of(code), _place(at, place), today(at.now)
        async with self._figures(at) as work:
            found = await read.parts(work.tx, code, day=day, province=province)
            trends = await read.trends(work.tx, [code], day=day)
            listed = await read.to_fix_by_unit(work.tx, code, province or None) if one.lists else {}
            within = await self._within(work, one, province, day)
        whole = next((f for f in found if f.age_group == ALL_AGES and f.source == ALL_SOURCES), None)
        ages = sorted((f for f in found if f.age_group != ALL_AGES), key=lambda f: f.age_group)
        sources = sorted((f for f in found if f.source != ALL_SOURCES), key=lambda f: f.source)
        return MeasurePage(
            line=measure_line(one, whole, trends.get((code, province), ())),
            place=province,
            title=_title(province, day),
            dimension=DIMENSIONS[one.dimension],
            characteristic=CHARACTERISTICS[one.characteristic],
            formula=Said(one.formula_vi, one.formula_en),
            counts=counts_text(one, whole),
            by_place=tuple(_place_line(one, unit, f, listed, trends, day) for unit, f in within.items()),
            by_age=tuple(PartLine(age_text(f.age_group), figure_view(one, f)) for f in ages),
            by_source=tuple(PartLine(_source_title(f.source), figure_view(one, f)) for f in sources),
            lists=one.lists,
        )

    @staticmethod
    async def _within(work: OpenWork, one: Measure, province: str, day: date) -> Mapping[str, Figure]:
        """The figures of the provinces of the nation, or of the communes of a province."""
        if province:
            return await read.by_unit(work.tx, one, province, day=day)
        found = await read.parts(work.tx, one.code, day=day)
        wholes = [f for f in found if f.province and f.age_group == ALL_AGES and f.source == ALL_SOURCES]
        return {f.province: f for f in sorted(wholes, key=lambda f: f.province)}

    async def fix_list(self, at: At, *, code: str, place: str = "", after: str = "") -> FixPage:
        """List records to put right, as they stand now; who is listed is logged. Raises MeasureUnknown."""
        one, day = measure_of(code), today(at.now)
        which = read.Which(place, after=_id(after) if after else 0)
        async with opened_for(self._house.database, self._asking(at)) as work:
            found = await read.to_fix(work, code, which, most=_PAGE)
        lines = tuple(self._wanting(person, day) for person in found)
        following = str(found[-1].person_id) if len(found) == _PAGE else ""
        where = place_of(place, None, day) if place else ""
        return FixPage(code, Said(one.name_vi, one.name_en), where, place, lines, following)

    async def export(self, at: At, *, code: str = "") -> str:
        """Return the figures of one measure, or of all, as CSV that no spreadsheet takes for formulas.

        Figures of few are left out. Raises MeasureUnknown.
        """
        wanted = [measure_of(code)] if code else list(MEASURES)
        day, told = today(at.now), io.StringIO()
        own = None if _center(at) else _own(at)
        writer = csv.writer(told, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        async with self._figures(at) as work:
            for one in wanted:
                for figure in await read.parts(work.tx, one.code, day=day, province=own):
                    writer.writerow([neutral(cell) for cell in cells(one, figure)])
        return "\ufeff" + told.getvalue()

    async def quality_samples(self, at: At) -> tuple[SampleLine, ...]:
        """List the samples in the officer's scope."""
        async with self._figures(at) as work:
            found = await samples.samples(work.tx)
        return tuple(_sample_line(one, at) for one in found)

    async def draw_sample(self, at: At, *, kind: str, size: int, doubled: float, seed: int | None = None) -> str:
        """Draw a sample on the chosen dossier, and return its number. Raises Invalid, OnNoDossier."""
        _allowed(at)
        lot = random.SystemRandom().randrange(1 << 31) if seed is None else seed
        place = "" if _center(at) else _own(at)
        async with self._house.opened(at, Operation.READ, fields=SUMMARY_FIELDS) as work:
            found = await samples.draw(
                work, kind=kind, size=size, seed=lot, doubled=doubled, province=place, now=at.now
            )
        return str(found.sample_id)

    async def sample(self, at: At, *, code: str) -> SamplePage:
        """Return a sample with whom it drew, which is logged, and what it says so far. Raises SampleUnknown."""
        async with opened_for(self._house.database, self._asking(at)) as work:
            found = await samples.sample_of(work.tx, _id(code))
            drawn = await samples.items(work, found.sample_id)
            told = await samples.estimates(work.tx, found)
        lines = tuple(self._item_line(one, at) for one in drawn)
        on_dossier = at.work is not None and at.work.is_dossier
        return SamplePage(_sample_line(found, at), tuple(_estimate_line(one) for one in told), lines, on_dossier)

    async def sample_item(self, at: At, *, code: str, item: str) -> ItemPage:
        """Lay one that was drawn before the officer; the look is logged. Raises SampleUnknown."""
        async with opened_for(self._house.database, self._asking(at)) as work:
            found = await samples.sample_of(work.tx, _id(code))
            drawn = await samples.items(work, found.sample_id)
        shown = next((one for one in self._item_pages(at, found, drawn) if str(one.line.item) == item), None)
        if shown is None:
            raise samples.SampleUnknown("There is no such sample")
        return shown

    async def sample_form(self, at: At, *, code: str) -> list[ItemPage]:
        """Return all that was drawn, for a form on paper or a file; the look is logged. Raises SampleUnknown."""
        async with opened_for(self._house.database, self._asking(at)) as work:
            found = await samples.sample_of(work.tx, _id(code))
            drawn = await samples.items(work, found.sample_id)
        return list(self._item_pages(at, found, drawn))

    def _item_pages(self, at: At, sample: Sample, drawn: Sequence[Item]) -> Iterator[ItemPage]:
        lines = [self._item_line(one, at) for one in drawn]
        open_ones = [one.item for one in lines if one.open]
        head = _sample_line(sample, at)
        for one, line in zip(drawn, lines, strict=True):
            following = next((item for item in open_ones if item != one.item), None)
            source = f"{one.source or ''} {one.batch_id}:{one.record}" if one.batch_id else ""
            fields = tuple((name, FIELDS[name], _fact(one, name, today(at.now))) for name in sample.fields)
            yield ItemPage(head, line, fields, source, following)

    async def check_item(self, at: At, *, code: str, item: str, answers: Mapping[str, str]) -> None:
        """Write down what the officer found, on the chosen dossier.

        Raises:
            Invalid: an answer is missing. CheckedAlready, OnNoDossier, SampleUnknown.
        """
        _allowed(at)
        words = {one.word: one for one in Found}
        faults = [FieldFault(f"/{name}", CHOOSE) for name, said in answers.items() if said not in words]
        if faults:
            raise Invalid(tuple(faults))
        found = {name: words[said] for name, said in answers.items()}
        async with self._house.opened(at, Operation.READ, fields=ALL_FIELDS) as work:
            await samples.record(work, _id(code), _id(item), found, now=at.now)

    @asynccontextmanager
    async def _figures(self, at: At) -> AsyncIterator[OpenWork]:
        """Open access to figures, which tell of nobody."""
        async with opened_for(self._house.database, self._asking(at)) as work:
            yield work
            await work.log(result_count=0, fields=0)

    def _asking(self, at: At) -> Clerk:
        _allowed(at)
        return Clerk(account_of(at), at.now, at.request_id, office_of(at), self._house.channel)

    def _wanting(self, one: read.Wanting, day: date) -> WantingLine:
        return WantingLine(
            self._house.refs.ref(one.person_id),
            one.name,
            _born(one.born),
            one.personal_number or "",
            place_of(one.commune_code, one.province_code, day),
        )

    def _item_line(self, one: Item, at: At) -> ItemLine:
        part = one.part_of(account_of(at).officer_id)
        state = msg("checked") if part is None else msg("to be checked again") if part > 1 else msg("to be checked")
        ref = self._house.refs.ref(one.person_id) if one.given is not None else ""
        return ItemLine(one.item, ref, one.name, one.stratum, state, part is not None, part == 2)


CHOOSE = msg("Say of each field: right, wrong or not checkable")
COLUMNS = (
    *("day", "measure", "dimension", "province", "age", "source", "numerator", "denominator", "value", "low", "high"),
    *("median", "bar", "bar_met", "name_vi", "name_en"),
)


def cells(one: Measure, figure: Figure) -> list[str]:
    """Return a figure as cells of a file; what tells of few is left empty."""
    numbers = (figure.numerator, figure.denominator, figure.value, figure.low, figure.high, figure.middle)
    shown = [""] * len(numbers) if is_small(one, figure) else ["" if x is None else f"{x:.6g}" for x in numbers]
    met = one.bar.met(figure) if one.bar and shown[1] else None
    age = "" if figure.age_group == ALL_AGES else age_text(figure.age_group)
    limit = f"{one.bar.limit:g}" if one.bar else ""
    told = "" if met is None else "yes" if met else "no"
    return [
        *(figure.day.isoformat(), one.code, str(one.dimension), figure.province, age, figure.source),
        *(*shown, limit, told, one.name_vi, one.name_en),
    ]


def _allowed(at: At) -> None:
    if "quality" not in at.officer.may_record:
        raise NotYourAct("Quality is looked after by provincial officers and the Center")


def _center(at: At) -> bool:
    return at.officer.authority is Authority.POPULATION_DATABASE


def _own(at: At) -> str:
    return at.officer.office_unit


class OtherProvince(Forbidden):
    """The figures of another province were asked for."""


def _place(at: At, wanted: str) -> str:
    _allowed(at)
    if _center(at):
        return wanted
    if wanted not in {"", _own(at)}:
        raise OtherProvince("You see the figures of your own province")
    return _own(at)


def _title(province: str, day: date) -> Said:
    name = (place_of(None, province, day) or province) if province else ""
    return Said(name, name) if name else _NATION


def _places(at: At) -> tuple[Option, ...]:
    if not _center(at):
        return ()
    units = unit_index().units_on(today(at.now), Level.PROVINCE)
    return (Option("", _NATION), *(Option(one.code, one.title) for one in units))


def _tile(
    dimension: Dimension,
    found: Mapping[str, Figure],
    trends: Mapping[tuple[str, str], list[tuple[date, float]]],
    province: str,
) -> Tile:
    measures = [one for one in MEASURES if one.dimension is dimension and not (province and one.national)]
    lines = [measure_line(one, found.get(one.code), trends.get((one.code, province), ())) for one in measures]
    met = sum(one.figure.met is True for one in lines)
    return Tile(str(dimension), DIMENSIONS[dimension], met, sum(one.figure.met is False for one in lines), tuple(lines))


def _place_line(
    one: Measure,
    unit: str,
    figure: Figure,
    listed: Mapping[str, int],
    trends: Mapping[tuple[str, str], list[tuple[date, float]]],
    day: date,
) -> PartLine:
    whole = len(unit) == len("00")
    here = sum(count for place, count in listed.items() if place == unit) if not whole else 0
    title = place_of(None, unit, day) if whole else place_of(unit, None, day)
    return PartLine(
        title or unit,
        figure_view(one, figure, trends.get((one.code, unit), ())),
        few(here),
        f"/quality/{one.code}/list?place={unit}" if here else "",
        f"/quality/{one.code}?place={unit}" if whole and figure.province else "",
    )


def _source_title(source: str) -> str | Said:
    return _BY_HAND if source == BY_HAND else FIELDS.get(source, source)


def _sample_line(one: Sample, at: At) -> SampleLine:
    place = place_of(None, one.province, today(at.now)) if one.province else ""
    percent = round(one.doubled * 100)
    links = one.kind == "links"
    return SampleLine(str(one.sample_id), _KINDS[one.kind], links, place, one.drawn_at, one.items, one.checked, percent)


def _estimate_line(one: samples.FieldFound) -> EstimateLine:
    found = one.estimate
    told = BY_CODE["field_accuracy"] if one.field not in BY_CODE else BY_CODE[one.field]
    figure = None
    if found is not None:
        figure = Figure(date.min, told.code, "", ALL_AGES, ALL_SOURCES, found.numerator, found.denominator,
                        found.value, found.low, found.high)  # fmt: skip
    agreed = "" if one.agreed is None else f"{one.agreed:.0%} ({one.twice})"
    return EstimateLine(FIELDS[one.field], figure_view(told, figure), found.checked if found else 0, agreed)


def _fact(one: Item, field: str, day: date) -> str | Said:
    match field:
        case "name":
            return one.name
        case "born":
            return _born(one.born)
        case "sex":
            return _SEXES.get(one.sex or 0, "?")
        case "number":
            return one.personal_number or ""
        case "residence":
            return place_of(one.commune_code, one.province_code, day)
        case _:
            return f"{one.name} · {_born(one.born)} · {one.personal_number or ''}"


def _born(born: int | None) -> str:
    return day_text(PartialDate(born)) if born else ""


def _id(code: str) -> int:
    if not (code.isascii() and code.isdecimal() and len(code) <= _LONGEST_ID):
        raise samples.SampleUnknown("There is no such sample")
    return int(code)
