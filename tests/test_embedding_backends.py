"""Both backends give the same vectors; the one without torch keeps to its thread, its budget and to itself."""

import json
import pickle
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from ui.embedding_model import model_opener
from ui.settings import Settings
from vectorstore.embedding import Backend, ModelEmbedder, SentenceTransformerEncoder, backend_of, open_embedder
from vectorstore.errors import EmbeddingError
from vectorstore.openvino_embedding import MODEL, MODEL_INT8, OpenVinoEncoder, batches, can_run, padded

QUERIES = ["企业能得到哪些资金支持？", "任务9", "", "What does the plan say about ports?", "港口" * 300]
PASSAGES = [f"第{n}条 对符合条件的企业给予{n}万元补助,{'并优先保障用地。' * (n % 7)}" for n in range(1, 20)]
# run where neither a warning nor a socket is allowed
ALONE = """
import socket, sys
def refuse(*given): raise AssertionError(given)
socket.socket.connect = socket.getaddrinfo = refuse
from vectorstore.embedding import open_embedder
vector = open_embedder(sys.argv[1]).embed_query("有哪些支持措施?")
heavy = ("torch", "transformers", "sentence_transformers", "openvino_telemetry", "openvino_telemetry.main")
print(vector.shape[0], [name for name in heavy if sys.modules.get(name)])
"""


@pytest.fixture(scope="module")
def fast(model_folder: Path) -> ModelEmbedder:
    return open_embedder(str(model_folder), backend="openvino")


def embedding_threads() -> set[int | None]:
    """Return the threads that run a model now, of this test or of one before."""
    return {thread.ident for thread in threading.enumerate() if thread.name.startswith("embedding")}


def described(folder: Path, pooling: dict[str, object], *more: str) -> Path:
    """Write the least that makes ``folder`` a model with an OpenVINO form."""
    (folder / "pool").mkdir()
    (folder / "pool" / "config.json").write_text(json.dumps(pooling))
    kinds = [("", "Transformer"), ("pool", "Pooling"), *(("", kind) for kind in more)]
    (folder / "modules.json").write_text(json.dumps([{"path": path, "type": f"x.{kind}"} for path, kind in kinds]))
    (folder / "tokenizer.json").touch()
    (folder / MODEL).parent.mkdir()
    (folder / MODEL).touch()
    return folder


def test_vectors_agree_with_torch_and_keep_their_order(fast: ModelEmbedder, model_folder: Path) -> None:
    torch = open_embedder(str(model_folder), backend="torch")
    assert torch.fingerprint == fast.fingerprint
    told: list[int] = []
    ours, theirs = fast.embed_documents(PASSAGES, told.append), torch.embed_documents(PASSAGES)
    assert sum(told) == len(PASSAGES) and ours.dtype == np.float32
    assert (ours * theirs).sum(axis=1).min() > 0.999
    for query in QUERIES:
        assert float(fast.embed_query(query) @ torch.embed_query(query)) > 0.999


def test_int8_vectors_are_near_those_of_float32(fast: ModelEmbedder, model_folder: Path) -> None:
    if not (model_folder / MODEL_INT8).is_file():
        with pytest.raises(EmbeddingError, match="make int8"):
            open_embedder(str(model_folder), backend="int8")
        return
    small = open_embedder(str(model_folder), backend="int8")
    # the cosines of the trained model go from 0.27 (nothing in common) to 0.98, where those of its base began at 0.82
    assert (small.embed_documents(PASSAGES) * fast.embed_documents(PASSAGES)).sum(axis=1).min() >= 0.97
    for query in (*QUERIES[:2], QUERIES[3]):  # the others are nothing that anybody asks
        assert float(small.embed_query(query) @ fast.embed_query(query)) >= 0.97


