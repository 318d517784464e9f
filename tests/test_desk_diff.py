"""The version diff: an invented policy in two editions, editions edited at random, and the files."""

import io
import itertools
import random
import statistics
import time
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import docx
import pytest
from desk_editions import Draft, Edition, Editor, drafts, read, typeset
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree, html

from assistant.desk.diff import Change, Compared, Diff, Piece, TargetChange, diff
from assistant.desk.diff_figures import quantities
from assistant.desk.wording import close_runs, runs
from ingest.pipeline import read_parts
from ui.desk.diff_files import diff_docx, diff_html
from vectorstore.lexical import Analyzer
from vectorstore.records import Kind

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
AT = datetime(2026, 3, 4, 10, 30, tzinfo=UTC)
CUT = Analyzer().cut
OLD = """青梧市支持低空经济发展若干措施

青政规〔2024〕3号

各区人民政府，市政府各部门：

为推动低空经济发展，制定以下措施。

一、总体要求

到2027年，低空经济产业规模达到200亿元左右，建成起降点120个。

二、重点任务

（一）建设基础设施

1．建设起降网络。在各区布局起降场地，每个场地给予不超过300万元的建设补助。市交通运输局统筹选址。

2．完善通信保障。建设低空通信和监视网络，信号覆盖率不低于95%。

3．统一空域管理。建立空域划设和动态调整机制，公布可飞空域。建设低空飞行服务平台，实现飞行计划一站式申报，审批时限压缩至2个工作日。

4．培育维修服务。支持企业取得民用航空器维修许可。

（二）拓展应用场景

5．发展低空物流。开通城市末端配送航线30条，对年飞行5000架次以上的企业给予奖励。

6．推广农林植保。支持合作社采用无人机开展植保作业，每亩补贴8元。

7．探索空中游览。在滨河景区和湿地公园开设空中游览线路，丰富文旅产品供给。

8．发展应急救援。组建市级航空应急救援队伍，配备直升机2架。

三、保障措施

（一）加强组织领导。成立市低空经济发展工作专班，统筹协调重大事项。

（二）强化资金支持。设立10亿元低空产业基金，支持企业研发和场景建设。

（三）本措施自2024年7月1日起施行，有效期三年。

青梧市人民政府
2024年6月3日
"""
NEW = """青梧市支持低空经济发展若干措施（修订）

青政规〔2026〕8号

各区人民政府，市政府各部门：

为推动低空经济发展，制定以下措施。

一、总体目标

到2028年，低空经济产业规模达到500亿元左右，建成起降点120个。

二、重点任务

（一）建设基础设施

1．建设起降网络。在各区布局起降场地，每个场地给予不超过500万元的建设补助。市交通运输局统筹选址。

2．统一空域管理。建立空域划设和动态调整机制，公布可飞空域。

3．建设服务平台。建设低空飞行服务平台，实现飞行计划一站式申报，审批时限压缩至1个工作日。

4．完善通信保障。建设低空通信和监视网络，信号覆盖率不低于95%。

5．加强噪声治理。制定城市低空飞行噪声限值和监测办法，避开居民区夜间飞行。

（二）拓展应用场景

6．发展低空物流和农林植保。开通城市末端配送航线30条，对年飞行5000架次以上的企业给予奖励。支持合作社采用无人机开展植保作业，每亩补贴8元。

7．探索空中游览。在滨河景区、湿地公园和老码头开设空中游览航线，丰富旅游产品供给。

8．发展应急救援。组建市级航空应急救援队伍，配备直升机2架。

三、保障措施

（一）加强组织领导。成立市低空经济发展工作专班，统筹协调重大事项。

（二）强化资金支持。力争设立10亿元以上低空产业基金，支持企业研发和场景建设。

（三）本措施自2026年7月1日起施行，有效期五年。

青梧市人民政府
2026年5月28日
"""


@pytest.fixture(scope="module")
def compared() -> Diff:
    return diff(read(OLD), read(NEW))


def told(found: Diff) -> list[tuple[str, str, str]]:
    return [
        (one.change.value + ("+" if one.renumbered else ""), *("、".join(c.label for c in side) for side in (one.old, one.new)))
        for one in found.changes
    ]  # fmt: skip


def side(pieces: Sequence[Piece], name: str) -> str:
    return "".join(piece.text for piece in pieces if piece.side in ("same", name))


def whole(one: Compared) -> bool:
    """Whether the pieces are the texts of both sides."""
    old, new = ("\n".join(citation.quote for citation in units) for units in (one.old, one.new))
    return (side(one.pieces, "old"), side(one.pieces, "new")) == (old, new)


