"""Vectors in a Chroma server: the same answers as embedded, and nothing lost when it is killed while writing."""

import gc
import random
import re
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from chromadb.api.shared_system_client import SharedSystemClient
from doors import POLICY, HashEmbedder

from ingest.pipeline import ingest_paths
from vectorstore.errors import StoreError
from vectorstore.store import Store


class ChromaProcess:
    """A real Chroma server on loopback, which can be killed and started again on its files."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = folder
        self.start()

    @property
    def backend(self) -> str:
        return f"chroma+http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [str(Path(sys.executable).parent / "chroma"), "run", "--path", str(self.folder)]
        command += ["--host", "127.0.0.1", "--port", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise AssertionError("the Chroma server did not start")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(20)


@contextmanager
def chroma_process(folder: Path) -> Iterator[ChromaProcess]:
    """A server on ``folder`` that ends with the block, and the connections to it."""
    running = ChromaProcess(folder)
    yield running
    running.kill()
    with warnings.catch_warnings():  # Chroma's client never closes its connections: not in the middle of another test
        warnings.simplefilter("ignore", ResourceWarning)
        SharedSystemClient.clear_system_cache()
        gc.collect()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ChromaProcess]:
    with chroma_process(tmp_path / "server") as running:
        yield running


def corpus(folder: Path, count: int) -> list[Path]:
    """Write policies that differ in every task, so that each has vectors of its own."""
    folder.mkdir()
    paths = []
    for number in range(count):
        path = folder / f"{number:03}.txt"
        text = POLICY.replace("云溪市", f"云溪市第{number}片区")
        path.write_text(re.sub(r"(\d+\.[^。]+)。", rf"\1（{number}号）。", text), encoding="utf-8")
        paths.append(path)
    return paths


def test_a_server_finds_what_a_folder_finds(tmp_path: Path, server: ChromaProcess) -> None:
    paths = corpus(tmp_path / "corpus", 4)
    embedder = HashEmbedder()
    with (
        Store.open(tmp_path / "a", embedder) as folder,
        Store.open(tmp_path / "b", embedder, server.backend) as remote,
        Store.open(tmp_path / "c", embedder, server.backend) as neighbour,
    ):
        for store in (folder, remote):
            assert ingest_paths(paths, store).failed == 0
        assert ingest_paths(paths[:1], neighbour).failed == 0, "one server, two stores"
        for question in ("站点补助多少钱", "每年培训多少人次"):
            vector = embedder.embed_query(question)
            near, far = folder.nearest(vector, 8), remote.nearest(vector, 8)
            assert sorted(near.values()) == pytest.approx(sorted(far.values()), abs=1e-5)
            assert {document for document, _ in neighbour.nearest(vector, 8)} == {neighbour.documents()[0].id}
        assert ingest_paths(paths, remote).skipped == 4
    with pytest.raises(StoreError, match="ZHENGCE_STORE"):
        Store.open(tmp_path / "a", embedder, server.backend)
    with pytest.raises(StoreError, match="ZHENGCE_STORE"):
        Store.open(tmp_path / "b", embedder)


def test_a_server_that_is_away_is_told_with_its_mend(tmp_path: Path, server: ChromaProcess) -> None:
    embedder = HashEmbedder()
    with Store.open(tmp_path / "data", embedder, server.backend) as store:
        ingest_paths(corpus(tmp_path / "corpus", 1), store)
        server.kill()
        with pytest.raises(StoreError, match=f"http://127.0.0.1:{server.port}"):
            store.nearest(embedder.embed_query("补助"), 4)
        server.start()
        assert store.nearest(embedder.embed_query("补助"), 4)


@pytest.mark.slow
def test_what_was_acknowledged_survives_kills_of_the_server(tmp_path: Path, server: ChromaProcess) -> None:
    """400 writes of vectors, file by file; meanwhile the server is killed five times, at any moment."""
    paths = corpus(tmp_path / "corpus", 100)
    embedder = HashEmbedder()
    acknowledged: list[Path] = []

    def kill() -> None:
        for count in (10, 30, 50, 70, 90):
            while len(acknowledged) < count:
                time.sleep(0.001)
            time.sleep(random.uniform(0, 0.05))
            server.kill()
            server.start()

    with Store.open(tmp_path / "data", embedder, server.backend) as store, ThreadPoolExecutor(1) as other:
        killing = other.submit(kill)
        interrupted = 0
        for path in paths:
            while path not in acknowledged:
                try:
                    assert ingest_paths([path], store).failed == 0
                    acknowledged.append(path)
                except StoreError:
                    interrupted += 1
                    time.sleep(0.1)
        killing.result()
        assert interrupted >= 3, "the kills must meet writes"
        vectors = 0
        for path in acknowledged:
            record = store.files()[str(path)]
            chunks = [chunk for one in record.document_ids for chunk in store._catalog.chunk_ids(one)]
            assert len(store.vectors(chunks)) == len(chunks)
            vectors += len(chunks)
        assert vectors >= 400
        assert len(store.documents()) == len(paths)
