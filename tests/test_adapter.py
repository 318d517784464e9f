"""What training changed of a model: merged, it is what was trained."""

from pathlib import Path

import numpy as np
import pytest

from vectorstore.adapter import changes, load, merge, save
from vectorstore.errors import EmbeddingError

CHANCE = np.random.default_rng(3)


def weights(*shape: int) -> np.ndarray:
    return CHANCE.normal(size=shape).astype(np.float32)


def test_what_was_trained_comes_back(tmp_path: Path) -> None:
    base = {"upper": weights(40, 30), "bias": weights(40), "lower": weights(5, 5)}
    trained = base | {"upper": base["upper"] + 0.01 * weights(40, 30), "head": weights(2, 30)}
    adapter = changes(base, trained)
    assert set(adapter) == {"upper", "head"}
    save(adapter, tmp_path / "x" / "adapter.safetensors")
    merged = merge(base, load(tmp_path / "x" / "adapter.safetensors"))
    assert set(merged) == set(trained)
    for name, tensor in trained.items():
        np.testing.assert_allclose(merged[name], tensor, atol=0.002)


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "adapter.safetensors").write_bytes(b"nothing")
    with pytest.raises(EmbeddingError, match="重新安装"):
        load(tmp_path / "adapter.safetensors")
