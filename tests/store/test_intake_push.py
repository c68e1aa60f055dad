"""A source system pushes its changes: proven, in order of what happened, once, and with an answer to each."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from starlette.applications import Starlette
from tests.journeys.client import Answer, Client
from tests.store.test_intake_stages import wrong_in

from dancu.app import application
from dancu.infra.db import Database
from dancu.infra.keys import ring_of
from dancu.intake import credentials
from dancu.intake.changes import read_changes
from dancu.intake.credentials import CredentialUnknown, Discloses
from dancu.intake.http import DESCRIPTION_PATH, PATH, openapi
from dancu.intake.pushed import answer_next, keep_answering, put_down
from dancu.kernel.errors import Invalid
from dancu.register.verify import verify

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
MAI = {
    "name": "Nguyễn Thị Mai",
    "born": "1990-03-05",
    "sex": "2",
    "personal_number": "001190000123",
    "ethnicity": "Kinh",
    "permanent_unit": "00004",
    "permanent_address": "Số 3 ngõ 5",
}


@dataclass
class Source:
    """A source system with its key."""

    client: Client
    key: str
    name: str = "bao-hiem"

    async def send(self, *changes: dict[str, Any], key: str | None = None, to: str | None = None) -> Answer:
        body = json.dumps({"changes": changes}).encode()
        headers = {"authorization": f"Bearer {key or self.key}", "content-type": "application/json"}
        return await self.client.send("POST", PATH.replace("{source}", to or self.name), body, headers)

    async def told(self, *changes: dict[str, Any]) -> list[dict[str, Any]]:
        answer = await self.send(*changes)
        assert answer.status == 200, answer.text
        answers: list[dict[str, Any]] = json.loads(answer.body)["answers"]
        return answers


def change(key: str, days: int, record: dict[str, str] | None = None, **other: Any) -> dict[str, Any]:
    """A change that happened so many days before now."""
    at = (NOW - timedelta(days=days)).isoformat()
    return {"key": key, "source_key": "BH-1", "occurred_at": at, "record": MAI if record is None else record} | other


@pytest.fixture
async def source(database_dsn: str) -> AsyncIterator[Source]:
    """The web as the application's role, and beside it the worker as the role that loads."""
    async with (
        Database(database_dsn, size=2) as database,
        Database(database_dsn, role="dancu_loader", size=2) as loader,
    ):
        app: Starlette = application(desk=None, database=database, synthetic=False, clock=lambda: NOW)  # type: ignore[arg-type]
        working = asyncio.create_task(work(loader))
        yield Source(Client(app, accept="application/json"), await issued(database_dsn))
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working


async def work(loader: Database) -> None:
    while True:
        if not await answer_next(loader, now=NOW):
            await asyncio.sleep(0.01)


async def issued(dsn: str, source: str = "bao-hiem", **other: Any) -> str:
    told: dict[str, Any] = {"discloses": Discloses.NUMBER, "changes_per_minute": 1000} | other
    async with (
        Database(dsn, role="dancu_loader", size=1) as database,
        database.transaction(scope="none") as tx,
    ):
        return await credentials.issue(tx, source=source, agreement="QC-7", by="Lê Văn C", now=NOW, **told)


def rows(dsn: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(query.encode()).fetchall()


async def test_without_a_key_of_its_own_that_holds_nobody_gets_in(source: Source, database_dsn: str) -> None:
    other = await issued(database_dsn, "benh-vien")
    for key, to, status in (
        ("dk_1_x", None, 401),
        ("", None, 401),
        (source.key[:-1] + "?", None, 401),
        (other, None, 403),
    ):
        answer = await source.send(change("a", 1), key=key or "none", to=to)
        assert (answer.status, answer.headers["content-type"][:24]) == (status, "application/problem+json")
    async with Database(database_dsn, role="dancu_loader", size=1) as database:
        async with database.transaction(scope="none") as tx:
            await credentials.revoke(tx, int(source.key.split("_")[1]), NOW)
        with pytest.raises(CredentialUnknown):
            async with database.transaction(scope="none") as tx:
                await credentials.revoke(tx, int(source.key.split("_")[1]), NOW)
        with pytest.raises(Invalid):
            async with database.transaction(scope="none") as tx:
                await credentials.issue(
                    tx, source="", agreement="x", by="y", now=NOW, discloses=Discloses.NOTHING, changes_per_minute=0
                )
    assert (await source.send(change("a", 1))).status == 401
    assert rows(database_dsn, "SELECT count(*) FROM intake.change") == [(0,)]
    stored = rows(database_dsn, "SELECT c::text FROM intake.credential c")
    assert not any(source.key.split("_", 2)[2] in row[0] for row in stored)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b"{", ""),
        (b'{"changes": []}', "/changes"),
        (b'{"changes": [{"key": "a"}]}', "/changes/0"),
        (b'{"changes": [{"key": "", "source_key": "1", "occurred_at": "2026-01-01T00:00:00Z"}]}', "/changes/0/key"),
        (b'{"changes": [{"key": "a", "source_key": "1", "occurred_at": "2026-01-01"}]}', "/changes/0/occurred_at"),
        (b'{"changes": [{"key": "a", "source_key": "1", "occurred_at": "2026-01-01T00:00:00Z"}]}', "/changes/0/record"),
        (
            (
                b'{"changes": [{"key": "a", "source_key": "1", "occurred_at": "2026-01-01T00:00:00Z",'
                b' "record": {"bornn": "1"}}]}'
            ),
            "/changes/0/record",
        ),
        (
            (
                b'{"changes": [{"key": "a", "source_key": "1", "occurred_at": "2026-01-01T00:00:00Z",'
                b' "operation": "erase"}]}'
            ),
            "/changes/0/ground",
        ),
    ],
)
async def test_what_is_not_of_the_form_is_refused_whole(source: Source, body: bytes, pointer: str) -> None:
    headers = {"authorization": f"Bearer {source.key}"}
    answer = await source.client.send("POST", PATH.replace("{source}", source.name), body, headers)
    assert answer.status == 422
    assert json.loads(answer.body)["errors"][0]["pointer"].rstrip("/").startswith(pointer)


