"""Answers in a model's words: over the real HTTP client, against a scripted endpoint; nothing unchecked comes through."""

import asyncio
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from llm_server import ScriptedServer, scripted_server

from assistant.answer import Answer, Turn
from assistant.chain import AnswerChain, Asked
from assistant.claims import Claim
from assistant.language_model import remote_model
from assistant.nearness import nearness
from assistant.pipeline import Assistant
from assistant.ranker import Ranker
from assistant.writer import REFUSAL, Writer, grammar, read_claims, without_echo
from ingest.pipeline import ingest_paths
from prompts import load_prompts
from vectorstore.embedding import Embedder
from vectorstore.errors import LanguageModelError
from vectorstore.store import Store

QUESTION = "首次升规的工业企业能得到什么支持？"


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server(lambda _body: "来源中没有。") as running:
        yield running


@pytest.fixture
def assistant(server: ScriptedServer, store: Store, embedder: Embedder, ranker: Ranker) -> Assistant:
    model = remote_model(server.base_url, "scripted", "sk-secret", timeout=20)
    return Assistant(
        store,
        embedder,
        ranker,
        Writer(model, store, nearness(embedder), capable=True),
        engine="llm",
        cached_answers=8,
    )


def sentences(body: dict[str, object]) -> dict[int, str]:
    """The numbered evidence of a request."""
    last = body["messages"][-1]["content"]  # type: ignore[index]
    return {int(n): text for n, text in re.findall(r"^\[(\d+)\] (.+)$", last, flags=re.MULTILINE)}


def holding(body: dict[str, object], word: str) -> int:
    return next(n for n, text in sentences(body).items() if word in text)


def check(answer: Answer, store: Store) -> None:
    for citation in answer.citations:
        assert store.document(citation.document_id).text[citation.start : citation.end] == citation.quote
    used = {n for sentence in answer.sentences for n in sentence.citations}
    assert used == {c.id for c in answer.citations} == set(map(int, re.findall(r"\[(\d+)\]", answer.answer)))


def test_a_checked_sentence_leads_and_the_quotes_stand_behind(
    assistant: Assistant, server: ScriptedServer, store: Store
) -> None:
    server.reply = lambda body: f"首次升规的工业企业可连续三年得到技术改造贷款贴息[{holding(body, '首次升规')}]。"
    answer = assistant.ask(QUESTION)
    check(answer, store)
    assert answer.sentences[0].text.endswith("》，首次升规的工业企业可连续三年得到技术改造贷款贴息。")
    assert answer.citations[0].title in answer.sentences[0].text, "of two policies the one that says it is named"
    assert answer.sentences[0].support == "supported" and answer.sentences[0].citations == [1]
    assert answer.engine.startswith("llm:scripted#") and load_prompts("answer")["system"].digest in answer.engine
    assert server.keys == ["Bearer sk-secret"]
    assert server.asked[0]["temperature"] == 0


def test_altered_figures_swapped_ids_and_claims_of_its_own_do_not_come_through(
    assistant: Assistant, server: ScriptedServer, store: Store
) -> None:
    def reply(body: dict[str, object]) -> str:
        right = holding(body, "首次升规")
        wrong = next(n for n in sentences(body) if n != right)
        return (
            f"首次升规的工业企业可连续五年得到技术改造贷款贴息[{right}]。企业还可获得500万元奖励[{right}]。"
            f"首次升规的工业企业可连续三年得到技术改造贷款贴息[{wrong}][77]。"
        )

    server.reply = reply
    trace = assistant.trace(QUESTION)
    check(trace.answer, store)
    assert (trace.written, trace.dropped) == (3, 2)
    assert "五年" not in trace.answer.answer and "500" not in trace.answer.answer
    assert "首次升规" in trace.answer.citations[trace.answer.sentences[0].citations[0] - 1].quote


def test_the_quotes_take_over_and_say_so(assistant: Assistant, server: ScriptedServer, store: Store) -> None:
    server.reply = lambda _body: "企业可获得500万元奖励[1]。"
    answer = assistant.ask(QUESTION)
    check(answer, store)
    assert answer.engine == "extractive" and answer.answer.startswith("语言模型的回答没有通过逐句核对")
    assert "首次升规" in answer.answer


def test_a_refusal_is_heeded_and_names_the_nearest(assistant: Assistant, server: ScriptedServer, store: Store) -> None:
    answer = assistant.ask(QUESTION)
    check(answer, store)
    assert answer.status == "refused" and answer.nearest and not answer.citations


