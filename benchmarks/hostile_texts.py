"""Thirty hostile texts (``benchmarks.hostile``), each read as ingestion does, beside a service that is asked all the time.

    python -m benchmarks.hostile_texts [--megabytes MB …] [--only KIND …] [--json FILE]

For each: what came of it, how long that took, how much memory the processes took above rest, the slowest answer meanwhile.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from multiprocessing import active_children
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
from rich.console import Console
from rich.table import Table

from benchmarks.ask import ROOT
from benchmarks.hostile import KINDS, Kind
from benchmarks.load import running
from ingest.isolation import Limits, Readings
from vectorstore.errors import ReadError

MOST_MB = 1024.0  # above rest
MOST_WAIT = 10.0  # seconds for an answer, on a machine of two processors of which the reading takes one
SLACK = 15.0  # seconds beyond the limit: a process is started, and ended
_FAILED = ("程序异常退出", "读取时出错")  # a crash is no limit
_QUESTION = {"question": "重点任务1的原文是什么？"}
_HARMLESS = "一、办好学校。\n".encode()
_MB = 1024 * 1024
_ABOUT = """恶意文本(10 种,每种几个大小):各读一遍,看结果、时间、内存,并看服务这时答得多快。"""
_MORE = """每个文本都像收录时那样,在单独的进程里、按产品自己的时间和内存限制读取。内存是读取它的进程和等它的进程比平时多出的峰值
之和。同时不停地向一个运行中的服务提问(不用模型)。有一个文本超时、多占 1 GB 以上、使读取进程出错,或服务有一次没有回答、
一次答了 10 秒以上,退出码就是 1。"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one text. ``slowest`` is the longest that an answer of the service took meanwhile, in seconds."""

    kind: str
    megabytes: float
    seconds: float
    memory: float
    slowest: float
    answers: int
    refused: int
    told: str

    def faults(self, limits: Limits) -> list[str]:
        """Return what is wrong with it, in Chinese."""
        return [
            *(["超时"] if self.seconds > limits.seconds + SLACK else []),
            *([f"内存多占 {self.memory:.0f} MB"] if self.memory > MOST_MB else []),
            *(["读取进程出错"] if any(one in self.told for one in _FAILED) else []),
            *([f"服务有 {self.refused} 次没有回答"] if self.refused else []),
            *([f"服务最慢 {self.slowest:.1f} 秒"] if self.slowest > MOST_WAIT else []),
        ]


class Memory:
    """The peak of this process and of those that read for it, in MB above what they held when the context began."""

    def __init__(self) -> None:
        self._peaks: dict[int, float] = {}
        self._rest: dict[int, float] = {}
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        for pid in _processes():
            Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")  # forget the peak so far
            self._rest[pid] = _held(pid, "VmRSS")
        self._watch.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self._watch.join()

    @property
    def above_rest(self) -> float:
        """The sum of the peaks, as if all came at one moment."""
        return sum(max(0.0, peak - self._rest.get(pid, 0.0)) for pid, peak in self._peaks.items())

    def _look(self) -> None:
        over = False
        while not over:
            over = self._ended.wait(0.02)
            for pid in _processes():
                with suppress(OSError, StopIteration):  # it has ended meanwhile
                    self._peaks[pid] = max(self._peaks.get(pid, 0.0), _held(pid, "VmHWM"))


@dataclass
class Asking:
    """Asks a service one question after the other; ``slowest`` and ``count`` since they were last taken."""

    address: str
    seconds: list[float] = field(default_factory=list)
    refused: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> tuple[float, int, int]:
        """Return the slowest answer, how many there were and how many failed, and begin anew."""
        with self._lock:
            seconds, refused = self.seconds, self.refused
            self.seconds, self.refused = [], 0
        return max(seconds, default=0.0), len(seconds), refused

    def run(self) -> None:
        """Ask until ``end``."""
        with httpx.Client(base_url=self.address, timeout=120) as client:
            while not self._ended.wait(0.05):
                begun = time.perf_counter()
                try:
                    good = client.post("/api/v1/ask", json=_QUESTION).is_success
                except httpx.HTTPError:
                    good = False
                with self._lock:
                    self.seconds.append(time.perf_counter() - begun)
                    self.refused += not good

    def end(self) -> None:
        """Ask no more."""
        self._ended.set()


