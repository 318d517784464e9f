"""What training changed of a model: the differences of the changed tensors to the base model, in half precision.

Only the upper layers are trained, so that this is a tenth of the model. Cutting the differences to matrices of low rank
would be smaller still, but they are not of low rank: half of their norm is lost at rank 32.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from vectorstore.errors import EmbeddingError

Tensor = np.ndarray[tuple[int, ...], np.dtype[np.float32]]


def changes(base: Mapping[str, Tensor], trained: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return what turns ``base`` into ``trained``: the differences, and what the base has not."""
    return {
        name: tensor - base[name] if name in base else tensor
        for name, tensor in trained.items()
        if name not in base or not np.array_equal(tensor, base[name])
    }


def merge(base: Mapping[str, Tensor], adapter: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return ``base`` with the changes of ``adapter``, and what only the adapter has."""
    changed = {name: base[name] + tensor if name in base else tensor for name, tensor in adapter.items()}
    return {**base, **changed}


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
