"""A desk with one family on it, for tests of pages: nothing of it is shipped."""
# ruff: noqa: ARG002 -- the contract names what a fake has no need of

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

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
from dancu.kernel.errors import FieldFault, Invalid, Refused, Unauthenticated
from dancu.portals.officer.act_views import ActChecked, ActDone, ActForm, EventNamed, HouseholdMember
from dancu.portals.officer.desk import At, BirthForm, DossierForm, MoveForm, PersonNamed
from dancu.portals.officer.proposal_views import ProposalLine, ProposalPage
from dancu.portals.officer.views import (
    ActGroup,
    ActLink,
    Alike,
    Checked,
    DossierLine,
    Flag,
    Hit,
    HouseholdView,
    IdentifierLine,
    Look,
    Member,
    NameLine,
    Officer,
    Option,
    Outcome,
    PersonPage,
    Reason,
    Relative,
    SearchPage,
    SourceLine,
    SourcesOfField,
    StayLine,
    Suggestion,
    Summary,
    TimelineEntry,
    Verdict,
    Word,
    Work,
)
from dancu.portals.shared.pages import Said

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
TODAY = date(2026, 11, 24)
TOKEN = "a-session"

SOURCES = (
    SourcesOfField(
        "Date of birth",
        "12/03/1985",
        "its document goes first by law",
        refined=False,
        same=(SourceLine("12/03/1985", "Hộ tịch", Said("giấy khai sinh", ""), date(1985, 3, 20), dated=True),),
        others=(
            SourceLine("1985", "Bảo hiểm", Said("dữ liệu của bộ, ngành", ""), TODAY, dated=False, confidence=97),
            SourceLine("12/05/1985", "Thuế", Said("tờ khai", ""), TODAY, dated=False),
        ),
    ),
    SourcesOfField(
        "Sex",
        Word("Male"),
        "nobody tells otherwise",
        refined=False,
        same=(SourceLine(Word("Male"), "", Said("quyết định về hộ tịch", ""), TODAY, dated=True),),
        others=(),
    ),
)

REGISTRAR = Officer(
    code="1",
    name="Trần Thị Minh Hạnh",
    office="Ủy ban nhân dân phường Hồng Hà",
    office_unit="00097",
    role=Said("Công chức tư pháp - hộ tịch", "Civil registrar"),
    authority=Authority.CIVIL_REGISTRAR,
    may_record=frozenset({"birth", "move", "dossier", "second"}),
)
DEPUTY = replace(
    REGISTRAR,
    office_code="1",
    offices=(
        Option("1", "Ủy ban nhân dân phường Hồng Hà"),
        Option("2", "Ủy ban nhân dân phường Hoàn Kiếm"),
    ),
)
WORKS = (
    Work("purpose:civil_status", Said("Giải quyết hộ tịch", "Civil status matters"), "Luật Hộ tịch 60/2014/QH13"),
    Work("dossier:7", Said("00097-2026-000123 · Khai sinh", "00097-2026-000123 · Birth"), "Luật Hộ tịch"),
)


def hit(name: str = "Nguyễn Văn An", ref: str = "an", **changes: object) -> Hit:
    """A result of a search."""
    values: dict[str, object] = {
        "ref": ref,
        "name": name,
        "number": "001085012345",
        "masked": False,
        "born": PartialDate.of(1985, 3, 12),
        "sex": Sex.MALE,
        "place": "Phường Hồng Hà, Thành phố Hà Nội",
        "status": PersonStatus.ALIVE,
        "reasons": (Reason("name, without accents", "nguyen van an"), Reason("year of birth", "1985")),
    }
    return Hit(**(values | changes))  # type: ignore[arg-type]


ALIKE = Alike(
    (
        hit(
            "Nguyễn Lê Minh Khuê",
            "khue",
            masked=True,
            born=PartialDate.of(2026, 11, 20),
            reasons=(Reason("same mother"), Reason("date of birth", "20/11/2026")),
        ),
    ),
    ("Ủy ban nhân dân phường Bến Thành, Thành phố Hồ Chí Minh",),
    "5c" * 16,
)


