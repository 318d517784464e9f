"""Two ``zhengce serve`` processes behind a balancer that hands every request to the next one, like nobody's session.

They share one data folder, one Chroma server and one state database; nothing that a client gets may depend on which of
the two answers.
"""

import http.client
import itertools
import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from doors import HashEmbedder, write_corpus
from test_chroma_server import ChromaProcess
from test_serving import COMMAND, Served, surrounded

from ingest.pipeline import ingest_paths
from vectorstore.lexical import bigram_tokens
from vectorstore.store import Store

pytest_plugins = ["postgres"]
pytestmark = pytest.mark.slow

NAME, PASSWORD = "张三", "correct horse 马"
QUESTION = {"question": "重点任务1的原文是什么？"}
NIGHT_SCHOOL = "关于夜校的通知\n\n一、开办社区夜校。每个社区每周开办夜校3次。\n"
_OF_A_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}


class Balancer:
    """A reverse proxy on loopback: each request goes to the next of ``workers``, past those that do not listen.

    ``answered`` says which worker each request went to.
    """

    def __init__(self, workers: list[str]) -> None:
        self.workers = workers
        self.answered: list[str] = []
        self._next = itertools.count()
        balancer = self

        class Handler(BaseHTTPRequestHandler):
            """Passes one request on, and the answer back piece by piece; the end of it is the end of the connection."""

            def handle_one_request(self) -> None:
                self.close_connection = True
                self.raw_requestline = self.rfile.readline(65537)
                if self.raw_requestline and self.parse_request():
                    balancer.forward(self)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def forward(self, asked: BaseHTTPRequestHandler) -> None:
        body = asked.rfile.read(int(asked.headers.get("content-length") or 0))
        headers = {name: value for name, value in asked.headers.items() if name.lower() != "connection"}
        headers["X-Forwarded-For"] = str(asked.client_address[0])
        for _ in self.workers:
            url = self.workers[next(self._next) % len(self.workers)]
            connection = http.client.HTTPConnection(str(urlsplit(url).netloc), timeout=60)
            try:
                connection.request(asked.command, asked.path, body, headers)
            except ConnectionRefusedError:
                connection.close()
                continue
            self.answered.append(url)
            try:
                _pass_back(connection.getresponse(), asked)
            finally:
                connection.close()
            return
        asked.send_error(502)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _pass_back(answer: http.client.HTTPResponse, asked: BaseHTTPRequestHandler) -> None:
    asked.send_response_only(answer.status)
    for name, value in answer.getheaders():
        if name.lower() not in _OF_A_CONNECTION:
            asked.send_header(name, value)
    asked.end_headers()
    while piece := answer.read1(65536):
        asked.wfile.write(piece)
        asked.wfile.flush()


