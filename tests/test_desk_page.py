"""The desk tools on the page: what the templates make of a result, and each tool in a real browser."""

import csv
import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import docx
import openpyxl
import pypdf
import pytest
from browser import NEEDS_CHROMIUM, Service, Visits, command, fits, serving, shot
from hypothesis import given
from hypothesis import strategies as st
from page_fakes import HOSTILE, OVERRIDE, POLICY, cite
from playwright.sync_api import Locator, Page, expect
from test_accessibility import found as violations
from test_page import Reader, texts

from assistant.answer import Citation
from assistant.desk.check import Check, CheckedSentence, Difference, Verdict
from assistant.desk.diff import Change, Compared, Diff, Edition, Piece, TargetChange
from assistant.desk.evidence import Evidence, Link
from assistant.desk.find import Counts, Found
from assistant.desk.match import Line, Profile, Section, Sheet
from assistant.desk.targets import Ledger, Target
from ui.page.desk import TOOLS, Tool
from ui.page.desk.chart import charts
from ui.page.desk.results import FEW, FORMATS, MOST_LISTED, listed, parted, render_problem, render_result
from ui.page.desk.texts import DESK, tell
from ui.page.templates import ASSETS

pytest_plugins = ["browser_fixtures"]

PHONE = {"width": 375, "height": 812}
WIDE = {"width": 1440, "height": 900}
RUNS = "window.ran"
HOSTILE_LINE = f"""<script>{RUNS}=1</script><img src=x onerror="{RUNS}=1">{OVERRIDE}"""


# -- results made by hand ----------------------------------------------------------------------------------------------


def citation(text: str, number: int = 1) -> Citation:
    return Citation(id=number, document_id=text, title=text, kind="news", issuer=text, date=text, locator=[text],
                    label=text, heading_path=[text], quote=text, start=0, end=1)  # fmt: skip


def target(
    subject: str, value: float | None, unit: str, dimension: str = "count", of: Citation | None = None
) -> Target:
    return Target(subject=subject, value=value, unit=unit, comparator="达到", baseline=None, deadline="2027年",
                  task_number=1, dimension=dimension, citation=of or cite(1, 1))  # fmt: skip


def results(word: str) -> dict[Tool, object]:
    """A result of every tool, with ``word`` in every text of it."""
    one = citation(word)
    sentence = CheckedSentence(text=f"前{word}后", verdict=Verdict.ALTERED, citation=one, start=0, end=3,
                               differences=[Difference(draft=word, source=word)])  # fmt: skip
    edition = Edition(document_id=word, title=word, issuer=word, date=word, number=word)
    pieces = [Piece(side=side, text=word) for side in ("old", "new", "same")]
    compared = Compared(change=Change.TARGETS, renumbered=True, old=[one], new=[one], pieces=pieces,
                        targets=[TargetChange(subject=word, old=word, new=word)])  # fmt: skip
    link = Link(policy=one, news=one, strength=0.5, level="medium", shared=[word], statement=word)
    profile = Profile(description=word, sectors=[word], size=word, origin=word, needs=[word])
    section = Section(part="support", lines=[Line(text=word, about=word, citations=[1])], missing=[word])
    ledger = [target(word, value, word, word, one).model_copy(update={"comparator": word, "baseline": word,
              "deadline": word}) for value in (1, 2)]  # fmt: skip
    return {
        "check": Check(sentences=[sentence]),
        "find": Found(term="词语", exact=[one], related=[one], counts=Counts(documents=1, units=1, mentions=1)),
        "targets": Ledger(targets=ledger),
        "diff": Diff(old=edition, new=edition, changes=[compared], counts={Change.TARGETS: 1}),
        "evidence": Evidence(links=[link], unreported=[one]),
        "match": Sheet(profile=profile, sections=[section], citations=[one]),
    }


def nothing(tool: Tool) -> object:
    edition = Edition(document_id="d", title="题", issuer=None, date=None, number=None)
    profile = Profile(description="", sectors=[], size=None, origin=None, needs=[])
    made: dict[Tool, object] = {
        "check": Check(sentences=[]),
        "find": Found(term="词", exact=[], related=[], counts=Counts(documents=0, units=0, mentions=0)),
        "targets": Ledger(targets=[]),
        "diff": Diff(old=edition, new=edition, changes=[], counts={}),
        "evidence": Evidence(links=[], unreported=[]),
        "match": Sheet(profile=profile, sections=[Section(part="support", lines=[], missing=[])], citations=[]),
    }
    return made[tool]


