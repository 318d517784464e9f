"""What the doors share of ingest: the limits and the cluster that the settings give, and the report as a table."""

from dataclasses import replace
from typing import TYPE_CHECKING

from ui.output import write, write_table
from ui.texts import Lang, say

if TYPE_CHECKING:
    from ingest.cluster import RayCluster
    from ingest.isolation import Limits
    from ingest.report import FileOutcome, IngestReport
    from ui.settings import Settings

_SHOWN = 40  # files in the table; the whole list is in the JSON


def limits_of(settings: "Settings") -> "Limits":
    """Return what the reading of one file may take."""
    from ingest.isolation import Limits

    own = Limits()
    workers = settings.ingest_workers or own.workers
    return replace(own, seconds=settings.ingest_seconds, memory=settings.ingest_memory_mb, workers=workers)


def cluster_of(settings: "Settings", address: str, embedders: int | None) -> "RayCluster":
    """Return the Ray cluster at ``address``, whose nodes open the model that the settings name, by its absolute path."""
    from ingest.cluster import RayCluster
    from ui.embedding_model import model_opener

    # not the settings themselves: they hold passwords, which are nothing for other machines
    return RayCluster(model_opener(settings), address, embedders)


def write_report(report: "IngestReport", lang: Lang) -> None:
    """Write a table of the files that somebody should know of, and the sums."""
    shown = [one for one in report.outcomes if one.status != "added" or one.warnings]
    if shown:
        headers = [
            say(f"column_{name}", lang) for name in ("file", "status", "documents", "chunks", "seconds", "reason")
        ]
        write_table(headers, [_row(one, lang) for one in shown[:_SHOWN]])
        if len(shown) > _SHOWN:
            write(say("ingest_more", lang, count=len(shown) - _SHOWN))
        write()
    if not report.outcomes:
        write(say("nothing_found", lang))
    counts = {name: getattr(report, name) for name in ("documents", "units", "chunks", "skipped", "failed")}
    write(say("ingest_total", lang, **counts, seconds=report.seconds))


def _row(one: "FileOutcome", lang: Lang) -> tuple[str, ...]:
    said = one.reason or "；".join(one.warnings)
    return one.path, say(f"status_{one.status}", lang), str(one.documents), str(one.chunks), f"{one.seconds:.1f}", said
