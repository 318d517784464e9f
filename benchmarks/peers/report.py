"""The page on other systems: tables in Chinese, and pictures beside it."""

import os
import platform
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.peers.judging import Figures
from benchmarks.peers.measure import Result

_FONT = "Noto Sans CJK SC"
TASKS = {
    "enterprise_support": "企业扶持",
    "target": "目标数字",
    "paraphrase": "换种说法",
    "wording": "原文表述",
    "which_task": "哪项任务",
    "news": "新闻",
    "support": "扶持",
    "eligibility": "条件",
    "figure": "数字",
    "procedure": "办理",
    "list": "列举",
    "compare": "比较",
    "adversarial_plain": "像攻击的平常话",
    "false_premise": "前提有误",
    "multi_turn": "多轮追问",
    "compare_multi": "比较多处",
    "public": "公开题集",
}
_SETUPS = """\
- **zhengce(只检索)**:读懂问题、问题变向量、两路检索、排序模型读前 20 个单元;**zhengce(回答并核对)**:再加上组织回答、逐条
  核对引文,排名按 `zhengce eval` 的口径;**zhengce(不用排序模型)**:训练过的向量模型,只有两路检索;**zhengce(未训练的模型)**:
  与别的系统同一个向量模型,只有两路检索。收录从磁盘上的文件开始,含读取、分条与全文索引。
- **LangChain + Chroma**:`RecursiveCharacterTextSplitter`(教程的 1000 字、重叠 200,中文断句符)+ `Chroma`,只有向量检索。
- **LlamaIndex 混合**:默认切分,`VectorStoreIndex` + `BM25Retriever`,由 `QueryFusionRetriever` 按倒数排名融合,不另生成问题。
- **Haystack 混合**:`RecursiveDocumentSplitter`(500 字),`InMemoryBM25Retriever` + `InMemoryEmbeddingRetriever` +
  `DocumentJoiner`(倒数排名融合);教程中的重排模型未用。
- **txtai 混合**:`Segmentation(lines=True)`(一行一段),`Embeddings(hybrid=True, content=True)`。

LlamaIndex、Haystack 的 BM25 默认按空格分词,对中文等于没有,这里用它们自己的参数改为按字切分,Haystack 另按 500 字切段;其余未改。别的系统
都用公开的 multilingual-e5-small(zhengce 的两个模型由它训练而来)和 e5 的前缀,都取前 10 个结果。它们的版本锁定在 `benchmarks/peers/*.txt`,各在自己的虚拟环境与进程中。"""
_JUDGING = """\
文档是同一份:本项目读出的全文,格式由本项目读取,别的系统不因格式吃亏。题目是有答案的题,与 `zhengce eval` 一样以最合适的那一处
(`gold_units` 的第一个)为准。找到的一段与它在同一文档且重叠部分不少于两者中较短者的一半,就算命中:整段含有它的大段算,落在它
里面的小段也算,所以切得越大越容易命中,“首位字数”是排在首位的一段平均有多少字要人去看。追问给别的系统时,前面接上用户的上一问。

真实文件的题以原文段落为准:找到的一段里连续含有该段落的六成以上(不计空白、标点与全半角)就算命中,在哪一份文件里都算,因为同一部法
可以有几个版本。这些题没有用来训练 zhengce 的模型,也没有用来拟合参数,但它们所问的文件大多另有训练题;训练时留出的文件上的数字
见 `make bench-steps`。"""


