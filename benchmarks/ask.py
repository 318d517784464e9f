"""How long an answer takes, step by step, beside the floor: embedding the query alone.

    python -m benchmarks.ask [--gold FILE] [--corpus PATH] [--rounds N] [--json FILE]

No text is embedded twice (each round adds a blank), so the cache of query vectors has no part in it. Floor, answers and
a fixed piece of work in Python and numpy take turns within one run, so that their ratios hold on a noisy machine: the
regression guard (``benchmarks.guard``) compares nothing else. Cold times are those of whole processes.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from assistant.evaluate import GoldQuestion, load_gold
from assistant.ranker import Ranker
from benchmarks.laps import Laps, TimedAssistant, shares
from ingest.pipeline import ingest_paths
from ui.embedding_model import open_settings_ranker
from ui.settings import load_settings
from ui.wiring import open_model
from vectorstore.store import Store

ROOT = Path(__file__).resolve().parent.parent


def percentile(values: list[float], share: float) -> float:
    """Return the value below which ``share`` of ``values`` lie."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def quiet(values: list[float]) -> float:
    """Return the value that a quarter of ``values`` lie below: what a step takes where nothing else disturbs it."""
    return percentile(values, 0.25)


_TEXT = "支持每个街道建成2个以上数字服务站,给予8万元补助,到2027年底前由有关部门牵头落实。" * 200
_ROWS = np.linspace(-1.0, 1.0, 512 * 384, dtype=np.float32).reshape(512, 384)


def fixed_work() -> float:
    """Return the milliseconds of a fixed piece of work: as an answer does it, some in Python and some in numpy."""
    start = time.perf_counter()
    counted = Counter(_TEXT[at : at + 2] for at in range(len(_TEXT) - 1))
    ranked = sorted(counted, key=lambda pair: (counted[pair], pair))
    found = sum(pair in _TEXT for pair in ranked)
    near = np.argsort(_ROWS @ _ROWS[found % len(_ROWS)])
    "".join(ranked[at % len(ranked)] for at in near.tolist())
    return (time.perf_counter() - start) * 1000


def measure(store: Store, ranker: Ranker | None, gold: list[GoldQuestion], rounds: int) -> dict[str, Any]:
    """Ask every question ``rounds`` times, each time beside embedding its text alone; return milliseconds."""
    timed = TimedAssistant(store, store.embedder, ranker)
    timed.assistant.warm()
    floor: list[float] = []
    loop: list[float] = []
    used: dict[str, list[float]] = {"loop_cpu": [], "floor_cpu": []}  # of all threads; what waits for a core uses none
    steps: list[Laps] = []
    for turn in range(1, rounds + 1):
        for number, question in enumerate(gold):
            cpu = time.process_time()
            loop.append(fixed_work())
            used["loop_cpu"].append((time.process_time() - cpu) * 1000)
            start, cpu = time.perf_counter(), time.process_time()
            store.embedder.embed_query(f"{question.question}#{number}-{time.perf_counter_ns()}")
            floor.append((time.perf_counter() - start) * 1000)
            used["floor_cpu"].append((time.process_time() - cpu) * 1000)
            steps.append(timed.ask(question.question + " " * turn, question.history)[1])
    totals = [step["total"] for step in steps]
    names = list(dict.fromkeys(name for step in steps for name in step if name != "total"))
    return {
        "questions": len(steps),
        "floor_p50_ms": statistics.median(floor),
        "p50_ms": statistics.median(totals),
        "p95_ms": percentile(totals, 0.95),
        "ratio_p50_to_floor": statistics.median(totals) / statistics.median(floor),
        "share_by_step": shares(steps),
        "quiet_ms": {
            "loop": quiet(loop),
            "floor": quiet(floor),
            **{name: quiet(values) for name, values in used.items()},
            **{name: quiet([step[name] for step in steps if name in step]) for name in names},
            "total": quiet(totals),
        },
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
            figures = measure(store, open_settings_ranker(settings), load_gold(args.gold), args.rounds)
        figures["cold"] = cold(Path(folder))
    table = Table("what", "value", title="ask, extractive engine, warm")
    for name, value in figures.items():
        if isinstance(value, dict):
            for part, one in value.items():
                table.add_row(f"{name}: {part}", f"{one:.1%}" if name == "share_by_step" else f"{one:.2f}")
        else:
            table.add_row(name, f"{value:.2f}" if isinstance(value, float) else str(value))
    Console().print(table)
    if args.json:
        args.json.parent.mkdir(parents=True, exist_ok=True)
        args.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
