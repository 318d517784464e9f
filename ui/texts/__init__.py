"""Every text that the doors show: Chinese first, English beside it.

``HELP`` is keyed by command (``ask``), by ``command.parameter`` (``ask.question``), and by ``.parameter`` for the
options that commands share. ``SAID`` holds what is printed or sent. Errors raised below the doors bring their own
Chinese text.
"""

import errno
from collections.abc import Mapping
from typing import Any

from ui.texts import answering, api, backup, checks, desk, general, mcp, people, uploads
from ui.texts.help import HELP
from ui.texts.text import Lang, Text

__all__ = ["HELP", "PARTS", "SAID", "Lang", "Text", "say", "why"]

PARTS = (
    answering.SAID,
    api.SAID,
    backup.SAID,
    checks.SAID,
    desk.SAID,
    general.SAID,
    mcp.SAID,
    people.SAID,
    uploads.SAID,
)
SAID: Mapping[str, Text] = {key: text for part in PARTS for key, text in part.items()}

_WHY = {
    errno.ENOENT: "no_file",
    errno.EACCES: "no_permission",
    errno.EISDIR: "is_folder",
    errno.EADDRINUSE: "in_use",
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EROFS: "read_only",
}


def say(key: str, lang: Lang = "zh", **values: Any) -> str:
    """Return the text ``key`` in ``lang`` with its variables filled in. Raises KeyError where one is missing."""
    return SAID[key].in_(lang).format(**values) if values else SAID[key].in_(lang)


def why(error: OSError, lang: Lang = "zh") -> str:
    """Return why the system refused."""
    key = _WHY.get(error.errno or 0)
    return say(key, lang) if key else error.strerror or type(error).__name__
