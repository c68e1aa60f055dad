"""Code lists that the law or the exchange format fixes.

Codes that live in tables (ethnic groups, religions, countries, units) belong to `dancu.reference`.
"""

from enum import IntEnum


class Sex(IntEnum):
    """Standard: QCVN 109:2017/BTTTT."""

    UNKNOWN = 0
    MALE = 1
    FEMALE = 2


class SubjectType(IntEnum):
    """Who a record is about."""

    CITIZEN = 1
    VIETNAMESE_ORIGIN = 2
    FOREIGNER = 3
    ORGANISATION = 4


class PersonStatus(IntEnum):
    """Whether a record counts, and as what. A person is never deleted."""

    ALIVE = 1
    DEAD = 2
    DECLARED_DEAD = 3
    DECLARED_MISSING = 4
    MERGED = 5
    ANNULLED = 6


class MaritalStatus(IntEnum):
    """Standard: 0 as in the national exchange; the others as in dancu.reference."""

    UNKNOWN = 0
    NEVER_MARRIED = 1
    MARRIED = 2
    DIVORCED = 3
    WIDOWED = 4


class ResidenceKind(IntEnum):
    """The layers of residence. `CURRENT_ABODE` is the base of counting."""

    PERMANENT = 1
    TEMPORARY = 2
    CURRENT_ABODE = 3


class AbsenceCase(IntEnum):
    """Which absences are declared: the points of Article 31 (1) of the Residence Law 68/2020.

    `UNDER_MEASURES`: (a) and (b), bail, sentences and measures. `LIABLE_TO_SERVICE`: (c), of an age to be called up.
    """

    UNDER_MEASURES = 1
    LIABLE_TO_SERVICE = 2
    LONG_ABSENCE = 3


class PermanentEnd(IntEnum):
    """Grounds on which permanent residence is deregistered: the points of Article 24 (1) of Law 68/2020.

    `JOINED_FORCES` stood in Article 22 of Law 81/2006 and is no ground since 1 July 2021.
    """

    DEAD_OR_MISSING = 1
    SETTLED_ABROAD = 2
    REGISTRATION_CANCELLED = 3
    ABSENT_12_MONTHS = 4
    NATIONALITY_LOST = 5
    LODGING_ENDED = 6
    DWELLING_SOLD = 7
    OWNER_REFUSES = 8
    DWELLING_GONE = 9
    JOINED_FORCES = 10


class TemporaryEnd(IntEnum):
    """Grounds on which temporary residence is deregistered: the points of Article 29 (1) of Law 68/2020; and expiry."""

    DEAD_OR_MISSING = 1
    REGISTRATION_CANCELLED = 2
    ABSENT_6_MONTHS = 3
    NATIONALITY_LOST = 4
    PERMANENT_HERE = 5
    LODGING_ENDED = 6
    DWELLING_SOLD = 7
    DWELLING_GONE = 8
    EXPIRED = 9


class IdentifierScheme(IntEnum):
    """What kind of number it is."""

    PERSONAL_NUMBER = 1
    CMND9 = 2
    PASSPORT = 3
    CITIZEN_CARD = 4
    IDENTITY_CARD = 5
    CERTIFICATE_OF_IDENTIFICATION = 6
    CMND12 = 7


class Relation(IntEnum):
    """Relation of a member to the head of the household."""

    HEAD = 1
    SPOUSE = 2
    CHILD = 3
    PARENT = 4
    GRANDPARENT = 5
    GRANDCHILD = 6
    SIBLING = 7
    CHILD_IN_LAW = 8
    PARENT_IN_LAW = 9
    OTHER_RELATIVE = 10
    NOT_RELATED = 11


class Authority(IntEnum):
    """Whose act it is. Two authorities act in a commune, with powers, books and screens of their own."""

    CIVIL_REGISTRAR = 1
    COMMUNE_POLICE = 2
    POPULATION_DATABASE = 3
    COURT = 4


class TieKind(IntEnum):
    """What the other person of a tie is to the one whose record tells it."""

    GUARDIAN = 1
    WARD = 2
    REPRESENTATIVE = 3
    REPRESENTED = 4

    @property
    def mirrored(self) -> "TieKind":
        """The same tie as the record of the other one tells it."""
        return _MIRRORED[self]


_MIRRORED = {
    TieKind.GUARDIAN: TieKind.WARD,
    TieKind.WARD: TieKind.GUARDIAN,
    TieKind.REPRESENTATIVE: TieKind.REPRESENTED,
    TieKind.REPRESENTED: TieKind.REPRESENTATIVE,
}


class TieEnd(IntEnum):
    """Why a guardianship or a representation ended. Law: Bộ luật Dân sự 91/2015/QH13, Điều 62, Điều 140."""

    DECIDED = 1
    DIED = 2
    OF_AGE = 3
    CAPACITY_RESTORED = 4
    ADOPTED = 5


class Capacity(IntEnum):
    """Civil capacity as a court has found it. Law: Bộ luật Dân sự 91/2015/QH13, Điều 19-24."""

    FULL = 0
    LOST = 1
    DIFFICULT = 2
    LIMITED = 3


class ProtectionGround(IntEnum):
    """Why a record is masked also in its own territory."""

    ADOPTION = 1
    SEX_CHANGED = 2
    WITNESS = 3
    THREATENED = 4


class DeathGround(IntEnum):
    """On which point of the law a court declared somebody dead.

    Law: Bộ luật Dân sự 91/2015/QH13, Điều 71 khoản 1 điểm a, b, c, d.
    """

    MISSING_THREE_YEARS = 1
    WAR_FIVE_YEARS = 2
    DISASTER_TWO_YEARS = 3
    NO_NEWS_FIVE_YEARS = 4
