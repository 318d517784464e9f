"""What the doctor looks at for ``serve``: the port, who is let in, the state database, the fonts of exported PDFs."""

import errno
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ui.finding import Check
from ui.state.errors import StateError

if TYPE_CHECKING:
    from ui.settings import Settings

_SECONDS = 2.0


def serving_checks(settings: "Settings") -> Iterator[Check]:
    """Yield the findings. Nothing is made or changed, and no table brought up to date."""
    yield port(settings)
    yield access(settings)
    yield fonts()


def state(settings: "Settings") -> Check:
    """Whether the state database answers and its tables are those of this program."""
    from ui.state.database import Database, database_file, database_url, revisions

    try:
        url = database_url(settings)
        file = database_file(url)
        if file and not file.exists():
            return Check("state", "ok", "doctor_state_new", {"name": file})
        found, needed = revisions(url)
        if found is None or found < needed:  # they are numbered
            values = {"found": found or "-", "needed": needed}
            return Check("state", "warn", "doctor_state_old", values, "doctor_state_mend")
        database = Database.open(url)  # finds out whether it can be written, and which version it is of
    except StateError as error:
        return Check("state", "fail", "doctor_words", {"words": error})
    database.close()
    return Check("state", "ok", "doctor_state", {"name": database, "revision": found})


def port(settings: "Settings") -> Check:
    """Whether the service can listen, or does."""
    values = {"host": settings.host, "port": settings.port}
    if settings.port == 0:
        return Check("port", "ok", "doctor_port_any")
    try:
        family, *_, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        socket.create_server(address[:2], family=family).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE and (ready := _ours(settings)):
            return Check("port", "ok", "doctor_port_ours", {**values, "status": ready})
        taken = error.errno == errno.EADDRINUSE
        return Check("port", "fail", "doctor_port_taken" if taken else "doctor_port_bad", values, "doctor_port_mend")
    return Check("port", "ok", "doctor_port_free", values)


def _ours(settings: "Settings") -> str | None:
    """Return how ready the service on the port is; None where it is not one of ours."""
    import httpx

    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where others listen is asked, nothing listens
    host = everywhere.get(settings.host, settings.host)
    shown = f"[{host}]" if ":" in host else host
    try:
        with httpx.Client(trust_env=False, timeout=_SECONDS) as client:
            told = client.get(f"http://{shown}:{settings.port}/readyz").json()
    except (httpx.HTTPError, ValueError):
        return None
    status = told.get("status") if isinstance(told, dict) else None
    return status if status in ("ready", "degraded", "not_ready", "stopping") else None


def access(settings: "Settings") -> Check:
    """Whether those who reach the service are those who should."""
    from ui.access.visitors import is_loopback

    here = is_loopback(settings.host)
    if not settings.sign_in and not settings.require_key:
        if here:
            return Check("access", "ok", "doctor_access_here", {"host": settings.host})
        values = {"host": settings.host}
        return Check("access", "warn" if settings.open else "fail", "doctor_access_open", values, "doctor_access_mend")
    users, keys = _known(settings)
    if settings.sign_in and users == 0:
        return Check("access", "warn", "doctor_access_no_users", mend="doctor_access_users_mend")
    if settings.require_key and not settings.sign_in and keys == 0:
        return Check("access", "warn", "doctor_access_no_keys", mend="doctor_access_keys_mend")
    shown = {"users": "?" if users is None else users, "keys": "?" if keys is None else keys}
    return Check("access", "ok", "doctor_access_guarded", shown)


def _known(settings: "Settings") -> tuple[int | None, int | None]:
    """Return how many users and keys there are; None where the database cannot be asked as it is."""
    from ui.state.database import database_file, database_url, revisions
    from ui.wiring import open_state

    try:
        url = database_url(settings)
        file = database_file(url)
        if file and not file.exists():
            return 0, 0
        found, needed = revisions(url)
        if found != needed:
            return None, None
        kept = open_state(settings)
        try:
            return len(kept.accounts.list()), len(kept.keys.list())
        finally:
            kept.database.close()
    except StateError:
        return None, None


def fonts() -> Check:
    """Whether a conversation can be exported as PDF."""
    from ui.export.writers import chinese_font

    family = chinese_font()
    if family is None:
        return Check("fonts", "warn", "doctor_fonts_missing", mend="doctor_fonts_mend")
    return Check("fonts", "ok", "doctor_fonts", {"name": family})
