"""Fits the numbers that decide (``assistant.fitted``) on questions about documents that no model was trained on.

    python -m training.fit [--embedding FOLDER] [--ranker FOLDER|NAME|off]

Run it again for another embedding model or ranker: nothing else in the product depends on which they are.
"""

import argparse
import hashlib
import json
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import fbeta_score, roc_auc_score

from assistant.fitted import Fitted, Logistic
from assistant.quoting import NEXT
from assistant.ranker import Judged, Ranker, open_ranker
from assistant.ranker import Passage as Read
from assistant.retrieve import SECOND_STAGE, WINDOWS, standing_out
from training import classifiers
from training.corpus import Passage, read_passages
from training.questions import Question, files_of, is_left_out, place, rows
from training.search import dense_scores, fused_scores, word_scores
from vectorstore.embedding import Embedder, open_embedder

OUT = Path(__file__).parents[1] / "assistant" / "fitted"
BUILD = Path("build") / "training"
EMBEDDING, RANKER = Path("models/zhengce-embedding"), Path("models/zhengce-ranker")
INDEXED = 15_000  # passages among which is searched: those of the left-out documents, and of others
FALSE_REFUSALS = 0.08  # share of answerable questions that may be refused
RIGHT = 0.995  # share of questions that take nothing wrong for granted of which none is corrected
RELATED = 0.03  # the same for a refusal that does not even show what is near
# Where the bars of the desk lie for these two means of ``anchors``. A guess: multilingual-e5-small itself gives 0.878, 0.906.
ANCHORS = (0.82, 0.86)
_ANCHORED = 300  # questions
PRECISE = 0.7  # share of the quoted units that answer, at least
SEED = 20
_STEPS = (0.03, 0.05, 0.08, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7)


@dataclass(frozen=True, slots=True)
class Tried:
    """A question with the units that the product would have read: whether each is gold, what the ranker said of it."""

    question: Question
    units: tuple[tuple[str, int], ...]
    gold: tuple[bool, ...]
    first: tuple[float, ...]
    judged: tuple[Judged, ...]
    marked: tuple[tuple[bool, ...], ...]  # of each unit's best window, which sentences answer
    missing: int  # gold units that the first stage did not find


def best_share(dense: np.ndarray, words: np.ndarray, gold: Sequence[set[int]]) -> tuple[float, float]:
    """Return the share of the vectors in the first stage that puts gold passages highest, with the mean reciprocal rank."""
    found = {share: _reciprocal(fused_scores(dense, words, share), gold) for share in np.arange(0.4, 1.0, 0.05)}
    share = max(found, key=found.__getitem__)
    return round(float(share), 2), found[share]


def _reciprocal(scores: np.ndarray, gold: Sequence[set[int]]) -> float:
    ranks = []
    for row, wanted in zip(scores, gold, strict=True):
        order = np.argsort(-row)[:50]
        ranks.append(next((1 / (k + 1) for k, at in enumerate(order) if int(at) in wanted), 0.0))
    return float(np.mean(ranks))


def in_its_own(
    questions: Sequence[Question], passages: Sequence[Passage], dense: np.ndarray, words: np.ndarray, share: float
) -> np.ndarray:
    """Return the fused scores of each question among the passages of its own documents only, -1 for all others.

    A store may hold one document, or a question be kept to one: what tells that there is an answer must hold there, too.
    """
    files = np.array([passage.file for passage in passages])
    fused = np.full(dense.shape, -1.0, dtype=np.float32)
    for row, question in enumerate(questions):
        own = np.isin(files, [question.file, *(passages[at].file for at in question.gold)])
        among = min(64, int(own.sum()) - 1)
        fused[row, own] = fused_scores(dense[row : row + 1, own], words[row : row + 1, own], share, among)[0]
    return fused


