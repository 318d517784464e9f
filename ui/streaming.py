"""An answer as a row of events, the same for a terminal, JSON lines and a server-sent stream.

evidence   the citations that the answer rests on so far
token      the next piece of the answer; the pieces, joined, are the answer
citation   a citation, right after the piece that first uses it
final      the whole answer

A door may add ``exchange`` in front (where the answer is kept) and end with ``error`` instead of ``final``.
"""

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from assistant.answer import Answer, Sentence


@dataclass(frozen=True, slots=True)
class Event:
    """One step of an answer; ``data`` is ready for JSON."""

    event: Literal["exchange", "evidence", "token", "citation", "final", "error"]
    data: Any


def answer_events(grown: Iterable[Answer]) -> Generator[Event]:
    """Yield the events of an answer that grows, ``final`` last; ``grown`` holds it at each step, whole at the end."""
    shown: set[int] = set()
    sent = 0
    answer: Answer | None = None
    for answer in grown:
        citations = {citation.id: citation.model_dump(mode="json") for citation in answer.citations}
        if not sent:
            yield Event("evidence", list(citations.values()))
        at = 0
        for piece, used in pieces(answer):
            at += len(piece)
            if at <= sent:
                continue
            yield Event("token", {"text": piece[len(piece) - (at - sent) :]})
            sent = at
            for number in used:
                if number in citations and number not in shown:
                    shown.add(number)
                    yield Event("citation", citations[number])
    if answer:
        yield Event("final", answer.model_dump(mode="json"))


def pieces(answer: Answer) -> Iterator[tuple[str, list[int]]]:
    """Yield the answer sentence by sentence, each with its markers and the ids of its citations."""
    cuts: list[tuple[int, Sentence]] = []
    after = 0
    for sentence in answer.sentences:
        start = answer.answer.find(sentence.text, after)
        if start >= 0:
            cuts.append((start, sentence))
            after = start + len(sentence.text)
    if not cuts:
        yield answer.answer, [number for sentence in answer.sentences for number in sentence.citations]
        return
    starts = [0, *(start for start, _ in cuts[1:])]
    ends = [*starts[1:], len(answer.answer)]
    for start, end, (_, sentence) in zip(starts, ends, cuts, strict=True):
        yield answer.answer[start:end], sentence.citations
