"""What a file's name says: people call files by the titles of what they hold, often behind a number and before a date."""

import re
from dataclasses import dataclass
from pathlib import PurePath

from vectorstore.text import fold

_INDEX = re.compile(
    r"^(?:(?:doc|file|文档|文件|附件|序号)[\s_.-]*)?\d{1,3}(?!\d|年|月)[\s_.、-]+|^(?:doc|file)[\s_-]*\d+[\s_.-]+",
    re.IGNORECASE,
)
_COPY = re.compile(r"(?:[\s_-]*(?:副本|复件|最终版|终稿|定稿)|\s*[(]\d{1,2}[)])+$")
_DATE = re.compile(r"[(\[_\s-]*((?:19|20)\d{2})[-._年]?(0\d|1[0-2])[-._月]?([0-2]\d|3[01])日?[)\]]?$")
_NO_TITLE = re.compile(
    r"(?:新建|未命名|无标题|扫描件?|图片|照片|截图|附件|附表|下载|正文|全文|最终|测试|样[本例]|网页|页面|文档|文本|文件|材料|资料|通知|公告|意见|稿|工作|版|本"
    r"|word|microsoft|[\d\W_a-z])+"
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_LEAST = 4  # Chinese characters


@dataclass(frozen=True, slots=True)
class FileName:
    """The title and the ISO date that the name of a file gives; empty and None where it gives none."""

    title: str = ""
    date: str | None = None


def read_file_name(path: str) -> FileName:
    """Return what the last part of ``path`` says."""
    stem = PurePath(path).stem.split("__")[-1]
    date: str | None = None
    folded = fold(stem)
    if match := _DATE.search(folded):
        date = "-".join(match.groups())
        stem = stem[: match.start()]
    stem = stem[: len(stem) - len(copy[0])] if (copy := _COPY.search(fold(stem))) else stem
    stem = _INDEX.sub("", stem)
    title = "".join(stem.replace("_", " ").split()) if _HAN.search(stem) else stem
    if len(_HAN.findall(title)) < _LEAST or _NO_TITLE.fullmatch(fold(title)):
        title = ""
    return FileName(title, date)


def mentioned(title: str, text: str) -> float:
    """Return the share of the pairs of letters of ``title`` that ``text`` holds."""
    letters = bare(title)
    pairs = {letters[at : at + 2] for at in range(len(letters) - 1)}
    body = bare(text)
    return sum(pair in body for pair in pairs) / len(pairs) if pairs else 0.0


def bare(text: str) -> str:
    """Return the letters and figures of ``text``, folded."""
    return re.sub(r"[\W_]+", "", fold(text))
