"""The term whose mentions are asked for."""

from pathlib import Path

import pytest
from doors import HashEmbedder

from assistant.asks import Asks
from assistant.mentions import mentioned_term
from assistant.references import read_pointer
from assistant.understand import Query
from ingest.pipeline import ingest_paths
from vectorstore.store import Store

ROWS = "\n".join(f"{n}.完成第{n}类事项改造{7 * n}处，由第{n}工作组负责。" for n in range(1, 8))


@pytest.mark.parametrize(
    ("question", "term"),
    [
        ("第6类事项由谁负责、改造多少处？", "第6类事项"),
        ("哪些任务提到事项？", "事项"),
        ("第9类事项由谁负责？", "事项"),  # not printed so
    ],
)
def test_a_number_that_tells_which_of_many_is_meant_belongs_to_the_term(
    question: str, term: str, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text(f"云州市分工方案\n一、任务\n{ROWS}\n", encoding="utf-8")
    embedder = HashEmbedder()
    query = Query(question, question, "", {Asks.WHICH: 1.0}, read_pointer(question), (), embedder.embed_query(question))
    with Store.open(tmp_path / "data", embedder) as store:
        ingest_paths([tmp_path / "a.txt"], store)
        assert mentioned_term(query, store) == term
