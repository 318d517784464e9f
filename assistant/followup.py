"""Follow-ups: from a question and the turns before it to a question that stands alone.

Told apart: 那公路呢 (the subject changes, the question stays), 那第10条呢 (the place changes), 那条里… (the place is the
one just spoken of), 它/这家公司/宝坻的那个 (the subject is one just named), and questions too short to stand alone, which
lean on the places that the last answer named. A question that stands alone is left as it is, so that a change of
subject drags nothing along.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answer import Turn
from assistant.lexicon import scaffolding
from assistant.references import read_pointer
from assistant.understand import content_terms, trim_term
from vectorstore.lexical import Analyzer
from vectorstore.text import fold

MOST_TURNS = 6
MOST_CHARS = 2000
FEW_TERMS = 3  # content words up to which a question after another one may lean on it

_WHAT_ABOUT = re.compile(
    r"^(?:那么|那)?(?P<subject>[^,。?!]{1,24}?)的?(?:方面|这块|那块|这边|那边)?呢[?。!]*$"
    r"|^(?:那么|那|换成|改成)(?P<also>[^,。?!]{1,24}?)的?(?:方面|这块|那块)?(?:又|会)?(?:如何|怎样|怎么样|怎么办)[?。!]*$"
)
_THAT_PLACE = re.compile(
    r"(?:那|这|该|上述|上面那?|刚才那?|前面那?)(?:一)?(?:条任务|项任务|个任务|条|项|任务|款|段)(?!链|线|路|河|街|目)(?:里面|里|中|当中)?"
)
_PRONOUN = re.compile(
    r"它们?|(?<![尤极与])其(?![他它中余实次间])|(?:这|那|该)家?个?(?:公司|企业|单位)|(?:这|那|该)个?(?:项目|平台|园区|工程|指数|机制|指标|政策|活动|基地|计划|品牌|目标)"
    r"|(?<![\u4e00-\u9fff])[他她]们?"
)
_NEIGHBOUR = re.compile(r"(?P<step>[下上])一?(?:条任务|项任务|个任务|条|项|款|个)(?!月|年|阶段|步)")
_NAMED_ONE = re.compile(r"(?P<hint>[\u4e00-\u9fffa-z0-9]{2,8}?)的?那(?:个|家|座|处|所)")
_LEANING = re.compile(
    r"其中|那里|那边|那儿|这里|这边|那块|这块|里面|当中|上面|上述|刚才|前面|还有|另外|同样|^(?:那|那么|然后|还|也|又)"
)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A question that stands alone; ``leans_on`` is earlier text whose places it may still be about, or empty."""

    question: str
    leans_on: str = ""


def resolve_followup(question: str, history: Sequence[Turn], analyzer: Analyzer) -> FollowUp:
    """Return ``question`` as it would read on its own. Without history, or where it stands alone, it is unchanged."""
    turns = [Turn(role=t.role, content=t.content[:MOST_CHARS]) for t in history[-MOST_TURNS:]]
    asked = next((t.content for t in reversed(turns) if t.role == "user"), "")
    said = next((t.content for t in reversed(turns) if t.role == "assistant"), "")
    if not asked:
        return FollowUp(question)
    folded = fold(question).strip()
    if about := _WHAT_ABOUT.match(folded):
        return FollowUp(_change_subject(about["subject"] or about["also"], asked, analyzer))
    if (place := _THAT_PLACE.search(folded)) and (spoken := _place_spoken_of(said, asked)):
        return FollowUp(question[: place.start()] + spoken + "里" + question[place.end() :])
    if (step := _NEIGHBOUR.search(folded)) and (spoken := _neighbour_of(said, asked, step["step"])):
        return FollowUp(question[: step.start()] + spoken + question[step.end() :])
    if (named := _NAMED_ONE.search(folded)) and (full := _name_with(named["hint"], said, asked)):
        return FollowUp(question[: named.start()] + full + question[named.end() :], said)
    if (pronoun := _PRONOUN.search(folded)) and (subject := _subject(asked, analyzer) or _subject(said, analyzer)):
        return FollowUp(question[: pronoun.start()] + subject + question[pronoun.end() :], said)
    if read_pointer(question):
        return FollowUp(question)
    terms = content_terms(question, analyzer)
    if not terms and (subject := _subject(asked, analyzer)):
        return FollowUp(f"{subject}{question}", said)
    leans = bool(_LEANING.search(folded)) or len(terms) <= FEW_TERMS
    return FollowUp(question, said if leans else "")


def _change_subject(subject: str, asked: str, analyzer: Analyzer) -> str:
    """Put ``subject`` in the place that the subject of ``asked`` had."""
    now, before = read_pointer(subject), read_pointer(asked)
    if now and before:
        old = before.references[0]
        return asked[: old.start] + subject + asked[old.start + len(old.text) :]
    if now:
        return subject + "写了什么？"
    start, end = _subject_span(asked, analyzer)
    return asked[:start] + trim_term(subject) + asked[end:] if end else subject


def _place_spoken_of(said: str, asked: str) -> str | None:
    """The last place that the answer names, else the question."""
    for text in (said, asked):
        if references := read_pointer(text).references:
            return references[-1].text
    return None


def _neighbour_of(said: str, asked: str, step: str) -> str | None:
    """The place after or before the one spoken of: 任务17 and 下一条 give 任务18."""
    spoken = _place_spoken_of(said, asked)
    if spoken is None:
        return None
    number = read_pointer(spoken).references[-1].number + (1 if step == "下" else -1)
    return f"任务{number}" if number > 0 else None


def _name_with(hint: str, *texts: str) -> str | None:
    """The longest name in ``texts`` that holds ``hint``: 宝坻的那个 → 宝坻京津中关村科技城."""
    for text in texts:
        names = re.split(r"[,，。、;；:：和与及()（）「」“”\s]|提到|包括|是|有", text)
        holding = [name for name in names if hint in fold(name) and len(name) > len(hint)]
        if holding:
            return max(holding, key=len)
    return None


def _subject(text: str, analyzer: Analyzer) -> str:
    """What ``text`` is about: its first run of content words."""
    start, end = _subject_span(text, analyzer)
    return text[start:end]


def _subject_span(text: str, analyzer: Analyzer) -> tuple[int, int]:
    folded, dropped = fold(text), scaffolding()
    start = end = at = 0
    for word in analyzer.words(text):
        at = folded.index(word, at)
        if end and at != end:
            break
        if word in dropped:
            if end:
                break
        else:
            start, end = (at if not end else start), at + len(word)
        at += len(word)
    return start, end
