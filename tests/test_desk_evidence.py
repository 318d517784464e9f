"""News as evidence: links where a report bears on a task, none where it does not, each side by its own authority."""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import thread_time

import numpy as np
import pytest
from conftest import ROOT
from doors import HashEmbedder

from assistant.desk.evidence import Evidence, Link, evidence
from ingest.pipeline import ingest_paths
from vectorstore.embedding import Embedder, Matrix
from vectorstore.errors import DeskError, NotFoundError
from vectorstore.lexical import Analyzer
from vectorstore.records import Document, Filter, Kind, Span, Unit, UnitType
from vectorstore.sources import Sources
from vectorstore.store import Store

# (task, first letters of the report's title and its paragraph) as a person reads them. What is in neither list may be
# seen either way. BELONGS are clear; NEVER are tasks of which no report says anything, and reports of another field.
BELONGS = {
    "real": [
        ("工作目标第1项", "天津爱思", "第3段"),
        ("工作目标第2项", "京津冀商", "第6段"),
        ("重点任务5", "天津爱思", "第3段"),
        ("重点任务5", "天津爱思", "第5段"),
        ("重点任务6", "京津冀商", "第6段"),
        ("重点任务8", "京津冀商", "第7段"),
        ("重点任务8", "京津冀商", "第1段"),
        ("重点任务15", "天津爱思", "第5段"),
        ("重点任务16", "天津爱思", "第5段"),
        ("重点任务22", "京津冀商", "第6段"),
        ("重点任务25", "京津冀商", "第6段"),
    ],
    "qinghe": [
        ("工作目标第4项", "一季度全", "第1段"),
        ("工作目标第4项", "一季度全", "第2段"),
        ("重点任务10", "药箱里的", "第3段"),
        ("重点任务10", "药箱里的", "第4段"),
        ("重点任务11", "药箱里的", "第6段"),
        ("重点任务11", "药箱里的", "第7段"),
        ("重点任务12", "药箱里的", "第5段"),
        ("重点任务14", "一季度全", "第3段"),
        ("重点任务14", "一季度全", "第5段"),
        ("重点任务15", "一季度全", "第2段"),
    ],
    "sample": [
        ("重点任务18", "前三季度", "第2段"),
        ("重点任务19", "前三季度", "第4段"),
        ("重点任务7", "把误差磨", "第4段"),
    ],
}
UNREPORTED = {
    "real": [9, 10, 11, 12, 13, 17, 18, 19, 20, 21],
    "qinghe": [1, 3, 4, 7, 18, 20],
    "sample": [9, 10, 11, 13, 14, 15, 16, 17, 24, 26],
}
# of the weaker links not named above, those that a person would still call a bearing on the task
ALSO = {
    "real": [
        ("重点任务5", "天津爱思", "第7段"),
        ("重点任务8", "天津爱思", "第7段"),
        ("重点任务16", "天津爱思", "第4段"),
        ("重点任务25", "京津冀商", "第3段"),
    ],
    "qinghe": [
        ("工作目标第4项", "一季度全", "第3段"),
        ("工作目标第4项", "一季度全", "第5段"),
        ("重点任务11", "药箱里的", "第2段"),
        ("重点任务11", "药箱里的", "第1段"),
        ("重点任务14", "一季度全", "第2段"),
    ],
    "sample": [],
}


@pytest.fixture(scope="module")
def pages(
    tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, seeds_page: Path, store: Store
) -> Iterator[dict[str, Sources]]:
    """Three pages of a policy and two reports each, every one in a store of its own."""
    paths = {"real": seeds_page, "qinghe": ROOT / "tests" / "data" / "qinghe_page.txt"}
    opened = {name: Store.open(tmp_path_factory.mktemp(name), embedder) for name in paths}
    for name, path in paths.items():
        assert ingest_paths([path], opened[name]).failed == 0
    yield {"sample": store.within(Filter())} | {name: one.within(Filter()) for name, one in opened.items()}
    for one in opened.values():
        one.close()


@pytest.fixture(scope="module")
def found(pages: dict[str, Sources], embedder: Embedder) -> dict[str, Evidence]:
    return {name: evidence(sources, embedder) for name, sources in pages.items()}


def pair(link: Link) -> tuple[str, str, str]:
    return link.policy.label, link.news.title[:4], link.news.label


def test_what_belongs_together_is_linked(found: dict[str, Evidence]) -> None:
    wanted = [(name, one) for name, ones in BELONGS.items() for one in ones]
    linked = {(name, pair(link)) for name, result in found.items() for link in result.links}
    missed = [one for one in wanted if one not in linked]
    assert len(missed) <= 0.25 * len(wanted), missed


def test_strong_links_are_right(found: dict[str, Evidence]) -> None:
    strong = [(name, link) for name, result in found.items() for link in result.links if link.level == "strong"]
    wrong = [pair(link) for name, link in strong if pair(link) not in (*BELONGS[name], *ALSO[name])]
    assert len(strong) >= 10
    assert len(wrong) <= 0.1 * len(strong), wrong


