"""The log: lines of text or of JSON on standard error, each with the id of the request that it belongs to.

The id is a context variable: it goes along into worker threads, and with an upload into the thread that reads it. A
line never holds a question, a key or a cookie of its own accord; what is logged with ``extra`` becomes fields.
"""

import logging
import re
import uuid
from contextvars import ContextVar
from typing import Any, Literal

Format = Literal["text", "json"]

ACCESS = logging.getLogger("zhengce.access")  # one line for each request, at level info
_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,64}")
_current: ContextVar[str | None] = ContextVar("zhengce_request_id", default=None)
_TALKATIVE = ("alembic", "httpx", "mcp", "sse_starlette", "uvicorn")  # they tell at info what we do not need
_FIELDS = {"levelname": "level", "name": "logger", "asctime": "time"}


def enter_request(given: str) -> str:
    """Make ``given`` the id of the request that the caller's context serves, or a new one where it is not well-formed.

    It stays until the context ends: every request has a task of its own, and what handles its error comes after us.
    """
    name = given if _WELL_FORMED.fullmatch(given) else uuid.uuid4().hex
    _current.set(name)
    return name


def request_id() -> str | None:
    """Return the id of the request that this thread or task works for."""
    return _current.get()


def start_logging(level: str, into: Format = "text") -> None:
    """Log what is at least of ``level``. Does nothing where logging was started before, as in tests."""
    handler = logging.StreamHandler()
    handler.setFormatter(json_formatter() if into == "json" else TextFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler])
    if level == "info":
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)


class TextFormatter(logging.Formatter):
    """Lines for people."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return a line, the request in brackets at its end."""
        line = super().format(record)
        name = request_id()
        return f"{line} [{name}]" if name else line


def json_formatter() -> logging.Formatter:
    """Return what makes a line of JSON: time (UTC), level, logger, message, request_id, and what ``extra`` holds."""
    from pythonjsonlogger.core import RESERVED_ATTRS
    from pythonjsonlogger.json import JsonFormatter

    class Json(JsonFormatter):
        """Adds the id of the request."""

        def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
            super().add_fields(log_data, record, message_dict)
            if name := request_id():
                log_data["request_id"] = name

    made = Json(
        "%(asctime)s %(levelname)s %(name)s %(message)s",
        rename_fields=_FIELDS,
        reserved_attrs=[*RESERVED_ATTRS, "color_message"],  # of uvicorn, for terminals
        json_ensure_ascii=False,
    )
    made.converter = _utc
    made.default_time_format, made.default_msec_format = "%Y-%m-%dT%H:%M:%S", "%s.%03dZ"
    return made


def _utc(seconds: float | None) -> Any:
    import time

    return time.gmtime(seconds)
