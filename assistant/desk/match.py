"""Enterprise match: what policies hold for an enterprise that describes itself, as a sheet of which every line is cited."""

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import BaseModel

from assistant.answer import Citation
from assistant.desk.citing import Citations
from assistant.desk.match_parts import Part as Lines
from assistant.desk.match_parts import Wanted, directions, platforms, responsible, support
from assistant.desk.match_profile import Reading, bare_place, read_description
from assistant.desk.match_provisions import Pool, Sector
from assistant.desk.match_targets import headed_for
from assistant.desk.sentences import sentences_by
from vectorstore.embedding import Embedder
from vectorstore.records import Document, Kind
from vectorstore.regions import NATIONAL
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
    """Return what ``sources`` hold for the enterprise of ``description``.

    Only policies and laws are quoted. Where the enterprise says where it wants to go, and there are policies of that
    region or such that name it, only these are; where there are none, all are, and the sheet says so. One that goes
    nowhere stays where it is. Raises DeskError where the description says nothing.
    """
    official = [one for one in sources.documents() if one.kind in (Kind.POLICY, Kind.LAW)]
    regions = [one.region for one in official if one.region]
    reading = read_description(description, regions, lambda place: any(place in d.text for d in official))
    allowed = _allowed(reading.goes_to or reading.origin, official)
    pool = Pool(sources, sentences_by(embedder), allowed)
    cut = sources.analyzer.words
    wanted = Wanted(reading, tuple(Sector.of(word, cut) for word in reading.sectors), embedder)
    parts: dict[Part, Lines] = {
        "directions": directions(wanted, pool),
        "platforms": platforms(wanted, pool),
        "support": support(wanted, pool),
    }
    heading = [one.provision for one in parts["directions"].chosen]
    parts["targets"] = headed_for(wanted, pool, heading, sources)
    cited = [one.provision for part in parts.values() for one in part.chosen]
    parts["responsible"] = responsible(wanted, pool, cited)
    sheet = _sheet(reading, parts, Citations(sources))
    if reading.goes_to and allowed is None:
        sheet.sections[0].missing.append(f"{reading.goes_to}的政策文件")
    return sheet


def _allowed(place: str | None, documents: Sequence[Document]) -> frozenset[str] | None:
    """Return the policies of ``place`` and of the state as a whole; None where there is none, or no place."""
    if not place:
        return None
    name = bare_place(place)
    there = {one.id for one in documents if one.region and bare_place(one.region).startswith(name)}
    there = there or {one.id for one in documents if name in one.text}
    return frozenset(there | {one.id for one in documents if one.region == NATIONAL}) if there else None


def _sheet(reading: Reading, parts: Mapping[Part, Lines], citations: Citations) -> Sheet:
    sections = []
    for name, part in parts.items():
        lines = []
        for one in part.chosen:
            citation = citations.cite(one.provision.unit, one.provision.span)
            lines.append(Line(text=citation.quote, about=one.about, citations=[citation.id]))
        sections.append(Section(part=name, lines=lines, missing=list(part.missing)))
    profile = Profile(
        description=reading.text,
        sectors=list(reading.sectors),
        size=reading.size,
        origin=reading.origin,
        needs=list(reading.needs),
    )
    return Sheet(profile=profile, sections=sections, citations=citations.all())
