"""What tests share: the real embedding model, the sample corpus, the real page."""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import settings

from assistant import embedded_ranker
from assistant.ranker import Ranker, open_ranker
from ingest.pipeline import ingest_paths
from vectorstore.embedded_model import NAME, build
from vectorstore.embedding import Backend, Embedder, Matrix, Vector, backend_of, open_embedder
from vectorstore.openvino_embedding import MODEL_INT8, multiplies_int8
from vectorstore.store import Store

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT.parent / "shared" / "seeds"
# what runs the embedding model is what the product would choose here, unless one is forced on all tests
FORCED: Backend = next((one for one in get_args(Backend) if one == os.environ.get("ZHENGCE_EMBEDDING_BACKEND")), "auto")
BACKENDS: list[Backend] = ["openvino", *(["int8"] if multiplies_int8() else [])] if FORCED == "auto" else [FORCED]

settings.register_profile("zhengce", deadline=None)  # dictionaries load inside the first example
settings.load_profile("zhengce")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what is marked ``each_backend`` with every form of the model that is of use on this processor."""
    if "backend" in metafunc.fixturenames and metafunc.definition.get_closest_marker("each_backend"):
        metafunc.parametrize("backend", BACKENDS, indirect=True, scope="session")


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_is_heard() -> None:
    """Undo what a shell does to what it starts in the background: the programs that tests start must hear Ctrl-C."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _the_test_client_may_come() -> Iterator[None]:
    """Let in the name by which Starlette's TestClient calls a service; a local one knows only names of this machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZHENGCE_ALLOWED_HOSTS", "testserver")
        yield


@pytest.fixture(scope="session")
def model_folder() -> Path:
    """The embedded model; EMBEDDING_TEST_MODEL names one that is there already."""
    given = os.environ.get("EMBEDDING_TEST_MODEL")
    return Path(given) if given else build(ROOT / "models" / NAME)


class RememberingEmbedder:
    """The real model, which is not asked twice for the vector of the same document: many tests index the same corpus."""

    def __init__(self, model: Embedder) -> None:
        self._model = model
        self._vectors: dict[str, Vector] = {}
        self.fingerprint = model.fingerprint
        self.dimensions = model.dimensions
        self.embed_query = model.embed_query

    def embed_documents(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Matrix:
        new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if new:
            self._vectors.update(zip(new, self._model.embed_documents(new), strict=True))
        if progress:
            progress(len(texts))
        return np.stack([self._vectors[text] for text in texts])


@pytest.fixture(scope="session")
def backend(request: pytest.FixtureRequest, model_folder: Path) -> Backend:
    """What runs the embedding model."""
    chosen = backend_of(str(model_folder), getattr(request, "param", FORCED))
    if chosen == "int8" and not (model_folder / MODEL_INT8).is_file():
        pytest.skip("the int8 model is not there: make int8")
    return chosen


@pytest.fixture(scope="session")
def embedder(model_folder: Path, backend: Backend) -> Embedder:
    """The real model, loaded once."""
    return _remembering(model_folder, backend)


@pytest.fixture(scope="session")
def ranker(model_folder: Path, backend: Backend) -> Ranker:
    """The real ranker, in the form that the processor would run."""
    return _ranker(embedded_ranker.build(ROOT / "models" / embedded_ranker.NAME, model_folder), backend)


@cache
def _ranker(folder: Path, backend: Backend) -> Ranker:
    opened = open_ranker(str(folder), backend=backend)
    assert opened is not None
    return opened


@cache
def _remembering(folder: Path, backend: Backend) -> RememberingEmbedder:
    return RememberingEmbedder(open_embedder(str(folder), backend=backend))


@pytest.fixture(scope="session")
def samples_dir() -> Path:
    """The sample corpus."""
    return ROOT / "samples" / "corpus"


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, samples_dir: Path) -> Iterator[Store]:
    """The sample corpus, indexed once by the real model; not to be written to."""
    with Store.open(tmp_path_factory.mktemp("store"), embedder) as opened:
        assert ingest_paths([samples_dir], opened).failed == 0
        yield opened


@pytest.fixture(scope="session")
def seeds_page() -> Path:
    """The real page, kept outside the project."""
    pages = sorted(SEEDS.glob("*.txt"))
    if not pages:
        pytest.skip(f"the real page is not there: no text file in {SEEDS.parent.name}/{SEEDS.name} beside the project")
    return pages[0]
