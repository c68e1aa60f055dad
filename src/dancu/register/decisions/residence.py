"""What acts of residence change: pure functions from lives and declared facts to events."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from dancu.kernel.codes import AbsenceCase, PermanentEnd, ResidenceKind, TemporaryEnd
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import FieldFault, Invalid
from dancu.register.act import Decided, NewEvent
from dancu.register.kinds import EventKind
from dancu.register.life import Life, Residence
from dancu.register.payloads import AbsenceGiven, Payload, Place, ResidenceGiven
from dancu.register.projection import Locate
from dancu.register.rules import Facts, Rule, Warned, judge
from dancu.register.rules.deregistration import DEREGISTRATION, TEMPORARY_END, PermanentEndFacts, TemporaryEndFacts
from dancu.register.rules.residence import (
    ABODE,
    ABSENCE,
    EXTENSION,
    RETURN,
    TEMPORARY,
    AbodeFacts,
    AbsenceFacts,
    ExtensionFacts,
    ReturnFacts,
    TemporaryFacts,
)


@dataclass(frozen=True)
class TemporaryDeclared:
    """A temporary residence as it is declared, for one person or a list of them.

    Args:
        unit: code of the commune, of the units of the day of registration.
        until: the first day on which it no longer holds.
    """

    persons: tuple[int, ...]
    unit: str
    detail: str
    on: date
    until: date


@dataclass(frozen=True)
class ExtensionDeclared:
    """An extension of the temporary residence that lasts; `until` is the first day after the new term."""

    persons: tuple[int, ...]
    until: date


@dataclass(frozen=True)
class PermanentEndDeclared:
    """A deregistration of permanent residence.

    Args:
        since: when what is the ground began, where the law lets months pass.
    """

    persons: tuple[int, ...]
    ground: PermanentEnd
    on: date
    since: date | None = None
    reason: str | None = None


@dataclass(frozen=True)
class TemporaryEndDeclared:
    """A deregistration of temporary residence; see `PermanentEndDeclared`."""

    persons: tuple[int, ...]
    ground: TemporaryEnd
    on: date
    since: date | None = None
    reason: str | None = None


@dataclass(frozen=True)
class AbodeDeclared:
    """Where persons live now, who can't register there."""

    persons: tuple[int, ...]
    unit: str
    detail: str
    on: date


@dataclass(frozen=True)
class AbsenceDeclared:
    """An absence as it is declared; `until` is the day of return, if it is known."""

    persons: tuple[int, ...]
    case: AbsenceCase
    on: date
    until: date | None = None
    destination: Place = ("", "")
    reason: str | None = None


@dataclass(frozen=True)
class ReturnDeclared:
    """The return from a declared absence."""

    persons: tuple[int, ...]
    on: date


Lives = Mapping[int, Life]


def temporary(declared: TemporaryDeclared, lives: Lives, registered_on: date, locate: Locate) -> Decided:
    """Decide what a registration of temporary residence changes: it ends the one before it.

    Raises:
        Invalid: it would end before it begins.
        Refused: by `rules.residence.TEMPORARY`.
    """
    _check_order(declared.on, declared.until)
    _, here = locate(declared.unit, registered_on, declared.detail)

    def facts(life: Life) -> TemporaryFacts:
        home = life.residence(ResidenceKind.PERMANENT, declared.on)
        return TemporaryFacts(
            life,
            declared.unit,
            declared.detail,
            declared.on,
            declared.until,
            registered_on,
            home=locate(home.unit, home.unit_day, home.detail)[1] if home else None,
            here=here,
        )

    stay = ResidenceGiven(ResidenceKind.TEMPORARY, declared.unit, declared.detail, declared.on, declared.until)
    told = Payload(residences=(stay,), unit_day=registered_on)
    warnings = _judged(TEMPORARY, map(facts, lives.values()), declared.on)
    return _alike(EventKind.TEMPORARY_RESIDENCE_REGISTERED, declared.on, declared.persons, lambda _: told, warnings)


def extension(declared: ExtensionDeclared, lives: Lives, registered_on: date) -> Decided:
    """Decide what an extension changes: a new term at the same place begins where the old one ends.

    Raises:
        Invalid: the terms of several persons do not end on one day.
        Refused: by `rules.residence.EXTENSION`.
    """
    stays = {one: life.residence(ResidenceKind.TEMPORARY, registered_on) for one, life in lives.items()}
    facts = (ExtensionFacts(life, stays[one], declared.until, registered_on) for one, life in lives.items())
    warnings = _judged(EXTENSION, facts, registered_on)
    ends = {stay.until for stay in stays.values() if stay and stay.until}
    if len(ends) != 1:
        raise Invalid((FieldFault("/persons", "Extend together only what ends on one day"),))
    begins = ends.pop()

    def told(person_id: int) -> Payload:
        return _next_term(stays[person_id], begins, declared.until)

    return _alike(EventKind.TEMPORARY_RESIDENCE_EXTENDED, begins, declared.persons, told, warnings)


