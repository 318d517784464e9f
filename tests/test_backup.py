"""Backup and restore: what is destroyed comes back the same, and what is damaged does not come in."""

import gzip
import hashlib
import io
import json
import shutil
import sqlite3
import subprocess
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import zstandard
from doors import HashEmbedder, WordRanker, write_corpus
from filelock import FileLock
from pydantic import SecretStr
from test_access import browser, talk

from ingest.pipeline import ingest_paths
from ui.access.visitors import VISITOR_COOKIE
from ui.backup import taking
from ui.backup.errors import BackupError
from ui.backup.postgresql import environment
from ui.backup.restoring import restore_backup
from ui.backup.taking import make_backup
from ui.cli import main
from ui.settings import Settings
from ui.state.keys import Keys
from ui.state.records import Role, Scope
from ui.wiring import Services, open_serving
from vectorstore.errors import StoreLockedError

pytest_plugins = ["postgres"]  # its fixtures

QUESTION = "重点任务1的原文是什么？"
PASSWORD = "correct horse 9"
LATER = "云溪市夜间照明办法\n\n1.节约用电。每盏路灯每年节电300度。\n"


@contextmanager
def fresh_database(folder: Path) -> Iterator[str]:
    """Yield the URL of an empty database of the server in ``folder``."""
    import postgres as server  # a plugin of pytest, which is to import it first

    with server.fresh_database(folder) as url:
        yield url


@pytest.fixture(autouse=True)
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.wiring.open_model", lambda _settings: HashEmbedder())
    monkeypatch.setattr("ui.wiring.open_settings_ranker", lambda _settings: WordRanker())


@contextmanager
def served(folder: Path, database: str | None = None) -> Iterator[Services]:
    with open_serving(made(folder, database)) as services:
        yield services


def made(folder: Path, database: str | None = None) -> Settings:
    return Settings(data_dir=folder, database=SecretStr(database) if database else None)


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> Iterator[tuple[str | None, str | None]]:
    """The addresses of two state databases: that which is backed up, and an empty one."""
    if request.param == "sqlite":
        yield None, None
        return
    if not shutil.which("pg_dump"):
        pytest.skip("no pg_dump: scripts/install_postgresql")
    with ExitStack() as stack:
        folder = request.getfixturevalue("postgres")
        yield stack.enter_context(fresh_database(folder)), stack.enter_context(fresh_database(folder))


def fill(services: Services, folder: Path) -> dict[str, Any]:
    """Put some of everything in, and return what can be seen of it."""
    ingest_paths([write_corpus(folder)], services.store)
    client = browser(services)
    client.post("/api/v1/documents", files={"files": ("照明.txt", LATER.encode())})
    _until_read(services)
    kept = talk(client, QUESTION, "每盏路灯每年节电多少？")
    exchange = kept["exchanges"][0]["id"]
    rating = {"rating": "down", "reason": "citation", "comment": "不是这一条"}
    client.put(f"/api/v1/conversations/{kept['id']}/exchanges/{exchange}/rating", json=rating)
    services.state.accounts.add("张三", PASSWORD, Role.ADMIN)
    _key, secret = Keys(services.state.database).create("程序", [Scope.ASK])
    return {
        "visitor": client.cookies[VISITOR_COOKIE],
        "secret": secret,
        **seen(services, client.cookies[VISITOR_COOKIE]),
    }


def _until_read(services: Services) -> None:
    assert services.library
    done = threading.Event()
    for _ in range(600):
        if all(one.state == "done" for one in services.library.uploads()):
            return
        done.wait(0.05)
    raise AssertionError(services.library.uploads())


def seen(services: Services, visitor: str) -> dict[str, Any]:
    """Return what can be seen: documents, conversations with their citations, feedback, users, the log."""
    client = browser(services)
    client.cookies.set(VISITOR_COOKIE, visitor)
    talks = client.get("/api/v1/conversations").json()
    (one,) = talks["conversations"]
    answer = client.post("/api/v1/ask", json={"question": QUESTION}).json()
    return {
        "documents": client.get("/api/v1/documents").json(),
        "talks": talks,
        "talk": client.get(f"/api/v1/conversations/{one['id']}").json(),
        "feedback": services.state.conversations.feedback(),
        "users": services.state.accounts.list(),
        "audit": services.state.audit.list()[:4],
        "answer": {**answer, "timings_ms": None},
    }


