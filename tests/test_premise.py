"""What a question takes for granted: places, results, claims."""

import pytest

from assistant.premise import place_elsewhere, supposes, wants_result
from vectorstore.records import Document, Kind

PLAN = Document("d", "方案", Kind.POLICY, None, None, None, "a.txt", "到2027年,吞吐量达到2000万箱。去年的经验要总结。")


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("深圳给硕士补多少房租？", "深圳"), ("请问和成都比起来呢", "成都"), ("我们厂在苏州，想搬过来", None), ("我从上海来，能落户吗", None),
        ("南京人去你们那看病能报销吗", None), ("杭州一家软件公司想迁过去", None), ("北京的项目怎么承接", None),
    ],
)  # fmt: skip
def test_a_place_that_the_sources_do_not_know(question: str, place: str | None) -> None:
    assert place_elsewhere(question, lambda name: name == "北京") == place


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("港口实际装卸了多少箱？", True),
        ("年实际使用外资多少？", False),
        ("吞吐量要达到多少？", False),
        ("去年达到多少", False),
    ],
)
def test_a_plan_does_not_say_what_came_of_it(question: str, wanted: bool) -> None:
    assert wants_result(question, PLAN) is wanted


@pytest.mark.parametrize(
    ("question", "claim"),
    [
        ("方案是不是说要把机场搬走？", True),
        ("听说要取消收费，是吗？", True),
        ("机场怎么扩建？", False),
        ("是不是能报销", False),
    ],
)
def test_a_claim_put_to_the_sources(question: str, claim: bool) -> None:
    assert supposes(question) is claim
