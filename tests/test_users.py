"""Who may sign in, on SQLite and on PostgreSQL, and the commands ``users`` and ``feedback``."""

import io
import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from test_state import answer

from ui.cli import main
from ui.state import accounts as module
from ui.state.accounts import Accounts
from ui.state.conversations import Conversations
from ui.state.database import Database
from ui.state.errors import InputError, SignInError
from ui.state.records import Role
from ui.state.tables import SessionRow, UserRow, now
from vectorstore.errors import NotFoundError
from vectorstore.records import Filter

pytest_plugins = ["postgres"]  # its fixtures

PASSWORD = "correct horse 马"


@pytest.fixture
def accounts(database: Database) -> Accounts:
    return Accounts(database, hours=12)


def wrong(accounts: Accounts, name: str, password: str = "wrong password") -> str:
    """Return what is said when that name and password are refused."""
    with pytest.raises(SignInError) as caught:
        accounts.sign_in(name, password)
    return str(caught.value)


# -- users ---------------------------------------------------------------------------------------------------------


def test_signing_in_and_out(accounts: Accounts, database: Database) -> None:
    added = accounts.add("张三", PASSWORD, Role.ADMIN)
    assert (added.name, added.role) == ("张三", Role.ADMIN)
    token = accounts.sign_in("张三", PASSWORD)
    assert accounts.user(token) == added
    other = accounts.sign_in("张三", PASSWORD)
    accounts.sign_out(token)
    accounts.sign_out("nobody's")
    assert accounts.user(token) is None
    assert accounts.user(other) == added
    with database.reading() as session:
        kept = json.dumps([list(map(str, row)) for row in session.execute(sa.select(UserRow.password))])
        kept += json.dumps(session.scalars(sa.select(SessionRow.digest)).all())
    assert PASSWORD not in kept
    assert other not in kept


def test_names_are_compared_without_case_and_width(accounts: Accounts) -> None:
    accounts.add("Ann.Li", PASSWORD, Role.USER)
    token = accounts.sign_in(" ＡＮＮ.li ", PASSWORD)
    user = accounts.user(token)
    assert user is not None
    assert user.name == "Ann.Li"
    with pytest.raises(InputError, match="已有用户"):
        accounts.add("ann.LI", PASSWORD, Role.USER)


@pytest.mark.parametrize("name", ["", " ", "a b", "visitor:x", "a" * 65, "<b>", "a\0", "\ud800", "甲\n乙", "😀"])
def test_names_that_will_not_do(name: str, accounts: Accounts) -> None:
    with pytest.raises(InputError, match="用户名"):
        accounts.add(name, PASSWORD, Role.USER)
    assert "不对" in wrong(accounts, name)
    with pytest.raises(NotFoundError):
        accounts.remove(name)


@pytest.mark.parametrize("password", ["", "1234567", "x" * 257])
def test_passwords_that_will_not_do(password: str, accounts: Accounts) -> None:
    with pytest.raises(InputError, match="8 到 256"):
        accounts.add("甲", password, Role.USER)
    accounts.add("甲", "x" * 256, Role.USER)
    with pytest.raises(InputError, match="8 到 256"):
        accounts.set_password("甲", password)
    assert "不对" in wrong(accounts, "甲", password)
    assert accounts.sign_in("甲", "x" * 256)


def test_passwords_may_hold_anything(accounts: Accounts) -> None:
    odd = "\0\ud800 \U0001f600 密码!"
    accounts.add("甲", odd, Role.USER)
    assert accounts.sign_in("甲", odd)
    assert "不对" in wrong(accounts, "甲", odd.replace("\ud800", "?"))


