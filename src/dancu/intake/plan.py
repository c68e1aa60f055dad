"""What to do with the records of a chunk: pure, from the records, their findings and whom the register knows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any

from dancu.intake.decisions import Decision, Reason
from dancu.intake.likened import record_of
from dancu.intake.match import Acquaintances, Doubtful, Known, Match, Nobody, Same, Told, couple, find
from dancu.intake.places import province_today, provinces_of_cmnd9, provinces_of_number
from dancu.kernel.codes import PersonStatus, Sex
from dancu.register.genesis import genesis_payload
from dancu.register.payloads import Payload

Row = Mapping[str, Any]


@dataclass
class Planned:
    """One record and what is to be done with it.

    Args:
        decision: final for queued and rejected records; for the others, what remains if nothing is new.
        person_id: whom it is about; 0 for nobody.
        creates: the person is to be established.
        telling: makes what the record says of the person; None: nothing is to be told.
        spouse: of a marriage record, the wife, planned in the same way.
        candidates: of a queued record.
        score: how probable the match is, 0 to 1; None where nothing was weighed.
    """

    record: int
    line: int
    decision: Decision
    reason: Reason
    person_id: int = 0
    creates: bool = False
    telling: "Telling | None" = None
    spouse: "Planned | None" = None
    candidates: tuple[int, ...] = ()
    scores: tuple[float, ...] = ()
    row: Row = field(default_factory=dict)
    score: float | None = None

    @cached_property
    def told(self) -> Payload | None:
        """What the record says of the person."""
        return self.telling.payload() if self.telling else None

    @property
    def persons(self) -> list[int]:
        """Whom it touches."""
        return [one.person_id for one in (self, self.spouse) if one and one.person_id]


@dataclass(frozen=True)
class Newcomer:
    """Somebody who is planned to be established, with the numbers by which he or she will be found."""

    known: Known
    numbers: tuple[str, ...]
    cmnd9: tuple[str, ...]


class Planner:
    """Plans records in order; a person planned to be established is known to the records that follow.

    Args:
        known: whom the register knows.
        new_id: makes ids of persons.
        today: the day whose units codes are of, where the source doesn't tell.
        before: who was planned to be established by the records before these, and may not be written yet.
    """

    def __init__(
        self, known: Acquaintances, *, new_id: Callable[[], int], today: date, before: Sequence[Newcomer] = ()
    ) -> None:
        self.newcomers: list[Newcomer] = []
        """Whom these records establish."""
        self._known = known
        for one in before:
            known.add(one.known, numbers=one.numbers, cmnd9=one.cmnd9)
        self._new_id = new_id
        self._today = today
        self._remembered: dict[int, int] | None = None
        self._sure: Mapping[int, int] = MappingProxyType({})

    def plan(
        self,
        rows: Sequence[Row],
        rejected: Mapping[int, str],
        before: Sequence[Sequence[int]] | None = None,
        as_before: Mapping[int, int] = MappingProxyType({}),
        sure: Mapping[int, int] = MappingProxyType({}),
    ) -> list[Planned]:
        """Plan the records of a chunk.

        Args:
            rows: normal records.
            rejected: by record, the severity of the gravest finding: `reject` or `quarantine`.
            before: of a chunk that was planned and interrupted: its decisions, reasons and persons. They stand,
                since what was done meanwhile makes the same records look different.
            as_before: by record, the person that the very same record was about in the file that this one supersedes.
            sure: by record, the person whom it is about without weighing, see `store.surely_known`.
        """
        if before:
            self._remembered = {row["record"]: person_id for row, person_id in zip(rows, before[2], strict=True)}
        self._sure = sure
        planned = [self._one(row, rejected.get(row["record"]), as_before.get(row["record"])) for row in rows]
        for one, decision, reason, person_id in zip(planned, *before, strict=True) if before else ():
            one.decision, one.reason, one.person_id = Decision(decision), Reason(reason), person_id
            one.creates = one.creates or (one.decision is Decision.CREATED and one.spouse is None)
        for one in planned:
            self._tell(one)
        return planned

    def settled(self, row: Row, person_id: int | None, wife_id: int | None = None) -> Planned:
        """Plan a record of which a clerk told whom it is about.

        Args:
            person_id: the person, of a marriage the husband; None: somebody new.
            wife_id: of a marriage; None: somebody new.
        """
        one = self._told_by_clerk(row, person_id)
        if row["kind"] == "marriages":
            one.spouse = self._told_by_clerk(wife_of(row), wife_id)
            if one.spouse.creates:
                one.decision = Decision.CREATED
        self._tell(one)
        return one

    def _told_by_clerk(self, row: Row, person_id: int | None) -> Planned:
        decision = Decision.UNCHANGED if person_id else Decision.CREATED
        return Planned(
            row["record"],
            row["first_line"],
            decision,
            Reason.TOLD_BY_A_CLERK,
            person_id or self._new_id(),
            person_id is None,
            row=row,
        )

    def _tell(self, one: Planned) -> None:
        told = one.person_id and one.decision not in {Decision.QUEUED, Decision.REJECTED}
        if told and one.reason is not Reason.AS_BEFORE:
            one.telling = Telling(one.row, self._known, self._today)
            if one.spouse:
                one.spouse.telling = Telling(one.spouse.row, self._known, self._today)

    def _one(self, row: Row, severity: str | None, as_before: int | None) -> Planned:
        if as_before:
            return Planned(row["record"], row["first_line"], Decision.UNCHANGED, Reason.AS_BEFORE, as_before, row=row)
        if severity == "reject":
            return self._not_taken(row, Decision.REJECTED, Reason.BROKEN_RULE)
        if severity == "quarantine":
            return self._not_taken(row, Decision.QUEUED, Reason.RULE_FOR_A_CLERK)
        if row["kind"] == "marriages":
            return self._couple(row)
        if person_id := self._sure.get(row["record"]):
            one = Planned(row["record"], row["first_line"], Decision.UNCHANGED, Reason.SAME_NUMBER, person_id, row=row)
            one.score = 1.0
            return one
        told = self.told_of(row)
        return self._whose(row, told, find(told, self._known))

    def _couple(self, row: Row) -> Planned:
        wife_row = wife_of(row)
        told, told_of_wife = self.told_of(row), self.told_of(wife_row)
        matches = couple(find(told, self._known), find(told_of_wife, self._known), self._known)
        for match in matches:
            if isinstance(match, Doubtful):
                return self._doubtful(row, match)
        person = self._whose(row, told, matches[0])
        if self._remembered:
            self._remembered.pop(row["record"])  # it was the husband's
        wife = self._whose(wife_row, told_of_wife, matches[1])
        for one in (person, wife):
            if one.decision is Decision.QUEUED:
                return self._not_taken(row, Decision.QUEUED, one.reason)
        person.spouse = wife
        if wife.creates:
            person.decision = Decision.CREATED
        return person

    def _whose(self, row: Row, told: Told, match: Match) -> Planned:
        match match:
            case Same(person_id=person_id, reason=reason):
                annulled = self._is_annulled(told, person_id)
                decision = Decision.CREATED if annulled else Decision.UNCHANGED
                why = Reason.ANNULLED_BEFORE if annulled else reason
                planned = Planned(row["record"], row["first_line"], decision, why, person_id, annulled, row=row)
                planned.score = match.score
                return planned
            case Doubtful():
                return self._doubtful(row, match)
            case Nobody():
                planned = self._somebody_new(row, told)
                planned.score = match.score
                return planned

    def _doubtful(self, row: Row, match: Doubtful) -> Planned:
        planned = self._not_taken(row, Decision.QUEUED, match.reason, match.candidates)
        planned.scores, planned.score = match.scores, match.score
        return planned

    def _somebody_new(self, row: Row, told: Told) -> Planned:
        if not told.number and not told.cmnd9 and told.born is None:
            return self._not_taken(row, Decision.QUEUED, Reason.NOT_ENOUGH_TO_BE_SURE)
        # Whoever was planned before an interruption is known by that id, also to those who name him or her.
        remembered = (self._remembered or {}).get(row["record"])
        person_id = remembered or self._new_id()
        record = told.record
        home = next(iter(record.residence), None)
        known = Known(
            person_id,
            told.name_key,
            told.born,
            told.sex,
            told.number,
            told.provinces,
            commune=home,
            full=lambda: record,
        )
        if remembered != 0:  # 0: it was queued, and is
            numbers, olds = (tuple(one for one in (value,) if one) for value in (told.number, told.cmnd9))
            self._known.add(known, numbers=numbers, cmnd9=olds)
            self.newcomers.append(Newcomer(known, numbers, olds))
        planned = Planned(row["record"], row["first_line"], Decision.CREATED, Reason.NOBODY_LIKE_IT, person_id, True)
        planned.row = row
        return planned

    def _is_annulled(self, told: Told, person_id: int) -> bool:
        one = self._known.by_number.get(told.number or "")
        return one is not None and one.person_id == person_id and one.status == PersonStatus.ANNULLED

    def _not_taken(self, row: Row, decision: Decision, reason: Reason, candidates: tuple[int, ...] = ()) -> Planned:
        return Planned(row["record"], row["first_line"], decision, reason, candidates=candidates, row=row)

    def told_of(self, row: Row) -> Told:
        """Return what a record tells about who it is."""
        number, cmnd9 = row.get("personal_number"), row.get("cmnd9")
        provinces = provinces_of_number(number) if number else frozenset[str]()
        if cmnd9:
            provinces |= provinces_of_cmnd9(cmnd9)
        day = row.get("unit_day") or self._today
        units = (row.get(f"{layer}_unit") for layer in ("permanent", "temporary", "current", "birth_place", "source"))
        for unit in (*units, row.get("birth_registration_unit"), row.get("source_province")):
            if unit and (province := province_today(unit, day)):
                provinces |= {province}
        for relative in ("mother_number", "father_number"):
            if row.get(relative):
                provinces |= provinces_of_number(row[relative])
        full = record_of(row, today=self._today)
        return Told(row["name_key"] or "", row.get("born"), row.get("sex") or 0, number, cmnd9, provinces, full)


@dataclass(frozen=True)
class Telling:
    """What one record says, with whom the register knows of those whom it names."""

    row: Row
    known: Acquaintances
    today: date

    def relative(self, role: str) -> int | None:
        """Return the record of `father` or `mother`, where there is one that stands."""
        number = self.row.get(f"{role}_number")
        known = self.known.by_number.get(number) if number else None
        return known.person_id if known and known.status != PersonStatus.ANNULLED else None

    def payload(self) -> Payload:
        """Return it as an event tells it."""
        links = dict(self.row)
        for role in ("father", "mother"):
            links[f"{role}_id"] = self.relative(role)
        # A marriage is an event of two persons; the record of one of them does not make it.
        links |= _NO_SPOUSE
        links["unit_day"] = self.row.get("unit_day") or self.today
        return genesis_payload(links, source_record=self.row["record"])


_NO_SPOUSE = dict.fromkeys(("spouse_id", "spouse_number", "spouse_surname", "spouse_middle", "spouse_given"))


def wife_of(row: Row) -> dict[str, Any]:
    """Of a marriage record, return the second person as a record of her own."""
    kept = {
        name: row.get(name) for name in ("record", "first_line", "last_line", "kind", "unit_day", "source_province")
    }
    told = {
        "surname": row.get("spouse_surname"),
        "middle": row.get("spouse_middle"),
        "given": row.get("spouse_given"),
        "name_key": row.get("spouse_name_key"),
        "born": row.get("spouse_born"),
        "personal_number": row.get("spouse_number"),
        "cmnd9": row.get("spouse_cmnd9"),
        "sex": int(Sex.FEMALE),
    }
    return kept | told
