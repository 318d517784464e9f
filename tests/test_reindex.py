"""An index that an earlier version or another model made is made anew from what is stored, and nothing is lost."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from doors import HashEmbedder, WordRanker, write_corpus
from earlier_catalog import FIELDS_3, take_back

from ingest.chunking import build_chunks
from ingest.pipeline import ingest_paths
from ui.cli import main
from vectorstore import rebuilding
from vectorstore.chroma import ChromaFolder, ChromaIndex
from vectorstore.embedding import Matrix, Vector
from vectorstore.errors import ModelMismatchError
from vectorstore.lexical import Analyzer, bigram_tokens
from vectorstore.records import Chunk, Document, Unit
from vectorstore.store import Store

TESTS = Path(__file__).resolve().parent
KEPT = ("documents", "units", "files", "file_documents", "terms", "sketches", "copies", "labels")
REBUILD = """
import os, signal, sys
from pathlib import Path
from doors import HashEmbedder
from ingest.chunking import build_chunks
from vectorstore import rebuilding
from vectorstore.store import Store
rebuilding._BATCH = 2
class Dying(HashEmbedder):
    left = int(sys.argv[2])
    def embed_documents(self, texts, progress=None):
        self.left -= 1
        if self.left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().embed_documents(texts, progress)
with Store.open(Path(sys.argv[1]), Dying(), to_rebuild=True) as store:
    store.rebuild(build_chunks)
