"""The ways that people go through the page, in a real browser against the real service and the real model."""

import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import pypdf
import pytest
from browser import (
    NEEDS_CHROMIUM,
    Service,
    SlowModel,
    Visits,
    answered,
    ask,
    command,
    copied,
    fits,
    serving,
    shot,
    slow_model,
)
from playwright.sync_api import Page, expect

from vectorstore.embedding import Backend

pytest_plugins = ["browser_fixtures"]
pytestmark = NEEDS_CHROMIUM

SUPPORT = "首次升规的工业企业能得到什么支持？"
UNKNOWN = "云州现在一共有多少常住人口？"
YUNZHOU = "云州市建设沿江先进制造走廊行动方案"
PHONE = {"width": 390, "height": 844}
WIDE = {"width": 1440, "height": 900}

POLICY = """青杉市推进萤火虫栖息地保护若干措施

青政发〔2025〕9号

为保护萤火虫栖息地，制定本措施。

一、重点任务

1.划定暗夜保护区。到2027年，全市划定暗夜保护区18处，保护区内夜间照明照度不高于0.1勒克斯。

2.补助农户减药。对保护区内停用杀虫剂的农户，每亩每年补助{amount}元。
"""


# -- asking and reading ----------------------------------------------------------------------------------------------


def test_01_a_citation_opens_its_place_and_is_copied_with_its_source(visits: Visits, served: Service) -> None:
    visit = visits(served, viewport=WIDE)
    page = visit.open()
    exchange = ask(page, SUPPORT)
    quote = exchange.locator(".sources blockquote").first.inner_text()
    chip = exchange.locator(".text .chip").first
    expect(chip).to_contain_text("重点任务4")
    chip.click()
    mark = page.locator("mark")
    expect(mark).to_have_text(quote)
    expect(mark).to_be_in_viewport(ratio=1)
    assert page.locator(".document").evaluate("one => one.scrollTop") > 0
    panel = page.locator("aside.source")
    expect(panel.locator("h2")).to_contain_text(YUNZHOU)
    expect(panel.locator("h2")).to_be_focused()
    expect(panel.locator("header > .about")).to_contain_text("中共云州市委、云州市人民政府")
    expect(panel.locator("nav.path .step")).to_have_text(["二、重点任务", "(一)聚力链群提升,做强主导产业", "重点任务4"])
    shot(page, "01-citation")

    panel.get_by_role("button", name="复制并附出处").click()
    words, source, link = copied(page).splitlines()
    assert words == f"“{quote}”"
    assert source.startswith(f"——《{YUNZHOU}") and "》重点任务4（中共云州市委" in source
    assert link.startswith(f"{served.address}/?document=")
    tab = visit.context.new_page()
    tab.goto(link)
    expect(tab.locator("mark")).to_have_text(quote)
    expect(tab.locator("mark")).to_be_in_viewport(ratio=1)
    with visit.context.expect_page() as opened:
        panel.get_by_role("link", name="本处链接").click()
    expect(opened.value.locator("mark")).to_have_text(quote)


def test_02_a_followup_says_how_it_was_understood(page: Page) -> None:
    ask(page, "重点任务6的原文是什么？")
    exchange = ask(page, "那第7条呢？")
    expect(exchange.locator(".understood")).to_contain_text(re.compile("按此理解：.*7"))
    chip = exchange.locator(".text .chip").first
    expect(chip).to_contain_text("重点任务7")
    chip.click()
    expect(page.locator("nav.path .here")).to_have_text("重点任务7")
    shot(page, "02-followup")
    exchange.locator("[data-write]").click()
    line = page.locator("#question textarea")
    expect(line).to_be_focused()
    assert "7" in line.input_value()


def test_03_a_refusal_offers_what_is_nearest(page: Page) -> None:
    exchange = ask(page, UNKNOWN)
    expect(exchange.locator(".answer")).to_have_attribute("data-status", "refused")
    expect(exchange.locator(".status")).to_have_text("来源中没有")
    assert exchange.locator(".text .chip").count() == 0
    shot(page, "03-refusal")
    near = exchange.locator(".sources .entry").first
    label = near.locator(".chip bdi").inner_text()
    near.get_by_role("button", name="问这一条").click()
    nearest = answered(page, 2)
    expect(nearest.locator(".answer")).to_have_attribute("data-status", "answered")
    expect(nearest.locator(".text .chip").first).to_contain_text(label)


