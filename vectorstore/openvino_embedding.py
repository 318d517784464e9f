"""Texts to vectors by OpenVINO: a sentence-transformers folder without torch, ready in a second or two.

The model is read from ``openvino/openvino_model.xml`` in the folder, where model hubs keep it too; the tokenizer from
``tokenizer.json``. All inference runs in one thread. Many threads would each bring a team and buffers of their own,
and memory would grow with the number of callers; questions that wait for the thread are embedded together.
"""

import json
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vectorstore.errors import EmbeddingError

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

Matrix = np.ndarray[tuple[int, int], np.dtype[np.float32]]

MODEL = Path("openvino") / "openvino_model.xml"
MODEL_INT8 = Path("openvino") / "openvino_model_int8.xml"

_BATCH_TOKENS = 2048  # of a batch of documents, padding counted: a question waits for one such batch at most
_WINDOW = 2048  # documents that are tokenized at once
_QUESTIONS = 8  # that are embedded together
_STEP = 8  # lengths are padded to a multiple: kernels are kept for each shape, so there must be few
_CPU_INFO = Path("/proc/cpuinfo")
_INT8_INSTRUCTIONS = ("avx512_vnni", "avx_vnni", "amx_int8", "asimddp")


def openvino() -> Any:
    """Return the openvino module, imported so that its telemetry, which sends unless told not to, is never there."""
    if "openvino_telemetry" not in sys.modules:  # a module that is None cannot be imported; openvino does without
        sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    import openvino

    return openvino


def can_run(folder: Path) -> bool:
    """Return whether ``folder`` holds all that is needed to embed as sentence-transformers would."""
    return (
        (folder / MODEL).is_file()
        and (folder / "tokenizer.json").is_file()
        and _pooling(folder) is not None
        and not read_config(folder, "sentence_bert_config.json").get("do_lower_case")
        and find_spec("openvino") is not None
    )


def read_config(folder: Path, name: str) -> dict[str, Any]:
    """Return the JSON object in the file ``name``; empty where there is none."""
    try:
        found = json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _max_tokens(folder: Path) -> int:
    """Return how many tokens of a text the model reads."""
    given = read_config(folder, "sentence_bert_config.json").get("max_seq_length")
    limits = (
        read_config(folder, "tokenizer_config.json").get("model_max_length"),
        read_config(folder, "config.json").get("max_position_embeddings"),
    )
    return int(given) if given else min((int(limit) for limit in limits if limit), default=512)


def _pooling(folder: Path) -> str | None:
    """Return "mean" or "cls"; None where the folder describes another way from token vectors to one vector."""
    try:
        modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
        kinds = [module["type"].rsplit(".", 1)[-1] for module in modules]
        path = next(module["path"] for module in modules if module["type"].endswith("Pooling"))
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        return None
    if kinds[:2] != ["Transformer", "Pooling"] or kinds[2:] not in ([], ["Normalize"]):
        return None
    pooling = read_config(folder / path, "config.json")
    mode = pooling.get("pooling_mode")
    if mode is None:  # older versions have a flag for each
        flags = {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "cls"}
        modes = [flags.get(name) for name, on in pooling.items() if name.startswith("pooling_mode_") and on]
        mode = modes[0] if len(modes) == 1 else None
    return mode if mode in ("mean", "cls") else None


def model_file(folder: Path) -> Path:
    """Return the int8 model where there is one and the processor multiplies int8; without, it is the slower one."""
    if (folder / MODEL_INT8).is_file() and multiplies_int8():
        return folder / MODEL_INT8
    return folder / MODEL


def multiplies_int8() -> bool:
    """Whether the processor has instructions for int8: without, an int8 model is the slower one."""
    try:
        described = _CPU_INFO.read_text(encoding="utf-8")
    except OSError:
        return False
    return any(name in described for name in _INT8_INSTRUCTIONS)