def targets(old: str, new: str) -> list[tuple[str, str | None, str | None]]:
    """What is told of the figures of one task."""
    texts = ["某市方案\n\n一、任务\n\n1．" + text + "\n\n2．其他事项另行规定，由各部门落实。\n" for text in (old, new)]
    found = diff(read(texts[0]), read(texts[1]))
    return [(one.subject, one.old, one.new) for change in found.changes for one in change.targets]


# -- an invented policy ---------------------------------------------------------------------------------------------


def test_every_kind_of_change_is_told_in_the_order_of_the_new_edition(compared: Diff) -> None:
    assert told(compared) == [
        ("reworded", "标题", "标题"),
        ("unchanged", "第1段", "第1段"),
        ("unchanged", "第2段", "第2段"),
        ("reworded", "一、总体要求", "一、总体目标"),
        ("targets", "总体要求", "总体目标"),
        ("targets", "重点任务1", "重点任务1"),
        ("split", "重点任务3", "重点任务2、重点任务3"),
        ("dropped", "重点任务4", ""),
        ("renumbered+", "重点任务2", "重点任务4"),
        ("added", "", "重点任务5"),
        ("merged", "重点任务5、重点任务6", "重点任务6"),
        ("reworded", "重点任务7", "重点任务7"),
        ("unchanged", "重点任务8", "重点任务8"),
        ("unchanged", "保障措施(一)", "保障措施(一)"),
        ("targets", "保障措施(二)", "保障措施(二)"),
        ("targets", "保障措施(三)", "保障措施(三)"),
        ("unchanged", "第3段", "第3段"),
        ("targets", "第4段", "第4段"),
    ]
    assert all(map(whole, compared.changes))
    assert compared.counts[Change.TARGETS] == 5 and sum(compared.counts.values()) == len(compared.changes)


def test_figures_dates_and_limits_are_told_from_and_to(compared: Diff) -> None:
    assert [(one.old, one.new) for change in compared.changes for one in change.targets] == [
        ("2027年", "2028年"),
        ("200亿元", "500亿元"),
        ("300万元", "500万元"),
        ("2个工作日", "1个工作日"),
        ("10亿元", "力争设立10亿元以上"),
        ("2024年7月1日", "2026年7月1日"),
        ("三年", "五年"),
        ("2024年6月3日", "2026年5月28日"),
    ]
    subjects = [one.subject for change in compared.changes for one in change.targets]
    assert subjects[1:4] == ["低空经济产业规模", "每个场地", "审批时限"] and subjects[6] == "有效期"


def test_words_are_compared_whole(compared: Diff) -> None:
    [one] = [change for change in compared.changes if change.new and change.new[0].label == "重点任务7"]
    assert [(p.side, p.text) for p in one.pieces if p.side != "same"][-2:] == [("old", "文旅"), ("new", "旅游")]


def test_citations_are_verbatim_and_numbered_as_they_come(compared: Diff) -> None:
    texts = {document.id: document.text for document, _units in (read(OLD), read(NEW))}
    citations = [one for change in compared.changes for one in (*change.old, *change.new)]
    assert [one.id for one in citations] == list(range(1, len(citations) + 1))
    assert all(texts[one.document_id][one.start : one.end] == one.quote for one in citations)
    assert (compared.old.number, compared.new.date) == ("青政规〔2024〕3号", "2026-05-28")


def test_the_same_edition_is_unchanged() -> None:
    found = diff(read(OLD), read(OLD))
    assert {one.change for one in found.changes} == {Change.UNCHANGED}
    assert not any(one.renumbered or one.targets for one in found.changes)
    assert len(found.changes) == sum(unit.type.citable for unit in read(OLD)[1])


def test_width_and_layout_are_no_change() -> None:
    narrow = OLD.replace("，", ",").replace("（", "(").replace("）", ")").replace("．", ".")
    found = diff(read(OLD), read(narrow))
    assert {one.change for one in found.changes} <= {Change.UNCHANGED} and all(map(whole, found.changes))


def test_nothing_against_something_is_all_added_or_dropped() -> None:
    document, units = read(OLD)
    for old, new, kind in (([], units, Change.ADDED), (units, [], Change.DROPPED)):
        found = diff((document, old), (document, new))
        assert {one.change for one in found.changes} == {kind} and all(map(whole, found.changes))
    assert diff((document, []), (document, [])).changes == []


