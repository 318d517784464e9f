"""The client in Python, against the real service over a real connection."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from live import Slow, live, serving, until

from assistant.answer import Answer, Citation, Turn
from ui.client import UNREACHABLE, UNREADABLE, ClientError, ZhengceClient
from ui.questions import Filters
from ui.state.records import Scope
from ui.views import Answered, Unanswered
from ui.views_kept import ExchangeView
from ui.wiring import Services
from vectorstore.records import Kind

ROOT = Path(__file__).parents[1]
QUESTION = "第2条讲什么"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with serving(tmp_path_factory.mktemp("client"), max_question_chars=50) as opened:
        yield opened


@pytest.fixture(scope="module")
def url(services: Services) -> Iterator[str]:
    with live(services) as address:
        yield address


@pytest.fixture
def client(url: str) -> Iterator[ZhengceClient]:
    with ZhengceClient(url) as made:
        yield made


def test_questions(client: ZhengceClient) -> None:
    answer = client.ask(QUESTION)
    assert answer.citations[0].task_number == 2
    turns = [Turn(role="user", content=QUESTION), Turn(role="assistant", content=answer.answer)]
    assert client.ask("那第3条呢", turns).citations[0].task_number == 3
    assert client.ask(QUESTION, filters=Filters(kinds=[Kind.NEWS])).status == "refused"


def test_a_stream(client: ZhengceClient) -> None:
    events = list(client.stream(QUESTION))
    assert [event.event for event in events] == ["evidence", "token", "citation", "final"]
    evidence, token, citation, answer = (event.data for event in events)
    assert isinstance(answer, Answer)
    assert isinstance(citation, Citation)
    assert (evidence, token) == ([citation], answer.answer)


def test_a_batch(client: ZhengceClient) -> None:
    good, bad, plain = client.batch([{"id": 1, "question": QUESTION}, {"id": 2, "question": ""}, QUESTION])
    assert isinstance(good, Answered)
    assert isinstance(plain, Answered)
    assert isinstance(bad, Unanswered)
    assert (good.id, bad.id, plain.id) == (1, 2, None)
    assert bad.error.code == "invalid"


def test_sources(client: ZhengceClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.client.PAGE", 2)
    (document,) = client.documents()
    whole = client.document(document.id)
    units = list(client.units(document.id))
    assert [whole.text[unit.start : unit.end] for unit in units] == [unit.text for unit in units]
    assert list(client.units()) == units
    best, *others = client.search("社区工作者培训", k=2, filters=Filters(documents=[document.id], kinds=[Kind.POLICY]))
    assert best.task_number == 3
    assert len(others) == 1
    assert client.search("培训", filters=Filters(since="2024")) == []


def test_conversations(client: ZhengceClient, url: str) -> None:
    talk = client.begin()
    first = client.say(talk.id, QUESTION)
    asked, *_, final = client.stream_say(talk.id, "那第3条呢")
    kept = client.conversation(talk.id)
    assert isinstance(asked.data, ExchangeView)
    assert [exchange.id for exchange in kept.exchanges] == [first.id, asked.data.id]
    assert kept.exchanges[1].answer == final.data
    assert [one.id for one in client.conversations("第3条")] == [talk.id]
    with ZhengceClient(url) as other:
        assert other.conversations() == []
    client.forget(talk.id)
    with pytest.raises(ClientError) as caught:
        client.conversation(talk.id)
    assert (caught.value.code, caught.value.status) == ("not_found", 404)


def test_an_upload(client: ZhengceClient, tmp_path: Path) -> None:
    path = tmp_path / "通知.txt"
    path.write_text("云溪市关于防汛的通知\n\n一、加强值守\n各街道安排24小时值班。\n", encoding="utf-8")
    (sent,) = client.upload(path)
    until(lambda: client.upload_state(sent.id).state == "done")
    assert client.upload_state(sent.id).name == "通知.txt"
    (added,) = [one for one in client.documents() if "防汛" in one.title]
    httpx.delete(str(client._http.base_url.join(f"/api/v1/documents/{added.id}"))).raise_for_status()


@pytest.mark.parametrize(
    ("ask", "code", "status"),
    [
        (lambda client: client.ask(""), "invalid", 422),
        (lambda client: client.ask("问" * 51), "invalid", 422),
        (lambda client: client.document("../x/?y"), "not_found", 404),
        (lambda client: list(client.stream("")), "invalid", 422),
        (lambda client: list(client.stream_say("none", "问")), "not_found", 404),
        (lambda client: client.batch([QUESTION] * 101), "invalid", 422),
        (lambda client: client.search("问", k=51), "invalid", 422),
    ],
)
def test_what_the_service_refuses(ask: Any, code: str, status: int, client: ZhengceClient) -> None:
    with pytest.raises(ClientError) as caught:
        ask(client)
    assert (caught.value.code, caught.value.status) == (code, status)
    assert any("一" <= char <= "鿿" for char in caught.value.message)
    assert str(caught.value) == caught.value.message


def test_a_stream_that_fails_on_the_way(
    client: ZhengceClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> Iterator[Any]:
        raise RuntimeError("the inside")
        yield

    monkeypatch.setattr(type(services.assistant), "stream", fail)
    with pytest.raises(ClientError) as caught:
        list(client.stream(QUESTION))
    assert (caught.value.code, caught.value.status) == ("internal", 200)
    with pytest.raises(ClientError) as caught:
        client.ask(QUESTION)
    assert (caught.value.code, caught.value.status) == ("internal", 500)


def test_who_closes_a_stream_ends_the_answer(
    client: ZhengceClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow()
    monkeypatch.setattr(type(services.assistant), "stream", slow.stream)
    events: Any = client.stream(QUESTION)
    next(events)
    assert slow.waiting.wait(10)
    events.close()
    slow.let_go()
    assert not slow.whole.is_set()


def test_a_key(url: str, services: Services) -> None:
    reading = services.state.keys.create("读", [Scope.READ])[1]
    with ZhengceClient(url, reading) as client:
        assert client.documents()
        with pytest.raises(ClientError) as caught:
            client.ask(QUESTION)
        assert (caught.value.code, caught.value.status) == ("forbidden", 403)
    with ZhengceClient(url, "zc_wrong") as client, pytest.raises(ClientError) as caught:
        client.documents()
    assert (caught.value.code, caught.value.status) == ("unauthorized", 401)


def test_nobody_there() -> None:
    with ZhengceClient("http://127.0.0.1:1") as client:
        for ask in (client.documents, lambda: list(client.stream("问"))):
            with pytest.raises(ClientError) as caught:
                ask()
            assert (caught.value.code, caught.value.status) == (UNREACHABLE, 0)


@pytest.mark.parametrize(
    ("response", "status"),
    [(httpx.Response(502, text="<html>"), 502), (httpx.Response(200, text="<html>"), 200), (httpx.Response(200, json={}), 200)],
)  # fmt: skip
def test_something_else_there(response: httpx.Response, status: int) -> None:
    with ZhengceClient("http://x", transport=httpx.MockTransport(lambda _request: response)) as client:
        with pytest.raises(ClientError) as caught:
            client.documents()
        assert (caught.value.code, caught.value.status) == (UNREADABLE, status)


HEAVY = ("torch", "sentence_transformers", "chromadb", "gradio", "fastapi", "starlette", "jieba", "numpy", "uvicorn",
         "sqlalchemy", "mcp")  # fmt: skip


def test_the_client_imports_nothing_of_the_service() -> None:
    program = f"import sys, ui.client; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=True
    )
    assert done.stdout.strip() == b"[]"


def test_the_example_of_a_portal(url: str, client: ZhengceClient) -> None:
    def portal(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, ROOT / "docs" / "examples" / "portal.py", *arguments],
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    answer = client.ask(QUESTION)
    (one,) = answer.citations
    done = portal(url, QUESTION)
    assert done.stdout.splitlines() == [answer.answer, f"[1] {one.label} 《{one.title}》：{one.quote}"]
    assert done.returncode == 0
    failed = portal(url, "")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr.startswith("invalid: ")