def try_all(
    questions: Sequence[Question], passages: Sequence[Passage], fused: np.ndarray, ranker: Ranker | None
) -> list[Tried]:
    """Read the best units of the first stage with each question, as the product does."""
    by_unit: dict[tuple[str, int], list[int]] = {}
    for at, passage in enumerate(passages):
        if passage.citable:
            by_unit.setdefault((passage.file, passage.unit), []).append(at)
    tried = []
    for done, (question, row) in enumerate(zip(questions, fused, strict=True)):
        if done % 50 == 0:
            sys.stderr.write(f"\r{done}/{len(questions)}")
        firsts: dict[tuple[str, int], float] = {}
        for at in np.argsort(-row)[:120]:
            passage = passages[int(at)]
            if passage.citable and row[at] >= 0:
                firsts.setdefault((passage.file, passage.unit), float(row[at]))
        units = list(firsts)[:SECOND_STAGE]
        gold = {(passages[at].file, passages[at].unit) for at in question.gold}
        read = _judge(question, [by_unit[unit][:WINDOWS] for unit in units], passages, ranker)
        tried.append(
            Tried(
                question,
                tuple(units),
                tuple(unit in gold for unit in units),
                tuple(firsts[unit] for unit in units),
                tuple(judged for judged, _at in read),
                tuple(_marked(question, passages[at], at) for _judged, at in read),
                len(gold - set(units)),
            )
        )
    sys.stderr.write("\n")
    return tried


def _judge(
    question: Question, units: Sequence[Sequence[int]], passages: Sequence[Passage], ranker: Ranker | None
) -> list[tuple[Judged, int]]:
    """Return for each unit, a list of its windows, what is said of the best of them, and which it is."""
    if ranker is None:
        return [(Judged(0.0, -30.0, (1.0,)), at[0]) for at in units]
    windows = [at for some in units for at in some]
    read = [Read(passages[at].context, passages[at].text, passages[at].sentences) for at in windows]
    judged = iter(zip(ranker.judge(question.whole, read), windows, strict=True))
    return [max(islice(judged, len(some)), key=lambda one: one[0].answers) for some in units]


def _marked(question: Question, passage: Passage, at: int) -> tuple[bool, ...]:
    spans = dict(zip(question.gold, question.spans, strict=True)).get(at, ())
    return tuple(any(a < end and b > start for a, b in spans) for start, end in passage.sentences)


def logistic(features: Sequence[Sequence[float]], wanted: Sequence[bool]) -> Logistic:
    """Return the logistic model that tells ``wanted`` from ``features`` (Platt scaling where there is one feature)."""
    model = LogisticRegression(C=1.0, max_iter=2000, random_state=SEED).fit(np.array(features), np.array(wanted))
    return Logistic(weights=tuple(map(float, model.coef_[0])), bias=float(model.intercept_[0]))


def fit(tried: Sequence[Tried], dense: float) -> tuple[Fitted, dict[str, float]]:
    """Return the parameters and what they come to on the questions that they were fitted on."""
    answerable = [one for one in tried if one.question.answerable and one.question.kind != "overview"]
    unit = logistic(
        [(j.answers, f) for one in answerable for j, f in zip(one.judged, one.first, strict=True)],
        [g for one in answerable for g in one.gold],
    )

    def chances(one: Tried) -> list[float]:
        return [unit.chance((j.answers, f)) for j, f in zip(one.judged, one.first, strict=True)]

    def features(one: Tried) -> tuple[float, float, float]:
        best = one.judged[int(np.argmax(chances(one)))]
        return standing_out([judged.answers for judged in one.judged], max(best.sentences, default=0.0))

    judged = [one for one in tried if one.question.kind != "overview"]
    can = [one.question.answerable for one in judged]
    answer = logistic([features(one) for one in judged], can)
    given = np.array([answer.chance(features(one)) for one in judged])
    good = np.sort(given[np.array(can)])
    answered, related = float(good[int(FALSE_REFUSALS * len(good))]), float(good[int(RELATED * len(good))])
    plain = [one for one in answerable if one.question.kind not in ("list", "compare")]
    sets = [one for one in answerable if one.question.kind in ("list", "compare")]
    further, share, beside = _extent(plain, chances, 3)
    listed, _share, listed_beside = _extent(sets, chances, 5, shares=(0.0,))
    parameters = Fitted(
        dense=dense, unit=unit, answer=answer, answered=round(answered, 4), related=round(related, 4),
        further=further, share=share, beside=beside, listed=listed, listed_beside=listed_beside,
        told=_told(answerable), corrected=_corrected(answerable, chances),
    )  # fmt: skip
    ranks = [sorted(zip(chances(one), one.gold, strict=True), reverse=True) for one in answerable]
    told = {
        "hit@1": float(np.mean([r[0][1] for r in ranks])),
        "hit@5": float(np.mean([any(g for _c, g in r[:5]) for r in ranks])),
        "hit@20": float(np.mean([any(g for _c, g in r) for r in ranks])),
        "answerable AUC": float(roc_auc_score(can, given)),
        "true refusal": float(np.mean(given[~np.array(can)] < answered)),
        "questions": float(len(judged)),
    }
    return parameters, told


