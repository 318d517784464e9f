"""The conversation as HTML: questions, answers with their citations, the welcome, the waiting, the failures."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from assistant.answer import Answer, Citation, Support
from ui.page.templates import render
from ui.state.records import Conversation
from ui.texts import Lang
from vectorstore.records import Filter

MOST_SHOWN = 30  # exchanges; each answer is sent with all of them
MOST_CHARS = 4000  # of a question
LISTED = 5  # sources in sight; the others unfold
NAMED = 3  # citations in a row that are named; of more only the numbers are shown


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of an answer: text, or the citations of the text before it with how well they carry it."""

    text: str = ""
    citations: tuple[Citation, ...] = ()
    unsupported: bool = False
    support: Support | None = None


def render_welcome(
    examples: Sequence[str], empty: bool, lang: Lang, problem: str | None = None, *, admin: bool = False
) -> str:
    """Return what stands before the first question: examples, how to fill an empty store, or what is wrong."""
    return render("welcome.html", lang, examples=examples, empty=empty, problem=problem, admin=admin)


def render_conversation(talk: Conversation, lang: Lang, limits: Callable[[Filter], list[str]]) -> str:
    """Return the latest exchanges of ``talk``; ``limits`` says a filter in words."""
    shown = talk.exchanges[-MOST_SHOWN:]
    return render(
        "conversation.html",
        lang,
        talk=talk,
        exchanges=shown,
        hidden=len(talk.exchanges) - len(shown),
        paragraphs=paragraphs,
        limits=limits,
        listed=LISTED,
        named=NAMED,
        most_chars=MOST_CHARS,
    )


def paragraphs(answer: Answer) -> list[list[Piece]]:
    """Return the lines of ``answer`` cut into text and citations; a marker without a citation stays text."""
    cited = {citation.id: citation for citation in answer.citations}
    unsupported = [sentence for sentence in answer.sentences if sentence.support == "unsupported"]
    pattern = _pattern(cited, {line for one in unsupported for line in one.text.splitlines() if line.strip()})
    supports = _supports(answer)
    cut: list[list[Piece]] = []
    at = 0
    for line in answer.answer.splitlines(keepends=True):
        if line.strip():
            cut.append(list(_pieces(line.splitlines()[0], pattern, cited, supports, at)))
        at += len(line)
    return cut


def _supports(answer: Answer) -> list[tuple[int, Support]]:
    """Return where each sentence of ``answer`` begins in its text, with how well it is supported."""
    found: list[tuple[int, Support]] = []
    after = 0
    for sentence in answer.sentences:
        start = answer.answer.find(sentence.text, after)
        if start >= 0:
            found.append((start, sentence.support))
            after = start + len(sentence.text)
    return found


def _pattern(ids: Mapping[int, Citation], unsupported: set[str]) -> re.Pattern[str]:
    """Return what finds runs of known markers and the longest of ``unsupported``."""
    numbers = "|".join(map(str, ids)) or "(?!)"
    longest_first = sorted(unsupported, key=len, reverse=True)
    return re.compile("|".join((rf"(?P<markers>(?:\[(?:{numbers})\])+)", *map(re.escape, longest_first))))


def _pieces(
    line: str, pattern: re.Pattern[str], cited: Mapping[int, Citation], supports: Sequence[tuple[int, Support]], at: int
) -> Iterator[Piece]:
    """Cut ``line``, which begins at ``at`` in the answer."""
    done = 0
    for match in pattern.finditer(line):
        if match.start() > done:
            yield Piece(line[done : match.start()])
        if match["markers"]:
            numbers = re.findall("[0-9]+", match["markers"])
            support = next((said for start, said in reversed(supports) if start <= at + match.start()), None)
            yield Piece(citations=tuple(cited[int(n)] for n in numbers), support=support)
        else:
            yield Piece(match[0], unsupported=True)
        done = match.end()
    if done < len(line):
        yield Piece(line[done:])
