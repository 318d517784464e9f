"""How an export looks in Word: Pandoc's reference document with a page, fonts and sizes for Chinese."""

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

BODY = "Times New Roman", "宋体"
HEADINGS = "Arial", "黑体"

_PAGE = (
    '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/>'
    '<w:pgMar w:top="1440" w:right="1588" w:bottom="1440" w:left="1588" w:header="851" w:footer="992" w:gutter="0"/>'
    "</w:sectPr>"
)


def restyle(reference: bytes) -> bytes:
    """Return Pandoc's ``reference`` document (DOCX) on A4 with Chinese fonts and the styles that exports use."""

    def page(text: str) -> str:
        return re.sub(r"<w:sectPr\b.*?</w:sectPr>", _PAGE, text, flags=re.DOTALL)

    return _rewritten(reference, {"word/document.xml": page, "word/styles.xml": _styled})


def date(document: bytes, at: datetime) -> bytes:
    """Return ``document`` (DOCX) as made ``at``; Pandoc may not look at the clock and says 1970."""

    def dated(text: str) -> str:
        made = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        return re.sub(r"(<dcterms:(?:created|modified)\b[^>]*>)[^<]*", rf"\g<1>{made}", text)

    return _rewritten(document, {"docProps/core.xml": dated})


def _rewritten(document: bytes, changes: Mapping[str, Callable[[str], str]]) -> bytes:
    """Return the DOCX with the texts of the named parts changed."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = old.read(entry)
            change = changes.get(entry.filename)
            new.writestr(entry, change(data.decode()).encode() if change else data, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _styled(styles: str) -> str:
    defaults = (
        f"<w:rPrDefault><w:rPr>{_fonts(*BODY)}{_size(11)}"
        '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
    )
    ours = [
        _style("Title", "Title", 'before="240" after="240"', _fonts(*HEADINGS) + "<w:b/>" + _size(18)),
        _style("Heading1", "heading 1", 'before="400" after="120"', _fonts(*HEADINGS) + "<w:b/>" + _size(14), level=0),
        _style("BodyText", "Body Text", 'before="80" after="80" line="320" lineRule="auto"', ""),
        _style("SmallPrint", "Small Print", 'before="40" after="80"', '<w:color w:val="595959"/>' + _size(9)),
        _style("FootnoteText", "footnote text", 'before="0" after="20"', _size(9)),
    ]
    styles = re.sub(r"<w:rPrDefault>.*?</w:rPrDefault>", defaults, styles, flags=re.DOTALL)
    names = "|".join(re.findall(r'styleId="(\w+)"', "".join(ours)))
    styles = re.sub(rf'<w:style\b[^>]*\bw:styleId="(?:{names})".*?</w:style>', "", styles, flags=re.DOTALL)
    return styles.replace("</w:styles>", "".join(ours) + "</w:styles>")


def _style(key: str, name: str, spacing: str, run: str, level: int | None = None) -> str:
    """Return a paragraph style; one with an outline ``level`` stays with the paragraph after it."""
    keep = "<w:keepNext/><w:keepLines/>" if level is not None else ""
    outline = f'<w:outlineLvl w:val="{level}"/>' if level is not None else ""
    spaced = re.sub(r"(\w+=)", r"w:\1", spacing)
    return (
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/><w:basedOn w:val="Normal"/><w:qFormat/>'
        f"<w:pPr>{keep}<w:spacing {spaced}/>{outline}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
    )


def _fonts(latin: str, chinese: str) -> str:
    return f'<w:rFonts w:ascii="{latin}" w:eastAsia="{chinese}" w:hAnsi="{latin}" w:cs="{latin}"/>'


def _size(points: float) -> str:
    halves = int(points * 2)
    return f'<w:sz w:val="{halves}"/><w:szCs w:val="{halves}"/>'
