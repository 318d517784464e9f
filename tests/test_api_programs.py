"""What programs call: answers as events, batches, search, units page by page, feedback."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from live import Slow, live, local, said_so_far, serving, until

from assistant.answer import Answer
from assistant.pipeline import Trace
from ui.api.event_stream import as_json
from ui.wiring import Services
from vectorstore.errors import LanguageModelError

QUESTION = "第2条讲什么"
EVENTS = {"accept": "text/event-stream"}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with serving(tmp_path_factory.mktemp("programs"), max_question_chars=50) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(services: Services) -> TestClient:
    return local(services)


Message = tuple[str, str, Any]


def messages(text: str) -> list[Message]:
    """Return the id, the event and the data of each server-sent event of ``text``, comments left out."""
    found = []
    for block in text.strip().split("\n\n"):
        lines = [line for line in block.split("\n") if not line.startswith(":")]
        if lines:
            fields = dict(line.split(": ", 1) for line in lines)
            assert list(fields) == ["id", "event", "data"]
            found.append((fields["id"], fields["event"], json.loads(fields["data"])))
    return found


def timeless(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "timings_ms"}


# -- events ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "headers"), [("/api/v1/ask", EVENTS), ("/api/v1/ask/stream", {})])
def test_an_answer_as_events_is_the_same_answer(path: str, headers: dict[str, str], client: TestClient) -> None:
    response = client.post(path, json={"question": QUESTION}, headers=headers)
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-accel-buffering"] == "no"
    got = messages(response.text)
    assert [number for number, _, _ in got] == [str(n) for n in range(1, len(got) + 1)]
    assert [event for _, event, _ in got] == ["evidence", "token", "citation", "final"]
    evidence, _, cited, whole = (data for _, _, data in got)
    assert evidence == whole["citations"] == [cited]
    assert "".join(data["text"] for _, event, data in got if event == "token") == whole["answer"]
    plain = client.post("/api/v1/ask", json={"question": QUESTION}).json()
    assert timeless(whole) == timeless(plain)


@pytest.mark.parametrize(
    ("accept", "events"),
    [("*/*", False), ("application/json", False), ("application/json, text/event-stream", False),
     ("text/event-stream, application/json;q=0.5", True), ("TEXT/Event-Stream", True), ("", False)],
)  # fmt: skip
def test_what_is_asked_for_first_comes(accept: str, events: bool, client: TestClient) -> None:
    response = client.post("/api/v1/ask", json={"question": QUESTION}, headers={"accept": accept})
    assert response.headers["content-type"].startswith("text/event-stream") is events


@pytest.mark.parametrize(
    ("body", "status"),
    [({"question": " "}, 422), ({}, 422), ({"question": "问" * 51}, 422),
     ({"question": "问", "filters": {"documents": ["none"]}}, 404)],
)  # fmt: skip
def test_a_question_that_is_wrong_itself_has_a_status(body: dict[str, Any], status: int, client: TestClient) -> None:
    response = client.post("/api/v1/ask/stream", json=body)
    assert response.status_code == status
    assert set(response.json()["error"]) == {"code", "message"}


@pytest.mark.parametrize(
    ("error", "said"), [(LanguageModelError("模型连不上"), "模型连不上"), (RuntimeError("the inside"), "服务内部错误")]
)
def test_what_goes_wrong_later_is_the_last_event(
    error: Exception, said: str, client: TestClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> Iterator[Trace]:
        yield Trace(said_so_far("甲。"), ())
        raise error

    monkeypatch.setattr(type(services.assistant), "stream", fail)
    *_, (_, event, data) = messages(client.post("/api/v1/ask/stream", json={"question": "问"}).text)
    assert event == "error"
    assert data["error"]["code"] == "internal"
    assert said in data["error"]["message"]
    assert "inside" not in data["error"]["message"]


def test_line_ends_of_unicode_do_not_break_an_event() -> None:
    text = "甲\u2028乙\u2029丙\x85丁\n"
    assert len(as_json({"text": text}).splitlines()) == 1
    assert json.loads(as_json({"text": text})) == {"text": text}


@pytest.fixture
def slow(services: Services, monkeypatch: pytest.MonkeyPatch) -> Slow:
    made = Slow()
    monkeypatch.setattr(type(services.assistant), "stream", made.stream)
    return made


def test_there_are_heartbeats_while_one_waits(services: Services, slow: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.api.event_stream.HEARTBEAT", 0.05)
    beats = 0
    with live(services) as url, httpx.stream("POST", f"{url}/api/v1/ask/stream", json={"question": "问"}) as response:
        lines = []
        for line in response.iter_lines():
            lines.append(line)
            beats += line.startswith(":")
            if beats == 3:
                slow.go.set()
    assert "event: final" in lines
    assert lines.index("event: final") > max(n for n, line in enumerate(lines) if line.startswith(":")) or beats > 3
    assert slow.closed.is_set()


def test_who_goes_away_ends_the_answer(services: Services, slow: Slow) -> None:
    with live(services) as url:
        with httpx.stream("POST", f"{url}/api/v1/ask/stream", json={"question": "问"}) as response:
            next(response.iter_lines())
            until(slow.waiting.is_set)
        assert not slow.closed.is_set(), "a step under way is not torn apart"
        slow.let_go()
        assert not slow.whole.is_set()


# -- a message of a conversation ---------------------------------------------------------------------------------------


def test_a_message_as_events_is_what_is_stored(client: TestClient) -> None:
    talk = client.post("/api/v1/conversations").json()["id"]
    address = f"/api/v1/conversations/{talk}"
    client.post(f"{address}/messages", json={"question": QUESTION})
    got = messages(client.post(f"{address}/messages", json={"question": "那第3条呢"}, headers=EVENTS).text)
    assert [event for _, event, _ in got] == ["exchange", "evidence", "token", "citation", "final"]
    _, kept = client.get(address).json()["exchanges"]
    assert got[0][2]["id"] == kept["id"]
    assert got[0][2]["answer"] is None
    assert got[-1][2] == kept["answer"]
    assert got[1][2] == kept["answer"]["citations"]
    assert kept["answer"]["citations"][0]["task_number"] == 3, "what was said is the history"


def test_a_message_to_nowhere_has_a_status(client: TestClient) -> None:
    response = client.post("/api/v1/conversations/none/messages", json={"question": "问"}, headers=EVENTS)
    assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found")


def test_a_message_that_fails_ends_with_an_error(client: TestClient) -> None:
    talk = client.post("/api/v1/conversations").json()["id"]
    sent = {"question": "问" * 51}
    got = messages(client.post(f"/api/v1/conversations/{talk}/messages", json=sent, headers=EVENTS).text)
    assert [event for _, event, _ in got] == ["exchange", "error"]
    (kept,) = client.get(f"/api/v1/conversations/{talk}").json()["exchanges"]
    assert got[1][2]["error"] == {"code": "failed", "message": kept["problem"]}


def test_who_goes_away_stops_the_exchange(services: Services, slow: Slow) -> None:
    with live(services) as url, httpx.Client(base_url=url) as browser:
        address = f"/api/v1/conversations/{browser.post('/api/v1/conversations').json()['id']}"
        with browser.stream("POST", f"{address}/messages", json={"question": "问"}, headers=EVENTS) as response:
            next(response.iter_lines())
            until(slow.waiting.is_set)
        slow.let_go()
        until(lambda: browser.get(address).json()["exchanges"][0]["stopped"])
        assert not slow.whole.is_set()
        assert browser.get(address).json()["exchanges"][0]["answer"] is None


# -- batch -------------------------------------------------------------------------------------------------------------


def test_a_batch_is_answered_in_order(client: TestClient) -> None:
    turns = [{"role": "user", "content": "第2条讲什么"}, {"role": "assistant", "content": "升级政务网络。"}]
    sent = [
        {"id": "a", "question": QUESTION},
        {"id": 2, "question": "那第3条呢", "history": turns},
        {"id": None, "question": "第1条讲什么", "filters": {"kinds": ["news"]}},
        {"id": ["x"], "question": ""},
        {"id": 5},
        "no object",
        {"id": 7, "question": "问", "filters": {"kind": "news"}},
    ]
    results = client.post("/api/v1/batch", json={"questions": sent}).json()["results"]
    assert [result["id"] for result in results] == ["a", 2, None, ["x"], 5, None, 7]
    assert [result.get("status") for result in results[:3]] == ["answered", "answered", "refused"]
    assert results[1]["citations"][0]["task_number"] == 3
    for result in results[3:]:
        assert set(result) == {"id", "error"}
        assert result["error"]["code"] == "invalid"
    assert timeless(results[0]) == {**timeless(client.post("/api/v1/ask", json=sent[0]).json()), "id": "a"}


def test_a_batch_has_a_limit(client: TestClient) -> None:
    assert len(client.post("/api/v1/batch", json={"questions": [{}] * 100}).json()["results"]) == 100
    refused = client.post("/api/v1/batch", json={"questions": [{}] * 101})
    assert refused.status_code == 422
    assert "100" in refused.json()["error"]["message"]
    assert client.post("/api/v1/batch", json={"questions": []}).json() == {"results": []}


def test_a_fault_in_one_question_leaves_the_others(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Services.ask

    def ask(services: Services, question: Any, *who: str) -> Answer:
        if question.question == "坏":
            raise RuntimeError("the inside")
        return whole(services, question, *who)

    monkeypatch.setattr(Services, "ask", ask)
    sent = [{"question": QUESTION}, {"question": "坏"}, {"question": QUESTION}]
    results = client.post("/api/v1/batch", json={"questions": sent}).json()["results"]
    assert ["error" in result for result in results] == [False, True, False]
    assert results[1]["error"]["code"] == "internal"
    assert "inside" not in results[1]["error"]["message"]


# -- search and units --------------------------------------------------------------------------------------------------


def test_search_ranks_citable_units_with_exact_quotes(client: TestClient, services: Services) -> None:
    found = client.get("/api/v1/search", params={"q": "社区工作者培训", "k": 3}).json()["results"]
    assert found[0]["task_number"] == 3
    assert [hit["id"] for hit in found] == list(range(1, len(found) + 1))
    assert [hit["score"] for hit in found] == sorted((hit["score"] for hit in found), reverse=True)
    assert len(found) <= 3
    for hit in found:
        text = services.store.document(hit["document_id"]).text
        assert text[hit["start"] : hit["end"]] == hit["quote"] == hit["quote"].strip()
    everything = client.get("/api/v1/search", params={"q": "重点任务2", "k": 50}).json()["results"]
    assert everything[0]["task_number"] == 2
    assert len(everything) == 4, "headings and the title are no units to cite"


def test_search_is_limited_as_questions_are(client: TestClient, services: Services) -> None:
    (document,) = services.store.documents()
    both = {"q": "培训", "kind": ["policy", "law"], "document": document.id}
    assert client.get("/api/v1/search", params=both).json()["results"]
    assert client.get("/api/v1/search", params={"q": "培训", "kind": "news"}).json() == {"query": "培训", "results": []}
    inside = client.get("/api/v1/search", params={"q": "培训", "section": "完善设施"}).json()["results"]
    assert {hit["task_number"] for hit in inside} == {1, 2}


@pytest.mark.parametrize(
    ("given", "status"),
    [({}, 422), ({"q": " "}, 422), ({"q": "问", "k": 51}, 422), ({"q": "问", "k": 0}, 422), ({"q": "问" * 51}, 422),
     ({"q": "问", "kind": "x"}, 422), ({"q": "问", "since": "yesterday"}, 422), ({"q": "问", "document": "none"}, 404)],
)  # fmt: skip
def test_bad_search(given: dict[str, Any], status: int, client: TestClient) -> None:
    response = client.get("/api/v1/search", params=given)
    assert response.status_code == status
    assert set(response.json()["error"]) == {"code", "message"}


def test_nothing_to_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(tmp_path) as opened:
        monkeypatch.setattr(type(opened.store), "is_empty", lambda _store: True)
        assert local(opened).get("/api/v1/search", params={"q": "问"}).status_code == 503


def test_units_come_page_by_page(client: TestClient, services: Services) -> None:
    (document,) = services.store.documents()
    all_at_once = client.get(f"/api/v1/documents/{document.id}/units").json()["units"]
    paged: list[Any] = []
    while True:
        page = client.get("/api/v1/units", params={"limit": 4, "offset": len(paged)}).json()
        assert (page["limit"], page["offset"], page["total"]) == (4, len(paged), len(all_at_once))
        if not page["units"]:
            break
        paged += page["units"]
    assert paged == all_at_once
    assert client.get("/api/v1/units", params={"document": document.id}).json()["units"] == all_at_once
    assert client.get("/api/v1/units", params={"document": "none"}).status_code == 404
    for wrong in ({"limit": 501}, {"limit": 0}, {"offset": -1}, {"limit": "x"}):
        assert client.get("/api/v1/units", params=wrong).status_code == 422, wrong


# -- feedback ----------------------------------------------------------------------------------------------------------


def test_feedback_comes_with_what_led_to_it(tmp_path: Path) -> None:
    with serving(tmp_path) as opened:
        client = local(opened)
        talk = client.post("/api/v1/conversations").json()["id"]
        for comment in ("甲", "乙"):
            asked = client.post(f"/api/v1/conversations/{talk}/messages", json={"question": QUESTION}).json()
            address = f"/api/v1/conversations/{talk}/exchanges/{asked['id']}/rating"
            client.put(address, json={"rating": "down", "reason": "citation", "comment": comment})
        newest, _ = client.get("/api/v1/feedback").json()["feedback"]
        assert (newest["comment"], newest["exchange_id"]) == ("乙", asked["id"])
        assert newest["trace"]["answer"]["citations"] == asked["answer"]["citations"]
        assert newest["trace"]["ranking"][0]["label"] == "重点任务2"
        assert len(client.get("/api/v1/feedback", params={"limit": 1}).json()["feedback"]) == 1
        assert client.get("/api/v1/feedback", params={"limit": 501}).status_code == 422


def test_feedback_is_for_administrators(tmp_path: Path) -> None:
    with serving(tmp_path, host="0.0.0.0") as opened:
        assert local(opened).get("/api/v1/feedback").status_code == 403


# -- the description ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "model"),
    [("post", "/api/v1/ask", "Answer"), ("post", "/api/v1/batch", "BatchResults"), ("get", "/api/v1/search", "Hits"),
     ("get", "/api/v1/units", "UnitPage"), ("get", "/api/v1/feedback", "Feedbacks"),
     ("post", "/v1/chat/completions", "Completion"), ("get", "/v1/models", "Models"), ("get", "/v1/models/{name}", "Model"),
     ("post", "/api/v1/ask/stream", None), ("post", "/mcp", None)],
)  # fmt: skip
def test_the_description_has_every_route_of_programs(
    method: str, path: str, model: str | None, client: TestClient
) -> None:
    described = client.get("/openapi.json").json()["paths"][path][method]
    assert any("一" <= char <= "鿿" for char in described["summary"])
    if model:
        whole = described["responses"]["200"]["content"]["application/json"]["schema"]
        assert whole["$ref"].endswith(f"/{model}")
    refused = described["responses"]["422"]["content"]["application/json"]["schema"]["$ref"]
    assert refused.endswith("/OpenAIError" if path.startswith("/v1/") else "/ErrorBody")
    if path.startswith("/api/v1/ask"):
        assert "text/event-stream" in described["responses"]["200"]["content"]
