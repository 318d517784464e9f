"""What the page shows of its services at a given moment, failures told in words.

Every function returns one block of HTML. What it is given comes from a link or a browser and may hold anything.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ui.access.visitors import Visitor
from ui.library.shelf import in_words as in_bytes
from ui.page.filters import limits_of
from ui.page.source import find_listed, find_place, find_surroundings, render_library, render_place
from ui.page.tasks import render_tasks
from ui.page.templates import render
from ui.page.texts import say
from ui.page.transcript import render_conversation, render_welcome
from ui.state.actions import DISCARDED, REINDEXED, REMOVED, RESTORED
from ui.state.records import Conversation
from ui.telling import in_words
from ui.texts import Lang
from vectorstore.errors import NotFoundError
from vectorstore.records import Filter

if TYPE_CHECKING:
    from ui.wiring import Services


_DIGITS = 12  # of an offset
_MOST_SEARCHED = 100  # characters
OTHER: Mapping[Lang, Lang] = {"zh": "en", "en": "zh"}


def top(services: "Services", visitor: Visitor, lang: Lang) -> str:
    """Return the bar at the top."""
    other = "/" if lang != services.settings.lang else f"/{OTHER[lang]}/"
    return render("top.html", lang, visitor=visitor, other=other, documents=visitor.admin)


def sidebar(services: "Services", owner: str, lang: Lang, current: str | None = None, search: object = "") -> str:
    """Return the conversations of ``owner`` that match ``search``."""
    words = search[:_MOST_SEARCHED] if isinstance(search, str) else ""
    known = {"current": current, "search": words}
    try:
        found = services.state.conversations.list(owner, words)
    except Exception as error:  # noqa: BLE001 - the page opens even where the database does not
        return render("sidebar.html", lang, conversations=(), problem=in_words(error, lang), **known)
    return render("sidebar.html", lang, conversations=found, problem=None, **known)


def welcome(services: "Services", lang: Lang, *, admin: bool = False) -> str:
    """Return what stands before the first question of a conversation."""
    from assistant.examples import example_questions

    store = services.store
    try:
        return render_welcome(example_questions(store), store.is_empty(), lang, admin=admin)
    except Exception as error:  # noqa: BLE001 - the page opens even where the store does not
        return render_welcome((), False, lang, in_words(error, lang))


def transcript(services: "Services", visitor: Visitor, lang: Lang, conversation: str | None) -> str:
    """Return the conversation, or the welcome where there is none."""
    if not conversation:
        return welcome(services, lang, admin=visitor.admin)
    try:
        return exchanges(services, services.state.conversations.get(visitor.owner, conversation), lang)
    except NotFoundError:
        return render_welcome((), False, lang, say("gone", lang))
    except Exception as error:  # noqa: BLE001 - as above
        return render_welcome((), False, lang, in_words(error, lang))


def exchanges(services: "Services", talk: Conversation, lang: Lang) -> str:
    """Return a conversation that is at hand."""
    return render_conversation(talk, lang, lambda within: limits_of(within, services.store, lang))


def filter_bar(services: "Services", within: Filter, lang: Lang, problem: str | None = None) -> str:
    """Return the choice of what a question is limited to."""
    try:
        if any(not _is_held(services, document) for document in within.documents):
            within, problem = replace(within, documents=()), say("no_document", lang)
        known = services.facets(within.documents)
        said = limits_of(within, services.store, lang)
        return render("filters.html", lang, facets=known, within=within, limits=said, problem=problem)
    except Exception as error:  # noqa: BLE001 - questions can be asked without it
        return render("filters.html", lang, facets=None, within=Filter(), limits=[], problem=in_words(error, lang))


def _is_held(services: "Services", document: str) -> bool:
    try:
        services.store.document(document)
    except NotFoundError:
        return False
    return True


def source(services: "Services", wanted: Mapping[str, object], lang: Lang) -> str:
    """Return the panel for the place that ``wanted`` names with document, start and end; else the documents."""
    store = services.store
    document = wanted.get("document")
    problem = None
    try:
        if isinstance(document, str) and document:
            place = find_place(store, document, _offset(wanted.get("start")), _offset(wanted.get("end")))
            return render_place(place, lang, find_surroundings(store, place), unfolded=bool(wanted.get("unfold")))
    except NotFoundError:
        problem = say("no_document", lang)
    except Exception as error:  # noqa: BLE001 - the page stays usable whatever is wrong with one document
        problem = in_words(error, lang)
    try:
        return render_library(*find_listed(store), lang, problem)
    except Exception as error:  # noqa: BLE001 - as above, for the store
        return render_library((), 0, lang, in_words(error, lang))


def tasks(services: "Services", document: object, lang: Lang) -> str:
    """Return the tree of a document; of the first one where ``document`` names none."""
    try:
        return render_tasks(services.store, document if isinstance(document, str) else None, lang)
    except Exception as error:  # noqa: BLE001 - as above
        return render("tasks.html", lang, documents=(), chosen=None, branches=(), problem=in_words(error, lang))


def library(services: "Services", lang: Lang, problem: str | None = None) -> str:
    """Return the files, for an administrator; ``problem`` says what was not done."""
    kept = services.library
    if kept is None:
        return ""
    known: dict[str, object] = {"size": in_bytes, "problem": problem}
    try:
        files, storage = kept.files(), kept.storage()
    except Exception as error:  # noqa: BLE001 - as above
        known["problem"] = in_words(error, lang)
        return render("documents.html", lang, files=(), storage=None, busy=False, **known)
    busy = any(upload.state in ("waiting", "reading") for file in files for upload in file.versions)
    return render("documents.html", lang, files=files, storage=storage, busy=busy, **known)


def tend(services: "Services", owner: str, sent: Mapping[str, object], lang: Lang) -> str | None:
    """Do with a file what ``owner``, an administrator, sent: restore, discard, reindex, remove.

    Return what went wrong, if anything.
    """
    kept, which = services.library, str(sent.get("id", ""))
    if kept is None:
        return None
    deeds: dict[str, tuple[str, Callable[[str], object]]] = {
        "restore": (RESTORED, kept.restore),
        "discard": (DISCARDED, kept.discard),
        "reindex": (REINDEXED, lambda document: kept.reindex(document, owner)),
        "remove": (REMOVED, kept.remove_document),
    }
    if not (deed := deeds.get(str(sent.get("act")))):
        return None
    action, do = deed
    try:
        do(which)
    except Exception as error:  # noqa: BLE001 - whatever a file meets, the page stays usable
        return in_words(error, lang)
    services.auditor.note(owner, action, of=which)
    return None


def _offset(value: object) -> int:
    try:
        return int(str(value)[:_DIGITS])
    except ValueError:
        return 0
