"""What a record tells that the register does not know yet of a person: pure."""

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from dancu.kernel.codes import IdentifierScheme, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.names import PersonName
from dancu.kernel.text import fold
from dancu.register.ledger import Event, annulled
from dancu.register.model import Life, Residence
from dancu.register.payloads import IdentifierGiven, Kin, Payload, Place, ResidenceGiven


@dataclass(frozen=True)
class News:
    """What to add to a life; nothing is overwritten.

    Args:
        told: the payload of the update, or None when nothing is new.
        contradictions: fields in which the record says otherwise than the register.
    """

    told: Payload | None
    contradictions: tuple[str, ...]


_PLAIN_FIELDS = ("ethnicity", "religion", "nationality", "blood", "phone", "email", "other_name")
_NUMBER = IdentifierScheme.PERSONAL_NUMBER
_SENSITIVE = ("religion", "blood", "phone", "email")
_PLACES = ("birth_place", "birth_registration", "origin")
_OWNED = (*_PLAIN_FIELDS, *_PLACES, "name", "born", "sex", "father", "mother", "residences")


def news(life: Life, told: Payload, own: Collection[str] = ()) -> News:
    """Compare what a record tells with what is known.

    A fact that is missing is taken over, a birth date becomes more exact, a name without diacritics gets them.
    A fact that differs is a contradiction, for a clerk; but whoever told what stands may tell it otherwise.

    Args:
        own: fields of which the same source told what stands, see `told_by`.
    """
    fresh: dict[str, object] = {}
    contradictions = []
    for field in _PLAIN_FIELDS:
        value, known = getattr(told, field), getattr(life, field)
        if value is not None and (known in {None, "", 0} or (field in own and value != known)):
            fresh[field] = value
    if told.sex and (life.sex is Sex.UNKNOWN or ("sex" in own and told.sex != life.sex)):
        fresh["sex"] = told.sex
    elif told.sex and told.sex != life.sex:
        contradictions.append("sex")
    if (name := _better_name(life.name, told.name)) is not None:
        fresh["name"] = name
    elif told.name and life.name and not _same_name(life.name, told.name):
        if "name" in own:
            fresh["name"] = told.name
        else:
            contradictions.append("name")
    if told.born and (life.born is None or told.born != life.born.number):
        _compare_birth(life, PartialDate(told.born), fresh, contradictions, own)
    fresh |= _places(life, told, own) | _relatives(life, told, own)
    if told.identifiers and (identifiers := _new_identifiers(life, told)):
        # A second personal number is given by an act of its own.
        kept = tuple(one for one in identifiers if not (life.personal_number and one.scheme is _NUMBER))
        if kept:
            fresh["identifiers"] = kept
        if len(kept) < len(identifiers):
            contradictions.append("personal_number")
    if residences := tuple(r for r in told.residences if _is_news(r, life.residences, own)):
        fresh["residences"] = residences
        fresh["unit_day"] = told.unit_day
    if not fresh:
        return News(None, tuple(contradictions))
    return News(Payload(**fresh, source_record=told.source_record), tuple(contradictions))  # type: ignore[arg-type]


def repeats(known: Payload, told: Payload) -> bool:
    """Tell whether a record says nothing but what the only event of a ledger says, in its very words."""
    return (
        all(value is None or value == getattr(known, field) for field in _REPEATED for value in (getattr(told, field),))
        and all(one in known.identifiers for one in told.identifiers)
        and all(one in known.residences for one in told.residences)
    )


_REPEATED = tuple(field for field in _OWNED if field not in _SENSITIVE and field != "residences")


def told_by(events: Iterable[Event], acts: Collection[int]) -> frozenset[str]:
    """Return the fields of which some acts told what stands: nobody told them otherwise later.

    Sensitive facts are sealed together, so of them all are or none is.
    """
    ledger = list(events)
    fallen = annulled(ledger)
    tellers: dict[str, bool] = {}
    for event in ledger:
        if event.seq in fallen:
            continue
        mine = event.act_id in acts
        for field in _OWNED:
            if getattr(event.payload, field) not in {None, ()}:
                tellers[field] = mine
        if event.payload.sealed:
            sealed = mine and all(tellers.get(field, True) for field in _SENSITIVE)
            tellers |= dict.fromkeys(_SENSITIVE, sealed)
    return frozenset(field for field, mine in tellers.items() if mine)


