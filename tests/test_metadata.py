"""What a document is, over all evidence: invented pages, notices, laws and names, and the table of real ones."""

import os
from pathlib import Path

import pytest

from ingest.furniture import clear_page
from ingest.lines import Extracted
from ingest.metadata.bodies import split_bodies
from ingest.metadata.file_name import FileName, read_file_name
from ingest.metadata.law_header import read_law_header
from ingest.metadata.numbers import read_number
from ingest.metadata.validity import Validity, read_validity
from ingest.readers.plain import read_lines
from ingest.reading import Part, read_parts
from vectorstore.records import Document, Kind
from vectorstore.text import fold

REAL = os.environ.get("REAL_DOCUMENTS")  # the folder of the files that tests/data/real_metadata.tsv names
TABLE = Path(__file__).parent / "data" / "real_metadata.tsv"


def parts(text: str, name: str = "x.txt") -> list[Part]:
    return read_parts(text.encode(), name)


def read(text: str, name: str = "x.txt") -> Document:
    (part,) = parts(text, name)
    return part[0]


NOTICE = """云州市教育局关于印发《云州市校园安全管理办法》的通知
云教发〔2026〕5号
各区教育局：
现将《云州市校园安全管理办法》印发给你们，请认真执行。
云州市教育局
2026年4月2日
云州市校园安全管理办法
第一条 为了保障校园安全，制定本办法。
第二条 学校应当每月检查一次消防设施。
第三条 本办法自2026年5月1日起施行，有效期3年。
"""


def test_a_notice_with_its_rules() -> None:
    found = read(NOTICE)
    assert found.title == "云州市教育局关于印发《云州市校园安全管理办法》的通知"
    assert (found.issuer, found.number, found.date) == ("云州市教育局", "云教发〔2026〕5号", "2026-04-02")
    assert (found.effective, found.expires, found.region) == ("2026-05-01", "2029-04-30", "云州市")


# -- furniture -----------------------------------------------------------------------------------------------------

PAGE = """下载
打印
【字号：
大
中
小
】
您的位置：
首页
>
政务公开
>
政策文件
关注 · 云州市政府网
【一图读懂】《云州市教育局关于做好招生工作的通知》2026-05-08
YZ0220260009
云教规字〔2026〕2号
2026年05月01日
2031年04月30日
云州市教育局
云州市教育局关于做好招生工作的通知
云教规字〔2026〕2号
来源：云州日报
2026-05-08 09:02:33
各区教育局：
一、义务教育学校免试就近入学，不得以任何形式考试，不得提前招生。
二、本通知自2026年5月1日起施行。
云州市教育局
2026年4月28日
分享到微信
×
相关报道：
云州市教育局召开招生工作会议
返回顶部
"""


def test_furniture_is_neither_title_nor_unit_but_is_heard() -> None:
    document, units, _chunks = parts(PAGE)[0]
    assert document.title == "云州市教育局关于做好招生工作的通知"
    assert (document.issuer, document.number, document.date) == ("云州市教育局", "云教规字〔2026〕2号", "2026-04-28")
    assert (document.effective, document.expires) == ("2026-05-01", "2031-04-30")
    assert document.text.startswith("云州市教育局关于做好招生工作的通知\n云教规字〔2026〕2号\n各区教育局")
    assert document.text.endswith("2026年4月28日")
    assert not any(word in unit.text for unit in units for word in ("下载", "首页", "一图读懂", "相关报道", "×"))


def test_a_text_without_furniture_keeps_every_line() -> None:
    lines = read_lines(NOTICE + "附件：1.检查表.docx\n2.联系表.docx\n")
    assert clear_page(Extracted(tuple(lines))).lines == tuple(lines)


@pytest.mark.parametrize(
    "line", ["一、打印机管理", "下载速度不低于100兆。", "大中小学应当开设劳动课。", "首页应当载明联系方式。"]
)
def test_a_line_of_text_is_no_furniture(line: str) -> None:
    assert (
        line
        in read(f"云州市管理办法\n{line}\n各学校要认真落实，加强检查，发现问题及时整改，确保各项要求落到实处。\n").text
    )


