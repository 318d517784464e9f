"""What became of the files of a run: one outcome each, and their sums."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Status = Literal["added", "replaced", "unchanged", "failed", "quarantined", "pruned"]
UNREAD = ("failed", "quarantined")  # nothing of the file came into the store


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of one file. ``reason`` says in Chinese why it failed, ``warnings`` what its owner should look at.

    ``seconds`` is how long the reading took; the writing is shared between the files of a batch.
    """

    path: str
    status: Status
    reason: str | None = None
    documents: int = 0
    units: int = 0
    chunks: int = 0
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What became of all files, in ``seconds``."""

    outcomes: tuple[FileOutcome, ...]
    seconds: float = 0.0

    @property
    def documents(self) -> int:
        """Documents written in this run."""
        return sum(o.documents for o in self.outcomes)

    @property
    def units(self) -> int:
        """Units written in this run."""
        return sum(o.units for o in self.outcomes)

    @property
    def chunks(self) -> int:
        """Chunks written in this run."""
        return sum(o.chunks for o in self.outcomes)

    @property
    def skipped(self) -> int:
        """Files that had not changed."""
        return sum(o.status == "unchanged" for o in self.outcomes)

    @property
    def failed(self) -> int:
        """Files that could not be read, also those in quarantine."""
        return sum(o.status in UNREAD for o in self.outcomes)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON-ready values."""
        counts = {name: getattr(self, name) for name in ("documents", "units", "chunks", "skipped", "failed")}
        return {**counts, "seconds": round(self.seconds, 3), "files": [asdict(outcome) for outcome in self.outcomes]}
