"""The pages that are asked: their documents as the others get them, and where the expected answers stand."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.evaluate import GoldQuestion, load_gold, unit_names
from benchmarks.ask import ROOT
from benchmarks.peers.judging import Wanted
from benchmarks.peers.wire import Span
from ingest.opening import find_files
from ingest.pipeline import ingest_paths
from vectorstore.embedding import Embedder
from vectorstore.errors import ReadError
from vectorstore.store import Store

GOLD = ROOT / "tests" / "gold"
SHARED = ROOT.parent / "shared"
REAL = (
    SHARED / "real"
)  # docs/ and dev.jsonl; nothing was trained or fitted on these questions, though on others about the same documents
SETS: tuple[tuple[Path, tuple[Path, ...]], ...] = (
    (SHARED / "seeds", (SHARED / "gold" / "dev.jsonl", GOLD / "page_dev2.jsonl", GOLD / "page_blind.jsonl")),
    (ROOT / "samples" / "corpus" / "yunzhou_page.txt", (GOLD / "samples.jsonl",)),
    (ROOT / "tests" / "data" / "qinghe_page.txt", (GOLD / "qinghe.jsonl",)),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A page as it is said to a system, and what each of its questions is after, in the same order."""

    page: dict[str, Any]
    wanted: Sequence[Wanted]


def gold_pages(folder: Path, embedder: Embedder, most: int | None = None) -> list[Asked]:
    """Return the pages of the question sets that are there; ``folder`` is for the work.

    Asked are the questions that have an answer, as ``zhengce eval`` counts hits: at most ``most`` of a page.
    """
    asked = []
    for number, (corpus, files) in enumerate(SETS):
        if not corpus.exists():
            continue
        gold = [one for file in files if file.exists() for one in load_gold(file)]
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


def real_page(folder: Path = REAL, most: int | None = None) -> Asked:
    """Return the documents of ``folder`` as one corpus, with those of its questions that have an answer.

    Wanted is any of the passages that the question names. Raises ReadError where there are no such questions.
    """
    try:
        rows = [json.loads(line) for line in (folder / "dev.jsonl").read_text(encoding="utf-8").splitlines() if line]
        quotes = [[str(one["quote"]) for one in row["gold"]] for row in rows]
        gold = [GoldQuestion.model_validate(row) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReadError(f"{folder} 里没有可用的题目 dev.jsonl({error})") from error
    page, _spans = file_page("real", list(find_files([folder / "docs"])))
    answered = [(one, some) for one, some in zip(gold, quotes, strict=True) if one.answerable and some][:most]
    page["questions"] = [question(one) for one, _quotes in answered]
    return Asked(page, [Wanted(one.category, quotes=some) for one, some in answered])


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
        try:
            read = [document for document, _units, _chunks in read_file(file)]
        except ReadError:  # nobody gets it, as ingesting would leave it out
            read = []
        texts |= {document.id: document.text for document in read}
        spans[file] = [(document.id, 0, len(document.text)) for document in read]
    documents = [{"id": key, "text": text} for key, text in texts.items()]
    return {"name": name, "files": [str(file) for file in files], "documents": documents, "questions": []}, spans