def _extent(
    tried: Sequence[Tried],
    chances: Callable[[Tried], list[float]],
    most: int,
    shares: Sequence[float] = (0.2, 0.4, 0.6, 0.8),
) -> tuple[float, float, float]:
    """Return from which chance on a further unit is quoted: alone, as a share of the best, and next to the best.

    As many gold units as can be had while PRECISE of what is quoted is gold, on average over the questions.
    """
    best, chosen = (-1.0, -1.0), (0.9, 0.9, 0.9)
    orders = [
        (sorted(zip(chances(one), one.gold, one.units, strict=True), reverse=True), max(1, sum(one.gold) + one.missing))
        for one in tried
    ]
    for further, share, beside in product(_STEPS, shares, _STEPS):
        recalls, precisions = [], []
        for order, wanted in orders:
            top = order[0]
            least = max(further, share * top[0])
            near = min(least, beside)
            taken = [o for o in order[1:] if o[0] >= (near if _is_beside(o[2], top[2]) else least)][: most - 1]
            hits = top[1] + sum(o[1] for o in taken)
            recalls.append(hits / wanted)
            precisions.append(hits / (1 + len(taken)))
        precise, recall = float(np.mean(precisions)), float(np.mean(recalls))
        value = (1.0, recall) if precise >= PRECISE else (0.0, precise)
        if value > best:
            best, chosen = value, (further, share, beside)
    return chosen


def _is_beside(unit: tuple[str, int], other: tuple[str, int]) -> bool:
    return unit[0] == other[0] and abs(unit[1] - other[1]) <= NEXT


def _told(tried: Sequence[Tried]) -> float:
    """Return from which chance on a sentence of a long unit is quoted: the one with the best F2 on sentences that answer."""
    told = [
        (chance, marked)
        for one in tried
        for judged, gold, marks in zip(one.judged, one.gold, one.marked, strict=True)
        if gold and len(judged.sentences) > 1 and len(marks) == len(judged.sentences)
        for chance, marked in zip(judged.sentences, marks, strict=True)
    ]
    if not told:
        return 0.3
    chances, marked = np.array([c for c, _m in told]), np.array([m for _c, m in told])
    scores = {least: fbeta_score(marked, chances >= least, beta=2) for least in _STEPS}
    return max(scores, key=scores.__getitem__)


def anchors(embedder: Embedder, questions: Sequence[Question], passages: Sequence[Passage]) -> tuple[float, float]:
    """Return the mean cosine of sentences that have nothing to do with each other, and of questions with their answers."""
    chance = random.Random(SEED)  # noqa: S311
    asked = [q for q in questions if q.gold and not q.before][:_ANCHORED]
    answers = [passages[q.gold[0]].text[slice(*q.spans[0][0])] for q in asked]
    others = [one.text[slice(*chance.choice(one.sentences))] for one in chance.sample(passages, 2 * _ANCHORED)]
    rows = embedder.embed_documents([*answers, *others])
    near = [float(embedder.embed_query(q.text) @ row) for q, row in zip(asked, rows, strict=False)]
    far = rows[len(answers) :]
    return float((far[::2] * far[1::2]).sum(1).mean()), float(np.mean(near))


