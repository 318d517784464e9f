import pytest

from ingest.lines import Line, Role
from ingest.readers.html import read_html
from ingest.reading import read_parts
from vectorstore.errors import ReadError

TITLE = "某某市人民政府关于支持专精特新企业发展的实施意见"
BODY = [
    "各县(市、区)人民政府,市政府各部门:",
    "为贯彻落实党中央、国务院决策部署,支持专精特新企业高质量发展,结合我市实际,制定本实施意见。",
    "一、总体要求",
    "坚持市场主导、政府引导,到2027年全市培育“专精特新”企业300家以上,新增贷款不低于50亿元,①②③类企业分类施策,面积不小于1,200㎡。",
    "二、重点任务",
    "(一)加大财政支持。对新认定的国家级专精特新“小巨人”企业,一次性给予50万元奖励;对省级企业给予20万元奖励。",
    "(二)强化金融服务。推广“专精特新贷”,贷款利率下浮不少于10%,期限不超过３年。",
    "三、保障措施",
    "各级各部门要加强组织领导,压实工作责任,确保各项措施落地见效。本意见自2024年3月1日起施行,有效期5年。",
    "某某市人民政府",
    "2024年1月15日",
]
CHROME = (
    '<div class="top"><ul class="nav"><li><a href="/">首页</a></li><li><a href="/a">政务公开</a></li><li><a href="/b">办事服务</a></li></ul></div>'
    '<div class="BreadcrumbNav">您的位置:<a href="/">首页</a> &gt; <a href="/zc">政策文件</a></div>'
)
FOOTER = (
    '<div class="fenxiang share">分享到:<a>微信</a><a>微博</a></div>'
    '<div class="list"><a href="1">关于印发甲办法的通知</a><a href="2">关于印发乙办法的通知</a><a href="3">关于公布丙名单的公告</a></div>'
    '<div class="footer"><p>主办:某某市人民政府办公室 承办:某某市大数据局</p><p>某ICP备05000000号 网站标识码:0000000000</p></div>'
)
LABELS = {
    "索引号": "000014349/2024-00007",
    "主题分类": "工业、交通\\中小企业",
    "发文机关": "某某市人民政府",
    "成文日期": "2024年01月15日",
    "标题": TITLE,
    "发文字号": "某政发〔2024〕3号",
    "发布日期": "2024年01月22日",
}


def as_table() -> str:
    pairs = list(LABELS.items())
    rows = [pairs[i : i + 2] for i in range(0, len(pairs), 2)]
    return (
        "<table class=x>"
        + "".join("<tr>" + "".join(f"<td><b>{k}:</b></td><td>{v}</td>" for k, v in row) + "</tr>" for row in rows)
        + "</table>"
    )


def as_dl() -> str:
    return "<dl>" + "".join(f"<dt>{k}</dt><dd>{v}</dd>" for k, v in LABELS.items()) + "</dl>"


def as_ul() -> str:
    return "<ul>" + "".join(f"<li><span>【{k}】</span>{v}</li>" for k, v in LABELS.items()) + "</ul>"


def as_divs() -> str:
    return (
        "<div class=q>"
        + "".join(f"<div><label>{k}：</label><span>{v}</span></div>" for k, v in LABELS.items())
        + "</div>"
    )


def paragraphs(lines: list[str]) -> str:
    return "".join(f"<p style='text-indent:2em'>　　{line}</p>\n" for line in lines)


def page(content: str, *, block: str = "", head: str = "", title: str = TITLE + "_某某市人民政府") -> str:
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title}</title>{head}<script>var a='<p>脚本</p>';</script>"
        f"<style>p{{color:red}}</style></head><body>{CHROME}<div class='wrap'>{block}<h1>{TITLE}</h1>"
        f"<div class='TRS_Editor'><div>{content}</div></div></div>{FOOTER}</body></html>"
    )


def texts(lines: tuple[Line, ...]) -> list[str]:
    return [line.text for line in lines]


def read(html: str) -> list[str]:
    return texts(read_html(html.encode()).lines)


@pytest.mark.parametrize("block", [as_table, as_dl, as_ul, as_divs])
def test_the_block_of_labels_is_metadata_and_no_content(block) -> None:
    found = read_html(page(paragraphs(BODY), block=block()).encode())
    assert texts(found.lines) == [TITLE, *BODY]
    assert found.said.title == TITLE
    assert found.said.issuer == "某某市人民政府"
    assert found.said.number == "某政发〔2024〕3号"
    assert found.said.date == "2024-01-15"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_no_character_of_the_text_is_changed_or_lost(encoding: str) -> None:
    for charset in ("gb2312", "utf-8"):
        html = page(paragraphs(BODY)).replace("'utf-8'", charset)
        assert texts(read_html(html.encode(encoding)).lines) == [TITLE, *BODY]


