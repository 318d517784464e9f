"""The real local language model for tests, started once; tests skip where it is not there."""

import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from assistant.language_model import LanguageModel, local_model
from assistant.local_model import QWEN
from assistant.local_server import LocalServer

ROOT = Path(__file__).resolve().parents[1]
FILE = Path(os.environ.get("LANGUAGE_TEST_MODEL") or ROOT / "models" / QWEN.name)


def local_language_model() -> LanguageModel:
    """Return the model; skip the test where the file or the package is missing."""
    if find_spec("xllamacpp") is None:
        pytest.skip("xllamacpp is not installed: make llm")
    if not FILE.is_file():
        pytest.skip(f"no {FILE.name} in {FILE.parent.name}/: make llm")
    return _started()


@cache
def _started() -> LanguageModel:
    return local_model(LocalServer(FILE), FILE.stem)
