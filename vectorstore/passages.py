"""What a unit reads like on its own: the title and the headings above it, and its text in windows that a model can read.

The embedding, the index of words and the ranker all see a unit in this form, at ingest and when a question is asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from vectorstore.records import Document, Span, Unit

PASSAGES = "1"  # of what units read like: an index that was made of another form is made anew
WINDOW_CHARS = 300  # nine units in ten are shorter; with the context within 320 tokens
OVERLAP_CHARS = 90  # whole sentences up to this length are repeated at the head of the next window
_TITLE_CHARS, _HEADING_CHARS = 60, 40


@dataclass(frozen=True, slots=True)
class Window:
    """A run of whole sentences of a unit: ``text == document.text[start:end]``, the spans in document offsets."""

    start: int
    end: int
    sentences: tuple[Span, ...]


def context_of(document: Document, unit: Unit) -> str:
    """Return the title of ``document`` and the headings above ``unit``, long ones cut."""
    names = [document.title[:_TITLE_CHARS], *(heading[:_HEADING_CHARS] for heading in unit.heading_path)]
    return " ".join(name for name in names if name)


def passage_of(document: Document, unit: Unit) -> str:
    """Return what ``unit`` reads like: its context, and its whole text."""
    return f"{context_of(document, unit)}\n{unit.text}"


def windows(unit: Unit) -> Iterator[Window]:
    """Yield the windows of ``unit`` in order; a sentence that is longer than one stands alone."""
    run: list[Span] = []
    for sentence in unit.sentences:
        if run and sentence.end - run[0].start > WINDOW_CHARS:
            yield Window(run[0].start, run[-1].end, tuple(run))
            run = _tail(run, sentence)
        run.append(sentence)
    if run:
        yield Window(run[0].start, run[-1].end, tuple(run))


def _tail(run: list[Span], following: Span) -> list[Span]:
    """The last sentences of ``run`` that the next window begins with."""
    kept: list[Span] = []
    for sentence in reversed(run[1:]):
        if run[-1].end - sentence.start > OVERLAP_CHARS or following.end - sentence.start > WINDOW_CHARS:
            break
        kept.insert(0, sentence)
    return kept
