"""Example questions made from what is indexed, so that each of them has an answer."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest

from vectorstore.records import Kind, Unit, UnitType
from vectorstore.sources import Sources
from vectorstore.text import fold

_TARGET = re.compile(
    r"(?<![\u4e00-\u9fff\d.])(?P<subject>(?!给予|每|对|按|至|到|从|在|以)[\u4e00-\u9fff]{4,14}?)(?:力争|累计|总数|总量|年均)?(?<!不)"
    r"(?:达到|超过|突破|增长到)\d[\d.]*(?:%|[\u4e00-\u9fff]{1,3})"
)
_INDICATOR = re.compile(
    r"(?<![\u4e00-\u9fff\d.])(?P<subject>[\u4e00-\u9fff]{4,14}(?:指数|增速|规模|总额|业务量|收入))(?:为|达|完成)\d[\d.]*"
)
_MENTIONS = range(2, 7)  # units that a term stands in, to make a list worth reading
_LOOKED_AT = 400  # units read for examples


def example_questions(store: Sources, limit: int = 4) -> list[str]:
    """Return up to ``limit`` questions of different kinds that the store can answer; none where it is empty."""
    units = [u for document in islice(store.records(), 20) for u in store.units(document.id) if u.type.citable][
        :_LOOKED_AT
    ]
    kinds = (_targets(units), _mentions(store), _wordings(units), _reports(units, store))
    rounds = zip_longest(*kinds)
    questions = (question for one in rounds for question in one if question)
    return list(islice(dict.fromkeys(questions), limit))


def _targets(units: Sequence[Unit]) -> Iterator[str]:
    for unit in units:
        if unit.type in (UnitType.ITEM, UnitType.TASK) and (match := _TARGET.search(fold(unit.text))):
            yield f"{match['subject']}的目标是多少？"


def _mentions(store: Sources) -> Iterator[str]:
    for term in store.terms():
        tasks = [unit for unit in store.containing(term) if unit.type is UnitType.TASK]
        if len(tasks) in _MENTIONS:
            yield f"哪些任务提到“{term}”？"


def _wordings(units: Sequence[Unit]) -> Iterator[str]:
    tasks = [unit for unit in units if unit.type in (UnitType.TASK, UnitType.ARTICLE, UnitType.MEASURE)]
    for unit in tasks[len(tasks) // 4 :]:
        yield f"{unit.label}的原文是什么？"


def _reports(units: Sequence[Unit], store: Sources) -> Iterator[str]:
    for unit in units:
        if store.document(unit.document_id).kind is Kind.NEWS and (match := _INDICATOR.search(fold(unit.text))):
            yield f"{match['subject']}是多少？"
