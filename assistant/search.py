"""Retrieval alone: what the sources hold on some words, ranked, without an answer."""

from dataclasses import replace

from assistant.evidence import Candidate
from assistant.references import resolve
from assistant.retrieve import SECOND_STAGE, WITHIN, judge, retrieve
from assistant.understand import understand
from vectorstore.embedding import Embedder
from vectorstore.sources import Sources

NAMED = 3.0  # more than words and meaning together give a unit


def search(text: str, k: int, sources: Sources, embedder: Embedder) -> list[Candidate]:
    """Return the ``k`` units of ``sources`` that fit ``text`` best, best first, headings and titles left out.

    The units that ``text`` names (重点任务3, 第五条) come first.
    """
    query = understand(text, sources.analyzer)
    vector = embedder.embed_query(query.question)
    named = [unit for units in resolve(query.pointer, text, sources) for unit in units] if query.pointer else []
    first = [
        replace(found, score=found.score + NAMED)
        for found in judge(query, vector, [(unit, 0.0) for unit in named], sources, WITHIN)
    ]
    there = {(unit.document_id, unit.ordinal) for unit in named}
    rest = retrieve(query, vector, sources, most=max(SECOND_STAGE, k + len(named)))
    found = first + [one for one in rest if (one.unit.document_id, one.unit.ordinal) not in there]
    return [one for one in found if one.unit.type.citable][:k]
