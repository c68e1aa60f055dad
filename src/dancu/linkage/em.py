"""Training: chances of agreement learned from the data itself, without labels, by expectation and maximisation.

Standard: Fellegi and Sunter 1969; Winkler 1988 for the estimation by EM within blocks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np

from dancu.linkage.bulk.blocks import Blocks
from dancu.linkage.bulk.scores import FAMILY, Scorer
from dancu.linkage.bulk.table import Column, Table
from dancu.linkage.frequencies import Frequencies
from dancu.linkage.keys import Rule
from dancu.linkage.kinds.kind import NOT_TOLD, Array
from dancu.linkage.model import Comparison, Kin, Level, Model
from dancu.linkage.vetoes import AGREEING_PARENT, OTHER_NAME, SAME_DAY, SAME_NAME

RANDOM_PAIRS = 500_000
"""How many pairs are drawn at random to learn how strangers agree."""
MOST_PAIRS = 500_000
"""How many pairs of a rule are learned from."""
MOST_FREQUENT = 20_000
"""How many values of a column are listed with their own frequency."""
LEAST_MATCHES = 100
"""A rule that brings fewer pairs of one person together teaches nothing."""
_ROUNDS = 25
_PSEUDO_MATCHES = 30.0
_PSEUDO_SHARE = 0.01
_SEEN_OFTEN = 5
_FLOOR = 1e-9
_MOST_KIN_BITS = 6.0


@dataclass(frozen=True)
class Session:
    """What one rule taught.

    Args:
        share: the estimated share of its pairs that are of one person.
        used: whether it counted.
    """

    rule: str
    pairs: int
    share: float
    used: bool


@dataclass(frozen=True)
class Trained:
    """A trained model and how it came about."""

    model: Model
    sessions: tuple[Session, ...]


def train(table: Table, start: Model, *, seed: int = 1, progress: Callable[[str], None] = lambda _: None) -> Trained:
    """Train a model on a table, from a model whose chances are the start and stand in where the data says little.

    Args:
        seed: of the random pairs; the same seed and data give the same model.
    """
    model = replace(start, comparisons=tuple(_with_frequencies(one, table) for one in start.comparisons))
    scorer = Scorer(model, table)
    progress("strangers")
    model = _with_chances(model, u=_of_strangers(scorer, seed))
    sessions, m = [], _Tally(model)
    for rule in model.rules:
        progress(rule.name)
        levels = _levels_of(scorer, rule)
        share, learned = _session(model, levels, rule)
        used = share * len(levels) >= LEAST_MATCHES
        sessions.append(Session(rule.name, len(levels), share, used))
        if used:
            m.add(learned)
    model = _with_chances(model, m=m.chances())
    progress("prior")
    model = replace(model, kin=_kin(model, table), prior=_prior(model, table))
    version = f"trained-{sha256(model.json()).hexdigest()[:12]}"
    return Trained(replace(model, version=version), tuple(sessions))


def _with_frequencies(comparison: Comparison, table: Table) -> Comparison:
    if not comparison.of.frequent:
        return comparison
    column = table.columns[comparison.field]
    return replace(comparison, frequencies=frequencies_of(column, comparison))


def frequencies_of(column: Column, comparison: Comparison) -> Frequencies | None:
    """Return how frequent the values of a column are, or None where it tells nothing."""
    hashes = column.part(comparison.of.frequency_part)
    told = np.flatnonzero(hashes)
    if not len(told):
        return comparison.frequencies
    values, first, counts = np.unique(hashes[told], return_index=True, return_counts=True)
    del values
    ranked = np.argsort(-counts, kind="stable")
    kept = ranked[:MOST_FREQUENT][counts[ranked[:MOST_FREQUENT]] > 2]
    total = int(counts.sum())
    texts = column.values.texts(column.codes[told[first[kept]]].tolist())
    listed = {text: int(count) / total for text, count in zip(texts, counts[kept].tolist(), strict=True)}
    rest = np.delete(counts, kept).astype(np.float64)
    # The chance that two records share a value that is not listed, given that one of them has such a value.
    chance = float((rest * rest).sum() / rest.sum() / total) if len(rest) else 1 / total
    return Frequencies(max(chance, _FLOOR), dict(sorted(listed.items())))


def _of_strangers(scorer: Scorer, seed: int) -> list[list[float]]:
    """Return for each comparison the chances of its levels between records drawn at random."""
    count = len(scorer.table)
    rng = np.random.Generator(np.random.PCG64(seed))
    ones, others = (rng.integers(0, count, RANDOM_PAIRS) for _ in range(2))
    different = ones != others
    scores = scorer.score(ones[different], others[different])
    levels = scores.levels[scores.weights < 0]  # chance brings records of one person together, too
    return [_stranger_chances(one, levels[:, at]) for at, one in enumerate(scorer.model.comparisons)]


def _stranger_chances(comparison: Comparison, levels: Array) -> list[float]:
    told = levels[levels != NOT_TOLD]
    counts = np.bincount(told, minlength=len(comparison.levels))
    if not len(told):
        return [level.u for level in comparison.levels]
    chances = []
    for level, count in zip(comparison.levels, counts.tolist(), strict=True):
        if count >= _SEEN_OFTEN:
            chances.append(count / len(told))
        else:
            chances.append(max(_FLOOR, min(level.u, (count + 1) / len(told))))
    return chances


def _levels_of(scorer: Scorer, rule: Rule) -> Array:
    """Return the levels of pairs that a rule alone brings together, without brothers and sisters.

    A last column says which pairs are of one family. Of these, those with another name are missing here,
    so the rest of them must not teach how one person's names differ.
    """
    found, count = [np.zeros((0, len(scorer.model.comparisons) + 1), np.int8)], 0
    for ones, others in Blocks(scorer.table, (rule,)).pairs(rule):
        kept = slice(0, MOST_PAIRS - count)
        levels = scorer.levels(ones[kept], others[kept])
        told = np.column_stack([levels, scorer.same_family(levels)]).astype(np.int8)
        found.append(told[scorer.vetoes(levels) & FAMILY == 0])
        count += len(found[-1])
        if count >= MOST_PAIRS:
            break
    return np.concatenate(found)


class _Tally:
    """Expected counts of levels within one person, over all sessions."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._counts = [np.zeros(len(comparison.levels)) for comparison in model.comparisons]

    def add(self, counts: Sequence[Array | None]) -> None:
        """Count what a session learned; None: it could not learn about the comparison."""
        for at, one in enumerate(counts):
            if one is not None:
                self._counts[at] = self._counts[at] + one

    def chances(self) -> list[list[float]]:
        """Return the chances, with those of the model at the start as if seen in a few of the pairs."""
        found = []
        for comparison, counts in zip(self._model.comparisons, self._counts, strict=True):
            start = np.array([level.m for level in comparison.levels])
            smoothed = counts + (_PSEUDO_MATCHES + _PSEUDO_SHARE * counts.sum()) * start / start.sum()
            found.append((smoothed / smoothed.sum()).clip(_FLOOR).tolist())
        return found