"""


class Counting(HashEmbedder):
    """Another model, which counts what it embeds."""

    def __init__(self, fingerprint: str = "hash-pairs", dimensions: int = 64) -> None:
        self.fingerprint, self.dimensions = fingerprint, dimensions
        self.embedded = 0

    def embed_documents(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Matrix:
        self.embedded += len(texts)
        return super().embed_documents(texts, progress)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    write_corpus(folder)
    (folder / "新闻.txt").write_text("园区开园\n\n本报讯 6月1日，翀霓枢纽开园，首批入驻企业20家。\n", encoding="utf-8")
    return folder


@pytest.fixture
def data(tmp_path: Path, corpus: Path) -> Path:
    """A store, in a folder that no Chroma of this process has open."""
    with Store.open(tmp_path / "made", HashEmbedder()) as store:
        assert ingest_paths([corpus], store).failed == 0
    shutil.copytree(tmp_path / "made", tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def earlier(tmp_path: Path, corpus: Path) -> Path:
    """A store as version 3 left it."""
    made = tmp_path / "made"
    with Store.open(made, HashEmbedder()) as store:
        assert ingest_paths([corpus], store).failed == 0
        units = store.units()
        store._vectors.delete(sorted(store._vectors.ids()))
        db = store._catalog._connection
        take_back(db, 3)
        chroma = ChromaIndex(ChromaFolder(made / "chroma", store._catalog.revision), "units")
        chroma.upsert([f"{u.document_id}:{u.ordinal}:u0" for u in units], rows([u.text for u in units]))
        for unit in units:
            _put_earlier(db, unit)
        db.commit()
    shutil.copytree(made, tmp_path / "data")
    return tmp_path / "data"


def _put_earlier(db: sqlite3.Connection, unit: Unit) -> None:
    address = (unit.document_id, unit.ordinal)
    chunks = [("u0", unit.start, unit.end), *((f"s{n}", s.start, s.end) for n, s in enumerate(unit.sentences))]
    for part, start, end in chunks:
        name = ":".join(map(str, (*address, part)))
        row = (name, *address, start, end, unit.text, name.encode(), part[0])
        db.execute("INSERT INTO chunks VALUES (?,?,?,?,?,?,?,?)", row)
        if part[0] == "s":
            db.execute("INSERT INTO sentence_vectors VALUES (?,?)", (name, rows([unit.text])[0].tobytes()))
    key = db.execute("SELECT key FROM units WHERE document_id=? AND ordinal=?", address).fetchone()[0]
    words = " ".join([*Analyzer().words(unit.text), *bigram_tokens(unit.text)])
    db.execute("INSERT INTO lexical(rowid, tokens) VALUES (?, ?)", (key, words))


def rows(texts: Sequence[str]) -> Matrix:
    return np.asarray(HashEmbedder().embed_documents(texts), dtype=np.float32)


def held(data: Path, fields: str = "*") -> dict[str, list[tuple[object, ...]]]:
    """All that must be the same afterwards; of documents their ``fields``."""
    db = sqlite3.connect(data / "catalog.sqlite3")
    columns = {"documents": fields}
    found = {name: sorted(db.execute(f"SELECT {columns.get(name, '*')} FROM {name}"), key=repr) for name in KEPT}
    db.close()
    return found


def vector_of(text: str) -> Vector:
    return np.asarray(HashEmbedder().embed_query(text), dtype=np.float32)


def is_whole(store: Store) -> bool:
    """Whether the index is that of a store which was made now."""
    cut = [chunk for one in store.documents() for chunk in build_chunks(one, store.units(one.id))]
    assert store._vectors.ids() == set(store._catalog.chunk_ids()) == {chunk.id for chunk in cut}
    texts = store._catalog.chunk_texts([chunk.id for chunk in cut])
    assert texts == [chunk.embedding_text for chunk in cut]
    stored = store.vectors([chunk.id for chunk in cut])
    made = store.embedder.embed_documents(texts)
    assert all(np.allclose(stored[chunk.id], row, atol=1e-5) for chunk, row in zip(cut, made, strict=True))
    (found, *_), (near, *_) = store.matching(bigram_tokens("翀霓枢纽"), 3), store.nearest(_query(store), 3)
    assert "翀霓枢纽" in store.unit(found).text and store.unit(near)
    return not store.needs_rebuilding()


def _query(store: Store) -> Vector:
    return store.embedder.embed_query("首批入驻企业")


def rebuilt(data: Path, embedder: HashEmbedder) -> None:
    with Store.open(data, embedder, to_rebuild=True) as store:
        assert store.needs_rebuilding()
        assert store.rebuild(build_chunks) == len(store._catalog.chunk_ids())
    with Store.open(data, embedder) as store:
        assert is_whole(store)


def test_a_store_of_an_earlier_version_is_upgraded_and_nothing_is_lost(earlier: Path, corpus: Path) -> None:
    before = held(earlier, FIELDS_3)
    with pytest.raises(ModelMismatchError, match=r"早先的版本.*zhengce reindex"):
        Store.open(earlier, HashEmbedder())
    rebuilt(earlier, HashEmbedder())
    assert held(earlier, FIELDS_3) == before and before["units"] and before["files"]
    with Store.open(earlier, HashEmbedder()) as store:
        assert ingest_paths([corpus], store).skipped == 2
        (corpus / "新闻.txt").unlink()
        ingest_paths([corpus], store, prune=True)
        assert store.matching(bigram_tokens("翀霓枢纽"), 3) == {}
        assert store._vectors.ids() == set(store._catalog.chunk_ids())


def test_another_model_also_of_another_size(data: Path) -> None:
    before, other = held(data), Counting("other", 32)
    with pytest.raises(ModelMismatchError, match=r"hash-pairs.*other.*zhengce reindex.*ZHENGCE_EMBEDDING_MODEL"):
        Store.open(data, other)
    rebuilt(data, other)
    assert held(data) == before
    with pytest.raises(ModelMismatchError, match="zhengce reindex"):
        Store.open(data, HashEmbedder())


@pytest.mark.parametrize("state", ["earlier", "data"])
def test_what_was_killed_among_the_vectors_goes_on(
    state: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder: Path = request.getfixturevalue(state)
    fields = FIELDS_3 if state == "earlier" else "*"
    before = held(folder, fields)
    assert _killed(folder, after=2)
    with pytest.raises(ModelMismatchError, match=r"正在重建.*zhengce reindex"):
        Store.open(folder, HashEmbedder())
    monkeypatch.setattr(rebuilding, "_BATCH", 2)
    embedder = Counting()
    steps: list[tuple[str, int, int]] = []
    with Store.open(folder, embedder, to_rebuild=True) as store:
        count = store.rebuild(build_chunks, lambda *step: steps.append(step))
    assert embedder.embedded == count - 4, "what two batches had made is not made again"
    assert steps[0] == ("vectors", 4, count) and steps[-1] == ("vectors", count, count)
    with Store.open(folder, HashEmbedder()) as store:
        assert is_whole(store)
    assert held(folder, fields) == before


def _killed(folder: Path, after: int) -> bool:
    env = {"PYTHONPATH": f"{TESTS.parent}:{TESTS}", "PATH": os.environ["PATH"]}
    ran = subprocess.run([sys.executable, "-c", REBUILD, str(folder), str(after)], env=env, check=False)
    return ran.returncode == -signal.SIGKILL


def test_what_was_stopped_while_cutting_begins_again(earlier: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "_DOCUMENTS", 1)
    calls = iter(range(9))

    def cut(document: Document, units: Sequence[Unit]) -> list[Chunk]:
        if next(calls):
            raise KeyboardInterrupt
        return build_chunks(document, units)

    with Store.open(earlier, HashEmbedder(), to_rebuild=True) as store, pytest.raises(KeyboardInterrupt):
        store.rebuild(cut)
    rebuilt(earlier, HashEmbedder())


def test_another_model_than_that_of_the_stopped_run_begins_again(data: Path) -> None:
    assert _killed(data, after=2)
    rebuilt(data, Counting("other", 32))


@pytest.mark.parametrize("harm", ["lost", "emptied", "broken"])
def test_vectors_that_are_lost_come_back_from_the_catalog(data: Path, harm: str) -> None:
    database = data / "chroma" / "chroma.sqlite3"
    if harm == "lost":
        shutil.rmtree(data / "chroma")
    else:
        database.write_bytes(b"" if harm == "emptied" else b"no database " * 500)
    rebuilt(data, HashEmbedder())


def test_who_reads_meanwhile_is_told_instead_of_misled(data: Path) -> None:
    with Store.open(data, HashEmbedder()) as reading, Store.open(data, Counting("other"), to_rebuild=True) as other:
        revision = reading.revision()
        other.rebuild(build_chunks)
        with pytest.raises(ModelMismatchError):
            reading.revision()
        assert other.revision() > revision


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counting]:
    """The command line with another model."""
    embedder = Counting("other", 32)
    monkeypatch.setattr("ui.wiring.open_model", lambda settings: embedder)
    monkeypatch.setattr("ui.wiring.open_settings_ranker", lambda settings: WordRanker())
    return embedder


def test_the_command_does_it_where_it_is_needed_and_is_silent_where_not(
    data: Path, hashed: Counting, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = tmp_path / "nowhere"
    assert main(["reindex", "--if-needed", "--data", str(nowhere)]) == 0 and not nowhere.exists()
    assert main(["reindex", "--data", str(nowhere)]) == 1
    capsys.readouterr()
    assert main(["reindex", "--if-needed", "--data", str(data)]) == 0
    said = capsys.readouterr()
    assert "索引已重建：2 份文档" in said.out and "文档不动" in said.err
    embedded = hashed.embedded
    assert main(["reindex", "--if-needed", "--data", str(data)]) == 0
    assert capsys.readouterr() == ("", "") and hashed.embedded == embedded
    assert main(["reindex", "--json", "--data", str(data)]) == 0
    assert '"documents": 2' in capsys.readouterr().out and hashed.embedded == 2 * embedded