def test_04_the_tasks_are_browsed_searched_and_asked_about(visits: Visits, served: Service) -> None:
    page = visits(served, viewport=WIDE).open("/?view=tasks")
    page.locator("[data-document-choice]").select_option(label=f"{YUNZHOU}(2024—2028年)")
    expect(page.locator(".tasks .whose .title")).to_contain_text(YUNZHOU)
    leaves = page.locator(".tasks .leaf:visible")
    expect(page.locator(".tasks .leaf.task")).to_have_count(26)
    expect(page.locator(".tree > .branch > details > summary").nth(1)).to_have_text("二、重点任务")
    page.locator("[data-find]").press_sequentially("云链贷")
    expect(leaves).to_have_count(1)
    expect(page.locator("[data-found]")).to_have_text("1 处符合")
    expect(leaves.locator(".label")).to_contain_text("重点任务8")
    wording = leaves.locator(".wording").inner_text()
    leaves.locator("button").click()
    expect(page.locator("mark")).to_have_text(wording)
    expect(page.locator("mark")).to_be_in_viewport()
    targets = page.locator(".source .around button")
    expect(targets).to_have_count(2)
    expect(targets.first).to_be_visible()
    shot(page, "04-tasks")
    aim = targets.first.inner_text()
    targets.first.click()
    expect(page.locator("mark")).to_have_text(aim)
    page.locator(".source [data-ask]").click()
    exchange = answered(page, 1)
    expect(exchange).to_be_visible()
    expect(exchange.locator(".asked")).to_contain_text("重点任务8的原文是什么？")
    expect(exchange.locator(".text .chip").first).to_contain_text("重点任务8")


def test_04_a_link_names_the_document_to_browse(visits: Visits, served: Service) -> None:
    visit = visits(served)
    page = visit.open("/?view=tasks")
    news = page.locator("[data-document-choice] option", has_text="把误差磨进两微米").get_attribute("value")
    page = visit.open(f"/?view=tasks&document={news}")
    page.wait_for_timeout(1000)  # an event of its own that follows must not set it back
    expect(page.locator(".tasks .whose .title")).to_have_text("把误差磨进两微米", timeout=3000)


@pytest.mark.parametrize(
    ("title", "label"),
    [("云州市建设沿江先进制造走廊行动方案(2024—2028年)", "第2段"), ("前三季度全市快递业务量突破4亿件", "第3段")],
)
def test_04_a_paragraph_is_asked_about(visits: Visits, served: Service, title: str, label: str) -> None:
    page = visits(served).open("/?view=tasks")
    page.locator("[data-document-choice]").select_option(label=title)
    expect(page.locator(".tasks .whose .title")).to_have_text(title)
    page.locator(".tasks .leaf", has_text=label).locator("button").click()
    expect(page.locator(".source .here")).to_have_text(label)
    page.locator(".source [data-ask]").click()
    expect(answered(page, 1).locator(".text .chip").first).to_contain_text(label, timeout=3000)


def test_05_a_question_is_edited_and_asked_again(page: Page) -> None:
    for number in (6, 7, 9):
        ask(page, f"重点任务{number}的原文是什么？")
    second = page.locator(".exchange").nth(1)
    second.hover()
    second.locator("[data-edit]").click()
    field = second.locator("form.editing textarea")
    expect(field).to_be_focused()
    expect(field).to_have_value("重点任务7的原文是什么？")
    field.fill("重点任务8的原文是什么？")
    shot(page, "05-edit")
    page.keyboard.press("Enter")
    expect(page.locator(".asked").nth(1)).to_contain_text("重点任务8")
    edited = answered(page, 2)
    expect(edited.locator(".text .chip").first).to_contain_text("重点任务8")
    before = edited.get_attribute("data-exchange")
    edited.locator(".judge [data-replaces]").click()
    expect(page.locator(f'.exchange[data-exchange="{before}"]')).to_have_count(0)
    again = answered(page, 2)
    expect(again.locator(".text .chip").first).to_contain_text("重点任务8")
    page.reload()
    expect(page.locator(".asked")).to_have_count(2)


# -- a language model that takes its time ----------------------------------------------------------------------------


