"""Search among the passages, as the product searches: by meaning and by the bigrams of the words, the scores added."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import bm25s
import numpy as np

from training.corpus import Passage
from vectorstore.embedding import Embedder
from vectorstore.lexical import bigram_tokens

Scores = np.ndarray[tuple[int, int], np.dtype[np.float32]]


def dense_scores(
    embedder: Embedder, passages: Sequence[Passage], asked: Sequence[str], kept: Path | None = None
) -> Scores:
    """Return the cosine of each question (rows) with each passage (columns); vectors of passages are kept in ``kept``."""
    texts = [passage.whole for passage in passages]
    digest = hashlib.sha256("\n".join([embedder.fingerprint, *texts]).encode()).hexdigest()[:16]
    path = kept / f"vectors-{digest}.npy" if kept else None
    matrix = np.load(path) if path and path.is_file() else embedder.embed_documents(texts)
    if path:
        np.save(path, matrix)
    questions = np.stack([embedder.embed_query(text) for text in asked])
    scores: Scores = questions @ matrix.T
    return scores


def word_scores(passages: Sequence[Passage], asked: Sequence[str]) -> Scores:
    """Return the BM25 of each question (rows) with each passage (columns)."""
    index = bm25s.BM25()
    index.index([bigram_tokens(passage.whole) for passage in passages], show_progress=False)
    known = index.vocab_dict
    rows = []
    for text in asked:
        tokens = [token for token in bigram_tokens(text) if token in known]
        rows.append(index.get_scores(tokens) if tokens else np.zeros(len(passages), dtype=np.float32))
    return np.stack(rows).astype(np.float32)


def fused_scores(dense: Scores, words: Scores, weight: float, among: int = 64) -> Scores:
    """Add the two, each scaled to 0–1 over the best ``among`` of a question; what stands below counts nothing."""
    return weight * _scaled(dense, among) + (1 - weight) * _scaled(words, among)


def _scaled(scores: Scores, among: int) -> Scores:
    low = -np.partition(-scores, among, axis=1)[:, among : among + 1]
    high = scores.max(axis=1, keepdims=True)
    scaled: Scores = np.clip((scores - low) / np.maximum(high - low, 1e-6), 0, 1)
    return scaled
