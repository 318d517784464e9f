"""The doctor: what is well, what is not, and the mend that it names."""

import json
import os
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from doors import HashEmbedder, WordRanker, filled_services
from live import live
from llm_server import scripted_server

from ui.cli import main
from ui.state.accounts import Accounts
from ui.state.database import Database, revisions
from vectorstore.errors import EmbeddingError

Diagnose = Callable[..., tuple[int, dict[str, dict[str, Any]]]]


@pytest.fixture
def diagnose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Diagnose:
    """Return a function that runs the doctor on a healthy set-up in an empty folder: exit code, checks by name."""
    for name in list(os.environ):
        if name.startswith("ZHENGCE_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ui.wiring.open_model", lambda _settings: HashEmbedder())
    monkeypatch.setattr("ui.wiring.open_settings_ranker", lambda _settings: WordRanker())
    monkeypatch.setattr("assistant.fitted.is_fitted", lambda name: name == "words")
    monkeypatch.setattr("ui.doctor.version", lambda _name: "2.13.0+cpu")
    monkeypatch.setattr("ui.export.writers.chinese_font", lambda: "Noto Sans CJK SC")
    monkeypatch.setenv("ZHENGCE_PORT", "0")

    def run(*arguments: str) -> tuple[int, dict[str, dict[str, Any]]]:
        capsys.readouterr()
        code = main(["doctor", "--json", *arguments])
        report = json.loads(capsys.readouterr().out)
        assert report["ok"] is (code == 0)
        return code, {check["check"]: check for check in report["checks"]}

    return run


def states(checks: dict[str, dict[str, Any]], *but: str) -> set[str]:
    """Return the states of all checks except ``but``."""
    return {check["state"] for name, check in checks.items() if name not in but}


def test_all_is_well_with_documents(diagnose: Diagnose, tmp_path: Path) -> None:
    filled_services(tmp_path).close()
    code, checks = diagnose()
    assert code == 0
    assert states(checks) == {"ok"}
    assert "1 份文档" in checks["store"]["detail"]
    assert "64 维" in checks["model"]["detail"]
    known = {"settings", "python", "packages", "torch", "model", "ranker", "data", "store", "state", "disk", "llm"}
    assert set(checks) == known | {"port", "access", "fonts"}


def test_nothing_ingested_is_no_failure_and_leaves_no_folder(diagnose: Diagnose, tmp_path: Path) -> None:
    code, checks = diagnose()
    assert (code, checks["store"]["state"]) == (0, "warn")
    assert "zhengce ingest" in checks["store"]["mend"]
    assert list(tmp_path.iterdir()) == []


def test_missing_model_fails_and_the_rest_is_checked(diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_settings: object) -> None:
        raise EmbeddingError("没有模型;运行 make model")

    monkeypatch.setattr("ui.wiring.open_model", missing)
    code, checks = diagnose()
    assert (code, checks["model"]["state"], checks["store"]["state"]) == (1, "fail", "warn")
    assert "make model" in checks["model"]["detail"]
    assert states(checks, "model", "store") == {"ok"}


def test_a_ranker_that_is_missing_fails(diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_settings: object) -> None:
        raise EmbeddingError("没有排序模型;运行 make model")

    monkeypatch.setattr("ui.wiring.open_settings_ranker", missing)
    code, checks = diagnose()
    assert (code, checks["ranker"]["state"], checks["model"]["state"]) == (1, "fail", "ok")
    assert "make model" in checks["ranker"]["detail"]


def test_a_ranker_that_nothing_was_fitted_to_or_none_is_warned_of(
    diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WordRanker, "name", "another")
    code, checks = diagnose()
    assert (code, checks["ranker"]["state"]) == (0, "warn")
    assert "training.fit" in checks["ranker"]["mend"]
    monkeypatch.setattr("ui.wiring.open_settings_ranker", lambda _settings: None)
    code, checks = diagnose()
    assert (code, checks["ranker"]["state"]) == (0, "warn")
    assert "ZHENGCE_RERANKER_MODEL" in checks["ranker"]["mend"]