def _better_name(known: PersonName | None, told: tuple[str, str, str] | None) -> tuple[str, str, str] | None:
    """A name with diacritics, where the known one is the same without any."""
    if known is None or told is None:
        return told if known is None else None
    if told == (known.surname, known.middle, known.given):
        return None
    candidate = PersonName(*told)
    plain = known.full.lower() == fold(known.full)
    marked = candidate.full.lower() != fold(candidate.full)
    return told if plain and marked and candidate.key == known.key else None


def _same_name(one: PersonName, told: tuple[str, str, str]) -> bool:
    """Same letters and tones, wherever the tone mark stands (hoà, hòa); a name without diacritics agrees too."""
    if told == (one.surname, one.middle, one.given):
        return True
    other = PersonName(*told)
    if one.key != other.key:
        return False
    plain = {name.full.lower() == name.key for name in (one, other)}
    return True in plain or _letters(one.full) == _letters(other.full)


def _letters(text: str) -> list[tuple[str, ...]]:
    """Each syllable as its letters and marks in any order: the place of a tone mark doesn't count."""
    return [tuple(sorted(unicodedata.normalize("NFD", word))) for word in text.lower().split()]


def _compare_birth(
    life: Life, told: PartialDate, fresh: dict[str, object], contradictions: list[str], own: Collection[str]
) -> None:
    if (
        ("born" in own and life.born is not None and told != life.born)
        or life.born is None
        or (life.born != told and life.born.day == 0 and life.born.may_be(told) and told > life.born)
    ):
        fresh["born"] = told.number
    elif not life.born.may_be(told):
        contradictions.append("born")


def _places(life: Life, told: Payload, own: Collection[str]) -> dict[str, object]:
    fresh: dict[str, object] = {}
    for field in _PLACES:
        place: Place | None = getattr(told, field)
        known: Place = getattr(life, field)
        if place and (not any(known) or (field in own and place != known)):
            fresh[field] = place
    return fresh


def _relatives(life: Life, told: Payload, own: Collection[str]) -> dict[str, object]:
    fresh: dict[str, object] = {}
    for field in ("father", "mother"):
        kin: Kin | None = getattr(told, field)
        known: Kin | None = getattr(life, field)
        if kin and (known is None or _tells_more(kin, known) or (field in own and _tells_otherwise(kin, known))):
            fresh[field] = Kin(kin.person_id, kin.name or (known.name if known else ""), kin.number)
    return fresh


def _tells_more(kin: Kin, known: Kin) -> bool:
    return (
        known.person_id is None and kin.person_id is not None and (not known.name or fold(known.name) == fold(kin.name))
    )


def _tells_otherwise(kin: Kin, known: Kin) -> bool:
    return bool((kin.name and kin.name != known.name) or (kin.number and kin.number != known.number))


def _new_identifiers(life: Life, told: Payload) -> tuple[IdentifierGiven, ...]:
    known = {(i.scheme, i.value) for i in life.identifiers}
    return tuple(i for i in told.identifiers if (i.scheme, i.value) not in known)


def _is_news(given: ResidenceGiven, known: Iterable[Residence], own: Collection[str]) -> bool:
    """A stay is news where its layer is unknown, or where it began after all that is known.

    Of whoever told the stays that stand, one that begins with the last of them takes its place.
    """
    layer = [stay for stay in known if stay.kind is given.kind]
    if any(_same_place(given, stay) for stay in layer):
        return False
    begins = given.since or date.min
    latest = max((stay.since or date.min for stay in layer), default=None)
    return latest is None or begins > latest or ("residences" in own and begins == latest)


def _same_place(given: ResidenceGiven, stay: Residence) -> bool:
    return given.unit == stay.unit and (given.detail == stay.detail or fold(given.detail) == fold(stay.detail))
