"""The engines that hold vectors, and which of them a store uses: Chroma in its folder, a Chroma server, or Milvus."""

from pathlib import Path
from typing import Protocol
from uuid import uuid4

from vectorstore.catalog import Catalog
from vectorstore.chroma import ChromaFolder, ChromaIndex, ChromaServer
from vectorstore.dense import VectorIndex
from vectorstore.errors import StoreError
from vectorstore.milvus import SCHEME as MILVUS
from vectorstore.milvus import MilvusIndex
from vectorstore.milvus_client import Milvus
from vectorstore.snapshot import VECTORS

SERVER_SCHEMES = ("chroma+http://", "chroma+https://")
_NAME = "units"


class Engine(Protocol):
    """Where the vectors are."""

    def seen(self) -> None:
        """Take note that what is written until now is our own."""
        ...

    def is_readable(self) -> bool:
        """Whether there is a database, as far as that can be told without opening it."""
        ...

    def clear(self) -> None:
        """Remove all vectors of the store, also those of earlier versions."""
        ...

    def close(self) -> None:
        """Release what is held open."""
        ...


def place_of(backend: str) -> str:
    """Return ``folder``, ``server`` or ``milvus``. Raises StoreError where ``backend`` names none."""
    if backend == "chroma":
        return "folder"
    if backend.startswith(SERVER_SCHEMES):
        return "server"
    if backend.startswith(MILVUS):
        return "milvus"
    raise StoreError("不支持的存储方式;可用:chroma、chroma+http://主机:端口、milvus:地址")


def open_engine(data_dir: Path, catalog: Catalog, backend: str, token: str | None) -> tuple[Engine, VectorIndex]:
    """Return where the vectors are, and the vectors. ``token`` opens an engine that asks for one.

    Raises StoreError where ``backend`` names none, or they were written elsewhere: there would be none here.
    """
    place = place_of(backend)
    _agree(place, catalog)
    if place == "folder":
        folder = ChromaFolder(data_dir / VECTORS, catalog.revision)
        return folder, ChromaIndex(folder, _NAME)
    if catalog.meta("namespace") is None:
        catalog.set_meta("namespace", f"zhengce-{uuid4().hex}")
    namespace = str(catalog.meta("namespace"))
    if place == "milvus":
        milvus = Milvus(backend.removeprefix(MILVUS), namespace, token)
        return milvus, MilvusIndex(milvus, _NAME)
    server = ChromaServer(backend.removeprefix("chroma+"), namespace)
    return server, ChromaIndex(server, _NAME)


def _agree(place: str, catalog: Catalog) -> None:
    written = catalog.meta("vectors") or ("folder" if catalog.meta("embedding") else place)
    if written != place:
        there = {
            "folder": "数据目录里(ZHENGCE_STORE=chroma)",
            "server": "Chroma 服务里(ZHENGCE_STORE=chroma+http://…)",
            "milvus": "Milvus 里(ZHENGCE_STORE=milvus:…)",
        }
        raise StoreError(f"这个索引的向量在{there[written]};请改回原来的设置,或换一个数据目录重新 zhengce ingest")
    if catalog.meta("vectors") is None:
        catalog.set_meta("vectors", place)
