"""The same policy, written out in every format that offices have on their disks."""

import zipfile
from collections.abc import Callable, Mapping
from html import escape
from io import BytesIO
from pathlib import Path

from test_readers_office import epub, p, word
from test_readers_pages import PARAGRAPHS, Paper, ofd_file, png, text_object, wrapped

TITLE = "青石市湖区生态渔业发展实施方案"
LINES = (TITLE, *PARAGRAPHS)
PLAIN = "\n".join((TITLE, "", *PARAGRAPHS)) + "\n"
_HEADINGS = ("一、", "二、")


def _is_heading(line: str) -> bool:
    return line == TITLE or line.startswith(_HEADINGS)


def markdown() -> bytes:
    return "\n\n".join(
        f"# {one}" if one == TITLE else f"## {one}" if _is_heading(one) else one for one in LINES
    ).encode()


def html() -> bytes:
    body = "".join(f"<h2>{escape(one)}</h2>" if _is_heading(one) else f"<p>{escape(one)}</p>" for one in LINES[1:])
    return (
        f'<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><title>{TITLE}_青石市人民政府</title>'
        f'<meta name="ContentSource" content="青石市人民政府办公室"></head><body><nav><a href="/">首页</a> &gt; <a href="/zw">政务公开</a></nav>'
        f'<div class="content"><h1>{TITLE}</h1>{body}</div><footer>版权所有 青石市人民政府</footer></body></html>'
    ).encode()


def docx() -> bytes:
    heading = '<w:outlineLvl w:val="0"/>'
    return word("".join(p(one, props=heading if _is_heading(one) else "") for one in LINES))


def odt() -> bytes:
    from odf import opendocument, text

    made = opendocument.OpenDocumentText()
    for one in LINES:
        made.text.addElement(text.H(outlinelevel=1, text=one) if _is_heading(one) else text.P(text=one))
    out = BytesIO()
    made.write(out)
    return out.getvalue()


def book() -> bytes:
    return epub("".join(f"<h2>{escape(one)}</h2>" if _is_heading(one) else f"<p>{escape(one)}</p>" for one in LINES))


def rtf() -> bytes:
    printed = "".join("\\pard " + "".join(f"\\u{ord(char)}?" for char in one) + "\\par\n" for one in LINES)
    return ("{\\rtf1\\ansi\\ansicpg936\\uc1\n" + printed + "}").encode("ascii")


def pdf() -> bytes:
    paper = Paper()
    paper.line(298 - 11 * len(TITLE), 80, TITLE, 22)
    y = 150.0
    for paragraph in PARAGRAPHS:
        y = paper.lines(73, y, wrapped(paragraph), pitch=24)
    paper.line(283, 800, "— 1 —", 14)
    return paper.done()


def ofd() -> bytes:
    objects, y = [text_object(105 - 3.9 * len(TITLE), 25, TITLE, 7.8)], 46.0
    for line in (line for paragraph in PARAGRAPHS for line in wrapped(paragraph)):
        objects.append(text_object(26, y, line))
        y += 8.5
    return ofd_file(["".join([*objects, text_object(100, 281, "— 1 —", 4)])])


def scan(typeface: str) -> bytes:
    """Return the page as a clean picture of 300 dpi."""
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("L", (2480, 3508), 255)
    draw = ImageDraw.Draw(page)
    title, body = ImageFont.truetype(typeface, 92), ImageFont.truetype(typeface, 67)
    draw.text((1240 - 46 * len(TITLE), 300), TITLE, 0, title)
    y = 560
    for line in (line for paragraph in PARAGRAPHS for line in wrapped(paragraph)):
        stripped = line.lstrip("　")
        draw.text((300 + 67 * (len(line) - len(stripped)), y), stripped, 0, body)
        y += 112
    return png(page, dpi=(300, 300))


def scanned_pdf(typeface: str) -> bytes:
    """Return a PDF that holds nothing but the picture of the page."""
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    paper = Paper()
    paper.canvas.drawImage(ImageReader(Image.open(BytesIO(scan(typeface)))), 0, 0, 595, 842)
    return paper.done()


def archive() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("文件/方案.txt", PLAIN)
    return out.getvalue()


EXACT: Mapping[str, Callable[[], bytes]] = {
    "utf8.txt": lambda: PLAIN.encode(),
    "gb18030.txt": lambda: PLAIN.encode("gb18030"),
    "utf16.txt": lambda: PLAIN.encode("utf-16"),
    "wrapped.txt": lambda: "\n".join(
        [TITLE, "", *(line for paragraph in PARAGRAPHS for line in wrapped(paragraph))]
    ).encode("gb18030"),
    "policy.md": markdown,
    "policy.html": html,
    "policy.docx": docx,
    "policy.odt": odt,
    "policy.epub": book,
    "policy.rtf": rtf,
    "policy.pdf": pdf,
    "policy.ofd": ofd,
    "policy.zip": archive,
}


def write_all(folder: Path) -> Path:
    """Write the policy in every format that keeps its characters."""
    folder.mkdir(exist_ok=True)
    for name, made in EXACT.items():
        (folder / name).write_bytes(made())
    return folder
