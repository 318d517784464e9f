"""The HTTP API: the answers, the one shape of errors, the limits, the headers."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from doors import HashEmbedder, WordRanker, filled_services
from fastapi.testclient import TestClient

from ui.api.app import create_app
from ui.wiring import Services

LIMIT = 4096


class Response(Protocol):
    """What the test client returns; whose class it is depends on what is installed."""

    status_code: int
    headers: Any

    def json(self) -> Any: ...


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ui.wiring.open_model", lambda _settings: HashEmbedder())
        patch.setattr("ui.wiring.open_settings_ranker", lambda _settings: WordRanker())
        made = filled_services(
            tmp_path_factory.mktemp("api"), max_question_chars=50, max_history_turns=2, max_body_bytes=LIMIT
        )
    with made:
        yield made


@pytest.fixture(scope="module")
def client(services: Services) -> TestClient:
    return TestClient(create_app(services), raise_server_exceptions=False)


def ask(client: TestClient, **body: Any) -> Response:
    return client.post("/api/v1/ask", json=body)


def message(response: Response, status: int, code: str) -> str:
    """Return the message of an error after checking its shape."""
    assert response.status_code == status
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message"}
    assert body["error"]["code"] == code
    said: str = body["error"]["message"]
    assert re.search("[一-鿿]", said), "the message is in Chinese"
    assert "Traceback" not in said
    return said


def test_ask_answers_with_exact_quotes(client: TestClient, services: Services) -> None:
    answer = ask(client, question="第2条讲什么", conversation_id="c1").json()
    assert answer["status"] == "answered"
    assert answer["conversation_id"] == "c1"
    assert answer["citations"][0]["task_number"] == 2
    for citation in answer["citations"]:
        text = services.store.document(citation["document_id"]).text
        assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_ask_reads_the_history(client: TestClient) -> None:
    turns = [{"role": "user", "content": "第2条讲什么"}, {"role": "assistant", "content": "升级政务网络。"}]
    answer = ask(client, question="那第3条呢", history=turns).json()
    assert [citation["task_number"] for citation in answer["citations"]] == [3]


def test_documents_and_units_fit_together(client: TestClient) -> None:
    (listed,) = client.get("/api/v1/documents").json()["documents"]
    assert "text" not in listed
    assert listed["source"] == "方案.txt"
    whole = client.get(f"/api/v1/documents/{listed['id']}").json()
    units = client.get(f"/api/v1/documents/{listed['id']}/units").json()["units"]
    assert listed["counts"] == {"units": len(units), "characters": len(whole["text"])}
    assert [unit["task_number"] for unit in units if unit["task_number"]] == [1, 2, 3]
    for unit in units:
        assert whole["text"][unit["start"] : unit["end"]] == unit["text"]
        for start, end in unit["sentences"]:
            assert unit["start"] <= start < end <= unit["end"]


def test_health(client: TestClient) -> None:
    assert client.get("/healthz").json() == {
        "status": "ok",
        "documents": 1,
        "engine": "extractive",
        "model": "hash-pairs",
    }


@pytest.mark.parametrize("path", ["/api/v1/documents/none", "/api/v1/documents/none/units"])
def test_unknown_document(path: str, client: TestClient) -> None:
    assert "none" in message(client.get(path), 404, "not_found")


def test_unknown_address_and_method(client: TestClient) -> None:
    message(client.get("/api/v1/nothing"), 404, "not_found")
    message(client.post("/api/nothing/here"), 404, "not_found")
    message(client.get("/api/v1/ask"), 405, "method_not_allowed")
    message(client.delete("/api/v1/documents"), 405, "method_not_allowed")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "缺少 question"),
        ({"question": 7}, "question 应为文字"),
        ({"question": None}, "question 应为文字"),
        ({"question": " \n"}, "问题是空的"),
        ({"question": "问" * 51}, "51.*50"),
        ({"question": "问", "history": "x"}, "history 应为数组"),
        ({"question": "问", "history": [{"role": "system", "content": ""}]}, r"history\.0\.role"),
        ({"question": "问", "history": [{"role": "user", "content": "x"}] * 3}, "3 轮.*2 轮"),
        ({"question": "问", "conversation_id": "x" * 129}, "conversation_id 太长"),
    ],
)
def test_bad_question(body: dict[str, Any], said: str, client: TestClient) -> None:
    assert re.search(said, message(ask(client, **body), 422, "invalid"))


@pytest.mark.parametrize("content", ["{", "[]", '"question"', "\ufffe", '{"question": "\\ud800"}'])
def test_bad_body(content: str, client: TestClient) -> None:
    response = client.post("/api/v1/ask", content=content.encode(), headers={"content-type": "application/json"})
    message(response, 422, "invalid")


def test_body_too_deep_to_read(client: TestClient) -> None:
    response = client.post("/api/v1/ask", content=b"[" * 4000, headers={"content-type": "application/json"})
    if response.status_code == 422:  # later Pythons get through it, and find that it does not end
        message(response, 422, "invalid")
    else:
        message(response, 400, "bad_request")


def test_other_sites_cannot_post_plain_text(client: TestClient) -> None:
    """A form of another site may send text/plain without asking; that is not taken for JSON."""
    response = client.post("/api/v1/ask", content='{"question": "问"}', headers={"content-type": "text/plain"})
    message(response, 422, "invalid")


def test_body_that_says_it_is_too_large(client: TestClient) -> None:
    assert str(LIMIT) in message(ask(client, question="问" * LIMIT), 413, "too_large")


def test_body_that_turns_out_too_large(client: TestClient) -> None:
    pieces = (b'"' + b"x" * 1000 for _ in range(10))
    response = client.post("/api/v1/ask", content=pieces, headers={"content-type": "application/json"})
    message(response, 413, "too_large")


def test_fault_is_told_without_its_trace(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the inside of the machine")

    monkeypatch.setattr(type(services.assistant), "stream", fail)
    broken = TestClient(create_app(services), raise_server_exceptions=False)
    assert "machine" not in message(ask(broken, question="问"), 500, "internal")


def test_empty_store_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ui.settings import Settings
    from ui.wiring import open_services

    monkeypatch.setattr("ui.wiring.open_model", lambda _settings: HashEmbedder())

    monkeypatch.setattr("ui.wiring.open_settings_ranker", lambda _settings: WordRanker())
    with open_services(Settings(data_dir=tmp_path / "data"), must_have_documents=False) as empty:
        client = TestClient(create_app(empty))
        assert client.get("/api/v1/documents").json() == {"documents": []}
        assert "ingest" in message(ask(client, question="问"), 503, "unavailable")


def test_docs_ask_no_other_host(client: TestClient) -> None:
    page = client.get("/docs").text
    assert "http://" not in page
    assert "https://" not in page
    assert '"validatorUrl": null' in page
    for asset in re.findall(r'(?:src|href)="([^"]+)"', page):
        assert client.get(asset).status_code == 200, asset


def test_openapi_names_every_route_and_its_errors(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert set(paths) >= {
        "/api/v1/ask",
        "/api/v1/ask/stream",
        "/api/v1/batch",
        "/api/v1/documents",
        "/api/v1/documents/{document_id}",
        "/api/v1/documents/{document_id}/units",
        "/api/v1/search",
        "/api/v1/units",
        "/healthz",
        "/mcp",
        "/v1/chat/completions",
        "/v1/models",
        "/v1/models/{name}",
    }
    refused = paths["/api/v1/ask"]["post"]["responses"]["422"]["content"]["application/json"]["schema"]
    assert refused["$ref"].endswith("/ErrorBody")


@pytest.mark.parametrize("path", ["/healthz", "/docs", "/api/v1/nothing", "/nothing"])
def test_every_response_carries_the_headers(path: str, client: TestClient) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "default-src 'self'" in headers["content-security-policy"]


def test_many_ask_at_once(client: TestClient) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: ask(client, question=f"第{n % 3 + 1}条讲什么").json(), range(24)))
    assert [answer["citations"][0]["task_number"] for answer in answers] == [n % 3 + 1 for n in range(24)]
