"""A loopback server that speaks enough of the OpenAI protocol for the client that the product really uses."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[[dict[str, Any]], str | int]  # the request's body to a text, or to a status that fails


class ScriptedServer:
    """Answers each chat request with what ``reply`` says; ``asked`` keeps the bodies, ``keys`` the keys that came."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.base_url = ""


@contextmanager
def scripted_server(reply: Reply) -> Iterator[ScriptedServer]:
    """Serve until the context ends."""
    scripted = ScriptedServer(reply)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            scripted.asked.append(body)
            scripted.keys.append(self.headers.get("Authorization", ""))
            said = scripted.reply(body)
            if isinstance(said, int):
                return self._send(said, "application/json", json.dumps({"error": {"message": "秘密"}}).encode())
            counted = bool((body.get("stream_options") or {}).get("include_usage"))
            chunks = b"".join(map(_event, _chunks(said, counted=counted)))
            return self._send(200, "text/event-stream", chunks + b"data: [DONE]\n\n")

        def _send(self, status: int, kind: str, data: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    scripted.base_url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield scripted
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _chunks(text: str, *, counted: bool = False) -> Iterator[dict[str, Any]]:
    pieces = [text[i : i + 3] for i in range(0, len(text), 3)]
    for piece in pieces:
        yield {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "m",
               "choices": [{"index": 0, "delta": {"role": "assistant", "content": piece}, "finish_reason": None}]}  # fmt: skip
    yield {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "m",
           "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}  # fmt: skip
    if counted:
        yield {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [],
               "usage": {"prompt_tokens": 100, "completion_tokens": 7, "total_tokens": 107}}  # fmt: skip


def _event(chunk: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"
