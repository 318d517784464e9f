"""The page on growth: a table, curves, and where one machine ends, reckoned from the lines through the measured scales."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

Row = dict[str, Any]

_FONT = "Noto Sans CJK SC"
_PATIENCE_MS = 1000  # p95 of an answer that a person who waits still takes for prompt
_NIGHT_S = 8 * 3600  # an index should be filled anew in a night
_COLUMNS = (
    ("段数", "chunks", "{:,.0f}"),
    ("文件", "documents", "{:,.0f}"),
    ("真实向量", "real", "{:,.0f}"),
    ("回答 p50(毫秒)", "p50_ms", "{:.1f}"),
    ("回答 p95(毫秒)", "p95_ms", "{:.1f}"),
    ("连同问题变向量 p50", "with_embedding_p50_ms", "{:.1f}"),
    ("连同问题变向量 p95", "with_embedding_p95_ms", "{:.1f}"),
    ("召回率@10", "recall_at_10", "{:.3f}"),
    ("常驻内存(MB)", "resident_mb", "{:,.0f}"),
    ("收录时内存峰值(MB)", "ingest_peak_mb", "{:,.0f}"),
    ("目录与词索引(MB)", "catalog_mb", "{:,.0f}"),
    ("向量库(MB)", "vectors_mb", "{:,.0f}"),
    ("收录(段/秒,不含算向量)", "chunks_per_second", "{:,.0f}"),
    ("改一个文件(秒)", "one_changed_s", "{:.2f}"),
    ("打开(毫秒)", "open_ms", "{:.1f}"),
    ("打开后第一个回答(毫秒)", "first_answer_ms", "{:.0f}"),
)
_STEPS = {
    "understand": "读懂问题",
    "embed": "问题变向量",
    "retrieve": "检索",
    "rank": "排序模型",
    "answer": "组织回答",
    "verify": "核对",
}
_CURVES = (
    ("latency", "每个回答的毫秒数", (("p50_ms", "p50"), ("p95_ms", "p95"), ("with_embedding_p50_ms", "p50,连同问题变向量"), ("with_embedding_p95_ms", "p95,连同问题变向量"))),
    ("memory", "MB", (("resident_mb", "常驻内存"), ("ingest_peak_mb", "收录时内存峰值"))),
    ("disk", "MB", (("catalog_mb", "目录与词索引"), ("vectors_mb", "向量库"))),
    ("ingest", "每秒段数(不含算向量)", (("chunks_per_second", "收录"),)),
    ("recall", "与逐一比较相同的比例", (("recall_at_10", "召回率@10"),)),
)  # fmt: skip


def write_report(rows: Sequence[Row], page: Path, load: float) -> None:
    """Write ``page`` with the figures of each scale, and its curves as SVG beside it. ``load`` is that of the machine."""
    page.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        "# 规模增长",
        "",
        f"由 `python -m benchmarks.growth --write docs/{page.name}` 写成。处理器 {len(os.sched_getaffinity(0))} 核,内存 "
        f"{_memory_mb() / 1024:.0f} GB,开始前一分钟的平均负载 {load:.1f}。政策文本是编造的,长短与真实文件相近(每份约 "
        f"{rows[0]['chunks'] / rows[0]['documents']:.0f} 段);“真实向量”是由内置模型算向量的段数,其余的向量"
        "取自这些向量并加上噪声,近邻之间的距离与真实向量相同。提问取库中随机的段落,每题不同,不命中缓存。“段”是向量的个数:"
        "一个单元一段,长的几段。排序模型在回答的时间之内,它读的单元不随规模增多。召回率是向量检索的前 10 个与逐一比较全部单元向量的前 10 个相同的比例。",
        "",
        f"| {' | '.join(name for name, _key, _form in _COLUMNS)} |",
        f"|{' --- |' * len(_COLUMNS)}",
    ]
    for row in rows:
        cells = [form.format(row[key]) if key in row else "—" for _name, key, form in _COLUMNS]
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", *_shares(rows)]
    if len(rows) > 1:
        first, last = rows[0], rows[-1]
        lines += [
            "",
            f"段数增至 {last['chunks'] / first['chunks']:.0f} 倍,回答的 p95 增至 {last['p95_ms'] / first['p95_ms']:.2f} 倍。",
            "",
            *_end(rows),
        ]
        for name, unit, curves in _CURVES:
            picture = page.with_name(f"growth-{name}.svg")
            _draw(rows, unit, curves, picture)
            lines += ["", f"![{unit}]({picture.name})"]
    page.write_text("\n".join([*lines, ""]), encoding="utf-8")


def _shares(rows: Sequence[Row]) -> list[str]:
    """Say which share of an answer's time each step takes."""
    told = [row for row in rows if "share_by_step" in row]
    names = [name for name in _STEPS if any(name in row["share_by_step"] for row in told)]
    if not names:
        return []
    cells = [[f"{row['share_by_step'].get(name, 0.0):.1%}" for name in names] for row in told]
    return [
        "## 每一步的份额",
        "",
        f"| 段数 | {' | '.join(_STEPS[name] for name in names)} |",
        f"|{' --- |' * (len(names) + 1)}",
        *(f"| {row['chunks']:,.0f} | {' | '.join(some)} |" for row, some in zip(told, cells, strict=True)),
    ]


