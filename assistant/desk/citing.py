"""Citations of one result: numbered from 1 in the order in which they are first given."""

from assistant.answer import Citation
from vectorstore.records import Span, Unit
from vectorstore.sources import Sources


class Citations:
    """Collects what a result cites; the same span of a document is cited once."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._found: dict[tuple[str, int, int], Citation] = {}

    def cite(self, unit: Unit, span: Span | None = None) -> Citation:
        """Return the citation of ``span`` (document offsets) in ``unit``, of the whole unit where it is None."""
        start, end = (span.start, span.end) if span else (unit.start, unit.start + len(unit.text.rstrip()))
        key = unit.document_id, start, end
        if key not in self._found:
            document = self._sources.document(unit.document_id)
            self._found[key] = Citation.of(len(self._found) + 1, document, unit, start, end)
        return self._found[key]

    def all(self) -> list[Citation]:
        """Return all, in order of their numbers."""
        return list(self._found.values())
