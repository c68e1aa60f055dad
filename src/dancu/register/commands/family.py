"""Acts on marriages, parents, guardianship and representation."""

from datetime import datetime

from dancu.infra.db import Transaction
from dancu.kernel.codes import TieEnd, TieKind
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import FieldFault, Gone, Invalid
from dancu.kernel.time import today
from dancu.register import store
from dancu.register.act import ActHeader
from dancu.register.commands.acting import Recorded, carried_out, done_before, standing
from dancu.register.commands.locking import locked_with
from dancu.register.decisions import family as family_acts
from dancu.register.decisions.family import AdoptionDeclared, MarriageEndDeclared, RecognitionDeclared, TieDeclared
from dancu.register.kinds import EventKind
from dancu.register.life import Life
from dancu.register.payloads import Kin
from dancu.register.projection import Locate


async def record_divorce(
    tx: Transaction,
    *,
    header: ActHeader,
    divorce: MarriageEndDeclared,
    now: datetime,
    locate: Locate,
    history: bool = False,
) -> Recorded:
    """Record the divorce that a court has granted: the marriage ends for both, wherever the other one lives.

    Args:
        history: the divorce is past and only recorded; what the law would refuse becomes a warning.

    Raises:
        PersonUnknown: the person is not in scope.
        Gone: a record was annulled or merged.
        Refused: by `rules.family.DIVORCE`.

    Law: Luật Hộ tịch 60/2014/QH13, Điều 30; Luật Hôn nhân và gia đình 52/2014/QH13, Điều 57.
    """
    return await _marriage_end(tx, header, EventKind.DIVORCED, divorce, now=now, locate=locate, history=history)


async def record_marriage_annulment(
    tx: Transaction,
    *,
    header: ActHeader,
    annulment: MarriageEndDeclared,
    now: datetime,
    locate: Locate,
    history: bool = False,
) -> Recorded:
    """Record that a court has annulled an unlawful marriage: for both it never was.

    Unlike `annul_event`, this undoes no mistake of the register: that the two were held to be married stays told.

    Raises:
        PersonUnknown: the person is not in scope.
        Gone: a record was annulled or merged.
        Refused: by `rules.family.MARRIAGE_ANNULMENT`.

    Law: Luật Hôn nhân và gia đình 52/2014/QH13, Điều 10-12.
    """
    return await _marriage_end(
        tx, header, EventKind.MARRIAGE_ANNULLED, annulment, now=now, locate=locate, history=history
    )


async def _marriage_end(
    tx: Transaction,
    header: ActHeader,
    kind: EventKind,
    declared: MarriageEndDeclared,
    *,
    now: datetime,
    locate: Locate,
    history: bool,
) -> Recorded:
    if done := await done_before(tx, header):
        return done

    def spouse(life: Life) -> list[int | None]:
        named = {m.spouse.person_id for m in life.marriages}
        found = family_acts.spouse_in(life, declared).person_id
        return [found] if found in named else []

    histories = await locked_with(tx, declared.person_id, spouse)
    lives = standing(histories, declared.person_id)
    decided = family_acts.marriage_end(kind, declared, lives, today(now), history=history)
    return await carried_out(tx, header, decided, histories, now, locate)


async def record_adoption(
    tx: Transaction,
    *,
    header: ActHeader,
    adoption: AdoptionDeclared,
    now: datetime,
    locate: Locate,
    history: bool = False,
) -> Recorded:
    """Register an adoption: the adoptive parents are shown, those of birth are kept aside, guardianship ends.

    The record is masked from then on, unless the adoption is declared not to be secret.

    Raises:
        PersonUnknown: the child or who adopts is not in scope.
        Gone: a record was annulled or merged.
        Invalid: there are not one or two who adopt, or not a father and a mother.
        Refused: by `rules.adoption.ADOPTION`.

    Law: Luật Nuôi con nuôi 52/2010/QH12, Điều 22, Điều 24.
    """
    if done := await done_before(tx, header):
        return done
    histories = await locked_with(tx, adoption.child_id, _guardians, *adoption.adopters)
    lives = standing(histories, adoption.child_id, *adoption.adopters)
    grandparents = await _grandparents(tx, lives[adoption.child_id])
    decided = family_acts.adoption(adoption, lives, today(now), history=history, grandparents=grandparents)
    return await carried_out(tx, header, decided, histories, now, locate)


