"""The doors of the desk tools: commands, routes, the client in Python, MCP. What a tool finds is tested with the tool."""

import asyncio
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import docx
import pytest
from doors import POLICY, HashEmbedder, WordRanker, write_corpus
from fastapi.testclient import TestClient
from live import live, local, serving
from mcp import Client

from ingest.pipeline import ingest_paths
from ui.cli import main
from ui.client import ClientError, ZhengceClient
from ui.desk.desk import USED, Desk
from ui.desk.draft_files import read_draft, read_draft_at
from ui.mcp_desk import DESK_TOOLS
from ui.questions import Filters
from ui.settings import Settings
from ui.state.records import Scope
from ui.wiring import Services
from vectorstore.errors import DeskError, NotFoundError, ReadError, StoreEmptyError
from vectorstore.records import Kind

REPORT = """云溪社区工作者走进课堂

本报讯 记者王岚 5月6日,云溪市社区工作者技能培训班开班,今年计划培训社区工作者3000人次。

“学了就能用。”社区工作者李敏说。
"""
DRAFT = "到2028年，全市建成数字服务站120个。每年培训社区工作者5000人次。我市将建造一座航天发射场。"
SELF = "我们是一家做数字服务的企业，需要人才培训和补助。"
EDITION = POLICY.replace("120个", "150个").replace("每年培训社区工作者3000人次。", "每年培训社区工作者4000人次。")
BEGINS = {"json": b"{", "csv": b"\xef\xbb\xbf", "xlsx": b"PK", "html": b"<!", "docx": b"PK", "pdf": b"%PDF"}


def filled(services: Services, folder: Path) -> Services:
    """Add a report to the small corpus."""
    path = folder / "报道.txt"
    path.write_text(REPORT, encoding="utf-8")
    ingest_paths([path], services.store)
    return services


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("desk")
    with serving(folder, max_question_chars=60, max_draft_chars=500) as opened:
        yield filled(opened, folder)


@pytest.fixture(scope="module")
def client(services: Services) -> TestClient:
    return local(services)


@pytest.fixture(scope="module")
def ids(services: Services) -> dict[Kind, str]:
    return {document.kind: document.id for document in services.store.documents()}


def word(*paragraphs: str) -> bytes:
    """Return a DOCX."""
    file, out = docx.Document(), io.BytesIO()
    for text in paragraphs:
        file.add_paragraph(text)
    file.save(out)
    return out.getvalue()


def verdicts(checked: Any) -> list[str]:
    return [one["verdict"] for one in checked["sentences"]]


def quoted_exactly(value: Any, services: Services) -> int:
    """Return how many citations are somewhere in ``value``, after comparing each with its document."""
    if isinstance(value, list):
        return sum(quoted_exactly(one, services) for one in value)
    if not isinstance(value, dict):
        return 0
    if "quote" in value:
        text = services.store.document(value["document_id"]).text
        assert text[value["start"] : value["end"]] == value["quote"]
        return 1
    return sum(quoted_exactly(one, services) for one in value.values())


# -- what every door calls ---------------------------------------------------------------------------------------------


def test_what_is_given_is_bounded(services: Services) -> None:
    desk = Desk(services)
    for call, said in (
        (lambda: desk.check(" \n"), "草稿里没有文字"),
        (lambda: desk.check("字" * 501), "501.*500.*ZHENGCE_MAX_DRAFT_CHARS"),
        (lambda: desk.check("\ud800"), "无法显示的字符"),
        (lambda: desk.find(""), "没有要查的词"),
        (lambda: desk.find("字" * 201), "201.*200"),
        (lambda: desk.match(" "), "企业自述是空的"),
        (lambda: desk.match("字" * 61), "61.*60"),
    ):
        with pytest.raises(DeskError, match=said):
            call()


