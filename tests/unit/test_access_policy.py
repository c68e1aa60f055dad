"""Every role x operation x territory: table in, answer out."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dancu.access.model import Assignment, Office, Officer, Scope, reach_of
from dancu.access.policy import Grant, OpenDossier, Refusal, decide, may_second
from dancu.access.roles import PURPOSES, ROLES, AccountClass, Reach, Role
from dancu.audit.entry import ALL_FIELDS, SUMMARY_FIELDS, Operation
from dancu.kernel.codes import Authority

DAY = date(2026, 11, 24)
REGISTRAR, POLICE, CENTER = Authority.CIVIL_REGISTRAR, Authority.COMMUNE_POLICE, Authority.POPULATION_DATABASE
PHU_XUYEN_REGISTRAR = Office(1, REGISTRAR, "10273", "UBND xã Phú Xuyên")
PHU_XUYEN_POLICE = Office(2, POLICE, "10273", "Công an xã Phú Xuyên")
HA_NOI_POLICE = Office(3, POLICE, "01", "Công an Hà Nội")
THE_CENTER = Office(4, CENTER, "", "Trung tâm")
HA_NOI_JUSTICE = Office(5, REGISTRAR, "01", "Sở Tư pháp Hà Nội")
OFFICE_OF = {
    "civil_registrar": PHU_XUYEN_REGISTRAR,
    "commune_police": PHU_XUYEN_POLICE,
    "province_officer": HA_NOI_POLICE,
    "province_justice": HA_NOI_JUSTICE,
    "center_officer": THE_CENTER,
    "auditor": THE_CENTER,
    "data_engineer": THE_CENTER,
    "administrator": THE_CENTER,
}
READING = {Operation.SEARCH, Operation.LOOK_UP, Operation.READ, Operation.OPEN_DOSSIER, Operation.READ_LOG}
DESK = frozenset(READING)
ACTING = {Operation.WRITE, Operation.PROPOSE}


def officer_of(*assignments: Assignment, account_class: AccountClass | None = None) -> Officer:
    of_role = assignments[0].role.account_class if assignments else AccountClass.OPERATOR
    return Officer(7, "lan", "Nguyễn Thị Lan", account_class or of_role, assignments)


def in_role(role: str) -> Officer:
    return officer_of(Assignment(OFFICE_OF[role], ROLES[role]))


def reason(decision: Grant | Refusal) -> str:
    return decision.reason if isinstance(decision, Refusal) else "granted"


# role, purpose, what it may do, how far
MATRIX = [
    ("civil_registrar", "civil_status", DESK, "commune:10273"),
    ("commune_police", "residence", DESK | {Operation.NOTIFY}, "commune:10273"),
    ("commune_police", "population_database", DESK, "commune:10273"),
    ("province_officer", "residence", DESK | {Operation.NOTIFY}, "province:01"),
    ("province_officer", "population_database", DESK, "province:01"),
    ("province_justice", "civil_status", READING, "province:01"),
    ("center_officer", "population_database", DESK, "nation"),
    ("auditor", "inspection", {Operation.READ_LOG, Operation.LOOK_UP, Operation.UNMASK}, "nation"),
    ("center_officer", "intake", {Operation.BULK_WRITE, Operation.EXPORT}, "nation"),
    ("data_engineer", "intake", {Operation.BULK_WRITE, Operation.EXPORT}, "none"),
    ("data_engineer", "derivation", {Operation.EXPORT}, "none"),
]
ALLOWED = {(role, purpose): (operations, reach) for role, purpose, operations, reach in MATRIX}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("purpose", [code for code, one in PURPOSES.items() if not one.needs_dossier])
@pytest.mark.parametrize("operation", [one for one in Operation if one not in {*ACTING, Operation.DECIDE}])
def test_a_role_does_what_the_matrix_says_and_nothing_else(role: str, purpose: str, operation: Operation) -> None:
    operations, reach = ALLOWED.get((role, purpose), (set(), "none"))
    decision = decide(in_role(role), operation=operation, purpose=purpose, day=DAY)
    assert (operation in operations) is isinstance(decision, Grant)
    if isinstance(decision, Grant):
        assert decision.scope == Scope(reach)


def test_roles_that_keep_accounts_see_no_persons() -> None:
    assert not any("administrator" in purpose.roles for purpose in PURPOSES.values())


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"purpose": "curiosity"}, "purpose_unknown"),
        ({"purpose": "residence"}, "purpose_not_of_role"),
        ({"day": date(2015, 12, 31)}, "purpose_unknown"),
        ({"operation": Operation.EXPORT}, "operation_not_of_purpose"),
        ({"fields": ALL_FIELDS + 1}, "fields_not_of_purpose"),
        ({"purpose": "dossier"}, "dossier_needed"),
        ({"office_id": 99}, "purpose_not_of_role"),
        ({}, "granted"),
    ],
)
def test_a_refusal_says_why(change: dict[str, object], expected: str) -> None:
    asked = {"operation": Operation.READ, "purpose": "civil_status", "day": DAY, **change}
    decision = decide(in_role("civil_registrar"), **asked)  # type: ignore[arg-type]
    assert reason(decision) == expected
    assert isinstance(decision, Grant) or decision.law


def test_an_auditor_reads_no_more_than_the_summary() -> None:
    asked = {"operation": Operation.LOOK_UP, "purpose": "inspection", "day": DAY}
    assert reason(decide(in_role("auditor"), fields=SUMMARY_FIELDS, **asked)) == "granted"  # type: ignore[arg-type]
    assert reason(decide(in_role("auditor"), fields=ALL_FIELDS, **asked)) == "fields_not_of_purpose"  # type: ignore[arg-type]


def test_the_first_password_opens_nothing() -> None:
    lan = in_role("civil_registrar")
    fresh = Officer(lan.officer_id, lan.name, lan.full_name, lan.account_class, lan.assignments, True)
    decision = decide(fresh, operation=Operation.SEARCH, purpose="civil_status", day=DAY)
    assert reason(decision) == "password_must_change"


def test_an_officer_without_an_assignment_may_nothing() -> None:
    decision = decide(officer_of(), operation=Operation.READ, purpose="civil_status", day=DAY)
    assert reason(decision) == "purpose_not_of_role"


def test_an_account_of_another_class_cannot_use_a_role() -> None:
    mixed = officer_of(
        Assignment(PHU_XUYEN_REGISTRAR, ROLES["civil_registrar"]), account_class=AccountClass.ADMINISTRATOR
    )
    decision = decide(mixed, operation=Operation.READ, purpose="civil_status", day=DAY)
    assert reason(decision) == "class_not_of_role"


def test_a_registrar_at_a_police_office_records_nothing() -> None:
    misplaced = officer_of(Assignment(PHU_XUYEN_POLICE, ROLES["civil_registrar"]))
    decision = decide(misplaced, operation=Operation.WRITE, purpose="civil_status", day=DAY)
    assert reason(decision) == "not_the_authority"


@pytest.mark.parametrize(
    ("office_id", "is_open", "expected"),
    [(1, True, "granted"), (1, False, "dossier_closed"), (99, True, "dossier_of_another_office")],
)
def test_a_dossier_opens_while_it_is_open_and_to_its_own_office(office_id: int, is_open: bool, expected: str) -> None:
    dossier = OpenDossier(5, office_id, frozenset({41, 42}), is_open)
    decision = decide(in_role("civil_registrar"), operation=Operation.READ, purpose="dossier", day=DAY, dossier=dossier)
    assert reason(decision) == expected
    if isinstance(decision, Grant):
        assert decision.scope.settings() == {"scope": "commune:10273", "opened": "41,42"}


@pytest.mark.parametrize("operation", sorted(ACTING))
@pytest.mark.parametrize(
    ("role", "matter", "act", "expected"),
    [
        ("civil_registrar", None, "birth_registered", "dossier_needed"),
        ("civil_registrar", "1.001193", "birth_registered", "granted"),
        ("civil_registrar", "1.001193", "marriage_registered", "act_not_of_matter"),
        ("civil_registrar", "1.001193", None, "act_not_of_matter"),
        ("civil_registrar", "", "birth_registered", "act_not_of_matter"),
        ("civil_registrar", "1.004222", "permanent_residence_registered", "act_not_of_matter"),
        ("commune_police", "1.004222", "permanent_residence_registered", "granted"),
        ("commune_police", "1.010041", "permanent_residence_registered", "act_not_of_matter"),
        ("province_justice", "1.001193", "birth_registered", "not_the_authority"),
        ("center_officer", "population.verify", "record_merged", "granted"),
        ("auditor", "population.verify", "record_merged", "purpose_not_of_role"),
    ],
)
def test_an_act_hangs_on_a_dossier_whose_matter_leads_to_it(
    role: str, matter: str | None, act: str | None, expected: str, operation: Operation
) -> None:
    who = in_role(role)
    dossier = None
    if matter is not None:
        dossier = OpenDossier(5, OFFICE_OF[role].office_id, frozenset({41}), open=True, matter=matter)
    decision = decide(who, operation=operation, purpose="dossier", day=DAY, dossier=dossier, act=act)
    assert reason(decision) == expected


def test_an_act_of_a_purpose_without_a_dossier_is_refused() -> None:
    decision = decide(
        in_role("civil_registrar"), operation=Operation.WRITE, purpose="civil_status", day=DAY, act="birth_registered"
    )
    assert reason(decision) == "dossier_needed"


HA_NOI = "01"


@pytest.mark.parametrize(
    ("role", "at", "proposed_at", "province", "expected"),
    [
        ("civil_registrar", PHU_XUYEN_REGISTRAR, PHU_XUYEN_REGISTRAR, HA_NOI, True),
        ("civil_registrar", Office(6, REGISTRAR, "10279", ""), PHU_XUYEN_REGISTRAR, HA_NOI, False),
        ("civil_registrar", PHU_XUYEN_REGISTRAR, PHU_XUYEN_POLICE, HA_NOI, False),
        ("province_justice", HA_NOI_JUSTICE, PHU_XUYEN_REGISTRAR, HA_NOI, True),
        ("province_justice", HA_NOI_JUSTICE, PHU_XUYEN_REGISTRAR, "79", False),
        ("province_justice", HA_NOI_JUSTICE, PHU_XUYEN_POLICE, HA_NOI, False),
        ("province_officer", HA_NOI_POLICE, PHU_XUYEN_POLICE, HA_NOI, True),
        ("commune_police", PHU_XUYEN_POLICE, HA_NOI_POLICE, HA_NOI, False),
        ("center_officer", THE_CENTER, PHU_XUYEN_POLICE, HA_NOI, True),
        ("center_officer", THE_CENTER, PHU_XUYEN_REGISTRAR, HA_NOI, False),
        ("auditor", THE_CENTER, PHU_XUYEN_POLICE, HA_NOI, False),
        ("civil_registrar", PHU_XUYEN_POLICE, PHU_XUYEN_POLICE, HA_NOI, False),
    ],
)
def test_the_second_pair_of_eyes_is_of_the_same_or_a_higher_office(
    role: str, at: Office, proposed_at: Office, province: str, expected: bool
) -> None:
    assert may_second(Assignment(at, ROLES[role]), proposed_at, province) is expected


def test_who_decides_from_above_sees_no_further_than_the_office_that_proposes() -> None:
    dossier = OpenDossier(5, 2, frozenset({41}), True, "population.number", PHU_XUYEN_POLICE, HA_NOI)
    decision = decide(
        in_role("province_officer"), operation=Operation.DECIDE, purpose="dossier", day=DAY, dossier=dossier
    )
    assert isinstance(decision, Grant)
    assert decision.settings() == {"scope": "commune:10273", "opened": "41", "offices": "2"}


@pytest.mark.parametrize(
    ("dossier", "expected"),
    [
        (None, "dossier_needed"),
        (OpenDossier(5, 2, frozenset(), True, "population.number"), "dossier_needed"),
        (OpenDossier(5, 2, frozenset(), False, "population.number", PHU_XUYEN_POLICE, HA_NOI), "dossier_closed"),
        (OpenDossier(5, 2, frozenset(), True, "population.number", PHU_XUYEN_POLICE, "79"), "not_the_second"),
    ],
)
def test_nobody_decides_on_what_is_not_proposed_to_them(dossier: OpenDossier | None, expected: str) -> None:
    who = in_role("province_officer")
    decision = decide(who, operation=Operation.DECIDE, purpose="dossier", day=DAY, dossier=dossier)
    assert reason(decision) == expected


def test_a_deputy_acts_at_the_office_of_the_dossier() -> None:
    deputy = officer_of(
        Assignment(PHU_XUYEN_REGISTRAR, ROLES["civil_registrar"]),
        Assignment(Office(6, REGISTRAR, "10279", "UBND xã Đại Xuyên"), ROLES["civil_registrar"], deputy_of=8),
    )
    dossier = OpenDossier(5, 6, frozenset({41}), open=True)
    decision = decide(deputy, operation=Operation.READ, purpose="dossier", day=DAY, dossier=dossier)
    assert isinstance(decision, Grant)
    assert decision.scope == Scope("commune:10279", frozenset({41}))


def test_a_deputy_chooses_the_office() -> None:
    deputy = officer_of(
        Assignment(PHU_XUYEN_REGISTRAR, ROLES["civil_registrar"]),
        Assignment(Office(6, REGISTRAR, "10279", "UBND xã Đại Xuyên"), ROLES["civil_registrar"], deputy_of=8),
    )
    decision = decide(deputy, operation=Operation.SEARCH, purpose="civil_status", day=DAY, office_id=6)
    assert isinstance(decision, Grant)
    assert decision.scope.reach == "commune:10279"


@pytest.mark.parametrize(
    ("reach", "unit", "expected"),
    [
        (Reach.NATION, "", "nation"),
        (Reach.NATION, "10273", "none"),
        (Reach.PROVINCE, "01", "province:01"),
        (Reach.PROVINCE, "10273", "none"),
        (Reach.COMMUNE, "10273", "commune:10273"),
        (Reach.COMMUNE, "01", "none"),
        (Reach.COMMUNE, "", "none"),
        (Reach.NONE, "10273", "none"),
    ],
)
def test_an_office_whose_unit_does_not_fit_the_role_reaches_nothing(reach: Reach, unit: str, expected: str) -> None:
    role = Role("any", "", "", reach, AccountClass.OPERATOR)
    assert reach_of(Assignment(Office(1, 1, unit, ""), role)) == expected


units = st.sampled_from(["", "01", "79", "10273", "26734"])
offices = st.builds(Office, st.integers(1, 4), st.sampled_from([1, 2, 3, 4]), units, st.just(""))
assignments = st.builds(Assignment, offices, st.sampled_from(list(ROLES.values())), st.none() | st.integers(1, 9))
officers = st.builds(
    Officer,
    st.integers(1, 9),
    st.just("lan"),
    st.just("Lan"),
    st.sampled_from(AccountClass),
    st.lists(assignments, max_size=3).map(tuple),
    st.booleans(),
)
dossiers = st.none() | st.builds(
    OpenDossier, st.just(5), st.integers(1, 4), st.frozensets(st.integers(1, 9), max_size=3), st.booleans()
)


@given(
    officers,
    st.sampled_from(Operation),
    st.sampled_from([*PURPOSES, "curiosity"]),
    st.dates(date(2014, 1, 1), date(2030, 1, 1)),
    st.integers(0, 1 << 27),
    dossiers,
    st.none() | st.integers(1, 4),
)
def test_no_grant_is_wider_than_the_assignments_and_the_dossier(
    officer: Officer,
    operation: Operation,
    purpose: str,
    day: date,
    fields: int,
    dossier: OpenDossier | None,
    office_id: int | None,
) -> None:
    decision = decide(
        officer,
        operation=operation,
        purpose=purpose,
        day=day,
        fields=fields,
        dossier=dossier,
        office_id=office_id,
    )
    if isinstance(decision, Grant):
        assert decision.assignment in officer.assignments
        assert decision.scope.reach in {"none", *(reach_of(one) for one in officer.assignments)}
        assert decision.scope.opened <= (dossier.persons if dossier and dossier.open else frozenset())
        assert operation in decision.purpose.operations
        assert fields & ~decision.purpose.fields == 0
        assert decision.purpose.in_force.covers(day)
        assert not officer.must_change_password
        assert office_id in {None, decision.assignment.office.office_id}
