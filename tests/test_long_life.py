"""Two years of use: a million rows, and what people wait for is as quick as on the first day."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ui.state.audit import Audit
from ui.state.conversations import Conversations
from ui.state.database import Database
from ui.state.forgetting import expire
from ui.state.retention import Retention
from ui.state.tables import now
from vectorstore.records import Filter
from vectorstore.snapshot import copy_database

pytestmark = pytest.mark.slow

TALKS, EACH, LOGGED = 250_000, 2, 250_000  # with their exchanges, a million rows
OWNERS = 500
_NUMBERS = "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < {count})"
_DAY = "strftime('%Y-%m-%d %H:%M:%S.000000', '{first}', '+' || (t.n * 730 / {count}) || ' days')"


def fill(file: Path, talks: int) -> None:
    """Multiply the one conversation that is there, over two years up to today."""
    first = (now() - timedelta(days=731)).date().isoformat()
    day = _DAY.format(first=first, count=talks)
    with sqlite3.connect(file) as db:
        every = [row[0] for row in db.execute("SELECT name FROM pragma_table_info('exchanges')")]
        db.execute(
            f"{_NUMBERS.format(count=talks)} INSERT INTO conversations"
            f" SELECT printf('%032x', t.n), 'owner' || (t.n % {OWNERS}), name, searchable, {day}, {day}"
            " FROM t CROSS JOIN (SELECT * FROM conversations LIMIT 1)"
        )
        own = {"id": "printf('%031x', t.n) || p.p", "conversation_id": "printf('%032x', t.n)", "position": "p.p"}
        db.execute(
            f"{_NUMBERS.format(count=talks)}, p(p) AS (VALUES (0), (1)) INSERT INTO exchanges ({', '.join(every)})"
            f" SELECT {', '.join(own.get(name, 'e.' + name) for name in every)}"
            " FROM t CROSS JOIN p CROSS JOIN (SELECT * FROM exchanges LIMIT 1) e"
        )
        db.execute(
            f"{_NUMBERS.format(count=talks)} INSERT INTO audit (number, at, owner, action, details, previous, digest)"
            f" SELECT t.n + 1, {day}, 'owner', 'question', '{{}}', '', '' FROM t"
        )
    db.close()


def kept(folder: Path, talks: int) -> Database:
    folder.mkdir()
    file = folder / "state.sqlite3"
    database = Database.open(f"sqlite:///{file}")
    conversations = Conversations(database)
    talk = conversations.create("first")
    _, exchange = conversations.ask("first", talk.id, "夜校什么时候开课？", Filter())
    conversations.fail(exchange.id, "没有回答")
    Audit(database).note("first", "question", {})
    fill(file, talks)
    return database


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = kept(tmp_path_factory.mktemp("kept") / "million", TALKS)
    yield opened
    opened.close()


def milliseconds(work: Callable[[], object]) -> float:
    def once() -> float:
        began = time.perf_counter()
        work()
        return 1000 * (time.perf_counter() - began)

    return min(once() for _ in range(3))


def test_lists_are_quick(database: Database) -> None:
    conversations = Conversations(database)
    assert len(conversations.list("owner7")) == 200
    assert milliseconds(lambda: conversations.list("owner7")) < 100
    assert milliseconds(lambda: conversations.list("owner7", search="夜校")) < 100
    assert milliseconds(lambda: conversations.list("nobody")) < 100
    assert milliseconds(lambda: Audit(database).list(limit=200)) < 100
    assert milliseconds(conversations.feedback) < 100
    assert milliseconds(lambda: conversations.interrupt_pending(now())) < 100
    assert milliseconds(lambda: conversations.create("owner7")) < 100


def test_a_backup_grows_with_what_is_kept(database: Database, tmp_path: Path) -> None:
    with kept(tmp_path / "quarter", TALKS // 4).engine.connect() as connection:
        quarter = Path(str(connection.engine.url.database))
    whole = Path(str(database.engine.url.database))
    seconds = {}
    for name, file in (("quarter", quarter), ("whole", whole)):
        began = time.thread_time()
        copy_database(file, tmp_path / f"{name}.copy")
        seconds[name] = time.thread_time() - began
    assert seconds["whole"] < 6 * seconds["quarter"]
    assert (tmp_path / "whole.copy").stat().st_size < 4.4 * (tmp_path / "quarter.copy").stat().st_size


def test_what_is_old_goes_and_its_room_with_it(database: Database) -> None:
    """The oldest quarter: a service that has long had no time limit is given one. Last, as it changes what is kept."""
    file = Path(str(database.engine.url.database))
    before = file.stat().st_size
    began = time.perf_counter()
    gone = expire(database, now() - timedelta(days=548), audit=True)
    took = time.perf_counter() - began
    assert abs(gone.conversations - TALKS // 4) < TALKS // 50
    assert abs(gone.audit - TALKS // 4) < TALKS // 50
    assert took < 120, "so many at once only ever go the first time"
    assert Retention(database, 548).apply()
    assert file.stat().st_size < 0.85 * before
    assert milliseconds(lambda: expire(database, now() - timedelta(days=548))) < 1000, "every other day is quick"
