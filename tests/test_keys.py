"""Access to the API: keys on SQLite and PostgreSQL, what each route needs, limits, exposure, the command."""

import asyncio
import json
import logging
import os
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from doors import HashEmbedder, WordRanker, write_corpus
from fastapi.testclient import TestClient

from ingest.pipeline import ingest_paths
from ui.access.doors import is_answering, is_api, is_counted
from ui.access.exposure import accepted_hosts
from ui.access.limits import Concurrency, TimeLimit, client_address
from ui.access.visitors import Visitor, is_loopback
from ui.api.app import create_app
from ui.cli import main
from ui.commands_service import server_config
from ui.settings import Settings
from ui.state.audit import Audit
from ui.state.database import Database
from ui.state.errors import InputError, StateError
from ui.state.keys import Keys
from ui.state.records import Role, Scope
from ui.state.tables import ApiKeyRow, KeyUseRow, now
from ui.wiring import Services, open_serving
from vectorstore.errors import NotFoundError

pytest_plugins = ["postgres"]  # its fixtures

QUESTION = {"question": "重点任务1的原文是什么？"}
Open = Callable[..., Services]


# -- keys --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def keys(database: Database) -> Keys:
    return Keys(database)


def set_key(database: Database, key_id: str, **values: Any) -> None:
    with database.session() as session:
        session.execute(sa.update(ApiKeyRow).where(ApiKeyRow.id == key_id).values(**values))


def test_a_key_is_found_by_its_secret_alone(keys: Keys) -> None:
    made, secret = keys.create(" 报表 ", [Scope.READ, Scope.ASK], days=3, per_minute=5, per_day=7)
    assert re.fullmatch(r"zc_[A-Za-z0-9_-]{43}", secret)
    assert (made.name, made.scopes, made.per_minute, made.per_day) == ("报表", {Scope.ASK, Scope.READ}, 5, 7)
    assert made.expires_at is not None
    assert timedelta(days=2) < made.expires_at - now() <= timedelta(days=3)
    assert secret.startswith(made.beginning)
    assert len(made.beginning) == 8
    assert keys.find(secret) == made
    assert keys.list()[0].last_used_at is not None
    for wrong in ("", "zc_", secret[:-1], secret + "x", secret.swapcase(), made.beginning, made.id, "\ud800", "zc_\0"):
        assert keys.find(wrong) is None
    assert secret not in f"{made!r} {keys.list()!r} {Visitor('key:1', key=made)!r}"


