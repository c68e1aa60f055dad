"""Papers for the applicant: the receipt with the day of the result, the request to complete, the refusal. Pure."""

from datetime import date

from dancu.dossiers.matters import MATTERS
from dancu.dossiers.model import Dossier, Move, Step
from dancu.kernel.codes import Authority
from dancu.kernel.time import today
from dancu.portals.officer.case_views import Paper
from dancu.portals.shared.pages import Said, day_text
from dancu.portals.shared.words import msg
from dancu.reference.units import unit_index

RECEIPT = Said("Giấy tiếp nhận hồ sơ và hẹn trả kết quả", "Receipt and appointment for the result")
REQUEST = Said("Phiếu hướng dẫn bổ sung, hoàn thiện hồ sơ", "Request to complete the dossier")
REFUSAL = Said("Phiếu từ chối giải quyết hồ sơ", "Refusal of the dossier")

# Forms of Circular 66/2023/TT-BCA; those of civil status have no number of their own.
_POLICE_FORMS = {Move.RECEIVE: "CT04", Move.ASK_APPLICANT: "CT05", Move.REFUSE: "CT06"}
_TITLES = {Move.RECEIVE: RECEIPT, Move.ASK_APPLICANT: REQUEST, Move.REFUSE: REFUSAL}


def receipt_of(found: Dossier, first: Step, law: str, *, office: str, unit: str, officer: str) -> Paper:
    """Write the receipt.

    Args:
        law: on which the term rests.
        unit: code of the unit of the office.
    """
    due = day_text(found.deadline_on or first.deadline_on)
    return Paper(
        form=_form(found, Move.RECEIVE),
        title=RECEIPT,
        office=office,
        place=_place(unit, today(first.taken_at)),
        number=found.number,
        on=today(first.taken_at),
        lines=(*_facts(found), (msg("Received"), day_text(today(found.opened_at))), (msg("Result is due"), due)),
        law=law,
        officer=officer,
    )


def paper_of(found: Dossier, step: Step, *, office: str, unit: str, officer: str) -> Paper:
    """Write what the applicant must add, or why the dossier is refused."""
    move = Move(step.move)
    return Paper(
        form=_form(found, move),
        title=_TITLES[move],
        office=office,
        place=_place(unit, today(step.taken_at)),
        number=f"{found.number}/{step.step_no}",
        on=today(step.taken_at),
        lines=_facts(found),
        texts=tuple(line for line in step.reason.splitlines() if line.strip()),
        law=step.legal_ground,
        officer=officer,
    )


def _form(found: Dossier, move: Move) -> str:
    matter = MATTERS.get(found.matter)
    return _POLICE_FORMS[move] if matter and matter.authority is Authority.COMMUNE_POLICE else ""


def _facts(found: Dossier) -> tuple[tuple[str, str | Said], ...]:
    matter = MATTERS.get(found.matter)
    title = Said(matter.title_vi, matter.title_en) if matter else found.matter
    return (
        (msg("Number"), found.number),
        (msg("Requester"), found.requester),
        (msg("Procedure"), title),
        (msg("Legal ground"), found.legal_ground),
    )


def _place(unit: str, day: date) -> str:
    found = unit_index().unit_on(unit, day) if unit else None
    return found.name if found else ""
