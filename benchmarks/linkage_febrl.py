"""FEBRL 3 and 4 with generic levels, ours and Splink's: pair F1 with a paired bootstrap over persons.

The same model start, levels, keys and training serve both sets; nothing is tuned to either.
"""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow.parquet as pq

from dancu.linkage.bulk import Bulk, read
from dancu.linkage.bulk.run import Done, of_table
from dancu.linkage.em import train
from dancu.linkage.frequencies import Frequencies
from dancu.linkage.keys import Rule
from dancu.linkage.kinds import KINDS
from dancu.linkage.model import Comparison, Level, Model

_AGREE = {"exact": 0.8, "slip": 0.08, "close": 0.06, "near": 0.03, "else": 0.05}
_CHANCE = {"exact": 0.002, "slip": 0.002, "close": 0.004, "near": 0.03, "else": 0.96}
_FIELDS = {
    "given_name": "text", "surname": "text", "date_of_birth": "date", "soc_sec_id": "code", "street_number": "code",
    "postcode": "code", "address_1": "text", "suburb": "text", "state": "code",
}  # fmt: skip


def _value(field: str) -> str:
    kind = _FIELDS[field]
    return f"{field}:{kind}.{'day' if kind == 'date' else 'value'}"


_KEYS = (
    ("soc_sec_id",), ("given_name", "surname"), ("given_name", "postcode"), ("given_name", "date_of_birth"),
    ("surname", "postcode"), ("surname", "date_of_birth"), ("postcode", "date_of_birth"), ("given_name", "suburb"),
    ("surname", "suburb"), ("address_1",),
)  # fmt: skip
"""The same as Splink's in `yardstick/splink_linkage.py`."""


def generic() -> Model:
    """Return the model from which both sets are trained."""
    comparisons = []
    for field, kind in _FIELDS.items():
        levels = KINDS[kind].levels
        made = tuple(Level(name, _AGREE.get(name, 0.01), _CHANCE.get(name, 0.002)) for name in levels)
        frequent = Frequencies(0.001) if KINDS[kind].frequent else None
        comparisons.append(Comparison(field, kind, made, frequent))
    rules = tuple(Rule("+".join(key), tuple(map(_value, key))) for key in _KEYS)
    return Model("generic", 1e-4, tuple(comparisons), rules=rules)


def ours(name: str, folder: Path) -> tuple[Done, Model]:
    """Match a set."""
    files = [folder / f"{name}.parquet"]
    register = [folder / f"{name}-b.parquet"] if name == "febrl4" else []
    start = generic()
    table = read(start, files, register, connection=duckdb.connect())
    trained = train(table, start)
    return of_table(Bulk(replace(trained.model)), table), trained.model


def person_of(record: str) -> str:
    """Return the person that a record of FEBRL is about."""
    found = re.match(r"rec-(\d+)-", record)
    assert found
    return found[1]


def found_pairs(done: Done, threshold: float) -> set[tuple[str, str]]:
    """Return the pairs of ids at or above a posterior."""
    ids = done.table.ids.to_pylist()
    limit = np.log2(threshold / (1 - threshold))
    hits = np.flatnonzero(done.pairs.weights >= limit)
    return {_ordered(ids[done.pairs.ones[at]], ids[done.pairs.others[at]]) for at in hits}


def splink_pairs(path: Path, threshold: float) -> set[tuple[str, str]]:
    """Return Splink's pairs of ids at or above a probability."""
    table = pq.read_table(path)
    rows = zip(*(table.column(c).to_pylist() for c in ("id_l", "id_r", "match_probability")), strict=True)
    return {_ordered(one, other) for one, other, chance in rows if chance >= threshold}


