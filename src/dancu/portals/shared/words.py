"""Words for codes, as msgids."""

from dancu.kernel import messages
from dancu.kernel.codes import (
    IdentifierScheme,
    MaritalStatus,
    PersonStatus,
    Relation,
    ResidenceKind,
    Sex,
    SubjectType,
)

msg = messages.msg
"""The marker of messages, at hand for those who write pages."""

SEX = {Sex.UNKNOWN: msg("Not known"), Sex.MALE: msg("Male"), Sex.FEMALE: msg("Female")}

STATUS = {
    PersonStatus.ALIVE: msg("Living"),
    PersonStatus.DEAD: msg("Dead"),
    PersonStatus.DECLARED_DEAD: msg("Declared dead"),
    PersonStatus.DECLARED_MISSING: msg("Declared missing"),
    PersonStatus.MERGED: msg("Merged into another record"),
    PersonStatus.ANNULLED: msg("Record annulled"),
}

MARITAL = {
    MaritalStatus.UNKNOWN: msg("Not known"),
    MaritalStatus.NEVER_MARRIED: msg("Never married"),
    MaritalStatus.MARRIED: msg("Married"),
    MaritalStatus.DIVORCED: msg("Divorced"),
    MaritalStatus.WIDOWED: msg("Widowed"),
}

RESIDENCE = {
    ResidenceKind.PERMANENT: msg("Permanent residence"),
    ResidenceKind.TEMPORARY: msg("Temporary residence"),
    ResidenceKind.CURRENT_ABODE: msg("Current abode"),
}

IDENTIFIER = {
    IdentifierScheme.PERSONAL_NUMBER: msg("Personal number"),
    IdentifierScheme.CMND9: msg("CMND, 9 digits"),
    IdentifierScheme.PASSPORT: msg("Passport"),
    IdentifierScheme.CITIZEN_CARD: msg("Citizen card"),
    IdentifierScheme.IDENTITY_CARD: msg("Identity card"),
    IdentifierScheme.CERTIFICATE_OF_IDENTIFICATION: msg("Certificate of identification"),
    IdentifierScheme.CMND12: msg("CMND, 12 digits"),
}

RELATION = {
    Relation.HEAD: msg("Head of household"),
    Relation.SPOUSE: msg("Wife or husband"),
    Relation.CHILD: msg("Child"),
    Relation.PARENT: msg("Parent"),
    Relation.GRANDPARENT: msg("Grandparent"),
    Relation.GRANDCHILD: msg("Grandchild"),
    Relation.SIBLING: msg("Brother or sister"),
    Relation.CHILD_IN_LAW: msg("Son- or daughter-in-law"),
    Relation.PARENT_IN_LAW: msg("Parent-in-law"),
    Relation.OTHER_RELATIVE: msg("Other relative"),
    Relation.NOT_RELATED: msg("Not related"),
}

SUBJECT = {
    SubjectType.CITIZEN: msg("Citizen"),
    SubjectType.VIETNAMESE_ORIGIN: msg("Person of Vietnamese origin"),
    SubjectType.FOREIGNER: msg("Foreigner"),
    SubjectType.ORGANISATION: msg("Organisation"),
}
