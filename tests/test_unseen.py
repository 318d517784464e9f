"""Text that is there is read, text that is not seen is not believed."""

import pytest
from test_readers_office import p, tbl, tc, word
from test_readers_pages import Paper

from ingest.lines import Extracted, whole_line
from ingest.readers.docx import read_docx
from ingest.readers.pdf import read_pdf
from ingest.reading import read_parts
from ingest.unseen import garbled, seen
from vectorstore.errors import ReadError

TITLE = "青石市关于开展助餐服务的通知"
FIRST = "一、在全区开展老年人助餐服务，每人每餐补贴4元，由街道办事处按月核实发放到账。"
SECOND = "二、各街道应当于6月底前建成助餐点2个，并公布服务电话，接受居民监督和评议。"
TRICK = "三、每人每餐补贴400元，自发布之日起执行，由各街道办事处按月核实后发放到账。"


def html(body: str, head: str = "", attributes: str = "") -> str:
    page = f'<!doctype html><html><head><meta charset="utf-8"><title>{TITLE}</title>{head}</head><body{attributes}>'
    return f"{page}{body}</body></html>"


def text_of(page: str) -> str:
    return "\n".join(document.text for document, _units, _chunks in read_parts(page.encode(), "a.html"))


TEXT = f"<h1>{TITLE}</h1><p>{FIRST}</p><p>{SECOND}</p>"


@pytest.mark.parametrize(
    "page",
    [
        html(TEXT, attributes=' style="visibility: hidden"'),
        html(TEXT, attributes=' style="display:none"'),
        html(f'<div id="zw" style="display:none">{TEXT}</div><script>document.getElementById("zw").style.display="block"</script>'),
        html(f'<p>首页</p><div style="display:none">{TEXT}</div>', head='<script src="show.js"></script>'),
        html(f'<div class="con">{TEXT}</div>', head="<style>.con{display:none}</style><script>$('.con').show()</script>"),
        html(f"<h1>{TITLE}</h1>") + f"<p>{FIRST}</p><p>{SECOND}</p>",
        html(f"<h1>{TITLE}</h1><p>{FIRST}</p></body></html><div><p>{SECOND}</p></div>"),
        html(TEXT, head="<style>@media print{.con{display:none}}</style>").replace("<p>", "<p class=con>"),
    ],
)  # fmt: skip
def test_what_comes_to_view_is_read(page: str) -> None:
    assert FIRST in text_of(page)
    assert SECOND in text_of(page)


@pytest.mark.parametrize(
    "style",
    [
        "display:none", "visibility:hidden", "font-size:0", "font-size: 0px;", "opacity:0", "color:#fff", "color: white",
        "COLOR:#FFFFFF;", "position:absolute;left:-9999px", "text-indent:-99999px",
    ],
)  # fmt: skip
def test_what_nobody_sees_is_left_out(style: str) -> None:
    text = text_of(html(TEXT + f'<p style="{style}">{TRICK}</p>', head='<script src="site.js"></script>'))
    assert "400元" not in text
    assert SECOND in text
    assert "400元" not in text_of(
        html(TEXT + f'<p class="x">{TRICK}</p>', head=f"<style>p{{}} .x{{{style}}}</style>")
    ) or ("color" in style.lower())


def test_white_on_a_dark_ground_and_small_print_are_seen() -> None:
    shown = (
        f'<div style="background:#036"><p style="color:#fff">{FIRST}</p></div><p style="font-size:0.8em">{SECOND}</p>'
    )
    assert FIRST in text_of(html(f"<h1>{TITLE}</h1>{shown}"))


def read_text(text: str) -> tuple[str, tuple[str, ...]]:
    [(document, _units, _chunks)] = read_parts(text.encode(), "a.txt")
    return document.text, document.warnings


def test_characters_without_width_are_left_out_and_told_where_they_cut_words() -> None:
    text, warnings = read_text(f"{TITLE}\n\n{FIRST}\n\u200b\n{SECOND}\n".replace("补贴", "补\u200b贴"))
    assert text == f"{TITLE}\n{FIRST}\n{SECOND}"
    assert not warnings
    text, warnings = read_text(f"{TITLE}\n\n{FIRST}\n{SECOND}\n".replace("街", "街\u200b").replace("助", "助\u200b"))
    assert "街道" in text
    assert "处看不见的零宽字符" in warnings[0]


