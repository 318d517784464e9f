"""Milvus itself: what its fields hold, what its conditions say, and what is told where it cannot be used."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from doors import HashEmbedder, write_corpus

from ingest.pipeline import ingest_paths
from vectorstore import milvus, milvus_client
from vectorstore.dense import Within
from vectorstore.errors import StoreError
from vectorstore.lexical import bigram_tokens
from vectorstore.milvus import MilvusIndex
from vectorstore.milvus_client import Milvus
from vectorstore.store import Store


def test_tokens_are_spelt_as_one_word_each_and_cut_at_what_a_field_holds() -> None:
    spelt = milvus._spelt(["短语", "40.5%", "短语"])
    first, second, third = spelt.split()
    assert first == third != second and spelt.replace(" ", "").isalnum()
    assert len(milvus._spelt(["字词"] * 15_000)) == 65_535


@pytest.mark.parametrize(
    ("within", "condition"),
    [
        (Within(), ""),
        (Within(ids=("b:1:0", "a:1:0")), 'id in ["a:1:0", "b:1:0"]'),
        (Within(documents=frozenset({"a"})), 'document in ["a"]'),
        (Within(without=frozenset({"b", "a"})), 'document not in ["a", "b"]'),
    ],
)
def test_a_part_is_a_condition(within: Within, condition: str) -> None:
    assert milvus._condition(within) == condition
    assert not within.is_empty()


def test_no_document_is_not_every_document() -> None:
    assert Within(documents=frozenset()).is_empty() and Within(ids=()).is_empty()


def test_the_engine_fuses_and_keeps_to_the_condition(tmp_path: Path) -> None:
    engine = Milvus(str(tmp_path / "milvus.db"), "name-space")
    index = MilvusIndex(engine, "units")
    near, far = np.eye(2, 8, dtype=np.float32)
    words = bigram_tokens("翀霓枢纽")
    index.upsert(["a:1:0", "b:1:0", "c:1:0"], np.stack([near, far, far]), ["港口吞吐量", "翀霓枢纽", "道路改造"])
    found = index.candidates(near, words, 3)
    scores = dict(found)
    assert [key for key, _score in found[:2]] in (["a:1:0", "b:1:0"], ["b:1:0", "a:1:0"])
    assert scores["c:1:0"] < scores["b:1:0"]
    within = Within(without=("b",))
    assert {key for key, _score in index.candidates(near, words, 3, within)} == {"a:1:0", "c:1:0"}
    assert index.matching(words, 3, within) == []
    ((key, score),) = index.matching(words, 3)
    assert key == "b:1:0" and score > 0
    with pytest.raises(ValueError, match="its text"):
        index.upsert(["d:1:0"], near[None, :], [])
    engine.close()


def test_full_width_and_capitals_are_found_as_they_are_asked(tmp_path: Path) -> None:
    engine = Milvus(str(tmp_path / "milvus.db"), "s")
    index = MilvusIndex(engine, "units")
    index.upsert(["a:1:0"], np.eye(1, 8, dtype=np.float32), ["建设ＡＩ算力平台"])
    assert [key for key, _score in index.matching(bigram_tokens("ai"), 3)] == ["a:1:0"]
    engine.close()


def test_without_the_package_the_mend_is_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(milvus_client, "find_spec", lambda name: None if "milvus" in name else found(name))
    embedder = HashEmbedder()
    with Store.open(tmp_path / "data", embedder, f"milvus:{tmp_path / 'milvus.db'}") as store:
        assert store.documents() == [], "what does not ask the engine works without it"
        with pytest.raises(StoreError, match=r"pip install 'zhengce\[milvus\]'"):
            store.nearest(embedder.embed_query("补助"), 1)


def test_nothing_is_opened_before_it_is_needed(tmp_path: Path) -> None:
    file = tmp_path / "milvus.db"
    with Store.open(tmp_path / "data", HashEmbedder(), f"milvus:{file}") as store:
        assert store.documents() == []
        assert not file.exists()
        ingest_paths([write_corpus(tmp_path)], store)
        assert file.exists()


def test_the_token_is_what_the_client_is_given_and_is_never_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pymilvus

    given: dict[str, object] = {}

    def refuse(address: str, **settings: object) -> None:
        given.update(settings, address=address)
        raise pymilvus.MilvusException(message="auth check failure")

    monkeypatch.setattr(pymilvus, "MilvusClient", refuse)
    with Store.open(tmp_path / "data", HashEmbedder(), "milvus:https://host:443", "root:hunter2") as store:
        with pytest.raises(StoreError, match="ZHENGCE_STORE_TOKEN") as caught:
            store.nearest(HashEmbedder().embed_query("补助"), 1)
        assert "hunter2" not in str(caught.value)
    assert (given["address"], given["token"]) == ("https://host:443", "root:hunter2")