def test_as_many_threads_as_are_asked_for(model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import openvino

    given: list[dict[str, object]] = []
    compile_model = openvino.Core.compile_model

    def noting(core: object, file: Path, device: str, options: dict[str, object]) -> object:
        given.append(options)
        return compile_model(core, file, device, options)

    monkeypatch.setattr(openvino.Core, "compile_model", noting)
    assert open_embedder(str(model_folder), backend="openvino", threads=1).embed_query("任务").shape == (384,)
    assert [options["INFERENCE_NUM_THREADS"] for options in given] == [1]


def test_no_documents_give_no_rows(fast: ModelEmbedder) -> None:
    assert fast.embed_documents([]).shape == (0, 384)


def test_alone_it_needs_no_torch_no_socket_and_ends_quietly(model_folder: Path) -> None:
    command = [sys.executable, "-W", "error", "-X", "dev", "-c", ALONE, str(model_folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=Path(__file__).parent.parent)
    assert (done.returncode, done.stdout, done.stderr) == (0, "384 []\n", "")


@pytest.mark.each_backend
def test_the_vector_of_a_text_does_not_depend_on_its_company(model_folder: Path, backend: Backend) -> None:
    embedder = open_embedder(str(model_folder), backend=backend)
    together = embedder.embed_documents([*PASSAGES, "港口" * 300])
    alone = np.concatenate([embedder.embed_documents([text]) for text in PASSAGES])
    assert (together[:-1] * alone).sum(axis=1).min() > (0.999 if backend == "int8" else 0.9999)  # a step more or less


@pytest.mark.each_backend
def test_many_callers_share_one_thread_and_get_their_own_vectors(model_folder: Path, backend: Backend) -> None:
    embedder = open_embedder(str(model_folder), backend=backend)
    texts = [f"第{n}项任务由谁负责？" for n in range(24)]
    alone = [embedder.embed_query(text) for text in texts]
    before = embedding_threads()
    embedder = open_embedder(str(model_folder), backend=backend)
    with ThreadPoolExecutor(16) as callers:
        passages = callers.submit(embedder.embed_documents, PASSAGES)
        together = list(callers.map(embedder.embed_query, texts))
        assert len(passages.result()) == len(PASSAGES)
    assert min(float(a @ b) for a, b in zip(alone, together, strict=True)) > (0.999 if backend == "int8" else 0.9999)
    assert len(embedding_threads() - before) == 1


def test_a_fault_reaches_everyone_who_waits(model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = OpenVinoEncoder(model_folder)
    assert encoder.encode_query("在").shape == (1, 384)
    monkeypatch.setattr(encoder._loaded, "run", lambda tokens: 1 // 0)
    with ThreadPoolExecutor(4) as callers:
        waiting = [callers.submit(encoder.encode_query, "在") for _ in range(4)]
        assert all(isinstance(one.exception(), ZeroDivisionError) for one in waiting)


def test_batches_keep_to_the_budget() -> None:
    lengths = [3, 512, 60, 61, 7, 512, 300, *[20] * 200]
    made = list(batches(lengths))
    assert sorted(i for batch in made for i in batch) == list(range(len(lengths)))
    assert all(len(batch) * padded(max(lengths[i] for i in batch)) <= 2048 for batch in made)
    assert [padded(n) for n in (1, 8, 9)] == [8, 8, 16]


@pytest.mark.parametrize(
    ("pooling", "more", "able"),
    [
        ({"pooling_mode": "mean"}, ("Normalize",), True),
        ({"pooling_mode": "cls"}, (), True),
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, (), True),
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True}, (), False),
        ({"pooling_mode": "lasttoken"}, (), False),
        ({"pooling_mode": "mean"}, ("Dense", "Normalize"), False),
    ],
)
def test_what_it_cannot_do_is_left_to_torch(
    pooling: dict[str, object], more: tuple[str, ...], able: bool, tmp_path: Path
) -> None:
    folder = described(tmp_path, pooling, *more)
    assert can_run(folder) is able
    encoder = open_embedder(str(folder))._encoder
    assert isinstance(encoder, OpenVinoEncoder if able else SentenceTransformerEncoder)
    assert isinstance(open_embedder(str(folder), backend="torch")._encoder, SentenceTransformerEncoder)


def test_a_folder_without_the_model_is_said(tmp_path: Path) -> None:
    folder = described(tmp_path, {"pooling_mode": "mean"})
    (folder / MODEL).unlink()
    with pytest.raises(EmbeddingError, match="没有可用的 OpenVINO 模型;请运行 zhengce model"):
        open_embedder(str(folder), backend="openvino")


def test_a_broken_model_is_said_in_one_line(tmp_path: Path, model_folder: Path) -> None:
    folder = described(tmp_path, {"pooling_mode": "mean"})
    with pytest.raises(EmbeddingError, match=r"^无法加载向量模型 .*zhengce model") as raised:
        open_embedder(str(folder)).embed_query("在")
    shutil.copy(model_folder / "tokenizer.json", folder)
    with pytest.raises(EmbeddingError, match=r"^无法加载向量模型 .*zhengce model"):
        open_embedder(str(folder)).embed_query("在")
    assert "\n" not in str(raised.value)


def test_int8_is_taken_where_the_processor_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = described(tmp_path, {"pooling_mode": "mean"})
    told = tmp_path / "cpuinfo"
    monkeypatch.setattr("vectorstore.openvino_embedding._CPU_INFO", told)
    assert backend_of(str(folder)) == "openvino"
    (folder / MODEL_INT8).touch()
    assert backend_of(str(folder)) == "openvino"
    told.write_text("flags: avx2 avx512_vnni")
    assert backend_of(str(folder)) == "int8"
    assert backend_of(str(folder), "openvino") == "openvino"
    assert backend_of("a/name") == "torch"


def test_the_backend_that_is_set_runs_it_on_every_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = described(tmp_path, {"pooling_mode": "mean"})
    monkeypatch.setattr("vectorstore.embedding.multiplies_int8", lambda: True)
    (folder / MODEL_INT8).touch()
    opened = model_opener(Settings(embedding_model=str(folder)))
    monkeypatch.setattr("vectorstore.embedding.multiplies_int8", lambda: False)  # as on another node of a cluster
    assert pickle.loads(pickle.dumps(opened))()._encoder._file == folder / MODEL_INT8
    forced = model_opener(Settings(embedding_model=str(folder), embedding_backend="openvino"))
    assert forced()._encoder._file == folder / MODEL
