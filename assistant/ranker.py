"""The ranker: reads a question and a passage together and says how well it answers, and with which sentences.

The embedded one is built with the embedding model (``assistant.embedded_ranker``) and run by OpenVINO; any
CrossEncoder of sentence-transformers can stand in its place, which then judges sentences one by one.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from vectorstore.embedding import Backend
from vectorstore.errors import EmbeddingError
from vectorstore.openvino_embedding import MODEL, MODEL_INT8, compile_model, model_file, open_tokenizer

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

MAX_TOKENS = 288
QUESTION_CHARS = 400  # of a question with the turn before it; the end is what is asked
_ROWS = 8  # pairs that go through the model together
_STEP = 16  # tokens; lengths are padded to a multiple


@dataclass(frozen=True, slots=True)
class Passage:
    """What is judged: ``context`` (title and headings), ``text``, and its sentences as spans of characters of it."""

    context: str
    text: str
    sentences: tuple[tuple[int, int], ...]

    @property
    def whole(self) -> str:
        """What the model reads."""
        return f"{self.context}\n{self.text}" if self.context else self.text


@dataclass(frozen=True, slots=True)
class Judged:
    """What the ranker says of a passage: ``answers`` and ``corrects`` are logits, ``sentences`` chances from 0 to 1.

    ``corrects``: the passage says other than the question takes for granted.
    """

    answers: float
    corrects: float
    sentences: tuple[float, ...]


class Ranker(Protocol):
    """What reads questions and passages together. Safe to call from several threads."""

    @property
    def name(self) -> str:
        """What the judgements depend on; parameters are fitted to it."""
        ...

    def judge(self, question: str, passages: Sequence[Passage]) -> list[Judged]:
        """Judge each of ``passages`` against ``question``. Raises EmbeddingError where the model cannot be loaded."""
        ...


class OpenVinoRanker:
    """The embedded ranker in ``folder``, loaded at the first question."""

    def __init__(self, folder: Path, model: Path | None = None, threads: int | None = None) -> None:
        self._folder = folder
        self._file = model or model_file(folder)
        self._threads = threads
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The embedded ranker is one model, whichever form of it the processor runs."""
        return self._folder.name

    def judge(self, question: str, passages: Sequence[Passage]) -> list[Judged]:
        """Judge all passages; those of like length go through the model together."""
        judged: dict[int, Judged] = {}
        with self._lock:
            tokens = self._tokenizer.encode_batch([(question[-QUESTION_CHARS:], one.whole) for one in passages])
            order = sorted(range(len(passages)), key=lambda at: len(tokens[at]))
            for start in range(0, len(order), _ROWS):
                rows = order[start : start + _ROWS]
                verdicts, points = self._run([tokens[at] for at in rows])
                for row, at in enumerate(rows):
                    chances = _sentence_chances(passages[at], tokens[at], points[row])
                    judged[at] = Judged(float(verdicts[row, 0]), float(verdicts[row, 1]), chances)
        return [judged[at] for at in range(len(passages))]

    def _run(self, tokens: "Sequence[Encoding]") -> tuple[Any, Any]:
        """Run up to _ROWS pairs. Kernels are made for each shape, so there are few: rows that are missing are blank."""
        shape = (_ROWS, -(-max(len(one) for one in tokens) // _STEP) * _STEP)
        ids, mask = np.full(shape, self._pad, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        mask[:, 0] = 1  # of a blank row, too: nothing to attend to would be no number
        for row, one in enumerate(tokens):
            ids[row, : len(one)] = one.ids
            mask[row, : len(one)] = 1
        found = self._request.infer({"input_ids": ids, "attention_mask": mask}, share_inputs=True)
        return found["judged"], found["points"]

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        tokenizer = open_pair_tokenizer(self._folder)
        self._pad = int(tokenizer.token_to_id("<pad>") or 0)
        return tokenizer

    @cached_property
    def _request(self) -> Any:
        try:
            return compile_model(self._file, self._threads).create_infer_request()
        except Exception as error:  # openvino raises its own, of no common kind
            raise EmbeddingError(
                f"无法加载排序模型 {self._file}:{str(error).splitlines()[0]};请重新运行 zhengce model"
            ) from error


def open_pair_tokenizer(folder: Path) -> "Tokenizer":
    """Return the tokenizer of ``folder`` for a question and a passage, of which the longer is cut where it is too much."""
    tokenizer = open_tokenizer(folder)
    tokenizer.enable_truncation(MAX_TOKENS, strategy="longest_first")
    return tokenizer


def _sentence_chances(passage: Passage, tokens: "Encoding", points: Any) -> tuple[float, ...]:
    """Return how likely each sentence is part of the answer: the mean of its tokens; one that was cut off has 0."""
    above = len(passage.whole) - len(passage.text)
    sums, counts = [0.0] * len(passage.sentences), [0] * len(passage.sentences)
    at = 0
    for part, (start, end), point in zip(tokens.sequence_ids, tokens.offsets, points, strict=False):
        if part != 1 or start < above or end <= start:
            continue
        while at < len(passage.sentences) and passage.sentences[at][1] <= start - above:
            at += 1
        if at < len(passage.sentences) and passage.sentences[at][0] <= start - above:
            sums[at] += float(point)
            counts[at] += 1
    return tuple(_chance(total / count) if count else 0.0 for total, count in zip(sums, counts, strict=True))


def _chance(logit: float) -> float:
    return 1 / (1 + exp(-max(-30.0, min(30.0, logit))))


class CrossEncoderRanker:
    """A CrossEncoder of sentence-transformers by name or folder; what it gives a passage, it gives a sentence, too."""

    def __init__(self, name_or_folder: str) -> None:
        self._name = name_or_folder
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The name that the user gave."""
        return self._name

    def judge(self, question: str, passages: Sequence[Passage]) -> list[Judged]:
        """Judge the passages and, in the same run, the sentences of each that has several."""
        asked = question[-QUESTION_CHARS:]
        parts = [[one.text[a:b] for a, b in one.sentences] if len(one.sentences) > 1 else [] for one in passages]
        texts = [one.whole for one in passages] + [text for some in parts for text in some]
        with self._lock:
            scores = [float(score) for score in self._model.predict([(asked, text) for text in texts])]
        rest = iter(scores[len(passages) :])
        judged = []
        for score, one, some in zip(scores, passages, parts, strict=False):
            told = tuple(_chance(next(rest)) for _text in some) or (_chance(score),) * len(one.sentences)
            judged.append(Judged(score, -30.0, told))
        return judged

    @cached_property
    def _model(self) -> Any:
        try:
            import torch
            from sentence_transformers import CrossEncoder

            return CrossEncoder(self._name, device="cpu", activation_fn=torch.nn.Identity(), max_length=512)
        except (ImportError, OSError, ValueError, RuntimeError) as error:
            raise EmbeddingError(
                f"无法加载排序模型 {self._name}:{str(error).splitlines()[0]}。"
                "请检查 ZHENGCE_RERANKER_MODEL,或去掉它以使用内置模型"
            ) from error


def open_ranker(name_or_folder: str, *, backend: Backend = "auto", threads: int | None = None) -> Ranker | None:
    """Return the ranker of this name or folder, not yet loaded; None for ``off``.

    ``backend`` and ``threads`` are for the embedded one: int8 or float32, by default what is fastest here.

    Raises EmbeddingError where a folder is named that holds no ranker.
    """
    if name_or_folder == "off":
        return None
    folder = Path(name_or_folder)
    if (folder / MODEL).is_file() and (folder / "tokenizer.json").is_file():
        chosen = {"int8": folder / MODEL_INT8, "openvino": folder / MODEL}.get(backend, model_file(folder))
        return OpenVinoRanker(folder, chosen if chosen.is_file() else folder / MODEL, threads)
    if not folder.is_dir() and (folder.is_absolute() or name_or_folder.startswith(("models/", "."))):
        raise EmbeddingError(
            f"没有找到排序模型 {name_or_folder};请运行 zhengce model,或用 ZHENGCE_RERANKER_MODEL 指定(off 表示不用)"
        )
    return CrossEncoderRanker(name_or_folder)
