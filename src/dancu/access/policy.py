"""The one decision before any personal data is read or written: pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dancu.access.model import Assignment, Officer, Scope, reach_of
from dancu.access.roles import PURPOSES, Purpose
from dancu.audit.entry import Operation


@dataclass(frozen=True)
class OpenDossier:
    """A dossier as the policy sees it.

    Args:
        office_id: the office that works on it.
        persons: ids of those whom it names.
        open: whether it is still being worked on.
    """

    dossier_id: int
    office_id: int
    persons: frozenset[int]
    open: bool


@dataclass(frozen=True)
class Grant:
    """The access is allowed, this far."""

    assignment: Assignment
    purpose: Purpose
    scope: Scope
    dossier_id: int | None

    def settings(self) -> dict[str, str]:
        """Return the settings of `Database.transaction` that row-level security reads."""
        return self.scope.settings() | {"offices": str(self.assignment.office.office_id)}


@dataclass(frozen=True)
class Refusal:
    """The access is not allowed. `reason` is a code; `law` what it rests on."""

    reason: str
    message: str
    law: str


Decision = Grant | Refusal

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
) -> Decision:
    """Decide whether an officer may do something with personal data, and how far.

    Territory governs browsing and searching; an open dossier of the officer's own office opens, nationwide,
    the persons whom it names.

    Args:
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
    if operation is Operation.WRITE and assignment.authority is None:
        return Refusal("not_the_authority", "This act belongs to another authority", known.legal_ground)
    if dossier is None:
        if known.needs_dossier:
            return Refusal("dossier_needed", "Open a dossier first", known.legal_ground)
        return Grant(assignment, known, Scope(reach_of(assignment)), None)
    if not dossier.open:
        return Refusal("dossier_closed", "The dossier is closed", known.legal_ground)
    if dossier.office_id != assignment.office.office_id:
        return Refusal("dossier_of_another_office", "Another office works on this dossier", known.legal_ground)
    return Grant(assignment, known, Scope(reach_of(assignment), dossier.persons), dossier.dossier_id)


def _acting(fitting: Sequence[Assignment], office_id: int | None, dossier: OpenDossier | None) -> Assignment | None:
    """Return the assignment at the chosen office; without a choice, at the dossier's, else the first."""
    if office_id is not None:
        return next((one for one in fitting if one.office.office_id == office_id), None)
    first = fitting[0] if fitting else None
    return first if dossier is None else next((a for a in fitting if a.office.office_id == dossier.office_id), first)
