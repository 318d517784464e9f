"""Files that take more than they may, or the process that reads them down, harm nothing else."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from doors import POLICY, HashEmbedder

from ingest.isolation import HostileError, Limits, Readings
from ingest.pipeline import ingest_paths
from ingest.quarantine import NAME, Quarantine
from ingest.reading import Part, read_parts
from vectorstore.errors import ReadError
from vectorstore.records import Kind
from vectorstore.store import Store

LIMITS = Limits(seconds=6.0, memory=900, workers=2)


def misbehave(data: bytes, source: str, kind: Kind | None = None) -> list[Part]:
    """Do what the text says; runs in the processes of the pool."""
    match data.decode().strip():
        case "hang":
            time.sleep(600)
        case "fall":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "eat":
            return [bytearray(2_000_000_000)]  # type: ignore[list-item]
        case "raise":
            raise ValueError("the inside of the machine")
        case "recurse":
            return [*misbehave(data, source, kind)]
        case "refuse":
            raise ReadError("不支持")
    return read_parts(data, source, kind)


@pytest.fixture(scope="module")
def readings() -> Iterator[Readings]:
    with Readings(LIMITS, many=True, read=misbehave) as opened:
        yield opened


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("hang", "超过 6 秒"),
        ("fall", "异常退出"),
        ("eat", "内存超过 900 MB"),
        ("raise", "ValueError"),
        ("recurse", "RecursionError"),
    ],
)
def test_what_goes_beyond_the_limits_has_a_reason(text: str, reason: str, readings: Readings) -> None:
    waiting = readings.begin(text.encode(), "a.txt")
    after = readings.begin(POLICY.encode(), "b.txt")
    with pytest.raises(HostileError, match=reason) as raised:
        waiting()
    assert "machine" not in str(raised.value) and "\n" not in str(raised.value)
    assert after()[0][0].title == "云溪市推进数字服务行动方案"


def test_what_a_reader_refuses_is_not_hostile(readings: Readings) -> None:
    with pytest.raises(ReadError, match="不支持") as raised:
        readings.begin(b"refuse", "a.txt")()
    assert not isinstance(raised.value, HostileError)


def test_a_few_plain_files_need_no_other_process() -> None:
    with Readings(LIMITS) as opened:
        assert opened.begin(POLICY.encode(), "a.txt")()
        assert opened._pool is None


def test_a_hostile_file_stays_in_quarantine_until_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Misbehaving(Readings):
        def __init__(self, limits: Limits, *, many: bool = False) -> None:
            super().__init__(limits, many=True, read=misbehave)

    monkeypatch.setattr("ingest.pipeline.Readings", Misbehaving)
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.txt").write_text("fall", encoding="utf-8")
    (docs / "b.txt").write_text(POLICY, encoding="utf-8")
    with Store.open(tmp_path / "data", HashEmbedder()) as store:
        first = ingest_paths([docs], store, limits=LIMITS)
        assert [one.status for one in first.outcomes] == ["quarantined", "added"]
        assert first.failed == 1 and first.documents == 1
        monkeypatch.setattr("ingest.pipeline.Readings", Readings)
        second = ingest_paths([docs], store, limits=LIMITS)
        assert [one.status for one in second.outcomes] == ["quarantined", "unchanged"]
        assert second.outcomes[0].reason == first.outcomes[0].reason
        again = ingest_paths([docs], store, limits=LIMITS, again=True)
        assert [one.status for one in again.outcomes] == ["failed", "replaced"], "it is read again, and is no policy"
        (docs / "a.txt").write_text(POLICY.replace("云溪市", "云川市"), encoding="utf-8")
        assert [one.status for one in ingest_paths([docs], store).outcomes] == ["added", "unchanged"]
        assert Quarantine(store.data_dir).held(str(docs / "a.txt")) is None
        assert (store.data_dir / NAME).read_text(encoding="utf-8") == "{}"
