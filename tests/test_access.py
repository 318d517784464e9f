"""Who sees what: visitors without sign-in, users with it, and the routes about conversations."""

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import live
import pypdf
import pytest
from fastapi.testclient import TestClient

from ui.access.visitors import SESSION_COOKIE, VISITOR_COOKIE
from ui.api.app import create_app
from ui.state.records import Role
from ui.wiring import Services

Serving = Callable[..., Services]
PASSWORD = "correct horse 9"


@contextmanager
def opening(folder: Path) -> Iterator[Serving]:
    """Open services on the small corpus, one after the other on the same folder."""
    with ExitStack() as opened:
        yield lambda **settings: opened.enter_context(live.serving(folder, **settings))


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    with opening(tmp_path) as open_:
        yield open_


def browser(services: Services) -> TestClient:
    """Return a browser of its own."""
    return TestClient(create_app(services), raise_server_exceptions=False, follow_redirects=False)


def talk(client: TestClient, *questions: str) -> dict[str, Any]:
    """Ask within a new conversation and return it."""
    made = client.post("/api/v1/conversations").json()["id"]
    for question in questions:
        answered = client.post(f"/api/v1/conversations/{made}/messages", json={"question": question})
        assert answered.status_code == 200, answered.text
    whole: dict[str, Any] = client.get(f"/api/v1/conversations/{made}").json()
    return whole


# -- conversations -----------------------------------------------------------------------------------------------------


def test_a_conversation_is_kept_with_its_citations(serving: Serving) -> None:
    client = browser(serving())
    kept = talk(client, "重点任务1的原文是什么？", "那第3条呢？")
    first, second = kept["exchanges"]
    assert kept["name"] == "重点任务1的原文是什么？"
    assert first["answer"]["citations"][0]["task_number"] == 1
    assert second["answer"]["citations"][0]["task_number"] == 3, "what was said is the history"
    assert second["answer"]["conversation_id"] == kept["id"]
    assert client.get("/api/v1/conversations", params={"search": "第3条"}).json()["conversations"][0]["exchanges"] == 2
    assert client.get("/api/v1/conversations", params={"search": "没有"}).json() == {"conversations": []}


def test_a_conversation_survives_the_service(serving: Serving) -> None:
    services = serving()
    client = browser(services)
    kept = talk(client, "重点任务1的原文是什么？")
    services.close()
    again = browser(serving())
    again.cookies.set(VISITOR_COOKIE, client.cookies[VISITOR_COOKIE])
    assert again.get(f"/api/v1/conversations/{kept['id']}").json() == kept


def test_a_message_can_be_asked_anew_and_limited(serving: Serving) -> None:
    client = browser(serving())
    kept = talk(client, "重点任务1的原文是什么？", "重点任务2的原文是什么？")
    address = f"/api/v1/conversations/{kept['id']}"
    body = {
        "question": "重点任务3的原文是什么？",
        "replaces": kept["exchanges"][0]["id"],
        "filters": {"kinds": ["policy"]},
    }
    assert client.post(f"{address}/messages", json=body).json()["answer"]["citations"][0]["task_number"] == 3
    assert len(client.get(address).json()["exchanges"]) == 1
    wrong = client.post(f"{address}/messages", json={"question": "问", "filters": {"kind": "news"}})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (422, "invalid")


def test_a_rating_is_kept_with_all_that_led_to_the_answer(serving: Serving) -> None:
    services = serving()
    client = browser(services)
    kept = talk(client, "社区工作者每年培训多少人次？")
    address = f"/api/v1/conversations/{kept['id']}/exchanges/{kept['exchanges'][0]['id']}/rating"
    judged = client.put(address, json={"rating": "down", "reason": "citation", "comment": "不是这一条"})
    assert judged.json()["rating"] == "down"
    (feedback,) = services.state.conversations.feedback()
    assert (feedback.reason, feedback.comment) == ("citation", "不是这一条")
    assert feedback.trace["answer"]["citations"] == kept["exchanges"][0]["answer"]["citations"]
    assert feedback.trace["ranking"][0]["label"].startswith("重点任务")
    assert client.put(address, json={"rating": None}).json()["rating"] is None
    assert services.state.conversations.feedback() == []
    assert client.put(address, json={"rating": "sideways"}).status_code == 422


