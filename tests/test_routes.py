"""Every route of the whole application, walked from the application itself: who may come, and what nonsense does.

A route that is in no table fails here, also one that a new version of the page's framework brings along.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import live
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.routing import Mount
from test_attacks import ANYTHING, EVENT, SENT, blocks_of, whole

from ui.access.scopes import NEEDS
from ui.access.visitors import SESSION_COOKIE
from ui.page.doors import ACTS
from ui.state.records import Role, Scope
from ui.wiring import Services

PASSWORD = "correct horse 9"
WIDGET = ["https://site.example"]
Route = tuple[str, str]
ALL, SIGNED_IN, NOBODY = "all", "signed in", "nobody"  # beside the names of ``NEEDS``

API: dict[str, list[str]] = {
    "ask": ["POST /api/v1/ask", "POST /api/v1/ask/stream", "POST /api/v1/batch", "POST /v1/chat/completions"],
    "converse": [
        "GET /api/v1/conversations", "POST /api/v1/conversations", "GET /api/v1/conversations/{conversation_id}",
        "PATCH /api/v1/conversations/{conversation_id}", "DELETE /api/v1/conversations/{conversation_id}",
        "GET /api/v1/conversations/{conversation_id}/export", "POST /api/v1/conversations/{conversation_id}/messages",
        "PUT /api/v1/conversations/{conversation_id}/exchanges/{exchange_id}/rating", "DELETE /api/v1/me",
    ],
    "search": ["GET /api/v1/search"],
    "desk": [
        "POST /api/v1/desk/check", "POST /api/v1/desk/check/file", "GET /api/v1/desk/diff", "GET /api/v1/desk/evidence",
        "GET /api/v1/desk/find", "POST /api/v1/desk/match", "GET /api/v1/desk/targets",
    ],
    "read": [
        "GET /api/v1/documents", "GET /api/v1/documents/{document_id}", "GET /api/v1/documents/{document_id}/units",
        "GET /api/v1/units",
    ],
    "models": ["GET /v1/models", "GET /v1/models/{name}"],
    "enter_mcp": ["POST /mcp", "POST /mcp/"],
    "change": [
        "POST /api/v1/documents", "DELETE /api/v1/documents/{document_id}", "GET /api/v1/uploads",
        "POST /api/v1/documents/{document_id}/reindex", "GET /api/v1/uploads/{upload_id}",
        "DELETE /api/v1/uploads/{upload_id}", "POST /api/v1/uploads/{upload_id}/restore",
    ],
    "administer": ["GET /api/v1/storage", "GET /api/v1/feedback", "GET /metrics"],
    ALL: ["GET /healthz", "GET /readyz", "GET /sign-in", "POST /sign-in"],
    SIGNED_IN: [
        "GET /openapi.json", "HEAD /openapi.json", "GET /docs", "GET /docs/oauth2-redirect", "POST /sign-out",
        "GET /widget.js", "GET /static-offline-docs",
    ],
    NOBODY: [f"ANY {path}" for path in (
        "/api/{rest:path}", "/v1/{rest:path}", "/mcp", "/mcp/", "/healthz", "/readyz", "/metrics",
    )],
}  # fmt: skip
PAGE: dict[str, list[str]] = {  # of the page's framework, in either language; with a slash at the end it is the same
    SIGNED_IN: [
        "GET /", "HEAD /", "GET /config", "GET /static/{path:path}", "GET /assets/{path:path}", "GET /favicon.ico",
        "GET /theme.css", "GET /robots.txt", "GET /gradio_api/queue/data", "GET /gradio_api/heartbeat/{session_hash}",
        "POST /gradio_api/queue/join", "POST /gradio_api/run/{api_name}", "POST /gradio_api/cancel",
        "POST /gradio_api/reset",
    ],
    NOBODY: [
        "GET /openapi.json", "HEAD /openapi.json", "POST /login", "GET /logout", "GET /svelte/{path:path}",
        "GET /pwa_icon", "GET /pwa_icon/{size}", "GET /manifest.json", "GET /monitoring", "GET /monitoring/summary",
        "GET /monitoring/{key}",
        *(f"GET /gradio_api/{rest}" for rest in (
            "deep_link", "app_id", "call/{api_name}/{event_id}", "call/v2/{api_name}/{event_id}", "dev/reload",
            "custom_component/{id}/{environment}/{type}/{file_name}", "file/{path:path}", "file={path_or_url:path}",
            "info", "login_check", "openapi.json", "proxy={url_path:path}", "queue/status", "runs", "startup-events",
            "stream/{session_hash}/{run}/{component_id}/playlist-file", "theme.css", "token", "upload_progress", "user",
            "stream/{session_hash}/{run}/{component_id}/playlist.m3u8", "vibe-code",
            "stream/{session_hash}/{run}/{component_id}/{segment_id}.{ext}",
        )),
        "HEAD /gradio_api/file={path_or_url:path}", "HEAD /gradio_api/proxy={url_path:path}",
        *(f"POST /gradio_api/{rest}" for rest in (
            "api/{api_name}", "call/{api_name}", "call/v2/{api_name}", "component_server", "process_recording",
            "stream/{event_id}", "stream/{event_id}/close", "undo-vibe-edit", "upload", "vibe-code", "vibe-edit",
            "vibe-starter-queries",
        )),
    ],
}  # fmt: skip
_ENDLESS = (
    "/gradio_api/heartbeat/{session_hash}"  # a stream until the page is closed: whom it lets in is a test of its own
)
_ENDING = ("/sign-out", "/api/v1/me")  # after these one has to sign in again


def table() -> dict[Route, str]:
    """Return what each route needs, the page's in both languages."""
    listed = [("", PAGE), ("/en", PAGE), ("", API)]  # what the API has comes before the page
    found = {}
    for prefix, needs in listed:
        for need, routes in needs.items():
            for method, path in (route.split(" ") for route in routes):
                found[method, prefix + path] = need
    return found


