"""From a form to what the register's commands take, and back to what the officer confirms. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from dancu.kernel.codes import Relation
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import FieldFault, Invalid
from dancu.portals.officer.desk import BirthForm, MoveForm, ParentNamed, PlaceNamed
from dancu.portals.officer.names_of_codes import ethnic_name
from dancu.portals.officer.places import place_text
from dancu.portals.officer.views import Suggestion, Summary, Verdict, Word
from dancu.portals.shared.pages import Said, day_text
from dancu.portals.shared.words import SEX, msg
from dancu.reference.codes import number_place_of
from dancu.reference.units import unit_index
from dancu.register.decisions.civil import BirthDeclared, MoveDeclared, ParentDeclared
from dancu.register.model import Life
from dancu.register.payloads import Place
from dancu.register.rules import Facts, Rule, Warned
from dancu.register.rules import civil as rules

NOT_KNOWN = "–"


@dataclass(frozen=True)
class Parents:
    """The parents of a birth as their records have them; None where there is none."""

    mother: Life | None = None
    father: Life | None = None

    @property
    def first(self) -> Life | None:
        """Whose ethnic group and origin the child takes by custom: the father's, else the mother's."""
        return self.father or self.mother


def birth_verdicts(form: BirthForm, parents: Parents, today: date) -> tuple[Verdict, ...]:
    """Hold an unfinished form against the law: every rule, as far as the facts are there."""
    if form.born is None:
        return ()
    facts = rules.BirthFacts(form.born, today, parents.mother, parents.father)
    return _verdicts(rules.BIRTH, facts, form.born.latest)


def move_verdicts(form: MoveForm, lives: Mapping[str, Life], today: date) -> tuple[Verdict, ...]:
    """Hold an unfinished form against the law, for each who moves."""
    if form.on is None:
        return ()
    found: dict[Verdict, None] = {}
    for life in lives.values():
        facts = rules.MoveFacts(life, form.place.code, form.place.detail, form.on, today)
        found |= dict.fromkeys(_verdicts(rules.RESIDENCE, facts, today))
    return tuple(found)


def _verdicts(held: tuple[Rule[Facts], ...], facts: Facts, on: date) -> tuple[Verdict, ...]:
    breached = [rule for rule in held if rule.in_force.covers(on) and rule.breached(facts)]
    return tuple(
        Verdict(
            Said(rule.message_vi, rule.message_en),
            rule.law,
            in_force=rule.in_force.since if rule.in_force.since.year > 1900 else None,
            grave=not rule.warns_only,
        )
        for rule in sorted(breached, key=lambda rule: rule.warns_only)
    )


def warned(warnings: tuple[Warned, ...]) -> tuple[Verdict, ...]:
    """Say the warnings of a command."""
    return tuple(Verdict(Said(one.message_vi, one.message_en), one.law, grave=False) for one in warnings)


def declared_birth(form: BirthForm, parents: Parents, *, office: str, today: date) -> BirthDeclared:
    """Return the birth as the register takes it.

    Args:
        office: unit code of the commune that registers.

    Raises:
        Invalid: name or date is missing, or the office lies in no province that has a number of its own.
    """
    if form.name is None or form.born is None:
        raise Invalid((FieldFault("/name", "A name is needed"),))
    carer = {"mother": parents.mother, "father": parents.father}.get(form.lives_with)
    return BirthDeclared(
        name=form.name,
        born=form.born,
        sex=form.sex,
        birth_place=(form.birth_place.code, form.birth_place.detail),
        registered_in=office,
        number_place=number_place(office, today),
        unit_day=today,
        origin=_origin(form.origin, parents.first, today),
        ethnicity=form.ethnicity or (parents.first.ethnicity if parents.first else None) or None,
        mother=_parent(form.mother, parents.mother),
        father=_parent(form.father, parents.father),
        lives_with=carer.person_id if carer else None,
    )


def _parent(named: ParentNamed | None, life: Life | None) -> ParentDeclared | None:
    if named is None:
        return None
    if life is None:
        return ParentDeclared(named.name)
    return ParentDeclared(life.name.full if life.name else named.name, life.person_id, life.personal_number or "")


def _origin(told: PlaceNamed, parent: Life | None, today: date) -> Place:
    """The origin as declared, else the parent's: by code while its unit is still the same one, else as text."""
    if told.code:
        return told.code, ""
    if parent is None or not any(parent.origin):
        return "", ""
    unit, detail = parent.origin
    day = parent.known_on
    before, now = unit_index().unit_on(unit, day), unit_index().unit_on(unit, today)
    if before and now and before.title == now.title:
        return unit, detail
    return "", place_text(unit, detail, day)