def test_store_of_another_model_fails(diagnose: Diagnose, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled_services(tmp_path).close()
    monkeypatch.setattr(HashEmbedder, "fingerprint", "another")
    code, checks = diagnose()
    assert (code, checks["store"]["state"]) == (1, "fail")
    assert "another" in checks["store"]["detail"]
    assert "zhengce reindex" in checks["store"]["detail"]


def test_broken_store_fails(diagnose: Diagnose, tmp_path: Path) -> None:
    filled_services(tmp_path).close()
    for path in (tmp_path / "data").glob("catalog.sqlite3*"):
        path.write_bytes(b"not a database " * 100)
    code, checks = diagnose()
    assert (code, checks["store"]["state"]) == (1, "fail")


def test_the_state_database_is_opened_where_it_is(diagnose: Diagnose, tmp_path: Path) -> None:
    filled_services(tmp_path).close()
    file = tmp_path / "data" / "state.sqlite3"
    file.unlink(missing_ok=True)
    code, checks = diagnose()
    assert (code, checks["state"]["state"]) == (0, "ok")
    assert not file.exists()
    Database.open(f"sqlite:///{file}").close()
    assert "可用" in diagnose()[1]["state"]["detail"]
    for path in file.parent.glob("state.sqlite3*"):
        path.write_bytes(b"not a database " * 100)
    code, checks = diagnose()
    assert (code, checks["state"]["state"]) == (1, "fail")
    assert str(file) in checks["state"]["detail"]


def test_the_password_of_the_state_database_is_not_told(diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHENGCE_DATABASE", "postgresql://u:hunter2@127.0.0.1:1/db")
    code, checks = diagnose()
    assert (code, checks["state"]["state"]) == (1, "fail")
    assert "PostgreSQL" in checks["state"]["detail"]
    assert "hunter2" not in json.dumps(checks)


def test_data_folder_that_is_a_file_fails(diagnose: Diagnose, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    code, checks = diagnose("--data", "file")
    assert (code, checks["data"]["state"]) == (1, "fail")
    assert "--data" in checks["data"]["mend"]


def test_missing_package_fails(diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.doctor.PACKAGES", ("rich", "no_such_package"))
    code, checks = diagnose()
    assert (code, checks["packages"]["state"]) == (1, "fail")
    assert "no_such_package" in checks["packages"]["detail"]
    assert "make setup" in checks["packages"]["mend"] and "pip install" in checks["packages"]["mend"]


@pytest.mark.parametrize(("version", "state"), [("2.13.0+cpu", "ok"), ("2.13.0", "ok"), ("2.13.0+cu130", "warn")])
def test_build_of_torch(version: str, state: str, diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.doctor.version", lambda _name: version)
    monkeypatch.setattr("ui.doctor.find_spec", lambda name: None if name == "nvidia" else object())
    code, checks = diagnose()
    assert (code, checks["torch"]["state"]) == (0, state)
    assert state == "ok" or "CPU 安装命令装 torch==2.13.0" in checks["torch"]["mend"]


@pytest.mark.parametrize(("bound", "value"), [("LEAST_PYTHON", (99, 0)), ("MOST_PYTHON", (3, 10))])
def test_a_python_that_is_too_old_or_too_new_fails(
    bound: str, value: tuple[int, int], diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"ui.doctor.{bound}", value)
    code, checks = diagnose()
    assert (code, checks["python"]["state"]) == (1, "fail")
    assert "3.11" in checks["python"]["mend"]


def test_what_runs_the_model_is_said(diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHENGCE_EMBEDDING_BACKEND", "int8")
    assert "OpenVINO int8" in diagnose()[1]["model"]["detail"]
    monkeypatch.setenv("ZHENGCE_EMBEDDING_BACKEND", "float32")
    assert "openvino" in diagnose()[1]["settings"]["detail"]


def test_full_disk_is_warned_of(diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.doctor.LEAST_DISK_GB", 1e9)
    code, checks = diagnose()
    assert (code, checks["disk"]["state"]) == (0, "warn")


def test_llm_endpoint_is_named_and_its_key_is_not(diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHENGCE_LLM_BASE_URL", "http://localhost:1/v1")
    monkeypatch.setenv("ZHENGCE_LLM_API_KEY", "hunter2")
    _, checks = diagnose()
    assert "http://localhost:1/v1" in checks["llm"]["detail"]
    assert "hunter2" not in json.dumps(checks)


def test_a_language_model_is_asked_where_the_engine_uses_one(
    diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted_server(lambda _body: "好") as server:
        monkeypatch.setenv("ZHENGCE_ENGINE", "llm")
        monkeypatch.setenv("ZHENGCE_LLM_BASE_URL", server.base_url)
        monkeypatch.setenv("ZHENGCE_LLM_MODEL", "m")
        _, checks = diagnose()
        assert checks["llm"]["state"] == "ok" and len(server.asked) == 1
        server.reply = lambda _body: 401
        code, checks = diagnose()
        assert (code, checks["llm"]["state"]) == (1, "fail")


def test_a_local_model_that_is_not_there_names_the_mend(diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHENGCE_ENGINE", "local")
    code, checks = diagnose()
    assert (code, checks["llm"]["state"]) == (1, "fail")
    assert "llm" in (checks["llm"]["mend"] or checks["llm"]["detail"])


def test_wrong_setting_is_a_finding(diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHENGCE_PROT", "1")
    code, checks = diagnose()
    assert (code, checks["settings"]["state"]) == (1, "fail")
    assert "ZHENGCE_PORT" in checks["settings"]["detail"]
    assert checks["python"]["state"] == "ok"


@pytest.mark.parametrize(("lang", "name"), [("zh", "向量模型："), ("en", "Embedding model: ")])
def test_lines_for_people(
    lang: str, name: str, diagnose: Diagnose, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    del diagnose
    monkeypatch.setattr("ui.doctor.LEAST_PYTHON", (99, 0))
    assert main(["doctor", "--lang", lang]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line[0] for line in lines] == ["✓", "✗", "✓", "✓", "✓", "✓", "✓", "✓", "!", "✓", "✓", "✓", "✓", "✓"]
    assert all(" → " in line for line in lines if line[0] != "✓")
    assert any(name in line for line in lines)


# -- what serve needs ----------------------------------------------------------------------------------------------


def test_tables_of_an_earlier_version_are_told_and_left_alone(diagnose: Diagnose, tmp_path: Path) -> None:
    file = tmp_path / "data" / "state.sqlite3"
    url = f"sqlite:///{file}"
    Database.open(url).close()
    with sqlite3.connect(file) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '0001'")
    raw.close()
    code, checks = diagnose()
    assert (code, checks["state"]["state"]) == (0, "warn")
    assert "0001" in checks["state"]["detail"] and "备份" in checks["state"]["mend"]
    assert revisions(url)[0] == "0001"


def test_tables_of_a_later_version_fail(diagnose: Diagnose, tmp_path: Path) -> None:
    file = tmp_path / "data" / "state.sqlite3"
    Database.open(f"sqlite:///{file}").close()
    with sqlite3.connect(file) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    code, checks = diagnose()
    assert (code, checks["state"]["state"]) == (1, "fail")
    assert "9999" in checks["state"]["detail"]


def test_a_port_is_free_ours_or_taken(diagnose: Diagnose, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other").mkdir()
    with filled_services(tmp_path / "other") as services, live(services) as address:
        monkeypatch.setenv("ZHENGCE_PORT", address.rpartition(":")[2])
        code, checks = diagnose()
        assert (code, checks["port"]["state"]) == (0, "ok")
        assert "ready" in checks["port"]["detail"]
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setenv("ZHENGCE_PORT", str(other.getsockname()[1]))
        monkeypatch.setattr("ui.doctor_serving._SECONDS", 0.2)
        code, checks = diagnose()
        assert (code, checks["port"]["state"]) == (1, "fail")
        assert "--port" in checks["port"]["mend"]
    code, checks = diagnose()
    assert (code, checks["port"]["state"]) == (0, "ok")
    assert "空闲" in checks["port"]["detail"]


@pytest.mark.parametrize(
    ("settings", "state", "said"),
    [
        ({}, "ok", "127.0.0.1"),
        ({"HOST": "0.0.0.0"}, "fail", "ZHENGCE_SIGN_IN"),
        ({"HOST": "0.0.0.0", "OPEN": "true"}, "warn", "ZHENGCE_SIGN_IN"),
        ({"HOST": "0.0.0.0", "SIGN_IN": "true"}, "warn", "users add"),
        ({"REQUIRE_KEY": "true"}, "warn", "keys"),
    ],
)
def test_who_is_let_in_fits_the_address(
    settings: dict[str, str], state: str, said: str, diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"ZHENGCE_{name}", value)
    found = diagnose()[1]["access"]
    assert found["state"] == state
    assert said in f"{found['detail']} {found['mend']}"


def test_users_that_are_there_are_counted(diagnose: Diagnose, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHENGCE_SIGN_IN", "true")
    with closing(Database.open(f"sqlite:///{tmp_path / 'data' / 'state.sqlite3'}")) as database:
        Accounts(database, 12).add("张三", "a long enough password")
    found = diagnose()[1]["access"]
    assert (found["state"], "1" in found["detail"]) == ("ok", True)


def test_without_chinese_fonts_there_is_no_pdf(diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.export.writers.chinese_font", lambda: None)
    code, checks = diagnose()
    assert (code, checks["fonts"]["state"]) == (0, "warn")
    assert "fonts-noto-cjk" in checks["fonts"]["mend"]