@pytest.mark.parametrize("suffix", [".tar.zst", ".tar.gz"])
def test_what_was_destroyed_comes_back_the_same(
    databases: tuple[str | None, str | None], tmp_path: Path, suffix: str
) -> None:
    first, second = databases
    target = tmp_path / f"backup{suffix}"
    with served(tmp_path / "data", first) as services:
        before = fill(services, tmp_path)
        manifest = make_backup(made(tmp_path / "data", first), target)  # while the service runs
    assert manifest.counts.documents == 2
    assert (manifest.counts.conversations, manifest.counts.exchanges, manifest.counts.feedback) == (1, 2, 1)
    assert (manifest.counts.users, manifest.counts.api_keys, manifest.counts.uploads) == (1, 1, 1)
    assert target.stat().st_mode & 0o077 == 0, "nobody else may read it"
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []
    shutil.rmtree(tmp_path / "data")

    done = restore_backup(made(tmp_path / "new", second), target)
    assert done.aside is None
    with served(tmp_path / "new", second) as services:
        assert services.library
        after = seen(services, before["visitor"])
        assert {name: before[name] for name in after} == after
        assert services.state.audit.verify().ok
        key = Keys(services.state.database).find(before["secret"])
        assert key and key.name == "程序"
        assert services.state.accounts.sign_in("张三", PASSWORD)
        (upload,) = services.library.uploads()
        assert (tmp_path / "new" / upload.path).read_text(encoding="utf-8") == LATER
        nearest = services.store.nearest(HashEmbedder().embed_query("路灯节电"), 1)
        assert nearest, "the vectors are there too"
        (added,) = browser(services).post("/api/v1/documents", files={"files": ("新.txt", b"x")}).json()["uploads"]
        assert added["state"] in ("waiting", "reading"), "and it can be written to"


def test_a_backup_is_whole_while_others_ask_and_bring_files(tmp_path: Path) -> None:
    with served(tmp_path / "data") as services:
        before = fill(services, tmp_path)
        client = browser(services)
        stopping = threading.Event()

        def busy() -> None:
            number = 0
            while not stopping.is_set():
                number += 1
                client.post("/api/v1/ask", json={"question": f"重点任务{number % 4}的原文是什么？"})
                text = f"{LATER}2.第{number}盏。另有路灯{number}盏。\n"
                client.post("/api/v1/documents", files={"files": (f"{number}.txt", text.encode())})

        thread = threading.Thread(target=busy)
        thread.start()
        try:
            for number in range(3):
                make_backup(made(tmp_path / "data"), tmp_path / f"{number}.tar.gz")
        finally:
            stopping.set()
            thread.join()
    for number in range(3):
        folder = tmp_path / f"new{number}"
        restore_backup(made(folder), tmp_path / f"{number}.tar.gz")
        with served(folder) as services:
            _until_read(services)  # what had not been read when the copy was made is read now
            listed = set(services.store._catalog.chunk_ids())
            present = services.store._vectors.ids()
            assert listed <= present
            assert seen(services, before["visitor"])["talk"] == before["talk"]
            assert services.state.audit.verify().ok


def test_who_is_writing_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(tmp_path / "data") as services:
        ingest_paths([write_corpus(tmp_path)], services.store)
    monkeypatch.setattr(taking, "WAIT", 0.1)
    with FileLock(tmp_path / "data" / "write.lock"), pytest.raises(StoreLockedError, match="仍有进程在写入"):
        make_backup(made(tmp_path / "data"), tmp_path / "a.tar.gz")
    assert not (tmp_path / "a.tar.gz").exists()
    make_backup(made(tmp_path / "data"), tmp_path / "a.tar.gz")


