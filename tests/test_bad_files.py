import re
from pathlib import Path

import pytest
from bad_files import BAD_FILES, POLICY, BadFile, zipped
from doors import POLICY as GOOD
from doors import HashEmbedder

from ingest.isolation import HostileError, Limits, Readings
from ingest.pipeline import ingest_paths
from ingest.readers import SUFFIXES
from ingest.reading import Part, read_parts
from vectorstore.errors import ReadError
from vectorstore.store import Store

ENGLISH = re.compile(r"Traceback|object at 0x|Error\b|Exception|/tmp|/work|/usr|\.py\b|/some/folder")


@pytest.fixture(scope="module")
def readings():
    with Readings(Limits(seconds=20, memory=2000, workers=1), many=True) as pool:
        yield pool


def outcome(bad: BadFile, readings: Readings) -> list[Part] | ReadError:
    data, source = bad.make(), f"/some/folder/{bad.name}"
    try:
        return readings.begin(data, source)() if bad.isolated else read_parts(data, source)
    except ReadError as error:
        return error


@pytest.mark.parametrize("bad", BAD_FILES, ids=lambda bad: bad.name)
def test_a_bad_file_gives_one_clear_line(bad: BadFile, readings: Readings) -> None:
    found = outcome(bad, readings)
    if not isinstance(found, ReadError):
        assert bad.reason is None or bad.either, "it should have been refused"
        assert not any("root:" in document.text for document, _units, _chunks in found)
        return
    reason = str(found)
    assert bad.reason is not None, f"it should have been read: {reason}"
    assert bad.reason in reason
    assert 0 < len(reason) < 200 and len(reason.splitlines()) == 1
    assert re.search("[\u4e00-\u9fff]", reason)
    assert not ENGLISH.search(reason) or isinstance(found, HostileError)


def test_there_are_enough_of_them() -> None:
    assert len(BAD_FILES) >= 40
    assert len({bad.name for bad in BAD_FILES}) == len(BAD_FILES)


def test_what_cannot_be_read_in_an_archive_is_a_warning_on_the_rest() -> None:
    data = zipped({"a.txt": POLICY, "b.exe": b"MZ", "__MACOSX/._a.txt": b"x", ".hidden.txt": POLICY, "c/d.md": POLICY})
    parts = read_parts(data, "x.zip")
    assert len(parts) == 2
    assert {warning for document, _u, _c in parts for warning in document.warnings} == {
        "压缩包内 b.exe:不支持的文件类型,已跳过"
    }


@pytest.mark.slow
def test_among_bad_files_nothing_is_lost(tmp_path: Path) -> None:
    """All of them in one folder with three good ones: each has its outcome, and the good ones are in the store."""
    docs = tmp_path / "docs"
    docs.mkdir()
    for at, bad in enumerate(one for one in BAD_FILES if one.name != "long-line.txt"):
        (docs / f"{at:02}-{bad.name}").write_bytes(bad.make())
    for number in (10, 40, 70):
        (docs / f"{number}-good.txt").write_text(GOOD.replace("120个", f"{number}个"), encoding="utf-8")
    limits = Limits(seconds=20, memory=2000, workers=2)
    with Store.open(tmp_path / "data", HashEmbedder()) as store:
        report = ingest_paths([docs], store, limits=limits)
        by_name = {Path(one.path).name: one for one in report.outcomes}
        assert set(by_name) == {path.name for path in docs.iterdir() if path.suffix.lower() in SUFFIXES}
        assert all(one.reason and "\n" not in one.reason for one in report.outcomes if one.status != "added")
        assert {by_name[f"{number}-good.txt"].status for number in (10, 40, 70)} == {"added"}
        assert {f"{number}个" for number in (10, 40, 70)} <= set(
            re.findall(r"\d+个", "".join(one.text for one in store.documents()))
        )
        assert all(store.document(one.id).text for one in store.documents())
