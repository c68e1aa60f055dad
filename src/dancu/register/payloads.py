"""What an event says, in the compact form in which it is stored and hashed.

Keys are one or two letters, since 104 million people have several events each;
the long names are the attributes of the classes.
A key that has its default is left out.
Places are pairs of unit code and free text; `unit_day` is the day whose units the codes are of.
"""

from datetime import date

import msgspec

from dancu.kernel.codes import AbsenceCase, IdentifierScheme, Relation, ResidenceKind, TieEnd, TieKind

Place = tuple[str, str]
"""(unit code of 2, 3 or 5 digits or '', free text)."""


class Kin(msgspec.Struct, frozen=True, omit_defaults=True):
    """A relative: by record where there is one, and as the document named them."""

    person_id: int | None = msgspec.field(default=None, name="p")
    name: str = msgspec.field(default="", name="n")
    number: str = msgspec.field(default="", name="i")


NOBODY = Kin()
"""In place of a parent: a court found that whom was recorded is not the parent, and named nobody else."""


class IdentifierGiven(msgspec.Struct, frozen=True, omit_defaults=True):
    """A number by which the person is known."""

    scheme: IdentifierScheme = msgspec.field(name="s")
    value: str = msgspec.field(name="v")
    since: date | None = msgspec.field(default=None, name="f")
    until: date | None = msgspec.field(default=None, name="t")


class ResidenceGiven(msgspec.Struct, frozen=True, omit_defaults=True):
    """A place of residence in one layer; `until` is not included."""

    kind: ResidenceKind = msgspec.field(name="k")
    unit: str = msgspec.field(name="u")
    detail: str = msgspec.field(default="", name="d")
    since: date | None = msgspec.field(default=None, name="f")
    until: date | None = msgspec.field(default=None, name="t")


class MembershipGiven(msgspec.Struct, frozen=True, omit_defaults=True):
    """Membership of a household from a day on."""

    household_id: int = msgspec.field(name="h")
    relation: Relation = msgspec.field(name="r")
    since: date | None = msgspec.field(default=None, name="f")


class MarriageGiven(msgspec.Struct, frozen=True, omit_defaults=True):
    """A marriage as the person's own record tells it; `since` is a partial date number."""

    spouse: Kin = msgspec.field(name="s")
    since: int | None = msgspec.field(default=None, name="f")


class AbsenceGiven(msgspec.Struct, frozen=True, omit_defaults=True):
    """An absence that was declared; `case` is the one of Article 31, `until` the day of return, if it is known."""

    case: AbsenceCase = msgspec.field(name="c")
    until: date | None = msgspec.field(default=None, name="t")
    destination: Place = msgspec.field(default=("", ""), name="d")


class AdoptionGiven(msgspec.Struct, frozen=True, omit_defaults=True):
    """The parents shown while an adoption lasts; None where there is none. `secret`: the record is protected."""

    father: Kin | None = msgspec.field(default=None, name="f")
    mother: Kin | None = msgspec.field(default=None, name="m")
    secret: bool = msgspec.field(default=True, name="s")


class TieGiven(msgspec.Struct, frozen=True, omit_defaults=True):
    """A guardianship or a representation as one of the two records tells it; `detail` says how far it goes."""

    kind: TieKind = msgspec.field(name="k")
    other: Kin = msgspec.field(name="o")
    detail: str = msgspec.field(default="", name="d")
    ended_by: TieEnd | None = msgspec.field(default=None, name="e")


class Payload(msgspec.Struct, frozen=True, omit_defaults=True):
    """The facts of one event about one person. None: this event says nothing about it.

    As stored, religion, blood, telephone and e-mail are in `sealed`; see `dancu.register.sensitive`.

    Law: Luật Căn cước 26/2023/QH15, Điều 9 (the groups of information).
    """

    name: tuple[str, str, str] | None = msgspec.field(default=None, name="n")
    other_name: str | None = msgspec.field(default=None, name="on")
    born: int | None = msgspec.field(default=None, name="b")
    sex: int | None = msgspec.field(default=None, name="s")
    birth_place: Place | None = msgspec.field(default=None, name="bp")
    birth_registration: Place | None = msgspec.field(default=None, name="br")
    origin: Place | None = msgspec.field(default=None, name="og")
    ethnicity: int | None = msgspec.field(default=None, name="e")
    religion: int | None = msgspec.field(default=None, name="r")
    nationality: str | None = msgspec.field(default=None, name="na")
    blood: int | None = msgspec.field(default=None, name="bl")
    marital: int | None = msgspec.field(default=None, name="m")
    phone: str | None = msgspec.field(default=None, name="ph")
    email: str | None = msgspec.field(default=None, name="em")
    subject_type: int | None = msgspec.field(default=None, name="st")
    father: Kin | None = msgspec.field(default=None, name="fa")
    mother: Kin | None = msgspec.field(default=None, name="mo")
    marriage: MarriageGiven | None = msgspec.field(default=None, name="ma")
    identifiers: tuple[IdentifierGiven, ...] = msgspec.field(default=(), name="id")
    residences: tuple[ResidenceGiven, ...] = msgspec.field(default=(), name="re")
    membership: MembershipGiven | None = msgspec.field(default=None, name="hh")
    died: int | None = msgspec.field(default=None, name="di")
    unit_day: date | None = msgspec.field(default=None, name="ud")
    absence: AbsenceGiven | None = msgspec.field(default=None, name="ab")
    ground: int | None = msgspec.field(default=None, name="gr")
    merged_into: int | None = msgspec.field(default=None, name="mi")
    absorbs: int | None = msgspec.field(default=None, name="mr")
    annuls: int | None = msgspec.field(default=None, name="an")
    reason: str | None = msgspec.field(default=None, name="rs")
    source_record: int | None = msgspec.field(default=None, name="ln")
    adoption: AdoptionGiven | None = msgspec.field(default=None, name="ad")
    ties: tuple[TieGiven, ...] = msgspec.field(default=(), name="ti")
    capacity: int | None = msgspec.field(default=None, name="cp")
    protection: int | None = msgspec.field(default=None, name="pr")
    sealed: str | None = msgspec.field(default=None, name="x")


_ENCODER = msgspec.json.Encoder(order="sorted")
_DECODER = msgspec.json.Decoder(Payload)


def encode(payload: Payload) -> bytes:
    """Return the stored form: JSON with sorted keys and no spaces."""
    return _ENCODER.encode(payload)


def decode(stored: bytes | str) -> Payload:
    """Read the stored form.

    Raises:
        msgspec.ValidationError: it is not what any version wrote.
    """
    return _DECODER.decode(stored)


def canonical(stored: bytes | str) -> bytes:
    """Return the form that is hashed: the very text that is stored, so nothing may hide in a payload."""
    return stored if isinstance(stored, bytes) else stored.encode()