def test_an_inserted_chapter_renumbers_what_stands_below_it() -> None:
    later = OLD.replace("三、保障措施", "三、先行区域\n\n（一）滨江区先行开放夜间航线试点。\n\n四、保障措施")
    found = told(diff(read(OLD), read(later)))
    assert ("added", "", "三、先行区域") in found and ("renumbered+", "三、保障措施", "四、保障措施") in found
    assert ("renumbered+", "保障措施(二)", "保障措施(二)") in found
    assert Counter(kind for kind, *_ in found)["unchanged"] == 13  # of these the closing paragraphs, counted only


def test_articles_of_a_law_are_matched_by_what_they_say() -> None:
    law = (
        "青梧市停车条例\n\n第一章 总则\n\n第一条 为了规范停车秩序，制定本条例。\n\n"
        "第二条 公共停车场由区交通运输部门管理。\n收费标准由市价格主管部门核定。\n\n"
        "第三条 违规停放的，处五十元以上二百元以下罚款。\n\n第四条 本条例自2022年1月1日起施行。\n"
    )
    later = law.replace("第三条", "第四条", 1).replace("第四条 本", "第五条 本").replace(
        "第四条 违", "第三条 鼓励单位向社会开放内部停车场。\n\n第四条 违"
    ).replace("二百元", "三百元")  # fmt: skip
    found = diff(read(law), read(later))
    assert told(found)[-3:] == [
        ("added", "", "第三条"),
        ("targets+", "第三条", "第四条"),
        ("renumbered+", "第四条", "第五条"),
    ]
    assert found.changes[-2].targets[0].new is not None and "三百元" in found.changes[-2].targets[0].new


def test_rows_with_one_wording_are_told_apart_by_their_place() -> None:
    table = "某市方案\n\n一、补助\n\n" + "\n\n".join(f"{n}．对第{n}类企业每年补助{n}万元。" for n in range(1, 9)) + "\n"
    later = table.replace("补助4万元", "补助40万元").replace("补助6万元", "补助60万元")
    found = diff(read(table), read(later))
    assert [(c.old[0].label, t.old, t.new) for c in found.changes for t in c.targets] == [
        ("补助4", "4万元", "40万元"),
        ("补助6", "6万元", "60万元"),
    ]
    assert all(c.old[0].label == c.new[0].label for c in found.changes)


# -- figures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("对新入驻企业给予不超过80万元奖励。", "对新入驻企业给予不低于80万元奖励。", [("不超过80万元", "不低于80万元")]),
        ("水质达标率稳定在百分之九十，建湿地3处。", "水质达标率稳定在90%，建湿地三处。", []),
        ("港口吞吐量达到3万亿吨。", "港口吞吐量达到30000亿吨。", []),
        ("新建学校5所、医院2家，方便群众就近就学就医。", "新建医院2家、学校6所，方便群众就近就学就医。", [("5所", "6所")]),
        ("轻度失能每月150元、重度失能每月500元。", "轻度失能每月500元、重度失能每月150元。", [("150元", "500元"), ("500元", "150元")]),
        ("2026年底前完成老旧管网改造。", "2026年上半年完成老旧管网改造。", [("2026年底", "2026年上半年")]),
        ("规划期为2021—2025年，由市发展改革委牵头。", "规划期为2026—2030年，由市发展改革委牵头。", [("2021—2025年", "2026—2030年")]),
        ("单位能耗下降13%，由市工信局负责。", "单位能耗增长13%，由市工信局负责。", [("下降13%", "13%")]),
        ("服务网点覆盖全部街道，便于老人就近办理。", "服务网点覆盖全部街道，便于老人就近办理，每街道2个。", [(None, "2个")]),
        ("按《用水办法（2019年）》和水发〔2019〕7号文执行。", "按《用水办法（2023年）》和水发〔2023〕9号文执行。", []),
        ("招商引资额力争突破60亿元，零部件企业集聚。", "招商引资额突破60亿元，零件企业集聚。", [("力争突破60亿元", "突破60亿元")]),
    ],
)  # fmt: skip
def test_what_changed_of_figures(old: str, new: str, expected: list[tuple[str | None, str | None]]) -> None:
    assert [(before, after) for _subject, before, after in targets(old, new)] == expected


def test_names_of_what_is_measured() -> None:
    assert (
        targets("全市绿色建筑占新建建筑比重达到60%。", "全市绿色建筑占新建建筑比重达到70%。")[0][0]
        == "全市绿色建筑占新建建筑比重"
    )
    assert targets("2026年底前建成北岸泵站。", "2027年底前建成北岸泵站。")[0][0] == "建成北岸泵站"


@given(st.text("到2027年底前建成3处,约0.5万亿%不超过元左右、。第〔〕()《》\n", max_size=40))
def test_quantities_stand_where_they_say(text: str) -> None:
    assert all(one.text.startswith(text[one.start : one.end]) for one in quantities(text))