class Site:
    """Two workers behind a balancer; ``zhengce`` runs a command on what they share."""

    def __init__(self, folder: Path, environment: dict[str, str], opened: ExitStack) -> None:
        self.folder, self.environment, self._opened = folder, environment, opened
        self.zhengce("users", "add", NAME, "--role", "admin", "--password-stdin", given=PASSWORD)
        self.zhengce("ingest", str(write_corpus(folder)))
        self.served = [self._start() for _ in range(2)]
        self.balancer = Balancer([one.ready() for one in self.served])
        opened.callback(self.balancer.close)

    def zhengce(self, *arguments: str, given: str = "") -> str:
        done = subprocess.run(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env=surrounded(self.environment),
            input=given,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _start(self) -> Served:
        served = Served(self.folder, **self.environment)
        self._opened.callback(served.close)
        return served

    def end_one(self) -> None:
        """End the first worker, as an update of the service does."""
        assert self.served.pop(0).end() == 143

    def add_one(self) -> None:
        """Start another worker in its place."""
        self.served.append(self._start())
        self.balancer.workers = [one.ready() for one in self.served]

    def client(self, **headers: str) -> httpx.Client:
        return httpx.Client(base_url=self.balancer.url, headers=headers, timeout=60)

    @contextmanager
    def signed_in(self) -> Iterator[httpx.Client]:
        with self.client() as client:
            assert client.post("/sign-in", data={"name": NAME, "password": PASSWORD}).status_code == 303
            yield client

    @contextmanager
    def by_both(self) -> Iterator[None]:
        """Expect that both workers have part in what is asked inside."""
        before = len(self.balancer.answered)
        yield
        assert set(self.balancer.answered[before:]) == set(self.balancer.workers)

    def key(self, *options: str) -> tuple[str, str]:
        """Return the id of a new key, and the key."""
        made = json.loads(self.zhengce("keys", "create", "门户", *options, "--json"))
        return made["key"]["id"], made["secret"]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    with ExitStack() as opened:
        environment = {"ZHENGCE_SIGN_IN": "true", "ZHENGCE_TRUSTED_PROXIES": "127.0.0.1"}
        if request.param == "postgresql":
            from postgres import fresh_database  # a plugin: pytest loads it

            environment["ZHENGCE_DATABASE"] = opened.enter_context(fresh_database(request.getfixturevalue("postgres")))
        chroma = ChromaProcess(folder / "server")
        opened.callback(chroma.kill)
        yield Site(folder, {**environment, "ZHENGCE_STORE": chroma.backend}, opened)


def until(true: Callable[[], Any], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def same_of_both(site: Site, get: Callable[[], httpx.Response]) -> Any:
    """Return what two requests in a row give, one to each worker; it must be the same."""
    with site.by_both():
        one, other = get(), get()
    assert (one.status_code, one.json()) == (other.status_code, other.json())
    return one.json()


def test_a_conversation_goes_on_with_another_worker(site: Site) -> None:
    with site.signed_in() as client:
        talk = client.post("/api/v1/conversations").raise_for_status().json()["id"]
        address = f"/api/v1/conversations/{talk}"
        with site.by_both():
            said = [
                client.post(f"{address}/messages", json={"question": question}).raise_for_status().json()
                for question in ("重点任务1的原文是什么？", "那重点任务3呢？")
            ]
        first, second = said
        assert "数字服务站" in first["answer"]["answer"]
        assert "3000人次" in second["answer"]["answer"], "the follow-up is read with what the other worker answered"
        kept = same_of_both(site, lambda: client.get(address))
        assert kept["exchanges"] == said, "what was answered is what is kept, with its ids"
        summaries = same_of_both(site, lambda: client.get("/api/v1/conversations"))
        assert talk in {one["id"] for one in summaries["conversations"]}
        rating = f"{address}/exchanges/{first['id']}/rating"
        assert client.put(rating, json={"rating": "up"}).status_code == 200
        assert same_of_both(site, lambda: client.get(address))["exchanges"][0]["rating"] == "up"


def test_a_streamed_answer_is_the_kept_one(site: Site) -> None:
    with site.signed_in() as client:
        talk = client.post("/api/v1/conversations").json()["id"]
        sent = {"json": QUESTION, "headers": {"accept": "text/event-stream"}}
        events = client.post(f"/api/v1/conversations/{talk}/messages", **sent).text.replace("\r\n", "\n")
        told = dict(part.split("\n", 2)[1:3] for part in events.strip().split("\n\n") if part.startswith("id:"))
        waiting = json.loads(told["event: exchange"].removeprefix("data: "))
        final = json.loads(told["event: final"].removeprefix("data: "))
        (kept,) = same_of_both(site, lambda: client.get(f"/api/v1/conversations/{talk}"))["exchanges"]
        assert (kept["id"], kept["answer"]) == (waiting["id"], final)


def test_who_signs_out_is_out_everywhere(site: Site) -> None:
    with site.signed_in() as client:
        session = dict(client.cookies)
        with site.by_both():
            assert [client.get("/api/v1/conversations").status_code for _ in range(2)] == [200, 200]
        assert client.post("/sign-out").status_code == 303
    with site.client() as other, site.by_both():
        other.cookies.update(session)
        assert [other.get("/api/v1/conversations").status_code for _ in range(2)] == [401, 401]


def test_a_key_is_good_for_both_and_its_quota_is_one(site: Site) -> None:
    known, secret = site.key("--scope", "ask", "--per-day", "5")
    answers = []
    with site.client(authorization=f"Bearer {secret}") as client, site.by_both():
        for left in (4, 3, 2, 1, 0):
            answer = client.post("/api/v1/ask", json=QUESTION)
            assert (answer.status_code, answer.headers["ratelimit-remaining"]) == (200, str(left))
            answers.append({name: value for name, value in answer.json().items() if name != "timings_ms"})
        refused = [client.post("/api/v1/ask", json=QUESTION) for _ in range(2)]
    assert all(answer == answers[0] for answer in answers)
    assert [(one.status_code, one.json()["error"]["code"]) for one in refused] == [(429, "quota")] * 2
    site.zhengce("keys", "revoke", known)
    with site.client(authorization=f"Bearer {secret}") as client, site.by_both():
        assert [client.post("/api/v1/ask", json=QUESTION).status_code for _ in range(2)] == [401, 401]


def test_requests_per_minute_are_counted_by_each_worker(site: Site) -> None:
    _, secret = site.key("--scope", "read", "--per-minute", "2")
    with site.client(authorization=f"Bearer {secret}") as client:
        told = [client.get("/api/v1/documents").status_code for _ in range(6)]
    assert told == [200] * 4 + [429] * 2


def test_what_is_uploaded_and_removed_is_so_for_both(site: Site) -> None:
    with site.signed_in() as client:
        files = [("files", ("夜校.txt", NIGHT_SCHOOL.encode()))]
        (upload,) = client.post("/api/v1/documents", files=files).raise_for_status().json()["uploads"]
        until(lambda: client.get(f"/api/v1/uploads/{upload['id']}").json()["state"] == "done")
        with site.by_both():
            for mark in ("？", "？？"):  # not an answer that is kept
                asked = client.post("/api/v1/ask", json={"question": f"社区夜校每周开办几次{mark}"})
                assert "夜校3次" in asked.json()["answer"]
        listed = same_of_both(site, lambda: client.get("/api/v1/documents"))["documents"]
        (added,) = [one["id"] for one in listed if "夜校" in one["title"]]
        assert client.delete(f"/api/v1/documents/{added}").status_code in (200, 204)
        left = same_of_both(site, lambda: client.get("/api/v1/documents"))["documents"]
        assert [one["id"] for one in listed if one["id"] != added] == [one["id"] for one in left]
        with site.by_both():
            assert [client.get(f"/api/v1/documents/{added}").status_code for _ in range(2)] == [404, 404]


def test_a_worker_that_is_replaced_is_not_missed(site: Site) -> None:
    with site.signed_in() as client:
        talk = client.post("/api/v1/conversations").json()["id"]
        address = f"/api/v1/conversations/{talk}"
        client.post(f"{address}/messages", json=QUESTION).raise_for_status()
        before = client.get(address).json()
        site.end_one()
        assert [client.get(address).json() for _ in range(3)] == [before] * 3
        files = [("files", ("夜校二.txt", NIGHT_SCHOOL.replace("夜校", "夜校二部").encode()))]
        (upload,) = client.post("/api/v1/documents", files=files).raise_for_status().json()["uploads"]
        until(lambda: client.get(f"/api/v1/uploads/{upload['id']}").json()["state"] == "done")
        site.add_one()
        with site.by_both():
            for question in ("那重点任务2呢？", "那重点任务3呢？"):
                client.post(f"{address}/messages", json={"question": question}).raise_for_status()
        kept = same_of_both(site, lambda: client.get(address))["exchanges"]
        assert kept[0] == before["exchanges"][0]
        assert "政务网络" in kept[1]["answer"]["answer"] and "3000人次" in kept[2]["answer"]["answer"]


def test_a_name_that_another_worker_read_is_a_word_for_all(tmp_path: Path) -> None:
    embedder = HashEmbedder()
    path = tmp_path / "通知.txt"
    path.write_text("关于“码上链办”平台的通知\n\n一、推广“码上链办”。\n二、每季度通报。\n", encoding="utf-8")
    with Store.open(tmp_path / "data", embedder) as one, Store.open(tmp_path / "data", embedder) as other:
        assert ingest_paths([path], other).failed == 0
        assert one.revision() == other.revision()
        words = bigram_tokens("码上链办")
        assert one.matching(words, 3) == other.matching(words, 3)
