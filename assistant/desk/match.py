"""Enterprise match: what policies hold for an enterprise that describes itself, as a sheet of which every line is cited."""

from typing import Literal

from pydantic import BaseModel

from assistant.answer import Citation
from vectorstore.embedding import Embedder
from vectorstore.sources import Sources

Part = Literal["directions", "platforms", "support", "targets", "responsible"]


class Profile(BaseModel):
    """What an enterprise says of itself, as understood: its words, and what they name."""

    description: str
    sectors: list[str]
    size: str | None
    origin: str | None
    needs: list[str]


class Line(BaseModel):
    """A line of the sheet: ``text`` is verbatim, from the citations; ``about`` is what it answers (资金, 先进制造业…)."""

    text: str
    about: str
    citations: list[int]


class Section(BaseModel):
    """A part of the sheet; ``missing`` names what was asked for and is not in the sources."""

    part: Part
    lines: list[Line]
    missing: list[str]


class Sheet(BaseModel):
    """The sheet; every id in a line is in ``citations``, and every citation is used."""

    profile: Profile
    sections: list[Section]
    citations: list[Citation]


def match(description: str, sources: Sources, embedder: Embedder) -> Sheet:
    """Return what ``sources`` hold for the enterprise of ``description``."""
    raise NotImplementedError
