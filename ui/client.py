"""A client in Python: ``ZhengceClient(base_url, key)`` calls the HTTP API and returns the models that it is made of.

    with ZhengceClient("http://127.0.0.1:7860") as zhengce:
        print(zhengce.ask("每年培训多少人？").answer)

Nothing of the service itself is imported: no model, no store, no web framework.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ValidationError

from assistant.answer import Answer, Citation, Turn
from ui.questions import Filters, in_address
from ui.streaming import Event
from ui.views import (
    Answered,
    BatchResults,
    Documents,
    DocumentView,
    DocumentWithText,
    ErrorBody,
    Hit,
    Hits,
    Unanswered,
    UnitPage,
    UnitView,
)
from ui.views_kept import Conversations, ConversationView, ExchangeView, SummaryView, Uploads, UploadView

if TYPE_CHECKING:
    from ui.client_desk import DeskClient

TIMEOUT = 120.0  # seconds; a language model takes its time
PAGE = 500  # units in one request
UNREACHABLE, UNREADABLE = "unreachable", "unreadable"  # codes of ours, beside those of the service

Asked = str | Mapping[str, Any]
M = TypeVar("M", bound=BaseModel)


class ClientError(Exception):
    """The service refused or failed, or could not be reached (``unreachable``) or understood (``unreadable``).

    ``code`` is for programs, ``message`` for people, ``status`` that of HTTP: 0 where there was no response, 200 where
    a stream ended in an error.
    """

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


class ZhengceClient:
    """Calls the service at ``base_url``, with an API ``key`` where it wants one; ``timeout`` is in seconds.

    Every method raises ClientError. One client keeps its connections and the cookie that its conversations belong to
    where there is no key. Use it as a context manager, or close it.
    """

    def __init__(
        self,
        base_url: str,
        key: str | None = None,
        timeout: float = TIMEOUT,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        headers = {"authorization": f"Bearer {key}"} if key else {}
        self._http = httpx.Client(base_url=base_url, headers=headers, timeout=timeout, transport=transport)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- questions -----------------------------------------------------------------------------------------------------

    def ask(self, question: str, history: Sequence[Turn] = (), filters: Filters | None = None) -> Answer:
        """Answer one question."""
        return self._send(Answer, "POST", "/api/v1/ask", json=_question(question, history, filters))

    def stream(self, question: str, history: Sequence[Turn] = (), filters: Filters | None = None) -> Iterator[Event]:
        """Yield the events of an answer while it is written.

        ``data`` is a list of Citation for ``evidence``, text for ``token``, a Citation for ``citation`` and the Answer
        for ``final``, which is last. Who closes the iterator stops the answer.
        """
        return self._events("/api/v1/ask/stream", _question(question, history, filters))

    def batch(self, questions: Iterable[Asked]) -> list[Answered | Unanswered]:
        """Answer many questions, at most 100, in order: texts, or mappings as in a line of ``zhengce batch``."""
        sent = [{"question": one} if isinstance(one, str) else dict(one) for one in questions]
        return self._send(BatchResults, "POST", "/api/v1/batch", json={"questions": sent}).results

    def search(self, words: str, k: int = 10, filters: Filters | None = None) -> list[Hit]:
        """Return the ``k`` units (at most 50) that fit ``words`` best, without an answer."""
        sent = {"q": words, "k": k, **in_address(filters)}
        return self._send(Hits, "GET", "/api/v1/search", params=sent).results

    @property
    def desk(self) -> "DeskClient":
        """The desk tools: ``client.desk.check("…")``, ``find``, ``targets``, ``diff``, ``evidence``, ``match``."""
        from ui.client_desk import DeskClient

        return DeskClient(self._send)

    # -- documents -----------------------------------------------------------------------------------------------------

    def documents(self) -> list[DocumentView]:
        """List the documents, without their texts."""
        return self._send(Documents, "GET", "/api/v1/documents").documents

    def document(self, document_id: str) -> DocumentWithText:
        """Return one document with its text."""
        return self._send(DocumentWithText, "GET", f"/api/v1/documents/{_part(document_id)}")

    def units(self, document_id: str | None = None) -> Iterator[UnitView]:
        """Yield the units of one document, or of all, in order; they are fetched page by page."""
        known = {"document": document_id} if document_id else {}
        offset = 0
        while True:
            page = self._send(UnitPage, "GET", "/api/v1/units", params={**known, "limit": PAGE, "offset": offset})
            yield from page.units
            offset += len(page.units)
            if not page.units or offset >= page.total:
                return

    def upload(self, *paths: Path | str) -> list[UploadView]:
        """Send files, at most 20; they are read in the background, and ``upload_state`` says how far each is."""
        with ExitStack() as opened:
            files = [("files", (Path(one).name, opened.enter_context(Path(one).open("rb")))) for one in paths]
            return self._send(Uploads, "POST", "/api/v1/documents", files=files).uploads

    def upload_state(self, upload_id: str) -> UploadView:
        """Return how far an upload is, and how it went."""
        return self._send(UploadView, "GET", f"/api/v1/uploads/{_part(upload_id)}")

    # -- conversations -------------------------------------------------------------------------------------------------

    def conversations(self, search: str = "") -> list[SummaryView]:
        """List one's conversations, the latest first."""
        return self._send(Conversations, "GET", "/api/v1/conversations", params={"search": search}).conversations

    def begin(self) -> ConversationView:
        """Begin a conversation."""
        return self._send(ConversationView, "POST", "/api/v1/conversations")

    def conversation(self, conversation_id: str) -> ConversationView:
        """Return a conversation with its exchanges."""
        return self._send(ConversationView, "GET", f"/api/v1/conversations/{_part(conversation_id)}")

    def say(self, conversation_id: str, question: str, filters: Filters | None = None) -> ExchangeView:
        """Ask within a conversation. What kept it from being answered is in ``problem``."""
        path = f"/api/v1/conversations/{_part(conversation_id)}/messages"
        return self._send(ExchangeView, "POST", path, json=_question(question, (), filters))

    def stream_say(self, conversation_id: str, question: str, filters: Filters | None = None) -> Iterator[Event]:
        """Yield the same as events, as ``stream`` does; ``exchange`` (an ExchangeView, not yet answered) comes first."""
        path = f"/api/v1/conversations/{_part(conversation_id)}/messages"
        return self._events(path, _question(question, (), filters))

    def forget(self, conversation_id: str) -> None:
        """Delete a conversation."""
        with self._told():
            _check(self._http.delete(f"/api/v1/conversations/{_part(conversation_id)}"))

    # -- how it goes over the wire -------------------------------------------------------------------------------------

    def _send(self, model: type[M], method: str, path: str, **sent: Any) -> M:
        with self._told():
            response = self._http.request(method, path, **sent)
            _check(response)
            return model.model_validate_json(response.content)

    def _events(self, path: str, body: dict[str, Any]) -> Iterator[Event]:
        with (
            self._told(),
            self._http.stream("POST", path, json=body, headers={"accept": "text/event-stream"}) as response,
        ):
            if not response.is_success:
                response.read()
            _check(response)
            for name, data in _messages(response.iter_lines()):
                if name == "error":
                    error = ErrorBody.model_validate_json(data).error
                    raise ClientError(error.code, error.message, response.status_code)
                yield _event(name, json.loads(data))

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except httpx.HTTPError as error:
            raise ClientError(UNREACHABLE, f"{self._http.base_url}: {error or type(error).__name__}", 0) from error
        except (ValidationError, json.JSONDecodeError) as error:
            raise ClientError(UNREADABLE, f"{self._http.base_url}: {type(error).__name__}", 200) from error


