"""What training changed of a model, small enough to be kept: low-rank factors of the changed matrices.

The difference of each matrix to the base model is cut to its largest singular values, after training (``compress``), so
training itself needs no second form of the model. Vectors (biases, norms) and what the base has not are kept whole.
The file is safetensors in half precision: ``NAME.a`` (rows, rank) and ``NAME.b`` (rank, columns), or ``NAME`` itself.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from vectorstore.errors import EmbeddingError

Tensor = np.ndarray[tuple[int, ...], np.dtype[np.float32]]

_LEAST = 1e-7  # a change below it is none


def compress(base: Mapping[str, Tensor], trained: Mapping[str, Tensor], rank: int) -> dict[str, Tensor]:
    """Return the adapter that turns ``base`` into ``trained``, as near as matrices of ``rank`` come."""
    kept: dict[str, Tensor] = {}
    for name, tensor in trained.items():
        before = base.get(name)
        change = tensor - before if before is not None else tensor
        if before is not None and np.abs(change).max() < _LEAST:
            continue
        if before is None or change.ndim != 2 or min(change.shape) <= rank:
            kept[name] = change
            continue
        left, values, right = np.linalg.svd(change.astype(np.float64), full_matrices=False)
        root = np.sqrt(values[:rank])
        kept[f"{name}.a"] = (left[:, :rank] * root).astype(np.float32)
        kept[f"{name}.b"] = (root[:, None] * right[:rank]).astype(np.float32)
    return kept


def merge(base: Mapping[str, Tensor], adapter: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return ``base`` with the changes of ``adapter``, and what only the adapter has."""
    merged = dict(base)
    for name, tensor in adapter.items():
        target = name.removesuffix(".a")
        if name.endswith(".b"):
            continue
        change = tensor @ adapter[f"{target}.b"] if name.endswith(".a") else tensor
        merged[target] = merged[target] + change if target in merged else change
    return merged


def save(adapter: Mapping[str, Tensor], path: Path) -> None:
    """Write ``adapter`` in half precision."""
    from safetensors.numpy import save_file

    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: np.ascontiguousarray(tensor, dtype=np.float16) for name, tensor in adapter.items()}, path)


def load(path: Path) -> dict[str, Tensor]:
    """Return the adapter in ``path``. Raises EmbeddingError where it cannot be read."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return {name: tensor.astype(np.float32) for name, tensor in load_file(path).items()}
    except (OSError, SafetensorError) as error:
        raise EmbeddingError(f"读不出训练所得的权重 {path.name}:{error};请重新安装本程序") from error
