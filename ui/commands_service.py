"""The commands about the running service: serve, doctor."""

import signal
import socket
import sys
from typing import TYPE_CHECKING, Annotated

from typer import Option

from ui.invocation import Invocation, JsonOption
from ui.output import remark, write, write_json
from ui.texts import say, why
from vectorstore.errors import ConfigError, ZhengceError

if TYPE_CHECKING:
    from ui.wiring import Services


def serve(
    call: Invocation,
    host: Annotated[str | None, Option("--host", metavar="HOST")] = None,
    port: Annotated[str | None, Option("--port", metavar="PORT")] = None,
) -> None:
    """Serve the page and the API until stopped."""
    from ui.access.visitors import is_loopback
    from ui.wiring import open_serving

    settings = call.settings(host=host, port=port)
    with (
        _listen(settings.host, settings.port) as listener,
        open_serving(settings) as services,
    ):
        if services.store.is_empty():
            remark(say("no_documents", settings.lang))
        if settings.sign_in and not services.state.accounts.list():
            remark(say("no_users", settings.lang))
        if not settings.sign_in and not is_loopback(settings.host):
            remark(say("serving_open", settings.lang, host=settings.host))
        _run(services, listener)


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens, so that a taken port is told before anything is loaded."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family)
    except OSError as error:
        raise ZhengceError(say("port_taken", host=host, port=port, reason=why(error))) from error


def _run(services: "Services", listener: socket.socket) -> None:
    import threading

    import uvicorn

    from ui.api.app import create_app
    from ui.page.mount import mount_page

    settings = services.settings
    app = mount_page(create_app(services), services)
    if not services.store.is_empty():
        threading.Thread(target=services.assistant.warm, name="warm", daemon=True).start()
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    remark(say("serving", settings.lang, url=f"http://{shown}:{port}"))
    # an open page keeps a connection for as long as it is open: those are not waited for
    config = uvicorn.Config(app, log_level=settings.log_level, server_header=False, timeout_graceful_shutdown=5)
    # uvicorn sends a signal on once it has shut down; SIGTERM would then end us with files open and a file half read
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    uvicorn.Server(config).run(sockets=[listener])


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
