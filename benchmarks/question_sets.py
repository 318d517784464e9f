"""The question sets that constants are fitted on: several pages, each with questions of its own.

``page_blind.jsonl`` is never among them: it is what the result is checked with.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from assistant.followup import resolve_followup

from assistant.evaluate import GoldQuestion, load_gold, unit_names
from assistant.references import spoken_of
from assistant.understand import Query, understand
from ingest.pipeline import ingest_paths
from vectorstore.embedding import Embedder
from vectorstore.records import Address
from vectorstore.store import Store

ROOT = Path(__file__).resolve().parent.parent
GOLD = ROOT / "tests" / "gold"
SHARED = ROOT.parent / "shared"
SETS: tuple[tuple[Path, tuple[Path, ...]], ...] = (
    (SHARED / "seeds", (SHARED / "gold" / "dev.jsonl", GOLD / "page_dev2.jsonl")),
    (ROOT / "samples" / "corpus" / "yunzhou_page.txt", (GOLD / "samples.jsonl",)),
    (ROOT / "tests" / "data" / "qinghe_page.txt", (GOLD / "qinghe.jsonl",)),
)


@dataclass(frozen=True, slots=True)
class Page:
    """A store that holds one page, the questions on it, and the gold names of its units."""

    name: str
    store: Store
    gold: Sequence[GoldQuestion]
    names: dict[Address, str]

    def query(self, question: GoldQuestion) -> Query:
        """Read ``question`` as the assistant does."""
        followup = resolve_followup(question.question, question.history, self.store.analyzer)
        query = understand(followup.question, self.store.analyzer)
        return replace(query, leans_on=spoken_of(followup.leans_on, self.store))


@contextmanager
def open_pages(embedder: Embedder) -> Iterator[list[Page]]:
    """Open a store for each page that is there."""
    with ExitStack() as stack:
        pages = []
        for corpus, files in SETS:
            if not corpus.exists():
                continue
            folder = stack.enter_context(TemporaryDirectory())
            store = stack.enter_context(Store.open(Path(folder), embedder))
            ingest_paths([corpus], store)
            by_locator = unit_names(store)
            names = {
                (unit.document_id, unit.ordinal): by_locator[unit.document_id, unit.locator]
                for unit in store.units()
                if unit.type.citable
            }
            gold = [question for file in files if file.exists() for question in load_gold(file)]
            pages.append(Page(corpus.stem, store, gold, names))
        yield pages
