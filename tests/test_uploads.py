"""Files that people bring: names, limits, versions, the background, and the routes, on a real store and database."""

import io
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from doors import POLICY, HashEmbedder, WordRanker
from fastapi import HTTPException
from fastapi.testclient import TestClient
from filelock import FileLock

from ingest.pipeline import ingest_paths
from ui.access.scopes import requires
from ui.api.app import create_app
from ui.library import Library, LibraryFile, TooLargeError, UploadError
from ui.library.shelf import measure, safe_name
from ui.settings import Settings
from ui.state.database import Database
from ui.state.records import Upload
from ui.state.uploads import Uploads
from ui.wiring import Services, open_serving
from vectorstore.errors import NotFoundError, StoreLockedError
from vectorstore.records import Kind
from vectorstore.store import Store

OTHER = POLICY.replace("云溪市推进数字服务行动方案", "云溪市绿色出行实施方案").replace("120个", "45个")
EDITION = POLICY.replace("120个", "150个")


@dataclass
class Place:
    """A store, a database and a library in one folder; ``open`` makes another library on the same."""

    folder: Path
    store: Store
    records: Uploads
    library: Library

    def open(self, **options: Any) -> Library:
        return Library(self.store, self.records, self.folder, **options)

    def bring(self, name: str, content: str | bytes, by: str = "li") -> Upload:
        data = content.encode() if isinstance(content, str) else content
        return self.library.accept(name, io.BytesIO(data), by)

    def read(self, name: str, content: str | bytes) -> Upload:
        return self.settled(self.bring(name, content).id)

    def settled(self, upload_id: str) -> Upload:
        return settled(lambda: self.library.upload(upload_id))

    def texts(self) -> str:
        return "\n".join(document.text for document in self.store.documents())

    def file(self, name: str) -> LibraryFile:
        (found,) = (file for file in self.library.files() if file.name == name)
        return found

    def kept(self) -> list[Path]:
        return [path for path in (self.folder / "uploads").rglob("*") if path.is_file()]


def settled(look: Callable[[], Upload]) -> Upload:
    """Return the upload once it is done or failed."""
    until = time.monotonic() + 20
    while (upload := look()).state in ("waiting", "reading"):
        assert time.monotonic() < until, f"still {upload.state}"
        time.sleep(0.01)
    return upload


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    folder = tmp_path / "data"
    with Store.open(folder, HashEmbedder()) as store:
        database = Database.open(f"sqlite:///{folder / 'state.sqlite3'}")
        records = Uploads(database)
        made = Place(folder, store, records, Library(store, records, folder, lock_wait=20))
        yield made
        made.library.close()
        database.close()


# -- names ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("方案.txt", "方案.txt"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\x.txt", "x.txt"),
        ("C:\\Users\\李\\a.md", "a.md"),
        ("/abs/olute.txt", "olute.txt"),
        ("a\u202etxt.md", "atxt.md"),
        ("a\0b\n\x1b[31m.txt", "ab[31m.txt"),
        ('<a>:"b|?*.txt', "ab.txt"),
        ("cafe\u0301.txt", "caf\u00e9.txt"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("contract.txt", "contract.txt"),
        (".hidden.txt", "hidden.txt"),
        ("a..b...txt", "a.b.txt"),
        ("a.txt. . ", "a.txt"),
        ("\ud800.txt", "txt"),
        ("", "未命名"),
        ("..", "未命名"),
        ("///", "未命名"),
        ("\0\u200b ", "未命名"),
    ],
)
def test_names_become_harmless(given: str, kept: str) -> None:
    assert safe_name(given) == kept


@pytest.mark.parametrize("letter", ["x", "政", "😀"])
def test_long_names_keep_their_suffix(letter: str, place: Place) -> None:
    name = safe_name(letter * 300 + ".txt")
    assert name.endswith(".txt") and name.startswith(letter * 50)
    assert len(name) <= 120 and len(name.encode()) <= 255
    assert place.read(letter * 300 + ".txt", POLICY).state == "done", "the file system takes it"


