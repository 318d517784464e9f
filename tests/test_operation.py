"""Operating the service: readiness, metrics, traces, logs, and what the files in ``deploy`` say."""

import asyncio
import json
import logging
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import ExitStack, closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import grpc
import pytest
import yaml
from fastapi.testclient import TestClient
from live import Slow, local, serving, until
from llm_server import scripted_server
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families

from assistant.answer import Answer
from assistant.language_model import remote_model
from assistant.pipeline import Trace
from ui.operation.lifecycle import Lifecycle, StoppingError
from ui.operation.logs import TextFormatter, enter_request, json_formatter, request_id
from ui.operation.metrics import Metrics, forget_dead
from ui.operation.operation import Operation
from ui.operation.readiness import Check, Finding
from ui.operation.tracing import Tracing
from ui.state.errors import StateError
from ui.wiring import Services
from vectorstore.errors import EmbeddingError, StoreError

DEPLOY = Path(__file__).parents[1] / "deploy"
QUESTION = "第1条每个补助多少"  # goes through every step
STEPS = ["understand", "retrieve", "answer", "verify"]
Open = Callable[..., tuple[Services, TestClient]]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with serving(tmp_path_factory.mktemp("operation"), answer_cache=0) as services:
        yield services


@pytest.fixture
def opening(tmp_path: Path, shared: Services) -> Iterator[Open]:
    """Return a function that gives services with a client of theirs on this machine.

    Without settings they are shared by all tests, which leave the index alone, and watched by something new.
    """
    with ExitStack() as opened:

        def open_(**settings: Any) -> tuple[Services, TestClient]:
            if not settings:
                services = replace(shared, operation=Operation(Metrics(), Lifecycle(20)))
                services.state.database.noticed = services.watched.metrics.database_failed
                return services, local(services)
            folder = tmp_path / str(len(list(tmp_path.iterdir())))
            folder.mkdir()
            services = opened.enter_context(serving(folder, **settings))
            return services, local(services)

        yield open_


def ask(client: TestClient, question: str = QUESTION, **headers: str) -> Any:
    return client.post("/api/v1/ask", json={"question": question}, headers=headers)


def samples(client: TestClient) -> dict[str, float]:
    """Return what ``/metrics`` says: ``name{label="value",…}`` without the prefix to its value."""
    response = client.get("/metrics")
    assert response.status_code == 200, response.text
    found = {}
    for family in text_string_to_metric_families(response.text):
        for one in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in sorted(one.labels.items()))
            found[one.name.removeprefix("zhengce_") + (f"{{{labels}}}" if labels else "")] = one.value
    return found


# -- readiness -----------------------------------------------------------------------------------------------------


def test_ready_with_a_check_of_each_part(opening: Open) -> None:
    services, client = opening()
    response = client.get("/readyz")
    told = response.json()
    assert (response.status_code, told["status"]) == (200, "ready")
    assert {name: check["state"] for name, check in told["checks"].items()} == {
        "model": "cold",
        "store": "filled",
        "database": "answers",
        "disk": "free",
        "uploads": "idle",
    }
    assert told["checks"]["store"]["revision"] == services.store.revision()
    assert str(services.settings.data_dir) not in response.text
    ask(client)
    assert client.get("/readyz").json()["checks"]["model"]["state"] == "warm", "an answer warms it"


def test_not_ready_before_the_model_is_warm_nor_where_it_cannot_be(opening: Open) -> None:
    services, client = opening()
    go = threading.Event()
    services.watched.warming.start(lambda: go.wait(10) and None)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["status"]) == (503, "not_ready")
    assert response.json()["checks"]["model"] == response.json()["checks"]["model"] | {"ok": False, "state": "warming"}
    assert client.get("/healthz").status_code == 200
    go.set()
    until(lambda: client.get("/readyz").status_code == 200)

    def broken() -> None:
        raise EmbeddingError("/secret/model")

    services.watched.warming.start(broken)
    until(lambda: services.watched.warming.state == "failed")
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "secret" not in response.text


def test_what_is_loading_is_waited_for_at_the_end(opening: Open) -> None:
    services, _client = opening()
    done = threading.Event()
    services.watched.warming.start(lambda: time.sleep(0.3) or done.set())
    replace(services, retention=None, library=None, kept=None, store=Mock()).close()
    assert done.is_set(), "a process that ends meanwhile is aborted by the library that loads"