async def test_too_many_and_too_large_are_refused(source: Source, database_dsn: str) -> None:
    slow = await issued(database_dsn, changes_per_minute=2)
    assert (await source.send(change("a", 1), change("b", 2), key=slow)).status == 200
    assert (await source.send(change("c", 1), key=slow)).status == 429
    assert (await source.send(change("c", 1, MAI | {"note": "x" * (3 << 20)}))).status == 413


async def test_a_change_is_applied_once_and_answered_as_the_agreement_allows(source: Source, database_dsn: str) -> None:
    (first,) = await source.told(change("a", 9))
    assert (first["decision"], first["personal_number"], first["reason"]) == (
        "created",
        "001190000123",
        "nobody_like_it",
    )
    assert "reference" not in first
    (again,) = await source.told(change("a", 9))
    assert again == {**first, "repeated": True}
    assert (await source.send(change("a", 8))).status == 409
    by_reference = await issued(database_dsn, "benh-vien", discloses=Discloses.REFERENCE)
    silent = await issued(database_dsn, "truong-hoc", discloses=Discloses.NOTHING)
    references: list[str | None] = []
    for key, name in ((by_reference, "benh-vien"), (by_reference, "benh-vien"), (silent, "truong-hoc")):
        answer = await source.send(change(f"k{len(references)}", 3), key=key, to=name)
        (told,) = json.loads(answer.body)["answers"]
        assert told["decision"] == "unchanged"
        assert "personal_number" not in told
        references.append(told.get("reference"))
    assert references[0] == references[1]
    assert references[0] is not None
    assert references[2] is None
    assert rows(database_dsn, "SELECT count(*) FROM register.person") == [(1,)]
    for (batch,) in rows(database_dsn, "SELECT batch_id FROM intake.batch"):
        assert await wrong_in(database_dsn, batch) == []
    assert list(verify(database_dsn, workers=1)) == []


async def test_which_change_is_the_later_one_is_told_by_the_source(source: Source, database_dsn: str) -> None:
    """The move of ten days ago arrives after that of three days ago, and after a correction of the ethnic group."""
    await source.told(change("a", 100))
    await source.told(change("b", 3, MAI | {"permanent_address": "Số 9 phố Huế", "ethnicity": "Tày"}))
    (late,) = await source.told(change("c", 10, MAI | {"permanent_address": "Số 7 phố Bạch Mai", "ethnicity": "Nùng"}))
    assert (late["decision"], late["reason"]) == ("unchanged", "later_one_known")
    (partly,) = await source.told(change("d", 20, {"name": MAI["name"], "phone": "0912345678", "ethnicity": "Dao"}))
    assert partly["decision"] == "updated"
    stays = rows(
        database_dsn,
        "SELECT detail, valid_from::text, valid_to::text FROM register.residence WHERE known_to IS NULL"
        " ORDER BY valid_from NULLS FIRST",
    )
    assert stays == [("Số 3 ngõ 5", None, "2026-11-21"), ("Số 9 phố Huế", "2026-11-21", None)]
    assert rows(database_dsn, "SELECT ethnicity % 100 FROM register.person") == [(2,)]
    assert list(verify(database_dsn, workers=1)) == []


async def test_in_one_request_changes_are_applied_as_they_happened(source: Source, database_dsn: str) -> None:
    told = await source.told(
        change("b", 3, MAI | {"permanent_address": "Số 9 phố Huế"}), change("a", 100), change("x", 2, {"name": "9"})
    )
    assert [one["decision"] for one in told] == ["updated", "created", "rejected"]
    assert "name.characters" in {one["rule"] for one in told[2]["rules"]}
    assert all(one["message_vi"] and one["message_en"] for one in told[2]["rules"])
    (batch,) = rows(database_dsn, "SELECT batch_id FROM intake.batch")[0]
    assert await wrong_in(database_dsn, batch) == []
    assert rows(database_dsn, "SELECT stage FROM intake.stage ORDER BY 1") == [
        (stage,) for stage in ("applied", "matched", "received", "reconciled", "staged", "validated")
    ]


