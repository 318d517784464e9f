"""Files into a real store: real Chroma, real catalog, real embedding model."""

import os
import queue
import random
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from doors import HashEmbedder, write_corpus

from ingest.pipeline import ingest_paths
from ingest.report import IngestReport
from ingest.watching import watch
from vectorstore.embedding import Embedder
from vectorstore.errors import ModelMismatchError, StoreLockedError
from vectorstore.records import Kind
from vectorstore.store import Store

ROOT = Path(__file__).resolve().parents[1]
PLAN = "某市行动方案\n\n一、目标\n\n到2028年建成。\n\n二、任务\n\n1.建设港口。吞吐量达到{figure}万吨。\n\n2.改造道路。\n\n三、保障\n\n(一)加强领导。\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.txt").write_text(PLAN.format(figure=30), encoding="utf-8")
    (docs / "b.md").write_text(
        "# 园区开园\n\n本报讯 6月1日,某产业园开园,首批入驻企业20家,各方期待。\n", encoding="gb18030"
    )
    return docs


@pytest.fixture
def store(tmp_path: Path, embedder: Embedder) -> Store:
    return Store.open(tmp_path / "data", embedder)


def statuses(report: IngestReport) -> dict[str, str]:
    return {Path(o.path).name: o.status for o in report.outcomes}


def vector_count(store: Store) -> int:
    return len(store._vectors.ids())


def chunk_count(store: Store) -> int:
    return len(store._catalog.chunk_ids())


def test_a_second_run_does_nothing_and_says_so(folder: Path, store: Store) -> None:
    assert statuses(ingest_paths([folder], store)) == {"a.txt": "added", "b.md": "added"}
    before = [(d.id, d.title) for d in store.documents()]
    again = ingest_paths([folder], store)
    assert (again.skipped, again.documents, again.failed) == (2, 0, 0)
    assert [(d.id, d.title) for d in store.documents()] == before
    assert vector_count(store) == chunk_count(store)


def test_a_changed_file_replaces_only_what_changed(folder: Path, store: Store) -> None:
    ingest_paths([folder], store)
    news = next(d for d in store.documents() if d.kind is Kind.NEWS)
    (folder / "a.txt").write_text(PLAN.format(figure=45), encoding="utf-8")
    assert statuses(ingest_paths([folder], store)) == {"a.txt": "replaced", "b.md": "unchanged"}
    assert "45万吨" in next(d.text for d in store.documents() if d.kind is Kind.POLICY)
    assert not store.containing("30万吨")
    assert news.id in {d.id for d in store.documents()}
    assert vector_count(store) == chunk_count(store)


