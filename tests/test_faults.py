"""What happens when something breaks under the service: each fault is really caused, and what was acknowledged is there."""

import json
import os
import random
import select
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest
from live import live, serving, until
from test_chroma_server import ChromaProcess, server
from test_serving import COMMAND, Served, children, serve, surrounded, warm

from ui.access import slow_clients
from ui.state.audit import Audit

if TYPE_CHECKING:
    from postgres import PostgresProcess

__all__ = ["serve", "server"]

pytest_plugins = ["postgres"]
pytestmark = pytest.mark.slow

WRITES = 1000
QUESTION = {"question": "重点任务1的原文是什么？"}
FORM = "关于夜校的通知\n\n一、开办社区夜校。每个社区每周开办夜校3次。\n"


class Writers:
    """Several clients that write until there are ``WRITES`` acknowledged; ``acknowledged`` are their ids."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self.acknowledged: set[str] = set()
        self.refused = 0
        self.broken = 0

    def write(self) -> None:
        with httpx.Client(base_url=self._url, timeout=30) as client:
            while len(self.acknowledged) < WRITES:
                try:
                    answer = client.post("/api/v1/conversations")
                except httpx.TransportError:
                    with self._lock:
                        self.broken += 1
                    continue
                with self._lock:
                    if answer.status_code == 201:
                        self.acknowledged.add(answer.json()["id"])
                        continue
                    self.refused += 1
                assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable"), answer.text
                time.sleep(0.02)

    def go(self, fault: Callable[[], None], times: int = 4) -> None:
        """Write with four clients, with ``fault`` in between ``times`` times, at a moment that nobody chose."""

        def break_it() -> None:
            for number in range(1, times + 1):
                while len(self.acknowledged) < number * WRITES // (times + 1):
                    time.sleep(0.001)
                time.sleep(random.uniform(0, 0.05))
                fault()

        with ThreadPoolExecutor(5) as pool:
            for one in [pool.submit(break_it), *(pool.submit(self.write) for _ in range(4))]:
                one.result()


def test_what_was_acknowledged_survives_kills_of_postgresql(
    tmp_path: Path, postgres_process: "PostgresProcess"
) -> None:
    url = f"postgresql://postgres@/postgres?host={postgres_process.folder}"
    away: list[httpx.Response] = []

    def kill() -> None:
        postgres_process.kill()
        away.append(httpx.post(f"{address}/api/v1/conversations"))
        away.append(httpx.get(f"{address}/readyz"))
        away.append(httpx.post(f"{address}/api/v1/ask", json=QUESTION))
        postgres_process.start()
        assert httpx.post(f"{address}/api/v1/ask", json=QUESTION).status_code == 200

    with serving(tmp_path, database=url) as services, live(services) as address:
        writers = Writers(address)
        writers.go(kill)
        with psycopg.connect(host=str(postgres_process.folder), user="postgres", dbname="postgres") as connection:
            there = {str(row[0]) for row in connection.execute("SELECT id FROM conversations")}
        assert writers.acknowledged <= there
        assert writers.refused, "the kills must meet writes"
        assert not writers.broken
        assert httpx.get(f"{address}/readyz").status_code == 200
        log = Audit(services.state.database).verify()
        assert log.ok and log.rows == 4
    written, ready, asked = away[0], away[1], away[2]
    assert (written.status_code, written.json()["error"]["code"]) == (503, "unavailable")
    assert str(postgres_process.folder) not in written.text, "nobody is told where things are"
    assert (ready.status_code, ready.json()["checks"]["database"]["ok"]) == (503, False)
    assert (asked.status_code, asked.json()["status"]) == (200, "answered"), "sources can be asked without the database"


def test_what_was_acknowledged_survives_kills_of_a_worker(
    serve: Callable[..., Served], server: ChromaProcess, tmp_path: Path
) -> None:
    served = serve("--workers", "2", ZHENGCE_STORE=server.backend)
    url = served.ready()
    served.until(lambda: len(children(served)) == 2 and warm(url, served))
    killed: set[int] = set()

    def kill() -> None:
        served.until(lambda: len(children(served)) == 2)
        pid = random.choice(children(served))
        os.kill(pid, signal.SIGKILL)
        killed.add(pid)

    writers = Writers(url)
    writers.go(kill, times=2)
    served.until(lambda: len(children(served)) == 2 and warm(url, served))
    with sqlite3.connect(tmp_path / "data" / "state.sqlite3") as state:
        there = {row[0] for row in state.execute("SELECT id FROM conversations")}
        assert state.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    state.close()
    assert writers.acknowledged <= there
    assert len(killed) == 2
    assert served.end() == 143


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 12 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", folder], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def fill(disk: Path) -> Path:
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"0" * 4096)
    return filler


def test_a_full_disk(serve: Callable[..., Served], small_disk: Path, tmp_path: Path) -> None:
    """What is there is answered from, what cannot be kept is refused in words, and with room again all goes on."""
    (tmp_path / "data").symlink_to(small_disk)
    served = serve()
    url = served.ready()
    files = [("files", ("夜校.txt", FORM.encode()))]
    with httpx.Client(base_url=url, timeout=60) as client:
        talk = client.post("/api/v1/conversations").json()["id"]
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
        assert ready.json()["checks"]["disk"]["state"] == "low"
        filler = fill(small_disk)
        assert client.post("/api/v1/ask", json=QUESTION).json()["status"] == "answered"
        assert client.get(f"/api/v1/conversations/{talk}").status_code == 200
        refused = [client.post("/api/v1/conversations"), client.post("/api/v1/documents", files=files)]
        assert [one.status_code for one in refused] == [503, 507]
        assert "磁盘已满" in refused[1].json()["error"]["message"]
        assert not any(str(tmp_path) in one.text for one in refused)
        (tmp_path / "夜校.txt").write_text(FORM, encoding="utf-8")
        ingest = [*COMMAND, "ingest", str(tmp_path / "夜校.txt")]
        told = subprocess.run(ingest, cwd=tmp_path, env=surrounded({}), capture_output=True, text=True, check=False)
        assert told.returncode == 1 and "磁盘空间" in told.stderr and "Traceback" not in told.stderr, told.stderr
        assert client.post("/api/v1/ask", json=QUESTION).json()["status"] == "answered"
        filler.unlink()
        assert client.get(f"/api/v1/conversations/{talk}").json()["id"] == talk
        assert client.post("/api/v1/conversations").status_code == 201
        (upload,) = client.post("/api/v1/documents", files=files).raise_for_status().json()["uploads"]
        served.until(lambda: client.get(f"/api/v1/uploads/{upload['id']}").json()["state"] == "done", 60)
        assert "夜校3次" in client.post("/api/v1/ask", json={"question": "社区夜校每周开办几次"}).text
    assert served.end() == 143


def test_slow_clients_hold_up_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty never finish their request, forty never read their answer; others are answered as before.

    No place is taken for a request that is not there, so there is nothing whose time could be up (504): who does not
    finish is cut off, without a word.
    """
    monkeypatch.setattr(slow_clients, "SECONDS", 5.0)
    body = json.dumps(QUESTION).encode()
    head = b"POST /api/v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with serving(tmp_path, request_timeout=30.0, max_concurrent=45) as services, live(services) as url:
        port = int(url.rsplit(":", 1)[1])
        slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(80)]
        try:
            for one in slow[:40]:
                one.sendall(head + b"Content-Length: 9000\r\n\r\n{")
            for one in slow[40:]:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
                one.sendall(head + b"Accept: text/event-stream\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            until(lambda: len(select.select(slow[40:], [], [], 0)[0]) == 40, 120)  # their answers are there, unread
            assert httpx.get(f"{url}/healthz", timeout=30).status_code == 200
            for _ in range(20):
                assert httpx.post(f"{url}/api/v1/ask", json=QUESTION, timeout=30).json()["status"] == "answered"
            for one in slow[:40]:
                one.settimeout(30)
                with suppress(ConnectionError):  # what they sent may be unread
                    assert one.recv(100) == b""
        finally:
            for one in slow:
                one.close()
