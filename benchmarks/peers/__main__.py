"""Other systems beside ours, on the same documents, model and questions, in one run.

python -m benchmarks.peers [--turns N] [--questions N] [--documents N] [--systems NAME ...] [--write FILE] [--json FILE]
"""

import argparse
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.peers.measure import measure
from benchmarks.peers.pages import bulk_page, gold_pages
from benchmarks.peers.report import write_page
from benchmarks.peers.systems import ENVIRONMENTS, PEERS, PeerError, install
from benchmarks.question_sets import ROOT
from vectorstore.embedding import open_embedder

MODEL = ROOT / "models" / "multilingual-e5-small"


def tell(text: str) -> None:
    """Say how far it is."""
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Install what is missing, measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--questions", type=int, help="of each page; all where it is not said")
    parser.add_argument("--documents", type=int, default=40, help="made-up policies whose indexing is timed")
    parser.add_argument("--systems", nargs="+", choices=[peer.name for peer in PEERS])
    parser.add_argument("--environments", type=Path, default=ENVIRONMENTS)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--write", type=Path, default=ROOT / "docs" / "PEERS.md")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    chosen = [peer for peer in PEERS if not args.systems or peer.name in args.systems]
    try:
        ready = {}
        for peer in chosen:
            tell(f"准备 {peer.title} 的环境……")
            ready[peer] = install(peer, args.environments)
        with TemporaryDirectory() as folder:
            pages = gold_pages(Path(folder) / "gold", open_embedder(str(args.model)), args.questions)
            pages.append(bulk_page(Path(folder) / "bulk", args.documents))
            results = measure(ready, args.model, pages, args.turns, tell)
    except PeerError as error:
        sys.exit(str(error))
    write_page(results, args.write, args.turns, sum(len(one.wanted) for one in pages))
    if args.json:
        args.json.write_text(json.dumps([one.to_dict() for one in results], ensure_ascii=False, indent=2), "utf-8")
    tell(f"已写入 {args.write}")


if __name__ == "__main__":
    main()
