"""The log of who did what: a chain that shows every change; and how what is kept of people goes again."""

import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from test_access import PASSWORD, Serving, browser, opening, signed_in, talk

from ui.access.visitors import VISITOR_COOKIE
from ui.cli import main
from ui.state.audit import Audit
from ui.state.conversations import Conversations
from ui.state.database import Database
from ui.state.errors import StateError
from ui.state.forgetting import expire, forget
from ui.state.records import Role
from ui.state.tables import AuditRow, ConversationRow, now

pytest_plugins = ["postgres"]  # its fixtures

ROOT = Path(__file__).parents[1]
QUESTION = "重点任务1的原文是什么？"


@pytest.fixture
def audit(database: Database) -> Audit:
    return Audit(database)


def filled(audit: Audit, count: int = 5) -> list[str]:
    """Note some rows and return the digest of each."""
    heads = []
    for number in range(count):
        audit.note(f"甲{number % 2}", "question", {"ms": number, "cited": [["d", ["一"], 0, 9]]}, f"问{number}")
        heads.append(audit.head())
    return heads


def changed(database: Database, statement: str, **values: Any) -> None:
    with database.engine.begin() as connection:
        connection.execute(sa.text(statement), values)


# -- the chain -----------------------------------------------------------------------------------------------------


def test_an_empty_log_is_whole(audit: Audit) -> None:
    report = audit.verify(audit.head())
    assert (report.rows, report.ok, report.broken_at) == (0, True, None)


def test_what_is_noted_is_listed(audit: Audit) -> None:
    audit.note("张三", "upload", {"name": "甲\0.txt", "size": 3.5, "half": float("nan")})
    audit.note("visitor:1", "question", {"status": "answered"}, "问\ud800什么")
    first, second = audit.list()
    assert (first.number, first.owner, first.action, first.question) == (1, "张三", "upload", None)
    assert first.details == {"name": "甲\ufffd.txt", "size": 3.5, "half": None}
    assert (second.number, second.question) == (2, "问?什么")
    assert audit.list(since=second.at) == [second]
    assert audit.list(limit=1) == [second]
    assert audit.verify(first.digest).ok


TAMPERING = {
    "the owner": ("UPDATE audit SET owner = '乙' WHERE number = 3", 3),
    "the action": ("UPDATE audit SET action = 'export' WHERE number = 3", 3),
    "the details": ("UPDATE audit SET details = replace(CAST(details AS TEXT), '\"ms\": 2', '\"ms\": 9')::json "
                    "WHERE number = 3", 3),
    "the question": (r"UPDATE audit SET details = replace(CAST(details AS TEXT), '\u95ee2', '?')::json WHERE number = 3", 3),
    "the moment": ("UPDATE audit SET at = (SELECT at FROM audit WHERE number = 1) WHERE number = 3", 3),
    "a row removed": ("DELETE FROM audit WHERE number = 3", 3),
    "the first row removed": ("DELETE FROM audit WHERE number = 1", 1),
    "a row removed and the gap closed": ("DELETE FROM audit WHERE number = 3;"
                                         "UPDATE audit SET number = number - 1 WHERE number > 3", 3),
    "a row put in": ("INSERT INTO audit SELECT 6, at, owner, action, details, previous, digest FROM audit "
                     "WHERE number = 5", 6),
    "rows exchanged": ("UPDATE audit SET number = -number WHERE number IN (2, 3);"
                       "UPDATE audit SET number = 5 + number WHERE number < 0", 2),
    "a row blanked unseen": ("UPDATE audit SET owner = '' WHERE number = 3", 3),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERING)
def test_what_was_tampered_with_is_found(audit: Audit, database: Database, what: str) -> None:
    filled(audit)
    statements, number = TAMPERING[what]
    if database.engine.dialect.name == "sqlite":
        statements = statements.replace("::json", "")
    for statement in statements.split(";"):
        changed(database, statement)
    report = audit.verify()
    assert (report.ok, report.broken_at) == (False, number)


def test_blanking_rows_by_hand_is_found_by_its_count(audit: Audit, database: Database) -> None:
    filled(audit)
    with database.session() as session:
        row = session.get_one(AuditRow, 4)
        row.owner, row.details = "", {key: value for key, value in row.details.items() if key != "private"}
    report = audit.verify()
    assert (report.ok, report.broken_at, report.forgotten) == (False, 4, 1)


