"""The subject class of a document, as the catalogues of public government information have them (主题分类).

A class is told from the words of the title, which count most, and of the headings; each word once per line, a longer
one in place of those within it. None where no class is clearly ahead. The words are in ``topics.tsv``: general ones.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files

from vectorstore.records import Document, Unit, UnitType
from vectorstore.text import fold

_TITLE = 3  # times what a heading counts
_ENOUGH = 4.0
_AHEAD = 1.4  # times the second
_MOST_HEADINGS = 200
_NO_SUBJECT = re.compile(r"\S{2,12}?(?:委员会|办公[厅室]|[厅局部委])(?=关于)")  # who speaks is not what is spoken of


@cache
def topics() -> tuple[str, ...]:
    """Return the names of the classes."""
    return tuple(dict.fromkeys(topic for weights in _lexicon().values() for topic in weights))


def read_topic(title: str, headings: Iterable[str]) -> str | None:
    """Return the class that title and headings tell, None where they tell none or two alike."""
    scores: dict[str, float] = dict.fromkeys(topics(), 0.0)
    for word in _words(_NO_SUBJECT.sub("", fold(title), count=1)):
        for topic, weight in _lexicon()[word].items():
            scores[topic] += weight * _TITLE
    lines = list(headings)[:_MOST_HEADINGS]
    for line in lines:
        for word in _words(fold(line)):
            for topic, weight in _lexicon()[word].items():
                scores[topic] += weight * min(1.0, 8 / len(lines))  # many headings together weigh as eight do
    first, second = sorted(scores, key=scores.__getitem__, reverse=True)[:2]
    return first if scores[first] >= max(_ENOUGH, _AHEAD * scores[second]) else None


def with_topic(document: Document, units: Sequence[Unit]) -> Document:
    """Return ``document`` with the topic that its title and the headings among its ``units`` tell."""
    headings = dict.fromkeys(heading for unit in units for heading in unit.heading_path)
    headings |= dict.fromkeys(unit.text.strip() for unit in units if unit.type is UnitType.HEADING)
    return replace(document, topic=read_topic(document.title, headings))


def _words(line: str) -> set[str]:
    return set(_pattern().findall(line))


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, _lexicon()), key=len, reverse=True)))


@cache
def _lexicon() -> Mapping[str, Mapping[str, float]]:
    """Return, per word, its weight for each class."""
    table: dict[str, dict[str, float]] = {}
    for line in files(__package__).joinpath("topics.tsv").read_text(encoding="utf-8").splitlines():
        topic, _, words = line.partition("\t")
        if line.startswith("#"):
            continue
        for word, _, weight in (entry.partition(":") for entry in words.split()):
            table.setdefault(fold(word), {})[topic] = float(weight or 1)
    return table
