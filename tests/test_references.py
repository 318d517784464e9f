"""Places that a question names: numbers and labels are a grammar."""

from pathlib import Path

import pytest
from doors import HashEmbedder, write_corpus

from assistant.answer import Turn
from assistant.references import in_place_of, read_pointer, resolve
from ingest.pipeline import ingest_paths
from vectorstore.store import Store


@pytest.mark.parametrize(
    ("question", "numbers"),
    [
        ("任务九的原文是什么？", [9]), ("第15条里关于实验室怎么写的？", [15]), ("第２０条关于养老的措辞", [20]), ("重点任务三", [3]),
        ("请把第十二项任务念一遍", [12]), ("第20条和第21条各自管什么", [20, 21]), ("任务2和任务23都说到飞地", [2, 23]), ("重点任务第5条", [5]),
        ("二十四号任务的标题", [24]), ("形成4条高铁", []), ("第一批名单", []), ("有几条任务", []), ("2027年目标", []),
        ("重点任务99999999999999999999写了什么", [99999999999999999999]),
    ],
)  # fmt: skip
def test_numbers_of_places(question: str, numbers: list[int]) -> None:
    assert [r.number for r in read_pointer(question).references] == numbers


def test_labels_of_headings() -> None:
    pointer = read_pointer("（三）里的第10条写了什么？")
    assert (pointer.subheading, [r.number for r in pointer.references]) == ("(三)", [10])
    (measure,) = read_pointer("保障措施第（一）条里跟考核有关的").references
    assert measure.label == "(一)"


@pytest.mark.parametrize(
    ("question", "number"),
    [("那条里有没有写期限？", 7), ("下一条呢？", 8), ("上一项任务讲什么", 6), ("该条款的原文", 7)],
)
def test_the_place_that_was_just_named(question: str, number: int) -> None:
    history = [Turn(role="user", content="任务7讲什么？"), Turn(role="assistant", content="重点任务7：「……」")]
    pointer = in_place_of(question, history)
    assert pointer is not None and [r.number for r in pointer.references] == [number]


@pytest.mark.parametrize("question", ["那条线路什么时候通车？", "下个月能办吗", "补贴多少钱"])
def test_no_place_is_meant(question: str) -> None:
    history = [Turn(role="user", content="任务7讲什么？"), Turn(role="assistant", content="重点任务7：「……」")]
    assert in_place_of(question, history) is None


def test_nothing_was_named_before() -> None:
    assert in_place_of("那条怎么说", [Turn(role="user", content="补贴多少钱")]) is None


@pytest.mark.parametrize(
    "question",
    ["重点任务99999999999999999999写了什么？", "重点任务−1写了什么？", "重点任务-1写了什么？", "第99999999999条是什么？", "重点任务0的原文"],
)  # fmt: skip
def test_a_number_that_no_place_has_is_no_other_place(question: str, tmp_path: Path) -> None:
    with Store.open(tmp_path / "data", HashEmbedder()) as store:
        ingest_paths([write_corpus(tmp_path)], store)
        assert not any(resolve(read_pointer(question), question, store))
