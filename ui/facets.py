"""What a question can be limited to, as it is indexed now."""

from collections.abc import Sequence
from dataclasses import dataclass

from vectorstore.records import Kind, Unit, UnitType
from vectorstore.sources import Sources

MOST_READ = 20  # documents whose sections are told without being asked for


@dataclass(frozen=True, slots=True)
class Facets:
    """The values that limits can take: documents as (id, title), dates as ISO, sections as their headings are printed.

    ``since`` and ``until`` are the first and the last date, None where no document has one.
    """

    documents: tuple[tuple[str, str], ...]
    kinds: tuple[Kind, ...]
    regions: tuple[str, ...]
    since: str | None
    until: str | None
    sections: tuple[str, ...]
    issuers: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()


def facets(store: Sources, documents: Sequence[str] = ()) -> Facets:
    """Return what can be chosen from ``store``: sections of ``documents``, or of all where there are few.

    Raises NotFoundError where one of ``documents`` is not there.
    """
    held = store.documents()
    dates = sorted(document.date for document in held if document.date)
    read = documents or ([document.id for document in held] if len(held) <= MOST_READ else [])
    headings = [heading for document in read for unit in store.units(document) for heading in _headings(unit)]
    kinds = {document.kind for document in held}
    return Facets(
        documents=tuple((document.id, document.title) for document in held),
        kinds=tuple(kind for kind in Kind if kind in kinds),
        regions=tuple(sorted({document.region for document in held if document.region})),
        since=dates[0] if dates else None,
        until=dates[-1] if dates else None,
        sections=tuple(dict.fromkeys(headings)),
        issuers=tuple(sorted({document.issuer for document in held if document.issuer})),
        topics=tuple(sorted({document.topic for document in held if document.topic})),
    )


def _headings(unit: Unit) -> list[str]:
    """The headings that ``unit`` stands under, and itself where it is one: what ``Filter.section`` is looked for in."""
    itself = [unit.text.strip()] if unit.type is UnitType.HEADING else []
    return [*(heading.strip() for heading in unit.heading_path), *itself]