def test_unknown_name_and_wrong_password_are_not_told_apart(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.add("甲", PASSWORD, Role.USER)
    spent = []

    class Counting:
        """Counts what takes long."""

        def __getattr__(self, name: str) -> object:
            spent.append(name)
            return getattr(hasher, name)

    hasher = accounts._hasher
    monkeypatch.setattr(accounts, "_hasher", Counting())
    assert wrong(accounts, "甲") == wrong(accounts, "乙") == wrong(accounts, "no name") == wrong(accounts, "\0")
    assert spent == ["verify_and_update", "hash", "hash", "hash"]


def test_sessions_end_in_time(
    accounts: Accounts,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    accounts.add("甲", PASSWORD, Role.USER)
    token, old = accounts.sign_in("甲", PASSWORD), accounts.sign_in("甲", PASSWORD)
    start = now()
    monkeypatch.setattr(module, "now", lambda: start + timedelta(hours=11.9))
    assert accounts.user(token)
    monkeypatch.setattr(module, "now", lambda: start + timedelta(hours=12.1))
    assert accounts.user(token) is None
    accounts.sign_in("甲", PASSWORD)  # clears away what is over
    monkeypatch.undo()
    assert accounts.user(token) is None
    assert accounts.user(old) is None
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(SessionRow)) == 1


def test_changes_take_effect_at_once(accounts: Accounts) -> None:
    accounts.add("甲", PASSWORD, Role.USER)
    token = accounts.sign_in("甲", PASSWORD)
    accounts.set_role("甲", Role.ADMIN)
    user = accounts.user(token)
    assert user is not None
    assert user.role is Role.ADMIN
    accounts.set_password("甲", "another password")
    assert accounts.user(token) is None
    assert "不对" in wrong(accounts, "甲", PASSWORD)
    token = accounts.sign_in("甲", "another password")
    accounts.add("乙", PASSWORD, Role.USER)
    assert [one.name for one in accounts.list()] == ["乙", "甲"]
    accounts.remove("甲")
    assert accounts.user(token) is None
    assert [one.name for one in accounts.list()] == ["乙"]
    for change in (
        lambda: accounts.remove("甲"),
        lambda: accounts.set_role("甲", Role.USER),
        lambda: accounts.set_password("甲", PASSWORD),
    ):
        with pytest.raises(NotFoundError, match="zhengce users list"):
            change()


def test_a_password_changed_meanwhile_ends_the_sign_in(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts.add("甲", PASSWORD, Role.USER)
    start = accounts._start

    def late(key: str, stored: str, renewed: str | None) -> str:
        accounts.set_password("甲", "another password")
        return start(key, stored, renewed)

    monkeypatch.setattr(accounts, "_start", late)
    assert "不对" in wrong(accounts, "甲", PASSWORD)


# -- the commands --------------------------------------------------------------------------------------------------

Run = Callable[..., tuple[int, str, str]]


class Typed(io.TextIOWrapper):
    """What is typed."""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command in an empty folder with ``typed`` on standard input: code, out, err."""
    for name in list(os.environ):
        if name.startswith("ZHENGCE_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", Typed(io.BytesIO(typed.encode()), "utf-8"))
        capsys.readouterr()
        code = main(arguments)
        return code, *capsys.readouterr()

    return call


def opened(folder: Path) -> Database:
    return Database.open(f"sqlite:///{folder}/data/state.sqlite3")


def test_users_are_added_listed_changed_and_removed(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("users", "add", "张三", "--role", "admin", "--password-stdin", typed=PASSWORD + "\r\nmore")
    assert (code, out) == (0, "已添加用户 张三（admin）\n")
    database = opened(tmp_path)
    accounts = Accounts(database, 1)
    token = accounts.sign_in("张三", PASSWORD)
    code, out, _ = run("users", "list", "--json")
    assert [(one["name"], one["role"]) for one in json.loads(out)["users"]] == [("张三", "admin")]
    assert "张三" in run("users", "list")[1]
    assert run("users", "password", "张三", "--password-stdin", typed="another password")[0] == 0
    assert accounts.user(token) is None
    assert accounts.sign_in("张三", "another password")
    assert run("users", "role", "张三", "--role", "user")[1] == "张三 的角色已改为 user\n"
    assert [one.role for one in accounts.list()] == ["user"]
    assert json.loads(run("users", "remove", "张三", "--json")[1]) == {"action": "remove", "name": "张三"}
    assert json.loads(run("users", "list", "--json")[1]) == {"users": []}
    database.close()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["add"], 2, "需要用户名"),
        (["add", "张三"], 2, "--password-stdin"),
        (["add", "张三", "--password-stdin"], 1, "8 到 256"),
        (["add", "张 三", "--password-stdin"], 1, "用户名应是"),
        (["add", "张三", "--role", "king"], 2, "--role 的值无效"),
        (["rename", "张三"], 2, "的值无效"),
        (["list"], 1, "数据目录"),
        (["remove", "张三"], 1, "数据目录"),
        (["role", "张三"], 1, "数据目录"),
    ],
)
def test_wrong_use(arguments: list[str], code: int, said: str, run: Run) -> None:
    got, out, err = run("users", *arguments)
    assert (got, out) == (code, "")
    assert said in err
    assert err.count("\n") == 1


def test_nothing_is_made_in_a_mistyped_folder(run: Run, tmp_path: Path) -> None:
    assert run("users", "list")[0] == run("feedback")[0] == 1
    assert list(tmp_path.iterdir()) == []


def test_a_user_who_is_not_there(run: Run, tmp_path: Path) -> None:
    opened(tmp_path).close()
    assert "没有用户 张三" in run("users", "remove", "张三")[2]


def test_the_password_is_asked_for_twice(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    typed = iter([PASSWORD, "something else", PASSWORD, PASSWORD])
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(typed))
    monkeypatch.setattr(Typed, "isatty", lambda _self: True)
    code, _, err = run("users", "add", "张三")
    assert code == 2
    assert "不同" in err
    assert not (tmp_path / "data").exists()
    assert run("users", "add", "张三")[0] == 0


def test_feedback_is_listed(run: Run, tmp_path: Path) -> None:
    database = opened(tmp_path)
    talks = Conversations(database)
    _, exchange = talks.ask("visitor:1", talks.create("visitor:1").id, "第2条讲什么", Filter())
    talks.finish(exchange.id, answer(), {"ranking": []})
    talks.rate("visitor:1", exchange.id, "down", "citation", "引错了")
    code, out, _ = run("feedback", "--json")
    (one,) = json.loads(out)["feedback"]
    assert code == 0
    assert (one["rating"], one["reason"], one["question"]) == ("down", "citation", "第2条讲什么")
    assert one["trace"]["answer"]["answer"] == "建设服务站。"
    shown = run("feedback")[1]
    for text in ("visitor:1", "有问题 · 引用不对", "第2条讲什么", "引错了"):
        assert text in shown
    database.close()


def test_a_database_by_url(run: Run, url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ZHENGCE_DATABASE", url)
    assert run("users", "add", "甲", "--password-stdin", typed=PASSWORD)[0] == 0
    assert "甲" in run("users", "list")[1]
    assert not (tmp_path / "data").exists()
    monkeypatch.setenv("ZHENGCE_DATABASE", "postgresql://u:hunter2@127.0.0.1:1/db")
    code, _, err = run("users", "list")
    assert code == 1
    assert "PostgreSQL" in err
    assert "hunter2" not in err
