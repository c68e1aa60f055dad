"""Whether a person who is being written down is perhaps one whom the register has already."""

from dancu.infra.db import Transaction
from dancu.kernel.codes import Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.names import PersonName
from dancu.register.search.find import search
from dancu.register.search.question import Question
from dancu.register.search.rank import Hit

_SURE_ENOUGH = 8.5


async def similar(
    tx: Transaction, *, name: PersonName, born: PartialDate, sex: Sex = Sex.UNKNOWN, limit: int = 3
) -> tuple[Hit, ...]:
    """List who in scope may be the person that a form describes: a like name and a birth date that fits.

    Twins are told apart by their given names, which are not alike.

    Raises:
        TookTooLong: the database gave up on it; the transaction is lost.
    """
    latest = born.number if born.day else born.number + (99 if born.month else 1231)
    question = Question(name=name.full, born_from=born.number, born_to=latest, whole_date=bool(born.day), sex=sex)
    found = await search(tx, question, limit=limit)
    return tuple(hit for hit in found.hits if hit.score >= _SURE_ENOUGH)
