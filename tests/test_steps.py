"""What each step of retrieval brings: how ranks are counted, and that the ranker's order is the last of them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from doors import HashEmbedder

from assistant.ranker import Judged
from assistant.ranker import Passage as Read
from benchmarks.steps import STEPS, Kept, climb, dev_rows, hits_of, page, ranks_of, tables
from training.corpus import Passage
from training.questions import Question, place

GOLD = "对新办企业给予十万元补助"


class Reader:
    """A ranker that takes for the answer what speaks of a subsidy."""

    name = "reader"

    def judge(self, question: str, passages: Sequence[Read]) -> list[Judged]:
        return [Judged(9.0 if "补助" in one.text else -9.0, -30.0, (0.5,) * len(one.sentences)) for one in passages]


def passages() -> list[Passage]:
    """Some units of one document, one of them in two windows."""
    texts = [f"第{n}条另有规定的从其规定" for n in range(80)]
    texts[40] = GOLD
    found = [Passage(f"docs/甲.txt#{n}#0", "docs/甲.txt", n, True, "办法", text, ((0, len(text)),)) for n, text in enumerate(texts)]  # fmt: skip
    return [*found, Passage("docs/甲.txt#0#1", "docs/甲.txt", 0, True, "办法", "其余部分", ((0, 4),))]


def questions(held: Sequence[Passage]) -> list[Question]:
    row = {"id": "a", "kind": "support", "question": "新开的公司能拿多少钱", "history": [], "file": "docs/甲.txt",
           "quotes": [GOLD], "answerable": True}  # fmt: skip
    found, lost = place([row], held)
    assert not lost
    return found


def test_units_are_counted_and_not_their_windows() -> None:
    held = passages()
    asked = questions(held)
    scores = np.zeros((1, len(held)), dtype=np.float32)
    scores[0, [0, 80, 40]] = 0.9, 0.8, 0.7
    assert ranks_of(scores, asked, held) == [2]
    scores[0, 40] = -1.0
    assert ranks_of(scores, asked, held) == [None]
    one = hits_of("步", [1, 2, None, 20])
    assert (one.questions, one.hit_1, one.hit_5, one.hit_20) == (4, 0.25, 0.5, 0.75)


def test_the_steps_end_with_the_ranker(tmp_path: Path) -> None:
    held = passages()
    asked = questions(held)
    models = (Kept(HashEmbedder(), tmp_path), Kept(HashEmbedder(), tmp_path))
    ranks = climb(asked, held, models, Reader())
    assert len(ranks) == len(STEPS)
    assert ranks[-1] == ([1] if ranks[-2][0] else [None])
    assert len(climb(asked, held, models, None)) == len(STEPS) - 1
    told = page(tables("dev", asked, ranks))
    assert "真实文件的题(1 道)" in told and "| + 排序模型 |" in told


def test_vectors_are_kept(tmp_path: Path) -> None:
    kept = Kept(HashEmbedder(), tmp_path)
    first = kept.embed_documents(["甲乙丙", "丁戊己"])
    assert np.array_equal(kept.embed_documents(["甲乙丙", "丁戊己"]), first)
    assert len(list(tmp_path.iterdir())) == 1
    assert not np.array_equal(kept.embed_documents(["丁戊己", "甲乙丙"]), first)


def test_real_questions_take_the_form_of_training_questions(tmp_path: Path) -> None:
    (tmp_path / "dev.jsonl").write_text(
        '{"id": "a", "category": "support", "question": "?", "history": [], "answerable": true,'
        ' "gold": [{"file": "甲.txt", "quote": "对新办企业给予十万元补助"}]}\n',
        encoding="utf-8",
    )
    (row,) = dev_rows(tmp_path)
    found, lost = place([row], passages())
    assert not lost and found[0].gold == (40,)
