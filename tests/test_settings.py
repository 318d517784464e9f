"""The settings: what beats what, and what is said about a wrong one."""

import os
from pathlib import Path

import pytest

from ui.settings import Settings, load_settings
from vectorstore.errors import ConfigError


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder with no variables of ours set."""
    for name in list(os.environ):
        if name.startswith("ZHENGCE_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_defaults() -> None:
    settings = load_settings()
    assert (settings.data_dir, settings.engine, settings.store) == (Path("data"), "extractive", "chroma")
    assert (settings.host, settings.port, settings.lang) == ("127.0.0.1", 7860, "zh")


def test_flags_beat_environment_beats_file_beats_defaults(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (elsewhere / "zhengce.toml").write_text('host = "file"\nport = 1\nlang = "en"\n', encoding="utf-8")
    monkeypatch.setenv("ZHENGCE_HOST", "environment")
    monkeypatch.setenv("ZHENGCE_PORT", "2")
    settings = load_settings(port="3", host=None)
    assert (settings.lang, settings.host, settings.port) == ("en", "environment", 3)


def test_named_file_beats_the_one_of_the_environment(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (elsewhere / "a.toml").write_text("port = 1", encoding="utf-8")
    (elsewhere / "b.toml").write_text("port = 2", encoding="utf-8")
    monkeypatch.setenv("ZHENGCE_CONFIG", str(elsewhere / "a.toml"))
    assert load_settings().port == 1
    assert load_settings(elsewhere / "b.toml").port == 2


def test_file_with_byte_order_mark(elsewhere: Path) -> None:
    (elsewhere / "zhengce.toml").write_text('data_dir = "数据"', encoding="utf-8-sig")
    assert load_settings().data_dir == Path("数据")


def test_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHENGCE_PORT", "")
    monkeypatch.setenv("ZHENGCE_CONFIG", "")
    assert load_settings().port == 7860


def test_home_is_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHENGCE_DATA_DIR", "~/zhengce")
    assert load_settings().data_dir == Path.home() / "zhengce"


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("ZHENGCE_DATADIR", "ZHENGCE_DATA_DIR"),
        ("ZHENGCE_LLM_APIKEY", "ZHENGCE_LLM_API_KEY"),
        ("ZHENGCE_XQ", "ZHENGCE_"),
    ],
)
def test_unknown_variable_names_the_nearest(name: str, near: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "secret-value")
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert name in str(caught.value)
    assert near in str(caught.value).replace(name, "")
    assert "secret-value" not in str(caught.value)


def test_unknown_key_names_the_nearest(elsewhere: Path) -> None:
    (elsewhere / "zhengce.toml").write_text('embeding_model = "x"', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"zhengce\.toml.*embeding_model.*embedding_model"):
        load_settings()


def test_unknown_key_in_english(elsewhere: Path) -> None:
    (elsewhere / "zhengce.toml").write_text("prt = 1", encoding="utf-8")
    with pytest.raises(ConfigError, match="the nearest is port"):
        load_settings(spoken="en")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"port = ", "TOML"),
        (b"\xff\xfe\xfa", "UTF-8"),
        (b"port = 70000", "port.*65535"),
        (b'port = "many"', "port.*整数"),
        (b'log_level = "loud"', "log_level.*debug"),
        (b"[port]\nx = 1", "port"),
    ],
)
def test_bad_file_is_one_clear_line(content: bytes, said: str, elsewhere: Path) -> None:
    (elsewhere / "zhengce.toml").write_bytes(content)
    with pytest.raises(ConfigError, match=said) as caught:
        load_settings()
    assert "zhengce.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_file_that_was_named(elsewhere: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml"):
        load_settings(elsewhere / "nowhere.toml")


@pytest.mark.parametrize(
    ("variable", "value", "offered"),
    [
        ("ZHENGCE_STORE", "qdrant:x", "chroma"),
        ("ZHENGCE_STORE", "chroma+http://someone:secret@localhost:8000", "chroma"),
    ],
)
def test_what_is_not_there_yet_is_said_plainly(
    variable: str, value: str, offered: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigError, match=f"{variable}.*只支持 {offered}"):
        load_settings()


def test_password_of_a_store_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHENGCE_STORE", "milvus:http://user:hunter2@localhost")
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)


def test_key_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHENGCE_LLM_API_KEY", "hunter2")
    settings = load_settings()
    assert settings.llm_api_key is not None
    assert settings.llm_api_key.get_secret_value() == "hunter2"
    assert "hunter2" not in f"{settings!r} {settings} {settings.model_dump_json()}"


def test_the_url_of_the_database_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHENGCE_DATABASE", "postgresql://u:hunter2@h/db")
    settings = load_settings()
    assert settings.database is not None
    assert settings.database.get_secret_value().startswith("postgresql://")
    assert "hunter2" not in f"{settings!r} {settings} {settings.model_dump_json()}"
    assert (settings.sign_in, settings.session_hours) == (False, 12)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().port = 1


def test_the_engine_llm_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHENGCE_ENGINE", "llm")
    with pytest.raises(ConfigError, match="ZHENGCE_LLM_BASE_URL 和 ZHENGCE_LLM_MODEL"):
        load_settings()
    monkeypatch.setenv("ZHENGCE_LLM_BASE_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("ZHENGCE_LLM_MODEL", "m")
    assert load_settings().engine == "llm"
    assert load_settings(engine="extractive").engine == "extractive"
