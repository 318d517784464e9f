"""Trains the upper layers of the embedding: a question and the passage that answers it come near, near misses go away."""

import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from sentence_transformers.sentence_transformer.training_args import BatchSamplers
from torch import Tensor, nn

from training.corpus import Passage
from training.questions import Question

FROZEN_LAYERS = 4  # of twelve, with the embeddings of the tokens below them
MAX_TOKENS = 160
NEGATIVES = 2
SEED = 20
_AT_ONCE = 32  # texts of like length that go through the model together


def examples(
    questions: Sequence[Question], passages: Sequence[Passage], mined: Sequence[Sequence[int]], chance: random.Random
) -> Dataset:
    """Return a row for each answerable question: one of its passages, and passages that do not answer it."""
    rows = []
    trained = [(q, hard) for q, hard in zip(questions, mined, strict=True) if q.gold and not q.left_out]
    others = [q.before for q, _hard in trained if q.before]
    for question, hard in trained:
        golds = question.gold[:1] if question.kind == "single" else question.gold[:3]
        for gold in golds if question.kind in ("list", "compare") else golds[:1]:
            negatives = [*question.misses[:1], *chance.sample(list(hard), min(len(hard), NEGATIVES))][:NEGATIVES]
            asked = question.whole
            if not question.before and chance.random() < 0.05:  # a turn that has nothing to do with it is to be ignored
                asked = f"{chance.choice(others)}\n{asked}"
            row = {"anchor": asked, "positive": passages[gold].whole}
            rows.append(row | {f"negative_{i}": passages[at].whole for i, at in enumerate(negatives)})
    full = [row for row in rows if len(row) == 2 + NEGATIVES]
    return Dataset.from_list(full)


class LengthwiseRankingLoss(MultipleNegativesRankingLoss):  # type: ignore[misc]
    """The same loss, for which texts of like length go through the model together: most are short, few are long."""

    def forward(self, sentence_features: Iterable[dict[str, Tensor]], labels: Tensor) -> Any:
        columns = list(sentence_features)
        longest = max(column["input_ids"].shape[1] for column in columns)
        ids = torch.cat([nn.functional.pad(c["input_ids"], (0, longest - c["input_ids"].shape[1])) for c in columns])
        mask = torch.cat(
            [nn.functional.pad(c["attention_mask"], (0, longest - c["attention_mask"].shape[1])) for c in columns]
        )
        lengths = mask.sum(1)
        order = torch.argsort(lengths)
        rows = []
        for part in order.split(_AT_ONCE):
            most = int(lengths[part].max())
            features = {"input_ids": ids[part, :most], "attention_mask": mask[part, :most]}
            rows.append(self.model(features)["sentence_embedding"])
        vectors = torch.cat(rows)[torch.argsort(order)]
        sizes = [column["input_ids"].shape[0] for column in columns]
        return self.compute_loss_from_embeddings(list(vectors.split(sizes)), labels)


def without_dropout(model: nn.Module) -> None:
    """Switch dropout off: most of the layers are frozen or hardly move, and random numbers cost a third of the time."""
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0


def takes_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 itself; one that does not is several times slower with it."""
    return bool(torch.cpu._is_avx512_bf16_supported())  # noqa: SLF001 - torch tells it nowhere else


def train(base: Path, data: Dataset, out: Path, work: Path, *, epochs: float, batch: int = 32) -> None:
    """Train the model in ``base`` and write it to ``out``. What was stopped goes on from the last checkpoint in ``work``."""
    model = SentenceTransformer(
        str(base), device="cpu", local_files_only=True, model_kwargs={"attn_implementation": "eager"}
    )
    model.max_seq_length = MAX_TOKENS
    without_dropout(model)
    transformer = model[0].model
    transformer.embeddings.requires_grad_(False)
    transformer.encoder.layer[:FROZEN_LAYERS].requires_grad_(False)
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(work),
        num_train_epochs=epochs,
        per_device_train_batch_size=batch,
        learning_rate=4e-5,
        warmup_steps=0.1,
        lr_scheduler_type="cosine",
        weight_decay=0.01,
        bf16=takes_bfloat16(),
        use_cpu=True,
        seed=SEED,
        batch_sampler=BatchSamplers.NO_DUPLICATES,
        prompts={"anchor": "query: ", "positive": "passage: "}
        | {f"negative_{i}": "passage: " for i in range(NEGATIVES)},
        save_strategy="steps",
        save_steps=100,
        save_total_limit=1,
        logging_steps=20,
        report_to=[],
        dataloader_num_workers=0,
    )
    trainer = SentenceTransformerTrainer(
        model=model, args=arguments, train_dataset=data, loss=LengthwiseRankingLoss(model, scale=50.0)
    )
    trainer.train(resume_from_checkpoint=any(work.glob("checkpoint-*")) or None)
    model.save_pretrained(str(out), create_model_card=False)
