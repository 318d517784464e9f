"""What the page shows of its services at a given moment, failures told in words."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ui.page_answer import render_welcome
from ui.page_failure import in_words
from ui.page_source import find_place, render_library, render_place
from ui.page_texts import say
from vectorstore.errors import NotFoundError

if TYPE_CHECKING:
    from ui.wiring import Services

_DIGITS = 12  # of an offset


def welcome(services: "Services") -> str:
    """Return what stands before the first question of a conversation."""
    from assistant.examples import example_questions

    lang, store = services.settings.lang, services.store
    try:
        return render_welcome(example_questions(store), store.is_empty(), lang)
    except Exception as error:  # noqa: BLE001 - the page opens even where the store does not
        return render_welcome((), False, lang, in_words(error, lang))


def source(services: "Services", wanted: Mapping[str, object]) -> str:
    """Return the panel for the place that ``wanted`` names with document, start and end; else the documents.

    ``wanted`` comes from a link or a browser and may hold anything.
    """
    lang, store = services.settings.lang, services.store
    document = wanted.get("document")
    problem = None
    try:
        if isinstance(document, str) and document:
            place = find_place(store, document, _offset(wanted.get("start")), _offset(wanted.get("end")))
            return render_place(place, lang)
    except NotFoundError:
        problem = say("no_document", lang)
    except Exception as error:  # noqa: BLE001 - the page stays usable whatever is wrong with one document
        problem = in_words(error, lang)
    try:
        return render_library(store.documents(), lang, problem)
    except Exception as error:  # noqa: BLE001 - as above, for the store
        return render_library((), lang, in_words(error, lang))


def _offset(value: object) -> int:
    try:
        return int(str(value)[:_DIGITS])
    except ValueError:
        return 0
