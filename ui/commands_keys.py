"""The command about the keys by which programs use the API."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from typer import Argument, Option

from ui.commands_users import open_database
from ui.invocation import Invocation, JsonOption
from ui.output import write, write_json, write_table
from ui.state.actions import KEY_CREATED, KEY_REVOKED
from ui.texts import Lang, say
from vectorstore.errors import ConfigError

if TYPE_CHECKING:
    from ui.settings import Settings
    from ui.state.database import Database
    from ui.state.records import ApiKey

Action = Literal["create", "list", "revoke"]


def keys(
    call: Invocation,
    action: Annotated[Action, Argument(metavar="create|list|revoke")],
    name: Annotated[str | None, Argument(metavar="NAME|ID")] = None,
    scope: Annotated[list[str] | None, Option("--scope", metavar="ask|read|ingest|admin")] = None,
    days: Annotated[int | None, Option("--days", metavar="N")] = None,
    per_minute: Annotated[int | None, Option("--per-minute", metavar="N")] = None,
    per_day: Annotated[int | None, Option("--per-day", metavar="N")] = None,
    as_json: JsonOption = False,
) -> None:
    """Create, list or revoke the keys by which programs use the API."""
    settings = call.settings()
    if action == "list":
        _list(settings, as_json=as_json)
    elif not name:
        raise ConfigError(say("keys_no_name", settings.lang, action=action))
    elif action == "revoke":
        _revoke(settings, name, as_json=as_json)
    else:
        limits = {"days": days, "per_minute": per_minute, "per_day": per_day}
        _create(settings, name, scope or ["ask"], limits, as_json=as_json)


def _create(
    settings: "Settings", name: str, scopes: Sequence[str], limits: dict[str, int | None], *, as_json: bool
) -> None:
    from ui.state.keys import Keys
    from ui.state.records import Scope

    try:
        wanted = [Scope(one) for one in scopes]
    except ValueError as error:
        raise ConfigError(say("bad_value", settings.lang, name="--scope")) from error
    with open_database(settings, make=True) as database:
        key, secret = Keys(database).create(name, wanted, **limits)
        _note(settings, database, KEY_CREATED, key)
    if as_json:
        write_json({"key": _view(key), "secret": secret})
    else:
        may = " ".join(_scopes(key))
        write(say("keys_created", settings.lang, name=key.name, id=key.id, scopes=may, secret=secret))


def _revoke(settings: "Settings", name: str, *, as_json: bool) -> None:
    from ui.state.keys import Keys

    with open_database(settings) as database:
        key = Keys(database).revoke(name)
        _note(settings, database, KEY_REVOKED, key)
    if as_json:
        write_json({"key": _view(key)})
    else:
        write(say("keys_revoked", settings.lang, name=key.name, beginning=key.beginning))


def _note(settings: "Settings", database: "Database", action: str, key: "ApiKey") -> None:
    """Put into the log of who did what that somebody at the command line did it."""
    from ui.auditing import Auditor
    from ui.state.audit import Audit

    note = Auditor(Audit(database) if settings.audit else None).note
    note("console", action, key=key.id, name=key.name, scopes=_scopes(key))


def _list(settings: "Settings", *, as_json: bool) -> None:
    from ui.state.keys import Keys

    with open_database(settings) as database:
        found = Keys(database).list()
    if as_json:
        write_json({"keys": [_view(key) for key in found]})
        return
    headers = ("id", "key", "key_name", "scopes", "per_minute", "per_day", "expires", "used", "state")
    write_table([say(f"column_{one}", settings.lang) for one in headers], [_row(key, settings.lang) for key in found])


def _row(key: "ApiKey", lang: Lang) -> tuple[object, ...]:
    return (
        key.id,
        f"{key.beginning}…",
        key.name,
        " ".join(_scopes(key)),
        key.per_minute,
        key.per_day,
        _moment(key.expires_at),
        _moment(key.last_used_at),
        say(f"keys_state_{_state(key)}", lang),
    )


def _view(key: "ApiKey") -> dict[str, Any]:
    """Return ``key`` as it is told to programs."""
    moments = ("created_at", "expires_at", "revoked_at", "last_used_at")
    told = {name: moment.isoformat() if (moment := getattr(key, name)) else None for name in moments}
    limits = {"per_minute": key.per_minute, "per_day": key.per_day}
    known = {"id": key.id, "name": key.name, "beginning": key.beginning, "scopes": _scopes(key)}
    return {**known, "state": _state(key), **limits, **told}


def _scopes(key: "ApiKey") -> list[str]:
    from ui.state.records import Scope

    return [one.value for one in Scope if one in key.scopes]


def _state(key: "ApiKey") -> str:
    if key.revoked_at:
        return "revoked"
    return "expired" if key.expires_at and key.expires_at <= datetime.now(UTC) else "valid"


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M}" if moment else ""
