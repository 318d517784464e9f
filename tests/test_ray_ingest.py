"""Files into a store by way of a Ray cluster: three real nodes on this machine, a worker killed, a node taken away."""

import hashlib
import json
import os
import pickle
import re
import signal
import sqlite3
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest
from doors import POLICY, HashEmbedder, WordRanker, write_corpus

from ingest.cluster import RayCluster
from ingest.isolation import Limits
from ingest.pipeline import ingest_paths
from ingest.quarantine import Quarantine
from ingest.report import FileOutcome, IngestReport
from ui.cli import main
from vectorstore.embedding import Backend, Embedder, Matrix
from vectorstore.errors import ModelMismatchError, StoreError
from vectorstore.store import Store

pytestmark = [
    pytest.mark.slow,
    # Ray Data's own settings touch those that it took out of use
    pytest.mark.filterwarnings("ignore:`?use_:DeprecationWarning:ray.data.context"),
]

TESTS = Path(__file__).resolve().parent
FILES = 36
QUICK = {"health_check_initial_delay_ms": 0, "health_check_period_ms": 500, "health_check_failure_threshold": 4}
SLOW = 0.25  # seconds that a slow embedder takes for a block


class SlowEmbedder(HashEmbedder):
    """So slow that something can happen meanwhile."""

    def embed_documents(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Matrix:
        time.sleep(SLOW)
        return super().embed_documents(texts, progress)


class OtherEmbedder(HashEmbedder):
    fingerprint = "another-model"


class NoEmbedder(HashEmbedder):
    """The embedder of a process that is to embed nothing itself."""

    def embed_documents(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Matrix:
        raise AssertionError("the vectors come from the cluster")


class Nodes:
    """A cluster of a head and two more nodes, with a processor each; this process has joined it."""

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster

        self.cluster = Cluster(shutdown_at_exit=False)
        self.head = self.add(_system_config=QUICK)
        self.others = [self.add(), self.add()]

    def add(self, **head: Any) -> Any:
        return self.cluster.add_node(num_cpus=1, object_store_memory=80 << 20, include_dashboard=False, **head)

    def workers(self, stage: str) -> list[int]:
        """Return the processes that are at work on ``stage`` on any node."""
        raylets = {str(one.process.pid) for node in (self.head, *self.others) for one in node.all_processes["raylet"]}
        found = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdecimal():
                try:
                    parent = folder.joinpath("stat").read_text().rpartition(")")[2].split()[1]
                    title = folder.joinpath("cmdline").read_bytes()
                except OSError:  # it is gone by now
                    continue
                if parent in raylets and title.startswith(b"ray::") and stage.encode() in title:
                    found.append(int(folder.name))
        return found


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")  # loopback only; read when Ray is imported
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        patch.setenv("RAY_worker_niceness", "0")  # 15 would be slow on a machine that does other things
        patch.setenv("PYTHONPATH", os.pathsep.join([str(TESTS), str(TESTS.parent)]))
        import ray

        started = Nodes()
        ray.init(started.cluster.address, log_to_driver=False, logging_level="ERROR")
        try:
            yield started
        finally:
            ray.shutdown()
            started.cluster.shutdown()


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    for number in range(FILES):
        text = POLICY.replace("云溪市", f"云溪{number}市").replace("120个", f"{number + 2}个")
        (folder / f"{number:02}.txt").write_text(text, encoding="utf-8")
    (folder / "19.txt").write_bytes((folder / "18.txt").read_bytes())
    return folder


@dataclass(frozen=True)
class Contents:
    """All that is stored: every row of the catalog, and every vector."""

    rows: dict[str, list[Any]]
    vectors: dict[str, Any]

    @classmethod
    def of(cls, store: Store) -> Self:
        with sqlite3.connect(f"file:{store.data_dir / 'catalog.sqlite3'}?mode=ro", uri=True) as catalog:
            tables = [row[0] for row in catalog.execute("SELECT name FROM sqlite_master WHERE type='table'")]
            rows = {name: catalog.execute(f"SELECT * FROM {name}").fetchall() for name in tables if name != "meta"}
        catalog.close()
        ids = sorted(store._vectors.ids())
        assert ids == sorted(store._catalog.chunk_ids()), "each vector once, and none without a chunk"
        return cls(rows, dict(store.vectors(set(ids))))

    def same(self, other: "Contents") -> None:
        """Hold that ``other`` is the same; what was read from the vector database and written again is rounded anew."""
        assert self.rows == other.rows
        assert self.vectors.keys() == other.vectors.keys() and self.vectors
        for chunk, vector in self.vectors.items():
            np.testing.assert_allclose(vector, other.vectors[chunk], atol=1e-6)


@pytest.fixture
def expected(docs: Path, tmp_path: Path) -> Contents:
    """What one machine makes of the files."""
    with Store.open(tmp_path / "alone", HashEmbedder()) as store:
        ingest_paths([docs], store)
        return Contents.of(store)


def statuses(report: IngestReport) -> dict[str, str]:
    assert [one.path for one in report.outcomes] == sorted(one.path for one in report.outcomes)
    return {Path(one.path).name: one.status for one in report.outcomes}


def test_the_store_is_the_same_as_that_of_one_machine(
    nodes: Nodes, docs: Path, expected: Contents, tmp_path: Path
) -> None:
    told: list[tuple[int, int]] = []
    with Store.open(tmp_path / "data", NoEmbedder()) as store:
        report = ingest_paths(
            [docs],
            store,
            cluster=RayCluster(HashEmbedder),
            progress=lambda done, total, _name: told.append((done, total)),
        )
        assert set(statuses(report).values()) == {"added"} and len(report.outcomes) == FILES
        assert report.documents == FILES and len(store.documents()) == FILES - 1
        Contents.of(store).same(expected)
        assert told[-1] == (FILES, FILES) and told == sorted(told)


def test_bad_files_give_their_reasons_and_the_rest_goes_on(nodes: Nodes, docs: Path, tmp_path: Path) -> None:
    (docs / "03.txt").write_bytes(b"")
    (docs / "04.txt").write_text(POLICY * 5000, encoding="utf-8")
    (docs / "05.docx").write_bytes(b"PK\x03\x04 no archive")
    limits = Limits(seconds=2.0)
    with Store.open(tmp_path / "data", HashEmbedder()) as store:
        report = ingest_paths([docs, docs / "gone.txt"], store, limits=limits, cluster=RayCluster(HashEmbedder))
        bad = {Path(one.path).name: (one.status, one.reason) for one in report.outcomes if one.status != "added"}
        assert {name: status for name, (status, _reason) in bad.items()} == {
            "03.txt": "failed",
            "04.txt": "quarantined",
            "05.docx": "failed",
            "gone.txt": "failed",
        }
        assert "超过 2 秒" in str(bad["04.txt"][1]) and bad["gone.txt"][1] == "文件不存在"
        assert len(report.outcomes) == FILES + 2 and len(store.documents()) == FILES - 3
        assert Counter(statuses(ingest_paths([docs], store)).values()) == {
            "unchanged": FILES - 2,
            "failed": 2,
            "quarantined": 1,
        }


def test_a_run_that_was_stopped_is_taken_up(
    nodes: Nodes, docs: Path, expected: Contents, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.pipeline._BATCH", 40)

    def stop(done: int, _total: int, _name: str) -> None:
        if done == FILES // 2:
            raise KeyboardInterrupt

    with Store.open(tmp_path / "data", HashEmbedder()) as store:
        with pytest.raises(KeyboardInterrupt):
            ingest_paths([docs], store, cluster=RayCluster(HashEmbedder), progress=stop)
        there = len(store.files())
        assert 0 < there <= FILES // 2
        hostile = docs / "90.txt"
        hostile.write_text(POLICY, encoding="utf-8")
        digest = hashlib.sha256(hostile.read_bytes()).hexdigest()
        Quarantine(store.data_dir).put(str(hostile), digest, "读取时程序异常退出")
        report = ingest_paths([docs], store, cluster=RayCluster(HashEmbedder))
        assert Counter(statuses(report).values()) == {"unchanged": there, "added": FILES - there, "quarantined": 1}
        Contents.of(store).same(expected)


def test_workers_killed_half_way_lose_and_double_nothing(
    nodes: Nodes, docs: Path, expected: Contents, tmp_path: Path
) -> None:
    killed: list[int] = []

    def kill(stage: str) -> None:
        while not (found := nodes.workers(stage)):
            time.sleep(0.01)
        os.kill(found[0], signal.SIGKILL)
        killed.append(found[0])

    def half_way(done: int, _total: int, _name: str) -> None:
        if done >= FILES // 3 and len(killed) < 2:
            kill("ChunkEmbedder")

    reader = threading.Thread(target=kill, args=("read_files",), daemon=True)  # it is seen only while it is at work
    reader.start()
    with Store.open(tmp_path / "data", NoEmbedder()) as store:
        report = ingest_paths([docs], store, cluster=RayCluster(SlowEmbedder), progress=half_way)
        reader.join()
        assert len(set(killed)) == 2
        assert set(statuses(report).values()) == {"added"} and len(report.outcomes) == FILES
        Contents.of(store).same(expected)


def test_a_model_that_is_not_the_stores_is_refused(nodes: Nodes, docs: Path, tmp_path: Path) -> None:
    with (
        Store.open(tmp_path / "data", HashEmbedder()) as store,
        pytest.raises(ModelMismatchError, match="another-model"),
    ):
        ingest_paths([docs], store, cluster=RayCluster(OtherEmbedder))


@pytest.mark.each_backend
def test_the_command_embeds_on_the_cluster_with_the_real_model(
    nodes: Nodes,
    embedder: Embedder,
    backend: Backend,
    model_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZHENGCE_EMBEDDING_MODEL", str(model_folder))
    monkeypatch.setenv("ZHENGCE_EMBEDDING_BACKEND", backend)
    monkeypatch.setenv("ZHENGCE_RERANKER_MODEL", "off")  # nothing is asked
    path = write_corpus(tmp_path)
    assert main(["ingest", str(path), "--data", "data", "--ray", "auto", "--ray-embedders", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["documents"] == 1
    with Store.open(tmp_path / "alone", embedder) as alone, Store.open(tmp_path / "data", embedder) as store:
        ingest_paths([path], alone)
        assert store.documents() == alone.documents()
        ids = set(alone._catalog.chunk_ids())
        assert ids == set(store._catalog.chunk_ids())
        mine, theirs = alone.vectors(ids), store.vectors(ids)
        assert min(float(mine[one] @ theirs[one]) for one in ids) > 0.9999


def test_a_node_taken_away_half_way_loses_and_doubles_nothing(
    nodes: Nodes, docs: Path, expected: Contents, tmp_path: Path
) -> None:
    gone: list[Any] = []

    def take_away(done: int, _total: int, _name: str) -> None:
        if done >= FILES // 3 and not gone:
            gone.append(nodes.others.pop())
            nodes.cluster.remove_node(gone[0], allow_graceful=False)

    with Store.open(tmp_path / "data", NoEmbedder()) as store:
        report = ingest_paths([docs], store, cluster=RayCluster(SlowEmbedder), progress=take_away)
        assert gone
        assert set(statuses(report).values()) == {"added"} and len(report.outcomes) == FILES
        Contents.of(store).same(expected)


@pytest.mark.parametrize("given", [slice(1, None), slice(-1), [0, *range(FILES)]], ids=["first", "last", "twice"])
def test_a_file_that_ray_loses_or_doubles_is_an_error(
    given: "slice | list[int]", nodes: Nodes, docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = [{"found": pickle.dumps(FileOutcome(str(path), "unchanged"))} for path in sorted(docs.iterdir())]

    def rows(*_: object) -> Iterator[Any]:
        yield from every[given] if isinstance(given, slice) else [every[place] for place in given]

    monkeypatch.setattr(RayCluster, "_rows", rows)
    with Store.open(tmp_path / "data", HashEmbedder()) as store, pytest.raises(StoreError, match="重新运行"):
        ingest_paths([docs], store, cluster=RayCluster(HashEmbedder))


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--ray", "127.0.0.1:1"], 1, "连不上 Ray 集群 127.0.0.1:1"),
        (["--ray", "local", "--watch"], 2, "--watch"),
        (["--ray-embedders", "2"], 2, "--ray local"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(
    arguments: list[str],
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("ui.wiring.open_model", lambda _settings: HashEmbedder())
    monkeypatch.setattr("ui.wiring.open_settings_ranker", lambda _settings: WordRanker())
    monkeypatch.setattr("ray.is_initialized", lambda: False)
    assert main(["ingest", str(write_corpus(tmp_path)), "--data", str(tmp_path / "data"), *arguments]) == code
    assert said in capsys.readouterr().err.splitlines()[-1]


def test_without_ray_the_mend_is_named(docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with (
        Store.open(tmp_path / "data", HashEmbedder()) as store,
        pytest.raises(StoreError, match=re.escape("pip install 'zhengce[ray]'")),
    ):
        ingest_paths([docs], store, cluster=RayCluster(HashEmbedder))
