"""What a unit reads like on its own: context in front, long units in windows of whole sentences."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from vectorstore.passages import OVERLAP_CHARS, WINDOW_CHARS, context_of, windows
from vectorstore.records import Document, Kind, Unit, UnitType
from vectorstore.text import sentence_spans


def unit(text: str, start: int = 7) -> Unit:
    spans = tuple(sentence_spans(text, start))
    return Unit(
        "d", 1, UnitType.TASK, ("1",), 1, "任务1", ("一、总则", "（一）范围"), start, start + len(text), text, spans
    )


def test_the_context_names_document_and_headings() -> None:
    document = Document("d", "云溪市养老服务办法", Kind.POLICY, None, None, None, "a.txt", "")
    assert context_of(document, unit("甲。")) == "云溪市养老服务办法 一、总则 （一）范围"


@given(st.lists(st.integers(2, 200), min_size=1, max_size=40))
def test_windows_hold_every_sentence_whole(lengths: list[int]) -> None:
    one = unit("".join("字" * (n - 1) + "。" for n in lengths))
    found = list(windows(one))
    assert {s for w in found for s in w.sentences} == set(one.sentences)
    for window in found:
        assert (window.start, window.end) == (window.sentences[0].start, window.sentences[-1].end)
        assert window.end - window.start <= WINDOW_CHARS or len(window.sentences) == 1
    for before, behind in pairwise(found):
        assert before.start < behind.start and before.end < behind.end
        assert before.end - behind.start <= OVERLAP_CHARS