@pytest.mark.parametrize("tool", TOOLS)
@given(word=texts.map(lambda text: "".join(text.splitlines())).filter(str.strip))
def test_no_text_changes_the_shape_of_a_result(tool: Tool, word: str) -> None:
    def shape(text: str) -> object:
        return Reader(render_result(tool, results(text)[tool], 1, "zh")).shape()

    assert shape(word) == shape("词")


@pytest.mark.parametrize("tool", TOOLS)
def test_a_result_holds_nothing_that_runs(tool: Tool) -> None:
    html = render_result(tool, results(HOSTILE)[tool], 1, "zh") + render_problem(HOSTILE, 1, "zh")
    for tag, attributes in Reader(html).elements:
        assert tag not in {"script", "img", "a", "iframe"}
        assert not {name for name in attributes if name.startswith("on") or name in ("src", "style", "href", "id")}


@pytest.mark.parametrize(
    ("tool", "key"),
    [
        ("check", "no_sentences"),
        ("find", "no_exact"),
        ("targets", "no_targets"),
        ("diff", "no_units"),
        ("evidence", "no_links"),
        ("match", "nothing_in_part"),
    ],
)
def test_nothing_is_said_in_words(tool: Tool, key: str) -> None:
    for lang in ("zh", "en"):
        assert tell(key, lang) in render_result(tool, nothing(tool), 1, lang).replace("&#39;", "'")


def test_what_differs_is_shown_where_not_all_is() -> None:
    verdicts = [Verdict.VERBATIM] * MOST_LISTED + [Verdict.NOT_FOUND, Verdict.VERBATIM]
    made = [CheckedSentence(text=str(at), verdict=verdict, differences=[], citation=None, start=0, end=1)
            for at, verdict in enumerate(verdicts)]  # fmt: skip
    shown = listed(made)
    assert [one.text for one in shown] == [*map(str, range(MOST_LISTED - 1)), str(MOST_LISTED)]
    assert listed(made[:3]) == made[:3]


@given(texts, st.lists(texts, max_size=4))
def test_the_parts_of_a_text_are_the_text(text: str, differing: list[str]) -> None:
    assert "".join(part.text for part in parted(text, differing)) == text


def test_only_one_unit_is_charted_together() -> None:
    drawn = charts([target("甲", 3, "万亿元", "money"), target("乙", 200, "亿元", "money"), target("丙", 50, "亿元", "money"),
                    target("丁", 5, "%", "percent"), target("戊", None, ""), target("己", 0, "家"), target("庚", 0, "家")])  # fmt: skip
    assert [(chart.unit, [(bar.target.subject, bar.length) for bar in chart.bars]) for chart in drawn] == [
        ("家", [("己", 0.0), ("庚", 0.0)]),
        ("亿元", [("乙", 100.0), ("丙", 25.0)]),
    ]


@pytest.mark.parametrize(
    ("comparator", "said"),
    [("", "3万亿元"), ("达到", "达到3万亿元"), ("达到…左右", "达到3万亿元左右"), ("以上", "3万亿元以上")],
)
def test_a_figure_stands_within_its_limits(comparator: str, said: str) -> None:
    one = target("甲", 3, "万亿元").model_copy(update={"comparator": comparator})
    assert [bar.said for bar in charts([one, one])[0].bars] == [said, said]


def test_a_citation_of_a_result_is_a_button_with_its_place() -> None:
    html = render_result("targets", Ledger(targets=[target("服务点", 10, "个")]), 1, "zh")
    (chip,) = (attributes for tag, attributes in Reader(html).elements if attributes.get("class") == "chip")
    assert chip["data-document"] == POLICY.id
    assert POLICY.text[int(chip["data-start"]) : int(chip["data-end"])] == "新建服务点10个。"