# -- where there are data already ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of a service that was asked once; its data are still beside it."""
    folder = tmp_path_factory.mktemp("small")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ui.wiring.open_model", lambda _settings: HashEmbedder())
        patch.setattr("ui.wiring.open_settings_ranker", lambda _settings: WordRanker())
        with served(folder / "data") as services:
            ingest_paths([write_corpus(folder)], services.store)
            talk(browser(services), QUESTION)
    make_backup(made(folder / "data"), folder / "small.tar.gz")
    return folder / "small.tar.gz"


def tree(folder: Path) -> dict[str, str]:
    return {
        one.relative_to(folder).as_posix(): hashlib.sha256(one.read_bytes()).hexdigest()
        for one in sorted(folder.rglob("*")) if one.is_file() and one.name != "write.lock"
    }  # fmt: skip


def test_data_that_are_there_are_replaced_only_on_demand(small: Path, tmp_path: Path) -> None:
    folder = tmp_path / "there"
    with served(folder) as services:
        services.state.accounts.add("李四", PASSWORD, Role.USER)
    (folder / "models").mkdir()
    (folder / "models" / "kept").write_text("x")
    before = tree(folder)
    with pytest.raises(BackupError, match=r"已有数据.*--force"):
        restore_backup(made(folder), small)
    assert tree(folder) == before
    done = restore_backup(made(folder), small, force=True)
    assert done.aside and (done.aside / "state.sqlite3").is_file()
    assert (folder / "models" / "kept").read_text() == "x"
    with served(folder) as services:
        assert services.state.accounts.list() == []
        assert len(services.store.documents()) == 1


def test_a_running_service_is_not_pulled_the_rug_from_under(small: Path, tmp_path: Path) -> None:
    with served(tmp_path / "there"), pytest.raises(BackupError, match="先停止"):
        restore_backup(made(tmp_path / "there"), small, force=True)


def test_a_database_that_is_elsewhere(tmp_path: Path) -> None:
    here, there = (f"sqlite:///{tmp_path}/{name}/s.sqlite3" for name in ("a", "b"))
    with served(tmp_path / "data", here) as services:
        services.state.accounts.add("李四", PASSWORD, Role.USER)
    make_backup(made(tmp_path / "data", here), tmp_path / "a.tar.gz")
    restore_backup(made(tmp_path / "new", there), tmp_path / "a.tar.gz")
    with served(tmp_path / "new", there) as services:
        assert [one.name for one in services.state.accounts.list()] == ["李四"]
    with pytest.raises(BackupError, match="已有数据"):
        restore_backup(made(tmp_path / "third", there), tmp_path / "a.tar.gz")


def test_tables_that_are_there_are_replaced_only_on_demand(postgres: Path, tmp_path: Path) -> None:
    with fresh_database(postgres) as first, fresh_database(postgres) as second:
        for url, name in ((first, "张三"), (second, "李四")):
            with served(tmp_path / name, url) as services:
                services.state.accounts.add(name, PASSWORD, Role.USER)
        make_backup(made(tmp_path / "张三", first), tmp_path / "a.tar.zst")
        with pytest.raises(BackupError, match="已有数据"):
            restore_backup(made(tmp_path / "new", second), tmp_path / "a.tar.zst")
        restore_backup(made(tmp_path / "new", second), tmp_path / "a.tar.zst", force=True)
        with served(tmp_path / "new", second) as services:
            assert [one.name for one in services.state.accounts.list()] == ["张三"]
        with pytest.raises(BackupError, match=r"postgresql.*sqlite"):
            restore_backup(made(tmp_path / "third"), tmp_path / "a.tar.zst")


