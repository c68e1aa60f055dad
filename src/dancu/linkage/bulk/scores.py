"""Scores of many pairs: the same sums in the same order as `Model.score`, so the same numbers."""

from dataclasses import dataclass

import numpy as np

from dancu.linkage.bulk.table import Column, Table
from dancu.linkage.frequencies import Frequencies
from dancu.linkage.kinds.kind import NOT_TOLD, Array
from dancu.linkage.model import Comparison, Decision, Model
from dancu.linkage.vetoes import AGREEING_PARENT, NOT_ANOTHER_DAY, SAME_DAY, SAME_HOME, SAME_NAME, SAME_PLACE, Veto
from dancu.linkage.vetoes import FAMILY as KIN

DECISIONS = (Decision.DIFFERENT, Decision.CLERK, Decision.SAME)
VETOES = tuple(Veto)


def bits_of(*vetoes: Veto) -> int:
    """Return the bits that stand for vetoes."""
    return sum(1 << VETOES.index(veto) for veto in vetoes)


FAMILY = bits_of(*KIN)
"""The bits of the vetoes of which the likely explanation is another child of the same parents."""


@dataclass(frozen=True)
class Scores:
    """Scores of pairs.

    Args:
        levels: `(pair, comparison)`, -1 where a side does not tell.
        vetoes: a bit for each of `VETOES`.
        decisions: places in `DECISIONS`.
    """

    weights: Array
    levels: Array
    vetoes: Array
    decisions: Array

    @property
    def posteriors(self) -> Array:
        """The probabilities that belong to the weights."""
        found: Array = 1.0 / (1.0 + np.exp2(-np.clip(self.weights, -200.0, 200.0)))
        return found


class Scorer:
    """Scores pairs of a table by a model."""

    def __init__(self, model: Model, table: Table) -> None:
        self.model, self.table = model, table
        self._frequency_bits = {
            comparison.field: frequency_bits(comparison.frequencies, table.columns[comparison.field], comparison)
            for comparison in model.comparisons
            if comparison.frequencies is not None
        }

    def score(self, ones: Array, others: Array) -> Scores:
        """Return the scores of pairs of places."""
        levels = self.levels(ones, others)
        weights = np.full(len(ones), self.model.start)
        for at, comparison in enumerate(self.model.comparisons):
            weights += self._bits(comparison, levels[:, at], ones, others)
        vetoes = self.vetoes(levels)
        weights = self._limited(weights, levels, vetoes)
        different, same = self.model.thresholds.weights
        decisions = np.where((weights >= same) & (vetoes == 0), 2, 1).astype(np.int8)
        decisions[(weights < different) | (vetoes >> VETOES.index(Veto.OTHER_TWIN) & 1 == 1)] = 0
        return Scores(weights, levels, vetoes, decisions)

    def _limited(self, weights: Array, levels: Array, vetoes: Array) -> Array:
        """Limit weights to what tells brothers and sisters apart."""
        model = self.model
        at = np.flatnonzero(vetoes & FAMILY) if model.kin is not None else np.zeros(0, np.int64)
        siblings = (vetoes[at] & bits_of(Veto.SIBLINGS)) != 0
        limits = np.where(siblings, model.kin_starts[1], model.kin_starts[0])
        for place, bits in model.kin_bits:
            told = np.array(bits)[levels[at, place]]
            limits = limits + (told if model.comparisons[place].field != "born" else np.where(siblings, told, 0.0))
        weights[at] = np.minimum(weights[at], limits)
        return weights

    def levels(self, ones: Array, others: Array) -> Array:
        """Return the levels of pairs of places."""
        levels = np.empty((len(ones), len(self.model.comparisons)), np.int8)
        for at, comparison in enumerate(self.model.comparisons):
            column = self.table.columns[comparison.field]
            levels[:, at] = comparison.of.levels_of(column.values, column.codes[ones], column.codes[others])
        return levels

    def _bits(self, comparison: Comparison, levels: Array, ones: Array, others: Array) -> Array:
        by_level = np.array([*comparison.fixed_bits, 0.0])
        bits: Array = by_level[levels]
        if comparison.field in self._frequency_bits:
            column, rarity = self.table.columns[comparison.field], self._frequency_bits[comparison.field]
            at = np.flatnonzero(np.array([*comparison.is_frequent, False])[levels])
            commoner = np.maximum(rarity[column.codes[ones[at]]], rarity[column.codes[others[at]]])
            bits[at] = np.array(comparison.m_bits)[levels[at]] - commoner
        return bits

    def hits(self, levels: Array, field: str, wanted: frozenset[str]) -> Array:
        """Tell of which pairs the level of a field is one of those wanted."""
        place = self.model.places.get(field)
        if place is None:
            return np.zeros(len(levels), np.bool_)
        names = [level.name for level in self.model.comparisons[place].levels]
        found: Array = np.array([*(name in wanted for name in names), False])[levels[:, place]]
        return found

    def told(self, levels: Array, field: str) -> Array:
        """Tell of which pairs both sides tell a field."""
        place = self.model.places.get(field)
        if place is None:
            return np.zeros(len(levels), np.bool_)
        found: Array = levels[:, place] != NOT_TOLD
        return found

    def same_family(self, levels: Array) -> Array:
        """Tell which pairs have the same parents; where none is told, ward of birth and home stand for them."""
        mother, father = self.told(levels, "mother"), self.told(levels, "father")
        home = self.hits(levels, "birth_place", frozenset({SAME_PLACE}))
        home &= self.hits(levels, "residence", frozenset({SAME_HOME}))
        agreeing = ~(mother & ~self.hits(levels, "mother", AGREEING_PARENT))
        agreeing &= ~(father & ~self.hits(levels, "father", AGREEING_PARENT))
        found: Array = np.where(mother | father, agreeing, home)
        return found

    def vetoes(self, levels: Array) -> Array:
        """Return the vetoes of pairs by their levels, as `vetoes_of` lists them, a bit for each of `VETOES`."""
        count = len(levels)

        def at(field: str, wanted: frozenset[str]) -> Array:
            return self.hits(levels, field, wanted)

        found = np.zeros(count, np.uint8)
        same_number, other_number = at("number", frozenset({"exact"})), at("number", frozenset({"else"}))
        parents = self.same_family(levels)
        other_given = self.told(levels, "name") & ~at("name", SAME_NAME)
        family = ~same_number & parents & other_given
        same_day, another_day = at("born", SAME_DAY), self.told(levels, "born") & ~at("born", NOT_ANOTHER_DAY)
        for veto, hit in (
            (Veto.OTHER_TWIN, family & same_day & other_number),
            (Veto.TWINS, family & same_day & ~other_number),
            (Veto.SIBLINGS, family & another_day),
            (Veto.NUMBERS, self.told(levels, "number") & ~same_number),
            (Veto.SEX, at("sex", frozenset({"else"}))),
        ):
            found[hit] |= np.uint8(1 << VETOES.index(veto))
        return found


def frequency_bits(frequencies: Frequencies, column: Column, comparison: Comparison) -> Array:
    """Return for each distinct value the binary logarithm of its chance."""
    kind = comparison.of
    listed = sorted((kind.hash(value), frequencies.bits(value)) for value in frequencies.values)
    hashes = column.values.parts[kind.frequency_part]
    bits = np.full(len(hashes), frequencies.rest_bits)
    if listed:
        known = np.array([one for one, _ in listed], np.uint64)
        place = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
        hit = known[place] == hashes
        bits[hit] = np.array([weight for _, weight in listed])[place[hit]]
    return bits
