"""Words for the events of a life and for accesses to it, as msgids."""

from dancu.audit.entry import Channel, Operation
from dancu.dossiers.lists import ListKind, reason_of
from dancu.portals.shared.words import msg
from dancu.register.kinds import EventKind

EVENT = {
    EventKind.PERSON_ESTABLISHED: msg("Record established"),
    EventKind.BIRTH_REGISTERED: msg("Birth registered"),
    EventKind.PARTICULARS_UPDATED: msg("Particulars updated from a source"),
    EventKind.PARTICULARS_CORRECTED: msg("Particulars corrected"),
    EventKind.DEATH_REGISTERED: msg("Death registered"),
    EventKind.MARRIAGE_REGISTERED: msg("Marriage registered"),
    EventKind.SPOUSE_DIED: msg("Husband or wife died"),
    EventKind.PERMANENT_RESIDENCE_REGISTERED: msg("Permanent residence registered"),
    EventKind.PERSONAL_NUMBER_ESTABLISHED: msg("Personal number established"),
    EventKind.EVENT_ANNULLED: msg("An event was annulled"),
    EventKind.DEATH_DECLARED: msg("Declared dead by a court"),
    EventKind.DECLARED_DEATH_REVERSED: msg("Declaration of death reversed"),
    EventKind.DECLARED_MISSING: msg("Declared missing by a court"),
    EventKind.DIVORCED: msg("Divorced by a court"),
    EventKind.MARRIAGE_ANNULLED: msg("Marriage annulled"),
    EventKind.ADOPTED: msg("Adopted"),
    EventKind.ADOPTION_ENDED: msg("Adoption ended"),
    EventKind.PARENT_RECOGNISED: msg("Father, mother or child recognised"),
    EventKind.GUARDIANSHIP_ESTABLISHED: msg("Guardianship registered"),
    EventKind.GUARDIANSHIP_ENDED: msg("Guardianship ended"),
    EventKind.REPRESENTATION_ESTABLISHED: msg("Legal representative recorded"),
    EventKind.REPRESENTATION_ENDED: msg("Legal representation ended"),
    EventKind.PARTICULARS_CHANGED: msg("Civil status changed"),
    EventKind.NATIONALITY_CHANGED: msg("Nationality changed"),
    EventKind.LEGAL_CAPACITY_CHANGED: msg("Legal capacity changed"),
    EventKind.PERMANENT_RESIDENCE_ENDED: msg("Permanent residence deleted"),
    EventKind.TEMPORARY_RESIDENCE_REGISTERED: msg("Temporary residence registered"),
    EventKind.TEMPORARY_RESIDENCE_EXTENDED: msg("Temporary residence extended"),
    EventKind.TEMPORARY_RESIDENCE_ENDED: msg("Temporary residence deleted"),
    EventKind.ABSENCE_DECLARED: msg("Absence declared"),
    EventKind.ABSENCE_ENDED: msg("Absence ended"),
    EventKind.HOUSEHOLD_JOINED: msg("Joined a household"),
    EventKind.HOUSEHOLD_SPLIT: msg("Household split"),
    EventKind.HOUSEHOLDS_MERGED: msg("Households merged"),
    EventKind.HOUSEHOLD_HEAD_CHANGED: msg("Head of household changed"),
    EventKind.PERSONAL_NUMBER_CANCELLED: msg("Personal number cancelled"),
    EventKind.RECORD_MERGED: msg("Record merged"),
    EventKind.RECORD_UNMERGED: msg("Merging taken back"),
    EventKind.CURRENT_ABODE_DECLARED: msg("Current abode declared"),
    EventKind.DECLARED_MISSING_REVERSED: msg("Declaration of missing reversed"),
    EventKind.PROTECTED: msg("Record protected"),
    EventKind.PROTECTION_ENDED: msg("Protection ended"),
    EventKind.FILED_UNDER_MERGED_RECORD: msg("Filed under the merged record"),
}

OPERATION = {
    Operation.SIGN_IN: msg("Signing in"),
    Operation.SIGN_OUT: msg("Signing out"),
    Operation.SEARCH: msg("Listed in a search"),
    Operation.LOOK_UP: msg("Looked up by number"),
    Operation.READ: msg("Record read"),
    Operation.WRITE: msg("Act recorded"),
    Operation.BULK_WRITE: msg("Loaded from a file"),
    Operation.EXPORT: msg("Exported"),
    Operation.OPEN_DOSSIER: msg("Opened by a dossier"),
    Operation.READ_LOG: msg("Log read"),
    Operation.ADMINISTER: msg("Administered"),
    Operation.PROPOSE: msg("Act proposed"),
    Operation.DECIDE: msg("Decided on a proposed act"),
    Operation.UNMASK: msg("Masked record opened with a reason"),
    Operation.NOTIFY: msg("Notice of stay taken down"),
}

LISTS = {
    reason_of(ListKind.OFFICE): msg("list of dossiers"),
    reason_of(ListKind.OVERDUE): msg("list of overdue dossiers"),
}

CHANNEL: dict[int, str] = {
    Channel.PORTAL: msg("In the portal"),
    Channel.COMMAND_LINE: msg("At the command line"),
    Channel.INTAKE: msg("By a file"),
    Channel.API: msg("By another system"),
}

CLOCK = {
    "household_without_head": msg("The household has no head: its members propose one"),
    "number_against_record": msg("The personal number disagrees with sex or year of birth: it must be re-established"),
    "without_number": msg("The personal number was cancelled: another must be established"),
    "registered_late": msg("Registered after the legal time"),
    "guardianship_until_majority": msg("Guardianship lasts until the ward comes of age"),
    "representation_until_majority": msg("Representation lasts until the person comes of age"),
    "ward_without_guardian": msg("The ward has no guardian: a new one must be named"),
    "no_residence_after_return": msg("Returned after a declaration by a court: residence must be registered anew"),
}
