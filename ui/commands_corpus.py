"""The commands about what is indexed: ingest, reindex, documents, units."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from ui.ingesting import cluster_of, limits_of, write_report
from ui.invocation import Invocation, JsonOption
from ui.output import progress, remark, write, write_json, write_table
from ui.texts import Lang, say
from vectorstore.errors import ConfigError, StoreEmptyError
from vectorstore.records import Kind

if TYPE_CHECKING:
    from ingest.report import IngestReport
    from vectorstore.store import Store


def ingest(
    call: Invocation,
    paths: Annotated[list[Path], Argument(metavar="PATH…")],
    kind: Annotated[Kind | None, Option("--kind")] = None,
    prune: Annotated[bool, Option("--prune")] = False,
    again: Annotated[bool, Option("--again")] = False,
    watch: Annotated[bool, Option("--watch")] = False,
    ray: Annotated[str | None, Option("--ray", metavar="local|ADDRESS")] = None,
    ray_embedders: Annotated[int | None, Option("--ray-embedders", metavar="N", min=1)] = None,
    as_json: JsonOption = False,
) -> int:
    """Read files and folders into the store."""
    from ingest.pipeline import ingest_paths

    with call.services(must_have_documents=False) as services:
        lang, limits = services.settings.lang, limits_of(services.settings)
        if (ray and watch) or (ray_embedders and not ray):
            raise ConfigError(say("ray_watch" if ray else "ray_missing", lang))
        cluster = cluster_of(services.settings, ray, ray_embedders) if ray else None

        def read(given: Sequence[Path]) -> "IngestReport":
            gone = prune or watch
            with progress(say("ingest_progress", lang)) as advance:
                return ingest_paths(
                    given,
                    services.store,
                    kind=kind,
                    prune=gone,
                    again=again,
                    limits=limits,
                    progress=advance,
                    cluster=cluster,
                )

        if watch:
            return _watch(paths, services.store, read, lang, as_json=as_json)
        report = read(paths)
    if as_json:
        write_json(report.to_dict())
    else:
        write_report(report, lang)
    return 1 if report.failed else 0


def _watch(
    paths: Sequence[Path],
    store: "Store",
    read: "Callable[[Sequence[Path]], IngestReport]",
    lang: Lang,
    *,
    as_json: bool,
) -> int:
    """Keep ``paths`` in the store until somebody presses Ctrl-C: a line of JSON, or a table, for each change."""
    from ingest.watching import watch

    for report in watch(paths, store, read):
        if all(one.status == "unchanged" for one in report.outcomes):
            continue
        if as_json:
            write_json(report.to_dict(), indent=None)
        else:
            write_report(report, lang)
    return 0


def reindex(
    call: Invocation,
    if_needed: Annotated[bool, Option("--if-needed")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make the index anew from what is stored."""
    from ingest.chunking import build_chunks
    from ui.wiring import open_model, open_store
    from vectorstore.snapshot import CATALOG

    settings = call.settings()
    lang = settings.lang
    if not (settings.data_dir / CATALOG).is_file():
        if if_needed:
            return
        raise StoreEmptyError(say("no_data_dir", lang, path=settings.data_dir))
    with open_store(settings, open_model(settings), to_rebuild=True) as store:
        if if_needed and not store.needs_rebuilding():
            return
        started = time.monotonic()
        remark(say("reindex_begins", lang))
        with progress(say("reindex_progress", lang)) as advance:
            count = store.rebuild(
                build_chunks, lambda step, done, total: advance(done, total, say(f"reindex_{step}", lang))
            )
        done = {"documents": store.count(), "vectors": count, "seconds": round(time.monotonic() - started, 1)}
    if as_json:
        write_json(done)
    else:
        write(say("reindex_done", lang, **done))


def documents(call: Invocation, as_json: JsonOption = False) -> None:
    """List the documents."""
    from ui.views import Documents, DocumentView

    with call.services() as services:
        lang = services.settings.lang
        store = services.store
        shown = [DocumentView.of(one, store.units(one.id), store.standing(one.id)) for one in store.documents()]
    found = Documents(documents=shown)
    if as_json:
        write_json(found.model_dump(mode="json"))
        return
    headers = [
        say(f"column_{name}", lang)
        for name in ("id", "title", "kind", "issuer", "region", "date", "standing", "units", "characters")
    ]
    rows = [
        (
            one.id, one.title, one.kind.value, one.issuer, one.region, one.date,
            say(f"standing_{one.status}", lang), one.counts.units, one.counts.characters,
        )
        for one in found.documents
    ]  # fmt: skip
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
