"""Running the service: in this process with the page, or in several processes that serve the API only.

The page needs one process: Gradio keeps what an open page is waiting for in memory, and the next request of that page
may reach another process. The socket is bound once, before anything is loaded, and every process listens on it.
"""

import logging
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn import Config, Server
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from ui.operation.metrics import FOLDER_VARIABLE
from ui.output import remark
from ui.settings import CONFIG_VARIABLE, PREFIX, Settings, load_settings
from ui.texts import say
from ui.wiring import Services, open_serving
from vectorstore.errors import ZhengceError

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from types import FrameType

    from ui.operation.operation import Operation

APP = "ui.serving:app"  # what each of several processes loads
CLOSING = 10  # seconds that files and the reading of an upload have to be closed in, before the process ends regardless
SIGNALS = (signal.SIGINT, signal.SIGTERM)
_FLAGS = (
    "data_dir",
    "engine",
    "lang",
    "host",
    "port",
    "open",
    "workers",
)  # that serve takes, for the processes it starts

_log = logging.getLogger(__name__)


class Served:
    """``app`` as a server runs it: signals end it gently once it has begun, and ``last`` is called after the last request."""

    def __init__(self, app: ASGIApp, operation: "Operation", last: "Callable[[], None]" = lambda: None) -> None:
        self._app = app
        self._operation = operation
        self._last = last

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or go through the life of the server."""
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return

        async def watched(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                end_gently(self._operation)
            if message["type"] == "lifespan.shutdown.complete":
                await run_in_threadpool(self._last)
            await send(message)

        await self._app(scope, receive, watched)


def end_gently(operation: "Operation") -> None:
    """Let what is under way finish before the server hears of a signal. Does nothing outside the main thread.

    A second Ctrl-C is passed on at once. Whatever happens, the process ends ``CLOSING`` seconds after the server should.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    servers: dict[int, Any] = {number: signal.getsignal(number) for number in SIGNALS}

    def ending(number: int, frame: "FrameType | None") -> None:
        operation.lifecycle.stop()
        servers[number](number, frame)
        time.sleep(CLOSING)
        _log.warning("the service did not close in time; what it was reading is read at the next start")
        logging.shutdown()
        os._exit(128 + number)

    def heard(number: int, frame: "FrameType | None") -> None:
        if not operation.lifecycle.stopping:
            operation.lifecycle.stopping = True
            threading.Thread(target=ending, args=(number, frame), name="ending", daemon=True).start()
        elif number == signal.SIGINT:
            servers[number](number, frame)

    for number in SIGNALS:
        signal.signal(number, heard)


def warm_up(services: Services, operation: "Operation") -> None:
    """Load the model and the indexes in the background; until then the service is not ready."""
    empty = services.store.is_empty()
    operation.warming.start((lambda: _load(services)) if empty else services.assistant.warm)


def _load(services: Services) -> None:
    services.embedder.embed_query("预热")


def run_here(services: Services, listener: "socket.socket", config: "Callable[[ASGIApp], Config]") -> None:
    """Serve page and API until a signal comes; that raises SystemExit then, so that the caller closes what it opened."""
    from ui.api.app import create_app
    from ui.page.mount import mount_page

    operation = services.watched
    app = mount_page(create_app(services), services)
    warm_up(services, operation)
    _tell(listener, "serving", services.settings)
    server = Server(config(Served(app, operation)))
    heard: list[int] = []

    def end(number: int, _frame: "FrameType | None") -> None:
        heard.append(number)
        server.should_exit = True  # the signal may come before the server hears of signals itself

    # uvicorn sends a signal on once it has shut down; SIGTERM would then end us with files open and a file half read
    signal.signal(signal.SIGTERM, end)
    server.run(sockets=[listener])
    if heard:
        sys.exit(128 + heard[0])


def app() -> ASGIApp:
    """Return the API as one of several processes serves it, from the settings that its environment names.

    Ends the process, with the error told, where the services cannot be opened: it would be the same the next time.
    """
    from ui.api.app import create_app
    from ui.operation.logs import start_logging

    try:
        settings = load_settings()
        start_logging(settings.log_level, settings.log_format)
        services = open_serving(settings, worker=True)
    except ZhengceError as error:
        remark(say("error", message=" ".join(str(error).split())))
        sys.exit(STARTUP_FAILURE)
    warm_up(services, services.watched)
    return Served(create_app(services), services.watched, services.close)


class Processes(Multiprocess):
    """Starts the processes, starts another one where one dies, and ends them all at a signal."""

    code = 1

    def terminate_all(self) -> None:
        """Have them end; that nobody else can connect then, our own copy of the socket must go, too."""
        for one in self.sockets:
            one.close()
        super().terminate_all()

    def handle_int(self) -> None:
        """End after Ctrl-C."""
        self.code = 128 + signal.SIGINT
        super().handle_int()

    def handle_term(self) -> None:
        """End after SIGTERM."""
        self.code = 128 + signal.SIGTERM
        super().handle_term()


def run_processes(settings: Settings, config_file: Path | None, listener: "socket.socket", config: Config) -> int:
    """Serve the API in ``settings.workers`` processes until a signal comes; return the exit code.

    ``config`` is of ``APP``. Raises StateError where the database cannot be opened.
    """
    from ui.wiring import prepare_serving

    prepare_serving(settings)
    for name in _FLAGS:
        os.environ[PREFIX + name.upper()] = str(getattr(settings, name))
    if config_file:
        os.environ[CONFIG_VARIABLE] = str(config_file.absolute())
    _tell(listener, "serving_api", settings)
    with _metrics_folder():
        processes = Processes(config, [listener])
        processes.run()
    return processes.code


@contextmanager
def _metrics_folder() -> Iterator[None]:
    """Have the processes write their numbers into an empty folder: the one that is set, or one that is deleted after."""
    given = os.environ.get(FOLDER_VARIABLE)
    folder = Path(given or tempfile.mkdtemp(prefix="zhengce-metrics-"))
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*.db"):
        file.unlink(missing_ok=True)
    os.environ[FOLDER_VARIABLE] = str(folder)
    try:
        yield
    finally:
        if not given:
            del os.environ[FOLDER_VARIABLE]
            shutil.rmtree(folder, ignore_errors=True)


def _tell(listener: "socket.socket", text: str, settings: Settings) -> None:
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    remark(say(text, settings.lang, url=f"http://{shown}:{port}", workers=settings.workers))
