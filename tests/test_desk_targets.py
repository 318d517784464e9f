"""The ledger of targets against lists checked by eye, figure by figure: all of them, none invented, as printed.

``targets_expected.json`` lists the targets of the real page, of the sample corpus and of the documents in tests/data;
``targets_fresh.json`` holds invented policies of other wordings, whose lists were written before they were
read (but for where a few subjects begin). A row is task, subject, value, unit,
comparator, baseline, deadline.
"""

import json
import re
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doors import HashEmbedder

from assistant.desk.target_dates import Reach
from assistant.desk.target_sentences import entries
from assistant.desk.targets import Ledger, Target, targets
from ingest.pipeline import ingest_paths
from vectorstore.errors import NotFoundError
from vectorstore.numerals import parse_numeral
from vectorstore.records import Kind
from vectorstore.store import Store

DATA = Path(__file__).parent / "data"
EXPECTED: dict[str, list[list[Any]]] = json.loads((DATA / "targets_expected.json").read_text())
FRESH: list[dict[str, Any]] = json.loads((DATA / "targets_fresh.json").read_text())
PLANS = [name for name in EXPECTED if (DATA / name).is_file()]


def row(target: Target) -> list[Any]:
    return [
        target.task_number,
        target.subject,
        target.value,
        target.unit,
        target.comparator,
        target.baseline,
        target.deadline,
    ]


