"""An enterprise's sheet as a file to keep or send: Word or PDF, every line with its citation as a footnote.

Sheet → a Pandoc tree → ui.export.writers → bytes
"""

from collections.abc import Mapping
from datetime import datetime
from itertools import groupby

from assistant.answer import Citation
from assistant.desk.match import Line, Part, Profile, Section, Sheet
from ui.export.footnotes import Footnotes
from ui.export.leaves import Node, bullets, header, joined, lines, para, quoted, small, strong
from ui.export.writers import ExportFormat, write
from ui.texts import Lang, Text

_PARTS: Mapping[Part, Text] = {
    "directions": Text("适合的方向", "Directions that fit"),
    "platforms": Text("可去的园区与平台", "Parks and platforms"),
    "support": Text("能得到的支持", "Support"),
    "targets": Text("目标去向", "Targets"),
    "responsible": Text("由谁负责", "Who is responsible"),
}
_TEXTS: Mapping[str, Text] = {
    "title": Text("企业政策匹配单", "Policies for an enterprise"),
    "made": Text("生成于 {at}；每一条均逐字摘自所引来源。", "Made {at}; every line is verbatim from its source."),
    "described": Text("企业自述", "The enterprise in its own words"),
    "sectors": Text("行业", "Sectors"),
    "size": Text("规模", "Size"),
    "origin": Text("来自", "From"),
    "needs": Text("需要", "Needs"),
    "listed": Text("、", ", "),
    "is": Text("：", ": "),
    "missing": Text("来源中没有：{names}", "Not in the sources: {names}"),
    "nothing": Text("来源中没有这方面的内容。", "The sources hold nothing on this."),
}


def sheet_docx(sheet: Sheet, lang: Lang = "zh", *, base_url: str = "", at: datetime | None = None) -> bytes:
    """Return ``sheet`` as a Word file. ``base_url`` and ``at`` are as in ``ui.export``. Raises ExportError."""
    return _write(sheet, ExportFormat.DOCX, lang, base_url, at)


def sheet_pdf(sheet: Sheet, lang: Lang = "zh", *, base_url: str = "", at: datetime | None = None) -> bytes:
    """Return ``sheet`` as a PDF. ``base_url`` and ``at`` are as in ``ui.export``. Raises ExportError."""
    return _write(sheet, ExportFormat.PDF, lang, base_url, at)


def _write(sheet: Sheet, into: ExportFormat, lang: Lang, base_url: str, at: datetime | None) -> bytes:
    moment = at or datetime.now().astimezone()
    return write(_tree(sheet, lang, base_url, moment), into, moment)


def _tree(sheet: Sheet, lang: Lang, base_url: str, at: datetime) -> Node:
    """Return the sheet as a tree whose first block is its name as the one heading of level 1."""
    notes, numbers = Footnotes(lang, base_url.rstrip("/")), dict[int, int]()
    cited = {citation.id: citation for citation in sheet.citations}
    blocks = [header(1, _say("title", lang)), small(_say("made", lang).format(at=at.isoformat(" ", "minutes")))]
    blocks += _profile(sheet.profile, lang)
    for section in sheet.sections:
        blocks += _section(section, cited, notes, numbers, lang)
    return {"pandoc-api-version": [1, 23, 1], "meta": {}, "blocks": blocks}


def _profile(profile: Profile, lang: Lang) -> list[Node]:
    said = {
        "sectors": _say("listed", lang).join(profile.sectors),
        "size": profile.size,
        "origin": profile.origin,
        "needs": _say("listed", lang).join(profile.needs),
    }
    read = [[para(strong(_say(key, lang) + _say("is", lang)), value)] for key, value in said.items() if value]
    own = quoted([para(line) for line in lines(profile.description)])
    return [header(2, _say("described", lang)), own, *([bullets(read)] if read else [])]


def _section(
    section: Section, cited: Mapping[int, Citation], notes: Footnotes, numbers: dict[int, int], lang: Lang
) -> list[Node]:
    blocks = [header(2, _PARTS[section.part].in_(lang))]
    for about, told in groupby(section.lines, key=lambda line: line.about):
        items = [[para(_line(line, cited, notes, numbers))] for line in told]
        blocks += [para(strong(about)), bullets(items)]
    if section.missing:
        names = _say("listed", lang).join(section.missing)
        blocks.append(para(_say("missing", lang).format(names=names)))
    elif not section.lines:
        blocks.append(para(_say("nothing", lang)))
    return blocks


def _line(line: Line, cited: Mapping[int, Citation], notes: Footnotes, numbers: dict[int, int]) -> list[Node]:
    footnotes = [notes.note(cited[one], numbers, place > 0) for place, one in enumerate(line.citations)]
    return joined(line.text, *footnotes)


def _say(key: str, lang: Lang) -> str:
    return _TEXTS[key].in_(lang)