def read(kind: Kind, megabytes: float, limits: Limits, asking: Asking | None = None) -> Outcome:
    """Read one text as ingestion does."""
    data = kind.made(int(megabytes * _MB))
    with Readings(limits, many=True) as readings:
        readings.begin(_HARMLESS, "a.txt")()  # what a process holds at rest, its libraries loaded
        if asking:
            asking.take()
        begun = time.perf_counter()
        with Memory() as memory:
            try:
                parts = readings.begin(data, f"恶意{kind.suffix}")()
                told = f"已读取:{sum(len(units) for _document, units, _chunks in parts):,} 个条目或段落"
            except ReadError as error:
                told = str(error)
        seconds = time.perf_counter() - begun
        slowest, answers, refused = asking.take() if asking else (0.0, 0, 0)
    return Outcome(kind.name, megabytes, seconds, memory.above_rest, slowest, answers, refused, told)


@contextmanager
def served() -> Iterator[Asking]:
    """Serve a small corpus without a model, and ask it all the time."""
    with tempfile.TemporaryDirectory() as folder:
        zhengce = [sys.executable, str(ROOT / "tests" / "serve_without_model.py"), "--data", f"{folder}/data"]
        limits = ["env", f"PYTHONPATH={ROOT}", "ZHENGCE_REQUESTS_PER_MINUTE_PER_ADDRESS=0"]
        corpus = Path(folder, "方案.txt")
        corpus.write_text("云溪市办学方案\n\n二、重点任务\n1.办好学校。每年培训3000人次。\n", encoding="utf-8")
        subprocess.run([*limits, *zhengce, "ingest", str(corpus)], cwd=ROOT, check=True, capture_output=True)
        with running([*limits, *zhengce, "serve", "--port", "0"]) as (address, _pid):
            asking = Asking(address)
            thread = threading.Thread(target=asking.run, daemon=True)
            thread.start()
            try:
                yield asking
            finally:
                asking.end()
                thread.join(120)


def _processes() -> list[int]:
    return [os.getpid(), *(child.pid for child in active_children() if child.pid)]


def _held(pid: int, what: str) -> float:
    """Return what ``/proc`` calls ``what`` of a process, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith(what)).split()[1]) / 1024


def show(outcomes: list[Outcome], limits: Limits, console: Console) -> None:
    """Print the outcomes as a table."""
    table = Table("种类", "MB", "秒", "内存(MB)", "回答", "最慢(秒)", "结果", "问题")
    for one in outcomes:
        figures = [f"{one.megabytes:g}", f"{one.seconds:.1f}", f"{one.memory:.0f}", str(one.answers)]
        table.add_row(one.kind, *figures, f"{one.slowest:.2f}", one.told, "、".join(one.faults(limits)))
    console.print(table)


def main() -> None:
    """Read all texts and print a table; end with 1 where one went beyond what it may take."""
    parser = argparse.ArgumentParser(
        description=_ABOUT, epilog=_MORE, formatter_class=argparse.RawDescriptionHelpFormatter, add_help=False
    )
    parser.add_argument("-h", "--help", action="help", help="显示这些说明")
    parser.add_argument("--megabytes", type=float, nargs="+", default=[1, 10, 50], metavar="MB", help="各种大小")
    names = [kind.name for kind in KINDS]
    parser.add_argument("--only", choices=names, nargs="+", default=names, metavar="种类", help="、".join(names))
    parser.add_argument("--json", type=Path, metavar="文件", help="另把结果写入这个文件")
    options = parser.parse_args()
    limits, outcomes, console = Limits(workers=1), list[Outcome](), Console()
    with served() as asking:
        for kind in KINDS:
            for megabytes in options.megabytes if kind.name in options.only else ():
                outcomes.append(read(kind, megabytes, limits, asking))
                done = outcomes[-1]
                console.print(f"{done.kind} {megabytes:g} MB:{done.seconds:.1f} 秒,{done.memory:.0f} MB;{done.told}")
    show(outcomes, limits, console)
    if options.json:
        told = json.dumps([asdict(one) for one in outcomes], ensure_ascii=False, indent=2)
        options.json.write_text(told, encoding="utf-8")
    if any(one.faults(limits) for one in outcomes):
        sys.exit(1)


if __name__ == "__main__":
    main()