def _ordered(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


def true_pairs(name: str, folder: Path) -> set[tuple[str, str]]:
    """Return the pairs of ids that are of one person."""
    sets = [pq.read_table(folder / f"{name}.parquet", columns=["id"]).column(0).to_pylist()]
    if name == "febrl4":
        sets.append(pq.read_table(folder / f"{name}-b.parquet", columns=["id"]).column(0).to_pylist())
    of: dict[str, list[tuple[int, str]]] = {}
    for at, ids in enumerate(sets):
        for one in ids:
            of.setdefault(person_of(one), []).append((at, one))
    return {
        _ordered(one, other)
        for records in of.values()
        for i, (source, one) in enumerate(records)
        for other_source, other in records[:i]
        if len(sets) == 1 or source != other_source
    }


def counts(found: set[tuple[str, str]], truth: set[tuple[str, str]], persons: dict[str, int]) -> Any:
    """Return true positives, false positives and misses, half a pair to each of its two persons."""
    tally = np.zeros((len(persons), 3))
    for kind, pairs in enumerate((found & truth, found - truth, truth - found)):
        for pair in pairs:
            for record in pair:
                tally[persons[person_of(record)], kind] += 0.5
    return tally


def f1(tally: Any) -> Any:
    """Return the F1 of sums of true positives, false positives and misses in the last axis."""
    return 2 * tally[..., 0] / np.maximum(1e-9, 2 * tally[..., 0] + tally[..., 1] + tally[..., 2])


def bootstrap(one: Any, other: Any, rounds: int = 2_000) -> tuple[float, float]:
    """Return the 95 % interval of the difference of two F1 over the same persons drawn again."""
    rng = np.random.default_rng(4)
    differences = []
    for _ in range(rounds):
        drawn = rng.integers(0, len(one), len(one))
        differences.append(float(f1(one[drawn].sum(0)) - f1(other[drawn].sum(0))))
    low, high = np.quantile(differences, [0.025, 0.975])
    return float(low), float(high)


def best(pairs: Any, truth: set[tuple[str, str]]) -> float:
    """Return the best F1 over all thresholds, of (pair, score)."""
    ranked = sorted(pairs, key=lambda pair: -pair[1])
    hits = np.cumsum([pair in truth for pair, _ in ranked])
    found = np.arange(1, len(ranked) + 1)
    return float((2 * hits / (found + len(truth))).max())


def report(folder: Path) -> None:
    """Print the table."""
    print("| set | ours F1 | P | R | Splink F1 | difference, 95 % | best threshold: ours | Splink |")
    print("| --- | ---: | ---: | ---: | ---: | --- | ---: | ---: |")
    for name in ("febrl3", "febrl4"):
        done, _ = ours(name, folder)
        truth = true_pairs(name, folder)
        mine, theirs = found_pairs(done, 0.5), splink_pairs(folder / f"{name}-splink.parquet", 0.5)
        persons = {p: at for at, p in enumerate(sorted({person_of(r) for pair in truth | mine | theirs for r in pair}))}
        one, other = counts(mine, truth, persons), counts(theirs, truth, persons)
        low, high = bootstrap(one, other)
        ids = done.table.ids.to_pylist()
        mine_ranked = [
            (_ordered(ids[i], ids[j]), w)
            for i, j, w in zip(done.pairs.ones, done.pairs.others, done.pairs.weights, strict=True)
        ]
        table = pq.read_table(folder / f"{name}-splink.parquet")
        theirs_ranked = [
            (_ordered(i, j), w)
            for i, j, w in zip(*(table.column(c).to_pylist() for c in ("id_l", "id_r", "match_weight")), strict=True)
        ]
        hits, wrong, missed = one.sum(0)
        scores = (f1(one.sum(0)), hits / (hits + wrong), hits / (hits + missed), f1(other.sum(0)))
        bests = (best(mine_ranked, truth), best(theirs_ranked, truth))
        first, second = (" | ".join(f"{value:.4f}" for value in values) for values in (scores, bests))
        print(f"| {name} | {first} | {low:+.4f} .. {high:+.4f} | {second} |")