async def _grandparents(tx: Transaction, child: Life) -> frozenset[int]:
    """Return the records of the parents of a child's parents, as far as they have one, wherever they live."""
    found: set[int] = set()
    for parent in (child.father, child.mother):
        if parent is None or parent.person_id is None:
            continue
        await store.open_person(tx, parent.person_id)
        life = (await store.history(tx, parent.person_id)).life
        found |= {kin.person_id for kin in (life.father, life.mother) if kin and kin.person_id} if life else set()
    return frozenset(found)


def _guardians(life: Life) -> list[int | None]:
    return [tie.other.person_id for tie in life.tied(TieKind.GUARDIAN)]


async def end_adoption(
    tx: Transaction,
    *,
    header: ActHeader,
    child_id: int,
    on: PartialDate,
    now: datetime,
    locate: Locate,
    name_given_back: bool = False,
    history: bool = False,
) -> Recorded:
    """Record the end of an adoption: the parents of birth are shown again.

    Args:
        name_given_back: the child takes the former name again.

    Raises:
        PersonUnknown: the child is not in scope; a masked record must be opened with a reason first.
        Gone: the record was annulled or merged.
        Refused: by `rules.adoption.ADOPTION_END`.

    Law: Luật Nuôi con nuôi 52/2010/QH12, Điều 25-27.
    """
    if done := await done_before(tx, header):
        return done
    histories = await store.locked(tx, [child_id])
    child = standing(histories)[child_id]
    decided = family_acts.adoption_end(child, on, today(now), name_given_back=name_given_back, history=history)
    return await carried_out(tx, header, decided, histories, now, locate)


async def record_recognition(
    tx: Transaction,
    *,
    header: ActHeader,
    recognition: RecognitionDeclared,
    now: datetime,
    locate: Locate,
    history: bool = False,
) -> Recorded:
    """Register that a parent and a child recognise one another; also after the death of one of the two.

    Raises:
        PersonUnknown: the child, or a parent who has a record, is not in scope.
        Gone: a record was annulled or merged.
        Invalid: nobody is recognised.
        Refused: by `rules.family.RECOGNITION`.

    Law: Luật Hộ tịch 60/2014/QH13, Điều 24-25; Luật Hôn nhân và gia đình 52/2014/QH13, Điều 88-92.
    """
    if done := await done_before(tx, header):
        return done
    parents = [p.person_id for p in (recognition.father, recognition.mother) if p and p.person_id]
    histories = await store.locked(tx, [recognition.child_id, *parents])
    decided = family_acts.recognition(recognition, standing(histories), today(now), history=history)
    return await carried_out(tx, header, decided, histories, now, locate)


async def establish_guardianship(
    tx: Transaction,
    *,
    header: ActHeader,
    guardianship: TieDeclared,
    now: datetime,
    locate: Locate,
    history: bool = False,
) -> Recorded:
    """Register a guardianship, in the records of the ward and of each guardian; of a minor, a clock runs to majority.

    Raises:
        PersonUnknown: one of them is not in scope.
        Gone: a record was annulled or merged.
        Invalid: there is no guardian.
        Refused: by `rules.ties.GUARDIANSHIP`.

    Law: Luật Hộ tịch 60/2014/QH13, Điều 19-21; Bộ luật Dân sự 91/2015/QH13, Điều 46-54.
    """
    return await _tie(tx, header, guardianship, TieKind.GUARDIAN, now=now, locate=locate, history=history)


