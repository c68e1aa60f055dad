"""What every request passes through."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
import structlog
from starlette.applications import Starlette
from tests.journeys.client import Client
from tests.journeys.factories import NOW, TOKEN, FakeDesk

from dancu.app import application
from dancu.infra.db import Database
from dancu.infra.web import FormFromElsewhere, check_form_token, form_token
from dancu.kernel.errors import Conflict, FieldFault, Invalid, Limited, Malformed, NotFound, Refused, Stale, Unavailable
from dancu.portals.officer.routes import ROUTES
from dancu.portals.shared.refs import References, UnknownReference, references_key
from dancu.register.catalogue import CATALOGUE

pytestmark = pytest.mark.anyio


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def app(desk: FakeDesk) -> Starlette:
    return application(desk=desk, database=Database("", size=0), synthetic=True, clock=lambda: NOW)


@pytest.fixture
def stranger(app: Starlette) -> Client:
    return Client(app)


@pytest.fixture
def officer(app: Starlette) -> Client:
    return Client(app, {"dancu_session": TOKEN})


@pytest.fixture
def logged() -> Iterator[list[dict[str, object]]]:
    with structlog.testing.capture_logs() as entries:
        yield entries  # type: ignore[misc]


async def test_strangers_are_led_to_the_door(stranger: Client) -> None:
    for address in ("/", "/people/an", "/births/new", "/moves/new", "/dossiers"):
        answer = await stranger.get(address)
        assert (answer.status, answer.headers["location"]) == (303, "/sign-in")


async def test_a_form_of_a_stranger_is_refused_without_a_session(stranger: Client) -> None:
    await stranger.get("/sign-in")
    assert (await stranger.post("/search", {"text": "an"})).status == 401


@pytest.mark.parametrize("address", ["/search", "/births", "/moves", "/dossiers", "/sign-out", "/work", "/language"])
async def test_a_form_without_token_is_refused(officer: Client, desk: FakeDesk, address: str) -> None:
    answer = await officer.post(address, {"text": "an"}, token="")
    assert answer.status == 403
    assert desk.asked == []


_POSTS = [route.path for route in ROUTES if "POST" in (route.methods or ())]


@pytest.mark.parametrize("address", _POSTS)
@pytest.mark.parametrize("powers", [frozenset(), frozenset({"dossier", "birth", "move", "acts", "audit", "second"})])
async def test_no_address_takes_a_form_without_token(
    officer: Client, desk: FakeDesk, address: str, powers: frozenset[str]
) -> None:
    desk.officer_signed_in = replace(desk.officer_signed_in, may_record=powers)
    code = next(iter(CATALOGUE)) if address.startswith("/acts/") else "1"
    answer = await officer.post(re.sub(r"{[^}]*}", code, address), {}, token="")
    assert answer.status == (400 if address.endswith("/documents") else 403)  # what is no multipart is no upload
    assert desk.asked == []


async def test_a_form_from_another_site_is_refused(officer: Client) -> None:
    token = await officer.token()
    answer = await officer.post("/search", {"text": "an"}, token=token, **{"sec-fetch-site": "cross-site"})
    assert answer.status == 403


async def test_a_token_of_another_session_is_refused() -> None:
    check_form_token("mine", form_token("mine"))
    for token in (form_token("another"), "", "zz", "00" * 32, form_token("mine")[:-2]):
        with pytest.raises(FormFromElsewhere):
            check_form_token("mine", token)
    with pytest.raises(FormFromElsewhere):
        check_form_token(None, form_token(""))


async def test_tokens_differ_each_time() -> None:
    assert form_token("mine") != form_token("mine")


async def test_pages_carry_the_security_headers(officer: Client) -> None:
    headers = (await officer.get("/")).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert re.fullmatch(r"[0-9a-f-]{36}", headers["x-request-id"])


async def test_the_session_cookie_is_out_of_reach(stranger: Client) -> None:
    await stranger.get("/sign-in")
    answer = await stranger.post(
        "/sign-in", {"name": "hanh", "password": "right password", "code": "123 456"}, token=await stranger.token()
    )
    assert answer.status == 303
    session = next(cookie for cookie in answer.cookies if cookie.startswith("dancu_session="))
    assert {"HttpOnly", "SameSite=strict"} <= {part.strip() for part in session.split(";")}


async def test_a_wrong_password_says_no_more_than_that(stranger: Client) -> None:
    await stranger.get("/sign-in")
    answer = await stranger.post("/sign-in", {"name": "hanh", "password": "wrong", "code": "1"})
    assert answer.status == 401
    assert "wrong" not in answer.text.replace("is wrong", "")
    assert "dancu_session" not in stranger.cookies


async def test_signing_out_ends_the_session_and_clears_the_browser(officer: Client, desk: FakeDesk) -> None:
    answer = await officer.post("/sign-out", {})
    assert desk.asked == ["sign_out"]
    assert "dancu_session" not in officer.cookies
    assert "storage" in answer.headers["clear-site-data"]


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil.example", "/search", "x\r\ny"])
async def test_redirects_stay_within_the_site(officer: Client, back: str) -> None:
    answer = await officer.post("/language", {"language": "en", "back": back})
    assert (answer.status, answer.headers["location"]) == (303, "/")


async def test_the_language_is_one_click_away(officer: Client) -> None:
    assert 'lang="vi"' in (await officer.get("/")).text
    await officer.post("/language", {"language": "en", "back": "/dossiers"})
    page = (await officer.get("/")).text
    assert '<html lang="en">' in page
    assert "Find a person" in page


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Malformed("The day could not be read"), 400),
        (NotFound("Nothing was found"), 404),
        (Conflict("The number belongs to somebody already"), 409),
        (Stale("The record was changed meanwhile"), 412),
        (Limited("Too many requests"), 429),
        (Unavailable("The database does not answer"), 503),
        (Invalid((FieldFault("/name", "A name is needed"),)), 422),
        (Refused("birth.x", "Luật X, Điều 1", date(2016, 1, 1), "Không được", "Not allowed"), 422),
    ],
)
async def test_each_kind_of_error_has_a_page_and_a_problem_document(
    officer: Client, desk: FakeDesk, error: Exception, status: int
) -> None:
    desk.fails = error
    page = await officer.post("/search", {"text": "x"})
    assert status == page.status
    assert "<h1>" in page.text
    officer.accept = "application/json"
    document = await officer.post("/search", {"text": "x"}, token=form_token(TOKEN))
    assert status == document.status
    assert document.headers["content-type"].startswith("application/problem+json")
    told = json.loads(document.text)
    assert status == told["status"]
    assert told["instance"].startswith("urn:uuid:")


async def test_a_refusal_names_rule_law_and_date(officer: Client, desk: FakeDesk) -> None:
    desk.fails = Refused("birth.x", "Luật X, Điều 1", date(2016, 1, 1), "Không được", "Not allowed")
    officer.accept = "application/json"
    told = json.loads((await officer.post("/search", {"text": "x"}, token=form_token(TOKEN))).text)
    assert (
        told["rule"],
        told["law"],
        told["in_force"],
        told["detail"],
    ) == ("birth.x", "Luật X, Điều 1", "2016-01-01", "Không được")


async def test_what_nobody_foresaw_says_nothing_of_itself(
    officer: Client, desk: FakeDesk, logged: list[dict[str, object]]
) -> None:
    desk.fails = RuntimeError("Nguyễn Văn An 001085012345")
    answer = await officer.post("/search", {"text": "Nguyễn Văn An"})
    assert answer.status == 500
    assert "001085012345" not in answer.text
    assert answer.headers["x-request-id"] in answer.text
    assert "001085012345" not in repr(logged)
    assert any(entry["event"] == "unexpected" and entry["error"] == "RuntimeError" for entry in logged)


async def test_the_access_log_holds_no_personal_data(officer: Client, logged: list[dict[str, object]]) -> None:
    await officer.post("/search", {"text": "Nguyễn Văn An 001085012345"})
    await officer.get("/people/secret-reference?on=2010-01-02")
    text = repr(logged)
    assert "/people/{ref}" in text
    for secret in ("Nguyễn", "001085012345", "secret-reference", "2010-01-02", TOKEN):
        assert secret not in text


@pytest.mark.parametrize("announced", ["300000", "x", "-1"])
async def test_a_large_body_is_refused_with_a_problem_like_others(officer: Client, announced: str) -> None:
    form = {"content-type": "application/x-www-form-urlencoded", "content-length": announced}
    answer = await officer.send("POST", "/search", b"text=x", {**form, "accept": "application/json"})
    assert answer.status == 413
    assert answer.headers["content-type"].startswith("application/problem+json")
    told = json.loads(answer.text)
    assert (told["type"], told["status"]) == ("/problems/body-too-large", 413)
    assert told["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"


async def test_a_large_body_is_refused_with_a_page_for_a_browser(
    officer: Client, logged: list[dict[str, object]]
) -> None:
    answer = await officer.post("/search", {"text": "x" * 300_000}, token="00")
    assert answer.status == 413
    assert answer.headers["content-type"].startswith("text/html")
    assert "/problems/body-too-large" in answer.text or answer.headers["x-request-id"] in answer.text
    assert not any(entry["event"] == "unexpected" for entry in logged)


async def test_a_body_that_grows_beyond_what_it_announced_is_refused_alike(officer: Client) -> None:
    form = {"content-type": "application/x-www-form-urlencoded", "content-length": "10"}
    answer = await officer.send("POST", "/search", b"x" * 300_000, {**form, "accept": "application/json"})
    assert answer.status == 413
    assert json.loads(answer.text)["type"] == "/problems/body-too-large"


async def test_static_files_stay_for_ever_and_change_their_name(stranger: Client) -> None:
    page = await stranger.get("/sign-in")
    for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text):
        answer = await stranger.get(address)
        assert answer.status == 200
        assert "immutable" in answer.headers["cache-control"]
    old = await stranger.get("/static/000000000000/css/base.css")
    assert old.headers["cache-control"] == "no-cache"
    assert (await stranger.get("/static/000000000000/../app.py")).status == 404


async def test_pages_are_compressed_for_those_who_can(officer: Client) -> None:
    answer = await officer.send("GET", "/healthz", b"", {"accept-encoding": "gzip"})
    assert "content-encoding" not in answer.headers
    assert answer.status == 200


async def test_readiness_tells_a_database_that_does_not_answer() -> None:
    database = Database("host=/nonexistent", size=0)
    app = application(desk=FakeDesk(), database=database, synthetic=False)
    assert (await Client(app).get("/readyz")).status == 503
    assert (await Client(app, {"dancu_session": TOKEN}).get("/components")).status == 404


async def test_the_ribbon_stands_on_every_page_of_made_up_data(stranger: Client, officer: Client) -> None:
    for client, address in ((stranger, "/sign-in"), (officer, "/"), (officer, "/people/an"), (officer, "/nowhere")):
        assert "SYNTHETIC" in (await client.get(address)).text


async def test_a_real_installation_has_no_ribbon(desk: FakeDesk) -> None:
    app = application(desk=desk, database=Database("", size=0), synthetic=False, clock=lambda: NOW)
    assert "SYNTHETIC" not in (await Client(app).get("/sign-in")).text


def test_references_lead_back_to_ids_and_guesses_to_nothing(tmp_path: object) -> None:
    refs = References(b"k" * 32)
    for number in (1, 2**63 - 1):
        assert number == refs.id(refs.ref(number))
    for guess in ("", "an", "A" * 22, refs.ref(5)[:-2] + "AA", "é" * 22, References(b"o" * 32).ref(5)):
        with pytest.raises(UnknownReference):
            refs.id(guess)


def test_the_key_of_references_is_made_once_and_is_private(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("home") / "keys"
    key = references_key(folder)
    assert len(key) == 32
    assert key == references_key(folder)
    assert (folder / "references.key").stat().st_mode & 0o777 == 0o600


async def test_a_first_password_must_be_changed_before_anything_else(officer: Client, desk: FakeDesk) -> None:
    desk.officer_signed_in = replace(desk.officer_signed_in, must_change_password=True)
    assert (await officer.get("/")).headers["location"] == "/password"
    values = {"present": "wrong", "wanted": "a new one", "again": "a new one"}
    assert (await officer.post("/password", values)).status == 422
    assert (await officer.post("/password", values | {"present": "right password", "again": "typo"})).status == 422
    assert (await officer.post("/password", values | {"present": "right password"})).status == 303