def _session(model: Model, levels: Array, rule: Rule) -> tuple[float, list[Array | None]]:
    """Learn from the pairs of one rule: the share of one person, and the expected counts of levels among them."""
    fixed = rule.fields()
    learning = [at for at, comparison in enumerate(model.comparisons) if comparison.field not in fixed]
    patterns, counts = np.unique(levels[:, [*learning, -1]], axis=0, return_counts=True)
    strangers = patterns[:, -1] == 0
    m = [_start(model.comparisons[at], "m") for at in learning]
    u = [_start(model.comparisons[at], "u") for at in learning]
    share, expected = 0.5, counts * 0.0
    tallies: list[Array] = []
    for _ in range(_ROUNDS):
        odds = np.full(len(patterns), share / (1 - share))
        for column, (chance, other) in enumerate(zip(m, u, strict=True)):
            ratio = np.append(chance / other, 1.0)
            odds = odds * ratio[patterns[:, column]]
        expected = counts * (odds / (1 + odds))
        share = float(np.clip(expected.sum() / max(1, counts.sum()), 1e-9, 1 - 1e-9))
        tallies = [
            _tally(
                patterns[:, column],
                expected * strangers if model.comparisons[at].field == "name" else expected,
                len(chance),
            )
            for column, (at, chance) in enumerate(zip(learning, m, strict=True))
        ]
        m = [_smoothed(tally, model.comparisons[at]) for tally, at in zip(tallies, learning, strict=True)]
    found: list[Array | None] = [None] * len(model.comparisons)
    for at, tally in zip(learning, tallies, strict=True):
        found[at] = tally
    return share, found