def _offered(body: dict[str, Any]) -> str:
    """Three of the sentences that the model was offered, as it would cite them."""
    said = re.findall(r"^\[(\d+)\] (.+)$", body["messages"][-1]["content"], flags=re.MULTILINE)
    return "".join(f"{text.rstrip('。；;')}[{number}]。" for number, text in said[:4])


@pytest.fixture(scope="module")
def model() -> Iterator[SlowModel]:
    with slow_model(_offered) as running:
        yield running


@pytest.fixture(scope="module")
def writing(
    model: SlowModel, filled: Path, backend: Backend, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """A service that answers in the words of the slow model."""
    data = tmp_path_factory.mktemp("writing") / "data"
    shutil.copytree(filled, data)
    named = {"engine": "llm", "llm_base_url": model.base_url, "llm_model": "slow", "llm_api_key": "k"}
    with serving(data, **named, embedding_backend=backend) as service:
        yield service


def test_05_an_answer_is_stopped_and_asked_for_again(visits: Visits, writing: Service, model: SlowModel) -> None:
    model.pause = 0.5
    visit = visits(writing)
    visit.forgiven += ["AbortError", "Connection errored out"]  # Gradio's, of the stopped stream as the page is left
    page = visit.open()
    page.fill("#question textarea", SUPPORT)
    page.keyboard.press("Enter")
    expect(page.locator(".exchange .busy")).to_be_visible()
    page.get_by_role("button", name="停止").click()
    stopped = answered(page, 1)
    expect(stopped.locator(".status")).to_have_text("已停止")
    shot(page, "05-stopped")
    page.reload()
    expect(stopped.locator(".status")).to_have_text("已停止")
    model.pause = 0
    stopped.get_by_role("button", name="再试一次").click()
    expect(page.locator(".answer[data-status=answered]")).to_have_count(1)
    done = answered(page, 1)
    expect(done.locator(".judge small")).to_contain_text("slow")


WATCH = """() => {
  window.seen = [];
  const look = () => {
    const latest = [...document.querySelectorAll(".exchange")].pop();
    const text = latest?.querySelector(".busy, .answer .text");
    if (text) window.seen.push([latest.querySelector(".asked").getBoundingClientRect().top, text.textContent.length]);
    window.watching = requestAnimationFrame(look);
  };
  look();
}"""


@pytest.mark.each_backend  # the sooner the answer begins, the less has settled
def test_05_an_answer_grows_without_moving_the_question(visits: Visits, writing: Service, model: SlowModel) -> None:
    model.pause = 0.03
    page = visits(writing, reduced_motion="no-preference").open()
    for question in ("企业在资金方面能得到哪些支持？", "有哪些支持人才的措施？"):
        before = page.locator(".exchange").count()
        page.fill("#question textarea", question)
        page.keyboard.press("Enter")
        expect(page.locator(".exchange")).to_have_count(before + 1)
        page.evaluate(WATCH)
        answered(page, before + 1)
        seen = page.evaluate("cancelAnimationFrame(window.watching), window.seen")
        lengths = sorted({length for _top, length in seen})
        assert len(lengths) > 2, f"the answer came at once: {lengths}"
        tops = [top for top, _length in seen]
        assert max(tops) - min(tops) <= 1, f"the question moved: {min(tops)} to {max(tops)}"
        expect(page.locator(".asked").last).to_be_in_viewport(ratio=1)
    shot(page, "05-streamed")


# -- what is taken away ----------------------------------------------------------------------------------------------


def test_06_a_conversation_is_exported(page: Page) -> None:
    exchange = ask(page, SUPPORT)
    quote = exchange.locator(".sources blockquote").first.inner_text()
    page.locator(".menu summary").click()
    shot(page, "06-export")
    for suffix, read in (("docx", _docx), ("pdf", _pdf), ("md", _markdown)):
        with page.expect_download() as download:
            page.locator(f'.menu a[href*="format={suffix}"]').click()
        assert download.value.suggested_filename.endswith(f".{suffix}")
        text = re.sub(r"\s", "", read(Path(download.value.path()).read_bytes()))
        assert SUPPORT in text, suffix
        assert quote in text, suffix


def _docx(data: bytes) -> str:
    return "\n".join(one.text for one in docx.Document(io.BytesIO(data)).paragraphs)


def _pdf(data: bytes) -> str:
    return "".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(data)).pages)


def _markdown(data: bytes) -> str:
    return data.decode().replace("\\", "")


# -- the documents ---------------------------------------------------------------------------------------------------


