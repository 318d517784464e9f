"""The real page, as it is kept outside the project: its structure, found whole."""

import re
from pathlib import Path

import pytest

from ingest.decode import decode
from ingest.pipeline import read_file
from vectorstore.records import Document, Kind, Unit, UnitType


@pytest.fixture(scope="module")
def parts(seeds_page: Path) -> list[tuple[Document, list[Unit]]]:
    return [(document, units) for document, units, _chunks in read_file(seeds_page)]


def test_three_documents(parts: list[tuple[Document, list[Unit]]]) -> None:
    assert [document.kind for document, _units in parts] == [Kind.POLICY, Kind.NEWS, Kind.NEWS]
    policy = parts[0][0]
    assert policy.title.endswith("行动方案") and policy.issuer and "、" in policy.issuer


def test_twenty_five_tasks_four_items_three_measures(parts: list[tuple[Document, list[Unit]]]) -> None:
    units = parts[0][1]
    tasks = [u for u in units if u.type is UnitType.TASK]
    assert [u.task_number for u in tasks] == list(range(1, 26))
    assert all(len(u.locator) == 3 and u.locator[0] == "二" and u.locator[2] == str(u.task_number) for u in tasks)
    assert all(
        [h.startswith(label) for h, label in zip(u.heading_path, u.locator, strict=False)] == [True, True]
        for u in tasks
    )
    sections = list(dict.fromkeys(u.locator[1] for u in tasks))
    assert sections == [f"({c})" for c in "一二三四五六七"]
    assert [u.locator for u in units if u.type is UnitType.ITEM] == [("一", f"——{n}") for n in range(1, 5)]
    assert [u.locator for u in units if u.type is UnitType.MEASURE] == [("三", f"({c})") for c in "一二三"]


def test_a_task_without_a_title_is_whole(parts: list[tuple[Document, list[Unit]]]) -> None:
    task = next(u for u in parts[0][1] if u.task_number == 11)
    assert task.text.startswith("11.") and task.text.endswith("。") and len(task.sentences) == 2


def test_joined_units_are_the_page(parts: list[tuple[Document, list[Unit]]], seeds_page: Path) -> None:
    def bare(text: str) -> str:
        return re.sub(r"\s", "", text)

    page = bare(decode(seeds_page.read_bytes()))
    captions = [bare(u.text) for _d, units in parts for u in units if u.type is UnitType.CAPTION]
    joined = "".join(bare(u.text) for _d, units in parts for u in units if u.type is not UnitType.CAPTION)
    assert len(captions) == 1
    for caption in captions:
        assert caption in page
        page = page.replace(caption, "", 1)
    assert joined == page
