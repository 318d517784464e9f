"""Databases for tests: SQLite, and a PostgreSQL server of their own (Debian's, in a temporary folder, on a unix socket)."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from ui.state.database import Database

USER = "postgres"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Path]:
    """The folder of the socket of a running server, whose superuser is ``postgres``."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: no initdb in /usr/lib/postgresql; run scripts/install_postgresql")
    with running(programs, "fsync=off") as server:
        yield server.folder


@pytest.fixture
def postgres_process() -> Iterator["PostgresProcess"]:
    """A server of one test's own, which it may kill; what it acknowledges is on the disk."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: no initdb in /usr/lib/postgresql; run scripts/install_postgresql")
    with running(programs) as server:
        yield server


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [Path(shutil.which("initdb") or "/none")]
    return found[-1].parent if found[-1].exists() else None


def _as_somebody(folder: Path) -> dict[str, Any]:
    """Return the options of ``subprocess`` that run a program as a user who may run a server; root may not."""
    if os.getuid() != 0:
        return {"cwd": folder}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get(USER) or known["nobody"]
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return {"cwd": folder, "user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


class PostgresProcess:
    """A real server, which can be killed and started again on its files."""

    def __init__(self, programs: Path, folder: Path, *settings: str) -> None:
        self.folder = folder
        self._somebody = _as_somebody(folder)
        options = ["-D", str(folder / "data"), "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run([programs / "initdb", *options], check=True, capture_output=True, timeout=120, **self._somebody)
        told = [f"unix_socket_directories={folder}", "listen_addresses=", *settings]
        self._command = [programs / "postgres", "-D", folder / "data", *(word for one in told for word in ("-c", one))]
        self._log = folder / "log"
        self.start()

    def start(self) -> None:
        with self._log.open("ab") as written:
            self.process = subprocess.Popen(
                self._command, stdout=written, stderr=written, start_new_session=True, **self._somebody
            )
        _until_it_answers(self.process, self.folder, self._log)

    def kill(self) -> None:
        """Kill it with all that it started: nobody gets to write anything more."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)  # ends what is connected, then stops
        self.process.wait(30)


def _until_it_answers(server: "subprocess.Popen[bytes]", folder: Path, log: Path) -> None:
    for _ in range(300):
        assert server.poll() is None, log.read_text(encoding="utf-8", errors="replace")
        try:
            psycopg.connect(host=str(folder), user=USER, dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text(encoding="utf-8", errors="replace"))


@contextmanager
def running(programs: Path, *settings: str) -> Iterator[PostgresProcess]:
    """Yield a server with ``settings`` in a folder of its own."""
    # not pytest's own folder: root's is closed to the user that the server runs as
    folder = Path(tempfile.mkdtemp(prefix="zhengce-pg-"))
    try:
        server = PostgresProcess(programs, folder, *settings)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fresh_database(folder: Path) -> Iterator[str]:
    """Yield the URL of a new empty database of the server in ``folder``, which is dropped after."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(host=str(folder), user=USER, dbname="postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
        try:
            yield f"postgresql://{USER}@/{name}?host={folder}"
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/state.sqlite3"
        return
    with fresh_database(request.getfixturevalue("postgres")) as given:
        yield given


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """An empty database of each kind, open."""
    opened = Database.open(url)
    yield opened
    opened.close()