def test_07_files_are_uploaded_asked_about_replaced_restored_and_deleted(
    visits: Visits, filled: Path, tmp_path: Path
) -> None:
    shutil.copytree(filled, tmp_path / "data")
    with serving(tmp_path / "data") as service:
        page = visits(service).open("/?view=documents")
        name = "萤火虫.txt"
        _upload(page, (name, POLICY.format(amount=260)), ("坏.exe", "MZ"))
        expect(page.locator(".uploader li.problem")).to_contain_text("坏.exe")
        expect(page.locator(".uploader li.problem span")).to_contain_text(".exe")
        file = page.locator(".files > li", has=page.get_by_role("heading", name=re.compile(f"^{name}")))
        expect(file.locator(".one .link")).to_contain_text("青杉市推进萤火虫栖息地保护")
        expect(file).to_be_visible()
        shot(page, "07-uploaded")
        page.locator('.views [data-view="chat"]').click()
        exchange = ask(page, "保护区内停用杀虫剂的农户每亩补助多少？")
        expect(exchange.locator(".sources")).to_contain_text("260元")
        exchange.locator(".text .chip").first.click()
        expect(page.locator(".source h2")).to_contain_text("萤火虫")
        expect(page.locator("mark")).to_contain_text("260元")

        page.locator('.views [data-view="documents"]').click()
        _upload(page, (name, POLICY.format(amount=380)))
        expect(file.locator("summary", has_text="版本（2）")).to_be_visible()
        assert "380元" in _asked(page, "保护区内停用杀虫剂的农户每亩补助多少？")
        page.locator('.views [data-view="documents"]').click()
        file.locator("summary", has_text="版本").click()
        expect(file.locator(".versions li").first.locator(".tag")).to_have_text("当前")
        shot(page, "07-versions")
        file.locator('[data-act="restore"]').click()
        expect(file.locator(".versions li").nth(1).locator(".tag")).to_have_text("当前")
        assert "260元" in _asked(page, "保护区内停用杀虫剂的农户每亩补助多少？")

        page.locator('.views [data-view="documents"]').click()
        count = page.locator(".files > li").count()
        file.locator('[data-act="remove"]').click()
        expect(page.locator("#dialog-says")).to_contain_text(f"删除文件“{name}”")
        shot(page, "07-delete")
        page.locator("#dialog").get_by_role("button", name="取消").click()
        expect(page.locator("#dialog")).to_be_hidden()
        file.locator('[data-act="remove"]').click()
        page.locator("#dialog").get_by_role("button", name="确定").click()
        expect(page.locator(".files > li")).to_have_count(count - 1)
        expect(file).to_have_count(0)
        assert "260元" not in _asked(page, "保护区内停用杀虫剂的农户每亩补助多少？")
        page.goto("about:blank")


def _upload(page: Page, *files: tuple[str, str]) -> None:
    page.locator('.drop input[type="file"]').set_input_files(
        [{"name": name, "mimeType": "text/plain", "buffer": text.encode()} for name, text in files]
    )
    expect(page.locator(".uploader li:not(.problem)")).to_have_count(0)
    expect(page.locator(".documents[data-busy]")).to_have_count(0)


def _asked(page: Page, question: str) -> str:
    page.locator('.views [data-view="chat"]').click()
    return ask(page, question).locator(".answer .text").inner_text()


def test_07_an_empty_store_says_how_to_fill_it(visits: Visits, model_folder: Path, tmp_path: Path) -> None:
    with serving(tmp_path / "data") as service:
        page = visits(service).open()
        expect(page.locator(".welcome h2")).to_have_text("还没有收录任何文件")
        expect(page.locator(".welcome .command")).to_contain_text("zhengce ingest")
        shot(page, "07-empty")
        exchange = ask(page, SUPPORT)
        expect(exchange.locator(".answer")).to_have_attribute("data-status", "failed")
        expect(exchange.locator(".text")).to_contain_text("还没有收录")
        page.locator("[data-new]").click()
        page.locator(".welcome").get_by_role("button", name="上传文件").click()
        _upload(page, ("萤火虫.txt", POLICY.format(amount=260)))
        expect(page.locator(".files > li")).to_have_count(1)
        page.locator('.views [data-view="tasks"]').click()
        expect(page.locator(".tasks .leaf.task")).to_have_count(2)
        page.locator('.views [data-view="chat"]').click()
        exchange = ask(page, "重点任务1的原文是什么？")
        expect(exchange.locator(".text")).to_contain_text("18处")
        page.goto("about:blank")


