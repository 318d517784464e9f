"""What tests share: the real embedding model, the sample corpus, the real page."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from vectorstore.embedded_model import NAME, build
from vectorstore.embedding import Embedder, open_embedder

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT.parent / "shared" / "seeds"

settings.register_profile("zhengce", deadline=None)  # dictionaries load inside the first example
settings.load_profile("zhengce")


@pytest.fixture(scope="session")
def model_folder() -> Path:
    """The embedded model; EMBEDDING_TEST_MODEL names one that is there already."""
    given = os.environ.get("EMBEDDING_TEST_MODEL")
    return Path(given) if given else build(ROOT / "models" / NAME)


@pytest.fixture(scope="session")
def embedder(model_folder: Path) -> Embedder:
    """The real model, loaded once."""
    return open_embedder(str(model_folder))


@pytest.fixture(scope="session")
def samples_dir() -> Path:
    """The sample corpus."""
    return ROOT / "samples" / "corpus"


@pytest.fixture(scope="session")
def seeds_page() -> Path:
    """The real page, kept outside the project."""
    pages = sorted(SEEDS.glob("*.txt"))
    if not pages:
        pytest.skip(f"the real page is not there: no text file in {SEEDS.parent.name}/{SEEDS.name} beside the project")
    return pages[0]
