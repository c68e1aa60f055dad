"""Which documents go before which, by law: data with dates, read by `choosing`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from dancu.intake.survivorship.claims import Document, Field

_CIVIL_STATUS = frozenset(
    {
        *(Field.NAME, Field.BORN, Field.SEX, Field.BIRTH_PLACE, Field.BIRTH_REGISTRATION, Field.ORIGIN),
        *(Field.ETHNICITY, Field.NATIONALITY, Field.FATHER, Field.MOTHER),
    }
)


@dataclass(frozen=True)
class Order:
    """In which order documents decide on some fields while a law is in force.

    Args:
        documents: the strongest first; those of one step are equal, those of none weaker than all.
        until: the last day; None: in force.
    """

    fields: frozenset[Field]
    documents: tuple[frozenset[Document], ...]
    law: str
    since: date
    until: date | None = None

    def in_force(self, day: date) -> bool:
        """Tell whether it decides on a day."""
        return self.since <= day and (self.until is None or day <= self.until)


class Precedence:
    """A dated table of orders; a later entry goes before an earlier one."""

    def __init__(self, orders: Sequence[Order]) -> None:
        self._orders = tuple(orders)

    def rank(self, field: Field, document: Document, on: date) -> int:
        """Return the step of a document, 0 for the strongest, in the order that decides on a field on a day."""
        order = self.order(field, on)
        steps = order.documents if order else ()
        return next((step for step, documents in enumerate(steps) if document in documents), len(steps))

    def order(self, field: Field, on: date) -> Order | None:
        """Return the order that decides on a field on a day; None: all documents are equal."""
        return next((one for one in reversed(self._orders) if field in one.fields and one.in_force(on)), None)


def _steps(*steps: Document | tuple[Document, ...]) -> tuple[frozenset[Document], ...]:
    return tuple(frozenset(step if isinstance(step, tuple) else (step,)) for step in steps)


LEGAL = Precedence(
    (
        Order(
            fields=_CIVIL_STATUS,
            documents=_steps(
                Document.COURT_DECISION,
                Document.CIVIL_STATUS_DECISION,
                Document.BIRTH_CERTIFICATE,
                Document.CIVIL_STATUS_PAPER,
                Document.IDENTITY_CARD,
                Document.MINISTRY,
                Document.FORM,
            ),
            law="Nghị định 123/2015/NĐ-CP, Điều 6; Luật Hộ tịch 60/2014/QH13, Điều 28",
            since=date(2016, 1, 1),
        ),
        Order(
            fields=frozenset({Field.OTHER_NAME, Field.BLOOD, Field.RELIGION, Field.PHONE, Field.EMAIL}),
            documents=_steps(
                (Document.COURT_DECISION, Document.CIVIL_STATUS_DECISION),
                (
                    *(Document.BIRTH_CERTIFICATE, Document.CIVIL_STATUS_PAPER, Document.IDENTITY_CARD),
                    *(Document.MINISTRY, Document.FORM),
                ),
            ),
            law="Luật Căn cước 26/2023/QH15, Điều 9, Điều 10",
            since=date(2024, 7, 1),
        ),
    )
)
"""The order of the law: every paper must agree with the birth certificate, which decisions correct.

Facts that people declare of themselves are of equal weight on any paper, so the latest decides.

Law: Nghị định 123/2015/NĐ-CP, Điều 6; Luật Hộ tịch 60/2014/QH13, Điều 28; Luật Căn cước 26/2023/QH15, Điều 9, Điều 10.
"""

WORDS: Mapping[Document, tuple[str, str]] = {
    Document.COURT_DECISION: ("bản án, quyết định của Tòa án", "court decision"),
    Document.CIVIL_STATUS_DECISION: ("quyết định về hộ tịch", "civil-status decision"),
    Document.BIRTH_CERTIFICATE: ("giấy khai sinh", "birth certificate"),
    Document.CIVIL_STATUS_PAPER: ("giấy tờ hộ tịch khác", "other civil-status paper"),
    Document.IDENTITY_CARD: ("thẻ căn cước", "identity card"),
    Document.MINISTRY: ("dữ liệu của bộ, ngành", "data of a ministry"),
    Document.FORM: ("tờ khai", "form"),
    Document.UNDECLARED: ("chưa khai báo", "not declared"),
}
"""What documents are called, in Vietnamese and English."""
