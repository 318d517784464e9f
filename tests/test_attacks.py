"""What an attack on the running product found, kept out of the whole application: its page, its API, its sign-in."""

import asyncio
import json
import select
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx
import live
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.routing import Mount

from ui.access import slow_clients
from ui.access.scopes import NEEDS
from ui.access.sign_in_gate import PER_NAME, SignInGate
from ui.access.visitors import VISITOR_COOKIE
from ui.api.app import create_app
from ui.mcp_tools import TOOLS
from ui.page.doors import ACTS
from ui.page.mount import mount_page
from ui.state.errors import SignInError
from ui.state.records import Role, Scope
from ui.wiring import Services

Opening = Callable[..., Services]
ASK = {"question": "重点任务1的原文是什么？"}
PASSWORD = "correct horse 9"
EVENT = "/gradio_api/run/predict"


@pytest.fixture
def opening(tmp_path: Path) -> Iterator[Opening]:
    """Opens what ``zhengce serve`` opens, on the small corpus."""
    with ExitStack() as opened:
        yield lambda **given: opened.enter_context(live.serving(tmp_path, **given))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The whole application on this machine, with small limits; whoever comes from an address of their own is counted alone."""
    limits: dict[str, Any] = {"requests_per_minute_per_address": 1000, "max_body_bytes": 2048, "max_concurrent": 3}
    proxies: dict[str, Any] = {"trusted_proxies": "10.0.0.8", "allowed_hosts": ["policy.example", "testserver"]}
    with live.serving(tmp_path_factory.mktemp("page"), **limits, **proxies) as services, whole(services) as client:
        yield client


def from_(client: TestClient, address: str) -> TestClient:
    """Return a client of the same application with another address."""
    return TestClient(client.app, raise_server_exceptions=False, follow_redirects=False, client=(address, 1))


def whole(services: Services, **options: Any) -> TestClient:
    """Return a client of the whole application, page included."""
    app = mount_page(create_app(services), services)
    return TestClient(app, raise_server_exceptions=False, follow_redirects=False, **options)


def blocks_of(client: TestClient, path: str = "") -> Any:
    """Return what Gradio serves at ``path``."""
    mounts = [one for one in client.app.routes if isinstance(one, Mount) and one.path == path]  # type: ignore[attr-defined]
    return mounts[0].app.get_blocks()  # type: ignore[attr-defined]


def event(client: TestClient, act: str, *data: Any, sent: Any = None, session: str = "s", **known: Any) -> Any:
    """Send the event of the page that calls ``act``."""
    blocks = blocks_of(client)
    number = next(number for number, one in blocks.fns.items() if one.name == act)
    body = {"data": list(data), "event_data": sent, "fn_index": number, "session_hash": session}
    return client.post(EVENT, json=body, **known)


def opened_to(response: Any) -> list[str]:
    return [name for name in response.headers if name.startswith("access-control-allow")]


# -- 1: same site, CORS, Host, forwarded headers -----------------------------------------------------------------------

OTHERS: list[dict[str, str]] = [
    {"origin": "https://evil.example"},
    {"origin": "http://127.0.0.1:9999"},
    {"origin": "http://localhost:9999"},
    {"origin": "null"},
    {"origin": "http://127.0.0.1:9999", "sec-fetch-site": "same-site"},
    {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
]
CHANGING = [
    ("POST", EVENT), ("POST", "/en/gradio_api/run/predict"), ("POST", "/gradio_api/queue/join"),
    ("POST", "/gradio_api/cancel"), ("POST", "/sign-in"), ("POST", "/sign-out"), ("POST", "/api/v1/ask"),
    ("POST", "/api/v1/documents"), ("DELETE", "/api/v1/documents/x"), ("POST", "/api/v1/conversations"),
    ("POST", "/api/v1/desk/find"), ("POST", "/v1/chat/completions"), ("POST", "/mcp"), ("DELETE", "/api/v1/me"),
]  # fmt: skip


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "0.0.0.0"])
def test_no_page_of_another_site_does_or_reads_anything(opening: Opening, host: str) -> None:
    client = whole(opening(host=host, open=True))
    client.headers["host"] = f"[{host}]:7860" if ":" in host else f"{host}:7860"
    for headers in OTHERS:
        for method, path in CHANGING:
            refused = client.request(method, path, headers=headers, json={})
            assert (refused.status_code, opened_to(refused)) == (403, []), (method, path, headers)
            asked = {**headers, "access-control-request-method": method, "access-control-request-headers": "x"}
            assert opened_to(client.options(path, headers=asked)) == [], (path, headers)
        for path in ("/", "/en/", "/config", "/theme.css", "/api/v1/documents", "/healthz"):
            assert opened_to(client.get(path, headers=headers)) == [], (path, headers)
        if "sec-fetch-site" in headers:
            assert client.get("/gradio_api/queue/data?session_hash=s", headers=headers).status_code == 403
    own = {"origin": f"http://{client.headers['host']}", "sec-fetch-site": "same-origin"}
    assert event(client, "greet", headers=own).status_code == 200


def test_a_document_is_not_deleted_for_another_site(opening: Opening) -> None:
    services = opening(host="::1")
    (document,) = services.store.documents()
    client = whole(services, base_url="http://[::1]:7860")
    sent = {"act": "remove", "id": document.id}
    event(client, "tend", sent=sent, headers={"origin": "https://evil.example"})
    assert services.store.count() == 1


def test_nothing_that_is_sent_may_be_embedded_by_other_sites(opening: Opening) -> None:
    client = whole(opening())
    for path in ("/", "/api/v1/documents", "/config"):
        assert client.get(path).headers["cross-origin-resource-policy"] == "same-origin"


STRANGERS = [
    {"x-forwarded-host": "evil.example"},
    {"x-gradio-server": "https://evil.example/x"},
    {"x-forwarded-host": "evil.example", "x-forwarded-proto": "https"},
    {"x-forwarded-proto": "https"},
]


def test_where_we_are_is_not_told_by_strangers(page: TestClient) -> None:
    client = from_(page, "10.0.0.9")
    for headers in STRANGERS:
        assert "evil.example" not in client.get("/", headers=headers).text
        assert client.get("/config", headers=headers).json()["root"] == "http://testserver"


def test_where_we_are_is_told_by_trusted_proxies(page: TestClient) -> None:
    client = from_(page, "10.0.0.8")
    told = {"x-forwarded-host": "policy.example", "x-forwarded-proto": "https", "x-forwarded-for": "1.1.1.1"}
    assert client.get("/config", headers=told).json()["root"] == "https://policy.example"
    told = {"x-gradio-server": "https://evil.example"}
    assert client.get("/config", headers=told).json()["root"] == "http://testserver"
    assert client.get("/", headers={"x-forwarded-host": "evil.example"}).status_code == 400, "Hosts holds for it, too"


# -- 2: every limit on every door --------------------------------------------------------------------------------------


DOORS = [
    ("POST", EVENT), ("POST", "/en/gradio_api/queue/join"), ("GET", "/gradio_api/queue/data"),
    ("POST", "/gradio_api/upload"), ("POST", "/sign-in"), ("POST", "/v1/chat/completions"), ("POST", "/api/v1/ask"),
]  # fmt: skip


def test_an_address_has_its_limit_on_every_door(opening: Opening) -> None:
    client = whole(opening(requests_per_minute_per_address=2))
    for number, (method, path) in enumerate(DOORS):
        one = from_(client, f"10.0.1.{number}")
        statuses = [one.request(method, path, json={}).status_code for _ in range(4)]
        assert 429 not in statuses[:2], path
        assert statuses[2:] == [429, 429], path
        assert one.get("/theme.css").status_code == 200, "what shows the page is not counted"


def test_a_body_has_its_limit_on_every_door(page: TestClient) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(40):
            yield b" " * 1024 * 1024

    headers = {"content-type": "application/json"}
    for path in (*(path for method, path in DOORS if method == "POST"), "/gradio_api/cancel", "/mcp", "/", "/x"):
        assert page.post(path, content=pieces(), headers=headers).status_code == 413, path
        declared = page.post(path, content=b"x", headers={**headers, "content-length": str(60 << 20)})
        assert declared.status_code == 413, path


def test_events_of_the_page_take_places_as_questions_do(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    services = opening(max_concurrent=1, request_timeout=0.5)
    client = whole(services)
    go, begun = threading.Event(), threading.Event()

    def slow(*_: Any) -> str:
        begun.set()
        go.wait(10)
        return ""

    monkeypatch.setattr("ui.page.content.tasks", slow)
    with ThreadPoolExecutor(1) as pool, client:
        first = pool.submit(event, client, "browse", sent={})
        assert begun.wait(10)
        assert event(client, "browse", sent={}).status_code == 503
        assert client.post("/api/v1/ask", json=ASK).status_code == 503
        assert first.result(10).status_code == 504
        go.set()


def test_the_queue_of_the_page_has_an_end(page: TestClient) -> None:
    for path in ("", "/en"):
        assert blocks_of(page, path)._queue.max_size == 3
        assert not blocks_of(page, path).api_open, "what waits in the queue cannot go past it"


def test_a_stranger_does_not_lock_a_person_out(opening: Opening) -> None:
    services = opening(sign_in=True)
    services.state.accounts.add("张三", PASSWORD, Role.USER)
    app = create_app(services)
    stranger, person = (TestClient(app, client=(one, 1), follow_redirects=False) for one in ("10.0.0.1", "10.0.0.2"))

    def sign_in(client: TestClient, password: str) -> Any:
        return client.post("/sign-in", data={"name": "张三", "password": password})

    said = [sign_in(stranger, f"wrong {number}").status_code for number in range(PER_NAME + 2)]
    assert said == [401] * PER_NAME + [429] * 2
    assert int(sign_in(stranger, PASSWORD).headers["retry-after"]) > 0, "here nobody may for a while"
    begun = time.monotonic()
    assert sign_in(person, PASSWORD).status_code == 303
    assert 0.2 < time.monotonic() - begun < 10, "late, but in"


def test_names_that_are_nobody_s_are_counted_for_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.access.sign_in_gate.MOST_DELAY", 0)

    async def run() -> int:
        gate, tried = SignInGate(), 0
        for number in range(200):
            try:
                await gate.enter("10.0.0.1", f"nobody {number}", _refuse)
            except SignInError as error:
                tried += error.seconds == 0
        with pytest.raises(SignInError):
            await gate.enter("10.0.0.1", "somebody", lambda: "token")
        assert await gate.enter("10.0.0.2", "somebody", lambda: "token") == "token"
        return tried

    assert 10 <= asyncio.run(run()) <= 60


def test_who_had_to_wait_may_try_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.access.sign_in_gate.MOST_DELAY", 0)

    async def run() -> None:
        gate = SignInGate()
        for _ in range(PER_NAME):
            with pytest.raises(SignInError, match="不对"):
                await gate.enter("10.0.0.1", "甲", _refuse)
        with pytest.raises(SignInError, match="尝试次数过多，请 5 分钟后再试"):
            await gate.enter("10.0.0.1", "甲", lambda: "token")
        assert await gate.enter("10.0.0.1", "乙", lambda: "token"), "another name may"
        later = time.time() + 301
        monkeypatch.setattr("limits.storage.memory.time.time", lambda: later)
        assert await gate.enter("10.0.0.1", "甲", lambda: "token")
        for _ in range(PER_NAME + 1):
            assert await gate.enter("10.0.0.1", "甲", lambda: "token"), "what succeeds is not counted"

    asyncio.run(run())


def test_passwords_are_checked_one_at_a_time_and_no_address_takes_all_turns() -> None:
    async def run() -> None:
        gate, order, now, most = SignInGate(), [], 0, 0

        def check(whose: str) -> str:
            nonlocal now, most
            now += 1
            most = max(most, now)
            time.sleep(0.02)
            now -= 1
            order.append(whose)
            return whose

        many = [asyncio.create_task(gate.enter("10.0.0.1", f"n{n}", lambda: check("crowd"))) for n in range(20)]
        await asyncio.sleep(0.05)
        await gate.enter("10.0.0.2", "张三", lambda: check("person"))
        assert order.index("person") < 8, "not behind everybody of the other address"
        await asyncio.gather(*many)
        assert most == 1

    asyncio.run(run())


def test_a_line_at_the_sign_in_has_an_end() -> None:
    async def run() -> list[Any]:
        gate, go = SignInGate(), threading.Event()
        tasks = [asyncio.create_task(gate.enter("10.0.0.1", "甲", lambda: str(go.wait(10)))) for _ in range(300)]
        await asyncio.sleep(0.1)
        go.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    done = asyncio.run(run())
    assert 0 < sum(one == "True" for one in done) < 300
    assert all(one == "True" or isinstance(one, SignInError) for one in done)


def _refuse() -> str:
    raise SignInError("不对")


# -- 3: slow clients ---------------------------------------------------------------------------------------------------


def half_sent(url: str, path: str) -> socket.socket:
    """Begin a post that does not come to its end."""
    host, port = url.removeprefix("http://").split(":")
    opened = socket.create_connection((host, int(port)), timeout=20)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n"
    )
    opened.sendall(f'{head}{{"question"'.encode())
    return opened


def test_a_place_is_taken_when_the_body_has_arrived(opening: Opening) -> None:
    services = opening(max_concurrent=2)
    with live.live(services, page=True) as url, ExitStack() as opened:
        for path in ("/api/v1/ask", "/v1/chat/completions", "/mcp", EVENT):
            for _ in range(3):
                opened.enter_context(half_sent(url, path))
            time.sleep(0.3)
            assert httpx.post(f"{url}/api/v1/ask", json=ASK, timeout=20).status_code == 200, path


def ended_after(opened: socket.socket, seconds: float) -> float:
    """Return when the service closed the connection."""
    begun = time.monotonic()
    opened.settimeout(seconds)
    with suppress(ConnectionError):  # what we sent may be unread
        while opened.recv(4096):
            pass
    return time.monotonic() - begun


def test_slow_clients_are_not_waited_for(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow_clients, "SECONDS", 0.6)
    with live.live(opening()) as url, ExitStack() as opened:
        host, port = url.removeprefix("http://").split(":")
        silent = opened.enter_context(socket.create_connection((host, int(port))))
        in_head = opened.enter_context(socket.create_connection((host, int(port))))
        in_head.sendall(b"POST /api/v1/ask HTTP/1.1\r\nHost: 127")
        in_body = opened.enter_context(half_sent(url, "/api/v1/ask"))
        refused = opened.enter_context(half_sent(url, "/nowhere"))
        for one in (silent, in_head, in_body, refused):
            assert ended_after(one, 10) < 8

        def dribble() -> float:
            with half_sent(url, "/api/v1/ask") as one:
                begun = time.monotonic()
                while time.monotonic() - begun < 8:
                    try:
                        one.sendall(b" ")
                    except OSError:
                        break
                    time.sleep(0.05)
                return time.monotonic() - begun

        assert dribble() < 7, "a byte now and then is not enough"


def test_who_sends_steadily_or_waits_for_an_answer_is_waited_for(
    opening: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slow_clients, "SECONDS", 0.5)
    services = opening()
    slow = live.Slow()
    monkeypatch.setattr(type(services.assistant), "stream", lambda *a, **k: slow.stream(*a, **k))

    def steadily() -> Iterator[bytes]:
        yield b'{"question":"' + b" " * 60_000
        for _ in range(6):
            time.sleep(0.2)
            yield b" " * 60_000
        yield b" "

    with live.live(services) as url, ThreadPoolExecutor(2) as pool:
        waiting = pool.submit(httpx.post, f"{url}/api/v1/ask", json=ASK, timeout=20)
        assert slow.waiting.wait(10)
        headers = {"content-type": "application/json"}
        sent = httpx.post(f"{url}/api/v1/ask", content=steadily(), headers=headers, timeout=20)
        assert sent.status_code == 422, "read to its end, which is missing"
        slow.go.set()
        assert waiting.result(20).status_code == 200


def test_a_head_has_a_limit(opening: Opening) -> None:
    with live.live(opening()) as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=20) as one:
            one.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ")
            said, sent = b"", 0
            with suppress(OSError):  # reset or broken pipe, as the system has it
                while not said and (sent := sent + 1) < 1000:
                    one.sendall(b"x" * 10_000)
                    said = one.recv(100) if select.select([one], [], [], 0.001)[0] else b""
            assert sent < 100


# -- 7: scopes -----------------------------------------------------------------------------------------------------------


def call_tool(client: TestClient, name: str, secret: str) -> Any:
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": {}}}
    headers = {"accept": "application/json, text/event-stream", "authorization": f"Bearer {secret}"}
    return message_of(client.post("/mcp", json=message, headers=headers).text)


def message_of(answer: str) -> Any:
    """Return the message that an answer of the MCP server holds."""
    line = next(one for one in answer.splitlines() if one.startswith(("data: {", "{")))
    return json.loads(line.removeprefix("data: "))


def test_a_tool_needs_what_its_route_needs(opening: Opening) -> None:
    services = opening(require_key=True)
    with TestClient(create_app(services)) as client:
        for tool in TOOLS.values():
            needed = NEEDS[tool.does]
            lacking = set(Scope) - {needed, Scope.ADMIN} | {Scope.ASK}  # the door itself asks for this one
            if needed is not Scope.ASK:
                secret = services.state.keys.create("少", sorted(lacking - {needed}))[1]
                told = call_tool(client, tool.name, secret)
                assert told["result"]["isError"], tool.name
                assert "没有这个权限" in told["result"]["content"][0]["text"]
            enough = services.state.keys.create("够", sorted({needed, Scope.ASK}))[1]
            assert "没有这个权限" not in json.dumps(call_tool(client, tool.name, enough), ensure_ascii=False)
        asks = services.state.keys.create("问", [Scope.ASK])[1]
        answered = client.post(
            "/mcp",
            json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"},
            headers={"accept": "application/json, text/event-stream", "authorization": f"Bearer {asks}"},
        ).text
        listed = {one["name"] for one in message_of(answered)["result"]["tools"]}
        allowed = {tool.name for tool in TOOLS.values() if NEEDS[tool.does] is Scope.ASK}
        assert listed == allowed, "what may not be called is not offered"


def test_a_key_that_reads_calls_the_routes_and_nothing_of_mcp(opening: Opening) -> None:
    """``enter_mcp`` in the table: who may only read has the REST routes for that, and is told at the door."""
    assert NEEDS["enter_mcp"] is Scope.ASK
    services = opening(require_key=True)
    reads = services.state.keys.create("读", [Scope.READ])[1]
    headers = {"accept": "application/json, text/event-stream", "authorization": f"Bearer {reads}"}
    messages: list[dict[str, Any]] = [
        {"method": "tools/list"},
        {"method": "ping"},
        *({"method": "tools/call", "params": {"name": name, "arguments": {}}} for name in TOOLS),
    ]
    with TestClient(create_app(services)) as client:
        for number, message in enumerate(messages):
            for path in ("/mcp", "/mcp/"):
                refused = client.post(path, json={"jsonrpc": "2.0", "id": number, **message}, headers=headers)
                assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden"), message
        assert client.get("/api/v1/documents", headers=headers).status_code == 200
        assert client.post("/api/v1/ask", json=ASK, headers=headers).status_code == 403


def test_every_event_of_the_page_needs_something(page: TestClient) -> None:
    for path in ("", "/en"):
        assert {one.name for one in blocks_of(page, path).fns.values() if one.fn} <= set(ACTS)
    assert set(ACTS.values()) <= set(NEEDS)


def test_an_event_of_the_page_is_refused_to_whom_it_is_not_for(opening: Opening) -> None:
    services = opening(host="0.0.0.0", open=True)  # who comes is a reader
    client = whole(services)
    reader = {Scope.ASK, Scope.READ}
    for act, does in ACTS.items():
        answered = event(client, act, *[None] * 2, sent={})
        assert (answered.status_code == 403) is (NEEDS[does] not in reader), act


# -- 8: a stream belongs to whom it was opened for -----------------------------------------------------------------------


def test_a_stream_is_not_read_by_another(opening: Opening) -> None:
    services = opening(sign_in=True)
    for name in ("甲", "乙"):
        services.state.accounts.add(name, PASSWORD, Role.USER)
    with live.live(services, page=True) as url, ExitStack() as opened:
        mine, other = (opened.enter_context(httpx.Client(base_url=url, timeout=30)) for _ in range(2))
        for client, name in ((mine, "甲"), (other, "乙")):
            assert client.post("/sign-in", data={"name": name, "password": PASSWORD}).status_code == 303
        number = next(n for n, one in blocks_of(whole(services)).fns.items() if one.name == "ask")
        body = {
            "data": ["重点任务1的原文是什么？", None],
            "fn_index": number,
            "session_hash": "known",
            "trigger_id": None,
        }
        joined = mine.post("/gradio_api/queue/join", json=body)
        assert joined.status_code == 200, joined.text
        for client, sees in ((other, False), (mine, True)):
            seen = client.get("/gradio_api/queue/data", params={"session_hash": "known"}).text
            assert ("每个街道至少建成" in seen) is sees
            assert ("session_not_found" in seen) is not sees
        again = mine.post("/gradio_api/queue/join", json=body).json()["event_id"]
        for cancelled in ({"session_hash": "known"}, {"session_hash": "other"}):
            sent = {**cancelled, "event_id": again, "fn_index": number}
            assert other.post("/gradio_api/cancel", json=sent).status_code == 404
        assert "每个街道至少建成" in mine.get("/gradio_api/queue/data", params={"session_hash": "known"}).text


def test_what_a_page_is_at_is_not_shared_by_its_name(page: TestClient) -> None:
    states = blocks_of(page).state_holder.session_data
    before = len(states)
    for visitor, kinds in (("a" * 32, ["news"]), ("b" * 32, [])):
        client = from_(page, "10.0.0.3")
        client.cookies.set(VISITOR_COOKIE, visitor)
        assert event(client, "limit", None, sent={"kinds": kinds}, session="same").status_code == 200
    assert len(states) == before + 2
    assert "same" not in states


# -- 9: what the page does not use is not there --------------------------------------------------------------------------

NOT_THERE = [
    ("POST", "/gradio_api/upload"), ("POST", "/gradio_api/call/v2/x"), ("POST", "/gradio_api/call/x"),
    ("GET", "/gradio_api/call/x/y"), ("GET", "/gradio_api/proxy=https://evil.example/"), ("GET", "/gradio_api/file=/x"),
    ("GET", "/gradio_api/info"), ("GET", "/gradio_api/openapi.json"), ("POST", "/gradio_api/component_server"),
    ("POST", "/gradio_api/vibe-edit"), ("POST", "/gradio_api/process_recording"), ("POST", "/gradio_api/stream/x"),
    ("GET", "/gradio_api/deep_link"), ("POST", "/gradio_api/run-history/connect"), ("GET", "/monitoring"),
    ("GET", "/gradio_api/startup-events"), ("GET", "/gradio_api/upload_progress?upload_id=x"), ("POST", "/login"),
    ("POST", "/gradio_api/run/greet"), ("POST", "/gradio_api/api/predict"), ("PUT", EVENT),
]  # fmt: skip


def test_what_the_page_does_not_use_is_not_there(
    page: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "gradio"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for method, path in NOT_THERE:
        for prefix in ("", "/en"):
            files = {"files": ("a.txt", b"x")} if path.endswith("/upload") else None
            answered = page.request(method, prefix + path, files=files, json=None if files else {})
            assert answered.status_code == 404, (method, path, answered.text)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and path.read_bytes() == b"x"]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(max_size=20) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)
SENT = ("document", "act", "id", "question", "replaces", "conversation", "rating", "exchange", "kinds", "since", "text",
        "file", "name", "start", "end", "run", "search", "browsing", "old", "new")  # fmt: skip
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "data": st.lists(ANYTHING, max_size=4) | ANYTHING,
        "event_data": ANYTHING | st.dictionaries(st.sampled_from(SENT), ANYTHING, max_size=4),
        "fn_index": st.integers(-2, 40) | ANYTHING,
        "trigger_id": st.integers(-2, 60) | ANYTHING,
        "session_hash": st.just("s") | ANYTHING,
        "event_id": ANYTHING,
        "batched": ANYTHING,
        "simple_format": ANYTHING,
    },
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([EVENT, "/gradio_api/queue/join", "/gradio_api/cancel", "/gradio_api/reset"]), BODIES | ANYTHING)
def test_whatever_an_event_holds_it_is_no_fault_of_ours(page: TestClient, path: str, body: Any) -> None:
    answered = page.post(path, content=json.dumps(body).encode(), headers={"content-type": "application/json"})
    assert answered.status_code < 500, answered.text
