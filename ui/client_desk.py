"""The desk tools of the client in Python: ``ZhengceClient(…).desk.check("…")`` returns the models that tools return.

Apart from ``ui.client``, because these models bring more of the service along than an answer does.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import Field

from assistant.desk.check import Check, CheckedSentence
from assistant.desk.diff import Diff
from assistant.desk.evidence import Evidence
from assistant.desk.find import Found
from assistant.desk.match import Sheet
from assistant.desk.targets import Ledger
from ui.questions import Filters, in_address

_PATH = "/api/v1/desk"
_UNKNOWN = -1


class _Sentence(CheckedSentence):
    start: int = Field(default=_UNKNOWN, exclude=True)
    end: int = Field(default=_UNKNOWN, exclude=True)


class _Check(Check):
    sentences: list[_Sentence]  # type: ignore[assignment]  # as it comes over the wire: without their places


class DeskClient:
    """Calls the tools by ``send`` (model, method, path, what is sent). Every method raises ClientError."""

    def __init__(self, send: Callable[..., Any]) -> None:
        self._send = send

    def check(self, text: str, filters: Filters | None = None) -> Check:
        """Return what each sentence of ``text`` is to the sources."""
        sent = {"text": text, "filters": _in_body(filters)}
        found: Check = self._send(_Check, "POST", f"{_PATH}/check", json=sent)
        return _placed(found, text)

    def check_file(self, path: Path | str, filters: Filters | None = None) -> Check:
        """Return the same of the file at ``path``; where sentences stand in its text is not told (``start`` is -1)."""
        with Path(path).open("rb") as stream:
            sent = {"file": (Path(path).name, stream)}
            found: Check = self._send(_Check, "POST", f"{_PATH}/check/file", files=sent, params=in_address(filters))
        return found

    def find(self, term: str, related: int = 10, filters: Filters | None = None) -> Found:
        """Return every unit that mentions ``term``, and at most ``related`` (up to 100) that mean it."""
        sent = {"term": term, "related": related, **in_address(filters)}
        found: Found = self._send(Found, "GET", f"{_PATH}/find", params=sent)
        return found

    def targets(self, document_id: str | None = None, filters: Filters | None = None) -> Ledger:
        """Return the targets of one document, or of all that are no news reports."""
        sent = in_address(filters) | ({"document": document_id} if document_id else {})
        found: Ledger = self._send(Ledger, "GET", f"{_PATH}/targets", params=sent)
        return found

    def diff(self, old: str, new: str) -> Diff:
        """Return what changed from the document ``old`` to the document ``new``."""
        found: Diff = self._send(Diff, "GET", f"{_PATH}/diff", params={"old": old, "new": new})
        return found

    def evidence(
        self, policy: str | None = None, report: str | None = None, filters: Filters | None = None
    ) -> Evidence:
        """Return which paragraphs of reports bear on which tasks, of one policy or report where its id is given."""
        named = {name: value for name, value in (("policy", policy), ("report", report)) if value}
        found: Evidence = self._send(Evidence, "GET", f"{_PATH}/evidence", params=in_address(filters) | named)
        return found

    def match(self, description: str, filters: Filters | None = None) -> Sheet:
        """Return what the sources hold for an enterprise that describes itself."""
        sent = {"description": description, "filters": _in_body(filters)}
        found: Sheet = self._send(Sheet, "POST", f"{_PATH}/match", json=sent)
        return found


def _in_body(filters: Filters | None) -> dict[str, Any]:
    return (filters or Filters()).model_dump(mode="json")


def _placed(found: Check, text: str) -> Check:
    """Return ``found`` with the places of its sentences in ``text``."""
    at = 0
    for one in found.sentences:
        start = text.find(one.text, at)
        if start >= 0:
            one.start, one.end = start, start + len(one.text)
            at = one.end
    return found