def test_a_title_that_only_links_and_the_name_of_the_file_give() -> None:
    page = PAGE.replace("云州市教育局关于做好招生工作的通知\n云教规字〔2026〕2号\n来源", "云教规字〔2026〕2号\n来源")
    assert read(page).title == "云州市教育局关于做好招生工作的通知"
    named = read(
        "一、谁可以申请？\n答：本市户籍的残疾人。\n二、补贴多少？\n答：每月200元。\n", "007_残疾人补贴常见问题.txt"
    )
    assert (named.title, named.kind) == ("残疾人补贴常见问题", Kind.OTHER)


# -- titles --------------------------------------------------------------------------------------------------------


def test_a_long_title_ends_where_the_number_begins() -> None:
    title = "云州市人民政府行政审批制度改革办公室关于印发《云州市关于深化证照分离改革进一步激发市场主体发展活力的若干工作方案》的通知"
    found = read(
        f"{title}\n云审改办发〔2026〕5号\n各区人民政府：\n现将方案印发给你们。\n云州市人民政府行政审批制度改革办公室\n（云州市政务服务局代章）\n2026年7月1日\n"
    )
    assert (found.title, found.number) == (title, "云审改办发〔2026〕5号")
    assert found.issuers == ("云州市人民政府行政审批制度改革办公室",)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("003_云州市停车办法.txt", "云州市停车办法"),
        ("法规__云州市__云州市停车办法(2024-05-06).md", "云州市停车办法"),
        ("云州市停车办法 (1).txt", "云州市停车办法"),
        ("2026_云州市_政府工作报告.txt", "2026云州市政府工作报告"),
        ("新建文本文档.txt", ""),
        ("扫描件20240101.pdf", ""),
        ("page.html", ""),
    ],
)
def test_what_a_file_is_called(name: str, title: str) -> None:
    assert read_file_name(name).title == title


def test_the_day_in_a_name() -> None:
    assert read_file_name("云州市停车办法(2024-05-06).md") == FileName("云州市停车办法", "2024-05-06")


def test_the_name_never_beats_a_headline_and_mends_one_that_is_cut() -> None:
    assert read(NOTICE, "某某单位关于印发其他办法的通知.txt").title.startswith("云州市教育局关于印发")
    assert read(NOTICE, "云州市教育局关于印发《云州市校园安.txt").title.endswith("的通知")


def test_titles_that_many_documents_have_are_completed() -> None:
    report = "政府工作报告\n——2026年1月12日在云州市第九届\n人民代表大会第五次会议上\n云州市市长 林知远\n各位代表：\n现在，我代表市人民政府，向大会报告工作。\n一、去年工作\n增长5%。\n"
    found = read(report)
    assert (found.title, found.issuer, found.date) == ("2026年云州市政府工作报告", "云州市人民政府", "2026-01-12")


@pytest.mark.parametrize("part", ["物权编", "总则", "附则"])
def test_a_part_of_a_work_has_its_name(part: str) -> None:
    text = f"# 云州市民生法典\n\n# {part}\n\n2025年3月1日 云州市第八届人民代表大会第二次会议通过\n\n第三条 居住权应当登记。\n"
    found = read(text, "x.md")
    assert (found.title, found.kind, found.issuer) == (f"云州市民生法典 {part}", Kind.LAW, "云州市人民代表大会")


