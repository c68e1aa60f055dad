"""A forecast from tables in the layout of World Population Prospects, and errors that name the cell."""

import csv
import gzip
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from dancu.cli.main import app
from dancu.forecast.axes import AGES, FEMALE, FERTILE, MALE, PUBLISHED, folded
from dancu.forecast.life_table import life_table
from dancu.forecast.schedules.abridged import ABRIDGED, groups_of
from dancu.forecast.schedules.model_tables import log_quadratic
from dancu.forecast.schedules.motherhood import hadwiger
from dancu.forecast.wpp import Country, is_published, read_country, read_published, world_prospects
from dancu.kernel.errors import DancuError, Invalid, Malformed, NotFound

YEARS = range(2024, 2041)
GROUPS = ("10-14", "15-19", "20-24", "25-29", "30-34", "35-39", "40-44", "45-49", "50-54")
Edit = Callable[[str], str]


def write(path: Path, *lines: tuple[object, ...]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(lines)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A country called XYZ, with one million people."""
    lived = life_table(log_quadratic().at(np.array([72.0, 78.0]))).Lx
    stock = folded(lived * 1e6 / lived.sum() * np.exp(-0.005 * np.arange(AGES)), PUBLISHED)
    rows = [(age, *(round(float(stock[sex, age]), 1) for sex in (MALE, FEMALE))) for age in PUBLISHED]
    write(tmp_path / "XYZ_pop_jan1_2024_derived.csv", ("age", "male", "female"), *rows)
    annual = [
        (y, round(1.9 - 0.01 * (y - 2024), 2), 72 + 0.2 * (y - 2024), 78 + 0.15 * (y - 2024), 1.06, 0.5) for y in YEARS
    ]
    write(tmp_path / "XYZ_annual.csv", ("year", "tfr", "e0M", "e0F", "srb", "mig"), *annual)
    pattern = hadwiger(np.array(27.0)).reshape(-1, 5).sum(axis=-1)
    shares = [float(share) for share in 100 * pattern / pattern.sum()]
    write(tmp_path / "XYZ_pasfr5.csv", ("year", *GROUPS), *((year, *shares) for year in YEARS))
    periods = [
        (f"{y}-{y + 5}", f"{age}+" if age == 100 else age, *(float(mx) for mx in rates))
        for y in range(2020, 2040, 5)
        for age, rates in zip(ABRIDGED, groups_of(log_quadratic().at(e0_of(y))).T, strict=True)
    ]
    write(tmp_path / "XYZ_mx_abridged_5y.csv", ("period", "age", "mxM", "mxF"), *periods)
    migrants = [(year, age, 0.0025, 0.0025) for year in YEARS for age in range(101)]
    write(tmp_path / "XYZ_mig_1x1.csv", ("year", "age", "migM", "migF"), *migrants)
    return tmp_path


def e0_of(year: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    middle = year + 2.5 - 2024
    return np.array([72 + 0.2 * middle, 78 + 0.15 * middle])


def edit(path: Path, change: Edit) -> None:
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def country(folder: Path) -> Country:
    return read_country(folder, "xyz", until=2040)


def test_the_rates_of_a_forecast_are_those_of_the_tables(folder: Path) -> None:
    one = country(folder)
    projection, rates = world_prospects(one)
    assert rates.tfr[:, 0] == pytest.approx(one.tfr)
    assert life_table(rates.mx[:, 0]).e0 == pytest.approx(one.e0, abs=1e-5)
    net = projection.immigrants - projection.emigrants
    assert net.sum(axis=(-2, -1)) == pytest.approx(500)
    male, female = projection.births[:, 0].T
    assert male / female == pytest.approx(1.06)
    women = (projection.stock[:-1] + projection.stock[1:] - net)[:, 0, FEMALE, FERTILE] / 2
    births = (rates.asfr[:, 0] * women).reshape(len(YEARS), -1, 5).sum(axis=-1)
    groups = births / women.reshape(len(YEARS), -1, 5).sum(axis=-1)
    assert groups / groups.sum(axis=-1, keepdims=True) == pytest.approx(one.pasfr / 100, abs=1e-6)


def test_codes_columns_and_marks_may_be_written_otherwise(folder: Path) -> None:
    plain, _ = world_prospects(country(folder))
    annual = folder / "XYZ_annual.csv"
    edit(annual, lambda text: "\ufeff" + text.replace("e0M", "E0m").replace(",", ";"))
    annual.rename(folder / "xyz_Annual.CSV")
    rows = (folder / "XYZ_pasfr5.csv").read_text(encoding="utf-8").splitlines()
    (folder / "XYZ_pasfr5.csv").write_text("\n".join([rows[0], *reversed(rows[1:]), ""]), encoding="utf-8")
    again, _ = world_prospects(country(folder))
    assert again.stock.tobytes() == plain.stock.tobytes()


def test_only_base_stock_and_rates_are_needed(folder: Path) -> None:
    edit(folder / "XYZ_annual.csv", lambda text: "\n".join(line.rsplit(",", 1)[0] for line in text.splitlines()))
    projection, _ = world_prospects(country(folder))
    assert projection.immigrants.sum(axis=(1, 2, 3)) == pytest.approx(505)


def test_one_year_is_a_forecast_too(folder: Path) -> None:
    projection, _ = world_prospects(read_country(folder, "XYZ", until=2024))
    assert list(projection.years) == [2024, 2025]


@pytest.mark.parametrize(
    ("file", "change", "told"),
    [
        ("annual", lambda text: text.replace("2031,", "1931,"), "XYZ_annual.csv/year: missing: 2031"),
        ("annual", lambda text: text.replace("tfr", "TFRate"), "XYZ_annual.csv/tfr: this column is missing"),
        ("annual", lambda text: text.replace("1.87,", "none,"), r"line 5/tfr: not a number: 'none'"),
        ("pasfr5", lambda text: text.replace("2030,", "2030,5"), r"line 8: the groups sum to .*, not to 100"),
        ("pop_jan1_2024_derived", lambda text: text.replace("\n57,", "\n57,-"), "line 59/male: negative: '-"),
        ("pop_jan1_2024_derived", lambda text: text.replace("\n57,", "\n56,"), "derived.csv/age: missing: 57"),
        ("pop_jan1_2024_derived", lambda text: text[: text.index("\n100,")], "the last age is 99"),
        ("mx_abridged_5y", lambda text: text.replace("2025-2030,40,", "2025-2030,41,"), "2025-2030/age: missing: 40"),
        ("mx_abridged_5y", lambda text: text.replace("2025-2030", "soon"), "not a period such as 2025-2030: 'soon'"),
        ("mig_1x1", lambda text: text.replace("2040,", "2140,"), "XYZ_mig_1x1.csv/year: missing: 2040"),
        ("mig_1x1", lambda text: text.replace("2030,7,", "2030,700,"), "/age: not an age: '700'"),
    ],
)
def test_errors_name_the_cell(folder: Path, file: str, change: Edit, told: str) -> None:
    edit(folder / f"XYZ_{file}.csv", change)
    with pytest.raises(Invalid, match=told):
        country(folder)


def test_what_is_not_there_is_told(folder: Path) -> None:
    with pytest.raises(NotFound, match=r"is called abc_\*; it has xyz"):
        read_country(folder, "abc", until=2040)
    with pytest.raises(NotFound, match="no folder"):
        read_country(folder / "nowhere", "xyz", until=2040)
    with pytest.raises(Invalid, match="2020 is before the stock of 2024"):
        read_country(folder, "xyz", until=2020)
    with pytest.raises(Invalid, match="missing: 2041, 2042"):
        read_country(folder, "xyz", until=2042)
    edit(folder / "XYZ_annual.csv", lambda text: text + "2041,1.7\n")
    with pytest.raises(Malformed, match="line 19 has 2 fields, not 6"):
        country(folder)
    (folder / "XYZ_annual.csv").write_bytes(b"\xff\xfe")
    with pytest.raises(Malformed, match="not UTF-8"):
        country(folder)
    (folder / "XYZ_annual.csv").unlink()
    with pytest.raises(NotFound, match=r"xyz_annual\.csv"):
        country(folder)


def test_the_command_writes_the_people_of_every_july(folder: Path) -> None:
    out = folder / "out.csv"
    ran = CliRunner().invoke(app, ["forecast", "wpp", str(folder), "XYZ", "--to", "2040", "--out", str(out)])
    assert ran.exit_code == 0, ran.output
    with out.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(int(row["year"]), int(row["age"])) for row in rows] == [(year, age) for year in YEARS for age in PUBLISHED]
    projection, _ = world_prospects(country(folder))
    middle = (projection.stock[0] + projection.stock[1])[0, FEMALE, 100:].sum() / 2
    assert float(rows[100]["female"]) == pytest.approx(middle, abs=0.001)


def test_the_command_tells_an_error_in_one_line(folder: Path) -> None:
    ran = CliRunner().invoke(app, ["forecast", "wpp", str(folder), "nobody", "--out", str(folder / "out.csv")])
    assert isinstance(ran.exception, DancuError)
    assert not (folder / "out.csv").exists()


PLACE = ("ISO3_code", "ISO2_code", "LocID", "Location", "Variant", "Time")


def bulk(folder: Path, name: str, columns: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> None:
    """A file as the United Nations publish it: several countries, regions without a code, packed."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\r\n")
    lines.writerow((*PLACE, *columns))
    for place in (("", "", 900, "World"), ("ABC", "AB", 1, "Abecia"), ("XYZ", "XY", 999, "Exwyzia")):
        lines.writerows((*place, "Medium", *row) for row in rows)
    (folder / f"WPP2024_{name}.csv.gz").write_bytes(gzip.compress(text.getvalue().encode()))