@pytest.mark.parametrize(
    "wrap",
    [
        "<table width=1000><tr><td><table><tr><td>{}</td></tr></table></td></tr></table>",
        "<form><div id=zoom><font size=3>{}</font></div></form>",
        "<article><section>{}</section></article>",
        "<founder-content>{}</founder-content>",
        "{}",
    ],
)
def test_where_the_text_stands_does_not_matter(wrap: str) -> None:
    assert read(page(wrap.format(paragraphs(BODY)))) == [TITLE, *BODY]


def test_a_text_cut_into_boxes_and_repeated_lines_stay_whole() -> None:
    lines = [*BODY[:6], BODY[5], *BODY[6:]]
    boxes = "".join(f"<div><span>{line[:7]}</span><span>{line[7:]}</span></div>" for line in lines)
    assert read(page(boxes)) == [TITLE, *lines]


def test_breaks_make_lines() -> None:
    assert read(page("<p>" + "<br>\n<br/>".join(BODY) + "</p>")) == [TITLE, *BODY]
    assert read(page("<br>　　".join(BODY))) == [TITLE, *BODY]


def test_a_long_page_is_read_whole() -> None:
    lines = [f"第{n}段:为推动产业发展,各部门应当落实第{n}项任务,确保资金{n}万元按时拨付到位。" for n in range(1, 1201)]
    assert read(page(paragraphs(lines))) == [TITLE, *lines]


def test_hidden_text_comments_and_site_lines_are_left_out() -> None:
    content = (
        "<!-- 注释 --><p>来源:某某市人民政府办公室　发布时间:2024-01-22 09:30　浏览次数:123　字体:[大 中 小]</p>"
        + paragraphs(BODY)
        + "<p style='display:none'>隐藏的文字</p><p hidden>也是隐藏</p><p>【打印本页】【关闭窗口】</p><noscript>请启用脚本</noscript>"
    )
    assert read(page(content)) == [TITLE, *BODY]


def test_the_bar_of_labels_gives_the_day_of_a_report() -> None:
    report = "本报讯 近日,我市召开专精特新企业座谈会,听取企业意见,研究支持企业发展的措施,部署下一步工作。"
    bar = "<div>2024-02-03 10:20:00　来源：某某日报　作者：王一</div>"
    found = read_html(page(bar + paragraphs([report, report.replace("近日", "随后")])).encode())
    assert found.said.date == "2024-02-03"
    assert found.said.issuer is None
    assert texts(found.lines)[1].startswith("本报讯近日")


def test_meta_elements_are_read() -> None:
    head = (
        f'<meta name="ArticleTitle" content="{TITLE}"><meta name="PubDate" content="2024-01-22 09:30">'
        '<meta name="ContentSource" content="某某市人民政府">'
    )
    said = read_html(page(paragraphs(BODY[:-2]), head=head, title="某某市人民政府").encode()).said
    assert (said.title, said.issuer, said.date) == (TITLE, "某某市人民政府", "2024-01-22")
    assert read_html(page(paragraphs(BODY), head=head).encode()).said.date is None  # the text's own date is surer


@pytest.mark.parametrize("suffix", ["_某某市人民政府", " - 首页", "|政策文件|某某网", "——某某市人民政府门户网站", ""])
def test_the_name_of_the_site_is_no_part_of_the_title(suffix: str) -> None:
    assert read_html(page(paragraphs(BODY), title=TITLE + suffix).encode()).said.title == TITLE


@pytest.mark.parametrize("title", ["某某市人民政府", "政策文件_某某市人民政府", "某某网", ""])
def test_the_name_of_the_site_alone_is_no_title(title: str) -> None:
    html = page(paragraphs(BODY), title=title).replace("<div class='wrap'>", "<h2>政策文件</h2><div class='wrap'>")
    assert read_html(html.encode()).said.title == TITLE


def test_a_dash_in_a_title_is_kept() -> None:
    title = "某某市养老服务发展规划—2024年行动方案"
    html = page(paragraphs(BODY), title=title + "-某某市").replace(f"<h1>{TITLE}", f"<h1>{title}")
    assert read_html(html.encode()).said.title == title


