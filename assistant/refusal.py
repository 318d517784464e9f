"""The one place that refuses: whether what was found is an answer, and what is said where it is none."""

from assistant.asks import Asks
from assistant.draft import Draft, Statement, refused
from assistant.quoting import nearest
from assistant.retrieve import Ranking
from assistant.understand import Query
from vectorstore.records import Filter

_SAID = {Asks.SMALLTALK: "smalltalk", Asks.HELP: "help", Asks.OUTSIDE: "refused_outside"}


def beside_the_sources(query: Query) -> Draft | None:
    """Return what is said to small talk, to questions about the assistant and to what no source is asked for; else None."""
    if not any(char.isalnum() for char in query.question):
        return refused("refused_empty")
    return Draft("refused", (Statement(_SAID[query.beside], ()),)) if query.beside else None


def without_answer(ranking: Ranking) -> Draft | None:
    """Return a refusal where the ranked units hold no answer, with what is nearest to it; None where they do."""
    chance = ranking.chance
    if not ranking.candidates:
        return refused("refused")
    if chance >= ranking.fitted.answered:
        return None
    return refused("refused_related" if chance >= ranking.fitted.related else "refused", nearest(ranking))


def nothing_within(limits: Filter) -> Draft:
    """Return a refusal that names the kinds of ``limits`` that let nothing through."""
    names = (
        ("文档", limits.documents),
        ("种类", limits.kinds),
        ("日期", limits.since or limits.until),
        ("章节", limits.section),
        ("地区", limits.regions),
        ("版本日期", limits.as_of),
        ("题名", limits.title),
        ("文号", limits.number),
        ("发文机关", limits.issuers),
        ("主题", limits.topics),
    )
    return refused("refused_limits", limits="、".join(name for name, given in names if given))