# -- what is kept ----------------------------------------------------------------------------------------------------


def test_08_what_somebody_thinks_of_an_answer_is_kept(page: Page, served: Service) -> None:
    exchange = ask(page, SUPPORT)
    which = exchange.get_attribute("data-exchange")
    down = exchange.locator("[data-rate=down]")
    down.click()
    form = exchange.locator("form.reasons")
    expect(form).to_be_visible()
    form.get_by_label("有遗漏").check()
    form.locator("textarea").fill("没有说贴息的比例")
    shot(page, "08-feedback")
    form.get_by_role("button", name="提交").click()
    expect(page.locator("#note")).to_have_text("已记录，谢谢。")
    expect(down).to_have_attribute("aria-pressed", "true")
    expect(form).to_be_hidden()
    kept = _feedback(served, which)
    assert [(one["rating"], one["reason"], one["comment"]) for one in kept] == [("down", "missing", "没有说贴息的比例")]
    assert kept[0]["question"] == SUPPORT
    down.click()
    expect(down).to_have_attribute("aria-pressed", "false")
    assert _feedback(served, which) == []
    exchange.locator("[data-rate=up]").click()
    expect(exchange.locator("[data-rate=up]")).to_have_attribute("aria-pressed", "true")
    assert [one["rating"] for one in _feedback(served, which)] == ["up"]


def _feedback(service: Service, exchange: str | None) -> list[dict[str, Any]]:
    found = json.loads(command(service.data, "feedback", "--json"))["feedback"]
    return [one for one in found if one["exchange_id"] == exchange]


def test_09_everything_is_there_again_after_a_restart(visits: Visits, filled: Path, tmp_path: Path) -> None:
    shutil.copytree(filled, tmp_path / "data")
    with serving(tmp_path / "data") as service:
        visit = visits(service)
        visit.forgiven += ["ERR_CONNECTION_REFUSED", "ERR_EMPTY_RESPONSE", "ERR_INCOMPLETE_CHUNKED_ENCODING"]
        visit.forgiven += [
            "signal is aborted",
            "Connection errored out",
        ]  # what Gradio says where its stream is cut off
        page = visit.open()
        exchange = ask(page, SUPPORT)
        exchange.locator("[data-rate=up]").click()
        expect(exchange.locator("[data-rate=up]")).to_have_attribute("aria-pressed", "true")
        history = page.locator(".history")
        history.locator("[data-rename]").click()
        page.fill("#dialog-line", "升规支持")
        page.keyboard.press("Enter")
        expect(history.locator(".open bdi")).to_have_text("升规支持")
        before = _chips(page)
        page.reload()
        expect(page.locator(".exchange")).to_have_count(1)
        assert _chips(page) == before
    page.evaluate("window.dispatchEvent(new Event('offline'))")
    expect(page.locator(".offline")).to_be_visible()
    expect(page.locator(".exchange .text")).to_be_visible()
    shot(page, "09-offline")
    with serving(tmp_path / "data", service.port):
        expect(page.locator(".offline")).to_be_hidden()
        page.reload()
        expect(page.locator(".talk .name")).to_have_text("升规支持")
        assert _chips(page) == before
        expect(page.locator("[data-rate=up]")).to_have_attribute("aria-pressed", "true")
        expect(page.locator(".history .open bdi")).to_have_text("升规支持")
        page.locator(".text .chip").first.click()
        expect(page.locator("mark")).to_have_text(page.locator(".sources blockquote").first.inner_text())
        ask(page, "那第6条呢？")
        page.goto("about:blank")


def _chips(page: Page) -> list[list[str | None]]:
    names = ("data-document", "data-start", "data-end")
    chips = page.locator(".exchange .chip").all()
    return [[chip.locator(".number").inner_text(), *(chip.get_attribute(name) for name in names)] for chip in chips]


