"""Whether answering has become slower, told from one run of ``benchmarks.ask`` beside the committed baseline.

    python -m benchmarks.guard FIGURES.json [--baseline FILE] [--accept]

Nothing is compared in milliseconds. The time of each step is divided by that of two things measured in the same run:
embedding a question alone, and a fixed piece of work in Python and numpy. A machine that is slower as a whole moves
neither. A step has become slower where both ratios have grown by more than ``TOLERANCE``: one alone grows also where the
model got faster, or where the processor favours one kind of work. The model itself is compared with the fixed work, by
``MODEL_TOLERANCE`` and in time of the processor: it runs on all cores, and waits for them where others use them too.
Times are those that a quarter of the questions stay below, and a step that takes less than ``SMALL`` of an answer is left
alone: its time is noise.

``--accept`` makes FIGURES.json the baseline. The exit code is 1 where something became slower.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.ask import ROOT

BASELINE = ROOT / "benchmarks" / "baseline.json"
TOLERANCE = 1.5  # times; steps vary by up to a fifth between runs on a busy machine
MODEL_TOLERANCE = 1.9  # times; which instructions the processor has counts here, too
SMALL = 0.03  # share of a whole answer
_STEPS = {
    "understand": "读懂问题",
    "embed": "问题变向量",
    "retrieve": "检索",
    "rank": "排序模型",
    "answer": "组织回答",
    "verify": "核对",
    "total": "整个回答",
}


def slower(now: Mapping[str, float], before: Mapping[str, float]) -> list[str]:
    """Return a line in Chinese for each step that became slower; ``now`` and ``before`` hold milliseconds by step.

    Both must have ``loop``, ``floor``, both also as ``…_cpu``, and ``total``; a step that only one of them has is not compared.
    """
    found = []
    model = _growth("floor_cpu", "loop_cpu", now, before)
    if model > MODEL_TOLERANCE:
        found.append(
            f"向量模型(floor)变慢了:与同一次测量中的固定计算相比是基线的 {model:.2f} 倍(处理器时间);容许 {MODEL_TOLERANCE} 倍"
        )
    for step, name in _STEPS.items():
        if step not in now or step not in before or now[step] < SMALL * now["total"]:
            continue
        to_loop = _growth(step, "loop", now, before)
        to_floor = _growth(step, "floor", now, before)
        if min(to_loop, to_floor) > TOLERANCE:
            found.append(
                f"{name}({step})变慢了:与同一次测量中的固定计算相比是基线的 {to_loop:.2f} 倍,"
                f"与向量模型相比是 {to_floor:.2f} 倍;容许 {TOLERANCE} 倍"
            )
    return found


def _growth(step: str, measure: str, now: Mapping[str, float], before: Mapping[str, float]) -> float:
    """Return how many times the ratio of ``step`` to ``measure`` is what it was."""
    return (now[step] / now[measure]) / (before[step] / before[measure])


def main() -> None:
    """Compare, say what became slower, and exit with 1 where something did."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figures", type=Path, help="what benchmarks.ask wrote with --json")
    parser.add_argument("--baseline", type=Path, default=BASELINE)
    parser.add_argument("--accept", action="store_true", help="make these figures the baseline")
    args = parser.parse_args()
    if args.accept:
        shutil.copyfile(args.figures, args.baseline)
        print(f"已把 {args.figures} 定为基线")
        return
    now, before = (json.loads(path.read_text(encoding="utf-8"))["quiet_ms"] for path in (args.figures, args.baseline))
    lines = slower(now, before)
    for line in lines:
        print(line, file=sys.stderr)
    if lines:
        sys.exit(1)
    print("没有哪一步变慢。")


if __name__ == "__main__":
    main()
