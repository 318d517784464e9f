"""The command about the log of who did what."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

from typer import Argument, Option

from ui.commands_users import open_database
from ui.invocation import Invocation, JsonOption
from ui.output import write, write_json, write_table
from ui.texts import Lang, say
from vectorstore.errors import ConfigError

if TYPE_CHECKING:
    from ui.state.audit import Audit, AuditEntry, AuditReport

Action = Literal["list", "verify", "head"]


def audit(
    call: Invocation,
    action: Annotated[Action, Argument(metavar="list|verify|head")],
    since: Annotated[str | None, Option("--since", metavar="DATE")] = None,
    head: Annotated[str | None, Option("--head", metavar="DIGEST")] = None,
    as_json: JsonOption = False,
) -> int:
    """List or check the log, or print the digest of its last row."""
    from ui.state.audit import Audit

    settings = call.settings()
    lang = settings.lang
    start = _moment(since, lang)
    with open_database(settings) as database:
        log = Audit(database)
        if action == "head":
            _write_head(log, as_json=as_json)
        elif action == "verify":
            return _write_report(log.verify(head and head.strip().lower()), lang, as_json=as_json)
        else:
            _write_entries(log.list(start), lang, as_json=as_json)
    return 0


def _moment(since: str | None, lang: Lang) -> datetime | None:
    """Return the beginning of a day, or a moment, of this machine's zone where none is written. Raises ConfigError."""
    if since is None:
        return None
    try:
        return datetime.fromisoformat(since.strip()).astimezone()
    except (ValueError, OverflowError):
        raise ConfigError(say("audit_since_bad", lang, value=since)) from None


def _write_head(log: "Audit", *, as_json: bool) -> None:
    if as_json:
        write_json({"head": log.head()})
    else:
        write(log.head())


def _write_report(report: "AuditReport", lang: Lang, *, as_json: bool) -> int:
    if as_json:
        write_json(asdict(report))
    elif report.ok:
        write(say("audit_whole", lang, rows=report.rows, forgotten=report.forgotten))
    else:
        write(say("audit_broken", lang, rows=report.rows, number=report.broken_at))
    return 0 if report.ok else 1


def _write_entries(entries: "list[AuditEntry]", lang: Lang, *, as_json: bool) -> None:
    if as_json:
        write_json({"audit": [{**asdict(one), "at": one.at.isoformat()} for one in entries]})
        return
    rows = []
    for one in entries:
        owner = say("audit_forgotten", lang) if one.owner is None else one.owner
        known = one.details if one.question is None else {"question": one.question, **one.details}
        told = json.dumps(known, ensure_ascii=False)
        rows.append((one.number, f"{one.at.astimezone():%Y-%m-%d %H:%M:%S}", owner, one.action, told))
    write_table([say(f"column_{name}", lang) for name in ("number", "when", "whose", "action", "details")], rows)