def test_nothing_changes_where_the_last_step_fails(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "there"
    with served(folder) as services:
        services.state.accounts.add("李四", PASSWORD, Role.USER)
    before = tree(folder)
    moves, move = [], shutil.move

    def failing(source: Any, target: Any) -> Any:
        moves.append(source)
        if len(moves) == 4:
            raise OSError(28, "no space")
        return move(source, target)

    monkeypatch.setattr("ui.backup.restoring.shutil.move", failing)
    with pytest.raises(BackupError, match="磁盘已满"):
        restore_backup(made(folder), small, force=True)
    assert tree(folder) == before


# -- what is damaged or does harm ----------------------------------------------------------------------------------

Change = Callable[[dict[str, Any], dict[str, bytes]], None]


def rewritten(source: Path, change: Change, target: Path) -> Path:
    """Write the backup anew after ``change`` did something to its manifest and its files."""
    with tarfile.open(source, "r:gz") as tar:
        files = {one.name: tar.extractfile(one).read() for one in tar}  # type: ignore[union-attr]
    manifest = json.loads(files.pop("manifest.json"))
    change(manifest, files)
    with tarfile.open(target, "w:gz") as tar:
        for name, body in {"manifest.json": json.dumps(manifest).encode(), **files}.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
    return target


def _byte(_manifest: dict[str, Any], files: dict[str, bytes]) -> None:
    body = files["catalog.sqlite3"]
    files["catalog.sqlite3"] = body[:-1] + bytes([body[-1] ^ 1])


def _longer(_manifest: dict[str, Any], files: dict[str, bytes]) -> None:
    files["catalog.sqlite3"] += b"x"


def _gone(_manifest: dict[str, Any], files: dict[str, bytes]) -> None:
    del files["state.sqlite3"]


def _more(_manifest: dict[str, Any], files: dict[str, bytes]) -> None:
    files["chroma/more"] = b"x"


def _listed(name: str) -> Change:
    def change(manifest: dict[str, Any], files: dict[str, bytes]) -> None:
        files[name] = b"x"
        manifest["members"][name] = {"size": 1, "sha256": hashlib.sha256(b"x").hexdigest()}

    return change


def _no_database(manifest: dict[str, Any], files: dict[str, bytes]) -> None:
    _listed("catalog.sqlite3")(manifest, files)


def _of(**values: Any) -> Change:
    return lambda manifest, _files: manifest.update(values)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_byte, "catalog.sqlite3 与清单不符"),
        (_longer, "catalog.sqlite3 与清单不符"),
        (_gone, "缺少 state.sqlite3"),
        (_more, "不该有的文件 chroma/more"),
        (_no_database, "catalog.sqlite3 不是完好的数据库"),
        (_listed("../evil"), "没有有效的清单"),
        (_listed("/tmp/evil"), "没有有效的清单"),
        (_listed("chroma/../../evil"), "没有有效的清单"),
        (_listed("uploads/a\\..\\b"), "没有有效的清单"),
        (_listed("zhengce.toml"), "没有有效的清单"),
        (_of(members=7), "没有有效的清单"),
        (_of(format=2), "不认识的版本.*format 2.*升级"),
        (_of(schema_version="99"), "schema 99"),
        (_of(state_revision="9999"), "state 9999"),
    ],
)
def test_what_is_damaged_is_refused(small: Path, tmp_path: Path, change: Change, said: str) -> None:
    bad = rewritten(small, change, tmp_path / "bad.tar.gz")
    with pytest.raises(BackupError, match=said):
        restore_backup(made(tmp_path / "new"), bad)
    assert tree(tmp_path / "new") == {} if (tmp_path / "new").exists() else True
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("kind", ["link", "hard link", "device", "folder"])
def test_only_plain_files_come_out(small: Path, tmp_path: Path, kind: str) -> None:
    info = tarfile.TarInfo("uploads/a/b/c")
    info.type = {"link": tarfile.SYMTYPE, "hard link": tarfile.LNKTYPE, "device": tarfile.CHRTYPE}.get(
        kind, tarfile.DIRTYPE
    )
    info.linkname = {"link": "../../../evil", "hard link": "catalog.sqlite3"}.get(kind, "")
    with tarfile.open(small, "r:gz") as old:
        files = [(one, old.extractfile(one).read()) for one in old]  # type: ignore[union-attr]
    manifest = json.loads(files[0][1])
    manifest["members"][info.name] = {"size": 0, "sha256": hashlib.sha256(b"").hexdigest()}
    body = json.dumps(manifest).encode()
    files[0][0].size = len(body)
    with tarfile.open(tmp_path / "bad.tar.gz", "w:gz") as tar:
        for one, content in [(files[0][0], body), *files[1:]]:
            tar.addfile(one, io.BytesIO(content))
        tar.addfile(info)
    with pytest.raises(BackupError, match="不该有的文件 uploads/a/b/c"):
        restore_backup(made(tmp_path / "new"), tmp_path / "bad.tar.gz")