def test_a_part_that_fails_is_named_without_its_words(opening: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    services, client = opening()

    def away(*_: object) -> None:
        raise StateError("postgresql://u:hunter2@db is away")

    monkeypatch.setattr(services.state.database, "reading", away)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["checks"]["database"]["state"]) == (503, "error")
    assert response.json()["checks"]["store"]["ok"]
    assert "hunter2" not in response.text


def test_a_dead_reader_of_uploads_is_found(opening: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    services, client = opening()
    assert services.library is not None
    dead = threading.Thread(target=lambda: None)
    dead.start()
    dead.join()
    monkeypatch.setattr(services.library._worker, "_thread", dead)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["checks"]["uploads"]["state"]) == (503, "dead")


def test_a_language_model_that_is_away_only_degrades(opening: Open) -> None:
    with scripted_server(lambda _body: "好") as server:
        _, client = opening(engine="llm", llm_base_url=server.base_url, llm_model="m")
        assert client.get("/readyz").json()["checks"]["language_model"]["state"] == "answers"
        assert server.asked == [], "no token is spent"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    _, client = opening(engine="llm", llm_base_url=f"http://127.0.0.1:{port}/v1", llm_model="m", llm_api_key="hunter2")
    response = client.get("/readyz")
    told = response.json()
    assert (response.status_code, told["status"]) == (200, "degraded")
    assert (told["checks"]["language_model"]["ok"], told["checks"]["language_model"]["required"]) == (False, False)
    assert str(port) not in response.text


def test_a_check_that_hangs_is_given_up_and_not_begun_twice() -> None:
    go, begun = threading.Event(), []

    def hang() -> Finding:
        begun.append(1)
        go.wait(10)
        return Finding(ok=True, state="at last")

    async def run() -> None:
        check = Check(hang)
        started = time.monotonic()
        found = await asyncio.gather(check.run(0.2), check.run(0.2))
        assert time.monotonic() - started < 2
        assert [one.finding.state for one in found] == ["timeout", "timeout"]
        assert begun == [1]
        go.set()
        assert (await check.run(2)).finding.state == "at last"

    asyncio.run(run())


def test_a_finding_is_used_again_while_it_is_fresh() -> None:
    looked: list[int] = []

    def look() -> Finding:
        looked.append(1)
        return Finding(ok=True, state="seen")

    async def run(check: Check) -> None:
        await check.run()
        await check.run()

    asyncio.run(run(Check(look, fresh=60)))
    assert len(looked) == 1
    asyncio.run(run(Check(look)))
    assert len(looked) == 3


# -- metrics -------------------------------------------------------------------------------------------------------


def test_answers_are_counted_by_status_engine_and_step(opening: Open) -> None:
    services, client = opening(answer_cache=8)
    ask(client)
    ask(client)  # is kept
    ask(client, "火星上有什么？")
    found = samples(client)
    assert found['answers_total{engine="extractive",status="answered"}'] == 2
    assert found['answers_total{engine="extractive",status="refused"}'] == 1
    assert found['answer_cache_total{result="hit"}'] == 1
    assert found['answer_cache_total{result="miss"}'] == 2
    assert found['answer_step_seconds_count{step="understand"}'] == 3
    assert found['answer_step_seconds_count{step="cache"}'] == 1
    assert 'answer_step_seconds_count{step="total"}' not in found
    assert found['answer_seconds_count{engine="extractive"}'] == 3
    assert (found["index_revision"], found["index_documents"]) == (services.store.revision(), 1)
    assert found["answers_in_flight"] == 0
    assert found["process_resident_memory_bytes"] > 0


