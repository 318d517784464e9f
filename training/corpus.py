"""The documents that questions are asked about, cut into the passages that the product would index.

Two places hold them: the folder of real documents beside the project, of which no text is kept here, and
``training/documents``, which are invented. Read once, the passages are kept in the build folder.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from ingest.pipeline import read_file
from ingest.reading import READER
from vectorstore.errors import ReadError
from vectorstore.passages import context_of, windows

INVENTED = Path(__file__).parent
REAL = Path(__file__).parents[2] / "shared" / "real"


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk as the models see it. ``sentences`` are half-open spans of characters of ``text``.

    ``context`` is the document's title and the headings above; ``id`` is ``FILE#unit ordinal#part``.
    """

    id: str
    file: str
    unit: int
    citable: bool
    context: str
    text: str
    sentences: tuple[tuple[int, int], ...]

    @property
    def whole(self) -> str:
        """What is embedded: the context, then the text."""
        return f"{self.context}\n{self.text}" if self.context else self.text


def place_of(file: str) -> Path:
    """Return where the document ``file`` of a question lies."""
    return (INVENTED if file.startswith("documents/") else REAL) / file


def read_passages(files: Sequence[str], kept: Path) -> list[Passage]:
    """Return the passages of ``files`` in order, from ``kept`` where they were read before by the same reader."""
    kept.mkdir(parents=True, exist_ok=True)
    jobs = [(file, str(kept)) for file in files]
    if len(jobs) == 1:
        return _passages_of(jobs[0])
    with ProcessPoolExecutor(2) as pool:
        return [passage for found in pool.map(_passages_of, jobs, chunksize=8) for passage in found]


def _passages_of(job: tuple[str, str]) -> list[Passage]:
    file, kept = job
    path = place_of(file)
    digest = hashlib.sha256(f"{READER}:{file}".encode() + path.read_bytes()).hexdigest()[:24]
    cache = Path(kept) / f"{digest}.json"
    if cache.is_file():
        return [_restored(row) for row in json.loads(cache.read_text(encoding="utf-8"))]
    found = list(_read(file, path))
    cache.write_text(json.dumps([asdict(one) for one in found], ensure_ascii=False), encoding="utf-8")
    return found


def _restored(row: dict[str, object]) -> Passage:
    spans = tuple((int(a), int(b)) for a, b in row.pop("sentences"))  # type: ignore[attr-defined]
    return Passage(**row, sentences=spans)  # type: ignore[arg-type]


def _read(file: str, path: Path) -> Iterator[Passage]:
    try:
        parts = read_file(path)
    except ReadError:
        return
    base = 0
    for document, units, *_ in parts:
        for unit in units:
            for part, window in enumerate(windows(unit)):
                spans = tuple((s.start - window.start, s.end - window.start) for s in window.sentences)
                text = document.text[window.start : window.end]
                name = f"{file}#{base + unit.ordinal}#{part}"
                context = context_of(document, unit)
                yield Passage(name, file, base + unit.ordinal, unit.type.citable, context, text, spans)
        base += len(units)
