"""What the tests of the doors share: a small corpus, an embedder without a model, services on both."""

import hashlib
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.ranker import Judged, Passage
from ui.settings import Settings
from ui.wiring import Services, open_services
from vectorstore.lexical import bigrams
from vectorstore.text import fold

POLICY = """云溪市推进数字服务行动方案

一、工作目标
到2028年，全市建成数字服务站120个，群众满意度达到95%以上。

二、重点任务
（一）完善设施
1.建设服务站点。每个街道至少建成2个数字服务站。对新建站点给予每个8万元补助。
2.升级政务网络。到2027年，政务网络覆盖全部社区。
（二）培育人才
3.开展技能培训。每年培训社区工作者3000人次。
"""


class HashEmbedder:
    """An embedder whose vectors count hashed pairs of characters: alike texts are near, and no model is needed."""

    fingerprint = "hash-pairs"
    dimensions = 64

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Return the unit vector of ``text``."""
        vector = np.full(self.dimensions, 1e-3, dtype=np.float32)
        for first, second in pairwise(text):
            vector[hashlib.md5((first + second).encode()).digest()[0] % self.dimensions] += 1
        unit: NDArray[np.float32] = vector / np.linalg.norm(vector)
        return unit

    def embed_documents(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return the unit vectors of ``texts``."""
        vectors = np.stack([self.embed_query(text) for text in texts])
        if progress:
            progress(len(texts))
        return vectors


class WordRanker:
    """A ranker without a model: what shares pairs of characters with the question answers it."""

    name = "words"

    def judge(self, question: str, passages: Sequence[Passage]) -> list[Judged]:
        """Judge by the share of the question's pairs that a passage, or a sentence of it, holds."""
        asked = set(bigrams(fold(question))) or {"无"}

        def share(text: str) -> float:
            return len(asked & set(bigrams(fold(text)))) / len(asked)

        return [
            Judged(12 * share(one.whole) - 3, -9.0, tuple(min(1.0, 2 * share(one.text[a:b])) for a, b in one.sentences))
            for one in passages
        ]


def write_corpus(folder: Path) -> Path:
    """Write the small corpus into ``folder`` and return its file."""
    path = folder / "方案.txt"
    path.write_text(POLICY, encoding="utf-8")
    return path


def filled_services(folder: Path, **settings: object) -> Services:
    """Return services on a store in ``folder`` that holds the small corpus. ``open_model`` must be replaced before."""
    from ingest.pipeline import ingest_paths

    services = open_services(Settings(data_dir=folder / "data", **settings), must_have_documents=False)  # type: ignore[arg-type]
    ingest_paths([write_corpus(folder)], services.store)
    return services
