"""What the browser tests share: the real service in a process of its own, and people whose pages are watched."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any, ClassVar
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

ROOT = Path(__file__).resolve().parents[1]
SHOTS = ROOT / "docs" / "journeys"
CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
]
PATIENCE = 30_000  # milliseconds; two cores may be shared with other tests
NEEDS_CHROMIUM = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium: scripts/install_browser"),
]


# -- the service -----------------------------------------------------------------------------------------------------


@dataclass
class Service:
    """A running service: where it is, what it said."""

    address: str
    data: Path
    process: subprocess.Popen[str]
    log: list[str]

    @property
    def port(self) -> int:
        return int(self.address.rsplit(":", 1)[1])

    def stop(self) -> None:
        """End it as an operator does; what it said holds no stack trace."""
        self.process.terminate()
        self.process.wait(timeout=30)


def command(data: Path, *arguments: str, typed: str | None = None, **settings: str) -> str:
    """Run ``zhengce`` on a data folder and return what it writes."""
    done = subprocess.run(
        [sys.executable, "-m", "ui.cli", "--data", str(data), *arguments],
        cwd=ROOT, env=_environment(settings), check=True, capture_output=True, text=True, input=typed,
    )  # fmt: skip
    return done.stdout


@contextmanager
def serving(data: Path, port: int = 0, **settings: str) -> Iterator[Service]:
    """Serve ``data`` until the context ends; ``settings`` are names of settings with their values."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ui.cli", "--data", str(data), "serve", "--port", str(port)],
        cwd=ROOT, env=_environment(settings), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    log: list[str] = []
    found: Queue[str] = Queue()
    reader = threading.Thread(target=_read, args=(process, log, found), daemon=True)
    reader.start()
    try:
        address = found.get(timeout=120)
        assert address, f"the service did not start: {''.join(log)}"
        service = Service(address, data, process, log)
        _warm(service)
        yield service
        service.stop()
    finally:
        process.kill()
        process.wait(timeout=30)
        reader.join(timeout=10)
        if process.stderr:
            process.stderr.close()
    assert "Traceback" not in "".join(log), "".join(log)


def _warm(service: Service) -> None:
    """Wait until the model is loaded, so that nobody's first question waits for it."""
    asked = json.dumps({"question": "预热"}).encode()
    headers = {"Content-Type": "application/json"}
    try:
        urlopen(Request(f"{service.address}/api/v1/ask", asked, headers), timeout=120).close()
    except HTTPError as refused:  # nothing is ingested, or nobody has signed in
        refused.close()


def _read(process: subprocess.Popen[str], log: list[str], found: Queue[str]) -> None:
    assert process.stderr
    for line in process.stderr:
        log.append(line)
        if address := re.search(r"http://127\.0\.0\.1:\d+", line):
            found.put(address[0])
    found.put("")


def _environment(settings: dict[str, str]) -> dict[str, str]:
    forced = "ZHENGCE_EMBEDDING_BACKEND"
    kept = {name: value for name, value in os.environ.items() if name == forced or not name.startswith("ZHENGCE_")}
    if model := os.environ.get("EMBEDDING_TEST_MODEL"):
        kept["ZHENGCE_EMBEDDING_MODEL"] = model
    return kept | {f"ZHENGCE_{name.upper()}": value for name, value in settings.items()}


# -- the people who look at it ---------------------------------------------------------------------------------------


@dataclass
class Visit:
    """A person with a browser of their own. What goes wrong on their pages fails the test when they leave.

    ``forgiven`` are patterns of console errors that the test brings about.
    """

    browser: Browser
    address: str
    options: dict[str, Any] = field(default_factory=dict)
    forgiven: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)

    DEFAULT: ClassVar[dict[str, Any]] = {
        "viewport": {"width": 1280, "height": 800},
        "locale": "zh-CN",
        "reduced_motion": "reduce",
        "accept_downloads": True,
    }

    def __post_init__(self) -> None:
        self.context = self.browser.new_context(**{**self.DEFAULT, **self.options})
        self.context.set_default_timeout(PATIENCE)
        self.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.context.on("request", lambda request: self.requested.append(request.url))
        self.context.on("weberror", lambda error: self.errors.append(f"script: {error.error}"))
        self.context.on(
            "console",
            lambda said: self.errors.append(f"console: {said.text} {said.location}") if said.type == "error" else None,
        )
        self.page = self.context.new_page()

    def open(self, path: str = "/") -> Page:
        """Go to a path of the service and wait until the page is filled."""
        self.page.goto(self.address + path)
        self.page.wait_for_selector(".views")
        return self.page

    def wrong(self) -> list[str]:
        """What went wrong on its pages, and every address that is not the service's."""
        errors = [one for one in self.errors if not any(re.search(pattern, one) for pattern in self.forgiven)]
        return errors + [url for url in self.requested if not url.startswith((self.address, "data:", "blob:"))]


Visits = Callable[..., Visit]


# -- what they do ----------------------------------------------------------------------------------------------------


def ask(page: Page, question: str) -> Locator:
    """Ask and wait for the whole answer; return the exchange."""
    before = page.locator(".exchange").count()
    page.fill("#question textarea", question)
    page.keyboard.press("Enter")
    return answered(page, before + 1)


def answered(page: Page, count: int) -> Locator:
    """Wait until ``count`` exchanges are there, all of them done; return the last."""
    expect(page.locator(".exchange")).to_have_count(count)
    expect(page.locator(".exchange[aria-busy]")).to_have_count(0)
    expect(page.locator("#question .submit-button")).to_be_visible()
    return page.locator(".exchange").last


def copied(page: Page) -> str:
    """What is on the clipboard, once the page says that something is."""
    expect(page.locator("#note")).to_have_text("已复制")
    return str(page.evaluate("navigator.clipboard.readText()"))


def fits(page: Page) -> bool:
    """Whether nothing is wider than the window."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth && scrollX === 0"))


def shot(page: Page, name: str) -> None:
    """Keep a picture for the documentation where JOURNEY_SHOTS=1 asks for it."""
    if os.environ.get("JOURNEY_SHOTS") == "1":
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"{name}.png", animations="disabled", caret="hide")


# -- a language model that takes its time ----------------------------------------------------------------------------


@dataclass
class SlowModel:
    """An OpenAI-compatible model that writes ``reply`` of a request, with ``pause`` seconds before each piece."""

    reply: Callable[[dict[str, Any]], str]
    pause: float = 0.0
    base_url: str = ""


@contextmanager
def slow_model(reply: Callable[[dict[str, Any]], str]) -> Iterator[SlowModel]:
    """Speak as ``llm_server`` does, but piece by piece, until the context ends."""
    model = SlowModel(reply)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            try:
                for event in _events(model.reply(body)):
                    time.sleep(model.pause)
                    self.wfile.write(f"data: {event}\n\n".encode())
            except OSError:
                pass  # whoever asked has gone: that is what stopping does

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    model.base_url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield model
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _events(text: str) -> Iterator[str]:
    pieces = [text[start : start + 3] for start in range(0, len(text), 3)]
    for piece, why in [*((piece, None) for piece in pieces), ("", "stop")]:
        choice = {"index": 0, "delta": {"role": "assistant", "content": piece}, "finish_reason": why}
        known = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "slow"}
        yield json.dumps({**known, "choices": [choice]}, ensure_ascii=False)
    yield "[DONE]"
