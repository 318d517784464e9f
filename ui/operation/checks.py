"""What makes a service ready: ``checks_of(services)``."""

import asyncio
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from ui.operation.operation import Operation
from ui.operation.readiness import Check, Finding, Timed

if TYPE_CHECKING:
    from ui.library import Library
    from ui.state.database import Database
    from ui.wiring import Services

EMBEDDED = "chroma"  # the store in the data folder
LEAST_FREE = 200_000_000  # bytes on the disk of the data folder, for journals, logs and the next upload
_ENDPOINT_SECONDS = 1.5
_ENDPOINT_FRESH = 15.0  # whoever asks us this often makes us ask the endpoint no more often than this


def checks_of(services: "Services", operation: Operation) -> dict[str, Check]:
    """Return the checks by name; those of parts that the services do not have are left out."""
    checks = {"model": Check(operation.warming.look), "store": Check(lambda: _store(services, operation))}
    if kept := services.kept:
        checks["database"] = Check(lambda: _database(kept.database))
    # what is there already can be asked about without room for more
    checks["disk"] = Check(lambda: _disk(services.settings.data_dir), required=False)
    if library := services.library:
        checks["uploads"] = Check(lambda: _uploads(library))
    address = services.settings.llm_base_url
    if services.settings.engine == "llm" and address:
        # without it answers are quotes: worse, but better than none
        checks["language_model"] = Check(lambda: _endpoint(address), required=False, fresh=_ENDPOINT_FRESH)
    return checks


async def run_all(checks: dict[str, Check]) -> dict[str, Timed]:
    """Return what the checks find, run beside each other."""
    return dict(zip(checks, await asyncio.gather(*(check.run() for check in checks.values())), strict=True))


def _store(services: "Services", operation: Operation) -> Finding:
    store = services.store
    empty, revision = store.is_empty(), store.revision()
    elsewhere = services.settings.store != EMBEDDED
    if not empty and (elsewhere or operation.warming.store_failed):  # are the vectors there?
        import numpy as np

        vector = np.zeros(services.embedder.dimensions, dtype=np.float32)
        vector[0] = 1.0
        store.nearest(vector, 1)
        operation.warming.store_failed = False
    return Finding(ok=True, state="empty" if empty else "filled", revision=revision)


def _database(database: "Database") -> Finding:
    import sqlalchemy as sa

    with database.reading() as session:
        session.execute(sa.text("SELECT 1"))
    return Finding(ok=True, state="answers")


def _disk(folder: Path) -> Finding:
    enough = shutil.disk_usage(folder).free >= LEAST_FREE
    return Finding(enough, "free" if enough else "low")


def _uploads(library: "Library") -> Finding:
    state = library.condition()
    return Finding(state != "dead", state)


def _endpoint(address: str) -> Finding:
    """Whether anything answers there; no key is shown and no token spent, so whatever it answers is fine."""
    import httpx

    httpx.get(address.rstrip("/") + "/models", timeout=_ENDPOINT_SECONDS)
    return Finding(ok=True, state="answers")
