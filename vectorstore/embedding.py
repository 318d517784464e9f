"""Texts to vectors: any sentence-transformers model, with the prefixes that it was trained with.

Two backends run it. OpenVINO needs no torch; it is taken where the model's folder holds its form of the model.

A query and a document are embedded by two verbs, because most models want another prefix for each.
"""

import hashlib
import json
import os
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from vectorstore.errors import EmbeddingError
from vectorstore.openvino_embedding import (
    MODEL,
    MODEL_INT8,
    OpenVinoEncoder,
    can_run,
    multiplies_int8,
    read_config,
)

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Matrix = np.ndarray[tuple[int, int], np.dtype[np.float32]]
Vector = np.ndarray[tuple[int], np.dtype[np.float32]]
Backend = Literal["auto", "openvino", "int8", "torch"]  # auto chooses; openvino is its float32 model

CACHED_QUERIES = 1024
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
_SAMPLED = 1 << 20  # bytes at either end of a weight file that its identity is read from
# (query, document) prefixes of families that do not carry them in their own configuration, as their authors give them
_FAMILIES: tuple[tuple[str, tuple[str, str]], ...] = (
    (
        "e5-large-instruct",
        ("Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: ", ""),
    ),
    ("e5", ("query: ", "passage: ")),
    ("bge-m3", ("", "")),
    ("bge", ("为这个句子生成表示以用于检索相关文章：", "")),
    (
        "qwen3-embedding",
        ("Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:", ""),
    ),
)


class Embedder(Protocol):
    """What turns texts into vectors of unit length."""

    @property
    def fingerprint(self) -> str:
        """What the vectors depend on: model, weights and prefixes. Stores remember it."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        ...

    def embed_query(self, text: str) -> Vector:
        """Return the vector of a question."""
        ...

    def embed_documents(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Matrix:
        """Return the vectors of documents, a row each. ``progress`` is told how many more are done."""
        ...


def open_embedder(
    name_or_folder: str,
    *,
    query_prefix: str | None = None,
    document_prefix: str | None = None,
    batch_size: int = 32,
    backend: Backend = "auto",
    threads: int | None = None,
) -> "ModelEmbedder":
    """Return the model of this name or folder, not yet loaded.

    Prefixes given here win over those of the model's own configuration, and these over what is known of its family.
    ``batch_size`` is for torch; OpenVINO fills batches by tokens, and takes ``threads``, by default a thread a processor.
    Raises EmbeddingError where a folder is named that is no model, or that OpenVINO is asked to run and cannot.
    """
    folder = Path(name_or_folder)
    if not folder.is_dir() and (folder.is_absolute() or name_or_folder.startswith((".", "models/")) or folder.exists()):
        raise EmbeddingError(
            f"没有找到向量模型 {name_or_folder};请运行 zhengce model,或用 ZHENGCE_EMBEDDING_MODEL 指定模型名或文件夹"
        )
    if folder.is_dir() and not (folder / "modules.json").is_file() and not (folder / "config.json").is_file():
        raise EmbeddingError(f"{name_or_folder} 不是 sentence-transformers 模型文件夹;请运行 zhengce model 重新生成")
    own_query, own_document = _own_prefixes(name_or_folder)
    return ModelEmbedder(
        name_or_folder,
        own_query if query_prefix is None else query_prefix,
        own_document if document_prefix is None else document_prefix,
        _encoder(name_or_folder, backend, batch_size, threads),
    )


def backend_of(name_or_folder: str, backend: Backend = "auto") -> Backend:
    """Return what is to run the model where ``backend`` is asked for: for "auto", what is fastest here."""
    folder = Path(name_or_folder)
    if backend != "auto":
        return backend
    if not can_run(folder):
        return "torch"
    return "int8" if (folder / MODEL_INT8).is_file() and multiplies_int8() else "openvino"


def _encoder(name_or_folder: str, backend: Backend, batch_size: int, threads: int | None) -> "Encoder":
    folder = Path(name_or_folder)
    chosen = backend_of(name_or_folder, backend)
    if chosen == "torch":
        return SentenceTransformerEncoder(name_or_folder, batch_size)
    if not can_run(folder):
        raise EmbeddingError(f"{name_or_folder} 里没有可用的 OpenVINO 模型;请运行 zhengce model,或改用 torch")
    if chosen == "openvino":
        return OpenVinoEncoder(folder, MODEL, threads)
    if not (folder / MODEL_INT8).is_file():
        raise EmbeddingError(
            f"{name_or_folder} 里没有 int8 模型;请运行 make int8,或设 ZHENGCE_EMBEDDING_BACKEND=openvino"
        )
    return OpenVinoEncoder(folder, MODEL_INT8, threads)


def _own_prefixes(name_or_folder: str) -> tuple[str, str]:
    """Return the prefixes that the model's configuration names, else those of its family."""
    prompts = read_config(Path(name_or_folder), "config_sentence_transformers.json").get("prompts") or {}
    if isinstance(prompts, dict) and any(prompts.values()):
        return prompts.get("query", ""), prompts.get("document") or prompts.get("passage") or ""
    name = name_or_folder.rstrip("/").lower()
    return next((prefixes for family, prefixes in _FAMILIES if family in name.rsplit("/", 1)[-1]), ("", ""))


