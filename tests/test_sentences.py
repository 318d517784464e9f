"""The vectors of sentences that desk tools ask for: the model's own, each asked for once while it is kept."""

from collections.abc import Callable, Sequence

import numpy as np
from doors import HashEmbedder

from assistant.desk.sentences import Sentences, sentences_by
from vectorstore.embedding import Matrix
from vectorstore.records import Span, Unit, UnitType


class Counting(HashEmbedder):
    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed_documents(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Matrix:
        self.asked += texts
        return super().embed_documents(texts, progress)


def test_each_is_embedded_once_and_comes_in_its_place() -> None:
    embedder = Counting()
    sentences = Sentences(embedder)
    rows = sentences.vectors(["甲方负责", "乙方配合", "甲方负责"])
    assert np.array_equal(rows, HashEmbedder().embed_documents(["甲方负责", "乙方配合", "甲方负责"]))
    sentences.vectors(["乙方配合", "丙方监督"])
    assert embedder.asked == ["甲方负责", "乙方配合", "丙方监督"]
    assert len(sentences.vectors([])) == 0


def test_what_was_long_not_asked_for_goes_also_within_one_question() -> None:
    embedder = Counting()
    sentences = Sentences(embedder, kept=2)
    assert len(sentences.vectors(["甲一", "乙二", "丙三"])) == 3
    sentences.vectors(["丙三"])
    assert len(embedder.asked) == 3
    sentences.vectors(["甲一"])
    assert embedder.asked[3:] == ["甲一"]


def test_tools_with_one_model_share_them() -> None:
    embedder = Counting()
    assert sentences_by(embedder) is sentences_by(embedder) is not sentences_by(Counting())


def test_cosines_are_those_of_the_sentences() -> None:
    text = "甲方负责。乙方配合。"
    unit = Unit("d", 0, UnitType.PARAGRAPH, (), None, "第1段", (), 7, 17, text, (Span(7, 12), Span(12, 17)))
    vector = HashEmbedder().embed_query("乙方配合。")
    found = Sentences(HashEmbedder()).cosines([unit], vector)
    assert found["d", Span(12, 17)] > 0.999 > found["d", Span(7, 12)]
