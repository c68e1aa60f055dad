"""What the officer's pages need from the house, as one contract.

`dancu.portals.officer.data` fulfils it with the slices; pages know nothing else.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from dancu.kernel.codes import Relation, Sex
from dancu.kernel.dates import PartialDate
from dancu.kernel.names import PersonName
from dancu.portals.officer.act_views import (
    ActChecked,
    ActDone,
    ActForm,
    EventNamed,
    HouseholdMember,
)
from dancu.portals.officer.proposal_views import ProposalLine, ProposalPage
from dancu.portals.officer.views import (
    ActGroup,
    Checked,
    DossierLine,
    Officer,
    Option,
    Outcome,
    PersonPage,
    SearchPage,
    Suggestion,
    Summary,
    Verdict,
    Work,
)


@dataclass(frozen=True)
class At:
    """Who asks, for which work, when, and under which id the log will have it."""

    token: str
    officer: Officer
    work: Work | None
    now: datetime
    request_id: UUID


@dataclass(frozen=True)
class ParentNamed:
    """A parent as the form names it; `ref` where there is a record."""

    name: str
    ref: str = ""


@dataclass(frozen=True)
class PlaceNamed:
    """A commune by code, and free text; `code` '' where none is named."""

    code: str = ""
    detail: str = ""


@dataclass(frozen=True)
class BirthForm:
    """A birth as typed so far; None for what isn't filled in.

    Args:
        lives_with: `mother`, `father` or ''.
        request_id: makes a second sending harmless.
        another_child: `Alike.seen` of those whom the officer was shown, who are other children.
        papers: ids of documents of the dossier that the act rests on.
    """

    request_id: UUID
    name: PersonName | None = None
    born: PartialDate | None = None
    sex: Sex = Sex.UNKNOWN
    birth_place: PlaceNamed = PlaceNamed()
    mother: ParentNamed | None = None
    father: ParentNamed | None = None
    lives_with: str = ""
    ethnicity: int | None = None
    origin: PlaceNamed = PlaceNamed()
    book: str = ""
    book_number: str = ""
    signer: str = ""
    another_child: str = ""
    papers: tuple[str, ...] = ()


@dataclass(frozen=True)
class MoveForm:
    """A permanent residence as typed so far.

    Args:
        person: reference of the person, '' where not chosen yet.
        others: references of members who move too.
        file_no: residence file of the household joined; '' forms a new one.
        relation: of the person to the head at the destination.
        papers: ids of documents of the dossier that the act rests on.
    """

    request_id: UUID
    person: str = ""
    others: tuple[str, ...] = ()
    on: date | None = None
    place: PlaceNamed = PlaceNamed()
    file_no: str = ""
    relation: Relation = Relation.HEAD
    papers: tuple[str, ...] = ()


@dataclass(frozen=True)
class PersonNamed:
    """A person as named on paper: all three must be right together."""

    number: str
    name: str
    born: PartialDate


@dataclass(frozen=True)
class DossierForm:
    """A dossier as typed, complete."""

    matter: str
    requester: str
    person: PersonNamed


class Desk(Protocol):
    """The house, as seen from an officer's desk. Every call that reads or writes a person is written down."""

    async def sign_in(self, *, name: str, password: str, code: str, now: datetime, request_id: UUID) -> str:
        """Return the token of a new session. Raises Unauthenticated or Limited."""
        ...

    async def sign_out(self, *, token: str, now: datetime, request_id: UUID) -> None:
        """End a session."""
        ...

    async def change_password(self, at: At, *, present: str, wanted: str) -> None:
        """Set a new password. Raises Invalid: the present one is wrong, or the new one won't do."""
        ...

    async def offer_factor(self, at: At, *, password: str, code: str) -> str:
        """Draw another second factor and return the address for the app. Raises Unauthenticated or Limited."""
        ...

    async def accept_factor(self, at: At, *, code: str) -> tuple[str, ...]:
        """Put the offered second factor in force and return new recovery codes. Raises Invalid: another code is due."""
        ...

    async def officer(self, *, token: str, now: datetime, office: str = "") -> Officer:
        """Return who holds a session, as working at one of the own offices. Raises Unauthenticated.

        Args:
            office: code of the office that was chosen; any other code means the main one.
        """
        ...

    async def works(self, *, officer: Officer, now: datetime) -> tuple[Work, ...]:
        """List the pieces of work to choose from: purposes of the role, and open dossiers of the office."""
        ...

    async def search(self, at: At, *, text: str) -> SearchPage:
        """Find people."""
        ...

    async def person(self, at: At, *, ref: str, on: date | None, known_on: date | None = None) -> PersonPage:
        """Return a life on a day, as the register knew it at the end of another day; None is today."""
        ...

    async def suggest_people(self, at: At, *, text: str) -> tuple[Suggestion, ...]:
        """Suggest people for a form."""
        ...

    async def members(self, at: At, *, ref: str) -> tuple[Suggestion, ...]:
        """List the other living members of a person's household."""
        ...

    async def check_birth(self, at: At, form: BirthForm) -> Checked:
        """Hold what is filled in so far against the law, and look whether the child is registered already."""
        ...

    async def review_birth(self, at: At, form: BirthForm) -> Summary:
        """Say back a complete form, with who may be the same child."""
        ...

    async def record_birth(self, at: At, form: BirthForm) -> Outcome:
        """Record a birth. Raises Refused, Invalid, Conflict; PerhapsRegistered unless `another_child` is confirmed."""
        ...

    async def check_move(self, at: At, form: MoveForm) -> tuple[Verdict, ...]:
        """Hold what is filled in so far against the law."""
        ...

    async def review_move(self, at: At, form: MoveForm) -> Summary:
        """Say back a complete form."""
        ...

    async def record_move(self, at: At, form: MoveForm) -> Outcome:
        """Record a permanent residence. Raises Refused, Invalid, Conflict."""
        ...

    def acts(self, at: At) -> tuple[ActGroup, ...]:
        """List the acts that the officer may record today, by theme."""
        ...

    def check_act(self, at: At, code: str, form: ActForm) -> dict[str, str]:
        """Say what is wrong with the fields that are told so far, by JSON pointer."""
        ...

    async def review_act(self, at: At, code: str, form: ActForm) -> ActChecked:
        """Say back an act, and what the register says when it is tried. Raises Refused, Invalid, NotFound, Conflict."""
        ...

    async def record_act(self, at: At, code: str, form: ActForm) -> ActDone:
        """Record an act, or propose it where it takes four eyes. Raises Refused, Invalid, NotFound, Conflict."""
        ...

    async def papers_for(self, at: At) -> tuple[Option, ...]:
        """List the papers of the chosen dossier that an act may rest on."""
        ...

    async def household_for(self, at: At, *, ref: str) -> tuple[HouseholdMember, ...]:
        """List all members of a person's household, with their relations to the head."""
        ...

    async def events_for(self, at: At, *, ref: str) -> tuple[EventNamed, ...]:
        """List the events of a person that may be named in an act."""
        ...

    async def proposals(self, at: At) -> tuple[ProposalLine, ...]:
        """List the acts that wait for a second officer."""
        ...

    async def proposal(self, at: At, *, dossier: str, code: str) -> ProposalPage:
        """Return a proposed act with what it would change. Raises NotFound."""
        ...

    async def approve_proposal(self, at: At, *, dossier: str, code: str) -> Outcome:
        """Have a proposed act carried out. Raises Refused, Conflict, Forbidden, NotFound."""
        ...

    async def refuse_proposal(self, at: At, *, dossier: str, code: str, answer: str) -> None:
        """Refuse a proposed act. Raises Invalid: it does not say why; Conflict, Forbidden, NotFound."""
        ...

    async def withdraw_proposal(self, at: At, *, dossier: str, code: str) -> None:
        """Withdraw what one proposed oneself. Raises Conflict, NotFound."""
        ...

    async def dossiers(self, at: At) -> tuple[DossierLine, ...]:
        """List the dossiers of the officer's office, the most urgent first."""
        ...

    async def open_dossier(self, at: At, form: DossierForm) -> tuple[Work, str]:
        """Open a dossier for a person named by number, name and birth date; return it with the person's reference.

        Raises Forbidden.
        """
        ...

    async def name_person(self, at: At, *, code: str, person: PersonNamed) -> tuple[Work, str]:
        """Name one more person in an open dossier; return it with the person's reference. Raises Forbidden."""
        ...

    async def close_dossier(self, at: At, *, code: str) -> None:
        """Close a dossier of the officer's office: from now on it opens nobody. Raises NotFound."""
        ...

    def matters(self, officer: Officer) -> tuple[Option, ...]:
        """List the procedures for which the officer may open a dossier."""
        ...

    async def named_person(self, at: At, *, ref: str) -> Suggestion:
        """Return name and number of a person for a form that was opened from the person's page."""
        ...
