"""The lexical side of search: what counts as a word, and the terms that a corpus teaches.

A text is indexed by the character bigrams of its Chinese runs, which need no dictionary, and by its other words. BM25
over them is ``bm25``; where words have to be told apart, jieba does it.
"""

import re
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from vectorstore.segmenter import jieba
from vectorstore.text import fold

_WORD = re.compile(r"\w")
_CHINESE = re.compile(r"[\u4e00-\u9fff]+")
_OTHER_WORD = re.compile(r"[a-z0-9][a-z0-9.%-]*")
_QUOTED = re.compile(r'"([^"\s,。;:]{2,14})"')
_NAMED = re.compile(
    r"[\u4e00-\u9fffA-Za-z0-9·—-]{2,16}?"
    r"(?:示范区|试验区|保税区|开发区|产业园|科技园|科技城|新城|基地|中心|平台|实验室|工程|行动|专项|基金|机制|走廊|枢纽|联盟|品牌)"
)
_SHORT_FOR = re.compile(r"(?:以下简称|简称|下称)[:\"]?([\u4e00-\u9fffa-z0-9]{2,12})")
_NAMELESS = frozenset("vdrcpumtfqaz")  # first letters of jieba's word classes
_TERM_CHARS = (3, 14)


def harvest_terms(text: str) -> set[str]:
    """Return the policy terms that ``text`` itself sets apart: what it quotes, abbreviates, or names as a platform.

    A named platform counts where it stands twice: once, its left edge is anyone's guess.
    """
    folded = fold(text)
    terms = {match[1] for pattern in (_QUOTED, _SHORT_FOR) for match in pattern.finditer(folded)}
    named = Counter(match[0] for match in _NAMED.finditer(folded))
    terms |= {name for name, times in named.items() if times > 1}
    low, high = _TERM_CHARS
    return {term for term in terms if low <= len(term) <= high and _CHINESE.search(term)}


class Analyzer:
    """Cuts texts into words. The dictionary loads at first use."""

    def __init__(self, terms: Iterable[str] = ()) -> None:
        self._terms = set(terms)

    @cached_property
    def _jieba(self) -> Any:
        tokenizer = jieba().Tokenizer()
        tokenizer.initialize()
        for term in self._terms:
            tokenizer.add_word(term)
        return tokenizer

    @cached_property
    def _word_classes(self) -> dict[str, str]:
        return dict(jieba("jieba.posseg").POSTokenizer(self._jieba).word_tag_tab)

    def word_class(self, word: str) -> str:
        """Return the class of ``word`` in the dictionary (n, v, ns …), x where it is not there."""
        return self._word_classes.get(word, "x")

    def names_something(self, word: str) -> bool:
        """Whether ``word`` may name a thing: all but verbs, adverbs, pronouns and the like, by the dictionary."""
        return self.word_class(word)[0] not in _NAMELESS

    def learn(self, terms: Iterable[str]) -> None:
        """Add ``terms`` to the dictionary."""
        for term in set(terms) - self._terms:
            self._terms.add(term)
            self._jieba.add_word(term)

    def words(self, text: str) -> list[str]:
        """Return the words of ``text`` in order, folded, without punctuation."""
        return [word for word in self._jieba.cut(fold(text)) if _WORD.search(word)]

    def cut(self, text: str) -> list[str]:
        """Return ``text`` cut into words, its punctuation and white space kept: joined, they are the text."""
        found, at = [], 0
        for word in self._jieba.cut(fold(text)):
            found.append(text[at : at + len(word)])
            at += len(word)
        return found


def bigrams(text: str) -> list[str]:
    """Return the character bigrams of the Chinese runs of ``text``."""
    return [run[i : i + 2] for run in _CHINESE.findall(text) for i in range(len(run) - 1)]


def bigram_tokens(text: str) -> list[str]:
    """Return what ``text`` is indexed and ranked by, folded: the bigrams of its Chinese runs and its other words."""
    folded = fold(text)
    return bigrams(folded) + _OTHER_WORD.findall(folded)
