"""The commands that take the data away and bring them back."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from ui.invocation import Invocation, JsonOption
from ui.output import progress, remark, write, write_json
from ui.texts import say


def backup(
    call: Invocation,
    target: Annotated[Path, Argument(metavar="TARGET")],
    as_json: JsonOption = False,
) -> None:
    """Write a backup."""
    from ui.backup.taking import make_backup
    from ui.library.shelf import in_words

    settings = call.settings()
    with progress(say("backup_progress", settings.lang)) as advance:
        made = make_backup(settings, target, advance)
    if as_json:
        write_json({"path": str(target), **made.model_dump(mode="json", exclude={"members"})})
    else:
        size = in_words(target.stat().st_size)
        write(say("backup_done", settings.lang, path=target, size=size, files=len(made.members)))


def restore(
    call: Invocation,
    source: Annotated[Path, Argument(metavar="SOURCE")],
    force: Annotated[bool, Option("--force")] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring back what a backup holds."""
    from ui.backup.restoring import restore_backup

    settings = call.settings()
    lang = settings.lang
    with progress(say("restore_progress", lang)) as advance:
        done = restore_backup(settings, source, force=force, advance=advance)
    made = done.manifest
    if as_json:
        known = made.model_dump(mode="json", exclude={"members"})
        write_json({"path": str(settings.data_dir), "aside": done.aside and str(done.aside), **known})
        return
    counts, created = made.counts, f"{made.created_at.astimezone():%Y-%m-%d %H:%M}"
    documents, talks = counts.documents, counts.conversations
    write(say("restore_done", lang, path=settings.data_dir, created=created, documents=documents, conversations=talks))
    if done.aside:
        remark(say("restore_aside", lang, path=done.aside))
