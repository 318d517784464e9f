"""The check of what a model says, against drafts spoilt on purpose and by hand-made cases."""

from collections import Counter

import pytest
from scripted import scripted_drafts

from assistant.claims import Checker, Claim, Evidence
from assistant.nearness import nearness
from vectorstore.embedding import Embedder
from vectorstore.store import Store

EVIDENCE = (
    Evidence(1, "规模以上工业总产值达到3万亿元左右,战略性新兴产业规模突破1万亿元,研发投入强度达到3.7%左右。", "工作目标第1项"),
    Evidence(2, "对新开办的托育机构,一次性补助5万元;不得收取押金。", "重点任务12 某市方案"),
    Evidence(3, "港口吞吐量力争达到2700万标准箱,从2020年的1800万标准箱起步。", "工作目标第2项"),
)  # fmt: skip


@pytest.fixture(scope="module")
def checker(store: Store, embedder: Embedder) -> Checker:
    return Checker(EVIDENCE, store.analyzer, nearness(embedder))


def test_two_hundred_drafts_of_a_scripted_model(store: Store, embedder: Embedder) -> None:
    fates: Counter[tuple[str, str]] = Counter()
    for draft in scripted_drafts(store, 200):
        checker = Checker(draft.evidence, store.analyzer, nearness(embedder))
        for scripted in draft.claims:
            checked = checker.check(scripted.claim)
            ids = frozenset(checked.claim.ids)
            fate = "dropped" if not checked.holds else "kept" if ids and ids <= scripted.held_by else "false"
            fates[scripted.kind, fate] += 1
    for spoilt in ("figure", "unit", "crossed", "added"):
        assert fates[spoilt, "dropped"] > 0 and fates[spoilt, "false"] == 0, fates
    assert fates["bound", "false"] <= 0.05 * fates["bound", "dropped"], fates  # 市级以下 for 市级以上 limits no figure
    for true in ("true", "swapped", "uncited"):
        total = sum(n for (kind, _fate), n in fates.items() if kind == true)
        assert fates[true, "false"] == 0 and fates[true, "kept"] >= 0.95 * total, fates


@pytest.mark.parametrize(
    ("text", "ids", "kept"),
    [
        ("工业总产值要达到3万亿元左右。", (1,), (1,)),
        ("新开办的托育机构可得到一次性补助5万元。", (2,), (2,)),
        ("新开办的托育机构可得到一次性补助5万元。", (3,), (2,)),
        ("新开办的托育机构可得到一次性补助5万元。", (9,), (2,)),
        ("托育机构一次性补助5万元。", (2, 1), (2,)),
        ("任务12对新开办的托育机构一次性补助5万元。", (2,), (2,)),
    ],
)
def test_what_the_evidence_says_is_kept_with_the_ids_that_hold_it(
    text: str, ids: tuple[int, ...], kept: tuple[int, ...], checker: Checker
) -> None:
    checked = checker.check(Claim(text, ids))
    assert (checked.holds, checked.claim.ids) == (True, kept), checked.why


@pytest.mark.parametrize(
    "text",
    [
        "工业总产值要达到1万亿元左右。", "工业总产值要达到3万亿元。", "工业总产值要达到3亿元左右。", "工业总产值不低于3万亿元。",
        "研发投入强度达到百分之三十七左右。", "新开办的托育机构一次性补助5万元，并免费提供场地。", "可以收取押金。",
        "任务13对新开办的托育机构一次性补助5万元。", "上海的托育机构一次性补助5万元。", "港口吞吐量达到2700万标准箱。",
        "吞吐量从2700万标准箱起步，力争达到1800万标准箱。", "“安心托”托育机构一次性补助5万元。", "好的。", "[1]",
    ],
)  # fmt: skip
def test_what_the_evidence_does_not_say_is_dropped(text: str, checker: Checker) -> None:
    checked = checker.check(Claim(text, (1, 2, 3)))
    assert not checked.holds and checked.claim.ids == ()


def test_a_judge_has_the_last_word(store: Store, embedder: Embedder) -> None:
    heard: list[tuple[str, str]] = []

    def judge(sentence: str, source: str) -> bool:
        heard.append((sentence, source))
        return False

    checker = Checker(EVIDENCE, store.analyzer, nearness(embedder), judge)
    assert not checker.check(Claim("工业总产值要达到3万亿元左右。", (1,))).holds
    assert checker.check(Claim("研发投入强度达到3.7%左右。", (1,))).support == "verbatim"
    assert len(heard) == 1 and heard[0][1] == EVIDENCE[0].text
