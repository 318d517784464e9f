"""What the service remembers, on SQLite and on PostgreSQL: nothing is lost, and nobody sees what is another's."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from assistant.answer import Answer, Citation
from ui.state.conversations import Conversations
from ui.state.database import Database, database_file, database_url
from ui.state.errors import InputError, StateError
from ui.state.forgetting import forget
from ui.state.records import Conversation, Exchange
from ui.state.tables import Base
from ui.state.uploads import Uploads
from vectorstore.errors import NotFoundError
from vectorstore.records import Filter, Kind

pytest_plugins = ["postgres"]  # its fixtures

ROOT = Path(__file__).parents[1]
NOWHERE = "0" * 32


@pytest.fixture
def talks(database: Database) -> Conversations:
    return Conversations(database)


def answer(text: str = "建设服务站。", **fields: Any) -> Answer:
    found = {"question": "q", "standalone_question": "q", "status": "answered", "sentences": [], "citations": []}
    return Answer.model_validate({**found, "answer": text, "engine": "extractive", **fields})


def asked(talks: Conversations, owner: str, question: str, text: str | None = None) -> tuple[str, str]:
    """Return the ids of a new conversation and of its one exchange, answered with ``text``."""
    talk, exchange = talks.ask(owner, talks.create(owner).id, question, Filter())
    if text is not None:
        talks.finish(exchange.id, answer(text), {})
    return talk.id, exchange.id


# -- the database --------------------------------------------------------------------------------------------------


def test_migrations_and_tables_agree(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_opening_again_keeps_what_is_there(url: str, database: Database) -> None:
    talk = Conversations(database).create("甲")
    again = Database.open(url)
    assert Conversations(again).get("甲", talk.id) == talk
    again.close()


def test_many_open_a_new_database_at_once(url: str) -> None:
    program = "import sys; from ui.state.database import Database; Database.open(sys.argv[1]).close()"
    command = [sys.executable, "-W", "error", "-c", program, url]
    running = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) for _ in range(3)]
    for one in running:
        _, said = one.communicate(timeout=60)
        assert (one.returncode, said) == (0, b"")
    with ThreadPoolExecutor(4) as pool:
        for opened in pool.map(Database.open, [url] * 4):
            opened.close()


def test_a_version_that_we_do_not_know_names_the_mend(url: str, database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StateError, match=r"9999.*请升级 zhengce.*ZHENGCE_DATABASE"):
        Database.open(url)


def test_opening_leaves_logging_alone(url: str, caplog: pytest.LogCaptureFixture) -> None:
    import logging

    before = (logging.getLogger().level, list(logging.getLogger().handlers), logging.getLogger("alembic").level)
    Database.open(url).close()
    assert before == (logging.getLogger().level, logging.getLogger().handlers, logging.getLogger("alembic").level)
    assert not logging.getLogger("ui").disabled


@pytest.mark.parametrize(
    ("given_url", "said"),
    [
        ("", "无法解析"),
        ("no url with hunter2", "无法解析"),
        ("postgresql://u:hunter2@h:port/db", "无法解析"),
        ("mysql://u:hunter2@h/db", "不支持 mysql"),
        ("sqlite://", "指向一个文件"),
        ("sqlite:///:memory:", "指向一个文件"),
        ("postgres://u:hunter2@127.0.0.1:1/db?sslmode=disable", "127.0.0.1:1/db.*PostgreSQL 已启动"),
        ("postgresql://127.0.0.1:1/db?password=hunter2&user=u", "127.0.0.1:1/db"),
        ("sqlite:////proc/none/state.sqlite3", "目录权限"),
        ("sqlite:////proc", "目录权限"),
    ],
)
def test_a_wrong_address_is_told_without_its_password(given_url: str, said: str) -> None:
    with pytest.raises(StateError, match=said) as caught:
        Database.open(given_url)
    assert "ZHENGCE_DATABASE" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"no database " * 1000)
    with pytest.raises(StateError, match="x 无法使用"):
        Database.open(f"sqlite:///{tmp_path}/x")


def test_the_default_is_a_file_beside_the_index(tmp_path: Path) -> None:
    from ui.settings import Settings

    folder = tmp_path / "数 据?#%41"
    given_url = database_url(Settings(data_dir=folder))
    assert database_file(given_url) == folder / "state.sqlite3"
    Database.open(given_url).close()
    assert (folder / "state.sqlite3").is_file()


def test_an_error_rolls_back(database: Database, talks: Conversations) -> None:
    row = {"id": "i", "owner": "o", "moment": datetime(2026, 1, 1)}

    def fail() -> None:
        with database.session() as session:
            session.execute(sa.text("INSERT INTO conversations VALUES (:id, :owner, '', '', :moment, :moment)"), row)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert talks.list("o") == []


def test_records_load_no_database() -> None:
    program = "import sys, ui.state.records, ui.state.errors, ui.cli; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0


# -- conversations -------------------------------------------------------------------------------------------------


def test_a_conversation_from_the_first_question_to_the_answer(talks: Conversations) -> None:
    before = datetime.now(UTC)
    talk = talks.create("甲")
    assert (talk.name, talk.owner, talk.exchanges) == ("", "甲", ())
    within = Filter(("d1",), (Kind.POLICY,), "2024-01-01", None, "重点任务", ("云溪市",))
    talk, waiting = talks.ask("甲", talk.id, "  第2条\t讲什么？\n第二行", within)
    assert waiting.pending
    assert talk.exchanges == (waiting,)
    assert (talk.name, waiting.question, waiting.within) == ("第2条 讲什么？", "第2条\t讲什么？\n第二行", within)
    cited = Citation(
        id=1, document_id="d", title="t", kind="policy", locator=["1"], label="l", heading_path=[], quote="q", start=0, end=1
    )  # fmt: skip
    whole = answer("建设。[1]", citations=[cited], timings_ms={"all": 1.5})
    done = talks.finish(waiting.id, whole, {"ranking": []})
    assert done.answer == whole
    assert not done.pending
    kept = talks.get("甲", talk.id)
    assert kept.exchanges == (done,)
    assert before <= kept.created_at <= done.asked_at <= kept.updated_at <= datetime.now(UTC)
    assert kept.updated_at.tzinfo is UTC
    (summary,) = talks.list("甲")
    assert (summary.id, summary.name, summary.exchanges) == (talk.id, talk.name, 1)
    assert talks.ask("甲", talk.id, "那第3条呢", Filter())[0].name == talk.name


def test_the_name_is_the_first_line_cut(talks: Conversations) -> None:
    talk, _ = talks.ask("甲", talks.create("甲").id, "长" * 100, Filter())
    assert talk.name == "长" * 30


def test_renaming(talks: Conversations) -> None:
    talk_id, _ = asked(talks, "甲", "问")
    assert talks.rename("甲", talk_id, "  新的\n名称 ").name == "新的 名称"
    assert talks.get("甲", talk_id).name == "新的 名称"
    assert [one.id for one in talks.list("甲", "名称")] == [talk_id]
    for bad in ("", " \n", "长" * 81):
        with pytest.raises(InputError, match="名称"):
            talks.rename("甲", talk_id, bad)


def test_the_latest_change_comes_first(talks: Conversations) -> None:
    first, waiting = asked(talks, "甲", "一")
    second, _ = asked(talks, "甲", "二")
    assert [one.id for one in talks.list("甲")] == [second, first]
    talks.stop(waiting)
    assert [one.id for one in talks.list("甲")] == [first, second]
    assert [one.id for one in talks.list("甲", limit=1)] == [first]


def test_asking_anew_hides_what_came_after(talks: Conversations) -> None:
    talk_id = talks.create("甲").id
    ids = [talks.ask("甲", talk_id, f"问{number}", Filter())[1].id for number in range(3)]
    talk, anew = talks.ask("甲", talk_id, "改问", Filter(), replaces=ids[1])
    assert [one.question for one in talk.exchanges] == ["问0", "改问"]
    assert talks.get("甲", talk_id).exchanges[-1] == anew
    assert talks.list("甲")[0].exchanges == 2
    assert talks.list("甲", "问2") == []
    for hidden in (ids[1], NOWHERE):
        with pytest.raises(NotFoundError):
            talks.ask("甲", talk_id, "再问", Filter(), replaces=hidden)
    other, elsewhere = asked(talks, "甲", "别处")
    with pytest.raises(NotFoundError):
        talks.ask("甲", talk_id, "再问", Filter(), replaces=elsewhere)
    assert len(talks.get("甲", other).exchanges) == 1
    assert talks.finish(ids[2], answer(), {}).answer is not None  # its answer was under way


Ending = Callable[[Conversations, str], Exchange]
ENDINGS: list[Ending] = [
    lambda talks, exchange: talks.finish(exchange, answer("甲答"), {"t": 1}),
    lambda talks, exchange: talks.fail(exchange, "模型没有回答"),
    lambda talks, exchange: talks.stop(exchange),
]


@pytest.mark.parametrize("first", ENDINGS)
def test_what_has_ended_stays_as_it_is(first: Ending, talks: Conversations) -> None:
    talk_id, exchange = asked(talks, "甲", "问")
    ended = first(talks, exchange)
    assert not ended.pending
    assert sum((ended.answer is not None, ended.problem is not None, ended.stopped)) == 1
    for later in ENDINGS:
        assert later(talks, exchange) == ended
    assert talks.interrupt_pending(datetime.now(UTC) + timedelta(days=1)) == 0
    assert talks.get("甲", talk_id).exchanges == (ended,)


def test_what_was_left_pending_is_stopped_at_the_start(talks: Conversations) -> None:
    old, _ = asked(talks, "甲", "旧")
    answered, _ = asked(talks, "甲", "答过", "答")
    started = datetime.now(UTC)
    new, _ = asked(talks, "甲", "新")
    assert talks.interrupt_pending(started) == 1
    assert talks.get("甲", old).exchanges[0].stopped
    assert talks.get("甲", new).exchanges[0].pending
    assert talks.get("甲", answered).exchanges[0].answer is not None
    with pytest.raises(sa.exc.StatementError, match="zone"):
        talks.interrupt_pending(datetime(2026, 1, 1))


def test_what_no_database_takes_is_replaced(talks: Conversations, database: Database) -> None:
    talk, exchange = talks.ask("甲\0", talks.create("甲\0").id, " 问\0\ud800题 ", Filter(section="\0"))
    assert exchange.question == "问\ufffd?题"
    done = talks.finish(exchange.id, answer("答\0\udfff", timings_ms={"x": 1.0}), {"a\0": ["\0", float("nan"), (1,)]})
    assert done.answer is not None
    assert done.answer.answer == "答\ufffd?"
    assert talks.rate("甲\0", exchange.id, "up", None, "好\0\ud800").rating == "up"
    (given_back,) = talks.feedback()
    assert given_back.comment == "好\ufffd?"
    assert given_back.trace["a\ufffd"] == ["\ufffd", None, [1]]
    assert talks.list("甲\0", "\0")[0].id == talk.id
    assert talks.fail(asked(talks, "甲", "问")[1], "坏\0").problem == "坏\ufffd"
    for one in ("\0", "\ud800", "x" * 10_000):
        with pytest.raises(NotFoundError):
            talks.get("甲", one)
        with pytest.raises(NotFoundError):
            talks.stop(one)
        with pytest.raises(NotFoundError):
            Uploads(database).get(one)


# -- search --------------------------------------------------------------------------------------------------------


def test_every_word_must_be_somewhere(talks: Conversations) -> None:
    talk_id, _ = asked(talks, "甲", "数字 Service 怎么建", "到2028年建成120个，达到95%")
    talks.ask("甲", talk_id, "另问 ÄÖ", Filter())
    talks.rename("甲", talk_id, "我的 Straße")
    for search in ("", "service", "SERVICE 120个", "strasse 另问", "äö 95%", "  数字\n建成 "):
        assert [one.id for one in talks.list("甲", search)] == [talk_id], search
    for search in ("没有", "service 没有", "1%0", "9_%", "_", "\\", "/"):
        assert talks.list("甲", search) == [], search


TEXT = st.text(st.sampled_from("aB/%_\\ 甲ßé'\"\n\0"), min_size=1, max_size=12)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=3), search=TEXT)
@example(texts=[("100%", "a_b"), ("100x", "axb")], search="% _")
@example(texts=[("a\\b", "/"), ("ab", "x")], search="\\ /")
def test_search_finds_what_holds_the_words(texts: list[tuple[str, str]], search: str, talks: Conversations) -> None:
    owner = datetime.now(UTC).isoformat()
    expected = set()
    for question, text in texts:
        talk_id, _ = asked(talks, owner, question, text)
        said = f"{question}\n{text}".replace("\0", "\ufffd").casefold()
        if all(word.replace("\0", "\ufffd").casefold() in said for word in search.split()):
            expected.add(talk_id)
    assert {one.id for one in talks.list(owner, search)} == expected
    assert forget(talks._database, owner).conversations == len(texts)


# -- owners --------------------------------------------------------------------------------------------------------

FOREIGN: dict[str, Callable[[Conversations, str, str], object]] = {
    "get": lambda talks, talk_id, _: talks.get("乙", talk_id),
    "rename": lambda talks, talk_id, _: talks.rename("乙", talk_id, "夺来"),
    "delete": lambda talks, talk_id, _: talks.delete("乙", talk_id),
    "ask": lambda talks, talk_id, _: talks.ask("乙", talk_id, "问", Filter()),
    "ask_replacing": lambda talks, talk_id, exchange: talks.ask("乙", talk_id, "问", Filter(), exchange),
    "replace": lambda talks, _, exchange: talks.ask("乙", talks.create("乙").id, "问", Filter(), exchange),
    "rate": lambda talks, _, exchange: talks.rate("乙", exchange, "up"),
    "withdraw": lambda talks, _, exchange: talks.rate("乙", exchange, None),
}


@pytest.mark.parametrize("method", FOREIGN)
def test_what_is_anothers_is_not_there(method: str, talks: Conversations) -> None:
    talk_id, exchange = asked(talks, "甲", "问", "答")
    talks.rate("甲", exchange, "down")
    kept = talks.get("甲", talk_id)
    with pytest.raises(NotFoundError) as foreign:
        FOREIGN[method](talks, talk_id, exchange)
    with pytest.raises(NotFoundError) as missing:
        FOREIGN[method](talks, NOWHERE, NOWHERE)
    assert str(foreign.value) == str(missing.value)
    assert talks.get("甲", talk_id) == kept
    assert len(talks.feedback()) == 1


def test_lists_and_forgetting_stay_with_the_owner(talks: Conversations, database: Database) -> None:
    mine, exchange = asked(talks, "甲", "问", "答")
    talks.rate("甲", exchange, "down")
    assert talks.list("乙") == []
    assert talks.list("乙", "问") == []
    assert forget(database, "乙").conversations == 0
    theirs, other = asked(talks, "乙", "问", "答")
    talks.rate("乙", other, "up")
    assert forget(database, "甲").conversations == 1
    assert talks.list("甲") == []
    assert [one.owner for one in talks.feedback()] == ["乙"]
    talks.delete("乙", theirs)
    with pytest.raises(NotFoundError):
        talks.get("甲", mine)
    with database.reading() as session:
        for table in ("conversations", "exchanges", "feedback"):
            assert session.scalar(sa.text(f"SELECT count(*) FROM {table}")) == 0


# -- feedback ------------------------------------------------------------------------------------------------------


def test_feedback_carries_all_that_led_to_it(talks: Conversations) -> None:
    talk_id, exchange = asked(talks, "甲", "问")
    with pytest.raises(InputError, match="还没有回答"):
        talks.rate("甲", exchange, "up")
    talks.finish(exchange, answer("答"), {"ranking": [1], "dropped": 2})
    assert talks.rate("甲", exchange, "down", "citation", " 引错了 ").rating == "down"
    (kept,) = talks.feedback()
    assert (kept.owner, kept.exchange_id, kept.question) == ("甲", exchange, "问")
    assert (kept.rating, kept.reason, kept.comment) == ("down", "citation", "引错了")
    assert kept.trace == {"answer": answer("答").model_dump(mode="json"), "ranking": [1], "dropped": 2}
    json.dumps(kept.trace)
    assert talks.rate("甲", exchange, "up").rating == "up"
    assert [(one.rating, one.reason, one.comment) for one in talks.feedback()] == [("up", None, "")]
    assert talks.get("甲", talk_id).exchanges[0].rating == "up"
    assert talks.finish(exchange, answer("别的"), {}).rating == "up"
    assert talks.rate("甲", exchange, None).rating is None
    assert talks.rate("甲", exchange, None).rating is None
    assert talks.feedback() == []
    talks.rate("甲", exchange, "down", "other", "长" * 2000)
    with pytest.raises(InputError, match="2000"):
        talks.rate("甲", exchange, "down", "other", "长" * 2001)
    _, failed = asked(talks, "乙", "另问")
    talks.fail(failed, "没有模型")
    talks.rate("乙", failed, "down")
    assert [one.owner for one in talks.feedback()] == ["乙", "甲"]
    assert [one.owner for one in talks.feedback(limit=1)] == ["乙"]


# -- threads -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_many_threads_lose_nothing(talks: Conversations) -> None:
    shared = talks.create("甲").id
    start = threading.Barrier(8)

    def work(number: int) -> None:
        start.wait()
        for turn in range(25):
            _, exchange = talks.ask("甲", shared, f"{number}:{turn}", Filter())
            talks.finish(exchange.id, answer(f"答{number}:{turn}"), {})
            if turn % 5 == 0:
                talks.rate("甲", exchange.id, "up")
                talks.list("甲", "答")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    kept = talks.get("甲", shared).exchanges
    assert len(kept) == 200
    assert {one.question for one in kept} == {f"{number}:{turn}" for number in range(8) for turn in range(25)}
    assert all(one.answer and one.answer.answer == f"答{one.question}" for one in kept)
    assert sum(one.rating == "up" for one in kept) == 40


@pytest.mark.slow
def test_writers_that_cross_do_not_deadlock(talks: Conversations) -> None:
    talk: Conversation = talks.create("甲")
    for _ in range(4):
        talk, _ = talks.ask("甲", talk.id, "问", Filter())
    ids = [one.id for one in talk.exchanges]

    def work(number: int) -> None:
        for turn in range(10):
            one = ids[(number + turn) % len(ids)]
            if number % 4 == 0:
                talks.interrupt_pending(datetime.now(UTC))
            elif number % 4 == 1:
                talks.finish(one, answer(), {})
            elif number % 4 == 2:
                talks.ask("甲", talk.id, "改", Filter(), talks.get("甲", talk.id).exchanges[0].id)
            else:
                talks.stop(one)

    with ThreadPoolExecutor(8) as pool:
        outcomes = [pool.submit(work, number) for number in range(8)]
    for outcome in outcomes:
        problem = outcome.exception()
        assert problem is None or isinstance(problem, NotFoundError)  # two edit the same exchange: one is too late
    assert not any(one.pending for one in talks.get("甲", talk.id).exchanges[:-1])


# -- uploads -------------------------------------------------------------------------------------------------------


@pytest.fixture
def uploads(database: Database) -> Uploads:
    return Uploads(database)


def test_an_upload_from_waiting_to_active(uploads: Uploads) -> None:
    first = uploads.add("方案.txt", "uploads/1", "d1", 5_000_000_000, "甲")
    assert (first.state, first.active, first.outcome, first.warnings) == ("waiting", False, {}, ())
    assert uploads.get(first.id) == first
    second = uploads.add("乙.txt", "uploads/2", "d2", 1, "甲")
    assert uploads.waiting() == [first, second]
    assert uploads.reading(first.id).state == "reading"
    uploads.progress(first.id, 0.5)
    assert uploads.get(first.id).done == 0.5
    assert [one.id for one in uploads.waiting()] == [first.id, second.id]
    done = uploads.finish(first.id, {"status": "added", "units": 3}, ("日期不明",))
    assert (done.state, done.active, done.done) == ("done", True, 1.0)
    assert (done.outcome["units"], done.warnings) == (3, ("日期不明",))
    assert uploads.waiting() == [second]


def test_the_newest_that_worked_is_active(uploads: Uploads) -> None:
    ids = [uploads.add("方案.txt", f"u/{number}", "d", 1, "甲").id for number in range(3)]
    other = uploads.add("别的.txt", "u/9", "d", 1, "甲").id
    for one in (other, ids[0], ids[1]):
        uploads.finish(one, {"status": "added"}, [])
    failed = uploads.finish(ids[2], {"status": "failed", "reason": "无法读取"}, [])
    assert (failed.state, failed.active) == ("failed", False)
    assert [one.id for one in uploads.versions("方案.txt")] == ids[::-1]
    assert [one.active for one in uploads.versions("方案.txt")] == [False, True, False]
    assert [one.name for one in uploads.list()] == ["别的.txt", "方案.txt", "方案.txt", "方案.txt"]
    assert [one.id for one in uploads.list()][1:] == ids[::-1]
    assert uploads.activate(ids[0]).active
    assert [one.active for one in uploads.versions("方案.txt")] == [False, False, True]
    assert uploads.get(other).active
    with pytest.raises(StateError, match=r"方案\.txt"):
        uploads.activate(ids[2])
    uploads.remove(ids[1])
    assert len(uploads.versions("方案.txt")) == 2


@pytest.mark.parametrize("method", ["get", "reading", "progress", "finish", "activate", "remove"])
def test_an_upload_that_is_not_there(method: str, uploads: Uploads) -> None:
    more = {"progress": (0.5,), "finish": ({"status": "added"}, ())}.get(method, ())
    with pytest.raises(NotFoundError):
        getattr(uploads, method)(NOWHERE, *more)


def test_two_versions_never_become_active_together(uploads: Uploads) -> None:
    ids = [uploads.add("方案.txt", f"u/{number}", "d", 1, "甲").id for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda one: uploads.finish(one, {"status": "added"}, ()), ids))
    assert sum(one.active for one in uploads.versions("方案.txt")) == 1
