"""How likely two records are of one person: weights of evidence after Fellegi and Sunter, as a file with a version."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from importlib import resources
from math import exp2, log2
from pathlib import Path
from typing import Any, Self

import msgspec

from dancu.kernel.errors import Malformed
from dancu.linkage import decoding
from dancu.linkage.frequencies import Frequencies
from dancu.linkage.keys import NATIONAL, Rule
from dancu.linkage.kinds import KINDS, Kind
from dancu.linkage.kinds.kind import NOT_TOLD
from dancu.linkage.vetoes import FAMILY, Veto, vetoes_of

FORMAT = 1


class UnusableModel(Malformed):
    """The file holds no linkage model that this version can use."""


class Decision(StrEnum):
    """What follows from a score without a clerk."""

    SAME = "same"
    DIFFERENT = "different"
    CLERK = "clerk"


@dataclass(frozen=True)
class Score:
    """How likely two records are of one person.

    Args:
        weight: binary logarithm of the odds.
        posterior: the probability, 0 to 1.
        levels: per comparison of the model the name of the level, None where a side does not tell.
        vetoes: what forbids to decide for the same person without a clerk.
    """

    weight: float
    posterior: float
    levels: tuple[str | None, ...]
    vetoes: tuple[Veto, ...]
    decision: Decision


@dataclass(frozen=True)
class Level:
    """A level of a comparison.

    Args:
        m: chance of it when both records are of one person.
        u: chance of it when they are of two.
    """

    name: str
    m: float
    u: float

    @property
    def bits(self) -> float:
        """The weight of evidence of the level."""
        return log2(self.m / self.u)


@dataclass(frozen=True)
class Comparison:
    """One thing that is compared.

    Args:
        field: the attribute of a record.
        kind: id of the kind of its values.
        levels: in the order of the kind.
        frequencies: of the values; None: all values count alike.
    """

    field: str
    kind: str
    levels: tuple[Level, ...]
    frequencies: Frequencies | None = None

    @property
    def of(self) -> Kind:
        """The kind of the values."""
        return KINDS[self.kind]

    @cached_property
    def fixed_bits(self) -> tuple[float, ...]:
        """The weights of the levels, whatever the value."""
        return tuple(level.bits for level in self.levels)

    @cached_property
    def m_bits(self) -> tuple[float, ...]:
        """The binary logarithms of the chances of the levels within one person."""
        return tuple(log2(level.m) for level in self.levels)

    @cached_property
    def is_frequent(self) -> tuple[bool, ...]:
        """At which levels the frequency of the value counts."""
        return tuple(self.frequencies is not None and level.name in self.of.frequent for level in self.levels)

    def bits(self, level: int, one: Any, other: Any) -> float:
        """Return the weight of evidence of two values at a level that they have."""
        if level == NOT_TOLD:
            return 0.0
        if self.frequencies is not None and self.is_frequent[level]:
            text = self.of.text
            return self.m_bits[level] - max(self.frequencies.bits(text(one)), self.frequencies.bits(text(other)))
        return self.fixed_bits[level]


@dataclass(frozen=True)
class Thresholds:
    """Where the machine decides alone.

    Args:
        same: posterior from which two records are the same person.
        different: posterior below which nothing speaks for it.
    """

    same: float = 0.999
    different: float = 0.05

    @cached_property
    def weights(self) -> tuple[float, float]:
        """The weights that belong to `different` and `same`."""
        return log2(self.different / (1 - self.different)), log2(self.same / (1 - self.same))


@dataclass(frozen=True)
class Kin:
    """How brothers and sisters look, who agree in all that a family shares.

    Against a brother or sister, only the name, the sex, the number and, unless they are twins, the birth date tell
    that two records are of one person; so the weight is limited to what these say.

    Args:
        twins: binary logarithm of the odds of one person to twins, among records of the same parents and day.
        siblings: the same for another day.
        names: chances of the levels of the name among brothers and sisters.
    """

    twins: float
    siblings: float
    names: Mapping[str, float]


@dataclass(frozen=True)
class Model:
    """A model: what is compared, what agreement is worth, and where the machine decides.

    Args:
        version: names this model in everything that was decided with it.
        normaliser: version of the normal forms that it was made for.
        prior: chance that a record and a record of the other set, drawn at random, are of one person.
        kin: None: nothing is known of families.
        rules: by what records are brought together in bulk.
    """

    version: str
    prior: float
    comparisons: tuple[Comparison, ...]
    thresholds: Thresholds = Thresholds()
    kin: Kin | None = None
    rules: tuple[Rule, ...] = NATIONAL
    normaliser: int = decoding.VERSION

    @classmethod
    def default(cls) -> "Model":
        """Return the model that is set by hand, for people of Viet Nam."""
        text = resources.files("dancu.linkage").joinpath("default_model.json").read_bytes()
        return cls.read(text)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a model of a file.

        Raises:
            UnusableModel: it is no model, or one for other normal forms.
        """
        return cls.read(path.read_bytes())

    @classmethod
    def read(cls, text: bytes) -> Self:
        """Read a model of its JSON.

        Raises:
            UnusableModel: it is no model, or one for other normal forms.
        """
        try:
            model = msgspec.json.decode(text, type=cls)
        except (msgspec.DecodeError, msgspec.ValidationError) as failure:
            raise UnusableModel(f"This is no linkage model: {failure}") from failure
        model.check()
        return model

    def check(self) -> None:
        """Make sure that the model fits the kinds and normal forms of this version.

        Raises:
            UnusableModel: it does not.
        """
        if self.normaliser != decoding.VERSION:
            raise UnusableModel("The model was made for other normal forms of names: train it again")
        for comparison in self.comparisons:
            kind = KINDS.get(comparison.kind)
            if kind is None or tuple(level.name for level in comparison.levels) != kind.levels:
                raise UnusableModel(f"The levels of {comparison.field} are not those of this version")
            if any(not (0 < level.m <= 1 and 0 < level.u <= 1) for level in comparison.levels):
                raise UnusableModel(f"A chance of {comparison.field} lies outside of 0 to 1")

    def json(self) -> bytes:
        """Return the model as JSON that people can read."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n"

    def save(self, path: Path) -> None:
        """Write the model to a file, whole or not at all."""
        partial = path.with_name(f".{path.name}.partial")
        partial.write_bytes(self.json())
        partial.replace(path)

    def for_population(self, people: int) -> "Model":
        """Return the model for a register of so many people, in which a record has about one counterpart."""
        return replace(self, prior=1 / max(2, people))

    @cached_property
    def start(self) -> float:
        """The weight before any evidence."""
        return log2(self.prior / (1 - self.prior))

    @cached_property
    def places(self) -> dict[str, int]:
        """The places of the comparisons by their fields."""
        return {comparison.field: at for at, comparison in enumerate(self.comparisons)}

    def score(self, one: Any, other: Any) -> Score:
        """Return how likely two records are of one person; the order of the two does not matter.

        Args:
            one, other: records of `dancu.linkage.record`, or any with the attributes that the model compares.
        """
        weight = self.start
        levels: list[int] = []
        for comparison in self.comparisons:
            first, second = getattr(one, comparison.field), getattr(other, comparison.field)
            level = comparison.of.level(first, second)
            levels.append(level)
            weight += comparison.bits(level, first, second)
        named = tuple(
            None if level == NOT_TOLD else comparison.levels[level].name
            for comparison, level in zip(self.comparisons, levels, strict=True)
        )
        by_field = {c.field: name for c, name in zip(self.comparisons, named, strict=True)}
        vetoes = vetoes_of(by_field)
        if self.kin is not None and not FAMILY.isdisjoint(vetoes):
            weight = min(weight, self._kin_limit(levels, siblings=Veto.SIBLINGS in vetoes))
        return Score(weight, posterior(weight), named, vetoes, self.decide(weight, vetoes))

    def _kin_limit(self, levels: list[int], *, siblings: bool) -> float:
        """Return the weight of two records of the same parents, told against a brother or sister."""
        limit = self.kin_starts[siblings]
        for at, bits in self.kin_bits:
            if siblings or self.comparisons[at].field != "born":
                limit += bits[levels[at]]
        return limit

    @cached_property
    def kin_starts(self) -> tuple[float, float]:
        """The weights from which twins and other siblings are told apart."""
        return (self.kin.twins, self.kin.siblings) if self.kin is not None else (0.0, 0.0)

    @cached_property
    def kin_bits(self) -> tuple[tuple[int, tuple[float, ...]], ...]:
        """The places of the comparisons that tell brothers and sisters apart, and the weights of their levels.

        The last weight of each is that of a level that is not told.
        """
        found = []
        for field_name in ("name", "born", "number", "sex"):
            at = self.places.get(field_name)
            if at is None or self.kin is None:
                continue
            comparison = self.comparisons[at]
            if field_name == "name":
                bits = tuple(log2(level.m / self.kin.names[level.name]) for level in comparison.levels)
            else:
                bits = comparison.fixed_bits
            found.append((at, (*bits, 0.0)))
        return tuple(found)

    def decide(self, weight: float, vetoes: tuple[Veto, ...]) -> Decision:
        """Return what follows from a weight and vetoes."""
        different, same = self.thresholds.weights
        if weight < different or Veto.OTHER_TWIN in vetoes:
            return Decision.DIFFERENT
        return Decision.SAME if weight >= same and not vetoes else Decision.CLERK


def posterior(weight: float) -> float:
    """Return the probability that belongs to a weight."""
    return 1.0 / (1.0 + exp2(-max(-200.0, min(200.0, weight))))
