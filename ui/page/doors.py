"""The routes of the page's framework that the page needs; no other is there. Each event is checked before it is let in.

Gradio serves much more than a page of ours asks for: uploads, a proxy, calls by name. And it knows a page by a name that
the browser chose, and gives its answers to whoever says that name: here the name becomes one of its own for each visitor.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.access.doors import EVENTS, RUNNING
from ui.access.refusals import Refusal
from ui.access.scopes import NEEDS
from ui.access.visitors import visitor_in
from ui.texts import say

if TYPE_CHECKING:
    import gradio as gr

ACTS: Mapping[str, str] = {
    "greet": "read",
    "ask": "ask",
    "stop": "converse",
    "open": "converse",
    "arrange": "converse",
    "rate": "converse",
    "limit": "ask",
    "browse": "read",
    "open_source": "read",
    "tend": "change",
    "greet_desk": "desk",
    "relist": "desk",
    "take_draft": "desk",
    "run_tool": "desk",
}  # what each act does, as ``NEEDS`` calls it

_SHOWN = re.compile(r"/?|/(assets|static)/.+|/(theme\.css|favicon\.ico|robots\.txt|config)")
_BEAT = EVENTS + "heartbeat/"
_DATA = EVENTS + "queue/data"
_ACTING = (EVENTS + RUNNING, EVENTS + "queue/join")
_CANCEL = EVENTS + "cancel"
_RESET = EVENTS + "reset"
_FIELDS = ("data", "event_data", "fn_index", "trigger_id")  # of an event; what else a body holds is not for browsers
_LONGEST = 100  # characters of the name of a page
# what the framework tells a page whose stream is no more; it would also raise an error
_GONE = {"msg": "unexpected_error", "message": "", "success": False, "session_not_found": True}


class _RefusedError(Exception):
    """An event that is not let in, with the status that says why."""


class PageDoors:
    """ASGI middleware in front of the framework: the routes in the table, with names that belong to who sends them."""

    def __init__(self, app: ASGIApp, page: "gr.Blocks") -> None:
        self._app = app
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        try:
            if scope["method"] in ("GET", "HEAD") and _SHOWN.fullmatch(path):
                await self._app(scope, receive, send)
            elif scope["method"] == "GET":
                await self._listen(path, scope, receive, send)
            elif scope["method"] == "POST":
                await self._act(path, scope, receive, send)
            else:
                raise _RefusedError(404)
        except _RefusedError as error:
            said, code = _SAID[error.args[0]]
            await Refusal(error.args[0], code, say(said))(scope, receive, send)

    async def _listen(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Open a stream: of the events of a page, or the one by which it is known to be open."""
        if path == _DATA:
            name = _own_name(parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [""])[0], scope)
            if name not in self._page._queue.pending_messages_per_session:  # noqa: SLF001 - nothing public says so
                body = f"data: {json.dumps(_GONE)}\n\n"
                await Response(body, media_type="text/event-stream")(scope, receive, send)
                return
            scope = {**scope, "query_string": urlencode({"session_hash": name}).encode()}
        elif path.startswith(_BEAT):
            whole = scope["path"].removesuffix(path) + _BEAT + _own_name(path.removeprefix(_BEAT), scope)
            scope = {**scope, "path": whole, "raw_path": whole.encode()}
        else:
            raise _RefusedError(404)
        await self._app(scope, receive, send)

    async def _act(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Call an act of the page, or end one."""
        if path not in (*_ACTING, _CANCEL, _RESET):
            raise _RefusedError(404)
        sent = await _object(Request(scope, receive))
        if path == _RESET:
            let_in = {"event_id": _text(sent.get("event_id"))}  # which ends nothing: cancelling does
        else:
            name = _own_name(sent.get("session_hash"), scope)
            let_in = self._cancelling(sent, name) if path == _CANCEL else self._acting(sent, scope)
            let_in["session_hash"] = name
        body: list[Message] = [{"type": "http.request", "body": json.dumps(let_in).encode(), "more_body": False}]
        headers = [
            (key, value) for key, value in scope["headers"] if key not in (b"content-length", b"transfer-encoding")
        ]
        headers.append((b"content-length", str(len(body[0]["body"])).encode()))

        async def again() -> Message:
            return body.pop() if body else await receive()

        await self._app({**scope, "headers": headers}, again, send)

    def _acting(self, sent: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
        number, data, trigger = sent.get("fn_index"), sent.get("data"), sent.get("trigger_id")
        act = self._page.fns.get(number) if type(number) is int else None
        if act is None or act.name not in ACTS:
            raise _RefusedError(404)
        visitor = visitor_in(scope)
        if visitor is None or not visitor.may(NEEDS[ACTS[act.name]]):
            raise _RefusedError(403)
        if not isinstance(data, list) or len(data) != len(act.inputs) or not (trigger is None or type(trigger) is int):
            raise _RefusedError(422)
        for block, value in zip(act.inputs, data, strict=True):
            if not (value is None or (isinstance(value, str) and not block.stateful)):
                raise _RefusedError(422)
        return {field: sent[field] for field in _FIELDS if field in sent}

    def _cancelling(self, sent: Mapping[str, Any], name: str) -> dict[str, Any]:
        number, which = sent.get("fn_index"), _text(sent.get("event_id"))
        if type(number) is not int:
            raise _RefusedError(422)
        if which not in self._page._queue.pending_event_ids_session.get(name, ()):  # noqa: SLF001 - as above
            raise _RefusedError(404)
        return {"fn_index": number, "event_id": which}


_SAID = {
    400: ("api_bad", "bad_request"),
    403: ("api_forbidden", "forbidden"),
    404: ("api_not_found", "not_found"),
    422: ("api_bad", "invalid"),
}


def _own_name(name: object, scope: Scope) -> str:
    """Return ``name``, which a browser chose for its page, as one that only who sends it can have."""
    visitor = visitor_in(scope)
    if visitor is None:
        raise _RefusedError(403)
    return hashlib.sha256(f"{visitor.owner}\0{_text(name)}".encode("utf-8", "surrogatepass")).hexdigest()


def _text(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST:
        raise _RefusedError(422)
    return value


async def _object(request: Request) -> dict[str, Any]:
    try:
        sent = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise _RefusedError(400) from None
    if not isinstance(sent, dict):
        raise _RefusedError(422)
    return sent
