"""The manifest: the first member of a backup, which says what the others must be."""

import hashlib
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

NAME = "manifest.json"
FORMAT = 1
CATALOG, VECTORS, UPLOADS = "catalog.sqlite3", "chroma", "uploads"
STATE_FILE, STATE_DUMP = "state.sqlite3", "state.pgdump"
MAX_BYTES = 256 * 1024 * 1024  # of the manifest itself
_BLOCK = 1 << 20

StateKind = Literal["none", "sqlite", "postgresql"]


def _safe(name: str) -> str:
    """Let through the path of a member: relative, without tricks, and one of the kinds that there are."""
    path = PurePosixPath(name)
    parts = path.parts
    known = (name in (CATALOG, STATE_FILE, STATE_DUMP)) or (len(parts) > 1 and parts[0] in (VECTORS, UPLOADS))
    if not known or str(path) != name or ".." in parts or "\\" in name or "\0" in name:
        raise ValueError(name)
    return name


class Member(BaseModel):
    """A file: its size in bytes and its SHA-256 in hexadecimal."""

    model_config = ConfigDict(extra="forbid")

    size: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Counts(BaseModel):
    """How much there is of what."""

    documents: int = 0
    units: int = 0
    chunks: int = 0
    uploads: int = 0
    users: int = 0
    conversations: int = 0
    exchanges: int = 0
    feedback: int = 0
    api_keys: int = 0
    audit: int = 0


class Manifest(BaseModel):
    """What a backup holds, and of which versions. ``members`` are all files but the manifest, by path."""

    model_config = ConfigDict(extra="forbid")

    format: int
    zhengce: str
    created_at: datetime
    store: str
    embedding: str | None
    schema_version: str
    index_revision: int
    state: StateKind
    state_revision: str | None
    counts: Counts
    members: dict[Annotated[str, AfterValidator(_safe)], Member]

    @property
    def total(self) -> int:
        """How many bytes the files have together."""
        return sum(one.size for one in self.members.values())


def describe(path: Path) -> Member:
    """Return size and digest of a file. Raises OSError."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            size += len(block)
    return Member(size=size, sha256=digest.hexdigest())
