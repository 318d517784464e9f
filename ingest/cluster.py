"""The reading and embedding of files on a Ray cluster, for ``ingest.pipeline``, which writes.

    Asked ─from_items→ blocks ─read_files, a task a block→ documents ─ChunkEmbedder, a pool of actors→ with vectors
          ─iter_rows, in order, as they are done→ the one process that writes (``_Writing``, ``Store.put_files``)

- **Files are read where they lie**: only their paths travel, so every node must see them under the same path (shared
  storage). Whether one changed is decided there too, by the same ``look``, as its bytes have to be read for that.
- **A hostile file** is read in a process of its own beside the worker (``ingest.isolation``), so that it costs neither the
  worker nor the run: it comes back with its reason.
- **The writer is one**, and takes what is done in the order of the files, so that the store is the same to the last word
  that is indexed as if one machine had read them. While it writes, Ray holds back its tasks: what waits is bounded by the
  object store.
- **A worker or a node that goes** has its blocks done again by others; they are named by their place in the list, and the
  writer counts: a file that came twice or not at all would be an error and not a gap. The node of the writer must stay.
- **A run that was stopped** is taken up by the next: what is in the store is unchanged, and costs a look at its bytes.

Ray reports nothing to its makers and opens no page here; a local cluster listens on the loopback address only.
"""

import logging
import os
import pickle
import secrets
import socket
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ingest.cluster_stages import ChunkEmbedder, FileReading, read_files
from ingest.isolation import Limits
from ingest.opening import MISSING, Asked, Reading
from ingest.report import FileOutcome
from vectorstore.embedding import Embedder
from vectorstore.errors import StoreError, ZhengceError
from vectorstore.records import Kind

if TYPE_CHECKING:
    from ray.data import Dataset

LOCAL = "local"
_FILES = 16  # of a block, which is what is done again where a worker is lost
_BLOCKS = 4  # for each processor, where there are few files: so that all have something to do
_MODEL_BYTES = 1 << 30  # memory that is set aside for an embedding model
_INIT_DEATHS = 3  # of embedders in a row, before it is not chance
_CONNECT_SECONDS = 5.0
_AGAIN = "已写入的都在,请重新运行,从中断处继续"