# -- properties -----------------------------------------------------------------------------------------------------

words = st.text("甲乙丙，。5年\n ,Ａa、", max_size=60)


@given(words, words)
def test_runs_are_the_texts(old: str, new: str) -> None:
    for found in (runs(old, new), runs(old, new, CUT), close_runs(old, new, CUT)):
        assert ("".join(run.old for run in found), "".join(run.new for run in found)) == (old, new)
        assert all(len(run.old) == len(run.new) for run in found if run.same)
        assert all(one.same is not other.same for one, other in itertools.pairwise(found))


def test_long_texts_are_compared_in_bounded_time() -> None:
    started = time.thread_time()
    found = runs("甲" * 50_000 + "乙", "丙" * 50_000 + "乙")
    assert [run.same for run in found] == [False, True] and time.thread_time() - started < 2


lines = st.lists(st.sampled_from(OLD.split("\n\n")[5:-2]), min_size=1, max_size=9)


@given(lines, lines)
@settings(max_examples=60)
def test_every_citable_unit_is_told_once(old: list[str], new: list[str]) -> None:
    editions = [read("某市方案\n\n一、任务\n\n" + "\n\n".join(text) + "\n") for text in (old, new)]
    found = diff(*editions)
    for at, (_document, units) in enumerate(editions):
        cited = [one for change in found.changes for one in (change.old, change.new)[at]]
        places = [(one.start, one.end) for one in cited]
        assert len(places) == len(set(places))
        citable = {(u.start, u.start + len(u.text.rstrip())) for u in units if u.type.citable}
        assert citable <= set(places)
    assert all(map(whole, found.changes))
    assert all(len(one.old) < 2 or len(one.new) < 2 for one in found.changes)


# -- editions edited at random ---------------------------------------------------------------------------------------

VERBS = ("drop", "add", "swap", "split", "merge", "figure", "reword")


@pytest.fixture(scope="module")
def corpus(samples_dir: Path, seeds_page: Path) -> tuple[list[Edition], list[str]]:
    """The policies of the sample corpus and of the real page as editions, and the sentences of the reports."""
    policies: list[Edition] = []
    sentences: list[str] = []
    for path in (*sorted(samples_dir.iterdir()), seeds_page):
        for document, units, _chunks in read_parts(path.read_bytes(), path.name):
            if document.kind is Kind.NEWS:
                spans = [span for unit in units if unit.type.citable for span in unit.sentences]
                sentences += [document.text[s.start : s.end] for s in spans if s.end - s.start > 15]
            else:
                made, relaid = typeset(document, drafts((document, units)))
                policies.append((replace(made, id="old"), [replace(unit, document_id="old") for unit in relaid]))
    return policies, sentences


def test_random_edits_are_told_as_what_they_are(corpus: tuple[list[Edition], list[str]]) -> None:
    policies, sentences = corpus
    right: Counter[Change] = Counter()
    every: Counter[Change] = Counter()
    took: list[float] = []
    diff(policies[0], policies[0])
    for seed in range(8):
        for old in policies:
            editor = Editor(drafts(old), sentences, seed)
            for verb in random.Random(seed).choices(VERBS, k=7):
                editor.edit(verb)
            new = typeset(old[0], editor.made)
            started = time.thread_time()
            found = diff(old, new)
            took.append(time.thread_time() - started)
            expected = editor.expected(old[1], new[1])
            told_ = {(one.change, ordinals(one.old, old), ordinals(one.new, new)) for one in found.changes}
            every.update(change for change, *_ in expected)
            right.update(change for change, *_ in expected & told_)
            assert all(map(whole, found.changes))
    edited = [change for change in every if change not in (Change.UNCHANGED, Change.RENUMBERED)]
    assert len(edited) == 6 and all(right[change] >= 0.95 * every[change] for change in every), (right, every)
    assert sum(right[c] for c in edited) >= 0.97 * sum(every[c] for c in edited)
    assert statistics.median(took) < 0.3


def ordinals(citations: Sequence[object], edition: Edition) -> tuple[int, ...]:
    by_start = {unit.start: unit.ordinal for unit in edition[1]}
    return tuple(by_start[one.start] for one in citations)  # type: ignore[attr-defined]


