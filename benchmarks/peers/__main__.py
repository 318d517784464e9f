"""Other systems beside ours, on the same documents, model and questions, in one run.

python -m benchmarks.peers [--corpus pages|real] [--turns N] [--questions N] [--documents N] [--systems NAME ...] [--write FILE] [--json FILE]

``pages`` are the small question sets, a page each; ``real`` is the folder of real documents beside the project as one
corpus, with its questions. Each has a page of its own to write.
"""

import argparse
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.ask import ROOT
from benchmarks.peers.measure import measure
from benchmarks.peers.pages import Asked, bulk_page, gold_pages, real_page
from benchmarks.peers.report import write_page
from benchmarks.peers.systems import ENVIRONMENTS, PEERS, PeerError, install
from vectorstore.embedding import open_embedder
from vectorstore.errors import ReadError

MODEL = ROOT / "models" / "multilingual-e5-small"
PAGES = {"pages": ROOT / "docs" / "PEERS.md", "real": ROOT / "docs" / "PEERS_REAL.md"}


def tell(text: str) -> None:
    """Say how far it is."""
    print(text, file=sys.stderr, flush=True)


def pages_of(corpus: str, folder: Path, model: Path, args: argparse.Namespace) -> list[Asked]:
    """Return what is asked; how fast it is indexed is told by the last page."""
    if corpus == "real":
        return [real_page(most=args.questions)]
    pages = gold_pages(folder / "gold", open_embedder(str(model)), args.questions)
    return [*pages, bulk_page(folder / "bulk", args.documents)]


def main() -> None:
    """Install what is missing, measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", choices=[*PAGES], default="pages")
    parser.add_argument("--turns", type=int, help="3, of the real documents 1, where it is not said")
    parser.add_argument("--questions", type=int, help="of each page; all where it is not said")
    parser.add_argument("--documents", type=int, default=40, help="made-up policies whose indexing is timed")
    parser.add_argument("--systems", nargs="+", choices=[peer.name for peer in PEERS])
    parser.add_argument("--environments", type=Path, default=ENVIRONMENTS)
    parser.add_argument("--model", type=Path, default=MODEL, help="of the other systems")
    parser.add_argument("--write", type=Path)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    page, turns = args.write or PAGES[args.corpus], args.turns or (1 if args.corpus == "real" else 3)
    chosen = [peer for peer in PEERS if not args.systems or peer.name in args.systems]
    try:
        ready = {}
        for peer in chosen:
            tell(f"准备 {peer.title} 的环境……")
            ready[peer] = install(peer, args.environments)
        with TemporaryDirectory() as folder:
            asked = pages_of(args.corpus, Path(folder), args.model, args)
            results = measure(ready, args.model, asked, turns, tell)
    except (PeerError, ReadError) as error:
        sys.exit(str(error))
    write_page(results, page, turns, sum(len(one.wanted) for one in asked))
    if args.json:
        args.json.write_text(json.dumps([one.to_dict() for one in results], ensure_ascii=False, indent=2), "utf-8")
    tell(f"已写入 {page}")


if __name__ == "__main__":
    main()