PROPOSAL = ProposalPage(
    ProposalLine("7", "8", "Correct particulars", "Lê Thị Lan", NOW, date(2026, 12, 9), mine=False),
    "theo giấy khai sinh gốc",
    "Luật Hộ tịch 60/2014/QH13, Điều 26-28",
    Said("Ngày sinh quyết định số định danh", "The date of birth decides the number"),
    (("Person", "Nguyễn Văn An · 001085012345"), ("Date of birth", "13/03/1985")),
    (("an", "Nguyễn Văn An"),),
)
ACTS = (
    ActGroup(
        "Family",
        (
            ActLink("divorced", "Record a divorce", "/acts/divorced/new", "Luật Hộ tịch 60/2014/QH13, Điều 30"),
            ActLink("adopted", "Register an adoption", "/acts/adopted/new", "Luật Nuôi con nuôi 52/2010/QH12"),
        ),
    ),
)


def person_page(on: date = TODAY) -> PersonPage:
    """A life with everything that a page can show."""
    return PersonPage(
        ref="an",
        on=on,
        today=TODAY,
        earliest=date(1985, 3, 12),
        name="Nguyễn Văn An",
        number="001085012345",
        born=PartialDate.of(1985, 3, 12),
        sex=Sex.MALE,
        status=PersonStatus.ALIVE,
        subject=SubjectType.CITIZEN,
        marital=MaritalStatus.MARRIED,
        names=(NameLine("Nguyễn Văn Ân", other=False),),
        birth_place="Bệnh viện Phụ sản Hà Nội, Phường Cửa Nam",
        birth_registration="Phường Phúc Xá, Quận Ba Đình, Thành phố Hà Nội",
        origin="Xã Nam Cường, Huyện Nam Trực, Tỉnh Nam Định",
        ethnicity="Kinh",
        nationality="Việt Nam",
        phone="0900000001",
        identifiers=(
            IdentifierLine(IdentifierScheme.PERSONAL_NUMBER, "001085012345", date(2016, 5, 4)),
            IdentifierLine(IdentifierScheme.CMND9, "012345678", date(2003, 1, 1), date(2016, 5, 4)),
            IdentifierLine(IdentifierScheme.PERSONAL_NUMBER, "001185012345", None, date(2016, 5, 4), cancelled=True),
        ),
        family=(
            Relative("Father", "Nguyễn Văn Bình", "001055000001", "binh"),
            Relative("Mother", "Trần Thị Cúc"),
            Relative("Wife or husband", "Lê Thị Dung", "001187000002", "dung", PartialDate.of(2012, 9, 9)),
            Relative("Child", "Nguyễn Lê Minh Khuê", "001315000003", "khue"),
        ),
        household=HouseholdView(
            "00097-000012",
            "12 Phúc Xá, Phường Hồng Hà, Thành phố Hà Nội",
            (
                Member("Nguyễn Văn An", Relation.HEAD, "an", PartialDate.of(1985, 3, 12), shown_person=True),
                Member("Lê Thị Dung", Relation.SPOUSE, "dung", PartialDate.of(1987)),
                Member("Nguyễn Lê Minh Khuê", Relation.CHILD, "khue", PartialDate.of(2015, 6, 1)),
            ),
        ),
        stays=(
            StayLine(
                ResidenceKind.PERMANENT,
                "12 Phúc Xá, Phường Phúc Xá, Quận Ba Đình, Thành phố Hà Nội",
                date(2012, 10, 1),
                None,
                in_force=True,
                today="Phường Hồng Hà, Thành phố Hà Nội",
            ),
            StayLine(
                ResidenceKind.PERMANENT,
                "Xóm 3, Xã Nam Cường, Huyện Nam Trực, Tỉnh Nam Định",
                None,
                date(2012, 10, 1),
                in_force=False,
                divided=True,
            ),
        ),
        timeline=(
            TimelineEntry(
                "Permanent residence registered",
                PartialDate.of(2012, 10, 1),
                datetime(2012, 10, 3, 3, tzinfo=UTC),
                "Luật Cư trú 81/2006/QH11",
                "Công an phường Phúc Xá",
            ),
            TimelineEntry("Marriage registered", PartialDate.of(2012, 9, 9), NOW, registration="Số 45, quyển 01/2012"),
            TimelineEntry("Established", PartialDate.of(1985, 3, 12), NOW, late=True, ended=True),
        ),
        sources=SOURCES,
        looks=(
            Look(NOW, "Trần Thị Minh Hạnh", "UBND phường Hồng Hà", WORKS[0].title, "Search", own=True),
            Look(NOW, "Phạm Quang Huy", "Công an phường Hồng Hà", WORKS[0].title, "Look-up", granted=False),
        ),
        flags=(Flag(Said("Khai sinh quá hạn", "Birth registered late"), date(2027, 1, 5)),),
        acts=ACTS,
    )


