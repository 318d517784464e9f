"""A real server on loopback for real clients, and services that answer slowly or not at all."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from doors import HashEmbedder, WordRanker, write_corpus
from fastapi.testclient import TestClient

from assistant.answer import Answer
from assistant.pipeline import Trace
from ingest.pipeline import ingest_paths
from ui.api.app import create_app
from ui.commands_service import server_config
from ui.page.mount import mount_page
from ui.settings import Settings
from ui.wiring import Services, open_serving


@contextmanager
def serving(folder: Path, **settings: Any) -> Iterator[Services]:
    """Open what ``zhengce serve`` opens, on the small corpus and without a model."""
    with pytest.MonkeyPatch.context() as patch, ExitStack() as opened:
        patch.setattr("ui.wiring.open_model", lambda _settings: HashEmbedder())
        patch.setattr("ui.wiring.open_settings_ranker", lambda _settings: WordRanker())
        services = opened.enter_context(open_serving(Settings(data_dir=folder / "data", **settings)))
        ingest_paths([write_corpus(folder)], services.store)
        yield services


def local(services: Services, **given: Any) -> TestClient:
    """Return a client on this machine, without a server between."""
    return TestClient(create_app(services), base_url="http://127.0.0.1", raise_server_exceptions=False, **given)


@contextmanager
def live(services: Services, *, page: bool = False) -> Iterator[str]:
    """Serve ``services`` as ``zhengce serve`` does, with the page where it is wanted; yield the address."""
    listener = socket.create_server(("127.0.0.1", 0))
    app = create_app(services)
    config = server_config(mount_page(app, services) if page else app, services.settings)
    config.timeout_graceful_shutdown = 2
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    until(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


def until(true: Callable[[], object], seconds: float = 10) -> None:
    """Wait until ``true()`` is."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def said_so_far(text: str) -> Answer:
    """Return an answer without citations."""
    return Answer(
        question="问", standalone_question="问", status="answered", answer=text, sentences=[], citations=[], engine="x"
    )


class Slow:
    """An answer that waits after its first piece until it is let go; ``closed`` says that its iterator was closed.

    ``stream`` takes the place of ``Assistant.stream``.
    """

    def __init__(self) -> None:
        self.go, self.closed, self.waiting, self.whole = (threading.Event() for _ in range(4))

    def stream(self, *_: object, **__: object) -> Iterator[Trace]:
        """Yield three steps."""
        try:
            yield Trace(said_so_far("甲。"), ())
            self.waiting.set()
            assert self.go.wait(10)
            yield Trace(said_so_far("甲。乙。"), ())
            self.whole.set()
            yield Trace(said_so_far("甲。乙。丙。"), ())
        finally:
            self.closed.set()

    def let_go(self) -> None:
        """Let the answer go on, after the server had time to notice that its client has gone."""
        time.sleep(0.5)
        self.go.set()
        until(self.closed.is_set)
