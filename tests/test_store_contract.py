"""What every engine of the store must do: Chroma in a folder, a Chroma server, Milvus (milvus-lite), held to the same."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from doors import POLICY, HashEmbedder, write_corpus
from test_chroma_server import ChromaProcess, chroma_process

from assistant.pipeline import Assistant, Trace
from assistant.ranker import Ranker
from ingest.chunking import build_chunks
from ingest.pipeline import ingest_paths
from vectorstore.dense import Matrix, VectorIndex
from vectorstore.embedding import Embedder
from vectorstore.errors import StoreError
from vectorstore.lexical import bigram_tokens
from vectorstore.records import Filter, Kind
from vectorstore.store import Store

# Chroma's client never closes its connections
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
ENGINES = ("folder", "server", "milvus")
NEWS = "园区开园\n\n本报讯 6月1日，翀霓枢纽开园，首批入驻企业20家，数字服务站同日启用。\n"
QUESTIONS = (
    "人才方面有哪些重点任务？",
    "到2027年要达到什么目标？",
    "资金由谁来保障？",
    "企业可以得到哪些支持？",
    "对数据有什么要求？",
    "城际铁路要建成哪些？",
    "北方国际航空核心区怎样建设？",
)


@dataclass(frozen=True)
class Engine:
    """An engine, and how one opens stores in it."""

    backend: str
    folder: Path

    def open(self, name: str, embedder: Embedder | None = None) -> Store:
        return Store.open(self.folder / name, embedder or HashEmbedder(), self.backend)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaProcess]:
    with chroma_process(tmp_path_factory.mktemp("chroma")) as running:
        yield running


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    kind = request.param
    if kind == "server":
        return Engine(request.getfixturevalue("server").backend, tmp_path)
    return Engine(f"milvus:{tmp_path / 'milvus.db'}" if kind == "milvus" else "chroma", tmp_path)


@pytest.fixture
def opened(engine: Engine) -> Iterator[Store]:
    with engine.open("data") as store:
        yield store


@pytest.fixture
def index(opened: Store) -> VectorIndex:
    return opened._vectors


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    write_corpus(folder)
    (folder / "新闻.txt").write_text(NEWS, encoding="utf-8")
    return folder


def ids_of(numbers: Sequence[int]) -> list[str]:
    return [f"d{number % 3}:{number}:0" for number in numbers]


def unit_vectors(count: int, seed: int = 0) -> Matrix:
    drawn = np.random.default_rng(seed).normal(size=(count, 16)).astype(np.float32)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), dtype=np.float32)


def filled(index: VectorIndex, count: int = 60) -> tuple[list[str], Matrix]:
    ids, vectors = ids_of(range(count)), unit_vectors(count)
    index.upsert(ids, vectors, [f"第{number}段" for number in range(count)])
    return ids, vectors


def all_ids(store: Store) -> set[str]:
    return store._vectors.ids()


def texts_found(store: Store, words: str) -> list[str]:
    found = store.matching(bigram_tokens(words), 8)
    return [store.unit(address).text for address in sorted(found, key=lambda address: -found[address])]


# -- the narrow door -----------------------------------------------------------------------------------------------


def test_nothing_is_found_where_nothing_was_written(opened: Store, index: VectorIndex) -> None:
    assert index.ids() == set()
    assert index.get(["d0:0:0"]) == {}
    assert index.query(unit_vectors(1)[0], 3) == []
    index.delete(["d0:0:0"])
    index.upsert([], unit_vectors(0), [])
    assert opened.matching(["补助"], 3) == {}


def test_order_and_cosines_are_exact(index: VectorIndex) -> None:
    ids, vectors = filled(index)
    wanted = unit_vectors(1, seed=7)[0]
    cosines = vectors @ wanted
    best = np.argsort(-cosines)[:10]
    found = index.query(wanted, 10)
    assert [key for key, _cosine in found] == [ids[row] for row in best]
    assert [cosine for _key, cosine in found] == pytest.approx(cosines[best].tolist(), abs=1e-5)


def test_what_is_written_again_is_replaced(index: VectorIndex) -> None:
    ids, vectors = filled(index)
    index.upsert(ids[:1], vectors[5:6], ["另一段"])
    assert index.ids() == set(ids)
    assert index.get(ids[:1])[ids[0]] == pytest.approx(vectors[5], abs=1e-6)
    assert {key for key, _cosine in index.query(vectors[5], 2)} == {ids[0], ids[5]}


def test_what_is_deleted_is_gone_and_unknown_ids_do_not_matter(index: VectorIndex) -> None:
    ids, vectors = filled(index)
    index.delete([*ids[:3], "none:0:0"])
    assert index.ids() == set(ids[3:])
    assert ids[0] not in {key for key, _cosine in index.query(vectors[0], 60)}
    assert set(index.get([ids[0], ids[9], "none:0:0"])) == {ids[9]}


def test_among_says_what_there_is_to_find(index: VectorIndex) -> None:
    ids, vectors = filled(index)
    among = ids[10:14]
    assert {key for key, _cosine in index.query(vectors[0], 3, among)} < set(among)
    assert {key for key, _cosine in index.query(vectors[0], 10, among)} == set(among)
    assert index.query(vectors[12], 1, among)[0][0] == ids[12]


def test_more_rows_than_one_request_takes(index: VectorIndex) -> None:
    count = 2500
    ids, vectors = ids_of(range(count)), unit_vectors(count)
    index.upsert(ids, vectors, ["段"] * count)
    assert index.ids() == set(ids)
    stored = index.get(ids)
    assert np.stack([stored[key] for key in ids]) == pytest.approx(vectors, abs=1e-6)
    index.delete(ids[:2100])
    assert index.ids() == set(ids[2100:])


# -- the store on it -----------------------------------------------------------------------------------------------


def test_words_are_found_and_names_that_no_dictionary_has(opened: Store, corpus: Path) -> None:
    assert ingest_paths([corpus], opened).failed == 0
    assert "翀霓枢纽" in texts_found(opened, "翀霓枢纽")[0]
    assert "8万元补助" in texts_found(opened, "站点补助")[0]
    assert texts_found(opened, "核聚变") == []
    assert opened.matching(bigram_tokens("，"), 8) == {}


def test_candidates_are_near_or_hold_the_words(opened: Store, corpus: Path) -> None:
    ingest_paths([corpus], opened)
    vector = opened.embedder.embed_query("每年培训社区工作者3000人次")
    words = bigram_tokens("翀霓枢纽")
    found = opened.candidates(vector, 0.6, words, 2)
    texts = [opened.unit(address).text for address in found]
    assert any("翀霓枢纽" in text for text in texts) and any("3000人次" in text for text in texts)
    assert len(found) <= 4
    assert 0 <= min(found.values()) <= max(found.values()) <= 1.0 + 1e-9
    assert opened.within(Filter(kinds=(Kind.LAW,))).candidates(vector, 0.6, words, 8) == {}
    assert opened.candidates(vector, 0.6, [], 2).keys() == opened.nearest(vector, 2).keys()


@pytest.mark.parametrize(
    "limits", [Filter(kinds=(Kind.POLICY,)), Filter(kinds=(Kind.NEWS,)), Filter(section="培育人才")], ids=repr
)
def test_a_part_is_searched_as_if_nothing_else_were_there(limits: Filter, opened: Store, corpus: Path) -> None:
    ingest_paths([corpus], opened)
    part = opened.within(limits)
    held = {(unit.document_id, unit.ordinal) for unit in part.units() if unit.type.citable}
    vector, words = opened.embedder.embed_query("数字服务站"), bigram_tokens("数字服务站 培训 启用")
    everywhere = opened.nearest(vector, 100)
    assert part.nearest(vector, 100) == pytest.approx({a: everywhere[a] for a in held}, abs=1e-5)
    assert part.matching(words, 100).keys() == opened.matching(words, 100).keys() & held
    assert part.matching(words, 100)
    assert part.candidates(vector, 0.6, words, 100).keys() == held


def test_a_file_that_is_dropped_takes_its_vectors_and_words(opened: Store, corpus: Path) -> None:
    ingest_paths([corpus], opened)
    with opened.writing():
        opened.drop_file(str(corpus / "新闻.txt"))
    assert all_ids(opened) == set(opened._catalog.chunk_ids())
    assert texts_found(opened, "翀霓枢纽") == []
    assert {address[0] for address in opened.nearest(opened.embedder.embed_query("开园"), 50)} == {
        document.id for document in opened.documents()
    }


def test_what_a_killed_writer_left_is_swept(opened: Store, corpus: Path) -> None:
    """Vectors that nothing lists, and none for what is listed: the next writer puts both right, words too."""
    ingest_paths([corpus], opened)
    listed = opened._catalog.chunk_ids()
    news = next(document for document in opened.documents() if document.kind is Kind.NEWS)
    lost = opened._catalog.chunk_ids(news.id)
    opened._vectors.delete(lost)
    stray = np.stack([opened.embedder.embed_query("翀霓枢纽")])
    opened._vectors.upsert(["gone:1:0"], stray, ["翀霓枢纽"])
    opened._catalog.set_meta("dirty", "1")
    assert "gone" not in {address[0] for address in opened.nearest(stray[0], 50)}, "unlisted is unseen, swept or not"
    assert "gone" not in {address[0] for address in opened.matching(bigram_tokens("翀霓枢纽"), 50)}
    with opened.writing():
        pass
    assert all_ids(opened) == set(listed)
    assert len(opened.vectors(lost)) == len(lost)
    assert "翀霓枢纽" in texts_found(opened, "翀霓枢纽")[0]


def test_a_second_opening_finds_what_was_written(engine: Engine, corpus: Path) -> None:
    with engine.open("data") as first:
        ingest_paths([corpus], first)
        vector = first.embedder.embed_query("站点补助")
        near, words = first.nearest(vector, 8), texts_found(first, "站点补助")
    with engine.open("data") as again:
        assert again.nearest(vector, 8) == pytest.approx(near, abs=1e-6)
        assert texts_found(again, "站点补助") == words
        assert ingest_paths([corpus], again).skipped == 2


def test_two_stores_in_one_engine_do_not_mix(engine: Engine, corpus: Path) -> None:
    with engine.open("one") as one, engine.open("other") as other:
        ingest_paths([corpus / "方案.txt"], one)
        ingest_paths([corpus / "新闻.txt"], other)
        for store in (one, other):
            assert all_ids(store) == set(store._catalog.chunk_ids())
            (document,) = store.documents()
            assert {address[0] for address in store.nearest(store.embedder.embed_query("服务"), 50)} == {document.id}
        assert texts_found(one, "翀霓枢纽") == []


def test_a_changed_file_replaces_what_it_said(opened: Store, corpus: Path) -> None:
    ingest_paths([corpus], opened)
    (corpus / "方案.txt").write_text(re.sub("8万元补助", "9万元补助", POLICY), encoding="utf-8")
    ingest_paths([corpus], opened)
    assert "9万元补助" in texts_found(opened, "站点补助")[0]
    assert not any("8万元" in text for text in texts_found(opened, "站点补助"))
    assert all_ids(opened) == set(opened._catalog.chunk_ids())


def test_vectors_of_another_engine_are_not_looked_for_in_this_one(engine: Engine) -> None:
    with engine.open("data"):
        pass
    others = {"chroma", "chroma+http://127.0.0.1:9", "milvus:other.db"}
    mine = {backend for backend in others if backend.split(":")[0] == engine.backend.split(":")[0]}
    for backend in others - mine:
        with pytest.raises(StoreError, match="ZHENGCE_STORE"):
            Store.open(engine.folder / "data", HashEmbedder(), backend)


@pytest.mark.parametrize("backend", ["chroma+http://127.0.0.1:9", "milvus:http://127.0.0.1:9"])
def test_an_engine_that_is_away_is_told_with_its_mend(backend: str, tmp_path: Path) -> None:
    embedder = HashEmbedder()
    with Store.open(tmp_path / "data", embedder, backend) as store:
        with pytest.raises(StoreError, match=r"请确认.*http://127\.0\.0\.1:9.*已启动") as caught:
            store.nearest(embedder.embed_query("补助"), 4)
        assert "\n" not in str(caught.value)


def test_answers_rest_on_the_same_on_every_engine(
    tmp_path: Path, server: ChromaProcess, embedder: Embedder, seeds_page: Path, ranker: Ranker
) -> None:
    backends = ("chroma", server.backend, f"milvus:{tmp_path / 'milvus.db'}")
    found: list[list[Trace]] = []
    for number, backend in enumerate(backends):
        with Store.open(tmp_path / str(number), embedder, backend) as store:
            assert ingest_paths([seeds_page], store).failed == 0
            assistant = Assistant(store, embedder, ranker)
            found.append([list(assistant.stream(question))[-1] for question in QUESTIONS])
    chroma, served, milvus = found
    assert sum(bool(one.answer.citations) for one in chroma) >= 5, "most questions have an answer"
    assert [_rests_on(one) for one in served] == [_rests_on(one) for one in chroma]
    # Milvus fuses by ranks, which may bring one more or less to cite beside what answers the question best
    assert [one.answer.status for one in milvus] == [one.answer.status for one in chroma]
    assert [one.ranking[0] for one in milvus] == [one.ranking[0] for one in chroma]
    for one, other in zip(milvus, chroma, strict=True):
        assert _rests_on(one)[1][:1] == _rests_on(other)[1][:1]


def _rests_on(trace: Trace) -> tuple[str, list[tuple[str, int, int]]]:
    return trace.answer.status, [(c.document_id, c.start, c.end) for c in trace.answer.citations]


class _Other(HashEmbedder):
    fingerprint = "other"
    dimensions = 32


def test_the_index_is_made_anew_for_another_model(engine: Engine, corpus: Path) -> None:
    with engine.open("data") as first:
        ingest_paths([corpus], first)
    with Store.open(engine.folder / "data", _Other(), engine.backend, to_rebuild=True) as store:
        assert store.needs_rebuilding()
        assert store.rebuild(build_chunks) == len(all_ids(store)) > 0
    with engine.open("data", _Other()) as again:
        assert not again.needs_rebuilding()
        assert all_ids(again) == set(again._catalog.chunk_ids())
        assert again.nearest(again.embedder.embed_query("站点补助"), 8)
        assert "8万元补助" in texts_found(again, "站点补助")[0]