def test_tables_give_rows_with_a_header() -> None:
    table = (
        "<table><caption>重点任务分工表</caption><tr><td>序号</td><td>任务</td><td>责任单位</td></tr>"
        "<tr><td>1</td><td rowspan=2>加大<br>财政支持</td><td><p>市财政局</p><p>市工信局</p></td></tr><tr><td>2</td><td>市税务局</td></tr></table>"
    )
    lines = read_html(page(paragraphs(BODY[:-2]) + table + paragraphs(BODY[-2:])).encode()).lines
    rows = [(line.role, line.text) for line in lines if line.role is not Role.TEXT]
    assert rows == [
        (Role.CAPTION, "重点任务分工表"),
        (Role.HEADER, "序号\t任务\t责任单位"),
        (Role.ROW, "序号：1；任务：加大财政支持；责任单位：市财政局市工信局"),
        (Role.ROW, "序号：2；任务：加大财政支持；责任单位：市税务局"),
    ]


def test_lists_keep_the_numbers_that_are_printed() -> None:
    items = "<li>支持企业技术改造,给予补助。</li><li>支持企业上市融资,给予奖励。</li>"
    for tag, numbers in (
        ("<ol>", ("1.", "2.")),
        ("<ol start=3>", ("3.", "4.")),
        ("<ol type=a>", ("a.", "b.")),
        ("<ol style='list-style: none'>", ("", "")),
    ):
        found = read(page(paragraphs(BODY) + tag + items + "</ol>"))
        assert found[-2:] == [numbers[0] + "支持企业技术改造,给予补助。", numbers[1] + "支持企业上市融资,给予奖励。"]
    own = read(page(paragraphs(BODY) + "<ol><li>一、自己的编号,不再加号。</li></ol>"))
    assert own[-1] == "一、自己的编号,不再加号。"


def test_headings_are_marked() -> None:
    lines = read_html(page("<h2><span>一、总体要求</span></h2>" + paragraphs(BODY[3:])).encode()).lines
    assert [line.text for line in lines if line.heading] == [TITLE, "一、总体要求"]


def test_preformatted_text_is_printed_lines() -> None:
    lines = read_html(page(paragraphs(BODY) + "<pre>　　本意见由市工业和信息化局\n负责解释。</pre>").encode()).lines
    assert [(line.text, line.whole) for line in lines[-2:]] == [
        ("本意见由市工业和信息化局", False),
        ("负责解释。", False),
    ]


def test_a_page_without_text_is_refused_with_a_reason() -> None:
    with pytest.raises(ReadError, match="没有正文"):
        read_html(b"<html><body><script>load()</script><div id=app></div></body></html>")


def test_nesting_without_end_is_survived() -> None:
    html = "<html><body>" + "<div>" * 100_000 + paragraphs(BODY) + "</div>" * 100_000 + "</body></html>"
    try:
        found = read(html)
    except ReadError as error:
        found = [str(error)]
    assert found == BODY or "网页" in found[0]


def test_links_beside_the_text_are_left_out_and_attachments_stay() -> None:
    attachments = "<p>附件:<a href='1.docx'>1.专精特新企业名单.docx</a></p>"
    related = (
        "<div><h3>相关阅读</h3><ul>"
        + "".join(f"<li><a href='{n}'>某某市关于支持第{n}类企业发展的若干政策措施解读材料</a></li>" for n in range(8))
        + "</ul></div>"
    )
    assert read(page(paragraphs(BODY) + attachments + related)) == [TITLE, *BODY, "附件:1.专精特新企业名单.docx"]


def test_a_short_report_is_read_whole() -> None:
    report = ["本报讯 5月6日,某某市召开会议。", "会议指出,要支持企业发展。", "(记者 王一)"]
    assert read(page(paragraphs(report))) == [TITLE, *(line.replace(" ", "") for line in report)]


def test_labels_in_the_text_itself_are_content() -> None:
    lines = [
        "为做好申报工作,现将有关事项通知如下,请各单位认真组织,按时报送材料,逾期不予受理。",
        "发布单位:市工业和信息化局",
        "联系电话:0000-1234567",
    ]
    assert read(page(paragraphs(lines))) == [TITLE, *lines]


def test_a_list_of_plain_labels_above_the_text_is_metadata() -> None:
    labels = paragraphs([f"{k}：{v}" for k, v in LABELS.items()])
    found = read_html(page(labels + paragraphs(BODY)).encode())
    assert texts(found.lines) == [TITLE, *BODY]
    assert (found.said.number, found.said.date) == ("某政发〔2024〕3号", "2024-01-15")


def test_the_page_makes_a_document_with_its_units() -> None:
    (document, units, _chunks), *_ = read_parts(page(paragraphs(BODY), block=as_table()).encode(), "/a/b.html")
    assert (document.title, document.number, document.date) == (TITLE, "某政发〔2024〕3号", "2024-01-15")
    assert "".join(document.text.split()) == "".join("".join([TITLE, *BODY]).split())
    assert any(unit.locator == ("二", "(一)") for unit in units)
