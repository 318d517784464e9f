"""Many clients at once on loopback: latency, throughput and memory of the service, beside two floors in the same run.

    python -m benchmarks.load [--clients N] [--seconds N] [--hostile] [--json FILE]

The floors are a bare FastAPI that sends back what it got, under the same load, and the embedding of queries alone, one
after the other. No text is asked twice, so neither the cache of answers nor that of query vectors has a part in it.

With ``--hostile`` the same load runs once more beside 200 clients that never end their requests and 60 that sign in with
wrong passwords: the others must not notice.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from assistant.evaluate import load_gold
from benchmarks.ask import ROOT, percentile
from ui.settings import load_settings
from ui.wiring import open_model

ECHO = """
import socket, sys, uvicorn
from fastapi import FastAPI
app = FastAPI()
@app.post("/api/v1/ask")
def echo(body: dict) -> dict:
    return body
@app.get("/healthz")
def healthz() -> dict:
    return {}
listener = socket.create_server(("127.0.0.1", 0))
print(f"http://127.0.0.1:{listener.getsockname()[1]}", file=sys.stderr, flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])
"""
_PAUSE = 60.0  # seconds at either end over which memory is compared, or a fifth of the run where it is shorter


@dataclass
class Load:
    """What came of a run: milliseconds of each answer, how often each status came, memory in MB by second."""

    seconds: float
    milliseconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    memory: list[tuple[float, float]] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        """Return the figures that are shown."""
        edge = min(_PAUSE, self.seconds / 5)
        first = [mb for at, mb in self.memory if at <= edge]
        last = [mb for at, mb in self.memory if at >= self.seconds - edge]
        return {
            "requests": sum(self.statuses.values()),
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
            "per_second": sum(self.statuses.values()) / self.seconds,
            "p50_ms": statistics.median(self.milliseconds),
            "p95_ms": percentile(self.milliseconds, 0.95),
            "p99_ms": percentile(self.milliseconds, 0.99),
            "memory_first_mb": statistics.median(first) if first else None,
            "memory_last_mb": statistics.median(last) if last else None,
        }


@contextmanager
def running(command: list[str]) -> Iterator[tuple[str, int]]:
    """Run a server that says its address on stderr; yield the address and its process id."""
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr
        said = next(word for line in process.stderr for word in line.split() if word.startswith("http://127.0.0.1:"))
        address = said.rstrip("/")
        threading.Thread(target=process.stderr.read, daemon=True).start()  # a full pipe would hold the server up
        for _ in range(600):
            try:
                if httpx.get(f"{address}/healthz").is_success:
                    break
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        yield address, process.pid
    finally:
        process.terminate()
        process.wait(60)


def resident(pid: int) -> float:
    """Return the memory that a process holds, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


async def load(address: str, pid: int, questions: list[str], clients: int, seconds: float) -> Load:
    """Have ``clients`` ask one question after the other for ``seconds``."""
    done = Load(seconds)
    start = time.perf_counter()
    asked = iter(range(10**9))

    async def ask(client: httpx.AsyncClient) -> None:
        while time.perf_counter() - start < seconds:
            number = next(asked)
            # blanks in a pattern of their own make each text another one, and change nothing of its meaning
            blanks = "".join(" \u3000"[int(bit)] for bit in f"{number // len(questions):b}")
            begun = time.perf_counter()
            response = await client.post("/api/v1/ask", json={"question": questions[number % len(questions)] + blanks})
            done.milliseconds.append((time.perf_counter() - begun) * 1000)
            done.statuses[response.status_code] += 1

    async def watch() -> None:
        while (at := time.perf_counter() - start) < seconds:
            done.memory.append((at, resident(pid)))
            await asyncio.sleep(1)

    limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)
    async with httpx.AsyncClient(base_url=address, timeout=120, limits=limits) as client:
        await asyncio.gather(watch(), *(ask(client) for _ in range(clients)))
    done.seconds = time.perf_counter() - start
    return done