def test_filters_say_what_is_worked_on(services: Services, ids: dict[Kind, str]) -> None:
    desk, news = Desk(services), Filters(kinds=[Kind.NEWS])
    assert {one.kind for one in desk.find("社区工作者").exact} == {"policy", "news"}
    assert {one.kind for one in desk.find("社区工作者", news).exact} == {"news"}
    assert verdicts(desk.check("每年培训社区工作者3000人次。", Filters(since="2030")).model_dump()) == ["not_found"]
    assert desk.targets(filters=Filters(since="2030")).targets == []
    assert {one.citation.kind for one in desk.targets().targets} == {"policy"}
    named = desk.targets(ids[Kind.NEWS]).targets
    assert [one.citation.document_id for one in named] == [ids[Kind.NEWS]] * len(named)
    assert desk.targets(filters=Filters(documents=[ids[Kind.NEWS]])).targets == named
    with pytest.raises(NotFoundError, match="none"):
        desk.targets("none")
    with pytest.raises(NotFoundError, match="none"):
        desk.find("词", Filters(documents=["none"]))


def test_an_edition_that_is_superseded_can_be_named(tmp_path: Path) -> None:
    with serving(tmp_path) as services:
        first = services.store.documents()[0].id
        later = tmp_path / "新.txt"
        later.write_text(EDITION.replace("行动方案", "行动方案（征求意见稿）", 1), encoding="utf-8")
        ingest_paths([later], services.store)
        second = next(document.id for document in services.store.documents() if document.id != first)
        desk = Desk(services)
        old = first if services.store.standing(first).superseded_by else second
        assert services.store.standing(old).superseded_by
        assert desk.targets(old).targets
        assert {one.citation.document_id for one in desk.targets().targets} == {first, second} - {old}
        assert desk.evidence(policy=old).links == []
        assert desk.diff(first, second).counts


def test_nothing_indexed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ui.wiring import open_services

    monkeypatch.setattr("ui.wiring.open_model", lambda _settings: HashEmbedder())

    monkeypatch.setattr("ui.wiring.open_settings_ranker", lambda _settings: WordRanker())
    with open_services(Settings(data_dir=tmp_path), must_have_documents=False) as services:
        desk = Desk(services)
        for call in (lambda: desk.check("字"), lambda: desk.find("字"), desk.targets, desk.evidence):
            with pytest.raises(StoreEmptyError):
                call()


def test_use_is_noted_without_the_words_of_a_draft(services: Services) -> None:
    desk = Desk(services, "visitor:desk")
    desk.check("每年培训社区工作者3000人次，这是草稿里的秘密。")
    desk.find("政务网络")
    term, draft = [one for one in services.state.audit.list() if one.owner == "visitor:desk"][-2:][::-1]
    assert term.action == draft.action == USED
    assert "秘密" not in str(draft)
    assert term.question == "政务网络"


@pytest.mark.parametrize("name", ["草稿.docx", "没有后缀"])
def test_a_draft_is_read_whatever_its_format(name: str) -> None:
    draft = read_draft(word("关于数字服务", DRAFT), name, Settings())
    assert draft.text.splitlines() == ["关于数字服务", DRAFT]
    assert read_draft(DRAFT.encode("gb18030"), "稿.txt", Settings()).text == DRAFT


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    for data, name, said in (
        (b"PK\3\4 no zip", "坏.docx", "坏.docx"),
        (b"", "空.txt", "空.txt"),
        (b"x" * 2048, "大.txt", "大.txt"),
    ):
        with pytest.raises(ReadError, match=f"{said}.*"):
            read_draft(data, name, Settings(max_upload_bytes=1024))
    for path in (tmp_path / "none.txt", tmp_path):
        with pytest.raises(ReadError, match=re.escape(str(path))):
            read_draft_at(str(path), Settings())


# -- the command line --------------------------------------------------------------------------------------------------


