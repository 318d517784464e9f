"""The questions of people, with where their answers stand among the passages.

A question is kept out of all training where its document is one of the left-out ones: ``is_left_out`` decides by a
digest of the file's name, so that every step agrees, and every figure can be given on documents that no model has seen.
"""

import hashlib
import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.answer import Turn
from assistant.context import in_context, turn_before
from training.corpus import INVENTED, REAL, Passage

_LEFT_OUT = 12  # of a hundred documents
_MARKS = re.compile(r"[\s\W_]+")


@dataclass(frozen=True, slots=True)
class Question:
    """A question, read.

    ``gold`` are indices of passages that hold what answers, best first, ``spans`` the characters of each that do;
    ``misses`` are passages that look close and do not answer. ``before`` is the turn that it may lean on.
    """

    id: str
    kind: str
    asks: str
    text: str
    before: str
    file: str
    left_out: bool
    answerable: bool
    gold: tuple[int, ...]
    spans: tuple[tuple[tuple[int, int], ...], ...]
    misses: tuple[int, ...]

    @property
    def whole(self) -> str:
        """The question as the models read it, behind the turn before."""
        return in_context(self.text, self.before)


def is_left_out(file: str) -> bool:
    """Whether no question on ``file`` may be trained on."""
    return int(hashlib.sha256(file.encode()).hexdigest()[:8], 16) % 100 < _LEFT_OUT


def rows(folder: Path = INVENTED / "questions") -> list[dict[str, object]]:
    """Return the questions as they were written: those beside the real documents, where they are, and our own."""
    paths = [path for path in (REAL / "train.jsonl", *sorted(folder.glob("*.jsonl"))) if path.is_file()]
    return [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines() if line]


def files_of(questions: Iterable[Mapping[str, object]]) -> list[str]:
    """Return the documents that ``questions`` are about, sorted."""
    return sorted({str(q[key]) for q in questions for key in ("file", "file2") if q.get(key)})


def place(found: Iterable[Mapping[str, object]], passages: Sequence[Passage]) -> tuple[list[Question], list[str]]:
    """Return the questions with the places of their quotes, and the ids of those whose quotes stand nowhere."""
    index = _Index(passages)
    placed, lost = [], []
    for row in found:
        files = [str(row[key]) for key in ("file", "file2") if row.get(key)]
        gold: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for quote in row["quotes"]:  # type: ignore[attr-defined]
            for at, span in index.find(str(quote), files):
                gold[at].append(span)
        misses = [at for at, _span in index.find(str(row.get("near_miss") or ""), files)]
        units = {(passages[at].file, passages[at].unit) for at in gold}
        answerable = bool(row["answerable"])
        if answerable and not gold and row["kind"] != "overview":
            lost.append(str(row["id"]))
            continue
        placed.append(
            Question(
                id=str(row["id"]),
                kind=str(row["kind"]),
                asks=str(row.get("asks") or ""),
                text=str(row["question"]),
                before=turn_before([Turn.model_validate(turn) for turn in row["history"]]),  # type: ignore[attr-defined]
                file=files[0],
                left_out=any(map(is_left_out, files)),
                answerable=answerable,
                gold=tuple(gold),
                spans=tuple(tuple(spans) for spans in gold.values()),
                misses=tuple(m for m in misses if (passages[m].file, passages[m].unit) not in units),
            )
        )
    return placed, lost


class _Index:
    """Finds a quote among the passages of its files, white space, width and punctuation aside."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._by_file: dict[str, list[tuple[int, str, list[int]]]] = defaultdict(list)
        for at, passage in enumerate(passages):
            if passage.citable:
                self._by_file[passage.file].append((at, *_bare(passage.text)))

    def find(self, quote: str, files: Sequence[str]) -> list[tuple[int, tuple[int, int]]]:
        """Return the passages that hold ``quote`` with the span of it; else those that hold the most of it."""
        wanted = _bare(quote)[0]
        if not wanted:
            return []
        listed = [entry for file in files for entry in self._by_file[file]]
        held = [(at, text.find(wanted), offsets) for at, text, offsets in listed]
        whole = [(at, (offsets[i], offsets[i + len(wanted) - 1] + 1)) for at, i, offsets in held if i >= 0]
        return whole or self._halves(wanted, listed)

    def _halves(self, wanted: str, listed: Sequence[tuple[int, str, list[int]]]) -> list[tuple[int, tuple[int, int]]]:
        """A quote that crosses units counts where most of it stands."""
        for share in (0.75, 0.5):
            size = max(8, int(len(wanted) * share))
            for start in range(0, len(wanted) - size + 1, 2):
                piece = wanted[start : start + size]
                for at, text, offsets in listed:
                    if (i := text.find(piece)) >= 0:
                        return [(at, (offsets[i], offsets[i + size - 1] + 1))]
        return []


def _bare(text: str) -> tuple[str, list[int]]:
    """Return the letters and digits of ``text`` and where each stands."""
    kept, offsets = [], []
    for at, char in enumerate(text):
        for letter in _MARKS.sub("", unicodedata.normalize("NFKC", char)):
            kept.append(letter)
            offsets.append(at)
    return "".join(kept), offsets
