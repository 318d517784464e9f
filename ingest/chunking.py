"""From a unit to its chunks: what is embedded, always with the headings in front and never across two units."""

from collections.abc import Iterator, Sequence

from vectorstore.records import Chunk, Document, Grain, Kind, Span, Unit, chunk_id

UNIT_CHARS = 420  # about 300 tokens: leaves room for the headings within a model's 512


def build_chunks(document: Document, units: Sequence[Unit]) -> list[Chunk]:
    """Return the chunks of ``units`` in order: each unit, cut into runs of whole sentences where long, then its sentences."""
    return [chunk for unit in units if unit.type.citable for chunk in _chunks(document, unit)]


def _chunks(document: Document, unit: Unit) -> Iterator[Chunk]:
    address = (unit.document_id, unit.ordinal)
    above = " ".join(unit.heading_path) or (document.title if document.kind is Kind.NEWS else "")
    for part, span in enumerate(sentence_runs(unit)):
        text = document.text[span.start : span.end]
        embedded = f"{above}\n{text}" if above else text
        name = chunk_id(address, Grain.UNIT, part)
        yield Chunk(name, Grain.UNIT, document.id, unit.ordinal, span.start, span.end, embedded)
    for part, span in enumerate(unit.sentences):
        name = chunk_id(address, Grain.SENTENCE, part)
        text = document.text[span.start : span.end]
        yield Chunk(name, Grain.SENTENCE, document.id, unit.ordinal, span.start, span.end, text)


def sentence_runs(unit: Unit) -> list[Span]:
    """Return the runs of whole sentences of ``unit``, each at most UNIT_CHARS long (a longer sentence stands alone)."""
    runs: list[Span] = []
    for sentence in unit.sentences:
        if runs and sentence.end - runs[-1].start <= UNIT_CHARS:
            runs[-1] = Span(runs[-1].start, sentence.end)
        else:
            runs.append(sentence)
    return runs