async def test_a_source_takes_back_what_it_told_and_not_what_others_told(source: Source, database_dsn: str) -> None:
    erase: dict[str, Any] = {
        "operation": "erase",
        "ground": "Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15, Điều 14",
        "record": {},
    }
    (unknown,) = await source.told(change("e0", 200, **erase))
    assert (unknown["decision"], unknown["reason"]) == ("unchanged", "not_known_from_source")
    await source.told(change("a", 9))
    other = await issued(database_dsn, "benh-vien")
    await source.send(change("b", 5, MAI | {"phone": "0912345678"}), key=other, to="benh-vien")
    (kept,) = await source.told(change("e1", 1, **erase))
    assert (kept["decision"], kept["reason"]) == ("rejected", "others_rest_on_it")
    assert rows(database_dsn, "SELECT reason FROM intake.left_standing") == [("others_rest_on_it",)]
    answer = await source.send(change("e2", 1, **erase), key=other, to="benh-vien")
    assert json.loads(answer.body)["answers"][0]["reason"] == "withdrawn"
    (gone,) = await source.told(change("e3", 0, **erase))
    assert (gone["decision"], gone["reason"]) == ("updated", "withdrawn")
    assert rows(database_dsn, "SELECT status FROM register.person") == [(6,)]
    assert list(verify(database_dsn, workers=1)) == []


async def test_without_a_worker_the_answer_can_be_asked_for_later(database_dsn: str) -> None:
    """What was sent is sealed while it waits and gone once it is answered; another source does not get the answer."""
    async with Database(database_dsn, size=2) as database:
        app: Starlette = application(desk=None, database=database, synthetic=False, clock=lambda: NOW)  # type: ignore[arg-type]
        app.state.push_waits_s = 0.0
        source = Source(Client(app, accept="application/json"), await issued(database_dsn))
        waiting = await source.send(change("a", 9))
        assert waiting.status == 202
        address = waiting.headers["location"]
        assert json.loads(waiting.body) == {"answer": address}
        ((sent,),) = rows(database_dsn, "SELECT sent FROM intake.pushed")
        assert b"Mai" not in bytes(sent)
        key = {"authorization": f"Bearer {source.key}"}
        assert (await source.client.get(address, **key)).status == 202
        async with Database(database_dsn, role="dancu_loader", size=2) as loader:
            assert await answer_next(loader, now=NOW)
            assert not await answer_next(loader, now=NOW)
        answer = await source.client.get(address, **key)
        assert json.loads(answer.body)["answers"][0]["decision"] == "created"
        other = await issued(database_dsn)
        assert (await source.client.get(address, authorization=f"Bearer {other}")).status == 404
        assert (await source.client.get(address)).status == 401
        assert rows(database_dsn, "SELECT sent IS NULL, answer IS NULL FROM intake.pushed") == [(True, False)]


def test_the_worker_answers_until_it_is_told_to_stop(database_dsn: str, tmp_path: Path) -> None:
    ring_of(database_dsn, tmp_path / "keys").make_missing()
    stop = threading.Event()
    worker = threading.Thread(target=keep_answering, args=(database_dsn, stop), kwargs={"home": tmp_path})
    worker.start()
    try:
        push_id = asyncio.run(_put_down(database_dsn, tmp_path))
        deadline = time.monotonic() + 20
        while rows(database_dsn, "SELECT count(*) FROM intake.pushed WHERE answered_at IS NULL") != [(0,)]:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        stop.set()
        worker.join()
    assert rows(database_dsn, f"SELECT problem FROM intake.pushed WHERE push_id = {push_id}") == [(None,)]


async def _put_down(dsn: str, home: Path) -> int:
    key = await issued(dsn)
    async with (
        Database(dsn, size=1, keys=ring_of(dsn, home / "keys")) as database,
        database.transaction(scope="none") as tx,
    ):
        who = await credentials.proven(tx, f"Bearer {key}", "bao-hiem")
        sent = read_changes(json.dumps({"changes": [change("a", 1)]}).encode())
        return await put_down(tx, who, sent, now=NOW)


async def test_the_description_fits_what_is_sent_and_answered(source: Source) -> None:
    answer = await source.client.get(DESCRIPTION_PATH)
    described = json.loads(answer.body)
    assert described == json.loads(json.dumps(openapi()))
    schemas = described["components"]["schemas"]
    post = described["paths"][PATH]["post"]
    assert post["security"] == [{"key": []}]
    assert {"200", "401", "403", "409", "413", "422", "429"} <= set(post["responses"])
    (told,) = await source.told(change("a", 1))
    assert set(told) <= set(schemas["Answer"]["properties"])
    assert set(schemas["Answer"]["required"]) <= set(told)
    assert set(change("a", 1)) <= set(schemas["Change"]["properties"])
    for name in ("Changes", "Answers", "Problem"):
        assert name in schemas
    references = json.dumps(described).split('"$ref": "')[1:]
    assert {one.split('"')[0].rpartition("/")[2] for one in references} <= set(schemas)
