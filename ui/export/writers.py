"""A document in its format. Pandoc runs as a process of its own that may read no files; Typst sets the PDF."""

import json
import os
import subprocess
import tempfile
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ui.export.leaves import Node, in_markdown, in_typst, literal
from ui.export.word import date, restyle
from vectorstore.errors import ZhengceError

if TYPE_CHECKING:
    import typst

SECONDS = 60  # for one run of Pandoc; fifty exchanges take less than one
MEMORY = "768M"  # for its heap
MOST_BYTES = 8_000_000  # of a document's tree: hundreds of long answers
MOST_BYTES_PDF = 3_000_000  # Typst cannot be stopped: this much takes it about ten seconds and half a gigabyte

# in order of preference: with Linux, macOS and Windows, serif first
_SERIF = ("Noto Serif CJK SC", "Noto Serif SC", "Source Han Serif SC", "Source Han Serif CN", "Songti SC", "STSong",
          "SimSun", "AR PL UMing CN", "FandolSong")  # fmt: skip
_SANS = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "PingFang SC", "Heiti SC",
         "Microsoft YaHei", "SimHei", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "FandolHei")  # fmt: skip
_LATIN = '(name: "Libertinus Serif", covers: "latin-in-cjk")'  # Typst brings this one along
_PREAMBLE = """\
#set document(title: {title})
#set page(paper: "a4", margin: (x: 2.6cm, y: 2.5cm), numbering: "1")
#set text(font: ({latin}, {body}), size: 11pt, lang: "zh", region: "cn", hyphenate: false)
#set par(justify: true, linebreaks: "simple", leading: 0.85em, spacing: 1.05em)
#set footnote.entry(gap: 0.55em)
#show heading: set text(font: {headings})
#show heading.where(level: 1): it => block(below: 1em, text(size: 17pt, it.body))
#show heading.where(level: 2): it => block(above: 2em, below: 1em, text(size: 13pt, it.body))
#show footnote.entry: set text(size: 8.5pt)
#show footnote.entry: set par(leading: 0.6em, spacing: 0.6em)
#show link: it => if type(it.dest) == str {{ text(fill: rgb("#1f4e79"), it) }} else {{ it }}
"""


class ExportError(ZhengceError):
    """A conversation cannot be exported."""


class ExportFormat(StrEnum):
    """What a conversation can be exported as."""

    MD = "md"
    DOCX = "docx"
    PDF = "pdf"

    @property
    def media_type(self) -> str:
        """Return the type for HTTP."""
        return {
            ExportFormat.MD: "text/markdown; charset=utf-8",
            ExportFormat.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            ExportFormat.PDF: "application/pdf",
        }[self]

    @property
    def suffix(self) -> str:
        """Return the end of a file's name, with the dot."""
        return f".{self.value}"


def write(document: Node, into: ExportFormat, at: datetime) -> bytes:
    """Return ``document`` ``into`` the format, as made ``at``. Raises ExportError."""
    if into is ExportFormat.DOCX:
        return _word(document, at)
    if into is ExportFormat.PDF:
        return _pdf(document, at)
    return _pandoc(literal(document, "markdown", in_markdown), "--to=gfm-raw_html")


def _word(document: Node, at: datetime) -> bytes:
    with tempfile.TemporaryDirectory(prefix="zhengce-") as folder:
        reference = Path(folder, "reference.docx")
        reference.write_bytes(_reference())
        # the name of the conversation becomes the title, also in the properties, and the questions head it
        told = ("--to=docx", "--output=-", f"--reference-doc={reference}", "--shift-heading-level-by=-1")
        return date(_pandoc(document, *told), at)


def _pdf(document: Node, at: datetime) -> bytes:
    import typst

    fonts = _fonts()
    families = set(fonts.families())
    serif, sans = ([name for name in known if name in families] for known in (_SERIF, _SANS))
    if not serif and not sans:
        _fonts.cache_clear()  # they are looked for again once somebody has installed them
        raise ExportError(
            "无法生成 PDF：缺少中文字体；请运行 apt-get install fonts-noto-cjk 后重试，或导出 Word、Markdown"
        )
    title = "".join(node.get("c", " ") for node in document["blocks"][0]["c"][2])
    preamble = _PREAMBLE.format(
        title=in_typst(title)[1:-1],
        latin=_LATIN,
        body=json.dumps((serif or sans)[0], ensure_ascii=False),
        headings=json.dumps((sans or serif)[0], ensure_ascii=False),
    )
    source = preamble.encode() + _pandoc(literal(document, "typst", in_typst), "--to=typst", most=MOST_BYTES_PDF)
    # nothing in the source names a file, nor would it find one
    with tempfile.TemporaryDirectory(prefix="zhengce-") as root:
        main = Path(root, "main.typ")
        main.write_bytes(source)
        try:
            return typst.compile(main, format="pdf", root=main.parent, font_paths=fonts, timestamp=int(at.timestamp()))
        except typst.TypstError as error:
            raise ExportError(f"无法生成 PDF（{error.message}）；请改为导出 Word 或 Markdown") from error


def _pandoc(document: Node, *told: str, most: int | None = None) -> bytes:
    """Return what Pandoc makes of ``document``. Raises ExportError."""
    source = json.dumps(document, ensure_ascii=False).encode()
    if len(source) > (most or MOST_BYTES):
        raise ExportError("对话太长，无法导出为这种格式；可试 Markdown，以后请分几个对话提问")
    return _run(("--from=json", "--sandbox", "--wrap=none", *told), source)


@cache
def _reference() -> bytes:
    return restyle(_run(("--print-default-data-file=reference.docx",), b""))


def chinese_font() -> str | None:
    """Return the family that a PDF would be set in; None where no Chinese font is installed."""
    families = set(_fonts().families())
    return next((name for name in (*_SERIF, *_SANS) if name in families), None)


@cache
def _fonts() -> "typst.Fonts":
    import typst

    return typst.Fonts()


def _run(told: tuple[str, ...], source: bytes) -> bytes:
    import pypandoc

    try:
        program = pypandoc.get_pandoc_path()
        done = subprocess.run(  # noqa: S603 - the program that pypandoc brings, no shell, no argument from outside
            [program, "+RTS", f"-M{MEMORY}", "-RTS", *told],
            input=source,
            capture_output=True,
            timeout=SECONDS,
            check=True,
            env=os.environ | {"LC_ALL": "C.UTF-8"},
        )
    except OSError as error:
        raise ExportError("无法导出：缺少 pandoc；请运行 pip install pypandoc_binary 后重试") from error
    except subprocess.TimeoutExpired as error:
        raise ExportError(f"导出超过 {SECONDS} 秒，已停止；请换一种格式，或稍后再试") from error
    except subprocess.CalledProcessError as error:
        reason = error.stderr.decode("utf-8", "replace").strip()[:300]
        raise ExportError(f"无法导出（pandoc：{reason}）；请换一种格式，或稍后再试") from error
    return done.stdout
