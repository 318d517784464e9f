"""What everyday words mean in official language, and which words of a question carry no subject.

``official_terms.tsv`` maps everyday variants to the terms of documents; ``scaffolding.txt`` lists the words that only
build a question (请问, 有没有, 是多少 …). Both are general: nothing in them comes from a particular document.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def official_terms() -> Mapping[str, tuple[str, ...]]:
    """Return, per everyday variant, the official terms it stands for."""
    table: dict[str, tuple[str, ...]] = {}
    for line in _lines("official_terms.tsv"):
        variants, _, terms = line.partition("\t")
        for variant in variants.split():
            table[variant] = tuple(dict.fromkeys((*table.get(variant, ()), *terms.split())))
    return table


@cache
def scaffolding() -> frozenset[str]:
    """Return the words that build a question without naming its subject."""
    return frozenset(word for line in _lines("scaffolding.txt") for word in line.split())


@cache
def subjects() -> frozenset[str]:
    """Return the single characters that name a subject by themselves (水, 药)."""
    return frozenset(word for line in _lines("subjects.txt") for word in line.split())


@cache
def places() -> frozenset[str]:
    """Return the names of provinces and large cities."""
    return frozenset(word for line in _lines("places.txt") for word in line.split())


@cache
def _longest_variant() -> int:
    return max(map(len, official_terms()), default=0)


def translate(text: str) -> dict[str, tuple[str, ...]]:
    """Return the everyday words found in ``text``, longest first at each place, with their official terms."""
    table, found, at = official_terms(), dict[str, tuple[str, ...]](), 0
    while at < len(text):
        for size in range(min(_longest_variant(), len(text) - at), 0, -1):
            if terms := table.get(text[at : at + size]):
                found[text[at : at + size]] = terms
                at += size
                break
        else:
            at += 1
    return found


def _lines(name: str) -> list[str]:
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
