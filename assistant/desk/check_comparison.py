"""A sentence of a draft compared with one passage: how much of it the passage explains, what it changes, how it words it."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from assistant.desk.check_alignment import Alignment, align, plain
from assistant.desk.check_alteration import Alterations, Change
from assistant.desk.check_names import Lexicon
from assistant.desk.check_passages import Passage
from assistant.desk.check_reading import Reading
from vectorstore.records import Span
from vectorstore.text import fold

_ELSEWHERE = 0.7  # of the weight of a word that stands in the passage in another place
_EDGES = " \t\n,，。;；:：、!?！？"
_WORD = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Comparison:
    """``explained``: share of the sentence's content that the passage holds; ``likeness``: of the words of both."""

    passage: Passage
    explained: float
    likeness: float
    quoted: bool
    changes: tuple[Change, ...]
    wording: tuple[Change, ...]

    @property
    def is_verbatim(self) -> bool:
        """Whether the sentence is a quotation of the passage, or of a part of it that says the same."""
        return self.quoted and not self.changes


def compare(
    draft: Reading, passage: Passage, source: Reading, known: str, lexicon: Lexicon, weight: Callable[[str], float]
) -> Comparison:
    """Compare ``draft`` with ``passage``, read as ``source``; ``known`` is text around it, ``weight`` of a word its rarity."""
    mine, theirs = plain(draft.text)[0], plain(source.text)[0]
    if mine == theirs:
        return Comparison(passage, 1.0, 1.0, True, (), ())
    alignment = align(draft, source)
    changes = Alterations(draft, source, alignment, lexicon, known).all()
    return Comparison(
        passage,
        _explained(draft, source, alignment, weight),
        _likeness(draft, source, alignment),
        mine in theirs,
        tuple(changes),
        tuple(_wording(draft, source, alignment)),
    )


def _likeness(draft: Reading, source: Reading, alignment: Alignment) -> float:
    same = sum(_size(draft, pair.new) for pair in alignment.pairs if pair.same)
    whole = _size(draft, Span(0, len(draft.text))) + _size(source, alignment.region)
    return 2 * same / whole if whole else 0.0


def _size(reading: Reading, span: Span) -> int:
    return sum(char.isalnum() for char in reading.text[span.start : span.end])


def _explained(draft: Reading, source: Reading, alignment: Alignment, weight: Callable[[str], float]) -> float:
    same = [pair.new for pair in alignment.pairs if pair.same]
    numbers = {figure.text for figure in draft.figures}
    whole = held = 0.0
    at = 0
    for word in draft.words:
        start, at = at, at + len(word)
        if word in numbers or not _WORD.search(word):
            continue
        worth = weight(word) * min(len(word), 4)
        whole += worth
        if any(span.start <= start and at <= span.end for span in same):
            held += worth
        elif fold(word) in source.folded:
            held += worth * _ELSEWHERE
    return held / whole if whole else _likeness(draft, source, alignment)


def _wording(draft: Reading, source: Reading, alignment: Alignment) -> list[Change]:
    """Return where the words part, in the draft's order; what is left out at the ends of the passage was not quoted.

    Where clauses have changed places, both orders are given first.
    """
    region = alignment.region
    found = [Change(draft.text.strip(_EDGES), source.text[region.start : region.end], 0)] if alignment.moved else []
    for pair in alignment.pairs:
        old, new = source.text[pair.old.start : pair.old.end], draft.text[pair.new.start : pair.new.end]
        inside = region.start <= pair.old.start and pair.old.end <= region.end
        if pair.same or plain(old)[0] == plain(new)[0] or not (new.strip(_EDGES) or inside):
            continue
        found.append(Change(new.strip(_EDGES), old.strip(_EDGES), pair.new.start))
    return found
