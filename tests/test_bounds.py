"""What a text holds is bounded after it is read, and the work on it grows with it, not with its square."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from doors import HashEmbedder

from benchmarks.hostile import KINDS, Kind
from benchmarks.hostile_texts import MOST_MB, read
from ingest import bounds
from ingest.isolation import Limits, Readings
from ingest.pipeline import ingest_paths
from ingest.readers.grid import Cell, spread
from ingest.readers.table import table_lines
from ingest.reading import read_parts
from vectorstore.errors import ReadError
from vectorstore.lexical import harvest_terms
from vectorstore.records import Unit, UnitType
from vectorstore.repeals import read_repeals
from vectorstore.store import Store

HOSTILE: dict[str, Callable[[int], str]] = {
    "dashes": lambda n: "——甲\n" * (n // 4),
    "boxes": lambda n: "".join(f"专栏{i % 99 + 1} 甲\n乙。\n" for i in range(n // 10)),
    "blanks in a line": lambda n: "学 " * (n // 2),
    "the same articles twice": lambda n: "".join(f"第{i}条 甲。\n" for _ in "ab" for i in range(1, n // 20)),
    "articles in one line": lambda n: "第一条" * (n // 3),
    "a run of dots": lambda n: "." * n + "甲",
    "headlines of one report": lambda n: "本报讯 甲。\n" + "办好学校\n\n甲乙丙丁。\n\n" * (n // 13),
    "numbers": lambda n: "".join(f"{i % 999 + 1}. 甲\n" for i in range(n // 6)),
    "nesting": lambda n: "一、甲\n(一)乙\n1. 丙\n(1)丁\n①戊\n——己\n" * (n // 28),
    "combining marks": lambda n: "学校" + "e\u0301" * (n // 2),
    "brackets": lambda n: "（办好。" * (n // 4),
}


def seconds(work: Callable[[], object]) -> float:
    """The processor time of the better of two runs: others use the machine, too."""

    def once() -> float:
        began = time.thread_time()
        work()
        return time.thread_time() - began

    return min(once(), once())


def growth(work: Callable[[int], object], size: int) -> float:
    """How much more work twice as much is."""
    work(size // 8)  # what is loaded once
    return seconds(lambda: work(2 * size)) / seconds(lambda: work(size))


@pytest.mark.parametrize("kind", HOSTILE)
def test_twice_the_text_is_not_four_times_the_work(kind: str) -> None:
    size = (
        100_000 if kind in ("blanks in a line", "articles in one line", "a run of dots", "combining marks") else 20_000
    )

    def read(chars: int) -> None:
        with suppress(ReadError):  # a refusal has to come as soon
            read_parts(HOSTILE[kind](chars).encode(), "a.txt")

    assert growth(read, size) < 3


_PAGE = "<!DOCTYPE html><html><head><title>关于办学的通知</title></head><body><p>办好学校，建好校舍。</p>"
PAGES: dict[str, Callable[[int], str]] = {
    "items of one list": lambda n: "<ol>" + "<li>甲" * (n // 5),
    "small tables": lambda n: "<table><tr><td>甲<td>乙<tr><td>丙<td>丁</table>" * (n // 45),
    "hidden paragraphs": lambda n: "<script>$.show()</script>" + ("<p hidden>" + "办好学校。" * 9) * (n // 55),
    "hidden names": lambda n: "<p hidden id=a>办好学校。</p>" * (n // 44) + "<script>" + "x " * (n // 4) + "</script>",
    "media without end": lambda n: "<style>" + "@media " * (n // 7) + "</style>",
    "comments without end": lambda n: "<style>" + "/*" * (n // 2) + "</style>",
    "a style without rules": lambda n: "<style>" + "p " * (n // 2) + "</style>",
    "blanks in a style": lambda n: "<p style='font-size:0" + " " * n + "x'>甲",
    "dashes in a title": lambda n: "<title>" + "甲-" * (n // 2) + "</title>",
}


@pytest.mark.parametrize("kind", PAGES)
def test_twice_the_page_is_not_four_times_the_work(kind: str) -> None:
    def read(chars: int) -> None:
        with suppress(ReadError):
            read_parts((_PAGE + PAGES[kind](chars)).encode(), "a.html")

    assert growth(read, 40_000) < 3


def test_blanks_in_a_line_of_markdown() -> None:
    assert growth(lambda n: read_parts(("办好学校。\n\n甲" + " " * n + "乙").encode(), "a.md"), 100_000) < 3


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ("<b>甲</b>" * (bounds.ELEMENTS + 1), "个标签,上限"),
        ("<div>" * (bounds.DEPTH + 1), "层以上"),
        ("<table>" + "<tr><td rowspan=99999>甲<td>乙" * 3000, "个以上的单元格"),
    ],
)
def test_a_page_of_too_much_is_refused_with_the_mend(page: str, told: str) -> None:
    with pytest.raises(ReadError, match=told) as raised:
        read_parts((_PAGE + page).encode(), "a.html")
    assert "重试" in str(raised.value)


def test_what_a_merged_cell_says_in_each_row_is_counted() -> None:
    rows = [[(Cell("甲"), 1, 1), (Cell("乙"), 1, 1)], [(Cell("学" * 9000), 9999, 1), (Cell("丁"), 1, 1)]]
    with pytest.raises(ReadError, match=r"正文有 .* 字"):
        table_lines(spread([*rows, *([(Cell("丁"), 1, 1)] for _ in range(9999))]))


def test_what_hides_on_a_page_is_known_as_before() -> None:
    css = (
        "/* .b{} */ .a , p.c {color:red} @media print { .b {display: none} } @supports (x:y) { .d{display:none} } .e{ }"
    )
    css += " .f { display :\n none } /* } .g{display:none}"
    page = "".join(f"<p class={name}>这一段的名字是{name}，写得完完整整。</p>" for name in "abcdefg")
    ((document, _units, _chunks),) = read_parts(f"{_PAGE}<style>{css}</style>{page}".encode(), "a.html")
    assert [name for name in "abcdefg" if f"名字是{name}" not in (document.text or "")] == ["d", "f", "g"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", [KINDS[at] for at in (0, 2, 5, 7)], ids=lambda kind: kind.name)
def test_a_hostile_text_of_a_megabyte(kind: Kind) -> None:
    limits = Limits(seconds=120, workers=1)
    came = read(kind, 1, limits)
    assert not came.faults(limits)
    assert came.memory < MOST_MB / 2


def test_terms_and_repeals_of_a_long_text() -> None:
    platforms = "".join(chr(0x4E00 + i) + chr(0x4E00 + i // 2) + "示范区、" for i in range(12_000))
    assert growth(lambda n: harvest_terms(platforms[:n]), 30_000) < 3

    def unit(n: int) -> Unit:
        text = "《甲》" * (n // 3) + "施行。"
        return Unit("d", 0, UnitType.PARAGRAPH, ("¶1",), None, "", (), 0, len(text), text, ())

    assert growth(lambda n: read_repeals("办法", [unit(n)]), 6000) < 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("学" * (bounds.LINE_CHARS + 1), "一行长达"),
        ("办好学校\n" * (bounds.LINES + 1), "行,上限"),
        ("办好学校,\n" * (bounds.PARAGRAPH_CHARS // 5 + 1), "中间没有分段"),
        ("甲。" + "学" * (bounds.SENTENCE_CHARS + 1), "一句长达"),
        ("1234567890" * (bounds.PARAGRAPH_CHARS // 10 + 1), "中间没有分段"),
        ("1.\n" * (bounds.UNITS + 1), "个条目或段落"),
    ],
)
def test_what_is_too_much_is_refused_with_the_mend(text: str, told: str) -> None:
    with pytest.raises(ReadError, match=told) as raised:
        read_parts(text.encode(), "a.txt")
    assert "重试" in str(raised.value)


def test_more_characters_than_may_be() -> None:
    with pytest.raises(ReadError, match=r"正文有 .* 字"):
        bounds.check_text(bounds.CHARS + 1)


def test_a_line_of_24_megabytes(tmp_path: Path) -> None:
    """Read in a process of its own, refused in seconds, and nothing of it is embedded."""
    (tmp_path / "一行.txt").write_text("学校" * 4_000_000, encoding="utf-8")
    with Store.open(tmp_path / "data", HashEmbedder()) as store:
        report = ingest_paths([tmp_path / "一行.txt"], store, limits=Limits(seconds=60, memory=700))
    assert (report.outcomes[0].status, report.outcomes[0].documents) == ("failed", 0)
    reason = report.outcomes[0].reason or ""
    assert "请在段落之间换行" in reason or "拆成几个文件" in reason


def test_a_long_plain_text_is_read_under_the_limits() -> None:
    """What takes seconds is read where it can be stopped."""
    with Readings(Limits(seconds=0.2, workers=1)) as readings, pytest.raises(ReadError, match="超过"):
        readings.begin(("1. 办好学校。\n" * 100_000).encode(), "a.txt")()


def test_a_sentence_without_end_is_embedded_by_its_head() -> None:
    (part,) = read_parts(("甲。\n\n" + "学" * 40_000).encode(), "a.txt")
    document, units, chunks = part
    assert max(len(chunk.embedding_text) for chunk in chunks) < 4200
    assert "".join(document.text[u.start : u.end] for u in units) == document.text.replace("\n", "")
    assert max(chunk.end - chunk.start for chunk in chunks) == 40_000, "what is quoted is all of it"
