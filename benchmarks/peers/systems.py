"""The systems that are measured: what runs each, in which environment, and how to install one."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.ask import ROOT

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = ROOT / ".peers"
MOST = 10  # results that every system is asked for
_TORCH = "torch"
_QUIET = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "ANONYMIZED_TELEMETRY": "False",
}


@dataclass(frozen=True, slots=True)
class Peer:
    """A system: ``module`` runs it, in the ``environment`` of that name or else in this one."""

    name: str
    title: str
    module: str
    environment: str | None = None
    options: tuple[str, ...] = ()


PEERS = (
    Peer("ours", "zhengce(只检索)", "ours", None, ("--trained",)),
    Peer("ours-answer", "zhengce(回答并核对)", "ours", None, ("--trained", "--answer")),
    Peer("ours-unranked", "zhengce(不用排序模型)", "ours", None, ("--unranked",)),
    Peer("ours-plain", "zhengce(未训练的模型)", "ours"),
    Peer("langchain", "LangChain + Chroma", "langchain_plain", "langchain"),
    Peer("llamaindex", "LlamaIndex 混合", "llamaindex_hybrid", "llamaindex"),
    Peer("haystack", "Haystack 混合", "haystack_hybrid", "haystack"),
    Peer("txtai", "txtai 混合", "txtai_hybrid", "txtai"),
)


class PeerError(RuntimeError):
    """A system could not be installed or run; the text says why."""


def install(peer: Peer, folder: Path = ENVIRONMENTS) -> Path:
    """Return the interpreter for ``peer``, its environment made first where it is not there as its list says."""
    if peer.environment is None:
        return Path(sys.executable)
    home = folder / peer.environment
    python, ready = home / "bin" / "python", home / ".ready"
    wanted = (HERE / f"{peer.environment}.txt").read_text(encoding="utf-8")
    if python.exists() and ready.exists() and ready.read_text(encoding="utf-8") == wanted:
        return python
    torch = next(line for line in wanted.splitlines() if line.startswith(_TORCH))
    _run([sys.executable, "-m", "venv", str(home)])
    # torch first, from pip's own configuration: as somebody's dependency it would bring CUDA packages
    for what in ([torch], ["-r", str(HERE / f"{peer.environment}.txt")]):
        _run([str(python), "-m", "pip", "--require-virtualenv", "install", "-q", *what])
    ready.write_text(wanted, encoding="utf-8")
    return python


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, cwd=ROOT, stdout=sys.stderr, check=False)
    if done.returncode:
        raise PeerError(f"这一步没有成功:{' '.join(command)}")


def run(peer: Peer, python: Path, model: Path, pages: Sequence[dict[str, Any]], most: int = MOST) -> dict[str, Any]:
    """Return what ``peer`` answers to ``pages``: ``{"pages": [...], "peak_mb"}``. Raises PeerError."""
    said = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in ({"model": str(model), "most": most}, *pages))
    done = subprocess.run(
        [str(python), "-m", f"benchmarks.peers.{peer.module}", *peer.options],
        cwd=ROOT,
        env={**os.environ, **_QUIET},
        input=said,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode or len(lines) != len(pages) + 1:
        raise PeerError(f"{peer.title} 没有跑完:\n{done.stderr[-2000:]}")
    return {"pages": lines[:-1], **lines[-1]}
