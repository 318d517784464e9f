"""The task browser as HTML: one document as the tree of its headings, with its tasks as leaves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant.around import targets
from ui.page.templates import render
from ui.texts import Lang
from vectorstore.records import Kind, Record, Unit, UnitType

if TYPE_CHECKING:
    from vectorstore.store import Store


@dataclass(slots=True)
class Branch:
    """A unit with what stands under it: a heading with its tasks, or a task with nothing. ``targets`` counts its own."""

    unit: Unit
    targets: int = 0
    children: list["Branch"] = field(default_factory=list)


def render_tasks(store: "Store", document_id: str | None, lang: Lang) -> str:
    """Return the tree of the document, or of the first policy where there is no such one."""
    documents = store.records()
    chosen = _chosen(documents, document_id)
    branches = tree(store.units(chosen.id)) if chosen else []
    return render("tasks.html", lang, documents=documents, chosen=chosen, branches=branches, problem=None)


def tree(units: Iterable[Unit]) -> list[Branch]:
    """Return the units of a document, in order, each under the headings above it; the title is left out."""
    roots: list[Branch] = []
    open_headings: list[Branch] = []
    for unit in units:
        if unit.type is UnitType.TITLE or not unit.text.strip():
            continue
        branch = Branch(unit, len(targets(unit)) if unit.type.citable else 0)
        del open_headings[len(unit.heading_path) :]
        (open_headings[-1].children if open_headings else roots).append(branch)
        if unit.type is UnitType.HEADING:
            open_headings.append(branch)
    return roots


def _chosen(documents: Sequence[Record], document_id: str | None) -> Record | None:
    if document_id and (named := next((d for d in documents if d.id == document_id), None)):
        return named
    return next((d for d in documents if d.kind is not Kind.NEWS), next(iter(documents), None))
