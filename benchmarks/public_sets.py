"""Public question sets from a local copy: which paragraph of the set holds the answer.

    python -m benchmarks.public_sets --cmrc FILE [--most N] [--systems NAME ...] [--environments FOLDER]

``FILE`` is the development set of CMRC 2018, in its first form (``context_text``, ``query_text``) or in the one of
SQuAD (``data``, ``paragraphs``, ``qas``). Nothing is downloaded. Without ``--systems``, zhengce is measured with its
ranker and without.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from assistant.evaluate import GoldQuestion
from benchmarks.ask import ROOT
from benchmarks.peers.judging import Wanted
from benchmarks.peers.measure import measure
from benchmarks.peers.pages import Asked, file_page, question
from benchmarks.peers.systems import ENVIRONMENTS, PEERS, PeerError, install
from vectorstore.errors import ReadError

Paragraph = tuple[str, list[str]]  # its text, the questions on it


def read_cmrc(path: Path) -> list[Paragraph]:
    """Return the paragraphs of ``path`` with their questions. Raises ReadError where it is no such file."""
    try:
        return list(_paragraphs(json.loads(path.read_text(encoding="utf-8"))))
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ReadError(f"{path} 不是 CMRC 2018 的题集({error});请给出它的 JSON 文件") from error


def _paragraphs(read: Any) -> Iterator[Paragraph]:
    if isinstance(read, list):
        for one in read:
            yield one["context_text"], [asked["query_text"] for asked in one["qas"]]
        return
    for article in read["data"]:
        for one in article["paragraphs"]:
            yield one["context"], [asked["question"] for asked in one["qas"]]


def paragraph_page(paragraphs: list[Paragraph], folder: Path) -> Asked:
    """Write each paragraph as a file into ``folder``; asked for is whatever stands in the question's own file."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{number:06}.txt" for number in range(len(paragraphs))]
    for file, (text, _questions) in zip(files, paragraphs, strict=True):
        file.write_text(text, encoding="utf-8")
    page, spans = file_page("cmrc", files)
    wanted = []
    for file, (_text, questions) in zip(files, paragraphs, strict=True):
        for asked in questions:
            gold = GoldQuestion(id=file.stem, category="public", question=asked, answerable=True)
            page["questions"].append(question(gold))
            wanted.append(Wanted("public", spans[file]))
    return Asked(page, wanted)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cmrc", type=Path, required=True)
    parser.add_argument("--most", type=int, help="paragraphs; all where it is not said")
    parser.add_argument(
        "--systems", nargs="+", default=["ours", "ours-unranked"], choices=[peer.name for peer in PEERS]
    )
    parser.add_argument("--environments", type=Path, default=ENVIRONMENTS)
    parser.add_argument(
        "--model", type=Path, default=ROOT / "models" / "multilingual-e5-small", help="of the other systems"
    )
    args = parser.parse_args()
    try:
        ready = {peer: install(peer, args.environments) for peer in PEERS if peer.name in args.systems}
        with TemporaryDirectory() as folder:
            asked = paragraph_page(read_cmrc(args.cmrc)[: args.most], Path(folder))
            results = measure(ready, args.model, [asked], 1)
    except (PeerError, ReadError) as error:
        sys.exit(str(error))
    table = Table("system", "questions", "hit@1", "hit@5", "MRR", "p50 ms")
    for one in results:
        ratios = [f"{value:.3f}" for value in (one.overall.hit_1, one.overall.hit_5, one.overall.mrr)]
        table.add_row(one.peer.title, str(one.overall.questions), *ratios, f"{one.p50_ms:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
