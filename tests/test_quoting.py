"""How many units are quoted, and how much of each; and the one place that refuses."""

import numpy as np
import pytest

from assistant.asks import Asks
from assistant.evidence import Candidate, Sentence
from assistant.fitted import Fitted, Logistic
from assistant.quoting import WHOLE_CHARS, answering, nearest, quotes_of
from assistant.references import read_pointer
from assistant.refusal import beside_the_sources, without_answer
from assistant.retrieve import Ranking
from assistant.understand import Query
from vectorstore.records import Unit, UnitType
from vectorstore.text import sentence_spans

FITTED = Fitted(
    answer=Logistic(weights=(1.0, 0.0, 0.0), bias=0.0),
    answered=0.5, related=0.1, further=0.4, share=0.5, beside=0.2, listed=0.3, listed_beside=0.15, told=0.4,
)  # fmt: skip


def query(question: str = "补多少", **chances: float) -> Query:
    known = {Asks(name): chance for name, chance in (chances or {"content": 1.0}).items()}
    return Query(
        question, question, "", {Asks.CONTENT: 0.01, **known}, read_pointer(question), (), np.zeros(2, dtype=np.float32)
    )


def candidate(
    score: float, ordinal: int, text: str = "一句话。", document: str = "d", told: tuple[float, ...] = ()
) -> Candidate:
    spans = tuple(sentence_spans(text, 100))
    unit = Unit(
        document,
        ordinal,
        UnitType.TASK,
        (str(ordinal),),
        ordinal,
        f"任务{ordinal}",
        (),
        100,
        100 + len(text),
        text,
        spans,
    )
    chances = told or (0.5,) * len(spans)
    return Candidate(unit, 1.0, 10 * score - 5, score, 0.0, tuple(map(Sentence, spans, chances)))


def ranking(*candidates: Candidate) -> Ranking:
    return Ranking(tuple(sorted(candidates, key=lambda one: -one.score)), FITTED)


def ordinals(asked: Query, *candidates: Candidate) -> list[int]:
    return [one.unit.ordinal for one in answering(asked, ranking(*candidates))]


def texts(*candidates: tuple[float, int]) -> list[Candidate]:
    return [candidate(score, ordinal, f"第{ordinal}句话。") for score, ordinal in candidates]


def test_the_best_is_always_quoted_and_others_where_they_are_good() -> None:
    assert ordinals(query(), *texts((0.3, 1), (0.1, 9))) == [1]
    assert ordinals(query(), *texts((0.9, 1), (0.5, 9), (0.44, 20))) == [1, 9]  # 0.44 is less than half of the best


def test_what_stands_beside_the_best_needs_less() -> None:
    assert ordinals(query(), *texts((0.9, 5), (0.25, 6), (0.25, 30))) == [5, 6]


def test_a_list_takes_more_and_a_set_is_in_the_order_of_the_text() -> None:
    several = texts((0.9, 7), (0.35, 2), (0.34, 30), (0.33, 40), (0.2, 50))
    assert ordinals(query(list=1.0), *several) == [7, 2, 30, 40]
    assert ordinals(query(which_task=1.0), *several) == [2, 7, 30, 40]


def test_a_comparison_takes_the_other_document_too() -> None:
    here, there = candidate(0.9, 1, "甲地三百元。"), candidate(0.5, 1, "乙地五百元。", document="e")
    assert len(answering(query(compare=1.0), ranking(here, there))) == 2


def test_the_same_words_elsewhere_are_quoted_once() -> None:
    assert ordinals(query(), candidate(0.9, 1), candidate(0.8, 9)) == [1]


def test_short_units_are_quoted_whole_and_long_ones_by_sentence() -> None:
    short = candidate(0.9, 1, "短句。又一句。", told=(0.9, 0.0))
    assert [q.span for q in quotes_of(query(), short, 0.4)] == [type(short.unit.sentences[0])(100, 107)]
    sentences = [f"{'字' * 60}{n}。" for n in range(6)]
    long = candidate(0.9, 1, "".join(sentences), told=(0.0, 0.0, 0.9, 0.0, 0.0, 0.0))
    assert len(long.unit.text) > WHOLE_CHARS
    (quote,) = quotes_of(query(), long, 0.4)
    assert quote.span == long.unit.sentences[2]
    (whole,) = quotes_of(query(wording=1.0), long, 0.4)
    assert (whole.span.start, whole.span.end) == (long.unit.start, long.unit.end)


def test_items_bring_the_sentence_that_they_are_items_of() -> None:
    text = f"{'符合下列条件的可以申请：'}\n" + "".join(f"（{n}）{'条件' * 30}；\n" for n in "一二三四五六")
    items = candidate(0.9, 1, text, told=(0.0, 0.0, 0.0, 0.0, 0.9, 0.0, 0.0))
    spans = [quote.span for quote in quotes_of(query(), items, 0.4)]
    assert spans[0].start == items.unit.start and spans[-1] == items.unit.sentences[4]


@pytest.mark.parametrize(("score", "frame"), [(0.9, None), (0.4, "refused_related"), (0.05, "refused")])
def test_between_an_answer_and_none_stands_what_is_near(score: float, frame: str | None) -> None:
    refusal = without_answer(ranking(candidate(score, 1)))
    assert (refusal and refusal.statements[0].frame) == frame
    if refusal:
        assert refusal.status == "refused" and refusal.nearest == tuple(nearest(ranking(candidate(score, 1))))


def test_nothing_found_is_refused() -> None:
    refusal = without_answer(ranking())
    assert refusal is not None and refusal.status == "refused"


def test_small_talk_and_help_need_no_sources() -> None:
    assert beside_the_sources(query("你好", smalltalk=0.9)) is not None
    assert beside_the_sources(query("你能做什么", help=0.9)) is not None
    assert beside_the_sources(query("写首诗", outside=0.9)) is not None
    assert beside_the_sources(query("？？")) is not None
    assert beside_the_sources(query("补贴多少")) is None
    assert beside_the_sources(query("任务3怎么说", smalltalk=0.9)) is None  # a place is a question of the sources
