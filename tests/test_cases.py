"""The small inputs that once failed (../shared/real/cases), each against what its expect.txt says.

A case that is not there is skipped; one that is there and has no check here fails, so that none is forgotten.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT
from doors import HashEmbedder

from assistant.answer import Turn
from assistant.desk.targets import targets
from assistant.pipeline import Assistant
from assistant.ranker import Ranker
from ingest.pipeline import ingest_paths, read_file
from ui.cli import main
from vectorstore.embedding import Embedder
from vectorstore.records import Document, Filter, Unit, UnitType
from vectorstore.store import Store

CASES = ROOT.parent / "shared" / "real" / "cases"
HERE = sorted(folder.name for folder in CASES.glob("*") if (folder / "expect.txt").is_file())
CHECKS: dict[str, Callable[[], None]] = {}


def case(check: Callable[[], None]) -> Callable[[], None]:
    """Register ``check`` for the case whose number ends its name."""
    CHECKS[check.__name__.removeprefix("case_")] = check
    return check


def folder_of(number: str) -> Path:
    found = [CASES / name for name in HERE if name.startswith(f"{number}-")]
    if not found:
        pytest.skip(f"case {number} is not there")
    return found[0]


def inputs(number: str) -> list[Path]:
    return [path for path in sorted(folder_of(number).iterdir()) if path.name != "expect.txt"]


def read(number: str, name: str = "") -> tuple[Document, list[Unit]]:
    """Return the one document of a case, or of its file ``name``; its units cut its text without gap or overlap."""
    (path,) = [path for path in inputs(number) if name in path.name]
    ((document, units, _chunks),) = read_file(path)
    assert all(unit.text == document.text[unit.start : unit.end] for unit in units)
    assert "\n".join(unit.text for unit in units) == document.text
    return document, units


def citable(units: list[Unit]) -> dict[tuple[str, ...], str]:
    return {unit.locator: unit.text for unit in units if unit.type.citable}


def rows(units: list[Unit]) -> list[str]:
    return [unit.text for unit in units if unit.type is UnitType.ROW]


@pytest.mark.parametrize("name", HERE)
def test_case(name: str) -> None:
    CHECKS[name.partition("-")[0]]()


@case
def case_01() -> None:
    document, units = read("01")
    assert (document.number, document.date) == ("某民规〔2026〕3号", "2026-04-10")
    assert [unit.locator for unit in units if unit.type is UnitType.MEASURE] == [("一",), ("二",)]
    assert "补贴4元" in document.text


@case
def case_02() -> None:
    parts = {part: read("02", part) for part in ("总则", "物权编", "附则")}
    titles = ["某市民生法典 总则编", "某市民生法典 物权编", "某市民生法典 附则"]
    assert [document.title for document, _units in parts.values()] == titles
    assert all(not document.warnings for document, _units in parts.values())
    assert list(citable(parts["附则"][1])) == [("第五条",)]
    assert ("第一章", "第三条") in citable(parts["物权编"][1])


@case
def case_04() -> None:
    document, units = read("04", "news")
    assert (document.title, document.issuer) == ("某市民政局关于调整低保标准的通知", "某市民政局")
    assert (document.number, document.date) == ("某民规字〔2026〕2号", "2026-05-28")
    assert not re.search("关注|解读|当前位置|GZ03", document.text) and ("一",) in citable(units)
    report, _units = read("04", "report")
    assert report.title == "2026年甲市政府工作报告" and "字号" not in report.text


@case
def case_05() -> None:
    document, _units = read("05")
    assert document.title.endswith("若干工作方案》的通知") and document.number == "某审改办发〔2026〕5号"
    assert document.issuers == ("某市人民政府行政审批制度改革办公室",)


@case
def case_07() -> None:
    document, _units = read("07")
    assert document.issuers == ("甲市政务服务局", "乙市政务服务办公室", "丙省政务服务管理办公室")
    assert document.region == "甲市"


@case
def case_08() -> None:
    assert [read("08", year)[0].date for year in ("2020", "2024")] == ["2020-03-27", "2024-11-29"]


@case
def case_09() -> None:
    document, _units = read("09")
    assert (document.issuer, document.number) == ("国务院", "国务院令第999号")
    assert (document.date, document.region) == ("2019-10-22", "全国")


@case
def case_11() -> None:
    document, _units = read("11")
    assert not document.title.endswith("如下：")


@case
def case_12() -> None:
    _document, units = read("12")
    found = citable(units)
    assert [locator for locator in found if locator[0].startswith("第")] == [("第一条",), ("第二条",)]
    tasks = [("附件", "一", "(一)", "1"), ("附件", "一", "(一)", "2"), ("附件", "二", "1")]
    assert [locator for locator in found if locator in tasks] == tasks
    assert [unit.type for unit in units if unit.text == "（此件公开发布）"] == [UnitType.PARAGRAPH]


@case
def case_14() -> None:
    _document, units = read("14")
    assert [unit.text for unit in units if unit.type is UnitType.HEADING] == ["一、总体要求", "二、工作安排"]
    spoken = [unit for unit in units if unit.text.startswith(("第二节", "第一部分", "图片下方"))]
    assert [(unit.type, unit.heading_path) for unit in spoken] == [(UnitType.PARAGRAPH, ("一、总体要求",))] * 3


@case
def case_15() -> None:
    _document, units = read("15")
    assert "550万元" in citable(units)[("五",)]


@case
def case_16() -> None:
    _document, units = read("16")
    assert [unit.task_number for unit in units if unit.task_number] == [23, 24]


@case
def case_17() -> None:
    _document, units = read("17")
    assert [unit.task_number for unit in units if unit.task_number] == [12, 13, 14]


@case
def case_19() -> None:
    _document, units = read("19")
    assert [unit.text for unit in units if unit.type.citable] == ["测试"]


@case
def case_20() -> None:
    found = rows(read("20")[1])
    assert "牵头单位：市发展改革委" in found[1] and "牵头单位：市商务局" in found[3]


@case
def case_23() -> None:
    document, _units = read("23")
    assert document.title == "关于报送总结的通知" and "3月20日" in document.text and "Subject" not in document.text


@case
def case_25() -> None:
    found = rows(read("25")[1])
    assert len(found) == 7 and "42处" in found[5] and "责任单位：市民政局" in found[5]


@case
def case_26() -> None:
    document, _units = read("26")
    assert any("第1页有8个字读不出" in warning for warning in document.warnings)


@case
def case_27() -> None:
    pass  # a command: test_an_empty_index_is_told_as_json


@case
def case_28() -> None:
    _document, units = read("28")
    assert any(unit.text == "类别\t指标\t分工牵头单位\t分工配合单位" for unit in units)
    found = rows(units)
    assert found[1] == "类别：基础指标；指标：就业；分工牵头单位：市人社局；分工配合单位：市税务局"
    assert "指标：创新；分工牵头单位：市教育局；分工配合单位：市科技局" in found[3]


@case
def case_30() -> None:
    assert read("30")[0].warnings == ()


# -- whole stores ----------------------------------------------------------------------------------------------------


def test_the_parts_of_one_code_are_all_in_force_and_editions_follow_their_days(tmp_path: Path) -> None:
    with Store.open(tmp_path / "code", HashEmbedder()) as store:
        ingest_paths(inputs("02"), store)
        assert len(store.within(Filter()).documents()) == 3
    with Store.open(tmp_path / "law", HashEmbedder()) as store:
        ingest_paths(inputs("08"), store)
        (now,) = store.within(Filter()).documents()
        (then,) = store.within(Filter(as_of="2022-01-01")).documents()
        assert "三个工作日" in now.text and "五个工作日" in then.text


def test_the_ledger_has_the_three_tasks_with_their_terms(tmp_path: Path) -> None:
    with Store.open(tmp_path, HashEmbedder()) as store:
        ingest_paths(inputs("30"), store)
        found = targets(store).targets
    assert [one.deadline for one in found] == ["2021年9月", "2021年10月", "2021年12月"]
    assert [one.value for one in found] == [None, 2, None]
    assert (found[1].subject, found[1].comparator) == ("学位", "新增")
    for one, body in zip(found, ("市人社局", "市教委", "市财政局"), strict=True):
        assert body in one.citation.quote


def test_an_empty_index_is_told_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path / "new"), "documents", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"documents": []}


# -- questions -------------------------------------------------------------------------------------------------------

ASKED = [  # case, question, the label of the unit that answers, what its quote says
    ("02", "设立居住保障权要登记吗", "第三条", "登记机构申请登记"),
    ("08", "审批时限是几个工作日？", "第二条", "三个工作日"),
    ("15", "落实资金支持安排多少？", "落实资金支持", "550万元"),
    ("16", "2021年要点里“新增2万个学位”信息公开由谁负责、何时完成？", "重要民生24", "2021年10月"),
    ("17", "保税区若干意见里，促进文物回流由哪些部门负责？", "第13条", "文物局"),
    ("20", "引进企业20家由谁牵头？", "表1第2行", "市发展改革委"),
    ("25", "第6类事项由谁负责、改造多少处？", "表1第6行", "市民政局"),
]


@pytest.mark.parametrize(("number", "question", "label", "said"), ASKED, ids=[one[0] for one in ASKED])
def test_the_unit_that_answers_is_found_first(
    number: str, question: str, label: str, said: str, tmp_path: Path, embedder: Embedder, ranker: Ranker
) -> None:
    with Store.open(tmp_path, embedder) as store:
        ingest_paths(inputs(number), store)
        answer = Assistant(store, embedder, ranker).ask(question)
    found = answer.citations or answer.nearest
    assert found[0].label == label and said in found[0].quote


def test_a_follow_up_finds_the_task_that_it_names(tmp_path: Path, embedder: Embedder, ranker: Ranker) -> None:
    with Store.open(tmp_path, embedder) as store:
        ingest_paths(inputs("17"), store)
        assistant = Assistant(store, embedder, ranker)
        first = "保税区若干意见里，促进文物回流由哪些部门负责？"
        turns = [
            Turn(role="user", content=first),
            Turn(role="assistant", content=assistant.ask(first).answer),
        ]
        answer = assistant.ask("那汽车保税存储呢？", turns)
    assert "第12条" in [citation.label for citation in answer.citations]
