"""The wording check: quotations, other wordings, alterations, wrong places, inventions."""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest

from assistant.desk.check import Check, CheckedSentence, Verdict, check
from ingest.pipeline import ingest_paths
from vectorstore.embedding import Embedder
from vectorstore.records import Kind, Unit, UnitType
from vectorstore.store import Store
from vectorstore.text import fold

DATA = Path(__file__).parent / "data"
POLICIES = (
    "law_library.txt", "notice_with_attachments.txt", "plan_outline.txt", "policy_opinions.txt", "qinghe_page.txt",
    "work_report.txt",
)  # fmt: skip
SEEDS = DATA.parent.parent.parent / "shared" / "seeds"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, samples_dir: Path) -> Iterator[Store]:
    """All the documents there are to alter: the sample corpus, those of the tests, the real page where it is there."""
    with Store.open(tmp_path_factory.mktemp("library"), embedder) as opened:
        paths = [samples_dir, *(DATA / name for name in POLICIES), *sorted(SEEDS.glob("*.txt"))]
        assert ingest_paths(paths, opened).failed == 0
        yield opened


@dataclass(frozen=True)
class Said:
    """A sentence of a source."""

    text: str
    unit: Unit
    kind: Kind


def _said(store: Store) -> list[Said]:
    kinds = {document.id: document.kind for document in store.documents()}
    found = []
    for unit in store.units():
        if unit.type.citable and unit.type is not UnitType.CAPTION:
            for span in unit.sentences:
                text = unit.text[span.start - unit.start : span.end - unit.start]
                found.append(Said(text, unit, kinds[unit.document_id]))
    return found


def _bare(text: str) -> str:
    return re.sub(r"\W", "", fold(text))


@pytest.fixture(scope="module")
def sentences(library: Store) -> list[Said]:
    return _said(library)


@pytest.fixture(scope="module")
def prose(sentences: list[Said]) -> list[Said]:
    """Sentences that say something, each once."""
    saying = (s for s in sentences if len(re.sub(r"\d", "", _bare(s.text))) >= 8)
    once = {s.text: s for s in saying if "\n" not in s.text and "\t" not in s.text}
    return list(once.values())


@dataclass(frozen=True)
class Altered:
    """A sentence that was altered by ``how``: ``draft`` stands in it where the source has ``source``."""

    how: str
    text: str
    draft: str
    source: str
    said: Said


_HEDGES = re.compile(
    r"力争(?=[^,，。;；]{0,20}\d)|(?<![节条集])约(?=\d)|(?<=[\d%万亿元家个年人吨倍]{2})左右|(?<=\d[%万亿元家个岁人天]{1})以[上内下]|(?:累计)?超过(?=\d)|突破(?=\d)|不低于(?=\d)|不少于(?=\d)|不超过(?=\d)"
)
_NUMBER = re.compile(r"(?<![\d.+A-Za-z“])\d+(?:\.\d+)?(?=[%万亿元吨公里家个人项次张户台座平亩所条亩天倍架])")
_UNITS = {
    "万亿元": "亿元", "亿元": "万元", "万元": "亿元", "公里": "米", "%": "个百分点", "万吨": "吨", "平方米": "平方公里", "万亩": "亩", "万人次": "人次",
    "万标准箱": "标准箱", "小时": "天", "个工作日": "个月",
}  # fmt: skip
_UNIT = re.compile(r"(?<=\d)(?:" + "|".join(sorted(_UNITS, key=len, reverse=True)) + r")(?![a-z])")
_YEAR = re.compile(r"20[12]\d(?=年)")


def dropped_hedges(said: Said) -> Iterator[Altered]:
    for match in _HEDGES.finditer(said.text):
        yield Altered("hedge", said.text[: match.start()] + said.text[match.end() :], "", match.group(), said)


def changed_figures(said: Said) -> Iterator[Altered]:
    for at, match in enumerate(_NUMBER.finditer(said.text)):
        old = match.group()
        new = old + "0" if at % 2 and "." not in old else str(int(old[0]) % 9 + 1) + old[1:]
        yield Altered("figure", said.text[: match.start()] + new + said.text[match.end() :], new, old, said)


