"""Measures of quality find what was planted, and nothing else; hand-worked figures; going on after an interruption."""

from datetime import timedelta

import psycopg
import pytest
from tests.store.quality_town import DAY, HA_NOI, HO_CHI_MINH, NOW, QualityTown, number

from dancu.quality import run as running
from dancu.quality.catalogue import MEASURES
from dancu.quality.model import Measure
from dancu.quality.run import SQL, AlreadyMeasuring, MeasureUnknown, quality_dsn, run
from dancu.reference.load import load_reference

FAULTS = ("id_consistency", "field_completeness", "register_rules", "reciprocity", "canonical_form")


@pytest.fixture
def town(connection: psycopg.Connection) -> QualityTown:
    load_reference(connection)
    return QualityTown(connection)


def test_a_measure_that_is_not_there_is_refused(database_dsn: str) -> None:
    with pytest.raises(MeasureUnknown):
        run(database_dsn, now=NOW, only=["beauty"])


def test_two_do_not_measure_at_once(database_dsn: str) -> None:
    with psycopg.connect(quality_dsn(database_dsn), autocommit=True) as other:
        other.execute(SQL.lead.encode())
        with pytest.raises(AlreadyMeasuring):
            run(database_dsn, now=NOW)


def test_nothing_is_measured_while_a_first_load_goes_on(connection: psycopg.Connection, database_dsn: str) -> None:
    connection.execute("INSERT INTO register.deferred_index (definition) VALUES ('x')")
    with pytest.raises(AlreadyMeasuring):
        run(database_dsn, now=NOW)


def test_an_empty_register_has_figures_without_values(town: QualityTown, database_dsn: str) -> None:
    assert set(run(database_dsn, now=NOW).measured) == {one.code for one in MEASURES}
    assert town.figure("field_completeness").value is None


def test_a_register_without_faults_has_none(town: QualityTown, database_dsn: str) -> None:
    for _ in range(30):
        town.person()
    run(database_dsn, now=NOW, only=FAULTS)
    for code in FAULTS:
        assert town.to_fix(code) == set(), code
    assert town.figure("id_consistency").value == 1
    assert town.figure("field_completeness").value == 1
    assert town.figure("canonical_form").value == 1
    assert town.figure("register_rules").value == 0
    assert town.figure("reciprocity").value is None, "nobody has links"


def test_numbers_that_do_not_fit_are_found_and_explained_ones_are_not(town: QualityTown, database_dsn: str) -> None:
    sound = town.person()
    place = town.person(personal_number=number("1985", 1, 900_001, place="079"))
    sex = town.person(personal_number=number("1985", 2, 900_002))
    year = town.person(personal_number=number("1986", 1, 900_003))
    century = town.person(born=20040312, personal_number=number("1904", 1, 900_004))
    corrected = town.person(personal_number=number("1986", 1, 900_005))
    town.act(4, [corrected], valid_on=20200101, known_at=NOW - timedelta(days=90), source=None)
    abroad = town.person(personal_number=number("1985", 1, 900_006, place="140"))
    unknown_place = town.person(birth_registration_unit=None, personal_number=number("1985", 1, 900_007, place="079"))
    none = town.person(personal_number=None)
    run(database_dsn, now=NOW, only=["id_consistency"])
    assert town.to_fix("id_consistency") == {place, sex, year, century}
    assert {sound, corrected, abroad, unknown_place, none}.isdisjoint(town.to_fix("id_consistency"))
    found = town.figure("id_consistency")
    assert (found.numerator, found.denominator) == (4, 8)


def test_a_place_of_a_former_province_fits(town: QualityTown, database_dsn: str) -> None:
    """A commune of Hoà Bình lies in Phú Thọ since 2025; numbers of 017 stay right."""
    row = town.connection.execute(
        "SELECT x.to_code, n.place FROM reference.unit_succession x JOIN reference.unit u ON u.code = x.from_code"
        "  JOIN reference.number_place n ON n.unit_or_country = u.province_code AND n.kind = 'province'"
        "  JOIN reference.unit t ON t.code = x.to_code AND t.province_code <> u.province_code"
        " WHERE length(x.to_code) = 5 ORDER BY x.to_code LIMIT 1"
    ).fetchone()
    assert row is not None
    town.person(birth_registration_unit=row[0], personal_number=number("1985", 1, 900_001, place=row[1]))
    run(database_dsn, now=NOW, only=["id_consistency"])
    assert town.figure("id_consistency").value == 1


