"""The tables of the service out of PostgreSQL and into it, by its own programs.

How to reach the server goes to them through the environment: arguments can be read by everybody on a machine.
"""

import os
import shutil
import subprocess
from pathlib import Path

import sqlalchemy as sa

from ui.backup.errors import BackupError
from ui.texts import Lang, say

# what libpq calls a thing in a URL, and in the environment
_VARIABLES = {
    "host": "PGHOST", "hostaddr": "PGHOSTADDR", "port": "PGPORT", "dbname": "PGDATABASE", "user": "PGUSER",
    "password": "PGPASSWORD", "passfile": "PGPASSFILE", "service": "PGSERVICE", "options": "PGOPTIONS",
    "sslmode": "PGSSLMODE", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY", "sslrootcert": "PGSSLROOTCERT",
    "sslcrl": "PGSSLCRL", "gssencmode": "PGGSSENCMODE", "channel_binding": "PGCHANNELBINDING",
    "connect_timeout": "PGCONNECT_TIMEOUT", "target_session_attrs": "PGTARGETSESSIONATTRS",
}  # fmt: skip


def dump(url: str, target: Path, tables: list[str], lang: Lang) -> None:
    """Write ``tables`` of the database at ``url`` to ``target`` in the custom format, as of one moment.

    Raises BackupError, also where there is no pg_dump.
    """
    chosen = [f"--table={table}" for table in tables]
    _run("pg_dump", ["--format=custom", "--no-owner", "--no-privileges", *chosen, f"--file={target}"], url, lang)


def load(url: str, source: Path, lang: Lang) -> None:
    """Put the tables of a dump in place of those in the database at ``url``, all of them or none. Raises BackupError."""
    flags = ["--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
    _run("pg_restore", [*flags, "--dbname=", str(source)], url, lang)  # which one is in the environment


def check(source: Path, lang: Lang) -> bool:
    """Whether ``source`` is a dump that can be read to its end. Raises BackupError where there is no pg_restore."""
    done = subprocess.run([_program("pg_restore", lang), "--file=/dev/null", source], capture_output=True, check=False)  # noqa: S603
    return done.returncode == 0


def environment(url: str) -> dict[str, str]:
    """Return the environment in which libpq reaches the database at ``url``."""
    address = _address(url)
    parts = {"host": address.host, "port": address.port, "user": address.username, "password": address.password,
             "dbname": address.database, **address.query}  # fmt: skip
    # a name of the database must not itself be read as a connection string: it is not, in the environment
    known = {_VARIABLES[name]: str(value) for name, value in parts.items() if value and name in _VARIABLES}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {"PGCONNECT_TIMEOUT": "10", **kept, **known, "PGAPPNAME": "zhengce"}


def _address(url: str) -> sa.URL:
    return sa.make_url(url.strip())


def _run(tool: str, arguments: list[str], url: str, lang: Lang) -> None:
    command = [_program(tool, lang), *arguments, "--no-password"]
    done = subprocess.run(command, env=environment(url), capture_output=True, text=True, errors="replace", check=False)  # noqa: S603
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [str(done.returncode)]
        raise BackupError(say("backup_tool_failed", lang, tool=tool, reason=_unspoken(lines[0], url)))


def _program(tool: str, lang: Lang) -> str:
    found = shutil.which(tool)
    if not found:
        raise BackupError(say("backup_tool", lang, tool=tool))
    return found


def _unspoken(said: str, url: str) -> str:
    secret = environment(url).get("PGPASSWORD")
    return said.replace(secret, "***") if secret else said
