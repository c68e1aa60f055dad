"""The `type` of every problem opens a page that says what to do."""

import json
import re

import pytest
from starlette.applications import Starlette
from tests.journeys.client import Client
from tests.journeys.factories import NOW, TOKEN, FakeDesk

from dancu.app import application
from dancu.infra.db import Database
from dancu.infra.web import form_token
from dancu.kernel.errors import FieldFault, Invalid
from dancu.portals.shared.problem_pages import ProblemText, read_problem_page
from dancu.register.search.find import TookTooLong
from dancu.register.store import ChangedMeanwhile, PersonUnknown

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


@pytest.mark.parametrize(
    "slug",
    ["no-such-kind", "README", "readme", "..", "..%2F..%2Fpyproject", "%2E%2E", "conflict.md", "Conflict", "x" * 99],
)
async def test_an_unknown_kind_is_not_found(stranger: Client, slug: str) -> None:
    assert (await stranger.get(f"/problems/{slug}")).status == 404


@pytest.mark.parametrize("slug", ["../decisions/0001-state-is-a-fold", "..", "", "README", "conflict\n"])
def test_a_name_that_is_no_slug_reaches_no_file(slug: str) -> None:
    with pytest.raises(FileNotFoundError):
        read_problem_page(slug)


@pytest.mark.parametrize(
    "error",
    [
        ChangedMeanwhile("The record was changed meanwhile"),
        PersonUnknown("No such person is open to you"),
        TookTooLong(()),
        Invalid((FieldFault("/name", "A name is needed"),)),
        RuntimeError("nobody foresaw it"),
    ],
)
async def test_the_type_of_an_answer_opens_for_everybody(
    app: Starlette, stranger: Client, desk: FakeDesk, error: Exception
) -> None:
    desk.fails = error
    program = Client(app, {"dancu_session": TOKEN}, accept="application/json")
    told = json.loads((await program.post("/search", {"text": "x"}, token=form_token(TOKEN))).text)
    page = await stranger.get(told["type"])
    assert page.status == 200
    assert f"HTTP {told['status']}" in page.text


async def test_an_address_that_is_not_there_has_a_type_that_opens(stranger: Client) -> None:
    stranger.accept = "application/json"
    told = json.loads((await stranger.get("/nowhere")).text)
    assert (await stranger.get(told["type"])).status == 200


async def test_a_page_speaks_the_language_of_the_reader(stranger: Client) -> None:
    in_vietnamese = (await stranger.get("/problems/already-recorded")).text
    stranger.language = "en"
    in_english = (await stranger.get("/problems/already-recorded")).text
    for text, language, said, unsaid in (
        (in_vietnamese, "vi", "<h2>Thử lại</h2>", "<h2>Retry</h2>"),
        (in_english, "en", "<h2>Retry</h2>", "<h2>Thử lại</h2>"),
    ):
        assert f'<html lang="{language}">' in text
        assert said in text
        assert unsaid not in text


async def test_a_stranger_changes_the_language_of_a_page(stranger: Client) -> None:
    page = await stranger.get("/problems/conflict")
    found = re.search(r'name="form-token" content="([0-9a-f]+)"', page.text)
    assert found
    values = {"language": "en", "back": "/problems/conflict"}
    answer = await stranger.post("/language", values, token=found.group(1))
    assert (answer.status, answer.headers["location"]) == (303, "/problems/conflict")
    assert '<html lang="en">' in (await stranger.get("/problems/conflict")).text


async def test_a_page_leaves_the_session_as_it_is(app: Starlette) -> None:
    officer = Client(app, {"dancu_session": TOKEN})
    assert (await officer.get("/problems/conflict")).cookies == []


async def test_the_page_of_an_error_leads_to_its_explanation(app: Starlette, desk: FakeDesk) -> None:
    desk.fails = ChangedMeanwhile("The record was changed meanwhile")
    shown = await Client(app, {"dancu_session": TOKEN}).post("/search", {"text": "x"})
    assert 'href="/problems/changed-meanwhile"' in shown.text


def test_a_page_brings_no_tags_of_its_own() -> None:
    assert "<script>" not in ProblemText("", "<script>x</script> [a](javascript:x)").html()
    assert "href" not in ProblemText("", "[a](javascript:x)").html()
