"""The one place that refuses: whether what was found is an answer, and what is said where it is none."""

from assistant.asks import Asks
from assistant.draft import Draft, Statement, refused
from assistant.quoting import nearest
from assistant.retrieve import Ranking
from assistant.understand import Query
from vectorstore.records import Filter

_SAID = {Asks.SMALLTALK: "smalltalk", Asks.HELP: "help", Asks.OUTSIDE: "refused_outside"}


def beside_the_sources(query: Query) -> Draft | None:
    """Return what is said to small talk and to questions about the assistant itself; None where it is another question."""
    if not any(char.isalnum() for char in query.question):
        return refused("refused_empty")
    if query.beside in (Asks.SMALLTALK, Asks.HELP):
        return Draft("refused", (Statement(_SAID[query.beside], ()),))
    return None


def without_answer(query: Query, ranking: Ranking) -> Draft | None:
    """Return a refusal where the ranked units hold no answer, with what is nearest to it; None where they do.

    What no source is asked for is refused without them, unless a unit answers it surely: policies speak of much.
    """
    chance = ranking.chance
    if query.beside is Asks.OUTSIDE and chance < 1 - (1 - ranking.fitted.answered) / 2:
        return refused(_SAID[Asks.OUTSIDE])
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
