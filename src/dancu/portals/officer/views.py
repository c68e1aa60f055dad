"""What the officer's pages show: frozen values, already decided and already allowed.

Texts that begin as code are msgids; `Said` holds texts that are data in both languages.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from dancu.access.model import Officer as Account
from dancu.kernel.codes import (
    Authority,
    IdentifierScheme,
    MaritalStatus,
    PersonStatus,
    Relation,
    ResidenceKind,
    Sex,
    SubjectType,
)
from dancu.kernel.dates import PartialDate
from dancu.portals.shared.pages import Said


@dataclass(frozen=True)
class Word:
    """A value that is a word of the pages, given by its msgid; `before` is what it is said of."""

    text: str
    before: str = ""


Told = str | Said | Word
"""A text that is data, data in both languages, or a word of the pages."""


@dataclass(frozen=True)
class PaperLine:
    """What an act rests on.

    Args:
        name: '' where it is a document that another office has.
        digest: SHA-256 in hex; '' where there is none.
        address: where it is opened; '' where it can't be.
    """

    name: str
    digest: str = ""
    address: str = ""


@dataclass(frozen=True)
class Officer:
    """Who is signed in, as the header shows it.

    Args:
        code: internal id, as text.
        may_record: what authority and role allow (`birth`, `move`, `stay`, `dossier`, `second`).
        account: the account behind it, for the slices.
        must_change_password: nothing else is open before.
        office_code: the office in which the officer works now, as text; '' where there is none.
        offices: those to choose from.
    """

    code: str
    name: str
    office: str
    office_unit: str
    role: str | Said
    authority: Authority | None
    may_record: frozenset[str] = frozenset()
    account: Account | None = None
    must_change_password: bool = False
    office_code: str = ""
    offices: tuple["Option", ...] = ()

    @property
    def initials(self) -> str:
        """First letters of the last two words of the name."""
        return "".join(word[0] for word in self.name.split()[-2:]).upper()


@dataclass(frozen=True)
class Work:
    """A piece of work that an officer does and that every look-up is written down under.

    Args:
        code: `purpose:<code>` or `dossier:<id>`.
        title: of the purpose, or of the dossier with its number.
        ground: legal ground, as published.
    """

    code: str
    title: str | Said
    ground: str

    @property
    def is_dossier(self) -> bool:
        """Whether it is a dossier, which opens the persons that it names."""
        return self.code.startswith("dossier:")


@dataclass(frozen=True)
class Reason:
    """Why a result matched: a msgid, and what of the question it answers."""

    text: str
    value: str = ""
    exact: bool = True


@dataclass(frozen=True)
class Hit:
    """One person in a list of results. `masked`: the number is shown in part only."""

    ref: str
    name: str
    number: str
    masked: bool
    born: PartialDate | None
    sex: Sex
    place: str
    status: PersonStatus
    reasons: tuple[Reason, ...] = ()
    openable: bool = True


@dataclass(frozen=True)
class SearchPage:
    """What a search found, or what has to be added to the question.

    Args:
        text: the question.
        understood: (msgid of the kind, what was read) for each part of the question.
        hits: the best first.
        more: there are more than are shown.
        add: msgids of what would narrow the question; not empty means that nothing is listed.
    """

    text: str
    understood: tuple[Reason, ...] = ()
    hits: tuple[Hit, ...] = ()
    more: bool = False
    add: tuple[str, ...] = ()


@dataclass(frozen=True)
class IdentifierLine:
    """A number that the person has or had."""

    scheme: IdentifierScheme
    value: str
    since: date | None = None
    until: date | None = None
    cancelled: bool = False


@dataclass(frozen=True)
class NameLine:
    """A name that the person had before, or has besides."""

    name: str
    other: bool


@dataclass(frozen=True)
class Relative:
    """A member of the family; `ref` where there is a record that may be opened. `role` is a msgid."""

    role: str
    name: str
    number: str = ""
    ref: str | None = None
    since: PartialDate | None = None
    until: PartialDate | None = None


@dataclass(frozen=True)
class Member:
    """A member of the household on the day shown."""

    name: str
    relation: Relation
    ref: str | None = None
    born: PartialDate | None = None
    shown_person: bool = False


@dataclass(frozen=True)
class HouseholdView:
    """The household on the day shown."""

    file_no: str
    address: str
    members: tuple[Member, ...]
    since: date | None = None
    without_head: bool = False


@dataclass(frozen=True)
class StayLine:
    """A stay in one layer of residence.

    Args:
        address: as registered, in the units of its time.
        today: the same place in today's units, where that differs and is certain; '' otherwise.
        divided: the old unit was divided, and the address does not tell which part.
    """

    kind: ResidenceKind
    address: str
    since: date | None
    until: date | None
    in_force: bool
    today: str = ""
    divided: bool = False


@dataclass(frozen=True)
class TimelineEntry:
    """One event of the life. `title` is a msgid.

    Args:
        late: it was recorded long after it became true.
        ended: it was annulled, and is shown struck.
    """

    title: str
    on: PartialDate
    known_at: datetime
    ground: str = ""
    office: str = ""
    officer: str = ""
    dossier: str = ""
    registration: str = ""
    details: tuple[tuple[str, Told], ...] = ()
    late: bool = False
    ended: bool = False
    papers: tuple[PaperLine, ...] = ()


@dataclass(frozen=True)
class Look:
    """Accesses to the record on one day, by whom and why. `at`: the latest of them; `times`: how many."""

    at: datetime
    who: str
    office: str
    purpose: str | Said
    operation: str
    granted: bool = True
    own: bool = False
    times: int = 1


@dataclass(frozen=True)
class Flag:
    """Something to act upon; with a day until which, where the law gives one."""

    text: str | Said
    due_on: date | None = None
    grave: bool = False


@dataclass(frozen=True)
class ActLink:
    """An act that may be recorded, with the address of its form."""

    code: str
    title: str
    address: str
    ground: str = ""


@dataclass(frozen=True)
class ActGroup:
    """Acts of one theme. `title` is a msgid."""

    title: str
    acts: tuple[ActLink, ...]


@dataclass(frozen=True)
class SourceLine:
    """One telling of a field.

    Args:
        value: as this source tells it.
        source: name of the source system; empty for an officer.
        told_on: the day of the document or of the event, else the day of receipt.
        dated: whether the day is that of the document.
        confidence: how sure it is that the record is about this person, in percent; None: nothing was weighed.
    """

    value: Told
    source: str
    document: Said
    told_on: date
    dated: bool
    confidence: int | None = None


@dataclass(frozen=True)
class SourcesOfField:
    """The value of a field that stands, why, and who told what.

    Args:
        label: msgid of the field.
        reason: msgid.
        refined: the value says more exactly what the strongest source says.
    """

    label: str
    value: Told
    reason: str
    refined: bool
    same: tuple[SourceLine, ...]
    others: tuple[SourceLine, ...]


@dataclass(frozen=True)
class PersonPage:
    """A life as it was on a day.

    Args:
        on: the day shown; equals today for the present.
        known_on: the day at whose end the register knew what is shown; equals today for all that it knows.
        earliest: first day of the slider.
        known: whether anything is known of the person on that day.
        acts: what the officer may record of the person, as it is today.
        remarks: what an officer must know beyond the particulars: (msgid, value).
    """

    ref: str
    on: date
    today: date
    earliest: date
    name: str
    number: str
    born: PartialDate | None
    sex: Sex
    status: PersonStatus
    subject: SubjectType
    marital: MaritalStatus
    known: bool = True
    died: PartialDate | None = None
    other_name: str = ""
    names: tuple[NameLine, ...] = ()
    birth_place: str = ""
    birth_registration: str = ""
    origin: str = ""
    ethnicity: str = ""
    religion: str | Said = ""
    nationality: str | Said = ""
    blood: str = ""
    phone: str = ""
    email: str = ""
    identifiers: tuple[IdentifierLine, ...] = ()
    family: tuple[Relative, ...] = ()
    household: HouseholdView | None = None
    stays: tuple[StayLine, ...] = ()
    timeline: tuple[TimelineEntry, ...] = ()
    looks: tuple[Look, ...] = ()
    sources: tuple[SourcesOfField, ...] = ()
    flags: tuple[Flag, ...] = ()
    known_on: date | None = None
    acts: tuple[ActGroup, ...] = ()
    remarks: tuple[tuple[str, Told], ...] = ()

    @property
    def knew_less(self) -> bool:
        """Whether what was recorded later is left out."""
        return self.known_on is not None and self.known_on != self.today

    @property
    def in_the_past(self) -> bool:
        """Whether another day than today is shown."""
        return self.on != self.today

    @property
    def abode(self) -> StayLine | None:
        """Where the person lives: declared abode, else temporary, else permanent residence."""
        order = (ResidenceKind.CURRENT_ABODE, ResidenceKind.TEMPORARY, ResidenceKind.PERMANENT)
        return next((s for kind in order for s in self.stays if s.kind is kind and s.in_force), None)


@dataclass(frozen=True)
class Suggestion:
    """One line of a type-ahead: what is sent, what is shown, and a second line."""

    value: str
    label: str
    note: str = ""


@dataclass(frozen=True)
class Verdict:
    """What the rules say about a form before it is sent. `grave` stops it.

    Args:
        message: what is wrong and what to do.
        law: citation; '' for a plain mistake.
        field: name of the form field, or ''.
    """

    message: str | Said
    law: str = ""
    field: str = ""
    in_force: date | None = None
    grave: bool = True


@dataclass(frozen=True)
class Alike:
    """Who may be registered already of what a form describes.

    Args:
        people: those whom the officer may see.
        offices: one for each whom the officer may not see: who can be asked.
        seen: stands for exactly these; who confirms that another one is meant repeats it. '' when there is nobody.
    """

    people: tuple[Hit, ...] = ()
    offices: tuple[str | Said, ...] = ()
    seen: str = ""


@dataclass(frozen=True)
class Checked:
    """What stands against a form that is not finished yet."""

    verdicts: tuple[Verdict, ...] = ()
    alike: Alike = Alike()


@dataclass(frozen=True)
class Summary:
    """A form as it was understood, for the officer to confirm: (msgid, value) in order."""

    lines: tuple[tuple[str, str | Word], ...]
    verdicts: tuple[Verdict, ...] = ()
    alike: Alike = Alike()


@dataclass(frozen=True)
class Outcome:
    """What was recorded. `number` where one was established."""

    ref: str
    name: str
    number: str = ""
    warnings: tuple[Verdict, ...] = ()
    number_block_nearly_full: bool = False
    repeated: bool = False


@dataclass(frozen=True)
class DossierLine:
    """A dossier in a list."""

    code: str
    number: str
    title: str | Said
    requester: str
    opened_on: date
    due_on: date | None
    state: str
    persons: tuple[str, ...] = ()
    open: bool = True


@dataclass(frozen=True)
class Option:
    """One entry of a select."""

    value: str
    label: str | Said


@dataclass(frozen=True)
class FormState:
    """A form as typed, with what is wrong: field name to msgid. `choices`: candidates for a name typed."""

    values: dict[str, str]
    faults: dict[str, str | Said] = field(default_factory=dict)
    choices: dict[str, tuple[Suggestion, ...]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")
