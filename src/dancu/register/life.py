"""The values of which a life is made."""

from datetime import date, datetime

import msgspec

from dancu.kernel.codes import (
    AbsenceCase,
    Capacity,
    IdentifierScheme,
    MaritalStatus,
    PersonStatus,
    ProtectionGround,
    Relation,
    ResidenceKind,
    Sex,
    SubjectType,
    TieKind,
)
from dancu.kernel.dates import PartialDate
from dancu.kernel.names import PersonName
from dancu.kernel.time import today
from dancu.register.payloads import Kin, Place


class Identifier(msgspec.Struct, frozen=True):
    """A number of the person, from and until a day where known; a cancelled one stays findable.

    Args:
        of: the merged record in whose ledger it stands; None: in the person's own.
    """

    scheme: IdentifierScheme
    value: str
    since: date | None = None
    until: date | None = None
    cancelled: bool = False
    of: int | None = None


class Residence(msgspec.Struct, frozen=True):
    """A stay in one layer of residence; `unit_day` tells of which day's units the code is."""

    kind: ResidenceKind
    unit: str
    detail: str
    unit_day: date
    since: date | None = None
    until: date | None = None

    def covers(self, day: date) -> bool:
        """Tell whether the person had this residence on a day; unknown bounds are open."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


class Membership(msgspec.Struct, frozen=True):
    """Belonging to a household, with the relation to its head."""

    household_id: int
    relation: Relation
    since: date | None = None
    until: date | None = None

    def covers(self, day: date) -> bool:
        """Tell whether the person was a member on a day."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


class Marriage(msgspec.Struct, frozen=True):
    """A marriage, from a partial date on; `until` None while it lasts.

    Args:
        before: the marital status before it.
        ended_as: the marital status that its end gave; unknown where it lasts or ended with the own death.
        restored: since when it lasts again, where a declaration of death was taken back.
    """

    spouse: Kin
    since: PartialDate | None = None
    until: PartialDate | None = None
    before: MaritalStatus = MaritalStatus.UNKNOWN
    ended_as: MaritalStatus = MaritalStatus.UNKNOWN
    restored: PartialDate | None = None


class Adoption(msgspec.Struct, frozen=True):
    """An adoption that lasts: since when, and what its end gives back."""

    since: PartialDate
    birth_father: Kin | None
    birth_mother: Kin | None
    name_before: PersonName | None


class Tie(msgspec.Struct, frozen=True):
    """A guardianship or a representation; `until` None while it lasts."""

    kind: TieKind
    other: Kin
    since: PartialDate
    until: PartialDate | None = None
    detail: str = ""


class Absence(msgspec.Struct, frozen=True):
    """An absence that was declared, until a day where known."""

    case: AbsenceCase
    since: date
    until: date | None = None
    destination: Place = ("", "")

    def covers(self, day: date) -> bool:
        """Tell whether the absence lasted on a day."""
        return self.since <= day and (self.until is None or day < self.until)


class FormerName(msgspec.Struct, frozen=True):
    """A name that the person had, or has besides the first."""

    full: str
    other: bool


class SealedFacts(msgspec.Struct, frozen=True):
    """Sealed facts of one event."""

    person_id: int
    seq: int
    text: str


class Life(msgspec.Struct, frozen=True):
    """What is known of one person.

    Args:
        version: how many events stand in the ledger; the row lock's counter.
        known_at: when the last of them was recorded.
        merged_into: the record that carries on, of one that was merged.
        absorbed: the records that were merged into it.
        sealed: facts that `dancu.register.sensitive.opened` opens, in the order of truth.
    """

    person_id: int
    version: int
    known_at: datetime
    status: PersonStatus = PersonStatus.ALIVE
    subject_type: SubjectType = SubjectType.CITIZEN
    name: PersonName | None = None
    other_name: str = ""
    former_names: tuple[FormerName, ...] = ()
    born: PartialDate | None = None
    sex: Sex = Sex.UNKNOWN
    birth_place: Place = ("", "")
    birth_registration: Place = ("", "")
    origin: Place = ("", "")
    ethnicity: int = 0
    religion: int | None = None
    nationality: str = ""
    blood: int = 0
    marital: MaritalStatus = MaritalStatus.UNKNOWN
    phone: str = ""
    email: str = ""
    father: Kin | None = None
    mother: Kin | None = None
    marriages: tuple[Marriage, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    residences: tuple[Residence, ...] = ()
    memberships: tuple[Membership, ...] = ()
    absences: tuple[Absence, ...] = ()
    died: PartialDate | None = None
    missing_since: PartialDate | None = None
    returned_on: PartialDate | None = None
    capacity: Capacity = Capacity.FULL
    adoption: Adoption | None = None
    ties: tuple[Tie, ...] = ()
    protections: tuple[ProtectionGround, ...] = ()
    merged_into: int | None = None
    absorbed: tuple[int, ...] = ()
    sealed: tuple[SealedFacts, ...] = ()

    @property
    def records(self) -> frozenset[int]:
        """The records of the person: by any of them, relatives may name it."""
        return frozenset({self.person_id, *self.absorbed})

    @property
    def known_on(self) -> date:
        """The day, in the time of the state, of the last event."""
        return today(self.known_at)

    @property
    def personal_number(self) -> str | None:
        """The personal number in force."""
        return next(
            (i.value for i in self.identifiers if i.scheme is IdentifierScheme.PERSONAL_NUMBER and not i.cancelled),
            None,
        )

    @property
    def spouse(self) -> Kin | None:
        """The husband or wife of the marriage that lasts."""
        return next((m.spouse for m in reversed(self.marriages) if m.until is None), None)

    @property
    def protected(self) -> bool:
        """Tell whether the record is masked also in its own territory."""
        return bool(self.protections)

    def tied(self, kind: TieKind) -> tuple[Tie, ...]:
        """The ties of a kind that last."""
        return tuple(tie for tie in self.ties if tie.kind is kind and tie.until is None)

    def residence(self, kind: ResidenceKind, day: date) -> Residence | None:
        """The residence in one layer on a day."""
        return next((r for r in reversed(self.residences) if r.kind is kind and r.covers(day)), None)

    def abode(self, day: date) -> Residence | None:
        """The one place where the person counts: declared abode, else temporary, else permanent residence.

        Law: Luật Cư trú 68/2020/QH14, Điều 2 khoản 10 and Điều 11.
        """
        layers = (ResidenceKind.CURRENT_ABODE, ResidenceKind.TEMPORARY, ResidenceKind.PERMANENT)
        return next((found for kind in layers if (found := self.residence(kind, day))), None)

    def membership(self, day: date) -> Membership | None:
        """The household of the person on a day."""
        return next((m for m in reversed(self.memberships) if m.covers(day)), None)
