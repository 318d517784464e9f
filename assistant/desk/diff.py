"""Version diff: two editions of a policy, unit by unit."""

from collections.abc import Sequence
from enum import StrEnum

from pydantic import BaseModel

from assistant.answer import Citation
from vectorstore.records import Document, Unit


class Change(StrEnum):
    """What became of a unit; the gravest where several hold."""

    ADDED = "added"
    DROPPED = "dropped"
    SPLIT = "split"
    MERGED = "merged"
    TARGETS = "targets"  # a figure, a date or a limit changed
    REWORDED = "reworded"
    RENUMBERED = "renumbered"  # the same text under another locator
    UNCHANGED = "unchanged"


class Piece(BaseModel):
    """A run of words that both have ("same"), or only the old one ("old") or the new one ("new")."""

    side: str
    text: str


class TargetChange(BaseModel):
    """A figure that changed: how it stood and how it stands; None where it was not there, or is no longer."""

    subject: str
    old: str | None
    new: str | None


class Compared(BaseModel):
    """Units of both editions that belong together; ``old`` is empty for what was added, ``new`` for what was dropped.

    ``pieces`` is the word-level diff of their texts, in order: joined without those of the other side they are the texts.
    """

    change: Change
    renumbered: bool
    old: list[Citation]
    new: list[Citation]
    pieces: list[Piece]
    targets: list[TargetChange]


class Edition(BaseModel):
    """Which document a side is."""

    document_id: str
    title: str
    issuer: str | None
    date: str | None
    number: str | None


class Diff(BaseModel):
    """Two editions; ``changes`` in the order of the new one, what was dropped where it stood."""

    old: Edition
    new: Edition
    changes: list[Compared]
    counts: dict[Change, int]


def diff(old: tuple[Document, Sequence[Unit]], new: tuple[Document, Sequence[Unit]]) -> Diff:
    """Return what changed from ``old`` to ``new``: documents with their units, indexed or not."""
    raise NotImplementedError
