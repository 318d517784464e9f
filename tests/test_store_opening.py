"""A store that cannot be opened leaves nothing open; Python 3.13 complains of a connection that nobody closed."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from doors import HashEmbedder

from vectorstore.errors import ModelMismatchError, StoreError
from vectorstore.store import Store


class OtherEmbedder(HashEmbedder):
    fingerprint = "another"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[sqlite3.Connection]:
    """The connections that are made."""
    connections: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def noting(*given: Any, **named: Any) -> sqlite3.Connection:
        connections.append(connect(*given, **named))
        return connections[-1]

    monkeypatch.setattr("vectorstore.catalog_reader.sqlite3.connect", noting)
    return connections


def all_closed(connections: list[sqlite3.Connection]) -> bool:
    for one in connections:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            one.execute("SELECT 1")
    return bool(connections)


def test_a_file_that_is_no_catalog(made: list[sqlite3.Connection], tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite3").write_bytes(b"not a database " * 100)
    with pytest.raises(StoreError, match="无法打开索引目录"):
        Store.open(tmp_path, HashEmbedder())
    assert all_closed(made)


def test_an_index_of_another_model(made: list[sqlite3.Connection], tmp_path: Path) -> None:
    with Store.open(tmp_path, HashEmbedder()) as store:
        store._catalog.set_meta("embedding", store.embedder.fingerprint)
    with pytest.raises(ModelMismatchError):
        Store.open(tmp_path, OtherEmbedder())
    assert all_closed(made)
