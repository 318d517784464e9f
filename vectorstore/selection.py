"""What a filter lets through, as the catalog reads it: which documents, and within them which units.

In: a Filter. Out: a Selection, which SQL conditions and address look-ups are made of.
"""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from vectorstore.records import Address, Filter, UnitType
from vectorstore.regions import full_name
from vectorstore.text import fold

_LAST_DAY = "-12-31"  # what a year or a month that ends a span is filled up with: dates compare as text


@dataclass(frozen=True, slots=True)
class Selection:
    """Documents, and the keys of their units by address where a section narrows them down (None: all units).

    ``citable`` tells whether one of the units may be cited.
    """

    documents: frozenset[str]
    keys: Mapping[Address, int] | None
    citable: bool

    def __contains__(self, address: Address) -> bool:
        return address[0] in self.documents and (self.keys is None or address in self.keys)

    def condition(self) -> tuple[str, str]:
        """Return the condition on a unit ``u`` in SQL, and the value of its one variable."""
        if self.keys is None:
            return "u.document_id IN (SELECT value FROM json_each(?))", json.dumps(sorted(self.documents))
        return "u.key IN (SELECT value FROM json_each(?))", json.dumps(list(self.keys.values()))


def select(db: sqlite3.Connection, limits: Filter) -> Selection:
    """Return what ``limits`` let through of the catalog ``db``."""
    where, values = _of_documents(limits)
    return _sections(db, where, values, fold(limits.section)) if limits.section else _whole(db, where, values)


def _of_documents(limits: Filter) -> tuple[str, list[str]]:
    """Return the condition on a document ``d`` in SQL with its values; what has no date or region fits no limit on it."""
    within = "IN (SELECT value FROM json_each(?))"
    limited = (
        (f"d.id {within}", limits.documents and json.dumps(limits.documents)),
        (f"d.kind {within}", limits.kinds and json.dumps(limits.kinds)),
        (f"d.region {within}", limits.regions and json.dumps([full_name(region) for region in limits.regions])),
        ("d.date >= ?", limits.since),
        ("d.date <= ?", limits.until and limits.until + _LAST_DAY[len(limits.until) - len("2024") :]),
    )
    given = [(condition, value) for condition, value in limited if value]
    return " AND ".join(condition for condition, _ in given) or "1", [str(value) for _, value in given]


def _whole(db: sqlite3.Connection, where: str, values: list[str]) -> Selection:
    above = (UnitType.TITLE, UnitType.HEADING)
    rows = db.execute(
        "SELECT u.document_id, sum(u.type NOT IN (?, ?)) AS citable FROM units u"  # noqa: S608
        f" JOIN documents d ON d.id = u.document_id WHERE {where} GROUP BY u.document_id",  # conditions are our own
        (*above, *values),
    ).fetchall()
    return Selection(frozenset(row["document_id"] for row in rows), None, any(row["citable"] for row in rows))


def _sections(db: sqlite3.Connection, where: str, values: list[str], wanted: str) -> Selection:
    """Select the units under a heading that holds ``wanted``, and that heading itself."""
    rows = db.execute(
        "SELECT u.key, u.document_id, u.ordinal, u.type, u.heading_path, u.folded FROM units u"  # noqa: S608
        f" JOIN documents d ON d.id = u.document_id WHERE {where}",  # conditions are our own
        values,
    )
    keys: dict[Address, int] = {}
    citable = False
    for row in rows:
        itself = row["type"] == UnitType.HEADING and wanted in row["folded"]
        if itself or any(wanted in fold(heading) for heading in json.loads(row["heading_path"])):
            keys[row["document_id"], row["ordinal"]] = row["key"]
            citable = citable or UnitType(row["type"]).citable
    return Selection(frozenset(document for document, _ in keys), keys, citable)
