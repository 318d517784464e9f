"""``zhengce serve`` as a process of its own: how it begins, how it ends, and several processes on one set of data."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from doors import HashEmbedder, WordRanker, write_corpus
from filelock import FileLock
from test_chroma_server import ChromaProcess, server

from ingest.pipeline import ingest_paths
from ui.cli import main
from ui.settings import Settings
from ui.wiring import open_serving, prepare_serving

__all__ = ["server"]

ROOT = Path(__file__).parents[1]
SLOW = "慢慢说第1条每个补助多少"
COMMAND = [sys.executable, str(ROOT / "tests" / "serve_without_model.py")]
pytestmark = pytest.mark.slow


def surrounded(environment: dict[str, str]) -> dict[str, str]:
    """Return ``environment`` with what every process needs."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ZHENGCE_")}
    return {**inherited, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}", **environment}


class Served:
    """A running ``zhengce serve``. ``lines`` are those that it wrote on standard error so far."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "serve", "--port", "0", *arguments],
            cwd=folder,
            env=surrounded(environment),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line)

    @property
    def url(self) -> str:
        """The address, once it is told."""
        self.until(lambda: any("/docs" in line for line in self.lines))
        return str(re.findall(r"http://127\.0\.0\.1:\d+", "".join(self.lines))[0])

    def until(self, true: Callable[[], object], seconds: float = 120) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end and self.process.poll() is None, "".join(self.lines)
            time.sleep(0.05)

    def ready(self) -> str:
        """Wait until it is ready and return the address."""
        url = self.url
        self.until(lambda: status_of(url) == 200)
        return url

    def end(self, number: int = signal.SIGTERM, seconds: float = 60) -> int:
        self.process.send_signal(number)
        return self.process.wait(seconds)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join()
        assert self.process.stderr is not None
        self.process.stderr.close()


def status_of(url: str) -> int | None:
    try:
        return httpx.get(f"{url}/readyz", timeout=5).status_code
    except httpx.TransportError:
        return None


def ask(url: str, question: str = SLOW, **headers: str) -> httpx.Response:
    return httpx.post(f"{url}/api/v1/ask", json={"question": question}, headers=headers, timeout=60)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Return a function that serves the small corpus, which lies in an embedded store unless the environment says else."""
    filled = False
    with ExitStack() as started:

        def start(*arguments: str, **environment: str) -> Served:
            nonlocal filled
            if not filled:
                corpus = str(write_corpus(tmp_path))
                named = {name: value for name, value in environment.items() if name == "ZHENGCE_STORE"}
                # Chroma's client never closes its connections: not in this process
                subprocess.run(
                    [*COMMAND, "ingest", corpus], cwd=tmp_path, env=surrounded(named), check=True, capture_output=True
                )
                filled = True
            served = Served(tmp_path, *arguments, **environment)
            started.callback(served.close)
            return served

        yield start


# -- one process ---------------------------------------------------------------------------------------------------


def test_ready_when_warm_and_what_is_under_way_is_finished(serve: Callable[..., Served]) -> None:
    served = serve(TEST_SLOW="3", TEST_WARM="2", ZHENGCE_LOG_LEVEL="info", ZHENGCE_LOG_FORMAT="json")
    url = served.url
    states = []
    served.until(lambda: states.append(status_of(url)) or states[-1] == 200)
    assert 503 in states, "while the model was being warmed"
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(ask, url, **{"x-request-id": "slow-1"})
        time.sleep(1)
        served.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        stopping = httpx.get(f"{url}/readyz")
        assert (stopping.status_code, stopping.json()["status"]) == (503, "stopping")
        refused = ask(url, "第2条讲什么")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        answer = slow.result()
    assert (answer.status_code, answer.json()["status"]) == (200, "answered")
    assert served.process.wait(30) == 143
    served.close()
    logged = [json.loads(line) for line in served.lines if line.startswith("{")]
    access = [line for line in logged if line["logger"] == "zhengce.access" and line["route"] == "/api/v1/ask"]
    assert [(line["request_id"], line["status"]) for line in access] == [("slow-1", 200)]
    assert "补助" not in json.dumps(logged, ensure_ascii=False)
    assert "Traceback" not in "".join(served.lines)