class Result(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the small corpus and the report, which commands only read."""
    folder = tmp_path_factory.mktemp("commands")
    with serving(folder) as services:
        filled(services, folder)
    return folder / "data"


@pytest.fixture
def run(tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command on them in a folder with the policy and a draft."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ui.wiring.open_model", lambda _settings: HashEmbedder())
    monkeypatch.setattr("ui.wiring.open_settings_ranker", lambda _settings: WordRanker())
    write_corpus(tmp_path)
    Path("稿.txt").write_text(DRAFT, encoding="utf-8")

    def call(*arguments: object) -> Result:
        capsys.readouterr()
        code = main(["--data", str(data), *map(str, arguments)])
        return Result(code, *capsys.readouterr())

    return call


def test_check_command(run: Run) -> None:
    shown = run("check", "稿.txt")
    assert shown.code == 0
    assert "数字或名称不符" in shown.out
    checked = json.loads(run("check", "稿.txt", "--json").out)
    assert verdicts(checked) == ["verbatim", "altered", "not_found"]
    assert set(checked["sentences"][0]) == {"text", "verdict", "differences", "citation"}
    assert {"draft": "5000人次", "source": "3000人次"} in checked["sentences"][1]["differences"]
    assert run("check", "稿.txt", "--strict").code == 1
    Path("对.txt").write_text("每年培训社区工作者3000人次。", encoding="utf-8")
    assert run("check", "对.txt", "--strict").code == 0
    assert verdicts(json.loads(run("check", "对.txt", "--kind", "law", "--json").out)) == ["not_found"]


def test_check_reads_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for data in (DRAFT.encode(), word(DRAFT)):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
        assert verdicts(json.loads(run("check", "-", "--json").out)) == ["verbatim", "altered", "not_found"]


def test_find_command(run: Run) -> None:
    found = json.loads(run("find", "社区工作者", "--json", "--related", 0).out)
    assert set(found) == {"term", "exact", "related", "counts"}
    assert (found["term"], found["related"]) == ("社区工作者", [])
    assert found["counts"]["units"] == len(found["exact"]) >= 3
    assert "重点任务3" in run("find", "社区工作者").out
    assert run("find", "没有这个词呀", "--related", 0).code == 0


def test_targets_command(run: Run) -> None:
    ledger = json.loads(run("targets", "--json").out)["targets"]
    assert {"subject", "value", "unit", "comparator", "deadline", "task_number", "citation"} <= set(ledger[0])
    assert {(one["value"], one["unit"]) for one in ledger} >= {(120, "个"), (95, "%"), (3000, "人次")}
    document = ledger[0]["citation"]["document_id"]
    assert json.loads(run("targets", "--document", document, "--json").out)["targets"] == ledger
    assert "3000" in run("targets").out


def test_diff_command_reads_files_without_indexing_them(run: Run, tmp_path: Path) -> None:
    Path("新.txt").write_text(EDITION, encoding="utf-8")
    (policy, *_) = [one for one in json.loads(run("documents", "--json").out)["documents"] if one["kind"] == "policy"]
    of_files = run("diff", "方案.txt", "新.txt", "--json", "--data", tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()
    compared = json.loads(run("diff", policy["id"], "新.txt", "--json").out)
    assert compared["changes"] == json.loads(of_files.out)["changes"]
    assert compared["counts"]["targets"] >= 2
    assert len(json.loads(run("documents", "--json").out)["documents"]) == 2
    shown = run("diff", policy["id"], "新.txt").out
    assert "[-120-]{+150+}" in shown or "[-120个-]{+150个+}" in shown
    assert "政务网络" not in shown
    assert "升级政务网络" not in shown and "重点任务2" in run("diff", policy["id"], "新.txt", "--all").out
    both = "\n\n\n".join((POLICY, POLICY.replace("云溪市", "梧城市")))
    Path("两份.txt").write_text(both, encoding="utf-8")
    if len(read_draft_at("两份.txt", Settings()).documents) > 1:
        assert "两份.txt" in run("diff", policy["id"], "两份.txt").err


def test_evidence_and_match_commands(run: Run) -> None:
    found = json.loads(run("evidence", "--json").out)
    assert found["links"]
    assert (found["links"][0]["policy"]["kind"], found["links"][0]["news"]["kind"]) == ("policy", "news")
    assert "据报道" in run("evidence").out
    sheet = json.loads(run("match", SELF, "--json").out)
    cited = {one for section in sheet["sections"] for line in section["lines"] for one in line["citations"]}
    assert cited == {one["id"] for one in sheet["citations"]} != set()
    assert "适合的方向" in run("match", SELF).out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["check"], 2, "FILE"),
        (["check", "none.txt"], 1, "none.txt.*文件不存在"),
        (["check", "稿.txt", "--since", "x"], 2, "日期"),
        (["check", "稿.txt", "--output", "x.pdf"], 2, r"\.docx.*x\.pdf|\.docx.*\.pdf"),
        (["check", "稿.txt", "--output", "none/x.json"], 1, "none/x.json.*不存在"),
        (["find", " "], 2, "没有要查的词"),
        (["find", "词", "--related", "101"], 2, "--related"),
        (["find", "词", "--document", "none"], 1, "none"),
        (["targets", "--document", "none"], 1, "none"),
        (["diff", "none", "稿.txt"], 1, "none"),
        (["diff", "none"], 2, "NEW"),
        (["evidence", "--policy", "none"], 1, "none"),
        (["match", ""], 2, "企业自述是空的"),
    ],
)
def test_what_a_command_refuses(arguments: list[str], code: int, said: str, run: Run) -> None:
    result = run(*arguments)
    assert (result.code, result.out) == (code, "")
    (line,) = result.err.splitlines()
    assert re.search(said, line)


@pytest.mark.parametrize(
    ("command", "formats"),
    [
        (["check", "稿.txt"], ["docx", "xlsx", "csv", "json"]),
        (["find", "社区"], ["xlsx", "csv", "json"]),
        (["targets"], ["xlsx", "csv", "json"]),
        (["diff", "方案.txt", "稿.txt"], ["html", "docx", "json"]),
        (["evidence"], ["xlsx", "csv", "json"]),
        (["match", SELF], ["docx", "pdf", "json"]),
    ],
)
def test_a_result_as_a_file(command: list[str], formats: list[str], run: Run) -> None:
    for one in formats:
        result = run(*command, "--output", f"结果.{one}")
        assert (result.code, result.out) == (0, ""), result.err
        assert f"结果.{one}" in result.err
        data = Path(f"结果.{one}").read_bytes()
        assert data.lstrip().startswith(BEGINS[one]), one
        if BEGINS[one] == b"PK":
            assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None


# -- the API -----------------------------------------------------------------------------------------------------------


def refused(response: Any, status: int, code: str) -> str:
    assert response.status_code == status, response.text
    assert set(response.json()) == {"error"}
    assert response.json()["error"]["code"] == code
    said: str = response.json()["error"]["message"]
    assert re.search("[一-鿿]", said)
    return said


def routes(ids: dict[Kind, str]) -> list[tuple[str, str, dict[str, Any], list[str]]]:
    """How each route is used, and the formats that it has."""
    policy, report = ids[Kind.POLICY], ids[Kind.NEWS]
    return [
        ("POST", "check", {"json": {"text": DRAFT}}, ["docx", "xlsx", "csv"]),
        ("POST", "check/file", {"files": {"file": ("稿.docx", word(DRAFT))}}, ["docx", "xlsx", "csv"]),
        ("GET", "find", {"params": {"term": "社区工作者"}}, ["xlsx", "csv"]),
        ("GET", "targets", {"params": {"document": policy}}, ["xlsx", "csv"]),
        ("GET", "diff", {"params": {"old": policy, "new": report}}, ["html", "docx"]),
        ("GET", "evidence", {"params": {"policy": policy, "report": report}}, ["xlsx", "csv"]),
        ("POST", "match", {"json": {"description": SELF}}, ["docx", "pdf"]),
    ]


def test_every_route_answers_with_what_the_command_prints(
    client: TestClient, services: Services, ids: dict[Kind, str]
) -> None:
    answers = {}
    for method, path, sent, _formats in routes(ids):
        response = client.request(method, f"/api/v1/desk/{path}", **sent)
        assert response.status_code == 200, response.text
        answers[path] = response.json()
        assert quoted_exactly(answers[path], services), path
    assert answers["check"] == answers["check/file"] == Desk(services).check(DRAFT).model_dump(mode="json")
    assert verdicts(answers["check"]) == ["verbatim", "altered", "not_found"]
    assert answers["find"] == Desk(services).find("社区工作者").model_dump(mode="json")
    assert {one["citation"]["kind"] for one in answers["targets"]["targets"]} == {"policy"}


def test_every_route_has_files(client: TestClient, ids: dict[Kind, str]) -> None:
    described = client.get("/openapi.json").json()["paths"]
    for method, path, sent, formats in routes(ids):
        declared = described[f"/api/v1/desk/{path}"][method.lower()]["responses"]["200"]["content"]
        for one in formats:
            given = {**sent, "params": {**sent.get("params", {}), "format": one}}
            response = client.request(method, f"/api/v1/desk/{path}", **given)
            assert response.status_code == 200, response.text
            assert response.content.lstrip().startswith(BEGINS[one]), (path, one)
            assert response.headers["content-type"].partition(";")[0] in declared
            assert re.fullmatch(
                rf"attachment; filename\*=UTF-8''(%\w\w)+\.{one}", response.headers["content-disposition"]
            )
        given = {**sent, "params": {**sent.get("params", {}), "format": "exe"}}
        refused(client.request(method, f"/api/v1/desk/{path}", **given), 422, "invalid")


def test_a_marked_up_draft_is_the_file_that_was_sent(client: TestClient) -> None:
    sent = {"file": ("稿.docx", word("第一段没有句号", DRAFT))}
    marked = client.post("/api/v1/desk/check/file", files=sent, params={"format": "docx"})
    assert [one.text for one in docx.Document(io.BytesIO(marked.content)).paragraphs][:2] == ["第一段没有句号", DRAFT]


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "said"),
    [
        ("POST", "check", {"json": {}}, 422, "缺少 text"),
        ("POST", "check", {"json": {"text": " "}}, 422, "草稿里没有文字"),
        ("POST", "check", {"json": {"text": "字" * 501}}, 422, "501.*500"),
        ("POST", "check", {"json": {"text": "字", "filters": {"kind": "law"}}}, 422, "kind"),
        ("POST", "check", {"json": {"text": "字", "filters": {"documents": ["none"]}}}, 404, "none"),
        ("POST", "check/file", {}, 422, "file"),
        ("POST", "check/file", {"files": {"files": ("a.txt", b"x")}}, 422, "file"),
        ("POST", "check/file", {"data": {"file": "x"}}, 422, "file"),
        ("POST", "check/file", {"files": {"file": ("a.docx", b"PK\3\4")}}, 422, "a.docx"),
        ("POST", "check/file", {"files": {"file": ("a.txt", b"")}}, 422, "a.txt"),
        ("POST", "check/file", {"content": b"x", "headers": {"content-type": "multipart/form-data"}}, 422, "file"),
        ("GET", "find", {}, 422, "term"),
        ("GET", "find", {"params": {"term": " "}}, 422, "没有要查的词"),
        ("GET", "find", {"params": {"term": "字" * 201}}, 422, "term 太长"),
        ("GET", "find", {"params": {"term": "字", "related": 101}}, 422, "related"),
        ("GET", "targets", {"params": {"document": "none"}}, 404, "none"),
        ("GET", "targets", {"params": {"since": "x"}}, 422, "日期"),
        ("GET", "diff", {"params": {"old": "none"}}, 422, "new"),
        ("GET", "diff", {"params": {"old": "none", "new": "none"}}, 404, "none"),
        ("GET", "evidence", {"params": {"report": "none"}}, 404, "none"),
        ("POST", "match", {"json": {"description": "字" * 61}}, 422, "61.*60"),
    ],
)
def test_what_a_route_refuses(
    method: str, path: str, sent: dict[str, Any], status: int, said: str, client: TestClient
) -> None:
    code = "not_found" if status == 404 else "invalid"
    assert re.search(said, refused(client.request(method, f"/api/v1/desk/{path}", **sent), status, code))


def test_evidence_of_the_wrong_kind(client: TestClient, ids: dict[Kind, str]) -> None:
    response = client.get("/api/v1/desk/evidence", params={"policy": ids[Kind.NEWS]})
    refused(response, 422, "invalid")


def test_the_tools_need_the_scope_of_asking(tmp_path: Path) -> None:
    with serving(tmp_path, require_key=True) as services:
        asking, reading = (services.state.keys.create(scope.value, [scope])[1] for scope in (Scope.ASK, Scope.READ))
        client = local(services)
        for key, status in ((asking, 200), (reading, 403), ("zc_no", 401)):
            found = client.get("/api/v1/desk/targets", headers={"authorization": f"Bearer {key}"})
            assert found.status_code == status


# -- the client in Python ----------------------------------------------------------------------------------------------


def test_the_client_returns_what_the_tools_do(services: Services, ids: dict[Kind, str], tmp_path: Path) -> None:
    policy, report, desk = ids[Kind.POLICY], ids[Kind.NEWS], Desk(services)
    path = tmp_path / "稿.docx"
    path.write_bytes(word(DRAFT))
    with live(services) as url, ZhengceClient(url) as client:
        checked = client.desk.check(DRAFT)
        assert checked.model_dump() == desk.check(DRAFT).model_dump() == client.desk.check_file(path).model_dump()
        assert [DRAFT[one.start : one.end] for one in checked.sentences] == [one.text for one in checked.sentences]
        assert client.desk.find("社区", related=2) == desk.find("社区", related=2)
        only = Filters(kinds=[Kind.NEWS])
        assert client.desk.find("社区", filters=only) == desk.find("社区", only)
        assert client.desk.targets(policy) == desk.targets(policy)
        assert client.desk.targets() == desk.targets()
        assert client.desk.diff(policy, report) == desk.diff(policy, report)
        assert client.desk.evidence(report=report) == desk.evidence(report=report)
        assert client.desk.match(SELF) == desk.match(SELF)
        with pytest.raises(ClientError) as caught:
            client.desk.check("")
        assert (caught.value.code, caught.value.status) == ("invalid", 422)


# -- MCP ---------------------------------------------------------------------------------------------------------------


def called(services: Services, tool: str, arguments: dict[str, Any]) -> Any:
    from ui.mcp_server import mcp_server

    async def whole() -> Any:
        async with Client(mcp_server(services)) as client:
            return await client.call_tool(tool, arguments)

    return asyncio.run(whole())


def test_every_tool_over_mcp(services: Services, ids: dict[Kind, str]) -> None:
    policy, report = ids[Kind.POLICY], ids[Kind.NEWS]
    for tool, arguments, said in (
        ("check", {"text": DRAFT}, "数字或名称不符"),
        ("find", {"term": "社区工作者", "kinds": ["policy"]}, "重点任务3"),
        ("targets", {"document_id": policy}, "120个"),
        ("diff", {"old": policy, "new": report}, "云溪市推进数字服务行动方案"),
        ("evidence", {"policy": policy}, "据报道"),
        ("match", {"description": SELF}, "适合的方向"),
    ):
        result = called(services, tool, arguments)
        assert not result.is_error, result.content
        assert said in result.content[0].text, (tool, result.content[0].text)
        assert quoted_exactly(result.structured_content, services), tool
    assert len(DESK_TOOLS) == 6


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("check", {"text": ""}, "text"),
        ("check", {"text": "字" * 501}, "501.*500"),
        ("find", {"term": "字" * 201}, "term 太长"),
        ("find", {"term": "字", "related": 101}, "related 不能大于 100"),
        ("targets", {"document_id": "none"}, "none"),
        ("diff", {"old": "none", "new": "none"}, "none"),
        ("diff", {"old": "none"}, "缺少 new"),
        ("evidence", {"policy": "none"}, "none"),
        ("match", {"description": "字", "more": 1}, "没有 more 这一项"),
    ],
)
def test_what_is_wrong_with_a_call(tool: str, arguments: dict[str, Any], said: str, services: Services) -> None:
    result = called(services, tool, arguments)
    assert result.is_error
    assert re.search(said, result.content[0].text)
