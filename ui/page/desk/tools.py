"""Calls a tool with what a browser sent, which may hold anything."""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ui.access.arrival import MAX_DRAFT
from ui.page.desk import Tool
from ui.page.desk.texts import tell
from ui.texts import Lang
from vectorstore.errors import DeskError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from ui.desk.desk import Desk
    from ui.settings import Settings

_ID = 64  # characters
_NAME = 200


def run_tool(desk: "Desk", tool: Tool, sent: Mapping[str, object], lang: Lang) -> "BaseModel":
    """Return the result of ``tool``. Raises DeskError where what was sent lacks something, NotFoundError."""
    match tool:
        case "check":
            return desk.check(_text(desk.services.settings, tool, sent, lang))
        case "find":
            return desk.find(_text(desk.services.settings, tool, sent, lang).strip())
        case "match":
            return desk.match(_text(desk.services.settings, tool, sent, lang))
        case "targets":
            return desk.targets(_chosen(sent, "document"))
        case "diff":
            old, new = _chosen(sent, "old"), _chosen(sent, "new")
            if not old or not new or old == new:
                raise DeskError(tell("give_diff", lang))
            return desk.diff(old, new)
        case "evidence":
            return desk.evidence(_chosen(sent, "policy"), _chosen(sent, "report"))


def most_chars(settings: "Settings", tool: Tool) -> int:
    """Return how many characters may be given to ``tool``."""
    from ui.desk.desk import MAX_TERM

    return {"check": settings.max_draft_chars, "match": settings.max_question_chars}.get(tool, MAX_TERM)


def opened_draft(sent: Mapping[str, object], settings: "Settings", lang: Lang) -> str:
    """Return the text of the file ``sent["file"]``, base64, called ``sent["name"]``.

    Raises DeskError where it is too large or nothing, ReadError where it cannot be read.
    """
    from ui.desk.draft_files import read_draft

    encoded, name = sent.get("file"), sent.get("name")
    if not isinstance(encoded, str) or not isinstance(name, str):
        raise DeskError(tell("unreadable", lang))
    if len(encoded) > MAX_DRAFT * 4 // 3 + 4:
        raise DeskError(tell("too_large", lang))
    try:
        data = b64decode(encoded, validate=True)
    except (NotBase64, ValueError):
        raise DeskError(tell("unreadable", lang)) from None
    return read_draft(data, name[-_NAME:], settings).text


def _chosen(sent: Mapping[str, object], name: str) -> str | None:
    """Return the document that was chosen, None where none was."""
    value = sent.get(name)
    return value[:_ID] if isinstance(value, str) and value else None


def _text(settings: "Settings", tool: Tool, sent: Mapping[str, object], lang: Lang) -> str:
    given = sent.get("text")
    text = given if isinstance(given, str) else ""
    if not text.strip():
        raise DeskError(tell(f"give_{tool}", lang))
    if len(text) > (most := most_chars(settings, tool)):
        raise DeskError(tell("too_long", lang, most=most))
    return text