@pytest.fixture
def published(folder: Path) -> Path:
    """The same country in the files that hold all countries."""
    one = country(folder)
    place = folder / "published"
    place.mkdir()
    ages = ("AgeGrp", "AgeGrpStart", "AgeGrpSpan")
    name = "Population1JanuaryBySingleAgeSex_Medium_2024-2100"
    stock = [(2024, str(age), age, 1, *(one.stock[:, age] / 1000)) for age in PUBLISHED]
    bulk(place, name, (*ages, "PopMale", "PopFemale"), stock)
    columns = zip(YEARS, one.tfr, *one.e0.T, one.srb * 100, strict=True)
    annual = [(year, tfr, male, female, srb, 0.5) for year, tfr, male, female, srb in columns]
    bulk(place, "Demographic_Indicators_Medium", ("TFR", "LExMale", "LExFemale", "SRB", "NetMigrations"), annual)
    mothers = [(year, "", 10 + 5 * g, 5, one.pasfr[t, g]) for t, year in enumerate(YEARS) for g in range(1, 8)]
    bulk(place, "Fertility_by_Age5", (*ages, "PASFR"), mothers)
    _, rates = world_prospects(one)
    groups = groups_of(rates.mx[:, 0])
    tables = [
        (year, sex, "", age, 5, groups[t, min(s, 1), g])
        for t, year in enumerate(YEARS)
        for s, sex in enumerate(("Male", "Female", "Total"))
        for g, age in enumerate(ABRIDGED)
    ]
    bulk(place, "Life_Table_Abridged_Medium_2024-2100", ("Sex", *ages, "mx"), tables)
    return place