def test_missing_fields_weigh_and_are_found(town: QualityTown, database_dsn: str) -> None:
    town.person()
    no_day = town.person(born=19850000)
    no_commune = town.person(commune_code=None, origin_unit=None)
    child = town.person(born=20220312, marital=0)
    unmarried = town.person(marital=0)
    run(database_dsn, now=NOW, only=["field_completeness"])
    assert town.to_fix("field_completeness") == {no_day, no_commune, unmarried}
    assert child not in town.to_fix("field_completeness"), "a child is asked for no marital status"
    found = town.figure("field_completeness")
    assert (found.numerator, found.denominator) == (20 + 17 + 16 + 19 + 19, 4 * 20 + 19)
    assert town.figure("field_completeness", age_group=0).value == 1


def test_broken_rules_are_found(town: QualityTown, database_dsn: str) -> None:
    mother = town.person(sex=2, born=19800101)
    child = town.person(mother_id=mother, born=20100101)
    early = town.person(mother_id=mother, born=19900101)
    of_a_man = town.person(mother_id=child, born=20250101)
    died_first = town.person(status=2, died=19840101)
    future = town.person(born=20300101, personal_number=None)
    no_date = town.person(born=19851301)
    bride = town.person(born=20150101, marital=2)
    run(database_dsn, now=NOW, only=["register_rules"])
    assert town.to_fix("register_rules") == {early, of_a_man, died_first, future, no_date, bride}
    found = town.figure("register_rules")
    # The child of a boy of 15 breaks the rule of sex only.
    assert (found.numerator, found.denominator) == (6, 8)
    assert found.value == 750


def test_links_that_nobody_answers_are_found(town: QualityTown, database_dsn: str) -> None:
    husband, wife = (
        town.person(spouse_id=2, household_id=7, relation=1),
        town.person(sex=2, spouse_id=1, household_id=7),
    )
    deserted = town.person(spouse_id=wife)
    orphan = town.person(mother_id=999_999, born=20100101)
    headless = town.person(household_id=8, relation=3)
    heads = [town.person(household_id=9, relation=1) for _ in range(2)]
    merged = town.person(status=5)
    child_of_merged = town.person(father_id=merged, born=20100101)
    run(database_dsn, now=NOW, only=["reciprocity"])
    assert town.to_fix("reciprocity") == {deserted, orphan, headless, *heads}
    assert {husband, child_of_merged}.isdisjoint(town.to_fix("reciprocity"))
    found = town.figure("reciprocity")
    assert (found.numerator, found.denominator) == (4, 4 + 1 + 1 + 1 + 2)


def test_forms_that_are_not_canonical_are_found(town: QualityTown, database_dsn: str) -> None:
    town.person()
    decomposed = town.person(surname="Nguye\u0302\u0303n")
    spaces = town.person(middle="Văn ")
    capitals = town.person(given="HÙNG")
    nowhere = town.person(nationality="XXX", commune_code="99999")
    one_letter = town.person(given="Ý")
    run(database_dsn, now=NOW, only=["canonical_form"])
    assert town.to_fix("canonical_form") == {decomposed, spaces, capitals, nowhere}
    assert one_letter not in town.to_fix("canonical_form")
    found = town.figure("canonical_form")
    assert (found.numerator, found.denominator) == (6 * 8 - 5, 6 * 8)


def test_duplicates_are_the_sum_of_chances(town: QualityTown, database_dsn: str) -> None:
    people = [town.person() for _ in range(50)]
    day = NOW - timedelta(days=1)
    town.doubt(people[:2], [0.9, 0.9], opened_at=day)
    town.doubt(people[2:5], [0.8, 0.8, 0.5], opened_at=day)
    town.doubt([people[6]], [0.97], opened_at=day, kind=1)
    run(database_dsn, now=NOW, only=["duplicates_expected"])
    found = town.figure("duplicates_expected")
    assert found.numerator == pytest.approx(0.9 + 0.8 + 0.5)
    assert found.value == pytest.approx(2.2 / 50 * 10_000)
    assert found.low is not None
    assert found.high is not None
    assert found.high - found.low == pytest.approx(2 * 1.96 * (0.09 + 0.16 + 0.25) ** 0.5 / 50 * 10_000, rel=1e-3)
    assert town.to_fix("duplicates_expected") == {people[0], people[2]}


