"""The commands of who runs the service: the users that may sign in, and what readers think of the answers."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

from typer import Argument, Option

from ui.invocation import Invocation, JsonOption
from ui.output import write, write_json, write_table
from ui.texts import Lang, say
from vectorstore.errors import ConfigError, NotFoundError, StoreEmptyError

if TYPE_CHECKING:
    from ui.settings import Settings
    from ui.state.accounts import Accounts
    from ui.state.database import Database
    from ui.state.records import User

Action = Literal["add", "list", "remove", "role", "password", "forget"]


def users(
    call: Invocation,
    action: Annotated[Action, Argument(metavar="add|list|remove|role|password|forget")],
    name: Annotated[str | None, Argument(metavar="NAME")] = None,
    role: Annotated[Literal["user", "admin"], Option("--role", metavar="user|admin")] = "user",
    password_stdin: Annotated[bool, Option("--password-stdin")] = False,
    as_json: JsonOption = False,
) -> None:
    """Add, list or remove users, change a password or a role, or delete what is kept of somebody."""
    settings = call.settings()
    lang = settings.lang
    if action == "list":
        with _accounts(settings) as accounts:
            _write_users(accounts.list(), lang, as_json=as_json)
        return
    if not name:
        raise ConfigError(say("users_no_name", lang, action=action))
    if action == "remove":
        with _accounts(settings) as accounts:
            accounts.remove(name)
        done = say("users_removed", lang, name=name)
    elif action == "role":
        from ui.state.records import Role

        with _accounts(settings) as accounts:
            accounts.set_role(name, Role(role))
        done = say("users_role_set", lang, name=name, role=role)
    elif action == "forget":
        with open_database(settings) as database:
            done = _forget(settings, database, name)
    elif action == "password":
        with _accounts(settings) as accounts:
            accounts.set_password(name, _password(lang, from_stdin=password_stdin))
        done = say("users_password_set", lang, name=name)
    else:
        password = _password(lang, from_stdin=password_stdin)  # before anything is made on the disk
        done = _add(settings, name, password, role)
    if as_json:
        write_json({"action": action, "name": name})
    else:
        write(done)


def _add(settings: "Settings", name: str, password: str, role: str) -> str:
    from ui.state.records import Role

    with _accounts(settings, make=True) as accounts:
        added = accounts.add(name, password, Role(role))
    return say("users_added", settings.lang, name=added.name, role=added.role)


def _forget(settings: "Settings", database: "Database", name: str) -> str:
    """Delete what is kept of a user, also one who is no longer there, a browser or a key. Raises NotFoundError."""
    from ui.state.accounts import Accounts
    from ui.state.forgetting import forget

    user = None if name.startswith(("visitor:", "key:")) else Accounts(database, settings.session_hours).find(name)
    gone = forget(database, user.name if user else name)
    if not gone and not user:
        raise NotFoundError(say("users_nothing_kept", settings.lang, name=name))
    return say("users_forgotten", settings.lang, name=name, conversations=gone.conversations, feedback=gone.feedback)


def _write_users(found: "list[User]", lang: Lang, *, as_json: bool) -> None:
    if as_json:
        shown = [{"name": one.name, "role": one.role, "created_at": one.created_at.isoformat()} for one in found]
        write_json({"users": shown})
        return
    rows = [(one.name, one.role, f"{one.created_at.astimezone():%Y-%m-%d %H:%M}") for one in found]
    write_table([say(f"column_{column}", lang) for column in ("name", "role", "since")], rows)


def _password(lang: Lang, *, from_stdin: bool) -> str:
    """Return the password that a person types, twice and unseen, or the first line of standard input."""
    if from_stdin:
        return sys.stdin.buffer.readline().decode("utf-8", "surrogateescape").rstrip("\r\n")
    if not sys.stdin.isatty():  # getpass would read it all the same, and show it
        raise ConfigError(say("users_no_terminal", lang))
    from getpass import getpass

    try:
        given = getpass(say("users_password", lang))
        again = getpass(say("users_password_again", lang))
    except EOFError:
        raise KeyboardInterrupt from None
    if given != again:
        raise ConfigError(say("users_password_differs", lang))
    return given


def feedback(call: Invocation, as_json: JsonOption = False) -> None:
    """List the feedback."""
    from ui.state.conversations import Conversations

    settings = call.settings()
    with open_database(settings) as database:
        found = Conversations(database).feedback()
    if as_json:
        write_json({"feedback": [{**asdict(one), "given_at": one.given_at.isoformat()} for one in found]})
        return
    lang = settings.lang
    rows = []
    for one in found:
        rating = say(f"rating_{one.rating}", lang)
        if one.reason:
            rating += f" · {say(f'reason_{one.reason}', lang)}"
        rows.append((f"{one.given_at.astimezone():%Y-%m-%d %H:%M}", one.owner, rating, one.question, one.comment))
    write_table([say(f"column_{column}", lang) for column in ("when", "who", "rating", "question", "comment")], rows)


@contextmanager
def _accounts(settings: "Settings", *, make: bool = False) -> Iterator["Accounts"]:
    from ui.state.accounts import Accounts

    with open_database(settings, make=make) as database:
        yield Accounts(database, settings.session_hours)


@contextmanager
def open_database(settings: "Settings", *, make: bool = False) -> Iterator["Database"]:
    """Open the state database. A mistyped data folder is not made unless ``make``: raises StoreEmptyError."""
    from ui.state.database import Database, database_url

    if not make and settings.database is None and not settings.data_dir.is_dir():
        raise StoreEmptyError(say("no_data_dir", settings.lang, path=settings.data_dir))
    database = Database.open(database_url(settings))
    try:
        yield database
    finally:
        database.close()
