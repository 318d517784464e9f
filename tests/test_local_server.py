"""The local language model's server: a child process that starts when needed, and ends when its parent does."""

import gc
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from assistant import local_model, local_server, local_trial
from assistant.local_model import QWEN
from assistant.local_server import LocalServer
from assistant.local_trial import try_out
from ui.cli import main
from vectorstore.errors import LanguageModelError

ROOT = Path(__file__).resolve().parents[1]
REAL = Path(os.environ.get("LANGUAGE_TEST_MODEL") or ROOT / "models" / QWEN.name)

FAKE = """
import json, os, signal, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Whatever:
    pass

class CommonParams:
    def __init__(self):
        self.model, self.cpuparams, self.cpuparams_batch = Whatever(), Whatever(), Whatever()

class Server:
    def __init__(self, params):
        told = {"context": params.n_ctx, "threads": params.cpuparams.n_threads, "policy": os.environ["OMP_WAIT_POLICY"]}

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                known = self.headers["Authorization"] == f"Bearer {params.api_keys[0]}"
                answer = ANSWER or json.dumps(told)
                reply = {"choices": [{"message": {"content": answer}}],
                         "timings": {"prompt_per_second": 20.0, "predicted_per_second": 10.0}}
                body = json.dumps(reply).encode()
                self.send_response(200 if known else 401)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        print("a line on stdout", flush=True)
        print(f"the key is {params.api_keys[0]}", file=sys.stderr, flush=True)
        BEHAVIOUR
        server = ThreadingHTTPServer((params.hostnames[0], params.port), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.listening_address = f"http://127.0.0.1:{server.server_port}"
"""

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return a function that puts a stand-in for xllamacpp where the child finds it first."""
    folder = tmp_path / "packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))

    def write(behaviour: str = "", answer: str = "12个[1]") -> None:
        source = FAKE.replace("BEHAVIOUR", behaviour).replace("ANSWER", repr(answer))
        (folder / "xllamacpp.py").write_text(source, encoding="utf-8")

    write()
    return write


@pytest.fixture
def server(install: Install, tmp_path: Path) -> Iterator[LocalServer]:
    """A server of nothing, not yet started."""
    with LocalServer(tmp_path / "tiny.gguf", threads=3, context=1024) as one:
        yield one


def child(server: LocalServer) -> int:
    """Return the process id of the server's child."""
    assert server._child is not None
    return server._child._process.pid


