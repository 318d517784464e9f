"""The embedded model: the same in every build, so that an index outlives the folder it was built with."""

from pathlib import Path

import pytest
from safetensors import safe_open

from vectorstore.embedding import Embedder


def test_nothing_in_it_is_made_at_random(model_folder: Path) -> None:
    with safe_open(model_folder / "model.safetensors", "np") as weights:
        unused = [name for name in weights.keys() if "pooler" in name]  # noqa: SIM118 - it is no mapping
        assert all(not weights.get_tensor(name).any() for name in unused)


@pytest.mark.each_backend
def test_like_texts_are_near_and_vectors_have_unit_length(embedder: Embedder) -> None:
    question = embedder.embed_query("企业能得到哪些资金支持？")
    near, far = embedder.embed_documents(["对企业给予资金补助。", "清晨的雾还没有散。"])
    assert abs(float(question @ question) - 1) < 1e-4
    assert float(question @ near) > float(question @ far)
