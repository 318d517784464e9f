"""The content of a question as concepts: what each may be called in a document, how much it tells, who holds it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.understand import Query
from vectorstore.lexical import bigrams
from vectorstore.sources import Sources
from vectorstore.text import fold

FOCUS_WEIGHT = 2.0  # of the word that is asked about
NAMELESS_WEIGHT = 0.35  # of a word that the sources never use and that names nothing (起家, 后顾之忧)
TITLE_WEIGHT = 0.4  # of a word in a policy's title or issuer: it says which document, not what in it


@dataclass(frozen=True, slots=True)
class Concept:
    """One content word of a question with what it may be called in a document; ``weight`` is its rarity here.

    ``known`` tells whether the sources have it at all: a word that they never use cannot tell one sentence from another.
    """

    word: str
    names: tuple[str, ...]
    weight: float
    known: bool

    def held_by(self, folded: str) -> float:
        """Return how far ``folded`` holds the concept: 1 for the word or a name, less for parts of a long word."""
        for name in self.names:  # no generator: this is asked of every sentence that is judged
            if name in folded:
                return 1.0
        parts = _parts(self.word)
        return 0.7 * sum(part in folded for part in parts) / len(parts) if len(parts) > 1 else 0.0


@lru_cache(1024)
def _parts(word: str) -> tuple[str, ...]:
    return tuple(bigrams(word))


def read_concepts(query: Query, store: Sources) -> list[Concept]:
    """Return the concepts of the question with what each may be called, weighted by rarity in the corpus."""
    names = {word: (word, *query.official.get(word, ())) for word in (*query.quoted, *query.terms)}
    for everyday, official in query.official.items():
        holder = next((word for word in names if everyday in word or word in everyday), everyday)
        names[holder] = (*names.get(holder, (everyday,)), *official)
    return [_concept(word, called, query, store) for word, called in names.items()]


def _concept(word: str, called: tuple[str, ...], query: Query, store: Sources) -> Concept:
    weight, known = min((store.rarity(name) for name in called), key=lambda rarity: rarity[0])
    if known and word == query.focus:
        weight *= FOCUS_WEIGHT
    elif not known and not store.analyzer.names_something(word):
        weight *= NAMELESS_WEIGHT
    elif fold(word) in _one_below_the_other(store.titles()):
        weight *= TITLE_WEIGHT
    return Concept(word, tuple(map(fold, called)), weight, known)


@lru_cache(2)
def _one_below_the_other(titles: frozenset[str]) -> str:
    """Return ``titles`` as one text, which is searched in one go."""
    return "\0".join(titles)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a question a text holds, by weight: of all of it, and of what the sources have words for."""

    whole: float
    known: float

    @classmethod
    def of(cls, folded: str, concepts: Sequence[Concept]) -> "Coverage":
        """Measure ``folded`` against ``concepts``; both shares are 0 where there are none."""
        held = whole = known = 0.0
        for concept in concepts:
            held += concept.weight * concept.held_by(folded)
            whole += concept.weight
            known += concept.weight * concept.known
        return cls(held / whole if whole else 0.0, min(1.0, held / known) if known else 0.0)
