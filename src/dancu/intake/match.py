"""Which person a record is about: pure, from what the record tells and whom the register knows.

Only what is certain is decided: by the model, and by nobody's veto. A clerk decides the rest.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from math import log2

from dancu.intake.decisions import Reason
from dancu.kernel.codes import PersonStatus
from dancu.kernel.dates import PartialDate
from dancu.linkage.model import Decision, Model, Score, posterior
from dancu.linkage.record import Record, normalised
from dancu.linkage.vetoes import Veto


@cache
def model() -> Model:
    """Return the model of the program, by which records are weighed where no other one was put in force."""
    return Model.default()


@dataclass(frozen=True)
class Told:
    """What a record tells about who it is.

    Args:
        provinces: today's provinces that the person is told to have to do with.
        sex: 0 when not told.
        full: all that is compared; None: no more than the other fields tell.
    """

    name_key: str
    born: int | None
    sex: int
    number: str | None
    cmnd9: str | None
    provinces: frozenset[str]
    full: Record | None = None

    @classmethod
    def of(cls, record: Record) -> "Told":
        """Make what a record tells of the record that is compared."""
        old = next(iter(record.cmnd9s), None)
        name = record.name.folded if record.name else ""
        return cls(name, record.born, record.sex, record.number, old, frozenset(), record)

    @cached_property
    def record(self) -> Record:
        """The record that is compared."""
        return self.full or normalised(
            "",
            name=self.name_key,
            born=self.born,
            sex=self.sex,
            number=self.number,
            cmnd9s=(self.cmnd9,) if self.cmnd9 else (),
        )


@dataclass(frozen=True)
class Known:
    """A person of the register, as far as matching goes.

    Args:
        full: makes all that is compared, when it is; None: no more than the other fields tell.
    """

    person_id: int
    name_key: str
    born: int | None
    sex: int
    number: str | None
    provinces: frozenset[str]
    status: int = PersonStatus.ALIVE
    commune: str | None = None
    full: Callable[[], Record] | None = field(default=None, compare=False)

    @cached_property
    def record(self) -> Record:
        """The record that is compared."""
        if self.full is not None:
            return self.full()
        return normalised(str(self.person_id), name=self.name_key, born=self.born, sex=self.sex, number=self.number)

    @property
    def stands(self) -> bool:
        """Whether it is neither merged nor annulled."""
        return self.status not in {PersonStatus.ANNULLED, PersonStatus.MERGED}


@dataclass(frozen=True)
class Weight:
    """The weight of evidence that a record is about a person; `open`: nothing that both tell speaks against it."""

    person_id: int
    bits: float
    open: bool


@dataclass(frozen=True)
class Same:
    """The record is about this person; `score` is the posterior probability."""

    person_id: int
    reason: Reason
    score: float = 1.0
    weights: tuple[Weight, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True)
class Doubtful:
    """A clerk must decide; the candidates in order of likeness, with the posterior probability of each."""

    reason: Reason
    candidates: tuple[int, ...]
    scores: tuple[float, ...] = ()
    weights: tuple[Weight, ...] = field(default=(), compare=False, repr=False)

    @property
    def score(self) -> float:
        """The posterior probability of the likeliest."""
        return max(self.scores, default=0.0)


@dataclass(frozen=True)
class Nobody:
    """The register knows nobody like it; `score` is the highest posterior probability of those who were weighed."""

    score: float = 0.0
    weights: tuple[Weight, ...] = field(default=(), compare=False, repr=False)


Match = Same | Doubtful | Nobody


@dataclass
class Acquaintances:
    """The persons whom a chunk of records may be about, by what they are found by.

    Args:
        by: the model by which they are weighed; None: that of the program.
    """

    by_number: dict[str, Known] = field(default_factory=dict)
    by_cmnd9: dict[str, list[Known]] = field(default_factory=dict)
    by_name: dict[str, list[Known]] = field(default_factory=dict)
    by_day: dict[tuple[int, str], list[Known]] = field(default_factory=dict)
    by_home: dict[tuple[str, int], list[Known]] = field(default_factory=dict)
    by_id: dict[int, Known] = field(default_factory=dict)
    by: Model | None = None

    def add(self, known: Known, *, numbers: Iterable[str] = (), cmnd9: Iterable[str] = ()) -> None:
        """Make a person known, under every number that it has or had."""
        self.by_id[known.person_id] = known
        for number in numbers:
            self.by_number[number] = known
        for old in cmnd9:
            self.by_cmnd9.setdefault(old, []).append(known)
        self.by_name.setdefault(known.name_key, []).append(known)
        if known.born and known.born % 100:
            self.by_day.setdefault((known.born, given_of(known.name_key)), []).append(known)
            if known.commune:
                self.by_home.setdefault((known.commune, known.born), []).append(known)

    def like(self, told: Told) -> list[Known]:
        """List whom a record may be about, by any of its keys."""
        found: dict[int, Known] = {}
        if told.number and (holder := self.by_number.get(told.number)):
            found[holder.person_id] = holder
        lists = [self.by_cmnd9.get(told.cmnd9 or "", []), self.by_name.get(told.name_key, [])]
        if told.born:
            lists.append(self.by_day.get((told.born, given_of(told.name_key)), []))
            lists += [self.by_home.get((commune, told.born), []) for commune in told.record.residence]
        for known in lists:
            found.update((one.person_id, one) for one in known if one.stands)
        return list(found.values())

    def commune_of(self, person_id: int) -> str | None:
        """The commune where a person lives today, of those who are known."""
        found = self.by_id.get(person_id)
        return found.commune if found else None


def given_of(name_key: str) -> str:
    """Return the last word of a folded name, by which it is looked up together with the day of birth."""
    return name_key.rpartition(" ")[2]


def find(told: Told, known: Acquaintances, by: Model | None = None) -> Match:
    """Return whom a record is about.

    The same person only where the model is sure and nothing stands against it; nobody only where nothing speaks for
    anybody, and not where the record tells too little to speak at all: a name and a year have many bearers, of whom
    it may be one. Who has the number is never passed over, and whose record was annulled or merged is found by it.
    """
    by = by or known.by or model()
    weighed = weigh(told, known, by)
    weights = tuple(Weight(one.person_id, score.weight, _open(told, one, score, by)) for one, score in weighed)
    return replace(_judged(told, known, weighed, {one.person_id for one in weights if one.open}), weights=weights)


def _judged(told: Told, known: Acquaintances, weighed: "_Weighed", still_open: set[int]) -> Match:
    if holder := known.by_number.get(told.number or ""):
        return _holder(told, holder, next(s for one, s in weighed if one.person_id == holder.person_id))
    perhaps = [pair for pair in weighed if pair[1].decision is not Decision.DIFFERENT]
    perhaps = perhaps or [pair for pair in weighed if pair[0].person_id in still_open]
    if not perhaps:
        return Nobody(max((score.posterior for _, score in weighed), default=0.0))
    best, score = perhaps[0]
    alone = all(other.posterior < _RIVAL for _, other in perhaps[1:])
    if alone and score.decision is Decision.SAME:
        return Same(best.person_id, _reason_of_same(told, best), score.posterior)
    return _doubtful(_reason_of_doubt(perhaps), perhaps)


_Weighed = list[tuple[Known, Score]]
MOST_CANDIDATES = 12
"""No clerk compares more persons than these at once."""


def _open(told: Told, one: Known, score: Score, by: Model) -> bool:
    """Tell whether a record may be about somebody of the name, of whose birth one side tells a part or nothing."""
    if score.vetoes or told.name_key != one.name_key or not one.stands:
        return False
    if _whole(told.born) and _whole(one.born) and told.born != one.born:
        return False
    if told.provinces and one.provinces and not told.provinces & one.provinces:
        return False
    levels = [score.levels[by.places[name]] for name in _AGAINST if name in by.places]
    return may_be_born_together(told.born, one.born) and "else" not in levels


_AGAINST = ("number", "sex", "mother", "father")
"""Facts in which people do not change, so that another one is of another person."""


def _whole(born: int | None) -> bool:
    return born is not None and born % 100 != 0


_RIVAL = 0.5
"""Whoever is as likely as this is a second person whom the record may be about."""


def weigh(told: Told, known: Acquaintances, by: Model | None = None) -> list[tuple[Known, Score]]:
    """Weigh whom a record may be about, the likeliest first."""
    score = (by or known.by or model()).score
    scored = [(one, score(told.record, one.record)) for one in known.like(told)]
    return sorted(scored, key=lambda pair: (-pair[1].weight, pair[0].person_id))


def _holder(told: Told, holder: Known, score: Score) -> Match:
    agrees = told.name_key == holder.name_key or (told.born is not None and told.born == holder.born)
    if score.decision is Decision.SAME or (agrees and not holder.stands):
        return Same(holder.person_id, Reason.SAME_NUMBER, score.posterior)
    contradicted = agrees and Veto.SEX in score.vetoes
    reason = Reason.CONTRADICTS_THE_REGISTER if contradicted else Reason.NUMBER_OF_ANOTHER_PERSON
    return _doubtful(reason, [(holder, score)])


def _doubtful(reason: Reason, candidates: Sequence[tuple[Known, Score]]) -> Doubtful:
    shown = candidates[:MOST_CANDIDATES]
    return Doubtful(reason, tuple(one.person_id for one, _ in shown), tuple(score.posterior for _, score in shown))


def _reason_of_same(told: Told, one: Known) -> Reason:
    shared = told.cmnd9 is not None and told.cmnd9 in one.record.cmnd9s
    return Reason.SAME_OLD_NUMBER_AND_NAME if shared else Reason.SAME_NAME_DATE_AND_PLACE


def _reason_of_doubt(perhaps: Sequence[tuple[Known, Score]]) -> Reason:
    if len(perhaps) > 1:
        return Reason.SEVERAL_CANDIDATES
    vetoes = perhaps[0][1].vetoes
    if Veto.NUMBERS in vetoes:
        return Reason.TWO_NUMBERS
    return Reason.CONTRADICTS_THE_REGISTER if Veto.SEX in vetoes else Reason.NOT_ENOUGH_TO_BE_SURE


def couple(husband: Match, wife: Match, known: Acquaintances, by: Model | None = None) -> tuple[Match, Match]:
    """Settle what is open of a couple by what both tell together.

    Each is the only one of the name and birth, and both live in one commune: two strangers would hardly. The evidence
    of both adds up, with that of the commune, and the doubt counts once.
    """
    if isinstance(husband, Same) and isinstance(wife, Same):
        return husband, wife
    weighs_by = by or known.by or model()
    husbands, wives = _possible(husband), _possible(wife)
    pairs = list(_together(husbands, wives, known, weighs_by.start))
    if len(husbands) > 1 or len(wives) > 1 or not pairs or posterior(pairs[0][0]) < weighs_by.thresholds.same:
        return husband, wife
    bits, his, hers = pairs[0]
    return _settled(husband, his, posterior(bits)), _settled(wife, hers, posterior(bits))


_ONE_COMMUNE_BITS = log2(0.9 * 3321)
"""What a shared commune says for a couple: nine of ten share it, and one of all communes is where a stranger lives."""


def _together(
    husbands: Sequence[Weight], wives: Sequence[Weight], known: Acquaintances, start: float
) -> Iterator[tuple[float, int, int]]:
    """Yield the pairs of persons of one commune who may be meant, with the weight of evidence for both."""
    for his in husbands:
        home = known.commune_of(his.person_id)
        for hers in wives if home else ():
            if hers.person_id != his.person_id and known.commune_of(hers.person_id) == home:
                yield his.bits + hers.bits - start + _ONE_COMMUNE_BITS, his.person_id, hers.person_id


def _possible(match: Match) -> tuple[Weight, ...]:
    """Those whom a match leaves open."""
    if isinstance(match, Same):
        return tuple(one for one in match.weights if one.person_id == match.person_id)
    return tuple(one for one in match.weights if one.open)


def _settled(match: Match, person_id: int, score: float) -> Match:
    return match if isinstance(match, Same) else Same(person_id, Reason.SAME_COUPLE, score, match.weights)


def may_be_born_together(one: int | None, other: int | None) -> bool:
    """Tell whether two births, parts of which may be unknown, may be one; what isn't told may be any."""
    return one is None or other is None or PartialDate(one).may_be(PartialDate(other))