def gone(pid: int, seconds: float = 10.0) -> bool:
    """Whether the process ends within the time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
        except OSError:
            return True
        if state == "Z":  # ended; whoever inherited it has not asked yet
            return True
        time.sleep(0.02)
    return False


# -- life ----------------------------------------------------------------------------------------------------------


def test_starts_at_first_use_and_only_once(server: LocalServer) -> None:
    assert server._child is None
    with ThreadPoolExecutor(8) as pool:
        urls = set(pool.map(lambda _: server.base_url, range(8)))
    assert len(urls) == 1
    assert urls.pop().startswith("http://127.0.0.1:")
    assert 0 < server.load_seconds < 60


def test_settings_reach_the_child(install: Install, server: LocalServer) -> None:
    install(answer="")
    reply = local_trial._post(server, {})
    told = json.loads(reply["choices"][0]["message"]["content"])
    assert told == {"context": 1024, "threads": 3, "policy": "passive"}


def test_close_ends_the_child_and_the_next_use_starts_another(server: LocalServer) -> None:
    server.start()
    first = child(server)
    server.close()
    assert gone(first, 0.1)
    server.start()
    assert child(server) != first
    server.close()
    server.close()


def test_forgotten_server_ends(install: Install, tmp_path: Path) -> None:
    server = LocalServer(tmp_path / "tiny.gguf")
    server.start()
    pid = child(server)
    del server
    gc.collect()
    assert gone(pid, 0.1)


def test_server_that_was_killed_starts_again_at_its_port(server: LocalServer) -> None:
    url = server.base_url
    os.kill(child(server), signal.SIGKILL)
    assert gone(child(server))
    assert server.base_url == url
    assert try_out(server).answer == "12个[1]"


def test_child_ends_when_its_parent_is_killed(install: Install, tmp_path: Path) -> None:
    script = (
        "import pathlib, time\nfrom assistant.local_server import LocalServer\n"
        "server = LocalServer(pathlib.Path('tiny.gguf'))\nserver.start()\n"
        "print(server._child._process.pid, flush=True)\ntime.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=ROOT) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert Path(f"/proc/{pid}").exists()
        parent.kill()
    assert gone(pid)


# -- the key -------------------------------------------------------------------------------------------------------


def test_key_is_in_no_command_line_environment_or_log(server: LocalServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.start()
    time.sleep(0.1)
    assert len(server.api_key) > 30
    for name in ("cmdline", "environ"):
        assert server.api_key.encode() not in Path(f"/proc/{child(server)}/{name}").read_bytes()
    assert "the key is ***" in caplog.text
    assert server.api_key not in caplog.text
    assert server.api_key not in repr(server)


def test_nothing_is_shown_of_the_log(server: LocalServer, capfd: pytest.CaptureFixture[str]) -> None:
    try_out(server)
    assert capfd.readouterr() == ("", "")


# -- what goes wrong -----------------------------------------------------------------------------------------------


def test_missing_package_names_the_extra(server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_server, "find_spec", lambda _name: None)
    with pytest.raises(LanguageModelError, match=r"缺少 xllamacpp.*pip install 'zhengce\[local\]'"):
        server.start()


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        ("raise RuntimeError('no such tensor')", "RuntimeError: no such tensor"),
        ("raise ImportError('libgomp.so.1: cannot open')", "ImportError: libgomp.so.1: cannot open"),
        ("print('the last words', file=sys.stderr, flush=True); os._exit(7)", "the last words"),
        (
            "print('0.00.1 E llama: model is corrupted\\n0.00.2 E srv: exiting', file=sys.stderr); sys.exit(1)",
            "llama: model is corrupted",
        ),
        ("os.kill(os.getpid(), signal.SIGKILL)", r"the key is \*\*\*"),
    ],
)
def test_child_that_dies_leaves_its_words(behaviour: str, said: str, install: Install, server: LocalServer) -> None:
    install(behaviour)
    with pytest.raises(LanguageModelError, match=f"tiny.gguf 启动失败：{said}；请运行 zhengce llm setup"):
        server.start()
    assert server._child is None
    install()
    server.start()


def test_child_that_dies_without_a_word(install: Install, server: LocalServer, tmp_path: Path) -> None:
    (tmp_path / "packages" / "xllamacpp.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(LanguageModelError, match="被信号 9 终止，可能是内存不足"):
        server.start()


def test_child_that_is_not_ready_in_time(install: Install, tmp_path: Path) -> None:
    install("time.sleep(60)")
    server = LocalServer(tmp_path / "tiny.gguf", start_seconds=0.5)
    with pytest.raises(LanguageModelError, match=r"tiny.gguf 在 0\.5 秒内没有就绪"):
        server.start()
    assert server._child is None


@pytest.mark.parametrize(
    ("answer", "behaviour", "said"),
    [
        ("来源中没有", "", "没有按资料回答（来源中没有）"),
        ("12", "params.api_keys = ['other']", r"拒绝了请求（401）"),
        ("12", "Handler.do_POST = lambda self: os._exit(1)", "没有回答"),
    ],
)
def test_trial_that_fails(answer: str, behaviour: str, said: str, install: Install, server: LocalServer) -> None:
    install(behaviour, answer)
    with pytest.raises(LanguageModelError, match=said):
        try_out(server)


# -- the command ---------------------------------------------------------------------------------------------------


@pytest.fixture
def own_model(install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that passes for a model, in an empty working directory."""
    for name in list(os.environ):
        if name.startswith("ZHENGCE_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ui.commands_llm.version", lambda _name: "2026.1")
    path = tmp_path / "own.gguf"
    path.write_bytes(b"GGUF" + bytes(1_000_000))
    return path


