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