def test_a_long_suffix_is_none() -> None:
    assert len(safe_name("a." + "x" * 300)) == 120


def test_bytes_stay_in_their_folder(place: Place) -> None:
    done = place.read("../../../etc/方案.txt", POLICY)
    (kept,) = place.kept()
    assert kept == place.folder / done.path
    assert kept.parent.parent.parent == place.folder / "uploads"
    assert kept.read_text(encoding="utf-8") == POLICY


# -- reading -------------------------------------------------------------------------------------------------------


def test_a_file_is_read_in_the_background(place: Place) -> None:
    brought = place.bring("方案.txt", POLICY, by="li")
    assert (brought.name, brought.by, brought.size) == ("方案.txt", "li", len(POLICY.encode()))
    done = place.settled(brought.id)
    assert (done.state, done.active, done.done) == ("done", True, 1.0)
    assert done.outcome["status"] == "added" and done.outcome["path"] == "方案.txt"
    assert done.outcome["documents"] == 1 and done.outcome["units"] > 3 and done.outcome["chunks"] > 3
    (document,) = place.store.documents()
    assert Path(document.source).name == "方案.txt"
    assert done.warnings == document.warnings


def test_progress_moves_with_the_chunks(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stepwise(HashEmbedder):
        def embed_documents(self, texts: Any, progress: Any = None) -> Any:
            vectors = super().embed_documents(texts)
            for _ in texts:
                progress(1)
            return vectors

    monkeypatch.setattr(place.store, "embedder", Stepwise())
    noted: list[float] = []
    monkeypatch.setattr(place.records, "progress", lambda _id, done: noted.append(done))
    done = place.read("方案.txt", POLICY)
    assert len(noted) > 3 and noted == sorted(noted) and noted[-1] <= 1
    assert len(noted) <= done.outcome["chunks"]


def test_many_files_have_each_their_outcome(place: Place) -> None:
    contents: dict[str, str | bytes] = {
        "方案.txt": POLICY,
        "binary.txt": bytes(range(256)) * 8,
        "nul.md": b"\0" * 50,
        "one.txt": b"x",
        "half.txt": b"\xff\xfe\x00",
        "noise.md": bytes((i * 197 + 31) % 256 for i in range(4096)),
        "empty.txt": b"",
        "库.mdb": b"PK\x03\x04",
        "passwd": "root:x:0:0",
        "出行.md": OTHER,
    }
    brought = {name: place.bring(name, content) for name, content in contents.items()}
    outcomes = {name: place.settled(upload.id) for name, upload in brought.items()}
    failed = {name: one.outcome["reason"] for name, one in outcomes.items() if one.state == "failed"}
    assert {name for name in contents if name not in failed} - {"one.txt"} == {"方案.txt", "出行.md"}
    assert all(re.search("[一-鿿]", reason) for reason in failed.values())
    assert ".mdb" in failed["库.mdb"] and ".txt" in failed["库.mdb"]
    assert brought["empty.txt"].state == brought["库.mdb"].state == brought["passwd"].state == "failed", "at once"
    assert not any(path.name in ("empty.txt", "库.mdb") for path in place.kept())


def test_too_large_is_refused_and_leaves_nothing(place: Place) -> None:
    library = place.open(max_bytes=2048)
    with pytest.raises(TooLargeError, match="2 KB"):
        library.accept("a.txt", io.BytesIO(b"x" * 2049), "li")
    assert place.records.list() == [] and place.kept() == []
    assert library.accept("a.txt", io.BytesIO(b"x" * 2048), "li").size == 2048
    library.close()


def test_a_stream_that_breaks_leaves_nothing(place: Place) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 0:
                raise OSError(28, "No space left on device")
            return super().read(10)

    with pytest.raises(UploadError, match="磁盘空间"):
        place.library.accept("a.txt", Broken(b"x" * 100), "li")
    assert place.records.list() == [] and place.kept() == []


def test_a_failure_inside_is_recorded_and_the_next_goes_on(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    original = place.store.put_files

    def put_files(files: Any, *rest: Any) -> None:
        if Path(files[0][0].path).name == "a.txt":
            raise RuntimeError("the inside of the machine")
        original(files, *rest)

    monkeypatch.setattr(place.store, "put_files", put_files)
    broken, fine = place.bring("a.txt", POLICY), place.bring("b.txt", OTHER)
    assert place.settled(fine.id).state == "done"
    reason = place.settled(broken.id).outcome["reason"]
    assert "日志" in reason and "machine" not in reason


def test_a_database_that_is_away_does_not_end_the_work(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    original, calls = place.records.reading, []

    def reading(upload_id: str) -> Upload:
        calls.append(upload_id)
        if len(calls) == 1:
            raise RuntimeError("away")
        return original(upload_id)

    monkeypatch.setattr(place.records, "reading", reading)
    place.bring("a.txt", POLICY)
    assert place.read("b.txt", OTHER).state == "done"


def test_many_bring_files_at_once_while_others_look(place: Place) -> None:
    from concurrent.futures import ThreadPoolExecutor

    editions = [POLICY.replace("120个", f"{n}00个").replace("云溪市", f"云溪{n % 4}市") for n in range(1, 17)]
    with ThreadPoolExecutor(8) as pool:
        brought = list(pool.map(lambda n: place.bring(f"{n % 4}.txt", editions[n]), range(16)))
        while any(place.library.upload(one.id).state in ("waiting", "reading") for one in brought):
            list(pool.map(lambda _n: place.library.files(), range(8)))
    assert {place.library.upload(one.id).state for one in brought} == {"done"}
    assert len(place.store.files()) == len(place.store.documents()) == 4
    for file in place.library.files():
        assert len(file.versions) == 4 and sum(version.active for version in file.versions) == 1
        assert len(file.documents) == 1


# -- versions ------------------------------------------------------------------------------------------------------


def test_the_same_file_twice_is_unchanged(place: Place) -> None:
    first = place.read("方案.txt", POLICY)
    again = place.bring("方案.txt", POLICY, by="wang")
    assert (again.state, again.outcome["status"]) == ("done", "unchanged")
    assert len(place.kept()) == 1
    assert [one.id for one in place.file("方案.txt").versions] == [first.id]
    assert place.library.upload(first.id).active


def test_the_same_file_twice_at_once_is_unchanged(place: Place) -> None:
    with place.store.writing():
        first, second = place.bring("方案.txt", POLICY), place.bring("方案.txt", POLICY)
        assert second.state == "waiting"
    assert place.settled(first.id).outcome["status"] == "added"
    assert place.settled(second.id).outcome["status"] == "unchanged"
    assert len(place.store.files()) == 1
    place.library.remove_document(place.store.documents()[0].id)
    assert place.kept() == []


def test_a_new_edition_replaces_the_old_and_can_be_undone(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    first = place.read("方案.txt", POLICY)
    held: list[int] = []
    drop = place.store.drop_file
    monkeypatch.setattr(place.store, "drop_file", lambda path: (held.append(len(place.store.documents())), drop(path)))
    second = place.read("方案.txt", EDITION)
    assert held == [2], "the new one is in before the old one goes out"
    assert second.outcome["status"] == "replaced"
    assert "150个" in place.texts() and "120个" not in place.texts()
    file = place.file("方案.txt")
    assert [one.id for one in file.versions] == [second.id, first.id]
    assert [one.active for one in file.versions] == [True, False]
    assert len(file.documents) == 1 and len(place.kept()) == 2

    back = place.library.restore(first.id)
    assert back.state in ("reading", "done")
    assert place.settled(first.id).active
    assert "120个" in place.texts() and "150个" not in place.texts()
    assert len(place.store.files()) == 1
    assert [one.active for one in place.file("方案.txt").versions] == [False, True]
    assert place.library.restore(first.id).state == "done", "what is in the index already stays"


def test_a_broken_edition_leaves_the_old_one(place: Place) -> None:
    first = place.read("方案.txt", POLICY)
    assert place.read("方案.txt", b"\x00\x01\x02" * 99).state == "failed"
    assert "120个" in place.texts()
    assert place.library.upload(first.id).active


def test_restore_says_why_it_cannot(place: Place) -> None:
    with pytest.raises(NotFoundError):
        place.library.restore("none")
    with pytest.raises(UploadError, match="重新上传"):
        place.library.restore(place.bring("a.xyz", b"%PDF").id)
    first = place.read("方案.txt", POLICY)
    place.read("方案.txt", EDITION)
    shutil.rmtree((place.folder / first.path).parent)
    with pytest.raises(UploadError, match="重新上传"):
        place.library.restore(first.id)


def test_a_moved_data_folder_is_no_new_file(place: Place, tmp_path: Path) -> None:
    place.read("方案.txt", POLICY)
    shutil.copytree(place.folder / "uploads", tmp_path / "elsewhere" / "uploads")
    with Library(place.store, place.records, tmp_path / "elsewhere") as moved:
        assert [len(file.documents) for file in moved.files()] == [1]
        edition = moved.accept("方案.txt", io.BytesIO(EDITION.encode()), "li")
        assert settled(lambda: moved.upload(edition.id)).state == "done"
        assert len(place.store.files()) == 1 and "120个" not in place.texts()


# -- forgetting and reading again -------------------------------------------------------------------------------------


def test_remove_takes_all_of_the_file(place: Place) -> None:
    place.read("方案.txt", POLICY)
    place.read("方案.txt", EDITION)
    place.read("出行.txt", OTHER)
    (one,) = place.file("方案.txt").documents
    assert place.library.remove_document(one.id) == [one.title]
    assert {path.name for path in place.kept()} == {"出行.txt"}
    assert not (place.folder / "uploads" / "方案.txt").exists()
    assert [file.name for file in place.library.files()] == ["出行.txt"]
    assert [upload.name for upload in place.records.list()] == ["出行.txt"]
    with pytest.raises(NotFoundError):
        place.library.remove_document(one.id)


def test_remove_leaves_files_of_others_on_the_disk(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text(POLICY, encoding="utf-8")
    ingest_paths([path], place.store)
    place.read("copy.txt", POLICY)
    (document,) = place.store.documents()
    assert place.library.remove_document(document.id) == [document.title]
    assert place.store.is_empty() and path.is_file() and place.kept() == []


def test_remove_of_what_waits_makes_the_reading_skip_it(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.read("方案.txt", POLICY)
    gate, read = threading.Event(), place.library._work
    monkeypatch.setattr(place.library._worker, "_handle", lambda one: gate.wait(20) and read(one))
    edition = place.bring("方案.txt", EDITION)
    place.library.remove_document(place.store.documents()[0].id)
    gate.set()
    assert place.read("出行.txt", OTHER).state == "done"
    with pytest.raises(NotFoundError):
        place.library.upload(edition.id)
    assert [file.name for file in place.library.files()] == ["出行.txt"]


def test_remove_waits_for_no_writer_forever(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    done = place.read("方案.txt", POLICY)
    monkeypatch.setattr("ui.library.library._PATIENCE", 0.2)
    (document,) = place.store.documents()
    with FileLock(place.folder / "write.lock"), pytest.raises(StoreLockedError, match="重试"):
        place.library.remove_document(document.id)
    with place.library._changing, pytest.raises(StoreLockedError, match="重试"):
        place.library.remove_document(document.id)
    assert place.library.upload(done.id).active and place.library.remove_document(document.id)


def test_discard_forgets_what_is_not_in_use(place: Place) -> None:
    first, second = place.read("方案.txt", POLICY), place.read("方案.txt", EDITION)
    failed = place.bring("a.xyz", b"%PDF")
    with pytest.raises(UploadError, match="正在使用"):
        place.library.discard(second.id)
    place.library.discard(first.id)
    place.library.discard(failed.id)
    assert [upload.id for upload in place.records.list()] == [second.id]
    assert place.kept() == [place.folder / second.path]
    same = place.bring("方案.txt", EDITION)
    place.library.discard(same.id)
    assert place.kept() == [place.folder / second.path], "bytes that another version has stay"


def test_reindex_reads_what_did_not_change(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uploaded = place.read("方案.txt", POLICY)
    path = tmp_path / "mine.txt"
    path.write_text(OTHER, encoding="utf-8")
    ingest_paths([path], place.store, kind=Kind.NEWS)
    put: list[str] = []
    original = place.store.put_files
    monkeypatch.setattr(
        place.store, "put_files", lambda files, *rest: (put.append(Path(files[0][0].path).name), original(files, *rest))
    )
    ids = {Path(document.source).name: document.id for document in place.store.documents()}
    assert place.library.reindex(ids["方案.txt"]).id == uploaded.id
    assert place.settled(uploaded.id).outcome["documents"] == 1
    reread = place.library.reindex(ids["mine.txt"], "li")
    done = place.settled(reread.id)
    assert (done.state, done.name, done.outcome["path"]) == ("done", "mine.txt", "mine.txt")
    assert place.settled(place.library.reindex(uploaded.id).id).active
    assert put == ["方案.txt", "mine.txt", "方案.txt"]
    assert place.store.files()[str(path)].reader.endswith(":news"), "it stays of the kind that was given"
    assert place.file("mine.txt").uploaded is False and place.file("mine.txt").versions == ()


def test_reindex_says_why_it_cannot(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text(OTHER, encoding="utf-8")
    ingest_paths([path], place.store)
    path.unlink()
    (document,) = place.store.documents()
    with pytest.raises(UploadError, match=r"mine\.txt.*放回") as raised:
        place.library.reindex(document.id)
    assert str(tmp_path) not in str(raised.value)
    with pytest.raises(NotFoundError):
        place.library.reindex("none")
    assert place.file("mine.txt").size is None


def test_files_show_all(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text(OTHER, encoding="utf-8")
    ingest_paths([path], place.store)
    place.read("方案.txt", POLICY)
    place.bring("a.xyz", b"%PDF")
    with FileLock(place.folder / "write.lock"):
        waiting = place.bring("新.txt", EDITION)
        files = {file.name: file for file in place.library.files()}
        assert list(files) == sorted(files) == ["a.xyz", "mine.txt", "新.txt", "方案.txt"]
        assert files["新.txt"].versions[0].state in ("waiting", "reading") and files["新.txt"].documents == ()
    assert files["a.xyz"].versions[0].state == "failed" and files["a.xyz"].size is None
    assert files["mine.txt"].size == len(OTHER.encode()) and not files["mine.txt"].uploaded
    (document,) = files["方案.txt"].documents
    assert document.units == len(place.store.units(document.id)) and document.kind is Kind.POLICY
    place.settled(waiting.id)


def test_storage_counts_what_there_is(place: Place) -> None:
    place.read("方案.txt", POLICY)
    (place.folder / "models").mkdir()
    (place.folder / "models" / "x.bin").write_bytes(b"x" * 1000)
    storage = place.library.storage()
    assert storage.uploads_bytes == len(POLICY.encode())
    assert storage.index_bytes > 10_000 and storage.state_bytes > 1000
    assert storage.total >= storage.index_bytes + storage.uploads_bytes + storage.state_bytes + 1000
    assert measure(place.folder / "none").total == 0


# -- other processes, and ends ----------------------------------------------------------------------------------------


def test_a_locked_store_is_waited_for(place: Place) -> None:
    with FileLock(place.folder / "write.lock"):
        brought = place.bring("方案.txt", POLICY)
        time.sleep(0.3)
        assert place.library.upload(brought.id).state == "reading"
    assert place.settled(brought.id).state == "done"


def test_a_store_that_stays_locked_is_told(place: Place) -> None:
    with FileLock(place.folder / "write.lock"), place.open(lock_wait=0.2) as library:
        brought = library.accept("方案.txt", io.BytesIO(POLICY.encode()), "li")
        failed = settled(lambda: library.upload(brought.id))
        assert failed.state == "failed" and "另一个进程" in failed.outcome["reason"]
    place.library.reindex(brought.id)
    assert place.settled(brought.id).state == "done", "it can be read later"


def test_what_was_not_finished_is_resumed(place: Place) -> None:
    with FileLock(place.folder / "write.lock"):
        library = place.open(lock_wait=20)
        first = library.accept("方案.txt", io.BytesIO(POLICY.encode()), "li")
        second = library.accept("出行.txt", io.BytesIO(OTHER.encode()), "li")
        time.sleep(0.1)
        library.close()
    states = {upload.id: upload.state for upload in place.records.waiting()}
    assert states == {first.id: "reading", second.id: "waiting"}
    incoming = place.folder / "uploads" / ".incoming"
    for name in ("half", "fresh"):
        (incoming / name).write_bytes(b"x")
    os.utime(incoming / "half", (0, 0))
    place.library.resume()
    assert {place.settled(one).state for one in states} == {"done"}
    assert sorted(path.name for path in place.kept()) == ["fresh", "出行.txt", "方案.txt"]


def test_a_kill_between_in_and_out_is_mended(place: Place) -> None:
    """Killed after the new version was in, before the old one was out: two editions are indexed, one is marked."""
    place.read("方案.txt", POLICY)
    edition = place.read("方案.txt", EDITION)
    place.records.reading(edition.id)
    old = next(upload for upload in place.records.versions("方案.txt") if upload.id != edition.id)
    ingest_paths([place.folder / old.path], place.store)
    assert len(place.store.documents()) == 2
    place.library.resume()
    assert place.settled(edition.id).active
    assert "150个" in place.texts() and "120个" not in place.texts()


def test_a_kill_between_bytes_and_refusal_is_mended(place: Place) -> None:
    left = place.records.add("a.xyz", "", "0" * 64, 4, "li")
    place.library.resume()
    failed = place.settled(left.id)
    assert failed.state == "failed" and ".xyz" in failed.outcome["reason"]
    assert place.store.is_empty(), "the data folder itself is not read"


def test_closing_an_idle_library(place: Place) -> None:
    with place.open() as library:
        assert library.storage().uploads_bytes == 0
    library.close()


# -- the routes ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.setattr("ui.wiring.open_model", lambda _settings: HashEmbedder())
    monkeypatch.setattr("ui.wiring.open_settings_ranker", lambda _settings: WordRanker())
    with open_serving(Settings(data_dir=tmp_path / "data", max_upload_bytes=4096, max_body_bytes=2048)) as opened:
        yield opened


@pytest.fixture
def client(services: Services) -> TestClient:
    return TestClient(create_app(services), raise_server_exceptions=False)


def post(client: TestClient, *files: tuple[str, str | bytes], **more: Any) -> Any:
    return client.post("/api/v1/documents", files=[("files", (name, content)) for name, content in files], **more)


def follow(client: TestClient, upload_id: str) -> dict[str, Any]:
    until = time.monotonic() + 20
    while (found := client.get(f"/api/v1/uploads/{upload_id}").json())["state"] in ("waiting", "reading"):
        assert time.monotonic() < until
        time.sleep(0.01)
    return dict(found)


def error(response: Any, status: int, code: str) -> str:
    assert response.status_code == status, response.text
    body = response.json()
    assert set(body) == {"error"} and body["error"]["code"] == code
    said: str = body["error"]["message"]
    assert re.search("[一-鿿]", said)
    return said


def test_route_takes_many_files(client: TestClient, tmp_path: Path) -> None:
    response = post(client, ("../方案.txt", POLICY), ("a.xyz", b"%PDF"), ("坏.md", b"\0\1\2" * 9), ("出行.md", OTHER))
    assert response.status_code == 202
    uploads = response.json()["uploads"]
    assert [one["name"] for one in uploads] == ["方案.txt", "a.xyz", "坏.md", "出行.md"]
    assert str(tmp_path) not in response.text and "path" not in uploads[0]
    ended = [follow(client, one["id"]) for one in uploads]
    assert [one["state"] for one in ended] == ["done", "failed", "failed", "done"]
    assert ended[0]["outcome"]["documents"] == 1 and ended[0]["active"] and ended[0]["done"] == 1
    listed = client.get("/api/v1/uploads").json()["uploads"]
    assert {one["id"] for one in listed} == {one["id"] for one in uploads}
    assert str(tmp_path) not in str(listed)
    assert len(client.get("/api/v1/documents").json()["documents"]) == 2


def test_route_goes_through_the_life_of_a_file(client: TestClient) -> None:
    first = follow(client, post(client, ("方案.txt", POLICY)).json()["uploads"][0]["id"])
    second = follow(client, post(client, ("方案.txt", EDITION)).json()["uploads"][0]["id"])
    assert second["outcome"]["status"] == "replaced"
    assert client.post(f"/api/v1/uploads/{first['id']}/restore").status_code == 202
    assert follow(client, first["id"])["active"]
    (document,) = client.get("/api/v1/documents").json()["documents"]
    again = client.post(f"/api/v1/documents/{document['id']}/reindex")
    assert again.status_code == 202 and follow(client, again.json()["id"])["state"] == "done"
    error(client.delete(f"/api/v1/uploads/{first['id']}"), 422, "invalid")
    assert client.delete(f"/api/v1/uploads/{second['id']}").status_code == 204
    storage = client.get("/api/v1/storage").json()
    assert storage["uploads_bytes"] == len(POLICY.encode()) and storage["total"] > storage["index_bytes"] > 0
    assert client.delete(f"/api/v1/documents/{document['id']}").json() == {"removed": [document["title"]]}
    assert client.get("/api/v1/uploads").json() == {"uploads": []}
    error(client.delete(f"/api/v1/documents/{document['id']}"), 404, "not_found")
    error(client.get(f"/api/v1/uploads/{first['id']}"), 404, "not_found")
    error(client.post("/api/v1/uploads/none/restore"), 404, "not_found")
    error(client.post("/api/v1/documents/none/reindex"), 404, "not_found")


def test_route_refuses_one_too_large_and_takes_none(client: TestClient) -> None:
    said = error(post(client, ("方案.txt", POLICY), ("大.txt", b"x" * 4097)), 413, "too_large")
    assert "大.txt" in said and "4 KB" in said
    assert client.get("/api/v1/uploads").json() == {"uploads": []}


def test_route_takes_more_than_other_routes(client: TestClient) -> None:
    assert post(client, *((f"{n}.txt", b"x" * 4000) for n in range(20))).status_code == 202
    error(client.post("/api/v1/ask", json={"question": "问" * 2000}), 413, "too_large")


def test_route_refuses_a_body_without_end(client: TestClient) -> None:
    limit = 20 * 4096 + 1024 * 1024
    headers = {"content-type": "multipart/form-data; boundary=b"}
    head = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'

    def pieces() -> Iterator[bytes]:
        yield head
        for _ in range(limit // 65536 + 2):
            yield b"x" * 65536

    said = error(client.post("/api/v1/documents", content=pieces(), headers=headers), 413, "too_large")
    assert str(limit) in said
    declared = client.post("/api/v1/documents", content=b"x" * (limit + 1), headers=headers)
    assert str(limit) in error(declared, 413, "too_large")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", None),
        (b'{"files": []}', "application/json"),
        (b"files=x", "application/x-www-form-urlencoded"),
        (b"no form", "multipart/form-data; boundary=b"),
        (b"no form", "multipart/form-data"),
        (
            b'--b\r\nContent-Disposition: form-data; name="files"\r\n\r\ntext\r\n--b--',
            "multipart/form-data; boundary=b",
        ),
    ],
)
def test_route_refuses_what_is_no_form_of_files(content: bytes, kind: str | None, client: TestClient) -> None:
    headers = {"content-type": kind} if kind else {}
    assert "files" in error(client.post("/api/v1/documents", content=content, headers=headers), 422, "invalid")


def test_route_refuses_too_many_files(client: TestClient) -> None:
    assert "20" in error(post(client, *((f"{n}.txt", POLICY) for n in range(21))), 422, "invalid")
    assert client.get("/api/v1/uploads").json() == {"uploads": []}


@pytest.mark.parametrize("raw", [b"", b"a\0.txt", b"..", b"\xff\xfe.txt", "政".encode() * 200 + b".txt"])
def test_route_takes_any_name(raw: bytes, client: TestClient) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="files"; filename="' + raw + b'"\r\n\r\n'
    body += POLICY.encode() + b"\r\n--b--\r\n"
    headers = {"content-type": "multipart/form-data; boundary=b"}
    response = client.post("/api/v1/documents", content=body, headers=headers)
    assert response.status_code in (202, 422), response.text
    for one in response.json().get("uploads", []):
        assert one["name"] and follow(client, one["id"])["state"] in ("done", "failed")


def test_routes_let_only_admins_in(services: Services) -> None:
    def nobody() -> str:
        raise HTTPException(403)

    app = create_app(services)
    app.dependency_overrides |= {requires("change"): nobody, requires("administer"): nobody}
    client = TestClient(app, raise_server_exceptions=False)
    error(post(client, ("方案.txt", POLICY)), 403, "forbidden")
    for method, path in (
        ("GET", "/uploads"),
        ("GET", "/uploads/x"),
        ("GET", "/storage"),
        ("POST", "/uploads/x/restore"),
        ("DELETE", "/uploads/x"),
        ("POST", "/documents/x/reindex"),
        ("DELETE", "/documents/x"),
    ):
        error(client.request(method, f"/api/v1{path}"), 403, "forbidden")
    assert client.get("/api/v1/documents").json() == {"documents": []}
    assert services.library and services.library.uploads() == []


def test_who_sent_it_is_kept(services: Services) -> None:
    app = create_app(services)
    app.dependency_overrides[requires("change")] = lambda: "wang"
    assert post(TestClient(app), ("方案.txt", POLICY)).json()["uploads"][0]["by"] == "wang"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
    ],
)
def test_other_sites_cannot_upload(headers: dict[str, str], client: TestClient) -> None:
    error(post(client, ("方案.txt", POLICY), headers=headers), 403, "forbidden")
    error(client.post("/api/v1/documents/x/reindex", headers=headers), 403, "forbidden")
    assert client.get("/api/v1/uploads").json() == {"uploads": []}


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "same-origin"}, {"origin": "http://testserver"}])
def test_our_own_page_can_upload(headers: dict[str, str], client: TestClient) -> None:
    assert post(client, ("方案.txt", POLICY), headers=headers).status_code == 202


def test_without_a_library_there_are_no_such_routes(services: Services) -> None:
    client = TestClient(create_app(replace(services, library=None)))
    error(post(client, ("方案.txt", POLICY)), 405, "method_not_allowed")
    error(client.get("/api/v1/uploads"), 404, "not_found")


def test_openapi_shows_the_form(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    form = paths["/api/v1/documents"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert form["properties"]["files"]["items"]["format"] == "binary"
    assert {"/api/v1/uploads", "/api/v1/uploads/{upload_id}", "/api/v1/storage"} < set(paths)