def test_a_key_ends(keys: Keys, database: Database, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    old, old_secret = keys.create("旧", [Scope.ASK], days=1)
    gone, gone_secret = keys.create("废", [Scope.ASK])
    set_key(database, old.id, expires_at=now())
    ended = keys.revoke(gone.beginning)
    assert ended.revoked_at
    assert keys.revoke(gone.id).revoked_at == ended.revoked_at, "it stays ended when it was"
    assert keys.find(old_secret) is keys.find(gone_secret) is None
    assert "expired" in caplog.text
    assert "revoked" in caplog.text
    assert old_secret not in caplog.text
    with pytest.raises(NotFoundError, match="zhengce keys list"):
        keys.revoke("none")


def test_keys_that_begin_alike_are_not_guessed_between(keys: Keys, database: Database) -> None:
    one, other = (keys.create(name, [Scope.ASK])[0] for name in "甲乙")
    set_key(database, other.id, beginning=one.beginning)
    with pytest.raises(InputError, match="编号"):
        keys.revoke(one.beginning)
    assert keys.revoke(one.id).name == "甲"


def test_the_last_use_is_written_once_a_minute(keys: Keys, database: Database) -> None:
    made, secret = keys.create("甲", [Scope.ASK])
    assert made.last_used_at is None
    keys.find(secret)
    first = keys.list()[0].last_used_at
    keys.find(secret)
    assert keys.list()[0].last_used_at == first
    set_key(database, made.id, last_used_at=now() - timedelta(seconds=61))
    keys.find(secret)
    again = keys.list()[0].last_used_at
    assert first is not None
    assert again is not None
    assert again >= first


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": " "}, "名称"),
        ({"name": "长" * 65}, "名称"),
        ({"name": "a\x1b[2J"}, "名称"),
        ({"scopes": []}, "权限"),
        ({"days": 0}, "有效天数"),
        ({"days": 10**9}, "有效天数"),
        ({"per_minute": -1}, "每分钟"),
        ({"per_day": 2**40}, "每天"),
    ],
)
def test_what_is_no_key_is_told(keys: Keys, given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        keys.create(**{"name": "甲", "scopes": [Scope.ASK], **given})
    assert keys.list() == []


def test_a_quota_is_shared_by_all_who_count(url: str, database: Database) -> None:
    other_database = Database.open(url)
    counting = [Keys(database), Keys(other_database)]
    made, _ = counting[0].create("甲", [Scope.ASK])
    with ThreadPoolExecutor(8) as pool:
        left = list(pool.map(lambda n: counting[n % 2].use(made.id, 20), range(30)))
    assert sorted(one for one in left if one is not None) == list(range(20))
    assert left.count(None) == 10
    with database.session() as session:
        assert session.scalar(sa.select(KeyUseRow.requests)) == 20, "what is refused is not counted"
        session.execute(sa.update(KeyUseRow).values(day="2000-01-01"))
    assert counting[1].use(made.id, 20) == 19, "the next day begins anew"
    assert counting[1].use(made.id, 0) is None
    with pytest.raises(StateError):
        counting[1].use("none", 1)
    other_database.close()


def test_the_secret_is_nowhere_on_the_disk(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path}/state.sqlite3")
    keys = Keys(database)
    made, secret = keys.create("甲", [Scope.ASK], per_day=3)
    keys.find(secret)
    keys.use(made.id, 3)
    database.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert secret[8:].encode() not in kept
    assert made.beginning.encode() in kept


# -- what each route needs ---------------------------------------------------------------------------------------------


@pytest.fixture
def opening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens what ``zhengce serve`` opens, on the small corpus."""
    monkeypatch.setattr("ui.wiring.open_model", lambda _settings: HashEmbedder())
    monkeypatch.setattr("ui.wiring.open_settings_ranker", lambda _settings: WordRanker())
    opened: list[Services] = []

    def open_(**settings: Any) -> Services:
        opened.append(open_serving(Settings(data_dir=tmp_path / "data", **settings)))
        ingest_paths([write_corpus(tmp_path)], opened[-1].store)
        return opened[-1]

    yield open_
    for services in opened:
        services.close()


def client_of(services: Services, secret: str | None = None, **options: Any) -> TestClient:
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    return TestClient(create_app(services), headers=headers, raise_server_exceptions=False, **options)


def key_of(services: Services, *scopes: Scope, **limits: int) -> str:
    return services.state.keys.create("甲", scopes, **limits)[1]


def refused(response: Any, status: int, code: str) -> str:
    assert (response.status_code, response.json()["error"]["code"]) == (status, code), response.text
    assert set(response.json()) == {"error"}
    said: str = response.json()["error"]["message"]
    return said


def operations(services: Services) -> list[tuple[str, str, Scope | None]]:
    """Every method and path of the description, with what it declares to need."""
    found = []
    for path, methods in create_app(services).openapi()["paths"].items():
        for method, operation in methods.items():
            declared = {tuple(scopes) for one in operation.get("security", []) for scopes in one.values()}
            assert len(declared) <= 1, (method, path)
            (needed,) = declared or {()}
            found.append((method.upper(), path, Scope(needed[0]) if needed else None))
    return found


def filled(path: str) -> str:
    return re.sub(r"\{[^}]+\}", "0" * 32, path)


def test_every_route_declares_what_it_needs_and_refuses_all_else(
    opening: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    services = opening(require_key=True)
    keys, database = services.state.keys, services.state.database
    whole, in_query = (key_of(services, Scope.ADMIN) for _ in range(2))
    revoked, revoked_secret = keys.create("废", list(Scope))
    keys.revoke(revoked.id)
    expired, expired_secret = keys.create("旧", list(Scope), days=1)
    set_key(database, expired.id, expires_at=now() - timedelta(days=1))
    bad = [revoked_secret, expired_secret, whole[:-1], "zc_", "zc_" + "x" * 43]
    others = {scope: key_of(services, *(set(Scope) - {scope, Scope.ADMIN})) for scope in Scope}
    client = client_of(services)
    walked = operations(services)
    assert len(walked) > 15
    for method, path, needed in walked:
        if not is_api(path):
            assert needed is None, f"{path} needs a key, and keys are only known on the paths of the API"
            continue
        assert needed, f"{method} {path} does not declare what it needs: Depends(requires(Scope.…))"
        address = filled(path)
        refused(client.request(method, address), 401, "unauthorized")
        refused(client.request(method, address, params={"api_key": in_query, "key": in_query}), 401, "unauthorized")
        said = {
            client.request(method, address, headers=headers).text
            for secret in bad
            for headers in ({"Authorization": f"Bearer {secret}"}, {"X-API-Key": secret})
        }
        assert len(said) == 1, "why a key is refused is not told"
        assert "unauthorized" in said.pop()
        # before anything of the request is read: no body is sent
        answer = client.request(method, address, headers={"X-API-Key": others[needed]})
        assert "没有这个权限" in refused(answer, 403, "forbidden"), (method, path)
    for secret in (whole, *bad[:2], *others.values()):
        assert secret not in caplog.text


def test_each_scope_opens_its_routes_and_admin_all(opening: Open) -> None:
    services = opening(require_key=True)
    for scope in Scope:
        mine = client_of(services, key_of(services, scope))
        for method, path, needed in operations(services):
            if needed and (scope in (needed, Scope.ADMIN)):
                status = mine.request(method, filled(path)).status_code
                assert status not in (401, 403), (scope, method, path)


def test_what_is_another_s_is_not_there(opening: Open) -> None:
    services = opening(require_key=True)
    mine, other = (client_of(services, key_of(services, Scope.ADMIN)) for _ in range(2))
    made = mine.post("/api/v1/conversations").json()["id"]
    sent = mine.post(f"/api/v1/conversations/{made}/messages", json=QUESTION).json()
    bodies = {"PATCH": {"name": "改名"}, "POST": QUESTION, "PUT": {"rating": "up"}}
    walked = 0
    for method, path, _ in operations(services):
        if "{conversation_id}" in path:
            address = path.replace("{conversation_id}", made).replace("{exchange_id}", sent["id"])
            answer = other.request(method, filled(address), json=bodies.get(method))
            assert "重点任务" not in answer.text
            refused(answer, 404, "not_found")
            walked += 1
    assert walked >= 6
    assert mine.get(f"/api/v1/conversations/{made}").json()["exchanges"][0]["question"] == QUESTION["question"]
    assert other.get("/api/v1/conversations").json() == {"conversations": []}


def test_a_wrong_key_is_refused_where_none_is_needed(opening: Open) -> None:
    services = opening()
    client = client_of(services)
    assert client.post("/api/v1/ask", json=QUESTION).status_code == 200
    for headers in (
        {"Authorization": "Bearer zc_wrong"},
        {"authorization": "bearer  zc_wrong"},
        {"X-API-Key": "wrong"},
    ):
        answer = client.post("/api/v1/ask", json=QUESTION, headers=headers)
        refused(answer, 401, "unauthorized")
        assert answer.headers["www-authenticate"] == "Bearer"
    # programs that speak to other services send some word or other
    for word in ("Bearer sk-none", "Basic eDp5", "Bearer", ""):
        assert client.post("/api/v1/ask", json=QUESTION, headers={"Authorization": word}).status_code == 200
    two = {"Authorization": f"Bearer {key_of(services, Scope.ASK)}", "X-API-Key": key_of(services, Scope.ADMIN)}
    refused(client.post("/api/v1/ask", json=QUESTION, headers=two), 401, "unauthorized")


def test_a_key_needs_no_page_of_ours(opening: Open) -> None:
    services = opening()
    program = client_of(services, key_of(services, Scope.ASK))
    made = program.post("/api/v1/conversations", headers={"sec-fetch-site": "cross-site"})
    assert made.status_code == 201
    assert "set-cookie" not in made.headers
    refused(
        client_of(services).post("/api/v1/conversations", headers={"sec-fetch-site": "cross-site"}), 403, "forbidden"
    )


def test_with_sign_in_a_key_or_a_session_is_needed(opening: Open) -> None:
    services = opening(sign_in=True)
    services.state.accounts.add("张三", "correct horse 9", Role.USER)
    client = client_of(services)
    assert "Bearer zc_" in refused(client.get("/api/v1/documents"), 401, "unauthorized")
    headers = {"Authorization": f"Bearer {key_of(services, Scope.READ)}"}
    assert client.get("/api/v1/documents", headers=headers).status_code == 200
    assert client.get("/openapi.json", headers=headers).status_code == 401, "keys are for the API only"
    client.post("/sign-in", data={"name": "张三", "password": "correct horse 9"})
    assert client.post("/api/v1/ask", json=QUESTION).status_code == 200
    refused(client.post("/api/v1/documents"), 403, "forbidden")


def test_where_keys_are_needed_the_page_does_not_answer_everybody(opening: Open) -> None:
    client = client_of(opening(require_key=True))
    assert client.post("/gradio_api/run/predict", json={}).status_code == 401
    for path in ("/", "/en/", "/docs/../", "/sign-in", "/mcp", "/v1/chat/completions"):
        refused(client.get(path, headers={"accept": "text/html"}), 401, "unauthorized")
    for path in ("/healthz", "/docs", "/openapi.json"):
        assert client.get(path).status_code == 200


def test_only_who_sits_at_the_machine_may_do_everything(opening: Open) -> None:
    local, public = opening(), opening(host="0.0.0.0")
    assert client_of(local).get("/api/v1/storage").status_code == 200
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):
        through = client_of(local).get("/api/v1/storage", headers={header: "127.0.0.1"})
        refused(through, 403, "forbidden")
    anybody = client_of(public)
    assert anybody.get("/api/v1/documents").status_code == 200
    assert anybody.post("/api/v1/ask", json=QUESTION).status_code == 200
    for method, path in (("POST", "/api/v1/documents"), ("GET", "/api/v1/uploads"), ("GET", "/api/v1/storage")):
        refused(anybody.request(method, path), 403, "forbidden")


def test_without_a_memory_nobody_is_let_in_unasked(opening: Open) -> None:
    from dataclasses import replace

    with pytest.raises(RuntimeError):
        create_app(replace(opening(require_key=True), kept=None, library=None))


def test_a_database_that_fails_lets_nobody_in(opening: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    services = opening()
    client = client_of(services, key_of(services, Scope.ASK, per_day=5))

    def fail(*_: object) -> None:
        raise StateError("secret place")

    for name in ("use", "find"):
        monkeypatch.setattr(Keys, name, fail)
        answer = client.post("/api/v1/ask", json=QUESTION)
        refused(answer, 503, "unavailable")
        assert "secret" not in answer.text


# -- limits ------------------------------------------------------------------------------------------------------------


def left(response: Any) -> list[int]:
    return [int(response.headers[f"ratelimit-{name}"]) for name in ("limit", "remaining")]


def test_a_key_has_its_own_limit(opening: Open) -> None:
    services = opening(requests_per_minute=2)
    client = client_of(services)

    def get(secret: str) -> Any:
        return client.get("/api/v1/documents", headers={"X-API-Key": secret})

    own, common = key_of(services, Scope.READ, per_minute=3), key_of(services, Scope.READ)
    assert [left(get(own)) for _ in range(3)] == [[3, 2], [3, 1], [3, 0]]
    too_many = get(own)
    refused(too_many, 429, "too_many")
    assert left(too_many) == [3, 0]
    assert 1 <= int(too_many.headers["retry-after"]) <= 61
    assert too_many.headers["retry-after"] == too_many.headers["ratelimit-reset"]
    assert [get(common).status_code for _ in range(3)] == [200, 200, 429], "another key counts for itself"
    assert "ratelimit-limit" not in client.get("/api/v1/documents").headers


def test_a_quota_ends(opening: Open) -> None:
    services = opening()
    client = client_of(services, key_of(services, Scope.READ, per_day=2, per_minute=9))
    assert [left(client.get("/api/v1/documents")) for _ in range(2)] == [[2, 1], [2, 0]], "the least that is left"
    over = client.get("/api/v1/documents")
    refused(over, 429, "quota")
    assert 1 <= int(over.headers["retry-after"]) <= 24 * 3600


def test_an_address_has_a_limit_before_its_keys_are_looked_at(opening: Open) -> None:
    services = opening(requests_per_minute_per_address=2)
    app = create_app(services)
    here, there = (TestClient(app, client=(address, 1)) for address in ("10.0.0.1", "10.0.0.2"))
    wrong = {"X-API-Key": "zc_wrong"}
    assert [here.get("/api/v1/documents", headers=wrong).status_code for _ in range(3)] == [401, 401, 429]
    assert [there.get("/api/v1/documents").status_code for _ in range(3)] == [200, 200, 429]
    for _ in range(3):
        assert here.get("/healthz").status_code == 200, "only the API is limited"


def test_only_named_proxies_are_believed(opening: Open) -> None:
    def statuses(services: Services, *forwarded: str) -> list[int]:
        config = server_config(create_app(services), services.settings)
        config.load()
        client = TestClient(config.loaded_app, client=("10.0.0.9", 1))
        return [client.get("/api/v1/documents", headers={"X-Forwarded-For": one}).status_code for one in forwarded]

    limits: dict[str, Any] = {"requests_per_minute_per_address": 1, "host": "0.0.0.0"}
    assert statuses(opening(**limits), "1.1.1.1", "2.2.2.2") == [200, 429]
    assert statuses(opening(**limits, trusted_proxies=["10.0.0.8"]), "1.1.1.1", "2.2.2.2") == [200, 429]
    trusted = opening(**limits, trusted_proxies="10.0.0.0/24")
    assert statuses(trusted, "1.1.1.1", "2.2.2.2", "6.6.6.6, 1.1.1.1") == [200, 200, 429], "the nearest is believed"


@pytest.mark.parametrize(
    ("client", "whose"),
    [
        (("10.0.0.1", 1), "10.0.0.1"),
        (("::ffff:10.0.0.1", 1), "10.0.0.1"),
        (("2001:db8:1:2:3:4:5:6", 1), "2001:db8:1:2::/64"),
        (("::1", 1), "::/64"),
        (None, "unknown"),
    ],
)
def test_whom_a_request_counts_for(client: Any, whose: str) -> None:
    assert client_address({"client": client}) == whose


# -- many at once, and long ones -----------------------------------------------------------------------------------------


async def call(app: Any, path: str = "/api/v1/ask") -> tuple[int, dict[str, str], bytes]:
    """Send a request to ``app`` and return the answer."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app({"type": "http", "method": "POST", "path": path, "headers": []}, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(one.get("body", b"") for one in sent[1:])


async def answer(send: Any, *pieces: bytes) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for piece in pieces:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def test_what_is_too_many_at_once_is_told_at_once() -> None:
    async def run() -> None:
        go = asyncio.Event()

        async def slow(scope: Any, receive: Any, send: Any) -> None:
            await go.wait()
            await answer(send, b"done")

        app = Concurrency(slow, Settings(max_concurrent=2))
        waiting = [asyncio.create_task(call(app)) for _ in range(2)]
        await asyncio.sleep(0)
        status, headers, body = await call(app)
        assert (status, json.loads(body)["error"]["code"]) == (503, "busy")
        assert headers["retry-after"] == "1"
        other = asyncio.create_task(call(app, "/api/v1/documents"))
        go.set()
        assert [(await one)[0] for one in [*waiting, other]] == [200, 200, 200]
        assert (await call(app))[0] == 200, "there is room again"

    asyncio.run(run())


def test_an_answer_that_does_not_come_is_given_up_and_keeps_its_place(caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> None:
        go = threading.Event()

        async def slow(scope: Any, receive: Any, send: Any) -> None:
            await asyncio.to_thread(go.wait, 10)
            await answer(send, b"too late")
            raise ValueError("nobody sees this")

        settings = Settings(request_timeout=0.05, max_concurrent=1)
        app = TimeLimit(Concurrency(slow, settings), settings)
        status, _, body = await call(app)
        assert (status, json.loads(body)["error"]["code"]) == (504, "timeout")
        assert "0.05 秒" in body.decode()
        assert (await call(app))[0] == 503, "the thread still works"
        go.set()
        while app._left_behind:
            await asyncio.sleep(0.01)

    asyncio.run(run())
    assert "nobody waited" in caplog.text


def test_an_answer_that_has_begun_goes_on_piece_by_piece() -> None:
    async def run() -> None:
        seen: list[Any] = []

        async def stream(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for number in range(3):
                await send({"type": "http.response.body", "body": b"%d" % number, "more_body": True})
                assert seen[-1]["body"] == b"%d" % number, "nothing is held back"
                await asyncio.sleep(0.03)
            await send({"type": "http.response.body", "body": b""})

        settings = Settings(request_timeout=0.04)

        async def send(message: Any) -> None:
            seen.append(message)

        app = TimeLimit(Concurrency(stream, settings), settings)
        await app({"type": "http", "method": "POST", "path": "/api/v1/ask/stream", "headers": []}, send, send)
        assert b"".join(one.get("body", b"") for one in seen) == b"012"

    asyncio.run(run())


def test_what_fails_fails_as_before() -> None:
    async def fail(scope: Any, receive: Any, send: Any) -> None:
        raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        asyncio.run(call(TimeLimit(Concurrency(fail, Settings()), Settings())))


def test_limits_hold_in_the_whole_application(opening: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    services = opening(request_timeout=0.2, max_concurrent=1)
    go, begun = threading.Event(), threading.Event()
    real = Services.ask

    def slow(self: Services, *given: Any, **named: Any) -> Any:
        begun.set()
        go.wait(10)
        return real(self, *given, **named)

    monkeypatch.setattr(Services, "ask", slow)
    with client_of(services) as client, ThreadPoolExecutor(1) as pool:
        first = pool.submit(client.post, "/api/v1/ask", json=QUESTION)
        assert begun.wait(10)
        refused(client.post("/api/v1/ask", json=QUESTION), 503, "busy")
        late = first.result(10)
        refused(late, 504, "timeout")
        assert late.headers["x-content-type-options"] == "nosniff"
        assert client.get("/api/v1/documents").status_code == 200
        go.set()


@pytest.mark.parametrize(
    ("path", "api", "answering", "counted"),
    [
        ("/api/v1/ask", True, True, True),
        ("/api/v1/ask/stream", True, True, True),
        ("/api/v1/batch", True, True, True),
        ("/api/v1/conversations/x/messages", True, True, True),
        ("/v1/chat/completions", True, True, True),
        ("/v1/models", True, False, True),
        ("/mcp", True, True, True),
        ("/mcp/", True, True, True),
        ("/api/v1/conversations/x", True, False, True),
        ("/api/v1/asked", True, False, True),
        ("/gradio_api/queue/join", False, False, True),
        ("/gradio_api/run/predict", False, True, True),
        ("/en/gradio_api/run/predict", False, True, True),
        ("/sign-in", False, False, True),
        ("/assets/x.js", False, False, False),
        ("/mcpx", False, False, False),
        ("/", False, False, False),
    ],
)
def test_which_paths_are_whose(path: str, api: bool, answering: bool, counted: bool) -> None:
    assert (is_api(path), is_answering(path), is_counted(path)) == (api, answering, counted)


# -- exposure ----------------------------------------------------------------------------------------------------------


HOSTS = {
    200: ["localhost", "LOCALHOST:7860", "127.0.0.1:1", "[::1]:7860", "sub.example.cn"],
    400: [
        "evil.example",
        "evil.example:7860",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "example.cn",
        "evilexample.cn",
        "localhost@evil.example",
        "testserver",
        "",
    ],
}


def test_a_local_service_answers_to_its_own_names_only(opening: Open) -> None:
    client = client_of(opening(allowed_hosts=["*.example.cn"]))
    for status, host in ((status, host) for status, hosts in HOSTS.items() for host in hosts):
        for path in ("/api/v1/documents", "/healthz"):
            answer = client.get(path, headers={"host": host})
            assert answer.status_code == status, host
            if status == 400:
                assert "ZHENGCE_ALLOWED_HOSTS" in refused(answer, 400, "bad_host")
                assert answer.headers["x-content-type-options"] == "nosniff"


def test_which_names_are_accepted() -> None:
    own = ("localhost", "127.0.0.1", "[::1]")
    assert accepted_hosts(Settings(allowed_hosts=())) == (*own, "127.0.0.1")
    assert accepted_hosts(Settings(allowed_hosts=(), host="0.0.0.0")) == ("*",)
    assert accepted_hosts(Settings(allowed_hosts=(), sign_in=True)) == ("*",)
    assert accepted_hosts(Settings(allowed_hosts="A.cn", host="::1")) == (*own, "[::1]", "a.cn")
    assert "a.cn" in accepted_hosts(Settings(allowed_hosts="a.cn", sign_in=True))


@pytest.mark.parametrize(
    ("host", "alone"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False),
     ("", False), ("127.example.org", False), ("localhost.example.org", False), ("10.0.0.1", False)],
)  # fmt: skip
def test_what_only_this_machine_reaches(host: str, alone: bool) -> None:
    assert is_loopback(host) is alone


def test_scripts_of_named_sites_may_use_the_api(opening: Open) -> None:
    services = opening(cors_origins="https://portal.example", requests_per_minute=9, require_key=True)
    client = client_of(services)
    asked = {"origin": "https://portal.example", "access-control-request-method": "POST",
             "access-control-request-headers": "authorization,content-type"}  # fmt: skip
    before = client.options("/api/v1/ask", headers=asked)
    assert before.status_code == 200, "the browser asks without a key"
    assert before.headers["access-control-allow-origin"] == "https://portal.example"
    assert "access-control-allow-credentials" not in before.headers
    assert client.options("/api/v1/ask", headers={**asked, "origin": "https://evil.example"}).status_code == 400
    headers = {"Authorization": f"Bearer {key_of(services, Scope.ASK)}", "sec-fetch-site": "cross-site"}
    for origin, allowed in (("https://portal.example", "https://portal.example"), ("https://evil.example", None)):
        answer = client.post("/api/v1/ask", json=QUESTION, headers={**headers, "origin": origin})
        assert answer.headers.get("access-control-allow-origin") == allowed
        assert "RateLimit-Remaining" in answer.headers["access-control-expose-headers"]
    denied = client.post("/api/v1/ask", json=QUESTION, headers={"origin": "https://portal.example"})
    assert denied.status_code == 401
    assert denied.headers["access-control-allow-origin"] == "https://portal.example", "the script may read why"
    outside = client.get("/healthz", headers={"origin": "https://portal.example"})
    assert "access-control-allow-origin" not in outside.headers, "only the API"


def test_no_site_is_named_to_begin_with(opening: Open) -> None:
    answer = client_of(opening()).get("/api/v1/documents", headers={"origin": "https://portal.example"})
    assert not [name for name in answer.headers if name.startswith("access-control")]


# -- the command -------------------------------------------------------------------------------------------------------

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command in an empty folder: code, out, err."""
    for name in list(os.environ):
        if name.startswith("ZHENGCE_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def call_(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(arguments)
        return code, *capsys.readouterr()

    return call_


def test_keys_are_created_listed_and_revoked(run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    logging.getLogger("sqlalchemy").setLevel("DEBUG")
    code, out, _ = run("keys", "create", "门户", "--scope", "ask", "--scope", "read", "--days", "9", "--per-day", "5")
    secret = re.findall(r"^zc_\S{43}$", out, re.MULTILINE)[0]
    assert code == 0
    assert "只显示这一次" in out
    listed = json.loads(run("keys", "list", "--json")[1])["keys"][0]
    assert (listed["name"], listed["scopes"], listed["per_minute"]) == ("门户", ["ask", "read"], None)
    assert (listed["per_day"], listed["state"]) == (5, "valid")
    shown = run("keys", "list")[1]
    assert "门户" in shown
    assert secret not in f"{shown}{listed}{caplog.text}"
    second = json.loads(run("keys", "create", "二", "--scope", "admin", "--json")[1])
    assert second["secret"].startswith(second["key"]["beginning"])
    assert "已作废密钥 门户" in run("keys", "revoke", listed["beginning"])[1]
    assert json.loads(run("keys", "revoke", second["key"]["id"], "--json")[1])["key"]["state"] == "revoked"
    assert {one["state"] for one in json.loads(run("keys", "list", "--json")[1])["keys"]} == {"revoked"}
    database = Database.open(f"sqlite:///{tmp_path}/data/state.sqlite3")
    assert Keys(database).find(secret) is None
    noted = Audit(database).list()
    assert sorted(one.action for one in noted) == ["key_created"] * 2 + ["key_revoked"] * 2
    assert secret not in repr(noted)
    database.close()
    logging.getLogger("sqlalchemy").setLevel("NOTSET")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["create"], 2, "需要名称"),
        (["revoke"], 2, "需要名称"),
        (["create", "甲", "--scope", "king"], 2, "--scope 的值无效"),
        (["create", "甲", "--days", "0"], 1, "有效天数"),
        (["make", "甲"], 2, "的值无效"),
        (["list"], 1, "数据目录"),
        (["revoke", "x"], 1, "数据目录"),
    ],
)
def test_wrong_use(arguments: list[str], code: int, said: str, run: Run) -> None:
    got, out, err = run("keys", *arguments)
    assert (got, out) == (code, "")
    assert said in err
    assert err.count("\n") == 1


# -- the settings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("TRUSTED_PROXIES", "*", "IP 地址"),
        ("TRUSTED_PROXIES", "10.0.0.1/8", "IP 地址"),
        ("CORS_ORIGINS", "portal.example", "网站地址"),
        ("CORS_ORIGINS", "https://portal.example/", "网站地址"),
        ("ALLOWED_HOSTS", "https://portal.example", "主机名"),
        ("ALLOWED_HOSTS", "a.cn:80", "主机名"),
        ("MAX_CONCURRENT", "0", "max_concurrent"),
    ],
)
def test_settings_that_would_not_do_what_is_meant(
    name: str, value: str, said: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"ZHENGCE_{name}", value)
    code, _, err = run("keys", "list")
    assert code == 2
    assert f"ZHENGCE_{name}" in err
    assert said in err
