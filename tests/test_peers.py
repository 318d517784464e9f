"""Other systems beside ours: what counts as a hit, what goes over the wire, what stands on the page."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.peers.judging import Wanted, by_task, figures, hits, holds, rank_of
from benchmarks.peers.measure import result
from benchmarks.peers.pages import Asked, real_page
from benchmarks.peers.report import write_page
from benchmarks.peers.systems import PEERS, PeerError, install, run
from benchmarks.peers.wire import located, measure
from benchmarks.public_sets import paragraph_page, read_cmrc
from vectorstore.errors import ReadError

UNIT = ("d", 100, 200)
PLAIN, LANGCHAIN = (next(p for p in PEERS if p.name == name) for name in ("ours-plain", "langchain"))


@pytest.mark.parametrize(
    ("found", "hit"),
    [
        (("d", 0, 1000), True),  # holds it whole
        (("d", 120, 140), True),  # lies within
        (("d", 0, 150), True),  # holds half of it
        (("d", 0, 149), False),  # holds less
        (("d", 190, 210), True),  # half of the chunk
        (("d", 195, 900), False),
        (("e", 100, 200), False),
        (("d", 200, 300), False),
    ],
)
def test_a_hit_shares_half_of_the_shorter_span(found: tuple[str, int, int], hit: bool) -> None:
    assert hits(found, UNIT) is hit


def test_ratios_by_task() -> None:
    wanted = [Wanted("target", [UNIT]), Wanted("target", [UNIT]), Wanted("news", [("n", 0, 5), ("n", 5, 9)])]
    lists = [[UNIT], [("x", 0, 1), UNIT], [("n", 6, 8)]]
    ranks = [rank_of(found, one) for found, one in zip(lists, wanted, strict=True)]
    assert ranks == [1, 2, 1]
    assert rank_of([], wanted[0]) is None
    found = by_task(wanted, ranks)
    assert (found["target"].hit_1, found["target"].hit_5, found["target"].mrr) == (0.5, 1.0, 0.75)
    assert figures([None, 6]).hit_5 == 0.0


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("前文。对符合条件的企业,给予十万元补助。后文", True),
        ("给予 十万元补助", True),  # six of ten letters and more, in one piece
        ("对符合条件。十万元", False),
        ("", False),
    ],
)
def test_a_passage_is_held_where_most_of_it_stands_in_one_piece(text: str, held: bool) -> None:
    quote = "企业,给予十万元补助"
    assert holds(text, quote) is held
    wanted = Wanted("support", quotes=["别处没有的话", quote])
    assert rank_of([("d", 0, 0), ("e", 0, len(text))], wanted, {"e": text}) == (2 if held else None)


def test_real_documents_are_one_page_of_questions_with_an_answer(tmp_path: Path) -> None:
    (tmp_path / "docs" / "市").mkdir(parents=True)
    (tmp_path / "docs" / "市" / "甲.txt").write_text(
        "青岭市办法\n\n第一条 对新办企业给予十万元补助。\n", encoding="utf-8"
    )
    (tmp_path / "docs" / "空.txt").write_text("\n", encoding="utf-8")
    rows = [
        {"id": "a", "category": "support", "question": "补多少?", "history": [{"role": "user", "content": "新办企业"}],
         "answerable": True, "gold": [{"file": "市/甲.txt", "quote": "对新办企业给予十万元补助"}], "gold_facts": ["十万元"]},
        {"id": "b", "category": "unanswerable", "question": "?", "history": [], "answerable": False, "gold": []},
    ]  # fmt: skip
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (tmp_path / "dev.jsonl").write_text(text, encoding="utf-8")
    asked = real_page(tmp_path)
    assert [one["asked"] for one in asked.page["questions"]] == ["新办企业\n补多少?"]
    document = asked.page["documents"][0]
    whole = (document["id"], 0, len(document["text"]))
    assert rank_of([whole], asked.wanted[0], {document["id"]: document["text"]}) == 1
    (tmp_path / "dev.jsonl").write_text('{"id": "a"}', encoding="utf-8")
    with pytest.raises(ReadError, match=r"dev\.jsonl"):
        real_page(tmp_path)


def test_repeated_pieces_are_located_in_order() -> None:
    assert list(located("甲乙。甲乙。丙", ["甲乙。", "甲乙。", "丙"])) == [(0, 3), (3, 6), (6, 7)]
    with pytest.raises(ValueError, match="verbatim"):
        list(located("甲", ["乙"]))


class Fixed:
    """Finds the first document, always."""

    def ingest(self, page: dict[str, Any], folder: Path) -> int:
        (folder / "index").write_bytes(b"x" * 500)
        self.first = page["documents"][0]
        return 2

    def rank(self, question: dict[str, Any], most: int) -> list[tuple[str, int, int]]:
        return [(self.first["id"], 0, len(self.first["text"]))][:most]


def turn(tmp_path: Path, asked: Asked) -> dict[str, Any]:
    answered = json.loads(json.dumps(measure(Fixed(), asked.page, tmp_path, 10)))
    return {"pages": [answered], "peak_mb": 100.0}


def test_the_page_says_what_was_measured(tmp_path: Path) -> None:
    page = {
        "name": "页",
        "files": [],
        "documents": [{"id": "d", "text": "字" * 300}],
        "questions": [{"asked": "问", "question": "问", "history": []}] * 2,
    }
    asked = Asked(page, [Wanted("target", [UNIT]), Wanted("news", [("n", 0, 9)])])
    found = result(PEERS[0], [turn(tmp_path, asked)], [asked])
    assert (found.overall.hit_1, found.index_mb, found.first_characters) == (0.5, 0.0005, 300.0)
    write_page([found], tmp_path / "docs" / "PEERS.md", 1, 2)
    text = (tmp_path / "docs" / "PEERS.md").read_text(encoding="utf-8")
    assert "| zhengce(只检索) | 0.500 | 0.500 | 0.500 | 300 |" in text
    assert "目标数字(1 题)" in text
    assert (tmp_path / "docs" / "peers-quality.svg").stat().st_size < 200_000
    assert "<svg" in (tmp_path / "docs" / "peers-latency.svg").read_text(encoding="utf-8")


def test_a_system_that_fails_is_named(tmp_path: Path) -> None:
    with pytest.raises(PeerError, match="LangChain"):
        run(LANGCHAIN, Path(sys.executable), tmp_path / "no-model", [])


def test_every_environment_pins_torch_and_all_else() -> None:
    folder = Path(sys.modules["benchmarks.peers.systems"].__file__ or "").parent
    for peer in PEERS:
        if peer.environment:
            lines = (folder / f"{peer.environment}.txt").read_text(encoding="utf-8").split()
            assert "torch==2.13.0" in lines
            assert all("==" in line for line in lines)
    assert install(PEERS[0]) == Path(sys.executable)


SQUAD = {
    "version": "v1.0",
    "data": [
        {
            "title": "甲",
            "paragraphs": [
                {
                    "id": "DEV_0",
                    "context": "青岭水库建于1962年,库容三千万立方米,供下游两县灌溉。",
                    "qas": [{"id": "DEV_0_QUERY_0", "question": "青岭水库哪年建的?", "answers": []}],
                },
                {
                    "id": "DEV_1",
                    "context": "白河大桥全长二千四百米,由铁路部门养护,每日通行列车八十对。",
                    "qas": [{"id": "DEV_1_QUERY_0", "question": "白河大桥有多长?", "answers": []}],
                },
            ],
        }
    ],
}
FIRST = [
    {
        "context_id": "DEV_0",
        "context_text": "青岭水库建于1962年。",
        "qas": [{"query_id": "Q", "query_text": "哪年建的?"}],
    }
]


def test_both_forms_of_cmrc(tmp_path: Path) -> None:
    for form, count in ((SQUAD, 2), (FIRST, 1)):
        file = tmp_path / "cmrc.json"
        file.write_text(json.dumps(form, ensure_ascii=False), encoding="utf-8")
        assert len(read_cmrc(file)) == count
    file.write_text('{"data": [{"paragraphs": 3}]}', encoding="utf-8")
    with pytest.raises(ReadError, match="CMRC"):
        read_cmrc(file)


def test_our_retrieval_finds_the_paragraphs(tmp_path: Path, model_folder: Path) -> None:
    file = tmp_path / "cmrc.json"
    file.write_text(json.dumps(SQUAD, ensure_ascii=False), encoding="utf-8")
    asked = paragraph_page(read_cmrc(file), tmp_path / "files")
    found = result(PLAIN, [run(PLAIN, Path(sys.executable), model_folder, [asked.page])], [asked])
    assert (found.overall.questions, found.overall.hit_1) == (2, 1.0)
    assert found.peak_mb > 50
