"""The local language model as a server of its own: llama.cpp (xllamacpp) in a child process on the loopback address.

A child, because loading holds Python's lock for seconds and a fault in native code would take the product along. What
it needs, the key included, goes to it by its stdin, never by the command line. It ends when that closes, which the
system sees to whatever becomes of the parent.
"""

import json
import logging
import os
import queue
import re
import secrets
import subprocess
import sys
import threading
import time
import weakref
from collections import deque
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from vectorstore.errors import LanguageModelError

if TYPE_CHECKING:
    import xllamacpp

_log = logging.getLogger(__name__)

PACKAGE = "xllamacpp"
CONTEXT = 4096
START_SECONDS = 180.0
_REMEMBERED_LINES = 50
_ERRORS_ONLY = 1  # llama.cpp's verbosity
_ERROR_LINE = re.compile(r"[\d.]+ E (.+)")
# Threads of OpenMP that wait busily make a machine with other work ten times slower.
_CHILD_ENVIRONMENT = {"OMP_WAIT_POLICY": "passive"}


class LocalServer:
    """An OpenAI-compatible server of one GGUF file, started at first use. Safe to call from several threads.

    A server that has died is started again, at the port it had, by whoever next calls ``start`` or ``base_url``.
    """

    def __init__(
        self,
        model: Path,
        *,
        threads: int | None = None,
        context: int = CONTEXT,
        start_seconds: float = START_SECONDS,
    ) -> None:
        self.api_key = secrets.token_urlsafe(32)
        self._model = model
        self._threads = threads or processors()
        self._context = context
        self._start_seconds = start_seconds
        self._lock = threading.Lock()
        self._port = 0
        self._child: _Child | None = None

    @property
    def base_url(self) -> str:
        """The address for an OpenAI-compatible client, ending in ``/v1``. Starts the server. Raises as ``start``."""
        return f"{self._running().url}/v1"

    @property
    def load_seconds(self) -> float:
        """How long the last start took."""
        return self._running().load_seconds

    def start(self) -> None:
        """Start the server unless it runs, and wait until it is ready. Cheap where it runs already.

        Raises LanguageModelError where xllamacpp is missing, the model cannot be loaded or the time limit passes.
        """
        self._running()

    def close(self) -> None:
        """End the server; it starts again when it is next used."""
        with self._lock:
            self._stop()

    def _running(self) -> "_Child":
        with self._lock:
            if self._child is None or not self._child.is_alive():
                self._stop()
                self._child = self._launch()
                self._port = urlsplit(self._child.url).port or 0
                weakref.finalize(self, self._child.close)
            return self._child

    def _stop(self) -> None:
        if self._child is not None:
            self._child.close()
            self._child = None

    def _launch(self) -> "_Child":
        if find_spec(PACKAGE) is None:
            raise LanguageModelError("缺少 xllamacpp；请运行 pip install 'zhengce[local]'（或 make llm）")
        order = {
            "model": str(self._model.absolute()),
            "threads": self._threads,
            "context": self._context,
            "port": self._port,
            "api_key": self.api_key,
        }
        child = _Child(secret=self.api_key)
        try:
            child.begin(order, self._start_seconds)
        except TimeoutError:
            child.close()
            raise LanguageModelError(
                f"本地语言模型 {self._model.name} 在 {self._start_seconds:g} 秒内没有就绪；"
                "请稍后再试，或用 ZHENGCE_LOCAL_MODEL 换一个更小的模型"
            ) from None
        except ChildProcessError:
            child.close()
            raise LanguageModelError(
                f"本地语言模型 {self._model.name} 启动失败：{child.last_words()}；请运行 zhengce llm setup 检查模型与运行环境"
            ) from None
        except BaseException:
            child.close()
            raise
        return child

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def processors() -> int:
    """Return how many processors this process may use: fewer, perhaps, than the machine has."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


class _Child:
    """The child process, with what it last logged."""

    url = ""
    load_seconds = 0.0

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._lines: deque[str] = deque(maxlen=_REMEMBERED_LINES)
        self._first: queue.Queue[str] = queue.Queue()
        self._process = subprocess.Popen(  # -P keeps the working directory off the path of the child
            [sys.executable, "-P", "-m", "assistant.local_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the parent, which ends the child
            env={**_CHILD_ENVIRONMENT, **os.environ},
        )
        self._readers = [
            threading.Thread(target=target, args=(stream,), name="local-model", daemon=True)
            for target, stream in ((self._read_answer, self._process.stdout), (self._read_log, self._process.stderr))
        ]
        for reader in self._readers:
            reader.start()

    def begin(self, order: dict[str, object], seconds: float) -> None:
        """Hand over the order and wait for the address. Raises TimeoutError, or ChildProcessError where it has died."""
        started = time.perf_counter()
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101 - a pipe was asked for
        try:
            stdin.write(json.dumps(order).encode() + b"\n")
            stdin.flush()
            self.url = self._first.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError from None
        except BrokenPipeError:
            self.url = ""
        if not self.url:
            raise ChildProcessError
        self.load_seconds = time.perf_counter() - started

    def is_alive(self) -> bool:
        """Whether the child runs."""
        return self._process.poll() is None

    def last_words(self) -> str:
        """Return why the child ended: its first error of its own, else its last line, else its signal or exit code."""
        code = self._process.returncode
        lines = list(self._lines)
        errors = [found[1] for line in lines if (found := _ERROR_LINE.fullmatch(line))]
        if errors or lines:
            return (errors[:1] or lines[-1:])[0]
        return f"退出码 {code}" if code >= 0 else f"被信号 {-code} 终止，可能是内存不足"

    def close(self) -> None:
        """End the child and wait for it. One that is dying already is given the time to leave its own exit code."""
        if self._process.stdin:
            with suppress(BrokenPipeError):
                self._process.stdin.close()
        try:
            self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            self._process.kill()  # it has nothing to lose
            self._process.wait()
        for reader in self._readers:
            reader.join()
        for stream in (self._process.stdout, self._process.stderr):
            if stream:
                stream.close()

    def _read_answer(self, stream: IO[bytes]) -> None:
        self._first.put(stream.readline().decode(errors="replace").strip())

    def _read_log(self, stream: IO[bytes]) -> None:
        for raw in stream:
            line = raw.decode(errors="replace").strip().replace(self._secret, "***")
            if line:
                self._lines.append(line)
                _log.debug("%s", line)


def main() -> None:
    """Be the child: take the order from stdin, serve, write the address to stdout, end when stdin closes."""
    answer = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # llama.cpp logs to both, and stdout is for the address alone
    order = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        server = _serve(order)
    except (ImportError, RuntimeError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
    answer.write(f"{server.listening_address}\n")
    answer.flush()
    threading.Event().wait()


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


def _serve(order: dict[str, Any]) -> "xllamacpp.Server":
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = order["model"]
    params.model_alias = {Path(order["model"]).stem}
    params.n_ctx = order["context"]
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = order["threads"]
    params.n_parallel = 1
    params.hostnames = ["127.0.0.1"]
    params.port = order["port"]
    params.api_keys = [order["api_key"]]
    params.ui = False
    params.cache_ram_mib = 0  # by default gigabytes of old prompts; the last one is kept anyway
    params.verbosity = _ERRORS_ONLY
    return xllamacpp.Server(params)


if __name__ == "__main__":
    main()
