"""The commands about the running service: serve, mcp, doctor."""

import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

from typer import Option

from ui.invocation import Invocation, JsonOption
from ui.output import remark, write, write_json
from ui.texts import say, why
from vectorstore.errors import ConfigError, ZhengceError

if TYPE_CHECKING:
    from starlette.types import ASGIApp
    from uvicorn import Config

    from ui.settings import Settings
    from ui.wiring import Services


def serve(
    call: Invocation,
    host: Annotated[str | None, Option("--host", metavar="HOST")] = None,
    port: Annotated[str | None, Option("--port", metavar="PORT")] = None,
    open_: Annotated[bool, Option("--open")] = False,
    workers: Annotated[str | None, Option("--workers", metavar="N")] = None,
) -> int | None:
    """Serve the page and the API until stopped."""
    from ui.access.visitors import is_loopback
    from ui.wiring import open_serving

    settings = call.settings(host=host, port=port, open=open_ or None, workers=workers)
    guarded = settings.sign_in or settings.require_key
    reachable = not is_loopback(settings.host)
    if reachable and not guarded and not settings.open:
        raise ConfigError(say("serving_unguarded", settings.lang, host=settings.host))
    if settings.workers > 1:
        # within a process an embedded database knows nothing of what others write, and both tidy its files
        if settings.store == "chroma" or settings.store.endswith(".db"):
            raise ConfigError(say("workers_store", settings.lang, workers=settings.workers))
        return _run_processes(call, settings)
    with (
        _ended_at_once(),
        _listen(settings.host, settings.port) as listener,
        open_serving(settings) as services,
    ):
        if services.store.is_empty():
            remark(say("no_documents", settings.lang))
        if settings.sign_in and not services.state.accounts.list():
            remark(say("no_users", settings.lang))
        if settings.require_key and not settings.sign_in and not services.state.keys.list():
            remark(say("no_keys", settings.lang))
        if reachable and not guarded:
            remark(say("serving_open", settings.lang, host=settings.host))
        _run(services, listener)
    return None


@contextmanager
def _ended_at_once() -> Iterator[None]:
    """End the process where a signal ended what is done within, everything closed by then.

    A thread that still works on a request when its time is over is unwound at the usual end, which the libraries of
    C++ and Rust that it is in answer by aborting the process.
    """
    try:
        yield
    except (SystemExit, KeyboardInterrupt) as stop:
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(stop.code if isinstance(stop, SystemExit) and isinstance(stop.code, int) else 128 + signal.SIGINT)


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens, so that a taken port is told before anything is loaded."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family)
    except OSError as error:
        raise ZhengceError(say("port_taken", host=host, port=port, reason=why(error))) from error


def _run(services: "Services", listener: socket.socket) -> None:
    from ui.serving import run_here

    run_here(services, listener, lambda app: server_config(app, services.settings))


def _run_processes(call: Invocation, settings: "Settings") -> int:
    from ui.serving import APP, run_processes

    with _listen(settings.host, settings.port) as listener:
        return run_processes(settings, call.config, listener, server_config(APP, settings))


def server_config(app: "ASGIApp | str", settings: "Settings") -> "Config":
    """Return how ``app`` is served. What a proxy says is for the application to believe or not (``Forwarded``)."""
    import uvicorn

    from ui.access.slow_clients import MAX_HEAD, PunctualProtocol

    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=settings.workers,
        lifespan="on",
        log_level=settings.log_level,
        log_config=None,  # its lines are ours, too
        access_log=False,  # ours names no question (ui.operation.exchange)
        timeout_worker_healthcheck=20,  # seconds: loading a model, a process may be deaf for a while
        server_header=False,
        timeout_graceful_shutdown=5,  # an open page keeps a connection for as long as it is open: those are not waited for
        proxy_headers=False,
        http=PunctualProtocol,
        ws="none",  # there is nothing to speak to that way
        h11_max_incomplete_event_size=MAX_HEAD,
    )


def mcp(call: Invocation) -> None:
    """Serve one MCP client over standard input and output."""
    from ui.mcp_server import run_stdio

    with call.services(must_have_documents=False) as services:
        run_stdio(services)


def doctor(call: Invocation, as_json: JsonOption = False) -> int:
    """Check the set-up."""
    from ui.doctor import diagnose, settings_failed

    try:
        settings = call.settings()
        checks, lang = diagnose(settings), settings.lang
    except ConfigError as error:
        checks, lang = settings_failed(error), "zh"
    failed = any(check.state == "fail" for check in checks)
    if as_json:
        write_json({"ok": not failed, "checks": [check.view(lang) for check in checks]})
    else:
        for check in checks:
            write(check.line(lang))
    return 1 if failed else 0
