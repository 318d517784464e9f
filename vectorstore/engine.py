"""The engines that hold vectors, and which of them a store uses: Chroma in its folder, a Chroma server, or Milvus.

In the folder only units are in Chroma, whose index of neighbours costs memory, disk and time for each vector: sentences
are never searched, so theirs are rows of the catalog. A server has both, for whoever else reads from it.
"""

from pathlib import Path
from typing import Protocol
from uuid import uuid4

from vectorstore.catalog import Catalog
from vectorstore.chroma import ChromaFolder, ChromaIndex, ChromaServer
from vectorstore.dense import Vectors
from vectorstore.errors import StoreError
from vectorstore.milvus import SCHEME as MILVUS
from vectorstore.milvus import MilvusHybridIndex, MilvusIndex
from vectorstore.milvus_client import Milvus
from vectorstore.snapshot import VECTORS, locked

SERVER_SCHEMES = ("chroma+http://", "chroma+https://")
_UNITS, _SENTENCES = "units", "sentences"
_IN_TABLE = "table"
_WAIT = 60.0  # seconds, for another process that writes


class Engine(Protocol):
    """Where the vectors are."""

    def seen(self) -> None:
        """Take note that what is written until now is our own."""
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


def open_engine(data_dir: Path, catalog: Catalog, backend: str, token: str | None) -> tuple[Engine, Vectors]:
    """Return where the vectors are, and the vectors. ``token`` opens an engine that asks for one.

    Raises StoreError where ``backend`` names none, or they were written elsewhere: there would be none here.
    """
    place = place_of(backend)
    _agree(place, catalog)
    if place == "folder":
        return _folder(data_dir, catalog)
    if catalog.meta("namespace") is None:
        catalog.set_meta("namespace", f"zhengce-{uuid4().hex}")
    namespace = str(catalog.meta("namespace"))
    if place == "milvus":
        milvus = Milvus(backend.removeprefix(MILVUS), namespace, token)
        return milvus, Vectors(MilvusHybridIndex(milvus, _UNITS), MilvusIndex(milvus, _SENTENCES))
    server = ChromaServer(backend.removeprefix("chroma+"), namespace)
    return server, Vectors(ChromaIndex(server, _UNITS), ChromaIndex(server, _SENTENCES))


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


def _folder(data_dir: Path, catalog: Catalog) -> tuple[Engine, Vectors]:
    chroma = ChromaFolder(data_dir / VECTORS, catalog.revision)
    if catalog.meta(_SENTENCES) != _IN_TABLE:
        _move_sentences(data_dir, catalog, chroma)
    return chroma, Vectors(ChromaIndex(chroma, _UNITS), catalog.sentence_vectors)


def _move_sentences(data_dir: Path, catalog: Catalog, chroma: ChromaFolder) -> None:
    """Take the vectors of sentences out of Chroma, where earlier versions kept them. A new store has none."""
    if catalog.meta("embedding") is None:
        catalog.set_meta(_SENTENCES, _IN_TABLE)
        return
    with locked(data_dir, _WAIT):
        if catalog.meta(_SENTENCES) == _IN_TABLE:
            return  # another process was first
        catalog.sentence_vectors.take_over(ChromaIndex(chroma, _SENTENCES))
        chroma.drop(_SENTENCES)
        catalog.set_meta(_SENTENCES, _IN_TABLE)  # last: who is stopped before it does the rest again