@dataclass(frozen=True, slots=True)
class RayCluster:
    """A Ray cluster: ``address`` is that of an existing one (``host:port``, ``ray://host:port``, ``auto``), or ``local``.

    ``open_embedder`` is called on the nodes and returns the model that the store is built with; it must be picklable. At
    most ``embedders`` of them run at once, without it one for each node. Where this process is in a cluster already, that
    one is used.
    """

    open_embedder: Callable[[], Embedder]
    address: str = LOCAL
    embedders: int | None = None

    def read(
        self, asked: Sequence[Asked], limits: Limits, kind: Kind | None, fingerprint: str
    ) -> Generator[Reading | FileOutcome, None, None]:
        """Yield what becomes of the files, in their order, with vectors of the model of this ``fingerprint``.

        Raises StoreError where the cluster cannot be reached, is too small or fails, ModelMismatchError where its model
        is another one, EmbeddingError where it has none.
        """
        if not asked:
            return
        with _joined(self.address), closing(self._rows(asked, limits, kind, fingerprint)) as rows:
            for one, row in zip_longest(asked, rows):
                found = pickle.loads(row["found"]) if row else None  # noqa: S301 - our own workers wrote it
                if one is None or found is None or found.path != one.path:
                    raise StoreError(f"Ray 集群交回的文件与交出的不符;{_AGAIN}")
                yield _seen(one, found)

    def _rows(
        self, asked: Sequence[Asked], limits: Limits, kind: Kind | None, fingerprint: str
    ) -> Generator[Any, None, None]:
        from ray.exceptions import RayError

        try:
            yield from self._dataset(asked, limits, kind, fingerprint).iter_rows()
        except RayError as error:
            raise _failure(error) from error

    def _dataset(self, asked: Sequence[Asked], limits: Limits, kind: Kind | None, fingerprint: str) -> "Dataset":
        from ray.data import ActorPoolStrategy, DataContext, from_items

        nodes, processors = _size()
        if processors < 2:
            raise StoreError("Ray 集群至少要有 2 个处理器:一个读文件,一个算向量;请加节点后重试")
        most = min(self.embedders or nodes, processors - 1)  # one is left for the reading
        size = max(1, min(_FILES, len(asked) // (_BLOCKS * processors)))
        with DataContext.current(_context()):
            return (
                from_items([{"asked": pickle.dumps(one)} for one in asked], override_num_blocks=-(-len(asked) // size))
                .map_batches(
                    read_files,  # type: ignore[arg-type]  # Ray knows no types of fn_kwargs
                    fn_kwargs={"limits": limits, "kind": kind},
                    num_cpus=1,
                )
                .map_batches(
                    ChunkEmbedder,
                    fn_constructor_args=(self.open_embedder, fingerprint),
                    compute=ActorPoolStrategy(min_size=1, max_size=most),
                    num_cpus=1,
                    memory=_MODEL_BYTES,  # also keeps Ray from reading the files in the process that embeds
                )
            )


def _size() -> tuple[int, int]:
    """Return how many nodes with processors the cluster has, and how many processors."""
    import ray

    nodes: list[dict[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]
    able = [int(node["Resources"]["CPU"]) for node in nodes if node["Alive"] and node["Resources"].get("CPU")]
    return len(able), sum(able)


def _seen(asked: Asked, found: FileReading | FileOutcome) -> Reading | FileOutcome:
    """Return what a worker found as ``ingest.pipeline`` takes it."""
    if isinstance(found, FileReading):
        return Reading(asked, found.digest, found.take, found.vectors, found.seconds)
    if found.reason == MISSING and Path(found.path).exists():
        return replace(found, reason="工作节点上没有这个文件;请放在各节点都能用同一路径读到的共享存储上")
    return found


def _context() -> Any:
    """Return how Ray Data is to run: in order, without a word, and taking up what fails."""
    from ray.data import DataContext

    context = DataContext.get_current().copy()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    context.max_consecutive_actor_init_deaths = _INIT_DEATHS
    return context


@contextmanager
def _joined(address: str) -> Iterator[None]:
    """Be in the cluster at ``address``, or in one of this machine alone that ends with it. Raises StoreError."""
    _keep_quiet(local=address == LOCAL)
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise StoreError("缺少 Ray;请运行 pip install 'zhengce[ray]' 后重试") from error
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    if ray.is_initialized():
        yield
        return
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    with TemporaryDirectory(prefix="zhengce-ray-", ignore_cleanup_errors=True) as folder:
        try:
            if address == LOCAL:
                processors = max(2, os.cpu_count() or 1)
                ray.init(LOCAL, num_cpus=processors, include_dashboard=False, _temp_dir=folder, **quiet)
            else:
                _knock(address)
                ray.init(address, **quiet)
        except (OSError, RuntimeError, ValueError, TimeoutError) as error:
            raise StoreError(
                f"连不上 Ray 集群 {address}:{str(error).splitlines()[0]}。请检查地址和网络,或用 ray status 查看集群是否在运行"
            ) from error
        try:
            yield
        finally:
            ray.shutdown()


def _keep_quiet(*, local: bool) -> None:
    """Set, before Ray is imported, what it reads from the environment: no reports, no log lines of its core."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    if local:
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")  # Ray's word for loopback only, on any system
        os.environ.setdefault("RAY_AUTH_MODE", "token")
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))  # else it keeps one in the home folder
    else:
        os.environ.setdefault("RAY_gcs_server_port_wait_time_s", "1")  # attempts to reach the head, each of some 40 s


def _knock(address: str) -> None:
    """Raise OSError where nobody listens at ``address``: Ray itself would try for minutes."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if colon and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), _CONNECT_SECONDS).close()


def _failure(error: Exception) -> ZhengceError:
    """Return what went wrong on the cluster as an error of ours."""
    cause: BaseException | None = error
    while cause is not None:
        for one in (cause, getattr(cause, "cause", None)):
            if isinstance(one, ZhengceError):
                return one
        cause = cause.__cause__
    return StoreError(
        f"Ray 集群出错({type(error).__name__});请确认各节点装有同一版本的 zhengce、内存够用(详情见 --debug)。{_AGAIN}"
    )
