"""Which person a record is about: pure, from what the record tells and whom the register knows.

Only what is certain is decided; a clerk decides the rest.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from dancu.intake.decisions import Reason
from dancu.kernel.codes import PersonStatus
from dancu.kernel.dates import PartialDate


@dataclass(frozen=True)
class Told:
    """What a record tells about who it is.

    Args:
        provinces: today's provinces that the person is told to have to do with.
        sex: 0 when not told.
    """

    name_key: str
    born: int | None
    sex: int
    number: str | None
    cmnd9: str | None
    provinces: frozenset[str]


@dataclass(frozen=True)
class Known:
    """A person of the register, as far as matching goes."""

    person_id: int
    name_key: str
    born: int | None
    sex: int
    number: str | None
    provinces: frozenset[str]
    status: int = PersonStatus.ALIVE
    commune: str | None = None


@dataclass(frozen=True)
class Same:
    """The record is about this person."""

    person_id: int
    reason: Reason


@dataclass(frozen=True)
class Doubtful:
    """A clerk must decide; the candidates in order of likeness."""

    reason: Reason
    candidates: tuple[int, ...]


@dataclass(frozen=True)
class Nobody:
    """The register knows nobody like it."""


Match = Same | Doubtful | Nobody


@dataclass
class Acquaintances:
    """The persons whom a chunk of records may be about, by what they are found by."""

    by_number: dict[str, Known] = field(default_factory=dict)
    by_cmnd9: dict[str, list[Known]] = field(default_factory=dict)
    by_name: dict[str, list[Known]] = field(default_factory=dict)

    def add(self, known: Known, *, numbers: Iterable[str] = (), cmnd9: Iterable[str] = ()) -> None:
        """Make a person known, under every number that it has or had."""
        for number in numbers:
            self.by_number[number] = known
        for old in cmnd9:
            self.by_cmnd9.setdefault(old, []).append(known)
        self.by_name.setdefault(known.name_key, []).append(known)

    def commune_of(self, person_id: int) -> str | None:
        """The commune where a person lives today, of those who are known."""
        holders = (one for persons in self.by_name.values() for one in persons)
        return next((one.commune for one in holders if one.person_id == person_id), None)


def find(told: Told, known: Acquaintances) -> Match:
    """Return whom a record is about.

    In order: the personal number with name or birth date; the 9-digit number with name or birth date
    (it was given twice at times, so never alone); name, whole birth date and place.
    """
    if told.number and (one := known.by_number.get(told.number)):
        if _same_name(told, one) or _same_birth(told, one):
            return Same(one.person_id, Reason.SAME_NUMBER)
        return Doubtful(Reason.NUMBER_OF_ANOTHER_PERSON, (one.person_id,))
    if told.cmnd9:
        holders = [
            one
            for one in known.by_cmnd9.get(told.cmnd9, [])
            if _same_name(told, one) or (_same_birth(told, one) and _whole(told.born))
        ]
        holders = [one for one in holders if one.status != PersonStatus.MERGED] or holders
        if len({one.person_id for one in holders}) == 1:
            return _unless_contradicted(told, holders[0], Reason.SAME_OLD_NUMBER_AND_NAME)
    return _by_name(told, known)


def couple(husband: Match, wife: Match, known: Acquaintances) -> tuple[Match, Match]:
    """Settle what name and year leave open of a couple: each is the only one of the name, and they share a commune.

    Two strangers of both names, of both years, in one commune are too unlikely to wait for a clerk.
    """
    homes = [_only_candidate(one, known) for one in (husband, wife)]
    if None in homes or homes[0] != homes[1]:
        return husband, wife
    return _settled(husband), _settled(wife)


def _only_candidate(match: Match, known: Acquaintances) -> str | None:
    """The commune of the one person that a match leaves."""
    match match:
        case Same(person_id=person_id):
            return known.commune_of(person_id)
        case Doubtful(reason=Reason.NOT_ENOUGH_TO_BE_SURE, candidates=(person_id,)):
            return known.commune_of(person_id)
        case _:
            return None


def _settled(match: Match) -> Match:
    if isinstance(match, Doubtful):
        return Same(match.candidates[0], Reason.SAME_COUPLE)
    return match


def _by_name(told: Told, known: Acquaintances) -> Match:
    alike = {
        one.person_id: one
        for one in known.by_name.get(told.name_key, [])
        if _may_be_born_together(told, one) and one.status not in {PersonStatus.ANNULLED, PersonStatus.MERGED}
    }
    # A person with another number of its own is another person, unless everything else agrees.
    candidates = [one for one in alike.values() if not (told.number and one.number) or _same_birth(told, one)]
    rivals = [one for one in candidates if not (told.number and one.number)]
    if len(rivals) == 1 and _certain(told, rivals[0]):
        return _unless_contradicted(told, rivals[0], Reason.SAME_NAME_DATE_AND_PLACE)
    if len(rivals) > 1:
        return Doubtful(Reason.SEVERAL_CANDIDATES, tuple(one.person_id for one in rivals))
    if rivals:
        return Doubtful(Reason.NOT_ENOUGH_TO_BE_SURE, (rivals[0].person_id,))
    # Two people of one name and birth date are usual; two numbers that differ by a slip of the finger are not.
    twins = [one for one in candidates if told.number and one.number and _one_slip(told.number, one.number)]
    if twins:
        return Doubtful(Reason.TWO_NUMBERS, tuple(one.person_id for one in twins))
    return Nobody()


def _one_slip(one: str, other: str) -> bool:
    """Tell whether two numbers differ by one digit, or by two neighbours that changed places."""
    differing = [i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(differing) == 2:
        i, j = differing
        return j == i + 1 and one[i] == other[j] and one[j] == other[i]
    return len(differing) == 1


def _certain(told: Told, one: Known) -> bool:
    return _whole(told.born) and _same_birth(told, one) and bool(told.provinces & one.provinces)


def _unless_contradicted(told: Told, one: Known, reason: Reason) -> Match:
    if told.sex and one.sex and told.sex != one.sex:
        return Doubtful(Reason.CONTRADICTS_THE_REGISTER, (one.person_id,))
    if told.number and one.number and told.number != one.number:
        return Doubtful(Reason.TWO_NUMBERS, (one.person_id,))
    return Same(one.person_id, reason)


def _same_name(told: Told, one: Known) -> bool:
    return told.name_key == one.name_key


def _same_birth(told: Told, one: Known) -> bool:
    return told.born is not None and told.born == one.born


def _whole(born: int | None) -> bool:
    return born is not None and born % 100 != 0


def _may_be_born_together(told: Told, one: Known) -> bool:
    if told.born is None or one.born is None:
        return True
    return PartialDate(told.born).may_be(PartialDate(one.born))