def test_an_answer_that_takes_too_long_ends_with_an_error(serve: Callable[..., Served]) -> None:
    served = serve(TEST_SLOW="6", ZHENGCE_SHUTDOWN_SECONDS="1")
    url = served.ready()
    with ThreadPoolExecutor(2) as pool:
        stream = pool.submit(ask, url, accept="text/event-stream")
        whole = pool.submit(ask, url)
        time.sleep(1.5)
        started = time.monotonic()
        assert served.end() == 143
        assert time.monotonic() - started < 20
        events, refused = stream.result(), whole.result()
    assert "event: error" in events.text and "正在停止" in events.text
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "unavailable")


def test_an_open_page_is_not_waited_for(serve: Callable[..., Served]) -> None:
    served = serve()
    url = served.ready()
    assert httpx.get(url).status_code == 200
    with httpx.stream("GET", f"{url}/gradio_api/heartbeat/abc", timeout=60) as heartbeat:
        assert heartbeat.status_code == 200
        started = time.monotonic()
        assert served.end(signal.SIGINT) == 130
        assert time.monotonic() - started < 10


# -- several processes ---------------------------------------------------------------------------------------------


def test_several_processes_share_everything(
    serve: Callable[..., Served], server: ChromaProcess, tmp_path: Path
) -> None:
    served = serve("--workers", "2", TEST_SLOW="3", ZHENGCE_STORE=server.backend, ZHENGCE_LOG_LEVEL="info")
    url = served.ready()
    served.until(lambda: sum("Started server process" in line for line in served.lines) == 2 or warm(url, served))
    owner = httpx.Client(base_url=url, timeout=60)
    talk = owner.post("/api/v1/conversations").json()
    for _ in range(12):  # every connection may reach another process
        with httpx.Client(base_url=url, cookies=owner.cookies) as one:
            assert one.get(f"/api/v1/conversations/{talk['id']}").status_code == 200
    files = [("files", ("夜校.txt", "关于夜校的通知\n\n一、开办社区夜校。每个社区每周开办夜校3次。\n".encode()))]
    (upload,) = owner.post("/api/v1/documents", files=files).raise_for_status().json()["uploads"]
    served.until(lambda: httpx.get(f"{url}/api/v1/uploads/{upload['id']}").json()["state"] == "done", 60)
    for number in range(12):
        answer = ask(url, "社区夜校每周开办几次" + "？" * number)
        assert "夜校3次" in answer.json()["answer"], answer.text
    told = httpx.get(f"{url}/metrics").text
    assert re.search(r'^zhengce_answers_total{engine="extractive",status="answered"} 12\.0$', told, re.MULTILINE)
    assert re.search(r"^zhengce_index_documents 2\.0$", told, re.MULTILINE)
    assert httpx.get(url).status_code == 404, "the page needs one process"
    owner.close()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(ask, url)
        time.sleep(1)
        assert served.end() == 143
        assert slow.result().json()["status"] == "answered"
    assert "Traceback" not in "".join(served.lines)
    with sqlite3.connect(tmp_path / "data" / "state.sqlite3") as state:
        assert [row[0] for row in state.execute("SELECT state FROM uploads")] == ["done"], "it was read once"
    state.close()


def warm(url: str, served: Served) -> bool:
    """Whether many requests in a row found a ready process."""
    del served
    return all(status_of(url) == 200 for _ in range(10))


def test_a_process_that_dies_is_replaced_and_another_reads(
    serve: Callable[..., Served], server: ChromaProcess, tmp_path: Path
) -> None:
    served = serve("--workers", "2", ZHENGCE_STORE=server.backend)
    url = served.ready()
    served.until(lambda: len(children(served)) == 2 and warm(url, served))
    for pid in children(served)[:1]:
        os.kill(pid, signal.SIGKILL)
    served.until(lambda: len(children(served)) == 2 and warm(url, served))
    files = [("files", ("夜校.txt", "关于夜校的通知\n\n一、开办社区夜校。\n".encode()))]
    (upload,) = httpx.post(f"{url}/api/v1/documents", files=files, timeout=30).raise_for_status().json()["uploads"]
    served.until(lambda: httpx.get(f"{url}/api/v1/uploads/{upload['id']}").json()["state"] == "done", 60)
    assert served.end(signal.SIGINT) == 130


