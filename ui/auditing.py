"""What the doors note in the log of who did what (``ui.state.audit``).

The log must never cost a reader the answer: where it cannot be written, that is an error in the service's log, and the
work goes on.
"""

import logging
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ui.state.actions import QUESTION
from vectorstore.errors import ZhengceError

if TYPE_CHECKING:
    from assistant.answer import Answer
    from assistant.pipeline import Trace
    from ui.questions import Question
    from ui.state.audit import Audit

_log = logging.getLogger(__name__)


class Auditor:
    """Notes what is done. Without an ``audit`` it notes nothing; with ``questions`` it keeps their texts."""

    def __init__(self, audit: "Audit | None", *, questions: bool = True) -> None:
        self._audit = audit
        self._questions = questions

    def note(self, owner: str, action: str, question: str | None = None, **details: Any) -> None:
        """Note that ``owner`` did ``action``; ``details`` are ready for JSON. Never raises for a database that is away."""
        if self._audit is None:
            return
        shown: Mapping[str, Any] = details
        if question is not None and not self._questions:
            shown, question = {**details, "sealed_question": question}, None
        try:
            self._audit.note(owner, action, shown, question)
        except ZhengceError:
            _log.exception("the audit log could not be written: %s is not in it", action)

    def watch(self, owner: str, question: "Question", steps: "Iterator[Trace]") -> "Iterator[Trace]":
        """Yield ``steps``, the growing answer to ``question``, and note what came of it: also nothing, also an error."""
        if self._audit is None:
            yield from steps
            return
        started = time.monotonic()
        last: Trace | None = None
        status = "stopped"
        try:
            for last in steps:
                yield last
            status = last.answer.status if last else "failed"
        except Exception:
            status = "failed"
            raise
        finally:
            # GeneratorExit comes here, too: a reader who stops waiting has asked all the same
            said = last.answer if last and status != "stopped" else None
            took = round((time.monotonic() - started) * 1000)
            self.note(owner, QUESTION, question.question, **_told(said, status, took, question.conversation_id))


def _told(answer: "Answer | None", status: str, took: int, conversation: str | None) -> dict[str, Any]:
    cited = [[one.document_id, one.locator, one.start, one.end] for one in answer.citations] if answer else []
    return {
        "conversation": conversation,
        "status": status,
        "cited": cited,
        "engine": answer.engine if answer else None,  # with the version of the prompts, where a model wrote
        "ms": took,
    }