# -- issuers and numbers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "bodies"),
    [
        ("中共云州市委云州市人民政府", ["中共云州市委", "云州市人民政府"]),
        ("国家税务总局云州市税务局", ["国家税务总局云州市税务局"]),
        ("云州市民政局云州市财政局", ["云州市民政局", "云州市财政局"]),
        ("云州市卫生健康委员会云州市财政局", ["云州市卫生健康委员会", "云州市财政局"]),
        ("云州市人民政府行政审批制度改革办公室（云州市政务局代章）", ["云州市人民政府行政审批制度改革办公室"]),
        ("国务院办公厅、中央军委办公厅", ["国务院办公厅", "中央军委办公厅"]),
        (
            "天津市人民政府政务服务办公室河北省政务服务管理办公室",
            ["天津市人民政府政务服务办公室", "河北省政务服务管理办公室"],
        ),
    ],
)
def test_bodies_that_stand_one_behind_the_other(text: str, bodies: list[str]) -> None:
    assert split_bodies(text) == bodies


def test_all_who_sign_are_issuers_and_the_first_gives_the_region() -> None:
    text = "云州市政务局等三部门关于印发《互认清单》的通知\n云政函〔2026〕12号\n各部门：\n现将清单印发给你们。\n云州市政务局\n清禾市政务办公室\n河北省政务管理办公室\n2026年8月7日\n"
    found = read(text)
    assert found.issuers == ("云州市政务局", "清禾市政务办公室", "河北省政务管理办公室")
    assert (found.issuer, found.region) == ("云州市政务局、清禾市政务办公室、河北省政务管理办公室", "云州市")


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        (["中华人民共和国国务院令", "第707号"], "国务院令第707号"),
        (["云州市人民代表大会常务委员会公告", "〔十五届〕第62号"], "〔十五届〕第62号"),
        (["关于某事的通知云政发〔2026〕3号"], "云政发〔2026〕3号"),
        (["（云政办〔2026〕3号）"], None),
        (["根据云政发〔2025〕1号要求"], None),
    ],
)
def test_numbers(lines: list[str], number: str | None) -> None:
    assert read_number(lines) == number


# -- days ----------------------------------------------------------------------------------------------------------


def test_a_law_is_of_the_day_of_its_newest_amendment() -> None:
    header = read_law_header(
        [
            "2020年3月27日 云州市第十五届人民代表大会常务委员会第二十次会议通过",
            "2024年11月29日 云州市第十六届人民代表大会常务委员会第十三次会议第一次修订",
            "2025年1月1日 施行",
        ]
    )
    assert header.newest is not None
    assert (header.newest.day, header.adopted, header.effective) == ("2024-11-29", "2020-03-27", "2025-01-01")
    assert header.body == "云州市人民代表大会常务委员会"
    approved = read_law_header(
        [
            "2022年12月6日云州市第七届人民代表大会常务委员会第七次会议通过",
            "2023年2月10日广东省第十四届人民代表大会常务委员会第一次会议批准",
        ]
    )
    assert approved.body == "云州市人民代表大会常务委员会"


def test_a_decree_gives_the_number_and_the_body() -> None:
    header = read_law_header(
        ["2019年10月8日 国务院第66次常务会议通过", "2019年10月22日 中华人民共和国国务院令第999号公布"]
    )
    assert (header.number, header.body, header.adopted) == ("国务院令第999号", "国务院", "2019-10-08")
    assert not read_law_header(["——2026年1月12日在云州市第九届人民代表大会第五次会议上", "2025年，全市增长5%。"]).steps


@pytest.mark.parametrize(
    ("text", "validity"),
    [
        ("本办法自2026年3月1日起施行，有效期5年。", Validity("2026-03-01", "2031-02-28")),
        ("本通知自印发之日起施行，有效期至2027年12月31日。", Validity("2026-01-02", "2027-12-31")),
        ("本细则自发布之日起实施，试行期两年。", Validity("2026-01-02", "2028-01-01")),
        ("居住证有效期10年。", Validity()),
        ("《甲办法》自2020年1月1日起施行。", Validity()),
    ],
)
def test_validity_as_the_text_states_it(text: str, validity: Validity) -> None:
    assert read_validity([text], "2026-01-02") == validity