def test_the_backlog_is_as_old_as_what_waits(town: QualityTown, database_dsn: str) -> None:
    for days in (0, 1, 2, 30):
        town.doubt([town.person(), town.person()], [0.9, 0.9], opened_at=NOW - timedelta(days=days))
    run(database_dsn, now=NOW, only=["backlog"])
    found = town.figure("backlog")
    assert (found.middle, found.value, found.numerator, found.denominator) == (1, 30, 3, 4)


def test_latency_is_from_the_event_to_the_register(town: QualityTown, database_dsn: str) -> None:
    for days in (1, 2, 40):
        known = NOW - timedelta(days=100)
        happened = (known - timedelta(days=days)).date()
        person = town.person(status=2, died=int(f"{happened:%Y%m%d}"))
        town.act(5, [person], valid_on=int(f"{happened:%Y%m%d}"), known_at=known, source=None)
    town.act(5, [town.person(status=2)], valid_on=20260000, known_at=NOW, source=None)
    run(database_dsn, now=NOW, only=["latency_death"])
    found = town.figure("latency_death")
    assert (found.middle, found.value, found.numerator, found.denominator) == (2, 40, 2, 3)
    assert town.to_fix("latency_death") == {3}


def test_sources_are_late_by_their_agreements(town: QualityTown, database_dsn: str) -> None:
    town.batch("tư pháp", [town.person()], [1], received_at=NOW - timedelta(days=20))
    town.batch("bảo hiểm", [town.person()], [1], received_at=NOW - timedelta(days=20))
    town.connection.execute("INSERT INTO quality.source (source, lag_days) VALUES ('tư pháp', 7)")
    run(database_dsn, now=NOW, only=["source_freshness", "source_age", "records_applied"])
    assert town.figure("source_freshness").value == 0.5
    assert town.figure("source_freshness", source="tư pháp").value == 0
    assert town.figure("source_age").value == 20
    assert town.figure("records_applied").value == 1


def test_fields_of_sources_that_differ_are_counted(town: QualityTown, database_dsn: str) -> None:
    people = [town.person() for _ in range(3)]
    batch = town.batch("thuế", people, [3, 2, 3])
    town.claim(people[0], batch, agrees=0b111)
    town.claim(people[1], batch, agrees=0b011, differs='{"born": 19850313}')
    town.claim(people[2], batch, agrees=0b001, differs='{"born": 19850313, "sex": 2}')
    run(database_dsn, now=NOW, only=["source_agreement"])
    found = town.figure("source_agreement", source="thuế")
    assert (found.numerator, found.denominator) == (6, 9)
    assert town.to_fix("source_agreement") == set(people[1:])


def test_signs_of_life_and_the_residency_index(town: QualityTown, database_dsn: str) -> None:
    """Known for 8 years: a sign in each year keeps the index at one, none at all leaves .8 ** 8."""
    long_ago = NOW - timedelta(days=8 * 366)
    people = [town.person(known_at=long_ago) for _ in range(4)]
    town.act(1, people, valid_on=20180101, known_at=long_ago, source="đầu tiên")
    active, last_year, silent, insured = people
    for years in range(8):
        town.act(8, [active], valid_on=20200101, known_at=NOW - timedelta(days=30 + 365 * years), source=None)
    town.act(8, [last_year], valid_on=20250101, known_at=NOW - timedelta(days=500), source=None)
    town.act(7, [silent], valid_on=20260101, known_at=NOW - timedelta(days=30), source=None)
    town.batch("bảo hiểm", [insured], [3])
    town.connection.execute("INSERT INTO quality.source (source, independent) VALUES ('bảo hiểm', true)")
    run(database_dsn, now=NOW, only=["signs_of_life", "signs_of_life_24", "over_coverage"])
    assert town.to_fix("signs_of_life") == {last_year, silent}
    assert town.to_fix("signs_of_life_24") == {silent}, "that a spouse died is no sign of one's own"
    one_year = 0.8**8 + 0.2
    residency = [1, 0.8**8 + 0.2 * 0.8, 0.8**8, one_year]
    assert town.figure("over_coverage").numerator == pytest.approx(4 - sum(residency))
    assert town.to_fix("over_coverage") == {last_year, silent, insured}
    assert town.figure("signs_of_life", source="đầu tiên").denominator == 4


def test_who_is_very_old_must_have_been_met(town: QualityTown, database_dsn: str) -> None:
    forgotten, met = town.person(born=19100101), town.person(born=19110101)
    town.act(39, [met], valid_on=20260101, known_at=NOW - timedelta(days=30), source=None)
    run(database_dsn, now=NOW, only=["very_old"])
    assert town.to_fix("very_old") == {forgotten}
    assert town.figure("very_old").value == 0.5


