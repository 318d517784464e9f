"""The tabs and what each tool is given, as HTML."""

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ui.access.arrival import MAX_DRAFT
from ui.page.desk import TOOLS, Tool
from ui.page.desk.texts import tell
from ui.page.desk.tools import most_chars
from ui.page.templates import render
from ui.texts import Lang
from vectorstore.records import Filter, Kind, Record

if TYPE_CHECKING:
    from ui.wiring import Services
    from vectorstore.store import Store

_LOOKED_AT = 40  # terms that may become a hint
_HINTS = 4
_SHORT = 6  # characters
_FIGURES = re.compile(r"[^\d\s].{6,}\d.*。\s*$")  # a whole sentence with a figure that is no number of its paragraph
_FIGURE = re.compile(r"(?<![\d.])\d+(?![\d.]|\s*[年月日])")  # that is no date
_WHOLE = re.compile(r"^\D{8,}。$")
_SAMPLE_READ = 400  # units read for it


@dataclass(frozen=True, slots=True)
class Choices:
    """The documents that can be chosen, and the two that are compared unless others are."""

    documents: tuple[Record, ...]
    policies: tuple[Record, ...]
    reports: tuple[Record, ...]
    old: str | None = None
    new: str | None = None


def render_tabs(lang: Lang) -> str:
    """Return the row of tabs."""
    return render("desk_tabs.html", lang, d=partial(tell, lang=lang), tools=TOOLS)


def render_form(
    tool: Tool, services: "Services", lang: Lang, *, draft: str = "", problem: str | None = None, opening: int = 0
) -> str:
    """Return what ``tool`` is given, filled with ``draft``; ``problem`` says why a draft could not be read.

    ``opening`` numbers the files that are opened, so that the same file is another answer.
    """
    store = services.store
    return render(
        "desk_form.html",
        lang,
        d=partial(tell, lang=lang),
        tool=tool,
        empty=store.is_empty(),
        most=most_chars(services.settings, tool),
        most_bytes=MAX_DRAFT,
        choices=choices(store) if tool in ("targets", "diff", "evidence") else None,
        hints=hints(store) if tool == "find" else [],
        sample=sample_draft(store, lang) if tool == "check" else tell("sample_description", lang),
        draft=draft,
        problem=problem,
        opening=opening,
    )


def choices(store: "Store") -> Choices:
    """Return what can be chosen; the last two editions of the first policy that has several are compared."""
    documents = store.records()
    reports = tuple(document for document in documents if document.kind is Kind.NEWS)
    policies = tuple(document for document in documents if document.kind is not Kind.NEWS)
    editions = (store.editions(policy.id) for policy in policies)
    old, new = next((several[-2:] for several in editions if len(several) > 1), (None, None))
    return Choices(tuple(documents), policies, reports, old, new)


def hints(store: "Store") -> list[str]:
    """Return some short terms of the corpus, those that most units mention."""
    short = [term for term in store.terms() if term.isalpha() and len(term) <= _SHORT]
    some = short[:: len(short) // _LOOKED_AT + 1]
    return sorted(some, key=lambda term: store.rarity(term)[0])[:_HINTS]


def sample_draft(store: "Store", lang: Lang) -> str:
    """Return a sentence of a policy in force, another with its figure altered, and one of none; empty without policies."""
    sources = store.within(Filter())
    policy = next((one for one in sources.records() if one.kind is not Kind.NEWS), None)
    if policy is None:
        return ""
    text = store.document(policy.id).text
    units = (unit for unit in store.units(policy.id)[:_SAMPLE_READ] if unit.type.citable)
    sentences = [text[span.start : span.end].strip() for unit in units for span in unit.sentences]
    figured = next((one for one in sentences if _FIGURES.search(one) and _FIGURE.search(one)), "")
    held = next((one for one in sentences if _WHOLE.search(one) and one != figured), "")
    altered = _FIGURE.sub(lambda figure: f"{figure[0]}0", figured, count=1)
    return "\n".join(one for one in (held, altered, tell("sample_unheld", lang)) if one)
