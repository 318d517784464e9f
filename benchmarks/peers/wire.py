"""What the driver and a system that is measured say to each other: one JSON object a line, both ways.

Said to the system: ``{"model": FOLDER, "most": N}``, then a page a line: ``{"name", "files", "documents": [{"id",
"text"}], "questions": [{"asked", "question", "history"}]}``. Answered: a line a page, ``{"name", "chunks", "seconds",
"bytes", "answers": [{"ms", "ranked": [[document, start, end], ...]}]}``, and at the end ``{"peak_mb"}``.

Every environment runs this module, so it rests on nothing but the standard library.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

Span = tuple[str, int, int]  # document, start, end: half-open, in characters of its text


class System(Protocol):
    """What is measured: it takes in the documents of a page, then ranks what it finds for a question."""

    def ingest(self, page: dict[str, Any], folder: Path) -> int:
        """Index ``page`` anew, leave the index in ``folder`` as the system does, and return how many chunks it has."""

    def rank(self, question: dict[str, Any], most: int) -> list[Span]:
        """Return at most ``most`` spans for ``question``, best first."""


def serve(make: Callable[[str], System]) -> None:
    """Answer what stands on the standard input. ``make`` opens a system with the model of a folder."""
    said = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is no answer
    first, *pages = (json.loads(line) for line in sys.stdin)
    system = make(first["model"])
    for page in pages:
        with TemporaryDirectory() as folder:
            print(json.dumps(measure(system, page, Path(folder), first["most"])), file=said, flush=True)
    print(json.dumps({"peak_mb": peak()}), file=said, flush=True)


def measure(system: System, page: dict[str, Any], folder: Path, most: int) -> dict[str, Any]:
    """Index ``page`` and ask its questions, a first one before the clock starts."""
    started = time.perf_counter()
    chunks = system.ingest(page, folder)
    seconds = time.perf_counter() - started
    if page["questions"]:
        system.rank({"asked": "预热", "question": "预热", "history": []}, most)
    answers = []
    for question in page["questions"]:
        started = time.perf_counter()
        ranked = system.rank(question, most)
        answers.append({"ms": (time.perf_counter() - started) * 1000, "ranked": ranked})
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return {"name": page["name"], "chunks": chunks, "seconds": seconds, "bytes": size, "answers": answers}


def peak() -> float:
    """Return the most memory that this process has held, in MB; ``getrusage`` would count who started it, too."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def located(text: str, pieces: list[str]) -> Iterator[tuple[int, int]]:
    """Yield where each of ``pieces``, cut from ``text`` in this order, stands in it."""
    start = 0
    for piece in pieces:
        at = text.find(piece, start)
        if at < 0:
            at = text.find(piece)
        if at < 0:
            raise ValueError("a chunk is not verbatim in its document")
        yield at, at + len(piece)
        start = at + 1