def test_setup_tries_a_model_of_ones_own(own_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["llm", "setup", "--model", str(own_model), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told.pop("load_seconds") > 0
    assert told.pop("answer_seconds") >= 0
    assert told == {
        "model": str(own_model),
        "bytes": 1_000_004,
        "fetched": False,
        "answer": "12个[1]",
        "read_tokens_per_second": 20.0,
        "tokens_per_second": 10.0,
    }


def test_setup_for_people(own_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["llm", "setup", "--model", str(own_model)]) == 0
    out, err = capsys.readouterr()
    assert f"模型已就绪：{own_model}" in out
    assert "写 10.0 个词元" in out
    assert f"ZHENGCE_LOCAL_MODEL={own_model}" in err
    assert "ZHENGCE_ENGINE=local" in err


def test_setup_fetches_the_embedded_model_first(
    own_model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def build(out: Path, progress: Callable[[int, int], None]) -> bool:
        out.parent.mkdir()
        own_model.rename(out)
        for done in range(3):
            progress(done, 2)
        return True

    monkeypatch.setattr(local_model, "build", build)
    monkeypatch.setattr(local_model, "QWEN", local_model.Packed("tiny.gguf", (), 1_000_004, ""))
    assert main(["llm", "setup"]) == 0
    out, err = capsys.readouterr()
    assert f"已下载 {Path('models/tiny.gguf')}" in out
    assert "2/2" in err
    assert main(["llm", "status"]) == 0


def test_setup_that_fails_is_one_line(
    own_model: Path, install: Install, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install("raise RuntimeError('no such tensor')")
    monkeypatch.setenv("ZHENGCE_LOCAL_MODEL", str(own_model))
    assert main(["llm", "setup", "--json"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert [line for line in err.splitlines() if line.startswith("错误：")] == [err.splitlines()[-1]]
    assert "no such tensor" in err


def test_status(own_model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("ZHENGCE_LOCAL_MODEL", "own.gguf")
    monkeypatch.setenv("ZHENGCE_LOCAL_THREADS", "3")
    monkeypatch.setenv("ZHENGCE_LOCAL_CONTEXT", "2048")
    assert main(["llm", "status", "--json"]) == 0
    told = {"ready": True, "model": "own.gguf", "bytes": 1_000_004, "package": "2026.1", "threads": 3, "context": 2048}
    assert json.loads(capsys.readouterr().out) == {**told, "missing": []}


def test_status_names_what_is_missing(own_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["llm", "status", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["ready"], told["model"]) == (False, None)
    assert "zhengce llm setup" in told["missing"][0]
    assert main(["llm", "status"]) == 1
    assert "zhengce llm setup" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["llm"], ["llm", "start"]])
def test_wrong_action(arguments: list[str], own_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "setup|status" in capsys.readouterr().err


# -- the real one --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real() -> Iterator[LocalServer]:
    """The real server of the real model."""
    if find_spec("xllamacpp") is None:
        pytest.skip("xllamacpp is not installed: make llm")
    if not REAL.is_file():
        pytest.skip("the local language model is not there (make llm, or name one with LANGUAGE_TEST_MODEL)")
    with LocalServer(REAL) as server:
        yield server


def test_real_model_reads_what_is_in_front_of_it(real: LocalServer) -> None:
    trial = try_out(real)
    assert "12" in trial.answer
    assert trial.written_per_second > 0


def test_real_model_keeps_to_a_grammar(real: LocalServer) -> None:
    messages = [{"role": "user", "content": "天空是什么颜色？"}]
    reply = local_trial._post(real, {"messages": messages, "max_tokens": 8, "grammar": 'root ::= "蓝色[" [1-3] "]"'})
    assert reply["choices"][0]["message"]["content"][:3] == "蓝色["


def test_real_server_asks_for_the_key(real: LocalServer) -> None:
    request = Request(f"{real.base_url}/chat/completions", b"{}", {"Authorization": "Bearer guessed"})
    with pytest.raises(HTTPError) as caught:
        build_opener(ProxyHandler({})).open(request)
    with caught.value:
        assert caught.value.code == 401


def test_real_server_restarts_at_its_port(real: LocalServer) -> None:
    url = real.base_url
    os.kill(child(real), signal.SIGKILL)
    assert gone(child(real))
    assert real.base_url == url


def test_real_package_on_a_broken_file(tmp_path: Path) -> None:
    if find_spec("xllamacpp") is None:
        pytest.skip("xllamacpp is not installed: make llm")
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"GGUF" + bytes(range(256)) * 100)
    with LocalServer(path) as server, pytest.raises(LanguageModelError, match=r"broken\.gguf 启动失败：.*(gguf|model)"):
        server.start()