@dataclass
class FakeDesk:
    """Answers what a test told it to, and remembers what it was asked."""

    found: SearchPage | None = None
    verdicts: tuple[Verdict, ...] = ()
    alike: Alike = field(default_factory=Alike)
    refusal: Refused | None = None
    fails: Exception | None = None
    born: list[BirthForm] = field(default_factory=list)
    moved: list[MoveForm] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    officer_signed_in: Officer = REGISTRAR
    people: tuple[Suggestion, ...] = (Suggestion("dung", "Lê Thị Dung", "001187000002 · 1987 · Phường Hồng Hà"),)

    async def sign_in(self, *, name: str, password: str, code: str, now: datetime, request_id: object) -> str:
        if (name, password, code) != ("hanh", "right password", "123456"):
            raise Unauthenticated("The name, the password or the code is wrong")
        return TOKEN

    async def sign_out(self, *, token: str, now: datetime, request_id: object) -> None:
        self.asked.append("sign_out")

    async def change_password(self, at: At, *, present: str, wanted: str) -> None:
        if present != "right password":
            raise Invalid((FieldFault("/present", "The present password is wrong"),))

    async def offer_factor(self, at: At, *, password: str, code: str) -> str:
        if (password, code) != ("right password", "123456"):
            raise Unauthenticated("Name, password or code is wrong")
        return "otpauth://totp/Dancu:hanh?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Dancu"

    async def accept_factor(self, at: At, *, code: str) -> tuple[str, ...]:
        if code != "654321":
            raise Invalid((FieldFault("/code", "This is not the code that the app shows now"),))
        return tuple(f"{n:04}-abcd-efgh" for n in range(10))

    async def officer(self, *, token: str, now: datetime, office: str = "") -> Officer:
        if token != TOKEN:
            raise Unauthenticated("Please sign in")
        return self.officer_signed_in

    async def works(self, *, officer: Officer, now: datetime) -> tuple[Work, ...]:
        return WORKS

    async def search(self, at: At, *, text: str) -> SearchPage:
        self.asked.append(text)
        if self.fails:
            raise self.fails
        return self.found or SearchPage(
            text,
            hits=(
                hit(),
                hit(
                    "Nguyễn Văn Ân",
                    "an2",
                    number="036085000111",
                    masked=True,
                    born=PartialDate.of(1985),
                    place="Xã Nam Ninh, Tỉnh Ninh Bình",
                    reasons=(
                        Reason("name, one letter differs", "Nguyễn Văn Ân", exact=False),
                        Reason("year of birth", "1985"),
                    ),
                ),
                hit(
                    "Nguyễn Văn Anh",
                    "anh",
                    status=PersonStatus.DEAD,
                    reasons=(Reason("name begins so", "Nguyễn Văn An"),),
                ),
            ),
            more=True,
        )

    async def person(self, at: At, *, ref: str, on: date | None, known_on: date | None = None) -> PersonPage:
        return replace(person_page(on or TODAY), known_on=known_on or TODAY)

    async def suggest_people(self, at: At, *, text: str) -> tuple[Suggestion, ...]:
        return self.people

    async def members(self, at: At, *, ref: str) -> tuple[Suggestion, ...]:
        return (Suggestion("khue", "Nguyễn Lê Minh Khuê", "2015"),)

    async def check_birth(self, at: At, form: BirthForm) -> Checked:
        return Checked(self.verdicts, self.alike if form.born else Alike())

    async def review_birth(self, at: At, form: BirthForm) -> Summary:
        assert form.name
        assert form.born
        lines = (
            ("Full name", form.name.full),
            ("Date of birth", str(form.born)),
            ("Sex", "Nữ"),
            ("Mother", form.mother.name if form.mother else "–"),
            ("Father", "–"),
            ("Place of birth", "Bệnh viện Phụ sản Hà Nội, Phường Hồng Hà, Thành phố Hà Nội"),
        )
        return Summary(lines, self.verdicts, self.alike)

    async def record_birth(self, at: At, form: BirthForm) -> Outcome:
        if self.refusal or self.fails:
            raise self.refusal or self.fails or AssertionError
        repeated = any(one.request_id == form.request_id for one in self.born)
        if not repeated:
            self.born.append(form)
        assert form.name
        return Outcome("child", form.name.full, "001326000777", repeated=repeated)

    async def check_move(self, at: At, form: MoveForm) -> tuple[Verdict, ...]:
        return self.verdicts

    async def review_move(self, at: At, form: MoveForm) -> Summary:
        return Summary((("Person", "Nguyễn Văn An"), ("Where to", form.place.detail)))

    async def record_move(self, at: At, form: MoveForm) -> Outcome:
        if self.refusal or self.fails:
            raise self.refusal or self.fails or AssertionError
        self.moved.append(form)
        return Outcome("an", "Nguyễn Văn An")

    def acts(self, at: At) -> tuple[ActGroup, ...]:
        return ACTS

    async def review_act(self, at: At, code: str, form: ActForm) -> ActChecked:
        if self.refusal:
            raise self.refusal
        return ActChecked((("Person", "Nguyễn Văn An · 001085012345"), ("Relation to the head", Word("Child", "Khuê"))))

    async def record_act(self, at: At, code: str, form: ActForm) -> ActDone:
        if self.fails:
            raise self.fails
        return ActDone(Outcome("an", "Nguyễn Văn An"), expires_on=TODAY if code.startswith("personal") else None)

    async def household_for(self, at: At, *, ref: str) -> tuple[HouseholdMember, ...]:
        return (HouseholdMember("an", "Nguyễn Văn An", "head"), HouseholdMember("dung", "Lê Thị Dung", "spouse"))

    def check_act(self, at: At, code: str, form: ActForm) -> dict[str, str]:
        return {}

    async def papers_for(self, at: At) -> tuple[Option, ...]:
        return ()

    async def events_for(self, at: At, *, ref: str) -> tuple[EventNamed, ...]:
        return (EventNamed("2", "Marriage registered", PartialDate.of(2012, 9, 9)),)

    async def proposals(self, at: At) -> tuple[ProposalLine, ...]:
        return (PROPOSAL.line,)

    async def proposal(self, at: At, *, dossier: str, code: str) -> ProposalPage:
        return PROPOSAL

    async def approve_proposal(self, at: At, *, dossier: str, code: str) -> Outcome:
        return Outcome("an", "", "001085012346")

    async def refuse_proposal(self, at: At, *, dossier: str, code: str, answer: str) -> None:
        self.asked.append(answer)

    async def withdraw_proposal(self, at: At, *, dossier: str, code: str) -> None:
        self.asked.append("withdraw")

    async def dossiers(self, at: At) -> tuple[DossierLine, ...]:
        return (
            DossierLine(
                "7",
                "00097-2026-000123",
                Said("Đăng ký khai sinh", "Birth"),
                "Lê Thị Dung",
                date(2026, 11, 20),
                date(2026, 11, 21),
                "open",
                ("Lê Thị Dung",),
            ),
            DossierLine(
                "6", "00097-2026-000119", "Check", "Phạm Văn Em", date(2026, 10, 2), None, "closed", open=False
            ),
        )

    async def open_dossier(self, at: At, form: DossierForm) -> tuple[Work, str]:
        return WORKS[1], "dung"

    async def name_person(self, at: At, *, code: str, person: PersonNamed) -> tuple[Work, str]:
        return WORKS[1], "dung"

    async def close_dossier(self, at: At, *, code: str) -> None:
        self.asked.append(f"close {code}")

    def matters(self, officer: Officer) -> tuple[Option, ...]:
        return (Option("1.001193", Said("Đăng ký khai sinh", "Birth registration")),)

    async def named_person(self, at: At, *, ref: str) -> Suggestion:
        return Suggestion(ref, "Nguyễn Văn An", "001085012345")
