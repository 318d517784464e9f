"""Which units mean a term without holding it: by other names of it, by official words for it, by their vectors.

A unit counts by its cosine with the term, which the index holds, raised where a sentence of it holds another name or
parts of the term. What is below ``NEAR`` is noise, which every term has.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from assistant.asks import model_name
from assistant.desk.find_names import Names, names_of
from assistant.desk.sentences import sentence
from assistant.fitted import scale_of
from vectorstore.embedding import Embedder
from vectorstore.lexical import bigrams
from vectorstore.records import Address, Span, Unit
from vectorstore.sources import Sources
from vectorstore.text import fold

NEAR = 0.84  # a cosine, on the common scale, from which a unit says something of the term
SAME, PARTS = 0.06, 0.02  # what another name and the parts of the term add to a cosine
SPREAD = 0.03  # below the best, nothing is shown that only its vector speaks for
_NEAREST = 64  # units that the vectors bring
_NAMED = 48  # units that each name brings
_SHORTEST = 8  # characters of a sentence that says something
_WORDS = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class _Scored:
    unit: Unit
    span: Span
    score: float
    sure: bool  # holds another name of the same thing


def related_to(
    term: str, sources: Sources, embedder: Embedder, without: Collection[Address]
) -> list[tuple[Unit, Span]]:
    """Return units that mean the squeezed ``term``, each with the sentence that does, best first; ``without`` is none of them."""
    if not _WORDS.search(term):
        return []
    names = names_of(term, sources)
    vector = embedder.embed_query(term)
    near = [sources.unit(address) for address in sources.nearest(vector, _NEAREST)]
    named = [unit for name in names.wanted for unit in sources.containing(name)[:_NAMED]]
    units = _distinct((*near, *named), without)
    scale = scale_of(model_name(embedder))
    closeness = list(map(scale.of, sources.closeness(vector, units)))
    parts = _weighed_parts(term, sources)
    found = zip(units, closeness, strict=True)
    scored = [best for unit, cosine in found if (best := _best(unit, cosine, names, parts))]
    top = max((one.score for one in scored), default=0.0)
    passed = [one for one in scored if one.sure or one.score >= max(NEAR, top - SPREAD - SAME)]
    return [(one.unit, one.span) for one in sorted(passed, key=lambda one: one.score, reverse=True)]


def _distinct(units: Iterable[Unit], without: Collection[Address]) -> list[Unit]:
    found = {(unit.document_id, unit.ordinal): unit for unit in units if unit.type.citable}
    return [unit for address, unit in found.items() if address not in without]


def _weighed_parts(term: str, sources: Sources) -> dict[str, float]:
    """Return the pairs of characters of a longer term, each with its share of what the term tells."""
    rarities = {pair: sources.rarity(pair)[0] for pair in bigrams(term)} if len(term) > 2 else {}
    whole = sum(rarities.values())
    return {pair: rarity / whole for pair, rarity in rarities.items()} if whole else {}


def _best(unit: Unit, cosine: float, names: Names, parts: dict[str, float]) -> _Scored | None:
    """Return ``unit`` with the sentence of it that holds most of the term; None where none says something."""
    found: list[_Scored] = []
    for span in unit.sentences:
        folded = fold(sentence(unit, span))
        sure = any(pattern.search(folded) for pattern in names.same)
        if len(folded) < _SHORTEST and not sure:
            continue
        score = cosine + SAME * sure + PARTS * sum(share for pair, share in parts.items() if pair in folded)
        found.append(_Scored(unit, span, score, sure))
    return max(found, key=lambda one: one.score, default=None)