def test_a_cut_end_is_found_with_a_head_that_was_kept_elsewhere(audit: Audit, database: Database) -> None:
    heads = filled(audit)
    assert audit.head() == heads[-1]
    changed(database, "DELETE FROM audit WHERE number > 3")
    assert audit.verify().ok, "the chain alone cannot tell"
    report = audit.verify(heads[-1])
    assert (report.rows, report.ok, report.broken_at) == (3, False, 4)
    assert audit.verify(heads[2]).ok, "what came after may grow"


def test_a_chain_written_anew_is_found_with_the_head(audit: Audit, database: Database) -> None:
    head = filled(audit)[-1]
    changed(database, "DELETE FROM audit")
    filled(audit, 7)
    assert audit.verify().ok
    assert not audit.verify(head).ok


def test_many_threads_write_one_chain(audit: Audit) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: audit.note(f"o{number}", "question", {"n": number}, "问"), range(80)))
    assert (audit.verify().rows, audit.verify().ok) == (80, True)


def test_several_processes_write_one_chain(url: str, audit: Audit) -> None:
    program = """
import sys
from concurrent.futures import ThreadPoolExecutor
from ui.state.audit import Audit
from ui.state.database import Database
database = Database.open(sys.argv[1])
audit = Audit(database)
with ThreadPoolExecutor(3) as pool:
    list(pool.map(lambda n: audit.note(sys.argv[2], "question", {"n": n}, "问"), range(20)))
database.close()
"""
    command = [sys.executable, "-W", "error", "-c", program, url]
    running = [subprocess.Popen([*command, f"p{n}"], cwd=ROOT, stderr=subprocess.PIPE) for n in range(3)]
    for one in running:
        _, said = one.communicate(timeout=120)
        assert (one.returncode, said) == (0, b"")
    report = audit.verify()
    assert (report.rows, report.ok) == (60, True)


# -- forgetting ----------------------------------------------------------------------------------------------------


def test_forgetting_leaves_the_chain_whole_and_nothing_of_the_person(audit: Audit, database: Database) -> None:
    heads = filled(audit, 4)
    talks = Conversations(database)
    mine, others = talks.create("甲0"), talks.create("甲1")
    gone = forget(database, "甲0")
    assert (gone.conversations, gone.audit) == (1, 2)
    assert talks.list("甲0") == [] and [one.id for one in talks.list("甲1")] == [others.id] and mine
    report = audit.verify(heads[-1])
    assert (report.ok, report.rows, report.forgotten) == (True, 5, 2)
    entries = audit.list()
    assert [one.owner for one in entries[:4]] == [None, "甲1", None, "甲1"]
    assert [one.question for one in entries[:4]] == [None, "问1", None, "问3"]
    assert entries[4].action == "data_forgotten"
    with database.engine.connect() as connection:
        kept = str(connection.execute(sa.text("SELECT * FROM audit ORDER BY number")).all()[0])
    assert "甲" not in kept and "问" not in kept
    assert "private" not in kept and "salt" not in kept, "without its salt a seal cannot be guessed"
    assert not forget(database, "甲0")
    assert audit.verify().rows == 5, "nothing to forget, nothing to note"


def test_what_is_too_old_goes(audit: Audit, database: Database) -> None:
    talks = Conversations(database)
    old, new = (talks.create("甲").id for _ in range(2))
    filled(audit, 3)
    audit.note("甲", "upload", {"name": "a.txt"})
    changed(database, "UPDATE conversations SET updated_at = :at WHERE id = :id", id=old, at=_stored(database, 40))
    assert expire(database, now() - timedelta(days=30)).conversations == 1
    assert [one.id for one in talks.list("甲")] == [new]
    assert expire(database, now() + timedelta(days=1)).audit == 3
    entries = audit.list()
    assert [one.owner for one in entries if one.action == "question"] == [None] * 3
    assert [one.owner for one in entries if one.action == "upload"] == ["甲"], "what was done with the files stays"
    assert audit.verify().ok


def _stored(database: Database, days: int) -> Any:
    moment = now() - timedelta(days=days)
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f") if database.engine.dialect.name == "sqlite" else moment


def test_a_mass_of_old_conversations_goes_in_steps(database: Database) -> None:
    with database.session() as session:
        for _ in range(450):
            session.add(ConversationRow(owner="甲", created_at=now(), updated_at=now() - timedelta(days=9)))
    assert expire(database, now() - timedelta(days=8)).conversations == 450
    assert [one.details for one in Audit(database).list()] == [{"conversations": n} for n in (200, 200, 50)]