def number_place(office: str, day: date) -> int:
    """Return the place code of numbers that an office establishes.

    Raises:
        Invalid: the office lies in no province that has one.
    """
    unit = unit_index().unit_on(office, day)
    found = number_place_of(unit.province_code, day) if unit else None
    if found is None:
        raise Invalid((FieldFault("/office", "Numbers can't be established at this office"),))
    return int(found.place)


def birth_summary(form: BirthForm, declared: BirthDeclared, parents: Parents, today: date) -> Summary:
    """Say back a birth."""
    carer = {"mother": parents.mother, "father": parents.father}.get(form.lives_with)
    home = carer.abode(today) if carer else None
    lines = (
        (msg("Full name"), declared.name.full),
        (msg("Date of birth"), day_text(declared.born)),
        (msg("Sex"), Word(SEX[declared.sex])),
        (msg("Place of birth"), place_text(*declared.birth_place, today)),
        (msg("Mother"), _named(declared.mother)),
        (msg("Father"), _named(declared.father)),
        (msg("Ethnic group"), ethnic_name(declared.ethnicity or 0) or NOT_KNOWN),
        (msg("Place of origin"), place_text(*declared.origin, today) or NOT_KNOWN),
        (msg("Lives in"), place_text(home.unit, home.detail, home.unit_day) if home else NOT_KNOWN),
        (msg("Birth registered in"), place_text(declared.registered_in, "", today)),
        (msg("The register book"), " · ".join(part for part in (form.book, form.book_number, form.signer) if part)),
    )
    return Summary(lines, birth_verdicts(form, parents, today))


def _named(parent: ParentDeclared | None) -> str:
    if parent is None:
        return NOT_KNOWN
    return f"{parent.name} · {parent.number}" if parent.number else parent.name


def declared_move(form: MoveForm, lives: Mapping[str, Life], *, household_id: int | None) -> MoveDeclared:
    """Return the move as the register takes it: the person by the relation told, others by theirs to the person.

    Args:
        lives: of all who move, by reference.
        household_id: the household joined; None forms one.

    Raises:
        Invalid: the person or the day is missing.
    """
    if form.person not in lives or form.on is None:
        raise Invalid((FieldFault("/movers", "Name at least one person who moves"),))
    head = lives[form.person]
    movers = [(head.person_id, form.relation)]
    movers += [
        (life.person_id, _relation_there(form, life, head, form.on))
        for ref, life in lives.items()
        if ref != form.person
    ]
    return MoveDeclared(
        movers=tuple(movers),
        unit=form.place.code,
        detail=form.place.detail,
        on=form.on,
        household_id=household_id,
    )


def _relation_there(form: MoveForm, life: Life, head: Life, on: date) -> Relation:
    """The relation that certainly holds at the destination; else the one that says least."""
    if form.relation is not Relation.HEAD:
        return Relation.OTHER_RELATIVE
    if (spouse := head.spouse) and spouse.person_id == life.person_id:
        return Relation.SPOUSE
    if head.person_id in {kin.person_id for kin in (life.father, life.mother) if kin}:
        return Relation.CHILD
    if life.person_id in {kin.person_id for kin in (head.father, head.mother) if kin}:
        return Relation.PARENT
    own, old = head.membership(on), life.membership(on)
    if own and own.relation is Relation.HEAD and old:
        return old.relation
    return Relation.OTHER_RELATIVE


def move_summary(form: MoveForm, declared: MoveDeclared, lives: Mapping[str, Life], today: date) -> Summary:
    """Say back a move."""
    by_id = {life.person_id: life for life in lives.values()}
    lines: list[tuple[str, str | Word]] = [
        (msg("Who moves"), _identified(by_id[person_id])) for person_id, _ in declared.movers
    ]
    leaves = {
        place_text(home.unit, home.detail, home.unit_day)
        for life in lives.values()
        if (home := life.abode(declared.on))
    }
    lines += [(msg("Leaves"), place) for place in sorted(leaves)]
    lines += [
        (msg("Where to"), place_text(declared.unit, declared.detail, today)),
        (msg("First day at the new place"), day_text(declared.on)),
        (msg("Household"), form.file_no or Word(msg("a new household is formed"))),
    ]
    return Summary(tuple(lines), move_verdicts(form, lives, today))


def _identified(life: Life) -> str:
    name = life.name.full if life.name else NOT_KNOWN
    return f"{name} · {life.personal_number}" if life.personal_number else name


def suggestion(ref: str, *, name: str, number: str, born: PartialDate | None, place: str = "") -> Suggestion:
    """Write a person as a line of a type-ahead."""
    return Suggestion(ref, name, " · ".join(part for part in (number, day_text(born), place) if part))
