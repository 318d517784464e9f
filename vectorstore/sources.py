"""The sources: all that is indexed, to be read and searched. A store is the sources of everything, a part of some."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import log

from vectorstore.catalog_reader import CatalogReader
from vectorstore.dense import Vector, VectorIndex
from vectorstore.editions import History, Standing
from vectorstore.lexical import Analyzer, bigrams
from vectorstore.records import Address, Document, Grain, Kind, Unit, chunk_address
from vectorstore.text import fold

_DOCUMENTS_CACHED = 2048


class Records:
    """Documents and their units, kept once they are read."""

    def __init__(self, catalog: CatalogReader) -> None:
        self.units = lru_cache(_DOCUMENTS_CACHED)(catalog.units)
        self.document = lru_cache(_DOCUMENTS_CACHED)(catalog.document)
        self.history = lru_cache(1)(lambda _revision: History(catalog.records(), catalog.copies()))
        self._revision = catalog.revision()

    def as_of(self, revision: int) -> None:
        """Forget the documents of an earlier revision: read again, a file may say other things of the same texts."""
        if revision != self._revision:
            self.document.cache_clear()
            self._revision = revision

    def forget(self) -> None:
        """Forget all."""
        self.units.cache_clear()
        self.document.cache_clear()
        self.history.cache_clear()


class Sources:
    """What an assistant answers from. ``analyzer`` cuts texts as they were cut for the index."""

    def __init__(
        self,
        catalog: CatalogReader,
        vectors: Mapping[Grain, VectorIndex],
        analyzer: Analyzer,
        records: Records | None = None,
    ) -> None:
        self._catalog = catalog
        self._vectors = vectors
        self.analyzer = analyzer
        self._records = records or Records(catalog)
        self._titles = lru_cache(1)(self._read_titles)
        self._policies = lru_cache(1)(self._count_policies)

    def revision(self) -> int:
        """Return how often the index was changed; the same for every thread and process."""
        revision = self._catalog.revision()
        self._records.as_of(revision)
        return revision

    def is_empty(self) -> bool:
        """Whether nothing is indexed."""
        return self._catalog.is_empty()

    def documents(self) -> list[Document]:
        """Return all documents in the order of their files and of their place in them."""
        return self._catalog.documents()

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
        """Return the unit at ``address``."""
        document_id, ordinal = address
        return self._records.units(document_id)[ordinal]

    def containing(self, folded: str) -> list[Unit]:
        """Return every citable unit whose folded text contains ``folded``: a scan, complete, in document order."""
        found = (self.unit(address) for address in self._catalog.containing(folded))
        return [unit for unit in found if unit.type.citable]

    def numbered(self, number: int) -> list[Unit]:
        """Return every unit with this task number."""
        return [self.unit(address) for address in self._catalog.numbered(number)]

    def labelled(self, label: str) -> list[Unit]:
        """Return every citable unit with ``label`` in its locator, e.g. (一) or 第五条."""
        found = (self.unit(address) for address in self._catalog.labelled(label))
        return [unit for unit in found if unit.type.citable]

    def titles(self) -> frozenset[str]:
        """Return the folded titles and issuers of policies and laws."""
        return self._titles(self.revision())

    def policies(self) -> int:
        """Return how many documents are no news reports."""
        return self._policies(self.revision())

    def terms(self) -> list[str]:
        """Return the terms that the corpus has taught, folded."""
        return self._catalog.terms()

    def rarity(self, term: str) -> tuple[float, bool]:
        """Return the inverse document frequency of ``term`` over units (BM25's, never negative), and whether it occurs."""
        folded = fold(term)
        # a term that is no word of the index is at most as frequent as its rarest pair of characters
        held = self._catalog.frequency(folded) or min(map(self._catalog.frequency, bigrams(folded)), default=0)
        total = self._catalog.size()
        return log(1 + (total - held + 0.5) / (held + 0.5)), held > 0

    def nearest(self, vector: Vector, k: int) -> dict[Address, float]:
        """Return the cosine of the best chunk of each unit among the ``k`` nearest chunks of units."""
        scores: dict[Address, float] = {}
        for chunk, score in self._vectors[Grain.UNIT].query(vector, k):
            address, _grain, _part = chunk_address(chunk)
            if address in scores or self._catalog.has_document(address[0]):
                scores[address] = max(score, scores.get(address, -1.0))
        return scores

    def matching(self, tokens: Iterable[str], k: int) -> dict[Address, float]:
        """Return the BM25 of the ``k`` best units for ``tokens``."""
        return {(document, ordinal): score for document, ordinal, score in self._catalog.match(tokens, k)}

    def vectors(self, chunk_ids: Iterable[str]) -> dict[str, Vector]:
        """Return stored vectors by chunk id; unknown ids are left out."""
        return {key: vector for index, ids in self._by_index(chunk_ids) for key, vector in index.get(ids).items()}

    def _by_index(self, chunk_ids: Iterable[str]) -> list[tuple[VectorIndex, list[str]]]:
        groups: dict[Grain, list[str]] = {grain: [] for grain in self._vectors}
        for chunk in chunk_ids:
            groups[chunk_address(chunk)[1]].append(chunk)
        return [(self._vectors[grain], ids) for grain, ids in groups.items() if ids]

    def _read_titles(self, _version: int) -> frozenset[str]:
        official = (d for d in self.documents() if d.kind in (Kind.POLICY, Kind.LAW))
        return frozenset(fold(name) for d in official for name in (d.title, d.issuer or ""))

    def _count_policies(self, _revision: int) -> int:
        return sum(document.kind is not Kind.NEWS for document in self.documents())

    def _forget(self) -> None:
        """Forget what was read: the index has changed."""
        self._records.forget()
        self._titles.cache_clear()
        self._policies.cache_clear()