@pytest.mark.parametrize(("into", "begins"), [("md", b"# "), ("docx", b"PK"), ("pdf", b"%PDF")])
def test_a_conversation_can_be_taken_away(serving: Serving, into: str, begins: bytes) -> None:
    client = browser(serving())
    kept = talk(client, "重点任务1的原文是什么？")
    response = client.get(f"/api/v1/conversations/{kept['id']}/export", params={"format": into})
    assert response.content.startswith(begins)
    assert response.headers["content-disposition"].endswith(f".{into}")
    assert "attachment" in response.headers["content-disposition"]
    if into == "pdf":
        text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(response.content)).pages)
        assert "每个街道至少建成" in text
    assert client.get(f"/api/v1/conversations/{kept['id']}/export", params={"format": "exe"}).status_code == 422


# -- visitors ----------------------------------------------------------------------------------------------------------


def test_a_browser_gets_a_name_that_scripts_cannot_read(serving: Serving) -> None:
    client = browser(serving())
    (given,) = client.get("/healthz").headers.get_list("set-cookie")
    assert given.startswith(f"{VISITOR_COOKIE}=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in given.split(";")}
    assert "set-cookie" not in client.get("/healthz").headers
    client.cookies.clear()
    client.cookies.set(VISITOR_COOKIE, "../../someone")
    assert "set-cookie" in client.get("/healthz").headers, "a name that we did not give is not taken"


EVERY_WAY: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "", {}),
    ("PATCH", "", {"json": {"name": "新名"}}),
    ("DELETE", "", {}),
    ("GET", "/export", {}),
    ("POST", "/messages", {"json": {"question": "问"}}),
    ("PUT", "/exchanges/{exchange}/rating", {"json": {"rating": "up"}}),
]


@pytest.mark.parametrize(("method", "path", "sent"), EVERY_WAY)
def test_one_visitor_does_not_reach_the_conversations_of_another(
    serving: Serving, method: str, path: str, sent: dict[str, Any]
) -> None:
    services = serving()
    mine, other = browser(services), browser(services)
    kept = talk(mine, "重点任务1的原文是什么？")
    address = f"/api/v1/conversations/{kept['id']}{path.format(exchange=kept['exchanges'][0]['id'])}"
    refused = other.request(method, address, **sent)
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "not_found")
    own = talk(other)["id"]
    if "exchanges" in path:
        crossed = address.replace(kept["id"], own)
        assert other.request(method, crossed, **sent).status_code == 404, "not through a conversation of one's own"
    assert mine.get(f"/api/v1/conversations/{kept['id']}").json() == kept


def test_other_sites_cannot_change_conversations(serving: Serving) -> None:
    client = browser(serving())
    address = f"/api/v1/conversations/{talk(client)['id']}"
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://elsewhere.example"}):
        assert client.delete(address, headers=headers).status_code == 403
    assert client.get(address).status_code == 200


@pytest.mark.parametrize(("host", "may"), [("127.0.0.1", True), ("localhost", True), ("0.0.0.0", False)])
def test_without_sign_in_only_this_machine_changes_documents(serving: Serving, host: str, may: bool) -> None:
    client = browser(serving(host=host))
    sent = client.post("/api/v1/documents", files={"files": ("a.txt", b"")})
    assert sent.status_code == (202 if may else 403)


# -- users -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A service that asks for a sign-in, with an administrator and users."""
    with opening(tmp_path_factory.mktemp("closed")) as open_:
        services = open_(sign_in=True)
        for name, role in (("admin", Role.ADMIN), ("张三", Role.USER), ("李四", Role.USER), ("赵六", Role.USER)):
            services.state.accounts.add(name, PASSWORD, role)
        yield services


def signed_in(services: Services, name: str, password: str = PASSWORD, **form: str) -> TestClient:
    """Return a browser after it sent the form."""
    client = browser(services)
    response = client.post("/sign-in", data={"name": name, "password": password, **form})
    assert response.status_code == 303
    return client


