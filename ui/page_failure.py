"""What the page says when something fails: our own words, never a trace."""

import logging

from ui.page_texts import say
from ui.texts import Lang
from vectorstore.errors import ZhengceError

_log = logging.getLogger(__name__)


def in_words(error: Exception, lang: Lang) -> str:
    """Return what a reader is told of ``error``; one that we did not raise ourselves goes to the log."""
    if isinstance(error, ZhengceError):
        return str(error)
    _log.error("the page met an error", exc_info=error)
    return say("broken", lang)
