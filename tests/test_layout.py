import re

from hypothesis import given
from hypothesis import strategies as st

from ingest.layout import heal
from ingest.lines import joined, tidy
from ingest.readers.plain import read_lines

PIECES = st.sampled_from(
    [
        "一、总体要求",
        "(一)推动产业升级",
        "1.加快建设。",
        "推动制造业高质量发展,促进融合,",
        "落实到位。",
        "——目标明显提升。",
        "本报讯 日前",
        "",
        "",
        "　　",
        "①制定清单;",
        "第三条 本办法",
        "图为项目现场。",
        "本报记者 王一",
    ]
)
PAGES = st.lists(PIECES, max_size=40).map("\n".join)


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


@given(PAGES | st.text(max_size=300))
def test_no_character_is_lost_added_or_changed(page: str) -> None:
    paragraphs = heal(read_lines(page))
    assert sorted(bare("".join(p.text for p in paragraphs))) == sorted(bare(page.removeprefix("\ufeff")))


@given(PAGES)
def test_without_captions_the_order_stays(page: str) -> None:
    paragraphs = heal(read_lines(page))
    if not any(p.caption for p in paragraphs):
        assert bare("".join(p.text for p in paragraphs)) == bare(page)


def test_a_sentence_broken_by_a_blank_line_is_healed() -> None:
    page = "3.完善布局。推动中心城区更新提升,高水平建设产业园区,形成对全市产业布局优化的有力支撑,深\n\n化金融产品和服务创新。\n\n4.创新政策。"
    texts = [p.text for p in heal(read_lines(page))]
    assert texts == [page.split("\n\n4")[0].replace("\n\n", ""), "4.创新政策。"]


def test_a_label_is_never_swallowed_by_an_open_sentence() -> None:
    page = "(一)加强领导。压实各级责任,推动各项任务落地落实\n\n(二)健全机制。加强衔接。"
    assert [p.marker.label for p in heal(read_lines(page)) if p.marker] == ["(一)", "(二)"]


def test_lines_wrapped_at_a_column_are_joined_and_indents_open_paragraphs() -> None:
    body = "为深入贯彻落实决策部署加快推动养老服务高质量发展结合我省实际制定本实施方案请认真组织实施确保取得实效"
    lines = [body[i : i + 16] for i in range(0, len(body), 16)]
    page = "\n".join(["　　" + lines[0], *lines[1:-1], lines[-1] + "。"] * 3)
    assert [p.text for p in heal(read_lines(page))] == [body + "。"] * 3


def test_a_caption_in_the_gap_of_a_sentence_is_set_apart() -> None:
    page = (
        "去年以来,企业研发的复合材料整罩以及电缆导管保护总装复合物件全部交付,首批构件在高温燃\n\n\n\n"
        "李某在产业创新论坛上发言。\n\n烧试验中没有可参考的成果,完全依靠自主研发。"
    )
    paragraphs = heal(read_lines(page))
    assert [p.caption for p in paragraphs] == [False, True]
    assert "高温燃烧试验" in paragraphs[0].text


def test_spaces_go_beside_chinese_and_stay_between_words() -> None:
    assert tidy("　本报讯　日前,  a  big 3 day") == "本报讯日前, a big 3 day"
    assert joined("建设IDC", "数据中心") == "建设IDC数据中心"
    assert joined("big", "data") == "big data"
