"""One policy, written out in every format, is one document: the same text, units and locators, whatever it came in."""

from pathlib import Path

import pytest
from doors import HashEmbedder
from formats import EXACT, PLAIN, scan, scanned_pdf, write_all
from test_readers_pages import right_share, typeface

from ingest.isolation import Limits, Readings
from ingest.pipeline import ingest_paths
from ingest.reading import Part, read_parts
from vectorstore.records import Document, Unit
from vectorstore.store import Store

__all__ = ["typeface"]


def only(parts: list[Part]) -> tuple[Document, list[Unit]]:
    ((document, units, _chunks),) = parts
    return document, units


@pytest.fixture(scope="module")
def expected() -> tuple[Document, list[Unit]]:
    return only(read_parts(PLAIN.encode(), "a.txt"))


@pytest.mark.parametrize("name", list(EXACT))
def test_a_format_gives_the_same_units(name: str, expected: tuple[Document, list[Unit]]) -> None:
    document, units = only(read_parts(EXACT[name](), name))
    assert document.text == expected[0].text
    assert [(unit.locator, unit.type, unit.label, unit.text) for unit in units] == [
        (unit.locator, unit.type, unit.label, unit.text) for unit in expected[1]
    ]
    assert document.id == expected[0].id
    assert all(document.text[unit.start : unit.end] == unit.text for unit in units)


def test_a_wrong_suffix_does_not_matter(expected: tuple[Document, list[Unit]]) -> None:
    for name in ("policy.pdf", "policy.docx", "policy.html", "policy.ofd"):
        assert only(read_parts(EXACT[name](), "what.txt"))[0].id == expected[0].id


@pytest.mark.slow
@pytest.mark.parametrize("name", ["scan.png", "scan.pdf"])
def test_a_scan_gives_the_same_locators(name: str, typeface: str, expected: tuple[Document, list[Unit]]) -> None:
    made = scan(typeface) if name.endswith("png") else scanned_pdf(typeface)
    with Readings(Limits(seconds=300)) as readings:
        document, units = only(readings.begin(made, name)())
    assert [unit.locator for unit in units] == [unit.locator for unit in expected[1]]
    assert [unit.task_number for unit in units] == [unit.task_number for unit in expected[1]]
    assert right_share("".join(document.text.split()), "".join(PLAIN.split())) >= 0.98
    assert any("识别" in warning for warning in document.warnings), "that it was read by a machine is said"


def test_a_folder_of_all_formats_holds_one_document(tmp_path: Path) -> None:
    docs = write_all(tmp_path / "docs")
    with Store.open(tmp_path / "data", HashEmbedder()) as store:
        report = ingest_paths([docs], store)
        assert {one.status for one in report.outcomes} == {"added"}, report.outcomes
        assert len(report.outcomes) == len(EXACT)
        assert len(store.documents()) == 1
        assert ingest_paths([docs], store).skipped == len(EXACT)