def test_the_block_before_a_markdown_text_says_what_it_is() -> None:
    text = "---\ntitle: 云州市停车办法\n发文机关: 云州市人民政府\ndate: 2026-04-02\nurl: https://www.example.cn/1\n---\n\n# 云州市停车办法\n\n第一条 为了规范停车，制定本办法。\n"
    found = read(text, "x.md")
    assert (found.title, found.issuer, found.date) == ("云州市停车办法", "云州市人民政府", "2026-04-02")
    assert found.url == "https://www.example.cn/1" and "title" not in found.text
    assert "---" not in read("---\n\n# 云州市停车办法\n\n第一条 为了规范停车，制定本办法。\n", "x.md").title


def test_a_page_says_its_address_and_until_when_its_text_holds() -> None:
    page = (
        '<html><head><meta charset="utf-8"><title>云州市停车办法</title>'
        '<link rel="canonical" href="https://www.example.cn/zc/2026/t1.html"></head><body>'
        "<table><tr><td>索引号：</td><td>YZ-1</td><td>发文机关：</td><td>云州市人民政府</td></tr>"
        "<tr><td>成文日期：</td><td>2026年4月2日</td><td>文号：</td><td>云政规〔2026〕1号</td></tr>"
        "<tr><td>施行日期：</td><td>2026-05-01</td><td>失效日期：</td><td>2031-04-30</td></tr></table>"
        "<h1>云州市停车办法</h1><p>第一条 为了规范停车，制定本办法。</p><p>第二条 每条街道设置停车点两处，由区人民政府负责管理，并且向社会公布。</p>"
        "<p>第三条 本办法由市人民政府负责解释。</p></body></html>"
    )
    found = read(page, "x.html")
    assert (found.url, found.effective, found.expires) == (
        "https://www.example.cn/zc/2026/t1.html",
        "2026-05-01",
        "2031-04-30",
    )
    assert (found.title, found.issuers, found.date) == ("云州市停车办法", ("云州市人民政府",), "2026-04-02")


# -- one file is one document --------------------------------------------------------------------------------------


def test_one_file_is_one_document_without_a_newspaper() -> None:
    long = "由监护人代为办理的，还应当提供监护人的有效证件原件和能够证明监护关系的材料，材料不全的一次告知补正。" * 3
    banks = (
        "目前可以选择的网点有甲银行、乙银行、丙银行，申领人在申领的时候可以自愿选择一家网点领取卡片，不另收费用。" * 3
    )
    assert (
        len(parts(f"怎么申领社会保障卡\n{long}\n办理所需证件如下：\n5.外国居民：护照。\n{banks}\n第一步：准备相片\n"))
        == 1
    )


# -- real files ----------------------------------------------------------------------------------------------------


def bare(text: str) -> str:
    return "".join(char for char in fold(text) if char.isalnum())


@pytest.mark.skipif(not REAL, reason="REAL_DOCUMENTS names no folder")
def test_real_files_are_what_somebody_saw_them_to_be() -> None:
    rows = [line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")][1:]
    wrong: dict[str, list[str]] = {}
    for file, title, issuers, number, date, kind, _status, expires in rows:
        found = read_parts((Path(str(REAL)) / file).read_bytes(), file)
        document = found[0][0]
        told = {
            "title": bare(document.title) in map(bare, title.split("|")),
            "issuers": set(document.issuers or "-") in [set(one.split("；")) for one in issuers.split("|")],
            "number": any(bare(document.number or "-").endswith(bare(one)) for one in number.split("|") if one != "-")
            or (document.number or "-") in number.split("|"),
            "date": (document.date or "-") in date.split("|"),
            "kind": document.kind in kind.split("|"),
            "expires": (document.expires or "-") in expires.split("|"),
            "split": len(found) == 1,
        }
        for name in (name for name, right in told.items() if not right):
            wrong.setdefault(name, []).append(file)
    for name, least in (
        ("title", 0.97),
        ("issuers", 0.95),
        ("number", 0.97),
        ("date", 0.97),
        ("kind", 0.97),
        ("split", 0.99),
    ):
        assert len(wrong.get(name, ())) <= (1 - least) * len(rows), (name, wrong[name])