def rows(ledger: Ledger) -> list[list[Any]]:
    return [row(target) for target in ledger.targets]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plans of tests/data and the invented ones, each as a file."""
    made = tmp_path_factory.mktemp("plans")
    for name in PLANS:
        (made / name).write_bytes((DATA / name).read_bytes())
    for one in FRESH:
        (made / f"{one['name']}.txt").write_text("\n".join(one["lines"]))
    return made


@pytest.fixture(scope="module")
def plans(folder: Path) -> Iterator[Store]:
    with Store.open(folder / "store", HashEmbedder()) as opened:
        assert ingest_paths(sorted(folder.glob("*.txt")), opened).failed == 0
        yield opened


def of_file(store: Store, name: str) -> list[list[Any]]:
    ids = [d.id for d in store.documents() if Path(d.source).name == name]
    return [line for one in ids for line in rows(targets(store, one))]


@pytest.mark.parametrize("name", ["lanjiang_notice.md", "yunzhou_page.txt"])
def test_all_targets_of_the_sample_corpus_are_found_and_none_is_invented(store: Store, name: str) -> None:
    assert of_file(store, name) == EXPECTED[name]


@pytest.mark.parametrize("name", PLANS)
def test_all_targets_of_other_documents_are_found_and_none_is_invented(plans: Store, name: str) -> None:
    assert of_file(plans, name) == EXPECTED[name]


@pytest.mark.parametrize("one", FRESH, ids=lambda one: one["name"])
def test_all_targets_in_other_wordings_are_found(plans: Store, one: dict[str, Any]) -> None:
    assert of_file(plans, f"{one['name']}.txt") == one["targets"]


def test_all_targets_of_the_real_page(seeds_page: Path, tmp_path: Path) -> None:
    with Store.open(tmp_path, HashEmbedder()) as opened:
        assert ingest_paths([seeds_page], opened).failed == 0
        found = rows(targets(opened))
    assert found == EXPECTED["real page"]
    assert len(found) >= 25


def test_the_ledger_is_in_document_order_with_verbatim_quotes_and_says_nothing_that_is_not_there(
    store: Store, plans: Store
) -> None:
    for sources in (store, plans):
        ledger = targets(sources).targets
        places = {document.id: at for at, document in enumerate(sources.documents())}
        order = [(places[t.citation.document_id], t.citation.start) for t in ledger]
        assert order == sorted(order)
        for target in ledger:
            quote = target.citation.quote
            text = sources.document(target.citation.document_id).text
            assert quote == text[target.citation.start : target.citation.end]
            for printed in (target.unit, target.baseline or "", *target.comparator.split("…")):
                assert printed in quote or (printed == "%" and "百分之" in quote)
            assert target.value is None or target.value in numbers(quote)
            assert target.subject in quote or target.value is None
            assert target.deadline is None or target.deadline in text


def numbers(text: str) -> list[float]:
    """All numbers printed in a text."""
    found = [float(n.replace(",", "")) for n in re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", text)]
    spelled = re.findall("[零〇一二两三四五六七八九十百千]+", text)
    return [*found, *(float(parse_numeral(word)) for word in spelled), *([0.5] if "半" in text else [])]


def test_news_and_laws_give_none(store: Store, plans: Store) -> None:
    news = {d.id for d in store.documents() if d.kind is Kind.NEWS}
    assert news
    assert not news & {t.citation.document_id for t in targets(store).targets}
    assert [d.kind for d in plans.documents() if d.source.endswith("law_library.txt")] == [Kind.LAW]
    assert of_file(plans, "law_library.txt") == []


def test_an_unknown_document_is_told(store: Store) -> None:
    with pytest.raises(NotFoundError):
        targets(store, "no such document")


@pytest.mark.parametrize(
    "sentence",
    [
        "对连续运营满两年、床位在200张以上的机构，每床每年补助1200元。",
        "新建自动化产线的，按设备投资额的15%给予奖励，最高不超过500万元。",
        "目前，全县已建成充电桩3200个，覆盖率达到92%。",
        "截至2025年底，全市累计培育企业460家。",
        "本办法自2026年1月1日起施行，有效期3年。",
        "本办法所称小型企业，是指从业人员不超过300人的企业。",
        "发展6英寸晶圆、7纳米芯片和5G通信。",
        "继续实施“871”工程和“1+2+N”行动，落实第18号文件。",
        "申请人应当年满18周岁，持有2项以上证书的优先。",
    ],
)
def test_what_is_no_target(sentence: str) -> None:
    assert list(entries(sentence, Reach())) == []


@pytest.mark.parametrize(
    ("sentence", "value", "unit", "comparator", "baseline", "deadline"),
    [
        ("到2029年，港口吞吐能力力争达到1.5亿吨左右。", 1.5, "亿吨", "力争达到…左右", None, "2029年"),
        ("力争港口吞吐能力达到900万吨。", 900, "万吨", "力争…达到", None, None),
        ("能耗强度比2025年下降13.5%。", 13.5, "%", "下降", "2025年", None),
        ("回收率从61%提高到75%以上。", 75, "%", "提高到…以上", "61%", None),
        ("审批时限压缩至3个工作日以内。", 3, "个工作日", "压缩至…以内", None, None),
        ("每年新增科技型企业１，２００家。", 1200, "家", "每年新增", None, None),
        ("二〇三〇年底前建成书屋40个。", 40, "个", "", None, "二〇三〇年底前"),
        ("新建泊位8个，确保2028年6月底前全部建成。", 8, "个", "", None, "2028年6月底前"),
        ("普及率达到百分之九十五。", 95, "%", "达到", None, None),
    ],
)
def test_how_a_target_reads(
    sentence: str, value: float, unit: str, comparator: str, baseline: str | None, deadline: str | None
) -> None:
    (entry,) = entries(sentence, Reach())
    assert (entry.value, entry.unit, entry.comparator) == (value, unit, comparator)
    assert (entry.baseline, entry.deadline) == (baseline, deadline)
    assert isinstance(entry.value, int) == float(value).is_integer()


def test_only_figures_of_one_dimension_are_charted_together() -> None:
    found = list(entries("产值达到30亿元，投资不低于8000万元，占比达到12%，建成园区4个、书屋9间。", Reach()))
    assert [entry.dimension for entry in found] == ["money", "money", "percent", "count:个", "count:间"]


@pytest.mark.parametrize(
    "text", ["(" * 50_000, "从1由2" * 10_000, "新建1个," * 5_000, "到2027年" * 5_000, "建设" * 20_000]
)
def test_a_hostile_sentence_takes_no_long_time(text: str) -> None:
    begun = time.thread_time()
    list(entries(text, Reach()))
    assert time.thread_time() - begun < 5


def test_the_ledger_of_the_sample_corpus_comes_at_once(store: Store) -> None:
    spent = []
    for _ in range(5):
        begun = time.thread_time()
        targets(store)
        spent.append(time.thread_time() - begun)
    assert statistics.median(spent) < 0.3


def test_the_bracket_that_closes_a_task_says_by_when_and_who(tmp_path: Path) -> None:
    text = """云州市2026年政务公开工作要点
一、民生
1.做好招聘信息的发布。（市人社局负责，完成时限：2026年9月）
2.做好新增3万个托位的信息公开。（市卫健委负责落实，完成时限：2026年10月底前）
3.推进预算公开（市财政局牵头，12月底前完成）。
4.优化平台检索。（市数据局负责，完成时限：长期坚持）
5.回应社会关切。（市政府办公室负责）
"""
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    with Store.open(tmp_path / "data", HashEmbedder()) as opened:
        ingest_paths([tmp_path / "a.txt"], opened)
        found = targets(opened)
    assert rows(found) == [
        [1, "做好招聘信息的发布", None, "", "", None, "2026年9月"],
        [2, "托位", 3, "万个", "新增", None, "2026年10月底前"],
        [3, "推进预算公开", None, "", "", None, "12月底前"],
    ]
    for target, body in zip(found.targets, ("市人社局", "市卫健委", "市财政局"), strict=True):
        assert body in target.citation.quote and target.deadline in target.citation.quote
