"""The tabs and what each tool is given, as HTML."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from ui.page.desk import TOOLS, Tool
from ui.page.desk.texts import tell
from ui.page.desk.tools import MAX_FILE, most_chars
from ui.page.templates import render
from ui.texts import Lang
from vectorstore.records import Document, Kind

if TYPE_CHECKING:
    from ui.wiring import Services
    from vectorstore.store import Store

_LOOKED_AT = 12  # terms that may become a hint
_HINTS = 4
_FIGURES = re.compile(r"[^\d\s].{6,}\d.*。\s*$")  # a whole sentence with a figure that is no number of its paragraph
_SAMPLE = 3  # sentences of a sample draft
_SAMPLE_READ = 400  # units read for it


@dataclass(frozen=True, slots=True)
class Choices:
    """The documents that can be chosen, and the two that are compared unless others are."""

    documents: tuple[Document, ...]
    policies: tuple[Document, ...]
    reports: tuple[Document, ...]
    old: str | None = None
    new: str | None = None


def render_tabs(lang: Lang) -> str:
    """Return the row of tabs."""
    return render("desk_tabs.html", lang, d=partial(tell, lang=lang), tools=TOOLS)


def render_form(tool: Tool, services: "Services", lang: Lang, *, draft: str = "", problem: str | None = None) -> str:
    """Return what ``tool`` is given, filled with ``draft``; ``problem`` says why a draft could not be read."""
    store = services.store
    return render(
        "desk_form.html",
        lang,
        d=partial(tell, lang=lang),
        tool=tool,
        empty=store.is_empty(),
        most=most_chars(services.settings, tool),
        most_bytes=MAX_FILE,
        choices=choices(store) if tool in ("targets", "diff", "evidence") else None,
        hints=tuple(hints(store)) if tool == "find" else (),
        sample=sample_draft(store) if tool == "check" else tell("sample_description", lang),
        draft=draft,
        problem=problem,
    )


def choices(store: "Store") -> Choices:
    """Return what can be chosen; the last two editions of the first policy that has several are compared."""
    documents = store.documents()
    reports = tuple(document for document in documents if document.kind is Kind.NEWS)
    policies = tuple(document for document in documents if document.kind is not Kind.NEWS)
    editions = (store.editions(policy.id) for policy in policies)
    old, new = next((several[-2:] for several in editions if len(several) > 1), (None, None))
    return Choices(tuple(documents), policies, reports, old, new)


def hints(store: "Store") -> Iterator[str]:
    """Yield some terms that several units mention."""
    known = islice(store.terms(), _LOOKED_AT)
    return islice((term for term in known if len(store.containing(term)) > 1), _HINTS)


def sample_draft(store: "Store") -> str:
    """Return some sentences with figures from the first policy; empty where there is none."""
    policy = next((one for one in store.documents() if one.kind is not Kind.NEWS), None)
    if policy is None:
        return ""
    units = (unit for unit in store.units(policy.id)[:_SAMPLE_READ] if unit.type.citable)
    sentences = (policy.text[span.start : span.end] for unit in units for span in unit.sentences)
    return "".join(islice((one.strip() for one in sentences if _FIGURES.search(one)), _SAMPLE))
