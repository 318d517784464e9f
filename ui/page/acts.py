"""What the events of the page do: ``Acts``.

The conversation itself lives in the database; a browser's session holds only which one is open and what questions are
limited to (``Seat``). Each act takes what the browser sent, the seat, and who asks; it returns blocks of HTML. Gradio
reads from the types of an act whether it wants the event and the request.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast, get_args

import gradio as gr
from pydantic import ValidationError

from ui.access.visitors import Visitor, visitor_of
from ui.conversing import converse, stop_latest
from ui.page import content
from ui.page.filters import read_filter
from ui.page.texts import say
from ui.page.transcript import render_welcome
from ui.state.actions import CONVERSATION_DELETED
from ui.state.records import Rating, Reason
from ui.telling import in_words
from ui.texts import Lang
from ui.validation import explain
from vectorstore.errors import NotFoundError, ZhengceError
from vectorstore.records import Filter

if TYPE_CHECKING:
    from ui.wiring import Services


@dataclass(frozen=True, slots=True)
class Seat:
    """What one open page is at: its conversation, if any, and what questions are limited to."""

    conversation: str | None = None
    within: Filter = field(default_factory=Filter)


class Acts:
    """What the events of one page do; each takes what the browser sent, the seat, and who asks."""

    def __init__(self, services: "Services", lang: Lang) -> None:
        self._services = services
        self._lang = lang

    def greet(self, request: gr.Request) -> tuple[Any, ...]:
        """Fill the page as its address says: a conversation, a place in a document."""
        services, lang, visitor = self._services, self._lang, _visitor(request)
        wanted = dict(request.query_params)
        seat = Seat(wanted.get("conversation"))
        library = content.library(services, lang) if visitor.admin else ""
        panel = content.source(services, wanted, lang)
        return (
            content.top(services, visitor, lang),
            *self._talk(visitor, seat),
            content.tasks(services, wanted.get("document"), lang),
            library,
            panel,
        )

    def ask(self, event: gr.EventData, typed: str, seat: Seat, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """Show the question at once and the answer as it grows. A button brings its question with it."""
        services, lang, owner = self._services, self._lang, _visitor(request).owner
        sent = _sent(event)
        brought, replaces = sent.get("question"), sent.get("replaces")
        asked = brought if isinstance(brought, str) else typed
        if not asked.strip():
            return
        emptied = {} if asked is brought else {"value": ""}
        try:
            if not seat.conversation:
                seat = replace(seat, conversation=services.state.conversations.create(owner).id)
            grown = converse(
                services, owner, str(seat.conversation), asked, seat.within,
                replaces=replaces if isinstance(replaces, str) else None, lang=lang,
            )  # fmt: skip
            for number, talk in enumerate(grown):
                beside: tuple[Any, ...] = (gr.skip(),) * 3
                if number == 0:  # the first question has just named the conversation
                    listed = content.sidebar(services, owner, lang, seat.conversation)
                    beside = self._line(busy=True, **emptied), listed, seat
                yield content.exchanges(services, talk, lang), *beside
        except ZhengceError as error:
            yield render_welcome((), False, lang, in_words(error, lang)), gr.skip(), gr.skip(), gr.skip()
        yield gr.skip(), self._line(), gr.skip(), gr.skip()

    def stop(self, seat: Seat, request: gr.Request) -> tuple[Any, Any]:
        """Show what there is of a conversation whose answer was stopped."""
        visitor = _visitor(request)
        stop_latest(self._services, visitor.owner, seat.conversation)
        shown = content.transcript(self._services, visitor, self._lang, seat.conversation)
        return shown, self._line()

    def open(self, event: gr.EventData, seat: Seat, request: gr.Request) -> tuple[Any, ...]:
        """Open another conversation, or begin a new one."""
        visitor, wanted = _visitor(request), _sent(event).get("conversation")
        stop_latest(self._services, visitor.owner, seat.conversation)
        seat = replace(seat, conversation=wanted if isinstance(wanted, str) else None)
        return (*self._talk(visitor, seat), self._line())

    def arrange(self, event: gr.EventData, seat: Seat, request: gr.Request) -> tuple[Any, ...]:
        """Search, rename or delete conversations."""
        visitor, sent = _visitor(request), _sent(event)
        kept = self._services.state.conversations
        which, name = str(sent.get("conversation", "")), sent.get("name")
        with suppress(ZhengceError):  # it is gone, or the name is empty: the list shows what there is
            if isinstance(name, str):
                kept.rename(visitor.owner, which, name)
            elif which:
                kept.delete(visitor.owner, which)
                self._services.auditor.note(visitor.owner, CONVERSATION_DELETED, conversation=which)
        if which and which == seat.conversation:
            return self._talk(visitor, replace(seat, conversation=which if isinstance(name, str) else None))
        listed = content.sidebar(self._services, visitor.owner, self._lang, seat.conversation, sent.get("search"))
        return gr.skip(), listed, gr.skip(), gr.skip()

    def rate(self, event: gr.EventData, seat: Seat, request: gr.Request) -> str:
        """Keep what somebody thinks of an answer."""
        visitor = _visitor(request)
        sent = _sent(event)
        rating, reason = sent.get("rating"), sent.get("reason")
        with suppress(NotFoundError):
            self._services.state.conversations.rate(
                visitor.owner,
                str(sent.get("exchange")),
                cast("Rating", rating) if rating in get_args(Rating) else None,
                cast("Reason", reason) if reason in get_args(Reason) else None,
                str(sent.get("comment") or ""),
            )
        return content.transcript(self._services, visitor, self._lang, seat.conversation)

    def limit(self, event: gr.EventData, seat: Seat) -> tuple[str, Seat]:
        """Limit the next questions to what was chosen."""
        problem = None
        try:
            seat = replace(seat, within=read_filter(_sent(event)))
        except ValidationError as error:
            problem = explain(error.errors(), self._lang)
        return content.filter_bar(self._services, seat.within, self._lang, problem), seat

    def browse(self, event: gr.EventData) -> str:
        """Show the tree of another document."""
        return content.tasks(self._services, _sent(event).get("document"), self._lang)

    def tend(self, event: gr.EventData, request: gr.Request) -> tuple[Any, Any]:
        """Do what an administrator wants done with a document, and show the documents as they are then."""
        visitor = _visitor(request)
        if not visitor.admin:
            return gr.skip(), gr.skip()
        sent = _sent(event)
        problem = content.tend(self._services, visitor.owner, sent, self._lang)
        tree = content.tasks(self._services, sent.get("browsing"), self._lang)
        return content.library(self._services, self._lang, problem), tree

    def open_source(self, event: gr.EventData) -> str:
        """Show a place in a document, or the documents where none is named."""
        return content.source(self._services, _sent(event), self._lang)

    def _talk(self, visitor: Visitor, seat: Seat) -> tuple[Any, ...]:
        services, lang = self._services, self._lang
        return (
            content.transcript(services, visitor, lang, seat.conversation),
            content.sidebar(services, visitor.owner, lang, seat.conversation),
            content.filter_bar(services, seat.within, lang),
            seat,
        )

    def _line(self, *, busy: bool = False, **changed: Any) -> Any:
        """Return the change of the line to write on: while an answer is written, it can be stopped."""
        send, stop = (False, say("stop", self._lang)) if busy else (say("send", self._lang), False)
        return gr.Textbox(submit_btn=send, stop_btn=stop, **changed)


def _visitor(request: gr.Request) -> Visitor:
    return visitor_of(request.request)


def _sent(event: gr.EventData) -> dict[str, object]:
    """Return what the browser sent with ``event``."""
    data = event._data  # noqa: SLF001 (its attributes raise where the browser sent nothing)
    return data if isinstance(data, dict) else {}
