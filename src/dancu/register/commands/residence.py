"""Commands of residence: temporary residence, deregistration, declared abode, absence.

Each is for one person or for several at once: in one act, or not at all.

Law: Luật Cư trú 68/2020/QH14; Nghị định 154/2024/NĐ-CP.
"""

from collections.abc import Callable
from datetime import datetime

from dancu.infra.db import Transaction
from dancu.kernel.errors import FieldFault, Invalid
from dancu.kernel.time import today
from dancu.register import store
from dancu.register.act import ActHeader, Decided
from dancu.register.commands.acting import Recorded, carried_out, done_before, standing
from dancu.register.decisions import residence as residence_acts
from dancu.register.decisions.residence import (
    AbodeDeclared,
    AbsenceDeclared,
    ExtensionDeclared,
    Lives,
    PermanentEndDeclared,
    ReturnDeclared,
    TemporaryDeclared,
    TemporaryEndDeclared,
)
from dancu.register.projection import Locate


async def register_temporary_residence(
    tx: Transaction, *, header: ActHeader, declared: TemporaryDeclared, now: datetime, locate: Locate
) -> Recorded:
    """Register temporary residence for at most two years; it ends the one before it, and itself on its last day.

    Raises:
        Invalid: nobody is named, or it would end before it begins.
        PersonUnknown: one of them is not in scope.
        Gone: a record was annulled.
        Refused: by `rules.residence.TEMPORARY`.

    Law: Luật Cư trú 68/2020/QH14, Điều 27, Điều 28.
    """
    return await _for_persons(
        tx,
        header,
        declared.persons,
        lambda lives: residence_acts.temporary(declared, lives, today(now), locate),
        now=now,
        locate=locate,
    )


async def extend_temporary_residence(
    tx: Transaction, *, header: ActHeader, declared: ExtensionDeclared, now: datetime, locate: Locate
) -> Recorded:
    """Extend the temporary residence that lasts, in the last days of its term, by at most two years.

    Raises:
        Invalid: nobody is named, or the terms of several persons do not end on one day.
        PersonUnknown: one of them is not in scope.
        Gone: a record was annulled.
        Refused: by `rules.residence.EXTENSION`.

    Law: Luật Cư trú 68/2020/QH14, Điều 27 khoản 2, Điều 28 khoản 3.
    """
    return await _for_persons(
        tx,
        header,
        declared.persons,
        lambda lives: residence_acts.extension(declared, lives, today(now)),
        now=now,
        locate=locate,
    )


async def end_temporary_residence(
    tx: Transaction, *, header: ActHeader, declared: TemporaryEndDeclared, now: datetime, locate: Locate
) -> Recorded:
    """Deregister temporary residence on one of the grounds of the law.

    Raises:
        Invalid: nobody is named.
        PersonUnknown: one of them is not in scope.
        Gone: a record was annulled.
        Refused: by `rules.deregistration.TEMPORARY_END`.

    Law: Luật Cư trú 68/2020/QH14, Điều 29.
    """
    return await _for_persons(
        tx,
        header,
        declared.persons,
        lambda lives: residence_acts.temporary_end(declared, lives, today(now)),
        now=now,
        locate=locate,
    )


async def end_permanent_residence(
    tx: Transaction, *, header: ActHeader, declared: PermanentEndDeclared, now: datetime, locate: Locate
) -> Recorded:
    """Deregister permanent residence on one of the nine grounds; the household is left, and may lose its head.

    Raises:
        Invalid: nobody is named.
        PersonUnknown: one of them is not in scope.
        Gone: a record was annulled.
        Refused: by `rules.deregistration.DEREGISTRATION`.

    Law: Luật Cư trú 68/2020/QH14, Điều 24.
    """
    return await _for_persons(
        tx,
        header,
        declared.persons,
        lambda lives: residence_acts.permanent_end(declared, lives, today(now)),
        now=now,
        locate=locate,
    )


async def declare_abode(
    tx: Transaction, *, header: ActHeader, declared: AbodeDeclared, now: datetime, locate: Locate
) -> Recorded:
    """Take down where persons live now who have no place to register; there they count.

    Raises:
        Invalid: nobody is named.
        PersonUnknown: one of them is not in scope.
        Gone: a record was annulled.
        Refused: by `rules.residence.ABODE`.

    Law: Luật Cư trú 68/2020/QH14, Điều 19.
    """
    return await _for_persons(
        tx,
        header,
        declared.persons,
        lambda lives: residence_acts.abode(declared, lives, today(now)),
        now=now,
        locate=locate,
    )


async def declare_absence(
    tx: Transaction, *, header: ActHeader, declared: AbsenceDeclared, now: datetime, locate: Locate
) -> Recorded:
    """Take down an absence, with case, period and destination; residence goes on.

    Raises:
        Invalid: nobody is named, or it would end before it begins.
        PersonUnknown: one of them is not in scope.
        Gone: a record was annulled.
        Refused: by `rules.residence.ABSENCE`.

    Law: Luật Cư trú 68/2020/QH14, Điều 31.
    """
    return await _for_persons(
        tx, header, declared.persons, lambda lives: residence_acts.absence(declared, lives), now=now, locate=locate
    )


async def end_absence(
    tx: Transaction, *, header: ActHeader, declared: ReturnDeclared, now: datetime, locate: Locate
) -> Recorded:
    """Take down a return before the day that was declared, or where none was.

    Raises:
        Invalid: nobody is named.
        PersonUnknown: one of them is not in scope.
        Gone: a record was annulled.
        Refused: by `rules.residence.RETURN`.

    Law: Luật Cư trú 68/2020/QH14, Điều 31.
    """
    return await _for_persons(
        tx,
        header,
        declared.persons,
        lambda lives: residence_acts.absence_end(declared, lives, today(now)),
        now=now,
        locate=locate,
    )


async def _for_persons(
    tx: Transaction,
    header: ActHeader,
    persons: tuple[int, ...],
    decide: Callable[[Lives], Decided],
    *,
    now: datetime,
    locate: Locate,
) -> Recorded:
    if done := await done_before(tx, header):
        return done
    if not persons:
        raise Invalid((FieldFault("/persons", "Name at least one person"),))
    histories = await store.locked(tx, persons)
    return await carried_out(tx, header, decide(standing(histories)), histories, now, locate)