def test_every_text_of_the_desk_is_used_in_both_languages() -> None:
    used = "".join(path.read_text(encoding="utf-8") for path in ASSETS.glob("desk_*.html"))
    used += "".join(
        path.read_text(encoding="utf-8") for path in (ASSETS.parent / "desk").glob("*.py") if path.name != "texts.py"
    )
    made = "tab_|does_|run_|give_|verdict_|change_|part_|level_|by_"
    assert not {key for key in DESK if not re.match(made, key) and not re.search(rf"""['"]{key}['"]""", used)}
    for key, text in DESK.items():
        zh, en = ({name for _, name, _, _ in Formatter().parse(one) if name} for one in text)
        assert zh == en, key


# -- in a browser ------------------------------------------------------------------------------------------------------

EDITION = """青梧市推进夜间经济发展行动方案

青政发〔{year}〕9号

为推进夜间经济发展，制定本方案。

一、重点任务

1.打造夜市街区。到{until}年，建成夜市街区{streets}条，夜间营业商户达到{shops}家以上。

2.延长公交运营。主要线路末班车延长到二十三点，由市交通运输部门负责。
{more}
青梧市人民政府
{year}年5月6日
"""
MORE = "\n3.补贴夜间照明。对沿街商户的照明用电每年给予{amount}元补助。\n"
HOSTILE_FILE = f"""# {HOSTILE_LINE}市人民政府
# {HOSTILE_LINE}实施方案

## 一、{HOSTILE_LINE}

1.关于{HOSTILE_LINE}。到2027年建设露天剧场{{count}}座，{HOSTILE_LINE}。

2.培训剧场管理员。到2027年培训剧场管理员900名。
"""


