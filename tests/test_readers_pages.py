import re
import zipfile
from collections.abc import Sequence
from difflib import SequenceMatcher
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from ingest.articles import split_articles
from ingest.layout import heal
from ingest.lines import Extracted
from ingest.metadata import read_metadata
from ingest.readers import image, ocr, pdf
from ingest.readers.image import read_image
from ingest.readers.ofd import read_ofd
from ingest.readers.pdf import read_pdf
from ingest.readers.plain import read_plain
from ingest.readers.reading_order import Sheet, read_sheets
from ingest.readers.xy_cut import Fragment
from ingest.structure import build_document
from vectorstore.errors import ReadError
from vectorstore.records import Document, Unit

A4 = (595.0, 842.0)
TITLE = ("青石市关于加快湖区生态渔业", "高质量发展的实施方案")  # one title over two lines
PARAGRAPHS = (
    "为保护湖区水环境、帮助渔民增收，结合青石市实际，制定本方案。到2031年，全市生态渔业产值达到46亿元，湖区水质稳定在Ⅲ类以上。",
    "一、推动养殖方式转变",
    "1.划定养殖范围。湖区核心保护区全面退出投饵养殖，一般管控区按照水面承载能力核定养殖规模，每年3月底前向社会公布。",
    "2.推广循环水设施。对新建循环水养殖车间按设备投资的30%给予补助，单个主体不超过120万元，由市渔业局负责验收。",
    "3.建立尾水监测网。在12个入湖口布设在线监测站，数据接入市生态环境平台，超标时须在2小时内通知养殖户停止排放。",
    "二、强化服务和保障",
    "4.设立渔业保险。保费由市、县两级财政分担60%，养殖户承担40%；受灾后保险机构应当在10个工作日内完成查勘定损。",
    "5.培育湖鲜品牌。支持合作社申报地理标志，组织产品参加省级以上展会，对获得认证的主体一次性奖励8万元。",
    "6.压实工作责任。各县（区）政府每季度报告进展，市政府督查室会同有关部门开展评估，评估结果纳入年度考核。",
)
HEADINGS = (1, 5)
PLAIN = "\n".join((*TITLE, "", *PARAGRAPHS))
CHARS = 28  # to a line


def wrapped(paragraph: str, chars: int = CHARS, indent: int = 2) -> list[str]:
    printed = "　" * indent + paragraph
    return [printed[at : at + chars] for at in range(0, len(printed), chars)]


class Paper:
    """A PDF with a text layer, drawn line by line from the top."""

    def __init__(self, **how: Any) -> None:
        self._file = BytesIO()
        pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
        self.canvas = Canvas(self._file, pagesize=A4, **how)

    def line(self, x: float, y: float, text: str, size: float = 16) -> None:
        """Draw ``text`` with its base line ``y`` points from the top; an indent moves the start."""
        body = text.lstrip("　")
        self.canvas.setFont("STSong-Light", size)
        self.canvas.drawString(x + size * (len(text) - len(body)), A4[1] - y, body)

    def lines(self, x: float, y: float, texts: Sequence[str], size: float = 16, pitch: float = 28) -> float:
        for text in texts:
            self.line(x, y, text, size)
            y += pitch
        return y

    def turn_page(self) -> None:
        self.canvas.showPage()

    def done(self) -> bytes:
        self.canvas.save()
        return self._file.getvalue()


def policy_pdf(**how: Any) -> bytes:
    paper = Paper(**how)
    for at, text in enumerate(TITLE):
        paper.line(300 - 11 * len(text), 80 + 34 * at, text, 22)
    y = 170.0
    for paragraph in PARAGRAPHS:
        y = paper.lines(73, y, wrapped(paragraph), pitch=24)
    paper.line(283, 800, "— 1 —", 14)
    return paper.done()


def document_of(extracted: Extracted) -> tuple[Document, list[Unit]]:
    (article,) = split_articles(heal(list(extracted.lines)))
    return build_document(article, read_metadata(article, None, extracted.said), "某文件")


def texts(extracted: Extracted) -> list[str]:
    return [line.text for line in extracted.lines]


def paragraphs_of(extracted: Extracted) -> list[str]:
    return [paragraph.text for paragraph in heal(list(extracted.lines))]


