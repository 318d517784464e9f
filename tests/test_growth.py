"""The measurement of growth: what it samples and says, and that ranking by words stays FTS5's at any size."""

import random
import sqlite3
import time
from collections import Counter
from collections.abc import Sequence
from math import log1p
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from doors import HashEmbedder

from assistant.ranker import Judged, Passage
from benchmarks.corpus import policy, question_on
from benchmarks.growth import KnownVectors, SampledEmbedder, ask, fill, recall, shifted
from benchmarks.growth_report import line_through, write_report
from vectorstore.bm25 import best_first
from vectorstore.catalog import Catalog
from vectorstore.lexical import bigram_tokens
from vectorstore.passages import passage_of
from vectorstore.schema import prepare
from vectorstore.store import Store


class Asleep:
    """A ranker that takes its time and tells nothing apart."""

    name = "asleep"

    def judge(self, question: str, passages: Sequence[Passage]) -> list[Judged]:
        time.sleep(0.002)
        return [Judged(0.0, -30.0, (0.5,) * len(one.sentences)) for one in passages]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A store of some 300 chunks, and the figures of filling it."""
    folder = tmp_path_factory.mktemp("growth")
    return folder, fill(folder, 300, SampledEmbedder(HashEmbedder(), real=100))


def test_policies_have_different_titles_and_questions_name_what_they_say() -> None:
    titles = [policy(number, tasks=1).split("\n")[0] for number in range(3000)]
    assert len(set(titles)) == len(titles)
    asked = {
        question_on("方案", "1.加快建设平台，建成3个以上，到2030年底前完成。", random.Random(n)) for n in range(40)
    }
    assert len(asked) > 3
    assert all("加快建设平台" in text and "。" not in text for text in asked)


def test_the_first_texts_have_real_vectors_and_the_others_vectors_near_them() -> None:
    model = HashEmbedder()
    sampled = SampledEmbedder(model, real=3)
    first = sampled.embed_documents(["甲乙丙", "丁戊己"])
    second = sampled.embed_documents(["庚辛壬", "子丑寅", "卯辰巳"])
    assert np.array_equal(np.stack([*first, second[0]]), model.embed_documents(["甲乙丙", "丁戊己", "庚辛壬"]))
    cosines = second[1:] @ np.stack([*first, second[0]]).T
    assert ((cosines.max(axis=1) > 0.97) & (cosines.max(axis=1) < 0.999)).all()
    assert not np.array_equal(second[1], second[2])


def test_shifted_vectors_depend_on_their_seed_only() -> None:
    base = HashEmbedder().embed_documents(["甲乙丙", "丁戊己"])
    assert np.array_equal(shifted(base, [4, 5])[1], shifted(base[1:], [5])[0])
    assert np.linalg.norm(shifted(base, [4, 5]), axis=1) == pytest.approx(1.0)


def test_a_scale_is_filled_and_asked(filled: tuple[Path, dict[str, Any]]) -> None:
    folder, figures = filled
    assert figures["chunks"] >= 300
    assert 0 < figures["embedding_s"] < figures["ingest_s"]
    assert figures["catalog_mb"] > 0 and figures["vectors_mb"] > 0 and figures["one_changed_s"] > 0
    found = ask(folder / "data", None, Asleep(), 10, dimensions=64)
    assert 0.9 <= found["recall_at_10"] <= 1.0  # among hashed vectors many are alike
    assert 0 < found["p50_ms"] <= found["p95_ms"]
    assert "with_embedding_p50_ms" not in found and found["resident_mb"] > 50
    assert found["share_by_step"]["rank"] > 0
    assert sum(found["share_by_step"].values()) == pytest.approx(1.0, abs=0.05)


def test_recall_counts_what_the_index_misses(
    filled: tuple[Path, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _figures = filled
    with Store.open(folder / "data", KnownVectors(64)) as store:
        queries = [HashEmbedder().embed_query("补助多少")]
        assert recall(store, queries) == 1.0
        index = store._vectors
        found = index.query(queries[0], 10)
        monkeypatch.setattr(index, "query", lambda *_: [*found[:7], ("x", 0.0)])
        assert recall(store, queries) == pytest.approx(0.7)


def test_the_page_has_the_figures_the_curves_and_the_end_of_one_machine(tmp_path: Path) -> None:
    rows = [
        {"chunks": 1000 * n, "documents": 15 * n, "units": 270 * n, "real": 500, "p50_ms": 10.0, "p95_ms": 20.0 + n,
         "recall_at_10": 1.0, "resident_mb": 300.0, "ingest_peak_mb": 500.0 + n, "catalog_mb": 1.0 * n, "vectors_mb": 4.0 * n,
         "chunks_per_second": 300.0, "ingest_s": 3.0 * n, "one_changed_s": 0.2, "open_ms": 2.0, "first_answer_ms": 900.0,
         "share_by_step": {"retrieve": 0.25, "rank": 0.75}}
        for n in (1, 10, 100)
    ]  # fmt: skip
    page = tmp_path / "GROWTH.md"
    write_report(rows, page, 0.5)
    told = page.read_text(encoding="utf-8")
    assert "| 100,000 | 1,500 | 500 | 10.0 | 120.0 |" in told
    assert "大约到 **1.0 百万段**为止" in told  # p95 grows by 1 ms a thousand chunks
    assert "| 段数 | 检索 | 排序模型 |" in told and "| 100,000 | 25.0% | 75.0% |" in told
    pictures = sorted(path.name for path in tmp_path.glob("*.svg"))
    assert pictures == [f"growth-{name}.svg" for name in ("disk", "ingest", "latency", "memory", "recall")]
    assert all(name in told for name in pictures)
    first = (tmp_path / pictures[0]).read_bytes()
    write_report(rows, page, 0.5)
    assert (tmp_path / pictures[0]).read_bytes() == first


def test_a_line_goes_through_both_scales() -> None:
    assert line_through({"chunks": 10, "x": 5.0}, {"chunks": 30, "x": 9.0}, "x") == pytest.approx((3.0, 0.2))


def test_words_rank_by_bm25(filled: tuple[Path, dict[str, Any]]) -> None:
    with Store.open(filled[0] / "data", KnownVectors(64)) as store:
        held = {
            (unit.document_id, unit.ordinal): Counter(bigram_tokens(passage_of(document, unit)))
            for document in store.documents()
            for unit in store.units(document.id)
            if unit.type.citable
        }
        mean = sum(words.total() for words in held.values()) / len(held)
        for asked in (["建设", "培训", "人次", "青白"], ["加快", "加快"], ["平台", "40%", "2030"], ["无此"], []):
            expected = dict.fromkeys(held, 0.0)
            for word in asked:
                having = sum(word in words for words in held.values())
                rarity = log1p((len(held) - having + 0.5) / (having + 0.5))
                for at, words in held.items():
                    dampened = words[word] + 1.5 * (0.25 + 0.75 * words.total() / mean)
                    expected[at] += rarity * words[word] / dampened
            best = sorted((score for score in expected.values() if score), reverse=True)
            for limit in (1, 7, 5000):
                found = store.matching(asked, limit)
                assert list(found.values()) == pytest.approx(best[:limit], rel=1e-4)
                assert all(score == pytest.approx(expected[at], rel=1e-4) for at, score in found.items())


def test_ranking_sees_what_is_written_later(tmp_path: Path) -> None:
    from ingest.pipeline import ingest_paths

    with Store.open(tmp_path / "data", HashEmbedder()) as store:
        docs = tmp_path / "docs"
        docs.mkdir()
        (docs / "甲.txt").write_text(policy(1), encoding="utf-8")
        ingest_paths([docs], store)
        before = store.matching(["补助"], 500)
        (docs / "乙.txt").write_text(policy(2), encoding="utf-8")
        ingest_paths([docs], store)
        after = store.matching(["补助"], 500)
        assert before.keys() < after.keys() or not before
        (docs / "乙.txt").unlink()
        ingest_paths([docs], store, prune=True)
        assert store.matching(["补助"], 500) == before
        assert store._catalog.words.size() == store._catalog.words._read_size(0)


def test_best_first_takes_what_is_sorting_all() -> None:
    rng = np.random.default_rng(3)
    keys, scores = np.arange(1, 400), rng.integers(1, 9, 399) / 4.0  # many are equal
    taken = list(best_first(keys, scores, 30))
    order = np.lexsort((keys, -scores))
    assert np.array_equal(np.concatenate([batch for batch, _scores in taken]), keys[order])
    assert len(taken) > 3 and len(taken[0][0]) >= 30


def test_labels_of_an_index_from_before_are_read_once(filled: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    source = sqlite3.connect(filled[0] / "data" / "catalog.sqlite3")
    path = tmp_path / "catalog.sqlite3"
    db = sqlite3.connect(path)
    source.backup(db)
    source.close()
    held = db.execute("SELECT count(*) FROM labels").fetchone()
    db.executescript("DROP TRIGGER units_labelled; DROP TABLE labels;")
    assert prepare(db) == "5"
    assert db.execute("SELECT count(*) FROM labels").fetchone() == held and held[0] > 0
    db.execute("PRAGMA foreign_keys=ON")
    db.execute("DELETE FROM units WHERE document_id = (SELECT min(id) FROM documents)")
    assert 0 < db.execute("SELECT count(*) FROM labels").fetchone()[0] < held[0]
    db.close()


@pytest.mark.parametrize("term", ["配套设施", "务", "120", "不在其中的词语", "(一)"])
def test_containing_finds_what_a_scan_finds(filled: tuple[Path, dict[str, Any]], term: str) -> None:
    with Store.open(filled[0] / "data", KnownVectors(64)) as store:
        assert store.containing(term) == [u for u in store.units() if u.type.citable and term in u.text]


def test_the_catalog_is_mapped_into_memory(filled: tuple[Path, dict[str, Any]]) -> None:
    catalog = Catalog(filled[0] / "data" / "catalog.sqlite3")
    assert catalog._connection.execute("PRAGMA mmap_size").fetchone()[0] > 0
    catalog.close()