def walked(routes: Sequence[Any], prefix: str = "") -> Iterator[Route]:
    """Yield the method and path of every route, those of routers and of mounted applications too."""
    for route in routes:
        if hasattr(route, "effective_candidates"):  # a router that was included
            yield from walked(route.effective_candidates(), prefix)
        elif isinstance(route, Mount):
            inside = getattr(route.app, "routes", None)
            yield from walked(inside, prefix + route.path) if inside else [("GET", prefix + route.path)]
        else:
            for method in route.methods or ["ANY"]:
                yield method, prefix + route.path


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A service that wants a sign-in, with a user and an administrator."""
    with live.serving(
        tmp_path_factory.mktemp("routes"), sign_in=True, requests_per_minute_per_address=0, widget_origins=WIDGET
    ) as opened:
        for name, role in (("administrator", Role.ADMIN), ("user", Role.USER)):
            opened.state.accounts.add(name, PASSWORD, role)
        yield opened


@pytest.fixture(scope="module")
def client(services: Services) -> TestClient:
    """A client of the whole application, who has not said who they are."""
    return whole(services)


def shown(services: Services, who: str) -> dict[str, str]:
    """Return the headers by which ``who`` is known: nobody, the scope of a key, or the name of a user."""
    if who == "anonymous":
        return {}
    if who in list(Scope):
        return {"authorization": f"Bearer {services.state.keys.create(who, [Scope(who)])[1]}"}
    return {"cookie": f"{SESSION_COOKIE}={services.state.accounts.sign_in(who, PASSWORD)}"}


def may(who: str, need: str, path: str) -> bool:
    """Whether ``who`` may come to ``path``."""
    if need == ALL:
        return True
    if who in ("administrator", "user"):
        held = set(Scope) if who == "administrator" else {Scope.ASK, Scope.READ}
        return need == SIGNED_IN or (need in NEEDS and NEEDS[need] in held)
    return who in list(Scope) and need in NEEDS and NEEDS[need] == who


def sent_to(method: str, path: str, client: TestClient) -> dict[str, Any]:
    """Return what a request must hold so that a route of the page that is there does not say 404 itself."""
    if method != "POST" or "/gradio_api/" not in path:
        return {}
    acts = {one.name: number for number, one in blocks_of(client).fns.items()}
    greet = {"data": [None] * len(blocks_of(client).fns[acts["greet"]].inputs), "fn_index": acts["greet"]}
    return {"json": {**greet, "session_hash": "s", **({"fn_index": None} if path.endswith("cancel") else {})}}


def address(path: str) -> str:
    """Return an address of a route."""
    head, *rest = path.replace("/run/{api_name}", "/run/predict").split("{")
    return head + "".join("0" * 32 + part.partition("}")[2] for part in rest)


def test_every_route_is_in_the_table(client: TestClient) -> None:
    there = {(method, path.rstrip("/") or "/") for method, path in walked(client.app.routes)}  # type: ignore[attr-defined]
    known = {(method, path.rstrip("/") or "/") for method, path in table()}
    assert there - known == set(), "new routes: say in the table whom they are for"
    assert known - there == set()


@pytest.mark.parametrize("who", ["anonymous", "ask", "read", "user", "administrator"])
def test_who_may_come_to_which_route(client: TestClient, services: Services, who: str) -> None:
    headers = shown(services, who)
    for (method, path), need in table().items():
        if method == "ANY" or (path.endswith(_ENDLESS) and may(who, need, path)):
            continue
        headers = shown(services, who) if path in _ENDING else headers
        answered = client.request(method, address(path), headers=headers, **sent_to(method, path, client))
        told = (who, method, path, answered.status_code)
        assert answered.status_code < 500 and "Traceback" not in answered.text, told
        if may(who, need, path):
            assert answered.status_code not in (401, 403), told
            if need == SIGNED_IN and not path.endswith(("}", "/static-offline-docs")):
                assert answered.status_code != 404, told
        elif need == NOBODY and who in ("user", "administrator"):
            assert answered.status_code == 404, told
        else:
            assert answered.status_code in (401, 403), told
        headers = shown(services, who) if path in _ENDING else headers


RAW = st.binary(max_size=60) | st.sampled_from([
    b"", b"{", b"[]", b"null", b"1e999", b'{"data":', b'{"data":[1', b"\xff\xfe{\x00", b"{}" * 30, b"[" * 3000,
    b'{"session_hash": "\\ud800"}', b'{"fn_index": 1e400}', b'{"fn_index": true, "data": []}', b'{"a": NaN}',
])  # fmt: skip
TYPES = st.sampled_from(["application/json", "text/plain", "multipart/form-data", "multipart/form-data; boundary=x",
                         "application/x-www-form-urlencoded", "", "x/y; charset=nothing"])  # fmt: skip
QUERIES = st.sampled_from(["", "session_hash=", "session_hash=%ff%00", "session_hash=a&session_hash=b", "&&=", "%"])
POSTS = sorted(path for (method, path) in table() if method == "POST" and "/gradio_api/" in path)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(st.sampled_from(POSTS), RAW, TYPES, QUERIES)
def test_no_body_breaks_a_route_of_the_page(
    client: TestClient, user: dict[str, str], path: str, body: bytes, kind: str, query: str
) -> None:
    headers = {**user, **({"content-type": kind} if kind else {})}
    answered = client.post(f"{address(path)}?{query}", content=body, headers=headers)
    assert answered.status_code < 500 and answered.status_code not in (401, 403), answered.text
    assert no_trace(answered.text)


@pytest.fixture(scope="module")
def user(services: Services) -> dict[str, str]:
    """The headers of a signed-in administrator, who is let in everywhere."""
    return shown(services, "administrator")


def no_trace(text: str) -> bool:
    """Whether ``text`` holds nothing of the inside of the program."""
    return not any(one in text for one in ("Traceback", 'File "', "site-packages", "Error("))


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(ACTS)),
    st.none() | st.text(max_size=40),
    ANYTHING | st.dictionaries(st.sampled_from(SENT), ANYTHING, max_size=5),
)
def test_no_event_that_is_let_in_breaks_the_page(
    client: TestClient, user: dict[str, str], act: str, text: str | None, sent: Any
) -> None:
    found = [(number, one) for number, one in blocks_of(client).fns.items() if one.name == act]
    for number, one in found[:1]:
        body = {"data": [None if block.stateful else text for block in one.inputs], "fn_index": number}
        body |= {"event_data": sent, "session_hash": "s"}
        answered = client.post(EVENT, content=json.dumps(body).encode(), headers=user)
        assert answered.status_code < 500 and answered.status_code not in (401, 403), (act, sent, answered.text)
        assert no_trace(answered.text)
