"""Which sentences of tasks and of reports may speak of one thing: the nearest by their vectors.

Some sentences are near to everything (各项工作取得成效), and all that is said of one place or sector is somewhat alike. So a
cosine counts by how far it stands above what its sentences have on average, with all of the other side and with the
other document alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import pairwise

import numpy as np

from assistant.desk.sentences import Sentences, sentence
from vectorstore.dense import Matrix
from vectorstore.records import Address, Span, Unit, UnitType

_ROWS = 256  # sentences of tasks compared at once
_NEAREST = 12  # sentences of reports for each sentence of a task
_PER_TASK = 12  # pairs that are looked at closely, those with
_LEAST = 0.012  # lift
_FEW = 8  # sentences on the other side from which on an average tells half as much as it could
_SHORTEST = 10  # characters of a sentence that says something
_TITLED = (UnitType.TASK, UnitType.ITEM, UnitType.MEASURE)


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of a unit."""

    unit: Unit
    span: Span

    @property
    def address(self) -> Address:
        """Where its unit is."""
        return self.unit.document_id, self.unit.ordinal

    @property
    def text(self) -> str:
        """The sentence as it stands."""
        return sentence(self.unit, self.span)


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence of a task and one of a report; ``lift`` is how far their cosine stands above the average."""

    policy: Said
    news: Said
    lift: float


@dataclass(frozen=True, slots=True)
class _Side:
    said: list[Said]
    vectors: Matrix

    @property
    def documents(self) -> list[slice]:
        """The rows of each document, in order."""
        ids = [said.unit.document_id for said in self.said]
        starts = [at for at, one in enumerate(ids) if at == 0 or one != ids[at - 1]]
        return [slice(start, stop) for start, stop in pairwise([*starts, len(ids)])]


def pairs(tasks: Sequence[Unit], paragraphs: Sequence[Unit], sentences: Sentences) -> list[Pair]:
    """Return the pairs of sentences that may speak of one thing, a bounded number for each of ``tasks``.

    Units of one document stand together.
    """
    tasked, reported = list(_said(tasks)), list(_said(paragraphs))
    if not tasked or not reported:
        return []
    policy, news = _side(tasked, sentences), _side(reported, sentences)
    found: dict[Address, list[Pair]] = {}
    for row, column, lift in _near(policy, news, sentences.scale.factor):
        pair = Pair(policy.said[row], news.said[column], lift)
        found.setdefault(pair.policy.address, []).append(pair)
    return [pair for of_task in found.values() for pair in nlargest(_PER_TASK, of_task, key=lambda pair: pair.lift)]


def _said(units: Sequence[Unit]) -> Iterator[Said]:
    """Yield the sentences of ``units`` that say something."""
    for unit in units:
        for part, span in enumerate(unit.sentences):
            if span.end - span.start >= _SHORTEST and not _only_names(unit, part):
                yield Said(unit, span)


def _side(said: list[Said], sentences: Sentences) -> _Side:
    return _Side(said, sentences.vectors([one.text for one in said]))


def _only_names(unit: Unit, part: int) -> bool:
    """Whether the sentence is the title of a task that goes on after it."""
    return part == 0 and len(unit.sentences) > 1 and unit.type in _TITLED


def _near(policy: _Side, news: _Side, factor: float) -> Iterator[tuple[int, int, float]]:
    """Yield the nearest sentences of ``news`` for each of ``policy``, with their lift: above both averages, the lower."""
    k = min(_NEAREST, len(news.said))
    above_all = _Above(policy.vectors, news.vectors, [slice(0, len(news.said))])
    for document in policy.documents:
        above_each = _Above(policy.vectors[document], news.vectors, news.documents)
        for start in range(document.start, document.stop, _ROWS):
            rows = slice(start, min(start + _ROWS, document.stop))
            cosines = policy.vectors[rows] @ news.vectors.T
            inside = slice(start - document.start, rows.stop - document.start)
            lifts = factor * (cosines - np.maximum(above_all.expected(rows), above_each.expected(inside)))
            best = np.argpartition(-lifts, k - 1, axis=1)[:, :k]
            for row, chosen in enumerate(best):
                near = chosen[lifts[row, chosen] >= _LEAST]
                yield from ((start + row, int(column), float(lifts[row, column])) for column in near)


class _Above:
    """What cosines of ``policy`` with ``news`` are to be expected: the average of both sentences, document by document."""

    def __init__(self, policy: Matrix, news: Matrix, documents: Sequence[slice]) -> None:
        means = np.stack([news[document].mean(axis=0) for document in documents])
        sizes = np.array([document.stop - document.start for document in documents], dtype=np.float32)
        middle = means @ policy.mean(axis=0)
        # an average over a few sentences counts less: one good pair among three must not hide itself
        self._rows = (policy @ means.T - middle) * (sizes / (sizes + _FEW))
        self._of = np.repeat(np.arange(len(documents)), sizes.astype(int))
        self._columns = (news @ policy.mean(axis=0) - middle[self._of]) * np.float32(len(policy) / (len(policy) + _FEW))
        self._columns += middle[self._of]

    def expected(self, rows: slice) -> Matrix:
        """Return the cosine to expect for ``rows`` of policy with every row of news."""
        expected: Matrix = self._rows[rows][:, self._of] + self._columns[None, :]
        return expected
