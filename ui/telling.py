"""What readers and programs are told of an error.

The words of the store, the model and the database name paths and addresses: those are for who runs the service, and go to its
log. The commands show them, for whoever calls a command runs the service.
"""

import logging

from ui.state.errors import InputError, StateError
from ui.texts import Lang, say
from vectorstore.errors import EmbeddingError, StoreEmptyError, StoreError, StoreLockedError, ZhengceError

_log = logging.getLogger(__name__)


def in_words(error: Exception, lang: Lang = "zh") -> str:
    """Return what is told of ``error``; one that we did not raise ourselves goes to the log whole."""
    match error:
        case StoreEmptyError() | InputError():
            return str(error)
        case StoreLockedError():
            _log.warning("somebody had to be put off: %s", error)
            return say("locked", lang)
        case StateError() | StoreError() | EmbeddingError():
            _log.error("something is wrong here: %s", error)
            return say("broken", lang)
        case ZhengceError():
            return str(error)
    _log.error("a question or the page met an error", exc_info=error)
    return say("broken", lang)
