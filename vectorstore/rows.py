"""Rows of the catalog as records."""

import json
import sqlite3

from vectorstore.records import Document, Kind, Named, Record, Span, Unit, UnitType


def document_of(row: sqlite3.Row) -> Document:
    """Return the document of a row of ``documents``."""
    return Document(
        id=row["id"],
        title=row["title"],
        kind=Kind(row["kind"]),
        issuer=row["issuer"],
        date=row["date"],
        number=row["number"],
        source=row["source"],
        text=row["text"],
        warnings=tuple(json.loads(row["warnings"])),
        region=row["region"],
        topic=row["topic"],
        repeals=_repeals(row["repeals"]),
        issuers=tuple(json.loads(row["issuers"])),
        adopted=row["adopted"],
        effective=row["effective"],
        expires=row["expires"],
        url=row["url"],
    )


def record_of(row: sqlite3.Row) -> Record:
    """Return the record of a row that has its columns and no others."""
    return Record(**{**row, "kind": Kind(row["kind"]), "repeals": _repeals(row["repeals"])})


def unit_of(row: sqlite3.Row, text: str) -> Unit:
    """Return the unit of a row of ``units``; ``text`` is that of its document."""
    return Unit(
        document_id=row["document_id"],
        ordinal=row["ordinal"],
        type=UnitType(row["type"]),
        locator=tuple(json.loads(row["locator"])),
        task_number=row["task_number"],
        label=row["label"],
        heading_path=tuple(json.loads(row["heading_path"])),
        start=row["start"],
        end=row["end"],
        text=text[row["start"] : row["end"]],
        sentences=tuple(Span(start, end) for start, end in json.loads(row["sentences"])),
        page=row["page"],
    )


def _repeals(stored: str) -> tuple[Named, ...]:
    return tuple(Named(title, number) for title, number in json.loads(stored))