def same_as_plain(extracted: Extracted) -> None:
    document, units = document_of(extracted)
    plain, expected = document_of(read_plain(PLAIN.encode()))
    assert document.title == plain.title == "".join(TITLE)
    assert [unit.locator for unit in units] == [unit.locator for unit in expected]
    assert [unit.type for unit in units] == [unit.type for unit in expected]
    assert [unit.text for unit in units] == [unit.text for unit in expected]
    assert document.text == plain.text


# --- PDF ----------------------------------------------------------------------------------------------------------


def test_a_policy_in_pdf_has_the_units_of_its_plain_text() -> None:
    extracted = read_pdf(policy_pdf())
    same_as_plain(extracted)
    assert extracted.warnings == ()
    assert {line.page for line in extracted.lines} == {1}


def test_a_title_over_two_lines_of_large_type_is_one_title() -> None:
    lines = read_pdf(policy_pdf()).lines
    assert [line.text for line in lines if line.heading] == list(TITLE)


def test_columns_are_read_one_after_the_other_below_their_headline() -> None:
    stories = "".join(PARAGRAPHS[2:5]), "".join(PARAGRAPHS[6:9])
    paper = Paper()
    paper.line(70, 60, "湖区渔业转型观察：三年答卷", 34)
    for x, story in zip((50, 310), stories, strict=True):
        paper.lines(x, 120, wrapped(story, 20), 12, 18)
    printed = texts(read_pdf(paper.done()))
    assert printed[0] == "湖区渔业转型观察：三年答卷"
    assert "".join(printed[1:]) == "".join(stories)


def test_a_sentence_goes_on_in_the_next_column_and_on_the_next_page() -> None:
    story = "".join(PARAGRAPHS[2:5]).replace("。", "，").rstrip("，") + "。"
    lines = wrapped(story, 18)
    paper = Paper()
    paper.lines(50, 120, lines[:4], 12, 18)
    paper.lines(310, 120, lines[4:8], 12, 18)
    paper.turn_page()
    paper.lines(50, 120, lines[8:], 12, 18)
    extracted = read_pdf(paper.done())
    assert [line.blanks for line in extracted.lines] == [0] * len(lines)
    assert len(paragraphs_of(extracted)) == 1
    assert paragraphs_of(extracted)[0].startswith("1.划定") and paragraphs_of(extracted)[0].endswith("排放。")


def test_three_columns_with_a_headline_over_two_of_them() -> None:
    paper = Paper()
    paper.lines(40, 60, wrapped(PARAGRAPHS[2] * 4, 13, 0), 12, 18)
    paper.line(230, 70, "湖鲜走出大山", 40)
    paper.lines(225, 120, wrapped(PARAGRAPHS[6] * 2, 13, 0), 12, 18)
    paper.lines(410, 120, wrapped(PARAGRAPHS[7] * 2, 13, 0), 12, 18)
    read = "".join(texts(read_pdf(paper.done())))
    assert read == PARAGRAPHS[2] * 4 + "湖鲜走出大山" + PARAGRAPHS[6] * 2 + PARAGRAPHS[7] * 2


def test_headers_footers_and_page_numbers_are_layout() -> None:
    paper = Paper()
    for page, number in enumerate(("12", "— 13 —", "第 14 页 共 30 页"), 1):
        paper.line(73, 50, f"青石市人民政府公报 2031年第{page}期", 10)
        paper.lines(73, 110, wrapped(PARAGRAPHS[page + 1]))
        paper.line(73, 790, "内部资料", 10)
        paper.line(280, 810, number, 10)
        paper.turn_page()
    extracted = read_pdf(paper.done())
    assert paragraphs_of(extracted) == list(PARAGRAPHS[2:5])
    assert [line.page for line in extracted.lines][:: len(extracted.lines) - 1] == [1, 3]


def test_attachments_at_the_top_of_their_pages_stay() -> None:
    paper = Paper()
    for at in range(3):
        paper.lines(73, 78, [f"附件{at + 1}", *wrapped(PARAGRAPHS[at + 2])])
        paper.turn_page()
    assert [text for text in texts(read_pdf(paper.done())) if "附件" in text] == ["附件1", "附件2", "附件3"]


