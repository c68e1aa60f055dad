"""What acts on marriages, parents and ties do to a life: pure steps of the fold."""

from msgspec.structs import replace

from dancu.kernel.codes import MaritalStatus, ProtectionGround, TieKind
from dancu.kernel.dates import PartialDate
from dancu.register.life import Adoption, Life, Marriage, Tie
from dancu.register.payloads import NOBODY, Kin, Payload, TieGiven
from dancu.register.standing import protected_by


def same_kin(one: Kin, other: Kin) -> bool:
    """Tell whether two documents name one person: by record, else by number."""
    if one.person_id is not None and other.person_id is not None:
        return one.person_id == other.person_id
    return bool(one.number) and one.number == other.number


# Marriages -------------------------------------------------------------------------------------------------------


def with_marriage(before: tuple[Marriage, ...], marriage: Marriage) -> tuple[Marriage, ...]:
    """Add a marriage; one with the same spouse that lasts is told anew."""
    kept = [m for m in before if m.until is not None or not same_kin(m.spouse, marriage.spouse)]
    return (*kept, marriage)


def married(life: Life, told: Payload, since: PartialDate) -> Life:
    """Begin a marriage."""
    if told.marriage is None:
        return life
    marriages = with_marriage(life.marriages, Marriage(told.marriage.spouse, since, before=life.marital))
    return replace(life, marriages=marriages, marital=MaritalStatus.MARRIED)


def marriage_ended(life: Life, told: Payload, day: PartialDate, ended_as: MaritalStatus) -> Life:
    """End the marriage that lasts with the spouse who is told; without one (it was annulled) nothing changes.

    Law: Luật Hôn nhân và gia đình 52/2014/QH13, Điều 57 khoản 1, Điều 65.
    """
    if told.marriage is None:
        return life
    spouse = told.marriage.spouse
    marriages = tuple(
        replace(m, until=day, ended_as=ended_as) if m.until is None and same_kin(m.spouse, spouse) else m
        for m in life.marriages
    )
    if marriages == life.marriages:
        return life
    remarried = any(m.until is None for m in marriages)
    return replace(life, marriages=marriages, marital=life.marital if remarried else ended_as)


def marriage_annulled(life: Life, told: Payload) -> Life:
    """Take an unlawful marriage out: it never was, and the marital status is the one before it.

    Law: Luật Hôn nhân và gia đình 52/2014/QH13, Điều 12 khoản 1.
    """
    gone = _last_with(life, told)
    if gone is None or gone.ended_as is MaritalStatus.DIVORCED:
        return life
    marriages = tuple(m for m in life.marriages if m is not gone)
    return replace(life, marriages=marriages, marital=_marital_without(gone, marriages))


def _marital_without(gone: Marriage, left: tuple[Marriage, ...]) -> MaritalStatus:
    if any(m.until is None for m in left):
        return MaritalStatus.MARRIED
    ended = [(m.until.latest, m.ended_as) for m in left if m.until is not None and m.ended_as]
    if ended:
        return max(ended)[1]
    known = gone.before not in {MaritalStatus.UNKNOWN, MaritalStatus.MARRIED}
    return gone.before if known else MaritalStatus.NEVER_MARRIED


def marriage_restored(life: Life, told: Payload, day: PartialDate) -> Life:
    """Let a marriage last again that ended with a death which the court has taken back.

    Law: Luật Hôn nhân và gia đình 52/2014/QH13, Điều 67 khoản 1.
    """
    again = _last_with(life, told)
    if again is None or again.ended_as is MaritalStatus.DIVORCED:
        return life
    lasting = replace(again, until=None, ended_as=MaritalStatus.UNKNOWN, restored=day)
    marriages = tuple(lasting if m is again else m for m in life.marriages)
    return replace(life, marriages=marriages, marital=MaritalStatus.MARRIED)


def _last_with(life: Life, told: Payload) -> Marriage | None:
    """The last marriage with the spouse who is told."""
    if told.marriage is None:
        return None
    spouse = told.marriage.spouse
    return next((m for m in reversed(life.marriages) if same_kin(m.spouse, spouse)), None)


# Parents ---------------------------------------------------------------------------------------------------------


def adopted(life: Life, told: Payload, since: PartialDate, before: Life) -> Life:
    """Show the adoptive parents, and keep the parents of birth aside.

    Args:
        life: with what the act tells besides, such as a new name.
        before: the life before the act.

    Law: Luật Nuôi con nuôi 52/2010/QH12, Điều 24.
    """
    if told.adoption is None:
        return life
    kept = before.adoption
    adoption = Adoption(
        since,
        kept.birth_father if kept else before.father,
        kept.birth_mother if kept else before.mother,
        kept.name_before if kept else before.name,
    )
    life = replace(life, father=told.adoption.father, mother=told.adoption.mother, adoption=adoption)
    return protected_by(life, ProtectionGround.ADOPTION) if told.adoption.secret else life


def adoption_ended(life: Life) -> Life:
    """Give back the parents of birth; the name only where the act tells it. What was secret stays so.

    Law: Luật Nuôi con nuôi 52/2010/QH12, Điều 27.
    """
    kept = life.adoption
    return replace(life, father=kept.birth_father, mother=kept.birth_mother, adoption=None) if kept else life


def _somebody(parent: Kin | None) -> Kin | None:
    return None if parent == NOBODY else parent


def recognised(life: Life, told: Payload, before: Life) -> Life:
    """Set a recognised father or mother, or that a court found none; of an adopted child it is one of birth.

    Law: Luật Hôn nhân và gia đình 52/2014/QH13, Điều 90, Điều 91, Điều 101 khoản 2.
    """
    if life.adoption is None:
        return replace(life, father=_somebody(life.father), mother=_somebody(life.mother))
    adoption = replace(
        life.adoption,
        birth_father=_somebody(told.father or life.adoption.birth_father),
        birth_mother=_somebody(told.mother or life.adoption.birth_mother),
    )
    return replace(life, adoption=adoption, father=before.father, mother=before.mother)


# Guardianship and representation ---------------------------------------------------------------------------------


def tied(life: Life, told: Payload, since: PartialDate) -> Life:
    """Begin the ties that are told.

    Law: Bộ luật Dân sự 91/2015/QH13, Điều 46, Điều 136.
    """
    new = tuple(Tie(given.kind, given.other, since, detail=given.detail) for given in told.ties)
    kept = tuple(tie for tie in life.ties if not any(_lasts_as(tie, one.kind, one.other) for one in new))
    return replace(life, ties=(*kept, *new))


def untied(life: Life, told: Payload, day: PartialDate) -> Life:
    """End the ties that are told.

    Law: Bộ luật Dân sự 91/2015/QH13, Điều 62, Điều 140.
    """
    return replace(life, ties=tuple(_ended_if_told(tie, told.ties, day) for tie in life.ties))


def _ended_if_told(tie: Tie, ends: tuple[TieGiven, ...], day: PartialDate) -> Tie:
    return replace(tie, until=day) if any(_lasts_as(tie, one.kind, one.other) for one in ends) else tie


def _lasts_as(tie: Tie, kind: TieKind, other: Kin) -> bool:
    return tie.until is None and tie.kind is kind and same_kin(tie.other, other)


def ties_ended_by_death(ties: tuple[Tie, ...], day: PartialDate) -> tuple[Tie, ...]:
    """End every tie of the dead."""
    return tuple(replace(tie, until=day) if tie.until is None else tie for tie in ties)
