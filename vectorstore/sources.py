"""The sources: all that is indexed, to be read and searched. A store is the sources of everything, a part of some."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from math import log

from vectorstore.catalog_reader import CatalogReader
from vectorstore.dense import EVERYWHERE, HybridIndex, Vector, VectorIndex, Within
from vectorstore.editions import History, Standing
from vectorstore.lexical import Analyzer, bigram_tokens
from vectorstore.records import Address, Document, Kind, Record, Unit, chunk_address, chunk_id
from vectorstore.selection import Selection
from vectorstore.text import fold

_DOCUMENTS_CACHED = 2048
_UNITS_CACHED = 1 << 15  # some 2 KB each


class Records:
    """Documents and their units, kept once they are read."""

    def __init__(self, catalog: CatalogReader) -> None:
        self.units = lru_cache(_DOCUMENTS_CACHED)(catalog.units)
        self.unit = lru_cache(_UNITS_CACHED)(self._read_unit)
        self.document = lru_cache(_DOCUMENTS_CACHED)(catalog.document)
        self.history = lru_cache(1)(lambda _revision: History(catalog.records(), catalog.copies(), catalog.kin()))
        self._catalog = catalog
        self._revision = catalog.revision()

    def _read_unit(self, address: Address) -> Unit:
        return self._catalog.unit(address, self.document(address[0]).text)

    def as_of(self, revision: int) -> None:
        """Forget the documents of an earlier revision: read again, a file may say other things of the same texts."""
        if revision != self._revision:
            self.document.cache_clear()
            self._revision = revision

    def forget(self) -> None:
        """Forget all."""
        self.units.cache_clear()
        self.unit.cache_clear()
        self.document.cache_clear()
        self.history.cache_clear()


class Sources:
    """What an assistant answers from. ``analyzer`` cuts texts into words, those that the corpus taught among them."""

    _selection: Selection | None = None  # which units there are; of the store itself, all

    def __init__(
        self,
        catalog: CatalogReader,
        vectors: VectorIndex,
        analyzer: Analyzer,
        records: Records | None = None,
    ) -> None:
        self._catalog = catalog
        self._vectors = vectors
        self._hybrid = vectors if isinstance(vectors, HybridIndex) else None
        self.analyzer = analyzer
        self._records = records or Records(catalog)
        self._learned = lru_cache(1)(lambda _revision: analyzer.learn(catalog.terms()))
        self._listed = lru_cache(1)(lambda _revision: self._catalog.listed(self._selection))
        self._titles = lru_cache(1)(self._read_titles)

    def revision(self) -> int:
        """Return how often the index was changed; the same for every thread and process."""
        revision = self._catalog.revision()
        self._records.as_of(revision)
        self._learned(revision)  # what other processes ingested taught words, too
        return revision

    def is_empty(self) -> bool:
        """Whether nothing is indexed."""
        return self._catalog.is_empty()

    def documents(self) -> list[Document]:
        """Return all documents in the order of their files and of their place in them."""
        return self._catalog.documents(self._selection)

    def records(self) -> Sequence[Record]:
        """Return all documents without their texts, in the same order."""
        return self._listed(self.revision())

    def document(self, document_id: str) -> Document:
        """Return one document. Raises NotFoundError."""
        return self._records.document(document_id)

    def units(self, document_id: str | None = None) -> list[Unit]:
        """Return the units of one document, or of all, in order. Raises NotFoundError."""
        ids = [document_id] if document_id else [d.id for d in self.documents()]
        return [unit for one in ids for unit in self._records.units(one)]

    def standing(self, document_id: str) -> Standing:
        """Return whether a document is current, and what took its place where it is not."""
        return self._history().standing(document_id)

    def editions(self, document_id: str) -> list[str]:
        """Return the ids of all editions of the policy that a document is, oldest first. Raises NotFoundError."""
        self.document(document_id)
        return self._history().editions(document_id)

    def _history(self) -> History:
        return self._records.history(self.revision())

    def unit(self, address: Address) -> Unit:
        """Return the unit at ``address``. Raises NotFoundError."""
        return self._records.unit(address)

    def containing(self, folded: str) -> list[Unit]:
        """Return every citable unit whose folded text contains ``folded``: a scan, complete, in document order."""
        return self._citable(self._catalog.containing(folded, self._selection))

    def contains(self, folded: str) -> bool:
        """Whether a citable unit contains ``folded`` in its folded text."""
        return any(self.unit(address).type.citable for address in self._catalog.containing(folded, self._selection))

    def numbered(self, number: int) -> list[Unit]:
        """Return every unit with this task number."""
        return [self.unit(address) for address in self._catalog.numbered(number, self._selection)]

    def numbers(self) -> list[tuple[Address, int]]:
        """Return where the units with a task number are, in document order, with it."""
        return self._catalog.task_numbers(self._selection)

    def labelled(self, label: str) -> list[Unit]:
        """Return every citable unit with ``label`` in its locator, e.g. 第五条."""
        return self._citable(self._catalog.labelled(label, self._selection))

    def called(self, label: str) -> list[Unit]:
        """Return every citable unit whose own label, the last of its locator, is ``label``, e.g. (一)."""
        return self._citable(self._catalog.called(label, self._selection))

    def _citable(self, addresses: Iterable[Address]) -> list[Unit]:
        return [unit for unit in map(self.unit, addresses) if unit.type.citable]

    def titles(self) -> frozenset[str]:
        """Return the folded titles and issuers of policies and laws."""
        return self._titles(self.revision())

    def policies(self) -> int:
        """Return how many documents are no news reports."""
        return sum(document.kind is not Kind.NEWS for document in self.records())

    def terms(self) -> list[str]:
        """Return the terms that the corpus has taught, folded."""
        return self._catalog.terms(self._selection)

    def rarity(self, term: str) -> tuple[float, bool]:
        """Return the inverse document frequency of ``term`` over units (BM25's, never negative), and whether it occurs."""
        words = self._catalog.words
        # a term is at most as frequent as its rarest pair of characters
        held = min(map(words.frequency, bigram_tokens(term) or [fold(term)]))
        total = words.size()
        return log(1 + (total - held + 0.5) / (held + 0.5)), held > 0

    def nearest(self, vector: Vector, k: int) -> dict[Address, float]:
        """Return the cosine of the best chunk of each unit among the ``k`` nearest chunks of units."""
        return self._by_unit(self._nearest_chunks(vector, k))

    def _nearest_chunks(self, vector: Vector, k: int) -> list[tuple[str, float]]:
        """Return the ``k`` nearest chunks of units with their cosine, best first."""
        return self._vectors.query(vector, k)

    def closeness(self, vector: Vector, units: Sequence[Unit]) -> list[float]:
        """Return the cosine of the first chunk of each of ``units`` with ``vector``."""
        ids = [chunk_id((unit.document_id, unit.ordinal), 0) for unit in units]
        stored = self.vectors(ids)
        return [float(stored[one] @ vector) if one in stored else -1.0 for one in ids]

    def matching(self, tokens: Iterable[str], k: int) -> dict[Address, float]:
        """Return the BM25 of the ``k`` best units for ``tokens``."""
        if self._hybrid is not None:
            return self._by_unit(self._hybrid.matching(list(tokens), k, self._within()))
        return {
            (document, ordinal): score
            for document, ordinal, score in self._catalog.words.match(tokens, k, self._selection)
        }

    def candidates(self, vector: Vector, dense_weight: float, tokens: Sequence[str], k: int) -> dict[Address, float]:
        """Return the citable units that are near ``vector`` or match ``tokens``, with how well they do, from 0 to 1.

        Either side brings its best ``k`` chunks or units, scaled to 0–1 over these; ``dense_weight`` is that of the
        vector, the rest that of the words. Where one engine holds both, the scores are what it makes of the ranks.
        """
        if self._hybrid is not None:
            found = self._by_unit(self._hybrid.candidates(vector, tokens, k, self._within()))
            return _scaled(found, min(found.values(), default=0.0))
        near, matching = self.nearest(vector, k), self.matching(tokens, k)
        # where fewer match than may, what comes after them matches nothing
        least = min(matching.values(), default=0.0) if len(matching) == k else 0.0
        dense, words = _scaled(near, min(near.values(), default=0.0)), _scaled(matching, least)
        return _fused([(dense_weight, dense), (1 - dense_weight, words)])

    def _within(self) -> Within:
        """Return which chunks there are, in the words of an engine."""
        return EVERYWHERE

    def _by_unit(self, chunks: Iterable[tuple[str, float]]) -> dict[Address, float]:
        """Return the score of the best chunk of each unit; what the catalog does not list does not exist."""
        scores: dict[Address, float] = {}
        for chunk, score in chunks:
            address, _part = chunk_address(chunk)
            if address in scores or self._catalog.has_document(address[0]):
                scores[address] = max(score, scores.get(address, score))
        return scores

    def vectors(self, chunk_ids: Iterable[str]) -> dict[str, Vector]:
        """Return stored vectors by chunk id; unknown ids are left out."""
        return self._vectors.get(list(chunk_ids))

    def _read_titles(self, _version: int) -> frozenset[str]:
        official = (d for d in self.records() if d.kind in (Kind.POLICY, Kind.LAW))
        return frozenset(fold(name) for d in official for name in (d.title, d.issuer or ""))

    def _forget(self) -> None:
        """Forget what was read: the index has changed."""
        self._records.forget()
        self._titles.cache_clear()
        self._listed.cache_clear()


def _fused(sides: Iterable[tuple[float, Mapping[Address, float]]]) -> dict[Address, float]:
    """Add the scores of the sides, by their weights; a unit that a side does not list gets nothing of it."""
    fused: dict[Address, float] = {}
    for weight, scores in sides:
        for address, score in scores.items():
            fused[address] = fused.get(address, 0.0) + weight * score
    return fused


def _scaled(scores: Mapping[Address, float], low: float) -> dict[Address, float]:
    """Return ``scores`` from 0, where ``low`` is, to 1; where none is higher than that, all are best."""
    reach = max(scores.values(), default=low) - low
    return {address: (score - low) / reach if reach else 1.0 for address, score in scores.items()}