@given(
    st.lists(
        st.tuples(st.integers(0, 50), st.integers(12, 80), st.sampled_from("湖区渔业"), st.integers(1, 30)), max_size=60
    )
)
def test_no_text_of_a_page_is_lost_or_doubled(pieces: list[tuple[int, int, str, int]]) -> None:
    fragments = tuple(
        Fragment(char * n, 10 * x, 9.0 * y, 10 * (x + n), 9.0 * y + 10, 10) for x, y, char, n in pieces if y < 76
    )
    lines = read_sheets([Sheet(1, 600, 800, fragments)])
    assert sorted("".join(line.text for line in lines)) == sorted("".join(f.text for f in fragments))


def test_a_number_in_the_text_of_a_single_page_stays() -> None:
    paper = Paper()
    paper.line(73, 60, "2031", 16)
    paper.lines(73, 110, wrapped(PARAGRAPHS[2]))
    paper.line(290, 810, "7", 10)
    printed = texts(read_pdf(paper.done()))
    assert printed[0] == "2031"
    assert "7" not in printed


def test_a_table_with_two_columns_is_read_row_by_row() -> None:
    cells = [
        ("责任单位", "完成时限"),
        ("市渔业局", "2031年3月"),
        ("市财政局", "2031年6月"),
        ("市生态环境局", "2031年9月"),
    ]
    paper = Paper()
    paper.lines(73, 100, wrapped(PARAGRAPHS[2]))
    for at, (left, right) in enumerate(cells):
        paper.line(90, 300 + 24 * at, left, 12)
        paper.line(330, 300 + 24 * at, right, 12)
    assert texts(read_pdf(paper.done()))[-4:] == [left + right for left, right in cells]


def test_a_page_set_sideways_is_read_as_one_who_turns_it() -> None:
    paper = Paper()
    paper.canvas.rotate(90)
    paper.canvas.translate(0, -A4[1] - 50)
    paper.lines(60, 100, wrapped(PARAGRAPHS[2]))
    assert paragraphs_of(read_pdf(paper.done())) == [PARAGRAPHS[2]]


def test_a_slanted_watermark_is_left_out_and_said() -> None:
    paper = Paper()
    paper.lines(73, 110, wrapped(PARAGRAPHS[2]))
    paper.canvas.translate(100, 500)
    paper.canvas.rotate(40)
    paper.canvas.setFont("STSong-Light", 60)
    paper.canvas.drawString(0, 0, "内部资料")
    extracted = read_pdf(paper.done())
    assert paragraphs_of(extracted) == [PARAGRAPHS[2]]
    assert extracted.warnings == ("斜置的文字(如水印)未计入正文:第 1 页",)


def test_radicals_in_place_of_characters_are_kept_and_warned_of() -> None:
    sheet = Sheet(1, *A4, (Fragment("⼀⼆⼈⼊⼒", 73, 100, 153, 116, 16),))
    assert read_sheets([sheet])[0].text == "⼀⼆⼈⼊⼒"
    (note,) = pdf._warnings([pdf._Page(1, (sheet,))])
    assert note.startswith("PDF 的字体把 5 个汉字编成了部首符号")


def test_what_cannot_be_opened_says_why() -> None:
    with pytest.raises(ReadError, match="PDF 有密码保护;请去掉密码后重试"):
        read_pdf(policy_pdf(encrypt="geheim"))
    with pytest.raises(ReadError, match="PDF 已损坏"):
        read_pdf(b"%PDF-1.7\nnothing")
    with pytest.raises(ReadError, match="PDF 已损坏"):
        read_pdf(policy_pdf()[:200])


def test_an_empty_page_is_named() -> None:
    paper = Paper()
    paper.lines(73, 110, wrapped(PARAGRAPHS[2]))
    paper.turn_page()
    paper.turn_page()
    assert read_pdf(paper.done()).warnings == ("没有文字的页:第 2 页",)


# --- pictures -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def typeface() -> str:
    found = sorted(
        path
        for path in Path("/usr/share/fonts").rglob("*")
        if re.search(r"(CJK.*Regular|wqy|SourceHan.*Regular)", path.name) and path.suffix in (".ttc", ".ttf", ".otf")
    )
    if not found:
        pytest.skip("no Chinese font is installed (Debian: fonts-noto-cjk)")
    return str(found[0])