def test_09_conversations_are_found_renamed_deleted_and_private(visits: Visits, served: Service) -> None:
    page = visits(served).open()
    history = page.locator(".history .open bdi")
    ask(page, "重点任务6的原文是什么？")
    first = page.url
    page.locator("[data-new]").click()
    expect(page.locator(".welcome")).to_be_visible()
    assert "conversation" not in page.url
    ask(page, SUPPORT)
    expect(history).to_have_text([SUPPORT, "重点任务6的原文是什么？"])
    page.locator("[data-search]").press_sequentially("升规")
    expect(history).to_have_text([SUPPORT])
    page.fill("[data-search]", "查无此事")
    expect(page.locator(".history")).to_contain_text("没有符合的对话")
    page.fill("[data-search]", "")
    expect(history).to_have_count(2)
    shot(page, "09-conversations")
    page.locator(".history li").nth(1).locator("[data-rename]").click()
    expect(page.locator("#dialog-line")).to_be_focused()
    page.fill("#dialog-line", "第六条")
    shot(page, "09-rename")
    page.keyboard.press("Enter")
    expect(history.nth(1)).to_have_text("第六条")
    history.nth(1).click()
    expect(page.locator(".talk .name")).to_have_text("第六条")
    assert page.url == first

    other = visits(served).open()
    expect(other.locator(".history .open")).to_have_count(0)
    other.goto(first)
    expect(other.locator(".welcome .problem")).to_contain_text("没有找到这个对话")

    page.locator(".history li").nth(1).locator("[data-delete]").click()
    page.locator("#dialog").get_by_role("button", name="取消").click()
    expect(history).to_have_count(2)
    page.locator(".history li").nth(1).locator("[data-delete]").click()
    expect(page.locator("#dialog-says")).to_contain_text("删除对话“第六条”")
    page.locator("#dialog").get_by_role("button", name="确定").click()
    expect(history).to_have_text([SUPPORT])
    expect(page.locator(".welcome")).to_be_visible()


# -- on a phone, by keyboard, in the dark, in English ----------------------------------------------------------------


def test_10_it_fits_a_phone(visits: Visits, served: Service) -> None:
    page = visits(served, viewport=PHONE, has_touch=True, is_mobile=True).open()
    expect(page.locator(".example").first).to_be_visible()
    assert fits(page)
    shot(page, "10-phone-welcome")
    exchange = ask(page, SUPPORT)
    assert fits(page)
    expect(page.locator("#question textarea")).to_be_in_viewport(ratio=1)
    shot(page, "10-phone-answer")
    panel = page.locator("aside.source")
    expect(panel).to_be_hidden()
    exchange.locator(".text .chip").first.tap()
    expect(panel).to_be_visible()
    expect(page.locator("mark")).to_be_in_viewport(ratio=1)
    assert fits(page)
    shot(page, "10-phone-source")
    panel.locator("[data-close]").tap()
    expect(panel).to_be_hidden()
    exchange.locator(".text .chip").first.tap()
    expect(panel).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    drawer = page.locator("#drawer")
    expect(drawer).to_be_hidden()
    page.locator("[data-drawer]").tap()
    expect(drawer).to_be_visible()
    expect(page.locator(".history .open bdi")).to_have_text(SUPPORT)
    shot(page, "10-phone-drawer")
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    for view in ("tasks", "documents"):
        page.locator(f'.views [data-view="{view}"]').tap()
        expect(page.locator(f"section.{view}")).to_be_visible()
        assert fits(page), view
        shot(page, f"10-phone-{view}")


def test_the_keyboard_alone_is_enough(page: Page) -> None:
    page.evaluate("document.activeElement.blur()")
    _tab_to(page, "#question textarea")
    page.keyboard.type("重点任务6的原文是什么？")
    page.keyboard.press("Enter")
    exchange = answered(page, 1)
    _tab_to(page, ".text .chip", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("aside.source[data-view=document] h2")).to_be_focused()
    expect(page.locator("mark")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(page.locator("aside.source")).to_have_attribute("data-view", "library")
    assert page.evaluate("document.activeElement.matches('.text .chip')")
    _tab_to(page, "[data-edit]", "Shift+Tab")
    expect(exchange.locator("[data-edit]")).to_have_css("opacity", "1")
    page.keyboard.press("Enter")
    expect(exchange.locator("form.editing textarea")).to_be_focused()
    page.keyboard.press("Escape")
    expect(exchange.locator("form.editing")).to_be_hidden()


def _tab_to(page: Page, selector: str, key: str = "Tab") -> None:
    for _ in range(60):
        page.keyboard.press(key)
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"{key} does not reach {selector}")


