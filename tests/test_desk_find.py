"""The reverse look-up: complete and exact for the word itself, close for what means it without the word."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT
from doors import HashEmbedder
from hypothesis import given
from hypothesis import strategies as st

from assistant.desk.find import Found, find
from ingest.pipeline import ingest_paths
from vectorstore.embedding import Embedder
from vectorstore.errors import DeskError
from vectorstore.records import Filter
from vectorstore.sources import Sources
from vectorstore.store import Store
from vectorstore.text import fold

PAGES = [
    *(ROOT / "tests" / "data" / f"{name}.txt" for name in ("qinghe_page", "work_report", "policy_opinions")),
    *(ROOT / "tests" / "data" / f"{name}.txt" for name in ("law_library", "plan_outline", "notice_with_attachments")),
]


@pytest.fixture(scope="module")
def library(
    tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, seeds_page: Path, samples_dir: Path
) -> Iterator[Sources]:
    """The real page, the sample corpus and the documents of the tests."""
    with Store.open(tmp_path_factory.mktemp("library"), embedder) as opened:
        assert ingest_paths([seeds_page, samples_dir, *PAGES], opened).failed == 0
        yield opened.within(Filter())


def bare(text: str) -> str:
    return "".join(char for char in fold(text) if not char.isspace())


def holding(term: str, sources: Sources) -> list[tuple[str, list[str], str]]:
    """What a plain reading of everything finds."""
    wanted = bare(term)
    return [
        (unit.document_id, list(unit.locator), unit.label)
        for unit in sources.units()
        if unit.type.citable and wanted in bare(unit.text)
    ]


def places(found: Found) -> list[tuple[str, list[str], str]]:
    return [(citation.document_id, citation.locator, citation.label) for citation in found.exact]


@given(data=st.data())
def test_exact_is_what_a_plain_reading_finds(library: Sources, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([document.text for document in library.documents()]))
    start = data.draw(st.integers(0, len(text) - 2))
    term = text[start : start + data.draw(st.integers(1, 16))]
    if not bare(term):
        return
    found = find(term, library, HashEmbedder(), related=0)
    expected = holding(term, library)
    assert places(found) == expected
    assert found.counts.units == len(expected)
    assert found.counts.documents == len({document_id for document_id, _locator, _label in expected})
    held = [bare(unit.text).count(bare(term)) for unit in library.units() if unit.type.citable]
    assert found.counts.mentions == sum(held)


def test_quotes_hold_the_term_and_are_verbatim(library: Sources, embedder: Embedder) -> None:
    found = find("产业", library, embedder)
    for citation in (*found.exact, *found.related):
        assert citation.quote == library.document(citation.document_id).text[citation.start : citation.end]
    assert all("产业" in citation.quote for citation in found.exact)
    ids = [citation.id for citation in (*found.exact, *found.related)]
    assert ids == list(range(1, len(ids) + 1))


@pytest.mark.parametrize(
    ("written", "meant"),
    [("５Ｇ", "5g"), (" 5 G ", "5G"), ("ｃｂｄ", "CBD"), ("天 津\n港", "天津港"), ("(cid)", "（CID）")],
)
def test_width_case_and_white_space_do_not_matter(
    library: Sources, embedder: Embedder, written: str, meant: str
) -> None:
    assert places(find(written, library, embedder)) == places(find(meant, library, embedder)) != []


def test_white_space_in_the_text_does_not_matter(tmp_path: Path) -> None:
    page = tmp_path / "a.txt"
    page.write_text(
        "云溪市推进数字服务工作方案\n\n一、主要任务\n1.使用 Open AI Suite 工具。其他工具也可使用。\n2.使用OpenAI工具。\n",
        encoding="utf-8",
    )
    with Store.open(tmp_path / "data", HashEmbedder()) as opened:
        ingest_paths([page], opened)
        found = find("openai", opened, HashEmbedder())
    assert [citation.task_number for citation in found.exact] == [1, 2]
    assert found.exact[0].quote.endswith("使用Open AI Suite工具。")
    assert found.counts.mentions == 2


def test_a_term_across_sentences_is_quoted_whole(library: Sources, embedder: Embedder) -> None:
    found = find("加快工程建设。深化", library, embedder)
    assert found.exact == []
    [citation] = find("先行区。推动以滨海新区", library, embedder).exact
    assert "先行区。推动以滨海新区" in citation.quote and citation.task_number == 8


def test_a_heading_is_no_mention(library: Sources, embedder: Embedder) -> None:
    found = find("推动区域改革试点示范走深走实", library, embedder)
    assert found.exact == [] and found.counts.units == 0


def test_blank_is_no_term(library: Sources, embedder: Embedder) -> None:
    with pytest.raises(DeskError, match="没有要查的词"):
        find(" \n", library, embedder)


def test_nothing_is_found_in_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path, HashEmbedder()) as opened:
        found = find("养老", opened, HashEmbedder())
    assert found.exact == [] and found.related == [] and found.counts.mentions == 0


# what is looked up, and a passage that means it and does not say it, chosen by reading
MEANT = [
    ("看病", "扩大异地就医住院"),
    ("看病", "鼓励养老机构与周边医疗机构签约合作"),
    ("老人吃饭", "新建老年食堂和助餐点120个"),
    ("污水处理", "农村生活污水治理率达到70%"),
    ("海运", "集装箱海铁联运量"),
    ("孩子上学", "随迁子女"),
    ("孩子上学", "来津务工人员子女义务教育入学安置"),
    ("廉租房", "产业工人公租房8000套"),
    ("垃圾回收", "旧衣物社区定点回收"),
    ("招商引资", "健全招商专员工作机制"),
    ("高铁", "云州至安浦城际铁路"),
    ("跨境电商", "布局海外仓15个以上"),
    ("天津市", "落实来津务工人员"),
    ("天津市", "促进天津高水平开放"),
    ("天津爱思达航天科技股份有限公司", "爱思达航天专注航空航天新材料"),
    ("云州砺川轴承有限公司", "砺川夜校"),
    ("快递", "寄递物流综合服务站"),
    ("图书馆", "小型公共阅读场所"),
    ("民营企业", "落实优化民营经济政策环境"),
    ("乡村医生", "杏坞镇卫生院"),
    ("殡葬", "丧事简办"),
    ("防洪", "提高防汛防灾能力"),
    ("消防", "安全用火、用电、用气讲座"),
]


def test_related_units_mean_the_term(library: Sources, embedder: Embedder) -> None:
    corpus = [fold(document.text) for document in library.documents()]
    pairs = [(term, passage) for term, passage in MEANT if any(fold(passage) in text for text in corpus)]
    assert len(pairs) >= 20
    related = {term: find(term, library, embedder).related for term, _passage in pairs}
    assert all(len(citations) <= 10 for citations in related.values())
    hits = [any(_in_unit(passage, c.document_id, c.start, library) for c in related[term]) for term, passage in pairs]
    missed = [pair for pair, hit in zip(pairs, hits, strict=True) if not hit]
    assert sum(hits) >= 0.75 * len(pairs), missed


def _in_unit(passage: str, document_id: str, start: int, sources: Sources) -> bool:
    unit = next(u for u in sources.units(document_id) if u.start <= start < u.end)
    return fold(passage) in fold(unit.text)


@pytest.mark.parametrize("term", ["天津", "看病", "老年人", "企业", "云州市", "北京市"])
def test_related_never_hold_the_term(library: Sources, embedder: Embedder, term: str) -> None:
    for citation in find(term, library, embedder).related:
        unit = next(u for u in library.units(citation.document_id) if u.start <= citation.start < u.end)
        assert bare(term) not in bare(unit.text)


NONSENSE = [
    "量子烹饪",
    "asdf",
    "火星移民",
    "恐龙化石",
    "吸血鬼",
    "qwerty",
    "军队",
    "魔法",
    "。",
    "占星术",
    "外星人",
    "zzz",
]


def test_what_means_nothing_here_has_few_related(library: Sources, embedder: Embedder) -> None:
    found = {term: [c.quote for c in find(term, library, embedder).related] for term in NONSENSE}
    assert sum(map(len, found.values())) <= 8, found
    assert all(len(quotes) <= 3 for quotes in found.values()), found


def test_of_a_term_that_means_something_in_part_only_that_part_is_found(library: Sources, embedder: Embedder) -> None:
    found = find("时间旅行", library, embedder).related
    assert len(found) <= 3 and all("旅" in citation.quote for citation in found)


def test_related_are_as_many_as_wanted(library: Sources, embedder: Embedder) -> None:
    assert find("天津市", library, embedder, related=0).related == []
    assert len(find("天津市", library, embedder, related=3).related) == 3


def test_the_one_character_of_a_province_is_not_any_character(tmp_path: Path) -> None:
    page = tmp_path / "a.txt"
    page.write_text(
        "关于加强区域合作的工作方案\n\n一、主要任务\n1.推进浙沪两地园区合作。支持企业跨省布局。\n"
        "2.支持浙商回归。鼓励在沪企业来本市投资。\n3.整治黄浦沿岸的沙滩。做好巡查工作。\n",
        encoding="utf-8",
    )
    with Store.open(tmp_path / "data", HashEmbedder()) as opened:
        ingest_paths([page], opened)
        found = find("上海市", opened, HashEmbedder())
    assert {1, 2} <= {citation.task_number for citation in found.related}
    assert found.exact == []