def _question(question: str, history: Sequence[Turn], filters: Filters | None) -> dict[str, Any]:
    limits = (filters or Filters()).model_dump(mode="json")
    return {"question": question, "history": [turn.model_dump() for turn in history], "filters": limits}


def _part(name: str) -> str:
    return quote(name, safe="")


def _check(response: httpx.Response) -> None:
    if response.is_success:
        return
    try:
        error = ErrorBody.model_validate_json(response.content).error
    except ValidationError:  # something between us and the service
        raise ClientError(UNREADABLE, f"HTTP {response.status_code}", response.status_code) from None
    raise ClientError(error.code, error.message, response.status_code)


def _messages(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the name and the data of each server-sent event; comments and ids are passed over."""
    name, data = "message", list[str]()
    for line in lines:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)
        elif not line and data:
            yield name, "\n".join(data)
            name, data = "message", []


def _event(name: str, data: Any) -> Event:
    """Return an event with its data as models."""
    if name == "token":
        return Event("token", data["text"])
    if name == "evidence":
        return Event("evidence", [Citation.model_validate(one) for one in data])
    models: dict[str, type[BaseModel]] = {"exchange": ExchangeView, "citation": Citation, "final": Answer}
    if name not in models:
        raise ClientError(UNREADABLE, name, 200)
    return Event(name, models[name].model_validate(data))  # type: ignore[arg-type]  # one of the names above
