"""Trains the ranker: each question with a passage that answers it and several that do not, read together."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional
from torch.utils.data import Dataset
from transformers import Trainer, TrainingArguments

from assistant.ranker_model import RankerModel
from training.corpus import Passage
from training.embedding import takes_bfloat16, without_dropout
from training.questions import Question
from vectorstore.openvino_embedding import open_tokenizer

FROZEN_LAYERS = 5
GROUP = 5  # passages a question is trained with
MAX_TOKENS = 224  # the product reads some more; few passages are longer
SEED = 20
_AT_ONCE = 16  # pairs of like length that go through the model together
_SMOOTHED = 0.03  # a passage that nobody marked may answer all the same


@dataclass(frozen=True, slots=True)
class Pair:
    """A question beside a passage: ``answers`` and ``corrects`` are labels, ``spans`` the characters that answer."""

    question: str
    passage: Passage
    answers: bool
    corrects: bool
    spans: tuple[tuple[int, int], ...]


class Groups(Dataset[list[Pair]]):  # type: ignore[misc]
    """For each question GROUP pairs, the first of which answers where one does; the others change from epoch to epoch."""

    def __init__(
        self, questions: Sequence[Question], passages: Sequence[Passage], mined: Sequence[Sequence[int]]
    ) -> None:
        self._passages = passages
        self._asked = [
            (q, hard)
            for q, hard in zip(questions, mined, strict=True)
            if not q.left_out and q.kind != "overview" and (q.gold or not q.answerable)
        ]
        self._befores = [q.before for q, _hard in self._asked if q.before]
        self._chance = random.Random(SEED)  # noqa: S311 - which negatives are taken

    def __len__(self) -> int:
        return len(self._asked)

    def __getitem__(self, at: int) -> list[Pair]:
        question, hard = self._asked[at]
        chance = self._chance
        asked = question.whole
        if not question.before and chance.random() < 0.05:
            asked = f"{chance.choice(self._befores)}\n{question.text}"
        golds = list(zip(question.gold, question.spans, strict=True))
        taken = golds[:1] if chance.random() < 0.7 else [chance.choice(golds)] if golds else []
        negatives = [*question.misses[:1], *chance.sample(hard[:8], min(len(hard[:8]), 3))]
        negatives += chance.sample(hard[8:], min(len(hard[8:]), GROUP))
        negatives = list(dict.fromkeys(negatives))[: GROUP - len(taken)]
        corrects = question.kind == "false_premise"
        pairs = [Pair(asked, self._passages[g], True, corrects, spans) for g, spans in taken]
        return pairs + [Pair(asked, self._passages[n], False, False, ()) for n in negatives]


class Collator:
    """Groups to tensors: tokens, and for each token whether it belongs to what answers."""

    def __init__(self, folder: Path) -> None:
        self._tokenizer = open_tokenizer(folder)
        self._tokenizer.enable_truncation(MAX_TOKENS, strategy="only_second")

    def __call__(self, groups: Sequence[list[Pair]]) -> dict[str, Any]:
        pairs = [pair for group in groups for pair in group]
        encoded = self._tokenizer.encode_batch([(p.question[-400:], p.passage.whole) for p in pairs])
        longest = max(len(one) for one in encoded)
        ids = np.ones((len(pairs), longest), dtype=np.int64)
        mask = np.zeros((len(pairs), longest), dtype=np.int64)
        points = np.full((len(pairs), longest), -1.0, dtype=np.float32)  # -1: no token of the passage's own text
        for row, (one, pair) in enumerate(zip(encoded, pairs, strict=True)):
            ids[row, : len(one)] = one.ids
            mask[row, : len(one)] = 1
            marked = _marked(pair)
            above = len(pair.passage.whole) - len(pair.passage.text)
            for at, (part, (start, end)) in enumerate(zip(one.sequence_ids, one.offsets, strict=True)):
                if part == 1 and start >= above and end > start:
                    points[row, at] = marked[min(start - above, len(marked) - 1)]
        return {
            "input_ids": torch.from_numpy(ids),
            "attention_mask": torch.from_numpy(mask),
            "points": torch.from_numpy(points),
            "answers": torch.tensor([float(p.answers) for p in pairs]),
            "corrects": torch.tensor([float(p.corrects) for p in pairs]),
            "group": torch.tensor([g for g, group in enumerate(groups) for _pair in group]),
        }


def _marked(pair: Pair) -> np.ndarray[Any, Any]:
    """Which characters of the passage's text belong to sentences that answer."""
    marked = np.zeros(max(1, len(pair.passage.text)), dtype=np.float32)
    for start, end in pair.passage.sentences:
        held = sum(max(0, min(end, b) - max(start, a)) for a, b in pair.spans)
        if held >= min(6, (end - start) * 0.3):
            marked[start:end] = 1.0
    return marked


