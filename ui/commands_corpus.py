"""The commands about what is indexed: ingest, documents, units."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from ui.invocation import Invocation, JsonOption
from ui.output import progress, write, write_json, write_table
from ui.texts import Lang, say
from vectorstore.records import Kind

if TYPE_CHECKING:
    from ingest.pipeline import IngestReport


def ingest(
    call: Invocation,
    paths: Annotated[list[Path], Argument(metavar="PATH…")],
    kind: Annotated[Kind | None, Option("--kind")] = None,
    prune: Annotated[bool, Option("--prune")] = False,
    as_json: JsonOption = False,
) -> int:
    """Read files and folders into the store."""
    from ingest.pipeline import ingest_paths

    with call.services(must_have_documents=False) as services:
        lang = services.settings.lang
        with progress(say("ingest_progress", lang)) as advance:
            report = ingest_paths(paths, services.store, kind=kind, prune=prune, progress=advance)
    if as_json:
        write_json(report.to_dict())
    else:
        _write_report(report, lang)
    return 1 if report.failed else 0


def _write_report(report: "IngestReport", lang: Lang) -> None:
    rows = [
        (outcome.path, say(f"status_{outcome.status}", lang), outcome.reason)
        for outcome in report.outcomes
        if outcome.status != "added"
    ]
    if rows:
        write_table([say(f"column_{name}", lang) for name in ("file", "status", "reason")], rows)
        write()
    if not report.outcomes:
        write(say("nothing_found", lang))
    counts = {name: getattr(report, name) for name in ("documents", "units", "chunks", "skipped", "failed")}
    write(say("ingest_total", lang, **counts))


def documents(call: Invocation, as_json: JsonOption = False) -> None:
    """List the documents."""
    from ui.views import Documents, DocumentView

    with call.services() as services:
        lang = services.settings.lang
        store = services.store
        found = Documents(documents=[DocumentView.of(one, store.units(one.id)) for one in store.documents()])
    if as_json:
        write_json(found.model_dump(mode="json"))
        return
    headers = [
        say(f"column_{name}", lang)
        for name in ("id", "title", "kind", "issuer", "region", "date", "units", "characters")
    ]
    rows = [
        (one.id, one.title, one.kind.value, one.issuer, one.region, one.date, one.counts.units, one.counts.characters)
        for one in found.documents
    ]
    write_table(headers, rows)


def units(
    call: Invocation,
    document: Annotated[str | None, Option("--document", metavar="ID")] = None,
    as_json: JsonOption = False,
) -> None:
    """List the units of one document or of all."""
    from ui.views import Units, UnitView

    with call.services() as services:
        found = services.store.units(document)
    if as_json:
        write_json(Units(units=[UnitView.of(unit) for unit in found]).model_dump(mode="json"))
        return
    for unit in found:
        write(f"{unit.label}  {' > '.join(unit.locator)}  {unit.document_id}:{unit.start}-{unit.end}".strip())
        write(f"    {unit.text.strip()}")