def _start(comparison: Comparison, which: str) -> Array:
    return np.array([getattr(level, which) for level in comparison.levels])


def _tally(levels: Array, expected: Array, size: int) -> Array:
    told = levels != NOT_TOLD
    counts: Array = np.bincount(levels[told], weights=expected[told], minlength=size)
    return counts


def _smoothed(tally: Array, comparison: Comparison) -> Array:
    start = _start(comparison, "m")
    smoothed: Array = tally + _PSEUDO_MATCHES * start / start.sum()
    smoothed /= smoothed.sum()
    return smoothed


def _with_chances(
    model: Model, *, m: Sequence[Sequence[float]] | None = None, u: Sequence[Sequence[float]] | None = None
) -> Model:
    comparisons = []
    for at, comparison in enumerate(model.comparisons):
        levels = tuple(
            Level(level.name, m[at][place] if m else level.m, u[at][place] if u else level.u)
            for place, level in enumerate(comparison.levels)
        )
        comparisons.append(replace(comparison, levels=levels))
    return replace(model, comparisons=tuple(comparisons))


def _kin(model: Model, table: Table) -> Kin | None:
    """Return how brothers and sisters look, with the odds of one person to twins as they are in this data."""
    if model.kin is None or not {"mother", "father", "born", "name"} <= set(model.places):
        return model.kin
    scorer, rules = Scorer(model, table), [rule for rule in model.rules if {"mother", "born"} == rule.fields()]
    same, twins = 0, 0
    for rule in rules:
        for pair in Blocks(table, (rule,)).pairs(rule):
            levels = scorer.levels(*pair)
            fathers = scorer.hits(levels, "father", AGREEING_PARENT) & scorer.hits(levels, "born", SAME_DAY)
            same += int((fathers & scorer.hits(levels, "name", SAME_NAME)).sum())
            twins += int((fathers & scorer.hits(levels, "name", OTHER_NAME)).sum())
    others = sum(model.kin.names[name] for name in OTHER_NAME)
    odds = (same + 1) / ((twins + 1) / others)
    return replace(model.kin, twins=float(np.clip(np.log2(odds), -_MOST_KIN_BITS, _MOST_KIN_BITS)))


def _prior(model: Model, table: Table) -> float:
    """Return the chance that two records drawn at random are of one person, so that it agrees with its own answers."""
    scorer, blocks = Scorer(model, table), Blocks(table, model.rules)
    batches = [scorer.score(*pair).weights for rule in model.rules for pair in blocks.pairs(rule)]
    evidence = np.concatenate([np.zeros(0), *batches]) - model.start
    possible = len(table) * (len(table) - 1) / 2
    prior = model.prior
    for _ in range(_ROUNDS):
        weights = np.clip(evidence + np.log2(prior / (1 - prior)), -200, 200)
        prior = float(np.clip((1 / (1 + np.exp2(-weights))).sum() / possible, 1 / possible, 0.5))
    return prior
