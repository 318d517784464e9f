from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from vectorstore.text import fold, sentence_spans

CHINESE = st.text(alphabet=st.sampled_from("加快建设高铁城际，。；！？“”（）()「」、\n12 ."), max_size=200)


@given(st.text())
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(fold(text)) == len(text)


def test_forms_of_one_character_are_one() -> None:
    assert fold("（１）．ＡＩ％“”") == '(1).ai%""'
    assert fold("①") == "①"


@given(CHINESE)
def test_sentences_hold_every_character_in_order(text: str) -> None:
    spans = list(sentence_spans(text))
    assert all(a.end <= b.start for a, b in pairwise(spans))
    covered = "".join(text[s.start : s.end] for s in spans)
    assert "".join(covered.split()) == "".join(text.split())


def test_a_closing_quote_belongs_to_its_sentence() -> None:
    text = "他说：“要快。”大家同意。"
    assert [text[s.start : s.end] for s in sentence_spans(text)] == ["他说：“要快。”", "大家同意。"]


def test_brackets_are_not_broken() -> None:
    text = "举办洽谈会(以下简称洽谈会。全称见附件)后发布。"
    assert len(list(sentence_spans(text))) == 1
