"""From a unit to its chunks: windows of it, each with the title and the headings in front, never across two units."""

from collections.abc import Sequence

from ingest.bounds import check_chunks
from vectorstore.passages import context_of, windows
from vectorstore.records import Chunk, Document, Unit, chunk_id

_READ_CHARS = 4000  # of one sentence: more than any model reads, but not all of a line that never ends


def build_chunks(document: Document, units: Sequence[Unit]) -> list[Chunk]:
    """Return the chunks of ``units`` in order; headings and titles are in front of others and have none themselves.

    Raises ReadError where there are more than may be.
    """
    chunks = [chunk for unit in units if unit.type.citable for chunk in _chunks(document, unit)]
    check_chunks(chunks)
    return chunks


def _chunks(document: Document, unit: Unit) -> list[Chunk]:
    address, context = (unit.document_id, unit.ordinal), context_of(document, unit)
    return [
        Chunk(
            chunk_id(address, part),
            *address,
            it.start,
            it.end,
            f"{context}\n{document.text[it.start : min(it.end, it.start + _READ_CHARS)]}",
        )
        for part, it in enumerate(windows(unit))
    ]
