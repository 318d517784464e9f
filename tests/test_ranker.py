"""The ranker: the real one tells what answers, points at the sentence, and any CrossEncoder can stand in its place."""

from pathlib import Path

import pytest

from assistant.fitted import fitted
from assistant.ranker import CrossEncoderRanker, Passage, Ranker, open_ranker
from vectorstore.errors import EmbeddingError
from vectorstore.text import sentence_spans

pytestmark = pytest.mark.each_backend


def passage(context: str, text: str) -> Passage:
    return Passage(context, text, tuple((span.start, span.end) for span in sentence_spans(text)))


GRANT = passage(
    "梧桐市家庭托育服务补助办法 第三章补助标准",
    "本办法所称家庭托育点，是指利用住宅开办的照护场所。每收托一名三岁以下幼儿，每月补助六百元。补助资金由区级财政承担。",
)
OTHERS = [
    passage(
        "梧桐市家庭托育服务补助办法 第四章监督管理",
        "卫生健康部门每年对家庭托育点至少检查两次，发现隐患的责令限期整改。",
    ),
    passage("梧桐市老年助餐服务方案 二、主要任务", "对老年食堂按照每份餐食三元的标准给予运营补助。"),
    passage("梧桐市家庭托育服务补助办法 第一章总则", "为了规范家庭托育服务，减轻家庭负担，制定本办法。"),
]
QUESTION = "在家里帮人看小孩的，收一个宝宝政府一个月能给多少钱？"


def test_what_answers_comes_first(ranker: Ranker) -> None:
    first, *others = ranker.judge(QUESTION, [GRANT, *OTHERS])
    assert first.answers > max(one.answers for one in others) + 1


def test_the_sentence_that_answers_is_pointed_at(ranker: Ranker) -> None:
    (judged,) = ranker.judge(QUESTION, [GRANT])
    assert len(judged.sentences) == 3
    assert judged.sentences[1] == max(judged.sentences) >= fitted(ranker.name).told


def test_a_followup_is_read_with_the_turn_before(ranker: Ranker) -> None:
    (alone,) = ranker.judge("一个月多少？", [GRANT])
    (behind,) = ranker.judge("家庭托育点收托三岁以下孩子有补助吗 有补助。\n一个月多少？", [GRANT])
    assert behind.answers > alone.answers


def test_a_passage_does_not_depend_on_those_beside_it(ranker: Ranker) -> None:
    (alone,) = ranker.judge(QUESTION, [GRANT])
    beside = ranker.judge(QUESTION, [GRANT, passage("很长", "很长的一句话，" * 60 + "。"), *OTHERS])[0]
    assert beside.answers == pytest.approx(alone.answers, abs=0.05)


@pytest.mark.parametrize("text", ["", "。", "\U0001f600" * 50, "字" * 5000])
def test_odd_texts_are_judged(text: str, ranker: Ranker) -> None:
    (judged,) = ranker.judge("㐂" * 500, [passage("", text)])
    assert len(judged.sentences) == len(passage("", text).sentences)
    assert all(0 <= chance <= 1 for chance in judged.sentences)


def test_none_and_missing_ones() -> None:
    assert open_ranker("off") is None
    with pytest.raises(EmbeddingError, match="zhengce model"):
        open_ranker("models/not-there")


def test_a_cross_encoder_of_the_library_reads_passages_and_sentences(tmp_path: Path) -> None:
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast(tokenizer_object=_characters(), pad_token="[PAD]", unk_token="[UNK]")
    config = BertConfig(
        vocab_size=200, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, num_labels=1
    )
    BertForSequenceClassification(config).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    opened = open_ranker(str(tmp_path))
    assert isinstance(opened, CrossEncoderRanker)
    (judged,) = opened.judge(QUESTION, [GRANT])
    assert len(judged.sentences) == 3 and judged.corrects < -20


def _characters() -> object:
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = {"[PAD]": 0, "[UNK]": 1} | {chr(0x4E00 + i): i + 2 for i in range(150)}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    return tokenizer