def test_the_bulk_files_give_the_same_forecast(folder: Path, published: Path) -> None:
    assert is_published(published)
    assert not is_published(folder)
    ours, _ = world_prospects(country(folder))
    theirs, _ = world_prospects(read_published(published, "xyz", until=2040))
    # The outermost groups of mothers were left out, and migrants are of other ages.
    assert theirs.total == pytest.approx(ours.total, rel=5e-3)
    assert theirs.deaths.sum() == pytest.approx(ours.deaths.sum(), rel=0.02)
    named, _ = world_prospects(read_published(published, "Exwyzia", until=2030))
    assert named.stock == pytest.approx(theirs.stock[:8])


def test_the_command_reads_bulk_files_too(published: Path) -> None:
    out = published / "out.csv"
    ran = CliRunner().invoke(app, ["forecast", "wpp", str(published), "XY", "--to", "2030", "--out", str(out)])
    assert ran.exit_code == 0, ran.output
    assert len(out.read_text(encoding="utf-8").splitlines()) == 7 * 101 + 1


def test_what_bulk_files_lack_is_told(published: Path) -> None:
    with pytest.raises(NotFound, match="has no country Nowhere"):
        read_published(published, "Nowhere", until=2040)
    with pytest.raises(Invalid, match="Demographic_Indicators_Medium/2041: is missing"):
        read_published(published, "XYZ", until=2041)
    with pytest.raises(Invalid, match="before the stock of 2024"):
        read_published(published, "XYZ", until=2023)
    bulk(published, "Fertility_by_Age5", ("AgeGrpStart", "ASFR"), [(2024, 15, 1.0)])
    with pytest.raises(Malformed, match=r"Fertility_by_Age5.*PASFR"):
        read_published(published, "XYZ", until=2040)
    (published / "WPP2024_Life_Table_Abridged_Medium_2024-2100.csv.gz").unlink()
    bulk(published, "Fertility_by_Age5", ("AgeGrpStart", "PASFR"), [(2024, 15, 1.0)])
    with pytest.raises(NotFound, match="Life_Table_Abridged_Medium"):
        read_published(published, "XYZ", until=2040)
