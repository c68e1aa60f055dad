"""From the claims on a person to the part of the page that shows them: who told what, and why a value stands. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from dancu.intake.survivorship.choosing import Chosen, Ground
from dancu.intake.survivorship.claims import Claim, Field
from dancu.intake.survivorship.precedence import WORDS
from dancu.kernel.codes import Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.time import today
from dancu.portals.officer.names_of_codes import blood_name, country_name, ethnic_name, religion_name
from dancu.portals.officer.places import place_text
from dancu.portals.officer.views import SourceLine, SourcesOfField, Told, Word
from dancu.portals.shared.pages import Said, day_text
from dancu.portals.shared.words import SEX, msg
from dancu.register.life import Life

_LABELS: Mapping[Field, str] = {
    Field.NAME: msg("Full name"),
    Field.OTHER_NAME: msg("Other name"),
    Field.BORN: msg("Date of birth"),
    Field.SEX: msg("Sex"),
    Field.BIRTH_PLACE: msg("Place of birth"),
    Field.BIRTH_REGISTRATION: msg("Birth registered in"),
    Field.ORIGIN: msg("Place of origin"),
    Field.ETHNICITY: msg("Ethnic group"),
    Field.RELIGION: msg("Religion"),
    Field.NATIONALITY: msg("Nationality"),
    Field.BLOOD: msg("Blood type"),
    Field.PHONE: msg("Phone"),
    Field.EMAIL: msg("E-mail"),
    Field.FATHER: msg("Father"),
    Field.MOTHER: msg("Mother"),
}
_REASONS: Mapping[Ground, str] = {
    Ground.UNDISPUTED: msg("nobody tells otherwise"),
    Ground.PRECEDENCE: msg("its document goes first by law"),
    Ground.RECENCY: msg("it is the latest of equal documents"),
    Ground.AGREEMENT: msg("more sources agree on it"),
    Ground.FIRST: msg("it was told first"),
}


def sources_of(chosen: Mapping[Field, Chosen], life: Life) -> tuple[SourcesOfField, ...]:
    """Say of each field who told what.

    Of an adopted person nothing is shown: the sources name who was recorded as parents before.

    Args:
        chosen: of the fields of which anything was told.
    """
    if life.adoption is not None:
        return ()
    return tuple(
        SourcesOfField(
            _LABELS[field],
            _told(field, one.value, today(one.claims[0].received_at)),
            _REASONS[one.ground],
            one.refined,
            tuple(_line(claim) for claim in one.claims),
            tuple(_line(claim) for claim in one.others),
        )
        for field, one in chosen.items()
    )


def _line(claim: Claim) -> SourceLine:
    received = today(claim.received_at)
    return SourceLine(
        _told(claim.field, claim.value, received),
        claim.source,
        Said(*WORDS[claim.document]),
        claim.told_on or received,
        claim.told_on is not None,
        None if claim.confidence is None else round(100 * claim.confidence),
    )


def _told(field: Field, value: Any, day: date) -> Told:
    match field:
        case Field.NAME:
            return " ".join(part for part in value if part)
        case Field.BORN:
            return day_text(PartialDate(value))
        case Field.SEX:
            return Word(SEX[Sex(value)])
        case Field.BIRTH_PLACE | Field.BIRTH_REGISTRATION | Field.ORIGIN:
            return place_text(value[0], value[1], day)
        case Field.ETHNICITY:
            return ethnic_name(value)
        case Field.NATIONALITY:
            return country_name(value)
        case Field.RELIGION:
            return religion_name(value)
        case Field.BLOOD:
            return blood_name(value)
        case Field.FATHER | Field.MOTHER:
            return str(value.name or value.number)
    return str(value)