class RankerTrainer(Trainer):  # type: ignore[misc]
    """The losses: which passage of a group answers, whether each does, where, and whether it corrects."""

    def compute_loss(self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, **_: Any) -> Any:
        judged, points = _forward(model, inputs["input_ids"], inputs["attention_mask"])
        answers, group = inputs["answers"], inputs["group"]
        targets = answers * (1 - _SMOOTHED) + (1 - answers) * _SMOOTHED
        weights = torch.where(answers > 0, 2.0, 1.0)
        each = functional.binary_cross_entropy_with_logits(judged[:, 0], targets, weights)
        best = [_listwise(judged[group == g, 0], answers[group == g]) for g in group.unique()]
        listed = torch.stack(best).mean()
        told = inputs["points"] >= 0
        pointed = functional.binary_cross_entropy_with_logits(points, inputs["points"].clamp(min=0), reduction="none")
        rows = answers * 1.0 + (1 - answers) * 0.1
        pointed = ((pointed * told).sum(1) / told.sum(1).clamp(min=1) * rows).sum() / rows.sum()
        held = answers > 0
        wrong = (
            functional.binary_cross_entropy_with_logits(
                judged[held, 1], inputs["corrects"][held], pos_weight=torch.tensor(4.0)
            )
            if held.any()
            else judged.sum() * 0
        )
        loss = listed + each + 0.7 * pointed + 0.2 * wrong
        return (loss, judged) if return_outputs else loss


def _forward(model: Any, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Run pairs of like length together, so that short ones are not padded to the longest."""
    lengths = mask.sum(1)
    order = torch.argsort(lengths)
    judged, points = [], []
    for part in order.split(_AT_ONCE):
        longest = int(lengths[part].max())
        one, tokens = model(ids[part, :longest], mask[part, :longest])
        judged.append(one.float())
        points.append(functional.pad(tokens.float(), (0, ids.shape[1] - longest)))
    back = torch.argsort(order)
    return torch.cat(judged)[back], torch.cat(points)[back]


def _listwise(scores: Tensor, answers: Tensor) -> Tensor:
    if not bool((answers > 0).any()):
        return scores.sum() * 0
    logs = functional.log_softmax(scores, 0)
    return -(logs * answers).sum() / answers.sum()


def train(base: Path, groups: Groups, out: Path, work: Path, *, epochs: float, begun: Path | None = None) -> None:
    """Train from ``base``, or from the weights ``begun`` of an earlier round, and write the weights to ``out``.

    What was stopped goes on from the last checkpoint in ``work``.
    """
    torch.manual_seed(SEED)
    model = RankerModel.begin(base, FROZEN_LAYERS)
    if begun:
        model.load_state_dict(load_file(begun))
    without_dropout(model)
    arguments = TrainingArguments(
        output_dir=str(work),
        num_train_epochs=epochs,
        per_device_train_batch_size=8,
        learning_rate=6e-5,
        warmup_steps=0.08,
        lr_scheduler_type="cosine",
        weight_decay=0.01,
        bf16=takes_bfloat16(),
        use_cpu=True,
        seed=SEED,
        save_strategy="steps",
        save_steps=100,
        save_total_limit=1,
        logging_steps=20,
        report_to=[],
        remove_unused_columns=False,
        label_names=["answers"],
    )
    trainer = RankerTrainer(model=model, args=arguments, train_dataset=groups, data_collator=Collator(base))
    trainer.train(resume_from_checkpoint=any(work.glob("checkpoint-*")) or None)
    save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, out)
