"""The MCP server, called by the SDK's own client over both transports."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from doors import HashEmbedder, WordRanker, write_corpus
from live import live, local, serving
from mcp import Client, MCPError, StdioServerParameters

from assistant.answer import Answer
from ui.state.records import Scope
from ui.wiring import Services

ROOT = Path(__file__).parents[1]
WITHOUT_MODEL = (
    "import sys, ui.wiring; from doors import HashEmbedder, WordRanker; from ui.cli import main; "
    "ui.wiring.open_model = lambda settings: HashEmbedder(); ui.wiring.open_settings_ranker = lambda settings: WordRanker(); sys.exit(main())"
)
Call = Callable[[Client], Awaitable[Any]]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with serving(tmp_path_factory.mktemp("mcp"), max_question_chars=50) as opened:
        yield opened


@pytest.fixture(scope="module")
def url(services: Services) -> Iterator[str]:
    with live(services) as address:
        yield address


def stdio(folder: Path) -> StdioServerParameters:
    """Return how to start ``zhengce mcp`` on the store in ``folder``."""
    path = f"{ROOT}{os.pathsep}{ROOT / 'tests'}"
    return StdioServerParameters(
        command=sys.executable,
        args=["-c", WITHOUT_MODEL, "--data", str(folder / "data"), "mcp"],
        env={"PYTHONPATH": path},
    )


@pytest.fixture(params=["http", "http, handshake", "stdio"])
def connected(request: pytest.FixtureRequest, url: str, services: Services) -> Callable[[Call], Any]:
    """Return a function that runs something with a client that is connected; of HTTP, both eras of the protocol."""
    way = request.param
    server: Any = stdio(services.settings.data_dir.parent) if way == "stdio" else f"{url}/mcp"

    def run(call: Call) -> Any:
        async def whole() -> Any:
            async with Client(server, mode="legacy" if "handshake" in way else "auto") as client:
                return await call(client)

        return asyncio.run(whole())

    return run


def test_every_tool_over_every_transport(connected: Callable[[Call], Any], services: Services) -> None:
    async def use(client: Client) -> list[Any]:
        listed = await client.list_tools()
        asked = await client.call_tool("ask", {"question": "第2条讲什么"})
        one = asked.structured_content["citations"][0]
        found = await client.call_tool("search", {"query": "社区工作者培训", "k": 2})
        place = {"document_id": one["document_id"], "locator": one["locator"]}
        read = await client.call_tool("read_unit", place)
        documents = await client.call_tool("list_documents", {})
        empty = await client.call_tool("ask", {"question": " "})
        return [listed, asked, found, read, documents, empty]

    listed, asked, found, read, documents, empty = connected(use)
    desk = ["check", "find", "targets", "diff", "evidence", "match"]
    assert [tool.name for tool in listed.tools] == ["ask", "search", "read_unit", "list_documents", *desk]
    assert not any(result.is_error for result in (asked, found, read, documents))
    answer = Answer.model_validate(asked.structured_content)
    assert answer.citations[0].task_number == 2
    assert asked.content[0].text.startswith(answer.answer)
    assert answer.citations[0].quote in asked.content[0].text
    assert found.structured_content["results"][0]["task_number"] == 3
    assert "重点任务3" in found.content[0].text
    assert read.structured_content["text"].strip() == answer.citations[0].quote
    assert read.structured_content["title"] in read.content[0].text
    (document,) = services.store.documents()
    assert [one["id"] for one in documents.structured_content["documents"]] == [document.id]
    assert documents.structured_content["documents"][0]["source"] == "方案.txt"
    assert empty.is_error
    assert "问题是空的" in empty.content[0].text


def test_the_log_knows_who_asked(url: str, services: Services) -> None:
    async def ask() -> Any:
        async with Client(f"{url}/mcp") as client:
            return await client.call_tool("ask", {"question": "第3条讲什么"})

    assert not asyncio.run(ask()).is_error
    entry = next(one for one in reversed(services.state.audit.list()) if one.question == "第3条讲什么")
    assert str(entry.owner).startswith("visitor:")


def used(services: Services, call: Call) -> Any:
    """Run ``call`` with a client in this process."""
    from ui.mcp_server import mcp_server

    async def whole() -> Any:
        async with Client(mcp_server(services)) as client:
            return await call(client)

    return asyncio.run(whole())


def test_tools_say_in_chinese_what_they_take(services: Services) -> None:
    listed = used(services, lambda client: client.list_tools())
    for tool in listed.tools:
        assert "一" <= tool.title[0] <= "鿿"
        assert tool.annotations.read_only_hint
        assert tool.output_schema["type"] == "object"
        assert tool.input_schema["additionalProperties"] is False
        for name, field in tool.input_schema["properties"].items():
            assert "一" <= field["description"][0] <= "鿿", name
            bounds = ("maxLength", "maxItems", "maximum", "minimum", "anyOf", "pattern")
            assert any(bound in field for bound in bounds), name


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("ask", {}, "缺少 question"),
        ("ask", {"question": "问" * 51}, "51.*50"),
        ("ask", {"question": "问" * 10_001}, "question 太长"),
        ("ask", {"question": "问", "kinds": ["secret"]}, "kinds"),
        ("ask", {"question": "问", "documents": ["none"]}, "none"),
        ("ask", {"question": "问", "since": "x"}, "日期"),
        ("ask", {"question": "问", "unknown": 1}, "没有 unknown 这一项"),
        ("ask", {"question": "问", "history": [{"role": "system", "content": "x"}]}, "history"),
        ("search", {"query": "问", "k": 51}, "k 不能大于 50"),
        ("search", {"query": "问", "k": 0}, "k 不能小于 1"),
        ("read_unit", {"document_id": "none"}, "none"),
        ("list_documents", {"limit": 201}, "limit 不能大于 200"),
        ("list_documents", {"offset": -1}, "offset 不能小于 0"),
    ],
)
def test_what_is_wrong_is_an_error_of_the_tool(
    tool: str, arguments: dict[str, Any], said: str, services: Services
) -> None:
    import re

    result = used(services, lambda client: client.call_tool(tool, arguments))
    assert result.is_error
    assert result.structured_content is None
    assert re.search(said, result.content[0].text)


def test_a_unit_is_found_by_locator_or_offset(services: Services) -> None:
    (document,) = services.store.documents()
    third = next(unit for unit in services.store.units(document.id) if unit.task_number == 3)
    for place in ({"locator": ["二", "（二）", "３"]}, {"start": third.start}, {"start": third.end - 1}):
        given = {"document_id": document.id, **place}
        result = used(services, lambda client, given=given: client.call_tool("read_unit", given))
        assert result.structured_content["ordinal"] == third.ordinal, place
    for place in ({"locator": ["九"]}, {"start": 10**9}, {}):
        given = {"document_id": document.id, **place}
        result = used(services, lambda client, given=given: client.call_tool("read_unit", given))
        assert result.is_error, place
        assert "没有这一条" in result.content[0].text


def test_limits_and_history_reach_the_assistant(services: Services) -> None:
    turns = [{"role": "user", "content": "第2条讲什么"}, {"role": "assistant", "content": "升级政务网络。"}]

    async def use(client: Client) -> list[Any]:
        followed = await client.call_tool("ask", {"question": "那第3条呢", "history": turns})
        limited = await client.call_tool("ask", {"question": "第2条讲什么", "kinds": ["news"]})
        nothing = await client.call_tool("search", {"query": "培训", "kinds": ["news"]})
        return [followed.structured_content, limited.structured_content, nothing]

    followed, limited, nothing = used(services, use)
    assert followed["citations"][0]["task_number"] == 3
    assert limited["status"] == "refused"
    assert nothing.content[0].text == "没有找到"


def test_an_unknown_tool_is_an_error_of_the_protocol(services: Services) -> None:
    async def use(client: Client) -> None:
        with pytest.raises(MCPError, match="ask, search"):
            await client.call_tool("shell", {})

    used(services, use)


def test_a_fault_is_told_without_its_inside(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the inside")

    monkeypatch.setattr(Services, "ask", fail)
    result = used(services, lambda client: client.call_tool("ask", {"question": "问"}))
    assert result.is_error
    assert "inside" not in result.content[0].text


# -- over HTTP ---------------------------------------------------------------------------------------------------------

HEADERS = {"accept": "application/json, text/event-stream"}
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}


@pytest.mark.parametrize("path", ["/mcp", "/mcp/"])
def test_the_address_has_it_with_and_without_a_slash(path: str, url: str) -> None:
    response = httpx.post(url + path, json=LIST, headers=HEADERS)
    assert response.status_code == 200
    assert "read_unit" in response.text


def test_only_messages_are_taken(url: str) -> None:
    for method in ("GET", "DELETE", "PUT"):
        refused = httpx.request(method, f"{url}/mcp", headers=HEADERS)
        assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
        assert refused.json()["error"]["code"] == "method_not_allowed"
    assert httpx.post(f"{url}/mcp", content=b"x", headers={**HEADERS, "content-type": "text/plain"}).status_code == 400


def test_a_message_has_a_limit(url: str, services: Services) -> None:
    large = b" " * (services.settings.max_body_bytes + 1)
    response = httpx.post(f"{url}/mcp", content=large, headers={**HEADERS, "content-type": "application/json"})
    assert response.status_code == 413


def test_keys_are_asked_for_asking(url: str, services: Services) -> None:
    for scope, status in ((Scope.ASK, 200), (Scope.READ, 403)):
        secret = services.state.keys.create(scope.value, [scope])[1]
        given = {**HEADERS, "authorization": f"Bearer {secret}"}
        assert httpx.post(f"{url}/mcp", json=LIST, headers=given).status_code == status
    assert httpx.post(f"{url}/mcp", json=LIST, headers={**HEADERS, "authorization": "Bearer zc_x"}).status_code == 401


def test_an_application_can_start_again(services: Services) -> None:
    client = local(services)
    for _ in range(2):
        with client:
            assert client.post("/mcp", json=LIST, headers=HEADERS).status_code == 200
    assert client.post("/mcp", json=LIST, headers=HEADERS).status_code == 500, "while it is not running"


# -- over standard input and output ------------------------------------------------------------------------------------


def test_standard_output_has_messages_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ui.cli import main

    monkeypatch.setattr("ui.wiring.open_model", lambda _settings: HashEmbedder())

    monkeypatch.setattr("ui.wiring.open_settings_ranker", lambda _settings: WordRanker())
    assert main(["--data", str(tmp_path / "data"), "ingest", str(write_corpus(tmp_path))]) == 0
    server = stdio(tmp_path)
    begin = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    sent = [
        {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": begin},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "list_documents", "arguments": {}}},
    ]
    with subprocess.Popen(
        [server.command, *server.args],
        env={**os.environ, **(server.env or {})},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        replies = []
        for message in sent:
            child.stdin.write(json.dumps(message).encode() + b"\n")
            child.stdin.flush()
            if "id" in message:
                replies.append(json.loads(child.stdout.readline()))
        child.stdin.close()
        assert child.stdout.read() == b""
        assert child.wait(30) == 0
        assert child.stderr.read() == b""
    assert [reply["id"] for reply in replies] == [0, 1]
    assert replies[0]["result"]["serverInfo"]["name"] == "zhengce"
    assert "共 1 份文档" in replies[1]["result"]["content"][0]["text"]
