"""How long each desk tool takes on the sample corpus with the warm model.

    python -m benchmarks.desk [--corpus PATH] [--calls N] [--json FILE]

What is given is made from the corpus itself: sentences as they stand and with a figure changed, a paragraph of which
nothing is in the sources, the names of its terms, its documents beside an edition with one figure changed. Every call
gives something new, so that no cached query vector has a part in it; the tools take turns.
"""

import argparse
import json
import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from assistant.desk.check import check
from assistant.desk.diff import diff
from assistant.desk.evidence import evidence
from assistant.desk.find import find
from assistant.desk.match import match
from assistant.desk.targets import targets
from benchmarks.ask import percentile
from ingest.pipeline import ingest_paths
from ingest.reading import read_parts
from ui.settings import load_settings
from ui.wiring import open_model
from vectorstore.records import Unit
from vectorstore.store import Store

if TYPE_CHECKING:
    from vectorstore.records import Document

ROOT = Path(__file__).resolve().parent.parent
_GOAL_MS = 300.0
_NUMBER = re.compile(r"\d+")
_SECTORS = ("新材料", "软件开发", "生物医药", "食品加工", "装备制造", "跨境物流", "文化旅游", "节能环保")
_ORIGINS = ("北京", "上海", "外省", "本市", "香港", "深圳")
_NEEDS = ("贷款", "人才住房", "厂房用地", "子女入学", "快速审批", "上市辅导", "设备补贴", "应用场景")
_ELSEWHERE = ("火星车着陆", "潮汐电站检修", "羊毛期货清算", "极光观测站值守", "古琴制作比赛")


@dataclass(frozen=True, slots=True)
class Calls:
    """What the tools are called with: each call draws anew from the corpus of ``store``."""

    store: Store
    rng: random.Random

    def all(self) -> dict[str, Callable[[], Any]]:
        """Return one call for each tool, with what it is given made beforehand by ``prepare``."""
        return {
            "check, one sentence": self._check(self._altered),
            "check, a paragraph": self._check(lambda: "".join(self._altered() for _ in range(5))),
            "check, nothing in the sources": self._check(self._invented),
            "find": self._find(),
            "targets": self._targets(),
            "diff": self._diff(),
            "evidence": lambda: evidence(self.store, self.store.embedder),
            "match": self._match(),
        }

    def _check(self, draft: Callable[[], str]) -> Callable[[], Any]:
        given = draft()
        return lambda: check(given, self.store, self.store.embedder)

    def _altered(self) -> str:
        text = self._sentence()
        return _NUMBER.sub(lambda found: str(int(found[0]) + self.rng.randint(1, 9)), text, count=1)

    def _invented(self) -> str:
        return f"我们计划在{self.rng.randint(2030, 2090)}年组织{self.rng.choice(_ELSEWHERE)}第{self.rng.random()}期。"

    def _find(self) -> Callable[[], Any]:
        words = [word for word in self.store.analyzer.words(self._sentence()) if len(word) > 1]
        term = self.rng.choice(words or ["企业"])
        return lambda: find(term, self.store, self.store.embedder)

    def _targets(self) -> Callable[[], Any]:
        document = self.rng.choice(self.store.documents()).id
        return lambda: targets(self.store, document)

    def _diff(self) -> Callable[[], Any]:
        document = self.rng.choice(self.store.documents())
        old = self._edition(document, str)
        new = self._edition(document, lambda text: _NUMBER.sub(lambda found: f"{found[0]}7", text, count=3))
        return lambda: diff(old, new)

    def _edition(self, document: "Document", edit: Callable[[str], str]) -> "tuple[Document, list[Unit]]":
        found, units, _chunks = read_parts(edit(document.text).encode(), "edition.txt")[0]
        return found, list(units)

    def _match(self) -> Callable[[], Any]:
        needs = "、".join(self.rng.sample(_NEEDS, 3))
        said = (
            f"我们是{self.rng.choice(_ORIGINS)}的{self.rng.choice(_SECTORS)}企业，"
            f"员工{self.rng.randint(20, 900)}人，想来设厂，需要{needs}。"
        )
        return lambda: match(said, self.store, self.store.embedder)

    def _sentence(self) -> str:
        units = [unit for unit in self.store.units() if unit.type.citable and unit.sentences]
        unit = self.rng.choice(units)
        span = self.rng.choice(unit.sentences)
        return self.store.document(unit.document_id).text[span.start : span.end]


def measure(store: Store, calls: int) -> dict[str, dict[str, float]]:
    """Call every tool ``calls`` times in turns, once more before to warm up; return milliseconds."""
    drawn = Calls(store, random.Random(1))
    times: dict[str, list[float]] = {}
    for turn in range(calls + 1):
        for name, call in drawn.all().items():
            start = time.perf_counter()
            call()
            if turn:
                times.setdefault(name, []).append((time.perf_counter() - start) * 1000)
    return {
        name: {"p50_ms": statistics.median(values), "p95_ms": percentile(values, 0.95)}
        for name, values in times.items()
    }


def _rows(figures: dict[str, dict[str, float]]) -> Iterator[tuple[str, str, str, str]]:
    for name, one in figures.items():
        told = "yes" if one["p50_ms"] < _GOAL_MS else "no"
        yield name, f"{one['p50_ms']:.0f}", f"{one['p95_ms']:.0f}", told


def main() -> None:
    """Run the benchmark and print a table; ``--json`` also writes the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=ROOT / "samples" / "corpus")
    parser.add_argument("--calls", type=int, default=40)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder), open_model(load_settings())) as store:
        ingest_paths([args.corpus], store)
        figures = measure(store, args.calls)
    table = Table("tool", "p50 ms", "p95 ms", f"under {_GOAL_MS:.0f}", title="desk tools, warm model")
    for row in _rows(figures):
        table.add_row(*row)
    Console().print(table)
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