def test_five_hundred_units_take_less_than_a_second(corpus: tuple[list[Edition], list[str]]) -> None:
    policies, sentences = corpus
    document, units = policies[1]
    rng = random.Random(1)
    task = next(unit for unit in units if unit.task_number)
    texts = ["".join(rng.sample(sentences, 3)) + f"第{n}项" for n in range(500)]
    old = typeset(document, [Draft(task, text, (n,)) for n, text in enumerate(texts)])
    new = typeset(
        document, [Draft(task, text.replace("，", "；", 1) + "另行规定。", (n,)) for n, text in enumerate(texts)]
    )
    diff(old, old)
    started = time.thread_time()
    found = diff(old, new)
    assert found.counts[Change.REWORDED] + found.counts[Change.TARGETS] == 500
    assert time.thread_time() - started < 3  # below one where no other test runs beside it


# -- files ----------------------------------------------------------------------------------------------------------

HOSTILE = "<script>alert(1)</script>&amp;\"'</ins>{x}\x00\ud800\u202e"


def spoilt(found: Diff) -> Diff:
    """``found`` with hostile text wherever a document's text stands."""
    pieces = [Piece(side="old", text=HOSTILE), Piece(side="new", text=f"{HOSTILE}\n\t新")]
    first = found.changes[4].model_copy(
        update={"pieces": pieces, "targets": [TargetChange(subject=HOSTILE, old=HOSTILE, new=None)]}
    )
    first.new[0] = first.new[0].model_copy(update={"label": HOSTILE})
    edition = found.new.model_copy(update={"title": HOSTILE, "issuer": HOSTILE})
    return found.model_copy(update={"new": edition, "changes": [first, *found.changes[5:]]})


def test_the_page_shows_every_change_and_refers_to_nothing(compared: Diff) -> None:
    page = diff_html(compared, "zh", at=AT).decode()
    tree = html.document_fromstring(page)
    assert not tree.xpath("//@href | //@src | //script | //link | //img")
    assert "url(" not in page and "@import" not in page
    sections = tree.xpath("//section")
    assert [one.get("class") for one in sections] == [one.change.value for one in compared.changes]
    for one, section in zip(compared.changes, sections, strict=True):
        [text] = section.xpath(".//p")
        assert "".join(text.itertext()) == "".join(piece.text for piece in one.pieces)
        for tag, name in (("ins", "new"), ("del", "old")):
            assert [e.text for e in text.iter(tag)] == [p.text for p in one.pieces if p.side == name]
    assert "每个场地：300万元 → 500万元" in page and "Version diff" in diff_html(compared, "en").decode()


def test_hostile_text_is_text_in_both_files(compared: Diff) -> None:
    found = spoilt(compared)
    tree = html.document_fromstring(diff_html(found, "zh").decode())
    shown = "<script>alert(1)</script>&amp;\"'</ins>{x}"
    assert not tree.xpath("//script") and tree.xpath("//ins")[0].text.startswith(shown)
    assert shown in "".join(docx.Document(io.BytesIO(diff_docx(found, "zh"))).element.itertext())


def resolved(document: bytes, accept: bool) -> list[str]:
    """The paragraphs of a document without headings and lists, all changes accepted or rejected."""
    opened = docx.Document(io.BytesIO(document))
    kept, gone = ("ins", "del") if accept else ("del", "ins")
    found: list[str] = []
    joined = ""
    for paragraph in opened.paragraphs:
        style = paragraph.style.name if paragraph.style else ""
        if style != "Normal":
            continue
        runs_ = [*paragraph._p.iterchildren(f"{W}r", f"{W}{kept}")]
        joined += "".join(e.text or "" for run in runs_ for e in run.iter(f"{W}t", f"{W}delText"))
        if not paragraph._p.findall(f"{W}pPr/{W}rPr/{W}{gone}"):
            found.append(joined)
            joined = ""
    return found[4:]  # behind the two editions, the counts and the legend


def test_accepted_the_word_document_is_the_new_edition_and_rejected_the_old(compared: Diff) -> None:
    made = diff_docx(compared, "zh", at=AT)
    for accept, name in ((True, "new"), (False, "old")):
        texts = [side(one.pieces, name) for one in compared.changes]
        assert "\n".join(resolved(made, accept)) == "\n".join(filter(None, texts))
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        body = etree.fromstring(parts.read("word/document.xml"))
    ids = [e.get(f"{W}id") for e in body.iter(f"{W}ins", f"{W}del")]
    assert len(ids) == len(set(ids)) > 20
    assert {e.get(f"{W}date") for e in body.iter(f"{W}ins", f"{W}del")} == {"2026-03-04T10:30:00Z"}
    headings = [p.text for p in docx.Document(io.BytesIO(made)).paragraphs if p.style and p.style.name == "Heading 2"]
    assert headings[6] == "〔拆分〕重点任务3 → 重点任务2、重点任务3" and len(headings) == len(compared.changes)
