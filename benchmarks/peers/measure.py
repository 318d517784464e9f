"""Turns of all systems on all pages, and what they come to."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.ask import percentile
from benchmarks.peers.judging import Figures, by_task, figures, rank_of
from benchmarks.peers.pages import Asked
from benchmarks.peers.systems import Peer, run


@dataclass(frozen=True, slots=True)
class Result:
    """What one system came to: ratios over all, by kind of question and by page; medians over the turns."""

    peer: Peer
    overall: Figures
    tasks: Mapping[str, Figures]
    pages: Mapping[str, Figures]
    p50_ms: float
    p95_ms: float
    chunks_per_second: float
    characters_per_second: float
    chunks: int
    peak_mb: float
    index_mb: float
    first_characters: float

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON-ready values."""
        from dataclasses import asdict

        return asdict(self)


def measure(
    peers: Mapping[Peer, Path],
    model: Path,
    asked: Sequence[Asked],
    turns: int,
    told: Callable[[str], None] = lambda _text: None,
) -> list[Result]:
    """Let each of ``peers`` (with its interpreter) answer ``asked`` in each turn; who begins changes from turn to turn."""
    order = list(peers)
    found: dict[Peer, list[dict[str, Any]]] = {peer: [] for peer in peers}
    for turn in range(turns):
        at = turn % len(order)
        for peer in order[at:] + order[:at]:
            told(f"第 {turn + 1}/{turns} 轮:{peer.title}")
            found[peer].append(run(peer, peers[peer], model, [one.page for one in asked]))
    return [result(peer, found[peer], asked) for peer in order]


def result(peer: Peer, turns: Sequence[dict[str, Any]], asked: Sequence[Asked]) -> Result:
    """Return what ``turns`` come to. Ranks are those of the first: nothing is drawn at random."""
    ranks: dict[str, list[int | None]] = {}
    first: list[int] = []
    for page, one in zip(turns[0]["pages"], asked, strict=True):
        answers = [[(d, int(s), int(e)) for d, s, e in answer["ranked"]] for answer in page["answers"]]
        first += [spans[0][2] - spans[0][1] for spans in answers if spans]
        if one.wanted:
            texts = {document["id"]: document["text"] for document in one.page["documents"]}
            ranks[page["name"]] = [rank_of(spans, w, texts) for spans, w in zip(answers, one.wanted, strict=True)]
    every = [rank for page_ranks in ranks.values() for rank in page_ranks]
    times = [[answer["ms"] for page in turn["pages"] for answer in page["answers"]] for turn in turns]
    bulk = [turn["pages"][-1] for turn in turns]
    characters = sum(len(document["text"]) for document in asked[-1].page["documents"])
    return Result(
        peer=peer,
        overall=figures(every),
        tasks=by_task([w for one in asked for w in one.wanted], every),
        pages={name: figures(page_ranks) for name, page_ranks in ranks.items()},
        p50_ms=statistics.median(statistics.median(one) for one in times),
        p95_ms=statistics.median(percentile(one, 0.95) for one in times),
        chunks_per_second=statistics.median(page["chunks"] / page["seconds"] for page in bulk),
        characters_per_second=statistics.median(characters / page["seconds"] for page in bulk),
        chunks=bulk[0]["chunks"],
        peak_mb=statistics.median(turn["peak_mb"] for turn in turns),
        index_mb=statistics.median(page["bytes"] for page in bulk) / 1e6,
        first_characters=statistics.fmean(first) if first else 0.0,
    )