def test_most_links_are_right(found: dict[str, Evidence]) -> None:
    links = [(name, link) for name, result in found.items() for link in result.links]
    wrong = [pair(link) for name, link in links if pair(link) not in (*BELONGS[name], *ALSO[name])]
    assert len(wrong) <= 0.35 * len(links), wrong


def test_tasks_of_which_nothing_is_said_are_unreported(found: dict[str, Evidence]) -> None:
    for name, numbers in UNREPORTED.items():
        assert set(numbers) <= {citation.task_number for citation in found[name].unreported}, name


def test_reports_of_one_field_bear_on_no_task_of_another(found: dict[str, Evidence]) -> None:
    for link in found["qinghe"].links:
        if link.policy.task_number in (10, 11, 12):
            assert link.news.title.startswith("药箱里的")
        if link.policy.task_number in (14, 15, 16, 17):
            assert link.news.title.startswith("一季度")


def test_a_task_is_linked_or_unreported(found: dict[str, Evidence], pages: dict[str, Sources]) -> None:
    for name, result in found.items():
        linked = {(link.policy.document_id, link.policy.label) for link in result.links}
        left = {(citation.document_id, citation.label) for citation in result.unreported}
        kinds = {d.id: d.kind for d in pages[name].documents()}
        tasks = {(u.document_id, u.label) for u in pages[name].units() if u.type in (UnitType.TASK, UnitType.ARTICLE)}
        assert not linked & left and tasks <= linked | left
        assert all(kinds[document_id] is Kind.POLICY for document_id, _label in linked | left)


def test_quotes_are_verbatim_and_ids_are_of_one_result(found: dict[str, Evidence], pages: dict[str, Sources]) -> None:
    for name, result in found.items():
        cited = [one for link in result.links for one in (link.policy, link.news)] + result.unreported
        by_id: dict[int, tuple[str, int, int]] = {}
        for citation in cited:
            text = pages[name].document(citation.document_id).text
            assert citation.quote == text[citation.start : citation.end]
            place = citation.document_id, citation.start, citation.end
            assert by_id.setdefault(citation.id, place) == place
        assert sorted(by_id) == list(range(1, len(by_id) + 1))
        assert len(set(by_id.values())) == len(by_id)


def test_each_side_speaks_by_its_own_authority(found: dict[str, Evidence]) -> None:
    for result in found.values():
        for link in result.links:
            assert link.policy.kind == "policy" and link.news.kind == "news"
            form = (
                r"(方案|计划|措施)要求：“(?P<policy>.+)”\[(?P<first>\d+)\]；据报道：“(?P<news>.+)”\[(?P<second>\d+)\]。"
            )
            said = re.fullmatch(form, link.statement)
            assert said and said["policy"] == link.policy.quote and said["news"] == link.news.quote
            assert (int(said["first"]), int(said["second"])) == (link.policy.id, link.news.id)


def test_shared_words_stand_on_both_sides(found: dict[str, Evidence]) -> None:
    for result in found.values():
        for link in result.links:
            assert all(word in link.policy.quote and word in link.news.quote for word in link.shared)
            assert not {"的", "建设", "推进", "发展"} & set(link.shared)


def test_links_come_by_task_and_then_the_strongest_first(found: dict[str, Evidence]) -> None:
    for result in found.values():
        labels = [link.policy.label for link in result.links]
        assert labels == [label for label in dict.fromkeys(labels) for _ in range(labels.count(label))]
        for before, after in zip(result.links, result.links[1:], strict=False):
            assert before.policy.label != after.policy.label or before.strength >= after.strength
        assert all(labels.count(label) <= 5 for label in labels)


def test_of_one_policy_and_one_report(
    pages: dict[str, Sources], found: dict[str, Evidence], embedder: Embedder
) -> None:
    sources, whole = pages["qinghe"], found["qinghe"]
    report = next(d for d in sources.documents() if d.title.startswith("药箱"))
    policy = next(d for d in sources.documents() if d.kind is Kind.POLICY)
    part = evidence(sources, embedder, policy=policy.id, report=report.id)
    assert part.links and {link.news.document_id for link in part.links} == {report.id}
    strengths = {pair(link): link.strength for link in whole.links}
    assert all(strengths[pair(link)] == link.strength for link in part.links)
    assert {14, 15} <= {citation.task_number for citation in part.unreported}


def test_what_is_of_another_kind_or_not_there_is_an_error(pages: dict[str, Sources]) -> None:
    sources = pages["qinghe"]
    report = next(d for d in sources.documents() if d.kind is Kind.NEWS)
    policy = next(d for d in sources.documents() if d.kind is Kind.POLICY)
    with pytest.raises(DeskError, match="不是政策文件或法规"):
        evidence(sources, HashEmbedder(), policy=report.id)
    with pytest.raises(DeskError, match="不是新闻报道"):
        evidence(sources, HashEmbedder(), report=policy.id)
    with pytest.raises(NotFoundError):
        evidence(sources, HashEmbedder(), policy="0" * 12)