def fit_scale(embedder: Embedder, questions: Sequence[Question], passages: Sequence[Passage]) -> None:
    """Write the line that brings the model's cosines to the common scale."""
    far, near = anchors(embedder, questions, passages)
    factor = (ANCHORS[1] - ANCHORS[0]) / (near - far)
    _keep(
        "cosines.json", embedder.fingerprint.partition(":")[0], {"factor": factor, "shift": ANCHORS[0] - factor * far}
    )
    sys.stderr.write(f"cosines: {far:.3f} {near:.3f}\n")


def _keep(name: str, key: str, value: dict[str, Any]) -> None:
    path = OUT / name
    table = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    table[key] = value
    path.write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _corrected(tried: Sequence[Tried], chances: Callable[[Tried], list[float]]) -> float:
    """Return from which chance on the premise counts as wrong: where hardly a right one does."""
    right = []
    for one in tried:
        best = one.judged[int(np.argmax(chances(one)))]
        if one.question.kind != "false_premise":
            right.append(best.corrects)
    logit = float(np.quantile(right, RIGHT)) if right else 1.0
    return round(1 / (1 + float(np.exp(-logit))), 4)


def _fit_classifiers(embedder: Embedder, questions: Sequence[Question]) -> None:
    for name, (texts, wanted) in {
        "asks": classifiers.labelled(questions),
        "leans": classifiers.leaning(questions),
    }.items():
        accuracy = classifiers.fit(name, texts, wanted, embedder, OUT)
        sys.stderr.write(f"{name}: {accuracy:.3f} ({len(texts)})\n")


def _is_left_out(row: Mapping[str, object]) -> bool:
    return any(is_left_out(file) for file in files_of([row]))


def _index(files: Sequence[str]) -> list[Passage]:
    """Return the passages that are searched: as many as a large store holds, the left-out documents whole among them."""
    chosen: list[Passage] = []
    for file in sorted(files, key=lambda file: (not is_left_out(file), hashlib.sha256(file.encode()).hexdigest())):
        if len(chosen) < INDEXED:
            chosen += read_passages([file], BUILD / "passages")
    return chosen


def main() -> None:
    """Fit everything for the models named on the command line."""
    parser = argparse.ArgumentParser(description="为所用的向量模型与排序模型拟合判断参数")
    parser.add_argument("--embedding", default=str(EMBEDDING), help="向量模型(默认内置)")
    parser.add_argument("--ranker", default=str(RANKER), help="排序模型(默认内置;off 表示不用)")
    args = parser.parse_args()
    found = rows()
    embedder = open_embedder(args.embedding)
    _fit_classifiers(embedder, place(found, read_passages(files_of(found), BUILD / "passages"))[0])
    passages = _index(files_of(found))
    left_out = place([row for row in found if _is_left_out(row)], passages)[0]
    fit_scale(embedder, left_out, passages)
    asked = [q.whole for q in left_out]
    dense, words = dense_scores(embedder, passages, asked, BUILD), word_scores(passages, asked)
    hidden = np.array([not passage.citable for passage in passages])
    dense[:, hidden], words[:, hidden] = -1.0, 0.0
    with_gold = [i for i, q in enumerate(left_out) if q.gold]
    share, mrr = best_share(dense[with_gold], words[with_gold], [set(left_out[i].gold) for i in with_gold])
    ranker = open_ranker(args.ranker)
    tried = try_all(left_out, passages, fused_scores(dense, words, share), ranker)
    tried += try_all(left_out, passages, in_its_own(left_out, passages, dense, words, share), ranker)
    parameters, told = fit(tried, share)
    told["first stage MRR"] = mrr
    _keep("parameters.json", ranker.name if ranker else "off", parameters.model_dump(mode="json"))
    for name, value in told.items():
        sys.stdout.write(f"{name}: {value:.3f}\n")


if __name__ == "__main__":
    main()