def policy_scan(typeface: str) -> Image.Image:
    """The policy on A4 at 300 dpi."""
    page = Image.new("L", (2480, 3508), 255)
    draw = ImageDraw.Draw(page)
    title, body = ImageFont.truetype(typeface, 92), ImageFont.truetype(typeface, 67)
    for at, text in enumerate(TITLE):
        draw.text((1240 - 46 * len(text), 300 + 140 * at), text, 0, title)
    y = 660
    for paragraph in PARAGRAPHS:
        for text in wrapped(paragraph):
            stripped = text.lstrip("　")
            draw.text((300 + 67 * (len(text) - len(stripped)), y), stripped, 0, body)
            y += 112
    return page


def png(picture: Image.Image, format_: str = "PNG", **how: Any) -> bytes:
    file = BytesIO()
    picture.save(file, format_, **how)
    return file.getvalue()


@pytest.fixture(scope="module")
def scan(typeface: str) -> Image.Image:
    return policy_scan(typeface)


@pytest.fixture(scope="module")
def scanned(scan: Image.Image) -> Extracted:
    return read_image(png(scan))


def right_share(read: str, truth: str) -> float:
    """The share of the characters of ``truth`` that were read in their order."""
    return sum(block.size for block in SequenceMatcher(None, truth, read, autojunk=False).get_matching_blocks()) / len(
        truth
    )


def test_a_clean_scan_is_read_nearly_without_faults(scanned: Extracted) -> None:
    assert right_share("".join(texts(scanned)), "".join(PLAIN.split())) >= 0.98


def test_a_scan_has_the_units_of_its_plain_text(scanned: Extracted) -> None:
    document, units = document_of(scanned)
    _plain, expected = document_of(read_plain(PLAIN.encode()))
    assert [unit.locator for unit in units] == [unit.locator for unit in expected]
    assert document.title == "".join(TITLE)


def test_ocr_is_said_with_its_confidence(scanned: Extracted) -> None:
    assert re.match(r"第1页由文字识别\(OCR\)读出,平均把握 0\.9\d;", scanned.warnings[0])


@pytest.fixture(scope="module")
def note(typeface: str) -> Image.Image:
    """The first task on a small sheet, which is quick to read."""
    sheet = Image.new("L", (760, 760), 255)
    for at, text in enumerate(wrapped(PARAGRAPHS[2], 18)):
        stripped = text.lstrip("　")
        place = (60 + 36 * (len(text) - len(stripped)), 240 + 64 * at)
        ImageDraw.Draw(sheet).text(place, stripped, 0, ImageFont.truetype(typeface, 36))
    return sheet


def test_a_skewed_scan_keeps_the_order_of_its_lines(note: Image.Image) -> None:
    skewed = note.rotate(2, fillcolor=255, resample=Image.Resampling.BICUBIC)
    assert paragraphs_of(read_image(png(skewed))) == [PARAGRAPHS[2]]


@pytest.mark.parametrize("quarters", [1, 2])
def test_a_scan_that_lies_the_wrong_way_is_turned(note: Image.Image, quarters: int) -> None:
    assert paragraphs_of(read_image(png(note.rotate(90 * quarters)))) == [PARAGRAPHS[2]]


def test_a_scanned_page_of_a_pdf_is_read_by_ocr(note: Image.Image) -> None:
    paper = Paper()
    paper.lines(73, 110, wrapped(PARAGRAPHS[2]))
    paper.turn_page()
    paper.canvas.setPageSize((200, 200))
    paper.canvas.drawInlineImage(note, 0, 0, 200, 200)
    extracted = read_pdf(paper.done())
    assert [line.page for line in extracted.lines if "划定养殖范围" in line.text] == [1, 2]
    assert [note[:3] for note in extracted.warnings] == ["第2页"]


def test_a_page_with_few_words_and_a_seal_keeps_its_text_layer() -> None:
    paper = Paper()
    paper.lines(73, 110, wrapped(PARAGRAPHS[2]))
    paper.turn_page()
    paper.line(300, 300, "2031年5月6日", 16)
    paper.canvas.drawInlineImage(Image.new("L", (60, 60), 200), 300, 500, 60, 60)
    extracted = read_pdf(paper.done())
    assert texts(extracted)[-1] == "2031年5月6日"
    assert extracted.warnings == ()