def test_a_changed_file_embeds_only_new_texts(folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    ingest_paths([folder], store)
    embedded: list[str] = []
    original = store.embedder.embed_documents
    monkeypatch.setattr(
        store.embedder,
        "embed_documents",
        lambda texts, progress=None: (embedded.extend(texts), original(texts, progress))[1],
    )
    (folder / "a.txt").write_text(PLAN.format(figure=45), encoding="utf-8")
    ingest_paths([folder], store)
    assert embedded and all("45万吨" in text for text in embedded)


def test_a_deleted_file_goes_only_with_prune(folder: Path, store: Store) -> None:
    ingest_paths([folder], store)
    (folder / "b.md").unlink()
    assert statuses(ingest_paths([folder], store)) == {"a.txt": "unchanged"}
    assert len(store.documents()) == 2
    assert statuses(ingest_paths([folder], store, prune=True)) == {"a.txt": "unchanged", "b.md": "pruned"}
    assert len(store.documents()) == 1
    assert vector_count(store) == chunk_count(store)


def test_the_same_text_in_two_files_is_one_document(folder: Path, store: Store) -> None:
    (folder / "copy.txt").write_bytes((folder / "a.txt").read_bytes())
    ingest_paths([folder], store)
    assert len(store.documents()) == 2
    (folder / "a.txt").unlink()
    ingest_paths([folder], store, prune=True)
    assert {Path(d.source).name for d in store.documents()} == {"b.md", "copy.txt"}


def test_bad_files_are_reported_one_by_one_and_the_rest_goes_on(folder: Path, store: Store) -> None:
    (folder / "empty.txt").write_bytes(b"")
    (folder / "binary.txt").write_bytes(bytes(range(256)) * 8)
    (folder / "nothing.txt").write_text("一、目标\n", encoding="utf-8")
    report = ingest_paths([folder, folder / "gone.txt", folder / "x.pdf"], store)
    reasons = {Path(o.path).name: o.reason for o in report.outcomes if o.status == "failed"}
    assert set(reasons) == {"empty.txt", "binary.txt", "gone.txt", "x.pdf"} or "nothing.txt" in reasons
    assert all(reason and re.search("[\u4e00-\u9fff]", reason) for reason in reasons.values())
    assert len(store.documents()) >= 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission_is_a_reason(folder: Path, store: Store) -> None:
    (folder / "a.txt").chmod(0)
    report = ingest_paths([folder], store)
    assert [o.reason for o in report.outcomes if o.status == "failed"] == ["没有读取权限"]


def test_another_model_is_refused_with_the_mend(folder: Path, store: Store, tmp_path: Path, embedder: Embedder) -> None:
    ingest_paths([folder], store)

    class Other:
        fingerprint = "another-model"
        dimensions = embedder.dimensions
        embed_query = embedder.embed_query
        embed_documents = embedder.embed_documents

    with pytest.raises(ModelMismatchError, match="zhengce reindex"):
        Store.open(tmp_path / "data", Other())


def test_a_second_writer_is_turned_away(store: Store, tmp_path: Path, embedder: Embedder, folder: Path) -> None:
    with (
        store.writing(),
        Store.open(tmp_path / "data", embedder) as other,
        pytest.raises(StoreLockedError, match="另一个进程"),
    ):
        ingest_paths([folder], other)


WRITER = """
import sys
from pathlib import Path
from doors import HashEmbedder
import ingest.pipeline
from vectorstore.store import Store
ingest.pipeline._BATCH = 30
with Store.open(Path(sys.argv[1]), HashEmbedder()) as store:
    store.nearest(store.embedder.embed_query("补助"), 1)
    print("ready", flush=True)
    ingest_paths = ingest.pipeline.ingest_paths
    ingest_paths([Path(sys.argv[2])], store)
"""
KILLS = 20
FILES = 14


@pytest.mark.slow
def test_a_kill_at_any_moment_is_made_good_by_the_next_run(tmp_path: Path) -> None:
    """Twenty times somebody begins and is killed at a moment that nobody chose: nothing is lost, nothing is there twice."""
    docs, data = tmp_path / "docs", tmp_path / "data"
    docs.mkdir()
    for number in range(FILES):
        (docs / f"{number:02}.txt").write_text(PLAN.format(figure=100 + number) * 4, encoding="utf-8")
    seen: set[str] = set()
    for _ in range(KILLS):
        _write_until_killed(data, docs, random.uniform(0.0, 1.0))
        with Store.open(data, HashEmbedder()) as store:  # readable before the next run, whatever was under way
            ids = {document.id for document in store.documents()}
            assert seen <= ids, "what was there stays"
            assert all("".join(store.document(one).text.split()) for one in ids)
            assert all(store.units(one) for one in ids)
            seen = ids
    with Store.open(data, HashEmbedder()) as store:
        report = ingest_paths([docs], store)
        assert report.failed == 0
        assert len(store.documents()) == FILES == len({document.text for document in store.documents()})
        assert sorted(store._vectors.ids()) == sorted(store._catalog.chunk_ids())


def _write_until_killed(data: Path, docs: Path, seconds: float) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(data), str(docs)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        time.sleep(seconds)
        writer.send_signal(signal.SIGKILL)


def test_a_watched_folder_is_kept_in_the_store(tmp_path: Path) -> None:
    docs, stop = tmp_path / "docs", threading.Event()
    docs.mkdir()
    write_corpus(docs)
    reports: queue.SimpleQueue[IngestReport] = queue.SimpleQueue()
    with Store.open(tmp_path / "data", HashEmbedder()) as store:

        def keep() -> None:
            for report in watch([docs], store, stop=stop):
                reports.put(report)

        thread = threading.Thread(target=keep)
        thread.start()
        try:
            assert reports.get(timeout=30).documents == 1
            (docs / "另一份.txt").write_text(PLAN.format(figure=7), encoding="utf-8")
            assert {one.status for one in reports.get(timeout=30).outcomes} == {"unchanged", "added"}
            with store.writing():
                (docs / "方案.txt").unlink()
                time.sleep(3)  # somebody else writes: the reading waits for them
                assert reports.empty()
            assert {one.status for one in reports.get(timeout=30).outcomes} == {"unchanged", "pruned"}
            assert len(store.documents()) == 1
        finally:
            stop.set()
            thread.join(20)
        assert not thread.is_alive()


def test_many_files_are_read_beside_the_writing_and_reported_in_order(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    for number in range(60):
        (docs / f"{number:02}.txt").write_text(PLAN.format(figure=100 + number), encoding="utf-8")
    (docs / "07.txt").write_bytes(b"")
    told: list[tuple[int, int]] = []
    with Store.open(tmp_path / "data", HashEmbedder()) as store:
        report = ingest_paths([docs], store, progress=lambda done, total, _name: told.append((done, total)))
        assert [Path(one.path).name for one in report.outcomes] == sorted(path.name for path in docs.iterdir())
        assert [one.status for one in report.outcomes].count("failed") == 1
        assert report.documents == len(store.documents()) == 59
        assert told[-1] == (60, 60) and told == sorted(told)
        assert ingest_paths([docs], store).skipped == 59


def test_files_that_change_places_lose_nothing(tmp_path: Path) -> None:
    """What one file of a batch lets go of, another may hold: its vectors stay."""
    docs = tmp_path / "docs"
    docs.mkdir()
    first, second = (PLAN.format(figure=figure) for figure in (30, 40))
    (docs / "a.txt").write_text(first, encoding="utf-8")
    (docs / "b.txt").write_text(second, encoding="utf-8")
    with Store.open(tmp_path / "data", HashEmbedder()) as store:
        ingest_paths([docs], store)
        (docs / "a.txt").write_text(second, encoding="utf-8")
        (docs / "b.txt").write_text(first, encoding="utf-8")
        assert [one.status for one in ingest_paths([docs], store).outcomes] == ["replaced", "replaced"]
        listed = store._catalog.chunk_ids()
        assert len(store.documents()) == 2
        assert sorted(store._vectors.ids()) == sorted(listed)