def changed_units(said: Said) -> Iterator[Altered]:
    for match in _UNIT.finditer(said.text):
        new = _UNITS[match.group()]
        yield Altered("unit", said.text[: match.start()] + new + said.text[match.end() :], new, match.group(), said)


def changed_years(said: Said) -> Iterator[Altered]:
    for match in _YEAR.finditer(said.text):
        new = str(int(match.group()) + 3)
        yield Altered("year", said.text[: match.start()] + new + said.text[match.end() :], new, match.group(), said)


_NAMES = (  # one of each row for another: places, provinces, bodies, firms' kinds, projects, what they are called here
    "天津市 河北省 山东省 浙江省", "北京 上海 广州 重庆", "天津 河北 江苏 四川", "雄安新区 浦东新区 两江新区", "滨海新区 浦东新区 天府新区",
    "宝坻 静海 蓟州 武清", "京津冀 长三角 粤港澳", "廊坊 保定 沧州", "教育部 科技部 财政部", "中国科学院 中国工程院 中国医学科学院", "清华大学 北京大学 南开大学",
    "民政局 财政局 教育局", "商务厅 交通运输厅 水利厅", "商务局 农业农村局", "市委金融办 市委编办", "住房公积金 养老保险金", "潮白河 永定河 大清河", "于桥水库 密云水库",
    "汀南 云东 松岭 石渡", "白鹭湖 石渡", "岚江 清河", "云州 青州 兰州", "天津港 青岛港 宁波港", "中国联通 中国移动", "中国电信 中国铁塔", "京津塘高速公路 京沪高速公路",
    "云州理工学院 云州师范学院", "省农业农村厅 省自然资源厅", "市场监管部门 公安部门", "消防救援机构 环保督察机构", "市文化主管部门 市教育主管部门", "张毅 李强",
)  # fmt: skip


def swapped_names(said: Said) -> Iterator[Altered]:
    for row in _NAMES:
        names = row.split()
        for at, name in enumerate(names):
            other = names[(at + 1) % len(names)]
            for match in list(re.finditer(name, said.text))[:1]:
                text = said.text[: match.start()] + other + said.text[match.end() :]
                yield Altered("name", text, other, name, said)
                break


def _named_rightly(case: Altered, found: CheckedSentence) -> bool:
    return any(
        (case.draft in d.draft or d.draft in case.draft or case.draft == "")
        and (case.source in d.source or (bool(d.source) and d.source in case.source))
        for d in found.differences
    )