@pytest.mark.parametrize("status", [401, 500])
def test_an_endpoint_that_fails_leaves_the_quotes(
    status: int, assistant: Assistant, server: ScriptedServer, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    server.reply = lambda _body: status
    answer = assistant.ask(QUESTION)
    check(answer, store)
    assert answer.answer.startswith("语言模型暂时不可用") and answer.engine == "extractive"
    server.reply = lambda body: f"首次升规的工业企业可连续三年得到技术改造贷款贴息[{holding(body, '首次升规')}]。"
    assert assistant.ask(QUESTION).engine.startswith("llm:"), "a failure is not kept"
    assert "sk-secret" not in caplog.text and "秘密" not in caplog.text


def test_nobody_there_is_one_error_that_names_the_mend() -> None:
    with pytest.raises(LanguageModelError, match="zhengce doctor"):
        remote_model("http://127.0.0.1:9/v1", "m", None, timeout=2).say([("human", "在吗")])


@pytest.mark.parametrize(
    "question", ["重点任务26的原文是什么？", "哪些任务提到“链主企业”？", "云州现在一共有多少常住人口？"]
)
def test_wording_lists_and_refusals_never_reach_a_model(
    question: str, assistant: Assistant, server: ScriptedServer, store: Store
) -> None:
    check(assistant.ask(question), store)
    assert server.asked == []


def test_the_stream_only_grows_and_its_ids_are_those_of_the_answer(
    assistant: Assistant, server: ScriptedServer, store: Store
) -> None:
    server.reply = lambda body: (
        f"首次升规的工业企业可连续三年得到技术改造贷款贴息[{holding(body, '首次升规')}]。凭空的一句[1]。"
        f"{next(t for n, t in sentences(body).items() if n != holding(body, '首次升规'))}"
    )
    grown = [trace.answer for trace in assistant.stream(QUESTION)]
    assert len(grown) > 1
    for before, after in pairwise(grown):
        check(before, store)
        assert after.answer.startswith(before.answer)
        assert after.citations[: len(before.citations)] == before.citations
    assert grown[-1].answer == assistant.ask(QUESTION).answer


def test_an_answer_is_kept_until_the_index_changes(
    server: ScriptedServer, embedder: Embedder, samples_dir: Path, tmp_path: Path, ranker: Ranker
) -> None:
    server.reply = lambda body: f"首次升规的工业企业可连续三年得到技术改造贷款贴息[{holding(body, '首次升规')}]。"
    with Store.open(tmp_path, embedder) as store:
        ingest_paths([samples_dir / "yunzhou_page.txt"], store)
        writer = Writer(remote_model(server.base_url, "m", None), store, nearness(embedder))
        assistant = Assistant(store, embedder, ranker, writer, engine="llm", cached_answers=2)
        first, again = assistant.ask(QUESTION), assistant.ask(QUESTION)
        assert first.answer == again.answer and len(server.asked) == 1 and "cache" in again.timings_ms
        extra = tmp_path / "通知.txt"
        extra.write_text("测试通知\n\n一、要求\n\n1.做好宣传。每月一次。\n\n2.做好总结。\n", encoding="utf-8")
        ingest_paths([extra], store)
        assistant.ask(QUESTION)
        assert len(server.asked) == 2
        Assistant(store, embedder, ranker, writer, engine="llm").ask(QUESTION)
        assert len(server.asked) == 3, "off by a switch"


def test_the_chain_is_a_runnable(assistant: Assistant, server: ScriptedServer, store: Store) -> None:
    server.reply = lambda body: f"首次升规的工业企业可连续三年得到技术改造贷款贴息[{holding(body, '首次升规')}]。"
    chain = AnswerChain(assistant)
    whole = chain.invoke(QUESTION)
    check(whole, store)
    assert chain.invoke({"question": QUESTION}).answer == whole.answer
    assert [one.answer for one in chain.batch([QUESTION, Asked(question=QUESTION)])] == [whole.answer] * 2
    assert list(chain.stream(QUESTION))[-1].answer == whole.answer

    async def twins() -> tuple[Answer, list[Answer]]:
        return await chain.ainvoke(QUESTION), [one async for one in chain.astream(QUESTION)]

    alone, grown = asyncio.run(twins())
    assert alone.answer == grown[-1].answer == whole.answer
    assert (chain | (lambda answer: answer.status)).invoke(QUESTION) == "answered"


def test_a_followup_is_condensed_only_where_the_model_adds_nothing(
    assistant: Assistant, server: ScriptedServer
) -> None:
    history = [Turn(role="user", content=QUESTION), Turn(role="assistant", content="连续三年贴息。（重点任务4）")]
    server.reply = lambda body: (
        "首次升规的工业企业贴息几年？" if "最后一个问题" in body["messages"][-1]["content"] else "来源中没有。"
    )
    assert assistant.ask("还有呢，贴几年？", history).standalone_question == "首次升规的工业企业贴息几年？"
    server.reply = lambda body: (
        "贴息是不是500万元？" if "最后一个问题" in body["messages"][-1]["content"] else "来源中没有。"
    )
    assert "500" not in assistant.ask("还有呢，贴几年？", history).standalone_question


@pytest.mark.parametrize(
    ("said", "claims"),
    [
        ("第一句[1]。第二句。[2][3]", [Claim("第一句。", (1,)), Claim("第二句。", (2, 3))]),
        ("一句【1，2】。", [Claim("一句。", (1, 2))]),
        ("没有标记的一句。", [Claim("没有标记的一句。", ())]),
        ("来源中没有。", [REFUSAL]),
        ("", []),
        ("。。\n\n", []),
        ("半句[", [Claim("半句[。", ())]),
    ],
)
def test_reading_what_a_model_writes(said: str, claims: list[Claim]) -> None:
    assert list(read_claims(iter([said]))) == claims
    assert list(read_claims(iter(said))) == claims, "cut anywhere, it reads the same"


def test_what_the_asker_said_is_no_answer() -> None:
    asked = "我们是一家软件公司，想搬过来，能得到哪些扶持？"
    assert without_echo("我们是一家软件公司，想搬过来，可得到金融服务等支持。", asked) == "可得到金融服务等支持。"
    assert without_echo("可得到金融服务等支持。", asked) == "可得到金融服务等支持。"


def test_the_grammar_offers_the_ids_and_the_refusal() -> None:
    written = grammar(2)
    assert '"[1]" | "[2]"' in written and load_prompts("answer")["refusal"].text in written