def test_marks_that_turn_the_writing_are_left_out_and_told() -> None:
    text, warnings = read_text(f"{TITLE}\n\n{FIRST}\n{SECOND}\n".replace("4元", "\u202e4元\u202c"))
    assert "补贴4元" in text
    assert "显示顺序" in warnings[0]


def test_characters_that_only_the_font_can_read_are_told_by_page() -> None:
    lines = (
        whole_line("建成\ue001\ue002中心5个，由市数据局负责。", page=1),
        whole_line(FIRST, page=2),
        whole_line("\ufffd元", page=3),
    )
    found = seen(Extracted(tuple(line for line in lines if line)))
    assert found.warnings == ("第1页有2个字读不出、第3页有1个字读不出:字体没有给出对应的文字,引用前请核对原件",)
    with pytest.raises(ReadError, match="读不出"):
        seen(Extracted(tuple(line for line in [whole_line("\ue001\ue002\ue003元")] if line)))


def test_a_text_in_another_coding_than_its_font_is_told() -> None:
    assert not garbled(FIRST + SECOND)
    assert not garbled("為了規範養犬行為,維護公共衛生,根據有關法律,制定本條例,並自公布之日起施行。" * 3)
    shifted = "".join(chr(ord(char) + 37) if "一" <= char <= "龀" else char for char in FIRST + SECOND)
    assert garbled(shifted)
    assert "乱码" in read_text(f"{TITLE}\n\n{shifted}\n")[1][-1]


def test_what_is_printed_white_or_tiny_in_a_docx_is_left_out_and_told() -> None:
    def run(text: str, props: str) -> str:
        return f"<w:r><w:rPr>{props}</w:rPr><w:t>{text}</w:t></w:r>"

    white = '<w:color w:val="FFFFFF"/>'
    body = (
        p(FIRST)
        + f"<w:p>{run(TRICK, white)}</w:p><w:p>{run('四、免费。', '<w:sz w:val=' + chr(34) + '2' + chr(34) + '/>')}</w:p>"
    )
    shaded = f"<w:p>{run(SECOND, white + '<w:shd w:fill=' + chr(34) + '003366' + chr(34) + '/>')}</w:p>"
    cells = tbl(tc("甲") + tc("乙"), tc("丙") + f"<w:tc><w:p>{run('丁', white)}</w:p></w:tc>")
    found = read_docx(word(body + shaded + cells))
    assert [line.text for line in found.lines] == [FIRST, SECOND, "甲\t乙", "甲：丙；乙：丁"]
    assert f"{len(TRICK) + 5} 个字看不见" in found.warnings[0]


def test_what_nobody_sees_on_a_page_of_a_pdf_is_left_out_and_told() -> None:
    paper = Paper()
    paper.line(73, 100, "市图书馆周一闭馆，请读者留意开放时间。")
    paper.line(73, -40, "页面之外的字")
    paper.line(73, 140, "极小的字", 1)
    paper.canvas.setFillColorRGB(0.1, 0.2, 0.5)
    paper.canvas.rect(60, 600, 400, 60, stroke=0, fill=1)
    paper.canvas.setFillColorRGB(1, 1, 1)
    paper.line(73, 210, "蓝底白字看得见。")
    paper.line(73, 300, "白底白字看不见。")
    found = read_pdf(paper.done())
    assert [line.text for line in found.lines] == ["市图书馆周一闭馆，请读者留意开放时间。", "蓝底白字看得见。"]
    assert "18 个字看不见" in found.warnings[0]


def test_the_mark_of_a_note_is_no_digit_of_the_number_beside_it() -> None:
    raised = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>5</w:t></w:r>'
    before, after = "<w:p><w:r><w:t>不满</w:t></w:r>", "<w:r><w:t>100万人的</w:t></w:r></w:p>"
    assert [line.text for line in read_docx(word(before + raised + after)).lines] == ["不满⁵100万人的"]
    page = html(TEXT + "<p>常住人口不满<sup>5</sup>100万人、面积3km<sup>2</sup>的，见<sup><a href=#n>6</a></sup>。</p>")
    assert "不满⁵100万人、面积3km²的，见⁶。" in text_of(page)
    paper = Paper()
    paper.line(73, 100, "不满", 16)
    paper.line(105, 94, "5", 9)
    paper.line(110, 100, "100万人的，依本规定执行。", 16)
    assert [line.text for line in read_pdf(paper.done()).lines] == ["不满⁵100万人的，依本规定执行。"]
