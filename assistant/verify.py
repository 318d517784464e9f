"""The last step before a person sees an answer: every quote, id and figure is checked against the source.

The extractive engine cannot fail it by design; it runs all the same, because a citation that is off by one character
is worse than no answer.
"""

import re
from decimal import Decimal

from assistant.answer import Answer
from assistant.claims import bare
from assistant.figures import figures
from assistant.references import read_pointer
from vectorstore.errors import ZhengceError
from vectorstore.sources import Sources
from vectorstore.text import fold

_MARKER = re.compile(r"\[(\d+)\]")


class UnverifiedError(ZhengceError):
    """An answer does not agree with its sources: a defect, never shown to a user."""


def verify(answer: Answer, store: Sources) -> Answer:
    """Return ``answer`` unchanged. Raises UnverifiedError naming what is wrong."""
    by_id = {citation.id: citation for citation in answer.citations}
    for citation in (*answer.citations, *answer.nearest):
        text = store.document(citation.document_id).text
        if text[citation.start : citation.end] != citation.quote:
            raise UnverifiedError(f"引文与原文不符:{citation.label}")
    used = {number for sentence in answer.sentences for number in sentence.citations}
    marked = {int(n) for sentence in answer.sentences for n in _trailing(answer.answer, sentence.text)}
    if used != set(by_id) or marked != used:
        raise UnverifiedError("引用编号与引用列表不符")
    for sentence in answer.sentences:
        quoted = "".join(by_id[n].quote for n in sentence.citations)
        said = fold(sentence.text)
        if sentence.support == "verbatim" and not any(_repeats(said, fold(by_id[n].quote)) for n in sentence.citations):
            raise UnverifiedError("句子与引文不符")
        _check_figures(sentence.text, quoted, answer)
    return answer


def _repeats(said: str, quote: str) -> bool:
    """Whether a sentence holds the quote, or says part of it to the letter, as a model does."""
    return quote in said or bare(said) in bare(quote)


def _trailing(answer: str, sentence: str) -> list[str]:
    """The markers that stand behind ``sentence`` in ``answer``."""
    at = answer.find(sentence)
    behind = re.match(r"(?:\[\d+\])*", answer[at + len(sentence) :]) if at >= 0 else None
    return _MARKER.findall(behind.group()) if behind else []


def _check_figures(text: str, quoted: str, answer: Answer) -> None:
    """A figure in a cited sentence stands in its quotes, in what names their place, or in the question itself.

    任务十三 in a question allows the 13 of the label that the answer writes for it.
    """
    if not quoted:
        return
    allowed = {f.value for f in figures(quoted, ordinals=True)} | {
        f.value for f in figures(answer.standalone_question, ordinals=True)
    }
    allowed |= {Decimal(reference.number) for reference in read_pointer(answer.standalone_question).references}
    labels = " ".join(part for c in answer.citations for part in (c.label, c.title, c.expires or "", *c.heading_path))
    allowed |= {f.value for f in figures(labels, ordinals=True)} | {len(answer.citations)}  # type: ignore[arg-type]
    for figure in figures(text):
        if figure.value not in allowed:
            raise UnverifiedError(f"数字“{figure.text}”不在引文中")
