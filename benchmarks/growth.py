"""How latency, memory, disk, ingest and recall grow with the index, and where one machine ends.

    python -m benchmarks.growth [--scales 1000,15000,100000] [--real N] [--questions N] [--write docs/GROWTH.md]

Each scale is a store of its own with so many chunks of made-up policies, filled in one process and asked in another,
opened anew. The first ``--real`` chunks of it are embedded by the model; a later one takes the vector of one of these,
shifted by noise until it is as far from it as real neighbours are from each other (``NOISE``). A question is put with
the vector of a unit that it is about, shifted likewise; embedding it with the model is measured beside and added. The
ranker reads the units that were found, as it would anywhere.
``--folder`` keeps the stores, and goes on with those that are there. A scale of 1,000,000 takes over an hour and some 8 GB of disk.
"""

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.ask import ROOT, percentile
from benchmarks.corpus import question_on, write_policies
from benchmarks.growth_report import write_report
from vectorstore.embedding import Embedder, Matrix, Vector
from vectorstore.records import Unit, chunk_id
from vectorstore.store import Store

if TYPE_CHECKING:
    from assistant.ranker import Ranker

CHUNKS_A_POLICY = 14
NOISE = 0.16  # length of the shift: cosine 0.987 with the vector it starts from, 0.975 between two shifted ones
_POOL = 20_000  # real vectors that later ones start from, at most
_EXACT = 100  # questions that the recall is taken over
_NEAREST = 10
_WARMING = 20  # questions that are asked before the clock starts: dictionaries load at first use
_ROUNDING = 1e-5  # of a cosine
_PAGE = 5_000


def shifted(vectors: Matrix, seeds: Sequence[int]) -> Matrix:
    """Return ``vectors``, each shifted by noise of its own that depends on its seed only, of unit length."""
    scale = NOISE / vectors.shape[1] ** 0.5
    drawn = [np.random.default_rng(seed).standard_normal(vectors.shape[1], dtype=np.float32) for seed in seeds]
    moved: Matrix = vectors + scale * np.stack(drawn)
    unit: Matrix = (moved / np.linalg.norm(moved, axis=1, keepdims=True)).astype(np.float32)
    return unit


