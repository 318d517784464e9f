"""The pages that are asked: their documents as the others get them, and where the expected answers stand."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.evaluate import GoldQuestion, load_gold, unit_names
from benchmarks.peers.judging import Wanted
from benchmarks.peers.wire import Span
from benchmarks.question_sets import GOLD, SETS
from ingest.opening import find_files
from ingest.pipeline import ingest_paths
from vectorstore.embedding import Embedder
from vectorstore.store import Store

BLIND = GOLD / "page_blind.jsonl"  # no constant is fitted on it


@dataclass(frozen=True, slots=True)
class Asked:
    """A page as it is said to a system, and what each of its questions is after, in the same order."""

    page: dict[str, Any]
    wanted: Sequence[Wanted]


def gold_pages(folder: Path, embedder: Embedder, most: int | None = None) -> list[Asked]:
    """Return the pages of the question sets that are there, the blind set too; ``folder`` is for the work.

    Asked are the questions that have an answer, as ``zhengce eval`` counts hits: at most ``most`` of a page.
    """
    asked = []
    for number, (corpus, files) in enumerate(SETS):
        if not corpus.exists():
            continue
        sets = [*files, BLIND] if corpus.name == "seeds" else [*files]
        gold = [one for file in sets if file.exists() for one in load_gold(file)]
        asked.append(gold_page(corpus, gold[:most] if most else gold, folder / str(number), embedder))
    return asked


def gold_page(corpus: Path, gold: Sequence[GoldQuestion], folder: Path, embedder: Embedder) -> Asked:
    """Return ``corpus`` with those questions of ``gold`` that have an answer; the best of its units is wanted."""
    with Store.open(folder, embedder) as store:
        ingest_paths([corpus], store)
        names = unit_names(store)
        spans: dict[str, list[Span]] = defaultdict(list)
        for unit in store.units():
            if unit.type.citable:
                spans[names[unit.document_id, unit.locator]].append((unit.document_id, unit.start, unit.end))
        documents = [{"id": one.id, "text": one.text} for one in store.documents()]
    answered = [one for one in gold if one.answerable and one.gold_units]
    page = {
        "name": corpus.stem,
        "files": [str(path) for path in find_files([corpus])],
        "documents": documents,
        "questions": [question(one) for one in answered],
    }
    return Asked(page, [Wanted(one.category, spans[one.gold_units[0]]) for one in answered])


def question(gold: GoldQuestion) -> dict[str, Any]:
    """Return ``gold`` as it is asked. Who resolves no follow-ups is asked with the user's last question before it."""
    before = [turn.content for turn in gold.history if turn.role == "user"][-1:]
    return {
        "asked": "\n".join([*before, gold.question]),
        "question": gold.question,
        "history": [turn.model_dump() for turn in gold.history],
    }


def bulk_page(folder: Path, documents: int) -> Asked:
    """Return so many made-up policies, to be indexed only."""
    from benchmarks.corpus import write_policies

    return Asked(file_page("bulk", sorted(write_policies(folder, documents).rglob("*.txt")))[0], ())


def file_page(name: str, files: Sequence[Path]) -> tuple[dict[str, Any], dict[Path, list[Span]]]:
    """Return a page of ``files`` without questions, and the documents that each of them holds, as whole spans."""
    from ingest.pipeline import read_file

    texts: dict[str, str] = {}
    spans: dict[Path, list[Span]] = {}
    for file in files:
        read = [document for document, _units, _chunks in read_file(file)]
        texts |= {document.id: document.text for document in read}
        spans[file] = [(document.id, 0, len(document.text)) for document in read]
    documents = [{"id": key, "text": text} for key, text in texts.items()]
    return {"name": name, "files": [str(file) for file in files], "documents": documents, "questions": []}, spans
