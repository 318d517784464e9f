"""A marked-up draft: the DOCX itself with Word comments at the sentences that need a look, or the draft's text as one.

A sentence is looked for in the paragraphs by its text, in order, also within links, tables and what was inserted with
changes tracked. Runs are split where it begins and ends, so that the formatting stays. One that no paragraph holds
whole is listed at the end.
"""

import copy
import io
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from assistant.desk.check import Check, CheckedSentence, Verdict
from ui.desk.tables import differences
from ui.desk.texts import tell
from ui.texts import Lang
from vectorstore.errors import DeskError

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph
    from docx.text.run import Run

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def check_docx(check: Check, text: str, original: bytes | None, lang: Lang, at: datetime) -> bytes:
    """Return the draft with a comment at each sentence that is not verbatim.

    ``original`` is the file of the draft, kept as it is where it is a DOCX. Raises DeskError where it cannot be opened.
    """
    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError
    from lxml.etree import XMLSyntaxError

    from ingest.readers.detect import Format, detect

    if original is not None and detect(original, "") is Format.DOCX:
        try:
            document = Document(io.BytesIO(original))
        except (KeyError, ValueError, OSError, BadZipFile, PackageNotFoundError, XMLSyntaxError) as error:
            raise DeskError(tell("docx_unreadable", lang)) from error
    else:
        document = Document()
        for line in text.splitlines():
            document.add_paragraph(_FORBIDDEN.sub("\ufffd", line))
    _comment(document, check.sentences, lang)
    document.add_paragraph(_summary(check, lang, at))
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def _comment(document: "Document", sentences: Sequence[CheckedSentence], lang: Lang) -> None:
    """Put the comments in; sentences that stand in no paragraph are listed at the end."""
    paragraphs = list(_paragraphs(document))
    at = done = 0  # where the last sentence was found: they come in order
    unplaced = []
    for sentence in sentences:
        wanted = _FORBIDDEN.sub("\ufffd", sentence.text)
        for number in range(at, len(paragraphs)):
            begin = _text(paragraphs[number]).find(wanted, done if number == at else 0)
            if begin < 0:
                continue
            at, done = number, begin + len(wanted)
            if sentence.verdict is not Verdict.VERBATIM:
                runs = _cut_out(paragraphs[number], begin, done)
                _add(document, runs, sentence, lang)
            break
        else:
            if sentence.verdict is not Verdict.VERBATIM:
                unplaced.append(sentence)
    for sentence in unplaced:
        added = document.add_paragraph(tell("elsewhere", lang, text=_FORBIDDEN.sub("\ufffd", sentence.text)))
        _add(document, added.runs, sentence, lang)


def _add(document: "Document", runs: "Sequence[Run]", sentence: CheckedSentence, lang: Lang) -> None:
    if runs:
        document.add_comment(
            runs=list(runs), text=_said(sentence, lang), author=tell("author", lang), initials=tell("initials", lang)
        )


def _said(sentence: CheckedSentence, lang: Lang) -> str:
    """Return what a comment says: the verdict, what differs, and where it comes from."""
    lines = [tell(f"verdict_{sentence.verdict}", lang)]
    if sentence.differences:
        lines.append(differences(sentence.differences, lang))
    if cited := sentence.citation:
        key = "nearest" if sentence.verdict is Verdict.NOT_FOUND else "from"
        lines.append(tell(key, lang, title=cited.title, label=cited.label))
        lines.append(tell("quoted", lang, quote=cited.quote.strip()))
    return _FORBIDDEN.sub("\ufffd", "\n".join(lines))


def _summary(check: Check, lang: Lang, at: datetime) -> str:
    counts = {verdict: sum(one.verdict is verdict for one in check.sentences) for verdict in Verdict}
    told = [
        tell("counted", lang, verdict=tell(f"verdict_{verdict}", lang), count=count)
        for verdict, count in counts.items()
        if count
    ]
    made = at.strftime("%Y-%m-%d %H:%M")
    return tell("made", lang, at=made, count=len(check.sentences), counts=tell("listed", lang).join(told))


def _paragraphs(document: "Document") -> "Iterator[Paragraph]":
    """Yield the paragraphs of the body and of its tables, in order."""
    from docx.oxml.ns import qn
    from docx.text.paragraph import Paragraph

    for element in document.element.body.iter(qn("w:p")):
        yield Paragraph(element, document._body)  # noqa: SLF001 - python-docx has no public way into nested tables


def _text(paragraph: "Paragraph") -> str:
    """Return the text of the runs, as ``_cut_out`` counts it."""
    return "".join(run.text for run in _runs(paragraph))


def _runs(paragraph: "Paragraph") -> "list[Run]":
    """Return all runs of ``paragraph``, also those of links and insertions; not those deleted or of text boxes in it."""
    from docx.oxml.ns import qn
    from docx.text.run import Run

    own: Any = paragraph._p  # noqa: SLF001 - python-docx lists the runs outside of links only
    found = (run for run in own.iter(qn("w:r")) if next(run.iterancestors(qn("w:p"))) is own)
    return [Run(run, paragraph) for run in found if next(run.iterancestors(qn("w:del")), None) is None]


def _cut_out(paragraph: "Paragraph", begin: int, end: int) -> "list[Run]":
    """Return the runs that hold ``[begin:end]`` of the text, split where it begins and ends within one."""
    found: list[Any] = []
    at = 0
    for run in _runs(paragraph):
        first, last = at, at + len(run.text)
        at = last
        if last <= begin or first >= end:
            continue
        if first < begin and _is_text(run):
            run = _split(run, begin - first)
            first = begin
        if last > end and _is_text(run):
            _split(run, end - first)
        found.append(run)
    return found


def _is_text(run: "Run") -> bool:
    """Whether ``run`` holds text only: another that is cut in two would lose its picture, break or note."""
    from docx.oxml.ns import qn

    return all(child.tag in (qn("w:rPr"), qn("w:t"), qn("w:tab")) for child in run._r)  # noqa: SLF001


def _split(run: Any, at: int) -> Any:
    """Cut ``run`` in two at ``at`` characters, both with its formatting, and return the second."""
    from docx.text.run import Run

    text = run.text
    element = copy.deepcopy(run._r)  # noqa: SLF001 - a copy with its formatting
    run._r.addnext(element)  # noqa: SLF001
    rest = Run(element, run._parent)  # noqa: SLF001
    run.text, rest.text = text[:at], text[at:]
    return rest
