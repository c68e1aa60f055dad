"""The one decision before any personal data is read or written: pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dancu.access.model import Assignment, Office, Officer, Scope, reach_at, reach_of
from dancu.access.roles import PURPOSES, Purpose
from dancu.audit.entry import Operation
from dancu.dossiers.matters import MATTERS
from dancu.kernel.codes import Authority


@dataclass(frozen=True)
class OpenDossier:
    """A dossier as the policy sees it.

    Args:
        office_id: the office that works on it.
        persons: ids of those whom it names.
        open: whether it is still being worked on.
        matter: code of its procedure, which tells the acts that it may lead to.
        office: the same office, and the code of the province in which it lies: who else may decide on its proposals.
        unmasked: those of the persons whose masked records the officer has opened with a reason.
    """

    dossier_id: int
    office_id: int
    persons: frozenset[int]
    open: bool
    matter: str = ""
    office: Office | None = None
    province: str = ""
    unmasked: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Grant:
    """The access is allowed, this far.

    Args:
        office_id: whose dossiers are seen; None: those of the office of the assignment.
    """

    assignment: Assignment
    purpose: Purpose
    scope: Scope
    dossier_id: int | None
    office_id: int | None = None

    def settings(self) -> dict[str, str]:
        """Return the settings of `Database.transaction` that row-level security reads."""
        return self.scope.settings() | {"offices": str(self.office_id or self.assignment.office.office_id)}


@dataclass(frozen=True)
class Refusal:
    """The access is not allowed. `reason` is a code; `law` what it rests on."""

    reason: str
    message: str
    law: str


Decision = Grant | Refusal

ACTS = frozenset({Operation.WRITE, Operation.PROPOSE})
"""Operations that record an act or bring one about: each hangs on a dossier."""
_LEVEL_4 = "TCVN 14423:2026, cấp độ 4, 6.6"


def decide(
    officer: Officer,
    *,
    operation: Operation,
    purpose: str,
    day: date,
    fields: int = 0,
    dossier: OpenDossier | None = None,
    office_id: int | None = None,
    act: str | None = None,
) -> Decision:
    """Decide whether an officer may do something with personal data, and how far.

    Territory governs browsing and searching; an open dossier of the officer's own office opens, nationwide,
    the persons whom it names. Every act hangs on a dossier in a matter that leads to such acts.

    Args:
        act: kind of the act that is to be recorded or proposed, by its name in lower case.
        fields: bits of the groups of Article 9 that are asked for.
        day: the day, in the time of the state.
        office_id: as what the officer acts, who is something at several offices;
            None: the office of the dossier, else the first that the purpose fits.

    Law: Luật Căn cước 26/2023/QH15, Điều 10; Nghị định 70/2024/NĐ-CP, Điều 10.
    """
    if officer.must_change_password:
        return Refusal("password_must_change", "Change your password first", _LEVEL_4)
    known = PURPOSES.get(purpose)
    if known is None or not known.in_force.covers(day):
        return Refusal("purpose_unknown", "There is no such purpose", "Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15")
    fitting = [one for one in officer.assignments if one.role.code in known.roles]
    assignment = _acting(fitting, office_id, dossier)
    if assignment is None:
        return Refusal("purpose_not_of_role", "Your role has no such purpose", known.legal_ground)
    if assignment.role.account_class is not officer.account_class:
        return Refusal("class_not_of_role", "This class of account can't have that role", _LEVEL_4)
    if operation not in known.operations:
        return Refusal("operation_not_of_purpose", "This purpose does not cover that", known.legal_ground)
    if fields & ~known.fields:
        return Refusal("fields_not_of_purpose", "This purpose does not cover all of these fields", known.legal_ground)
    seconds = dossier is not None and dossier.office is not None and operation is Operation.UNMASK
    if operation is Operation.DECIDE or seconds:
        return _second(assignment, known, dossier)
    if operation in ACTS and assignment.authority is None:
        return Refusal("not_the_authority", "This act belongs to another authority", known.legal_ground)
    if dossier is None:
        if known.needs_dossier or operation in ACTS or (operation is Operation.UNMASK and not known.inspects):
            return Refusal("dossier_needed", "Open a dossier first", known.legal_ground)
        return Grant(assignment, known, Scope(reach_of(assignment)), None)
    if not dossier.open:
        return Refusal("dossier_closed", "The dossier is closed", known.legal_ground)
    if dossier.office_id != assignment.office.office_id:
        return Refusal("dossier_of_another_office", "Another office works on this dossier", known.legal_ground)
    if operation in ACTS and not _leads_to(dossier, act, assignment):
        return Refusal("act_not_of_matter", "The matter of the dossier does not lead to this act", known.legal_ground)
    return Grant(assignment, known, Scope(reach_of(assignment), dossier.persons, dossier.unmasked), dossier.dossier_id)


def _second(assignment: Assignment, purpose: Purpose, dossier: OpenDossier | None) -> Decision:
    """Decide whether an officer may be the second pair of eyes on what a dossier proposes.

    He or she then sees as far as the office that proposes, and no further.
    """
    if dossier is None or dossier.office is None:
        return Refusal("dossier_needed", "Open a dossier first", purpose.legal_ground)
    if not dossier.open:
        return Refusal("dossier_closed", "The dossier is closed", purpose.legal_ground)
    if not may_second(assignment, dossier.office, dossier.province):
        return Refusal("not_the_second", "You can't decide on acts of this office", purpose.legal_ground)
    scope = Scope(reach_at(dossier.office), dossier.persons, dossier.unmasked)
    return Grant(assignment, purpose, scope, dossier.dossier_id, dossier.office.office_id)


def may_second(assignment: Assignment, office: Office, province: str) -> bool:
    """Tell whether an officer may decide on acts that an office proposes: at the same office or at a higher one.

    Args:
        province: code of the province in which the office lies; '' of an office of no province.
    """
    own = assignment.office
    if not assignment.role.seconds or assignment.role.authority != own.authority:
        return False
    if own.office_id == office.office_id:
        return True
    if own.authority == Authority.POPULATION_DATABASE and not own.unit_code:
        # The authority of the database decides on numbers and records that the police verified.
        return office.authority in {Authority.POPULATION_DATABASE, Authority.COMMUNE_POLICE}
    return own.authority == office.authority and own.unit_code != office.unit_code and own.unit_code == province


def _leads_to(dossier: OpenDossier, act: str | None, assignment: Assignment) -> bool:
    matter = MATTERS.get(dossier.matter)
    return matter is not None and act in matter.acts and matter.authority is assignment.authority


def _acting(fitting: Sequence[Assignment], office_id: int | None, dossier: OpenDossier | None) -> Assignment | None:
    """Return the assignment at the chosen office; without a choice, at the dossier's, else the first."""
    if office_id is not None:
        return next((one for one in fitting if one.office.office_id == office_id), None)
    first = fitting[0] if fitting else None
    return first if dossier is None else next((a for a in fitting if a.office.office_id == dossier.office_id), first)
