"""How fast files get into the store, beside plain Chroma with the same model; and how much memory many of them take.

    python -m benchmarks.ingest [--documents N] [--scale N] [--json FILE]

Plain: ``langchain_chroma.Chroma.from_documents`` on the very chunks that we make of the files, read, cut and in memory
before its clock starts, embedded by sentence-transformers as LangChain does it. Ours: the files, from the disk to the
end of the run. Both take turns, so that their ratio holds on a noisy machine. ``--scale`` reads that many policies with
vectors that cost nothing, and watches the memory of the process and of those that read for it.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.ask import ROOT
from benchmarks.corpus import write_policies
from benchmarks.formats import peak
from ingest.pipeline import ingest_paths, read_file
from ui.settings import load_settings
from ui.wiring import open_model
from vectorstore.embedding import Embedder, Matrix, Vector
from vectorstore.store import Store


class FreeEmbedder:
    """Vectors drawn at random from the text's hash: they cost nothing, and have the size of real ones."""

    fingerprint = "free"
    dimensions = 384

    def embed_query(self, text: str) -> Vector:
        vector: Vector = self.embed_documents([text])[0]
        return vector

    def embed_documents(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Matrix:
        del progress
        drawn = np.stack([np.random.default_rng(hash(text) % 2**32).normal(size=384) for text in texts])
        unit: Matrix = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
        return unit


def ours(folder: Path, embedder: Embedder) -> tuple[int, float]:
    """Return the chunks of ``folder`` and the seconds that they took."""
    with tempfile.TemporaryDirectory() as data, Store.open(Path(data), embedder) as store:
        started = time.perf_counter()
        report = ingest_paths([folder], store)
        return report.chunks, time.perf_counter() - started


def plain(texts: Sequence[str], model: Any) -> float:
    """Return the seconds that plain Chroma took for ``texts``."""
    from langchain_chroma import Chroma
    from langchain_core.documents import Document as Text
    from langchain_core.embeddings import Embeddings

    class SentenceTransformers(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            found: list[list[float]] = model.encode(texts, normalize_embeddings=True).tolist()
            return found

        def embed_query(self, text: str) -> list[float]:
            return self.embed_documents([text])[0]

    with tempfile.TemporaryDirectory() as data:
        started = time.perf_counter()
        Chroma.from_documents([Text(text) for text in texts], SentenceTransformers(), persist_directory=data)
        return time.perf_counter() - started


def throughput(documents: int, rounds: int) -> dict[str, Any]:
    """Return chunks a second of both, by turns."""
    from sentence_transformers import SentenceTransformer

    settings = load_settings()
    embedder = open_model(settings)
    model = SentenceTransformer(str(settings.embedding_model or ROOT / "models" / "multilingual-e5-small"))
    model.encode(["预热"])
    embedder.embed_documents(["预热"])
    rates: dict[str, list[float]] = {"ours": [], "plain": []}
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(rounds):
            here = write_policies(Path(folder) / str(turn), documents)
            texts = [
                f"passage: {c.embedding_text}" for p in here.rglob("*.txt") for _, _, cs in read_file(p) for c in cs
            ]
            count, seconds = ours(here, embedder)
            rates["ours"].append(count / seconds)
            rates["plain"].append(len(texts) / plain(texts, model))
    medians = {name: statistics.median(found) for name, found in rates.items()}
    return {"chunks_per_second": medians, "ratio": medians["ours"] / medians["plain"], "rounds": rounds}


def scale(documents: int) -> dict[str, Any]:
    """Return the figures of ``documents`` policies, read in a process of its own so that its peak is its own."""
    command = [sys.executable, "-m", "benchmarks.ingest", "--scale-here", str(documents)]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def _scale_here(documents: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        docs = write_policies(Path(folder) / "docs", documents, tasks=1)  # some ten chunks each
        with Store.open(Path(folder) / "data", FreeEmbedder()) as store:
            report = ingest_paths([docs], store)
        size = sum(path.stat().st_size for path in (Path(folder) / "data").rglob("*") if path.is_file())
    return {
        "documents": report.documents,
        "units": report.units,
        "chunks": report.chunks,
        "seconds": round(report.seconds, 1),
        "peak_mb": peak(),
        "peak_of_a_reader_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
        "index_mb": size / 1e6,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=20, help="policies for the throughput")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", type=int, default=0, help="policies for the memory; 0: not measured")
    parser.add_argument("--scale-here", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    if args.scale_here:
        print(json.dumps(_scale_here(args.scale_here)))
        return
    found = {"throughput": throughput(args.documents, args.rounds)}
    found |= {f"scale_{n}": scale(n) for n in (args.scale // 10, args.scale) if n}
    if args.json:
        args.json.write_text(json.dumps(found, indent=2), encoding="utf-8")
    table = Table("what", "figure")
    for part, figures in found.items():
        for name, value in figures.items():
            table.add_row(f"{part}: {name}", json.dumps(value))
    Console().print(table)


if __name__ == "__main__":
    main()
