"""Whatever is wrong with what is kept, what is said is true, and its mend loses nothing."""

import errno
import shutil
import sqlite3
from pathlib import Path

import pytest
from doors import HashEmbedder, write_corpus

from ingest.chunking import build_chunks
from ingest.pipeline import ingest_paths
from ui.operation.readiness import Warming
from ui.state.database import Database
from ui.state.errors import StateError
from vectorstore.errors import StoreError
from vectorstore.store import Store
from vectorstore.troubles import trouble_of


def filled(folder: Path) -> Path:
    data = folder / "data"
    with Store.open(data, HashEmbedder()) as store:
        ingest_paths([write_corpus(folder)], store)
    return data


def loses_nothing(said: str) -> bool:
    return "删除数据目录" not in said.replace("不要删除数据目录", "")


def test_a_damaged_catalog(tmp_path: Path) -> None:
    data = filled(tmp_path)
    (data / "catalog.sqlite3").write_bytes(b"not a database " * 100)
    with pytest.raises(StoreError, match="文件已损坏") as raised:
        Store.open(data, HashEmbedder())
    assert "zhengce restore" in str(raised.value) and loses_nothing(str(raised.value))


def test_a_folder_that_is_read_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As on a read-only mount: root writes through permission bits, so the refusal is SQLite's own."""
    data = filled(tmp_path)
    connect = sqlite3.connect

    def read_only(path: Path, **named: object) -> sqlite3.Connection:
        db: sqlite3.Connection = connect(path, **named)  # type: ignore[call-overload]
        db.execute("PRAGMA query_only = ON")
        return db

    monkeypatch.setattr("vectorstore.catalog_reader.sqlite3.connect", read_only)
    with pytest.raises(StoreError, match=r"目录不可写.*数据都在") as raised:
        Store.open(data, HashEmbedder())
    assert loses_nothing(str(raised.value))


@pytest.mark.parametrize(
    ("number", "trouble"),
    [(errno.EROFS, "unwritable"), (errno.EACCES, "unwritable"), (errno.ENOSPC, "full"), (errno.EIO, "other")],
)
def test_what_the_system_says(number: int, trouble: str) -> None:
    assert trouble_of(OSError(number, "")) == trouble


def test_a_lock_that_cannot_be_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    with Store.open(filled(tmp_path), HashEmbedder()) as store:
        monkeypatch.setattr("vectorstore.store.FileLock.acquire", refuse)
        with pytest.raises(StoreError, match="目录不可写"), store.writing():
            pass


@pytest.mark.parametrize("damage", ["garbage", "gone", "emptied"])
def test_vectors_are_made_again_from_the_catalog(damage: str, tmp_path: Path) -> None:
    data = filled(tmp_path)
    vectors = next(data.glob("*/chroma.sqlite3")).parent
    fresh = tmp_path / "elsewhere"  # Chroma keeps what it opened in this process
    shutil.copytree(data, fresh)
    vectors = fresh / vectors.name
    if damage == "gone":
        shutil.rmtree(vectors)
    else:
        (vectors / "chroma.sqlite3").write_bytes(b"not a database " * 100 if damage == "garbage" else b"")
    with Store.open(fresh, HashEmbedder(), to_rebuild=True) as store:
        assert store.needs_rebuilding()
        if damage == "garbage":
            with pytest.raises(StoreError, match=r"zhengce reindex.*文档都在"):
                store.nearest(store.embedder.embed_query("补助"), 1)
        count = len(store.documents())
        assert store.rebuild(build_chunks) > 0
        assert store.nearest(store.embedder.embed_query("补助"), 1)
        assert len(store.documents()) == count


def test_a_damaged_state(tmp_path: Path) -> None:
    file = tmp_path / "state.sqlite3"
    file.write_bytes(b"not a database " * 100)
    with pytest.raises(StateError, match=r"文件已损坏.*zhengce restore") as raised:
        Database.open(f"sqlite:///{file}")
    assert "不要删除" in str(raised.value)


def test_a_state_of_a_newer_version(tmp_path: Path) -> None:
    file = tmp_path / "state.sqlite3"
    Database.open(f"sqlite:///{file}").close()
    with sqlite3.connect(file) as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    db.close()
    with pytest.raises(StateError, match="请升级 zhengce"):
        Database.open(f"sqlite:///{file}")


def test_a_store_that_fails_is_not_the_model(tmp_path: Path) -> None:
    def warm() -> None:
        raise StoreError("向量库没有响应")

    warming = Warming()
    warming.start(warm)
    warming.close()
    assert warming.look().ok, "the model is well"
    assert warming.store_failed