# -- what the service notes ----------------------------------------------------------------------------------------


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    with opening(tmp_path) as open_:
        yield open_


def test_questions_exports_and_deletions_are_noted(serving: Serving) -> None:
    services = serving()
    client = browser(services)
    kept = talk(client, QUESTION)
    owner = f"visitor:{client.cookies[VISITOR_COOKIE]}"
    client.get(f"/api/v1/conversations/{kept['id']}/export", params={"format": "md"})
    client.delete(f"/api/v1/conversations/{kept['id']}")
    client.post("/api/v1/ask", json={"question": "今天天气怎么样？"})
    asked, exported, deleted, other = services.state.audit.list()
    cited = kept["exchanges"][0]["answer"]["citations"][0]
    assert (asked.action, asked.owner, asked.question) == ("question", owner, QUESTION)
    assert asked.details["cited"][0] == [cited["document_id"], cited["locator"], cited["start"], cited["end"]]
    assert asked.details["conversation"] == kept["id"]
    assert (asked.details["status"], asked.details["engine"]) == ("answered", "extractive")
    assert asked.details["ms"] >= 0
    assert (exported.action, exported.details["format"]) == ("export", "md")
    assert (deleted.action, deleted.details["conversation"]) == ("conversation_deleted", kept["id"])
    assert (other.owner, other.details["status"], other.details["conversation"]) == (owner, "refused", None)
    assert services.state.audit.verify().ok


def test_files_are_noted(serving: Serving) -> None:
    services = serving()
    client = browser(services)
    (sent,) = client.post("/api/v1/documents", files={"files": ("空.txt", b"")}).json()["uploads"]
    assert client.delete(f"/api/v1/uploads/{sent['id']}").status_code == 204
    (document,) = client.get("/api/v1/documents").json()["documents"]
    assert client.delete(f"/api/v1/documents/{document['id']}").status_code == 200
    assert client.delete("/api/v1/documents/none").status_code == 404, "what did not happen is not noted"
    uploaded, discarded, removed = services.state.audit.list()
    assert (uploaded.action, uploaded.details["name"]) == ("upload", "空.txt")
    assert (discarded.action, discarded.details["upload"]) == ("discard", sent["id"])
    assert (removed.action, removed.details["titles"]) == ("remove", [document["title"]])


def test_signing_in_is_noted_without_what_was_typed(serving: Serving) -> None:
    services = serving(sign_in=True)
    services.state.accounts.add("张三", PASSWORD, Role.USER)
    signed_in(services, " 张三 ")
    browser(services).post("/sign-in", data={"name": "张三", "password": "wrong wrong"})
    browser(services).post("/sign-in", data={"name": "my secret password", "password": "x"})
    noted = [(one.action, one.owner) for one in services.state.audit.list()]
    assert noted == [("sign_in", "张三"), ("sign_in_failed", "张三"), ("sign_in_failed", "")]


def test_the_words_of_questions_can_be_left_out(serving: Serving) -> None:
    services = serving(audit_questions=False)
    talk(browser(services), QUESTION)
    with services.state.database.engine.connect() as connection:
        assert QUESTION not in str(connection.execute(sa.text("SELECT details FROM audit")).all())
    (asked,) = services.state.audit.list()
    assert asked.question is None
    assert services.state.audit.verify().ok


def test_the_log_can_be_off(serving: Serving) -> None:
    services = serving(audit=False)
    talk(browser(services), QUESTION)
    assert services.state.audit.list() == []


