"""A version diff as a page of its own (HTML), and as a Word document whose review pane shows the changes (DOCX)."""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any

from assistant.answer import Citation
from assistant.desk.diff import Change, Compared, Diff, Edition, Piece
from ui.desk.texts import tell
from ui.export.word import BODY, HEADINGS
from ui.texts import Lang, Text

if TYPE_CHECKING:
    from docx.document import Document
    from docx.oxml.xmlchemy import BaseOxmlElement

_TEXTS: Mapping[str, Text] = {
    "name": Text("版本对比", "Version diff"),
    "old": Text("旧版", "Old edition"),
    "new": Text("新版", "New edition"),
    "made": Text("生成于 {at}", "Made {at}"),
    "legend": Text(
        "下划线为新增的字，删除线为删去的字。", "Underlined: new words. Struck through: words no longer there."
    ),
    "legend_word": Text(
        "新旧不同之处为修订：全部接受即为新版文字，全部拒绝即为旧版文字。",
        "What differs is tracked: accept all for the new wording, reject all for the old.",
    ),
    "target": Text("{subject}：{old} → {new}", "{subject}: {old} → {new}"),
    "summary": Text("{name} {count}", "{name}: {count}"),
}
# what XML does not take
_FORBIDDEN = re.compile("[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
_STYLE = """
:root{color-scheme:light dark}
body{margin:2rem auto;max-width:54rem;padding:0 1rem;line-height:1.8;color:#1d2129;background:#fff;
font-family:"Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",sans-serif}
h1{font-size:1.5rem;line-height:1.4}h2{font-size:1rem;margin:0;font-weight:600}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dd{margin:0}
.counts{list-style:none;display:flex;flex-wrap:wrap;gap:.4rem 1rem;padding:0}
.note{color:#5c6370;font-size:.875rem}
section{border-left:.25rem solid #8a919f;padding:.2rem 0 .2rem 1rem;margin:1.2rem 0}
details{color:#5c6370}details section{color:#1d2129}summary{cursor:pointer}section ul{margin:.3rem 0;padding-left:1.4rem}
.added{border-color:#116329}.dropped{border-color:#a40e26}.targets{border-color:#9a6700}
.split,.merged{border-color:#5e35b1}.reworded{border-color:#0b5cad}
.kind{border:1px solid;border-radius:.2rem;padding:0 .4rem;margin-right:.4rem;font-size:.875rem}
p,summary,li,dd{overflow-wrap:anywhere;unicode-bidi:isolate}p{white-space:pre-wrap;margin:.4rem 0}
ins,del{padding:0 .1em;border-radius:.15em;-webkit-box-decoration-break:clone;box-decoration-break:clone}
ins{background:#dafbe1;color:#0b4a1e;text-decoration:underline;text-decoration-thickness:.1em}
del{background:#ffebe9;color:#82071e;text-decoration:line-through}
@media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#16181d}.note,details{color:#a9b0bd}details section{color:#e6e6e6}
.added{border-color:#4ac26b}.dropped{border-color:#ff8182}.targets{border-color:#d4a72c}
.split,.merged{border-color:#b9a0f0}.reworded{border-color:#6cb0f5}
ins{background:#0f3d1e;color:#aff5b4}del{background:#4c1218;color:#ffc9c5}}
@media print{:root{color-scheme:light}body{margin:0;max-width:none;color:#000;background:#fff}section{break-inside:avoid-page;color:#000}
ins{color:#0b4a1e;background:#fff}del{color:#82071e;background:#fff}.note,details{color:#444}}
"""


def diff_html(diff: Diff, lang: Lang = "zh", *, at: datetime | None = None) -> bytes:
    """Return ``diff``, made ``at`` (aware, by default now), as a page that refers to nothing outside itself."""
    title = _escaped(f"{_say('name', lang)} · {diff.new.title}")
    body = "".join(
        (
            f"<h1>{title}</h1>",
            f"<dl><dt>{_say('old', lang)}</dt><dd>{_escaped(_edition(diff.old))}</dd>",
            f"<dt>{_say('new', lang)}</dt><dd>{_escaped(_edition(diff.new))}</dd></dl>",
            f'<ul class="counts">{"".join(f"<li>{_escaped(one)}</li>" for one in _counts(diff, lang))}</ul>',
            f'<p class="note">{_say("legend", lang)} {_say("made", lang, at=_time(at))}</p>',
            *_sections(diff.changes, lang),
        )
    )
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    page = (
        f'<!DOCTYPE html><html lang="{"en" if lang == "en" else "zh-CN"}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><main>{body}</main></body></html>\n"
    )
    return page.encode()


def _sections(changes: Sequence[Compared], lang: Lang) -> Iterator[str]:
    """Yield what became of each unit; units in a row that are as they were are folded together."""
    for same, group in groupby(changes, lambda one: one.change is Change.UNCHANGED):
        run = list(group)
        sections = "".join(_section(one, lang) for one in run)
        if not same:
            yield sections
            continue
        places = " — ".join(dict.fromkeys(_places(one, lang) for one in (run[0], run[-1])))
        kind = f'<span class="kind">{_escaped(tell("change_unchanged", lang))} {len(run)}</span>'
        yield f"<details><summary>{kind}{_escaped(places)}</summary>{sections}</details>"


def _section(one: Compared, lang: Lang) -> str:
    kind = f'<span class="kind">{_escaped(_kind(one, lang))}</span>'
    head = f"{kind}{_escaped(_places(one, lang))}"
    targets = "".join(f"<li>{_escaped(line)}</li>" for line in _targets(one, lang))
    text = f"<p>{''.join(map(_marked, one.pieces))}</p>"
    return f'<section class="{one.change}"><h2>{head}</h2>{f"<ul>{targets}</ul>" if targets else ""}{text}</section>'


def _marked(piece: Piece) -> str:
    tag = {"old": "del", "new": "ins"}.get(piece.side)
    text = _escaped(piece.text)
    return f"<{tag}>{text}</{tag}>" if tag else text


def diff_docx(diff: Diff, lang: Lang = "zh", *, at: datetime | None = None) -> bytes:
    """Return ``diff``, made ``at`` (aware, by default now), as a Word document with tracked changes.

    Each unit stands below a heading that says what became of it. All changes accepted, its text is the new one, all
    rejected the old one.
    """
    import docx

    moment = at or datetime.now().astimezone()
    document = docx.Document()
    _dress(document)
    document.core_properties.title = _clean(f"{_say('name', lang)} · {diff.new.title}")[:255]
    document.core_properties.author = document.core_properties.comments = ""
    document.core_properties.created = document.core_properties.modified = moment.astimezone(UTC).replace(tzinfo=None)
    document.add_heading(_clean(f"{_say('name', lang)} · {diff.new.title}"), 1)
    for key, edition in (("old", diff.old), ("new", diff.new)):
        document.add_paragraph(f"{_say(key, lang)}：{_clean(_edition(edition))}")
    document.add_paragraph(tell("listed", lang).join(_counts(diff, lang)))
    document.add_paragraph(f"{_say('legend_word', lang)} {_say('made', lang, at=_time(moment))}")
    reviser = _Reviser(_say("name", lang), moment)
    for one in diff.changes:
        document.add_heading(_clean(f"〔{_kind(one, lang)}〕{_places(one, lang)}"), 2)
        for line in _targets(one, lang):
            document.add_paragraph(_clean(line), style="List Bullet")
        for pieces, end in _paragraphs(one):
            reviser.write(document.add_paragraph(), pieces, end)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def _paragraphs(one: Compared) -> Iterator[tuple[list[Piece], str]]:
    """Yield the paragraphs of a text with the side to which the end of each belongs."""
    line: list[Piece] = []
    for piece in one.pieces:
        first, *others = _clean(piece.text).split("\n")
        line.append(Piece(side=piece.side, text=first))
        for text in others:
            yield line, piece.side
            line = [Piece(side=piece.side, text=text)]
    yield line, {Change.ADDED: "new", Change.DROPPED: "old"}.get(one.change, "same")


class _Reviser:
    """Writes tracked changes; each has a number of its own."""

    def __init__(self, author: str, at: datetime) -> None:
        self._author, self._at = author, f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        self._count = 0

    def write(self, paragraph: Any, pieces: Sequence[Piece], end: str) -> None:
        """Fill an empty paragraph; where its ``end`` is of one side only, its mark is tracked too."""
        from docx.oxml import OxmlElement

        if end != "same":
            mark = OxmlElement("w:rPr")
            mark.append(self._tracked(end))
            paragraph._p.get_or_add_pPr().append(mark)  # noqa: SLF001 - python-docx has no other way to a tracked change
        for piece in pieces:
            if not piece.text:
                continue
            run = _run(piece.text, "w:delText" if piece.side == "old" else "w:t")
            if piece.side != "same":
                tracked = self._tracked(piece.side)
                tracked.append(run)
                run = tracked
            paragraph._p.append(run)  # noqa: SLF001 - as above

    def _tracked(self, side: str) -> "BaseOxmlElement":
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        self._count += 1
        told = {"w:id": str(self._count), "w:author": self._author, "w:date": self._at}
        return OxmlElement("w:del" if side == "old" else "w:ins", {qn(key): value for key, value in told.items()})


def _run(text: str, tag: str) -> "BaseOxmlElement":
    """Return a run of ``text``, whose tabs are elements in Word."""
    from docx.oxml import OxmlElement

    run = OxmlElement("w:r")
    for at, part in enumerate(text.split("\t")):
        if at:
            run.append(OxmlElement("w:tab"))
        if part:
            said = OxmlElement(tag, {"{http://www.w3.org/XML/1998/namespace}space": "preserve"})
            said.text = part
            run.append(said)
    return run


def _dress(document: "Document") -> None:
    """Give the document a page of A4 and fonts for Chinese."""
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt, RGBColor

    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    for name, (latin, chinese), size in (
        ("Normal", BODY, 11),
        ("Heading 1", HEADINGS, 18),
        ("Heading 2", HEADINGS, 11),
    ):
        style: Any = document.styles[name]
        style.font.name, style.font.size, style.font.color.rgb = latin, Pt(size), RGBColor(0, 0, 0)
        fonts = style.element.rPr.rFonts
        fonts.set(qn("w:eastAsia"), chinese)
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)


