"""Which address is which door: of programs, of the page's events, of signing in.

Whatever limits requests asks here, so that no door is forgotten.
"""

import re
from typing import get_args

from ui.texts import Lang

OPENAI = "/v1/"
SIGN_IN = "/sign-in"
SIGN_OUT = "/sign-out"
EVENTS = "/gradio_api/"  # below the page, which is at the root and, in the other language, beside it
RUNNING = "run/predict"  # an event of the page that is answered at once; the others wait in a queue

_PAGE = rf"(?:/(?:{'|'.join(get_args(Lang))}))?"
_EVENT = re.compile(rf"{_PAGE}{EVENTS}.*", re.DOTALL)
_RUNNING = re.compile(rf"{_PAGE}{EVENTS}{RUNNING}")
_ANSWERING = re.compile(
    r"/api/v1/(ask|batch)(/.*)?|/api/v1/conversations/[^/]+/messages(/.*)?|/api/v1/desk/.*|/v1/chat/completions|/mcp/?"
)
_KEEPING_NOTHING = re.compile(r"/api/v1/(ask|batch|search|desk)(/.*)?|/v1/.*|/mcp/?")


def is_api(path: str) -> bool:
    """Whether programs call ``path``, so that keys are for it."""
    return path.startswith(("/api/", OPENAI, "/mcp/")) or path == "/mcp"


def is_event(path: str) -> bool:
    """Whether the page itself calls ``path``."""
    return _EVENT.fullmatch(path) is not None


def is_running(path: str) -> bool:
    """Whether an event of the page is answered at ``path``, which may take long."""
    return _RUNNING.fullmatch(path) is not None


def is_counted(path: str) -> bool:
    """Whether requests to ``path`` are counted for their address."""
    return is_api(path) or is_event(path) or path in (SIGN_IN, SIGN_OUT)


def is_answering(path: str) -> bool:
    """Whether something is answered at ``path`` that may take long."""
    return _ANSWERING.fullmatch(path) is not None or is_running(path)


def keeps_nothing(path: str) -> bool:
    """Whether a program asks at ``path`` and nothing of anybody is changed by it."""
    return _KEEPING_NOTHING.fullmatch(path) is not None
