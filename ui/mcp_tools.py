"""The tools of the MCP server: what each takes (with its bounds), what it gives, and how that reads as text."""

from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import Field

from assistant.answer import Answer, Citation, Turn
from ui.mcp_desk import DESK_TOOLS
from ui.mcp_tool import Arguments, Limited, Tool
from ui.questions import Question, Short
from ui.texts import say
from ui.views import DocumentPage, DocumentView, Hits, UnitView
from ui.wiring import Services
from vectorstore.errors import NotFoundError
from vectorstore.text import fold

MAX_TEXT = 10_000  # characters of a question or of one turn; the settings may allow fewer
MAX_TURNS = 100
MAX_LIST = 200

__all__ = ["TOOLS", "Tool"]


class AskArguments(Limited):
    """A question."""

    question: Annotated[str, Field(description=say("mcp_question"), min_length=1, max_length=MAX_TEXT)]
    history: Annotated[list[Turn], Field(default_factory=list, description=say("mcp_history"), max_length=MAX_TURNS)]


class SearchArguments(Limited):
    """Words to search for."""

    query: Annotated[str, Field(description=say("mcp_query"), min_length=1, max_length=MAX_TEXT)]
    k: Annotated[int, Field(description=say("mcp_k"), ge=1, le=50)] = 10


class UnitArguments(Arguments):
    """Where a unit is: as a citation says it."""

    document_id: Annotated[Short, Field(description=say("mcp_document_id"))]
    locator: Annotated[list[Short], Field(default_factory=list, description=say("mcp_locator"), max_length=20)]
    start: Annotated[int | None, Field(description=say("mcp_start"), ge=0)] = None


class ListArguments(Arguments):
    """Which of the documents."""

    limit: Annotated[int, Field(description=say("mcp_limit"), ge=1, le=MAX_LIST)] = 50
    offset: Annotated[int, Field(description=say("mcp_offset"), ge=0)] = 0


class UnitWithTitle(UnitView):
    """A unit with the title of its document."""

    title: str


def _ask(services: Services, given: AskArguments, owner: str) -> Answer:
    return services.ask(Question(question=given.question, history=given.history, filters=given.filters()), owner)


def _search(services: Services, given: SearchArguments, _owner: str) -> Hits:
    asked = Question(question=given.query, filters=given.filters())
    return Hits(query=given.query, results=services.search(asked, given.k))


def _read_unit(services: Services, given: UnitArguments, _owner: str) -> UnitWithTitle:
    document = services.store.document(given.document_id)
    units = services.store.units(given.document_id)
    locator = [fold(label) for label in given.locator]
    if given.start is not None:
        found = [unit for unit in units if unit.start <= given.start < unit.end]
    else:
        found = [unit for unit in units if locator and [fold(label) for label in unit.locator] == locator]
    if not found:
        raise NotFoundError(say("mcp_no_unit"))
    return UnitWithTitle(**UnitView.of(found[0]).model_dump(), title=document.title)


def _list_documents(services: Services, given: ListArguments, _owner: str) -> DocumentPage:
    documents = services.store.documents()
    page = documents[given.offset : given.offset + given.limit]
    store = services.store
    shown = [DocumentView.of(one, store.units(one.id), store.standing(one.id)).without_folder() for one in page]
    return DocumentPage(documents=shown, total=len(documents), limit=given.limit, offset=given.offset)


def _answer_text(answer: Answer) -> str:
    return "\n".join([answer.answer, *_listed(say("citations"), answer.citations, "[{id}]"),
                      *_listed(say("nearest"), answer.nearest, "·")])  # fmt: skip


def _listed(heading: str, citations: Sequence[Citation], mark: str) -> Iterable[str]:
    if citations:
        yield f"\n{heading}"
    for one in citations:
        place = f"document_id={one.document_id} start={one.start}"
        yield f"{mark.format(id=one.id)} {one.label} 《{one.title}》（{place}）：{one.quote.strip()}"


def _hits_text(hits: Hits) -> str:
    return "\n".join(_listed(say("mcp_found", count=len(hits.results)), hits.results, "{id}.")) or say("mcp_nothing")


def _unit_text(unit: UnitWithTitle) -> str:
    return "\n".join([f"《{unit.title}》", *unit.heading_path, unit.text.strip()])


def _documents_text(page: DocumentPage) -> str:
    lines = [
        f"{one.id} 《{one.title}》 {one.kind} {one.issuer or ''} {one.date or ''}".rstrip() for one in page.documents
    ]
    return "\n".join([say("mcp_total", total=page.total), *lines])


TOOLS = {
    tool.name: tool
    for tool in (
        Tool("ask", AskArguments, Answer, _ask, _answer_text, "ask"),
        Tool("search", SearchArguments, Hits, _search, _hits_text, "search"),
        Tool("read_unit", UnitArguments, UnitWithTitle, _read_unit, _unit_text, "read"),
        Tool("list_documents", ListArguments, DocumentPage, _list_documents, _documents_text, "read"),
        *DESK_TOOLS,
    )
}