def _counts(diff: Diff, lang: Lang) -> list[str]:
    counts = [(change, diff.counts.get(change, 0)) for change in Change]
    return [_say("summary", lang, name=tell(f"change_{one}", lang), count=count) for one, count in counts if count]


def _kind(one: Compared, lang: Lang) -> str:
    also = one.renumbered and one.change is not Change.RENUMBERED
    return tell(f"change_{one.change}", lang) + (f" · {tell('renumbered_too', lang)}" if also else "")


def _places(one: Compared, lang: Lang) -> str:
    """Return where the units stand: once where both editions call them the same."""
    sides = [tell("listed", lang).join(map(_place, side)) for side in (one.old, one.new) if side]
    return " → ".join(dict.fromkeys(sides))


def _place(citation: Citation) -> str:
    return citation.label or citation.quote.strip()[:20]


def _targets(one: Compared, lang: Lang) -> list[str]:
    nothing = tell("nothing_there", lang)
    return [
        _say("target", lang, subject=target.subject, old=target.old or nothing, new=target.new or nothing)
        for target in one.targets
    ]


def _edition(edition: Edition) -> str:
    about = " · ".join(filter(None, (edition.issuer, edition.number, edition.date)))
    return f"《{edition.title}》{f'（{about}）' if about else ''}"


def _time(at: datetime | None) -> str:
    return (at or datetime.now().astimezone()).isoformat(" ", "minutes")


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)


def _escaped(text: str) -> str:
    return escape(_clean(text))


def _say(key: str, lang: Lang, **values: object) -> str:
    return _TEXTS[key].in_(lang).format(**values)
