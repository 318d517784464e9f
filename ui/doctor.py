"""The doctor: what is configured, what works, what is missing and how to mend it."""

import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ui.finding import Check
from ui.texts import say
from vectorstore.errors import ConfigError, LanguageModelError, StoreError, ZhengceError

if TYPE_CHECKING:
    from ui.settings import Settings
    from vectorstore.embedding import Embedder

PACKAGES = (
    "torch",
    "sentence_transformers",
    "chromadb",
    "jieba",
    "fastapi",
    "uvicorn",
    "gradio",
    "pydantic_settings",
    "sqlalchemy",
    "alembic",
    "psycopg",
    "rich",
    "prometheus_client",
    "pythonjsonlogger",
    "opentelemetry",
)
LEAST_PYTHON, MOST_PYTHON = (3, 11), (3, 13)
LEAST_DISK_GB = 1.0


def settings_failed(error: ConfigError) -> list[Check]:
    """Return the findings where the settings themselves cannot be read."""
    return [Check("settings", "fail", "doctor_words", {"words": error}), _python(), _packages()]


def diagnose(settings: "Settings") -> list[Check]:
    """Check everything. Loads the embedding model, which takes seconds."""
    return list(_checks(settings))


def _checks(settings: "Settings") -> Iterator[Check]:
    from ui.doctor_serving import serving_checks, state

    yield Check("settings", "ok", "doctor_settings", {"engine": settings.engine, "store": settings.store})
    yield _python()
    packages = _packages()
    yield packages
    yield _torch()
    yield _data(settings.data_dir)
    yield _disk(settings.data_dir)
    model, embedder = _model(settings)
    yield model
    yield _ranker(settings)
    yield _store(settings, embedder)
    yield state(settings)
    yield _llm(settings)
    yield from serving_checks(settings)


def _python() -> Check:
    if not LEAST_PYTHON <= sys.version_info[:2] <= MOST_PYTHON:
        return Check(
            "python", "fail", "doctor_python_old", {"version": platform.python_version()}, "doctor_python_mend"
        )
    return Check("python", "ok", "doctor_python", {"version": platform.python_version()})


def _packages() -> Check:
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        return Check(
            "packages", "fail", "doctor_packages_missing", {"names": " ".join(missing)}, "doctor_packages_mend"
        )
    return Check("packages", "ok", "doctor_packages", {"count": len(PACKAGES)})


def _torch() -> Check:
    try:
        installed = version("torch")
    except PackageNotFoundError:
        return Check("torch", "fail", "doctor_packages_missing", {"names": "torch"}, "doctor_packages_mend")
    # builds for a GPU carry its toolkit in the version or bring the toolkit's libraries along
    if "+cpu" not in installed and (find_spec("nvidia") or "+" in installed):
        values = {"version": installed, "release": installed.partition("+")[0]}
        return Check("torch", "warn", "doctor_torch_gpu", values, "doctor_torch_mend")
    return Check("torch", "ok", "doctor_torch", {"version": installed})


def _data(folder: Path) -> Check:
    try:
        # permission bits do not tell: the disk may be read-only, or root be asking
        with tempfile.TemporaryFile(dir=_nearest_existing(folder)):
            pass
    except OSError:
        return Check("data", "fail", "doctor_data_bad", {"path": folder}, "doctor_data_mend")
    return Check("data", "ok", "doctor_data" if folder.exists() else "doctor_data_new", {"path": folder})


def _nearest_existing(path: Path) -> Path:
    return next(one for one in (path.absolute(), *path.absolute().parents) if one.exists())


def _disk(folder: Path) -> Check:
    free = shutil.disk_usage(_nearest_existing(folder)).free / 1e9
    if free < LEAST_DISK_GB:
        return Check("disk", "warn", "doctor_disk", {"free": free, "least": LEAST_DISK_GB}, "doctor_disk_mend")
    return Check("disk", "ok", "doctor_disk", {"free": free})


def _model(settings: "Settings") -> tuple[Check, "Embedder | None"]:
    """Load the model and embed a word; return the model where that works."""
    from ui.embedding_model import backend_in_use, model_name
    from ui.wiring import open_model

    started = time.perf_counter()
    try:
        embedder = open_model(settings)
        embedder.embed_query("检查")
    except ZhengceError as error:
        return Check("model", "fail", "doctor_words", {"words": error}), None
    except ImportError as error:
        return Check("model", "fail", "doctor_words", {"words": error}, "doctor_packages_mend"), None
    seconds = time.perf_counter() - started
    backend = say(f"backend_{backend_in_use(settings)}", settings.lang)
    values = {"name": model_name(settings), "dimensions": embedder.dimensions, "backend": backend, "seconds": seconds}
    return Check("model", "ok", "doctor_model", values), embedder


def _ranker(settings: "Settings") -> Check:
    """Have the ranker read a pair; tell where its judgements are not calibrated."""
    from assistant.fitted import is_fitted
    from assistant.ranker import Passage
    from ui.embedding_model import ranker_name
    from ui.wiring import open_settings_ranker

    started = time.perf_counter()
    try:
        ranker = open_settings_ranker(settings)
        if ranker is None:
            return Check("ranker", "warn", "doctor_ranker_off", {}, "doctor_ranker_mend")
        ranker.judge("检查", [Passage("", "检查。", ((0, 3),))])
    except ZhengceError as error:
        return Check("ranker", "fail", "doctor_words", {"words": error})
    values = {"name": ranker_name(settings), "seconds": time.perf_counter() - started}
    if not is_fitted(ranker.name):
        return Check("ranker", "warn", "doctor_ranker_unfitted", values, "doctor_fit_mend")
    return Check("ranker", "ok", "doctor_ranker", values)


def _store(settings: "Settings", embedder: "Embedder | None") -> Check:
    from ui.wiring import open_store

    if embedder is None:
        return Check("store", "warn", "doctor_store_skipped")
    if not settings.data_dir.is_dir():
        return Check("store", "warn", "doctor_store_empty", mend="doctor_store_mend")
    try:
        with open_store(settings, embedder) as store:
            values = {"documents": len(store.documents()), "units": len(store.units())}
    except StoreError as error:
        return Check("store", "fail", "doctor_words", {"words": error})
    if not values["documents"]:
        return Check("store", "warn", "doctor_store_empty", mend="doctor_store_mend")
    return Check("store", "ok", "doctor_store", values)


def _llm(settings: "Settings") -> Check:
    """Whether the language model answers, where the engine uses one: an endpoint is asked, a local one is looked for."""
    from ui.wiring import open_language_model

    if settings.engine == "extractive":
        idle = settings.llm_base_url is not None
        return Check("llm", "ok", "doctor_llm_idle" if idle else "doctor_llm_off", {"url": settings.llm_base_url})
    try:
        model = open_language_model(settings)
        if model is None or (settings.engine == "local" and find_spec("xllamacpp") is None):
            return Check("llm", "fail", "doctor_llm_package", mend="doctor_llm_package_mend")
        if settings.engine == "llm":
            model.say([("human", "请只回答一个字：好")])
    except (LanguageModelError, ConfigError) as error:
        return Check("llm", "fail", "doctor_words", {"words": error})
    return Check("llm", "ok", "doctor_llm_on", {"engine": settings.engine, "name": model.name})
