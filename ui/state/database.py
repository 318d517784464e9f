"""The state database: ``Database.open(url)`` opens it, brings its tables up to date, and hands out sessions.

SQLite (``sqlite:////path``) or PostgreSQL (``postgresql://user:password@host/database``). No error shows the password.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from ui.state.errors import StateError
from vectorstore.troubles import mend_of

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ui.settings import Settings

FILE = "state.sqlite3"
_POSTGRESQL = ("postgresql+psycopg", "postgresql", "postgres")
_LOCK = 0x7A68656E67636501  # of the migrations, among the advisory locks of a PostgreSQL database
_WAIT = 60  # seconds for another process to finish them
_VARIABLE = "ZHENGCE_DATABASE"
_LEAST_EMPTY = 2500  # pages, 10 MB: less is filled again soon
_HINT = f"请检查 {_VARIABLE}"
_DAMAGED = (
    "文件已损坏；请停止服务，用 zhengce restore 恢复最近的备份（现在的文件会移到一旁，不要删除：其中的对话和审计日志"
    "也许还能救出）；索引不受影响"
)
_opening = threading.Lock()  # Alembic keeps what it runs in a global


def database_url(settings: "Settings") -> str:
    """Return the URL that is set, or that of the file in the data folder."""
    if settings.database:
        return settings.database.get_secret_value()
    path = str((settings.data_dir / FILE).absolute())
    return sa.URL.create("sqlite", database=path).render_as_string(hide_password=False)


def database_file(url: str) -> Path | None:
    """Return the file of an SQLite database, which need not be there; None for PostgreSQL. Raises StateError."""
    address = _address(url)
    return Path(str(address.database)) if address.get_backend_name() == "sqlite" else None


def revisions(url: str) -> tuple[str | None, str]:
    """Return the revision of the tables in the database at ``url`` (None: it has none) and the one that we need.

    Changes nothing. Raises StateError where it cannot be reached; a file must be there.
    """
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "ui.state:migrations")
    needed = str(ScriptDirectory.from_config(config).get_current_head())
    address = _address(url)
    database = Database(_engine(address), address)
    try:
        with database.reading() as session:
            return MigrationContext.configure(session.connection()).get_current_revision(), needed
    finally:
        database.close()


class Database:
    """The database. One object serves all threads; use ``close`` at the end."""

    def __init__(self, engine: sa.Engine, address: sa.URL) -> None:
        self._engine = engine
        self._address = address
        self._writing = sessionmaker(engine, expire_on_commit=False)
        self.noticed: Callable[[], None] = lambda: None  # is told of each error
        self._reading = sessionmaker(engine.execution_options(reads=True), expire_on_commit=False)

    @classmethod
    def open(cls, url: str) -> Self:
        """Open the database at ``url``, made where it is missing, its tables brought up to date.

        Raises StateError where it cannot be reached or was made by a version that we do not know.
        """
        address = _address(url)
        opened = cls(_engine(address), address)
        try:
            with opened.errors_in_words():
                opened.migrate()
        except OSError as error:
            opened.close()
            raise StateError(
                f"状态数据库 {opened} 无法使用：{error.strerror or error}；{opened._mend(error)}"
            ) from error
        except BaseException:
            opened.close()
            raise
        return opened

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Yield a session that may write; committed after, rolled back after an error. Raises StateError."""
        with self.errors_in_words(), self._writing.begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Yield a session that only reads, and then waits for no writer. Raises StateError."""
        with self.errors_in_words(), self._reading.begin() as session:
            yield session

    def shrink(self) -> bool:
        """Give room back to the disk where a good part of an SQLite file is empty; whether it was. Raises StateError.

        PostgreSQL looks after that itself.
        """
        if self._engine.dialect.name != "sqlite":
            return False
        with self.errors_in_words():
            raw = self._engine.raw_connection()
            try:
                cursor = raw.cursor()
                pages = cursor.execute("PRAGMA page_count").fetchone()[0]
                empty = cursor.execute("PRAGMA freelist_count").fetchone()[0]
                if empty < max(_LEAST_EMPTY, pages // 8):
                    return False
                cursor.execute("VACUUM")
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                return True
            finally:
                raw.close()

    @property
    def engine(self) -> sa.Engine:
        """What the sessions run on."""
        return self._engine

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def migrate(self) -> None:
        """Bring the tables up to date; one process at a time."""
        from alembic import command
        from alembic.config import Config
        from alembic.util import CommandError

        config = Config()
        config.set_main_option("script_location", "ui.state:migrations")
        with _opening, self._alone() as prepare, self._engine.begin() as connection:
            prepare(connection)
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as error:
                raise StateError(
                    f"状态数据库 {self} 由另一版本的程序建立，本程序不认识（{error}）；"
                    f"请升级 zhengce，或用 {_VARIABLE} 另指定一个数据库"
                ) from error

    def _alone(self) -> "AbstractContextManager[Callable[[sa.Connection], Any]]":
        if self._engine.dialect.name == "sqlite":
            return _file_lock(Path(str(self._address.database)), self._engine)

        def wait(connection: sa.Connection) -> None:
            connection.execute(sa.text(f"SET LOCAL lock_timeout = '{_WAIT}s'"))
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))

        return nullcontext(wait)

    @contextmanager
    def errors_in_words(self) -> Iterator[None]:
        """Turn what the database reports into StateError."""
        try:
            yield
        except (sa.exc.DBAPIError, sa.exc.TimeoutError, sqlite3.Error) as error:
            self.noticed()
            told = error if isinstance(error, sqlite3.Error) else getattr(error, "orig", None)
            reason = str(told or "连接都在使用中").strip().split("\n")[0]
            if self._address.password:
                reason = reason.replace(str(self._address.password), "***")
            raise StateError(f"状态数据库 {self} 无法使用：{reason}；{self._mend(error)}") from error

    def _mend(self, error: BaseException) -> str:
        if self._engine.dialect.name == "sqlite":
            mend = mend_of(getattr(error, "orig", None) or error, _DAMAGED, "请检查磁盘空间和目录权限")
            return f"{mend}；位置由 {_VARIABLE} 指定"
        return f"请确认 PostgreSQL 已启动、账号能登录且可以建表，并检查 {_VARIABLE}"

    def __str__(self) -> str:
        address = self._address  # what else stands in a URL could be secret
        if self._engine.dialect.name == "sqlite":
            return str(address.database)
        host = f"{address.host or ''}{f':{address.port}' if address.port else ''}"
        return f"postgresql://{host}/{address.database or ''}"


def _address(url: str) -> sa.URL:
    try:
        address = sa.make_url(url.strip())
        backend = address.drivername
        if backend in ("sqlite", "sqlite+pysqlite"):
            if address.host or not address.database or address.database.startswith((":memory:", "file:")):
                raise StateError(f"状态数据库的地址应指向一个文件，写成 sqlite:////绝对路径；{_HINT}")
            return address.set(database=str(Path(address.database).expanduser().absolute()), query={})
    except (sa.exc.ArgumentError, ValueError):
        # the URL is not repeated, nor chained: it could hold a password
        raise StateError(f"状态数据库的地址无法解析；{_HINT}（sqlite:////路径 或 postgresql://…）") from None
    if backend not in _POSTGRESQL:
        raise StateError(f"状态数据库只支持 SQLite 和 PostgreSQL，不支持 {backend}；{_HINT}")
    return address.set(drivername=_POSTGRESQL[0])


def _engine(address: sa.URL) -> sa.Engine:
    # hide_parameters: they are questions and hashes of passwords, and errors go to logs
    common: dict[str, Any] = {"hide_parameters": True, "pool_size": 5, "max_overflow": 25}
    if address.get_backend_name() != "sqlite":
        waits = {} if "connect_timeout" in address.query else {"connect_timeout": 10}
        return sa.create_engine(address, connect_args=waits, pool_pre_ping=True, **common)
    engine = sa.create_engine(address, connect_args={"timeout": 30, "check_same_thread": False}, **common)
    sa.event.listen(engine, "connect", _set_up_connection)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _set_up_connection(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver begins no transactions of its own: _begin does
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = NORMAL")  # with WAL, a power cut may lose the last commits but no more


def _begin(connection: sa.Connection) -> None:
    # who reads first and writes later would fail at once where another wrote between, whatever the timeout
    reads = connection.get_execution_options().get("reads")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


@contextmanager
def _file_lock(path: Path, engine: sa.Engine) -> Iterator[Callable[[sa.Connection], Any]]:
    from filelock import FileLock, Timeout

    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(f"{path}.lock", timeout=_WAIT):
            raw = engine.raw_connection()
            try:
                raw.cursor().execute("PRAGMA journal_mode = WAL")  # is kept in the file; not allowed in a transaction
            finally:
                raw.close()
            yield lambda _connection: None
    except Timeout as error:
        raise StateError(f"状态数据库 {path} 正被另一进程更新；请等它完成后再试") from error