def children(served: Served) -> list[int]:
    """Return the processes that serve; the one that tracks resources is not among them."""
    found = subprocess.run(["pgrep", "-P", str(served.process.pid)], capture_output=True, text=True, check=False)
    pids = [int(pid) for pid in found.stdout.split()]
    return [pid for pid in pids if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8")]


def test_processes_that_cannot_open_the_store_end_all(serve: Callable[..., Served], server: ChromaProcess) -> None:
    served = serve("--workers", "2", ZHENGCE_STORE=server.backend, TEST_FINGERPRINT="another")
    assert served.process.wait(120) == 1
    served.close()
    assert "another" in "".join(served.lines) and "Traceback" not in "".join(served.lines)


def test_several_processes_need_a_store_that_can_be_shared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["serve", "--workers", "2", "--port", "0"]) == 2
    assert "chroma+http://" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


# -- who reads uploads ---------------------------------------------------------------------------------------------


def opened(folder: Path, **given: Any) -> Any:
    return open_serving(Settings(data_dir=folder / "data"), **given)


def test_one_of_several_reads_and_the_next_takes_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.wiring.open_model", lambda _settings: HashEmbedder())
    monkeypatch.setattr("ui.wiring.open_settings_ranker", lambda _settings: WordRanker())
    monkeypatch.setattr("ui.library.duty._EVERY", 0.1)
    read: list[str] = []
    first = opened(tmp_path)
    with opened(tmp_path, worker=True) as second:
        assert (first.library.condition(), second.library.condition()) == ("idle", "elsewhere")
        monkeypatch.setattr(second.library, "_work", read.append)
        monkeypatch.setattr(second.library._worker, "_handle", read.append)
        path = write_corpus(tmp_path)
        with path.open("rb") as stream:
            upload = second.library.accept(path.name, stream, "me")
        wait_for(lambda: first.library.upload(upload.id).state == "done")
        assert read == [], "it was not ours to read"
        first.close()
        wait_for(lambda: second.library.condition() != "elsewhere")
        with path.open("rb") as stream:
            other = second.library.accept("另一份.txt", stream, "me")
        wait_for(lambda: set(read) == {other.id})  # again and again: nothing notes that it was read


def test_what_another_process_answers_is_not_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.wiring.open_model", lambda _settings: HashEmbedder())
    monkeypatch.setattr("ui.wiring.open_settings_ranker", lambda _settings: WordRanker())
    from vectorstore.records import EVERYTHING

    def pending(services: Any, talk: str) -> bool:
        return bool(services.state.conversations.get("me", talk).exchanges[-1].pending)

    with opened(tmp_path) as first:
        talk = first.state.conversations.create("me").id
        first.state.conversations.ask("me", talk, "问", EVERYTHING)
        with opened(tmp_path):
            assert pending(first, talk)
        prepare_serving(first.settings)
        assert pending(first, talk)
    prepare_serving(Settings(data_dir=tmp_path / "data"))  # nobody serves
    with opened(tmp_path, worker=True) as again:
        assert not pending(again, talk)


def test_a_change_waits_for_the_reading_of_another_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.wiring.open_model", lambda _settings: HashEmbedder())
    monkeypatch.setattr("ui.wiring.open_settings_ranker", lambda _settings: WordRanker())
    monkeypatch.setattr("ui.library.library._PATIENCE", 0.2)
    from vectorstore.errors import StoreLockedError

    with opened(tmp_path) as services:
        ingest_paths([write_corpus(tmp_path)], services.store)
        (document,) = services.store.documents()
        with FileLock(tmp_path / "data" / "library.lock"), pytest.raises(StoreLockedError):
            services.library.remove_document(document.id)
        assert services.library.remove_document(document.id)


def wait_for(true: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
