"""The conversation as HTML: questions, answers with their citations, the welcome, the waiting, the failures."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from assistant.answer import Answer, Citation
from ui.page_conversation import Conversation
from ui.page_templates import render
from ui.texts import Lang

MOST_SHOWN = 30  # exchanges; each answer is sent with all of them
MOST_CHARS = 4000  # of a question
LISTED = 5  # sources in sight; the others unfold
NAMED = 3  # citations in a row that are named; of more only the numbers are shown


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of an answer: text, or the citations of the text before it."""

    text: str = ""
    citations: tuple[Citation, ...] = ()
    unsupported: bool = False


def render_welcome(examples: Sequence[str], empty: bool, lang: Lang, problem: str | None = None) -> str:
    """Return what stands before the first question: examples, how to fill an empty store, or what is wrong."""
    return render("welcome.html", lang, examples=examples, empty=empty, problem=problem)


def render_conversation(conversation: Conversation, lang: Lang) -> str:
    """Return the latest exchanges of ``conversation``."""
    shown = conversation.exchanges[-MOST_SHOWN:]
    return render(
        "conversation.html",
        lang,
        exchanges=shown,
        hidden=len(conversation.exchanges) - len(shown),
        paragraphs=paragraphs,
        listed=LISTED,
        named=NAMED,
        most_chars=MOST_CHARS,
    )


def paragraphs(answer: Answer) -> list[list[Piece]]:
    """Return the lines of ``answer`` cut into text and citations; a marker without a citation stays text."""
    cited = {citation.id: citation for citation in answer.citations}
    unsupported = [sentence for sentence in answer.sentences if sentence.support == "unsupported"]
    pattern = _pattern(cited, {line for one in unsupported for line in one.text.splitlines() if line.strip()})
    return [list(_pieces(line, pattern, cited)) for line in answer.answer.splitlines() if line.strip()]


def _pattern(ids: Mapping[int, Citation], unsupported: set[str]) -> re.Pattern[str]:
    """Return what finds runs of known markers and the longest of ``unsupported``."""
    numbers = "|".join(map(str, ids)) or "(?!)"
    longest_first = sorted(unsupported, key=len, reverse=True)
    return re.compile("|".join((rf"(?P<markers>(?:\[(?:{numbers})\])+)", *map(re.escape, longest_first))))


def _pieces(line: str, pattern: re.Pattern[str], cited: Mapping[int, Citation]) -> Iterator[Piece]:
    done = 0
    for match in pattern.finditer(line):
        if match.start() > done:
            yield Piece(line[done : match.start()])
        if match["markers"]:
            yield Piece(citations=tuple(cited[int(number)] for number in re.findall("[0-9]+", match["markers"])))
        else:
            yield Piece(match[0], unsupported=True)
        done = match.end()
    if done < len(line):
        yield Piece(line[done:])