def _end(rows: Sequence[Row]) -> list[str]:
    """Say where one machine ends, with the arithmetic. Lines go through the two largest scales."""
    memory = _memory_mb()
    limits = (
        ("内存", "ingest_peak_mb", 0.8 * memory, f"八成内存 {0.8 * memory:,.0f} MB", "收录时内存峰值"),
        ("回答的 p95", "p95_ms", float(_PATIENCE_MS), f"{_PATIENCE_MS} 毫秒", "p95"),
        ("一夜重建", "whole_s", float(_NIGHT_S), "8 小时", "收录用时(秒,向量全由模型算)"),
    )
    rows = [row | {"whole_s": row["ingest_s"] + _not_embedded_s(row, rows)} for row in rows]
    lines = ["## 一台机器的尽头", "", "按最大的两档连成的直线推算(内存、用时随段数线性增长):", ""]
    ends = []
    for name, key, limit, told, what in limits:
        start, slope = line_through(rows[-2], rows[-1], key)
        if slope <= 0:
            lines.append(f"- {name}:{what}不随段数增长,不是尽头。")
            continue
        end = (limit - start) / slope
        ends.append((end, name))
        lines.append(
            f"- {name}:{what} ≈ {start:,.0f} + {slope * 1e6:,.0f} × 百万段;到 {told} 时为 "
            f"({limit:,.0f} − {start:,.0f}) ÷ {slope * 1e6:,.0f} ≈ {end / 1e6:,.1f} 百万段。"
        )
    if ends:
        end, name = min(ends)
        lines += [
            "",
            f"先到的是{name}:这样一台机器大约到 **{end / 1e6:,.1f} 百万段**为止,再多应在集群上算向量(zhengce ingest --ray)、换用服务端的向量库。",
        ]
    return lines


def _not_embedded_s(row: Row, rows: Sequence[Row]) -> float:
    """Return how much longer filling ``row`` would have taken with real vectors only, at the rate of the most real one."""
    most = max(rows, key=lambda one: one["real"])
    return float((row["chunks"] - row["real"]) * most.get("embedding_s", 0.0) / most["real"])


def line_through(one: Row, other: Row, key: str) -> tuple[float, float]:
    """Return start and slope of the line of ``key`` over chunks through two scales."""
    slope = (other[key] - one[key]) / (other["chunks"] - one["chunks"])
    return one[key] - slope * one["chunks"], slope


def _draw(rows: Sequence[Row], unit: str, curves: Sequence[tuple[str, str]], picture: Path) -> None:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    # a fixed salt and no date: the same figures give the same file; letters as outlines, whichever fonts the reader has
    with rc_context({"font.family": _FONT, "svg.hashsalt": "growth", "svg.fonttype": "path"}):
        figure = Figure(figsize=(6.4, 3.6), layout="constrained")
        axes = figure.add_subplot()
        for key, label in curves:
            points = [(row["chunks"], row[key]) for row in rows if key in row]
            if points:
                axes.plot(*np.array(points).T, marker="o", label=label)
        axes.set_xscale("log")
        axes.set_xlabel("段数")
        axes.set_ylabel(unit)
        axes.set_ylim(bottom=0)
        axes.grid(visible=True, alpha=0.3)
        axes.legend()
        figure.savefig(picture, format="svg", metadata={"Date": None})


def _memory_mb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e6
