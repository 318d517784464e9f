"""The connection to a Milvus, by its own client: a cluster by its address, or milvus-lite on a file."""

import logging
import re
import threading
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from vectorstore.errors import StoreError
from vectorstore.segmenter import jieba

if TYPE_CHECKING:
    from pymilvus import MilvusClient  # type: ignore[import-untyped]

T = TypeVar("T")
SECONDS = 30.0  # for one request


class Milvus:
    """The connection to a Milvus, opened at first use, which several threads share.

    ``address`` is ``http(s)://HOST:PORT`` or the path of a file, ``namespace`` keeps the collections of several stores
    apart, ``token`` is ``user:password`` or a key where the engine asks for one.
    """

    def __init__(self, address: str, namespace: str, token: str | None = None) -> None:
        self._served = bool(re.match("https?://", address))
        self._address = address if self._served else str(Path(address).expanduser().absolute())
        self._namespace = re.sub(r"\W", "_", namespace)
        self._token = token
        self.cleared = 0  # how often
        self._lock = threading.RLock()
        self._client: MilvusClient | None = None

    def collection(self, name: str) -> str:
        """Return what the collection ``name`` of this store is called in the engine."""
        return f"{self._namespace}_{name}"

    def do(self, work: Callable[["MilvusClient"], T]) -> T:
        """Return what ``work`` makes of the client, connected anew where it fails: another thread may have closed it.

        Raises StoreError where the engine does not answer.
        """
        client = self._opened()
        try:
            return work(client)
        except _failures():
            self._close(client)
        try:
            return work(self._opened())
        except _failures() as error:
            raise self._away(error) from error

    def _opened(self) -> "MilvusClient":
        with self._lock:
            if self._client is None:
                try:
                    self._client = self._connect()
                except _failures() as error:
                    raise self._away(error) from error
            return self._client

    def _away(self, error: Exception) -> StoreError:
        said = " ".join(str(getattr(error, "message", "") or error).split())[:200]
        return StoreError(f"向量库没有响应({type(error).__name__}:{said})。{self.mend()}")

    def _connect(self) -> "MilvusClient":
        missing = [
            name for name in ("pymilvus", *(() if self._served else ("milvus_lite",))) if find_spec(name) is None
        ]
        if missing:
            raise StoreError("没有安装 Milvus 的客户端;请运行 pip install 'zhengce[milvus]'")
        if not self._served:
            Path(self._address).parent.mkdir(parents=True, exist_ok=True)
        from pymilvus import MilvusClient

        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # it logs what it raises, too
        if not self._served:  # milvus-lite works in this process, and tells of what it has not
            jieba()  # which it imports itself
            logging.getLogger("grpc._server").setLevel(logging.CRITICAL)
        # milvus-lite hangs up on a client that asks every ten seconds, as this one does, whether it is still there
        kept = {} if self._served else {"grpc_options": {"grpc.keepalive_time_ms": 3_600_000}}
        return MilvusClient(self._address, token=self._token or "", timeout=SECONDS, **kept)

    def mend(self) -> str:
        """Return what a person can do where it does not answer."""
        if self._served:
            return f"请确认 Milvus 服务 {self._address} 已启动、令牌(ZHENGCE_STORE_TOKEN)正确,稍后重试"
        return f"请确认 {self._address} 可以读写,且没有别的进程在使用"

    def seen(self) -> None:
        """Nothing to note: all that is read is what was last written."""

    def clear(self) -> None:
        """Remove the collections of this store."""
        for name in self.do(lambda it: list(it.list_collections())):
            if name.startswith(f"{self._namespace}_"):
                self.do(lambda it, name=name: it.drop_collection(name))  # type: ignore[misc]
        self.cleared += 1

    def is_readable(self) -> bool:
        """Whoever serves it looks after that."""
        return True

    def close(self) -> None:
        """Release the connection; the next use opens it again."""
        if self._client is not None:
            self._close(self._client)

    def _close(self, client: "MilvusClient") -> None:
        with self._lock:
            held = self._client
            if held is not None and held is client:
                self._client = None
                held.close()


def _failures() -> tuple[type[Exception], ...]:
    """Return how the engine, or the way to it, fails; without the client nothing of it can."""
    if find_spec("pymilvus") is None:
        return ()
    import grpc  # type: ignore[import-untyped]
    from pymilvus.exceptions import MilvusException  # type: ignore[import-untyped]

    return MilvusException, grpc.RpcError, OSError, ValueError  # the last where another thread has closed it
