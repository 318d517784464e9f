"""What industries and needs are called: by the enterprises that have them, and by policies. General knowledge."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from vectorstore.text import fold

EVERY_NEED = ("资金", "金融", "人才", "教育", "医疗", "住房", "审批")  # looked for where none is named


@dataclass(frozen=True, slots=True)
class Industry:
    """A line of industries.tsv. ``said`` are words of enterprises, ``official`` those of policies, all folded.

    ``fields`` are what policies call the wider field; ``serves`` tells that all other industries are served by it, so
    that where it is named, others may be meant; ``wide`` that any of its field may be.
    """

    said: tuple[str, ...]
    official: tuple[str, ...]
    fields: tuple[str, ...]
    serves: bool
    wide: bool


@dataclass(frozen=True, slots=True)
class Need:
    """A line of needs.tsv. ``grants`` are words of sources that are about it, ``hints`` such as may be."""

    name: str
    said: tuple[str, ...]
    grants: tuple[str, ...]
    hints: tuple[str, ...]


@cache
def industries() -> tuple[Industry, ...]:
    """Return all industries."""
    return tuple(
        Industry(_words(said), _words(official), _words(fields), kind == "serves", kind == "wide")
        for said, official, fields, kind in _rows("industries.tsv")
    )


@cache
def needs() -> dict[str, Need]:
    """Return all needs by their names."""
    return {
        name: Need(name, _words(said), _words(grants), _words(hints))
        for name, said, grants, hints in _rows("needs.tsv")
    }


@cache
def industry_of() -> dict[str, tuple[Industry, ...]]:
    """Return, per word of an enterprise, the industries that it names."""
    found: dict[str, list[Industry]] = {}
    for industry in industries():
        for word in industry.said:
            found.setdefault(word, []).append(industry)
    return {word: tuple(named) for word, named in found.items()}


@cache
def need_of() -> dict[str, str]:
    """Return, per word of an enterprise, the need that it names; the first line that has it counts."""
    found: dict[str, str] = {}
    for need in needs().values():
        for word in need.said:
            found.setdefault(word, need.name)
    return found


def any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Return the pattern of the longest of ``words`` at each place."""
    listed = sorted(set(words), key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, listed)) or r"(?!)")


@cache
def sector_words() -> re.Pattern[str]:
    """Return the pattern of the words by which an enterprise names its industry."""
    return any_of(industry_of())


@cache
def need_words() -> re.Pattern[str]:
    """Return the pattern of the words by which an enterprise names a need."""
    return any_of(need_of())


@cache
def industry_names() -> tuple[tuple[Industry, re.Pattern[str]], ...]:
    """Return the industries that stand for themselves in policies, each with the pattern of its names."""
    return tuple((one, any_of((*one.said, *one.official))) for one in industries() if not one.serves)


def _words(cell: str) -> tuple[str, ...]:
    return tuple(fold(word) for word in cell.split())


def _rows(name: str) -> Iterator[list[str]]:
    text = files("assistant.lexicon").joinpath(name).read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            yield (line.split("\t") + [""] * 3)[:4]
