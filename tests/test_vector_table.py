"""Vectors of sentences: rows of the catalog, and taken out of Chroma where an earlier version kept them."""

from pathlib import Path

import numpy as np
from doors import HashEmbedder, write_corpus

from ingest.pipeline import ingest_paths
from vectorstore.chroma import ChromaFolder, ChromaIndex
from vectorstore.dense import Vector
from vectorstore.records import Grain, chunk_address
from vectorstore.store import Store


def sentences(store: Store) -> dict[str, Vector]:
    listed = [chunk for chunk in store._catalog.chunk_ids() if chunk_address(chunk)[1] is Grain.SENTENCE]
    return store.vectors(listed)


def filled(folder: Path) -> Path:
    corpus = folder / "corpus"
    corpus.mkdir()
    write_corpus(corpus)
    with Store.open(folder / "data", HashEmbedder()) as store:
        ingest_paths([corpus], store)
    return folder / "data"


def kept_in_chroma(data: Path) -> tuple[dict[str, Vector], ChromaFolder]:
    """Bring the store in ``data`` into the state of earlier versions."""
    with Store.open(data, HashEmbedder()) as store:
        vectors = sentences(store)
        chroma = ChromaFolder(data / "chroma", store._catalog.revision)
        ChromaIndex(chroma, "sentences").upsert(list(vectors), np.stack(list(vectors.values())))
        store._catalog.sentence_vectors.delete(list(vectors))
        store._catalog.set_meta("sentences", "")
    return vectors, chroma


def test_a_vector_is_read_as_it_was_written_until_it_is_deleted(tmp_path: Path) -> None:
    with Store.open(tmp_path, HashEmbedder()) as store:
        table = store._vectors.sentences
        vectors = np.random.default_rng(1).normal(size=(3, 16)).astype(np.float32)
        table.upsert(["d:0:s0", "d:0:s1", "d:1:s0"], vectors)
        table.upsert(["d:1:s0"], vectors[:1])
        assert np.array_equal(table.get(["d:0:s1"])["d:0:s1"], vectors[1])
        assert np.array_equal(table.get(["d:1:s0", "d:9:s9"])["d:1:s0"], vectors[0])
        table.delete(["d:0:s0", "d:9:s9"])
        assert table.ids() == {"d:0:s1", "d:1:s0"}
        assert table.get([]) == table.get(["d:0:s0"]) == {}


def test_only_units_are_in_chroma(tmp_path: Path) -> None:
    data = filled(tmp_path)
    with Store.open(data, HashEmbedder()) as store:
        listed = set(store._catalog.chunk_ids())
        assert set(sentences(store)) == store._vectors.sentences.ids()
        assert store._vectors.units.ids() == listed - store._vectors.sentences.ids()
        names = {
            one.name for one in ChromaFolder(data / "chroma", store._catalog.revision)._connected().list_collections()
        }
        assert names == {"units"}


def test_what_an_earlier_version_kept_in_chroma_is_taken_over(tmp_path: Path) -> None:
    data = filled(tmp_path)
    before, chroma = kept_in_chroma(data)
    assert before
    with Store.open(data, HashEmbedder()) as store:
        after = sentences(store)
        assert {one.name for one in chroma._connected().list_collections()} == {"units"}
    assert after.keys() == before.keys()
    assert all(np.allclose(after[key], before[key], atol=1e-6) for key in before)


def test_a_store_is_moved_again_where_it_was_stopped_half_way(tmp_path: Path) -> None:
    data = filled(tmp_path)
    before, _chroma = kept_in_chroma(data)
    with Store.open(data, HashEmbedder()) as store:
        some = dict(list(before.items())[:3])
    kept_in_chroma(data)
    with Store.open(data, HashEmbedder()) as store:
        store._catalog.sentence_vectors.upsert(list(some), np.stack(list(some.values())))
        assert sentences(store).keys() == before.keys()