@contextmanager
def beside(command: list[str], address: str) -> Iterator[None]:
    """Have another process make trouble at ``address`` until the context ends."""
    process = subprocess.Popen([*command, address], cwd=ROOT)
    try:
        time.sleep(2)  # until it is in full swing
        yield
    finally:
        process.terminate()
        process.wait(30)


def embedding_alone(questions: list[str], seconds: float) -> dict[str, float]:
    """Return milliseconds and throughput of embedding queries one after the other."""
    embedder = open_model(load_settings())
    embedder.embed_query("预热")
    spent: list[float] = []
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        begun = time.perf_counter()
        embedder.embed_query(f"{questions[len(spent) % len(questions)]}#{len(spent)}")
        spent.append((time.perf_counter() - begun) * 1000)
    return {"p50_ms": statistics.median(spent), "per_second": len(spent) / (time.perf_counter() - start)}


def measure(clients: int, seconds: float, corpus: Path, gold: Path, *, hostile: bool = False) -> dict[str, Any]:
    """Run the service and the floors; return the figures of each."""
    questions = [one.question for one in load_gold(gold) if not one.history]
    brief = min(30.0, max(2.0, seconds / 10))
    with tempfile.TemporaryDirectory() as folder:
        zhengce = [sys.executable, "-m", "ui.cli", "--data", f"{folder}/data"]
        subprocess.run([*zhengce, "ingest", str(corpus)], cwd=ROOT, check=True, capture_output=True)
        with running([*zhengce, "serve", "--port", "0"]) as (address, pid):
            httpx.post(f"{address}/api/v1/ask", json={"question": questions[0]}, timeout=120).raise_for_status()
            figures = {"service": asyncio.run(load(address, pid, questions, clients, seconds)).summary()}
            if hostile:
                with beside([sys.executable, "-m", "benchmarks.trouble"], address):
                    figures["hostile"] = asyncio.run(load(address, pid, questions, clients, seconds)).summary()
        with running([sys.executable, "-c", ECHO]) as (address, pid):
            echo = asyncio.run(load(address, pid, questions, clients, brief))
    return {**figures, "echo": echo.summary(), "embedding": embedding_alone(questions, brief)}


def faults(figures: dict[str, Any]) -> list[str]:
    """Return what is wrong with the run beside the hostile clients."""
    quiet, beside_them = figures["service"], figures["hostile"]
    failed = sum(count for status, count in beside_them["statuses"].items() if int(status) >= 500)
    grown = beside_them["memory_last_mb"] / beside_them["memory_first_mb"]
    return [
        *([f"{failed} answers of others were 5xx"] if failed else []),
        *(["p95 is more than twice that of the quiet run"] if beside_them["p95_ms"] > 2 * quiet["p95_ms"] else []),
        *([f"memory grew by {grown - 1:.0%}"] if grown > 1.1 else []),
    ]


def show(figures: dict[str, Any], console: Console) -> None:
    """Print the figures as a table."""
    columns = [one for one in ("service", "hostile", "echo", "embedding") if one in figures]
    table = Table("", *columns)
    for name in ("requests", "per_second", "p50_ms", "p95_ms", "p99_ms", "memory_first_mb", "memory_last_mb"):
        values = [figures[one].get(name) for one in columns]
        table.add_row(name, *("" if value is None else f"{value:,.1f}" for value in values))
    console.print(table)
    for one in columns[: columns.index("echo")]:
        console.print(f"statuses, {one}:", figures[one]["statuses"])


def main() -> None:
    """Measure as the options say and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--corpus", type=Path, default=ROOT / "samples" / "corpus")
    parser.add_argument("--gold", type=Path, default=ROOT / "tests" / "gold" / "samples.jsonl")
    parser.add_argument("--hostile", action="store_true", help="once more beside slow clients and wrong passwords")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    figures = measure(options.clients, options.seconds, options.corpus, options.gold, hostile=options.hostile)
    show(figures, Console())
    if options.json:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=2), encoding="utf-8")
    if options.hostile and (found := faults(figures)):
        sys.exit("; ".join(found))


if __name__ == "__main__":
    main()