class Encoder(Protocol):
    """What runs the model: prefixed texts to rows of unit length. Safe to call from several threads."""

    def encode_query(self, text: str) -> Matrix:
        """Return the vector of one text as a row, as soon as can be."""
        ...

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Matrix:
        """Return the vectors of many texts, a row each."""
        ...


class ModelEmbedder:
    """A model and its prefixes, whichever backend runs it. Safe to call from several threads."""

    def __init__(self, name_or_folder: str, query_prefix: str, document_prefix: str, encoder: Encoder) -> None:
        self._name = name_or_folder
        self._prefixes = (query_prefix, document_prefix)
        self._encoder = encoder
        self._cached = lru_cache(CACHED_QUERIES)(self._embed_query)

    @property
    def fingerprint(self) -> str:
        """Name, weights and prefixes, without loading the model: of weight files, size and both ends are read."""
        digest = hashlib.sha256(json.dumps(self._prefixes).encode())
        folder = Path(self._name)
        for path in sorted(p for name in _WEIGHTS for p in folder.rglob(name)) if folder.is_dir() else ():
            size = path.stat().st_size
            digest.update(f"{path.relative_to(folder)}:{size}".encode())
            with path.open("rb") as file:
                digest.update(file.read(_SAMPLED))
                file.seek(max(0, size - _SAMPLED))
                digest.update(file.read())
        name = folder.resolve().name if folder.is_dir() else self._name
        return f"{name}:{digest.hexdigest()[:12]}"

    @property
    def dimensions(self) -> int:
        """Length of a vector; read from the configuration where the model is a folder."""
        size = read_config(Path(self._name), "config.json").get("hidden_size")
        return size if isinstance(size, int) else self._encoder.encode_query("").shape[1]

    def embed_query(self, text: str) -> Vector:
        """Return the vector of a question; the last questions are remembered."""
        return self._cached(text)

    def embed_documents(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Matrix:
        """Return the vectors of ``texts``, a row each, embedded in batches of like length."""
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        return self._encoder.encode([self._prefixes[1] + text for text in texts], progress)

    def _embed_query(self, text: str) -> Vector:
        vector: Vector = self._encoder.encode_query(self._prefixes[0] + text)[0].copy()
        vector.flags.writeable = False  # callers share it
        return vector


class SentenceTransformerEncoder:
    """A sentence-transformers model run by torch, loaded at the first text."""

    def __init__(self, name_or_folder: str, batch_size: int) -> None:
        self._name = name_or_folder
        self._batch_size = batch_size
        self._lock = threading.Lock()
        self._loaded: SentenceTransformer | None = None

    def encode_query(self, text: str) -> Matrix:
        return self._run([text])

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Matrix:
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]), reverse=True)
        rows = []
        for start in range(0, len(order), self._batch_size):
            batch = order[start : start + self._batch_size]
            rows.append(self._run([texts[i] for i in batch]))
            if progress:
                progress(len(batch))
        vectors = np.concatenate(rows)
        return vectors[np.argsort(order)]

    def _run(self, texts: list[str]) -> Matrix:
        return np.asarray(
            self._model.encode(
                texts, batch_size=self._batch_size, prompt="", normalize_embeddings=True, show_progress_bar=False
            ),
            dtype=np.float32,
        )

    @property
    def _model(self) -> "SentenceTransformer":
        with self._lock:
            if self._loaded is None:
                self._loaded = _load(self._name)
            return self._loaded


def _load(name_or_folder: str) -> "SentenceTransformer":
    local = Path(name_or_folder).is_dir()
    if local:  # a folder needs no hub: without this every load asks it first, and waits where there is none
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()
        return SentenceTransformer(name_or_folder, device="cpu", local_files_only=local)
    except ImportError as error:
        raise EmbeddingError(f"缺少向量模型的依赖({error.name});请运行 make setup") from error
    except (OSError, ValueError, RuntimeError) as error:
        raise EmbeddingError(
            f"无法加载向量模型 {name_or_folder}:{str(error).splitlines()[0]}。"
            "请运行 zhengce model 使用内置模型,或用 ZHENGCE_EMBEDDING_MODEL 指定本地文件夹"
        ) from error