def test_doubtful_lines_are_named_with_their_page() -> None:
    seen = [Fragment(f"第{i}行文字内容较长需要截断", 0, 0, 9, 9, 9, c) for i, c in enumerate((0.99, 0.62, 0.7))]
    _all, doubt = ocr.confidence_note(2, seen)
    assert doubt == "第2页有 2 行识别把握不足(最低 0.62):“第1行文字内容较长需要截”、“第2行文字内容较长需要截”"


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "TIFF", "BMP", "WEBP"])
def test_pictures_of_all_formats_open_upright(format_: str) -> None:
    picture = Image.new("RGB", (40, 20), "white")
    picture.putpixel((0, 0), (0, 0, 0))
    (opened,) = image.pictures(png(picture, format_))
    assert opened.size == (40, 20)


def test_a_photo_turned_by_the_camera_is_turned_back() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    (opened,) = image.pictures(png(Image.new("L", (40, 20), 255), "JPEG", exif=exif))
    assert opened.size == (20, 40)


def test_a_tiff_has_pages_and_what_is_transparent_is_white() -> None:
    page = Image.new("L", (40, 20), 255)
    assert len(list(image.pictures(png(page, "TIFF", save_all=True, append_images=[page, page])))) == 3
    (opened,) = image.pictures(png(Image.new("RGBA", (40, 20), (0, 0, 0, 0))))
    assert opened.getpixel((3, 3)) == (255, 255, 255)
    (opened,) = image.pictures(png(Image.new("I;16", (40, 20), 0xFF00)))
    assert opened.getpixel((3, 3)) == 255


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (png(Image.new("1", (10, 300), 1)), "图片太小,没有可识别的文字"),
        (png(Image.new("1", (10001, 10001), 1)), "图片过大"),
        (png(Image.new("1", (15000, 15000), 1)), "图片过大"),
        (png(Image.new("L", (300, 300), 1))[:60], "图片已损坏"),
        (b"GIF89a" + bytes(40), "图片已损坏"),
    ],
    ids=["small", "large", "huge", "broken", "gif"],
)
def test_pictures_that_cannot_be_read_say_why(data: bytes, reason: str) -> None:
    with pytest.raises(ReadError, match=reason):
        read_image(data)


def test_a_blank_picture_has_no_lines_and_says_so() -> None:
    assert read_image(png(Image.new("L", (200, 200), 255))) == Extracted((), warnings=("第1页没有识别出文字",))


# --- OFD ----------------------------------------------------------------------------------------------------------

OFD = 'xmlns:ofd="http://www.ofdspec.org/2016"'


def text_object(x: float, y: float, text: str, size: float = 5.6, ctm: str = "") -> str:
    """A row of text in millimetres; the distances are run-length coded as writers do."""
    body = text.lstrip("　")
    x += size * (len(text) - len(body))
    deltas = f'DeltaX="g {len(body) - 1} {size}"' if len(body) > 2 else f'DeltaX="{size}"'
    return (
        f'<ofd:TextObject Boundary="{x} {y} 180 {size * 1.4}" Font="1" Size="{size}" {ctm}>'
        f'<ofd:TextCode X="0" Y="{size}" {deltas}>{escape(body)}</ofd:TextCode></ofd:TextObject>'
    )