LAKE = """临湖市推进湿地保护工作方案

一、主要任务
1.修复东滩湿地。退养还湿三千亩，恢复芦苇荡，吸引候鸟回迁。
2.建设巡护队伍。每村配备两名巡护员。
"""
LAKE_REPORT = """候鸟又回来了

本报讯（记者 林一舟）3月2日，{place}东滩湿地传来好消息。记者在现场看到，芦苇荡恢复了生机，回迁的候鸟比往年多了两成。

当地气温近日回升，出行请注意交通安全，图书馆周末照常开放。
"""


def write_lake(folder: Path, place: str | None) -> Path:
    folder.mkdir()
    (folder / "方案.txt").write_text(LAKE, encoding="utf-8")
    other = LAKE.replace("临湖市", "望岭市").replace("东滩", "西坡")
    (folder / "另一份.txt").write_text(other, encoding="utf-8")
    if place is not None:
        (folder / "报道.txt").write_text(LAKE_REPORT.format(place=place), encoding="utf-8")
    return folder


def strongest(folder: Path, data: Path, embedder: Embedder, title: str) -> float:
    with Store.open(data, embedder) as opened:
        ingest_paths([folder], opened)
        links = evidence(opened.within(Filter()), embedder).links
    return max((link.strength for link in links if link.policy.title.startswith(title)), default=0.0)


def test_a_report_of_another_place_bears_less(tmp_path: Path, embedder: Embedder) -> None:
    own = strongest(write_lake(tmp_path / "a", "临湖市"), tmp_path / "da", embedder, "临湖市")
    other = strongest(write_lake(tmp_path / "b", "望岭市"), tmp_path / "db", embedder, "临湖市")
    assert own > 0.5 and other < own


def test_without_reports_all_tasks_are_unreported(tmp_path: Path) -> None:
    with Store.open(tmp_path / "data", HashEmbedder()) as opened:
        assert evidence(opened, opened.embedder) == Evidence(links=[], unreported=[])
        ingest_paths([write_lake(tmp_path / "a", None)], opened)
        result = evidence(opened, opened.embedder)
    assert result.links == [] and [c.task_number for c in result.unreported] == [1, 2, 1, 2]


def test_markers_in_a_source_are_no_citations(tmp_path: Path, embedder: Embedder) -> None:
    folder = write_lake(tmp_path / "a", "临湖市")
    page = folder / "报道.txt"
    page.write_text(page.read_text(encoding="utf-8").replace("两成", "两成[7]"), encoding="utf-8")
    with Store.open(tmp_path / "data", embedder) as opened:
        ingest_paths([folder], opened)
        links = evidence(opened.within(Filter()), embedder).links
    marked = [link for link in links if "[7]" in link.news.quote]
    assert marked and all("两成［7］" in link.statement for link in marked)


class _Many:
    """Ten policies of 30 tasks and 300 reports of ten paragraphs, for ``_Chance`` to embed."""

    analyzer = Analyzer()

    def __init__(self) -> None:
        chance = np.random.default_rng(1)
        self._documents: dict[str, Document] = {}
        self._units: dict[str, list[Unit]] = {}
        words = "推进园区建设培育企业人才发展乡村旅游改造老旧小区提升医疗服务保护湿地修建公路"
        for name, kind, count in [(f"p{i}", Kind.POLICY, 30) for i in range(10)] + [
            (f"n{i}", Kind.NEWS, 10) for i in range(300)
        ]:
            said = ["".join(chance.choice(list(words), 39)) + "。" for _ in range(4 * count)]
            type_ = UnitType.TASK if kind is Kind.POLICY else UnitType.PARAGRAPH
            self._documents[name] = Document(name, "方案", kind, None, None, None, name, "".join(said), region="某市")
            self._units[name] = [
                Unit(
                    name,
                    at,
                    type_,
                    (str(at),),
                    at,
                    f"第{at}段",
                    (),
                    160 * at,
                    160 * (at + 1),
                    "".join(said[4 * at : 4 * at + 4]),
                    tuple(Span(160 * at + 40 * part, 160 * at + 40 * (part + 1)) for part in range(4)),
                )
                for at in range(count)
            ]

    def documents(self) -> list[Document]:
        return list(self._documents.values())

    def document(self, document_id: str) -> Document:
        return self._documents[document_id]

    def units(self, document_id: str) -> list[Unit]:
        return self._units[document_id]

    def terms(self) -> list[str]:
        return []

    def rarity(self, term: str) -> tuple[float, bool]:
        return (4.0 if len(term) > 1 else 9.0), True


class _Chance(HashEmbedder):
    """Vectors of chance, at no cost."""

    def embed_documents(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Matrix:
        rows = np.random.default_rng(1).normal(size=(len(texts), 384)).astype(np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def test_three_hundred_tasks_and_three_thousand_paragraphs_are_quick() -> None:
    many = _Many()
    many.analyzer.words("预热")
    start = thread_time()
    result = evidence(many, _Chance())  # type: ignore[arg-type]
    assert thread_time() - start < 5.0  # on a busy machine; a quiet one needs less than a second
    assert len(result.links) <= 5 * 300