@dataclass
class SampledEmbedder:
    """Embeds the first ``real`` texts with ``model``; the vectors of later ones are drawn from theirs."""

    model: Embedder
    real: int
    fingerprint: str = "sampled"
    seconds: float = 0.0
    pool: list[Vector] = field(default_factory=list)
    seen: int = 0

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return self.model.dimensions

    def embed_query(self, text: str) -> Vector:
        """Return the model's vector of a question."""
        return self.model.embed_query(text)

    def embed_documents(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Matrix:
        """Return the vectors of ``texts``; ``seconds`` adds up what they took."""
        started = time.perf_counter()
        own = list(texts[: max(0, self.real - self.seen)])
        parts = [self.model.embed_documents(own, progress)] if own else []
        self.pool += [row for part in parts for row in part][: _POOL - len(self.pool)]
        if drawn := range(self.seen + len(own), self.seen + len(texts)):
            starts = np.stack([self.pool[seed * 7919 % len(self.pool)] for seed in drawn])
            parts.append(shifted(starts, list(drawn)))
        self.seen += len(texts)
        self.seconds += time.perf_counter() - started
        whole: Matrix = np.concatenate(parts)
        return whole


class KnownVectors:
    """The vectors of questions, given beforehand: what remains of an answer is the rest of its time."""

    fingerprint = "sampled"

    def __init__(self, dimensions: int) -> None:
        self.dimensions = dimensions
        self.known: dict[str, Vector] = {}
        self._default = np.full(dimensions, dimensions**-0.5, dtype=np.float32)

    def embed_query(self, text: str) -> Vector:
        """Return the vector that ``text`` was given."""
        return self.known.get(text, self._default)

    def embed_documents(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Matrix:
        """Return the vectors that ``texts`` were given."""
        if progress:
            progress(len(texts))
        return np.stack([self.embed_query(text) for text in texts])


def fill(folder: Path, scale: int, embedder: SampledEmbedder) -> dict[str, Any]:
    """Fill a store in ``folder`` with at least ``scale`` chunks; return what that took."""
    from ingest.pipeline import ingest_paths

    policies = write_policies(folder / "policies", -(-scale // CHUNKS_A_POLICY))
    data = folder / "data"
    with Store.open(data, embedder) as store:
        started = time.perf_counter()
        report = ingest_paths([policies], store)
        seconds = time.perf_counter() - started
        one = [policies / "0000" / "000000.txt"]
        one[0].write_text(one[0].read_text(encoding="utf-8").replace("加强统筹", "统筹协调"), encoding="utf-8")
        started = time.perf_counter()
        ingest_paths(one, store)
        changed = time.perf_counter() - started
    files = [path for path in data.rglob("*") if path.is_file()]
    catalog = sum(path.stat().st_size for path in files if path.name.startswith("catalog"))
    return {
        "chunks": report.chunks,
        "units": report.units,
        "documents": report.documents,
        "ingest_s": seconds,
        "embedding_s": embedder.seconds,
        "real": min(embedder.real, report.chunks),
        "chunks_per_second": report.chunks / max(1e-9, seconds - embedder.seconds),
        "one_changed_s": changed,
        "ingest_peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "catalog_mb": catalog / 1e6,
        "vectors_mb": sum(path.stat().st_size for path in files) / 1e6 - catalog / 1e6,
    }


def ask(
    data: Path, model: Embedder | None, ranker: "Ranker | None", count: int, dimensions: int = 384
) -> dict[str, Any]:
    """Open the store in ``data`` and ask ``count`` questions; return milliseconds, megabytes and the recall.

    ``dimensions`` is the length of its vectors. The embedding model is loaded after the memory is taken.
    """
    from benchmarks.laps import TimedAssistant, shares

    started = time.perf_counter()
    known = KnownVectors(dimensions)
    store = Store.open(data, known)
    opened = time.perf_counter() - started
    with store:
        timed = TimedAssistant(store, known, ranker)
        started = time.perf_counter()
        timed.assistant.warm()
        timed.ask("培训多少人次?")
        first = time.perf_counter() - started
        questions = _questions(store, count + _WARMING)
        known.known = dict(questions)
        answers, laps = zip(*[timed.ask(text) for text, _vector in questions][_WARMING:], strict=True)
        questions = questions[_WARMING:]
        rest = [one["total"] for one in laps]
        resident = _resident_mb()
        found = {
            "open_ms": opened * 1000,
            "first_answer_ms": first * 1000,
            "p50_ms": statistics.median(rest),
            "p95_ms": percentile(rest, 0.95),
            "share_by_step": shares(laps),
            "answered": sum(answer.status == "answered" for answer in answers) / len(answers),
            "resident_mb": resident,
            "recall_at_10": recall(store, [vector for _text, vector in questions[:_EXACT]]),
        }
    if model:
        model.embed_query("预热")
        embedding = [_seconds_of(model, text) * 1000 for text, _vector in questions]
        whole = [{**one, "embed": ms, "total": one["total"] + ms} for one, ms in zip(laps, embedding, strict=True)]
        totals = [one["total"] for one in whole]
        found |= {
            "with_embedding_p50_ms": statistics.median(totals),
            "with_embedding_p95_ms": percentile(totals, 0.95),
            "share_by_step": shares(whole),
        }
    return found


def _questions(store: Store, count: int) -> list[tuple[str, Vector]]:
    """Return questions on units drawn at random, no two the same, each with a vector near that of its unit."""
    rng = random.Random(count)
    documents = [(document.id, document.title) for document in store.documents()]
    found: dict[str, Vector] = {}
    while len(found) < count:
        document, title = rng.choice(documents)
        unit = rng.choice([u for u in store.units(document) if u.type.citable])
        text = question_on(title, _sentence(unit, rng), rng)
        if vectors := store.vectors([chunk_id((document, unit.ordinal), 0)]):
            found[text] = shifted(np.stack(list(vectors.values())), [len(found)])[0]
    return list(found.items())


def _sentence(unit: Unit, rng: random.Random) -> str:
    span = rng.choice(unit.sentences)
    return unit.text[span.start - unit.start : span.end - unit.start]


def recall(store: Store, queries: Sequence[Vector]) -> float:
    """Return the share of the 10 nearest chunks of units, found by comparing with all, that the vector index finds."""
    index = store._vectors  # the store itself never compares with all
    ids = sorted(index.ids())
    best = np.full((len(queries), _NEAREST), -1.0, dtype=np.float32)
    for start in range(0, len(ids), _PAGE):
        held = np.stack(list(index.get(ids[start : start + _PAGE]).values()))
        both = np.concatenate([best, np.stack(queries) @ held.T], axis=1)
        best = np.sort(both, axis=1)[:, -_NEAREST:]
    # of what is equally near, any counts: hence cosines are compared, and not ids
    least = best[:, 0] - _ROUNDING
    found = [[cosine for _id, cosine in index.query(query, _NEAREST)] for query in queries]
    hits = [sum(cosine >= limit for cosine in near) for near, limit in zip(found, least.tolist(), strict=True)]
    return float(sum(hits) / (_NEAREST * len(hits)))


def _seconds_of(model: Embedder, text: str) -> float:
    started = time.perf_counter()
    model.embed_query(text)
    return time.perf_counter() - started


def _resident_mb() -> float:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def in_process(*arguments: str) -> dict[str, Any]:
    """Return the figures of a step in a process of its own, so that its memory is its own."""
    told = subprocess.run(
        [sys.executable, "-m", "benchmarks.growth", *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    found: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
    return found


def _step(name: str, folder: Path, scale: int, real: int, questions: int) -> dict[str, Any]:
    from ui.embedding_model import open_settings_ranker
    from ui.settings import load_settings
    from ui.wiring import open_model

    model = open_model(load_settings())
    if name == "fill":
        return fill(folder, scale, SampledEmbedder(model, real))
    return ask(folder / "data", model, open_settings_ranker(load_settings()), questions)


def grow(folder: Path, scales: Sequence[int], real: int, questions: int) -> list[dict[str, Any]]:
    """Return the figures of each scale; a store that ``folder`` holds already is not filled again."""
    rows = []
    for scale in scales:
        here = folder / str(scale)
        told = here / "filled.json"
        given = [str(here), str(scale), str(real), str(questions)]
        if not told.is_file():
            here.mkdir(parents=True, exist_ok=True)
            told.write_text(json.dumps(in_process("--step", "fill", *given)), encoding="utf-8")
        rows.append(json.loads(told.read_text(encoding="utf-8")) | in_process("--step", "ask", *given))
        print(json.dumps(rows[-1]), file=sys.stderr)
    return rows


def main() -> None:
    """Measure, print the figures, and with ``--write`` make the page and its curves."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scales", default="1000,15000,100000", help="chunks, separated by commas")
    parser.add_argument("--real", type=int, default=2000, help="chunks of each scale that the model embeds")
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--folder", type=Path, help="where the stores are kept; without it they are thrown away")
    parser.add_argument("--write", type=Path, help="the page; its curves are written beside it")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--step", nargs=5, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.step:
        name, folder, *numbers = args.step
        print(json.dumps(_step(name, Path(folder), *map(int, numbers))))
        return
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as thrown_away:
        rows = grow(
            args.folder or Path(thrown_away), [int(n) for n in args.scales.split(",")], args.real, args.questions
        )
    if args.json:
        args.json.parent.mkdir(parents=True, exist_ok=True)
        args.json.write_text(json.dumps(rows, indent=2), encoding="utf-8")
    if args.write:
        write_report(rows, args.write, load)


if __name__ == "__main__":
    main()
