"""The ranker as torch sees it: an encoder that reads question and passage together, with three small heads."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoModel

HEADS = ("answers", "corrects")


class RankerModel(nn.Module):
    """Question and passage in, three judgements out.

    ``forward`` takes token ids and mask, each (batch, tokens), and returns logits: (batch, 2) of whether the passage
    answers and whether it says other than the question takes for granted, and (batch, tokens) of whether a token
    belongs to what answers.
    """

    def __init__(self, encoder: Any) -> None:
        super().__init__()
        size = encoder.config.hidden_size
        self.encoder = encoder
        self.dense = nn.Linear(size, size)
        self.judge = nn.Linear(size, len(HEADS))
        self.point = nn.Linear(size, 1)

    @classmethod
    def begin(cls, base: Path, frozen_layers: int) -> "RankerModel":
        """Return the model begun from ``base``, its heads at random."""
        encoder = AutoModel.from_pretrained(
            base, attn_implementation="eager", local_files_only=True, add_pooling_layer=False
        )
        encoder.embeddings.requires_grad_(False)
        encoder.encoder.layer[:frozen_layers].requires_grad_(False)
        return cls(encoder)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask, return_dict=False)[0]
        judged = self.judge(torch.tanh(self.dense(states[:, 0])))
        return judged, self.point(states)[..., 0]