def test_coverage_by_two_lists_and_events_by_expectation(town: QualityTown, database_dsn: str) -> None:
    """The register has 60, of whom a school list of 50 has 40, and 10 besides: (61 * 51) / 41 - 1 = 74.9."""
    known = [town.person(born=20130101) for _ in range(60)]
    brought = [town.person(born=20130101) for _ in range(10)]
    town.act(1, known, valid_on=20200101, known_at=NOW - timedelta(days=900), source="công an")
    town.act(1, brought, valid_on=20260101, known_at=NOW - timedelta(days=10), source="trường học")
    town.batch("trường học", [*known[:40], *brought], [3] * 40 + [1] * 10)
    town.connection.execute("INSERT INTO quality.source (source, independent) VALUES ('trường học', true)")
    town.connection.execute("INSERT INTO quality.expectation VALUES ('birth', 2025, '', 12, NULL, 'made up')")
    for _ in range(9):
        town.person(born=20250601)
    run(database_dsn, now=NOW, only=["coverage", "births_registered", "deaths_registered"])
    found = town.figure("coverage", source="trường học")
    assert found.denominator == pytest.approx(61 * 51 / 41 - 1 + 9, abs=10), "children of another age stand apart"
    aged = town.figure("coverage", "01", age_group=6)
    assert aged.value == pytest.approx(60 / (61 * 51 / 41 - 1))
    births = town.figure("births_registered")
    assert (births.numerator, births.denominator, births.value) == (9, 12, 0.75)


def test_figures_are_by_unit_age_and_source_and_add_up(town: QualityTown, database_dsn: str) -> None:
    here = [town.person() for _ in range(3)]
    there = [town.person(province_code="79", commune_code=HO_CHI_MINH, born=19500101, ethnicity=0) for _ in range(2)]
    town.act(1, here, valid_on=20200101, known_at=NOW - timedelta(days=900), source="a")
    town.act(1, there, valid_on=20200101, known_at=NOW - timedelta(days=900), source="b")
    run(database_dsn, now=NOW, only=["field_completeness"])
    parts = [("", -2, "*", 5), ("01", -2, "*", 3), ("79", -2, "*", 2), ("", 60, "*", 2), ("79", -2, "b", 2)]
    for province, age_group, source, persons in parts:
        assert town.figure("field_completeness", province, age_group, source).denominator == 20 * persons
    units = town.connection.execute("SELECT c.unit, c.subjects FROM quality.cell c ORDER BY c.unit").fetchall()
    assert units == [(HA_NOI, 3), (HO_CHI_MINH, 2)]


def test_what_was_interrupted_goes_on(town: QualityTown, database_dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    town.person()
    whole, broken = running._count, list[str]()

    def breaks(connection: psycopg.Connection, one: Measure, day: object) -> None:
        whole(connection, one, day)  # type: ignore[arg-type]
        if one.code == "register_rules" and not broken:
            broken.append(one.code)
            raise ConnectionError("the machine stands still")

    monkeypatch.setattr(running, "_count", breaks)
    with pytest.raises(ConnectionError):
        run(database_dsn, now=NOW)
    half = town.connection.execute("SELECT count(*) FROM quality.cell c WHERE c.measure = 'register_rules'").fetchone()
    assert half == (0,), "a measure is written whole or not at all"
    second = run(database_dsn, now=NOW)
    assert "id_consistency" in second.earlier
    assert "register_rules" in second.measured
    assert run(database_dsn, now=NOW).measured == {}
    assert set(run(database_dsn, now=NOW, only=["backlog"], again=True).measured) == {"backlog"}
    days = town.connection.execute("SELECT DISTINCT v.day FROM quality.value v").fetchall()
    assert days == [(DAY,)]


def test_each_day_stays_in_the_trend(town: QualityTown, database_dsn: str) -> None:
    town.person(ethnicity=0)
    run(database_dsn, now=NOW - timedelta(days=1), only=["field_completeness"])
    town.person()
    run(database_dsn, now=NOW, only=["field_completeness"])
    rows = town.connection.execute(
        "SELECT v.day, v.value FROM quality.value v WHERE v.province = '' AND v.age_group = -2 AND v.source = '*'"
        " ORDER BY v.day"
    ).fetchall()
    assert rows == [(DAY - timedelta(days=1), 19 / 20), (DAY, 39 / 40)]
