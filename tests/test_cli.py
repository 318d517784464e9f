"""The command line: what goes where, what is said about bad input, and what holds at the edge of the process."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from doors import HashEmbedder, WordRanker, write_corpus

from assistant.answer import Answer, Sentence
from ui.cli import COMMANDS, build, main
from ui.output import harmless
from ui.streaming import answer_events, pieces
from ui.texts import HELP, PARTS, SAID
from vectorstore.records import Kind

ROOT = Path(__file__).parents[1]
QUESTION = "第2条讲什么"


class Result(NamedTuple):
    """What a run of a command left."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The whole of stdout as JSON."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """Stdout as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("ZHENGCE_"):
            monkeypatch.delenv(name)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command in an empty folder, with an embedder that needs no model."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ui.wiring.open_model", lambda _settings: HashEmbedder())
    monkeypatch.setattr("ui.wiring.open_settings_ranker", lambda _settings: WordRanker())

    def call(*arguments: object) -> Result:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Result(code, out, err)

    return call


@pytest.fixture
def filled(run: Run, tmp_path: Path) -> Run:
    """Return the same with the small corpus in ./data."""
    assert run("ingest", write_corpus(tmp_path)).code == 0
    return run


def complaint(result: Result, code: int) -> str:
    """Return the one line that a failed command left on stderr."""
    assert result.code == code
    assert result.out == ""
    lines = [line for line in result.err.splitlines() if line.startswith("错误：")]
    assert len(lines) == 1, result.err
    assert "Traceback" not in result.err
    return lines[0]


# -- help and usage ------------------------------------------------------------------------------------------------


def test_every_text_is_there_in_both_languages() -> None:
    assert sum(map(len, PARTS)) == len(SAID), "a text stands twice"
    for name, text in {**HELP, **SAID}.items():
        assert text.zh.strip(), name
        assert text.en.strip(), name
        fields = [sorted(re.findall(r"(?<!\{)\{(\w*)[:}]", words)) for words in text]
        assert fields[0] == fields[1], f"{name} has other variables in English"


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_in_both_languages(name: str, run: Run) -> None:
    group: Any = build("zh")
    parameters = (group.commands[name] if name else group).params
    for option, lang, usage in (("zh", "zh", "用法："), ("en", "en", "Usage: ")):
        shown = run(*([name] if name else []), "--help", "--lang", option)
        assert shown.code == 0
        assert usage in shown.out
        folded = re.sub(r"[\s│]", "", shown.out)
        assert re.sub(r"\s", "", HELP[name]._asdict()[lang]) in folded
        for parameter in parameters:
            text = HELP.get(f"{name}.{parameter.name}") or HELP[f".{parameter.name}"]
            assert re.sub(r"\s", "", text._asdict()[lang])[:8] in folded, parameter.name
        if lang == "zh":
            assert not re.search(r"Options|Arguments|Commands|Show this|required|default:", shown.out)


def test_help_without_a_command(run: Run) -> None:
    assert run().out == run("--help").out != ""


def test_language_from_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHENGCE_LANG", "en")
    assert "Usage:" in run("--help").out
    assert run("ask").err.startswith("Error: QUESTION is missing")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing"], "没有命令 nothing"),
        (["documnts"], "没有命令 documnts.*documents"),
        (["ask"], "缺少参数 QUESTION"),
        (["ask", "--jsn", "x"], "没有选项 --jsn.*--json"),
        (["ask", "x", "y"], "参数太多"),
        (["ask", "x", "--data"], "--data 缺少值"),
        (["eval", "x", "--min", "7"], "--min 的值无效"),
        (["ingest", "x", "--kind", "y"], "--kind 的值无效"),
        (["serve", "--port", "x"], "port.*命令行.*整数"),
        (["documents", "--config", "none.toml"], r"none\.toml.*文件不存在"),
        (["documents", "--lang", "fr"], "lang.*zh"),
    ],
)
def test_wrong_use_is_told_in_one_line(arguments: list[str], said: str, run: Run) -> None:
    assert re.search(said, complaint(run(*arguments), 2))


def test_unknown_setting_is_wrong_use(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHENGCE_DATADIR", "x")
    assert "ZHENGCE_DATA_DIR" in complaint(run("documents"), 2)


@pytest.mark.parametrize("place", ["before", "after"])
def test_shared_options_stand_before_and_after(place: str, filled: Run, tmp_path: Path) -> None:
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    (tmp_path / "mine.toml").write_text('data_dir = "none"', encoding="utf-8")
    shared = ["--data", "elsewhere", "--config", "mine.toml", "--lang", "en"]
    shown = filled(*shared, "documents") if place == "before" else filled("documents", *shared)
    assert shown.code == 0
    assert "Title" in shown.out


def test_option_after_the_command_beats_the_one_before(filled: Run) -> None:
    assert filled("--data", "none", "documents", "--data", "data").code == 0


# -- ingest, documents, units --------------------------------------------------------------------------------------


def test_ingest_reports_and_repeats(run: Run, tmp_path: Path) -> None:
    path = write_corpus(tmp_path)
    first = run("ingest", path, "--json")
    assert (first.code, first.json["documents"], first.json["failed"]) == (0, 1, 0)
    again = run("ingest", path)
    assert again.code == 0
    assert "没有变化" in again.out
    assert "跳过 1" in again.out


def test_ingest_goes_on_after_a_bad_file(run: Run, tmp_path: Path) -> None:
    good = write_corpus(tmp_path)
    (tmp_path / "坏.txt").write_bytes(b"\x00\x01\x02" * 100)
    report = run("ingest", tmp_path / "坏.txt", tmp_path / "无.txt", good)
    assert report.code == 1
    assert "失败 2" in report.out
    assert "文件不存在" in report.out
    assert run("documents", "--json").json["documents"][0]["title"] == "云溪市推进数字服务行动方案"


def test_ingest_prunes_what_is_gone(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "语料"
    folder.mkdir()
    path = write_corpus(folder)
    run("ingest", folder)
    path.unlink()
    assert "已移除" in run("ingest", folder, "--prune").out
    assert "ingest" in complaint(run("documents"), 1)


@pytest.mark.parametrize("kind", list(Kind))
def test_ingest_takes_the_kind(kind: Kind, run: Run, tmp_path: Path) -> None:
    run("ingest", write_corpus(tmp_path), "--kind", kind)
    assert run("documents", "--json").json["documents"][0]["kind"] == kind


def test_units_cover_the_text(filled: Run) -> None:
    (document,) = filled("documents", "--json").json["documents"]
    units = filled("units", "--document", document["id"], "--json").json["units"]
    assert units == filled("units", "--json").json["units"]
    assert sum(len(unit["text"]) for unit in units) <= document["counts"]["characters"]
    assert [unit["task_number"] for unit in units if unit["task_number"]] == [1, 2, 3]
    assert {"locator", "label", "heading_path", "start", "end", "page", "ordinal", "type"} < set(units[0])
    assert all(len(span) == 2 for unit in units for span in unit["sentences"])
    shown = filled("units").out
    assert all(unit["text"].strip() in shown for unit in units)


def test_unknown_document(filled: Run) -> None:
    assert "none" in complaint(filled("units", "--document", "none"), 1)


@pytest.mark.parametrize("command", [["documents"], ["units"], ["ask", "问"]])
def test_missing_data_folder_is_told_and_not_made(command: list[str], run: Run, tmp_path: Path) -> None:
    assert "zhengce ingest" in complaint(run(*command, "--data", tmp_path / "typo"), 1)
    assert not (tmp_path / "typo").exists()


# -- ask -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["documents", "units"])
def test_an_empty_index_is_json_too(command: str, run: Run, tmp_path: Path) -> None:
    for folder_is_there in (False, True):
        shown = run("--data", "new", command, "--json")
        assert (shown.code, shown.json) == (0, {command: []})
        assert (tmp_path / "new").exists() == folder_is_there
        (tmp_path / "new").mkdir(exist_ok=True)
    assert "还没有导入" in complaint(run("--data", "new", command), 1)


def test_ask_prints_the_answer_with_its_citations(filled: Run) -> None:
    shown = filled("ask", QUESTION)
    assert shown.code == 0
    assert "[1]" in shown.out
    answer = Answer.model_validate(filled("ask", QUESTION, "--json").json)
    assert answer.answer in shown.out
    for citation in answer.citations:
        assert citation.label in shown.out
        assert f"《{citation.title}》" in shown.out
        assert citation.quote in shown.out


def test_ask_streams_text_and_events(filled: Run) -> None:
    whole = filled("ask", QUESTION, "--json").json
    events = filled("ask", QUESTION, "--stream", "--json").lines
    assert [event["event"] for event in events][:2] == ["evidence", "token"]
    assert events[-1]["event"] == "final"
    assert without_times(events[-1]["data"]) == without_times(whole)
    assert "".join(event["data"]["text"] for event in events if event["event"] == "token") == whole["answer"]
    assert [event["data"] for event in events if event["event"] == "citation"] == whole["citations"]
    assert whole["answer"] in filled("ask", QUESTION, "--stream").out


def without_times(answer: dict[str, Any]) -> dict[str, Any]:
    return {**answer, "timings_ms": {}}


def test_ask_reads_the_history(filled: Run, tmp_path: Path) -> None:
    turns = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": "升级政务网络。"}]
    (tmp_path / "history.json").write_text(json.dumps(turns), encoding="utf-8-sig")
    answer = filled("ask", "那第3条呢", "--history", "history.json", "--json").json
    assert [citation["task_number"] for citation in answer["citations"]] == [3]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"not json", "JSON"),
        (b'{"role": "user"}', "数组"),
        (b'[{"role": "system", "content": "x"}]', r"0\.role"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"[" * 100_000, "JSON"),
        (None, "文件不存在"),
    ],
)
def test_bad_history(content: bytes | None, said: str, filled: Run, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "h.json").write_bytes(content)
    told = complaint(filled("ask", "问", "--history", "h.json"), 1)
    assert "h.json" in told
    assert re.search(said, told)


@pytest.mark.parametrize("question", ["", "  \n", "问" * 2001, "问" * 10_000_000])
def test_bad_question(question: str, run: Run) -> None:
    assert "问题" in complaint(run("ask", question), 2)


def test_limits_are_settings(filled: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHENGCE_MAX_QUESTION_CHARS", "3")
    assert "上限是 3 个" in complaint(filled("ask", QUESTION), 2)


def test_fault_is_one_line_and_a_trace_on_demand(filled: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("inside")

    monkeypatch.setattr("assistant.pipeline.Assistant.stream", fail)
    assert "--debug" in complaint(filled("ask", "问"), 1)
    assert "Traceback" in filled("ask", "问", "--debug").err


# -- batch ---------------------------------------------------------------------------------------------------------


def test_batch_keeps_order_and_goes_on_after_errors(filled: Run, tmp_path: Path) -> None:
    lines = [
        '{"id": 7, "question": "第1条讲什么"}'.encode(),
        b"",
        b"not json",
        b'{"id": "x"}',
        b'{"id": "y", "question": ""}',
        b"\xff",
        b"[1]",
        b'{"question": "' + b"x" * 5_000_000 + b'"}',
        b'{"id": null, "question": "\\ud800"}',
        '{"id": "z", "question": "第3条讲什么", "category": "not ours"}'.encode(),
    ]
    (tmp_path / "in.jsonl").write_bytes(b"\n".join(lines))
    done = filled("batch", "in.jsonl", "out.jsonl")
    assert (done.code, done.out) == (1, "")
    assert "共 9 行，失败 7 行" in done.err
    results = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [result["id"] for result in results] == [7, None, "x", "y", None, None, None, None, "z"]
    assert all(set(result) == {"id", "error"} for result in results[1:-1])
    assert "第 3 行" in results[1]["error"]
    for result, number in ((results[0], 1), (results[-1], 3)):
        assert Answer.model_validate(result).citations[0].task_number == number


def test_batch_without_errors(filled: Run, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(json.dumps({"id": 1, "question": QUESTION}), encoding="utf-8")
    assert filled("batch", "in.jsonl", "out.jsonl").code == 0


def test_batch_refuses_paths_that_cannot_be_meant(filled: Run, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"question": "x"}', encoding="utf-8")
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "in.jsonl")
    assert "同一个文件" in complaint(filled("batch", "in.jsonl", "in.jsonl"), 2)
    assert "同一个文件" in complaint(filled("batch", "in.jsonl", "link.jsonl"), 2)
    assert "不存在" in complaint(filled("batch", "in.jsonl", "no/out.jsonl"), 2)
    assert "不存在" in complaint(filled("batch", "no.jsonl", "out.jsonl"), 1)
    assert (tmp_path / "in.jsonl").read_text(encoding="utf-8") == '{"question": "x"}'


def test_batch_leaves_an_old_output_where_it_cannot_start(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"question": "x"}', encoding="utf-8")
    (tmp_path / "out.jsonl").write_text("old", encoding="utf-8")
    assert run("batch", "in.jsonl", "out.jsonl").code == 1
    assert (tmp_path / "out.jsonl").read_text(encoding="utf-8") == "old"


# -- eval ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    """One question that passes and one that cannot."""
    right = {"id": "a", "category": "wording", "question": QUESTION, "answerable": True, "gold_units": ["task:2"]}
    wrong = {**right, "id": "b", "category": "target", "gold_facts": ["这里没有的话"]}
    path = tmp_path / "gold.jsonl"
    path.write_text("\n".join(json.dumps(one) for one in (right, wrong)), encoding="utf-8")
    return path


def test_eval_scores_by_category(filled: Run, gold: Path) -> None:
    scores = filled("eval", gold, "--json").json
    assert scores["overall_pass"] == 0.5
    assert [(row["category"], row["pass"]) for row in scores["rows"]][:2] == [("wording", 1.0), ("target", 0.0)]
    shown = filled("eval", gold, "--failures")
    assert shown.code == 0
    assert "总通过率 0.500" in shown.out
    assert '"id": "b"' in shown.out
    assert '"id": "a"' not in shown.out


@pytest.mark.parametrize(("minimum", "code"), [("0.5", 0), ("0.51", 1), ("1", 1)])
def test_eval_fails_below_the_minimum(minimum: str, code: int, filled: Run, gold: Path) -> None:
    assert filled("eval", gold, "--min", minimum).code == code


def test_eval_names_the_bad_line(filled: Run, gold: Path) -> None:
    gold.write_text(gold.read_text(encoding="utf-8") + "\n{}\n", encoding="utf-8")
    assert "第 3 行" in complaint(filled("eval", gold), 1)


# -- what is shown -------------------------------------------------------------------------------------------------


def test_marks_that_turn_the_writing_do_not_reach_the_terminal(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "方案.txt"
    path.write_text("云溪市行动方案\n\n一、任务\n1.建设站点\u2066。到2027年\u202e建成3个。\n", encoding="utf-8")
    run("ingest", path)
    shown = run("units").out + run("ask", "第1条讲什么").out
    assert "2027年" in shown
    assert not set("\u2066\u202e") & set(shown)


def test_harmless_keeps_text() -> None:
    assert harmless("甲\n乙\tc🙂é") == "甲\n乙\tc🙂é"
    assert harmless("\x1b\x9b\x07\u2066") == "\ufffd" * 4


def answer_of(text: str, *sentences: str) -> Answer:
    return Answer(
        question="q",
        standalone_question="q",
        status="answered",
        answer=text,
        sentences=[Sentence(text=one, citations=[], support="supported") for one in sentences],
        citations=[],
        engine="extractive",
    )


@pytest.mark.parametrize(
    ("text", "sentences", "cut"),
    [
        ("甲。[1]乙。[2]", ["甲。", "乙。"], ["甲。[1]", "乙。[2]"]),
        ("甲。[1]\n甲。[2]", ["甲。", "甲。"], ["甲。[1]\n", "甲。[2]"]),
        ("据此：甲。[1]完", ["甲。"], ["据此：甲。[1]完"]),
        ("甲。乙。", ["甲。", "不在其中", "乙。"], ["甲。", "乙。"]),
        ("甲。", ["不在其中"], ["甲。"]),
        ("甲。", [], ["甲。"]),
    ],
)
def test_pieces_joined_are_the_answer(text: str, sentences: list[str], cut: list[str]) -> None:
    answer = answer_of(text, *sentences)
    assert [piece for piece, _ in pieces(answer)] == cut
    assert "".join(event.data["text"] for event in answer_events([answer]) if event.event == "token") == text


def test_a_growing_answer_is_sent_once() -> None:
    first, whole = answer_of("甲。[1]", "甲。"), answer_of("甲。[1]\n乙。[2]", "甲。", "乙。")
    events = list(answer_events([first, whole]))
    assert "".join(event.data["text"] for event in events if event.event == "token") == whole.answer
    assert [event.event for event in events][0 :: len(events) - 1] == ["evidence", "final"]


# -- the edge of the process ---------------------------------------------------------------------------------------

WITHOUT_MODEL = (
    "import sys, ui.wiring; from doors import HashEmbedder, WordRanker; from ui.cli import main; "
    "ui.wiring.open_model = lambda settings: HashEmbedder(); ui.wiring.open_settings_ranker = lambda settings: WordRanker(); sys.exit(main())"
)
COMMAND = [sys.executable, "-m", "ui.cli"]


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("ZHENGCE_", "LC_", "LANG"))}
    return subprocess.run(
        [*COMMAND, *arguments],
        env={**inherited, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "locale",
    [{"LANG": "C"}, {"LC_ALL": "C"}, {"LC_ALL": "POSIX", "PYTHONIOENCODING": "ascii"}, {"PYTHONCOERCECLOCALE": "0"}],
)
def test_output_is_utf8_in_any_locale(locale: dict[str, str]) -> None:
    done = process("--help", **locale)
    assert done.returncode == 0
    assert "政策问答" in done.stdout.decode("utf-8")
    failed = process("ask", "", **locale)
    assert failed.returncode == 2
    assert failed.stdout == b""
    assert "问题是空的" in failed.stderr.decode("utf-8")


def test_words_that_are_not_utf8_are_shown_all_the_same() -> None:
    done = subprocess.run(
        [*map(os.fsencode, COMMAND), b"\xff\xfe"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    assert "没有命令" in done.stderr.decode("utf-8")


HEAVY = ("torch", "sentence_transformers", "chromadb", "gradio", "fastapi", "jieba", "numpy", "uvicorn", "sqlalchemy")


def test_help_loads_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "ui.cli", "ask", "--help"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.decode().splitlines()}
    assert "typer" in loaded
    assert not loaded & set(HEAVY)


def test_help_is_quick() -> None:
    times = []
    for _ in range(5):
        started = time.perf_counter()
        process("--help")
        times.append(time.perf_counter() - started)
    assert min(times) < 0.5


@pytest.mark.parametrize("command", [["documents"], ["units"], ["documents", "--json"]])
def test_reader_that_goes_away_is_no_fault(command: list[str], filled: Run, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WITHOUT_MODEL, *command],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait(30) == 141


@pytest.fixture
def waiting(filled: Run, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Yield a batch that waits for its standard input."""
    with subprocess.Popen(
        [sys.executable, "-c", WITHOUT_MODEL, "batch", "-", "-"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        yield child
        child.kill()


def test_batch_answers_each_line_as_it_comes(waiting: subprocess.Popen[bytes]) -> None:
    assert waiting.stdin is not None
    assert waiting.stdout is not None
    for number in (1, 2):
        waiting.stdin.write(json.dumps({"id": number, "question": f"第{number}条讲什么"}).encode() + b"\n")
        waiting.stdin.flush()
        result = json.loads(waiting.stdout.readline())
        assert (result["id"], result["citations"][0]["task_number"]) == (number, number)
    waiting.stdin.close()
    assert waiting.stdout.read() == b""
    assert waiting.wait(30) == 0


def test_ctrl_c_ends_quietly(waiting: subprocess.Popen[bytes]) -> None:
    assert waiting.stdin is not None
    assert waiting.stdout is not None
    assert waiting.stderr is not None
    waiting.stdin.write(b'{"id": 1, "question": "\xe9\x97\xae"}\n')
    waiting.stdin.flush()
    waiting.stdout.readline()
    waiting.send_signal(signal.SIGINT)
    assert waiting.wait(30) == 130
    assert b"Traceback" not in waiting.stderr.read()


# -- serve ---------------------------------------------------------------------------------------------------------


def test_serve_answers_until_it_is_stopped(filled: Run, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WITHOUT_MODEL, "serve", "--port", "0"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        try:
            shown = next(line for line in child.stderr if "/docs" in line)
            found = re.search(r"http://127\.0\.0\.1:\d+", shown)
            assert found
            assert until_answered(found[0] + "/healthz")["documents"] == 1
            port = found[0].rpartition(":")[2]
            assert f"{port}（端口已被占用）" in complaint(filled("serve", "--port", port), 1)
        finally:
            child.send_signal(signal.SIGINT)
        assert child.wait(30) == 130
        assert child.stdout.read() == ""
        assert "Traceback" not in child.stderr.read()


def until_answered(address: str) -> Any:
    """Return what ``address`` answers, once it does."""
    for _ in range(100):
        try:
            return httpx.get(address).raise_for_status().json()
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"nothing at {address}")


def test_serve_warns_of_open_addresses(filled: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.commands_service._run", lambda services, listener: None)
    assert "没有登录保护" in filled("serve", "--host", "0.0.0.0", "--port", "0", "--open").err
    assert filled("serve", "--port", "0").err == ""


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "127.example.org"])
def test_serve_refuses_to_stand_open_by_mistake(host: str, run: Run, tmp_path: Path) -> None:
    said = complaint(run("serve", "--host", host, "--port", "0"), 2)
    for mend in ("ZHENGCE_SIGN_IN=true", "ZHENGCE_REQUIRE_KEY=true", "zhengce keys create", "--open", "ZHENGCE_OPEN"):
        assert mend in said
    assert not (tmp_path / "data").exists()


def test_serve_with_keys_says_that_there_are_none(filled: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.commands_service._run", lambda services, listener: None)
    monkeypatch.setenv("ZHENGCE_REQUIRE_KEY", "true")
    assert "zhengce keys create" in filled("serve", "--host", "0.0.0.0", "--port", "0").err
    assert filled("keys", "create", "甲").code == 0
    assert filled("serve", "--host", "0.0.0.0", "--port", "0").err == ""


def test_serve_starts_without_documents(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.commands_service._run", lambda services, listener: None)
    started = run("serve", "--port", "0")
    assert started.code == 0
    assert "zhengce ingest" in started.err
