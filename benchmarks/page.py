"""How long the page takes from Enter to the first evidence and to the whole answer, beside the API on the same questions.

    python -m benchmarks.page [--gold FILE] [--corpus PATH] [--questions N] [--json FILE]

The page itself takes the times, by a MutationObserver. Each question goes to the page and to the API, which of them
first in turns, with answers not kept; so their ratio holds on a noisy machine. Every tenth begins a conversation.
"""

import argparse
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.table import Table

from assistant.evaluate import load_gold
from benchmarks.ask import ROOT, percentile

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
PER_CONVERSATION = 10
_ZHENGCE = [sys.executable, "-m", "ui.cli"]
_WATCH = """
window.clock = { done: 1 };
const latest = () => [...document.querySelectorAll(".exchange")].pop();
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("#question textarea"))
    window.clock = { before: latest()?.dataset.exchange, start: performance.now() };
}, true);
new MutationObserver(() => {
  const { clock } = window, exchange = latest();
  if (clock.done || !exchange || exchange.dataset.exchange === clock.before) return;
  const now = performance.now() - clock.start;
  clock.question ??= now;
  if (exchange.querySelector(".chip")) clock.evidence ??= now;
  if (!exchange.hasAttribute("aria-busy")) clock.done = now;
}).observe(document, { subtree: true, childList: true, attributes: true });
"""
_ASK_API = """async (question) => {
  const start = performance.now();
  const headers = { "content-type": "application/json" };
  const answer = await fetch("/api/v1/ask", { method: "POST", headers, body: JSON.stringify({ question }) });
  await answer.json();
  return performance.now() - start;
}"""


@contextmanager
def served(corpus: Path) -> Iterator[str]:
    """Serve ``corpus`` from a folder that goes away, without the cache of answers; yield the address."""
    with tempfile.TemporaryDirectory() as folder:
        command = [*_ZHENGCE, "--data", folder]
        subprocess.run([*command, "ingest", str(corpus)], check=True, cwd=ROOT, capture_output=True)
        uncached = ["env", "ZHENGCE_ANSWER_CACHE=0", *command, "serve", "--port", "0"]
        with subprocess.Popen(uncached, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
            try:
                lines = process.stderr or ()
                yield next(found[0] for line in lines if (found := re.search(r"http://127\.0\.0\.1:\d+", line)))
            finally:
                process.terminate()
                process.communicate()


def measure(page: Page, questions: list[str]) -> list[dict[str, float]]:
    """Ask every question on the page and of the API; return the milliseconds of each."""
    taken = []
    for number, question in enumerate(questions):
        if number % PER_CONVERSATION == 0:
            page.click("[data-new]")
            page.wait_for_selector(".welcome")
        other = f"{question} "  # another text, so that neither finds the other's vector
        first = page.evaluate(_ASK_API, other) if number % 2 else None
        times = _ask(page, question)
        taken.append({**times, "api": page.evaluate(_ASK_API, other) if first is None else first})
    return taken


def _ask(page: Page, question: str) -> dict[str, float]:
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    page.wait_for_function("window.clock.done > 1")
    page.wait_for_selector("#question .submit-button")
    clock: dict[str, float] = page.evaluate("window.clock")
    return {"question": clock["question"], "evidence": clock.get("evidence", clock["done"]), "answer": clock["done"]}


def figures(taken: list[dict[str, float]]) -> dict[str, Any]:
    """Return the percentiles, and what the page adds to the API."""
    found: dict[str, Any] = {"questions": len(taken)}
    for name in ("question", "evidence", "answer", "api"):
        values = [one[name] for one in taken]
        found[name] = {"p50_ms": statistics.median(values), "p95_ms": percentile(values, 0.95)}
    found["ratio_p50_to_api"] = found["answer"]["p50_ms"] / found["api"]["p50_ms"]
    found["added_p50_ms"] = statistics.median(one["answer"] - one["api"] for one in taken)
    return found


def main() -> None:
    """Run the benchmark and print a table; ``--json`` also writes the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, default=ROOT / "tests" / "gold" / "samples.jsonl")
    parser.add_argument("--corpus", type=Path, default=ROOT / "samples" / "corpus")
    parser.add_argument("--questions", type=int, default=50)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    questions = [one.question for one in load_gold(args.gold) if not one.history][: args.questions]
    with served(args.corpus) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.add_init_script(_WATCH)
        page.goto(address)
        page.wait_for_selector(".example")
        _ask(page, "预热")
        result = figures(measure(page, questions))
        browser.close()
    table = Table("from Enter to", "p50 ms", "p95 ms", title=f"page, {len(questions)} questions")
    named = {"question": "question shown", "evidence": "first evidence", "answer": "whole answer", "api": "(API alone)"}
    for name, said in named.items():
        table.add_row(said, *(f"{value:.0f}" for value in result[name].values()))
    Console().print(table)
    Console().print(
        f"whole answer / API: {result['ratio_p50_to_api']:.2f}; added {result['added_p50_ms']:.0f} ms (p50)"
    )
    if args.json:
        args.json.write_text(json.dumps(result, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
