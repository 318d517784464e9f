"""What stands around a unit: the targets that it sets, and the reports (or tasks) that bear on the same matter."""

import re

from assistant.figures import Figure, figures
from vectorstore.records import Kind, Span, Unit, chunk_id
from vectorstore.sources import Sources
from vectorstore.text import fold

_AIM = re.compile(
    r"达到|达|超过|突破|以上|以内|左右|力争|不低于|不少于|不超过|控制在|提高到|增长|下降|降低|翻番|累计|建成|新增|新建|培育|引进|完成|实现"
    r"|至少|每年|(?:到|至)\d{4}年"
)
_NO_TARGET = frozenset({"date", "duration", "bare", "count:条", "count:项", "count:届", "count:期", "count:步"})
_LOOKED_AT = 96  # chunks
_RARE = 1.5  # inverse document frequency: in about a fifth of the units, or fewer
_SHARED = 3  # rare words
MOST_RELATED = 3


def targets(unit: Unit) -> list[Span]:
    """Return the sentences of ``unit`` that set a figure to be reached, as offsets in the document."""
    return [span for span in unit.sentences if _sets_target(unit.text[span.start - unit.start : span.end - unit.start])]


def _sets_target(sentence: str) -> bool:
    return bool(_AIM.search(fold(sentence))) and any(_measures(figure) for figure in figures(sentence))


def _measures(figure: Figure) -> bool:
    """Whether ``figure`` is an amount to be reached: no date, no 三区 or 两地."""
    return figure.dimension not in _NO_TARGET and (len(figure.text) > 2 or figure.text[0].isdigit())


def related(unit: Unit, store: Sources, most: int = MOST_RELATED) -> list[Unit]:
    """Return up to ``most`` units on the matter of ``unit``, nearest first: reports for a task, tasks for a report.

    Two are related when each is among the nearest of the other and they share words that are rare in the corpus; one
    of these signs alone joins whatever is written in the same style.
    """
    words = _rare_words(unit, store)
    return [
        other
        for other in _nearest_others(unit, store, most)
        if len(words & _rare_words(other, store)) >= _SHARED and unit in _nearest_others(other, store, most)
    ]


def _nearest_others(unit: Unit, store: Sources, most: int) -> list[Unit]:
    """Return the units nearest in meaning that are reports where ``unit`` is none, and the other way round."""
    vectors = store.vectors([chunk_id((unit.document_id, unit.ordinal), 0)])
    if not vectors:
        return []
    near = store.nearest(next(iter(vectors.values())), _LOOKED_AT)
    news = _is_news(unit, store)
    ranked = (store.unit(address) for address in sorted(near, key=near.__getitem__, reverse=True))
    return [other for other in ranked if other.type.citable and _is_news(other, store) is not news][:most]


def _is_news(unit: Unit, store: Sources) -> bool:
    return store.document(unit.document_id).kind is Kind.NEWS


def _rare_words(unit: Unit, store: Sources) -> set[str]:
    """Return the words of ``unit`` that may name something and stand in few units."""
    words = {word for word in store.analyzer.words(unit.text) if len(word) > 1 and store.analyzer.names_something(word)}
    return {word for word in words if store.rarity(word)[0] >= _RARE}
