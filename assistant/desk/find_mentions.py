"""Where a term stands: every citable unit that holds it, white space aside."""

import re
from dataclasses import dataclass

from assistant.mentions import mention_of
from vectorstore.records import Span, Unit
from vectorstore.sources import Sources
from vectorstore.text import fold

_BLANK = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Mention:
    """A unit that holds a term ``times`` times, none of them overlapping; ``span`` is the sentence that does."""

    unit: Unit
    span: Span
    times: int


def squeezed(text: str) -> str:
    """Return ``text`` folded and without white space."""
    return _BLANK.sub("", fold(text))


def mentions_of(term: str, sources: Sources) -> list[Mention]:
    """Return every citable unit that holds the squeezed ``term``, in document order."""
    units = sources.containing(term)
    if len(term) > 1:
        units = _with_spaced(term, units, sources)
    return [_mention(term, unit) for unit in units]


def _with_spaced(term: str, units: list[Unit], sources: Sources) -> list[Unit]:
    """Add the units in which white space parts the term. Only those with white space in them need to be read for it."""
    held = {(unit.document_id, unit.ordinal) for unit in units}
    blank = {(u.document_id, u.ordinal): u for char in (" ", "\n") for u in sources.containing(char)}
    more = [unit for address, unit in blank.items() if address not in held and term in squeezed(unit.text)]
    if not more:
        return units
    order = {document.id: place for place, document in enumerate(sources.documents())}
    return sorted((*units, *more), key=lambda unit: (order[unit.document_id], unit.ordinal))


def _mention(term: str, unit: Unit) -> Mention:
    times = squeezed(unit.text).count(term)
    if term in fold(unit.text):
        return Mention(unit, mention_of(term, unit).span, times)
    first, last = _place(term, unit.text)
    around = [s for s in unit.sentences if s.end > unit.start + first and s.start <= unit.start + last]
    return Mention(unit, Span(around[0].start, around[-1].end), times)


def _place(term: str, text: str) -> tuple[int, int]:
    """Return the offsets of the first and the last character of ``term`` in ``text``, which has it with white space."""
    kept = [at for at, char in enumerate(fold(text)) if not char.isspace()]
    start = squeezed(text).find(term)
    return kept[start], kept[start + len(term) - 1]