@pytest.fixture(scope="module")
def alterations(prose: list[Said]) -> list[Altered]:
    texts = {_bare(s.text) for s in prose}
    cases: list[Altered] = []
    for make in (dropped_hedges, changed_figures, changed_units, changed_years, swapped_names):
        made = [case for said in prose for case in make(said) if _bare(case.text) not in texts]
        cases += made[:: max(1, len(made) // 90)]
    return cases


def _one(text: str, library: Store, embedder: Embedder) -> CheckedSentence:
    found = check(text, library, embedder).sentences
    assert found
    return max(found, key=lambda s: len(s.text))


def test_altered_figures_and_names_are_found(alterations: list[Altered], library: Store, embedder: Embedder) -> None:
    assert len(alterations) >= 150
    assert all(count >= 15 for count in Counter(case.how for case in alterations).values())
    missed: list[tuple[Altered, CheckedSentence]] = []
    for case in alterations:
        found = _one(case.text, library, embedder)
        if found.verdict is not Verdict.ALTERED or not _named_rightly(case, found):
            missed.append((case, found))
    assert len(missed) <= 0.02 * len(alterations), missed


def test_quotations_are_not_flagged(sentences: list[Said], library: Store, embedder: Embedder) -> None:
    found = [one for said in sentences for one in check(said.text, library, embedder).sentences]
    flagged = [one for one in found if one.verdict is not Verdict.VERBATIM and len(_bare(one.text)) > 1]
    assert len(flagged) <= 0.02 * len(sentences), flagged


_SYNONYMS = (
    ("推动", "促进"), ("建设", "打造"), ("加快", "加速"), ("完善", "健全"), ("加强", "强化"), ("开展", "组织开展"), ("支持", "扶持"), ("提升", "增强"), ("推进", "推动"),
    ("深化", "持续深化"), ("聚焦", "围绕"), ("发挥", "充分发挥"), ("建立", "构建"), ("实施", "推行"), ("培育", "培养"), ("鼓励", "引导"), ("重要", "关键"), ("企业", "公司"),
)  # fmt: skip


def test_synonyms_are_another_wording(prose: list[Said], library: Store, embedder: Embedder) -> None:
    cases = [
        (said, said.text.replace(word, other, 1))
        for said in prose
        for word, other in _SYNONYMS
        if word in re.split('["“《「]', said.text)[0]  # what is quoted is a name
    ]
    cases = cases[:: max(1, len(cases) // 120)]
    wrong = []
    for said, text in cases:
        found = _one(text, library, embedder)
        if found.verdict is not Verdict.REWORDED:
            wrong.append((said, found))
    assert len(wrong) <= 0.1 * len(cases), wrong


def _turned_round(text: str) -> str:
    end = text[-1] if text[-1] in "。;；" else ""
    clauses = re.split("[,，]", text.rstrip("。;；"))
    return "，".join([*clauses[1:], clauses[0]]) + end


def test_another_order_is_another_wording(prose: list[Said], library: Store, embedder: Embedder) -> None:
    cases = [
        s
        for s in prose
        if len(re.findall("[,，]", s.text)) >= 1
        and min(map(len, re.split("[,，]", s.text))) >= 6
        and not re.search(r'["“”《(（]|^\d', s.text)
    ]
    cases = cases[:: max(1, len(cases) // 80)]
    wrong = []
    for said in cases:
        found = _one(_turned_round(said.text), library, embedder)
        if found.verdict is not Verdict.REWORDED:
            wrong.append((said, found))
    assert len(wrong) <= 0.1 * len(cases), wrong


def _numbered(prose: Iterable[Said]) -> list[Said]:
    return [s for s in prose if s.unit.task_number and s.unit.type is UnitType.TASK and len(s.text) > 14]


@pytest.mark.parametrize(
    "frame", ["方案任务{}提出,{}", "根据重点任务{}的要求,{}", "任务{}明确:{}", "{1}(任务{0})", "第{}条规定,{}"]
)
def test_a_wrong_task_number_is_found(prose: list[Said], library: Store, embedder: Embedder, frame: str) -> None:
    cases = _numbered(prose)[::6]
    wrong = []
    for said in cases:
        assert said.unit.task_number
        text = re.sub(r"^\d+[.．]\s*", "", said.text).rstrip("。；;")
        number = said.unit.task_number % 5 + said.unit.task_number + 1
        right = _one(frame.format(said.unit.task_number, text) + "。", library, embedder)
        found = _one(frame.format(number, text) + "。", library, embedder)
        named = any(d.source == said.unit.label for d in found.differences)
        if found.verdict is not Verdict.MISATTRIBUTED or not named or right.verdict is not Verdict.VERBATIM:
            wrong.append((said, right, found))
    assert len(wrong) <= 0.02 * len(cases), wrong


def test_joined_sentences(prose: list[Said], library: Store, embedder: Embedder) -> None:
    by_unit: dict[tuple[str, int], list[Said]] = {}
    for said in prose:
        by_unit.setdefault((said.unit.document_id, said.unit.ordinal), []).append(said)
    neighbours = [
        (one, other)
        for said in by_unit.values()
        for one, other in pairwise(said)
        if one.text + other.text in one.unit.text
    ][::6]
    strangers = [(a, b) for a, b in zip(prose[::9], prose[200::9], strict=False) if a.unit is not b.unit][:40]
    wrong = []
    for pairs, verdict in ((neighbours, Verdict.VERBATIM), (strangers, Verdict.REWORDED)):
        for one, other in pairs:
            found = _one(one.text.rstrip("。；;") + "，" + other.text, library, embedder)
            if found.verdict is not verdict:
                wrong.append((verdict, found))
    assert len(wrong) <= 0.1 * (len(neighbours) + len(strangers)), wrong


INVENTED = [
    "鼓励社会资本投资建设低空飞行器起降场，三年内覆盖全部乡镇。",
    "对在海外设立研发中心的制药企业，给予最高三千万元的一次性奖励。",
    "全面推行四天工作制，由人力资源部门制定实施细则。",
    "支持高校开设古文字学专业，每年资助博士生二十名。",
    "建立流浪动物收容体系，每个社区至少设置一处投喂点。",
    "推广电动船舶在内湖观光中的应用，淘汰燃油游船。",
    "设立火星探测专项经费，用于采样返回任务。",
    "居民家庭安装屋顶风力发电机的，免征房产税五年。",
    "中小学校应当每周安排两节国际象棋课。",
    "在沙漠边缘种植三百万株胡杨，形成防风屏障。",
    "对出版方言词典的机构减免印刷费用。",
    "建成国内最大的恐龙化石陈列馆，免费接待青少年。",
    "禁止在公共交通工具上使用外放音响，违者罚款五十元。",
    "组建女子冰球职业联赛，吸引十二支俱乐部参赛。",
    "开展珊瑚礁修复试验，人工培植珊瑚幼体十万个。",
    "向退役宇航员发放终身荣誉津贴。",
    "实行宠物狗基因登记，未登记的不得进入公园。",
    "到2040年，氢动力客机占国内航班的三分之一。",
    "推动茶叶期货在新加坡上市交易，扩大定价权。",
    "选派三百名厨师赴非洲传授川菜技艺。",
    "为独居青年提供夜间陪跑服务，费用由彩票公益金承担。",
    "取消所有路口的红绿灯，改由人工智能统一调度。",
]


def test_inventions_are_not_found(library: Store, embedder: Embedder) -> None:
    found = [s for text in INVENTED for s in check(text, library, embedder).sentences]
    wrong = [s for s in found if s.verdict is not Verdict.NOT_FOUND]
    assert len(INVENTED) >= 20 and len(wrong) <= 0.1 * len(found)


def _bounds(found: Check, draft: str) -> None:
    for sentence in found.sentences:
        assert draft[sentence.start : sentence.end] == sentence.text


def test_quotes_are_verbatim(alterations: list[Altered], library: Store, embedder: Embedder) -> None:
    draft = "\n".join(case.text for case in alterations[::7])
    found = check(draft, library, embedder)
    _bounds(found, draft)
    for sentence in found.sentences:
        if citation := sentence.citation:
            assert library.document(citation.document_id).text[citation.start : citation.end] == citation.quote
    assert set(found.model_dump()["sentences"][0]) == {"text", "verdict", "differences", "citation"}


ARTICLES = """苍岭县促进冷水鱼养殖业提质增效实施办法

第一条 县水产局负责全县冷水鱼养殖的监督管理，县环保分局配合。

第二条 对存栏虹鳟超过两万尾的养殖场，按每尾三角的标准发放苗种补贴，单户最多不超过六千元。

第三条 到二〇二八年末，全县冷水鱼年产量争取达到四千五百吨，其中鲟鱼占比约百分之四十。

第四条 养殖尾水应当经沉淀池和人工湿地处理后排放，未经处理的不得排入苍溪。
"""


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("articles")
    (folder / "办法.txt").write_text(ARTICLES, encoding="utf-8")
    with Store.open(folder / "data", embedder) as opened:
        ingest_paths([folder / "办法.txt"], opened)
        yield opened


@pytest.mark.parametrize(
    ("text", "verdict", "draft", "source"),
    [
        ("县农业局负责全县冷水鱼养殖的监督管理。", Verdict.ALTERED, "农业局", "水产局"),
        ("县环保分局负责全县冷水鱼养殖的监督管理，县水产局配合。", Verdict.ALTERED, "环保分局", "水产局"),
        ("对存栏虹鳟超过三万尾的养殖场，按每尾三角的标准发放苗种补贴。", Verdict.ALTERED, "三万", "两万"),
        ("对存栏虹鳟超过20000尾的养殖场，按每尾三角的标准发放苗种补贴。", Verdict.REWORDED, "20000", "两万"),
        ("按每尾五角的标准发放苗种补贴，单户最多不超过六千元。", Verdict.ALTERED, "五角", "三角"),
        ("到二〇二八年末，全县冷水鱼年产量达到四千五百吨。", Verdict.ALTERED, "", "争取"),
        ("其中鲟鱼占比百分之四十。", Verdict.ALTERED, "", "约"),
        ("到2028年末，全县冷水鱼年产量争取达到4500吨。", Verdict.REWORDED, "4500吨", "四千五百吨"),
        ("养殖尾水可以经沉淀池和人工湿地处理后排放。", Verdict.ALTERED, "可以", "应当"),
        ("未经处理的可排入苍溪。", Verdict.ALTERED, "", "不得"),
        ("养殖尾水应当经沉淀池和人工湿地处理才排放，没有经过处理的不能排入苍溪。", Verdict.REWORDED, "不能", "不得"),
        ("第三条规定，未经处理的不得排入苍溪。", Verdict.MISATTRIBUTED, "第三条", "第四条"),
        ("《苍岭县渔业管理条例》规定，未经处理的不得排入苍溪。", Verdict.MISATTRIBUTED, "渔业管理", "冷水鱼"),
        ("第三条规定，单户最多不超过六万元。", Verdict.ALTERED, "第三条", "第二条"),
        ("根据本办法第四条，未经处理的不得排入苍溪。", Verdict.VERBATIM, "", ""),
    ],
)
def test_another_policy(
    text: str, verdict: Verdict, draft: str, source: str, articles: Store, embedder: Embedder
) -> None:
    found = _one(text, articles, embedder)
    assert found.verdict is verdict, found
    named = (draft in d.draft and source in d.source for d in found.differences)
    assert not (draft or source) or any(named), found


@pytest.mark.parametrize("draft", ["", "\n\n", "。", "1," * 50_000, "根据方案" * 25_000, "《" * 20_000, "目录\n3\n——"])
def test_what_is_no_draft(draft: str, articles: Store, embedder: Embedder) -> None:
    start = time.thread_time()
    found = check(draft, articles, embedder)
    assert all(s.verdict is Verdict.NOT_FOUND for s in found.sentences)
    assert time.thread_time() - start < 10


def test_speed(store: Store, embedder: Embedder) -> None:
    said = [s.text for s in _said(store) if len(s.text) > 15]
    embedder.embed_documents(["先问一次"])
    check(said[0], store, embedder)

    def taken(texts: Iterable[str], change: Callable[[str], str]) -> float:
        times = []
        for text in texts:
            start = time.thread_time()
            check(change(text), store, embedder)
            times.append(time.thread_time() - start)
        return 1000 * median(times)

    paragraphs = ["".join(said[at : at + 5]) for at in range(0, len(said) - 5, 12)]
    reworded = taken(paragraphs, lambda text: text.replace("建设", "打造").replace("推动", "促进"))
    assert max(taken(said[::5], str), taken(INVENTED, str)) < 300
    assert reworded < 300


def test_a_whole_page_with_hard_line_breaks_is_verbatim_but_for_bylines(store: Store, samples_dir: Path) -> None:
    page = (samples_dir / "yunzhou_page.txt").read_text(encoding="utf-8")
    plan = page[: page.index("前三季度全市快递业务量突破4亿件")]  # headlines and bylines of its reports are no units
    checked = check(plan, store, store.embedder).sentences
    assert len(checked) > 100
    assert [one.text for one in checked if one.verdict is not Verdict.VERBATIM] == []
