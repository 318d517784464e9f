"""How fast the backends of the embedding model are, and whether their vectors agree.

    python -m benchmarks.embedding [--model FOLDER] [--texts FILE ...] [--rounds N] [--write FILE]

The backends take turns within each round; cold start and memory are those of processes of their own. Other work on
the processor changed the ratios from run to run, so that they hold only for about the load that is written beside
them: compare on an idle machine. Passages are cut from the texts, one round's never those of another.
"""

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Literal, get_args

from vectorstore.embedding import Embedder, open_embedder
from vectorstore.openvino_embedding import MODEL_INT8, multiplies_int8

ROOT = Path(__file__).resolve().parent.parent
Kind = Literal["torch", "openvino", "int8"]
KINDS: tuple[Kind, ...] = get_args(Kind)
NAMES: dict[Kind, str] = {"torch": "torch float32", "openvino": "OpenVINO float32", "int8": "OpenVINO int8"}
LENGTHS = {80: 32, 450: 6}  # characters of a passage: how many of them in a round
QUERIES = 12  # in a round
COLD_STARTS = 2
HEADING = "## 向量模型"


def passages(text: str, length: int, count: int, turn: int) -> list[str]:
    """Return ``count`` passages of about ``length`` characters, others in each round."""
    step = 13 + 7 * turn
    starts = [(turn * 31 + i * step) % max(1, len(text) - length) for i in range(count)]
    return [text[start : start + length - i % 9] for i, start in enumerate(starts)]


def seconds(run: Callable[[], object]) -> float:
    """Return how long ``run`` takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def warm(embedders: dict[Kind, Embedder], text: str, rounds: int) -> dict[str, dict[Kind, list[float]]]:
    """Return milliseconds a query and passages a second, by backend and round; the first round is thrown away."""
    found: dict[str, dict[Kind, list[float]]] = {}
    for turn in range(rounds + 1):
        for kind in list(embedders) if turn % 2 else reversed(embedders):
            embedder = embedders[kind]
            queries = [f"{query}{turn}" for query in passages(text, 20, QUERIES, turn)]
            times = [seconds(partial(embedder.embed_query, query)) for query in queries]
            measured = {"每个问题(毫秒)": statistics.median(times) * 1000}
            for length, count in LENGTHS.items():
                texts = passages(text, length, count, turn)
                took = seconds(partial(embedder.embed_documents, texts))
                measured[f"每秒段数(约 {length} 字)"] = count / took
            for name, value in measured.items() if turn else ():
                found.setdefault(name, {}).setdefault(kind, []).append(value)
    return found


def agreement(torch: Embedder, other: Embedder, text: str) -> tuple[float, float]:
    """Return least and mean cosine of two backends' vectors of 300 passages and questions."""
    sentences = [one for one in re.split(r"[。;；]", text) if len(one) > 5]
    texts = (sentences + passages(text, 120, 200, 3))[:200]
    asked = passages(text, 18, 300 - len(texts), 5)
    cosines = (torch.embed_documents(texts) * other.embed_documents(texts)).sum(axis=1).tolist()
    cosines += [float(torch.embed_query(one) @ other.embed_query(one)) for one in asked]
    return min(cosines), statistics.mean(cosines)


def cold(kind: Kind, model: str) -> tuple[float, float]:
    """Return seconds of a process that embeds one question, and its peak memory in MB after 24 passages."""
    command = [sys.executable, "-m", "benchmarks.embedding", "--model", model, "--one", kind]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT) as process:
        out = process.stdout
        assert out
        out.readline()
        ready = time.perf_counter() - start
        peak = float(out.readline())
    return ready, peak


def one(kind: Kind, model: str) -> None:
    """Be the process of ``cold``."""
    embedder = open_embedder(model, backend=kind)
    embedder.embed_query("有哪些支持措施？")
    print("ready", flush=True)
    embedder.embed_documents(["对符合条件的企业给予补助并优先保障用地。" * 22] * 24)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def table(
    rows: dict[str, dict[Kind, list[float]]], cosines: dict[Kind, tuple[float, float]], rounds: int, load: float
) -> str:
    """Return the section of docs/SPEED.md: medians, and the median of the ratios within each round."""
    others = list(cosines)
    heads = [NAMES["torch"], *(part for kind in others for part in (NAMES[kind], "÷ torch"))]
    lines = [
        HEADING,
        "",
        f"由 `make bench-embedding` 写成。同一模型、同一进程里轮流测 {rounds} 轮取中位数;比值是各轮比值的中位数。"
        f"处理器 {len(os.sched_getaffinity(0))} 核,开始前一分钟的平均负载 {load:.1f}:负载不同时比值相差很大,"
        "应在空闲的机器上比较。",
        "",
        f"| | {' | '.join(heads)} |",
        f"| --- |{' --- |' * len(heads)}",
    ]
    for name, values in rows.items():
        cells = [f"{statistics.median(values['torch']):.1f}"]
        for kind in others:
            ratio = statistics.median(a / b for a, b in zip(values[kind], values["torch"], strict=True))
            cells += [f"{statistics.median(values[kind]):.1f}", f"{ratio:.2f}"]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    told = ";".join(f"{NAMES[kind]} 最小 {least:.4f},平均 {mean:.4f}" for kind, (least, mean) in cosines.items())
    lines += ["", f"300 段文本与问题的向量与 torch float32 的余弦:{told}。", ""]
    if "int8" in cosines:
        lines += [f"int8 乘法指令:{'有' if multiplies_int8() else '没有;这里 int8 不会自动使用'}。", ""]
    return "\n".join(lines)


def write(section: str, target: Path) -> None:
    """Put ``section`` in the place of its earlier version in ``target``, else at the end."""
    old = target.read_text(encoding="utf-8") if target.is_file() else "# 速度\n"
    kept = re.sub(rf"^{re.escape(HEADING)}\n.*?(?=^## |\Z)", "", old, flags=re.MULTILINE | re.DOTALL).rstrip()
    target.write_text(f"{kept}\n\n{section}", encoding="utf-8")


def main() -> None:
    """Run the benchmark and print the table; ``--write`` also puts it into a page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="models/zhengce-embedding")
    parser.add_argument("--texts", type=Path, nargs="+", default=sorted((ROOT / "samples" / "corpus").iterdir()))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", choices=KINDS, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        one(args.one, args.model)
        return
    load = os.getloadavg()[0]
    kinds = [kind for kind in KINDS if kind != "int8" or (Path(args.model) / MODEL_INT8).is_file()]
    starts = [{kind: cold(kind, args.model) for kind in kinds} for _ in range(COLD_STARTS)]
    rows = {
        name: {kind: [turn[kind][which] for turn in starts] for kind in kinds}
        for which, name in enumerate(("冷启动到第一个问题(秒)", "内存峰值(MB)"))
    }
    text = re.sub(r"\s+", "", "".join(path.read_text(encoding="utf-8") for path in args.texts))
    embedders: dict[Kind, Embedder] = {kind: open_embedder(args.model, backend=kind) for kind in kinds}
    rows |= warm(embedders, text, args.rounds)
    cosines = {kind: agreement(embedders["torch"], embedders[kind], text) for kind in kinds[1:]}
    section = table(rows, cosines, args.rounds, load)
    print(section)
    if args.write:
        write(section, args.write)
    if args.json:
        args.json.write_text(json.dumps({"rows": rows, "cosine": cosines}, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
