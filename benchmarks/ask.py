"""How long an answer takes, step by step, beside the floor: embedding the query alone.

    python -m benchmarks.ask [--gold FILE] [--corpus PATH] [--rounds N] [--json FILE]

No text is embedded twice (each round adds a blank), so the cache of query vectors has no part in it, and floor and answers take turns within one run, so that their
ratio holds on a noisy machine. Cold times are those of whole processes.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from assistant.evaluate import GoldQuestion, load_gold
from assistant.pipeline import Assistant
from ingest.pipeline import ingest_paths
from ui.settings import load_settings
from ui.wiring import open_model
from vectorstore.store import Store

ROOT = Path(__file__).resolve().parent.parent


def percentile(values: list[float], share: float) -> float:
    """Return the value below which ``share`` of ``values`` lie."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def measure(assistant: Assistant, store: Store, gold: list[GoldQuestion], rounds: int) -> dict[str, Any]:
    """Ask every question ``rounds`` times, each time beside embedding its text alone; return milliseconds."""
    assistant.warm()
    floor: list[float] = []
    steps: list[dict[str, float]] = []
    for turn in range(1, rounds + 1):
        for number, question in enumerate(gold):
            start = time.perf_counter()
            store.embedder.embed_query(f"{question.question}#{number}-{time.perf_counter_ns()}")
            floor.append((time.perf_counter() - start) * 1000)
            steps.append(assistant.ask(question.question + " " * turn, question.history).timings_ms)
    totals = [step["total"] for step in steps]
    names = list(dict.fromkeys(name for step in steps for name in step if name != "total"))
    return {
        "questions": len(steps),
        "floor_p50_ms": statistics.median(floor),
        "p50_ms": statistics.median(totals),
        "p95_ms": percentile(totals, 0.95),
        "ratio_p50_to_floor": statistics.median(totals) / statistics.median(floor),
        "share_by_step": {name: sum(step.get(name, 0.0) for step in steps) / sum(totals) for name in names},
    }


def cold(data: Path) -> dict[str, float]:
    """Return seconds of whole processes: the help, and one question."""
    command = [sys.executable, "-m", "ui.cli"]
    return {
        "help_s": _seconds([*command, "--help"]),
        "ask_s": _seconds([*command, "--data", str(data), "ask", "有哪些支持措施？"]),
    }


def _seconds(command: list[str]) -> float:
    times = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Run the benchmark and print a table; ``--json`` also writes the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, default=ROOT / "tests" / "gold" / "samples.jsonl")
    parser.add_argument("--corpus", type=Path, default=ROOT / "samples" / "corpus")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    settings = load_settings()
    with tempfile.TemporaryDirectory() as folder:
        with Store.open(Path(folder), open_model(settings)) as store:
            ingest_paths([args.corpus], store)
            figures = measure(Assistant(store, store.embedder), store, load_gold(args.gold), args.rounds)
        figures["cold"] = cold(Path(folder))
    table = Table("what", "value", title="ask, extractive engine, warm")
    for name, value in figures.items():
        if isinstance(value, dict):
            for part, one in value.items():
                table.add_row(f"{name}: {part}", f"{one:.2f}" if name == "cold" else f"{one:.1%}")
        else:
            table.add_row(name, f"{value:.2f}" if isinstance(value, float) else str(value))
    Console().print(table)
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