def test_what_goes_wrong_and_who_does_not_wait_is_counted(opening: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    services, client = opening()
    whole = ask(client).json()
    steps = Slow()
    monkeypatch.setattr("assistant.pipeline.Assistant.stream", steps.stream)
    from ui.questions import Question

    grown = services.traces(Question(question="问"))
    next(grown)
    assert samples(client)["answers_in_flight"] == 1
    with closing(grown):  # type: ignore[type-var]
        pass

    def fail(*_: object, **__: object) -> Iterator[Trace]:
        yield Trace(Answer.model_validate(whole), ())
        raise StoreError("gone")

    monkeypatch.setattr("assistant.pipeline.Assistant.stream", fail)
    assert ask(client).status_code == 503
    found = samples(client)
    assert found["questions_stopped_total"] == 1
    assert found['questions_failed_total{error="StoreError"}'] == 1
    assert found['answers_total{engine="extractive",status="answered"}'] == 1


def test_sentences_and_tokens_of_a_model_are_counted_once(opening: Open) -> None:
    said = "对新建站点给予每个8万元补助[1]。火星上有3座城市[1]。"
    with scripted_server(lambda _body: said) as server:
        _, client = opening(engine="llm", llm_base_url=server.base_url, llm_model="m", llm_usage=True)
        first = ask(client).json()
        assert first["engine"].startswith("llm:m#")
        ask(client)  # is kept: the model is not asked again
        found = samples(client)
    assert len(server.asked) == 1
    assert found["sentences_written_total"] == 2
    assert found["sentences_dropped_total"] == 1
    assert found['llm_tokens_total{direction="read"}'] == 100
    assert found['llm_tokens_total{direction="written"}'] == 7
    assert found['answers_total{engine="llm",status="answered"}'] == 2
    assert "write" in first["timings_ms"]


def test_an_endpoint_is_not_asked_for_tokens_unless_that_is_set() -> None:
    with scripted_server(lambda _body: "好") as server:
        told: list[tuple[int, int]] = []
        for usage in (False, True):
            model = remote_model(server.base_url, "m", None, usage=usage)
            model.usage.tell = lambda read, written: told.append((read, written))
            assert model.say([("human", "说好")]) == "好"
    assert [("stream_options" in body) for body in server.asked] == [False, True]
    assert told == [(100, 7)]


def test_requests_are_counted_by_template(opening: Open) -> None:
    services, client = opening()
    (document,) = services.store.documents()
    client.get(f"/api/v1/documents/{document.id}?secret=1")
    client.get("/api/v1/documents/hunter2")
    client.get("/api/v1/no/such/hunter2")
    client.get("/hunter2")
    client.request("BREW", "/api/v1/ask")
    found = {key: value for key, value in samples(client).items() if key.startswith("http_request_seconds_count")}
    one = 'http_request_seconds_count{{method="{}",route="{}",status="{}"}}'.format
    assert found[one("GET", "/api/v1/documents/{document_id}", 200)] == 1
    assert found[one("GET", "/api/v1/documents/{document_id}", 404)] == 1
    assert found[one("GET", "/api/{rest}", 404)] == 1
    assert found[one("GET", "other", 404)] == 1
    assert any('method="other"' in key for key in found)
    assert "hunter2" not in str(found) and "secret" not in str(found)
    assert samples(client)["http_requests_in_flight"] == 1, "this one"


def test_errors_of_the_database_and_waiting_uploads_are_counted(opening: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.library.duty._EVERY", 60)
    services, client = opening(answer_cache=8)
    monkeypatch.setattr(services.library, "_put", lambda _upload: None)
    files = [("files", ("新.txt", "一、开办夜校。\n".encode()))]
    assert client.post("/api/v1/documents", files=files).status_code == 202
    assert samples(client)["uploads_waiting"] == 1
    assert samples(client)["database_errors_total"] == 0
    import sqlalchemy as sa

    with pytest.raises(StateError), services.state.database.session() as session:
        session.execute(sa.text("SELECT * FROM no_such_table"))
    assert samples(client)["database_errors_total"] == 1


def test_metrics_are_for_administrators_unless_they_are_for_all(opening: Open) -> None:
    _, client = opening()
    assert client.get("/metrics").status_code == 200, "who sits at the machine administers it"
    assert client.get("/metrics", headers={"x-forwarded-for": "10.0.0.1"}).status_code == 403
    _, outside = opening(host="0.0.0.0", open=True)
    refused = outside.get("/metrics")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
    assert outside.get("/readyz").status_code == 200
    _, shared = opening(host="0.0.0.0", open=True, metrics=True)
    assert shared.get("/metrics").headers["content-type"].startswith("text/plain; version=")
    guarded, signed = opening(host="0.0.0.0", require_key=True)
    assert (signed.get("/metrics").status_code, signed.get("/readyz").status_code) == (403, 200)
    from ui.state.records import Scope

    _, secret = guarded.state.keys.create("prometheus", [Scope.ADMIN])
    assert signed.get("/metrics", headers={"authorization": f"Bearer {secret}"}).status_code == 200
    _, named = opening(host="0.0.0.0", sign_in=True)
    assert (named.get("/metrics").status_code, named.get("/readyz").status_code) == (403, 200)


def test_every_application_has_numbers_of_its_own(opening: Open) -> None:
    _, one = opening()
    _, other = opening()
    ask(one)
    key = 'answers_total{engine="extractive",status="answered"}'
    assert (samples(one)[key], samples(other).get(key, 0)) == (1, 0)


def test_what_a_killed_process_had_going_on_is_forgotten(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for name in (f"gauge_livesum_{gone.pid}.db", "gauge_livesum_1.db", f"counter_{gone.pid}.db"):
        (tmp_path / name).touch()
    forget_dead(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"gauge_livesum_1.db", f"counter_{gone.pid}.db"}


# -- traces --------------------------------------------------------------------------------------------------------


def watched_by(tracing: Tracing, services: Services) -> TestClient:
    operation = Operation(services.watched.metrics, services.watched.lifecycle, tracing=tracing)
    return local(replace(services, operation=operation))


def test_one_span_for_each_step_below_the_request(opening: Open) -> None:
    exporter = InMemorySpanExporter()
    services, _ = opening()
    with closing(Tracing(SimpleSpanProcessor(exporter))) as tracing:
        client = watched_by(tracing, services)
        parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        answer = ask(client, traceparent=parent, **{"x-request-id": "abc"}).json()
    spans = {span.name: span for span in exporter.get_finished_spans()}
    request, question = spans["POST /api/v1/ask"], spans["question"]
    assert f"{request.context.trace_id:032x}" == "0af7651916cd43dd8448eb211c80319c"
    assert f"{request.parent.span_id:016x}" == "b7ad6b7169203331"
    assert request.attributes["http.response.status_code"] == 200
    assert request.attributes["zhengce.request_id"] == "abc"
    assert question.parent.span_id == request.context.span_id
    assert (question.attributes["zhengce.status"], question.attributes["zhengce.cached"]) == ("answered", False)
    steps = [spans[step] for step in STEPS]
    assert {span.parent.span_id for span in steps} == {question.context.span_id}
    for span in steps:
        assert (span.end_time - span.start_time) / 1e6 == pytest.approx(answer["timings_ms"][span.name], abs=0.02)
        assert question.start_time <= span.start_time <= span.end_time <= question.end_time
    assert all(one.end_time == next_.start_time for one, next_ in pairwise(steps))
    assert "补助" not in str([span.to_json() for span in spans.values()])


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """A collector that keeps what it is sent."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.services: set[str] = set()

    def Export(self, request: Any, context: Any) -> Any:  # noqa: N802
        for resource in request.resource_spans:
            named = {one.key: one.value.string_value for one in resource.resource.attributes}
            self.services.add(named["service.name"])
            self.names += [span.name for scope in resource.scope_spans for span in scope.spans]
        return trace_service_pb2.ExportTraceServiceResponse()


def test_a_collector_on_this_machine_gets_the_spans(opening: Open) -> None:
    collector = Collector()
    server = grpc.server(futures.ThreadPoolExecutor(2))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(collector, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    services, client = opening(otlp_endpoint=f"http://127.0.0.1:{port}")
    ask(client)
    assert services.watched.tracing is not None
    services.watched.tracing.close()  # sends what is left
    server.stop(0).wait()
    assert collector.services == {"zhengce"}
    assert {"POST /api/v1/ask", "question", *STEPS} <= set(collector.names)


def test_a_collector_that_is_away_costs_no_answer(opening: Open, caplog: pytest.LogCaptureFixture) -> None:
    services, client = opening(otlp_endpoint="http://127.0.0.1:1")
    assert ask(client).status_code == 200
    started = time.monotonic()
    assert services.watched.tracing is not None
    services.watched.tracing.close()
    assert time.monotonic() - started < 15


def test_the_assistant_knows_nothing_of_telemetry() -> None:
    folder = Path(__file__).parents[1]
    for path in [*(folder / "assistant").rglob("*.py"), *(folder / "vectorstore").rglob("*.py")]:
        assert not re.search(r"opentelemetry|prometheus", path.read_text(encoding="utf-8")), path


# -- logs ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("abc-1.2_Z", True),
        ("a" * 64, True),
        ("a" * 65, False),
        ("", False),
        ("a b", False),
        ("a\x7f", False),
        ("甲", False),
    ],
)
def test_a_request_has_an_id(given: str, kept: bool, opening: Open) -> None:
    _, client = opening()
    told = client.get("/healthz", headers={"x-request-id": given.encode()}).headers["x-request-id"]
    assert (told == given) is kept
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", told)


def test_a_fault_tells_the_id_too(opening: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    _, client = opening()

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("inside")

    monkeypatch.setattr("assistant.pipeline.Assistant.stream", fail)
    response = ask(client, **{"x-request-id": "find-me"})
    assert (response.status_code, response.headers["x-request-id"]) == (500, "find-me")
    assert samples(client)['http_request_seconds_count{method="POST",route="/api/v1/ask",status="500"}'] == 1


def test_every_line_of_a_request_carries_its_id(opening: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    services, client = opening(answer_cache=8)
    lines: list[dict[str, Any]] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(json.loads(self.format(record)))

    handler = Keep()
    handler.setFormatter(json_formatter())
    root, access = logging.getLogger(), logging.getLogger("zhengce.access")
    root.addHandler(handler)
    monkeypatch.setattr(access, "level", logging.INFO)
    access.manager._clear_cache()  # type: ignore[attr-defined]

    def tell(*_: object, **__: object) -> Any:
        logging.getLogger("inside").warning("in a worker thread: %s", threading.current_thread().name)
        raise OSError("no")

    try:
        monkeypatch.setattr("ui.library.worker.ingest_paths", tell)
        files = [("files", ("新.txt", "一、开办夜校。\n".encode()))]
        client.post("/api/v1/documents", files=files, headers={"x-request-id": "upload-1"})
        until(lambda: any(line["logger"] == "inside" for line in lines))
        monkeypatch.setattr("assistant.pipeline.Assistant.stream", tell)
        client.cookies.set("zhengce_visitor", "0" * 32)
        ask(client, "谁是hunter2？", **{"x-request-id": "ask-1", "authorization": "Bearer zc_hunter2"})
        ask(client, "谁是hunter2？", **{"x-request-id": "ask-2"})
        until(lambda: services.library.condition() == "idle")  # type: ignore[union-attr]
    finally:
        root.removeHandler(handler)
        monkeypatch.undo()
        access.manager._clear_cache()  # type: ignore[attr-defined]
    inside = [line for line in lines if line["logger"] == "inside"]
    assert [line["request_id"] for line in inside] == ["upload-1", "ask-2"]
    told = [line for line in lines if line["logger"] == "zhengce.access"]
    assert [(one["request_id"], one["status"], one["owner"]) for one in told] == [
        ("upload-1", 202, "visitor"),
        ("ask-1", 401, "nobody"),
        ("ask-2", 500, "visitor"),
    ]
    assert all({"time", "level", "message", "method", "route", "ms"} <= set(one) for one in told)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", one["time"]) for one in told)
    assert "hunter2" not in json.dumps(told) and "0" * 32 not in json.dumps(told)


def test_lines_for_people_end_with_the_id() -> None:
    record = logging.LogRecord("a", logging.INFO, "", 1, "said", None, None)

    def within() -> str:
        enter_request("r-1")
        return TextFormatter().format(record)

    import contextvars

    assert contextvars.copy_context().run(within).endswith("INFO a: said [r-1]")
    assert request_id() is None
    assert TextFormatter().format(record).endswith("INFO a: said")


# -- the end -------------------------------------------------------------------------------------------------------


def test_what_is_under_way_is_waited_for_but_not_for_ever() -> None:
    life = Lifecycle(0.3)
    with life.busy():
        started = time.monotonic()
        life.stop()
        assert 0.3 <= time.monotonic() - started < 3
        with pytest.raises(StoppingError):
            life.check()
    life = Lifecycle(20)
    going = threading.Event()

    def work() -> None:
        with life.busy():
            going.set()
            time.sleep(0.3)

    threading.Thread(target=work).start()
    going.wait()
    started = time.monotonic()
    life.stop()
    assert 0.1 < time.monotonic() - started < 5
    life.check()


def test_once_it_stops_nothing_new_is_begun(opening: Open) -> None:
    services, client = opening()
    services.watched.lifecycle.stopping = True
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()) == (503, {"status": "stopping", "checks": {}})
    assert client.get("/healthz").status_code == 200
    refused = ask(client, **{"x-request-id": "late"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "unavailable")
    assert (refused.headers["retry-after"], refused.headers["x-request-id"]) == ("5", "late")


def test_an_answer_without_time_left_says_so(opening: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    services, client = opening()
    services.watched.lifecycle.over = True
    response = ask(client)
    assert (response.status_code, "停止" in response.json()["error"]["message"]) == (503, True)
    events = ask(client, accept="text/event-stream").text
    assert "event: error" in events and "unavailable" in events


# -- the files in deploy -------------------------------------------------------------------------------------------


def exported() -> set[str]:
    """Return the names that a fresh service exports, those of a process included."""
    metrics = Metrics()
    names = set()
    for family in metrics.registry.collect():
        suffixes = {"histogram": ("_bucket", "_sum", "_count"), "counter": ("_total",)}.get(family.type, ("",))
        names |= {family.name + suffix for suffix in suffixes}
    return names


def named(text: str) -> set[str]:
    return set(re.findall(r"\b(?:zhengce|process)_[a-z_]+", text))


def test_the_dashboard_and_the_alerts_name_metrics_that_are_there() -> None:
    board = json.loads((DEPLOY / "grafana" / "dashboard.json").read_text(encoding="utf-8"))
    used = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
    rules = yaml.safe_load((DEPLOY / "alerts.yml").read_text(encoding="utf-8"))
    used += [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    there = exported()
    assert len(used) > 20
    assert named(" ".join(used)) <= there
    ours = {name for name in there if name.startswith("zhengce_") and not name.endswith(("_sum", "_count", "_bucket"))}
    assert ours <= named(" ".join(used)), "each has a panel or an alert"
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


def test_every_metric_is_explained() -> None:
    explained = named((DEPLOY.parent / "docs" / "OPERATION.md").read_text(encoding="utf-8"))
    for family in Metrics().registry.collect():
        if family.name.startswith("zhengce_"):
            assert family.name in explained or f"{family.name}_total" in explained, family.name


def test_files_for_containers_fit_together() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yml").read_text(encoding="utf-8"))
    scraped = yaml.safe_load((DEPLOY / "prometheus.yml").read_text(encoding="utf-8"))
    (job,) = scraped["scrape_configs"]
    assert job["metrics_path"] == "/metrics"
    host, port = job["static_configs"][0]["targets"][0].split(":")
    assert host in compose["services"]
    assert f"127.0.0.1:7860:{port}" in compose["services"][host]["ports"]
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (DEPLOY / source).exists() if source.startswith("./") else source in compose["volumes"]
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    for path in (DEPLOY / "grafana" / "provisioning").rglob("*.yml"):
        yaml.safe_load(path.read_text(encoding="utf-8"))
    containerfile = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    assert re.search(r"^USER zhengce$", containerfile, re.MULTILINE)
    assert "HF_HUB_OFFLINE=1" in containerfile
    for line in re.findall(r"^COPY (?!--from)(.+) \S+$", containerfile, re.MULTILINE):
        for source in line.split():
            assert (DEPLOY.parent / source).exists() or source.startswith("models/"), source


def test_settings_that_the_files_name_are_there() -> None:
    from ui.settings import Settings

    for path in DEPLOY.rglob("*"):
        if path.is_file():
            for name in re.findall(r"ZHENGCE_([A-Z][A-Z_]+)", path.read_text(encoding="utf-8")):
                assert name.lower() in Settings.model_fields, (path, name)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not there")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    unit = (DEPLOY / "zhengce.service").read_text(encoding="utf-8")
    path = tmp_path / "zhengce.service"
    path.write_text(unit.replace("/opt/zhengce/.venv/bin/zhengce", "/bin/true"), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