def ofd_file(pages: Sequence[str], *, title: str = "", more: dict[str, bytes] | None = None) -> bytes:
    header = "".join(text_object(25, 12, "青石市人民政府公报", 4))
    names = [f"Pages/Page_{at}/Content.xml" for at in range(len(pages))]
    listed = "".join(f'<ofd:Page ID="{at + 10}" BaseLoc={quoteattr(name)}/>' for at, name in enumerate(names))
    files = {
        "OFD.xml": f"<ofd:OFD {OFD}><ofd:DocBody><ofd:DocInfo><ofd:Title>{title}</ofd:Title></ofd:DocInfo>"
        "<ofd:DocRoot>/Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {OFD}><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297"
        "</ofd:PhysicalBox></ofd:PageArea><ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes>"
        '<ofd:TemplatePage ID="5" BaseLoc="Tpls/Tpl_0/Content.xml"/></ofd:CommonData>'
        f"<ofd:Pages>{listed}</ofd:Pages></ofd:Document>",
        "Doc_0/Tpls/Tpl_0/Content.xml": f"<ofd:Page {OFD}><ofd:Content><ofd:Layer>{header}</ofd:Layer></ofd:Content></ofd:Page>",
        "Doc_0/DocumentRes.xml": f'<ofd:Res {OFD} BaseLoc="Res"><ofd:MultiMedias><ofd:MultiMedia ID="7" Type="Image">'
        "<ofd:MediaFile>page.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias></ofd:Res>",
    }
    for name, page in zip(names, pages, strict=True):
        files[f"Doc_0/{name}"] = (
            f'<ofd:Page {OFD}><ofd:Template TemplateID="5"/><ofd:Content><ofd:Layer>{page}</ofd:Layer></ofd:Content></ofd:Page>'
        )
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**files, **(more or {})}.items():
            archive.writestr(name, content)
    return file.getvalue()


def policy_page() -> str:
    objects = [text_object(105 - 3.9 * len(text), 25 + 12 * at, text, 7.8) for at, text in enumerate(TITLE)]
    y = 58.0
    for paragraph in PARAGRAPHS:
        for text in wrapped(paragraph):
            objects.append(text_object(26, y, text))
            y += 8.5
    return "".join([*objects, text_object(100, 281, "— 1 —", 4)])


def test_a_policy_in_ofd_has_the_units_of_its_plain_text() -> None:
    extracted = read_ofd(ofd_file([policy_page()], title="".join(TITLE)))
    same_as_plain(extracted)
    assert extracted.said.named == "".join(TITLE)  # which stands over two lines


def test_a_title_of_an_ofd_counts_where_its_text_has_it() -> None:
    page = text_object(26, 30, "湖区渔业简报") + text_object(26, 50, PARAGRAPHS[2][:28])
    assert read_ofd(ofd_file([page], title="湖区渔业简报")).said.named == "湖区渔业简报"
    assert read_ofd(ofd_file([page], title="无标题文档")).said.named is None


def test_scaled_and_single_placed_characters_of_an_ofd_form_one_line() -> None:
    scaled = '<ofd:TextObject Boundary="26 40 100 8" Size="16" CTM="0.35 0 0 0.35 0 0">'
    scaled += '<ofd:TextCode X="0" Y="16" DeltaX="g 2 16 16">青石市渔</ofd:TextCode>'
    scaled += '<ofd:TextCode X="64" Y="16">业局</ofd:TextCode></ofd:TextObject>'
    assert texts(read_ofd(ofd_file([scaled]))) == ["青石市渔业局"]


def test_a_page_picture_of_an_ofd_is_read_by_ocr(note: Image.Image) -> None:
    page = '<ofd:ImageObject ResourceID="7" Boundary="0 50 210 210"/>'
    extracted = read_ofd(ofd_file([page], more={"Doc_0/Res/page.png": png(note)}))
    assert paragraphs_of(extracted) == [PARAGRAPHS[2]]
    assert extracted.warnings[0].startswith("第1页由文字识别(OCR)读出")


def test_an_ofd_that_cannot_be_read_says_why() -> None:
    with pytest.raises(ReadError, match="OFD 有加密保护;请解密后重试"):
        read_ofd(ofd_file([""], more={"Encryptions.xml": b"<x/>"}))
    bomb = b'<!DOCTYPE a [<!ENTITY e "eeee">]><ofd:Page xmlns:ofd="http://www.ofdspec.org/2016">&e;</ofd:Page>'
    for data in (
        b"PK nothing",
        ofd_file([""], more={"Doc_0/Document.xml": b"<broken"}),
        ofd_file([""], more={"Doc_0/Pages/Page_0/Content.xml": bomb}),
        ofd_file(['<ofd:TextObject Size="x"><ofd:TextCode>一</ofd:TextCode></ofd:TextObject>']),
    ):
        with pytest.raises(ReadError, match="OFD 已损坏"):
            read_ofd(data)


def test_an_ofd_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.readers.ofd.MOST_BYTES", 2000)
    with pytest.raises(ReadError, match="解压后过大"):
        read_ofd(ofd_file([policy_page()]))