def _next_term(stay: Residence | None, begins: date, until: date) -> Payload:
    if stay is None:
        raise Invalid((FieldFault("/persons", "No temporary residence lasts"),))
    term = ResidenceGiven(ResidenceKind.TEMPORARY, stay.unit, stay.detail, begins, until)
    return Payload(residences=(term,), unit_day=stay.unit_day)


def permanent_end(declared: PermanentEndDeclared, lives: Lives, registered_on: date) -> Decided:
    """Decide what a deregistration of permanent residence changes: the household is left, too.

    Raises:
        Refused: by `rules.deregistration.DEREGISTRATION`.
    """
    facts = (
        PermanentEndFacts(life, declared.ground, declared.on, registered_on, declared.since) for life in lives.values()
    )
    warnings = _judged(DEREGISTRATION, facts, declared.on)
    told = Payload(ground=declared.ground, reason=declared.reason)
    return _alike(EventKind.PERMANENT_RESIDENCE_ENDED, declared.on, declared.persons, lambda _: told, warnings)


def temporary_end(declared: TemporaryEndDeclared, lives: Lives, registered_on: date) -> Decided:
    """Decide what a deregistration of temporary residence changes; one that has expired is confirmed as ended.

    Raises:
        Refused: by `rules.deregistration.TEMPORARY_END`.
    """
    facts = (
        TemporaryEndFacts(
            life, _lasting_up_to(life, declared), declared.ground, declared.on, registered_on, declared.since
        )
        for life in lives.values()
    )
    warnings = _judged(TEMPORARY_END, facts, declared.on)
    told = Payload(ground=declared.ground, reason=declared.reason)
    return _alike(EventKind.TEMPORARY_RESIDENCE_ENDED, declared.on, declared.persons, lambda _: told, warnings)


def _lasting_up_to(life: Life, declared: TemporaryEndDeclared) -> Residence | None:
    if declared.ground is not TemporaryEnd.EXPIRED:
        return life.residence(ResidenceKind.TEMPORARY, declared.on)
    stays = (r for r in life.residences if r.kind is ResidenceKind.TEMPORARY and r.until == declared.on)
    return next(stays, life.residence(ResidenceKind.TEMPORARY, declared.on))


def abode(declared: AbodeDeclared, lives: Lives, declared_on: date) -> Decided:
    """Decide what the declaration of an abode changes.

    Raises:
        Refused: by `rules.residence.ABODE`.
    """
    facts = (AbodeFacts(life, declared.on, declared_on) for life in lives.values())
    warnings = _judged(ABODE, facts, declared.on)
    stay = ResidenceGiven(ResidenceKind.CURRENT_ABODE, declared.unit, declared.detail, declared.on)
    told = Payload(residences=(stay,), unit_day=declared_on)
    return _alike(EventKind.CURRENT_ABODE_DECLARED, declared.on, declared.persons, lambda _: told, warnings)


def absence(declared: AbsenceDeclared, lives: Lives) -> Decided:
    """Decide what the declaration of an absence changes; it may be declared before the person leaves.

    Raises:
        Invalid: it would end before it begins.
        Refused: by `rules.residence.ABSENCE`.
    """
    if declared.until is not None:
        _check_order(declared.on, declared.until)
    facts = (AbsenceFacts(life, declared.case, declared.on, declared.until) for life in lives.values())
    warnings = _judged(ABSENCE, facts, declared.on)
    told = Payload(absence=AbsenceGiven(declared.case, declared.until, declared.destination), reason=declared.reason)
    return _alike(EventKind.ABSENCE_DECLARED, declared.on, declared.persons, lambda _: told, warnings)


def absence_end(declared: ReturnDeclared, lives: Lives, declared_on: date) -> Decided:
    """Decide what a return changes.

    Raises:
        Refused: by `rules.residence.RETURN`.
    """
    facts = (ReturnFacts(life, declared.on, declared_on) for life in lives.values())
    warnings = _judged(RETURN, facts, declared.on)
    return _alike(EventKind.ABSENCE_ENDED, declared.on, declared.persons, lambda _: Payload(), warnings)


def _check_order(on: date, until: date) -> None:
    if until <= on:
        raise Invalid((FieldFault("/until", "It must end after it begins"),))


def _judged(units: Iterable[Rule[Facts]], facts: Iterable[Facts], on: date) -> tuple[Warned, ...]:
    units = tuple(units)
    warnings = [warned for of_one in facts for warned in judge(units, of_one, on=on)]
    return tuple(dict.fromkeys(warnings))


def _alike(
    kind: EventKind,
    day: date,
    persons: Iterable[int],
    told: Callable[[int], Payload],
    warnings: tuple[Warned, ...],
) -> Decided:
    """One act with an event of one kind and day for each person."""
    on = PartialDate.on(day)
    events = tuple(NewEvent(one, kind, on, told(one)) for one in dict.fromkeys(persons))
    return Decided(kind, on, events, warnings=warnings)
