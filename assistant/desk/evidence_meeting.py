"""On what a sentence of a task and one of a report meet, and how much that tells."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import exp

from assistant.desk.evidence_pairs import Pair
from assistant.figures import Figure, figures
from vectorstore.records import Document, Unit
from vectorstore.regions import NATIONAL
from vectorstore.sources import Sources
from vectorstore.text import fold

_INTERCEPT, _LIFT, _WORDS = -4.4, 75.0, 2.1  # set by hand on the labelled pairs of three pages
_TELLING = 0.36  # rarity from which on a word tells something; that of a word that never occurs is 1
_TELLING_WITHIN = 0.25  # the same among the tasks of one policy
_FEW_TASKS = 8  # tasks of a policy from which on shares of them tell something
_MOST_TOLD = 2.4  # by all shared words together
_LONG, _LONGER = 4, 0.3  # characters that are a phrase, and what it tells beyond its words
_NAME, _WHERE, _DONE = 1.4, 0.5, 0.6  # what names, places, and verbs and the like count beside the names of things
_COUNTING = frozenset("mqtrdcpu")  # first letters of the word classes that count, date or join
_ON_ONE_WORD = 0.8  # a meeting on one short word may be of two things that bear the name, or that lie in one place
_FIGURE = 0.8  # what the same figure tells
_SHOWN = 6
_NEVER = "\ue000"  # a character without a meaning: no text has it
_ELSEWHERE, _SOMEWHERE = 0.5, 0.85  # what a report of another place, and of no place that it names, bears
_NUMERIC = re.compile(r"[\d.,%]+|[一二三四五六七八九十百千万亿]+")
_NAME_CLASSES = ("nr", "nt", "nz")
_JOINING = frozenset("的和与及在是了等为对由以从")
_EXTENDED = 4  # characters that a dictionary may have cut off a name, on each side
_PLACE = re.compile(r"[省市区县镇]$")


@dataclass(frozen=True, slots=True)
class Meeting:
    """``strength`` is 0–1; ``shared`` are the telling words and figures of both, as the task has them, the best first."""

    pair: Pair
    strength: float
    shared: tuple[str, ...]


class Weigher:
    """Weighs pairs; what it once read of a sentence, a word and a document it keeps."""

    def __init__(self, sources: Sources, regions: frozenset[str], tasks: Iterable[Unit]) -> None:
        """``regions`` are those that policies speak for, ``tasks`` their units."""
        self._sources = sources
        self._tasks: dict[str, list[str]] = {}
        for task in tasks:
            self._tasks.setdefault(task.document_id, []).append(fold(task.text))
        self._regions = {bare for region in regions if (bare := _bare(region))}
        self._words: dict[str, frozenset[str]] = {}
        self._weights: dict[str, float] = {}
        self._local: dict[tuple[str, str], float] = {}
        self._figures: dict[str, list[Figure]] = {}
        self._bears: dict[tuple[str, str], float] = {}
        self._named: dict[str, frozenset[str]] = {}

    @cached_property
    def _taught(self) -> frozenset[str]:
        return frozenset(self._sources.terms())

    @cached_property
    def _rarest(self) -> float:
        return self._sources.rarity(_NEVER)[0]

    def weigh(self, pair: Pair) -> Meeting:
        """Return on what the sentences of ``pair`` meet."""
        reported = fold(pair.news.text)
        common = (word for word in self._cut(pair.policy.text) if word in reported)
        told = {word: weight for word in common if (weight := self._told(word, pair))}
        told |= {figure.text: _FIGURE for figure in self._same_figures(pair)}
        shared = _whole_words(sorted(told, key=lambda word: (-told[word], word)), pair)
        words = sum(told.values()) + _LONGER * sum(len(run) >= _LONG for run in shared)
        z = _INTERCEPT + _LIFT * pair.lift + _WORDS * min(_MOST_TOLD, words)
        bearing = self._bearing(pair.policy.unit.document_id, pair.news.unit.document_id)
        if not (len(shared) > 1 or any(len(run) >= _LONG for run in shared)):
            bearing *= _ON_ONE_WORD
        return Meeting(pair, bearing / (1.0 + exp(-z)), tuple(shared[:_SHOWN]))

    def _cut(self, text: str) -> frozenset[str]:
        if text not in self._words:
            words = self._sources.analyzer.words(text)
            self._words[text] = frozenset(word for word in words if len(word) > 1 and not _NUMERIC.fullmatch(word))
        return self._words[text]

    def _told(self, word: str, pair: Pair) -> float:
        """Return what a shared word tells: that of its kind, by how rare it is in all sources and in this policy."""
        local = self._rarity_within(word, pair.policy.unit.document_id)
        return min(local, 1.0) * self._weight(word) if local >= _TELLING_WITHIN else 0.0

    def _rarity_within(self, word: str, document_id: str) -> float:
        key = word, document_id
        if key not in self._local:
            texts = self._tasks[document_id]
            held = sum(word in text for text in texts)
            # half of the tasks and more hold it: 0; one of ten and fewer: 1
            self._local[key] = (0.5 - held / max(len(texts), _FEW_TASKS)) / 0.4
        return self._local[key]

    def _weight(self, word: str) -> float:
        if word not in self._weights:
            rarity = self._sources.rarity(word)[0] / self._rarest
            self._weights[word] = rarity * self._tells(word) if rarity >= _TELLING else 0.0
        return self._weights[word]

    def _tells(self, word: str) -> float:
        """Return how much a word of its kind tells of a subject. What is said in a place names the place."""
        kind = self._sources.analyzer.word_class(word)
        if _bare(word) in self._regions or kind[0] in _COUNTING:
            return 0.0
        if kind == "ns" or _PLACE.search(word):
            return _WHERE
        if word in self._taught or kind.startswith(_NAME_CLASSES):
            return _NAME
        return 1.0 if self._sources.analyzer.names_something(word) else _DONE

    def _same_figures(self, pair: Pair) -> list[Figure]:
        mine, theirs = self._read(pair.policy.text), self._read(pair.news.text)
        return [figure for figure in mine if any(figure.same(other) for other in theirs)]

    def _read(self, text: str) -> list[Figure]:
        """Return the figures of ``text`` that are of something: no dates, and nothing as common as 2次."""
        if text not in self._figures:
            self._figures[text] = [f for f in figures(text) if f.unit and f.dimension != "date" and abs(f.value) > 10]
        return self._figures[text]

    def _bearing(self, policy_id: str, news_id: str) -> float:
        key = policy_id, news_id
        if key not in self._bears:
            self._bears[key] = self._near_by(self._sources.document(policy_id), self._sources.document(news_id))
        return self._bears[key]

    def _near_by(self, policy: Document, news: Document) -> float:
        """A report bears on the policies of its own place: where it is printed beside them, or that it names."""
        place = _bare(policy.region)
        if (
            not place
            or policy.source.partition("!/")[0] == news.source.partition("!/")[0]
            or place == _bare(news.region)
        ):
            return 1.0
        if news.id not in self._named:
            text = fold(news.text)
            self._named[news.id] = frozenset(region for region in self._regions if region in text)
        if place in self._named[news.id]:
            return 1.0
        return _ELSEWHERE if self._named[news.id] or news.region else _SOMEWHERE


def _whole_words(words: Iterable[str], pair: Pair) -> list[str]:
    """Return ``words`` as far as both texts go on alike: a dictionary cuts names that it does not know."""
    mine, theirs = fold(pair.policy.text), fold(pair.news.text)
    runs = [_run(fold(word), mine, theirs) for word in words]
    return [run for run in dict.fromkeys(runs) if not any(run != other and run in other for other in runs)]


def _run(word: str, mine: str, theirs: str) -> str:
    here, there = mine.find(word), theirs.find(word)
    before = after = 0
    while before < _EXTENDED and _alike(mine, here - before - 1, theirs, there - before - 1):
        before += 1
    here_end, there_end = here + len(word), there + len(word)
    while after < _EXTENDED and _alike(mine, here_end + after, theirs, there_end + after):
        after += 1
    return mine[here - before : here_end + after]


def _alike(mine: str, here: int, theirs: str, there: int) -> bool:
    inside = 0 <= here < len(mine) and 0 <= there < len(theirs)
    return inside and mine[here] == theirs[there] and "\u4e00" <= mine[here] <= "\u9fff" and mine[here] not in _JOINING


def _bare(region: str | None) -> str:
    """Return the folded name of a place without what kind of place it is; "" for none and for the whole state."""
    if not region or region == NATIONAL:
        return ""
    return fold(_PLACE.sub("", region) if len(region) > 2 else region)