async def establish_representation(
    tx: Transaction,
    *,
    header: ActHeader,
    representation: TieDeclared,
    now: datetime,
    locate: Locate,
    history: bool = False,
) -> Recorded:
    """Record who represents a person by law, in the records of both.

    Raises:
        PersonUnknown: one of them is not in scope.
        Gone: a record was annulled or merged.
        Invalid: there is no representative.
        Refused: by `rules.ties.REPRESENTATION`.

    Law: Bộ luật Dân sự 91/2015/QH13, Điều 134-136.
    """
    return await _tie(tx, header, representation, TieKind.REPRESENTATIVE, now=now, locate=locate, history=history)


async def _tie(
    tx: Transaction,
    header: ActHeader,
    declared: TieDeclared,
    kind: TieKind,
    *,
    now: datetime,
    locate: Locate,
    history: bool,
) -> Recorded:
    if declared.kind is not kind:
        raise Invalid((FieldFault("/kind", "This act is of another kind"),))
    if done := await done_before(tx, header):
        return done
    histories = await store.locked(tx, [declared.person_id, *declared.others])
    if any(history.survivor for history in histories.values()):
        raise Gone("This record was merged or withdrawn")
    decided = family_acts.tie(declared, standing(histories), today(now), history=history)
    return await carried_out(tx, header, decided, histories, now, locate)


async def end_guardianship(
    tx: Transaction,
    *,
    header: ActHeader,
    ward_id: int,
    on: PartialDate,
    now: datetime,
    locate: Locate,
    guardian_id: int | None = None,
    why: TieEnd = TieEnd.DECIDED,
) -> Recorded:
    """End a guardianship for both, wherever the guardian lives.

    Args:
        guardian_id: whose, where several last; None: the one that lasts.
        why: a decision, majority, regained capacity or adoption.

    Raises:
        PersonUnknown: the ward is not in scope.
        Gone: the ward's record was annulled or merged.
        Refused: by `rules.ties.TIE_END`.

    Law: Luật Hộ tịch 60/2014/QH13, Điều 22; Bộ luật Dân sự 91/2015/QH13, Điều 62-63.
    """
    return await _tie_end(tx, header, ward_id, TieKind.GUARDIAN, guardian_id, on, why, now=now, locate=locate)


async def end_representation(
    tx: Transaction,
    *,
    header: ActHeader,
    represented_id: int,
    on: PartialDate,
    now: datetime,
    locate: Locate,
    representative_id: int | None = None,
    why: TieEnd = TieEnd.DECIDED,
) -> Recorded:
    """End a representation for both, wherever the representative lives.

    Args:
        representative_id: whose, where several last; None: the one that lasts.

    Raises:
        PersonUnknown: the person represented is not in scope.
        Gone: that record was annulled or merged.
        Refused: by `rules.ties.TIE_END`.

    Law: Bộ luật Dân sự 91/2015/QH13, Điều 140.
    """
    kind = TieKind.REPRESENTATIVE
    return await _tie_end(tx, header, represented_id, kind, representative_id, on, why, now=now, locate=locate)


async def _tie_end(
    tx: Transaction,
    header: ActHeader,
    person_id: int,
    kind: TieKind,
    other_id: int | None,
    on: PartialDate,
    why: TieEnd,
    *,
    now: datetime,
    locate: Locate,
) -> Recorded:
    if done := await done_before(tx, header):
        return done

    def others(life: Life) -> list[int | None]:
        return [tie.other.person_id for tie in life.ties if tie.kind is kind]

    histories = await locked_with(tx, person_id, others)
    lives = standing(histories, person_id)
    life = lives[person_id]
    lasting = (tie.other for tie in life.tied(kind) if other_id in {None, tie.other.person_id})
    other = next(lasting, Kin(other_id))
    decided = family_acts.tie_end(life, other, kind, lives, on, today(now), why)
    return await carried_out(tx, header, decided, histories, now, locate)