def test_a_log_that_cannot_be_written_costs_no_answer(
    serving: Serving, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    services = serving()

    def away(*_: object) -> None:
        raise StateError("away")

    monkeypatch.setattr(Audit, "note", away)
    with caplog.at_level(logging.ERROR):
        kept = talk(browser(services), QUESTION)
    assert kept["exchanges"][0]["answer"]["status"] == "answered"
    assert "question is not in it" in caplog.text


def test_a_question_that_fails_or_is_stopped_is_noted(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    from ui.conversing import converse
    from vectorstore.records import Filter

    services = serving()
    created = services.state.conversations.create("甲")
    growing = converse(services, "甲", created.id, QUESTION, Filter())
    next(growing)
    next(growing)
    growing.close()
    monkeypatch.setattr(services.assistant, "stream", lambda *_, **__: iter([]))
    list(converse(services, "甲", created.id, QUESTION, Filter()))
    assert [one.details["status"] for one in services.state.audit.list()] == ["stopped", "failed"]


def test_callers_delete_what_is_kept_of_them(serving: Serving) -> None:
    services = serving()
    client, other = browser(services), browser(services)
    kept, left = talk(client, QUESTION), talk(other, QUESTION)
    exchange = kept["exchanges"][0]["id"]
    client.put(f"/api/v1/conversations/{kept['id']}/exchanges/{exchange}/rating", json={"rating": "up"})
    assert client.delete("/api/v1/me", headers={"sec-fetch-site": "cross-site"}).status_code == 403
    gone = client.delete("/api/v1/me")
    assert (gone.status_code, gone.json()) == (200, {"conversations": 1, "feedback": 1, "sessions": 0})
    assert VISITOR_COOKIE not in client.cookies
    assert services.state.conversations.feedback() == []
    assert other.get(f"/api/v1/conversations/{left['id']}").json() == left
    first, second, _forgotten = services.state.audit.list()
    assert first.owner is None and first.question is None
    assert second.question == QUESTION
    assert services.state.audit.verify().ok


def test_a_user_who_deletes_their_data_is_signed_out(serving: Serving) -> None:
    services = serving(sign_in=True)
    services.state.accounts.add("张三", PASSWORD, Role.USER)
    client, elsewhere = signed_in(services, "张三"), signed_in(services, "张三")
    talk(client, QUESTION)
    assert client.delete("/api/v1/me").json() == {"conversations": 1, "feedback": 0, "sessions": 2}
    assert elsewhere.get("/api/v1/conversations").status_code == 401
    assert signed_in(services, "张三").get("/api/v1/conversations").json() == {"conversations": []}


def test_the_service_deletes_what_is_too_old(serving: Serving) -> None:
    first = serving()
    kept = talk(browser(first), QUESTION)
    with first.state.database.session() as session:
        session.get_one(ConversationRow, kept["id"]).updated_at = now() - timedelta(days=8)
    first.close()
    services = serving(retention_days=7)
    assert services.retention is not None
    services.retention.close()
    with services.state.database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ConversationRow)) == 0


# -- the commands --------------------------------------------------------------------------------------------------

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    for name in list(os.environ):
        if name.startswith("ZHENGCE_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(typed.encode()), "utf-8"))
        capsys.readouterr()
        code = main(arguments)
        return code, *capsys.readouterr()

    return call


def test_the_log_is_listed_and_checked(run: Run, tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path}/data/state.sqlite3")
    head = filled(Audit(database))[-1]
    assert run("audit", "head") == (0, f"{head}\n", "")
    code, out, _ = run("audit", "list", "--json", "--since", "2020-01-01")
    listed = json.loads(out)["audit"]
    assert (code, len(listed), listed[0]["question"], listed[0]["owner"]) == (0, 5, "问0", "甲0")
    assert json.loads(run("audit", "list", "--json", "--since", "2999-01-01")[1]) == {"audit": []}
    assert "问4" in run("audit", "list")[1]
    assert "完好：5 行" in run("audit", "verify", "--head", head)[1]
    changed(database, "DELETE FROM audit WHERE number = 5")
    code, out, _ = run("audit", "verify", "--head", head)
    assert (code, "从第 5 行起" in out) == (1, True)
    assert json.loads(run("audit", "verify", "--json")[1])["ok"]
    code, _, err = run("audit", "list", "--since", "yesterday")
    assert (code, "yesterday" in err) == (2, True)
    database.close()


def test_people_are_forgotten_by_command(run: Run, tmp_path: Path) -> None:
    run("users", "add", "张三", "--password-stdin", typed=PASSWORD)
    database = Database.open(f"sqlite:///{tmp_path}/data/state.sqlite3")
    talks = Conversations(database)
    for owner in ("张三", "visitor:1", "key:2", "李四"):
        talks.create(owner)
    for name in ("张三", "visitor:1", "key:2"):
        code, out, _ = run("users", "forget", name)
        assert (code, "对话 1 个" in out) == (0, True)
    assert [len(talks.list(owner)) for owner in ("张三", "visitor:1", "key:2", "李四")] == [0, 0, 0, 1]
    code, _, err = run("users", "forget", "王五")
    assert (code, "没有 王五 的数据" in err) == (1, True)
    assert "张三" in run("users", "list")[1]
    database.close()