def test_the_page_speaks_english_too(visits: Visits, served: Service) -> None:
    page = visits(served).open("/en/")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".views button")).to_have_text(["Ask", "Tasks", "Tools", "Documents"])
    exchange = ask(page, SUPPORT)
    expect(exchange.locator(".status")).to_have_text("Answered from the sources")
    exchange.locator(".text .chip").first.click()
    expect(page.locator("mark")).to_be_in_viewport()
    shot(page, "11-english")
    page.locator("[data-language]").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator(".exchange .status")).to_have_text("依据来源回答")


def test_the_dark_stays_dark(page: Page) -> None:
    body = page.locator("body")
    expect(body).not_to_have_class(re.compile("dark"))
    page.locator("[data-theme-switch]").click()
    expect(body).to_have_class(re.compile("dark"))
    exchange = ask(page, SUPPORT)
    exchange.locator(".text .chip").first.click()
    expect(page.locator("mark")).to_be_in_viewport()
    shot(page, "12-dark")
    page.reload()
    expect(page.locator(".exchange")).to_have_count(1)
    expect(body).to_have_class(re.compile("dark"))
    page.locator("[data-theme-switch]").click()
    expect(body).not_to_have_class(re.compile("dark"))


def test_questions_are_limited_to_what_was_chosen(page: Page, served: Service) -> None:
    page.locator(".filters summary").click()
    page.locator(".filters [name=kind]").select_option("news")
    said = page.locator(".filters summary")
    expect(said).to_have_text("范围：新闻报道")
    exchange = ask(page, "轴承产业有哪些进展？")
    expect(exchange.locator(".limit")).to_have_text("新闻报道")
    shot(page, "13-filters")
    talk = page.locator(".conversation").get_attribute("data-conversation")
    answer = page.request.get(f"{served.address}/api/v1/conversations/{talk}").json()["exchanges"][0]["answer"]
    cited = answer["citations"] or answer["nearest"]
    assert cited and {one["kind"] for one in cited} == {"news"}
    page.locator("[data-clear]").click()
    expect(said).to_have_text("范围：全部文件")
    expect(page.locator(".filters [name=kind]")).to_have_value("")
    exchange = ask(page, SUPPORT)
    expect(exchange.locator(".limit")).to_have_count(0)
    expect(exchange.locator(".text .chip").first).to_contain_text("重点任务4")


# -- signing in ------------------------------------------------------------------------------------------------------


def test_people_sign_in_and_each_sees_their_own(visits: Visits, filled: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(filled, data)
    command(data, "users", "add", "guan", "--role", "admin", "--password-stdin", typed="a-long-password-1\n")
    command(data, "users", "add", "ling", "--password-stdin", typed="a-long-password-2\n")
    with serving(data, sign_in="true") as service:
        visit = visits(service)
        visit.forgiven.append("401")
        page = visit.page
        page.goto(f"{service.address}/?view=tasks")
        assert "/sign-in" in page.url
        shot(page, "14-sign-in")
        _sign_in(page, "guan", "wrong")
        expect(page.locator(".problem")).to_be_visible()
        expect(page.get_by_label("用户名")).to_have_value("guan")
        shot(page, "14-wrong-password")
        _sign_in(page, "guan", "a-long-password-1")
        expect(page.locator("section.tasks")).to_be_visible()
        expect(page.locator(".who")).to_have_text("guan")
        expect(page.locator('.views [data-view="documents"]')).to_be_visible()
        page.locator('.views [data-view="chat"]').click()
        ask(page, SUPPORT)
        talk = page.url
        page.get_by_role("button", name="退出").click()
        expect(page).to_have_url(re.compile("/sign-in"))
        page.goto(talk)
        assert "/sign-in" in page.url

        other = visits(service).page
        other.goto(service.address)
        _sign_in(other, "ling", "a-long-password-2")
        expect(other.locator(".who")).to_have_text("ling")
        expect(other.locator(".history .open")).to_have_count(0)
        expect(other.locator('.views [data-view="documents"]')).to_have_count(0)
        file = {"name": "a.txt", "mimeType": "text/plain", "buffer": POLICY.encode()}
        sent = other.request.post(f"{service.address}/api/v1/documents", multipart={"files": file})
        assert sent.status == 403
        other.goto(talk)
        expect(other.locator(".welcome .problem")).to_contain_text("没有找到这个对话")
        for one in (page, other):
            one.goto("about:blank")


def _sign_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()