@pytest.fixture(scope="module")
def desk(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The sample corpus, two editions of a policy, and a document that is hostile in every place."""
    folder = tmp_path_factory.mktemp("desk")
    shutil.copytree(filled, folder / "data")
    (folder / "files").mkdir()
    for name, text in {
        "2023.txt": EDITION.format(year=2023, until=2025, streets=6, shops=800, more=""),
        "2025.txt": EDITION.format(year=2025, until=2027, streets=9, shops=800, more=MORE.format(amount=300)),
        "hostile.md": HOSTILE_FILE.format(count=12),
    }.items():
        (folder / "files" / name).write_text(text, encoding="utf-8")
    command(folder / "data", "ingest", str(folder / "files"))
    with serving(folder / "data") as service:
        yield service


def browsing(test):  # type: ignore[no-untyped-def]
    """Mark a test that needs Chromium."""
    for mark in NEEDS_CHROMIUM:
        test = mark(test)
    return test


def pane(page: Page, tool: Tool) -> Locator:
    """Go to a tool by its tab."""
    page.locator('.views [data-view="desk"]').click()
    page.locator(f'[role="tab"][data-tool="{tool}"]').click()
    at = page.locator(f"#pane-{tool}")
    expect(at.locator("form")).to_be_visible()
    return at


def run(at: Locator) -> Locator:
    """Press the button and wait for the result."""
    before = at.locator(".found").get_attribute("data-run") if at.locator(".found").count() else None
    at.locator('button[type="submit"]').click()
    newer = f'.found:not([data-run="{before}"])' if before else ".found"
    expect(at.locator(newer)).to_be_visible()
    expect(at).not_to_have_class(re.compile("working"))
    return at.locator(".found")


def opens(page: Page, chip: Locator) -> str:
    """Click a citation and return what is marked in the source."""
    start, end = chip.get_attribute("data-start"), chip.get_attribute("data-end")
    document = chip.get_attribute("data-document")
    chip.click()
    expect(page.locator("aside.source")).to_have_attribute("data-place", f"{document}:{start}:{end}")
    mark = page.locator(".source mark")
    expect(mark.first).to_be_in_viewport()
    return "".join(mark.all_inner_texts())


def downloaded(page: Page, at: Locator, format_: str) -> bytes:
    with page.expect_download() as download:
        at.locator(f'[data-download][data-format="{format_}"]').click()
    assert download.value.suggested_filename.endswith(f".{format_}")
    return Path(download.value.path()).read_bytes()


def words_of(data: bytes, suffix: str) -> str:
    """The text of a file, without white space."""
    if suffix == "docx":
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            assert docx.Document(io.BytesIO(data)).element is not None
            xml = "".join(parts.read(name).decode() for name in parts.namelist() if name.startswith("word/") and name.endswith(".xml"))  # fmt: skip
        text = re.sub(r"<[^>]+>", "", xml)
    elif suffix == "pdf":
        text = "".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(data)).pages)
    elif suffix == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(data))
        text = "".join(str(cell.value or "") for sheet in book for row in sheet.iter_rows() for cell in row)
    else:
        text = data.decode("utf-8-sig")
    return re.sub(r"\s", "", text)


@browsing
def test_a_draft_is_checked(visits: Visits, desk: Service) -> None:
    page = visits(desk, viewport=WIDE).open("/")
    at = pane(page, "check")
    said = "到2027年，建成夜市街区19条，夜间营业商户达到800家以上。主要线路末班车延长到二十三点，由市交通运输部门负责。"
    at.locator("textarea").fill(said)
    result = run(at)
    rows = result.locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_have_attribute("data-kind", "altered")
    expect(rows.nth(0).locator(".said del").first).to_have_text("19条")
    expect(rows.nth(0).locator("blockquote ins").first).to_have_text("9条")
    expect(rows.nth(1)).to_have_attribute("data-kind", "verbatim")
    result.locator('[data-show^="not_found"]').click()
    expect(rows.nth(1)).to_be_hidden()
    expect(rows.nth(0)).to_be_visible()
    result.locator('[data-show=""]').click()
    expect(rows.nth(1)).to_be_visible()
    expect(result.locator(".sum")).to_have_text("共 2 句，1 句与原文不一致")
    assert "建成夜市街区9条" in opens(page, rows.nth(0).locator(".chip"))
    shot(page, "desk-check")
    for suffix in FORMATS["check"]:
        assert "19条" in words_of(downloaded(page, at, suffix), suffix)
    checked = json.loads(downloaded(page, at, "json"))["sentences"]
    assert [one["verdict"] for one in checked] == ["altered", "verbatim"]


@browsing
def test_a_draft_file_is_opened_and_checked(visits: Visits, desk: Service) -> None:
    page = visits(desk).open("/?view=desk")
    at = page.locator("#pane-check")
    written = docx.Document()
    written.core_properties.title = "夜间公交"
    written.add_paragraph("主要线路末班车延长到二十二点，由市交通运输部门负责。")
    data = io.BytesIO()
    written.save(data)
    chooser = at.locator('input[type="file"]')
    chooser.set_input_files({"name": "稿件.docx", "mimeType": "application/zip", "buffer": data.getvalue()})
    expect(at.locator("tbody tr")).to_have_attribute("data-kind", "altered")
    expect(at.locator("textarea")).to_have_value(re.compile("末班车延长到二十二点"))
    marked = docx.Document(io.BytesIO(downloaded(page, at, "docx")))
    assert marked.core_properties.title == "夜间公交", "the comments stand in the file that was opened"
    assert "二十三点" in "".join(comment.text for comment in marked.comments)
    at.locator("textarea").fill("主要线路末班车延长到二十一点，由市交通运输部门负责。")
    run(at)
    assert docx.Document(io.BytesIO(downloaded(page, at, "docx"))).core_properties.title != "夜间公交"
    for _ in range(2):  # the same file twice, too
        chooser.set_input_files({"name": "稿件.docx", "mimeType": "application/zip", "buffer": b"PK\x03\x04broken"})
        expect(at).not_to_have_class(re.compile("working"))
        expect(at.locator("form .problem")).to_be_visible()
        expect(at.locator("textarea")).to_have_value(re.compile("二十一点"))
    run(at)
    expect(at.locator("form .problem")).to_be_hidden()
    expect(at.locator("tbody tr")).to_have_attribute("data-kind", "altered")


@browsing
def test_a_sample_shows_what_the_check_is_for(visits: Visits, desk: Service) -> None:
    page = visits(desk).open("/?view=desk")
    at = page.locator("#pane-check")
    at.locator("[data-try]").click()
    kinds = run(at).locator("tbody tr")
    expect(kinds).to_have_count(3)
    assert [row.get_attribute("data-kind") for row in kinds.all()] == ["verbatim", "altered", "not_found"]
    expect(page.locator("[data-heard]")).to_have_text("共 3 句，2 句与原文不一致")


@browsing
def test_what_differs_comes_first_in_a_long_draft(visits: Visits, desk: Service) -> None:
    page = visits(desk).open("/?view=desk")
    at = page.locator("#pane-check")
    at.locator("textarea").fill(
        "主要线路末班车延长到二十三点，由市交通运输部门负责。\n" * FEW + "我市将建设一座航天发射场。"
    )
    rows = run(at).locator("tbody tr")
    expect(rows).to_have_count(FEW + 1)
    expect(at.locator("tbody tr:visible")).to_have_count(1)
    expect(at.locator('[aria-pressed="true"]')).to_have_text(re.compile("只看不一致的"))
    at.locator('[data-show=""]').click()
    expect(at.locator("tbody tr:visible")).to_have_count(FEW + 1)


@browsing
def test_a_term_is_looked_up(visits: Visits, desk: Service) -> None:
    page = visits(desk, viewport=WIDE).open("/?view=desk&tool=find")
    at = page.locator("#pane-find")
    at.locator("input").fill("夜市街区")
    at.locator("input").press("Enter")
    exact, related = (at.locator(f'[data-list="{name}"]') for name in ("exact", "related"))
    expect(exact.locator(".entry").first).to_be_visible()
    assert all("夜市街区" in quote for quote in exact.locator("blockquote").all_inner_texts())
    assert not any("夜市街区" in quote for quote in related.locator("blockquote").all_inner_texts())
    expect(at.locator(".sum")).to_contain_text("“夜市街区”：1 份文件")
    expect(exact.locator("mark").first).to_have_text("夜市街区")
    assert "夜市街区" in opens(page, exact.locator(".chip").first)
    for suffix in FORMATS["find"]:
        assert "夜市街区" in words_of(downloaded(page, at, suffix), suffix)
    rows = list(csv.reader(io.StringIO(downloaded(page, at, "csv").decode("utf-8-sig"))))
    assert any("夜市街区" in cell for row in rows for cell in row)
    hint = at.locator("[data-try]").first
    hint.click()
    expect(at.locator(".sum")).to_contain_text(f"“{hint.inner_text()}”")
    expect(exact.locator(".entry").first).to_be_visible()


@browsing
def test_targets_are_listed_sorted_and_charted(visits: Visits, desk: Service) -> None:
    page = visits(desk, viewport=WIDE).open("/?view=desk&tool=targets")
    at = page.locator("#pane-targets")
    title = "云州市建设沿江先进制造走廊行动方案(2024—2028年)"
    at.locator("select").select_option(label=title)
    rows = at.locator(".ledger tbody tr")
    expect(rows.first).to_be_visible()
    assert rows.count() > 20
    for order in ("ascending", "descending"):
        at.locator("th", has_text="数值").locator("button").click()
        expect(at.locator("th", has_text="数值")).to_have_attribute("aria-sort", order)
        held = [one for one in rows.locator("td.number").all_inner_texts() if one]
        values = [float(one) for one in held]
        assert values == sorted(values, reverse=order == "descending")
        expect(rows.first.locator("td.number")).to_have_text(held[0])
    chip = rows.first.locator(".chip")
    assert rows.first.locator("td.number").inner_text() in opens(page, chip)
    at.locator('[data-grouped="chart"]').click()
    expect(rows.first).to_be_hidden()
    bars = at.locator(".charts figure").first.locator("li")
    assert bars.count() > 1
    widths = [float(one.get_attribute("width") or 0) for one in bars.locator(".bar").all()]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] == 100
    expect(bars.first.locator(".value")).to_have_text(re.compile(r"\d"))
    assert bars.first.locator(".link").inner_text() in opens(page, bars.first.locator(".link"))
    shot(page, "desk-chart")
    for suffix in FORMATS["targets"]:
        assert "亿元" in words_of(downloaded(page, at, suffix), suffix)


@browsing
def test_two_editions_are_compared(visits: Visits, desk: Service) -> None:
    page = visits(desk, viewport=WIDE).open("/?view=desk&tool=diff")
    at = page.locator("#pane-diff")
    old, new = (at.locator(f'[name="{name}"] option:checked').inner_text() for name in ("old", "new"))
    assert "夜间经济" in old and "2023" in old, "the editions of one policy are chosen from the start"
    assert "夜间经济" in new and "2025" in new
    result = run(at)
    changed = result.locator('.change[data-kind="targets"]')
    expect(changed.first.locator(".pieces del").first).to_be_visible()
    expect(changed.locator(".differences", has_text="9条")).to_be_visible()
    expect(result.locator('.change[data-kind="unchanged"]').first).to_be_hidden()
    shot(page, "desk-diff")
    result.locator('[data-show="added"]').click()
    expect(result.locator(".change:visible")).to_have_count(result.locator('.change[data-kind="added"]').count())
    expect(result.locator('.change[data-kind="added"]', has_text="补贴夜间照明")).to_be_visible()
    result.locator('[data-show="unchanged"]').click()
    assert "末班车" in opens(
        page, result.locator('.change[data-kind="unchanged"]', has_text="末班车").locator(".chip").last
    )
    for suffix in FORMATS["diff"]:
        assert "补贴夜间照明" in words_of(downloaded(page, at, suffix), suffix)
    at.locator('[name="new"]').select_option(value=at.locator('[name="old"]').input_value())
    expect(run(at).locator(".problem")).to_have_text(tell("give_diff"))


@browsing
def test_reports_stand_beside_tasks(visits: Visits, desk: Service) -> None:
    page = visits(desk, viewport=WIDE).open("/?view=desk&tool=evidence")
    at = page.locator("#pane-evidence")
    result = run(at)
    first = result.locator('[data-group="task"] .link-of').first
    expect(first.locator('[data-side="policy"] strong')).to_have_text("方案要求")
    expect(first.locator('[data-side="news"] strong')).to_have_text("据报道")
    expect(first.locator(".badge")).to_contain_text("印证程度")
    quote = first.locator('[data-side="news"] blockquote').inner_text()
    assert quote.strip() == opens(page, first.locator('[data-side="news"] .chip')).strip()
    result.locator('[data-grouped="report"]').click()
    expect(first).to_be_hidden()
    expect(result.locator('[data-group="report"] .link-of').first).to_be_visible()
    for suffix in FORMATS["evidence"]:
        assert re.sub(r"\s", "", quote)[:12] in words_of(downloaded(page, at, suffix), suffix)


@browsing
def test_an_enterprise_is_matched(visits: Visits, desk: Service) -> None:
    page = visits(desk, viewport=WIDE).open("/?view=desk&tool=match")
    at = page.locator("#pane-match")
    at.locator("[data-try]").click()
    result = run(at)
    expect(result.locator(".profile")).to_contain_text("新材料")
    lines = result.locator(".line")
    expect(lines.first).to_be_visible()
    assert all(line.locator(".chip").count() for line in lines.all())
    said = re.sub(r"\s", "", lines.first.locator(".said").inner_text())
    assert said in re.sub(r"\s", "", opens(page, lines.first.locator(".chip").first))
    for suffix in FORMATS["match"]:
        assert said[:12] in words_of(downloaded(page, at, suffix), suffix)


@browsing
def test_nothing_given_is_told(visits: Visits, desk: Service) -> None:
    page = visits(desk).open("/?view=desk")
    for tool in ("check", "find", "match"):
        assert run(pane(page, tool)).locator(".problem").inner_text() == DESK[f"give_{tool}"].zh


@browsing
def test_the_tabs_are_worked_by_keyboard_and_named_in_the_address(visits: Visits, desk: Service) -> None:
    page = visits(desk).open("/?view=desk&tool=diff")
    tabs = page.get_by_role("tab")
    expect(tabs).to_have_text([DESK[f"tab_{tool}"].zh for tool in TOOLS])
    expect(page.get_by_role("tab", selected=True)).to_have_text("版本对比")
    expect(page.get_by_role("tabpanel", name="版本对比")).to_be_visible()
    tabs.nth(3).focus()
    page.keyboard.press("ArrowRight")
    expect(tabs.nth(4)).to_be_focused()
    expect(page.get_by_role("tabpanel")).to_have_count(1)
    assert "tool=evidence" in page.url
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    expect(tabs.nth(0)).to_be_focused()
    assert "tool=" not in page.url
    page.keyboard.press("Tab")
    expect(page.locator("#pane-check textarea")).to_be_focused()
    page.keyboard.type("主要线路末班车延长到二十三点，由市交通运输部门负责。")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#pane-check tbody tr")).to_have_attribute("data-kind", "verbatim")


@browsing
def test_hostile_text_is_shown_as_text(visits: Visits, desk: Service) -> None:
    page = visits(desk).open("/?view=desk")
    shown = HOSTILE_LINE.replace("\u202e", "").replace("\u2067", "")[:30]
    at = pane(page, "check")
    at.locator("textarea").fill(f"到2027年建设露天剧场13座，{HOSTILE_LINE}。{HOSTILE_LINE}")
    expect(run(at)).to_contain_text(shown)
    held = {"name": f"{HOSTILE_LINE}.txt", "mimeType": "text/plain"}
    at.locator('input[type="file"]').set_input_files({**held, "buffer": f"{HOSTILE_LINE}需要剧场。".encode()})  # type: ignore[typeddict-item]
    expect(at.locator("textarea")).to_have_value(re.compile("^<script>"))
    expect(at.locator(".found .said").first).to_contain_text(shown)
    at.locator('input[type="file"]').set_input_files({**held, "buffer": b"\x00\x01\x02"})  # type: ignore[typeddict-item]
    expect(at.locator("form .problem")).to_contain_text(shown)
    at = pane(page, "find")
    for term in (HOSTILE_LINE, "露天剧场"):
        at.locator("input").fill(term)
        expect(run(at)).to_contain_text(shown)
    at = pane(page, "match")
    at.locator("textarea").fill(f"我们是做{HOSTILE_LINE}的企业，建设露天剧场，需要培训。")
    run(at)
    run(pane(page, "targets"))
    at = pane(page, "diff")
    for name in ("old", "new"):
        hostile = at.locator(f'[name="{name}"] option', has_text="<script>").first.get_attribute("value")
        other = at.locator(f'[name="{name}"] option', has_text="夜间经济").first.get_attribute("value")
        at.locator(f'[name="{name}"]').select_option(hostile if name == "old" else other)
    expect(run(at)).to_contain_text(shown)
    run(pane(page, "evidence"))
    assert page.evaluate("window.ran") is None
    assert page.locator("#bench :is(script, img, iframe, a)").count() == 0


@browsing
@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_has_no_grave_violation_and_fits_a_phone(visits: Visits, desk: Service, tool: Tool) -> None:
    page = visits(desk).open(f"/?view=desk&tool={tool}")
    at = page.locator(f"#pane-{tool}")
    expect(at.locator("form")).to_be_visible()
    assert violations(page) == []
    fields = {"check": "textarea", "match": "textarea", "find": "input"}
    if tool in fields:
        at.locator(f"form {fields[tool]}").first.fill(
            "到2027年，建成夜市街区19条。新材料企业需要资金。" if tool != "find" else "企业"
        )
    run(at)
    assert violations(page) == []
    if tool == "targets":
        at.locator('[data-grouped="chart"]').click()
        assert violations(page) == []
    page.locator("[data-theme-switch]").click()
    expect(page.locator("body")).to_have_class(re.compile("dark"))
    assert violations(page) == []
    page.set_viewport_size(PHONE)
    assert fits(page)
    inside = "one => [one.scrollWidth, one.clientWidth]"
    assert len(set(page.locator("#bench").evaluate(inside))) == 1, "nothing is wider than the desk"
    for button in page.locator("#top button:visible, #top a:visible").all():
        expect(button).to_be_in_viewport(ratio=1)
    page.locator("[data-theme-switch]").click()
    assert violations(page) == []


@browsing
def test_the_desk_speaks_english(visits: Visits, desk: Service) -> None:
    page = visits(desk).open("/en/?view=desk")
    expect(page.get_by_role("tab")).to_have_text([DESK[f"tab_{tool}"].en for tool in TOOLS])
    at = pane(page, "find")
    at.locator("input").fill("夜市街区")
    expect(run(at).locator("h3").first).to_contain_text("Units that mention it")
    assert violations(page) == []
    page.set_viewport_size(PHONE)
    assert fits(page)
    for button in page.locator("#top button:visible, #top a:visible").all():
        expect(button).to_be_in_viewport(ratio=1)


@browsing
def test_an_empty_store_is_told(visits: Visits, model_folder: Path, tmp_path: Path) -> None:
    with serving(tmp_path / "data") as service:
        page = visits(service).open("/?view=desk")
        for tool in TOOLS:
            at = pane(page, tool)
            expect(at.locator("form .problem")).to_have_text(DESK["empty_store"].zh)
            expect(at.locator('button[type="submit"]')).to_be_disabled()
        page.goto("about:blank")
