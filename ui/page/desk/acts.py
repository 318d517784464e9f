"""What the events of the desk do: ``DeskActs``. The desk keeps nothing: each act has all that it needs from the browser."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import gradio as gr

from ui.access.visitors import visitor_of
from ui.desk.desk import Desk
from ui.page.desk import TOOLS, Tool
from ui.page.desk.forms import render_form, render_tabs
from ui.page.desk.results import render_problem, render_result
from ui.page.desk.texts import tell
from ui.page.desk.tools import opened_draft, run_tool
from ui.telling import in_words
from ui.texts import Lang

if TYPE_CHECKING:
    from ui.wiring import Services

LISTING: tuple[Tool, ...] = ("targets", "diff", "evidence")  # the tools that list the documents


class DeskActs:
    """What the events of one page do; each takes what the browser sent, and who asks."""

    def __init__(self, services: "Services", lang: Lang) -> None:
        self._services = services
        self._lang = lang

    def greet_desk(self, request: gr.Request) -> tuple[str, ...]:
        """Fill the tabs and the forms; those that list documents only where the address names the desk: lists are long."""
        here = request.query_params.get("view") == "desk"
        forms = (self._form(tool) if here or tool not in LISTING else "" for tool in TOOLS)
        return render_tabs(self._lang), *forms

    def relist(self) -> tuple[str, ...]:
        """Fill the forms that list documents as somebody comes to the desk: there may be others by now."""
        return tuple(map(self._form, LISTING))

    def take_draft(self, event: gr.EventData) -> str:
        """Put the text of a file that was opened on the form of the check."""
        sent, lang = _sent(event), self._lang
        which = _number(sent)
        try:
            draft = opened_draft(sent, self._services.settings, lang)
        except Exception as error:  # noqa: BLE001 - whatever a file meets, the page stays usable
            return self._form("check", problem=in_words(error, lang), opening=which)
        return self._form("check", draft=draft, opening=which)

    def running(self, tool: Tool) -> Callable[[gr.EventData, gr.Request], str]:
        """Return the act that runs ``tool`` and shows its result."""

        def act(event: gr.EventData, request: gr.Request) -> str:
            sent, lang = _sent(event), self._lang
            which = _number(sent)
            try:
                if self._services.store.is_empty():
                    return render_problem(tell("empty_store", lang), which, lang)
                desk = Desk(self._services, visitor_of(request.request).owner)
                return render_result(tool, run_tool(desk, tool, sent, lang), which, lang)
            except Exception as error:  # noqa: BLE001 - as above
                return render_problem(in_words(error, lang), which, lang)

        act.__name__ = "run_tool"  # by which the page's doors know it
        return act

    def _form(self, tool: Tool, draft: str = "", problem: str | None = None, opening: int = 0) -> str:
        try:
            return render_form(tool, self._services, self._lang, draft=draft, problem=problem, opening=opening)
        except Exception as error:  # noqa: BLE001 - the page opens even where the store does not
            return render_problem(in_words(error, self._lang), 0, self._lang)


def _sent(event: gr.EventData) -> Mapping[str, object]:
    """Return what the browser sent with ``event``."""
    data = event._data  # noqa: SLF001 (its attributes raise where the browser sent nothing)
    return data if isinstance(data, dict) else {}


def _number(sent: Mapping[str, object]) -> int:
    """Return which act of the page it is, as the page counts them."""
    number = sent.get("run")
    return number if isinstance(number, int) else 0