class OpenVinoEncoder:
    """``model`` of a folder, loaded at the first text and run by ``threads``, by default as many as there are processors.

    Safe to call from several threads.
    """

    def __init__(self, folder: Path, model: Path = MODEL, threads: int | None = None) -> None:
        self._folder = folder
        self._threads = threads or len(os.sched_getaffinity(0))
        self._file = folder / model
        self._loading = threading.Lock()
        self._waiting: deque[tuple[Encoding, Future[Matrix]]] = deque()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embedding")

    def encode_query(self, text: str) -> Matrix:
        """Return the vector of ``text`` as a row, embedded together with those that other threads wait for."""
        done: Future[Matrix] = Future()
        self._waiting.append((self._tokenize([text])[0], done))
        self._thread.submit(self._answer_waiting)
        return done.result()

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Matrix:
        """Return the vectors of ``texts``, a row each. Between batches the thread is free for questions."""
        vectors: Matrix = np.empty((len(texts), self._model.dimensions), dtype=np.float32)
        for start in range(0, len(texts), _WINDOW):
            tokens = self._tokenize(texts[start : start + _WINDOW])
            for batch in batches([len(one) for one in tokens]):
                rows = self._thread.submit(self._model.run, [tokens[i] for i in batch]).result()
                vectors[[start + i for i in batch]] = rows
                if progress:
                    progress(len(batch))
        return vectors

    def _answer_waiting(self) -> None:
        taken: list[tuple[Encoding, Future[Matrix]]] = []
        while self._waiting and len(taken) < _QUESTIONS:
            taken.append(self._waiting.popleft())
        if not taken:  # they went along with an earlier one
            return
        try:
            rows = self._model.run([tokens for tokens, _done in taken])
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to those who wait
            for _tokens, done in taken:
                done.set_exception(error)
            return
        for row, (_tokens, done) in enumerate(taken):
            done.set_result(rows[row : row + 1])

    def _tokenize(self, texts: Sequence[str]) -> "list[Encoding]":
        return self._model.tokenizer.encode_batch(list(texts))

    @property
    def _model(self) -> "_Model":
        with self._loading:  # the loaded model stays in the dictionary of this object
            return self._loaded

    @cached_property
    def _loaded(self) -> "_Model":
        try:
            return _Model(self._folder, self._file, self._threads)
        except ImportError as error:
            raise EmbeddingError(f"缺少向量模型的依赖({error.name});请运行 make setup") from error
        except Exception as error:  # openvino and tokenizers raise their own, of no common kind
            raise EmbeddingError(
                f"无法加载向量模型 {self._file}:{str(error).splitlines()[0]}。"
                "请删除这个模型文件夹后运行 zhengce model,或用 ZHENGCE_EMBEDDING_MODEL 指定另一个"
            ) from error


def batches(lengths: Sequence[int], budget: int = _BATCH_TOKENS) -> Iterator[list[int]]:
    """Yield the positions of texts of like length (in tokens), longest first, within ``budget`` when padded."""
    order = sorted(range(len(lengths)), key=lambda i: lengths[i], reverse=True)
    start = 0
    while start < len(order):
        size = max(1, budget // padded(lengths[order[start]]))
        yield order[start : start + size]
        start += size


def padded(length: int) -> int:
    """Return the length, in tokens, to which a text of ``length`` is padded."""
    return -(-length // _STEP) * _STEP


def compile_model(file: Path, threads: int | None = None) -> Any:
    """Return the model in ``file`` ready to run, by ``threads`` or as many as there are processors."""
    options = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": threads or len(os.sched_getaffinity(0)),
        "ENABLE_CPU_PINNING": False,  # the processor is shared with the rest of the service
        "INFERENCE_PRECISION_HINT": "f32",  # the same results on processors that could take bfloat16
    }
    return openvino().Core().compile_model(file, "CPU", options)


class _Model:
    """Tokenizer and compiled model; ``run`` is for one thread at a time."""

    def __init__(self, folder: Path, file: Path, threads: int) -> None:
        self.tokenizer = open_tokenizer(folder)
        self._pooling = _pooling(folder)
        self._pad = int(read_config(folder, "config.json").get("pad_token_id") or 0)
        compiled = compile_model(file, threads)
        self._inputs = {port.any_name for port in compiled.inputs}
        self._request = compiled.create_infer_request()
        self.dimensions = int(compiled.output(0).partial_shape[2].get_length())

    def run(self, tokens: "Sequence[Encoding]") -> Matrix:
        """Return a vector of unit length for each text."""
        shape = (len(tokens), padded(max(len(one) for one in tokens)))
        feed = {
            "input_ids": np.full(shape, self._pad, dtype=np.int64),
            "attention_mask": np.zeros(shape, dtype=np.int64),
            "token_type_ids": np.zeros(shape, dtype=np.int64),
        }
        for row, one in enumerate(tokens):
            feed["input_ids"][row, : len(one)] = one.ids
            feed["attention_mask"][row, : len(one)] = 1
            feed["token_type_ids"][row, : len(one)] = one.type_ids
        given = {name: value for name, value in feed.items() if name in self._inputs}
        states = self._request.infer(given, share_inputs=True, share_outputs=True)[0]
        if self._pooling == "cls":
            pooled = states[:, 0]
        else:  # of unit length in the end, so that the sum will do for the mean
            pooled = np.einsum("btd,bt->bd", states, feed["attention_mask"].astype(np.float32))
        vectors: Matrix = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return vectors


def open_tokenizer(folder: Path) -> "Tokenizer":
    """Return the tokenizer of ``folder``: it cuts what the model would not read, and leaves padding to the batch."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(_max_tokens(folder))
    return tokenizer
