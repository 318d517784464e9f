"""Trains everything from the committed data: ``python -m training``, which ``make train`` runs.

Each step leaves its result in ``build/training`` and is not done again; what was stopped goes on from its last checkpoint.
``--small`` goes the whole way with a handful of questions and steps, into folders of its own: to see that it works.
"""

import argparse
import hashlib
import json
import random
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from training import embedding, ranker
from training.corpus import Passage, read_passages
from training.questions import Question, files_of, place, rows
from training.search import dense_scores, fused_scores, word_scores
from vectorstore import adapter
from vectorstore.embedding import open_embedder

BASE = Path("models") / "multilingual-e5-small"
MINED = 30  # passages near a question that do not answer it
_NEAREST = 40
_SKIPPED = 1  # the very nearest may well answer, though nobody marked it
_TOO_NEAR = 0.95  # as near as this share of what answers: it may well answer, too (TopK-PercPos of NV-Retriever, arXiv 2407.15831)
_DENSE = 0.7  # share of the vectors where negatives are mined


@dataclass(frozen=True, slots=True)
class Plan:
    """Where results go and how much is done."""

    build: Path
    embedding_adapter: Path
    ranker_adapter: Path
    embedding_epochs: float
    ranker_epochs: tuple[
        float, float
    ]  # with negatives that the base model finds, then with those that the tuned one does
    questions: int | None = None  # of these kinds only the first so many, with the documents that they are about


FULL = Plan(
    Path("build/training"),
    Path("vectorstore/adapters/embedding.safetensors"),
    Path("assistant/adapters/ranker.safetensors"),
    2.5,
    (1.2, 1.2),
)
SMALL = Plan(
    Path("build/training-small"),
    Path("build/training-small/embedding.safetensors"),
    Path("build/training-small/ranker.safetensors"),
    3.0,
    (0.5, 0.5),
    40,
)


def main() -> None:
    """Mine negatives, train the embedding, then the ranker from it; write what they changed of the base model."""
    parser = argparse.ArgumentParser(description="用提交的题目训练向量模型与排序模型(两核约两小时,可中断后继续)")
    parser.add_argument("--small", action="store_true", help="用很少的题目走完全程,只为检查")
    plan = SMALL if parser.parse_args().small else FULL
    questions, passages = read(plan)
    trained = sum(not q.left_out for q in questions)
    _say(f"{len(questions)} 道题,{trained} 道用于训练;{len(passages)} 个段落")
    mined = _once(plan.build / f"mined-{_digest(passages)}.json", lambda: mine(BASE, questions, passages))
    tuned = plan.build / "embedding"
    if not tuned.is_dir():
        data = embedding.examples(questions, passages, mined, random.Random(embedding.SEED))  # noqa: S311
        embedding.train(BASE, data, tuned, plan.build / "embedding-work", epochs=plan.embedding_epochs)
    adapter.save(adapter.changes(weights(BASE), weights(tuned)), plan.embedding_adapter)
    first, judged = plan.build / "ranker-first.safetensors", plan.build / "ranker.safetensors"
    if not first.is_file():
        groups = ranker.Groups(questions, passages, mined)
        ranker.train(tuned, groups, first, plan.build / "ranker-first-work", epochs=plan.ranker_epochs[0])
    if not judged.is_file():
        near = _once(plan.build / f"mined-tuned-{_digest(passages)}.json", lambda: mine(tuned, questions, passages))
        groups = ranker.Groups(questions, passages, near)
        work = plan.build / "ranker-work"
        ranker.train(tuned, groups, judged, work, epochs=plan.ranker_epochs[1], begun=first)
    begun = adapter.merge(
        weights(BASE), adapter.load(plan.embedding_adapter)
    )  # what the product builds the ranker from
    begun = {f"encoder.{name}": tensor for name, tensor in begun.items()}
    adapter.save(adapter.changes(begun, weights(judged)), plan.ranker_adapter)
    _say(f"已写入 {plan.embedding_adapter} 与 {plan.ranker_adapter};接着运行 make model 与 python -m training.fit")


def read(plan: Plan) -> tuple[list[Question], list[Passage]]:
    """Return the questions and the passages of their documents."""
    found = rows()
    if plan.questions:
        own = [row for row in found if str(row["file"]).startswith("documents/")]
        found = own[: plan.questions]
    passages = read_passages(files_of(found), plan.build / "passages")
    questions, lost = place(found, passages)
    if lost:
        _say(f"{len(lost)} 道题的引文没有找到,不用:{'、'.join(lost[:10])}")
    return questions, passages


def mine(model: Path, questions: list[Question], passages: list[Passage]) -> list[list[int]]:
    """Return for each question the passages nearest to it that are not of a unit that answers it, nearest first."""
    asked = [question.whole for question in questions]
    dense = dense_scores(open_embedder(str(model)), passages, asked)
    fused = fused_scores(dense, word_scores(passages, asked), _DENSE, among=min(64, len(passages) - 1))
    fused[:, [not passage.citable for passage in passages]] = -1.0
    mined = []
    for question, row, cosines in zip(questions, fused, dense, strict=True):
        gold = {(passages[at].file, passages[at].unit) for at in question.gold}
        most = _TOO_NEAR * max((float(cosines[at]) for at in question.gold), default=1.0)
        near = [int(at) for at in np.argsort(-row)[:_NEAREST] if row[at] >= 0 and cosines[at] < most]
        kept = [at for at in near if (passages[at].file, passages[at].unit) not in gold]
        mined.append(kept[_SKIPPED:MINED] if question.answerable else kept[:MINED])
    return mined


def weights(path: Path) -> Mapping[str, Any]:
    """Return the weights of a model's folder, or of a file, in full precision."""
    from safetensors.numpy import load_file

    found = load_file(path / "model.safetensors" if path.is_dir() else path)
    return {name: tensor.astype(np.float32) for name, tensor in found.items()}


def _digest(passages: list[Passage]) -> str:
    return hashlib.sha256("\n".join(passage.id for passage in passages).encode()).hexdigest()[:12]


def _once(path: Path, make: Callable[[], list[list[int]]]) -> list[list[int]]:
    """Return what ``make`` gives, kept in ``path``."""
    if not path.is_file():
        path.write_text(json.dumps(make()), encoding="utf-8")
    found: list[list[int]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    main()
