"""The real local model over the sample corpus: few questions, every sentence checked."""

import pytest
from local_llm import local_language_model

from assistant.answer import Answer
from assistant.nearness import nearness
from assistant.pipeline import Assistant
from assistant.ranker import Ranker
from assistant.writer import Writer
from vectorstore.embedding import Embedder
from vectorstore.store import Store


@pytest.fixture(scope="module")
def assistant(store: Store, embedder: Embedder, ranker: Ranker) -> Assistant:
    writer = Writer(local_language_model(), store, nearness(embedder), most=6, budget=500)
    return Assistant(store, embedder, ranker, writer, engine="local")


def check(answer: Answer, store: Store) -> None:
    for citation in answer.citations:
        assert store.document(citation.document_id).text[citation.start : citation.end] == citation.quote
    assert {n for s in answer.sentences for n in s.citations} == {c.id for c in answer.citations}
    assert all(s.support != "unsupported" for s in answer.sentences)


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        ("首次升规的工业企业能得到什么支持？", "贴息"), ("前三季度全市农产品寄件量是多少？", "1.29亿件"), ("同一企业每年接受入企检查不超过几次？", "2次"),
    ],
)  # fmt: skip
def test_answers_are_cited_and_hold_the_fact(question: str, fact: str, assistant: Assistant, store: Store) -> None:
    trace = assistant.trace(question)
    check(trace.answer, store)
    assert fact in trace.answer.answer and trace.answer.citations
    assert trace.written >= 1, "the model was asked"


def test_what_is_not_there_is_refused_without_the_model(assistant: Assistant, store: Store) -> None:
    trace = assistant.trace("云州现在一共有多少常住人口？")
    check(trace.answer, store)
    assert trace.answer.status == "refused" and trace.written == 0
