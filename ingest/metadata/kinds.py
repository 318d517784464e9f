"""What kind of document it is: a law by its articles or its adoption, a policy by its genre or numbering, news by its datelines."""

import re
from collections.abc import Sequence

from ingest.articles import Article
from ingest.metadata.law_header import LawHeader
from ingest.numbering import Level
from vectorstore.records import Kind
from vectorstore.text import fold

GENRE = (
    "方案|规划|纲要|意见|办法|措施|条例|通知|细则|规定|决定|公告|通告|计划|要点|清单|报告|章程|规程|规则|批复|复函|函|答复|通报|决议|法典|法"
    "|标准|指南|指引|政策|预案|规范|解释|修正案|命令|令|目录|议案|公报|倡议书|须知"
)
GENRE_TITLE = re.compile(rf"(?:{GENRE})(?:\([^()]{{1,14}}\))?$")
_LAW_TITLE = re.compile(r"(?:条例|法|法典|宪法|修正案|解释|规定|办法|规则|编|总则|附则|分则)(?:\([^()]{1,14}\))?$")
_NUMBERED = (Level.HEADING, Level.SUBHEADING, Level.NUMBER, Level.DIVISION, Level.DECIMAL)
_ANSWER = re.compile(r"^(?:答|a)[:.]", re.IGNORECASE)
_QUESTION = re.compile(r"[?]$")
_LEAST = 3


def read_kind(article: Article, lines: Sequence[str], law: LawHeader, *, official: bool) -> Kind:
    """Return the kind; ``lines`` are those of the headline, ``official``: the document has a number or is signed."""
    levels = [p.marker.level for p in article.body if p.marker]
    if levels.count(Level.ARTICLE) >= _LEAST:
        return Kind.LAW
    genre = any(GENRE_TITLE.search(fold(line)) for line in lines)
    if law.steps and any(_LAW_TITLE.search(fold(line)) for line in lines):
        return Kind.LAW
    if _asks_and_answers(article) and not official:
        return Kind.OTHER
    numbered = sum(level in _NUMBERED for level in levels)
    if numbered >= _LEAST or (genre and (numbered or official)):
        return Kind.POLICY
    if any(p.byline for p in article.head) or any(p.dateline or p.byline for p in article.body):
        return Kind.NEWS
    return Kind.POLICY if genre or official else Kind.OTHER


def _asks_and_answers(article: Article) -> bool:
    answers = sum(bool(_ANSWER.match(fold(p.text))) for p in article.body)
    asked = sum(bool(_QUESTION.search(fold(p.text))) and len(p.text) <= 60 for p in article.body)
    return answers >= _LEAST or asked >= 2 * _LEAST
