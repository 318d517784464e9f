"""What each step of retrieval brings: hit@1, @5 and @20 of units, from the model as it was published to the ranker.

    python -m benchmarks.steps [--sets dev left-out] [--write FILE] [--json FILE]

Asked are the questions of ``dev.jsonl`` on the folder of real documents beside the project, of these also those alone
whose documents no model was trained on, and the training questions that were left out, among all documents of training.
Every step ranks all passages, as ``training.fit`` does it: editions that the product would leave out are among them.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from assistant.fitted import fitted
from assistant.ranker import Ranker
from benchmarks.ask import ROOT
from training.corpus import REAL, Passage, read_passages
from training.fit import BUILD, Tried, try_all
from training.questions import Question, files_of, place, rows
from training.search import Scores, dense_scores, fused_scores, word_scores
from ui.embedding_model import open_settings_ranker
from ui.settings import load_settings
from ui.wiring import open_model
from vectorstore import embedded_model
from vectorstore.embedding import Embedder, Matrix, Vector, open_embedder

TOPS = (1, 5, 20)
SETS = ("dev", "left-out")
STEPS = ("公开的向量模型,只有正文", "+ 标题与上级标题", "+ 训练向量模型", "+ 词语(BM25)", "+ 排序模型")
_TITLES = {
    "dev": "真实文件的题",
    "dev, left out": "其中文件未用于训练的题",
    "left-out": "训练时留出的文件的题",
}


@dataclass(frozen=True, slots=True)
class Hits:
    """Shares of ``questions`` whose first gold unit stands among the first 1, 5 and 20."""

    step: str
    questions: int
    hit_1: float
    hit_5: float
    hit_20: float


@dataclass(frozen=True, slots=True)
class Kept:
    """Passes on to ``model``; the vectors of the same texts are kept in ``folder``, so that a run that was stopped goes on."""

    model: Embedder
    folder: Path

    @property
    def fingerprint(self) -> str:
        """That of the model."""
        return self.model.fingerprint

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return self.model.dimensions

    def embed_query(self, text: str) -> Vector:
        """Return the vector of a question."""
        return self.model.embed_query(text)

    def embed_documents(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Matrix:
        """Return the vectors of ``texts``, from the folder where they are there."""
        digest = hashlib.sha256("\0".join([self.fingerprint, *texts]).encode()).hexdigest()[:16]
        path = self.folder / f"{digest}.npy"
        if not path.is_file():
            self.folder.mkdir(parents=True, exist_ok=True)
            np.save(path, self.model.embed_documents(texts, progress))
        vectors: Matrix = np.load(path)
        return vectors


def dev_rows(folder: Path = REAL) -> list[dict[str, object]]:
    """Return the questions on the real documents in the form of the training questions."""
    lines = (folder / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    return [_as_training(json.loads(line)) for line in lines if line]


def _as_training(row: dict[str, Any]) -> dict[str, object]:
    files = list(dict.fromkeys(f"docs/{one['file']}" for one in row["gold"]))
    return {
        "id": row["id"],
        "kind": row["category"],
        "question": row["question"],
        "history": row["history"],
        "file": files[0] if files else "",
        "file2": files[1] if len(files) > 1 else "",
        "quotes": [one["quote"] for one in row["gold"]],
        "answerable": row["answerable"],
        "near_miss": "",
    }


def asked_of(name: str) -> tuple[list[Question], list[Passage]]:
    """Return the questions of the set ``name`` that have an answer, and the passages that they are asked among."""
    if name == "dev":
        found = [row for row in dev_rows() if row["quotes"]]
        files = sorted(str(path.relative_to(REAL)) for path in (REAL / "docs").rglob("*") if path.is_file())
    else:
        found = rows()
        files = files_of(found)
    passages = read_passages(files, BUILD / "passages")
    questions, lost = place(found, passages)
    if lost:
        print(f"{name}: {len(lost)} 道题的引文没有找到,不算", file=sys.stderr)
    asked = [one for one in questions if one.answerable and one.gold and (name == "dev" or one.left_out)]
    return asked, passages


def ranks_of(scores: Scores, questions: Sequence[Question], passages: Sequence[Passage]) -> list[int | None]:
    """Return the rank, from 1, of the first gold unit of each question among the best ``TOPS[-1]`` units."""
    return [_rank(row, question, passages) for row, question in zip(scores, questions, strict=True)]


def _rank(row: Vector, question: Question, passages: Sequence[Passage]) -> int | None:
    gold = {(passages[at].file, passages[at].unit) for at in question.gold}
    seen: set[tuple[str, int]] = set()
    for at in np.argsort(-row, kind="stable").tolist():
        unit = (passages[at].file, passages[at].unit)
        if unit in gold:
            return len(seen) + 1
        seen.add(unit)
        if len(seen) >= TOPS[-1]:
            break
    return None


def ranker_ranks(tried: Sequence[Tried], ranker: Ranker) -> list[int | None]:
    """Return the rank of the first gold unit as the ranker orders what was tried."""
    unit = fitted(ranker.name).unit
    found = []
    for one in tried:
        read = zip(one.judged, one.first, one.gold, strict=True)
        order = sorted(((unit.chance((j.answers, f)), gold) for j, f, gold in read), key=lambda o: o[0], reverse=True)
        found.append(next((at for at, (_chance, gold) in enumerate(order, 1) if gold), None))
    return found


def hits_of(step: str, ranks: Sequence[int | None]) -> Hits:
    """Return the shares of ``ranks``, at least one."""
    one, five, twenty = (sum(r is not None and r <= top for r in ranks) / len(ranks) for top in TOPS)
    return Hits(step, len(ranks), one, five, twenty)


def climb(
    questions: Sequence[Question], passages: Sequence[Passage], models: tuple[Embedder, Embedder], ranker: Ranker | None
) -> list[list[int | None]]:
    """Return the ranks after each step, the last of them only with a ``ranker``. ``models``: as published, as trained."""
    base, trained = models
    asked = [one.whole for one in questions]
    hidden = np.array([not passage.citable for passage in passages])
    bare = [replace(passage, context="") for passage in passages]
    dense = [
        dense_scores(base, bare, asked),
        dense_scores(base, passages, asked),
        dense_scores(trained, passages, asked),
    ]
    words = word_scores(passages, asked)
    words[:, hidden] = 0.0
    for scores in dense:
        scores[:, hidden] = -1.0
    fused = fused_scores(
        dense[-1], words, fitted(ranker.name if ranker else "off").dense, among=min(64, len(passages) - 1)
    )
    found = [ranks_of(scores, questions, passages) for scores in (*dense, fused)]
    return [*found, ranker_ranks(try_all(questions, passages, fused, ranker), ranker)] if ranker else found


def tables(name: str, questions: Sequence[Question], ranks: Sequence[list[int | None]]) -> dict[str, list[Hits]]:
    """Return a table of the steps for the set ``name``, of dev also one for the documents that were left out."""
    found = {name: [hits_of(step, some) for step, some in zip(STEPS, ranks, strict=False)]}
    unseen = [at for at, one in enumerate(questions) if one.left_out]
    if name == "dev" and unseen:
        kept = [[some[at] for at in unseen] for some in ranks]
        found["dev, left out"] = [hits_of(step, some) for step, some in zip(STEPS, kept, strict=False)]
    return found


def page(found: dict[str, list[Hits]]) -> str:
    """Return the tables in Markdown."""
    lines = [
        "# 检索的每一步带来多少",
        "",
        "由 `make bench-steps` 写成。命中:任一应引的单元排在前 1、5、20 个单元之内;只算有答案的题,追问连同上一轮。"
        "排序模型只重排前 20 个,所以不改变 hit@20。这些题没有用来训练,判断参数由训练时留出的文件的题拟合。",
    ]
    for name, steps in found.items():
        lines += ["", f"## {_TITLES[name]}({steps[0].questions} 道)", "", "| | hit@1 | hit@5 | hit@20 |"]
        lines += ["| --- | ---: | ---: | ---: |"]
        lines += [f"| {one.step} | {one.hit_1:.3f} | {one.hit_5:.3f} | {one.hit_20:.3f} |" for one in steps]
    return "\n".join([*lines, ""])


def main() -> None:
    """Measure the sets, print the tables; ``--write`` and ``--json`` keep them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--write", type=Path)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    settings = load_settings()
    base = embedded_model.build(ROOT / "models" / embedded_model.BASE, adapted=False)
    models = (
        Kept(open_embedder(str(base)), ROOT / "build" / "steps"),
        Kept(open_model(settings), ROOT / "build" / "steps"),
    )
    ranker = open_settings_ranker(settings)
    found: dict[str, list[Hits]] = {}
    for name in args.sets:
        questions, passages = asked_of(name)
        found |= tables(name, questions, climb(questions, passages, models, ranker))
    print(page(found))
    if args.write:
        args.write.write_text(page(found), encoding="utf-8")
    if args.json:
        args.json.write_text(
            json.dumps({name: [asdict(one) for one in steps] for name, steps in found.items()}, ensure_ascii=False),
            encoding="utf-8",
        )


if __name__ == "__main__":
    main()
