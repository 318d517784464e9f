"""A question, or a document, in traditional characters finds its like in simplified ones, and is shown as it is."""

from pathlib import Path

import pytest
from doors import HashEmbedder, WordRanker, write_corpus

from assistant.pipeline import Assistant
from assistant.references import read_pointer
from assistant.understand import understand
from ingest.pipeline import ingest_paths
from vectorstore.lexical import bigram_tokens
from vectorstore.store import Store
from vectorstore.text import fold, simplified

DOCUMENT = """關於開辦社區夜校的通知

一、開辦社區夜校。每個社區每週開辦夜校3次，學員免費參加。
二、落實經費保障。每所夜校補助8萬元。
"""


@pytest.mark.parametrize("text", ["重點任務４寫了什麼？", "「開辦」夜校，於2027年", "𠮷野家①⑳ﬁ", DOCUMENT])
def test_no_character_takes_the_place_of_two(text: str) -> None:
    assert len(fold(text)) == len(simplified(text)) == len(text)


def test_only_characters_change() -> None:
    assert simplified("「開辦」４次，ＡＩ") == "「开办」４次，ＡＩ"
    assert fold("開辦４次，") == fold("开办4次,")


def test_words_are_the_same() -> None:
    assert bigram_tokens("開辦社區夜校") == bigram_tokens("开办社区夜校")


@pytest.mark.parametrize("question", ["重點任務3的原文是什麼？", "第3項任務寫了什麼？"])
def test_places(question: str) -> None:
    assert [one.number for one in read_pointer(question).references] == [3]


def test_what_models_read_and_what_is_shown() -> None:
    query = understand("每個街道建多少服務站？", (), HashEmbedder())
    assert query.question == "每个街道建多少服务站？"
    assert query.standalone == "每個街道建多少服務站？"


def test_a_traditional_question_is_answered_like_a_simplified_one(tmp_path: Path) -> None:
    with Store.open(tmp_path / "data", HashEmbedder()) as store:
        ingest_paths([write_corpus(tmp_path)], store)
        assistant = Assistant(store, store.embedder, WordRanker())
        for one, other in (
            ("每個街道至少建成幾個數字服務站？", "每个街道至少建成几个数字服务站？"),
            ("重點任務3的原文是什麼？", "重点任务3的原文是什么？"),
        ):
            traditional, plain = assistant.ask(one), assistant.ask(other)
            assert (traditional.question, traditional.standalone_question) == (one, one)
            assert plain.status == "answered"
            assert traditional.answer == plain.answer


def test_a_document_in_traditional_characters(tmp_path: Path) -> None:
    (tmp_path / "夜校.txt").write_text(DOCUMENT, encoding="utf-8")
    with Store.open(tmp_path / "data", HashEmbedder()) as store:
        ingest_paths([tmp_path / "夜校.txt"], store)
        (record,) = store.documents()
        document = store.document(record.id)
        found = [unit for unit in store.units() if unit.type.citable]
        assert all(document.text[unit.start : unit.end] == unit.text for unit in found)
        assert "每所夜校補助8萬元" in document.text, "the text itself stays"
        answer = Assistant(store, store.embedder, WordRanker()).ask("每所夜校补助多少万元？")
        assert any("補助8萬元" in one.quote for one in answer.citations)