def write_page(results: Sequence[Result], page: Path, turns: int, questions: int) -> None:
    """Write the tables of ``results`` into ``page`` and the pictures beside it."""
    page.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        "# 与同类系统比较",
        "",
        f"由 `make bench-peers{' CORPUS=real' if results[0].pages.keys() == {'real'} else ''}` 写成:{questions} 道题,{turns} 轮,每轮换一个系统先开始;时间取各轮的中位数。{platform.machine()},"
        f"{len(os.sched_getaffinity(0))} 核。落后之处照实列出。",
        "",
        *_table(("系统", "hit@1", "hit@5", "MRR", "首位字数", "p50(毫秒/题)", "p95"), [_found(one) for one in results]),
        "",
        f"![找得准不准]({_picture(page, 'quality').name})",
        "",
        f"![每题多少毫秒]({_picture(page, 'latency').name})",
        "",
        "## 收录、内存、索引",
        "",
        *_table(("系统", "段/秒", "字/秒", "段数", "内存峰值(MB)", "索引(MB)"), [_cost(one) for one in results]),
        "",
        "“段/秒”的段各家大小不同,“字/秒”可以直接比。内存峰值是该系统进程的常驻内存,含模型。",
    ]
    for title, pick in (("按题型", _tasks), ("按页面", _pages)):
        for name, value in _RATIOS:
            lines += ["", f"## {title}:{name}", "", *_split(results, pick, value)]
    lines += ["", "## 口径", "", _JUDGING, "", "## 各系统的设置", "", _SETUPS, ""]
    page.write_text("\n".join(lines), encoding="utf-8")
    draw(results, page)


_RATIOS: tuple[tuple[str, Callable[[Figures], float]], ...] = (
    ("hit@1", lambda one: one.hit_1),
    ("hit@5", lambda one: one.hit_5),
    ("MRR", lambda one: one.mrr),
)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(head)} |",
        f"| --- |{' ---: |' * (len(head) - 1)}",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def _found(one: Result) -> list[str]:
    ratios = [f"{value(one.overall):.3f}" for _name, value in _RATIOS]
    return [one.peer.title, *ratios, f"{one.first_characters:.0f}", f"{one.p50_ms:.1f}", f"{one.p95_ms:.1f}"]


def _cost(one: Result) -> list[str]:
    return [
        one.peer.title,
        f"{one.chunks_per_second:.1f}",
        f"{one.characters_per_second:,.0f}",
        f"{one.chunks:,}",
        f"{one.peak_mb:,.0f}",
        f"{one.index_mb:.1f}",
    ]


def _tasks(one: Result) -> dict[str, Figures]:
    return {TASKS.get(task, task): figures for task, figures in one.tasks.items()}


def _pages(one: Result) -> dict[str, Figures]:
    return dict(one.pages)


def _split(
    results: Sequence[Result], pick: Callable[[Result], dict[str, Figures]], value: Callable[[Figures], float]
) -> list[str]:
    parts = pick(results[0])
    head = ["系统", *(f"{name}({figures.questions} 题)" for name, figures in parts.items())]
    rows = [[one.peer.title, *(f"{value(pick(one)[name]):.3f}" for name in parts)] for one in results]
    return _table(head, rows)


def _picture(page: Path, name: str) -> Path:
    return page.with_name(f"{page.stem.lower().replace('_', '-')}-{name}.svg")


def draw(results: Sequence[Result], page: Path) -> None:
    """Draw how well each of ``results`` finds, and how long it takes, beside ``page``."""
    quality = [(name, [value(one.overall) for one in results]) for name, value in _RATIOS]
    latency = [("p50", [one.p50_ms for one in results]), ("p95", [one.p95_ms for one in results])]
    titles = [one.peer.title for one in results]
    _bars(titles, quality, "占全部题目", _picture(page, "quality"))
    _bars(titles, latency, "毫秒/题", _picture(page, "latency"))


def _bars(titles: Sequence[str], series: Sequence[tuple[str, Sequence[float]]], unit: str, picture: Path) -> None:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    # a fixed salt and no date: the same figures give the same file; letters as outlines, whichever fonts the reader has
    with rc_context({"font.family": _FONT, "svg.hashsalt": "peers", "svg.fonttype": "path"}):
        figure = Figure(figsize=(7.2, 0.55 * len(titles) + 1.2), layout="constrained")
        axes = figure.add_subplot()
        height = 0.8 / len(series)
        for at, (name, values) in enumerate(series):
            bars = axes.barh([row + at * height for row in range(len(titles))], values, height, label=name)
            axes.bar_label(bars, fmt="%.3g", padding=2, fontsize=7)
        axes.set_yticks([row + height * (len(series) - 1) / 2 for row in range(len(titles))], titles)
        axes.invert_yaxis()
        axes.set_xlabel(unit)
        axes.grid(axis="x", alpha=0.3)
        axes.legend()
        figure.savefig(picture, format="svg", metadata={"Date": None})
