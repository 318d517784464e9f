"""A conversation as a file to keep or send: Markdown, Word or PDF, with its citations as footnotes.

Conversation → document.build (a Pandoc tree) → writers.write → pandoc [→ typst] → bytes
"""

from datetime import datetime

from ui.export.document import build
from ui.export.writers import ExportError, ExportFormat, write
from ui.state.records import Conversation
from ui.texts import Lang

__all__ = ["ExportError", "ExportFormat", "export_conversation"]


def export_conversation(
    conversation: Conversation,
    format: ExportFormat,  # noqa: A002 - the word that a caller looks for
    lang: Lang,
    base_url: str = "",
    *,
    at: datetime | None = None,
) -> bytes:
    """Return ``conversation`` as a file; the same arguments give the same bytes.

    ``base_url`` is where the page is served; with it each citation links to its place. ``at`` (aware, by default now)
    is printed as the time of the export, and its zone is that of every time printed. Raises ExportError.
    """
    moment = at or datetime.now().astimezone()
    return write(build(conversation, lang, base_url, moment), format, moment)