@pytest.mark.parametrize("packed", ["zst", "gz"])
@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.95])
def test_what_was_cut_off_is_refused(small: Path, tmp_path: Path, packed: str, part: float) -> None:
    body = small.read_bytes()
    if packed == "zst":
        body = zstandard.ZstdCompressor().compress(gzip.decompress(body))
    bad = tmp_path / f"bad.tar.{packed}"
    bad.write_bytes(body[: int(len(body) * part)])
    with pytest.raises(BackupError, match="已损坏"):
        restore_backup(made(tmp_path / "new"), bad)


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.tar.gz").write_bytes(b"no backup")
    with pytest.raises(BackupError, match=r"已损坏.*压缩包不完整"):
        restore_backup(made(tmp_path / "new"), tmp_path / "a.tar.gz")
    with pytest.raises(BackupError, match="文件不存在"):
        restore_backup(made(tmp_path / "new"), tmp_path / "none.tar.gz")


# -- PostgreSQL's programs -----------------------------------------------------------------------------------------


def test_without_its_programs_it_says_what_to_install(
    postgres: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.backup.postgresql.shutil.which", lambda _name: None)
    (tmp_path / "data").mkdir()
    with fresh_database(postgres) as url, pytest.raises(BackupError, match=r"pg_dump.*postgresql-client"):
        make_backup(made(tmp_path / "data", url), tmp_path / "a.tar.gz")


def test_the_password_goes_through_the_environment_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ui.backup import postgresql

    calls: list[tuple[list[str], dict[str, str]]] = []

    def run(command: list[str], *, env: dict[str, str], **_: Any) -> "subprocess.CompletedProcess[str]":
        calls.append((command, env))
        return subprocess.CompletedProcess(command, 1, "", "pg_dump: error: hunter2 is wrong\nmore")

    monkeypatch.setattr("ui.backup.postgresql.subprocess.run", run)
    monkeypatch.setattr("ui.backup.postgresql.shutil.which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setenv("PGPASSWORD", "somebody else's")
    url = "postgresql://u:hunter2@h:5433/db?sslmode=require"
    with pytest.raises(BackupError) as caught:
        postgresql.dump(url, tmp_path / "x", ["a"], "zh")
    ((command, env),) = calls
    assert "hunter2" not in " ".join(command) + str(caught.value)
    assert (env["PGPASSWORD"], env["PGHOST"], env["PGPORT"], env["PGDATABASE"], env["PGSSLMODE"]) == (
        "hunter2", "h", "5433", "db", "require"
    )  # fmt: skip
    assert environment("postgresql://h/db?password=hunter2&user=u")["PGPASSWORD"] == "hunter2"


# -- the commands --------------------------------------------------------------------------------------------------


def test_the_commands(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data = str(small.parent / "data")
    assert main(["--data", data, "backup", str(tmp_path / "b.tar.zst")]) == 0
    assert "已备份到" in capsys.readouterr().out
    assert main(["backup", str(tmp_path / "b.zip"), "--data", data]) == 1
    assert ".tar.zst 或 .tar.gz" in capsys.readouterr().err
    assert main(["backup", "b.tar.gz", "--data", str(tmp_path / "none")]) == 1
    assert "--data" in capsys.readouterr().err
    new = str(tmp_path / "new")
    assert main(["restore", str(tmp_path / "b.tar.zst"), "--data", new]) == 0
    assert "1 份文档，1 个对话" in capsys.readouterr().out
    assert main(["restore", str(tmp_path / "b.tar.zst"), "--data", new]) == 1
    assert "--force" in capsys.readouterr().err
    assert main(["restore", str(tmp_path / "b.tar.zst"), "--data", new, "--force", "--json"]) == 0
    done = json.loads(capsys.readouterr().out)
    assert Path(done["aside"]).is_dir()
    assert done["counts"]["documents"] == 1
    with sqlite3.connect(f"{new}/catalog.sqlite3") as db:
        assert db.execute("SELECT count(*) FROM documents").fetchone() == (1,)
    db.close()