@pytest.mark.parametrize("path", ["/", "/en/", "/?view=tasks", "/gradio_api/info", "/docs", "/openapi.json"])
def test_nothing_is_shown_before_signing_in(closed: Services, path: str) -> None:
    client = browser(closed)
    page = client.get(path, headers={"accept": "text/html"})
    assert page.status_code == 303
    assert page.headers["location"].startswith("/sign-in?next=%2F")
    refused = client.get("/api/v1/documents")
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "unauthorized")
    assert client.post("/api/v1/ask", json={"question": "问"}).status_code == 401
    assert client.get("/healthz").status_code == 200


def test_a_user_signs_in_and_out(closed: Services) -> None:
    client = signed_in(closed, "张三")
    token = client.cookies[SESSION_COOKIE]
    assert client.get("/api/v1/documents").status_code == 200
    assert client.post("/sign-out").headers["location"] == "/sign-in"
    client.cookies.set(SESSION_COOKIE, token)
    assert client.get("/api/v1/documents").status_code == 401, "the session itself is over"


def test_a_wrong_password_says_no_more_than_a_wrong_name(closed: Services) -> None:
    answers = []
    for name, password in (("张三", "wrong wrong"), ("王五", PASSWORD)):
        response = browser(closed).post("/sign-in", data={"name": name, "password": password})
        assert response.status_code == 401
        assert SESSION_COOKIE not in response.cookies
        answers.append(response.text.replace(name, "…"))
    assert answers[0] == answers[1]


def test_who_keeps_guessing_must_wait(closed: Services) -> None:
    client = browser(closed)
    said = [client.post("/sign-in", data={"name": "赵六", "password": f"guess {n} xx"}).text for n in range(11)]
    assert "尝试次数过多" in said[-1]
    assert "尝试次数过多" not in said[0]
    assert "尝试次数过多" in client.post("/sign-in", data={"name": "赵六", "password": PASSWORD}).text


@pytest.mark.parametrize(
    "to",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "", "\\\\evil", "/a\r\nx: y"],
)
def test_signing_in_leads_nowhere_else(closed: Services, to: str) -> None:
    response = browser(closed).post("/sign-in", data={"name": "张三", "password": PASSWORD, "next": to})
    assert response.headers["location"] == "/"
    assert "evil" not in browser(closed).get("/sign-in", params={"next": to}).text


def test_one_goes_on_to_where_one_was_going(closed: Services) -> None:
    form = {"name": "张三", "password": PASSWORD, "next": "/en/?conversation=x"}
    assert browser(closed).post("/sign-in", data=form).headers["location"] == "/en/?conversation=x"
    assert "Password" in browser(closed).get("/sign-in", params={"next": "/en/"}).text


def test_another_site_cannot_sign_one_in(closed: Services) -> None:
    form = {"name": "张三", "password": PASSWORD}
    refused = browser(closed).post("/sign-in", data=form, headers={"sec-fetch-site": "cross-site"})
    assert refused.status_code == 403


def test_users_have_their_own_conversations_and_only_administrators_change_documents(closed: Services) -> None:
    one, other, admin = (signed_in(closed, name) for name in ("张三", "李四", "admin"))
    kept = talk(one, "重点任务1的原文是什么？")
    assert other.get(f"/api/v1/conversations/{kept['id']}").status_code == 404
    assert admin.get(f"/api/v1/conversations/{kept['id']}").status_code == 404
    assert signed_in(closed, "张三").get(f"/api/v1/conversations/{kept['id']}").json() == kept, "from another browser"
    for client, status in ((one, 403), (admin, 202)):
        assert client.post("/api/v1/documents", files={"files": ("a.txt", b"")}).status_code == status
        assert client.get("/api/v1/storage").status_code == (200 if status == 202 else 403)


def test_the_cookie_is_for_safe_connections_where_there_is_one(closed: Services) -> None:
    client = TestClient(create_app(closed), base_url="https://testserver", follow_redirects=False)
    given = client.post("/sign-in", data={"name": "张三", "password": PASSWORD}).headers["set-cookie"]
    assert {"HttpOnly", "Secure", "SameSite=Lax"} <= {part.strip() for part in given.split(";")}
