"""The desk tools as every door calls them: what is given is bounded, filters become sources, use is noted.

    Desk(services, owner).check(text, filters)  →  assistant.desk.check on store.within(filters)  →  Check

The result is the model that the doors dump as JSON; ``ui.desk.formats`` makes a file of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from assistant.desk.check import Check, check
from assistant.desk.diff import Diff, diff
from assistant.desk.evidence import Evidence, evidence
from assistant.desk.find import Found, find
from assistant.desk.match import Sheet, match
from assistant.desk.targets import Ledger, targets
from ui.desk.draft_files import Draft
from ui.questions import Filters
from ui.texts import say
from vectorstore.errors import DeskError, StoreEmptyError
from vectorstore.records import Document, Unit

if TYPE_CHECKING:
    from ui.wiring import Services
    from vectorstore.sources import Sources

MAX_TERM = 200  # characters; a term is a name, not a paragraph
RELATED, MAX_RELATED = 10, 100
USED = "desk"  # what the audit log calls the use of a tool

Side = str | Draft  # an edition: the id of a document, or a file that is not indexed
_ALL = Filters()


@dataclass(frozen=True, slots=True)
class Desk:
    """The tools on ``services``, used by ``owner``.

    All raise DeskError and NotFoundError for what was given, and StoreEmptyError where nothing is indexed.
    """

    services: "Services"
    owner: str = "unknown"

    def check(self, draft: str, filters: Filters = _ALL) -> Check:
        """Return what each sentence of ``draft`` is to the sources."""
        _bounded("desk_draft", draft, self.services.settings.max_draft_chars)
        found = check(draft, self._sources(filters), self.services.embedder)
        verdicts = [one.verdict.value for one in found.sentences]
        self._note("check", characters=len(draft), verdicts={one: verdicts.count(one) for one in sorted(set(verdicts))})
        return found

    def find(self, term: str, filters: Filters = _ALL, related: int = RELATED) -> Found:
        """Return every unit that mentions ``term``, and at most ``related`` that mean it."""
        _bounded("desk_term", term, MAX_TERM)
        found = find(term, self._sources(filters), self.services.embedder, related=related)
        self._note("find", words=term, exact=len(found.exact), related=len(found.related))
        return found

    def targets(self, document_id: str | None = None, filters: Filters = _ALL) -> Ledger:
        """Return the ledger of one document (also where ``filters`` name just one), or of all that are no reports."""
        only = document_id or (filters.documents[0] if len(set(filters.documents)) == 1 else None)
        found = targets(self._sources(filters, only), only)
        self._note("targets", document=only, targets=len(found.targets))
        return found

    def diff(self, old: Side, new: Side) -> Diff:
        """Return what changed from ``old`` to ``new``; an earlier edition need not be in force."""
        found = diff(self._edition(old), self._edition(new))
        self._note("diff", old=found.old.document_id, new=found.new.document_id)
        return found

    def evidence(self, policy: str | None = None, report: str | None = None, filters: Filters = _ALL) -> Evidence:
        """Return which paragraphs of reports bear on which tasks, of one policy or report where it is named."""
        sources = self._sources(filters, policy, report)
        found = evidence(sources, self.services.embedder, policy=policy, report=report)
        self._note("evidence", policy=policy, report=report, links=len(found.links))
        return found

    def match(self, description: str, filters: Filters = _ALL) -> Sheet:
        """Return what the sources hold for the enterprise of ``description``."""
        _bounded("desk_description", description, self.services.settings.max_question_chars)
        found = match(description, self._sources(filters), self.services.embedder)
        self._note("match", words=description, lines=sum(len(one.lines) for one in found.sections))
        return found

    def _sources(self, filters: Filters, *named: str | None) -> "Sources":
        """Return what ``filters`` let through, and of what they leave out for its age what is ``named``."""
        store = self.services.store
        if store.is_empty():
            raise StoreEmptyError(say("no_documents", self.services.settings.lang))
        within = filters.to_filter()
        sources = store.within(within)
        wanted = [store.document(one).id for one in named if one]
        held = [document.id for document in sources.documents()] if wanted else []
        if set(wanted) <= set(held):
            return sources
        return store.within(replace(within, documents=(*held, *wanted)))

    def _edition(self, side: Side) -> tuple[Document, Sequence[Unit]]:
        if isinstance(side, Draft):
            return side.edition()
        return self.services.store.document(side), self.services.store.units(side)

    def _note(self, tool: str, words: str | None = None, **details: Any) -> None:
        self.services.auditor.note(self.owner, USED, words, tool=tool, **details)


def _bounded(what: str, text: str, limit: int) -> None:
    """Raise DeskError where ``text`` is blank, no text, or longer than ``limit`` characters."""
    if not text.strip():
        raise DeskError(say(f"{what}_empty"))
    if len(text) > limit:
        raise DeskError(say(f"{what}_long", count=len(text), limit=limit))
    if any("\ud800" <= char <= "\udfff" for char in text):  # JSON may hold half of a surrogate pair
        raise DeskError(say("desk_garbled"))
